"""The only way to a contribution for somebody. "Not there" and "not yours" look alike."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from telmee.apps.audit.queries import events_on
from telmee.apps.contracts.access import (
    ContractAccess,
    contract_for,
    delivers_no_more,
    parties_of,
)
from telmee.apps.contracts.choices import SEEING_ROLES, PartyRole
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution, HandingIn, Upload
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.core.errors import DomainError, Problem

#: Who sees lines of a contract from the day on which he took it over.
TOOK_OVER = Q(role=PartyRole.CONTRACTOR, since__isnull=False)


def contributions_of(acting: Acting) -> QuerySet[Contribution]:
    """The contributions that somebody may see; a draft only its own organisation.

    Those of a contract that was voided are not among them: what counts is made of these.
    """
    return contributions_ever_of(acting).filter(contract__voided_on=None)


def contributions_ever_of(acting: Acting) -> QuerySet[Contribution]:
    """As `contributions_of`, with those of a contract that was voided: they stay to be read."""
    parties = parties_of(acting)
    own = Q(organisation__in=listed(acting.organisations), contract__in=parties.values("contract"))
    whole = parties.filter(role__in=SEEING_ROLES).exclude(TOOK_OVER).values("contract")
    since = parties.filter(TOOK_OVER, contract=OuterRef("contract"), since__lte=OuterRef("begin"))
    taken_over = Q(contract__in=parties.filter(TOOK_OVER).values("contract"))
    seen = Q(contract__in=whole) | (taken_over & Q(Exists(since)) & ~delivers_no_more())
    return Contribution.objects.filter(own | (~Q(state=State.DRAFT) & seen))


def on_contract(access: ContractAccess) -> QuerySet[Contribution]:
    """The contributions of a contract that somebody may see; a draft only its own organisation.

    Who took the contract over sees of others those that began from that day on, and none of who
    carried it out before.
    """
    lines = Contribution.objects.filter(contract=access.contract)
    own = Q(organisation__in=listed(access.acting.organisations))
    if not access.sees_all:
        return lines.filter(own)
    seen = ~Q(state=State.DRAFT)
    if access.sees_lines_from is not None:
        seen &= Q(begin__gte=access.sees_lines_from) & ~Q(organisation__in=access.formers)
    return lines.filter(own | seen)


def contribution_for(acting: Acting, line_id: int) -> tuple[ContractAccess, Contribution]:
    """Get a contribution and its contract for somebody, in three queries.

    Raises `Http404`, and `line_gone` for a line of which he can read that it was here: a decider
    whose line is taken back meanwhile, or somebody whose colleague threw a draft away.
    """
    lines = contributions_ever_of(acting).select_related("organisation", "upload", "person")
    try:
        line = lines.get(pk=line_id)
    except Contribution.DoesNotExist:
        if events_on("contribution", line_id).exists():
            raise DomainError(Problem("line_gone")) from None
        raise Http404 from None
    access = contract_for(acting, line.contract_id)
    line.contract = access.contract
    return access, line


def line_to_decide(acting: Acting, line_id: int) -> tuple[ContractAccess, Contribution]:
    """Get a contribution for who decides on its contract. Raises as `contribution_for` does."""
    access, line = contribution_for(acting, line_id)
    if access.deciding_for is None:
        raise Http404
    return access, line


def own_line(acting: Acting, line_id: int) -> tuple[ContractAccess, Contribution]:
    """Get a contribution of one's own organisation to work on. Raises as `contribution_for`."""
    access, line = contribution_for(acting, line_id)
    if line.organisation_id not in acting.working:
        raise Http404
    return access, line


def handing_in_for(acting: Acting, handing_in_id: int) -> HandingIn:
    """Get what one's own organisation asked to be handed in. Raises `Http404`."""
    own = HandingIn.objects.filter(organisation__in=listed(acting.organisations)).defer("lines")
    handing_in = own.filter(pk=handing_in_id).first()
    if handing_in is None:
        raise Http404
    return handing_in


def upload_for(acting: Acting, upload_id: int) -> Upload:
    """Get an upload of one's own organisation. Raises `Http404`."""
    upload = Upload.objects.filter(
        pk=upload_id, organisation__in=listed(acting.organisations)
    ).first()
    if upload is None:
        raise Http404
    return upload

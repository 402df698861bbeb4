"""The only way to a letter for somebody. "Not there" and "not yours" look alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from telmee.apps.contracts.access import ContractAccess, contract_for, contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.letters.choices import PRIVATE
from telmee.apps.letters.models import Letter, Paper
from telmee.apps.organisations.acting import Acting, Own


def sender_managed(acting: Acting, organisation_id: int) -> Own:
    """An organisation that sends letters, for its manager. Raises `Http404`."""
    for own in acting.clients:
        if own.id == organisation_id and acting.manages(organisation_id):
            return own
    raise Http404


def sending_for(access: ContractAccess, kind: str) -> int | None:
    """The organisation for which somebody sends letters of a kind on a contract, if any."""
    if kind not in PRIVATE:
        return access.deciding_for
    contractor = access.contractor
    leads = contractor is not None and access.works_for(contractor.organisation_id)
    return contractor.organisation_id if contractor is not None and leads else None


def letters_of(acting: Acting) -> QuerySet[Letter]:
    """The letters on all contracts of somebody, as `letters_on` has them for one."""
    sending = contracts_of(acting, *DECIDING_ROLES).values("pk")
    auditing = contracts_of(acting, PartyRole.AUDITOR).values("pk")
    own = Q(contract__in=contracts_of(acting).values("pk"))
    to_him = own & Q(is_sent=True, reader__in=acting.organisations)
    seen = Q(contract__in=sending) | Q(contract__in=auditing, is_sent=True)
    by_him = own & Q(kind__in=PRIVATE, organisation__in=acting.organisations)
    return _with_state(Letter.objects.all()).filter(to_him | by_him | (seen & ~Q(kind__in=PRIVATE)))


def letters_on(access: ContractAccess) -> QuerySet[Letter]:
    """The letters on a contract that somebody may see; who did not send them, once they are sent.

    A party reads the letters to itself; an auditor reads them all, but those between two others.
    """
    letters = _with_state(Letter.objects.filter(contract=access.contract))
    own = {party.organisation_id for party in access.parties} & {*access.acting.organisations}
    seen = Q(is_sent=True, reader__in=own) | Q(kind__in=PRIVATE, organisation__in=own)
    if access.has_role(*DECIDING_ROLES):
        seen |= ~Q(kind__in=PRIVATE)
    elif access.has_role(PartyRole.AUDITOR):
        seen |= Q(is_sent=True) & ~Q(kind__in=PRIVATE)
    return letters.filter(seen)


def letter_for(acting: Acting, contract_id: int, letter_id: int) -> tuple[ContractAccess, Letter]:
    """Get a letter with its contract for somebody. Raises `Http404`."""
    access = contract_for(acting, contract_id)
    letters = letters_on(access).select_related("organisation", "reader")
    letter = letters.filter(pk=letter_id).first()
    if letter is None:
        raise Http404
    letter.contract = access.contract
    return access, letter


def _with_state(letters: QuerySet[Letter]) -> QuerySet[Any, Any]:
    return letters.annotate(is_sent=Exists(Paper.objects.filter(letter=OuterRef("pk"))))

"""Which contracts a colleague sees: all of his organisation, or those that its manager gave him.

What is not given is not there for him, in both locks: it is as with an organisation of which not
every contract is open yet (`Acting.partly`). The codes of people are of the organisation and stay
in sight, as who enters effort needs the one that somebody has already.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import parties_of
from telmee.apps.contracts.models import Assignment, Contract, Restriction
from telmee.apps.organisations.access import membership_for
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Membership
from telmee.apps.organisations.turns import wait_for_turn
from telmee.core.errors import DomainError, Problem


def colleague_to_restrict(acting: Acting, membership_id: int) -> Membership:
    """Somebody who can be given some contracts alone: no manager, and of no client.

    Who manages an organisation gives itself what it likes, and a client's people share its work.
    Raises `Http404`, also for who does not manage that organisation.
    """
    membership = membership_for(acting, membership_id)
    if membership.role == Role.MANAGER or membership.organisation.is_client:
        raise Http404
    return membership


def contracts_to_give(acting: Acting, organisation_id: int) -> QuerySet[Contract]:
    """The contracts of an organisation that its manager sees, the last to end first."""
    parties = parties_of(acting).filter(organisation=organisation_id)
    contracts = Contract.objects.filter(pk__in=parties.values("contract"), voided_on=None)
    return contracts.order_by("-end", "reference", "pk")


def given_to(membership: Membership) -> set[int] | None:
    """The ids of the contracts that a colleague was given; `None` where he sees them all."""
    known = Restriction.objects.filter(
        user=membership.user_id, organisation=membership.organisation_id
    ).first()
    if known is None:
        return None
    return set(known.assignments.values_list("contract", flat=True))


@transaction.atomic
def give_contracts(
    acting: Acting, membership_id: int, contract_ids: Collection[int] | None
) -> None:
    """Let a colleague see these contracts alone, or all of them with `None`.

    Raises `Http404` as `colleague_to_restrict` does, and `not_allowed` for a contract that is not
    of the organisation, or that its manager does not see.
    """
    membership = colleague_to_restrict(acting, membership_id)
    organisation_id, user_id = membership.organisation_id, membership.user_id
    wait_for_turn(f"contracts of {user_id} {organisation_id}")
    before, wanted = given_to(membership), None if contract_ids is None else set(contract_ids)
    if wanted == before:
        return
    known = Restriction.objects.filter(user=user_id, organisation=organisation_id)
    if wanted is None:
        known.delete()
    else:
        known_ids = set(contracts_to_give(acting, organisation_id).values_list("pk", flat=True))
        if wanted - known_ids:
            raise DomainError(Problem("not_allowed"))
        own = known.first() or known.create(user_id=user_id, organisation_id=organisation_id)
        own.assignments.exclude(contract__in=wanted).delete()
        new = sorted(wanted - (before or set()))
        Assignment.objects.bulk_create(Assignment(restriction=own, contract_id=pk) for pk in new)
    details = {"user": user_id, "contracts": None if wanted is None else sorted(wanted)}
    verb = "organisation.contracts_given"
    organisation = membership.organisation
    record(acting, verb, organisation, organisation_id=organisation_id, details=details)

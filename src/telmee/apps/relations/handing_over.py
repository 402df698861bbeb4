"""Hand contracts over to a colleague, with what is still to be done for them, in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import hold_by_id
from telmee.apps.contracts.choices import DECIDING_ROLES
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.organisations.turns import wait_for_turn
from telmee.apps.relations.actions import require_working_for, works_there
from telmee.apps.relations.models import Task
from telmee.core.errors import DomainError, Problem


@dataclass(frozen=True, slots=True)
class Moved:
    """How many contracts and tasks went to somebody else."""

    contracts: int = 0
    tasks: int = 0


def contracts_looked_after(
    acting: Acting, organisation_id: int, adviser_id: int | None
) -> QuerySet[Contract]:
    """The open contracts on which an organisation decides and somebody is the adviser, or nobody.

    `open_tasks` counts what he still has to do for each.
    """
    deciding = Party.objects.filter(
        contract=OuterRef("pk"), organisation=organisation_id, role__in=DECIDING_ROLES
    )
    todo = Q(tasks__done_at=None, tasks__owner=adviser_id or 0, tasks__organisation=organisation_id)
    rows = Contract.objects.filter(
        Exists(deciding), adviser=adviser_id, closed_on=None, voided_on=None
    )
    if organisation_id not in acting.working:
        return rows.none()
    return rows.annotate(open_tasks=Count("tasks", filter=todo)).order_by("reference", "pk")


def loose_tasks(acting: Acting, organisation_id: int, owner_id: int | None) -> QuerySet[Task]:
    """What somebody still has to do apart from any contract of which he is the adviser."""
    rows = Task.objects.filter(
        organisation=organisation_id, owner=owner_id or 0, done_at=None
    ).exclude(contract__adviser=owner_id, contract__closed_on=None)
    return rows.filter(organisation__in=acting.working).order_by("due_on", "pk")


def who_looks_after(acting: Acting, organisation_id: int) -> list[User]:
    """Everybody with an open contract or task at an organisation, also who works there no more."""
    if organisation_id not in acting.working:
        return []
    deciding = Party.objects.filter(organisation=organisation_id, role__in=DECIDING_ROLES)
    contracts = Contract.objects.filter(
        pk__in=deciding.values("contract"), closed_on=None, voided_on=None
    )
    tasks = Task.objects.filter(organisation=organisation_id, done_at=None)
    people = User.objects.filter(
        Q(pk__in=contracts.exclude(adviser=None).values("adviser"))
        | Q(pk__in=tasks.values("owner"))
    )
    return list(people.order_by("name", "email"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Which contracts of an organisation go from whom to whom; without `from_id` from nobody.

    `with_loose_tasks` takes along what he has to do apart from these. `key` comes with the form.
    """

    organisation_id: int
    from_id: int | None
    to_id: int
    contract_ids: Collection[int]
    with_loose_tasks: bool = False
    key: UUID


@transaction.atomic
def hand_over(acting: Acting, wanted: HandOver) -> Moved:
    """Make somebody the adviser of chosen contracts, and give him their open tasks.

    All of it happens or nothing. Contracts that he has already are left as they are, so that the
    same submit twice does it once. Both are told. Raises `not_allowed`, `not_a_colleague`,
    `nothing_to_hand_over`, and `agreement_changed` when somebody else became the adviser meanwhile.
    """
    require_working_for(acting, wanted.organisation_id)
    if not works_there(wanted.to_id, wanted.organisation_id) or wanted.to_id == wanted.from_id:
        raise DomainError(Problem("not_a_colleague", "to"))
    wait_for_turn(f"handing over {wanted.organisation_id}")
    contracts = list(_taken(acting, wanted))
    tasks = _tasks(acting, wanted, contracts)
    if not wanted.contract_ids and not tasks:
        raise DomainError(Problem("nothing_to_hand_over"))
    Contract.objects.filter(pk__in=[row.pk for row in contracts]).update(adviser=wanted.to_id)
    Task.objects.filter(pk__in=tasks).update(owner=wanted.to_id)
    moved = Moved(len(contracts), len(tasks))
    if moved != Moved():
        _record(acting, wanted, contracts, moved)
        _tell_both(acting, wanted, moved)
    return moved


def _taken(acting: Acting, wanted: HandOver) -> Iterator[Contract]:
    """The contracts that move, held until the transaction ends."""
    for access in hold_by_id(acting, wanted.contract_ids, alone=True).values():
        decides = any(
            party.organisation_id == wanted.organisation_id and party.role in DECIDING_ROLES
            for party in access.parties
        )
        if not (decides and access.works_for(wanted.organisation_id)):
            raise DomainError(Problem("not_allowed"))
        access.require_open()
        if access.contract.adviser_id == wanted.from_id:
            yield access.contract
        elif access.contract.adviser_id != wanted.to_id:
            raise DomainError(Problem("agreement_changed"))


def _tasks(acting: Acting, wanted: HandOver, contracts: Iterable[Contract]) -> list[int]:
    """The ids of the tasks that move."""
    if wanted.from_id is None:
        return []
    own = Task.objects.filter(
        organisation=wanted.organisation_id, owner=wanted.from_id, done_at=None
    )
    ids = set(own.filter(contract__in=list(contracts)).values_list("pk", flat=True))
    if wanted.with_loose_tasks:
        loose = loose_tasks(acting, wanted.organisation_id, wanted.from_id)
        ids |= set(loose.values_list("pk", flat=True))
    return sorted(ids)


def _record(acting: Acting, wanted: HandOver, contracts: Iterable[Contract], moved: Moved) -> None:
    """Write it in the journal of each contract and of the organisation."""
    organisation_id = wanted.organisation_id
    for contract in contracts:
        record(
            acting,
            "contract.handed_over",
            contract,
            organisation_id=organisation_id,
            contract_id=contract.pk,
        )
    details = {"from": wanted.from_id, "to": wanted.to_id, **asdict(moved)}
    organisation = Organisation.objects.get(pk=organisation_id)
    record(
        acting,
        "organisation.handed_over",
        organisation,
        organisation_id=organisation_id,
        details=details,
    )


def _tell_both(acting: Acting, wanted: HandOver, moved: Moved) -> None:
    """Write to who gave and who got it, except to who did it himself or works there no more."""
    sides = (
        ("handed_over_to_you", wanted.to_id, wanted.from_id),
        ("handed_over_from_you", wanted.from_id, wanted.to_id),
    )
    people = User.objects.in_bulk([pk for _, pk, _ in sides if pk] + [acting.user_id or 0])
    for code, reader_id, other_id in sides:
        if reader_id in {None, acting.user_id}:
            continue
        reader = people[reader_id or 0]
        if works_there(reader.pk, wanted.organisation_id):
            facts = {
                "by": str(people[acting.user_id or 0]),
                "other": str(people[other_id]) if other_id is not None else "",
                **asdict(moved),
                "url": settings.SITE_URL + reverse("today"),
            }
            about = About(organisation_id=wanted.organisation_id)
            to = Reader(user_id=reader.pk, language=reader.language)
            write_notice(code, to, event=str(wanted.key), facts=facts, about=about)

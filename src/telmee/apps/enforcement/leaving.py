"""Contracts leave the ladder by themselves, once a day, and both sides are told."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, contract_for, hold
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.telling import deciding_parties, tell_some
from telmee.apps.enforcement.models import Exit, Step
from telmee.apps.enforcement.queries import Climb, climbs_of, pace_at, pace_of, steps_on
from telmee.apps.organisations.acting import acting_as, acting_as_system
from telmee.apps.organisations.many import each_apart
from telmee.apps.reports.portfolio import Standing, standing_of, standings
from telmee.core.enforcement import Leaving, leaving_of


def leave_ladders(today: date | None = None) -> None:
    """Let every contract that caught up, owes less or nothing, or was closed leave the ladder.

    What goes wrong with one, or with one client, stops no other, and is raised at the end.
    """
    day = today or timezone.localdate()
    with acting_as_system(), connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, user_id FROM telmee_hands_of_ladders()")
        hands = list(cursor.fetchall())

    def leave(client_id: int, user_id: int) -> None:
        def leave_one(contract_id: int) -> None:
            with acting_as(user_id) as acting:
                (access,) = hold(contract_for(acting, contract_id), alone=True)
                _leave(access, day)

        each_apart(leave_one, _to_leave(client_id, user_id, day), "contracts that stayed on it")

    each_apart(lambda hand: leave(*hand), hands, "ladders that were not left")


def _to_leave(client_id: int, user_id: int, today: date) -> list[int]:
    """The contracts of a client that are on the ladder and have no reason to be there."""
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation=client_id)
    with acting_as(user_id):
        ids = Step.objects.filter(contract__in=clients.values("contract"))
        climbs = climbs_of(steps_on(ids.values_list("contract", flat=True).distinct()))
        on_it = Contract.objects.filter(pk__in=[pk for pk, one in climbs.items() if one.held])
        rows = standings(on_it.order_by("pk"), today=today)
        pairs = ((row, climbs[row.contract.pk].last) for row in rows)
        return [row.contract.pk for row, last in pairs if last and _why(row, last, today)]


def _why(standing: Standing, last: Step, today: date) -> Leaving | None:
    is_closed = standing.contract.closed_on is not None
    return leaving_of(pace_of(standing), pace_at(last), is_closed=is_closed, today=today)


def _leave(access: ContractAccess, today: date) -> None:
    """Let one contract leave, if it still has a reason to: it is held by now."""
    contract = access.contract
    last = climbs_of(steps_on([contract.pk])).get(contract.pk, Climb()).last
    standing = standing_of(contract, today=today)
    why = _why(standing, last, today) if last else None
    if last is None or why is None:
        return
    pace = pace_of(standing)
    Exit.objects.create(
        step=last,
        contract=contract,
        why=str(why),
        on=today,
        facts={
            "owed_cents": pace.owed_cents,
            "due_cents": pace.due_cents(today),
            "verified_cents": pace.verified_cents,
            "open_cents": pace.open_cents,
        },
    )
    record(
        access.acting,
        "contract.ladder_left",
        contract,
        organisation_id=access.deciding_for,
        contract_id=contract.pk,
        details={"why": str(why)},
    )
    contractor = [] if access.contractor is None else [access.contractor.organisation_id]
    tell_some(
        access,
        [*deciding_parties(access), *contractor],
        "ladder_left",
        event=f"step {last.pk}",
        page="contract-enforcement",
        facts={"why": str(why)},
        doer_too=True,
    )

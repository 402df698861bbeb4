"""Which steps are due and why, what was taken, and what waits for a second person or a second look.

A proposal has no row: it is made of where contracts stand at that moment, so it is never out of
date. Everything is read for all contracts at once, in a fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, Form, PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.enforcement.ladders import ladders_in_force, terms_of
from telmee.apps.enforcement.models import Ladder, Leniency, SecondLook, Step
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.reports.models import Standings
from telmee.apps.reports.portfolio import SEVERITY, Standing, standing_of, standings_in
from telmee.core.enforcement import Next, Pace, Span, Taken, next_step, term_end
from telmee.core.enforcement import Step as Rung
from telmee.core.ledger import Risk

_DAY = timedelta(days=1)
#: Only such a contract can be behind: the rules of the ladder ask less than these.
_CONCERNS = [SEVERITY[risk] for risk in (Risk.BEHIND, Risk.AT_RISK, Risk.OVERDUE)]


# What was taken --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Climb:
    """The steps that hold since a contract came on the ladder, and one that waits for a second."""

    held: tuple[Step, ...] = ()
    pending: Step | None = None

    @property
    def last(self) -> Step | None:
        """The rung on which the contract stands; None where it is not on the ladder."""
        return self.held[-1] if self.held else None

    def taken(self, lenient: Sequence[Leniency]) -> list[Taken]:
        """The same as the rules know it, with the terms that leniency made longer."""
        return [taken_of(step, lenient) for step in self.held]


def steps_on(contract_ids: Iterable[int]) -> QuerySet[Step]:
    """The steps on contracts as somebody sees them, in their order, each with what became of it."""
    rows = Step.objects.filter(contract_id__in=listed(contract_ids))
    return rows.select_related("confirmation", "withdrawal", "exit").order_by("contract", "number")


def is_pending(step: Step) -> bool:
    """Whether a step waits for a second person."""
    return step.needs_second and _of(step, "confirmation") is None and not is_withdrawn(step)


def is_withdrawn(step: Step) -> bool:
    """Whether a step was taken back."""
    return _of(step, "withdrawal") is not None


def holds(step: Step) -> bool:
    """Whether a step was decided by all whom it needs, and not taken back."""
    said = _of(step, "confirmation")
    counts = not step.needs_second or (said is not None and said.agrees)
    return counts and not is_withdrawn(step)


def counts_since(step: Step) -> date:
    """The day from which a step counts: that of the second person, where it needs one."""
    said = _of(step, "confirmation")
    return step.on if said is None else said.on


def taken_of(step: Step, lenient: Sequence[Leniency]) -> Taken:
    """A step as the rules know it, with its last day by the leniency that held when it counted."""
    since = counts_since(step)
    given_until = term_end(since, step.days, spans_of(lenient, on=since))
    return Taken(Rung(step.kind), since, step.days, given_until)


def _of(step: Step, name: str) -> Any:
    """What became of a step, of the rows that came along with it."""
    return getattr(step, name, None)


def bears_fine(step: Step, steps: Iterable[Step]) -> bool:
    """Whether a fine that holds rests on a step, of all steps on its contract in their order.

    It does on the last notice of default before it: without one nobody is in default (6:82 BW).
    """
    notice: Step | None = None
    for one in filter(holds, steps):
        if one.kind == Rung.DEFAULT:
            notice = one
        elif one.kind == Rung.PENALTY and notice == step:
            return True
    return False


def climbs_of(steps: Iterable[Step]) -> dict[int, Climb]:
    """Where contracts stand on the ladder, by contract, from all their steps in their order."""
    held: dict[int, list[Step]] = defaultdict(list)
    pending: dict[int, Step] = {}
    for step in steps:
        pk = step.contract_id
        if is_pending(step):
            pending[pk] = step
        if holds(step):
            held[pk].append(step)
        if _of(step, "exit") is not None:
            held[pk].clear()
    return {pk: Climb(tuple(held[pk]), pending.get(pk)) for pk in {*held, *pending}}


def corrected(steps: Iterable[Step]) -> dict[int, datetime]:
    """When the figures on which steps rest were last corrected, by step; most are left out.

    Where somebody looked again since, that is left out as well. Runs two queries.
    """
    rows = {step.pk: step for step in steps if holds(step)}
    if not rows:
        return {}
    with connection.cursor() as cursor:
        ids = as_array({step.contract_id for step in rows.values()})
        cursor.execute("SELECT step_id, corrected_at FROM telmee_steps_corrected(%s)", [ids])
        moments = {pk: at for pk, at in cursor.fetchall() if pk in rows}
    for pk, looked_at in SecondLook.objects.filter(step__in=moments).values_list(
        "step", "looked_at"
    ):
        if pk in moments and looked_at >= moments[pk]:
            del moments[pk]
    return moments


class Marked(NamedTuple):
    """A step on figures that were corrected since, with what a list says of its contract."""

    contract_id: int
    reference: str
    name: str
    client: str
    contractor: str
    kind: str


def marked_steps(acting: Acting) -> list[Marked]:
    """The steps that somebody has to look at again, on contracts that he decides on."""
    contracts = contracts_of(acting, *DECIDING_ROLES)
    own = Step.objects.filter(contract__in=contracts).values("contract")
    steps = list(steps_on([row["contract"] for row in own.distinct()]).select_related("contract"))
    marked = corrected(steps)
    rows = [step for step in steps if step.pk in marked]
    names, _clients = _parties({step.contract_id for step in rows})
    return [
        Marked(
            step.contract_id,
            step.contract.reference,
            step.contract.name,
            names[step.contract_id].get("client", ""),
            names[step.contract_id].get("contractor", ""),
            step.kind,
        )
        for step in rows
    ]


def fines_by_ladder(contract: Contract) -> bool:
    """Whether a penalty on a contract is a step of the ladder of its client, and nothing else."""
    client = Party.objects.filter(contract=contract, role=PartyRole.CLIENT)
    ladders = ladders_in_force(client.values_list("organisation", flat=True))
    return any(terms_of(row).of(Rung.PENALTY) is not None for row in ladders.values())


def step_of_fine(entry: Any) -> Step | None:
    """The step by which an entry of the books was booked, as long as it was not withdrawn."""
    rows = Step.objects.filter(key=entry.key, contract=entry.contract_id, withdrawal=None)
    return rows.first()


# Leniency --------------------------------------------------------------------------------------


def leniencies_for(clients: Mapping[int, int]) -> dict[int, list[Leniency]]:
    """Leniency that holds for contracts, of their own and of their client; the client by contract.

    Runs one query.
    """
    rows = Leniency.objects.filter(
        Q(contract_id__in=listed(clients))
        | Q(contract=None, organisation__in=set(clients.values()))
    ).order_by("first", "pk")
    own: dict[int, list[Leniency]] = defaultdict(list)
    of_client: dict[int, list[Leniency]] = defaultdict(list)
    for row in rows:
        if row.contract_id is None:
            of_client[row.organisation_id].append(row)
        else:
            own[row.contract_id].append(row)
    return {pk: [*of_client[client], *own[pk]] for pk, client in clients.items()}


def leniencies_of(client_id: int) -> QuerySet[Leniency]:
    """Leniency that holds for all contracts of a client, the latest first."""
    return Leniency.objects.filter(organisation=client_id, contract=None).order_by("-first", "-pk")


def spans_of(rows: Iterable[Leniency], *, on: date | None = None) -> list[Span]:
    """The days of leniency that were not ended before; `on` a day as it was known that day."""
    spans = []
    for row in rows:
        if row.first is None or row.last is None:
            continue
        if on is not None and timezone.localdate(row.granted_at) > on:
            continue
        is_ended = row.ended_on is not None and (on is None or row.ended_on <= on)
        last = min(row.last, row.ended_on - _DAY) if is_ended and row.ended_on else row.last
        if last >= row.first:
            spans.append(Span(row.first, last))
    return spans


# What is due -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prospect:
    """Where a contract stands on the ladder of its client today, and what comes next."""

    standing: Standing
    ladder: Ladder
    pace: Pace
    next: Next
    climb: Climb = Climb()
    lenient: tuple[Leniency, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def contract(self) -> Contract | ListedContract:
        """The contract that it is about."""
        return self.standing.contract

    @property
    def is_due(self) -> bool:
        """Whether a person can decide on a step now: none waits for a second person."""
        return self.next.is_due and self.climb.pending is None

    def behind_cents(self, today: date) -> int:
        """What lacks at the pace of the contract."""
        return self.pace.behind_cents(today)


def pace_of(standing: Standing) -> Pace:
    """What a contract did over its days, as the ladder sees it."""
    position = standing.position
    return Pace(
        owed_cents=position.owed_cents,
        done_cents=standing.outlook.done_cents,
        verified_cents=position.met_cents - standing.to_come.met_cents,
        open_cents=position.open_cents,
        start=standing.contract.start,
        end=standing.contract.end,
    )


def facts_of(prospect: Prospect, today: date) -> dict[str, Any]:
    """The figures of a day on which a step is taken, as they are kept with it."""
    pace = prospect.pace
    return {
        "as_of": str(today),
        "start": str(pace.start),
        "end": str(pace.end),
        "days": pace.days,
        "passed": pace.passed(today),
        "owed_cents": pace.owed_cents,
        "due_cents": pace.due_cents(today),
        "done_cents": pace.done_cents,
        "verified_cents": pace.verified_cents,
        "open_cents": pace.open_cents,
        "behind_cents": pace.behind_cents(today),
        "planned_cents": prospect.standing.outlook.planned_cents,
    }


def pace_at(step: Step) -> Pace:
    """What a contract owed and had done, over its days, when a step was taken."""
    kept = step.facts
    return Pace(
        owed_cents=kept["owed_cents"],
        done_cents=kept["done_cents"],
        verified_cents=kept["verified_cents"],
        open_cents=kept["open_cents"],
        start=date.fromisoformat(kept["start"]),
        end=date.fromisoformat(kept["end"]),
    )


def sanction_kept(step: Step) -> str:
    """What the scheme called what a shortfall costs, when a step was taken; a fine if none says."""
    kind: str = step.facts.get("sanction", "fine")
    return kind


def prospects(acting: Acting, *, today: date) -> list[Prospect]:
    """What comes next on every contract that is behind, of clients that have a ladder.

    Of contracts on which somebody decides or of whose client he reads; the longest behind first.
    """
    ladders = ladders_in_force()
    if not ladders:
        return []
    contracts = enforced_contracts(acting, ladders)
    rows = Standings.on(contracts, today).filter(severity__in=_CONCERNS)
    behind = standings_in(rows, today)
    known = _prospects(behind, ladders, today)
    late = [one for one in known if one.next.late_since is not None]
    return sorted(late, key=lambda one: (one.next.late_since or today, one.contract.pk))


def enforced_contracts(acting: Acting, ladders: Mapping[int, Ladder]) -> QuerySet[Contract]:
    """The contracts of these clients that run or ended and are not closed yet."""
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation__in=list(ladders))
    return (
        contracts_of(acting, *DECIDING_ROLES)
        .filter(pk__in=clients.values("contract"), closed_on=None)
        .exclude(form=Form.FRAMEWORK)
    )


def prospect_on(contract: Contract, *, today: date) -> Prospect | None:
    """What comes next on one contract; None where its client has no ladder, or it owes nothing."""
    if contract.form == Form.FRAMEWORK or contract.closed_on is not None:
        return None
    client = Party.objects.filter(contract=contract, role=PartyRole.CLIENT)
    ladders = ladders_in_force(client.values_list("organisation", flat=True))
    if not ladders:
        return None
    return next(iter(_prospects([standing_of(contract, today=today)], ladders, today)), None)


def _prospects(
    rows: Sequence[Standing], ladders: Mapping[int, Ladder], today: date
) -> list[Prospect]:
    """What comes next on contracts. Runs three queries."""
    names, clients = _parties(row.contract.pk for row in rows)
    climbs = climbs_of(steps_on(clients))
    lenient = leniencies_for(clients)
    known = []
    for standing in rows:
        pk = standing.contract.pk
        ladder = ladders.get(clients.get(pk, 0))
        if ladder is None or not standing.owes:
            continue
        pace, climb = pace_of(standing), climbs.get(pk, Climb())
        taken, spans = climb.taken(lenient[pk]), spans_of(lenient[pk])
        coming = next_step(terms_of(ladder), pace, taken, spans, today=today)
        known.append(Prospect(standing, ladder, pace, coming, climb, tuple(lenient[pk]), names[pk]))
    return known


def _parties(
    contract_ids: Iterable[int],
) -> tuple[dict[int, dict[str, str]], dict[int, int]]:
    """Of contracts the names of client and contractor by role, and the client by id."""
    rows = Party.objects.filter(
        contract_id__in=listed(contract_ids), role__in=(PartyRole.CLIENT, PartyRole.CONTRACTOR)
    ).values_list("contract_id", "role", "organisation_id", "organisation__name")
    names: dict[int, dict[str, str]] = defaultdict(dict)
    clients: dict[int, int] = {}
    for contract, role, organisation, name in rows:
        names[contract][role] = name
        if role == PartyRole.CLIENT:
            clients[contract] = organisation
    return names, clients

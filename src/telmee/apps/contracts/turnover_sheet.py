"""Turnover of many contracts from one sheet: read, looked at, and proposed all at once or not.

A line that says what was agreed or proposed already is known, and does nothing: the same sheet
twice proposes once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from telmee.apps.contracts.access import ContractAccess, contracts_of, hold_by_id
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.telling import tell_together
from telmee.apps.contracts.turnover import (
    PeriodTurnover,
    Proposed,
    others_of,
    period_kind,
    periods_by_contract,
    propose_quietly,
    speaking,
    unchanged,
)
from telmee.apps.contracts.turnover_work import turnover_contracts
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Param, Problem
from telmee.core.obligations.turnover import TurnoverPeriod, read_period
from telmee.core.tables.turnover_columns import CONTRACT, PERIOD
from telmee.integrations.spreadsheets.apart import TurnoverLine

#: Keys that follow from what a line says are made in this space.
_KEYS = UUID("8f2c0b4e-0d6f-4b6c-9a53-1d1f0f6a7c21")
#: Why a contract takes no turnover; of several with one reference the first of these is said.
_WHY_NOT = ("turnover_not_asked", "contract_closed", "contract_voided")


@dataclass(frozen=True, slots=True)
class SheetProposal:
    """What a line of a sheet would propose. `before` is what is agreed now, if anything.

    `seen` is how many versions of its period there were when the sheet was looked at.
    """

    row: int
    contract_id: int
    reference: str
    name: str
    period: date
    period_name: str
    cents: int
    note: str
    before: int | None
    seen: int


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet would do: what it proposes, how many lines are known, and what is wrong."""

    proposals: tuple[SheetProposal, ...]
    known: int
    problems: tuple[Problem, ...]


def plan_sheet(acting: Acting, lines: Iterable[TurnoverLine], *, today: date) -> SheetPlan:
    """What a sheet would do; nothing is written. Its queries do not grow with the lines.

    A line of which a cell was refused proposes nothing; what else is wrong with it is said.
    """
    rows = [line for line in lines if line.contract]
    references = {_key(row) for row in rows}
    contracts = [
        one for one in turnover_contracts(acting) if one.reference.casefold() in references
    ]
    periods = periods_by_contract(contracts, today=today)
    by_reference: dict[str, list[Contract]] = defaultdict(list)
    for contract in contracts:
        if contract.pk in periods:
            by_reference[contract.reference.casefold()].append(contract)
    others = _others(acting) if any(_key(row) not in by_reference for row in rows) else {}
    places: Counter[tuple[int, date]] = Counter()
    proposals, problems, known = [], [], 0
    for line in rows:
        same = by_reference.get(_key(line), [])
        if len(same) != 1:
            problems.append(_unfound(line, same, others))
            continue
        if not line.period:
            continue
        one = _period(line, same[0], periods[same[0].pk])
        if isinstance(one, Problem):
            problems.append(one)
            continue
        places[same[0].pk, one.period.first] += 1
        if places[same[0].pk, one.period.first] > 1:
            problems.append(_about(line, "turnover_twice", PERIOD))
        elif line.cents is None:
            continue
        elif _says_already(one, line.cents):
            known += 1
        else:
            proposals.append(_proposal(line, same[0], one, line.cents))
    return SheetPlan(tuple(proposals), known, tuple(problems))


@transaction.atomic
def propose_sheet(acting: Acting, proposals: Sequence[SheetProposal], *, today: date) -> int:
    """Propose all lines of a sheet, or none; gives how many were new.

    Raises `DomainError` with what is wrong by then, each with its row: `agreement_changed` where
    something was proposed since the sheet was looked at.
    """
    held = hold_by_id(acting, (one.contract_id for one in proposals))
    keys = {one: _key_of(acting, one) for one in proposals}
    new = propose_quietly(
        [
            Proposed(
                access=held[one.contract_id],
                period=one.period,
                cents=one.cents,
                note=one.note,
                key=keys[one],
                seen=one.seen,
                row=one.row,
            )
            for one in proposals
        ],
        today=today,
    )
    event = uuid5(_KEYS, " ".join(map(str, keys.values())))
    accesses = [held[one.contract_id] for one in new]
    tell_together(
        [(access, to) for access in accesses for to in others_of(access, speaking(access))],
        "turnover_sheet",
        event=f"sheet {event}",
        facts=_facts,
    )
    return len(new)


def _facts(accesses: Sequence[ContractAccess]) -> dict[str, object]:
    """What somebody is told of a sheet, by the contracts in it that are his to answer for."""
    access = accesses[0]
    return {
        "by": access.name_of(speaking(access).organisation_id),
        "count": len(accesses),
        "url": settings.SITE_URL + reverse("turnovers"),
    }


def _key(line: TurnoverLine) -> str:
    return line.contract.strip().casefold()


def _key_of(acting: Acting, one: SheetProposal) -> UUID:
    said = (acting.user_id, one.contract_id, one.period, one.cents, one.note, one.seen)
    return uuid5(_KEYS, repr(said))


def _others(acting: Acting) -> dict[str, str]:
    """Why no turnover is proposed on each contract that somebody sees, by its reference.

    References stand there as they are compared. What is still open comes first.
    """
    rows = contracts_of(acting).order_by().values_list("reference", "closed_on", "voided_on")
    why: dict[str, str] = {}
    for reference, closed_on, voided_on in rows:
        code = "turnover_not_asked" if closed_on is None else "contract_closed"
        code = code if voided_on is None else "contract_voided"
        key = reference.casefold()
        why[key] = min(why.get(key, code), code, key=_WHY_NOT.index)
    return why


def _unfound(line: TurnoverLine, same: Sequence[Contract], others: Mapping[str, str]) -> Problem:
    """Why a reference names no contract over turnover: none, another kind, or several lots."""
    if same:
        return _about(line, "turnover_contract_ambiguous", CONTRACT, count=len(same))
    return _about(line, others.get(_key(line), "turnover_contract_unknown"), CONTRACT)


def _period(
    line: TurnoverLine, contract: Contract, periods: Sequence[PeriodTurnover]
) -> PeriodTurnover | Problem:
    """The period that a line names, when it is one of the contract that is over.

    What was agreed is not proposed again while another amount waits for an answer.
    """
    try:
        period = read_period(line.period, period_kind(contract))
    except DomainError as error:
        return _on_row(error.problems[0], line.row)
    one = next((one for one in periods if one.period == period), None)
    if one is None:
        days: dict[str, Param] = {"start": contract.start, "end": contract.end}
        return _about(line, "period_not_of_contract", PERIOD, **days, period=str(period))
    if not one.is_over:
        last = min(period.last, contract.end)
        return _about(line, "period_not_over", PERIOD, period=str(period), last=last)
    if line.cents is not None and not _says_already(one, line.cents):
        for problem in unchanged(contract, one.versions, line.cents):
            return _on_row(problem, line.row)
    return one


def _says_already(one: PeriodTurnover, cents: int) -> bool:
    """Whether an amount waits for an answer already, or was agreed and nothing else waits."""
    standing = one.waiting or one.agreed
    return standing is not None and standing.cents == cents


def _proposal(
    line: TurnoverLine, contract: Contract, one: PeriodTurnover, cents: int
) -> SheetProposal:
    return SheetProposal(
        row=line.row,
        contract_id=contract.pk,
        reference=contract.reference,
        name=contract.name,
        period=one.period.first,
        period_name=str(one.period),
        cents=cents,
        note=line.note,
        before=one.agreed.cents if one.agreed else None,
        seen=len(one.versions),
    )


def open_lines(acting: Acting, *, today: date) -> Iterator[tuple[str, TurnoverPeriod]]:
    """The lines of the template: each period that is over and on which nothing was agreed."""
    contracts = turnover_contracts(acting)
    periods = periods_by_contract(contracts, today=today)
    for contract in contracts:
        for one in periods.get(contract.pk, ()):
            if one.is_open:
                yield contract.reference, one.period


def _about(line: TurnoverLine, code: str, column: str, **params: Param) -> Problem:
    return Problem(code, column, line.row, {"contract": line.contract[:60], **params})


def _on_row(problem: Problem, row: int) -> Problem:
    return Problem(problem.code, problem.column, row, problem.params)

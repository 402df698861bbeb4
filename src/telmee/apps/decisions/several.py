"""Decide on several lines in one deed: each has a decision of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from telmee.apps.contracts.access import ContractAccess, hold_by_id
from telmee.apps.contracts.pooling import contracts_beside
from telmee.apps.contributions.access import contributions_of
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.locks import Lock, locks_of, take_locks
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.telling import tell_of_decisions
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as it stood on the screen of who decides on it, and on which day."""

    line_id: int
    version: int
    cents: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of deciding on one of several lines: a decision, or why not."""

    line: Contribution | None
    decision: Decision | None = None
    problems: tuple[Problem, ...] = ()


def accept_lines(acting: Acting, seen: Iterable[Seen], *, key: UUID) -> list[Answer]:
    """Accept lines at the value that was seen, each with a decision of its own.

    The same `key` twice decides once. A line that its contractor took back is there no more.
    """

    def accept(access: ContractAccess, line: Contribution, entry: Seen) -> Decision:
        return decide(
            access,
            line,
            outcome=Outcome.ACCEPTED,
            key=uuid5(key, str(line.pk)),
            version=entry.version,
            seen_cents=entry.cents,
            seen_on=entry.on,
            tells=False,
        )

    return _each(acting, seen, accept, locks=locks_of)


def take_back_lines(acting: Acting, seen: Iterable[Seen], *, key: UUID, text: str) -> list[Answer]:
    """Reopen lines that were accepted by mistake: each waits again, and its amount is taken back.

    The same `key` twice reopens once; who changed a line meanwhile is not overruled.
    """

    def reopen(access: ContractAccess, line: Contribution, entry: Seen) -> Decision:
        return decide(
            access,
            line,
            outcome=Outcome.REOPENED,
            key=uuid5(key, str(line.pk)),
            version=entry.version,
            reason=DecisionReason.MISTAKE,
            text=text,
            tells=False,
        )

    return _each(acting, seen, reopen)


def _each(
    acting: Acting,
    seen: Iterable[Seen],
    take: Callable[[ContractAccess, Contribution, Seen], Decision],
    *,
    locks: Callable[[ContractAccess, Contribution], set[Lock]] = lambda *_: set(),
) -> list[Answer]:
    """Decide on lines one by one; what refuses one leaves the others.

    `locks` names what deciding on a line leans on.
    """
    seen_of = {entry.line_id: entry for entry in seen}
    lines = list(contributions_of(acting).filter(pk__in=seen_of).select_related("organisation"))
    beside = {pk for x in lines for pk in contracts_beside(x.pool)}
    ids = beside | {x.contract_id for x in lines}
    contracts = hold_by_id(acting, ids, alone=bool(beside))
    # Everybody takes books in one order, so that no two can wait for each other.
    lines.sort(key=lambda x: (x.contract_id, x.pk))
    take_locks({lock for x in lines for lock in locks(contracts[x.contract_id], x)})
    gone = len(seen_of) - len(lines)
    answers = [Answer(None, problems=(Problem("decision_line_gone"),))] * gone
    for line in lines:
        try:
            decision = take(contracts[line.contract_id], line, seen_of[line.pk])
            answers.append(Answer(decision.contribution, decision))
        except DomainError as error:
            answers.append(Answer(line, problems=tuple(error.problems)))
    _tell(contracts, [answer.decision for answer in answers if answer.decision is not None])
    return answers


def _tell(contracts: Mapping[int, ContractAccess], decisions: Iterable[Decision]) -> None:
    """Write of all decisions of one deed at once, for each contract."""
    of: dict[int, list[Decision]] = {}
    for decision in decisions:
        of.setdefault(decision.contract_id, []).append(decision)
    for contract_id, some in of.items():
        tell_of_decisions(contracts[contract_id], some)

"""Decide on several lines in one deed: each has a decision of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from telmee.apps.contracts.access import ContractAccess, hold_by_id
from telmee.apps.contracts.pooling import contracts_beside
from telmee.apps.contributions.access import contributions_of
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.judgement import Judgement, Seen
from telmee.apps.decisions.locks import locks_of, take_locks
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.telling import tell_of_decisions
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of deciding on one of several lines: a decision, or why not."""

    line: Contribution | None
    decision: Decision | None = None
    problems: tuple[Problem, ...] = ()


def accept_lines(acting: Acting, seen: Mapping[int, Seen], *, key: UUID) -> list[Answer]:
    """Accept lines, by their ids, at the value that was seen, each with a decision of its own.

    The same `key` twice decides once. A line that its contractor took back is there no more.
    """
    return _each(acting, seen, Judgement(outcome=Outcome.ACCEPTED), key=key)


def take_back_lines(
    acting: Acting, seen: Mapping[int, Seen], *, key: UUID, text: str
) -> list[Answer]:
    """Reopen lines that were accepted by mistake: each waits again, and its amount is taken back.

    The same `key` twice reopens once; who changed a line meanwhile is not overruled.
    """
    judgement = Judgement(outcome=Outcome.REOPENED, reason=DecisionReason.MISTAKE, text=text)
    return _each(acting, seen, judgement, key=key)


def _each(
    acting: Acting, seen: Mapping[int, Seen], judgement: Judgement, *, key: UUID
) -> list[Answer]:
    """Decide on lines one by one; what refuses one leaves the others."""
    lines = list(contributions_of(acting).filter(pk__in=seen).select_related("organisation"))
    beside = {pk for x in lines for pk in contracts_beside(x.pool)}
    ids = beside | {x.contract_id for x in lines}
    contracts = hold_by_id(acting, ids, alone=bool(beside))
    # Everybody takes books in one order, so that no two can wait for each other.
    lines.sort(key=lambda x: (x.contract_id, x.pk))
    if judgement.counts:
        take_locks({lock for x in lines for lock in locks_of(contracts[x.contract_id], x)})
    gone = len(seen) - len(lines)
    answers = [Answer(None, problems=(Problem("decision_line_gone"),))] * gone
    for line in lines:
        try:
            access, own = contracts[line.contract_id], uuid5(key, str(line.pk))
            decision = decide(access, line, judgement, seen=seen[line.pk], key=own, tells=False)
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

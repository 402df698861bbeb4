"""The proof of an installation's figures: books, seals, receipts, files and reports at once.

Asks for the owner's connection: row security would hide what is wrong elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from telmee.apps.audit.seals import check_seals
from telmee.apps.contracts.chains import check_amendments
from telmee.apps.contributions.evidence_check import check_evidence
from telmee.apps.ledger.invariants import CHECKS
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.receipts.checking import check_receipts
from telmee.apps.reports.report_check import KEY_UNKNOWN, check_reports
from telmee.core.errors import Problem
from telmee.integrations.signatures import public_key_of

#: Receipts of an older engine, and reports that were signed with another key than this
#: installation has now: told, and nothing is wrong.
_NOTICES = frozenset(("receipt_older", KEY_UNKNOWN))


@dataclass(frozen=True, slots=True)
class Proof:
    """What does not hold, what is only told, and how much was looked at.

    `sealed` counts rows in the chain, `waiting` those that are not sealed yet.
    """

    broken: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    checks: int
    sealed: int
    waiting: int


def prove(evidence: Path, secrets: Iterable[str], using: str = "default") -> Proof:
    """Check every invariant, seal, receipt, file of evidence and published report.

    `secrets` are the keys of the installation, as far as who asks has them: a report that was
    signed with another one is told.
    """
    seals = check_seals(using)
    problems = [*_problems(evidence, secrets, using), *seals.faults]
    return Proof(
        broken=tuple(problem for problem in problems if problem.code not in _NOTICES),
        notices=tuple(problem for problem in problems if problem.code in _NOTICES),
        checks=len(CHECKS),
        sealed=seals.rows,
        waiting=seals.waiting,
    )


def _problems(evidence: Path, secrets: Iterable[str], using: str) -> Iterator[Problem]:
    yield from check_ledger(using)
    yield from check_amendments(using)
    yield from check_receipts(using)
    yield from check_evidence(evidence, using)
    yield from check_reports([public_key_of(secret) for secret in secrets], using)

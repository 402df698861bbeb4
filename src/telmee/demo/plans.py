"""Plans of contractors as rows: a version for each line that was added, and for a correction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from telmee.apps.agreements.choices import Kind
from telmee.apps.agreements.queries import plan_fields
from telmee.apps.receipts.choices import Kind as ReceiptKind
from telmee.demo.books import Books, Event
from telmee.demo.effort import Cells
from telmee.demo.lines import Work
from telmee.demo.receipts import Receipts
from telmee.demo.tables import Tables


@dataclass(frozen=True, slots=True)
class _Step:
    """A line of a plan as it was saved: its number in the plan, and how many times."""

    line: int
    place: int
    cells: Cells
    times: int


class Plans:
    """Writes the plans of contracts whose lines were valued, from registering to today."""

    def __init__(self, tables: Tables, books: Books, receipts: Receipts, day: date) -> None:
        self._tables, self._books, self._receipts = tables, books, receipts
        self._now = datetime(day.year, day.month, day.day, tzinfo=UTC)

    def write(self, work: Work, registered: datetime) -> None:
        """Write the plan of the contractor, with every version that led to it."""
        steps = list(_steps(work))
        if not steps:
            return
        agreement = self._tables.agreements.add(
            contract_id=work.id,
            kind=str(Kind.PLAN),
            organisation_id=work.agreement.contractor.id,
            other_id=work.agreement.client.id,
        )
        plan: dict[int, dict[str, object]] = {}
        for number, step in enumerate(steps, start=1):
            when = registered + (self._now - registered) * number / (len(steps) + 1)
            plan[step.line] = self._line(work, step, when)
            version = self._tables.versions.add(
                agreement_id=agreement,
                contract_id=work.id,
                number=number,
                organisation_id=work.agreement.contractor.id,
                key=self._books.key(),
                user_id=work.agreement.contractor.user,
                proposed_at=when,
            )
            for line in plan.values():
                self._tables.plan_lines.add(version_id=version, **line)
            self._tell(work, plan[step.line], version, when)

    def _line(self, work: Work, step: _Step, when: datetime) -> dict[str, object]:
        """Keep what a line promises, and give the cells that versions of the plan have of it."""
        contractor = work.agreement.contractor.id
        figure = work.claimed.figure(
            step.place, work.id, contractor, kind=ReceiptKind.PLAN, number=step.times
        )
        return {
            "contract_id": work.id,
            "organisation_id": contractor,
            "line": step.line,
            "number": step.times,
            "value_cents": figure.cents,
            "receipt_id": self._receipts.keep(figure, work.version, when),
            **plan_fields(step.cells),
        }

    def _tell(self, work: Work, line: dict[str, object], version: int, when: datetime) -> None:
        details = {"block": line["block"], "number": line["number"], "cents": line["value_cents"]}
        event = Event("contract.plan_saved", work.id, when, "", {**details, "version": version})
        self._books.tell(event, work.id, work.agreement, doer=work.agreement.contractor)


def _steps(work: Work) -> Iterator[_Step]:
    """What was saved, in order: of a plan of several lines the first one was corrected later."""
    planned = list(enumerate(work.plans, start=1))
    is_corrected = len(planned) > 1
    for line, (place, cells, times) in planned:
        yield _Step(line, place, cells, times + (is_corrected and line == 1))
    if is_corrected:
        line, (place, cells, times) = planned[0]
        yield _Step(line, place, cells, times)

"""Plans of contractors as rows: a version for each line, the proposal, and the yes to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, uuid5

from telmee.apps.agreements.choices import Kind, Outcome
from telmee.apps.agreements.queries import plan_fields
from telmee.apps.receipts.choices import Kind as ReceiptKind
from telmee.demo.books import Books, Event
from telmee.demo.effort import Cells
from telmee.demo.lines import Work
from telmee.demo.receipts import Receipts
from telmee.demo.tables import Tables

#: Of the plans one in so many was not proposed, and of the others one in so many waits for a yes.
_NOT_PROPOSED, _WAITS = 4, 3


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
        moments = len(steps) + 3
        for number, step in enumerate(steps, start=1):
            when = registered + (self._now - registered) * number / moments
            plan[step.line] = self._line(work, step, when)
            version = self._version(work, agreement, number, plan, when)
            self._tell(work, plan[step.line], version, when)
        if work.id % _NOT_PROPOSED:
            number = len(steps) + 1
            when = registered + (self._now - registered) * number / moments
            version = self._version(work, agreement, number, plan, when, is_proposed=True)
            self._tell_agreed(work, "proposed", agreement, version, when)
            if work.id % _WAITS:
                self._agree(work, agreement, version, when + (self._now - registered) / moments)

    def _version(
        self,
        work: Work,
        agreement: int,
        number: int,
        plan: dict[int, dict[str, object]],
        when: datetime,
        *,
        is_proposed: bool = False,
    ) -> int:
        """Write a version with all lines of the plan; one that is proposed asks the client."""
        version = self._tables.versions.add(
            agreement_id=agreement,
            contract_id=work.id,
            number=number,
            organisation_id=work.agreement.contractor.id,
            addressee_id=work.agreement.client.id if is_proposed else None,
            # A proposal draws no key by chance, so that all that is drawn after it stays the same.
            key=uuid5(NAMESPACE_URL, f"plan {agreement}").hex if is_proposed else self._books.key(),
            user_id=work.agreement.contractor.user,
            proposed_at=when,
        )
        for line in plan.values():
            self._tables.plan_lines.add(version_id=version, **line)
        return version

    def _agree(self, work: Work, agreement: int, version: int, when: datetime) -> None:
        self._tables.answers.add(
            version_id=version,
            contract_id=work.id,
            outcome=str(Outcome.CONFIRMED),
            organisation_id=work.agreement.client.id,
            user_id=work.agreement.adviser,
            answered_at=when,
        )
        self._tell_agreed(work, "confirmed", agreement, version, when)

    def _tell_agreed(
        self, work: Work, deed: str, agreement: int, version: int, when: datetime
    ) -> None:
        details = {"agreement": str(Kind.PLAN), "version": version}
        event = Event(f"agreement.{deed}", agreement, when, "", details)
        doer = work.agreement.contractor if deed == "proposed" else None
        self._books.tell(event, work.id, work.agreement, doer=doer)

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

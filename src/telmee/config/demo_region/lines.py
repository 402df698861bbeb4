"""Contributions with their decisions and what these book, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from telmee.apps.contributions.cells import FIELDS, fingerprint
from telmee.apps.contributions.cells import as_json as json_cells
from telmee.apps.contributions.choices import DecisionReason, Outcome, State
from telmee.apps.ledger.choices import Kind
from telmee.config.demo_region.agreements import Agreement
from telmee.config.demo_region.books import Books
from telmee.config.demo_region.effort import WORDS, Cells, Line
from telmee.config.demo_region.people import Contractor, moment
from telmee.config.demo_region.tables import Tables, as_json
from telmee.config.demo_region.valuing import Batch
from telmee.core.schemes.model import Block

_BY_HELPER = 0.3


@dataclass(slots=True)
class Work:
    """A contract on its way: its id, its lines, and where they are valued."""

    id: int
    agreement: Agreement
    version: int
    claimed: Batch
    decided: Batch
    lines: list[Line]
    plans: list[tuple[int, Cells, int]]


@dataclass(frozen=True, slots=True)
class Handed:
    """A line that was handed in, by its ids."""

    id: int
    reference: str
    contract_id: int
    organisation_id: int
    user_id: int
    deciding_id: int
    adviser_id: int
    block: Block
    state: State
    handed_in: date


@dataclass(slots=True)
class _Step:
    """A decision on a line that is being written; `entry` is what it booked."""

    id: int
    outcome: Outcome
    cents: int
    when: datetime
    entry: int | None = None


class Lines:
    """Writes the lines of contracts that were valued."""

    def __init__(self, tables: Tables, books: Books, rng: Random) -> None:
        self._tables, self._books, self._rng = tables, books, rng

    def write(self, work: Work, line: Line, *, tell: bool) -> Handed:
        """Write a line and all that was decided on it; `tell` writes it in the journal too."""
        agreement = work.agreement
        doer = self._doer(agreement)
        when = moment(line.handed_in, self._rng)
        draft = line.state == State.DRAFT
        receipt = None if draft else as_json(work.claimed.receipt(line.at))
        number = self._tables.contributions.reserve()
        if tell and not draft:
            details = {"cents": work.claimed.cents(line.at), "block": line.block.key}
            self._books.tell(
                when,
                "contribution.submitted",
                number,
                work.id,
                agreement,
                doer=doer,
                details=details,
            )
        steps = self._decided(work, line, number, when, receipt, tell=tell)
        self._contribution(work, line, number, doer, when, receipt, steps)
        return Handed(
            id=number,
            reference=str(line.cells["kenmerk"]),
            contract_id=work.id,
            organisation_id=doer.id,
            user_id=doer.user,
            deciding_id=self._books.deciding(agreement),
            adviser_id=agreement.adviser,
            block=line.block,
            state=line.state,
            handed_in=line.handed_in,
        )

    def _doer(self, agreement: Agreement) -> Contractor:
        """Give who delivers a line: mostly the contractor himself."""
        if agreement.helpers and self._rng.random() < _BY_HELPER:
            return self._rng.choice(agreement.helpers)
        return agreement.contractor

    def _contribution(
        self,
        work: Work,
        line: Line,
        number: int,
        doer: Contractor,
        when: datetime,
        receipt: str | None,
        steps: list[_Step],
    ) -> None:
        stands = steps[-1] if steps and line.state != State.SUBMITTED else None
        draft = line.state == State.DRAFT
        cells = line.cells
        self._tables.contributions.add(
            id=number,
            contract_id=work.id,
            organisation_id=doer.id,
            key=self._books.key(),
            state=str(line.state),
            value_cents=work.claimed.cents(line.at),
            value_status=work.claimed.status(line.at),
            verified_cents=stands.cents if stands else None,
            receipt=receipt,
            fingerprint=fingerprint(cells),
            version=1 + (not draft) + len(steps),
            created_by_id=doer.user,
            created_at=when - timedelta(hours=self._rng.randrange(1, 90)),
            submitted_at=None if draft else when,
            decided_at=stands.when if stands else None,
            **{name: cells[column] for column, name in FIELDS.items() if column in cells},
        )

    def _decided(
        self,
        work: Work,
        line: Line,
        number: int,
        handed_in: datetime,
        receipt: str | None,
        *,
        tell: bool,
    ) -> list[_Step]:
        """Write every decision on a line, each with what it books."""
        days = sorted(max(moment(day, self._rng), handed_in) for day in line.decided)
        steps: list[_Step] = []
        for place, (outcome, day) in enumerate(zip(line.outcomes, days, strict=True), start=1):
            when = day + timedelta(minutes=7 * place)
            cents = self._amount(work, line, outcome)
            step = _Step(0, outcome, cents, when)
            step.id = self._decision(work, line, number, place, step, receipt)
            if tell:
                self._tell(work, line, number, step)
            self._book(work, line, number, step, steps[-1] if steps else None, tell=tell)
            steps.append(step)
        return steps

    def _amount(self, work: Work, line: Line, outcome: Outcome) -> int:
        """Give what a decision counts; where a person judges, he names an amount."""
        if outcome in (Outcome.REJECTED, Outcome.REOPENED):
            return 0
        if outcome == Outcome.ADJUSTED and line.adjusted is not None:
            found = work.decided.cents(line.adjusted_at)
        else:
            found = work.claimed.cents(line.at)
        return self._rng.randrange(10, 80) * 100_00 if found is None else found

    def _decision(
        self, work: Work, line: Line, number: int, place: int, step: _Step, receipt: str | None
    ) -> int:
        agreement, cells = work.agreement, line.cells
        if step.outcome == Outcome.ADJUSTED and line.adjusted is not None:
            cells = line.adjusted
            receipt = as_json(work.decided.receipt(line.adjusted_at))
        reason, text = _reason(line, step.outcome)
        return self._tables.decisions.add(
            contribution_id=number,
            contract_id=work.id,
            number=place,
            outcome=str(step.outcome),
            amount_cents=step.cents,
            reason=reason,
            text=text,
            rule=f"blocks.{line.block.key}" if reason else "",
            cells=as_json(json_cells(cells)),
            receipt=receipt if step.outcome in (Outcome.ACCEPTED, Outcome.ADJUSTED) else None,
            key=self._books.key(),
            # Who decides again is another person.
            user_id=agreement.adviser if place == 1 else agreement.client.second,
            organisation_id=self._books.deciding(agreement),
            decided_at=step.when,
        )

    def _tell(self, work: Work, line: Line, number: int, step: _Step) -> None:
        reason, text = _reason(line, step.outcome)
        self._books.tell(
            step.when,
            f"contribution.{step.outcome}",
            number,
            work.id,
            work.agreement,
            reason=text,
            details={"cents": step.cents, "reason": reason},
        )

    def _book(
        self, work: Work, line: Line, number: int, step: _Step, before: _Step | None, *, tell: bool
    ) -> None:
        """Take back what an earlier decision booked, and post what this one counts."""
        own = {"contribution_id": number, "reason": _reason(line, step.outcome)[1]}
        if before is not None and before.entry is not None:
            self._books.post(
                work.id,
                work.agreement,
                Kind.REALISED,
                -before.cents,
                on=_effective_on(line, before.outcome),
                when=step.when,
                tell=tell,
                reverses_id=before.entry,
                decision_id=before.id,
                **own,
            )
        if step.cents:
            step.entry = self._books.post(
                work.id,
                work.agreement,
                Kind.REALISED,
                step.cents,
                on=_effective_on(line, step.outcome),
                when=step.when,
                tell=tell,
                decision_id=step.id,
                **own,
            )


def _reason(line: Line, outcome: Outcome) -> tuple[str, str]:
    """Give why an outcome is another than accepted, and the words with it."""
    if outcome == Outcome.ACCEPTED:
        return "", ""
    if outcome == Outcome.REOPENED:
        return str(DecisionReason.MISTAKE), WORDS[DecisionReason.MISTAKE]
    reason = line.reason or DecisionReason.AGREEMENT
    return str(reason), WORDS[reason]


def _effective_on(line: Line, outcome: Outcome) -> date:
    """Give the day whose year an amount belongs to: the last day of the effort."""
    adjusted = outcome == Outcome.ADJUSTED and line.adjusted is not None
    cells = line.adjusted if adjusted and line.adjusted is not None else line.cells
    day = cells.get("eind") or cells.get("begin")
    return day if isinstance(day, date) else line.handed_in

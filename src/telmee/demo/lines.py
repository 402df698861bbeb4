"""Contributions with their decisions and what these book, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from telmee.apps.contributions.cells import fingerprint, row_of
from telmee.apps.contributions.choices import CONFIRMED_STATES, LINK_DAYS, State
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.questions import USUAL_DAYS
from telmee.apps.ledger.choices import Kind
from telmee.apps.organisations.choices import OBJECTION_DAYS
from telmee.apps.receipts.figures import Figure, Named
from telmee.apps.receipts.queries import last_day_of, split_of_figure, years_of_figure
from telmee.core.ledger import InYear, instalment_cents
from telmee.core.schemes.model import Block
from telmee.core.tables.contribution_columns import BEGIN, END, PERSON, REFERENCE
from telmee.demo.agreements import POOL_DAYS, Agreement
from telmee.demo.books import Books, Event
from telmee.demo.effort import WORDS, Cells, Line
from telmee.demo.people import Contractor, moment
from telmee.demo.receipts import Receipts
from telmee.demo.tables import Tables, as_json
from telmee.demo.valuing import Batch

_BY_HELPER = 0.3
_QUESTION = "In de arbeidsovereenkomst staan andere uren. Welke kloppen?"
_OBJECTION = "De urenstaat klopt; de periode staat ook in de arbeidsovereenkomst."
_LONGER = "Wij wachten nog op de urenstaat van de onderaannemer."
_DENIAL = "Deze periode klopt niet: wij begonnen een maand later."
#: About one of so many lines somebody outside was asked, by what kind of effort it is.
_ASKED_OUTSIDE = 11
_COUNTERPARTIES = {
    "placement": "Werkgeversservicepunt Gooi en Vechtstreek",
    "education": "ROC van de regio",
    "work_experience": "ROC van de regio",
    "social_procurement": "Groenwerk",
}
#: One of so many lines was decided on twice, as the contractor objected to the first decision.
_CONTESTED = 29
_RULINGS = {
    Outcome.ACCEPTED: (Ruling.UPHELD, "De urenstaat is alsnog getoond en klopt."),
    Outcome.ADJUSTED: (Ruling.PARTLY, "De urenstaat klopt voor een deel van de periode."),
    Outcome.REJECTED: (Ruling.DISMISSED, "De urenstaat gaat over een andere periode."),
}


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
    """A decision; `entries` are what it booked, and `rest` what one `until` a day left for later.

    `outcome` is what was asked: of effort that was still to come a part is counted.
    """

    id: int
    outcome: Outcome
    cents: int
    when: datetime
    receipt: int | None = None
    figure: Figure | None = None
    entries: list[tuple[int, InYear]] = field(default_factory=list)
    before: int = 0
    rest: int = 0
    until: date | None = None
    last_day: date | None = None
    ruling: Ruling | None = None
    text: str = ""

    @property
    def written(self) -> Outcome:
        """What came out of it."""
        return self.outcome if self.until is None else Outcome.PARTLY


@dataclass(slots=True)
class _Row:
    """A line that is being written: its id, who delivered it when, and what was decided so far.

    `receipt` is the figure that was handed in; a draft has none.
    """

    id: int
    work: Work
    line: Line
    doer: Contractor
    when: datetime
    steps: list[_Step] = field(default_factory=list)
    receipt: int | None = None
    answer_by: date | None = None


class Lines:
    """Writes the lines of contracts that were valued."""

    def __init__(
        self, tables: Tables, books: Books, receipts: Receipts, day: date, rng: Random
    ) -> None:
        self._tables, self._books, self._receipts = tables, books, receipts
        self._day, self._rng = day, rng

    def write(self, work: Work, line: Line, *, tell: bool) -> Handed:
        """Write a line and all that was decided on it; `tell` writes it in the journal too."""
        draft = line.state == State.DRAFT
        row = _Row(
            self._tables.contributions.reserve(),
            work,
            line,
            line.doer or work.agreement.contractor,
            moment(line.handed_in, self._rng),
        )
        if tell and not draft:
            details = {"cents": work.claimed.cents(line.at), "block": line.block.key}
            self._tell(row, "submitted", row.when, details, doer=row.doer)
        for outcome, when in zip(line.outcomes, self._moments(row), strict=True):
            if not self._contested(row, outcome, when, tell=tell):
                self._step(row, outcome, when, tell=tell)
        self._finish(row, tell=tell)
        row.receipt = None if draft else self._keep(row, row.when)
        if line.state == State.OBJECTION:
            row.answer_by = self._object(row)
        elif line.state == State.ASKED:
            row.answer_by = self._ask(row, tell=tell)
        self._contribution(row)
        self._ask_outside(row)
        return self._handed(row)

    def doer(self, agreement: Agreement) -> Contractor:
        """Who delivers a line: mostly the contractor himself."""
        if agreement.helpers and self._rng.random() < _BY_HELPER:
            return self._rng.choice(agreement.helpers)
        return agreement.contractor

    def _moments(self, row: _Row) -> list[datetime]:
        """When each decision on a line fell: after it was handed in, and in their order."""
        days = sorted(max(moment(day, self._rng), row.when) for day in row.line.decided)
        return [day + timedelta(minutes=7 * place) for place, day in enumerate(days, start=1)]

    def _handed(self, row: _Row) -> Handed:
        work, line = row.work, row.line
        return Handed(
            id=row.id,
            reference=str(line.cells[REFERENCE]),
            contract_id=work.id,
            organisation_id=row.doer.id,
            user_id=row.doer.user,
            deciding_id=self._books.deciding(work.agreement),
            adviser_id=work.agreement.adviser,
            block=line.block,
            state=line.state,
            handed_in=line.handed_in,
        )

    def _contribution(self, row: _Row) -> None:
        line, claimed = row.line, row.work.claimed
        stands = row.steps[-1] if row.steps and line.state != State.SUBMITTED else None
        draft = line.state == State.DRAFT
        self._tables.contributions.add(
            id=row.id,
            contract_id=row.work.id,
            organisation_id=row.doer.id,
            key=self._books.key(),
            state=str(line.state),
            value_cents=claimed.cents(line.at),
            value_status=claimed.status(line.at),
            verified_cents=stands.before + stands.cents if stands else None,
            rest_cents=stands.rest if stands and stands.until else None,
            rest_after=stands.last_day if stands and stands.until else None,
            answer_by=row.answer_by,
            pool=self._initiative(row),
            person_id=line.cells.get(PERSON),
            receipt_id=row.receipt,
            decided_id=stands.receipt if stands else None,
            fingerprint=fingerprint(line.cells),
            version=1 + (not draft) + (line.state == State.ASKED) + len(row.steps),
            created_by_id=row.doer.user,
            created_at=row.when - timedelta(hours=self._rng.randrange(1, 90)),
            submitted_at=None if draft else row.when,
            submitted_by_id=None if draft else row.doer.user,
            decided_at=stands.when if stands else None,
            **row_of(line.cells),
        )

    def _initiative(self, row: _Row) -> str | None:
        """The initiative that a line is for: what waits, as far as it ended since that began."""
        agreement = row.work.agreement
        last = _effective_on(row.line, Outcome.ACCEPTED)
        is_in_time = last >= self._day - timedelta(days=POOL_DAYS)
        waits = row.line.state == State.SUBMITTED and agreement.part_bp is not None
        return agreement.pool_key.hex if waits and is_in_time else None

    # Decisions --------------------------------------------------------------------------------

    def _contested(self, row: _Row, outcome: Outcome, when: datetime, *, tell: bool) -> bool:
        """Write the no to which somebody objected before he was right, or not; of some lines."""
        later = when + timedelta(days=12 + row.id % 44)
        ruled = _RULINGS.get(outcome)
        rare = row.id % _CONTESTED == 0 and len(row.line.outcomes) == 1
        if not rare or ruled is None or later.date() >= self._day:
            return False
        if row.line.state not in (State.ACCEPTED, State.ADJUSTED, State.REJECTED):
            return False
        self._step(row, Outcome.REJECTED, when, tell=tell)
        self._object(row, decided=later)
        self._step(row, outcome, later, tell=tell, ruled=ruled)
        return True

    def _step(
        self,
        row: _Row,
        outcome: Outcome,
        when: datetime,
        *,
        tell: bool,
        ruled: tuple[Ruling | None, str] = (None, ""),
    ) -> None:
        """Write a decision, what it books, and that it was made."""
        step = _Step(0, outcome, 0, when, ruling=ruled[0], text=ruled[1])
        if outcome in (Outcome.ACCEPTED, Outcome.ADJUSTED):
            self._value(row, step)
        self._write(row, step, tell=tell)

    def _write(self, row: _Row, step: _Step, *, tell: bool) -> None:
        step.id = self._decision(row, step)
        if tell:
            reason, text = _reason(row.line, step.outcome)
            details = {"cents": step.cents, "reason": reason}
            self._tell(row, step.written, step.when, details, reason=text)
        self._book(row, step, tell=tell)
        row.steps.append(step)

    def _finish(self, row: _Row, *, tell: bool) -> None:
        """Decide on the rest of what was decided in part, where it was over some time ago."""
        line, last = row.line, row.steps[-1] if row.steps else None
        if last is None or last.until is None or last.last_day is None:
            return
        over = moment(last.last_day + timedelta(days=self._rng.randrange(3, 30)), self._rng)
        if line.state in (State.ACCEPTED, State.ADJUSTED):
            if over.date() < self._day:
                rest = _Step(0, last.outcome, last.rest, over, last.receipt, before=last.cents)
                rest.figure = last.figure
                self._write(row, rest, tell=tell)
            else:
                line.state = State.PARTLY

    def _object(self, row: _Row, decided: datetime | None = None) -> date:
        """Write why the contractor does not agree with the last decision, and until when it waits.

        He writes within a day; on every other objection that took the client long it took longer.
        """
        last = row.steps[-1]
        at = last.when + timedelta(hours=20)
        due = at.date() + timedelta(days=OBJECTION_DAYS)
        waits = due < (decided.date() if decided else self._day)
        number = self._tables.objections.add(
            contribution_id=row.id,
            contract_id=row.work.id,
            decision_id=last.id,
            reason=_OBJECTION,
            user_id=row.doer.user,
            organisation_id=row.doer.id,
            made_at=at,
            due=due,
        )
        if not waits or row.id % 2:
            return due
        until = due + timedelta(days=OBJECTION_DAYS // 2)
        self._tables.extensions.add(
            objection_id=number,
            contribution_id=row.id,
            contract_id=row.work.id,
            until=until,
            reason=_LONGER,
            user_id=row.work.agreement.client.second,
            organisation_id=self._books.deciding(row.work.agreement),
            extended_at=at + timedelta(days=OBJECTION_DAYS - 5),
        )
        return until

    def _ask(self, row: _Row, *, tell: bool) -> date:
        """Write a question about a line that waits, with no answer yet, and until when that can be.

        It was asked the day after the line came in.
        """
        agreement, when = row.work.agreement, row.when + timedelta(days=1)
        due = when.date() + timedelta(days=USUAL_DAYS)
        if tell:
            self._tell(row, "asked", when, {}, reason=_QUESTION)
        self._tables.questions.add(
            contribution_id=row.id,
            contract_id=row.work.id,
            receipt_id=row.receipt,
            text=_QUESTION,
            due=due,
            key=self._books.key(),
            user_id=agreement.adviser,
            organisation_id=self._books.deciding(agreement),
            asked_at=when,
        )
        return due

    def _ask_outside(self, row: _Row) -> None:
        """Let somebody outside be asked about some lines; a few wait, and of one it is no."""
        line, asked_at = row.line, row.when + timedelta(days=2)
        who = _COUNTERPARTIES.get(line.block.category)
        rare = row.id % _ASKED_OUTSIDE == 0 and asked_at.date() < self._day
        if who is None or not rare or line.state not in CONFIRMED_STATES:
            return
        link = self._tables.links.add(
            contribution_id=row.id,
            contract_id=row.work.id,
            organisation_id=row.doer.id,
            who=who,
            address="",
            language="nl",
            fingerprint=fingerprint(line.cells),
            token_hash=f"demo-{row.id}",  # the hash of nothing: no token opens it
            key=uuid5(NAMESPACE_URL, f"link {row.id}"),
            expires_at=asked_at + timedelta(days=LINK_DAYS),
            asked_by_id=row.doer.user,
            asked_at=asked_at,
        )
        details = {"link": link, "who": who, "mailed": False}
        self._tell(row, "counterparty_asked", asked_at, details, doer=row.doer)
        answered_at = asked_at + timedelta(days=1)
        if row.id % 2 or answered_at.date() >= self._day:
            return
        confirms = line.state != State.SUBMITTED
        self._tables.counterparty_answers.add(
            link_id=link,
            contribution_id=row.id,
            contract_id=row.work.id,
            confirms=confirms,
            reason="" if confirms else _DENIAL,
            name="Noor Bakker",
            function="Administratie",
            answered_at=answered_at,
        )
        self._tables.events.add(
            at=answered_at,
            verb=f"contribution.counterparty_{'confirmed' if confirms else 'denied'}",
            kind="contribution",
            object_id=row.id,
            contract_id=row.work.id,
            reason="" if confirms else _DENIAL,
            details=as_json({"link": link}),
        )

    def _keep(self, row: _Row, when: datetime) -> int:
        """Keep what a line was worth when it was handed in."""
        work = row.work
        figure = work.claimed.figure(row.line.at, work.id, row.doer.id)
        return self._receipts.keep(figure, work.version, when)

    def _value(self, row: _Row, step: _Step) -> None:
        """Keep what a decision counts; where a person judges, he names an amount."""
        work, line = row.work, row.line
        changed = _adjusted(line, step.outcome) is line.adjusted
        batch, place = (work.decided, line.adjusted_at) if changed else (work.claimed, line.at)
        figure = batch.figure(place, work.id, row.doer.id)
        if figure.cents is None:
            cents = self._rng.randrange(10, 80) * 100_00
            who, why = self._decider(row), _reason(line, step.outcome)[1]
            figure = figure.named_by(Named(cents, who, why))
        done, to_come = split_of_figure(figure, step.when.date())
        takes_all = work.agreement.client.accepts_ahead
        step.cents, step.rest = instalment_cents(done, to_come, 0, takes_all=takes_all)
        if step.rest:
            step.until, step.last_day = step.when.date(), last_day_of(figure)
        step.receipt, step.figure = self._receipts.keep(figure, work.version, step.when), figure

    def _decider(self, row: _Row) -> int:
        """The account that decides; one that decides again is another person's."""
        agreement = row.work.agreement
        return agreement.client.second if row.steps else agreement.adviser

    def _decision(self, row: _Row, step: _Step) -> int:
        work, line = row.work, row.line
        reason, text = _reason(line, step.outcome)
        agreement = work.agreement
        return self._tables.decisions.add(
            contribution_id=row.id,
            contract_id=work.id,
            number=len(row.steps) + 1,
            outcome=str(step.written),
            amount_cents=step.cents,
            before_cents=step.before,
            until=step.until,
            reason=reason,
            text=step.text or text,
            ruling=step.ruling or "",
            rule=f"blocks.{line.block.key}" if reason else "",
            receipt_id=step.receipt,
            key=self._books.key(),
            user_id=self._decider(row),
            organisation_id=self._books.deciding(agreement),
            submitted_at=row.when,
            decided_at=step.when,
        )

    def _book(self, row: _Row, step: _Step, *, tell: bool) -> None:
        """Take back what an earlier decision booked, and post what this one counts."""
        before = row.steps[-1] if row.steps else None
        if before is not None and not step.before:
            for entry, share in before.entries:
                mirror = InYear(share.day, -share.cents)
                self._post(row, before, mirror, step, tell=tell, reverses_id=entry)
        if step.figure is None:
            return
        after = before.until if before is not None and step.before else None
        day = _effective_on(row.line, step.outcome)
        shares = years_of_figure(step.figure, otherwise=day, after=after, until=step.until)
        step.entries = [(self._post(row, step, one, step, tell=tell), one) for one in shares]

    def _post(
        self, row: _Row, what: _Step, share: InYear, by: _Step, *, tell: bool, **more: int | None
    ) -> int:
        """Post what a decision counted or counts in a year, by the decision that is made now."""
        return self._books.post(
            row.work.id,
            row.work.agreement,
            Kind.REALISED,
            share.cents,
            on=share.day,
            when=by.when,
            tell=tell,
            contribution_id=row.id,
            decision_id=what.id,
            receipt_id=what.receipt,
            reason=_reason(row.line, by.outcome)[1],
            **more,
        )

    def _tell(
        self,
        row: _Row,
        what: str,
        when: datetime,
        details: Mapping[str, object],
        *,
        doer: Contractor | None = None,
        reason: str = "",
    ) -> None:
        self._books.tell(
            Event(f"contribution.{what}", row.id, when, reason, details),
            row.work.id,
            row.work.agreement,
            doer=doer,
        )


def _adjusted(line: Line, outcome: Outcome) -> Cells:
    """The cells on which is decided: the client's where he changed them, or as handed in."""
    changed = outcome == Outcome.ADJUSTED and line.adjusted is not None
    return line.adjusted if changed and line.adjusted is not None else line.cells


def _reason(line: Line, outcome: Outcome) -> tuple[str, str]:
    """Why an outcome is another than accepted, and the words with it; both empty for accepted."""
    if outcome == Outcome.ACCEPTED:
        return "", ""
    if outcome == Outcome.REOPENED:
        return str(DecisionReason.MISTAKE), WORDS[DecisionReason.MISTAKE]
    usual = DecisionReason.EVIDENCE if outcome == Outcome.REJECTED else DecisionReason.AGREEMENT
    reason = line.reason or usual
    return str(reason), WORDS[reason]


def _effective_on(line: Line, outcome: Outcome) -> date:
    """The day whose year an amount belongs to where its figure has no days."""
    cells = _adjusted(line, outcome)
    day = cells.get(END) or cells.get(BEGIN)
    return day if isinstance(day, date) else line.handed_in

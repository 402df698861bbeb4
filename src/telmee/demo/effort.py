"""What contractors did, as they would write it down, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from telmee.apps.contributions.choices import State
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.core.schemes.model import Block, Scheme
from telmee.core.valuation.asks import Ask, asks_of
from telmee.demo.people import Contractor

Cells = dict[str, object]
_Step = TypeVar("_Step", Outcome, State)

#: How often each kind of effort occurs.
_WEIGHTS = {
    "placement": 6.0,
    "education": 4.0,
    "work_experience": 2.0,
    "social_procurement": 6.0,
    "training": 1.5,
    "activity": 2.0,
}
_DAYS_LATE_MAX = 15
#: Share of what was handed in lately that waits longer than it takes, and for how many days.
_FORGOTTEN, WAITS_DAYS_MAX = 0.1, 60
#: How old a line is at most that somebody still has to look at again.
_LOOKED_AT_AGAIN_DAYS_MAX = 75
#: Share of what was decided lately that is objected to: those of before were settled.
_OBJECTED = 0.02
#: Of the lines that wait, the part about which something was asked that has no answer yet.
_ASKED_ABOUT = 0.08
#: What happens with a line: the steps of the client, by how often. `None` is a contractor who
#: takes it back himself.
_COURSES: tuple[tuple[float, State, tuple[Outcome, ...]], ...] = (
    (0.855, State.ACCEPTED, (Outcome.ACCEPTED,)),
    (0.06, State.ADJUSTED, (Outcome.ADJUSTED,)),
    (0.035, State.REJECTED, (Outcome.REJECTED,)),
    (0.012, State.WITHDRAWN, ()),
    (0.006, State.OBJECTION, (Outcome.ADJUSTED,)),
    (0.006, State.OBJECTION, (Outcome.REJECTED,)),
    (0.012, State.ADJUSTED, (Outcome.ACCEPTED, Outcome.REOPENED, Outcome.ADJUSTED)),
    (0.004, State.SUBMITTED, (Outcome.ACCEPTED, Outcome.REOPENED)),
    (0.01, State.ACCEPTED, (Outcome.REJECTED, Outcome.REOPENED, Outcome.ACCEPTED)),
)
_COURSE_WEIGHTS = [weight for weight, _, _ in _COURSES]
#: Reasons with the words that an adviser would write.
WORDS: dict[DecisionReason, str] = {
    DecisionReason.EVIDENCE: "De urenstaat past niet bij de periode; graag een nieuwe aanleveren.",
    DecisionReason.TARGET_GROUP: "Uit de doelgroepverklaring blijkt een andere doelgroep.",
    DecisionReason.PERIOD: "De laatste maand valt buiten de arbeidsovereenkomst.",
    DecisionReason.HOURS: "Volgens de urenstaat is er vier uur per week minder gewerkt.",
    DecisionReason.AMOUNT: "Op de factuur staat een lager bedrag zonder btw.",
    DecisionReason.DOUBLE: "Deze inzet is al geteld bij een eerdere inspanning.",
    DecisionReason.AGREEMENT: "Bedrag zoals besproken in het voortgangsoverleg.",
    DecisionReason.MISTAKE: "Bij de eerste beoordeling is een bewijsstuk over het hoofd gezien.",
}


@dataclass(slots=True)
class Line:
    """A contribution on its way: what is claimed, and every step that was taken with it.

    `adjusted` are the cells as the client decided them, where he changed any. `at` and
    `adjusted_at` are places in the batches that are valued.
    """

    cells: Cells
    block: Block
    handed_in: date
    state: State = State.SUBMITTED
    outcomes: tuple[Outcome, ...] = ()
    decided: tuple[date, ...] = ()
    reason: DecisionReason | None = None
    adjusted: Cells | None = None
    helper: int | None = None
    at: int = 0
    adjusted_at: int = 0
    follows: bool = False
    doer: Contractor | None = None


class Working:
    """Writes the lines of a contract, by chance and the same ones each time."""

    def __init__(self, day: date, rng: Random) -> None:
        self._day, self._rng = day, rng

    def lines(
        self, scheme: Scheme, start: date, end: date, *, count: int, contract: int
    ) -> list[Line]:
        """A contract's lines in the order in which they were handed in.

        Pseudonyms name the contract, so that no two contractors in a batch mean the same person.
        """
        handed_in: list[Line] = []
        last = min(end, self._day - timedelta(days=20))
        while len(handed_in) < count and start < last:
            begin = start + timedelta(days=self._rng.randrange((last - start).days))
            handed_in.extend(
                self._effort(scheme, begin, end, f"K{contract}-{len(handed_in) + 1:02}")
            )
        del handed_in[count:]
        handed_in.sort(key=lambda line: line.handed_in)
        for number, line in enumerate(handed_in, start=1):
            line.cells = {"kenmerk": f"{line.handed_in:%y}-{number:03}", **line.cells}
            self._go_on(line)
        return handed_in

    def plan(self, scheme: Scheme, start: date, end: date) -> tuple[Cells, int] | None:
        """Promise somebody a place: the cells of one, and how many."""
        blocks = [block for block in scheme.blocks if block.unit.counts_time]
        block = self._rng.choice(blocks)
        begin = max(start, self._day - timedelta(days=self._rng.randrange(-60, 90)))
        until = min(end, begin + timedelta(days=self._rng.choice((181, 364))))
        if begin >= until:
            return None
        cells: Cells = {"bouwblok": block.key, "begin": begin, "eind": until}
        if "uren_per_week" in _ask(scheme, block.key).required:
            cells["uren_per_week"] = self._rng.choice((24_00, 28_00, 32_00, 36_00))
        return cells, self._rng.choice((1, 1, 2, 3))

    def _effort(self, scheme: Scheme, begin: date, end: date, person: str) -> Iterator[Line]:
        """One effort: a purchase or an activity of a day, or somebody's work in periods."""
        rng = self._rng
        blocks, weights = _blocks(scheme)
        (block,) = rng.choices(blocks, weights)
        ask = _ask(scheme, block.key)
        if not block.unit.counts_time:
            cells = {**self._bought(ask, begin), "begin": begin, "eind": begin}
            yield self._line(cells, block, begin)
            return
        fixed = self._work(ask, person)
        periods = rng.choice((1, 1, 1, 2, 2, 3))
        counts_until = begin + timedelta(days=30 * (block.max_months or 120))
        for _ in range(periods):
            until = min(end, begin + timedelta(days=rng.choice((90, 181, 181, 364))))
            if begin >= until or begin > self._day or until > counts_until + timedelta(days=5):
                return
            cells = {**fixed, "begin": begin, "eind": until}
            yield self._line(cells, block, until, follows=periods > 1)
            begin = until + timedelta(days=1)

    def _line(self, cells: Cells, block: Block, until: date, *, follows: bool = False) -> Line:
        handed_in = self._handed_in(until)
        begin = cells["begin"]
        if isinstance(begin, date):
            handed_in = max(begin, handed_in)
        return Line({"bouwblok": block.key, **cells}, block, handed_in, follows=follows)

    def _work(self, ask: Ask, person: str) -> Cells:
        cells: Cells = {"persoon": person}
        rng = self._rng
        if "uren_per_week" in ask.required:
            cells["uren_per_week"] = rng.choice((16_00, 20_00, 24_00, 24_00, 28_00, 32_00, 36_00))
        if "voltijd_uren_per_jaar" in ask.required:
            cells["voltijd_uren_per_jaar"] = 1872_00
        plain = [bonus for bonus in ask.bonuses if not ask.with_bonus.get(bonus.key)]
        if plain and rng.random() < 0.2:
            cells["toeslagen"] = rng.choice(plain).key
        return cells

    def _bought(self, ask: Ask, day: date) -> Cells:
        rng, cells = self._rng, Cells()
        if "bedrag" in ask.required:
            cells["bedrag"] = round(rng.lognormvariate(8.6, 0.8)) * 100
        if "aantal" in ask.required:
            cells["aantal"] = rng.randrange(1, 4)
        if "uren" in ask.either or "uren" in ask.required:
            cells["uren"] = rng.randrange(4, 60) * 100
        if "certificaat" in ask.required:
            cells["certificaat"] = rng.choice(ask.certificates).key
            cells["certificaat_tot"] = day + timedelta(days=rng.randrange(30, 500))
        return cells

    def _handed_in(self, until: date) -> date:
        """The day somebody gets round to handing in: mostly in the two weeks after a quarter."""
        rng = self._rng
        month = (until.month - 1) // 3 * 3 + 3
        quarter = date(until.year + month // 12, month % 12 + 1, 1)
        late = rng.randrange(_DAYS_LATE_MAX) if rng.random() < 0.75 else rng.randrange(75)
        day = quarter + timedelta(days=late)
        # Of what is not over yet, the part so far is handed in; and some are early.
        return day if day <= self._day else self._day - timedelta(days=rng.randrange(45))

    def _go_on(self, line: Line) -> None:
        """Decide what became of a line, from how long ago it was handed in."""
        rng = self._rng
        age = (self._day - line.handed_in).days
        takes = min(60, int(rng.lognormvariate(2.1, 0.8)))
        if age <= takes or (age <= WAITS_DAYS_MAX and rng.random() < _FORGOTTEN):
            line.state = State.DRAFT if age < 20 and rng.random() < 0.2 else State.SUBMITTED
            if line.state == State.SUBMITTED and age > 2 and rng.random() < _ASKED_ABOUT:
                line.state = State.ASKED
            return
        line.state, line.outcomes = self._course(line, age - takes, age)
        if line.block.judgement is not None or line.block.unit == "agreement":
            line.outcomes = tuple(_judged(o) for o in line.outcomes)
            line.state = _judged(line.state)
        days = range(1, len(line.outcomes) + 1)
        line.decided = tuple(
            min(self._day, line.handed_in + timedelta(days=takes * part)) for part in days
        )
        self._adjust(line)

    def _course(self, line: Line, decided_ago: int, age: int) -> tuple[State, tuple[Outcome, ...]]:
        """What happened with a line; what waits again or was objected to is not old."""
        if line.follows:
            return _COURSES[0][1:]
        _, state, outcomes = self._rng.choices(_COURSES, _COURSE_WEIGHTS)[0]
        is_recent = age <= _LOOKED_AT_AGAIN_DAYS_MAX and decided_ago > 2
        if is_recent and outcomes and self._rng.random() < _OBJECTED:
            return State.OBJECTION, (self._rng.choice((Outcome.ADJUSTED, Outcome.REJECTED)),)
        if is_recent or state not in (State.OBJECTION, State.SUBMITTED):
            return state, outcomes
        return (State(outcomes[0]), outcomes[:1])

    def _adjust(self, line: Line) -> None:
        reasons = list(WORDS)[:3]
        if Outcome.ADJUSTED in line.outcomes:
            line.adjusted, line.reason = _less(line.cells)
        elif Outcome.REJECTED in line.outcomes:
            line.reason = self._rng.choice(reasons)


def _judged(step: _Step) -> _Step:
    """What a person judges is never simply accepted: he names the amount."""
    return type(step)("adjusted") if step == "accepted" else step


def _less(cells: Cells) -> tuple[Cells, DecisionReason]:
    """Change the cell that an adviser would, to what he found."""
    if isinstance(hours := cells.get("uren_per_week"), int):
        return {**cells, "uren_per_week": max(12_00, hours - 4_00)}, DecisionReason.HOURS
    if isinstance(cents := cells.get("bedrag"), int):
        return {**cells, "bedrag": cents * 4 // 5}, DecisionReason.AMOUNT
    if isinstance(hours := cells.get("uren"), int):
        return {**cells, "uren": hours * 3 // 4}, DecisionReason.HOURS
    begin, end = cells["begin"], cells["eind"]
    if isinstance(begin, date) and isinstance(end, date) and (end - begin).days > 40:
        return {**cells, "eind": end - timedelta(days=30)}, DecisionReason.PERIOD
    return dict(cells), DecisionReason.AGREEMENT


_ASKS: dict[tuple[str, str], Ask] = {}


def _ask(scheme: Scheme, block: str) -> Ask:
    """What a block asks, looked up once."""
    key = scheme.sha256, block
    if key not in _ASKS:
        _ASKS[key] = asks_of(scheme, block)
    return _ASKS[key]


def _blocks(scheme: Scheme) -> tuple[Sequence[Block], Sequence[float]]:
    return scheme.blocks, [_WEIGHTS.get(block.category, 1.0) for block in scheme.blocks]

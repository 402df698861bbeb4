"""A line is worth what somebody comes to who has its story and nothing else.

The reader below knows no scheme and no engine: he has the steps of one line, a calendar and a
pencil. From the dates, hours, months and amounts that are told he does the clock of the person,
the period, the base, the bonuses and the caps again, and must come to the same cents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from telmee.core.explain import Step
from telmee.core.periods import day_of
from telmee.core.schemes.model import Cap, DayCount, Unit
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.clocks import NAMED_MAX
from telmee.core.valuation.decided import value_after
from telmee.core.valuation.explanation import explain
from telmee.texts import LANGUAGES, step_text
from tests import oracle
from tests.builders import contributions_of
from tests.oracle import DAY, add_months, half_up
from tests.strategies import Case, Thrown, a_case, a_scheme, block_of, scheme_of

Row = dict[str, Any]


class Reader:
    """Somebody with the steps of one line."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = [step for step in steps if step.step != "to_check"]
        self.named = {step.step: step for step in self.steps}

    def told(self, name: str) -> Any:
        return self.named[name].value if name in self.named else None

    def facts(self, name: str) -> Mapping[str, Any]:
        return self.named[name].params

    # The clock --------------------------------------------------------------------------------

    def last_on_clock(self) -> date | None:
        """The last day that counts on the clock: the first day, the months, what gaps move."""
        if "limit_to" not in self.named:
            return None
        facts = self.facts("limit_to")
        if facts["how"] in ("benefit", "benefit_before"):
            return add_months(self.told("last_benefit_day") + DAY, facts["months"]) - DAY
        start = self.told("clock_start") or self.told("counted_from") or facts["start"]
        assert facts["start"] == start
        moved = self.moved(start)
        assert facts["moved"] == moved
        return add_months(start, facts["months"]) + timedelta(days=moved) - DAY

    def moved(self, start: date) -> int:
        moved, covered = 0, start - DAY
        for step in self.steps:
            if step.step == "clock_lines":
                moved, covered = moved + int(str(step.params["moved"])), day(step.value)
            if step.step == "clock_line":
                moved += self.gap(step, covered, day(step.params["first"]), step.params.get("gap"))
                assert step.params["days"] == (day(step.value) - day(step.params["first"])).days + 1
                covered = max(covered, day(step.value))
        if "clock_start" in self.named:
            begins = self.told("counted_from") or self.first_day()
            gap = self.named.get("clock_gap")
            moved += self.gap(gap, covered, begins, gap and gap.value)
        return moved

    def gap(self, step: Step | None, covered: date, first: date, told: Any) -> int:
        """The days by which a gap moves the end: all of it when it is shorter than the months."""
        gap = max((first - covered).days - 1, 0)
        assert gap == (told or 0)
        if not gap or step is None or step.params["how"] == "runs_on":
            return 0
        short = add_months(covered + DAY, int(str(step.params["months"]))) > first
        assert step.params["how"] == ("moves" if short else "too_long")
        return gap if short else 0

    # The period -------------------------------------------------------------------------------

    def first_day(self) -> date:
        return day(max(filter(None, (self.told("begin"), self.told("contract_begin")))))

    def period(self) -> tuple[date, date]:
        first = self.first_day()
        end = self.told("end")
        if end is None:  # filled in for the line, or a line of one day
            how = self.facts("counted_to").get("how")
            end = self.told("counted_to") if how == "until" else None
        bounds = (end, self.told("contract_end"), self.last_on_clock())
        last = min((bound for bound in bounds if bound), default=first)
        if "limit_to" not in self.named and self.told("end") is None and end is None:
            last = min(last, self.told("counted_to"))
        assert (self.told("counted_from"), self.told("counted_to")) == (first, last)
        return first, last

    def time(self) -> Fraction:
        first, last = self.period()
        if "months" in self.named:
            return oracle.whole_and_part(first, last, 1)
        how = self.facts("years")["how"]
        if how == "worked_hours":
            return Fraction(self.told("hours")) / Fraction(self.told("full_time_hours"))
        if how in (DayCount.DAYS_365, DayCount.WEEKS_52):
            return oracle.years(first, last, DayCount(how))
        monthly = str(how).startswith("months")
        return oracle.years(first, last, DayCount.MONTHS if monthly else DayCount.ANNIVERSARY)

    def share(self) -> Fraction:
        if "hours_share" not in self.named:
            return Fraction(1)
        full_time = Fraction(self.facts("hours_share")["full_time"])
        return min(Fraction(self.told("weekly_hours")), full_time) / full_time

    # The cents --------------------------------------------------------------------------------

    def base(self) -> tuple[Fraction, Fraction]:
        """What the block is worth, and the factor that a bonus follows."""
        facts = self.facts("base_cents")
        if facts["how"] == "actual_cost":
            paid = Fraction(self.told("amount")) * self.part_of_days()
            return paid * facts["percentage"] / 100, Fraction(1)
        amount = Fraction(facts["amount"])
        if facts["how"] == "day_maximum":
            return min(Fraction(self.told("amount")), amount * self.told("count")), Fraction(1)
        factor = self.factor(facts["how"])
        return amount * factor, factor

    def factor(self, how: str) -> Fraction:
        if how == "hour":
            count = self.told("count")
            return self.hours() * (1 if count is None else count)
        if how in ("piece", "part_day", "internship_period"):
            count = self.told("count")
            return Fraction(1 if count is None else count)
        return self.time() * (self.share() if how == "full_time_year" else 1)

    def part_of_days(self) -> Fraction:
        """Of hours or a cost as much counts as days count, of those in the contract."""
        if "limited_days" not in self.named:
            return Fraction(1)
        facts = self.facts("limited_days")
        first, last = self.period()
        assert facts["counted"] == (last - first).days + 1
        bounds = [bound for bound in (self.told("end"), self.told("contract_end")) if bound]
        if self.told("end") is not None:
            assert facts["within"] == (min(bounds) - first).days + 1
        return Fraction(facts["counted"], facts["within"])

    def hours(self) -> Fraction:
        """The hours that count: of the days that do, at most so many a week and together."""
        hours = Fraction(self.told("hours")) * self.part_of_days()
        if "weekly_hours_most" in self.named:
            facts = self.facts("weekly_hours_most")
            most = Fraction(facts["hours"]) * facts["counted"] / 7
            assert most == self.told("weekly_hours_most") < hours
            hours = most
        if "hours_left" in self.named:
            facts, left = self.facts("hours_left"), Fraction(self.told("hours_left"))
            weekly = Fraction(facts["hours"]) * facts["days"] / 7 if "days" in facts else None
            assert left == (weekly or Fraction(facts.get("most", 0))) - facts["used"] < hours
            hours = left
        assert hours == self.told("hours_counted" if "hours_counted" in self.named else "hours")
        return hours

    def bonus(self, facts: Mapping[str, Any], factor: Fraction) -> int:
        how = facts["how"]
        if how in ("not_highest", "given_on"):
            return 0
        if how == "actual_cost":
            return half_up(Fraction(self.told("amount")) * facts["percentage"] / 100)
        times = {"once": Fraction(1), "yearly_amount": Fraction(1), "as_base": factor}
        if how == "full_time_year":
            times[how] = self.time() * self.share()
        return half_up(facts["amount"] * times[how])

    def cents(self) -> int:
        exact, factor = self.base()
        cents = half_up(exact)
        assert cents == self.told("base_cents")
        for step in self.steps:
            facts = step.params
            if step.step == "bonus_cents":
                assert step.value == self.bonus(facts, factor)
                cents += int(str(step.value))
            if step.step.startswith("cap_"):
                left = int(str(facts["allowance_cents"])) - int(str(facts["used_cents"]))
                if "owed_cents" in facts:
                    share = Fraction(str(facts["percentage"])) / 100
                    assert facts["allowance_cents"] == half_up(
                        int(str(facts["owed_cents"])) * share
                    )
                assert step.value == cents - left > 0
                cents = left
            if step.step == "decided_before":
                cents -= min(cents, self.lost())
        return cents

    def lost(self) -> int:
        """What decided lines would lose beside this one, those that gain taken off."""
        return sum(
            int(str(step.params["alone_cents"])) - int(str(step.params["beside_cents"]))
            for step in self.steps
            if step.step in ("decided_line", "decided_lines")
        )


def day(value: Any) -> date:
    assert isinstance(value, date)
    return value


def valued(case: Case) -> Valuation:
    lines = contributions_of(case.rows, case.unread)
    until = None if case.until is None else day_of(case.until)
    return value(case.scheme, lines, until=until, obligations=case.obligations)


def test_random_lines_are_worth_what_their_stories_come_to() -> None:
    dice, seen = Thrown(7), Counter[str]()
    for _ in range(900):
        valuation = valued(a_case(dice, a_scheme(dice), lines=10))
        for line in range(len(valuation)):
            steps = explain(valuation, line)
            reader = Reader(steps)
            cents = valuation.value_cents(line)
            if cents is not None:
                assert reader.cents() == cents
            elif "limit_to" in reader.named and "counted_to" not in reader.named:
                last = reader.last_on_clock()
                assert last == reader.told("limit_to") < reader.first_day()
                seen["refused"] += 1
            seen.update(
                {step.step for step in steps} | {str(step.params.get("how")) for step in steps}
            )
    for what in ("refused", "clock_line", "moves", "too_long", "runs_on", "used", "given_on"):
        assert seen[what] > 20, what


def test_decided_in_any_order_each_story_comes_to_its_value() -> None:
    dice, displaced = Thrown(9), 0
    for _ in range(120):
        case = a_case(dice, a_scheme(dice), lines=6)
        rows = list(reversed(case.rows))
        until = None if case.until is None else day_of(case.until)
        for place, row in enumerate(rows):
            before, line = contributions_of(rows[:place]), contributions_of([row])
            found = value_after(
                case.scheme, before, line, until=until, obligations=case.obligations
            )
            if found.value_cents is not None:
                reader = Reader(found.explain())
                assert reader.cents() == found.value_cents
                displaced += "decided_before" in reader.named
    assert displaced > 10


# By hand ------------------------------------------------------------------------------------------

TWELVE = scheme_of(
    weekly_hours=36_00,
    gap_months=3,
    blocks=(block_of("work", Unit.FULL_TIME_YEAR, amount_cents=36_500_00, max_months=12),),
)
CONTRACT: Row = {"contract_begin": date(2024, 1, 1), "contract_eind": date(2029, 12, 31)}


def work(reference: str, begin: date, end: date, **cells: Any) -> Row:
    row = {"kenmerk": reference, "bouwblok": "work", "persoon": "A-1", "uren_per_week": 36}
    return {**row, **CONTRACT, "begin": begin, "eind": end, **cells}


def story(rows: Sequence[Row], line: int, scheme: Any = TWELVE) -> list[str]:
    steps = explain(value(scheme, contributions_of(rows)), line)
    return [step_text(step, "en") for step in steps if step.step.startswith(("clock", "limit"))]


def test_the_limit_that_refuses_ends_on_the_last_day_that_did_count() -> None:
    rows = [
        work("first", date(2025, 3, 1), date(2026, 2, 28)),
        work("second", date(2026, 3, 1), date(2026, 5, 31)),
    ]
    assert story(rows, 1) == [
        "This person's time counts from 1 March 2025, on an earlier line.",
        "first counted from 1 March 2025 up to and including 28 February 2026: 365 days.",
        "Here a person counts for at most 12 months: from 1 March 2025 up to and including "
        "28 February 2026, so no longer on this line.",
    ]


@pytest.mark.parametrize(
    ("begin", "gap", "last"),
    [
        (
            date(2025, 9, 30),
            "91 days, shorter than 3 months: the end moves on by 91 days",
            "1 April",
        ),
        (
            date(2025, 10, 1),
            "92 days, not shorter than 3 months: the end does not move",
            "31 December",
        ),
    ],
)
def test_a_gap_of_exactly_the_limit_moves_nothing_and_says_so(
    begin: date, gap: str, last: str
) -> None:
    rows = [
        work("first", date(2025, 1, 1), date(2025, 6, 30)),
        work("second", begin, date(2027, 1, 31)),
    ]
    told = story(rows, 1)
    assert told[2] == f"Before this line nothing counted for {gap}."
    assert f"up to and including {last} " in told[3]


def test_where_no_source_speaks_of_gaps_the_story_says_so() -> None:
    rows = [
        work("first", date(2025, 1, 1), date(2025, 3, 31)),
        work("second", date(2025, 4, 11), date(2025, 12, 31)),
        work("third", date(2026, 2, 1), date(2026, 2, 28)),
    ]
    told = story(rows, 2, replace(TWELVE, gap_months=None))
    assert told[2].startswith("After that nothing counted for 10 days. No source says")
    assert told[3].startswith("Before this line nothing counted for 31 days. No source says")
    assert told[4].endswith("up to and including 31 December 2025, so no longer on this line.")


def test_many_earlier_lines_are_taken_together_and_the_clock_still_adds_up() -> None:
    weeks = [date(2025, 1, 6) + timedelta(weeks=2 * n) for n in range(NAMED_MAX + 12)]
    rows = [work(f"w{n}", begin, begin + 6 * DAY) for n, begin in enumerate(weeks)]
    valuation = value(TWELVE, contributions_of(rows))
    for line in range(len(rows)):
        steps = explain(valuation, line)
        assert Reader(steps).cents() == valuation.value_cents(line)
        assert sum(step.step == "clock_line" for step in steps) == min(line, NAMED_MAX)
    assert "The first 11 lines of this person counted from 6 January 2025" in story(rows, 19)[1]


def test_what_an_earlier_line_used_is_what_that_line_says_itself() -> None:
    dice, compared = Thrown(3), 0
    for _ in range(150):
        valuation = valued(a_case(dice, a_scheme(dice), lines=8))
        told = [Reader(explain(valuation, line)) for line in range(len(valuation))]
        for step in (step for reader in told for step in reader.steps):
            if step.step == "clock_line":
                earlier = told[valuation.lines.reference.index(str(step.params["reference"]))]
                used = earlier.told("counted_from"), earlier.told("counted_to")
                # Of a line that is worth too much nothing is told, but it did use the clock.
                if "counted_from" in earlier.named:
                    assert used == (step.params["first"], step.value)
                    compared += 1
    assert compared > 40


def test_a_cap_says_what_earlier_lines_used_of_it() -> None:
    cap = Cap("most", "person", 1_000_00, None, frozenset(["work"]))
    rows = [
        work("first", date(2025, 1, 1), date(2025, 1, 7)),
        work("second", date(2025, 1, 8), date(2025, 1, 14)),
        work("third", date(2025, 1, 15), date(2025, 1, 15)),
    ]
    valuation = value(replace(TWELVE, caps=(cap,)), contributions_of(rows))
    told = [
        [step_text(step, "en") for step in explain(valuation, line) if step.step.startswith("cap")]
        for line in range(3)
    ]
    most = "At most €1,000.00 counts, by a maximum of €1,000.00 per person."
    assert told == [
        [],
        [f"{most} Earlier lines used €700.00 and €300.00 is left: €400.00 comes off."],
        [f"{most} Earlier lines used €1,000.00 and €0.00 is left: €100.00 comes off."],
    ]


def test_what_a_line_takes_from_decided_ones_is_told_by_name() -> None:
    decided = contributions_of([work("decided", date(2025, 7, 1), date(2026, 6, 30))])
    new = contributions_of([work("new", date(2025, 1, 1), date(2025, 6, 30))])
    found = value_after(TWELVE, decided, new)
    for language in LANGUAGES:
        told = [step_text(s, language) for s in found.explain() if s.step.startswith("decided")]
        assert len(told) == 2
        assert told[0].startswith("decided ")
    assert Reader(found.explain()).cents() == found.value_cents == 0


def test_decided_lines_that_a_reader_may_not_see_are_told_together_and_without_a_name() -> None:
    cap = Cap("share", "contract", None, 10_00, frozenset(["work"]))
    scheme = replace(TWELVE, caps=(cap,))
    own = work("own", date(2025, 1, 6), date(2025, 1, 12), contract="C", persoon="A-2")
    others = [
        work("x", date(2025, 1, 13 + n), date(2025, 1, 19 + n), contract="C", persoon=f"B-{n}")
        for n in range(2)
    ]
    decided = contributions_of([row | {"kenmerk": None} for row in others])
    found = value_after(scheme, decided, contributions_of([own]), obligations={"C": 16_000_00})
    told = [step_text(s, "en") for s in found.explain() if s.step.startswith("decided")]
    assert told == [
        "1 other line was already decided at €700.00. With this line before that it "
        "would be €200.00: €500.00 less.",
        "What was already decided on keeps its value: €500.00 comes off.",
    ]
    assert Reader(found.explain()).cents() == found.value_cents == 200_00

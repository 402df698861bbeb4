"""A second valuation, written from docs/algorithms/valuation.md and from nothing of the engine.

It is deliberately naive: one line at a time, `datetime.date` with inclusive last days, `Fraction`,
loops that step from anniversary to anniversary. It imports the scheme's model and nothing of
`telmee.core.valuation` or `telmee.core.periods`, so that both can only agree by both being right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from telmee.core.schemes.model import Block, Bonus, Cap, Certificate, DayCount, Scheme, Unit

Row = Mapping[str, Any]
_T = TypeVar("_T")

DAY = timedelta(days=1)
LATEST = date(9999, 1, 1)
LINE_CENTS_MAX = 10**11
HOURS_MAX = 10_000_000
JUDGEMENT = {
    *("by_agreement", "judged_by_person", "no_amount", "amount_unclear", "no_unit"),
    *("no_hours_basis", "no_percentage", "no_bonus_amount", "bonus_amount_unclear"),
}


@dataclass
class Verdict:
    """What the oracle says about one line; `counted_to` is the last counted day."""

    number: int
    block: Block | None = None
    claimed: list[Bonus] = field(default_factory=list)
    certificate: Certificate | None = None
    faults: set[str] = field(default_factory=set)
    begin: date | None = None
    end: date | None = None
    counted_from: date | None = None
    counted_to: date | None = None
    within_to: date | None = None
    hours: Fraction | None = None
    base: int | None = None
    bonuses: dict[str, int] = field(default_factory=dict)
    caps: dict[str, int] = field(default_factory=dict)
    untested_caps: set[str] = field(default_factory=set)
    value_cents: int | None = None

    @property
    def status(self) -> str:
        if self.faults - JUDGEMENT:
            return "refused"
        return "needs_judgement" if self.faults else "valued"

    @property
    def place(self) -> tuple[date, int]:
        """Where the line stands in the order of the story: by its first day, then its row."""
        return (self.counted_from or LATEST, self.number)


def valued(
    rows: Sequence[Row],
    scheme: Scheme,
    *,
    until: date | None = None,
    obligations: Mapping[str, int] | None = None,
    unread: Iterable[int] = (),
) -> list[Verdict]:
    """Value lines; `unread` are the indexes of lines whose cells could not be read."""
    unreadable = set(unread)
    verdicts = []
    for index, row in enumerate(rows):
        verdict = Verdict(number=row.get("row", index + 2))
        if index in unreadable:
            verdict.faults.add("unread_cells")
        judge(row, verdict, scheme, until)
        verdicts.append(verdict)
    run_clocks(rows, verdicts, scheme)
    count_hours(rows, verdicts)
    for row, verdict in zip(rows, verdicts, strict=True):
        if not verdict.faults:
            compute(row, verdict, scheme)
    give_once_bonuses(rows, verdicts, scheme)
    for verdict in verdicts:
        if not verdict.faults:
            add_up(verdict, scheme)
    for kind in ("day", "person", "contract"):
        for cap in scheme.caps:
            if cap.per == kind:
                apply_cap(cap, rows, verdicts, obligations or {})
    return verdicts


def sure(value: _T | None) -> _T:
    """What an earlier step has made certain is there."""
    assert value is not None
    return value


def total_cents(verdicts: Iterable[Verdict]) -> int:
    return sum(v.value_cents for v in verdicts if v.value_cents is not None)


# --- the calendar ---------------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month; the first of the next month if it lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        year, month = divmod(year * 12 + month + 1, 12)
        return date(year, month + 1, 1)


def whole_and_part(first: date, last: date, step: int) -> Fraction:
    """Whole steps of `step` months from `first`, and the days left over the running step."""
    end = last + DAY
    whole = 0
    while add_months(first, step * (whole + 1)) <= end:
        whole += 1
    reached = add_months(first, step * whole)
    following = add_months(first, step * (whole + 1))
    return whole + Fraction((end - reached).days, (following - reached).days)


def years(first: date, last: date, day_count: DayCount) -> Fraction:
    days = (last - first).days + 1
    if day_count is DayCount.ANNIVERSARY:
        return whole_and_part(first, last, 12)
    if day_count is DayCount.MONTHS:
        return whole_and_part(first, last, 1) / 12
    if day_count is DayCount.DAYS_365:
        return Fraction(days, 365)
    if day_count is DayCount.WEEKS_52:
        return Fraction(days, 7) / 52
    raise AssertionError(day_count)


def half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


# --- one line on its own --------------------------------------------------------------------------


def judge(row: Row, verdict: Verdict, scheme: Scheme, until: date | None) -> None:
    """Find what one line can know about itself: its claims, its faults and its period."""
    block = next((b for b in scheme.blocks if b.key == row.get("bouwblok")), None)
    verdict.block = block
    verdict.begin, verdict.end = row.get("begin"), row.get("eind")
    if block is None:
        verdict.faults.add("unknown_block")
    elif needs_an_end(block) and verdict.end is None and verdict.begin is not None:
        verdict.end = until
    judge_bonuses(row, verdict, scheme)
    if block is not None:
        judge_columns(row, verdict, block)
        judge_figures(row, verdict, block, scheme)
        judge_certificate(row, verdict, block, scheme)
    judge_dates(row, verdict)
    if block is not None and block.unit.counts_time:
        judge_period(row, verdict, block, scheme)
    find_window(row, verdict)


def needs_an_end(block: Block) -> bool:
    return block.unit.counts_time or block.max_weekly_hours is not None


def judge_bonuses(row: Row, verdict: Verdict, scheme: Scheme) -> None:
    known = {bonus.key: bonus for bonus in scheme.bonuses}
    parts = re.split("[,;]", (row.get("toeslagen") or "").lower())
    keys = [re.sub("[- ]+", "_", part.strip()) for part in parts if part.strip()]
    for position, key in enumerate(keys):
        if key in keys[:position]:
            verdict.faults.add("repeated_bonus")
        if key not in known:
            verdict.faults.add("unknown_bonus")
        elif verdict.block is not None and verdict.block.key not in known[key].blocks:
            verdict.faults.add("bonus_outside_blocks")
        else:
            verdict.claimed.append(known[key])


def judge_columns(row: Row, verdict: Verdict, block: Block) -> None:
    """A required column is missing."""
    needed = needed_columns(block)
    for bonus in verdict.claimed:
        if bonus.actual_cost:
            needed.add("bedrag")
        elif not bonus.once and block.unit in (Unit.ACTUAL_COST, Unit.DAY_MAXIMUM):
            needed |= columns_of_years(block, hours_count=True)
    given = {column for column in needed if row.get(column) is not None}
    if verdict.end is not None:
        given.add("eind")
    codes = {
        "begin": "missing_begin",
        "eind": "missing_end",
        "uren_per_week": "missing_weekly_hours",
        "uren": "missing_hours",
        "bedrag": "missing_amount",
        "aantal": "missing_count",
        "voltijd_uren_per_jaar": "missing_full_time_hours",
    }
    verdict.faults |= {codes[column] for column in needed - given}
    if block.unit is Unit.HOUR and block.or_actual_cost:
        hours, amount = row.get("uren") is not None, row.get("bedrag") is not None
        if hours and amount:
            verdict.faults.add("hours_and_amount")
        if not hours and not amount:
            verdict.faults.add("hours_or_amount")


def needed_columns(block: Block) -> set[str]:
    match block.unit:
        case Unit.FULL_TIME_YEAR:
            return columns_of_years(block, hours_count=True)
        case Unit.PERSON_YEAR:
            return columns_of_years(block, hours_count=False)
        case Unit.MONTH:
            return {"begin", "eind"}
        case Unit.HOUR:
            return (set() if block.or_actual_cost else {"uren"}) | needed_days(block)
        case Unit.PIECE | Unit.PART_DAY:
            return {"aantal"}
        case Unit.DAY_MAXIMUM:
            return {"bedrag", "aantal"}
        case Unit.ACTUAL_COST:
            return {"bedrag"} | needed_days(block)
        case Unit.AGREEMENT | Unit.NOT_STATED | Unit.INTERNSHIP_PERIOD:
            return set()


def needed_days(block: Block) -> set[str]:
    """A limit in months needs the first day of a line, one in hours a week the last as well."""
    if block.max_weekly_hours is not None:
        return {"begin", "eind"}
    return set() if block.max_months is None else {"begin"}


def columns_of_years(block: Block, *, hours_count: bool) -> set[str]:
    if block.day_count is DayCount.WORKED_HOURS:
        return {"begin", "eind", "uren", "voltijd_uren_per_jaar"}
    return {"begin", "eind", "uren_per_week"} if hours_count else {"begin", "eind"}


def judge_figures(row: Row, verdict: Verdict, block: Block, scheme: Scheme) -> None:
    """A figure is missing in the scheme, or larger than the system counts with."""
    if block.judgement is not None:
        verdict.faults.add("judged_by_person")
    if block.unit is Unit.AGREEMENT:
        verdict.faults.add("by_agreement")
    elif block.unit is Unit.ACTUAL_COST or by_cost(row, block):
        pass  # the euros are in the line itself
    elif block.amount_cents is None:
        verdict.faults.add("amount_unclear" if block.published else "no_amount")
    elif block.unit is Unit.NOT_STATED:
        verdict.faults.add("no_unit")
    for bonus in verdict.claimed:
        if bonus.amount_cents is None and not (bonus.actual_cost or bonus.yearly_amount):
            verdict.faults.add("bonus_amount_unclear" if bonus.published else "no_bonus_amount")
    if scheme.weekly_hours is None and needs_the_week(verdict, block):
        verdict.faults.add("no_hours_basis")
    if block.unit is Unit.HOUR and row.get("uren") is not None:
        count = 1 if row.get("aantal") is None else row["aantal"]
        if Fraction(row["uren"]) * count > HOURS_MAX:
            verdict.faults.add("too_many_hours")


def needs_the_week(verdict: Verdict, block: Block) -> bool:
    """Something of the line is a part of a full-time week, so that its hours must be known."""
    if block.day_count is DayCount.WORKED_HOURS:
        return False
    by_year = any(not (bonus.once or bonus.actual_cost) for bonus in verdict.claimed)
    on_a_cost = block.unit in (Unit.ACTUAL_COST, Unit.DAY_MAXIMUM)
    return block.unit is Unit.FULL_TIME_YEAR or (on_a_cost and by_year)


def by_cost(row: Row, block: Block) -> bool:
    """The invoice was given where hours or the invoice would do."""
    return (
        block.unit is Unit.HOUR
        and block.or_actual_cost
        and row.get("bedrag") is not None
        and row.get("uren") is None
    )


def judge_certificate(row: Row, verdict: Verdict, block: Block, scheme: Scheme) -> None:
    if not block.needs_certificate:
        return
    key, begin, until = row.get("certificaat"), row.get("begin"), row.get("certificaat_tot")
    if not key:
        verdict.faults.add("missing_certificate")
        return
    if key not in [certificate.key for certificate in scheme.certificates]:
        verdict.faults.add("unknown_certificate")
        return
    verdict.certificate = next((c for c in block.certificates if c.key == key), None)
    if verdict.certificate is None:
        verdict.faults.add("certificate_outside_block")
    elif verdict.certificate.percentage_bp is None:
        verdict.faults.add("no_percentage")
    if until is not None and begin is None:
        verdict.faults.add("missing_begin")
    elif until is not None and until < begin:
        verdict.faults.add("certificate_expired")


def judge_dates(row: Row, verdict: Verdict) -> None:
    """The columns contradict themselves."""
    if verdict.begin and verdict.end and verdict.end < verdict.begin:
        verdict.faults.add("end_before_begin")
    first, last = row.get("contract_begin"), row.get("contract_eind")
    if first and last and last < first:
        verdict.faults.add("contract_end_before_begin")


def judge_period(row: Row, verdict: Verdict, block: Block, scheme: Scheme) -> None:
    """Look-back and minimums, for a line that is a period."""
    begin, end = verdict.begin, verdict.end
    contract_begin, hours = row.get("contract_begin"), row.get("uren_per_week")
    if block.min_weekly_hours and hours is not None and hours * 100 < block.min_weekly_hours:
        verdict.faults.add("too_few_hours")
    look_back = scheme.look_back_months
    if look_back and begin and contract_begin and add_months(begin, look_back) < contract_begin:
        verdict.faults.add("started_too_early")
    if begin is None or end is None or end < begin:
        return
    if block.min_months and add_months(begin, block.min_months) > end + DAY:
        verdict.faults.add("too_short")


def find_window(row: Row, verdict: Verdict) -> None:
    """The days inside the contract. An invoice or activity without `eind` is one day."""
    first, last = verdict.begin, verdict.end
    if last is None and verdict.block is not None and not needs_an_end(verdict.block):
        last = first
    if first is None or last is None or last < first:
        return
    if "contract_end_before_begin" in verdict.faults:
        return
    first = max(first, row.get("contract_begin") or first)
    last = min(last, row.get("contract_eind") or last)
    if first > last:
        verdict.faults.add("outside_contract")
        return
    verdict.counted_from, verdict.counted_to, verdict.within_to = first, last, last
    benefit = row.get("laatste_uitkeringsdag")
    if benefit and verdict.block is not None and verdict.block.from_last_benefit_day:
        end = add_months(benefit + DAY, sure(verdict.block.max_months)) - DAY
        verdict.counted_to = min(last, end)
        if end < first:
            verdict.faults.add("benefit_long_ago")


# --- the clock of a person ------------------------------------------------------------------------


def person_of(row: Row) -> str:
    """The code of a person as it is compared: in plain signs, small letters and single spaces."""
    plain = unicodedata.normalize("NFKC", row.get("persoon") or "")
    return " ".join(plain.casefold().split())


def run_clocks(rows: Sequence[Row], verdicts: Sequence[Verdict], scheme: Scheme) -> None:
    by_person: dict[Any, list[Verdict]] = {}
    for index, (row, verdict) in enumerate(zip(rows, verdicts, strict=True)):
        block = verdict.block
        limited = block is not None and block.max_months and not block.from_last_benefit_day
        if limited and verdict.counted_from and verdict.status != "refused":
            by_person.setdefault(person_of(row) or index, []).append(verdict)
    for lines in by_person.values():
        run_clock(sorted(lines, key=lambda verdict: verdict.place), scheme.gap_months)


def run_clock(lines: Sequence[Verdict], gap_months: int | None) -> None:
    start = covered_to = None
    moved = 0
    for line in lines:
        first = sure(line.counted_from)
        start = start or first
        gap = 0
        if covered_to and first > covered_to + DAY:
            end_of_coverage = covered_to + DAY
            if gap_months and add_months(end_of_coverage, gap_months) > first:
                gap = (first - end_of_coverage).days
        months = sure(sure(line.block).max_months)
        limit = add_months(start, months) + timedelta(days=moved + gap)
        last = min(sure(line.counted_to), limit - DAY)
        if last < first:
            line.faults.add("limit_reached")
            continue
        line.counted_to = last
        moved += gap
        covered_to = max(covered_to or last, last)


# --- the hours that count -------------------------------------------------------------------------


def count_hours(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> None:
    """The hours of each line that its block lets count, the first lines of a person first."""
    before: dict[Any, list[Verdict]] = {}
    for index in sorted(range(len(rows)), key=lambda index: verdicts[index].place):
        row, verdict = rows[index], verdicts[index]
        block, hours = verdict.block, row.get("uren")
        if block is None or block.unit is not Unit.HOUR or hours is None:
            continue
        if verdict.status == "refused" or not block.is_limited_amount:
            continue
        earlier = before.setdefault((person_of(row) or index, block.key), [])
        used = sum((sure(line.hours) for line in earlier), Fraction(0))
        counted = Fraction(hours) * part_of_days(verdict)
        if block.max_weekly_hours is not None:
            a_day = Fraction(block.max_weekly_hours, 700)
            every_day = {day for line in (*earlier, verdict) for day in days_of(line)}
            counted = min(counted, a_day * len(days_of(verdict)), a_day * len(every_day) - used)
        if block.max_hours is not None:
            counted = min(counted, Fraction(block.max_hours, 100) - used)
        verdict.hours = counted
        earlier.append(verdict)


def days_of(verdict: Verdict) -> list[date]:
    first, last = sure(verdict.counted_from), sure(verdict.counted_to)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def part_of_days(verdict: Verdict) -> Fraction:
    """Of the days in the contract, the part that the person's limit lets count."""
    if verdict.counted_from is None:
        return Fraction(1)
    within = (sure(verdict.within_to) - verdict.counted_from).days + 1
    return Fraction(len(days_of(verdict)), within)


# --- cents ----------------------------------------------------------------------------------------


def compute(row: Row, verdict: Verdict, scheme: Scheme) -> None:
    """The base and each bonus on its own, each rounded once."""
    verdict.base = base_cents(row, verdict, scheme)
    factor = Fraction(1)
    if any(not (bonus.once or bonus.actual_cost) for bonus in verdict.claimed):
        factor = bonus_factor(row, verdict, scheme)
    for bonus in verdict.claimed:
        if bonus.actual_cost:
            exact = Fraction(row["bedrag"]) * 100 * Fraction(bonus.percentage_bp, 10_000)
        elif bonus.yearly_amount:
            exact = Fraction(sure(sure(verdict.block).amount_cents))
        else:
            exact = sure(bonus.amount_cents) * (Fraction(1) if bonus.once else factor)
        verdict.bonuses[bonus.key] = half_up(exact)


def base_cents(row: Row, verdict: Verdict, scheme: Scheme) -> int:
    block = sure(verdict.block)
    if block.unit is Unit.ACTUAL_COST:
        part = block.percentage_bp
        if block.needs_certificate:
            part = sure(sure(verdict.certificate).percentage_bp)
        days = part_of_days(verdict) if block.max_months is not None else 1
        return half_up(Fraction(row["bedrag"]) * 100 * Fraction(part, 10_000) * days)
    if by_cost(row, block):
        return half_up(Fraction(row["bedrag"]) * 100)
    amount = sure(block.amount_cents)
    if block.unit is Unit.DAY_MAXIMUM:
        return min(half_up(Fraction(row["bedrag"]) * 100), amount * int(row["aantal"]))
    return half_up(amount * factor_of(row, verdict, scheme))


def factor_of(row: Row, verdict: Verdict, scheme: Scheme) -> Fraction:
    """How many units of the block's amount the line is."""
    block = sure(verdict.block)
    if block.unit is Unit.HOUR:
        hours = Fraction(row["uren"]) if verdict.hours is None else verdict.hours
        return hours * (1 if row.get("aantal") is None else row["aantal"])
    if block.unit in (Unit.PIECE, Unit.PART_DAY):
        return Fraction(row["aantal"])
    if block.unit is Unit.INTERNSHIP_PERIOD:
        return Fraction(1 if row.get("aantal") is None else row["aantal"])
    if block.unit is Unit.MONTH:
        return whole_and_part(sure(verdict.counted_from), sure(verdict.counted_to), 1)
    return full_time_years(row, verdict, scheme, hours_count=block.unit is not Unit.PERSON_YEAR)


def full_time_years(row: Row, verdict: Verdict, scheme: Scheme, *, hours_count: bool) -> Fraction:
    day_count = sure(verdict.block).day_count
    if day_count is DayCount.WORKED_HOURS:
        return Fraction(row["uren"]) / Fraction(row["voltijd_uren_per_jaar"])
    share = Fraction(1)
    if hours_count:
        basis = Fraction(sure(scheme.weekly_hours), 100)
        share = min(Fraction(row["uren_per_week"]), basis) / basis
    return years(sure(verdict.counted_from), sure(verdict.counted_to), day_count) * share


def bonus_factor(row: Row, verdict: Verdict, scheme: Scheme) -> Fraction:
    block = sure(verdict.block)
    if by_cost(row, block):
        return Fraction(1)
    if block.unit in (Unit.ACTUAL_COST, Unit.DAY_MAXIMUM):
        return full_time_years(row, verdict, scheme, hours_count=True)
    return factor_of(row, verdict, scheme)


def give_once_bonuses(rows: Sequence[Row], verdicts: Sequence[Verdict], scheme: Scheme) -> None:
    """Leave a once-only bonus on the person's first line that claims it."""
    for bonus in scheme.bonuses:
        if not bonus.once:
            continue
        seen: set[Any] = set()
        order = sorted(range(len(rows)), key=lambda index: verdicts[index].place)
        for index in order:
            if verdicts[index].faults or bonus not in verdicts[index].claimed:
                continue
            person = person_of(rows[index]) or index
            if person in seen:
                verdicts[index].bonuses[bonus.key] = 0
            seen.add(person)


def add_up(verdict: Verdict, scheme: Scheme) -> None:
    """Keep the highest of each group, then add the bonuses to the base."""
    for group in {bonus.group for bonus in verdict.claimed if bonus.group}:
        members = [bonus for bonus in scheme.bonuses if bonus in verdict.claimed]
        members = [bonus for bonus in members if bonus.group == group]
        best = max(members, key=lambda bonus: verdict.bonuses[bonus.key])  # the first of equals
        for bonus in members:
            if bonus is not best:
                verdict.bonuses[bonus.key] = 0
    verdict.value_cents = sure(verdict.base) + sum(verdict.bonuses.values())
    if verdict.value_cents > LINE_CENTS_MAX:
        verdict.faults.add("value_too_large")
        verdict.value_cents = None


# --- caps -----------------------------------------------------------------------------------------


def apply_cap(
    cap: Cap, rows: Sequence[Row], verdicts: Sequence[Verdict], obligations: Mapping[str, int]
) -> None:
    pots: dict[Any, list[int]] = {}
    for index, verdict in enumerate(verdicts):
        if verdict.value_cents is None or verdict.block is None:
            continue
        if verdict.block.key not in cap.blocks:
            continue
        row = rows[index]
        contract = row.get("contract")
        if cap.per == "day" and verdict.begin is None:
            verdict.untested_caps.add(cap.key)
        elif cap.per == "day":
            pots.setdefault((contract, verdict.begin), []).append(index)
        elif cap.per == "person":
            pots.setdefault(person_of(row) or index, []).append(index)
        elif contract is None or contract not in obligations:
            verdict.untested_caps.add(cap.key)
        else:
            pots.setdefault(contract, []).append(index)
    for pot in pots.values():
        left = allowance(cap, [rows[i] for i in pot], [verdicts[i] for i in pot], obligations)
        for verdict in sorted((verdicts[i] for i in pot), key=lambda verdict: verdict.place):
            worth = sure(verdict.value_cents)
            granted = min(worth, left)
            verdict.caps[cap.key] = worth - granted
            verdict.value_cents = granted
            left -= granted


def allowance(
    cap: Cap, rows: Sequence[Row], verdicts: Sequence[Verdict], obligations: Mapping[str, int]
) -> int:
    """What the lines of one pot may be worth together."""
    if cap.per == "contract":
        return half_up(obligations[rows[0]["contract"]] * Fraction(sure(cap.share_bp), 10_000))
    amount = sure(cap.amount_cents)
    if cap.per == "person":
        return amount
    days = [
        row["aantal"] if verdict.block and verdict.block.unit is Unit.DAY_MAXIMUM else 1
        for row, verdict in zip(rows, verdicts, strict=True)
    ]
    return amount * max(days)

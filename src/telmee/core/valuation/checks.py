"""What a file cannot show and a person should check; it never holds a value back."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from telmee.core.explain import Step, Text, Value
from telmee.core.periods import NO_DAY, date_of
from telmee.core.schemes.model import Cap, DayCount
from telmee.core.schemes.select import outdated_on
from telmee.core.tables.columns import NOTHING
from telmee.core.valuation.arrays import Flags
from telmee.core.valuation.engine import Status, Valuation
from telmee.core.valuation.faults import REFUSED_BITS
from telmee.core.valuation.line import Line

#: Categories in which a line is about somebody, and not about a purchase or hours of employees.
_ABOUT_A_PERSON = ("placement", "education", "work_experience", "training")
#: Fewer or more hours a week than these are looked at again: per month, or a part of full time?
_FEW_HOURS, _MANY_HOURS = 4_00, 60_00
_WEEKS, _MONTHS = 52, 12
#: A larger part of full time than this nobody has: one person and half of another.
_FTE_MAX = 1_50
#: What holds for every line of a block, by code: it follows from the rules, and from no cell.
_GENERAL = frozenset(
    (
        "target_group",
        "condition",
        "reference_date",
        "eligibility",
        "limit_exception",
        "limit_over_contractors",
        "worked_time",
    )
)


def checks_of(line: Line) -> Iterator[Step]:
    """List the checks of a line: the scheme's own conditions, then what the line leaves open."""
    yield from _outdated(line)
    yield from _conditions(line)
    if line.block.category == "placement":
        yield from _who_counts(line)
    if line.block.max_months:
        for note in line.scheme.limit_exceptions:
            yield _check("limit_exception", "limit.exceptions", note.source, note.text)
    yield from _counts_less(line)
    yield from _unlikely_hours(line)
    for code, holds in _left_open(line).items():
        if holds:
            yield _check(code, f"blocks.{line.block.key}")
    yield from _benefit(line)
    yield from _caps(line)


def _outdated(line: Line) -> Iterator[Step]:
    """Whether the version held on the first day of the contract; not known, on that of the line.

    A contract keeps its version, so what begins under it later is under the same rules.
    """
    days = (line.lines.contract_begin[line.number], line.lines.begin[line.number])
    known = next((int(day) for day in days if day != NO_DAY), None)
    if known is not None:
        yield from outdated_on(line.scheme, date_of(known))


def is_general(step: Step) -> bool:
    """Whether a check holds for every line of its block, and not for this line alone."""
    return step.step == "to_check" and step.value in _GENERAL


def _benefit(line: Line) -> Iterator[Step]:
    """What the last day on benefit leaves open, where the months count from it."""
    if not line.block.from_last_benefit_day:
        return
    last, rule = line.lines.last_benefit_day[line.number], f"blocks.{line.block.key}"
    if last == NO_DAY:
        params: dict[str, Value] = {"months": line.block.max_months or 0}
        source = line.scheme.source_of(f"{rule}.max_months")
        yield Step("to_check", "no_last_benefit_day", "code", rule, source, params=params)
    elif last >= line.lines.begin[line.number]:
        yield _check("benefit_after_begin", rule)


def _caps(line: Line) -> Iterator[Step]:
    """The caps of the block that could not be applied: for want of a fact, or of a value.

    Whoever names the value of a line has to know what it may come to with others.
    """
    for cap in line.scheme.caps:
        rule, unknown = f"caps.{cap.key}", line.columns.cap_unknown.get(cap.key)
        source = line.scheme.source_of(rule)
        if unknown is not None and unknown[line.number]:
            yield _check(f"cap_unknown_{cap.per}", rule, source)
        if line.status is Status.NEEDS_JUDGEMENT and line.block.key in cap.blocks:
            yield Step(
                "to_check",
                f"cap_judged_{cap.per}",
                "code",
                rule,
                source,
                params=_most(cap),
                text=cap.label,
            )


def _most(cap: Cap) -> dict[str, Value]:
    """The most that a cap lets lines be worth together, and whether it has a name."""
    how: dict[str, Value] = {} if cap.label is None else {"how": "kind"}
    if cap.share_bp is not None:
        return {**how, "percentage": Fraction(cap.share_bp, 100)}
    return {**how, "amount": cap.amount_cents}


def _check(code: str, rule: str, source: str | None = None, text: Text | None = None) -> Step:
    return Step("to_check", code, "code", rule, source, text=text)


def _conditions(line: Line) -> Iterator[Step]:
    block, rule = line.block, f"blocks.{line.block.key}"
    source = line.scheme.source_of(rule)
    if block.target_group is not None and block.category in _ABOUT_A_PERSON:
        yield _check("target_group", rule, source, block.target_group)
    for condition in block.conditions:
        yield _check("condition", rule, source, condition)
    for _, bonus in line.claimed:
        rule = f"bonuses.{bonus.key}"
        source = line.scheme.source_of(rule)
        yield _check("bonus", rule, source, bonus.label)
        for condition in bonus.conditions:
            yield _check("bonus_condition", rule, source, condition)


def _who_counts(line: Line) -> Iterator[Step]:
    moment = line.scheme.reference_moment
    if moment is not None:
        yield _check("reference_date", "reference_date", moment.source, moment.text)
    for note in line.scheme.eligibility:
        yield _check("eligibility", "eligibility", note.source, note.text)


def counts_less(valuation: Valuation, at: slice = slice(None)) -> Flags:
    """Which lines are periods of which not all days count; hours worked count whole anyway."""
    columns, lines, blocks = valuation.columns, valuation.lines, valuation.scheme.blocks
    timed = [b.unit.counts_time and b.day_count is not DayCount.WORKED_HOURS for b in blocks]
    first, end = columns.counted_from[at], columns.counted_end[at]
    less: Flags = np.array([*timed, False])[columns.block[at]] & (first != NO_DAY)
    less &= (columns.fault[at] & REFUSED_BITS) == 0
    less &= (first > lines.begin[at]) | (end <= columns.end[at])
    return less


def _counts_less(line: Line) -> Iterator[Step]:
    """Say of a period that not all its days count how many do, from when to when, and why."""
    columns, at = line.columns, line.number
    if not counts_less(line.valuation, slice(at, at + 1))[0]:
        return
    first, end = int(columns.counted_from[at]), int(columns.counted_end[at])
    begin, last = int(line.lines.begin[at]), int(columns.end[at])
    limited = end == int(columns.limit_end[at])
    outside = first > begin or NO_DAY < int(line.lines.contract_end[at]) < last
    parameters: dict[str, Value] = {
        "days": end - first,
        "whole": last + 1 - begin,
        "first": date_of(first),
        "last": date_of(end - 1),
        "months": line.block.max_months or 0,
        "how": "both" if limited and outside else "limit" if limited else "contract",
    }
    rule = f"blocks.{line.block.key}"
    yield Step("to_check", "counts_less", "code", rule, params=parameters)


def _unlikely_hours(line: Line) -> Iterator[Step]:
    """Hours a week that are hardly anybody's, with what they would be a month or as fte."""
    hours = int(line.lines.weekly_hours[line.number])
    if hours == NOTHING or _FEW_HOURS <= hours <= _MANY_HOURS:
        return
    code = "many_weekly_hours"
    params: dict[str, Value] = {"hours": Fraction(hours, 100)}
    basis = line.scheme.weekly_hours
    if hours > _MANY_HOURS:
        params["monthly"] = _in_hours(Fraction(hours * _MONTHS, _WEEKS))
    else:
        code = "few_weekly_hours"
        if basis is not None and hours <= _FTE_MAX:
            params |= {"how": "fte", "basis": Fraction(basis, 100)}
            params["full_time"] = _in_hours(Fraction(hours * basis, 100))
    yield Step("to_check", code, "code", "column.uren_per_week", params=params)


def _in_hours(hundredths: Fraction) -> Fraction:
    """Hours with two decimals, for a sentence."""
    return Fraction(int(hundredths + Fraction(1, 2)), 100)


def _left_open(line: Line) -> dict[str, bool]:
    """By code, whether each check holds that follows from an empty cell or a crossed bound."""
    at, lines, columns, block = line.number, line.lines, line.columns, line.block
    period, begin = block.unit.counts_time, lines.begin[at]
    first, last = lines.contract_begin[at], lines.contract_end[at]
    end = begin if columns.end[at] == NO_DAY else columns.end[at]
    dated = bool(begin != NO_DAY)
    on_clock = bool(block.max_months) and not block.from_last_benefit_day
    crosses = dated and bool(begin < first or (last != NO_DAY and end > last))
    cut = dated and bool(columns.counted_from[at] != begin or columns.counted_end[at] != end + 1)
    return {
        "no_contract_begin": bool(first == NO_DAY),
        "no_contract_end": bool(last == NO_DAY),
        "no_person": _is_own_person(line),
        "limit_over_contractors": on_clock,
        "worked_time": on_clock and line.scheme.limit_counted_in == "worked_time",
        "spread_over_days": at in columns.limited and columns.limited[at].part < 1,
        "no_date": not period and not dated,
        "partly_outside_contract": crosses and not period,
        "hours_outside_period": cut and line.is_worked,
        "certificate_not_tested": block.needs_certificate
        and not (dated and bool(lines.certificate_until[at] != NO_DAY)),
    }


def _is_own_person(line: Line) -> bool:
    """Whether a line without `persoon` was taken for a person of its own, and that mattered.

    It does for a period, for a bonus given once, and for a cap for each person.
    """
    if line.lines.person.codes[line.number] != NOTHING:
        return False
    once = any(bonus.once for _, bonus in line.claimed)
    caps = (cap for cap in line.scheme.caps if cap.per == "person")
    capped = any(line.block.key in cap.blocks for cap in caps)
    limited = line.block.is_limited_amount
    return line.block.unit.counts_time or limited or once or capped

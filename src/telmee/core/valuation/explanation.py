"""The story of one line: the engine's columns, as steps.

Nothing is calculated again here. A step repeats a column, names the rule that gave it and what
was assumed. What a file cannot show, and a person should check, is in `checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from telmee.core.explain import Step, Value
from telmee.core.money import WHOLE_BP
from telmee.core.periods import NO_DAY, date_of
from telmee.core.schemes.model import Bonus, Cap, DayCount, Unit
from telmee.core.schemes.secondary import secondary_checks
from telmee.core.tables.cells import shown
from telmee.core.tables.columns import NOTHING, Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION, LAST_BENEFIT_DAY
from telmee.core.valuation.bounds import counted_to_limit, limit_steps, look_back_steps
from telmee.core.valuation.checks import checks_of
from telmee.core.valuation.engine import Status, Valuation
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.limited_steps import limited_steps
from telmee.core.valuation.line import Line, lean_on

_DATES = CONTRIBUTION.of_kind(Kind.DATE)


def explain(valuation: Valuation, number: int) -> tuple[Step, ...]:
    """The story of one line as steps, in the order in which its value came about."""
    line = Line.of(valuation, number)
    story = tuple(_cells(valuation, number, _DATES) if line is None else _story(line))
    refused = line is None or line.status is Status.REFUSED
    checks = () if refused else secondary_checks(valuation.scheme, story)
    return (*_standing(valuation), *story, *checks)


def _standing(valuation: Valuation) -> Iterator[Step]:
    """Say of rules that are a proposal that they are in force nowhere, before any amount."""
    scheme = valuation.scheme
    if scheme.standing == "proposal":
        yield Step("standing", scheme.standing, "code", "standing")


def _story(line: Line) -> Iterator[Step]:
    yield line.step("block", line.block.key, "code", "", text=line.block.label)
    yield from _cells(line.valuation, line.number, _used(line))
    if line.status is Status.REFUSED:
        if line.fault & BIT["started_too_early"]:
            yield from look_back_steps(line)
        if line.fault & (BIT["limit_reached"] | BIT["benefit_long_ago"]):
            yield from limit_steps(line)
        return
    limited = line.columns.limited.get(line.number)
    if line.block.unit.counts_time or limited is not None:
        yield from _time_steps(line)
    if line.status is Status.NEEDS_JUDGEMENT:
        yield from _as_published(line)
    if line.status is Status.VALUED:
        if limited is not None:
            yield from limited_steps(line, limited)
        yield _base_step(line)
        if not line.block.unit.counts_time and line.has_time and limited is None:
            yield from _time_steps(line)
        yield from _bonus_steps(line)
        yield from _cap_steps(line)
        yield _value_step(line)
    yield from checks_of(line)


def _used(line: Line) -> tuple[str, ...]:
    """The Dutch names of the columns that mattered for this line; its story shows no others."""
    used = {*_DATES} - ({LAST_BENEFIT_DAY} if not line.block.from_last_benefit_day else set())
    used |= {*({"certificaat"} if line.block.needs_certificate else set())}
    timed = line.block.unit is Unit.FULL_TIME_YEAR or (
        line.has_time and not line.block.unit.counts_time
    )
    if line.is_worked:
        used |= {"uren", "voltijd_uren_per_jaar"}
    elif timed:
        used.add("uren_per_week")
    if line.block.unit is Unit.HOUR:
        used |= {"bedrag"} if line.by_cost else {"uren", "aantal"}
    if line.block.unit.counts_pieces or line.block.unit is Unit.DAY_MAXIMUM:
        used.add("aantal")
    if line.takes_cost:
        used.add("bedrag")
    return tuple(name for name in CONTRIBUTION if name in used)


def _cells(valuation: Valuation, number: int, names: tuple[str, ...]) -> Iterator[Step]:
    """Repeat the cells of some columns as they were read; an empty one is left out."""
    for name in names:
        column = CONTRIBUTION[name]
        value = _cell(getattr(valuation.lines, column.field)[number], column.kind)
        if value is not None:
            yield Step(column.field, value, column.kind.unit, f"column.{name}")


def _cell(cell: int | str | None, kind: Kind) -> Value:
    """A cell of a batch as people know it; None where it is empty."""
    if cell is None or isinstance(cell, str):
        return cell
    if kind is Kind.DATE:
        return None if cell == NO_DAY else date_of(int(cell))
    if cell == NOTHING:
        return None
    return Fraction(int(cell), 100) if kind is Kind.HOURS else int(cell)


# Time ----------------------------------------------------------------------------------------


def _time_steps(line: Line) -> Iterator[Step]:
    """The days that count, and what they come to in years or months."""
    columns, at = line.columns, line.number
    if columns.counted_from[at] == NO_DAY:
        return
    first = int(columns.counted_from[at])
    cut = first != int(line.lines.begin[at])
    rule = "column.contract_begin" if cut else "column.begin"
    parameters: dict[str, Value] = {"how": "contract"} if cut else {}
    yield from look_back_steps(line)
    yield Step("counted_from", date_of(first), "date", rule, params=parameters)
    yield from limit_steps(line)
    yield _counted_to(line)
    if columns.time_num[at] != NOTHING:
        yield _months_step(line) if line.block.unit is Unit.MONTH else _years_step(line)
    if columns.counted_hours[at] != NOTHING:
        yield _hours_step(line)


def _counted_to(line: Line) -> Step:
    """The last day that counts, and which of its bounds came first."""
    columns, at = line.columns, line.number
    last = int(columns.counted_end[at]) - 1
    if columns.end[at] == NO_DAY:
        return Step("counted_to", date_of(last), "date", "column.begin")
    if last == int(columns.end[at]):
        filled = int(line.lines.end[at]) == NO_DAY
        rule = "option.until" if filled else "column.eind"
        parameters: dict[str, Value] = {"how": "until"} if filled else {}
        return Step("counted_to", date_of(last), "date", rule, params=parameters)
    if last == int(line.lines.contract_end[at]):
        rule = "column.contract_eind"
        return Step("counted_to", date_of(last), "date", rule, params={"how": "contract"})
    return counted_to_limit(line)


def _time(line: Line) -> tuple[int, int]:
    """What counts, over what makes a whole: days of a year or of a month, or hours of a year."""
    return int(line.columns.time_num[line.number]), int(line.columns.time_den[line.number])


def _whole_and_over(counted: int, length: int) -> dict[str, Value]:
    """Whole years or months and the days left over, as people say them."""
    whole, over = divmod(counted, length)
    how = "both" if whole and over else "whole" if whole else "days"
    return {"whole": whole, "over": over, "length": length, "how": how}


def _months_step(line: Line) -> Step:
    parts, value = _whole_and_over(*_time(line)), Fraction(*_time(line))
    return line.step("months", value, "months", "unit", leant_on=("pro_rata",), params=parts)


def _years_step(line: Line) -> Step:
    scheme, own = line.scheme, f"blocks.{line.block.key}.day_count"
    differs = own in scheme.assumed or line.block.day_count != scheme.day_count
    rule = own if differs else "time.day_count"
    value, source, assumed = Fraction(*_time(line)), scheme.source_of(rule), lean_on(scheme, rule)
    return Step("years", value, "years", rule, source, assumed, _year_parts(line))


def _year_parts(line: Line) -> dict[str, Value]:
    """The years in the units that the day count has: days, months or hours, never made smaller."""
    counted, length = _time(line)
    way = line.block.day_count
    if way is DayCount.ANNIVERSARY:
        return _whole_and_over(counted, length)
    if way is DayCount.MONTHS:
        parts = _whole_and_over(counted, length // 12)
        return parts | {"how": f"months_{parts['how']}"}
    if way is DayCount.WORKED_HOURS:
        hours, full_time = Fraction(counted, 100), Fraction(length, 100)
        return {"hours": hours, "full_time": full_time, "how": str(way)}
    return {"days": counted, "length": length, "how": str(way)}


def _hours_step(line: Line) -> Step:
    """The share of a full-time week; more than full time counts as full time."""
    scheme, rule = line.scheme, "time.weekly_hours"
    counted, full_time = int(line.columns.counted_hours[line.number]), scheme.weekly_hours or 1
    typed = int(line.lines.weekly_hours[line.number])
    parameters: dict[str, Value] = {
        "hours": Fraction(typed, 100),
        "full_time": Fraction(full_time, 100),
        "how": "full" if typed >= full_time else "part",
    }
    assumed = lean_on(scheme, rule, "pro_rata")
    source = scheme.source_of(rule)
    share = Fraction(counted, full_time)
    return Step("hours_share", share, "share", rule, source, assumed, parameters)


# Euros ---------------------------------------------------------------------------------------


def _as_published(line: Line) -> Iterator[Step]:
    """What the source says of a block from which no value follows, and nothing besides."""
    block = line.block
    if block.amount_cents is not None:
        lacking = (code for code in ("no_unit", "no_hours_basis") if line.fault & BIT[code])
        how: dict[str, Value] = {"how": next(lacking, "")}
        yield line.step("published_amount", block.amount_cents, "cents", "amount", params=how)
    if block.published is not None:
        rule, text = "published", block.published
        yield line.step("published_text", block.key, "code", rule, text=text)


def _base_step(line: Line) -> Step:
    base = int(line.columns.base_cents[line.number])
    limited = line.columns.limited.get(line.number)
    if line.by_cost:
        percentage, rule = _percentage(line)
        exact = _part_of_cost(line, percentage) * (limited.part if limited else 1)
        parameters: dict[str, Value] = {
            "percentage": Fraction(percentage, 100),
            "how": "actual_cost",
        }
    else:
        rule, amount = f"blocks.{line.block.key}.amount", line.block.amount_cents or 0
        worked = line.is_worked and line.block.unit.counts_time
        how = "worked_hours" if worked else str(line.block.unit)
        # Of a maximum per day the smaller of two amounts counts, so nothing is rounded.
        exact = Fraction(base) if line.block.unit is Unit.DAY_MAXIMUM else amount * line.factor
        parameters = {"amount": amount, "how": how}
    leant_on = (rule, f"blocks.{line.block.key}.unit", *_rounding(exact))
    assumed, source = lean_on(line.scheme, *leant_on), line.scheme.source_of(rule)
    return Step("base_cents", base, "cents", rule, source, assumed, parameters)


def _part_of_cost(line: Line, percentage: int) -> Fraction:
    """A part of what was paid, in basis points, before it is rounded."""
    return Fraction(int(line.lines.amount[line.number]) * percentage, WHOLE_BP)


def _rounding(exact: Fraction) -> tuple[str, ...]:
    """The rule of rounding, where it changed an amount: a story leans on nothing else."""
    return () if exact.denominator == 1 else ("rounding",)


def _percentage(line: Line) -> tuple[int, str]:
    """How much of a cost counts, in basis points, and the path of the rule that says so."""
    block = line.block
    if not block.needs_certificate:
        percentage = WHOLE_BP if block.or_actual_cost else block.percentage_bp
        return percentage, f"blocks.{block.key}.percentage"
    key = line.scheme.certificates[int(line.columns.certificate[line.number])].key
    here = next(certificate for certificate in block.certificates if certificate.key == key)
    own = f"blocks.{block.key}.certificates.{key}"
    rule = own if block.own_certificates else f"certificates.{key}.percentage"
    return here.percentage_bp or 0, rule


def _bonus_steps(line: Line) -> Iterator[Step]:
    scheme = line.scheme
    for number, bonus in line.claimed:
        rule, how = f"bonuses.{bonus.key}", _how(line, number, bonus)
        figure = f"{rule}.{_figure_of(bonus)}"
        amount = line.block.amount_cents if bonus.yearly_amount else bonus.amount_cents
        parameters: dict[str, Value] = {"amount": amount, "how": how}
        if how == "given_on":
            parameters["reference"] = _first_with(line, number)
        if bonus.actual_cost:
            parameters["percentage"] = Fraction(bonus.percentage_bp, 100)
        leant_on = [figure, f"{rule}.blocks", f"{rule}.group"]
        leant_on += () if bonus.once or bonus.actual_cost else ("bonus_pro_rata",)
        leant_on += _rounding(_exact_bonus(line, bonus, how))
        yield Step(
            "bonus_cents",
            line.bonus_cents(number),
            "cents",
            figure,
            scheme.source_of(figure),
            lean_on(scheme, *leant_on),
            parameters,
            bonus.label,
        )


def _figure_of(bonus: Bonus) -> str:
    """The value of a bonus's table that its cents follow from."""
    if bonus.actual_cost:
        return "percentage"
    return "yearly_amount" if bonus.yearly_amount else "amount"


def _first_with(line: Line, number: int) -> str:
    """The line of the same person that a bonus given once was given on."""
    earlier = line.valuation.clocks.first_with(line.number, 1 << number)
    return shown(line.lines.reference[earlier] or "-")


def _exact_bonus(line: Line, bonus: Bonus, how: str) -> Fraction:
    """What a bonus comes to before it is rounded; one that does not count comes to nothing."""
    if how == "actual_cost":
        return _part_of_cost(line, bonus.percentage_bp)
    factors = {"once": Fraction(1), "full_time_year": line.time, "as_base": line.factor}
    return (bonus.amount_cents or 0) * factors.get(how, Fraction(0))


def _how(line: Line, number: int, bonus: Bonus) -> str:
    """Say how a bonus came to its cents, or why it has none."""
    if not int(line.columns.bonus_counts[line.number]) & (1 << number):
        return "given_on"
    rivals = [n for n, other in line.claimed if n != number and other.group == bonus.group]
    if bonus.group and not line.bonus_cents(number) and any(map(line.bonus_cents, rivals)):
        return "not_highest"
    if bonus.once or bonus.actual_cost:
        by_year = "yearly_amount" if bonus.yearly_amount else "once"
        return by_year if bonus.once else "actual_cost"
    on_a_cost = line.block.unit in (Unit.ACTUAL_COST, Unit.DAY_MAXIMUM)
    return "full_time_year" if on_a_cost else "as_base"


def _cap_steps(line: Line) -> Iterator[Step]:
    """What each cap took off, and how: its allowance, and what earlier lines used of it."""
    columns, at = line.columns, line.number
    caps = {cap.key: cap for cap in line.scheme.caps}
    # The columns stand in the order in which the caps were taken.
    taken = {key: int(column[at]) for key, column in columns.cap_cents.items()}
    left = line.valuation.value_cents(at) or 0
    left += sum(taken.values())
    for key, cents in taken.items():
        left -= cents
        if cents:
            yield _cap_step(line, caps[key], cents, int(columns.cap_allowance[key][at]), left)


def _cap_step(line: Line, cap: Cap, taken: int, allowance: int, left: int) -> Step:
    """One cap: `left` of the allowance is what the line is worth after it."""
    rule, scheme = f"caps.{cap.key}", line.scheme
    figure = "share" if cap.per == "contract" else "amount"
    of_kind = "" if cap.label is None else "kind_"
    parameters: dict[str, Value] = {"amount": cap.amount_cents}
    if cap.share_bp is not None:
        owed = line.valuation.obligations[line.lines.contract[line.number] or ""]
        parameters = {"percentage": Fraction(cap.share_bp, 100), "owed_cents": owed}
    parameters |= {
        "allowance_cents": allowance,
        "used_cents": allowance - left,
        "left_cents": left,
        "how": f"{of_kind}{'used' if allowance > left else 'first'}",
    }
    assumed = lean_on(scheme, rule, f"{rule}.{figure}")
    source = scheme.source_of(rule)
    return Step(
        f"cap_{cap.per}_cents", taken, "cents", rule, source, assumed, parameters, cap.label
    )


def _value_step(line: Line) -> Step:
    added = sum(1 for number, _ in line.claimed if line.bonus_cents(number))
    assumed = lean_on(line.scheme, "bonus_adding") if added > 1 else ()
    value = line.valuation.value_cents(line.number)
    return Step("value_cents", value, "cents", f"blocks.{line.block.key}", None, assumed)

"""The story of one line: the engine's columns, as steps.

Nothing is calculated again here. A step repeats a column, names the rule that gave it and what
was assumed, and ends with what a file cannot show and a person should check.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from telmee.core.contributions.columns import COLUMNS, NOTHING
from telmee.core.explain import Step, Text, Value
from telmee.core.periods import NO_DAY, date_of
from telmee.core.schemes.model import Block, Bonus, Scheme, Unit
from telmee.core.valuation.engine import Status, Valuation
from telmee.core.valuation.rules import WHOLE_BP

#: The columns that a unit uses, by their Dutch names; the explanation repeats those.
_USED = {
    Unit.FULL_TIME_YEAR: ("begin", "eind", "uren_per_week"),
    Unit.PERSON_YEAR: ("begin", "eind"),
    Unit.MONTH: ("begin", "eind"),
    Unit.HOUR: ("uren", "bedrag", "aantal"),
    Unit.PIECE: ("aantal",),
    Unit.DAY_MAXIMUM: ("bedrag", "aantal"),
    Unit.ACTUAL_COST: ("bedrag",),
    Unit.AGREEMENT: (),
}
_ALWAYS = ("begin", "eind", "contract_begin", "contract_eind", "certificaat", "certificaat_tot")
_UNITS = {"uren_per_week": "hours", "uren": "hours", "voltijd_uren_per_jaar": "hours"}


def explain(valuation: Valuation, line: int) -> tuple[Step, ...]:
    """Give the story of one line, in the order in which its value came about."""
    number = int(valuation.columns.block[line])
    steps = list(_inputs(valuation, line))
    if number == NOTHING:
        return tuple(steps)
    block = valuation.scheme.blocks[number]
    steps.insert(0, _block_step(valuation.scheme, block))
    steps.extend(_period_steps(valuation, line, block))
    if valuation.status(line) is Status.VALUED:
        steps.extend(_factor_steps(valuation, line, block))
        steps.append(_base_step(valuation, line, block))
        steps.extend(_bonus_steps(valuation, line))
        steps.extend(_cap_steps(valuation, line))
        steps.append(_value_step(valuation, line, block))
    if valuation.status(line) is not Status.REFUSED:
        steps.extend(_checks(valuation, line, block))
    return tuple(steps)


def _leant_on(scheme: Scheme, *paths: str) -> tuple[Text, ...]:
    return tuple(scheme.assumed[path] for path in paths if path in scheme.assumed)


def _block_step(scheme: Scheme, block: Block) -> Step:
    rule = f"blocks.{block.key}"
    assumed = _leant_on(scheme, rule)
    return Step("block", block.key, "code", rule, scheme.source_of(rule), assumed, text=block.label)


def _inputs(valuation: Valuation, line: int) -> Iterator[Step]:
    """Repeat the cells that mattered, as they were read."""
    lines = valuation.lines
    number = int(valuation.columns.block[line])
    unit = valuation.scheme.blocks[number].unit if number != NOTHING else None
    used = {*_ALWAYS, *(_USED[unit] if unit else ())}
    if lines.full_time_hours[line] != NOTHING:
        used |= {"uren", "voltijd_uren_per_jaar"}
    for name in (name for name in COLUMNS if name in used):
        value = _cell(valuation, line, name)
        if value is not None:
            unit_name = _input_unit(name)
            yield Step(COLUMNS[name], value, unit_name, f"column.{name}")


def _input_unit(name: str) -> str:
    if name in _UNITS:
        return _UNITS[name]
    if name in ("bedrag", "aantal"):
        return "cents" if name == "bedrag" else "count"
    return "code" if name == "certificaat" else "date"


def _cell(valuation: Valuation, line: int, name: str) -> Value:
    if name == "certificaat":
        return valuation.lines.certificate[line]
    raw = int(getattr(valuation.lines, COLUMNS[name])[line])
    if _input_unit(name) == "date":
        return None if raw == NO_DAY else date_of(raw)
    if raw == NOTHING:
        return None
    return Fraction(raw, 100) if _input_unit(name) == "hours" else raw


def _period_steps(valuation: Valuation, line: int, block: Block) -> Iterator[Step]:
    columns, lines = valuation.columns, valuation.lines
    if columns.counted_from[line] == NO_DAY or not block.unit.counts_time:
        return
    first, end = int(columns.counted_from[line]), int(columns.counted_end[line])
    by_contract = first != int(lines.begin[line])
    rule = "column.contract_begin" if by_contract else "column.begin"
    yield Step("counted_from", date_of(first), "date", rule)
    yield _counted_to(valuation, line, block, end)


def _counted_to(valuation: Valuation, line: int, block: Block, end: int) -> Step:
    columns = valuation.columns
    last = date_of(end - 1)
    if columns.limit_end[line] != NO_DAY and end == int(columns.limit_end[line]):
        return _limit_step(valuation, line, block, last)
    if end - 1 == int(valuation.lines.contract_end[line]) and end <= int(columns.end[line]):
        return Step("counted_to", last, "date", "column.contract_eind")
    filled = int(valuation.lines.end[line]) == NO_DAY
    return Step("counted_to", last, "date", "option.until" if filled else "column.eind")


def _limit_step(valuation: Valuation, line: int, block: Block, last: date) -> Step:
    """Tell where the person's limit ends the line, or had ended before it began."""
    columns, scheme = valuation.columns, valuation.scheme
    own = f"blocks.{block.key}.max_months"
    is_own = block.max_months != scheme.default_max_months or own in scheme.assumed
    rule = own if is_own else "limit.max_months"
    assumed = _leant_on(scheme, rule, "limit.gap_months")
    used_up = int(columns.counted_end[line]) <= int(columns.counted_from[line])
    parameters = {"months": block.max_months or 0, "how": "used_up" if used_up else "limit"}
    step = "limit_end" if used_up else "counted_to"
    return Step(step, last, "date", rule, scheme.source_of(rule), assumed, parameters)


def _factor_steps(valuation: Valuation, line: int, block: Block) -> Iterator[Step]:
    columns, scheme = valuation.columns, valuation.scheme
    numerator, denominator = int(columns.years_num[line]), int(columns.years_den[line])
    if numerator == NOTHING:
        return
    whole, over = divmod(numerator, denominator)
    parts: dict[str, Value] = {"whole": whole, "over": over, "length": denominator}
    if block.unit is Unit.MONTH:
        rule = f"blocks.{block.key}.unit"
        source = scheme.source_of(rule)
        value = Fraction(numerator, denominator)
        yield Step("months", value, "months", rule, source, _leant_on(scheme, "pro_rata"), parts)
        return
    own = f"blocks.{block.key}.day_count"
    rule = own if own in scheme.assumed or block.day_count != scheme.day_count else "time.day_count"
    source, assumed = scheme.source_of(rule), _leant_on(scheme, rule)
    parts["day_count"] = str(block.day_count)
    years = Fraction(numerator, denominator)
    yield Step("years", years, "years", rule, source, assumed, parts)
    if columns.hours_share[line] != NOTHING:
        rule = "time.weekly_hours"
        share = Fraction(int(columns.hours_share[line]), scheme.weekly_hours or 1)
        hours: dict[str, Value] = {
            "hours": Fraction(int(columns.hours_share[line]), 100),
            "full_time": Fraction(scheme.weekly_hours or 0, 100),
        }
        assumed = _leant_on(scheme, rule, "pro_rata")
        yield Step("hours_share", share, "share", rule, scheme.source_of(rule), assumed, hours)


def _base_step(valuation: Valuation, line: int, block: Block) -> Step:
    scheme = valuation.scheme
    by_cost = block.unit is Unit.ACTUAL_COST or (
        block.or_actual_cost and valuation.lines.hours[line] == NOTHING
    )
    rule = f"blocks.{block.key}.{'percentage' if by_cost else 'amount'}"
    parameters: dict[str, Value] = {"amount": block.amount_cents, "unit": str(block.unit)}
    if by_cost:
        percentage, rule = _percentage(valuation, line, block, rule)
        parameters = {"percentage": Fraction(percentage, 100), "unit": "actual_cost"}
    assumed = _leant_on(scheme, rule, f"blocks.{block.key}.unit", "rounding")
    base = int(valuation.columns.base_cents[line])
    return Step("base_cents", base, "cents", rule, scheme.source_of(rule), assumed, parameters)


def _percentage(valuation: Valuation, line: int, block: Block, rule: str) -> tuple[int, str]:
    """Give the percentage of a cost that counts, and the rule that says so."""
    if not block.needs_certificate:
        return (WHOLE_BP if block.or_actual_cost else block.percentage_bp), rule
    certificate = valuation.scheme.certificates[int(valuation.columns.certificate[line])]
    return certificate.percentage_bp or 0, f"certificates.{certificate.key}.percentage"


def _bonus_steps(valuation: Valuation, line: int) -> Iterator[Step]:
    columns, scheme = valuation.columns, valuation.scheme
    mask = int(columns.bonus_mask[line])
    for number, bonus in enumerate(scheme.bonuses):
        if not mask & (1 << number):
            continue
        rule = f"bonuses.{bonus.key}.{'percentage' if bonus.actual_cost else 'amount'}"
        cents = int(columns.bonus_cents[number][line])
        parameters: dict[str, Value] = {
            "amount": bonus.amount_cents,
            "how": _how(bonus, cents),
            "group": bonus.group,
        }
        assumed = _leant_on(
            scheme,
            rule,
            f"bonuses.{bonus.key}.blocks",
            f"bonuses.{bonus.key}.group",
            *(() if bonus.once or bonus.actual_cost else ("bonus_pro_rata",)),
            "rounding",
        )
        source = scheme.source_of(rule)
        yield Step("bonus_cents", cents, "cents", rule, source, assumed, parameters, bonus.label)


def _how(bonus: Bonus, cents: int) -> str:
    """Say how a bonus came to its cents: a zero is a bonus that lost to another, or came before."""
    if cents == 0:
        return "not_highest" if bonus.group else "given_before" if bonus.once else "as_base"
    return "once" if bonus.once else "actual_cost" if bonus.actual_cost else "as_base"


def _value_step(valuation: Valuation, line: int, block: Block) -> Step:
    added = sum(1 for column in valuation.columns.bonus_cents.values() if column[line])
    assumed = _leant_on(valuation.scheme, "bonus_adding") if added > 1 else ()
    rule = f"blocks.{block.key}"
    return Step("value_cents", valuation.value_cents(line), "cents", rule, None, assumed)


def _cap_steps(valuation: Valuation, line: int) -> Iterator[Step]:
    scheme = valuation.scheme
    for per, column in valuation.columns.cap_cents.items():
        if column[line]:
            caps = [cap for cap in scheme.caps if cap.per == per]
            rule = f"caps.{caps[0].key}"
            reduction = int(column[line])
            assumed = _leant_on(scheme, rule, f"{rule}.amount", f"{rule}.share")
            yield Step(
                f"cap_{per}_cents", reduction, "cents", rule, scheme.source_of(rule), assumed
            )


def _checks(valuation: Valuation, line: int, block: Block) -> Iterator[Step]:
    """List what the file cannot show; it never holds a value back."""
    scheme = valuation.scheme
    rule = f"blocks.{block.key}"
    source = scheme.source_of(rule)
    for code, text in (
        ("target_group", block.target_group),
        *(("condition", condition) for condition in block.conditions),
    ):
        if text is not None:
            yield Step("to_check", code, "code", rule, source, text=text)
    yield from _bonus_checks(valuation, line)
    if block.category == "placement":
        if scheme.reference_moment is not None:
            note = scheme.reference_moment
            yield Step(
                "to_check", "reference_date", "code", "reference_date", note.source, text=note.text
            )
        for note in scheme.eligibility:
            yield Step(
                "to_check", "eligibility", "code", "eligibility", note.source, text=note.text
            )
    if block.max_months:
        for note in scheme.limit_exceptions:
            yield Step(
                "to_check",
                "limit_exception",
                "code",
                "limit.exceptions",
                note.source,
                text=note.text,
            )
    for code, holds in _line_checks(valuation, line, block).items():
        if holds:
            yield Step("to_check", code, "code", rule)


def _bonus_checks(valuation: Valuation, line: int) -> Iterator[Step]:
    scheme, mask = valuation.scheme, int(valuation.columns.bonus_mask[line])
    for number, bonus in enumerate(scheme.bonuses):
        if mask & (1 << number):
            rule = f"bonuses.{bonus.key}"
            yield Step("to_check", "bonus", "code", rule, scheme.source_of(rule), text=bonus.label)
            for condition in bonus.conditions:
                source = scheme.source_of(rule)
                yield Step("to_check", "bonus_condition", "code", rule, source, text=condition)


def _line_checks(valuation: Valuation, line: int, block: Block) -> dict[str, bool]:
    """Give the checks that follow from what this line leaves empty or crosses."""
    lines, columns, scheme = valuation.lines, valuation.columns, valuation.scheme
    timed, dated = block.unit.counts_time, lines.begin[line] != NO_DAY
    first, last = lines.contract_begin[line], lines.contract_end[line]
    end = columns.end[line] if columns.end[line] != NO_DAY else lines.begin[line]
    crosses = bool(dated and ((lines.begin[line] < first) or (last != NO_DAY and end > last)))
    tested = dated and lines.certificate_until[line] != NO_DAY
    return {
        "no_contract_begin": bool(first == NO_DAY),
        "no_contract_end": bool(last == NO_DAY),
        "no_person": bool(block.max_months and lines.person.codes[line] == NOTHING),
        "limit_over_contractors": bool(block.max_months),
        "worked_time": bool(block.max_months) and scheme.limit_counted_in == "worked_time",
        "no_date": bool(not timed and not dated),
        "partly_outside_contract": crosses and not timed,
        "hours_outside_period": crosses and lines.full_time_hours[line] != NOTHING,
        "certificate_not_tested": block.needs_certificate and not tested,
        "overlap": bool(columns.overlap[line]),
        **{f"cap_unknown_{per}": bool(at[line]) for per, at in columns.cap_unknown.items()},
    }

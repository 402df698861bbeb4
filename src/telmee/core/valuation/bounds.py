"""The story of what bounds a period: how far back a contract looks, and how long a person counts.

Who reads these steps alone can do the clock of a person again: its first day, what earlier lines
used of it, the gaps that moved its end, the months, and so the last day that counts. Where no
source says anything the story says that too, so that silence is not taken for a rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from telmee.core.explain import Step, Text, Value
from telmee.core.periods import NO_DAY, date_of, months_between, months_on
from telmee.core.tables.cells import shown
from telmee.core.valuation.clocks import Clock, Stretch
from telmee.core.valuation.line import Line, lean_on

_GAP, _LOOK_BACK = "limit.gap_months", "look_back.months"


def look_back_steps(line: Line) -> Iterator[Step]:
    """Of a period that began before its contract whether a rule bounds that."""
    begin = int(line.lines.begin[line.number])
    contract = int(line.lines.contract_begin[line.number])
    if not line.block.unit.counts_time or begin == NO_DAY or not begin < contract:
        return
    scheme, months = line.scheme, line.scheme.look_back_months
    if months is None:
        whole, over = months_between(begin, contract)
        how = "silent" if whole else "silent_days"
        params: dict[str, Value] = {"over": over, "how": f"{how}_over" if whole and over else how}
        yield Step("look_back", whole, "count", "convention.look_back", params=params)
        return
    reach = months_on(begin, months)
    params = {"months": months, "how": "within" if reach >= contract else "too_early"}
    source, assumed = scheme.source_of(_LOOK_BACK), lean_on(scheme, _LOOK_BACK)
    yield Step("look_back", date_of(reach), "date", _LOOK_BACK, source, assumed, params)


def limit_steps(line: Line) -> Iterator[Step]:
    """Up to which day a person counts and how the clock came there, or that nothing says."""
    if line.block.from_last_benefit_day:
        yield from _after_benefit(line)
        return
    clock = line.valuation.clocks.of(line.number, line.block.max_months or 0)
    if clock is None:
        if line.block.unit.counts_time and not line.block.max_months:
            how: Value = "stated" if line.block.unlimited else "silent"
            rule, source, assumed = _limit_rule(line)
            source = source if line.block.unlimited else None
            yield Step("no_limit", how, "code", rule, source, assumed, {"how": how})
        return
    if clock.earlier:
        yield from _earlier_steps(line, clock)
    yield _last_day(line, clock)


def _after_benefit(line: Line) -> Iterator[Step]:
    """Up to which day a person counts after the last day on benefit, where that is known."""
    end = int(line.columns.limit_end[line.number])
    if end == NO_DAY:
        return
    too_late = end <= int(line.columns.counted_from[line.number])
    params: dict[str, Value] = {"months": line.block.max_months or 0}
    params["how"] = "benefit_before" if too_late else "benefit"
    rule, source, assumed = _limit_rule(line)
    since = lean_on(line.scheme, f"blocks.{line.block.key}.months_from", "limit.months_from")
    yield Step("limit_to", date_of(end - 1), "date", rule, source, (*assumed, *since), params)


def counted_to_limit(line: Line) -> Step:
    """That a line ends on the last day of its limit, as the steps before it say."""
    last = date_of(int(line.columns.counted_end[line.number]) - 1)
    how = "benefit" if line.block.from_last_benefit_day else "limit"
    params: dict[str, Value] = {"months": line.block.max_months or 0, "how": how}
    return Step("counted_to", last, "date", *_limit_rule(line), params)


def _limit_rule(line: Line) -> tuple[str, str | None, tuple[Text, ...]]:
    """The path of the rule that says how long a person counts, its source and what was assumed."""
    own = f"blocks.{line.block.key}.max_months"
    scheme = line.scheme
    is_own = line.block.max_months != scheme.default_max_months or own in scheme.assumed
    rule = own if is_own else "limit.max_months"
    return rule, scheme.source_of(rule), lean_on(scheme, rule, _GAP)


def _earlier_steps(line: Line, clock: Clock) -> Iterator[Step]:
    """Where the clock began, what earlier lines used of it, and the gap before this one."""
    yield Step("clock_start", date_of(clock.start), "date", "convention.clock")
    for stretch in clock.earlier:
        if stretch.line is None:
            params: dict[str, Value] = {"lines": stretch.lines, "moved": stretch.moved}
            name, rule = "clock_lines", "convention.clock"
        else:
            reference = line.lines.reference[stretch.line]
            gap = _gap(line, stretch.gap, stretch.moved)
            params = {"reference": shown(reference or "-"), **gap}
            name, rule = "clock_line", _gap_rule(gap)
        yield _used(line, name, rule, stretch, params)
    if clock.gap:
        gap = _gap(line, clock.gap, clock.moved)
        rule = _gap_rule(gap)
        yield Step("clock_gap", clock.gap, "count", rule, _source(line, rule), params=gap)


def _used(line: Line, name: str, rule: str, stretch: Stretch, params: dict[str, Value]) -> Step:
    days: dict[str, Value] = {
        "first": date_of(stretch.first),
        "days": stretch.end - stretch.first,
    }
    last = date_of(stretch.end - 1)
    return Step(name, last, "date", rule, _source(line, rule), params=days | params)


def _gap(line: Line, gap: int, moved: int) -> dict[str, Value]:
    """What a gap did to the clock: nothing, or as many days as moved its end on."""
    if not gap:
        return {}
    months = line.scheme.gap_months
    if months is None:
        return {"gap": gap, "how": "runs_on"}
    return {"gap": gap, "months": months, "how": "moves" if moved else "too_long"}


def _gap_rule(gap: dict[str, Value]) -> str:
    return _GAP if "months" in gap else "convention.clock"


def _source(line: Line, rule: str) -> str | None:
    return line.scheme.source_of(rule) if rule == _GAP else None


def _last_day(line: Line, clock: Clock) -> Step:
    """The last day that counts: the first one, the months and the days moved on."""
    moved, end = clock.all_moved, clock.end
    how = "moved" if moved else "plain"
    if end <= int(line.columns.counted_from[line.number]):
        how = f"{how}_before"
    params: dict[str, Value] = {
        "start": date_of(clock.start),
        "months": line.block.max_months or 0,
        "moved": moved,
        "how": how,
    }
    return Step("limit_to", date_of(end - 1), "date", *_limit_rule(line), params)

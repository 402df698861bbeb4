"""The steps that tell how much of hours or a cost counts, in a block that limits them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from telmee.core.explain import Step, Value
from telmee.core.valuation.engine_columns import Limited
from telmee.core.valuation.line import Line


def limited_steps(line: Line, limited: Limited) -> Iterator[Step]:
    """Each limit that took something, and what is left; nothing where everything counts."""
    days: dict[str, Value] = {"counted": limited.counted_days, "within": limited.within_days}
    if limited.part < 1:
        value = limited.part if limited.spread is None else limited.spread
        params: dict[str, Value] = {**days, "how": "cost" if limited.spread is None else ""}
        leant_on = ("pro_rata", "limit.gap_months")
        yield line.step(
            "limited_days", value, "count", "max_months", leant_on=leant_on, params=params
        )
    if limited.counted is None or limited.spread is None:
        return
    block = line.block
    if limited.weekly is not None and limited.weekly < limited.spread:
        params = {**days, "hours": Fraction(block.max_weekly_hours or 0, 100)}
        rule = "max_weekly_hours"
        yield line.step("weekly_hours_most", limited.weekly, "hours", rule, params=params)
    if limited.left is not None:
        yield _left(line, limited)
    whole = Fraction(int(line.lines.hours[line.number]), 100)
    if limited.counted != whole:
        yield line.step("hours_counted", limited.counted, "hours", "unit")


def _left(line: Line, limited: Limited) -> Step:
    """What the maximum of a person leaves for a line after what counted on those before it."""
    block = line.block
    params: dict[str, Value] = {"used": limited.used}
    if limited.days is None:
        together: dict[str, Value] = {
            **params,
            "most": Fraction(block.max_hours or 0, 100),
            "how": "together",
        }
        return line.step("hours_left", limited.left, "hours", "max_hours", params=together)
    a_week = Fraction(block.max_weekly_hours or 0, 100)
    weekly: dict[str, Value] = {**params, "hours": a_week, "days": limited.days}
    return line.step("hours_left", limited.left, "hours", "max_weekly_hours", params=weekly)

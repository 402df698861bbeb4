"""What may be double in a file that was valued, and how its check names the other lines."""

from __future__ import annotations

from datetime import date
from typing import Any

from telmee.core.overlap import Double, Kind, check_of, doubles_of
from telmee.core.overlap.doubles import NAMED_MAX
from telmee.core.valuation import Valuation, value
from telmee.integrations.scheme_files import load_scheme
from tests.builders import contributions_of

HARLINGEN = load_scheme("harlingen")
PLACEMENT: dict[str, Any] = {
    "bouwblok": "pw_lt2",
    "begin": date(2025, 1, 1),
    "eind": date(2025, 6, 30),
    "uren_per_week": 16,
    "persoon": "P-1",
}
#: Says no hours, so that it is refused.
REFUSED = {**PLACEMENT, "uren_per_week": None}


def valued(*rows: dict[str, Any]) -> Valuation:
    return value(HARLINGEN, contributions_of(rows))


def kinds(valuation: Valuation, line: int) -> set[Kind]:
    return {double.kind for double in doubles_of(valuation).of(line)}


def test_a_person_placed_twice_in_the_same_days_may_be_double_on_both_lines() -> None:
    valuation = valued(PLACEMENT, {**PLACEMENT, "eind": date(2025, 5, 31)})
    assert Kind.OVERLAP in kinds(valuation, 0) & kinds(valuation, 1)


def test_a_line_that_was_refused_is_double_with_none() -> None:
    valuation = valued(PLACEMENT, {**REFUSED, "eind": date(2025, 5, 31)})
    assert valuation.columns.fault[1]
    assert Kind.OVERLAP not in kinds(valuation, 0) | kinds(valuation, 1)


def test_the_check_names_reference_and_row_of_each_other_line() -> None:
    rows = ({**PLACEMENT, "kenmerk": name} for name in ("K-1", "K-2", None))
    double = Double(Kind.OVERLAP, (1, 2), more=False)
    step = check_of(valued(*rows), double)
    assert step.params == {"references": "K-2, -", "rows": "3, 4"}


def test_more_lines_than_can_be_named_are_a_sign_after_the_named_ones() -> None:
    valuation = valued(*({**PLACEMENT, "kenmerk": f"K-{n}"} for n in range(NAMED_MAX + 2)))
    double = next(one for one in doubles_of(valuation).of(0) if one.more)
    params = check_of(valuation, double).params
    for name, last in (("references", f"K-{NAMED_MAX}"), ("rows", f"{NAMED_MAX + 2}")):
        named = str(params[name]).split(", ")
        assert (named[-2:], len(named)) == ([last, "…"], NAMED_MAX + 1)

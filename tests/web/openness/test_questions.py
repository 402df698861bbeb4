"""What a chart or a figure of the five answers leaves out or seems to contradict is said there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from telmee.web.charts import Chart
from telmee.web.openness.questions import (
    buying_power,
    not_known,
    not_well,
    reached,
    where_chart,
    whom_chart,
)
from telmee.web.reports.report_words import more_than_delivered


def _document(*, delivered: int = 0, verified: int = 0, rows: int = 0) -> dict[str, Any]:
    divided = [
        {"key": f"g{at}", "label": [f"Groep {at}", None], "people": 5 + at, "verified_cents": 100}
        for at in range(rows)
    ]
    return {
        "year": 2025,
        "years": [{"year": 2025, "delivered_cents": delivered, "verified_cents": verified}],
        "figures": {name: {"label": [name, None]} for name in ("people", "verified_cents")},
        "divisions": [{"by": by, "rows": divided} for by in ("kind", "target_group")],
    }


def test_a_result_above_what_was_delivered_is_explained_and_no_other() -> None:
    with translation.override("nl"):
        assert more_than_delivered(_document(delivered=100, verified=100)) == ""
        why = more_than_delivered(_document(delivered=100, verified=101))
    assert "een besluit kan op een ander bedrag uitkomen" in why


@pytest.mark.parametrize("drawn", [where_chart, whom_chart])
def test_a_chart_of_the_largest_rows_says_how_many_it_shows(
    drawn: Callable[[dict[str, Any]], Chart | None],
) -> None:
    with translation.override("nl"):
        whole, part = drawn(_document(rows=6)), drawn(_document(rows=7))
    assert whole is not None
    assert part is not None
    assert len(whole.labels) == len(part.labels) == 6
    assert part.title == f"{whole.title}, de 6 grootste"


def test_the_largest_row_comes_first() -> None:
    chart = whom_chart(_document(rows=7))
    assert chart is not None
    assert chart.labels[0] == "Groep 6"


def test_that_there_is_no_list_of_purchases_is_said_of_the_years_that_are_told() -> None:
    with translation.override("nl"):
        (said,) = buying_power({"year": 2021, "coverage": []})
    assert said.startswith("Over 2021 en de jaren daarvoor")


def test_the_goals_come_in_one_order_however_the_document_was_kept() -> None:
    goals = [("verified_cents", 1000), ("places", 26), ("percentage_bp", 9000)]
    row = {"year": 2025, "percentage_bp": 10, "verified_cents": 10, "imposed_cents": 10}
    said = []
    for kept in (goals, goals[::-1]):
        wanted = {measure: [amount, ""] for measure, amount in kept}
        document = {**_document(), "years": [{**row, "places": 3, "goals": wanted}]}
        document["figures"]["places"] = {"label": ["Werkplekken", None]}
        said.append((reached(document), not_well(document)))
    assert said[0] == said[1]


@pytest.mark.parametrize(("moment", "is_over"), [("22:59:59", False), ("23:00:00", True)])
def test_a_year_is_over_at_midnight_in_the_netherlands(moment: str, is_over: bool) -> None:
    document = {
        "year": 2025,
        "years": [{"year": 2025, "waiting_cents": 0}],
        "waiting_lines": 0,
        "complete_until": "2025-12-31",
        "as_of": f"2025-12-31T{moment}+00:00",
    }
    with translation.override("nl"):
        said = not_known(document)
    assert ("Het jaar was nog niet voorbij" in " ".join(said)) != is_over

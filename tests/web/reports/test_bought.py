"""What a report says of purchases leaves out nothing that makes its figures less sure."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from telmee.web.reports.paper import _amounts
from telmee.web.reports.tables import coverage_table


def _year(**changes: Any) -> dict[str, Any]:
    nothing = {name: [0, 0] for name in ("above", "covered", "explained", "room", "unsure")}
    usual = {"year": 2025, "used_bp": None, "owed_cents": 100_00, "owed_unknown": 0}
    return {**nothing, **usual, **changes}


def _rows(*years: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    with translation.override("nl"):
        table = coverage_table({"coverage": list(years)})
    assert table is not None
    return {row.label: [(str(cell.text), cell.note) for cell in row.cells] for row in table.rows}


def test_an_amount_says_of_how_many_purchases_the_rules_leave_it_open() -> None:
    label = "Ruimte: dat zou opleveren"
    (sure, less_sure) = _rows(_year(), _year(owed_unknown=2))[label]
    assert sure[1] == ""
    assert less_sure[1] == "zonder 2 inkopen waarbij de regels dit openlaten"


def test_what_may_be_above_the_threshold_is_told_where_there_is_any() -> None:
    label = "Niet zeker of dit boven de drempel is"
    assert label not in _rows(_year())
    (before, now) = _rows(_year(), _year(unsure=[3, 700_00]))[label]
    assert [before[1], now[1]] == ["0 inkopen", "3 inkopen"]
    assert "700,00" in now[0]


def test_the_same_stands_on_paper() -> None:
    with translation.override("nl"):
        table = coverage_table({"coverage": [_year(owed_unknown=1)]})
        assert table is not None
        written = str(_amounts(table)["rows"])
    assert "zonder 1 inkoop waarbij de regels dit openlaten" in written

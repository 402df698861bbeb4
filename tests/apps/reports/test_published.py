"""What others published is told apart, with its source."""

from __future__ import annotations

from typing import Any

import pytest

from telmee.apps.reports.published import published_results


def test_every_series_names_its_source_and_says_its_figures_exactly() -> None:
    rotterdam, region = published_results()
    assert {year.year: year.realised_cents for year in rotterdam.years}[2021] == 43_072_084_00
    assert rotterdam.years[-1].until is not None
    assert (region.years[0].workplaces, region.years[0].workplaces_goal) == (31, 26)
    assert all(found.publisher and found.title and found.dated for found in (rotterdam, region))


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_anybody_sees_them(browse: Any, language: str) -> None:
    visitor = browse()
    visitor.cookies["django_language"] = language
    page = visitor.get("/gepubliceerde-resultaten").content.decode()
    amount = "34.323.138" if language == "nl" else "34,323,138"
    assert amount in page
    assert "Gemeente Rotterdam" in page

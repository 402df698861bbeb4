from xml.etree import ElementTree as ET

import pytest
from django.utils.translation import override

from telmee.web.charts import Chart, Series, _ticks, draw

BARS = Chart("Per <stand>", "De meeste lopen.", ["Loopt", "Klaar"], [Series("Aantal", [8, None])])
LINES = Chart(
    "Groei",
    "Het groeit.",
    ["jan", "feb", "mrt"],
    [Series("Beloofd", [100, 200, 300]), Series("Goedgekeurd", [50, None, 123456])],
    kind="lines",
    unit="cents",
)


def _drawn(chart: Chart) -> ET.Element:
    with override("nl"):
        return ET.fromstring(draw(chart))  # noqa: S314 - our own drawing


@pytest.mark.parametrize("chart", [BARS, LINES])
def test_a_chart_says_what_it_shows_and_has_every_figure_in_a_table(chart: Chart) -> None:
    figure = _drawn(chart)
    picture = figure.find(".//svg")
    assert picture is not None
    assert picture.get("role") == "img"
    assert [picture.findtext("title"), picture.findtext("desc")] == [chart.title, chart.description]
    cells = [cell.text for cell in figure.iter("td")]
    assert len(cells) == len(chart.labels) * len(chart.series)
    assert all(element.get("style") is None for element in figure.iter())


def test_amounts_are_exact_in_the_table_and_a_missing_one_is_no_zero() -> None:
    cells = [cell.text for cell in _drawn(LINES).iter("td")]
    assert cells[-1] == "€ 1.234,56"
    assert cells[3] == "\N{EN DASH}"


def test_a_line_breaks_where_a_figure_is_missing() -> None:
    paths = [path for path in _drawn(LINES).iter("path") if "chart__line" in path.get("class", "")]
    drawn = paths[-1].get("d") or ""
    assert (drawn.count("M"), drawn.count("L")) == (2, 0)


def test_a_stacked_bar_is_as_long_as_its_sum() -> None:
    chart = Chart("S", "d", ["a", "b"], [Series("x", [1, 4]), Series("y", [3, 0])], kind="stacked")
    bars = [r for r in _drawn(chart).iter("rect") if r.get("height") == "18.0" and r.get("class")]
    lengths = [float(bar.get("width") or 0) for bar in bars]
    assert lengths[0] + lengths[1] == pytest.approx(lengths[2], abs=0.2)


def test_a_chart_that_cannot_be_honest_is_refused() -> None:
    with pytest.raises(ValueError, match="one value for each label"):
        Chart("t", "d", ["a"], [Series("x", [1, 2])])
    with pytest.raises(ValueError, match="one to 4 series"):
        Chart("t", "d", ["a"], [Series("x", [1])] * 5)


@pytest.mark.parametrize("top", [1, 7, 99, 100, 101, 123456789])
def test_a_scale_has_few_round_steps_and_reaches_the_top(top: int) -> None:
    ticks = _ticks(top)
    assert ticks[-1] >= top
    assert 2 <= len(ticks) <= 6

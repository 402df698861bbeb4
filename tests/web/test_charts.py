from datetime import date
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
    picture = figure.find(".//svg[@role]")
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
    lines = [mark for mark in _drawn(LINES).iter("line") if "chart__line" in mark.get("class", "")]
    assert [line.get("class") for line in lines] == ["chart__line chart__line-0"] * 2


def _length(mark: ET.Element) -> float:
    return float((mark.get("width") or "").removesuffix("%"))


def _filled(chart: Chart) -> list[ET.Element]:
    picture = _drawn(chart).find(".//svg[@role]")
    assert picture is not None
    return [mark for mark in picture.iter("rect") if mark.get("class")]


def test_a_stacked_bar_is_as_long_as_its_sum() -> None:
    chart = Chart("S", "d", ["a", "b"], [Series("x", [1, 4]), Series("y", [3, 0])], kind="stacked")
    lengths = [_length(bar) for bar in _filled(chart)]
    assert lengths[0] + lengths[1] == pytest.approx(lengths[2], abs=0.02)


def test_all_bars_have_one_scale_and_the_longest_leaves_room_for_its_figure() -> None:
    chart = Chart("S", "d", ["a", "b"], [Series("x", [33, 3]), Series("y", [11, 0])])
    assert [_length(bar) for bar in _filled(chart)] == [100, 33.33, 9.09, 0]
    assert _rooms(chart) == ["chart__drawing chart__drawing--4"]
    money = Chart("S", "d", ["a"], [Series("x", [9_999_999_99])], unit="cents")
    assert _rooms(money) == ["chart__drawing chart__drawing--14"]


def _rooms(chart: Chart) -> list[str | None]:
    return [svg.get("class") for svg in _drawn(chart).iter("svg") if svg.get("role")]


def test_a_long_name_is_written_whole_below_itself_and_its_bar_below_that() -> None:
    name = "Geleverd, nog geen besluit, en verder alles wat er nog van te zeggen is"
    chart = Chart("S", "d", [name], [Series("x", [1])])
    *parts, figure = _drawn(chart).iter("text")
    assert " ".join(str(part.text) for part in parts) == name
    assert all(len(str(part.text)) <= 42 for part in parts)  # what a phone of 320 px has room for
    heights = [int(str(mark.get("y"))) for mark in (*parts, figure)]
    assert heights == sorted(set(heights))
    (bar,) = _filled(chart)
    assert int(str(bar.get("y"))) > heights[-2]


def test_days_stand_where_they_are_in_time() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 11)]
    chart = Chart("S", "d", ["a", "b", "c"], [Series("x", [1, 2, 3])], kind="lines", days=days)
    dots = [mark.get("cx") for mark in _drawn(chart).iter("circle")]
    assert dots == ["0.00%", "10.00%", "100.00%"]


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

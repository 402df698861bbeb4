"""Charts as SVG in the page: bars and lines, with a title, a description and their table.

No script and no style attribute: colours and patterns are classes of the style sheet. The name of
a series stands beside its colour and every figure is in the table, so colour is never alone.

A drawing has no width of its own: what is measured is a share of the room there is, and text keeps
its size. So a name stands above its bars, a figure after its bar in room that is kept free for the
longest one, and a long name goes on below itself: nothing is cut off on a phone, in a column or on
paper.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from textwrap import wrap
from typing import Literal, NamedTuple

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from telmee import texts
from telmee.web.language import active

_BAR, _LABEL, _GAP, _LINE_HEIGHT = 18, 20, 10, 240
#: Signs of a name that stand beside each other on a phone of 320 px, and what a next line takes.
_SIGNS, _NEXT = 42, 16
_TICKS = 4
#: Days of a line chart that have their date below it; more would run into each other on a phone.
_DATED_MAX = 4
_END_OF_CELL = SafeString("</td>")
_PATTERNS = ("", "M0 6 6 0", "M0 3H6", "M3 0V6M0 3H6")
_SERIES_MAX = len(_PATTERNS)
#: Signs of the longest figure for which there is room beside a drawing; each has its class.
_ROOMS = (4, 9, 14)

Unit = Literal["cents", "hundredths", "count"]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures; `None` where there is no figure, which is not zero."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw. `description` says in a sentence what there is to see.

    A bar chart puts the series of a label under each other, a stacked one behind each other; a
    line chart goes through the labels in their order, at the days of `days` where these are given,
    and has a line upright at the day that is `marked`, with the word `mark`. At most four series:
    more is a table.
    """

    title: str
    description: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Literal["bars", "stacked", "lines"] = "bars"
    unit: Unit = "count"
    first_heading: str = ""
    days: Sequence[date] = ()
    marked: date | None = None
    mark: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn honestly."""
        if not 1 <= len(self.series) <= _SERIES_MAX:
            raise ValueError(f"a chart has one to {_SERIES_MAX} series")
        if any(len(series.values) != len(self.labels) for series in self.series):
            raise ValueError("each series has one value for each label")


class _Drawing(NamedTuple):
    """The marks of a drawing, its height, and the class of the room beside its bars."""

    height: int
    marks: list[SafeString]
    room: str = ""


def draw(chart: Chart) -> SafeString:
    """The figure as HTML: caption, names of the series, drawing and table."""
    name = "chart-" + hashlib.sha256(chart.title.encode()).hexdigest()[:8]
    drawing = _lines(chart) if chart.kind == "lines" else _bars(chart, name)
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>{}'
        '<svg class="chart__drawing {}" width="100%" height="{}" role="img"'
        ' aria-labelledby="{}-title {}-text">'
        '<title id="{}-title">{}</title><desc id="{}-text">{}</desc>{}{}</svg>'
        "<details><summary>{}</summary>{}</details></figure>",
        chart.title, _legend(chart, name), drawing.room, drawing.height,
        name, name, name, chart.title, name, chart.description, _patterns(chart, name),
        _joined(drawing.marks), gettext("The figures as a table"), _table(chart),
    )  # fmt: skip


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - each part was escaped when it was made


def _patterns(chart: Chart, name: str) -> SafeString:
    patterns = (
        format_html(
            '<pattern id="{}-{}" width="6" height="6" patternUnits="userSpaceOnUse">'
            '<path class="chart__hatch" d="{}"/></pattern>',
            name, place, _PATTERNS[place],
        )
        for place in range(1, len(chart.series))
    )  # fmt: skip
    return format_html("<defs>{}</defs>", _joined(patterns))


def _legend(chart: Chart, name: str) -> SafeString:
    """Name the series beside how each is drawn; one alone needs no name."""
    if len(chart.series) == 1:
        return SafeString("")
    entries = format_html_join(
        "",
        '<li><svg width="18" height="14" aria-hidden="true">{}</svg> {}</li>',
        ((_sample(chart, name, place), series.name) for place, series in enumerate(chart.series)),
    )
    return format_html('<ul class="chart__legend">{}</ul>', entries)


def _sample(chart: Chart, name: str, place: int) -> SafeString:
    """Show how a series is drawn: a dash of its line, or a square of its filling."""
    if chart.kind != "lines":
        return _filled(name, place, ("0", 0, "14", 14))
    return format_html('<path class="chart__line chart__line-{}" d="M0 7h18"/>', place)


def _filled(name: str, place: int, box: tuple[str, int, str, int]) -> SafeString:
    """Draw a rectangle in the colour of a series, and its pattern over it."""
    shape = format_html('x="{}" y="{}" width="{}" height="{}"', *box)
    mark = format_html('<rect class="chart__fill-{}" {}/>', place, shape)
    if not place:
        return mark
    return mark + format_html('<rect fill="url(#{}-{})" {}/>', name, place, shape)


def _text(x: str, y: float, words: str, kind: str = "") -> SafeString:
    return format_html('<text class="chart__text {}" x="{}" y="{}">{}</text>', kind, x, y, words)


def _share(part: float, whole: float) -> str:
    """A share of the room there is; more than a hundredth of a percent nobody sees."""
    return f"{100 * part / whole:.2f}%"


def _top(chart: Chart) -> int:
    """The highest figure that the scale has to reach; at least one, to divide by."""
    rows = [series.values for series in chart.series]
    if chart.kind == "stacked":
        return max(1, *(sum(v or 0 for v in column) for column in zip(*rows, strict=True)), 1)
    return max(1, *(v or 0 for row in rows for v in row), 1)


def _bars(chart: Chart, name: str) -> _Drawing:
    """Draw bars from the left, all by one scale, with the figure at the end of each."""
    top, y = _top(chart), 0
    names: list[SafeString] = []
    bars: list[SafeString] = []
    figures_written: list[str] = []
    for place, label in enumerate(chart.labels):
        values = [series.values[place] for series in chart.series]
        rows = [values] if chart.kind == "stacked" else [[value] for value in values]
        parts = wrap(label, _SIGNS) or [label]
        names += [_text("0", y + 14 + at * _NEXT, part) for at, part in enumerate(parts)]
        y += _LABEL + (len(parts) - 1) * _NEXT
        for row, figures in enumerate(rows):
            reached = 0
            for part, figure in enumerate(figures):
                series = part if chart.kind == "stacked" else row
                box = (_share(reached, top), y + 1, _share(figure or 0, top), _BAR - 2)
                bars.append(_filled(name, series, box))
                reached += figure or 0
            known = any(value is not None for value in figures)
            words = _written(reached if known else None, chart.unit)
            figures_written.append(words)
            bars.append(_text(_share(reached, top), y + 13, words, "chart__after"))
            y += _BAR
        y += _GAP
    grid = format_html('<path class="chart__grid" d="M0 0V{}"/>', y - _GAP)
    return _Drawing(y, [*names, *bars, grid], _room(figures_written))


def _room(written: Iterable[str]) -> str:
    """The class of a drawing with room beside it for the longest of these figures."""
    longest = max(map(len, written), default=0)
    room = next(size for size in _ROOMS if size >= longest or size == _ROOMS[-1])
    return f"chart__drawing--{room}"


def _lines(chart: Chart) -> _Drawing:
    """Draw a line for each series over a grid; the figures of the scale stand before its lines."""
    top, bottom = 18, 18 + _LINE_HEIGHT
    ticks = _ticks(_top(chart))
    scale = [_written(tick, chart.unit) for tick in ticks]
    place_y = _along(bottom, top, ticks[-1])
    places = _places(chart)
    marks = [
        mark
        for tick, words in zip(ticks, scale, strict=True)
        for mark in (
            format_html(
                '<line class="chart__grid" x1="0" x2="100%" y1="{}" y2="{}"/>',
                *(f"{place_y(tick):.1f}",) * 2,
            ),
            _text("0", round(place_y(tick)) + 4, words, "chart__quiet chart__end chart__before"),
        )
    ]
    marks += _dated(chart, places, bottom + 18)
    marks += _marked(chart, places, top, bottom)
    for series, figures in enumerate(chart.series):
        points = [
            (place, None if value is None else place_y(value))
            for place, value in zip(places, figures.values, strict=True)
        ]
        marks += _line(series, points)
    return _Drawing(bottom + 24, marks, f"chart__drawing--scale {_room(scale)}")


def _places(chart: Chart) -> list[float]:
    """Where each label stands between the left and the right, from 0 to 1."""
    if not chart.days:
        return [place / max(len(chart.labels) - 1, 1) for place in range(len(chart.labels))]
    first, last = chart.days[0], chart.days[-1]
    return [(day - first).days / max((last - first).days, 1) for day in chart.days]


def _dated(chart: Chart, places: Sequence[float], y: int) -> Iterable[SafeString]:
    """Write some labels below the lines, the first and the last among them."""
    count = len(chart.labels)
    shown = range(count) if count <= _DATED_MAX else (0, count - 1)
    for at in shown:
        kind = "chart__end" if places[at] == 1 else "chart__middle" if places[at] else ""
        yield _text(_share(places[at], 1), y, chart.labels[at], f"chart__quiet {kind}")


def _marked(chart: Chart, places: Sequence[float], top: int, bottom: int) -> Iterable[SafeString]:
    """Draw the day that is marked as a line upright, with its word on the side that has room."""
    if chart.marked not in chart.days:
        return
    place = places[chart.days.index(chart.marked)]
    yield format_html(
        '<line class="chart__mark" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        *(_share(place, 1),) * 2, top - 8, bottom,
    )  # fmt: skip
    kind = "chart__end" if place > 0.5 else ""
    yield _text(_share(place, 1), top - 10, chart.mark, f"chart__quiet {kind}")


def _line(place: int, points: Sequence[tuple[float, float | None]]) -> Iterable[SafeString]:
    """Draw one line; where a figure is missing the line is broken, not bent to zero."""
    for (x1, y1), (x2, y2) in pairwise(points):
        if y1 is not None and y2 is not None:
            yield _numbered(
                f'<line class="chart__line chart__line-{place}" x1="{_share(x1, 1)}" y1="{y1:.1f}"'
                f' x2="{_share(x2, 1)}" y2="{y2:.1f}"/>'
            )
    for x, y in points:
        if y is not None:
            yield _numbered(
                f'<circle class="chart__fill-{place}" cx="{_share(x, 1)}" cy="{y:.1f}" r="3"/>'
            )


def _numbered(mark: str) -> SafeString:
    """A mark that holds only numbers, of which a drawing has hundreds: nothing to escape."""
    return mark_safe(mark)  # noqa: S308 - as the text says


def _along(start: float, end: float, steps: float) -> Callable[[float], float]:
    return lambda step: start + (end - start) * step / steps


def _ticks(top: int) -> list[int]:
    """Round figures from zero to at least `top`.

    >>> _ticks(9), _ticks(130)
    ([0, 5, 10], [0, 50, 100, 150])
    """
    step, sizes = 1, (1, 2, 5)
    while step * _TICKS < top:
        sizes = (*sizes[1:], sizes[0] * 10)
        step = sizes[0]
    return list(range(0, top + step, step))


def _written(value: int | None, unit: Unit) -> str:
    """Write a figure; of euros only the whole ones, because a drawing is no statement."""
    if value is None:
        return "\N{EN DASH}"
    language = active()
    if unit == "cents":
        return texts.euros(round(value, -2), language)[:-3]
    if unit == "hundredths":
        return texts.number(Fraction(value, 100), language)
    return texts.count(value, language)


def _exact(value: int | None, unit: Unit) -> str:
    return (
        texts.euros(value, active())
        if unit == "cents" and value is not None
        else _written(value, unit)
    )


def _table(chart: Chart) -> SafeString:
    """The table below the drawing, with every figure in full; on a phone its rows are cards."""
    heads = format_html_join(
        "", '<th scope="col" class="is-amount">{}</th>', ((series.name,) for series in chart.series)
    )
    columns = [
        (format_html('<td class="is-amount" data-label="{}">', series.name), series.values)
        for series in chart.series
    ]
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (
                label,
                _joined(
                    opening + conditional_escape(_exact(values[place], chart.unit)) + _END_OF_CELL
                    for opening, values in columns
                ),
            )
            for place, label in enumerate(chart.labels)
        ),
    )
    return format_html(
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">'
        '<table class="utrecht-table utrecht-table--html-table stack">'
        '<thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table></div>',
        chart.title, chart.first_heading or gettext("What"), heads, rows,
    )  # fmt: skip

"""Charts as SVG in the page: bars and lines, with a title, a description and their table.

No script and no style attribute: colours and patterns are classes of the style sheet. The name of
a series stands beside its colour and every figure is in the table, so colour is never alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from telmee import texts
from telmee.web.language import active

_WIDTH, _LABELS, _VALUES = 600, 208, 96
_BAR, _GAP, _LINE_HEIGHT = 20, 14, 260
_LEGEND = 30
_TICKS = 4
_PATTERNS = ("", "M0 6 6 0", "M0 3H6", "M3 0V6M0 3H6")
_SERIES_MAX = len(_PATTERNS)

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
    line chart goes through the labels in their order. At most four series: more is a table.
    """

    title: str
    description: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Literal["bars", "stacked", "lines"] = "bars"
    unit: Unit = "count"
    first_heading: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn honestly."""
        if not 1 <= len(self.series) <= _SERIES_MAX:
            raise ValueError(f"a chart has one to {_SERIES_MAX} series")
        if any(len(series.values) != len(self.labels) for series in self.series):
            raise ValueError("each series has one value for each label")


def draw(chart: Chart) -> SafeString:
    """The figure as HTML: caption, drawing and table."""
    name = "chart-" + hashlib.sha256(chart.title.encode()).hexdigest()[:8]
    picture = _lines(chart) if chart.kind == "lines" else _bars(chart, name)
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>'
        '<div class="chart__drawing" role="region" tabindex="0" aria-label="{}">{}</div>'
        "<details><summary>{}</summary>{}</details></figure>",
        chart.title,
        chart.title,
        _svg(chart, name, *picture),
        gettext("The figures as a table"),
        _table(chart),
    )


def _svg(chart: Chart, name: str, height: float, marks: Iterable[SafeString]) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-text">'
        '<title id="{}-title">{}</title><desc id="{}-text">{}</desc>{}{}</svg>',
        _WIDTH, round(height), name, name, name, chart.title, name, chart.description,
        _legend(chart, name), _joined(marks),
    )  # fmt: skip


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - each part was escaped when it was made


def _legend(chart: Chart, name: str) -> SafeString:
    """Define the patterns and, when there is more than one series, name the colours."""
    patterns = (
        format_html(
            '<pattern id="{}-{}" width="6" height="6" patternUnits="userSpaceOnUse">'
            '<path class="chart__hatch" d="{}"/></pattern>',
            name, place, _PATTERNS[place],
        )
        for place in range(1, len(chart.series))
    )  # fmt: skip
    marks, left = [format_html("<defs>{}</defs>", _joined(patterns))], 2.0
    for place, series in enumerate(chart.series if len(chart.series) > 1 else ()):
        marks += _sample(chart, name, place, left)
        marks.append(_text(left + 20, 14, series.name))
        left += 46 + 7.2 * len(series.name)
    return _joined(marks)


def _sample(chart: Chart, name: str, place: int, left: float) -> list[SafeString]:
    """Show how a series is drawn: a dash of its line, or a square of its filling."""
    if chart.kind != "lines":
        return _filled(name, place, (left, 2, 14, 14))
    return [
        format_html('<path class="chart__line chart__line-{}" d="M{} 9h16"/>', place, _px(left - 2))
    ]


def _filled(name: str, place: int, box: tuple[float, float, float, float]) -> list[SafeString]:
    """Draw a rectangle in the colour of a series, and its pattern over it."""
    shape = format_html('x="{}" y="{}" width="{}" height="{}"', *map(_px, box))
    marks = [format_html('<rect class="chart__fill-{}" {}/>', place, shape)]
    if place:
        marks.append(format_html('<rect fill="url(#{}-{})" {}/>', name, place, shape))
    return marks


def _text(x: float, y: float, words: str, kind: str = "chart__text") -> SafeString:
    return format_html('<text class="{}" x="{}" y="{}">{}</text>', kind, _px(x), _px(y), words)


def _px(length: float) -> str:
    """Write a length; more than a tenth of a pixel nobody sees."""
    return f"{length:.1f}"


def _top(chart: Chart) -> int:
    """The highest figure that the scale has to reach; at least one, to divide by."""
    rows = [series.values for series in chart.series]
    if chart.kind == "stacked":
        return max(1, *(sum(v or 0 for v in column) for column in zip(*rows, strict=True)), 1)
    return max(1, *(v or 0 for row in rows for v in row), 1)


def _bars(chart: Chart, name: str) -> tuple[float, list[SafeString]]:
    """Draw bars from the left, with the figure at the end of each."""
    scale = (_WIDTH - _LABELS - _VALUES) / _top(chart)
    y = top = float(_LEGEND if len(chart.series) > 1 else 4)
    marks: list[SafeString] = []
    for place, label in enumerate(chart.labels):
        values = [series.values[place] for series in chart.series]
        rows = [values] if chart.kind == "stacked" else [[value] for value in values]
        middle = y + len(rows) * _BAR / 2
        marks.append(_text(_LABELS - 10, middle + 5, _short(label), "chart__text chart__end"))
        for row, figures in enumerate(rows):
            x = float(_LABELS)
            for part, figure in enumerate(figures):
                width = (figure or 0) * scale
                series = part if chart.kind == "stacked" else row
                marks += _filled(name, series, (x, y + 1, width, _BAR - 2))
                x += width
            total = None if all(v is None for v in figures) else sum(v or 0 for v in figures)
            marks.append(_text(x + 6, y + _BAR / 2 + 5, _written(total, chart.unit)))
            y += _BAR
        y += _GAP
    marks.append(
        format_html('<path class="chart__grid" d="M{} {}V{}"/>', _LABELS, _px(top), _px(y - _GAP))
    )
    return y, marks


def _short(label: str) -> str:
    return label if len(label) <= 26 else label[:25] + "…"


def _lines(chart: Chart) -> tuple[float, list[SafeString]]:
    """Draw a line for each series, with its name at the last figure."""
    left, right, top = 96.0, _WIDTH - 24.0, float(_LEGEND)
    bottom = top + _LINE_HEIGHT
    ticks = _ticks(_top(chart))
    place_x = _along(left, right, max(len(chart.labels) - 1, 1))
    place_y = _along(bottom, top, ticks[-1])
    marks = [
        mark
        for tick in ticks
        for mark in (
            format_html(
                '<path class="chart__grid" d="M{} {}H{}"/>',
                *map(_px, (left, place_y(tick), right)),
            ),
            _text(
                left - 8, place_y(tick) + 4, _written(tick, chart.unit), "chart__quiet chart__end"
            ),
        )
    ]
    step = -(-len(chart.labels) // 12)  # at most a dozen labels fit
    marks += [
        _text(place_x(place), bottom + 20, label, "chart__quiet chart__middle")
        for place, label in enumerate(chart.labels)
        if place % step == 0
    ]
    for place, series in enumerate(chart.series):
        marks += _line(place, series, place_x, place_y)
    return bottom + 30, marks


def _line(
    place: int, series: Series, place_x: Callable[[float], float], place_y: Callable[[float], float]
) -> list[SafeString]:
    """Draw one line; where a figure is missing the line is broken, not bent to zero."""
    path, known = "", False
    points: list[tuple[float, float]] = []
    for at, value in enumerate(series.values):
        if value is None:
            known = False
            continue
        x, y = place_x(at), place_y(value)
        path += f"{'L' if known else 'M'}{_px(x)} {_px(y)}"
        points.append((x, y))
        known = True
    dots = (
        format_html(
            '<circle class="chart__fill-{}" cx="{}" cy="{}" r="3.5"/>', place, *map(_px, point)
        )
        for point in points
    )
    return [format_html('<path class="chart__line chart__line-{}" d="{}"/>', place, path), *dots]


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
    return texts.number(Fraction(value, 100) if unit == "hundredths" else value, language)


def _exact(value: int | None, unit: Unit) -> str:
    return (
        texts.euros(value, active())
        if unit == "cents" and value is not None
        else _written(value, unit)
    )


def _table(chart: Chart) -> SafeString:
    """The table below the drawing, with every figure in full."""
    heads = format_html_join(
        "", '<th scope="col" class="is-amount">{}</th>', ((series.name,) for series in chart.series)
    )
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (
                label,
                format_html_join(
                    "",
                    '<td class="is-amount">{}</td>',
                    ((_exact(series.values[place], chart.unit),) for series in chart.series),
                ),
            )
            for place, label in enumerate(chart.labels)
        ),
    )
    return format_html(
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">'
        '<table class="utrecht-table utrecht-table--html-table">'
        '<thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table></div>',
        chart.title, chart.first_heading or gettext("What"), heads, rows,
    )  # fmt: skip

"""A valuation as a workbook: the lines, their stories, and what they were valued by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from telmee.cli.progress import progress
from telmee.cli.to_check import own_checks
from telmee.cli.valuation_output import double_text, notice_text
from telmee.core.errors import Problem
from telmee.core.overlap import doubles_of
from telmee.core.periods import NO_DAY, date_of
from telmee.core.valuation import ENGINE_VERSION, Status, Valuation
from telmee.core.valuation.explanation import explain
from telmee.integrations.spreadsheets.sheets import OutputColumn, OutputSheet, Value
from telmee.integrations.spreadsheets.writing import write_workbook
from telmee.texts import Language, phrase, problem_text, step_text

#: A story is some twenty rows and a sheet holds 1,048,575, so not every story fits on one. Nobody
#: reads this many either, and they are what takes the time.
STORIES_MAX = 10_000
_STORY_ROWS_MAX = 1_000_000


def write_valuation_workbook(
    valuation: Valuation, path: Path, language: Language, notices: Sequence[Problem] = ()
) -> tuple[Problem, ...]:
    """Write lines, stories and receipt to three sheets; gives notices of what did not fit.

    The `notices` of the file itself stand on a sheet of their own behind the lines.

    Amounts are numbers and dates are dates, so that people can add up and filter what they get.
    Every line is on the first sheet; of a very large file only the first stories are told. Raises
    `DomainError` as `write_workbook`.
    """
    stories = _lines_with_story(valuation)
    write_workbook(
        path,
        [
            OutputSheet(
                phrase("workbook.lines", language), _columns(language), _lines(valuation, language)
            ),
            *_notices(notices, language),
            OutputSheet(
                phrase("workbook.stories", language),
                [
                    OutputColumn(phrase("value.row", language), "whole", 6),
                    OutputColumn(phrase("value.reference", language)),
                    OutputColumn(phrase("workbook.story", language), width=90),
                    OutputColumn(phrase("source", language), width=60),
                    OutputColumn(phrase("page.assumed", language), width=60),
                ],
                _stories(valuation, stories, language),
            ),
            OutputSheet(
                phrase("workbook.receipt", language),
                [
                    OutputColumn(phrase("workbook.what", language), width=24),
                    OutputColumn(phrase("workbook.which", language), width=80),
                ],
                _receipt(valuation, language),
            ),
        ],
    )
    left = len(valuation) - stories
    if not left:
        return ()
    return (Problem("stories_left_out", "--format", params={"told": stories, "left": left}),)


def _notices(notices: Sequence[Problem], language: Language) -> list[OutputSheet]:
    """The sheet with what was left aside of the file; none where there is nothing to tell."""
    if not notices:
        return []
    column = OutputColumn(phrase("value.notices", language), width=120)
    rows = [[notice_text(notice, language)] for notice in notices]
    return [OutputSheet(phrase("workbook.notices", language), [column], rows)]


def _lines_with_story(valuation: Valuation) -> int:
    """Count the lines, from the first, whose stories one sheet holds."""
    lines = min(len(valuation), STORIES_MAX)
    rows = 0
    for line in range(lines):
        rows += len(explain(valuation, line))
        if rows > _STORY_ROWS_MAX:
            return line
    return lines


def _columns(language: Language) -> list[OutputColumn]:
    return [
        OutputColumn(phrase("value.row", language), "whole", 6),
        OutputColumn(phrase("value.reference", language)),
        OutputColumn(phrase("value.block", language), width=22),
        OutputColumn(phrase("value.status", language), width=18),
        OutputColumn(phrase("workbook.counted_from", language), "date"),
        OutputColumn(phrase("workbook.counted_to", language), "date"),
        OutputColumn(phrase("workbook.days_counted", language), "whole", 10),
        OutputColumn(phrase("workbook.days_whole", language), "whole", 10),
        OutputColumn(phrase("workbook.base", language), "cents"),
        OutputColumn(phrase("workbook.bonuses", language), "cents"),
        OutputColumn(phrase("workbook.caps", language), "cents"),
        OutputColumn(phrase("value.value", language), "cents", 16),
        OutputColumn(phrase("value.why_not", language), width=70),
        OutputColumn(phrase("workbook.to_check", language), width=70),
        OutputColumn(phrase("workbook.double", language), width=70),
    ]


def _lines(valuation: Valuation, language: Language) -> Iterator[list[Value]]:
    lines, columns, doubles = valuation.lines, valuation.columns, doubles_of(valuation)
    numbers = progress(range(len(valuation)), phrase("workbook.lines", language), len(valuation))
    for line in numbers:
        valued = valuation.status(line) is Status.VALUED
        first, end = int(columns.counted_from[line]), int(columns.counted_end[line])
        counted = valued and first != NO_DAY
        bonuses = sum(int(column[line]) for column in columns.bonus_cents.values())
        caps = sum(int(column[line]) for column in columns.cap_cents.values())
        yield [
            int(lines.row[line]),
            lines.reference[line],
            lines.block[line],
            phrase(f"status.{valuation.status(line)}", language),
            date_of(first) if counted else None,
            date_of(end - 1) if counted else None,
            end - first if counted else None,
            _days_given(valuation, line) if counted else None,
            int(columns.base_cents[line]) if valued else None,
            bonuses if valued else None,
            -caps if valued else None,
            valuation.value_cents(line),
            " ".join(" ".join(problem_text(p, language)) for p in valuation.problems(line)),
            " ".join(own_checks(valuation, line, language)),
            " ".join(double_text(valuation, double, language) for double in doubles.of(line)),
        ]


def _days_given(valuation: Valuation, line: int) -> int:
    """How many days the line itself says; one that has no last day is of one day."""
    begin, end = int(valuation.lines.begin[line]), int(valuation.columns.end[line])
    return max(end - begin, 0) + 1


def _stories(valuation: Valuation, lines: int, language: Language) -> Iterator[list[Value]]:
    for line in progress(range(lines), phrase("workbook.stories", language), lines):
        row, reference = int(valuation.lines.row[line]), valuation.lines.reference[line]
        for step in explain(valuation, line):
            reasons = " ".join(reason.in_language(language) for reason in step.assumed)
            yield [row, reference, step_text(step, language), step.source, reasons or None]
    left = len(valuation) - lines
    if left:
        yield [None, None, phrase("workbook.left_out", language, left=left), None, None]


def _receipt(valuation: Valuation, language: Language) -> Iterator[list[Value]]:
    scheme = valuation.scheme
    yield [phrase("workbook.scheme", language), scheme.id]
    yield [phrase("schemes.version", language), scheme.version]
    yield ["sha256", scheme.sha256]
    yield [phrase("workbook.engine", language), str(ENGINE_VERSION)]
    yield [phrase("workbook.total_cents", language), str(valuation.total_cents())]
    if valuation.until is not None:
        yield [phrase("workbook.until", language), date_of(valuation.until).isoformat()]
    for path, reason in scheme.assumed.items():
        yield [f"{phrase('page.assumed', language)}: {path}", reason.in_language(language)]

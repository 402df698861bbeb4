"""A valuation, written for people and for programs.

The JSON has the fields of docs/algorithms/valuation.md section 10; the table, the story and the
workbook are the same columns in other clothes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from telmee.cli.progress import progress
from telmee.cli.story import tell_story, title_of
from telmee.cli.table import table
from telmee.core.explain import Step
from telmee.core.overlap import Double, Doubles, check_of, doubles_of
from telmee.core.valuation import ENGINE_VERSION, Valuation
from telmee.core.valuation.explanation import explain
from telmee.integrations.files import whole_file
from telmee.texts import Language, euros, phrase, problem_text, step_text, sum_of
from telmee.texts.documents import check_document, problem_document, step_document

_JSON = json.JSONEncoder(ensure_ascii=False).encode
#: So many steps are kept while writing, some 50 MB; then it starts anew.
_WRITTEN_MAX = 50_000
#: A screen of reasons; a file has room for all.
_REASONS_MAX = 200


def json_lines(
    valuation: Valuation, language: Language, chosen: Sequence[int] | None = None
) -> Iterator[str]:
    """Write a valuation as one JSON document, a line of text per contribution.

    `chosen` keeps only those lines; the total stays that of the whole file.
    """
    head = {
        "scheme": {
            "id": valuation.scheme.id,
            "version": valuation.scheme.version,
            "sha256": valuation.scheme.sha256,
        },
        "engine": ENGINE_VERSION,
        "total_cents": valuation.total_cents(),
    }
    yield _JSON(head)[:-1] + ', "lines": ['
    lines = range(len(valuation)) if chosen is None else chosen
    writer = _LineWriter(valuation, language)
    comma = ""
    for line in progress(lines, phrase("writing", language), len(lines)):
        yield f"{comma}{writer.line(line)}"
        comma = ","
    yield "]}"


class _LineWriter:
    """Writes the lines of one valuation as JSON, byte for byte what `line_document` holds.

    Most steps of a large file were told before (its dates, hours and checks recur), so their JSON
    is kept. A kept step is kept alive, which is what makes the ids in its key safe.
    """

    def __init__(self, valuation: Valuation, language: Language) -> None:
        self._valuation = valuation
        self._doubles = doubles_of(valuation)
        self._language = language
        self._written: dict[tuple[object, ...], tuple[Step, str]] = {}

    def line(self, line: int) -> str:
        """One line of the answer as a JSON text."""
        head = _JSON(_line_head(self._valuation, line))
        story = explain(self._valuation, line)
        steps = ", ".join(self._step(step) for step in story if step.step != "to_check")
        checks = [self._step(step) for step in story if step.step == "to_check"]
        checks += map(
            _JSON, _double_documents(self._doubles, self._valuation, line, self._language)
        )
        problems = [problem_document(p, self._language) for p in self._valuation.problems(line)]
        problems_json = _JSON(problems) if problems else "[]"
        return (
            f'{head[:-1]}, "explanation": [{steps}], "problems": {problems_json}, '
            f'"to_check": [{", ".join(checks)}]}}'
        )

    def _step(self, step: Step) -> str:
        key = _step_key(step)
        written = self._written.get(key)
        if written is None:
            if len(self._written) >= _WRITTEN_MAX:
                self._written.clear()
            written = self._written[key] = step, _JSON(_document(step, self._language))
        return written[1]


def _step_key(step: Step) -> tuple[object, ...]:
    """What a step's JSON depends on; 2 and 2/1 are equal but not written alike."""
    value, params = step.value, step.params
    return (
        step.step,
        value.as_integer_ratio() if isinstance(value, Fraction) else value,
        step.unit,
        step.rule,
        step.source,
        id(step.text),
        tuple(map(id, step.assumed)) if step.assumed else (),
        (
            *params,
            *(v.as_integer_ratio() if isinstance(v, Fraction) else v for v in params.values()),
        )
        if params
        else (),
    )


def line_document(valuation: Valuation, line: int, language: Language) -> dict[str, Any]:
    """One line as the JSON document holds it: value, story, what was wrong and what to check."""
    story = explain(valuation, line)
    checks = [_document(step, language) for step in story if step.step == "to_check"]
    return {
        **_line_head(valuation, line),
        "explanation": [_document(step, language) for step in story if step.step != "to_check"],
        "problems": [problem_document(p, language) for p in valuation.problems(line)],
        "to_check": [
            *checks,
            *_double_documents(doubles_of(valuation), valuation, line, language),
        ],
    }


def _document(step: Step, language: Language) -> dict[str, Any]:
    is_check = step.step == "to_check"
    return check_document(step, language) if is_check else step_document(step, language)


def _double_documents(
    doubles: Doubles, valuation: Valuation, line: int, language: Language
) -> list[dict[str, Any]]:
    """Why a line may be double, each with the rows of the other lines."""
    return [
        check_document(
            check_of(valuation, double),
            language,
            rows=[int(valuation.lines.row[other]) for other in double.others],
        )
        for double in doubles.of(line)
    ]


def _line_head(valuation: Valuation, line: int) -> dict[str, Any]:
    return {
        "row": int(valuation.lines.row[line]),
        "reference": valuation.lines.reference[line],
        "block": valuation.lines.block[line],
        "status": str(valuation.status(line)),
        "value_cents": valuation.value_cents(line),
    }


def as_table(valuation: Valuation, language: Language) -> str:
    """Write a valuation for a terminal: the lines, the total, and what is not valued and why."""
    scheme = valuation.scheme
    headings = [phrase(f"value.{name}", language) for name in ("row", "reference", "block")]
    headings += [phrase("value.status", language), phrase("value.value", language)]
    rows = [_row(valuation, line, language) for line in range(len(valuation))]
    parts = [title_of(scheme, language)]
    if scheme.standing == "proposal":
        parts.append(phrase("proposal", language))
    parts += ["", table(headings, rows, {0, 4}), "", _total(valuation, language)]
    parts += _unvalued(valuation, language)
    parts += _maybe_double(valuation, language)
    return "\n".join(parts)


def _row(valuation: Valuation, line: int, language: Language) -> list[str]:
    cents = valuation.value_cents(line)
    return [
        str(valuation.lines.row[line]),
        valuation.lines.reference[line] or "",
        valuation.lines.block[line] or "",
        phrase(f"status.{valuation.status(line)}", language),
        "" if cents is None else euros(cents, language),
    ]


def _total(valuation: Valuation, language: Language) -> str:
    valued = int((valuation.columns.fault == 0).sum())
    total = euros(valuation.total_cents(), language)
    return phrase("value.total", language, valued=valued, lines=len(valuation), total=total)


def _unvalued(valuation: Valuation, language: Language) -> list[str]:
    reasons: list[str] = []
    unvalued = valuation.columns.fault.nonzero()[0]
    for line in map(int, unvalued[:_REASONS_MAX]):
        reference = valuation.lines.reference[line] or "-"
        row = phrase("row", language, row=int(valuation.lines.row[line]))
        for problem in valuation.problems(line):
            message, remedy = problem_text(problem, language)
            column = f" {problem.column}:" if problem.column else ""
            reasons.append(f"  {row}, {reference}:{column} {message} {remedy} [{problem.code}]")
    if len(unvalued) > _REASONS_MAX:
        reasons.append(phrase("value.more", language, count=len(unvalued) - _REASONS_MAX))
    return ["", phrase("value.unvalued", language), *reasons] if reasons else []


def _maybe_double(valuation: Valuation, language: Language) -> list[str]:
    doubles = doubles_of(valuation)
    reasons = [
        f"  {phrase('row', language, row=int(valuation.lines.row[line]))}, "
        f"{valuation.lines.reference[line] or '-'}: {double_text(valuation, double, language)}"
        for line in map(int, doubles.lines[:_REASONS_MAX])
        for double in doubles.of(line)
    ]
    if (more := doubles.lines.size - _REASONS_MAX) > 0:
        reasons.append(phrase("value.more", language, count=more))
    return ["", phrase("value.double", language), *reasons] if reasons else []


def double_text(valuation: Valuation, double: Double, language: Language) -> str:
    """Why a line may be double, in a sentence that names the other lines."""
    return step_text(check_of(valuation, double), language)


def as_story(valuation: Valuation, line: int, language: Language) -> str:
    """Tell the story of one line: its sum, then step by step, with where each rule is published."""
    cents = valuation.value_cents(line)
    worth = phrase("value.none", language) if cents is None else euros(cents, language)
    status = phrase(f"status.{valuation.status(line)}", language)
    row = phrase("row", language, row=int(valuation.lines.row[line]))
    doubles = [check_of(valuation, double) for double in doubles_of(valuation).of(line)]
    steps = explain(valuation, line)
    summed = [f"  {part}" for part in sum_of(steps, language)]
    output = [
        f"{valuation.lines.reference[line] or '-'} ({row}): {worth} · {status}",
        title_of(valuation.scheme, language),
        "",
        *([*summed, ""] if summed else []),
        *tell_story([*steps, *doubles], language),
    ]
    problems = list(valuation.problems(line))
    if problems:
        output += ["", phrase("value.why_not", language)]
        for problem in problems:
            message, remedy = problem_text(problem, language)
            output.append(f"  - {message} {remedy} [{problem.code}]")
    return "\n".join(output)


def write_text(parts: Iterator[str], out: Path | None) -> None:
    """Write lines of text to a file, whole or not at all, or to standard output.

    Raises `DomainError` `file_not_written`.
    """
    if out is None:
        for part in parts:
            click.echo(part)
        return
    with whole_file(out) as draft, draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{part}\n" for part in parts)

"""A valuation, written for people: the table and the story are its columns in other clothes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from telmee.cli.story import tell_story, title_of
from telmee.cli.table import table
from telmee.cli.to_check import told_to_check
from telmee.core.errors import Problem
from telmee.core.overlap import Double, check_of, doubles_of
from telmee.core.valuation import Status, Valuation
from telmee.core.valuation.arrays import Flags
from telmee.core.valuation.checks import counts_less
from telmee.core.valuation.explanation import explain
from telmee.integrations.files import whole_file
from telmee.texts import Language, euros, phrase, problem_text, step_text, sum_of
from telmee.texts.scheme_words import warnings_of

#: A screen of reasons; a file has room for all.
_REASONS_MAX = 200


def as_table(valuation: Valuation, language: Language, notices: Sequence[Problem] = ()) -> str:
    """Write a valuation for a terminal: the lines, the total, and what is not valued and why.

    `notices` tell what of the file was left aside, or read otherwise than it looks.
    """
    scheme = valuation.scheme
    headings = [phrase(f"value.{name}", language) for name in ("row", "reference", "block")]
    headings += [phrase("value.status", language), phrase("value.value", language)]
    in_part = counts_less(valuation)
    rows = [_row(valuation, line, language, in_part) for line in range(len(valuation))]
    parts = [title_of(scheme, language), *warnings_of(scheme, language)]
    parts += ["", table(headings, rows, {0, 4}), "", _total(valuation, language)]
    parts += _unvalued(valuation, language)
    parts += _maybe_double(valuation, language)
    parts += told_to_check(valuation, language)
    if notices:
        reasons = [f"  {notice_text(notice, language)} [{notice.code}]" for notice in notices]
        parts += ["", phrase("value.notices", language), *reasons]
    return "\n".join(parts)


def _row(valuation: Valuation, line: int, language: Language, in_part: Flags) -> list[str]:
    cents = valuation.value_cents(line)
    status = str(valuation.status(line))
    if in_part[line] and valuation.status(line) is Status.VALUED:
        status = "valued_in_part"
    return [
        str(valuation.lines.row[line]),
        valuation.lines.reference[line] or "",
        valuation.lines.block[line] or "",
        phrase(f"status.{status}", language),
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


def notice_text(notice: Problem, language: Language) -> str:
    """What should be known of a file: where, what, and what to do about it."""
    where = f"{notice.column}: " if notice.column else ""
    return where + " ".join(problem_text(notice, language))


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
    """The story of one line: its sum, then step by step, with where each rule is published."""
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

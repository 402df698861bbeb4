"""`./telmee value`: what a file of contributions is worth under a scheme, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import (
    day_option,
    lang_option,
    named_euros,
    require_amounts,
    scheme_options,
)
from telmee.cli.progress import progress
from telmee.cli.valuation_output import as_story, as_table, write_text
from telmee.cli.valuation_workbook import write_valuation_workbook
from telmee.core.contributions.effort_file import read_contributions
from telmee.core.errors import DomainError, Problem
from telmee.core.tables.cells import shown
from telmee.core.tables.contribution_columns import REFERENCE
from telmee.core.valuation import Status, Valuation, value
from telmee.core.valuation.under_scheme import under_scheme
from telmee.integrations.scheme_files import load_scheme
from telmee.integrations.spreadsheets import open_table
from telmee.texts import Language, phrase
from telmee.texts.documents.valuation import json_lines

_HELP = language_of(sys.argv)
_Read = TypeVar("_Read")


@click.command("value", help=phrase("help.value", _HELP))
@click.argument("file", type=click.Path(path_type=Path))
@scheme_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "xlsx"]),
    default="table",
    help=phrase("help.format", _HELP),
)
@click.option("--out", type=click.Path(path_type=Path), help=phrase("help.out", _HELP))
@click.option("--explain", metavar="KENMERK", help=phrase("help.explain", _HELP))
@click.option("--until", metavar="DATE", help=phrase("help.until", _HELP))
@click.option(
    "--obligation", multiple=True, metavar="CONTRACT=EUROS", help=phrase("help.obligation", _HELP)
)
@lang_option
def command(
    file: Path,
    scheme_id: str,
    version: str | None,
    form: str,
    out: Path | None,
    explain: str | None,
    until: str | None,
    obligation: tuple[str, ...],
    lang: Language,
) -> int:
    """Value a file; the exit code tells whether every line has a value."""
    faults = [*_clashing(form, out, explain), *_unusable_out(file, out)]
    last_day = _keeping(faults, lambda: day_option("--until", until))
    owed = _keeping(faults, lambda: named_euros("--obligation", obligation)) or {}
    scheme = _keeping(faults, lambda: require_amounts(load_scheme(scheme_id, version)))
    if faults or scheme is None:
        raise DomainError(faults)
    reading = under_scheme(read_contributions(open_table(file)), scheme)
    valuation = value(scheme, reading.contributions, until=last_day, obligations=owed)
    notices = [*reading.notices, *_notices(valuation, owed)]
    tell(notices, lang)
    if explain is not None:
        return _explain(valuation, explain, form, out, lang, notices)
    _write(valuation, form, out, lang, notices)
    return 0 if valuation.all_valued() else 1


def _clashing(form: str, out: Path | None, explain: str | None) -> Iterator[Problem]:
    """Which options cannot stand together."""
    if form == "xlsx" and out is None:
        yield Problem("xlsx_needs_out", "--format")
    if form == "xlsx" and explain is not None:
        yield Problem("story_is_text", "--format")


def _unusable_out(file: Path, out: Path | None) -> Iterator[Problem]:
    """What is wrong when the result would take the place of the contributions, or of a device."""
    if out is None or not out.exists():
        return
    params = {"file": shown(out.name)}
    if not out.is_file():
        yield Problem("out_is_no_file", "--out", params=params)
    elif file.exists() and out.samefile(file):
        yield Problem("out_is_input", "--out", params=params)


def _keeping(faults: list[Problem], read: Callable[[], _Read]) -> _Read | None:
    """Read something typed and keep its faults, so that all mistakes are told at once."""
    try:
        return read()
    except DomainError as error:
        faults += error.problems
        return None


def _write(
    valuation: Valuation,
    form: str,
    out: Path | None,
    lang: Language,
    notices: Sequence[Problem],
) -> None:
    """Write the result with the notices of its file, which stand wherever the sum does."""
    if form == "xlsx" and out is not None:
        tell(write_valuation_workbook(valuation, out, lang, notices), lang)
        return
    parts: Iterator[str] = (
        _as_json(valuation, lang, range(len(valuation)), notices)
        if form == "json"
        else iter([as_table(valuation, lang, notices)])
    )
    write_text(parts, out)


def _explain(
    valuation: Valuation,
    reference: str,
    form: str,
    out: Path | None,
    lang: Language,
    notices: Sequence[Problem],
) -> int:
    """Print the story of each line with this `kenmerk`; a repeated one has more than one."""
    wanted = reference.strip()
    lines = [n for n, kept in enumerate(valuation.lines.reference) if kept == wanted]
    if not lines:
        raise DomainError(
            Problem("unknown_reference", REFERENCE, params={"reference": shown(wanted)})
        )
    if form == "json":
        write_text(_as_json(valuation, lang, lines, notices), out)
    else:
        stories = [as_story(valuation, line, lang) for line in lines]
        write_text(iter(["\n\n".join(stories)]), out)
    valued = all(valuation.status(line) is Status.VALUED for line in lines)
    return 0 if valued else 1


def _notices(valuation: Valuation, owed: dict[str, int]) -> Iterator[Problem]:
    """Say what does not hold a value back but somebody should know."""
    for contract in sorted(set(owed) - set(valuation.lines.contract.names)):
        params = {"contract": shown(contract)}
        yield Problem("obligation_of_no_contract", "--obligation", params=params)


def _as_json(
    valuation: Valuation, language: Language, lines: Sequence[int], notices: Sequence[Problem]
) -> Iterator[str]:
    """The lines as JSON, with how far the writing is where somebody waits for it."""
    counted = progress(lines, phrase("writing", language), len(lines))
    return json_lines(valuation, language, counted, notices)

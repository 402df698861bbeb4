"""Options that several commands share, read by the same rules as the cells of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from telmee.cli.language import language_of
from telmee.core.errors import DomainError, Problem
from telmee.core.schemes.model import Scheme
from telmee.core.tables import cells
from telmee.core.tables.columns import Column, Kind
from telmee.core.tables.contribution_columns import AMOUNT_CENTS_MAX
from telmee.texts import LANGUAGES, phrase

_HELP = language_of(sys.argv)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def lang_option(command: _Command) -> _Command:
    """Add `--lang`."""
    default = _HELP
    choice = click.Choice(list(LANGUAGES))
    help_text = phrase("help.lang", _HELP)
    return click.option("--lang", type=choice, default=default, help=help_text)(command)


def scheme_options(command: _Command) -> _Command:
    """Add `--scheme ID` and `--version V`."""
    version = click.option("--version", "version", metavar="V", help=phrase("help.version", _HELP))
    scheme = click.option(
        "--scheme", "scheme_id", required=True, metavar="ID", help=phrase("help.scheme", _HELP)
    )
    return scheme(version(command))


def require_amounts(scheme: Scheme) -> Scheme:
    """A scheme that values effort; raises `scheme_without_blocks` for one that does not."""
    if not scheme.has_amounts:
        raise DomainError(Problem("scheme_without_blocks", params={"scheme": scheme.id}))
    return scheme


def day_option(option: str, typed: str | None) -> int | None:
    """Read a date from the command line as a day number; raises `DomainError` as a cell would."""
    if typed is None:
        return None
    day = cells.parse_date(typed, option)
    if isinstance(day, Problem):
        raise DomainError(day)
    return day


def euros_option(option: str, typed: str) -> int:
    """Read an amount from the command line as cents; `250,000` is ambiguous here as well."""
    column = Column(option, Kind.CENTS, maximum=AMOUNT_CENTS_MAX, zero=True)
    cents = cells.parse_number(typed, column)
    if isinstance(cents, Problem):
        raise DomainError(cents)
    return cents


def named_euros(option: str, typed: Iterable[str]) -> dict[str, int]:
    """Read CONTRACT=EUROS pairs; tells all bad ones at once."""
    amounts: dict[str, int] = {}
    problems: list[Problem] = []
    for pair in typed:
        name, equals, euros = (part.strip() for part in pair.rpartition("="))
        if not (name and equals and euros):
            problems.append(Problem("bad_named_euros", option, params={"typed": cells.shown(pair)}))
        elif name in amounts:
            params = {"contract": cells.shown(name)}
            problems.append(Problem("repeated_named_euros", option, params=params))
        else:
            try:
                amounts[name] = euros_option(option, euros)
            except DomainError as error:
                problems += error.problems
    if problems:
        raise DomainError(problems)
    return amounts

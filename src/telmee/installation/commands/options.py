"""Options that the commands of a whole installation share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from telmee.cli.language import language_of
from telmee.texts import phrase

_HELP = language_of(sys.argv)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def data_option(command: _Command) -> _Command:
    """Add `--data`."""
    kind = click.Path(path_type=Path, file_okay=False)
    help_text = phrase("help.data", _HELP)
    return click.option("--data", type=kind, metavar="FOLDER", help=help_text)(command)


def port_option(command: _Command) -> _Command:
    """Add `--port`."""
    kind = click.IntRange(1, 65535)
    return click.option("--port", type=kind, help=phrase("help.port", _HELP))(command)

"""`./telmee database`: set a database up, and tell where the running one is."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import (
    data_folder,
    embedded_database,
    joined,
    outside_installation,
    secret_keys,
)
from telmee.installation.second_steps import remove_unreadable
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.group("database", help=phrase("help.database", _HELP))
def command() -> None:
    """Hold the commands about the database."""


@command.command("setup", help=phrase("help.database.setup", _HELP))
@data_option
@lang_option
def setup(data: Path | None, lang: Language) -> int:
    """Make roles, tables and rights; may be repeated."""
    with joined(data) as installation:
        installation.set_up()
    click.echo(phrase("database.set_up", lang), err=True)
    return 0


@command.command("drop-second-steps", help=phrase("help.database.drop_second_steps", _HELP))
@data_option
@lang_option
def drop_second_steps(data: Path | None, lang: Language) -> int:
    """Remove the second steps that a lost key sealed, so that people set them up anew."""
    with joined(data) as installation:
        keys = secret_keys(installation.data)
        people = remove_unreadable(installation.require_owner(), keys)
    click.echo(phrase("database.second_steps_dropped", lang, people=people), err=True)
    return 0


@command.command("url", help=phrase("help.database.url", _HELP))
@click.option("--owner", "as_owner", is_flag=True, help=phrase("help.database.owner", _HELP))
@data_option
@lang_option
def url(
    as_owner: bool,  # noqa: FBT001  # click's flag
    data: Path | None,
    lang: Language,  # noqa: ARG001  # what is refused is told in it
) -> int:
    """Print the address of the running database, for psql."""
    folder = data_folder(data)
    addresses = embedded_database(folder).addresses()
    if outside := outside_installation(folder):
        click.echo(outside.require_owner() if as_owner else outside.app_url)
    elif addresses:
        click.echo(addresses.owner if as_owner else addresses.app)
    else:
        raise DomainError(Problem("database_not_running", params={"folder": str(folder)}))
    return 0

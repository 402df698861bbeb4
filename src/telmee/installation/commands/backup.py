"""`./telmee backup FILE`: everything an installation holds, in one file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation.backup import write_backup
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import joined
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.command("backup", help=phrase("help.backup", _HELP))
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@lang_option
def command(file: Path, data: Path | None, lang: Language) -> int:
    """Write the backup; an earlier one of the same name stays as it is."""
    if file.exists():
        raise DomainError(Problem("out_exists", "FILE", params={"file": file.name}))
    with joined(data) as installation:
        evidence = write_backup(installation, file)
    click.echo(phrase("backup.written", lang, file=file, files=evidence), err=True)
    return 0

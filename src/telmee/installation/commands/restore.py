"""`./telmee restore FILE`: a backup into an empty installation, ending with `ledger check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import main
from telmee.cli.options import lang_option
from telmee.installation.backup import checked_backup, restore_backup
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import data_folder, joined, secret_keys
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.command("restore", help=phrase("help.restore", _HELP))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-second-steps", is_flag=True, help=phrase("help.restore.without", _HELP))
@data_option
@lang_option
def command(file: Path, without_second_steps: bool, data: Path | None, lang: Language) -> int:  # noqa: FBT001  # click's flag
    """Restore, and give the exit code of the check of the books."""
    keys = None if without_second_steps else secret_keys(data_folder(data))
    with checked_backup(file, keys) as backup, joined(data) as installation:
        restore_backup(backup, installation)
        click.echo(phrase("restore.done", lang), err=True)
        return main(["ledger", "check", "--data", str(installation.data), "--lang", lang])

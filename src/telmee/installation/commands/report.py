"""`./telmee report`: the key that signs reports, and whether a file is what it says it is.

Neither needs the database or the network: a report can be held against its signature anywhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import data_folder, secret_keys
from telmee.integrations.signatures import (
    mark_of,
    public_key_of,
    report_of,
    seal_faults,
    signer_of,
)
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)
#: A report is a few megabytes at most.
_BYTES_MAX = 200 * 1024 * 1024


@click.group("report", help=phrase("help.report", _HELP))
def command() -> None:
    """Hold the commands about reports."""


@command.command("key", help=phrase("help.report.key", _HELP))
@data_option
@lang_option
def key(data: Path | None, lang: Language) -> int:
    """Write the public keys of this installation, the one that signs now as the first."""
    del lang
    keys = secret_keys(data_folder(data))
    if not keys:
        raise DomainError(Problem("secret_key_insecure", "TELMEE_SECRET_KEY"))
    for secret in keys:
        public = public_key_of(secret)
        click.echo(f"{public} {mark_of(public)}")
    return 0


@command.command("verify", help=phrase("help.report.verify", _HELP))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help=phrase("help.report.verify.key", _HELP))
@data_option
@lang_option
def verify(file: Path, keys: tuple[str, ...], data: Path | None, lang: Language) -> int:
    """Hold a paper, a workbook or a JSON file against its signature."""
    content = file.read_bytes()[:_BYTES_MAX]
    own = [public_key_of(secret) for secret in secret_keys(data_folder(data))]
    faults = seal_faults(content, [*keys, *own])
    mark = mark_of(signer_of(content))
    tell([Problem(code, params={"mark": mark}) for code in faults], lang)
    if not faults:
        click.echo(phrase("report.holds", lang, mark=mark, sha256=report_of(content)))
    return 1 if faults else 0

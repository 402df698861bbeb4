"""`./telmee ledger`: prove the books."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import lang_option
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import joined, secret_keys, start_django
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.group("ledger", help=phrase("help.ledger", _HELP))
def command() -> None:
    """Hold the commands about the books."""


@command.command("check", help=phrase("help.ledger.check", _HELP))
@data_option
@lang_option
def check(data: Path | None, lang: Language) -> int:
    """Prove every balance from its entries, and name each invariant that is broken."""
    with joined(data) as installation:
        installation.require_owner()
        start_django(installation, "production")
        from telmee.apps.reports.proof import prove  # noqa: PLC0415 - needs Django

        keys = secret_keys(installation.data)
        proof = prove(installation.data / "evidence", keys, "owner")
    tell([*proof.broken, *proof.notices], lang)
    code = "ledger.broken" if proof.broken else "ledger.in_order"
    click.echo(phrase(code, lang, checks=proof.checks, broken=len(proof.broken)))
    click.echo(phrase("ledger.sealed", lang, rows=proof.sealed, waiting=proof.waiting))
    return 1 if proof.broken else 0

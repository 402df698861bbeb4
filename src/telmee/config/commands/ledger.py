"""`./telmee ledger`: prove the books."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import lang_option
from telmee.config.commands.options import data_option
from telmee.config.installation import joined, start_django
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
        start_django(installation, "production")
        from telmee.apps.audit.seals import check_seals  # noqa: PLC0415 - needs Django
        from telmee.apps.contributions.evidence_check import check_evidence  # noqa: PLC0415
        from telmee.apps.ledger.queries import CHECKS, check_ledger  # noqa: PLC0415 - as above

        sealed = check_seals("owner")
        evidence = check_evidence(installation.data / "evidence", "owner")
        broken = [*check_ledger("owner"), *sealed.faults, *evidence]
    tell(broken, lang)
    code = "ledger.broken" if broken else "ledger.in_order"
    click.echo(phrase(code, lang, checks=len(CHECKS), broken=len(broken)))
    click.echo(phrase("ledger.sealed", lang, rows=sealed.rows, waiting=sealed.waiting))
    return 1 if broken else 0

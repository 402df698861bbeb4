"""`./telmee journal`: the chain of seals, and whether it still fits a head that was kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import joined, start_django
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.group("journal", help=phrase("help.journal", _HELP))
def command() -> None:
    """Hold the commands about the chain."""


@command.command("head", help=phrase("help.journal.head", _HELP))
@data_option
@lang_option
def head(data: Path | None, lang: Language) -> int:
    """Seal what waits, and write the head of the chain to keep elsewhere."""
    del lang
    with joined(data) as installation:
        installation.require_owner()
        start_django(installation, "production")
        from django.conf import settings  # noqa: PLC0415 - needs Django

        from telmee.apps.audit import seals  # noqa: PLC0415 - as above

        seals.seal_rows(using="owner", everything=True)
        latest = seals.latest_head("owner")
    if latest is None:
        raise DomainError(Problem("nothing_sealed"))
    click.echo(latest.as_text(settings.SITE_URL), nl=False)
    return 0


@command.command("verify", help=phrase("help.journal.verify", _HELP))
@click.option(
    "--head",
    "kept",
    type=click.File(encoding="utf-8", errors="replace"),
    required=True,
    help=phrase("help.journal.verify.head", _HELP),
)
@data_option
@lang_option
def verify(kept: TextIO, data: Path | None, lang: Language) -> int:
    """Hold the chain against a head that was kept, and every sealed row against the chain."""
    with joined(data) as installation:
        installation.require_owner()
        start_django(installation, "production")
        from telmee.apps.audit import seals  # noqa: PLC0415 - needs Django

        expected = seals.read_head(kept.read(10_000))
        sealed = seals.check_seals("owner")
        broken = [*seals.head_faults(expected, "owner"), *sealed.faults]
    tell(broken, lang)
    facts = {"seal": expected.seal, "at": f"{expected.at:%Y-%m-%d %H:%M %Z}"}
    facts |= {"rows": expected.rows, "broken": len(broken)}
    click.echo(phrase("journal.differs" if broken else "journal.fits", lang, **facts))
    click.echo(phrase("ledger.sealed", lang, rows=sealed.rows, waiting=sealed.waiting))
    return 1 if broken else 0

"""`./telmee demo`: the whole system on this machine, with a region to look around in.

Stopping it with Ctrl-C is how it is meant to end, so that gives exit code 0. What was done in it
is kept for the next time.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import lang_option
from telmee.core.errors import Problem
from telmee.installation import database
from telmee.installation.commands.options import data_option, port_option
from telmee.installation.data_folder import Installation, own_secret_key, start_django, started
from telmee.installation.frontend import building_meanwhile, ensure_built, ensure_words
from telmee.installation.processes import terminable
from telmee.installation.serving import choose_port, serving
from telmee.integrations.files import whole_file
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)
_MODE = "demo"


@click.command("demo", help=phrase("help.demo", _HELP))
@port_option
@data_option
@click.option("--scale", metavar="PROFILE", help=phrase("help.scale", _HELP))
@lang_option
def command(port: int | None, data: Path | None, scale: str | None, lang: Language) -> int:
    """Start everything, tell where it is, and stop it again on Ctrl-C."""
    try:
        with terminable():
            _run(port, data, scale, lang)
    except KeyboardInterrupt:
        click.echo(phrase("demo.stopped", lang), err=True)
    return 0


def _run(port: int | None, data: Path | None, scale: str | None, lang: Language) -> None:
    port = choose_port(port)
    ensure_words()
    with building_meanwhile(), started(data) as installation:
        address = f"http://localhost:{port}"
        key = _secret_key(own_secret_key(installation.data))
        more = {"TELMEE_SECRET_KEY": key, "TELMEE_URL": address}
        os.environ.update(more)
        if not database.is_set_up(installation.app_url):
            click.echo(phrase("demo.making", lang), err=True)
        installation.ensure_set_up()
        start_django(installation, _MODE)
        _load(installation, scale, lang)
        ensure_built()
        environment = installation.environment(_MODE, TELMEE_DEMO_ACCOUNTS=_entrances())
        with serving(environment, installation.logs, port=port) as programs:
            _tell_where(address, lang)
            programs.watch(installation.heal)


def _load(installation: Installation, scale: str | None, lang: Language) -> None:
    """Load the region on an empty database only; what somebody did there is never replaced."""
    if not database.is_empty(installation.require_owner()):
        if scale is not None:
            tell([Problem("scale_not_used", "--scale")], lang)
        return
    click.echo(phrase("demo.loading", lang), err=True)
    from telmee.demo.letters import send_some_letters  # noqa: PLC0415  # as the next
    from telmee.demo.loading import load  # noqa: PLC0415  # it needs Django's tables

    load(scale, language=lang)
    if scale is None:
        from telmee.demo.account import publish_account  # noqa: PLC0415  # as above

        publish_account()
        send_some_letters()


def _secret_key(file: Path) -> str:
    """The key that signs sessions, written once so that a restart signs nobody out."""
    if not file.exists():
        with whole_file(file) as draft:
            draft.chmod(0o600)
            draft.write_text(secrets.token_urlsafe(48), "ascii")
    return file.read_text("ascii")


def _entrances() -> str:
    from telmee.demo.people import entrances  # noqa: PLC0415  # it needs Django's tables

    return json.dumps(entrances())


def _tell_where(address: str, lang: Language) -> None:
    from telmee.demo.people import accounts  # noqa: PLC0415  # it needs Django's tables

    signing_in = accounts(lang)
    widths = [max(len(account[part]) for account in signing_in) for part in range(3)]
    click.echo(phrase("demo.address", lang, address=address))
    click.echo(phrase("demo.accounts", lang))
    for account in signing_in:
        click.echo("  " + "  ".join(map(str.ljust, account, widths)).rstrip())
    click.echo(phrase("demo.stop", lang))

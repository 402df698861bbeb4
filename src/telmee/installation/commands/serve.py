"""`./telmee serve`: the system in earnest, which refuses to start insecurely.

Behind a proxy that speaks HTTPS; it listens on this machine only unless `--host` says otherwise.
Stopping with Ctrl-C or SIGTERM gives exit code 0.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation import database
from telmee.installation.commands.options import data_option, port_option
from telmee.installation.data_folder import data_folder, outside_installation, started
from telmee.installation.frontend import ensure_built
from telmee.installation.processes import terminable
from telmee.installation.security import insecure_settings
from telmee.installation.serving import LOCALHOST, choose_port, serving
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)
_MODE = "production"
_PORT = 8000


@click.command("serve", help=phrase("help.serve", _HELP))
@port_option
@data_option
@click.option("--host", default=LOCALHOST, show_default=True, help=phrase("help.host", _HELP))
@lang_option
def command(port: int | None, data: Path | None, host: str, lang: Language) -> int:
    """Check, start, and serve until told to stop."""
    if faults := [*insecure_settings(os.environ), *_own_settings(), *_unsafe_role(data)]:
        raise DomainError(faults)
    try:
        with terminable():
            _run(choose_port(port or _PORT, host), data, host, lang)
    except KeyboardInterrupt:
        click.echo(phrase("serve.stopped", lang), err=True)
    return 0


def _run(port: int, data: Path | None, host: str, lang: Language) -> None:
    ensure_built()
    with started(data) as installation:
        installation.ensure_set_up()
        environment = installation.environment(_MODE)
        with serving(environment, installation.logs, port=port, host=host) as programs:
            click.echo(phrase("serve.address", lang, address=f"http://{host}:{port}"))
            programs.watch(installation.heal)


def _own_settings() -> Iterator[Problem]:
    own = os.environ.get("DJANGO_SETTINGS_MODULE")
    if own and getattr(importlib.import_module(own), "DEBUG", False):
        yield Problem("debug_in_production", own, params={"name": "DEBUG"})


def _unsafe_role(data: Path | None) -> list[Problem]:
    """Judge the role of an outside database; the embedded one has the role that we made."""
    outside = outside_installation(data_folder(data))
    return database.role_faults(outside.app_url) if outside else []

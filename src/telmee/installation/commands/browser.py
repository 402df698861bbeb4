"""`./telmee browser`: make sure there is a Chromium for the tests in a browser."""

from __future__ import annotations

import sys

import click

from telmee.cli.language import language_of
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation.browser import find_browser, install_browser, install_command
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.command("browser", help=phrase("help.browser", _HELP))
@lang_option
def command(lang: Language) -> int:
    """Print where the browser is, after installing it when that can be done here."""
    browser = find_browser()
    if browser is None:
        click.echo(phrase("browser.installing", lang), err=True)
        browser = install_browser()
    if browser is None:
        raise DomainError(Problem("browser_missing", params={"command": install_command()}))
    click.echo(str(browser))
    return 0

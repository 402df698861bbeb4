"""`./telmee operator`: who runs the platform. Only the owner of the tables makes one."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from telmee.cli.language import language_of
from telmee.cli.options import lang_option
from telmee.core.errors import DomainError, Problem
from telmee.installation.commands.options import data_option
from telmee.installation.data_folder import joined, secret_keys, start_django
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)
_KEY = "TELMEE_SECRET_KEY"


@click.group("operator", help=phrase("help.operator", _HELP))
def command() -> None:
    """Hold the commands about operators."""


@command.command("create", help=phrase("help.operator.create", _HELP))
@click.argument("email")
@click.option("--name", default="", help=phrase("help.operator.name", _HELP))
@click.option("--link", is_flag=True, help=phrase("help.operator.link", _HELP))
@data_option
@lang_option
def create(
    email: str,
    name: str,
    link: bool,  # noqa: FBT001  # click's flag
    data: Path | None,
    lang: Language,
) -> int:
    """Make an operator with a password that he types, or with a link to choose one."""
    with joined(data) as installation:
        installation.ensure_set_up()
        # The link is signed, so that needs the key of `serve`; for the rest any will do.
        key = next(iter(secret_keys(installation.data)), "")
        if link and not key:
            raise DomainError(Problem("secret_key_insecure", _KEY))
        os.environ[_KEY] = key or secrets.token_urlsafe()
        start_django(replace(installation, app_url=installation.require_owner()), "production")
        from telmee.installation import operators  # noqa: PLC0415 - needs Django

        account = operators.new_account(email, name, lang)
        operators.save(account, None if link else _ask(operators, account, lang))
        address = operators.link_for(account) if link else ""
    click.echo(phrase("operator.created", lang, email=account.email), err=True)
    if link:
        click.echo(address)
    return 0


def _ask(operators: Any, account: Any, lang: Language) -> str:
    """Ask for a password, twice, on a terminal only: in a pipe it would stay in a file."""
    if not sys.stdin.isatty():
        raise DomainError(Problem("password_not_typed", "--link"))
    prompt, again = phrase("operator.password", lang), phrase("operator.again", lang)
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=again, err=True)
    operators.require_strong(typed, account)
    return typed

"""`./telmee template`: an empty sheet with the choices of a scheme built in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.options import lang_option, require_amounts, scheme_options
from telmee.core.errors import DomainError, Problem
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.integrations.scheme_files import load_scheme
from telmee.integrations.spreadsheets.template import write_template
from telmee.texts import Language, phrase
from telmee.texts.columns import sheet_messages

_HELP = language_of(sys.argv)


@click.command("template", help=phrase("help.template", _HELP))
@scheme_options
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help=phrase("help.out", _HELP)
)
@lang_option
def command(scheme_id: str, version: str | None, out: Path, lang: Language) -> int:
    """Write the template of a scheme."""
    if out.suffix.casefold() != ".xlsx":
        raise DomainError(Problem("template_is_xlsx", "--out", params={"file": out.name}))
    if out.exists():
        raise DomainError(Problem("out_exists", "--out", params={"file": out.name}))
    scheme = require_amounts(load_scheme(scheme_id, version))
    write_template(out, scheme, lang, sheet_messages(CONTRIBUTION, lang))
    click.echo(phrase("template.written", lang, file=out, blocks=len(scheme.blocks)), err=True)
    return 0

"""`./telmee schemes`: which rule sets there are, what they say, and whether a file is sound."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import UNUSABLE, tell
from telmee.cli.options import lang_option
from telmee.cli.scheme_comparison import as_comparison
from telmee.cli.scheme_output import as_list, as_page
from telmee.core.errors import DomainError, Problem
from telmee.core.schemes.model import Scheme
from telmee.integrations.scheme_files import (
    check_scheme_file,
    load_scheme,
    load_scheme_file,
    scheme_ids,
    scheme_versions,
)
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)


@click.group("schemes", help=phrase("help.schemes", _HELP))
def command() -> None:
    """Hold the commands about schemes."""


@command.command("list", help=phrase("help.schemes.list", _HELP))
@lang_option
def list_schemes(lang: Language) -> int:
    """List every scheme; a broken one is named and does not hide the others."""
    schemes: list[Scheme] = []
    broken = False
    for scheme_id in scheme_ids():
        for version in scheme_versions(scheme_id):
            try:
                schemes.append(load_scheme(scheme_id, version))
            except DomainError as error:
                click.echo(f"{scheme_id}/{version}.toml", err=True)
                tell(error.problems, lang)
                broken = True
    click.echo(as_list(schemes, lang))
    return 1 if broken else 0


@command.command("show", help=phrase("help.schemes.show", _HELP))
@click.argument("scheme_id", metavar="ID")
@click.option("--version", metavar="V", help=phrase("help.version", _HELP))
@lang_option
def show(scheme_id: str, version: str | None, lang: Language) -> int:
    """Show one scheme so that a council member can read it."""
    click.echo(as_page(load_scheme(scheme_id, version), lang))
    return 0


@command.command("check", help=phrase("help.schemes.check", _HELP))
@click.argument("file", type=click.Path(path_type=Path))
@lang_option
def check(file: Path, lang: Language) -> int:
    """Print every fault of a scheme file at once; exit code 2 when there is one."""
    problems = check_scheme_file(file, in_place=True)
    if problems:
        tell(problems, lang)
        click.echo(phrase("schemes.faults", lang, count=len(problems)), err=True)
        return UNUSABLE
    scheme = load_scheme_file(file)
    click.echo(
        phrase(
            "schemes.sound",
            lang,
            id=scheme.id,
            blocks=len(scheme.blocks),
            bonuses=len(scheme.bonuses),
            assumed=len(scheme.assumed),
        )
    )
    return 0


@command.command("compare", help=phrase("help.schemes.compare", _HELP))
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@lang_option
def compare(first: str, second: str, lang: Language) -> int:
    """Show two schemes side by side, block by block, with the difference in euros."""
    faults: list[Problem] = []
    schemes: list[Scheme] = []
    for typed in (first, second):
        scheme_id, _, version = typed.partition("@")
        try:
            schemes.append(load_scheme(scheme_id, version or None))
        except DomainError as error:
            faults += error.problems
    if faults:
        raise DomainError(faults)
    one, other = schemes
    click.echo(as_comparison(one, other, lang))
    return 0

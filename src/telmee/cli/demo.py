"""`./telmee demo`: every published scheme at work, on examples that live beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.options import lang_option
from telmee.cli.valuation_output import as_story, as_table
from telmee.core.contributions.columns import Contributions
from telmee.core.contributions.reading import read_contributions
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import Status, Valuation, value
from telmee.integrations.scheme_files import load_scheme, scheme_ids, schemes_folder
from telmee.integrations.spreadsheets import open_table
from telmee.texts import Language, phrase

_HELP = language_of(sys.argv)
EXAMPLE = "example.csv"


@click.command("demo", help=phrase("help.demo", _HELP))
@lang_option
def command(lang: Language) -> int:
    """Value the example of every scheme that has one, and tell the story of a line of each."""
    click.echo(phrase("demo.intro", lang))
    for scheme_id in scheme_ids():
        example = schemes_folder() / scheme_id / EXAMPLE
        if example.is_file():
            scheme = load_scheme(scheme_id)
            _show(scheme, value(scheme, _read(example, lang)), lang)
    click.echo(phrase("demo.next", lang))
    return 0


def _read(example: Path, lang: Language) -> Contributions:
    reading = read_contributions(open_table(example))
    tell(reading.notices, lang)
    return reading.contributions


def _show(scheme: Scheme, valuation: Valuation, lang: Language) -> None:
    click.echo("\n" + "─" * 78 + "\n")
    click.echo(as_table(valuation, lang))
    click.echo("\n" + phrase("demo.story", lang, id=scheme.id))
    click.echo(as_story(valuation, _telling_line(valuation), lang))


def _telling_line(valuation: Valuation) -> int:
    """Choose the valued line with the most steps: a bonus, a limit, a part of a year."""

    def steps(line: int) -> tuple[bool, int, int]:
        bonuses = int(valuation.columns.bonus_mask[line]).bit_count()
        years = int(valuation.columns.time_den[line])
        return valuation.status(line) is Status.VALUED, bonuses, years

    return max(range(len(valuation)), key=steps)

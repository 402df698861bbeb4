"""`./telmee obligation`: what a contract owes, by when what is due, and what a shortfall costs.

Exit codes: 0 a figure is known (owed, or nothing owed), 1 a person must judge, 2 unusable input.
The JSON is described at `telmee.texts.documents.obligation.assessment_document`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from telmee.cli.language import language_of
from telmee.cli.main import tell
from telmee.cli.obligation_output import as_text
from telmee.cli.options import day_option, euros_option, lang_option, scheme_options
from telmee.core.errors import DomainError, Problem
from telmee.core.money import WHOLE_BP
from telmee.core.obligations import (
    Assessment,
    Basis,
    Category,
    Contract,
    HeldCertificate,
    Status,
    assess,
    holiday_years,
)
from telmee.core.periods import date_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables import cells
from telmee.core.tables.columns import Column, Kind
from telmee.integrations.holidays_nl import public_holidays
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import Language, phrase
from telmee.texts.documents.obligation import assessment_document

_HELP = language_of(sys.argv)

#: What a person may type for a category: the key of the format, or the Dutch word.
CATEGORIES = {
    "werken": Category.WORKS,
    "diensten": Category.SERVICES,
    "leveringen": Category.SUPPLIES,
    "subsidie": Category.SUBSIDY,
    "inhuur": Category.HIRE,
    **{str(category): category for category in Category},
}


#: The option that gives each fact of a contract.
_OPTION_OF = {
    "opdrachtwaarde": "--value",
    "begin": "--start",
    "eind": "--end",
    "loonsom": "--wages",
    "arbeidsdeel": "--labour-share",
    "opdrachtgever": "--client",
    "aangeboden": "--offered",
    "percentage": "--percentage",
    "afgesproken": "--agreed",
    "eu_drempel": "--eu-threshold",
    "waarde_met_btw": "--with-vat",
    "waarde_raamovereenkomst": "--framework",
    "begin_raamovereenkomst": "--framework-start",
    "eind_raamovereenkomst": "--framework-end",
    "publicatie": "--published",
    "inschrijving": "--bid",
    "gunning": "--award",
    "definitieve_gunning": "--final-award",
    "oplevering": "--completion",
    "gerealiseerd": "--realised",
    "geleverd": "--effort",
    "verwacht": "--expected",
    "peildatum": "--as-of",
    "certificaat": "--certificate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The options as typed; `None` or empty where an option was left out."""

    category: str
    value: str
    start: str
    end: str
    wages: str | None = None
    labour_share: str | None = None
    basis: str = "sum"
    client: str | None = None
    offered: str | None = None
    percentage: str | None = None
    agreed: str | None = None
    eu_threshold: str | None = None
    with_vat: str | None = None
    framework: str | None = None
    framework_start: str | None = None
    framework_end: str | None = None
    published: str | None = None
    bid: str | None = None
    award: str | None = None
    final_award: str | None = None
    completion: str | None = None
    certificates: Sequence[str] = ()
    realised: str | None = None
    expected: str | None = None
    effort: Path | None = None
    contract: str | None = None
    as_of: str | None = None


def _option(
    name: str, field_name: str, metavar: str, *, required: bool = False
) -> Callable[[Any], Any]:
    help_text = phrase(f"help.obligation.{field_name}", _HELP)
    return click.option(name, field_name, metavar=metavar, required=required, help=help_text)


@click.command("obligation", help=phrase("help.obligation_command", _HELP))
@scheme_options
@click.option(
    "--category",
    required=True,
    type=click.Choice(list(CATEGORIES), case_sensitive=False),
    help=phrase("help.obligation.category", _HELP),
)
@_option("--value", "value", "EUR", required=True)
@_option("--start", "start", "DATE", required=True)
@_option("--end", "end", "DATE", required=True)
@_option("--wages", "wages", "EUR")
@_option("--labour-share", "labour_share", "PERCENT")
@click.option(
    "--basis",
    type=click.Choice([str(basis) for basis in Basis]),
    default=str(Basis.SUM),
    help=phrase("help.obligation.basis", _HELP),
)
@_option("--client", "client", "NAME")
@_option("--offered", "offered", "PERCENT")
@_option("--percentage", "percentage", "PERCENT")
@_option("--agreed", "agreed", "EUR")
@_option("--eu-threshold", "eu_threshold", "EUR")
@_option("--with-vat", "with_vat", "EUR")
@_option("--framework", "framework", "EUR")
@_option("--framework-start", "framework_start", "DATE")
@_option("--framework-end", "framework_end", "DATE")
@_option("--published", "published", "DATE")
@_option("--bid", "bid", "DATE")
@_option("--award", "award", "DATE")
@_option("--final-award", "final_award", "DATE")
@_option("--completion", "completion", "DATE")
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    metavar="KEY[=DATE]",
    help=phrase("help.obligation.certificates", _HELP),
)
@_option("--realised", "realised", "EUR")
@_option("--expected", "expected", "EUR")
@click.option(
    "--effort",
    type=click.Path(path_type=Path),
    help=phrase("help.obligation.effort", _HELP),
)
@_option("--contract", "contract", "NAME")
@_option("--as-of", "as_of", "DATE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    help=phrase("help.format", _HELP),
)
@lang_option
def command(
    scheme_id: str, version: str | None, form: str, lang: Language, **options: object
) -> int:
    """Assess one contract; the exit code tells whether a figure is known."""
    scheme = load_scheme(scheme_id, version)
    try:
        assessment, notices = run_obligation(scheme, Typed(**options))  # type: ignore[arg-type]
    except DomainError as error:
        raise DomainError(map(_by_option, error.problems)) from None
    tell(notices, lang)
    if form == "json":
        document = assessment_document(assessment, lang)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(assessment, lang))
    return 1 if assessment.status is Status.NEEDS_JUDGEMENT else 0


def _by_option(problem: Problem) -> Problem:
    """Name the option that somebody typed instead of the fact that core speaks of."""
    return replace(problem, column=_OPTION_OF.get(problem.column or "", problem.column))


def run_obligation(scheme: Scheme, typed: Typed) -> tuple[Assessment, tuple[Problem, ...]]:
    """Assess what was typed; gives notices beside it.

    Raises `DomainError` with everything that is wrong with the options, or with the contract.
    """
    contract = read_contract(typed)
    holidays = public_holidays(holiday_years(scheme, contract))
    assessment = assess(scheme, contract, holidays=holidays)
    if typed.effort is None:
        return assessment, ()
    # The engine and the readers are loaded only for a file, so that a figure comes at once.
    from telmee.cli.effort import value_effort

    filled, notices = value_effort(
        typed.effort, scheme, contract, name=typed.contract, owed_cents=assessment.owed_cents
    )
    return assess(scheme, filled, holidays=holidays), notices


def read_contract(typed: Typed) -> Contract:
    """Read the options as cells are read; raises `DomainError` with every fault at once."""
    reader = _Reader()
    contract = Contract(
        category=CATEGORIES[typed.category.casefold()],
        value_cents=reader.euros("--value", typed.value) or 0,
        start=reader.day("--start", typed.start) or date.min,
        end=reader.day("--end", typed.end) or date.max,
        wages_cents=reader.euros("--wages", typed.wages),
        labour_share_bp=reader.percent("--labour-share", typed.labour_share),
        with_vat_cents=reader.euros("--with-vat", typed.with_vat),
        framework_cents=reader.euros("--framework", typed.framework),
        framework_start=reader.day("--framework-start", typed.framework_start),
        framework_end=reader.day("--framework-end", typed.framework_end),
        published=reader.day("--published", typed.published),
        bid=reader.day("--bid", typed.bid),
        award=reader.day("--award", typed.award),
        final_award=reader.day("--final-award", typed.final_award),
        completion=reader.day("--completion", typed.completion),
        client=typed.client,
        basis=Basis(typed.basis),
        offered_bp=reader.percent("--offered", typed.offered),
        chosen_bp=reader.percent("--percentage", typed.percentage),
        agreed_cents=reader.euros("--agreed", typed.agreed),
        eu_threshold_cents=reader.euros("--eu-threshold", typed.eu_threshold),
        certificates=tuple(reader.certificate(pair) for pair in typed.certificates),
        realised_cents=reader.euros("--realised", typed.realised) or 0,
        expected_cents=reader.euros("--expected", typed.expected),
        as_of=reader.day("--as-of", typed.as_of),
    )
    reader.problems.extend(_clashing(typed))
    if reader.problems:
        raise DomainError(reader.problems)
    return contract


def _clashing(typed: Typed) -> Iterator[Problem]:
    """Which options cannot stand together: a file of effort says what is expected too.

    What the client verified is not in the file, so `--realised` stands beside it.
    """
    if typed.effort is None:
        if typed.contract is not None:
            yield Problem("effort_needed", "--contract")
        return
    if typed.as_of is None:
        yield Problem("effort_needs_as_of", "--as-of")
    if typed.expected is not None:
        yield Problem("effort_and_figure", "--expected")


@dataclass(slots=True)
class _Reader:
    """Reads one option after the other and keeps every fault."""

    problems: list[Problem] = field(default_factory=list)

    def euros(self, option: str, typed: str | None) -> int | None:
        """Read euros as cents; zero is an amount here."""
        return self._read(option, typed, euros_option)

    def day(self, option: str, typed: str | None) -> date | None:
        """Read a date."""
        day = self._read(option, typed, day_option)
        return None if day is None else date_of(day)

    def percent(self, option: str, typed: str | None) -> int | None:
        """Read a percentage, with or without its sign, as basis points."""
        return self._read(option, typed, _percent_option)

    def certificate(self, pair: str) -> HeldCertificate:
        """Read `KEY` or `KEY=DATE`."""
        key, equals, until = (part.strip() for part in pair.partition("="))
        if not key or (equals and not until):
            params = {"typed": cells.shown(pair)}
            self.problems.append(Problem("bad_certificate_option", "--certificate", params=params))
            return HeldCertificate(key)
        return HeldCertificate(cells.key_of(key), self.day("--certificate", until or None))

    def _read(
        self, option: str, typed: str | None, read: Callable[[str, str], int | None]
    ) -> int | None:
        if typed is None:
            return None
        if not typed.strip():
            self.problems.append(Problem("missing_option", params={"option": option}))
            return None
        try:
            return read(option, typed)
        except DomainError as error:
            self.problems += error.problems
            return None


def _percent_option(option: str, typed: str) -> int:
    column = Column(option, Kind.PERCENTAGE, maximum=WHOLE_BP, zero=True)
    number = cells.parse_number(typed.strip().removesuffix("%"), column)
    if isinstance(number, Problem):
        raise DomainError(replace(number, params={**number.params, "typed": cells.shown(typed)}))
    return number

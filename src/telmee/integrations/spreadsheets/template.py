"""The empty sheet that people fill in, with the choices of a scheme built in.

The headings are the Dutch column names, whatever the language: they are what is read back. The
other sheets list the keys of the scheme, what they are worth and what each needs; the lists in
the first sheet point there, because a list in a cell may not be longer than 255 characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from telmee.core.contributions.cells import DATE_COLUMNS, NUMBER_RULES
from telmee.core.contributions.columns import COLUMNS
from telmee.core.periods import FIRST_DATE, LAST_DATE
from telmee.core.schemes.model import Block, Bonus, DayCount, Scheme, Unit
from telmee.integrations.spreadsheets.sheets import (
    Column,
    Formats,
    Kind,
    OutputSheet,
    add_sheet,
    new_workbook,
)
from telmee.integrations.spreadsheets.template_words import Language, words

#: Rows that have lists and checks; more can be filled in without them.
_TEMPLATE_ROWS = 5_000

_LISTS = {"bouwblok": "blocks", "certificaat": "certificates"}


def write_template(path: Path, scheme: Scheme, language: Language = "nl") -> None:
    """Write an empty contribution sheet for a scheme; raises a `DomainError` if it cannot."""
    told = words(language)
    with new_workbook(path) as workbook:
        title = f"{scheme.title.in_language(language)} ({scheme.id}, {scheme.version})"
        workbook.set_properties({"title": title, "company": scheme.publisher})
        formats = Formats(workbook)
        columns = [Column(name, _kind(name), max(12, len(name) + 3)) for name in COLUMNS]
        sheet = add_sheet(workbook, formats, OutputSheet(told["contributions"], columns, ()))
        explained = dict(_explained(scheme, language, told))
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, formats.of_kind[column.kind])
            source = explained.get(_LISTS.get(column.heading, ""))
            _check(sheet, place, _validation(column.heading, told[column.heading], source))
        for explanation in explained.values():
            add_sheet(workbook, formats, explanation)


def _kind(name: str) -> Kind:
    """Tell what a column of the template holds."""
    if name in DATE_COLUMNS:
        return "date"
    rule = NUMBER_RULES.get(name)
    if rule is None:
        return "text"
    if rule.euros:
        return "cents"
    return "hundredths" if rule.decimals else "whole"


# Checks while typing -------------------------------------------------------------------------


def _check(sheet: Worksheet, place: int, validation: Mapping[str, Any]) -> None:
    """Put a check on a column, below the heading."""
    sheet.data_validation(1, place, _TEMPLATE_ROWS, place, dict(validation))


def _validation(name: str, message: str, source: OutputSheet | None) -> Mapping[str, Any]:
    """Say what a spreadsheet may accept in a column, and what it tells who clicks there."""
    about = {
        "input_title": name,
        "input_message": message,
        "error_title": name,
        "error_message": message,
    }
    if source is not None:
        last = len(list(source.rows)) + 1
        return {"validate": "list", "source": f"='{source.name}'!$A$2:$A${last}", **about}
    if name in DATE_COLUMNS:
        first, final = FIRST_DATE, LAST_DATE
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": first,
            "maximum": final,
            **about,
        }
    if rule := NUMBER_RULES.get(name):
        unit = 10**rule.decimals
        return {
            "validate": "decimal" if rule.decimals else "integer",
            "criteria": "between",
            "minimum": 0 if rule.zero else 1 / unit,
            "maximum": rule.maximum // unit,
            **about,
        }
    return {"validate": "any", **about}


# The other sheets ----------------------------------------------------------------------------


def _explained(
    scheme: Scheme, language: Language, told: Mapping[str, str]
) -> Iterator[tuple[str, OutputSheet]]:
    """The sheets that explain the keys of the scheme, by name; one without rows is left out."""
    yield (
        "blocks",
        OutputSheet(
            told["blocks"],
            _columns(
                told, ("key", 24), ("label", 60), ("unit", 34), ("amount", 16), ("needed", 60)
            ),
            [
                (
                    block.key,
                    block.label.in_language(language),
                    _unit(block, told, language),
                    block.amount_cents,
                    _needed(block, told),
                )
                for block in scheme.blocks
            ],
        ),
    )
    if scheme.bonuses:
        yield (
            "bonuses",
            OutputSheet(
                told["bonuses"],
                _columns(
                    told,
                    ("key", 24),
                    ("label", 60),
                    ("unit", 34),
                    ("amount", 16),
                    ("for_blocks", 60),
                ),
                [
                    (
                        bonus.key,
                        bonus.label.in_language(language),
                        _unit_of_bonus(bonus, told, language),
                        bonus.amount_cents,
                        ", ".join(
                            block.key for block in scheme.blocks if block.key in bonus.blocks
                        ),
                    )
                    for bonus in scheme.bonuses
                ],
            ),
        )
    if scheme.certificates:
        yield (
            "certificates",
            OutputSheet(
                told["certificates"],
                _columns(told, ("key", 24), ("label", 60), ("counts", 16)),
                [
                    (
                        certificate.key,
                        certificate.label.in_language(language),
                        _percentage(certificate.percentage_bp, language),
                    )
                    for certificate in scheme.certificates
                ],
            ),
        )


def _columns(told: Mapping[str, str], *wanted: tuple[str, int]) -> Sequence[Column]:
    """Make the columns of an explaining sheet."""
    return [
        Column(told[name], "cents" if name == "amount" else "text", width) for name, width in wanted
    ]


_YEARS = (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR)
_TIME = ("begin", "eind")
_NEEDED: Mapping[Unit, tuple[str, ...]] = {
    Unit.FULL_TIME_YEAR: (*_TIME, "uren_per_week"),
    Unit.PERSON_YEAR: _TIME,
    Unit.MONTH: _TIME,
    Unit.HOUR: ("uren",),
    Unit.PIECE: ("aantal",),
    Unit.DAY_MAXIMUM: ("bedrag", "aantal"),
    Unit.ACTUAL_COST: ("bedrag",),
    Unit.AGREEMENT: (),
}


def columns_needed(block: Block) -> tuple[str, ...]:
    """List the columns that a line of this block needs, besides the required ones.

    Hours a week are among them where the block has a minimum: without them nobody can test it.
    """
    needed = _NEEDED[block.unit]
    if block.day_count is DayCount.WORKED_HOURS and block.unit in _YEARS:
        needed = (*_TIME, "uren", "voltijd_uren_per_jaar")
    if block.min_weekly_hours is not None and "uren_per_week" not in needed:
        needed = (*needed, "uren_per_week")
    if block.needs_certificate:
        needed = (*needed, "certificaat")
    return needed


def _needed(block: Block, told: Mapping[str, str]) -> str:
    """Say which columns a line of this block needs."""
    needed = ", ".join(columns_needed(block)) or told["judged"]
    return f"{needed} {told['or_amount']}" if block.or_actual_cost else needed


def _unit(block: Block, told: Mapping[str, str], language: Language) -> str:
    """Say what the amount of a block is for."""
    unit = told[block.unit]
    if block.percentage_bp != 10_000:
        unit += f", {_percentage(block.percentage_bp, language)}"
    return f"{unit} {told['or_cost']}" if block.or_actual_cost else unit


def _unit_of_bonus(bonus: Bonus, told: Mapping[str, str], language: Language) -> str:
    """Say what the amount of a bonus is for."""
    if bonus.actual_cost:
        return f"{told['actual_cost']}, {_percentage(bonus.percentage_bp, language)}"
    return told["once"] if bonus.once else told["as_block"]


def _percentage(basis_points: int | None, language: Language) -> str | None:
    """Write basis points as a percentage."""
    if basis_points is None:
        return None
    whole, rest = divmod(basis_points, 100)
    sign = "," if language == "nl" else "."
    return f"{whole}{sign}{rest:02d}%" if rest else f"{whole}%"

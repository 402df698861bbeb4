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

from telmee.core.periods import FIRST_DATE, LAST_DATE
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.core.tables.columns import Column, Kind
from telmee.core.tables.contribution_columns import ASKED, CONTRIBUTION, WEEKLY_HOURS
from telmee.core.valuation.asks import Ask, asks_by_block
from telmee.integrations.spreadsheets.sheets import (
    Formats,
    OutputColumn,
    OutputKind,
    OutputSheet,
    add_sheet,
    new_workbook,
)
from telmee.integrations.spreadsheets.template_words import Language, words

#: Rows that have lists and checks; more can be filled in without them.
_TEMPLATE_ROWS = 5_000

#: How a spreadsheet shows the cells of each kind; the other kinds are text.
_FORMATS: Mapping[Kind, OutputKind] = {
    Kind.DATE: "date",
    Kind.CENTS: "cents",
    Kind.HOURS: "hundredths",
    Kind.COUNT: "whole",
}


def write_template(
    path: Path, scheme: Scheme, language: Language, messages: Mapping[str, str]
) -> None:
    """Write an empty contribution sheet for a scheme; raises a `DomainError` if it cannot.

    `messages` has what the sheet says of each column, by its name, in `language`.
    """
    labels = words(language)
    with new_workbook(path) as workbook:
        title = f"{scheme.title.in_language(language)} ({scheme.id}, {scheme.version})"
        workbook.set_properties({"title": title, "company": scheme.publisher})
        formats = Formats(workbook)
        columns = [
            OutputColumn(name, _FORMATS.get(column.kind, "text"), max(12, len(name) + 3))
            for name, column in CONTRIBUTION.items()
        ]
        sheet = add_sheet(workbook, formats, OutputSheet(labels["contributions"], columns, ()))
        explained = dict(_explained(scheme, language, labels))
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, formats.of_kind[column.kind])
            wanted = CONTRIBUTION[column.heading]
            source = explained.get(wanted.choices) if wanted.kind is Kind.KEY else None
            _check(sheet, place, _validation(wanted, messages[column.heading], source))
        for explanation in explained.values():
            add_sheet(workbook, formats, explanation)


# Checks while typing -------------------------------------------------------------------------


def _check(sheet: Worksheet, place: int, validation: Mapping[str, Any]) -> None:
    """Put a check on a column, below the heading."""
    sheet.data_validation(1, place, _TEMPLATE_ROWS, place, dict(validation))


def _validation(column: Column, message: str, source: OutputSheet | None) -> Mapping[str, Any]:
    """What a spreadsheet may accept in a column, and what it says to who clicks there."""
    about = {
        "input_title": column.name,
        "input_message": message,
        "error_title": column.name,
        "error_message": message,
    }
    if source is not None:
        last = len(list(source.rows)) + 1
        return {"validate": "list", "source": f"='{source.name}'!$A$2:$A${last}", **about}
    if column.kind is Kind.DATE:
        first, final = FIRST_DATE, LAST_DATE
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": first,
            "maximum": final,
            **about,
        }
    if column.kind.is_number:
        unit = 10**column.kind.decimals
        return {
            "validate": "decimal" if column.kind.decimals else "integer",
            "criteria": "between",
            "minimum": 0 if column.zero else 1 / unit,
            "maximum": column.maximum // unit,
            **about,
        }
    return {"validate": "any", **about}


# The other sheets ----------------------------------------------------------------------------


def _explained(
    scheme: Scheme, language: Language, labels: Mapping[str, str]
) -> Iterator[tuple[str, OutputSheet]]:
    """The sheets that explain the keys of the scheme, by name; one without rows is left out."""
    yield "blocks", _blocks(scheme, language, labels)
    if scheme.bonuses:
        yield "bonuses", _bonuses(scheme, language, labels)
    if scheme.certificates:
        yield "certificates", _certificates(scheme, language, labels)


def _blocks(scheme: Scheme, language: Language, labels: Mapping[str, str]) -> OutputSheet:
    asks = asks_by_block(scheme)
    columns = _columns(
        labels, ("key", 24), ("label", 60), ("unit", 34), ("amount", 16), ("needed", 60)
    )
    rows = [
        (
            block.key,
            block.label.in_language(language),
            _unit(block, labels, language),
            block.amount_cents,
            _needed(asks[block.key], labels),
        )
        for block in scheme.blocks
    ]
    return OutputSheet(labels["blocks"], columns, rows)


def _bonuses(scheme: Scheme, language: Language, labels: Mapping[str, str]) -> OutputSheet:
    columns = _columns(
        labels, ("key", 24), ("label", 60), ("unit", 34), ("amount", 16), ("for_blocks", 60)
    )
    rows = [
        (
            bonus.key,
            bonus.label.in_language(language),
            _unit_of_bonus(bonus, labels, language),
            bonus.amount_cents,
            ", ".join(block.key for block in scheme.blocks if block.key in bonus.blocks),
        )
        for bonus in scheme.bonuses
    ]
    return OutputSheet(labels["bonuses"], columns, rows)


def _certificates(scheme: Scheme, language: Language, labels: Mapping[str, str]) -> OutputSheet:
    columns = _columns(labels, ("key", 24), ("label", 60), ("for_blocks", 60), ("counts", 16))
    rows = [
        (
            certificate.key,
            certificate.label.in_language(language),
            blocks,
            _percentage(percentage_bp, language),
        )
        for certificate in scheme.certificates
        for percentage_bp, blocks in _counts_with(certificate, scheme)
    ]
    return OutputSheet(labels["certificates"], columns, rows)


def _counts_with(certificate: Certificate, scheme: Scheme) -> Iterator[tuple[int | None, str]]:
    """Each part of an invoice that a certificate makes count, with the blocks where it does."""
    blocks: dict[int | None, list[str]] = {}
    for block in scheme.blocks:
        for here in block.certificates:
            if here.key == certificate.key:
                blocks.setdefault(here.percentage_bp, []).append(block.key)
    for percentage_bp, keys in (blocks or {certificate.percentage_bp: []}).items():
        yield percentage_bp, ", ".join(keys)


def _columns(labels: Mapping[str, str], *wanted: tuple[str, int]) -> Sequence[OutputColumn]:
    """The columns of an explaining sheet."""
    return [
        OutputColumn(labels[name], "cents" if name == "amount" else "text", width)
        for name, width in wanted
    ]


def columns_needed(ask: Ask) -> tuple[str, ...]:
    """The columns that a line of a block needs, besides the required ones.

    Hours a week are among them where the block has a minimum: without them nobody can test it.
    """
    needed = {*ask.required, *ask.either[:1]}
    if ask.block.min_weekly_hours is not None:
        needed.add(WEEKLY_HOURS)
    return tuple(name for name in ASKED if name in needed)


def _needed(ask: Ask, labels: Mapping[str, str]) -> str:
    """Which columns a line of a block needs, in words."""
    needed = ", ".join(columns_needed(ask)) or labels["judged"]
    return f"{needed} {labels['or_amount']}" if ask.block.or_actual_cost else needed


def _unit(block: Block, labels: Mapping[str, str], language: Language) -> str:
    """What the amount of a block is for."""
    unit = labels[block.unit]
    if block.percentage_bp != 10_000:
        unit += f", {_percentage(block.percentage_bp, language)}"
    return f"{unit} {labels['or_cost']}" if block.or_actual_cost else unit


def _unit_of_bonus(bonus: Bonus, labels: Mapping[str, str], language: Language) -> str:
    """What the amount of a bonus is for."""
    if bonus.actual_cost:
        return f"{labels['actual_cost']}, {_percentage(bonus.percentage_bp, language)}"
    if bonus.yearly_amount:
        return labels["yearly_amount"]
    return labels["once"] if bonus.once else labels["as_block"]


def _percentage(basis_points: int | None, language: Language) -> str | None:
    """Basis points as a percentage."""
    if basis_points is None:
        return None
    whole, rest = divmod(basis_points, 100)
    sign = "," if language == "nl" else "."
    return f"{whole}{sign}{rest:02d}%" if rest else f"{whole}%"

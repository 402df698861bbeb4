"""The empty sheet: what it offers is what the scheme has, and what is filled in reads back."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.errors import DomainError
from telmee.core.schemes.model import Scheme, Unit
from telmee.core.tables.cells import Cell
from telmee.core.tables.columns import Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.core.tables.table import Sheet, Table, has_required_columns
from telmee.core.valuation import value
from telmee.core.valuation.asks import asks_of
from telmee.integrations.scheme_files import load_scheme, scheme_ids
from telmee.integrations.spreadsheets import open_table
from telmee.integrations.spreadsheets.template import columns_needed
from telmee.integrations.spreadsheets.template_words import Language, words
from telmee.integrations.spreadsheets.writing import write_template
from telmee.texts.columns import sheet_messages
from tests.integrations.spreadsheets.making import opened, package, parts_of
from tests.strategies import schemes

SCHEMES = [scheme for scheme in map(load_scheme, scheme_ids()) if scheme.has_amounts]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
MESSAGES = sheet_messages(CONTRIBUTION, "nl")

published = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.id)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leeg") / "leeg.xlsx"


def first_sheet(content: bytes) -> str:
    return dict(parts_of(content))["xl/worksheets/sheet1.xml"].decode()


def validations(path: Path) -> dict[str, dict[str, str]]:
    """The checks of the first sheet, by column, as attributes and formulas."""
    found = {}
    for attributes, formulas in re.findall(
        r"<dataValidation ([^>]*?)(?:/>|>(.*?)</dataValidation>)", first_sheet(path.read_bytes())
    ):
        told = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        told.update(re.findall(r"<(formula\d)>(.*?)</", formulas))
        place = re.fullmatch(r"([A-Z])2:\1(\d+)", told["sqref"])
        assert place
        assert int(place[2]) > 2_000
        found[list(CONTRIBUTION)[ord(place[1]) - ord("A")]] = told
    return found


def filled_in(path: Path, *lines: dict[str, Cell]) -> bytes:
    """Type lines into the template, by changing its XML as an editor would."""
    rows = ""
    for row, line in enumerate(lines, start=2):
        cells = ""
        for place, name in enumerate(CONTRIBUTION):
            cell = line.get(name)
            where = f'r="{chr(65 + place)}{row}"'
            if isinstance(cell, str):
                cells += f'<c {where} t="str"><v>{cell}</v></c>'
            elif isinstance(cell, date):
                cells += f'<c {where} t="d"><v>{cell.isoformat()}</v></c>'
            elif cell is not None:
                cells += f"<c {where}><v>{cell}</v></c>"
        rows += f'<row r="{row}">{cells}</row>'
    parts = [
        (name, part.replace(b"</sheetData>", f"{rows}</sheetData>".encode(), 1))
        if name == "xl/worksheets/sheet1.xml"
        else (name, part)
        for name, part in parts_of(path.read_bytes())
    ]
    return package(parts)


# --- published schemes ----------------------------------------------------------------------------


@published
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unfilled_template_has_no_lines_and_nothing_else_wrong(
    scheme: Scheme, language: Language, path: Path
) -> None:
    write_template(path, scheme, language, sheet_messages(CONTRIBUTION, language))
    table = open_table(path)
    assert [list(row) for row in table.sheet.rows] == [list(CONTRIBUTION)]
    assert not any(has_required_columns(CONTRIBUTION, sheet) for sheet in table.others)
    with pytest.raises(DomainError) as caught:
        read_contributions(table)
    assert [problem.code for problem in caught.value.problems] == ["no_data_rows"]


@published
def test_the_other_sheets_list_every_key(scheme: Scheme, path: Path) -> None:
    write_template(path, scheme, "en", MESSAGES)
    listed = [[row[0] for row in sheet.rows[1:]] for sheet in open_table(path).others]
    kept = (scheme.blocks, scheme.bonuses, scheme.certificates)
    assert listed == [[one.key for one in keys] for keys in kept if keys]
    amounts = [row[3] for row in open_table(path).others[0].rows[1:]]
    assert amounts == [
        "" if block.amount_cents is None else block.amount_cents / 100 for block in scheme.blocks
    ]


@published
def test_a_line_of_every_block_reads_back(scheme: Scheme, path: Path) -> None:
    write_template(path, scheme, "nl", MESSAGES)
    body: dict[str, Cell] = {
        "begin": date(2024, 3, 1), "eind": date(2024, 8, 31), "uren_per_week": 24, "uren": 10.5,
        "bedrag": 1234.5, "aantal": 2, "voltijd_uren_per_jaar": 1872, "contract": "C-1",
    }  # fmt: skip
    lines = [{**body, "kenmerk": block.key, "bouwblok": block.key} for block in scheme.blocks]
    found = read_contributions(opened(filled_in(path, *lines))).contributions
    assert found.problems == {}
    assert found.reference == [block.key for block in scheme.blocks]
    assert [found.block[line] for line in range(len(found))] == found.reference
    assert set(found.amount.tolist()) == {123_450}


# --- any scheme -----------------------------------------------------------------------------------


@settings(max_examples=30)
@given(schemes())
def test_the_columns_named_for_a_block_are_the_columns_it_needs(scheme: Scheme) -> None:
    body: dict[str, Cell] = {
        "begin": date(2024, 3, 1), "eind": date(2024, 8, 31), "uren_per_week": 24.0, "uren": 10.5,
        "bedrag": 1234.5, "aantal": 2.0, "voltijd_uren_per_jaar": 1872.0,
        "certificaat": scheme.certificates[0].key if scheme.certificates else "geen",
    }  # fmt: skip
    for block in scheme.blocks:
        needed = columns_needed(asks_of(scheme, block.key))
        lines = [{name: body[name] for name in needed}]
        lines += [{name: body[name] for name in needed if name != left_out} for left_out in needed]
        complete, *incomplete = codes_of(scheme, block.key, lines)
        assert not any(code.startswith("missing_") for code in complete)
        for left_out, codes in zip(needed, incomplete, strict=True):
            lacking = {code for code in codes if code.startswith("missing_")}
            only_a_minimum = block.min_weekly_hours is not None and left_out == "uren_per_week"
            assert lacking or only_a_minimum or block.or_actual_cost, left_out


def codes_of(scheme: Scheme, block: str, lines: list[dict[str, Cell]]) -> list[list[str]]:
    """The codes of the problems that the engine has with lines of one block."""
    names = list(CONTRIBUTION)[2:]
    rows: list[list[Cell]] = [["kenmerk", "bouwblok", *names]]
    rows += [[f"R{number}", block, *map(line.get, names)] for number, line in enumerate(lines)]
    found = read_contributions(Table("a.csv", Sheet("", rows))).contributions
    valuation = value(scheme, found)
    return [[problem.code for problem in valuation.problems(line)] for line in range(len(lines))]


@settings(max_examples=30)
@given(schemes())
def test_the_checks_are_those_of_the_reader(path: Path, scheme: Scheme) -> None:
    write_template(path, scheme, "nl", MESSAGES)
    checks = validations(path)
    assert set(checks) == set(CONTRIBUTION)
    for name, column in CONTRIBUTION.items():
        if column.kind.is_number:
            unit = 10**column.kind.decimals
            assert checks[name]["type"] == ("decimal" if column.kind.decimals else "whole")
            assert float(checks[name]["formula1"]) == (0 if column.zero else 1 / unit)
            assert float(checks[name]["formula2"]) == column.maximum // unit
    for name in CONTRIBUTION.of_kind(Kind.DATE):
        assert checks[name]["type"] == "date"
        assert (checks[name]["formula1"], checks[name]["formula2"]) == ("1", "109574")
    for name, keys in (("bouwblok", scheme.blocks), ("certificaat", scheme.certificates)):
        if keys:
            place = f"$A$2:$A${len(keys) + 1}"
            assert checks[name]["formula1"].endswith(place)
            assert checks[name]["type"] == "list"
        else:
            assert checks[name].get("type", "none") == "none"
    assert {name: unescape(check["prompt"]) for name, check in checks.items()} == MESSAGES


def test_a_list_of_any_length_is_a_range_on_the_other_sheet(path: Path) -> None:
    scheme = max(SCHEMES, key=lambda one: len(one.blocks))
    long = replace(scheme, blocks=scheme.blocks * 40)
    write_template(path, long, "en", MESSAGES)
    check = validations(path)["bouwblok"]
    assert check["formula1"] == f"'Building blocks'!$A$2:$A${len(long.blocks) + 1}"
    listed = open_table(path).others[0]
    assert (listed.name, len(listed.rows)) == ("Building blocks", len(long.blocks) + 1)


def test_both_languages_say_everything() -> None:
    dutch, english = words("nl"), words("en")
    assert dutch.keys() == english.keys()
    assert all(dutch.values())
    assert all(english.values())
    assert set(Unit) <= set(dutch)

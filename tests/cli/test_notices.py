"""What was left aside of a file, or is not as it looks, stands wherever the sum stands."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from telmee.cli.main import main
from telmee.integrations.spreadsheets import open_table

HEADINGS = ("kenmerk", "bouwblok", "begin", "eind", "uren_per_week", "einddatum contract")
ARGUMENTS = ("--scheme", "utrecht-36h-v2")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "inzet.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd-mm-yyyy"}) as book:
        sheet = book.add_worksheet("kwartaal 2")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ("L-1", "Participatiewet", date(2025, 1, 1), date(2025, 3, 31), 150))
        sheet.write_row(2, 0, ("L-2", "pw", date(2025, 1, 1), date(2025, 3, 31), "0,5 fte"))
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.write(1, 5, "31-1-2025")
        book.add_worksheet("kwartaal 1").write_row(0, 0, HEADINGS)
    return str(path)


CODES = ["unknown_column_alike", "ignored_sheets", "hidden_rows", "full_time_assumed"]


def told(file: str, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    assert main(["value", file, *ARGUMENTS, *arguments]) == 0
    result = capsys.readouterr()
    return result.out, result.err


def test_the_table_tells_them(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = told(file, "--lang", "nl", capsys=capsys)
    below = out.partition("Over het bestand")[2]
    assert [code for code in CODES if f"[{code}]" in below] == CODES
    assert "contract_eind" in below
    assert all(f"[{code}]" in err for code in CODES)


def test_the_json_tells_them(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    result: dict[str, Any] = json.loads(told(file, "--format", "json", capsys=capsys)[0])
    assert [notice["code"] for notice in result["notices"]] == CODES
    assert {frozenset(notice) for notice in result["notices"]} == {
        frozenset(("code", "column", "message"))
    }
    (one,) = (check for check in result["lines"][0]["to_check"] if "weekly" in check["code"])
    assert one["code"] == "many_weekly_hours"
    assert "34" in one["text"]  # 150 hours a month are 34.62 a week


def test_the_json_of_one_line_tells_them_too(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = told(file, "--format", "json", "--explain", "L-1", capsys=capsys)
    assert [notice["code"] for notice in json.loads(out)["notices"]] == CODES


def test_the_workbook_tells_them(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "waarde.xlsx"
    told(file, "--format", "xlsx", "--out", str(out), "--lang", "nl", capsys=capsys)
    table = open_table(out)
    sheets = {sheet.name: sheet for sheet in (table.sheet, *table.others)}
    assert len(sheets["Over het bestand"].rows) == 1 + len(CODES)


def test_a_file_of_which_everything_was_read_tells_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "inzet.csv"
    path.write_text("kenmerk;bouwblok;begin;eind;uren_per_week\nL;pw;1-1-2025;31-3-2025;36\n")
    assert "Over het bestand" not in told(str(path), "--lang", "nl", capsys=capsys)[0]

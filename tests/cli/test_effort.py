"""A file of contributions beside a contract: what stands now, and at the end."""

import json
from pathlib import Path
from typing import Any

import pytest

from telmee.cli.main import main

SCHEME = """
format = 1
id = "voorbeeld"
publisher = "Gemeente Voorbeeld"
applies_to = ["Voorbeeld"]
title = "Voorbeeld"
standing = "published"
[sources.page]
url = "https://example.nl/social-return"
read = "full"
[time]
weekly_hours = 36
source = "page"
[blocks.pw]
label = "Participatiewet"
category = "placement"
unit = "full_time_year"
amount = 40000
source = "page"
[obligation.percentages.sum]
percentage = 5
basis = "contract_sum"
source = "page"
"""
# Full time from 1 January; half time from 1 July; one that begins after the contract.
FILE = """kenmerk;bouwblok;begin;eind;uren_per_week
A-1;pw;01-01-2026;;36
A-2;pw;01-07-2026;31-12-2027;18
A-3;pw;01-01-2027;;36
"""


@pytest.fixture(autouse=True)
def _the_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "schemes" / "voorbeeld"
    folder.mkdir(parents=True)
    (folder / "undated.toml").write_text(SCHEME, encoding="utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(folder.parent))


def document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_of: str
) -> tuple[dict[str, Any], str]:
    file = tmp_path / "bijdragen.csv"
    file.write_text(FILE, encoding="utf-8")
    contract = ("--category", "diensten", "--start", "01-01-2026", "--end", "31-12-2026")
    main(
        [
            *("obligation", "--scheme", "voorbeeld", *contract, "--value", "1200000"),
            *("--effort", str(file), "--as-of", as_of, "--format", "json"),
        ]
    )
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_what_stands_on_a_day_and_what_will_stand_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On 30 June one person was half a year there: 181/365 of 40,000."""
    found, err = document(tmp_path, capsys, "30-06-2026")
    assert found["owed_cents"] == 60_000_00
    assert found["realised_cents"] == 19_835_62
    # At the end of the year a full year, and half a year of half a week: 184/365 of 20,000.
    assert found["expected_cents"] == 40_000_00 + 10_082_19
    assert found["shortfall_cents"] == 60_000_00 - 50_082_19
    assert "[effort_not_all_valued]" in err


def test_at_the_end_both_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = document(tmp_path, capsys, "31-12-2027")
    assert found["realised_cents"] == found["expected_cents"] == 50_082_19


def test_a_scheme_without_amounts_values_no_effort(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELMEE_SCHEMES")
    contract = ("--category", "diensten", "--start", "01-01-2026", "--end", "31-12-2026")
    code = main(
        [
            *("obligation", "--scheme", "schiedam", *contract, "--value", "1200000"),
            *("--effort", str(tmp_path / "bijdragen.csv"), "--as-of", "01-02-2026"),
        ]
    )
    assert code == 2
    assert "[scheme_without_blocks]" in capsys.readouterr().err

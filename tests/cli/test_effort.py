"""A file of contributions beside a contract: what it says was delivered, and at the end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from telmee.cli.main import main

Run = Callable[..., int]

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
# Two contracts, and a line that names none.
CONTRACTS = """kenmerk;bouwblok;begin;uren_per_week;contract
A-1;pw;01-01-2026;36;C-1
A-2;pw;01-01-2026;18;C-2
A-3;pw;01-01-2026;9;
"""
CAP = """
[caps.tenth]
per = "contract"
share = 10
blocks = ["pw"]
source = "page"
"""


@pytest.fixture(autouse=True)
def _the_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "schemes" / "voorbeeld"
    folder.mkdir(parents=True)
    (folder / "undated.toml").write_text(SCHEME, encoding="utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(folder.parent))


@pytest.fixture
def capped(tmp_path: Path) -> None:
    """Let the scheme count at most a tenth of the obligation."""
    file = tmp_path / "schemes" / "voorbeeld" / "undated.toml"
    file.write_text(SCHEME + CAP, encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Ask where a contract of 1.2 million stands, with what stands in the file."""

    def asked(text: str, *more: str, as_of: str = "30-06-2026", scheme: str = "voorbeeld") -> int:
        file = tmp_path / "bijdragen.csv"
        file.write_text(text, encoding="utf-8")
        contract = ("--category", "diensten", "--start", "01-01-2026", "--end", "31-12-2026")
        return main(
            [
                *("obligation", "--scheme", scheme, *contract, "--value", "1200000"),
                *("--effort", str(file), "--as-of", as_of, *more),
            ]
        )

    return asked


def document(
    run: Run, capsys: pytest.CaptureFixture[str], text: str, *more: str, as_of: str = "30-06-2026"
) -> tuple[dict[str, Any], str]:
    run(text, *more, "--format", "json", as_of=as_of)
    out, err = capsys.readouterr()
    return json.loads(out), err


def refusal(run: Run, capsys: pytest.CaptureFixture[str], text: str, *more: str) -> str:
    assert run(text, *more) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_what_was_delivered_on_a_day_and_what_will_stand_at_the_end(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """On 30 June one person was half a year there: 181/365 of 40,000."""
    found, err = document(run, capsys, FILE)
    assert found["owed_cents"] == 60_000_00
    assert found["delivered_cents"] == 19_835_62
    # At the end of the year a full year, and half a year of half a week: 184/365 of 20,000.
    assert found["expected_cents"] == 40_000_00 + 10_082_19
    assert found["shortfall_cents"] == 60_000_00 - 50_082_19
    assert "[effort_not_all_valued]" in err


def test_what_the_contractor_says_is_not_verified_and_takes_nothing_off(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = document(run, capsys, FILE)
    assert (found["realised_cents"], found["open_cents"]) == (0, 60_000_00)
    assert run(FILE) == 0
    told = capsys.readouterr().out
    assert "Geleverd volgens het bestand, nog niet vastgesteld: € 19.835,62." in told
    assert "Geverifieerd, dus vastgesteld door de opdrachtgever: € 0,00." in told
    assert "Verwacht aan het eind volgens het bestand" in told
    assert run(FILE, "--lang", "en") == 0
    assert "Delivered according to the file, not yet verified" in capsys.readouterr().out


def test_what_was_verified_stands_beside_the_file(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = document(run, capsys, FILE, "--realised", "15000")
    assert (found["delivered_cents"], found["realised_cents"]) == (19_835_62, 15_000_00)
    assert (found["open_cents"], found["expected_cents"]) == (45_000_00, 50_082_19)
    assert run(FILE, "--realised", "15000") == 0
    told = capsys.readouterr().out
    assert "Geleverd volgens het bestand, vastgesteld of niet: € 19.835,62." in told
    assert "nog niet vastgesteld" not in told


def test_a_file_that_ends_below_what_was_verified_is_not_all_of_it(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "[effort_below_realised]" in refusal(run, capsys, FILE, "--realised", "50082,20")


def test_at_the_end_both_are_the_same(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = document(run, capsys, FILE, as_of="31-12-2027")
    assert found["delivered_cents"] == found["expected_cents"] == 50_082_19


def test_contracts_are_never_added_up(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    err = refusal(run, capsys, CONTRACTS)
    assert "[effort_of_more_contracts]" in err
    assert "C-1, C-2" in err


def test_one_contract_of_a_file_is_chosen(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    found, err = document(run, capsys, CONTRACTS, "--contract", "C-2", as_of="31-12-2026")
    assert found["delivered_cents"] == 20_000_00
    assert "2 van 3 regels" in err
    assert "Bij 1 regels" in err


def test_a_contract_that_is_not_in_the_file_is_refused(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    err = refusal(run, capsys, CONTRACTS, "--contract", "C-3")
    assert "[effort_of_no_contract]" in err
    assert "C-1, C-2" in err


def test_in_a_file_of_one_contract_every_line_is_of_it(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    one = CONTRACTS.replace("C-2", "C-1")
    found, err = document(run, capsys, one, as_of="31-12-2026")
    assert found["delivered_cents"] == 40_000_00 + 20_000_00 + 10_000_00
    assert err == ""


@pytest.mark.usefixtures("capped")
@pytest.mark.parametrize("named", ["C-1", ""])
def test_a_maximum_that_is_a_share_of_the_obligation_counts(
    named: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tenth of 60,000 at most, where the whole year would have been 40,000."""
    text = f"kenmerk;bouwblok;begin;uren_per_week;contract\nA-1;pw;01-01-2026;36;{named}\n"
    found, err = document(run, capsys, text)
    assert (found["delivered_cents"], found["expected_cents"]) == (6_000_00, 6_000_00)
    assert err == ""


@pytest.mark.usefixtures("capped")
def test_a_maximum_that_could_not_be_applied_is_told(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FILE, "--basis", "wages", "--wages", "1") == 1
    assert "[effort_cap_skipped]" in capsys.readouterr().err


def test_a_scheme_without_amounts_values_no_effort(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELMEE_SCHEMES")
    assert run(FILE, scheme="schiedam") == 2
    assert "[scheme_without_blocks]" in capsys.readouterr().err

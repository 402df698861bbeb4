"""`./telmee obligation` as somebody types it."""

import json
from pathlib import Path
from typing import Any

import pytest

from telmee.cli.main import main

CONTRACT = ("--category", "diensten", "--start", "01-01-2026", "--end", "2026-12-31")
SCHEME = """
format = 1
id = "voorbeeld"
publisher = "Gemeente Voorbeeld"
applies_to = ["Voorbeeld"]
title = { nl = "Voorbeeld", en = "Example" }
standing = "published"
[sources.page]
url = "https://example.nl/social-return"
read = "full"
[obligation.percentages.sum]
percentage = 5
basis = "contract_sum"
labour_share_min = 12.5
source = "page"
[obligation.percentages.wages]
percentage = 7
basis = "wage_sum"
source = "page"
[deadlines.report]
what = { nl = "Melden", en = "Report" }
moment = "award"
days = 5
working = true
source = "page"
[sanctions.fine]
kind = "fine"
factor = 1.5
recovery_days = 30
steps = [{ nl = "Na een brief.", en = "After a letter." }]
exception = { nl = "Niet bij overmacht.", en = "Not in force majeure." }
source = "page"
"""


_BY_CONTRACT = 'judgement = { nl = "Per opdracht.", en = "By contract." }'


@pytest.fixture(autouse=True)
def _the_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "schemes" / "voorbeeld"
    folder.mkdir(parents=True)
    (folder / "undated.toml").write_text(SCHEME, encoding="utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(folder.parent))


def run(*arguments: str) -> int:
    return main(["obligation", "--scheme", "voorbeeld", *CONTRACT, *arguments])


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    run(*arguments, "--format", "json")
    parsed = json.loads(capsys.readouterr().out)
    assert isinstance(parsed, dict)
    return parsed


def test_a_figure_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "1.000.000,00", "--labour-share", "12,5%") == 0
    out, err = capsys.readouterr()
    assert "Opgave: € 50.000,00 · nog open: € 50.000,00" in out
    assert "Bron: https://example.nl/social-return" in out
    assert err == ""


def test_a_percentage_is_given_where_the_scheme_leaves_it_open(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rules = tmp_path / "schemes" / "voorbeeld" / "undated.toml"
    rules.write_text(SCHEME.replace("percentage = 5", _BY_CONTRACT), encoding="utf-8")
    assert run("--value", "1000000", "--labour-share", "20") == 1
    assert "percentage" in capsys.readouterr().out
    assert run("--value", "1000000", "--labour-share", "20", "--percentage", "2,5%") == 0
    assert "€ 1.000.000 × 2,5% = € 25.000,00" in capsys.readouterr().out


def test_a_percentage_that_the_scheme_knows_is_not_replaced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--value", "100", "--labour-share", "20", "--percentage", "3") == 2
    assert "--percentage: " in capsys.readouterr().err


def test_a_share_of_labour_beyond_the_whole_is_told_at_its_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--value", "100", "--labour-share", "100,01") == 2
    assert "--labour-share: " in capsys.readouterr().err


def test_nothing_owed_is_a_figure_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "1000000", "--labour-share", "12.49") == 0
    assert "Er is geen opgave." in capsys.readouterr().out


def test_what_needs_judgement_is_told_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--value", "1000000") == 1
    out, err = capsys.readouterr()
    assert "Geen bedrag: dit vraagt een oordeel." in out
    assert "[labour_share_unknown]" in out
    assert err == ""


def test_every_fault_of_the_options_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(
        *("--value", "250,000", "--award", "31-02-2026", "--offered", "x"),
        *("--certificate", "=", "--realised", "-1"),
    )
    assert code == 2
    out, err = capsys.readouterr()
    assert out == ""
    for option in ("--value", "--award", "--offered", "--certificate", "--realised"):
        assert f"{option}: " in err
    assert "[ambiguous_number]" in err


def test_a_contract_that_contradicts_itself_is_unusable(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--value", "100", "--basis", "wages", "--client", "Nergens") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "[missing_wages]" in err
    assert "[unknown_client]" in err


def test_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "100", "--labour-share", "100", "--lang", "en") == 0
    assert "Obligation: €5.00 · still open: €5.00" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["diensten", "services", "Diensten"])
def test_a_category_is_a_dutch_word_or_a_key(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--value", "100", "--labour-share", "100", "--category", word)
    assert found["contract"]["category"] == "services"


def test_the_json_holds_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys,
        *("--value", "100000", "--labour-share", "30", "--award", "2026-04-01"),
        *("--realised", "1000", "--expected", "4000", "--as-of", "2026-04-01"),
    )
    assert found["scheme"].keys() == {"id", "version", "sha256"}
    figures = ("owed", "delivered", "realised", "open", "surplus", "expected", "shortfall")
    assert [found[f"{name}_cents"] for name in figures] == [
        *(500_000, None, 100_000, 400_000, 0, 400_000, 100_000)
    ]
    (deadline,) = found["deadlines"]
    assert (deadline["due"], deadline["days_left"]) == ("2026-04-10", 9)  # Easter in between
    (fine,) = found["sanctions"]
    assert (fine["factor"], fine["amount_cents"], fine["steps"]) == (
        *("3/2", 150_000, ["Na een brief."]),
    )
    assert found["contract"]["labour_share_bp"] == 3000
    steps = {step["step"]: step for step in found["explanation"]}
    assert steps["percentage"]["value"] == "5/1"
    assert steps["percentage"]["rule"] == "obligation.percentages.sum"
    assert steps["percentage"]["source"] == "https://example.nl/social-return"
    assert found["problems"] == []


def test_an_unknown_figure_is_null_and_never_zero(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--value", "100000")
    assert found["status"] == "needs_judgement"
    assert [found[f"{name}_cents"] for name in ("owed", "open", "surplus")] == [None] * 3
    assert [problem["code"] for problem in found["problems"]] == ["labour_share_unknown"]
    assert found["sanctions"][0]["reason"] == "owed_unknown"


def test_the_wages_as_basis(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--value", "100000", "--basis", "wages", "--wages", "50000")
    assert found["owed_cents"] == 3_500_00


def test_zero_realised_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--value", "100", "--labour-share", "50", "--realised", "0")
    assert found["open_cents"] == 5_00


def test_a_file_of_effort_needs_its_day_and_no_figure_beside_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--value", "100", "--effort", "bijdragen.csv", "--expected", "1") == 2
    err = capsys.readouterr().err
    assert "[effort_needs_as_of]" in err
    assert "[effort_and_figure]" in err


def test_a_contract_is_chosen_from_a_file_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "100", "--contract", "C-1") == 2
    assert "[effort_needed]" in capsys.readouterr().err


def test_what_was_agreed_is_told_before_the_obligation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "100", "--agreed", "2500") == 0
    out = capsys.readouterr().out
    agreed = out.index("Opgave zoals partijen hebben afgesproken: € 2.500,00.")
    assert agreed < out.index("Opgave: € 2.500,00.")


def test_an_empty_option_is_a_missing_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "", "--end", " ") == 2
    err = capsys.readouterr().err
    assert err.count("[missing_option]") == 2


def test_an_unknown_category_is_unusable(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--value", "100", "--category", "gunsten") == 2
    assert capsys.readouterr().out == ""

"""What somebody types, and what comes back: the command as a whole."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from python_calamine import load_workbook

from telmee.cli.main import main

HEADER = (
    "kenmerk;bouwblok;begin;eind;uren_per_week;uren;bedrag;aantal;toeslagen;persoon;contract;"
    "contract_begin;contract_eind"
)


def write(folder: Path, *lines: str, name: str = "bijdragen.csv", header: str = HEADER) -> str:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main([*arguments, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_values_a_full_year_at_full_hours_as_the_amount_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;")
    code, result = run_json(capsys, "value", file, "--scheme", "harlingen")
    assert code == 0
    assert result["total_cents"] == 3_500_000
    assert set(result) == {"scheme", "engine", "total_cents", "lines", "notices"}
    assert result["notices"] == []
    assert result["scheme"]["id"] == "harlingen"
    assert result["scheme"]["version"] == "undated-2"
    assert len(result["scheme"]["sha256"]) == 64
    (line,) = result["lines"]
    assert set(line) == {
        "row",
        "reference",
        "block",
        "status",
        "value_cents",
        "explanation",
        "problems",
        "to_check",
    }
    assert (line["row"], line["reference"], line["status"]) == (2, "A-1", "valued")


def test_every_step_says_its_rule_and_every_published_value_its_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "A-1;pw_lt2;15-03-2023;14-09-2023;20,5;;;;age50,age55;P1;C1;;")
    _, result = run_json(capsys, "value", file, "--scheme", "harlingen")
    steps = result["lines"][0]["explanation"]
    for step in steps:
        assert set(step) == {"step", "value", "unit", "rule", "source", "assumed", "text"}
        assert step["text"]
    by_name = {step["step"]: step for step in steps}
    assert by_name["years"]["value"] == "92/183"
    assert by_name["years"]["assumed"]
    assert by_name["hours_share"]["value"] == "41/72"
    assert (
        by_name["base_cents"]["source"]
        == "https://www.harlingen.nl/vormen-van-invulling-social-return"
    )


def test_a_line_without_value_is_null_and_outside_the_total(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path,
        "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;",
        "A-2;custom;01-01-2023;;;;5000,00;;;;C1;;",
        "A-3;pw_lt2;01-01-2023;31-12-2023;8;;;;;P2;C1;;",
    )
    code, result = run_json(capsys, "value", file, "--scheme", "harlingen")
    assert code == 1
    assert result["total_cents"] == 3_500_000
    assert [line["status"] for line in result["lines"]] == ["valued", "needs_judgement", "refused"]
    assert [line["value_cents"] for line in result["lines"]] == [3_500_000, None, None]
    assert result["lines"][1]["problems"][0]["code"] == "by_agreement"
    assert result["lines"][2]["problems"][0]["code"] == "too_few_hours"
    assert result["lines"][2]["problems"][0]["remedy"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["value"], "missing_option"),
        (["value", "FILE"], "missing_option"),
        (["value", "FILE", "--scheme", "nowhere"], "unknown_scheme"),
        (["value", "FILE", "--scheme", "../harlingen"], "unknown_scheme"),
        (["value", "FILE", "--scheme", "harlingen", "--version", "1999-01-01"], "unknown_version"),
        (["value", "FILE", "--scheme", "harlingen", "--verison", "x"], "unknown_option"),
        (["value", "FILE", "--scheme", "harlingen", "--format", "pdf"], "bad_option"),
        (["value", "FILE", "--scheme", "harlingen", "--format", "xlsx"], "xlsx_needs_out"),
        (["value", "FILE", "--scheme", "harlingen", "--until", "31-12-23"], "two_digit_year"),
        (["value", "FILE", "--scheme", "harlingen", "--explain", "nope"], "unknown_reference"),
        (["value", "FILE", "--scheme", "harlingen", "--obligation", "C1"], "bad_named_euros"),
        (["value", "FILE", "--scheme", "harlingen", "--obligation", "C=1,000"], "ambiguous_number"),
        (["value", "FILE", "--scheme", "breda-2016"], "scheme_without_blocks"),
        (["value", "/nowhere/at/all.csv", "--scheme", "harlingen"], "file_not_found"),
        (["valeu", "FILE"], "bad_command"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_nothing_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    file = write(tmp_path, "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;")
    assert main([file if word == "FILE" else word for word in arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"[{code}]" in told.err


def test_a_bsn_stops_the_run_and_is_never_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = "".join(map(str, _bsn([1, 2, 3, 4, 5, 6, 7])))
    file = write(tmp_path, f"A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;{number};C1;;")
    assert main(["value", file, "--scheme", "harlingen"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert number not in told.err
    assert "[bsn_found]" in told.err


def _bsn(digits: list[int]) -> list[int]:
    """Complete seven digits to a number that passes the 11-check."""
    for eighth in range(10):
        eight = [*digits, eighth]
        last = (
            sum(digit * weight for digit, weight in zip(eight, range(9, 1, -1), strict=True)) % 11
        )
        if last < 10:
            return [*eight, last]
    raise AssertionError("one of ten always fits")


def test_the_story_of_one_line_ends_by_that_lines_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path,
        "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;",
        "A-2;pw_lt2;01-01-2023;31-12-2023;8;;;;;P2;C1;;",
    )
    assert main(["value", file, "--scheme", "harlingen", "--explain", "A-1"]) == 0
    story = capsys.readouterr().out
    assert "€ 35.000,00" in story
    assert "https://www.harlingen.nl/" in story
    assert main(["value", file, "--scheme", "harlingen", "--explain", "A-2", "--lang", "en"]) == 1
    assert "12 hours a week" in capsys.readouterr().out


def test_until_fills_an_empty_end_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "A-1;pw_lt2;01-01-2023;;36;;;;;P1;C1;;")
    assert main(["value", file, "--scheme", "harlingen"]) == 1
    assert "[missing_end]" in capsys.readouterr().out
    code, result = run_json(capsys, "value", file, "--scheme", "harlingen", "--until", "31-12-2023")
    assert (code, result["total_cents"]) == (0, 3_500_000)
    ends = [s for s in result["lines"][0]["explanation"] if s["step"] == "counted_to"]
    assert ends[0]["rule"] == "option.until"


def test_the_result_goes_whole_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;")
    out = tmp_path / "uit.json"
    code = main(["value", file, "--scheme", "harlingen", "--format", "json", "--out", str(out)])
    assert code == 0
    assert capsys.readouterr().out == ""
    assert json.loads(out.read_text("utf-8"))["total_cents"] == 3_500_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bijdragen.csv", "uit.json"]


def test_an_unwritable_file_is_told_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;")
    out = tmp_path / "missing" / "uit.json"
    assert main(["value", file, "--scheme", "harlingen", "--out", str(out)]) == 2
    assert "[file_not_written]" in capsys.readouterr().err


def test_the_table_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "A-1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;")
    main(["value", file, "--scheme", "harlingen"])
    assert "Totaal van 1 van 1 regels: € 35.000,00" in capsys.readouterr().out
    main(["value", file, "--scheme", "harlingen", "--lang", "en"])
    assert "Total of 1 of 1 lines: €35,000.00" in capsys.readouterr().out


def test_a_closed_pipe_is_no_fault() -> None:
    reader = [sys.executable, "-c", "import sys; sys.stdin.readline()"]
    launcher = Path(__file__).parents[2] / "telmee"
    with subprocess.Popen(
        [launcher, "schemes", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writer:
        subprocess.run(reader, stdin=writer.stdout, check=True)
        _, told = writer.communicate()
        assert b"Traceback" not in told


def test_a_workbook_of_values_holds_what_the_table_says(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "=1+1;pw_lt2;01-01-2023;31-12-2023;36;;;;;P1;C1;;",
        "A-2;pw_lt2;01-01-2023;31-12-2023;8;;;;;P2;C1;;",
    )
    out = tmp_path / "uit.xlsx"
    code = main(["value", file, "--scheme", "harlingen", "--format", "xlsx", "--out", str(out)])
    assert code == 1
    book = load_workbook(out)
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][1] == "=1+1"  # text, not a formula
    assert 35000 in rows[1]


def test_effort_that_may_be_double_stands_with_its_rows_on_each_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path,
        "A-1;pw_lt2;01-01-2023;30-06-2023;36;;;;;K-007;C1;;",
        "A-2;wia_wao;01-03-2023;30-09-2023;24;;;;; k-007 ;C2;;",
        "A-3;pw_lt2;01-01-2024;30-06-2024;36;;;;;K7;C1;;",
        "A-4;training;01-02-2023;;;;1000;;;;C1;;",
        "A-5;training;01-02-2023;;;;1000;;;;C2;;",
        "A-6;pw_lt2;01-01-2023;30-06-2023;36;;;;;K-009;C1;;",
    )
    code, result = run_json(capsys, "value", file, "--scheme", "harlingen")
    assert code == 0
    doubles = [
        {
            check["code"]: check["rows"]
            for check in line["to_check"]
            if check["code"].startswith("double_")
        }
        for line in result["lines"]
    ]
    assert doubles == [
        {"double_over_full_time": [3], "double_two_groups": [3], "double_near_code": [4]},
        {"double_over_full_time": [2], "double_two_groups": [2], "double_near_code": [4]},
        {"double_near_code": [2, 3]},
        {"double_same_invoice": [6]},
        {"double_same_invoice": [5]},
        {},
    ]


def test_the_table_names_what_may_be_double_below_the_sum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path,
        "A-1;pw_lt2;01-01-2023;30-06-2023;12;;;;;P1;C1;;",
        "A-2;pw_lt2;01-03-2023;30-09-2023;12;;;;;p1;C2;;",
    )
    assert main(["value", file, "--scheme", "harlingen"]) == 0
    table, doubles = capsys.readouterr().out.split("Mogelijk dubbel")
    assert "Totaal van 2 van 2 regels" in table
    assert "rij 2, A-1: Dezelfde persoon werkt in deze periode ook in A-2 (rij 3)." in doubles
    assert "rij 3, A-2: Dezelfde persoon werkt in deze periode ook in A-1 (rij 2)." in doubles


def test_all_spellings_of_a_code_share_one_clock(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path,
        "A-1;ww;01-01-2024;31-12-2024;36;;;;;p1;C1;;",
        "A-2;ww;01-01-2025;31-12-2025;36;;;;;P1 ;C1;;",
    )
    code, result = run_json(capsys, "value", file, "--scheme", "haaglanden-zhc-2023-07")
    assert code == 1
    assert [line["status"] for line in result["lines"]] == ["valued", "refused"]
    assert result["engine"] == 2

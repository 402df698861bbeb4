"""What is written: JSON that caching does not change, workbooks that stay finite, words in use."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
from python_calamine import load_workbook

from telmee.cli import valuation_workbook
from telmee.cli.main import main
from telmee.cli.table import table
from telmee.core.contributions.effort_file import read_contributions
from telmee.core.valuation import Valuation, value
from telmee.integrations.scheme_files import load_scheme
from telmee.integrations.spreadsheets import open_table
from telmee.texts import LANGUAGES
from telmee.texts.documents.valuation import json_lines, line_document
from tests.tidy import project

SCHEMES_WITH_EXAMPLE = sorted(
    path.parent.name for path in project.files(".csv", under="schemes") if path.stem == "example"
)


def valued(scheme_id: str) -> Valuation:
    table_of_example = open_table(project.ROOT / "schemes" / scheme_id / "example.csv")
    return value(
        load_scheme(scheme_id),
        read_contributions(table_of_example).contributions,
        until=None,
        obligations={},
    )


@pytest.mark.parametrize("scheme_id", SCHEMES_WITH_EXAMPLE)
def test_keeping_what_was_told_does_not_change_the_json(scheme_id: str) -> None:
    valuation = valued(scheme_id)
    twice = [*range(len(valuation)), *range(len(valuation))]
    for language in LANGUAGES:
        written = list(json_lines(valuation, language, twice))
        told = [line_document(valuation, line, language) for line in twice]
        expected = [json.dumps(document, ensure_ascii=False) for document in told]
        assert [text.removeprefix(",") for text in written[1:-1]] == expected


def test_a_big_file_has_all_its_lines_and_the_stories_that_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(valuation_workbook, "STORIES_MAX", 2)
    example = str(project.ROOT / "schemes/harlingen/example.csv")
    out = tmp_path / "waarde.xlsx"
    arguments = ["value", example, "--scheme", "harlingen", "--format", "xlsx", "--out", str(out)]
    main(arguments)
    lines = len(valued("harlingen"))
    workbook = load_workbook(out)
    assert len(workbook.get_sheet_by_name("Regels").to_python()) == lines + 1
    *stories, last = workbook.get_sheet_by_name("Uitleg").to_python()[1:]
    assert {row[0] for row in stories} == {2.0, 3.0}
    assert str(lines - 2) in str(last[2])
    assert "--explain" in str(last[2])
    told = capsys.readouterr().err
    assert "[stories_left_out]" in told
    assert str(lines - 2) in told


def test_stories_stop_before_the_sheet_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    valuation = valued("harlingen")
    monkeypatch.setattr(valuation_workbook, "_STORY_ROWS_MAX", 1)
    assert valuation_workbook._lines_with_story(valuation) == 0


def test_a_small_file_has_every_story_and_no_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = str(project.ROOT / "schemes/harlingen/example.csv")
    out = str(tmp_path / "waarde.xlsx")
    main(["value", example, "--scheme", "harlingen", "--format", "xlsx", "--out", out])
    assert "stories_left_out" not in capsys.readouterr().err


def test_mistakes_in_several_options_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["--scheme", "nowhere", "--until", "33", "--format", "xlsx", "--obligation", "C1=x"]
    assert main(["value", "bijdragen.csv", *typed, "--explain", "A-1"]) == 2
    told = capsys.readouterr().err
    for code in ("xlsx_needs_out", "story_is_text", "bad_date", "unknown_scheme"):
        assert f"[{code}]" in told
    assert "--obligation" in told


def test_a_table_with_a_width_wraps_its_widest_column_between_words() -> None:
    told = table(["what", "euro"], [["a long label of many words", "1,00"]], {1}, width=20)
    assert told.splitlines() == [
        "what            euro",
        "--------------  ----",
        "a long label    1,00",
        "of many words",
    ]


def test_a_word_too_long_for_the_width_stays_whole() -> None:
    assert "incomprehensibilities" in table(["a"], [["incomprehensibilities"]], set(), width=5)


def _written_codes() -> tuple[set[str], re.Pattern[str]]:
    """Every text in the program, and those that have a word filled in, as one pattern."""
    texts, patterns = set(), set()
    for path in project.files(".py", under="src"):
        for node in ast.walk(ast.parse(project.read(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_0-9]+"
                    for part in node.values
                ]
                if re.search("[a-z]{3}", "".join(parts).replace("[a-z_0-9]+", "")):
                    patterns.add("".join(parts))
    return texts, re.compile("|".join(sorted(patterns)))


def test_every_phrase_is_used() -> None:
    folder = project.ROOT / "src/telmee/texts"
    codes = {
        code
        for name in ("phrases.toml", "phrases_obligations.toml", "phrases_system.toml")
        for code in tomllib.loads((folder / name).read_text("utf-8"))
    }
    texts, pattern = _written_codes()
    assert {code for code in codes - texts if not pattern.fullmatch(code)} == set()


HALF_COUNTED = (
    "kenmerk;bouwblok;begin;eind;uren_per_week;persoon;contract_begin;contract_eind\n"
    "Z-1;pw_lt2;01-03-2022;31-08-2022;36;R-4;01-01-2022;31-12-2026\n"
    "Z-2;pw_lt2;01-03-2023;31-12-2024;36;R-4;01-01-2022;31-12-2026\n"
    "Z-3;pw_lt2;01-12-2021;30-11-2022;36;R-5;01-01-2022;31-12-2026\n"
)


@pytest.fixture
def half_counted(tmp_path: Path) -> Path:
    file = tmp_path / "regels.csv"
    file.write_text(HALF_COUNTED, "utf-8")
    return file


def test_the_table_says_which_lines_count_for_less_than_their_period(
    half_counted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["value", str(half_counted), "--scheme", "harlingen", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    rows = {line.split()[1]: line for line in told.splitlines() if line.strip()[:1].isdigit()}
    assert ["not all days" in rows[name] for name in ("Z-1", "Z-2", "Z-3")] == [False, True, True]
    assert (
        "row 3, Z-2: Not the whole period counts: 366 of the 672 days, from 1 March 2023 up to and "
        "including 29 February 2024. After that the maximum of 24 months is reached." in told
    )
    assert (
        "row 4, Z-3: Not the whole period counts: 334 of the 365 days, from 1 January 2022 up to "
        "and including 30 November 2022. The rest is outside the contract." in told
    )


def test_the_workbook_has_the_days_that_count_and_what_to_check(
    half_counted: Path, tmp_path: Path
) -> None:
    out = tmp_path / "waarde.xlsx"
    options = ["--scheme", "harlingen", "--format", "xlsx", "--out", str(out), "--lang", "en"]
    assert main(["value", str(half_counted), *options]) == 0
    head, *lines = load_workbook(out).get_sheet_by_name("Lines").to_python()
    columns = [head.index(name) for name in ("Days counted", "Days of the period", "To check")]
    told = [[line[column] for column in columns] for line in lines]
    assert [days[:2] for days in told] == [[184, 184], [366, 672], [334, 365]]
    assert [str(days[2])[:22] for days in told] == ["", *["Not the whole period c"] * 2]


def test_the_json_says_what_counts_for_less(
    half_counted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["value", str(half_counted), "--scheme", "harlingen", "--format", "json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    checks = [{check["code"] for check in line["to_check"]} for line in lines]
    assert ["counts_less" in codes for codes in checks] == [False, True, True]

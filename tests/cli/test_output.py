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
from telmee.core.contributions.reading import read_contributions
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


def _written_codes() -> list[re.Pattern[str]]:
    """Every text in the program, with a pattern for a word where something is filled in."""
    patterns = []
    for path in project.files(".py", under="src"):
        for node in ast.walk(ast.parse(project.read(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.append(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_0-9]+"
                    for part in node.values
                ]
                if re.search("[a-z]{3}", "".join(parts).replace("[a-z_0-9]+", "")):
                    patterns.append("".join(parts))
    return [re.compile(pattern) for pattern in set(patterns)]


def test_every_phrase_is_used() -> None:
    texts = project.ROOT / "src/telmee/texts"
    codes = {
        code
        for name in ("phrases.toml", "phrases_obligations.toml", "phrases_system.toml")
        for code in tomllib.loads((texts / name).read_text("utf-8"))
    }
    written = _written_codes()
    assert {code for code in codes if not any(p.fullmatch(code) for p in written)} == set()

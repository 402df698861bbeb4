"""Every problem of reading and writing spreadsheets has words, in both languages."""

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from telmee.core.errors import Problem
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.texts import LANGUAGES, problem_text
from tests.tidy import project

FOLDERS = (
    "src/telmee/core/contributions",
    "src/telmee/core/tables",
    "src/telmee/integrations/apart",
    "src/telmee/integrations/files",
    "src/telmee/integrations/spreadsheets",
)
WORDS = tomllib.loads(project.read(project.ROOT / "src/telmee/texts/problems/reading.toml"))
MAKERS = {"Problem", "refusal", "_refused", "_about"}
CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


def strings(node: ast.AST) -> Iterator[str]:
    """Every text in a piece of code that has the shape of a code and is no column."""
    for part in ast.walk(node):
        text = part.value if isinstance(part, ast.Constant) else None
        if isinstance(text, str) and CODE.fullmatch(text) and text not in CONTRIBUTION:
            yield text


def sources() -> Iterator[ast.AST]:
    for folder in FOLDERS:
        for path in project.files(".py", under=folder):
            yield ast.parse(project.read(path))
    yield ast.parse(project.read(project.ROOT / "src/telmee/core/valuation/under_scheme.py"))


def codes_given() -> set[str]:
    """The codes as they stand in a call that makes a problem."""
    return {
        code
        for tree in sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS
        for argument in call.args
        for code in strings(argument)
    }


def test_every_problem_has_words() -> None:
    given = codes_given()
    assert {"bsn_found", "missing_column", "broken_csv", "file_not_written"} <= given
    assert given - set(WORDS) == set()


def test_no_words_are_left_over() -> None:
    assert set(WORDS) - {code for tree in sources() for code in strings(tree)} == set()


@pytest.mark.parametrize("code", WORDS)
def test_both_languages_say_the_same_with_a_remedy(code: str) -> None:
    words = WORDS[code]
    assert set(words) == {"nl", "en", "remedy_nl", "remedy_en"}
    assert all(text.strip() == text != "" and text[-1] in ".?" for text in words.values())
    for dutch, english in (("nl", "en"), ("remedy_nl", "remedy_en")):
        places = [set(re.findall(r"{(\w+)}", words[key])) for key in (dutch, english)]
        assert places[0] == places[1]


@pytest.mark.parametrize("code", sorted(code for code in WORDS if code.startswith("bsn_")))
def test_the_words_about_a_bsn_have_room_for_no_content(code: str) -> None:
    problem = Problem(code, "C", 7, {"sheet": 2, "count": 3})
    for language in LANGUAGES:
        told = " ".join(problem_text(problem, language))
        assert not re.search(r"\d\d", told)

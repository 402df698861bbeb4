"""Every step and every problem of an obligation has words, in both languages."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import Problem
from telmee.core.explain import Step, Text
from telmee.core.obligations import Assessment, assess
from telmee.core.schemes.model import Scheme
from telmee.texts import LANGUAGES, problem_text, step_text
from tests.core.obligations.strategies import PUBLISHED, contracts, schemes
from tests.tidy import project

TEXTS = project.ROOT / "src/telmee/texts"
FILES = ("steps_obligations.toml", "problems/obligations.toml", "phrases_obligations.toml")


def all_steps(found: Assessment) -> Iterator[Step]:
    yield from found.explanation
    for due in found.deadlines:
        yield from due.explanation
    for sanction in found.sanctions:
        yield from sanction.explanation


def read_aloud(found: Assessment) -> None:
    for language in LANGUAGES:
        for step in all_steps(found):
            assert "{" not in step_text(step, language)
        for problem in found.problems:
            assert all("{" not in part and part for part in problem_text(problem, language))


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
@settings(max_examples=5)
@given(data=st.data())
def test_every_published_scheme_can_be_read_aloud(scheme: Scheme, data: st.DataObject) -> None:
    read_aloud(assess(scheme, data.draw(contracts(scheme))))


@settings(max_examples=40)
@given(data=st.data())
def test_any_scheme_can_be_read_aloud(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    read_aloud(assess(scheme, data.draw(contracts(scheme))))


def codes_in_core() -> set[str]:
    """The codes of problems as core/obligations spells them."""
    sources = project.files(".py", under="src/telmee/core/obligations")
    calls = re.compile(r"Problem\(\s*\"([a-z_]+)\"(?: if [a-z]+ else \"([a-z_]+)\")?")
    return {
        code for path in sources for found in calls.findall(project.read(path)) for code in found
    } - {""}


def test_every_problem_has_words_and_no_words_are_left_over() -> None:
    words = set(tomllib.loads(project.read(TEXTS / "problems/obligations.toml")))
    of_the_command = {code for code in words if code.startswith(("effort_", "bad_certificate"))}
    assert words - of_the_command == codes_in_core()


@pytest.mark.parametrize("name", FILES)
def test_both_languages_fill_in_the_same(name: str) -> None:
    tables = tomllib.loads(project.read(TEXTS / name))
    for code, words in tables.items():
        for dutch, english in (("nl", "en"), ("remedy_nl", "remedy_en")):
            places = [set(re.findall(r"{(\w+)", words.get(key, ""))) for key in (dutch, english)]
            assert places[0] == places[1], code


def test_a_percentage_in_a_refusal_is_written_the_readers_way() -> None:
    bounds = {"above": Fraction(5, 2), "most": Fraction(5)}
    problem = Problem("offer_out_of_range", params=bounds)
    dutch, english = (problem_text(problem, language)[0] for language in ("nl", "en"))
    assert "hoger zijn dan 2,5%, want dat is gevraagd, en hoogstens 5%" in dutch
    assert "above 2.5%, which was asked, and at most 5%" in english


def test_what_a_problem_names_is_written_in_the_language_of_the_reader() -> None:
    few = Problem("too_few_hours", params={"min_hours": Fraction(25, 2)})
    assert [problem_text(few, language)[0].count("12,5") for language in LANGUAGES] == [1, 0]
    assert "12.5 hours" in problem_text(few, "en")[0]
    judged = Problem("judged_by_person", params={"why": Text("per geval", "case by case")})
    assert problem_text(judged, "nl")[0].endswith(": per geval")
    assert problem_text(judged, "en")[0].endswith(": case by case")
    told = Problem("unknown_client", params={"client": date(2026, 3, 1), "known": 7})
    assert problem_text(told, "en") == (
        *("The scheme is not of 1 March 2026.", "Choose one of: 7."),
    )

"""The stories of the examples, word for word.

A change in a golden file is a change in what people are told: read it before you accept it with
`.venv/bin/python tests/test_golden.py`, run from the repository with src and the root on the path.
"""

from pathlib import Path

import pytest

from telmee.cli.valuation_output import as_story
from telmee.core.contributions.effort_file import read_contributions
from telmee.core.valuation import value
from telmee.integrations.scheme_files import load_scheme
from telmee.integrations.spreadsheets import open_table
from telmee.texts import LANGUAGES, Language

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = sorted((ROOT / "schemes").glob("*/example.csv"))


def stories(example: Path, language: Language) -> str:
    """Every line of an example."""
    scheme = load_scheme(example.parent.name)
    valuation = value(scheme, read_contributions(open_table(example)).contributions)
    told = (as_story(valuation, line, language) for line in range(len(valuation)))
    return "\n\n".join(told) + "\n"


def golden(example: Path, language: Language) -> Path:
    return GOLDEN / f"{example.parent.name}.{language}.txt"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_stories_of_an_example_are_told_as_before(example: Path, language: Language) -> None:
    assert stories(example, language) == golden(example, language).read_text("utf-8")


def test_every_golden_file_has_an_example() -> None:
    expected = {golden(example, language) for example in EXAMPLES for language in LANGUAGES}
    assert set(GOLDEN.glob("*.txt")) == expected


if __name__ == "__main__":
    for one in EXAMPLES:
        for spoken in LANGUAGES:
            golden(one, spoken).write_text(stories(one, spoken), encoding="utf-8")

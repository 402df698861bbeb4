"""What a valuation is as JSON is as docs/valuation.schema.json says, and the schema can refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.periods import day_of
from telmee.core.valuation import Status, Valuation, value
from telmee.integrations.scheme_files import load_scheme
from telmee.integrations.spreadsheets import open_table
from telmee.texts import LANGUAGES, Language
from telmee.texts.documents.valuation import json_lines
from tests.builders import contributions_of
from tests.strategies import Thrown, a_case, a_scheme
from tests.tidy import project

SCHEMA = json.loads((project.ROOT / "docs" / "valuation.schema.json").read_text("utf-8"))
EXAMPLES = sorted((project.ROOT / "schemes").glob("*/example.csv"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(valuation: Valuation, language: Language = "nl") -> Any:
    return json.loads("".join(json_lines(valuation, language)))


def of_example(example: Path) -> Valuation:
    lines = read_contributions(open_table(example)).contributions
    return value(load_scheme(example.parent.name), lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_example_is_as_the_schema_says(example: Path, language: Language) -> None:
    VALIDATOR.validate(document(of_example(example), language))


def test_random_files_are_as_the_schema_says() -> None:
    dice, seen = Thrown(5), set()
    for _ in range(50):
        case = a_case(dice, a_scheme(dice), lines=8)
        lines = contributions_of(case.rows)
        until = None if case.until is None else day_of(case.until)
        told = document(value(case.scheme, lines, until=until, obligations=case.obligations))
        VALIDATOR.validate(told)
        seen |= {line["status"] for line in told["lines"]}
    assert seen == {*Status} == {*SCHEMA["$defs"]["line"]["properties"]["status"]["enum"]}


def _first(told: Any, status: str = "valued") -> Any:
    return next(line for line in told["lines"] if line["status"] == status)


DAMAGES: dict[str, Callable[[Any], Any]] = {
    "no value though valued": lambda told: _first(told).update(value_cents=None),
    "a silent nothing": lambda told: _first(told, "refused").update(value_cents=0),
    "another field": lambda told: told.update(remarks=[]),
    "a day as a number": lambda told: _first(told)["explanation"][1].update(value=19723),
    "a check without its rows": lambda told: _first(told)["to_check"][0].pop("rows"),
    "a refusal without a reason": lambda told: _first(told, "refused").update(problems=[]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_schema_refuses_what_a_valuation_never_is(damage: Callable[[Any], Any]) -> None:
    told = document(of_example(project.ROOT / "schemes" / "harlingen" / "example.csv"))
    damaged = deepcopy(told)
    damage(damaged)
    assert VALIDATOR.is_valid(told)
    assert not VALIDATOR.is_valid(damaged)

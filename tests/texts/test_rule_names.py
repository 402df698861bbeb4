"""A rule is named in words wherever an explanation shows it: never by its path in the file."""

import re
from collections.abc import Iterator

import pytest

from telmee.core.schemes.model import Scheme
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import LANGUAGES, Language
from telmee.texts.scheme_words import rule_name
from tests.core.obligations.strategies import PUBLISHED
from tests.strategies import scheme_of

ALONE = (
    "limit.max_months",
    "limit.exceptions",
    "time.day_count",
    "time.weekly_hours",
    "reference_date",
    "eligibility",
    "standing",
    "obligation.cap",
    "obligation.default_client",
    "obligation.notes",
    "obligation.yearly_minimum",
)
#: What a path looks like, and no sentence does: "e.d." and "3.1" are not one.
PATH = re.compile(r"[a-z0-9]{2,}[._][a-z0-9]{2,}|[a-z0-9]+_[a-z0-9]+")


def paths_of(scheme: Scheme) -> Iterator[str]:
    """Every path that a step, a decision or an assumption of a scheme can have."""
    yield from ALONE
    yield from scheme.assumed
    for block in scheme.blocks:
        row = f"blocks.{block.key}"
        yield from (row, f"{row}.amount", f"{row}.unit", f"{row}.max_months", f"{row}.day_count")
    for bonus in scheme.bonuses:
        yield from (f"bonuses.{bonus.key}", f"bonuses.{bonus.key}.amount")
    yield from (f"caps.{cap.key}" for cap in scheme.caps)
    yield from (f"certificates.{row.key}.percentage" for row in scheme.certificates)
    rules = scheme.obligation
    for name in ("thresholds", "percentages", "discounts"):
        yield from (f"obligation.{name}.{row.key}" for row in getattr(rules, name))
    yield from (f"obligation.percentages.{row.key}.basis" for row in rules.percentages)
    yield from (f"deadlines.{row.key}" for row in rules.deadlines)
    yield from (f"sanctions.{row.key}" for row in rules.sanctions)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
def test_every_rule_has_a_name_in_words(scheme: Scheme, language: Language) -> None:
    names = {path: rule_name(path, scheme, language) for path in paths_of(scheme)}
    raw = {path: name for path, name in names.items() if PATH.search(name)}
    assert raw == {}


def test_a_rule_is_named_by_its_row_and_what_of_it() -> None:
    utrecht, haaglanden = load_scheme("utrecht-36h-v2"), load_scheme("haaglanden-zhc-2023-07")
    assert rule_name("blocks.ww.amount", utrecht, "nl") == "WW: het bedrag"
    assert rule_name("obligation.thresholds.den_haag", haaglanden, "nl").startswith(
        "de drempel (Den Haag"
    )


def test_a_rule_that_is_in_no_file_keeps_its_path() -> None:
    assert rule_name("blocks.gone", scheme_of(), "nl") == "blocks.gone"

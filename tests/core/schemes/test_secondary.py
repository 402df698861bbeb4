"""A figure that was read with somebody else says so wherever it stands."""

from __future__ import annotations

import json
from datetime import date

import pytest

from telmee.cli.valuation_output import as_story, as_table
from telmee.core.contributions.lines import contributions_from
from telmee.core.obligations import Category, Contract, assess
from telmee.core.valuation import Valuation, value
from telmee.integrations.scheme_files import load_scheme
from telmee.texts.documents.valuation import json_lines, line_document

HOURS = {"uren": 2_00, "contract_begin": date(2026, 1, 1), "contract_eind": date(2026, 12, 31)}
SAID = "lijst of bericht van een ander"


def _lines(scheme: str, *blocks: str) -> Valuation:
    rows = [{"bouwblok": block, "bedrag": None, **HOURS} for block in blocks]
    return value(load_scheme(scheme), contributions_from(rows))


def _checks(scheme: str, client: str | None = None) -> list[str | None]:
    contract = Contract(
        category=Category.SERVICES,
        value_cents=400_000_00,
        start=date(2026, 1, 1),
        end=date(2027, 12, 31),
        client=client,
        eu_threshold_cents=221_000_00 if scheme == "amsterdam" else None,
    )
    steps = assess(load_scheme(scheme), contract).explanation
    return [step.source for step in steps if step.value == "secondary_source"]


def test_a_line_says_it_in_its_story_its_table_and_its_json() -> None:
    lines = _lines("provincie-noord-holland-2026", "activity_work", "impact")
    for line in (0, 1):
        assert SAID in as_story(lines, line, "nl")
        codes = [check["code"] for check in line_document(lines, line, "nl")["to_check"]]
        assert codes.count("secondary_source") == 1
    assert SAID in as_table(lines, "nl")
    written = json.loads("".join(json_lines(lines, "nl")))
    sources = {
        check["source"]
        for line in written["lines"]
        for check in line["to_check"]
        if check["code"] == "secondary_source"
    }
    assert sources == {lines.scheme.sources["list"].url}


def test_a_line_of_the_clients_own_page_says_nothing() -> None:
    lines = _lines("utrecht-36h-v2", "share_knowledge")
    assert SAID not in as_story(lines, 0, "nl")
    assert SAID not in as_table(lines, "nl")


def test_a_refused_line_has_no_figure_to_look_up() -> None:
    lines = _lines("provincie-noord-holland-2026", "bol_1_2")
    assert SAID not in as_story(lines, 0, "nl")


@pytest.mark.parametrize(
    ("scheme", "source"),
    [("rijk", "percentages"), ("amsterdam", "guide"), ("provincie-noord-holland-2026", "list")],
)
def test_an_obligation_names_the_page_of_somebody_else_once(scheme: str, source: str) -> None:
    rules = load_scheme(scheme)
    assert _checks(scheme) == [rules.sources[source].url]


def test_an_obligation_by_the_clients_own_page_says_nothing() -> None:
    assert _checks("schiedam") == []
    assert _checks("haaglanden-zhc-2023-07", "Den Haag") == []
    assert len(_checks("haaglanden-zhc-2023-07", "Leidschendam-Voorburg")) == 1

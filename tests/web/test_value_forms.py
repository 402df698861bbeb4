"""The form of one line: what it asks, what it keeps, and what it hands to the engine."""

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.contributions.lines import contributions_from
from telmee.core.schemes.model import Block, Scheme
from telmee.core.tables.table import Sheet, Table
from telmee.core.valuation import Status, value
from telmee.core.valuation.asks import asks_of
from telmee.core.valuation.decided import value_after
from telmee.integrations.scheme_files import load_scheme, scheme_ids
from telmee.web.forms import DateField
from telmee.web.value_forms import LineForm, shown_value
from tests.web.schemes.typing import filled_in

BSN = "123456782"
UTRECHT = load_scheme("utrecht-36h-v2")
EVERY_BLOCK = [
    pytest.param(scheme, block, id=f"{scheme.id}-{block.key}")
    for scheme in map(load_scheme, scheme_ids())
    for block in scheme.blocks
]


def form_of(scheme: Scheme = UTRECHT, *, typed: dict[str, Any], **options: Any) -> LineForm:
    data = QueryDict(mutable=True)
    for name, text in typed.items():
        data.setlist(name, text if isinstance(text, list) else [text])
    return LineForm(scheme, data, **options)


def codes(form: LineForm) -> dict[str, list[str]]:
    return {
        name: [str(error.code) for error in errors]
        for name, errors in form.errors.as_data().items()
    }


def file_value(scheme: Scheme, typed: dict[str, Any]) -> tuple[Status, int | None]:
    """Value the same texts as a contribution file holds them."""
    cells = {"kenmerk": "1", **typed, "toeslagen": ",".join(typed.get("toeslagen", ()))}
    sheet = Sheet("blad", [list(cells), list(cells.values())])
    found = value(scheme, read_contributions(Table("bestand.csv", sheet)).contributions)
    return found.status(0), found.value_cents(0)


@pytest.mark.parametrize(("scheme", "block"), EVERY_BLOCK)
def test_a_form_and_a_file_come_to_the_same_cents(scheme: Scheme, block: Block) -> None:
    typed = filled_in(scheme, block)
    form = form_of(scheme, typed=typed)
    assert form.is_valid(), form.errors
    found = value(scheme, contributions_from([form.cells()]))
    assert (found.status(0), found.value_cents(0)) == file_value(scheme, typed)
    assert found.status(0) is not Status.REFUSED


@pytest.mark.parametrize(("scheme", "block"), EVERY_BLOCK)
def test_a_form_asks_what_the_engine_tests_and_nothing_else(scheme: Scheme, block: Block) -> None:
    form = form_of(scheme, typed={"bouwblok": block.key})
    ask = asks_of(scheme, block.key)
    assert set(form.fields) == {"bouwblok", *ask.required, *ask.either, *ask.optional}
    assert {field.name for field in form.missing} == {*ask.required}


def test_every_block_can_be_chosen_under_its_category() -> None:
    for scheme in map(load_scheme, scheme_ids()):
        groups = LineForm(scheme).fields["bouwblok"].choices  # type: ignore[attr-defined]
        keys = [key for _, choices in list(groups)[1:] for key, _ in choices]
        assert sorted(keys) == sorted(block.key for block in scheme.blocks)


def test_labels_are_in_the_language_of_the_reader() -> None:
    for language, label, block in (
        ("nl", "Uren per week", "Participatiewet"),
        ("en", "Hours a week", "Participation Act"),
    ):
        with translation.override(language):
            page = str(form_of(typed={"bouwblok": "pw"}))
        assert label in page
        assert block in page


def test_without_a_block_only_the_block_is_asked() -> None:
    assert list(LineForm(UTRECHT).fields) == ["bouwblok"]
    assert codes(form_of(typed={})) == {"bouwblok": ["required"]}


def test_an_unknown_block_is_told_and_not_repeated() -> None:
    form = form_of(typed={"bouwblok": BSN})
    assert codes(form) == {"bouwblok": ["invalid_choice"]}
    assert BSN not in str(form.errors)


@pytest.mark.parametrize("typed", [BSN, "12345672", "P 1234.56.782", "P-" + BSN])
def test_a_bsn_is_no_code_of_a_person(typed: str) -> None:
    form = form_of(typed={"bouwblok": "pw", "persoon": typed})
    assert codes(form)["persoon"] == ["bsn_typed"]
    assert typed not in str(form.errors)


def test_a_code_of_a_person_is_kept() -> None:
    typed = {**filled_in(UTRECHT, UTRECHT.blocks[0]), "persoon": "P-17"}
    form = form_of(typed=typed)
    assert form.is_valid()
    assert form.cells()["persoon"] == "P-17"


def test_cells_have_the_units_of_a_file() -> None:
    form = form_of(
        typed={
            "bouwblok": "pw",
            "begin": "1-3-2024",
            "eind": "2024-12-31",
            "uren_per_week": "24,5",
            "toeslagen": ["age50", "permanent"],
            "persoon": "",
        }
    )
    assert form.is_valid()
    assert form.cells() == {
        "bouwblok": "pw",
        "begin": date(2024, 3, 1),
        "eind": date(2024, 12, 31),
        "uren_per_week": 24_50,
        "toeslagen": "age50,permanent",
    }


def test_no_euros_are_an_answer_and_no_hours_are_not() -> None:
    costs = form_of(typed={"bouwblok": "social_purchase", "bedrag": "0"})
    assert costs.is_valid()
    assert costs.cells()["bedrag"] == 0
    hours = form_of(typed={"bouwblok": "pw", "uren_per_week": "0"})
    assert codes(hours)["uren_per_week"] == ["zero_number"]


def test_every_mistake_is_beside_its_field_and_stays_there() -> None:
    typed = {"bouwblok": "pw", "begin": "31-2-2024", "eind": "gisteren", "uren_per_week": "1,234"}
    form = form_of(typed=typed)
    assert codes(form) == {
        "begin": ["impossible_date"],
        "eind": ["bad_date"],
        "uren_per_week": ["ambiguous_number"],
    }
    assert {field.name for field in form.wrong} == {"begin", "eind", "uren_per_week"}
    for text in ("31-2-2024", "gisteren", "1,234"):
        assert f'value="{text}"' in str(form)


def test_a_draft_may_be_unfinished_but_not_wrong() -> None:
    unfinished = form_of(typed={"bouwblok": "pw", "begin": "1-1-2024"}, draft=True)
    assert unfinished.is_valid()
    assert unfinished.cells() == {"bouwblok": "pw", "begin": date(2024, 1, 1)}
    wrong = form_of(typed={"bouwblok": "pw", "begin": "morgen"}, draft=True)
    assert codes(wrong) == {"begin": ["bad_date"]}
    assert codes(form_of(typed={}, draft=True)) == {"bouwblok": ["required"]}


def test_stored_cells_stand_in_the_fields() -> None:
    stored = {
        "bouwblok": "pw",
        "begin": date(2024, 3, 1),
        "uren_per_week": 24_50,
        "toeslagen": "age50,permanent",
    }
    page = str(LineForm(UTRECHT, initial=stored))
    assert 'value="01-03-2024"' in page
    assert 'value="24,50"' in page
    assert page.count("checked") == 2


def test_extra_fields_that_bear_the_name_of_a_column_are_cells() -> None:
    extra = {"contract_begin": DateField(required=False)}
    typed = {**filled_in(UTRECHT, UTRECHT.blocks[0]), "contract_begin": "1-6-2024"}
    form = form_of(typed=typed, extra_fields=extra, leave_out=("persoon",))
    assert form.is_valid()
    assert form.cells()["contract_begin"] == date(2024, 6, 1)
    assert "persoon" not in form.fields


def test_a_value_is_told_with_what_somebody_checks_apart() -> None:
    cells = {"bouwblok": "pw", "begin": date(2024, 1, 1), "eind": date(2024, 12, 31)}
    line = contributions_from([{**cells, "uren_per_week": 36_00}])
    found = shown_value(value(UTRECHT, line))
    assert (found.cents, found.status, found.kind) == (40_000_00, Status.VALUED, "positive")
    assert found.steps[-1].step == "value_cents"
    assert all(step.step != "to_check" for step in found.steps)
    assert len(found.checks) == len(set(found.checks)) > 0
    refused = shown_value(value(UTRECHT, contributions_from([cells])))
    assert [problem.code for problem in refused.problems] == ["missing_weekly_hours"]


def test_a_line_beside_decided_ones_is_told_in_the_same_way() -> None:
    cells = {"bouwblok": "pw", "begin": date(2024, 1, 1), "eind": date(2024, 12, 31)}
    line = contributions_from([{**cells, "uren_per_week": 36_00}])
    alone, after = (
        shown_value(value(UTRECHT, line)),
        shown_value(value_after(UTRECHT, contributions_from([]), line)),
    )
    assert alone == after

"""The public pages of schemes, asked over HTTP by a visitor."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telmee.core.contributions.lines import contributions_from
from telmee.core.obligations import Category
from telmee.core.schemes.compare import pair_blocks
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.core.valuation import value
from telmee.integrations.scheme_files import load_scheme, scheme_ids
from telmee.integrations.spreadsheets import open_table
from telmee.texts import euros
from telmee.web.value_forms import LineForm
from tests.web.schemes.typing import filled_in

pytestmark = pytest.mark.usefixtures("db")

SCHEMES = {name: load_scheme(name) for name in scheme_ids()}
EVERY_BLOCK = [
    pytest.param(scheme, block, id=f"{scheme.id}-{block.key}")
    for scheme in SCHEMES.values()
    for block in scheme.blocks
]
CALCULATOR = "/regelingen/utrecht-36h-v2/rekenen"
WORTH = {"bouwblok": "pw", "begin": "1-1-2024", "eind": "31-12-2024", "uren_per_week": "36"}


@pytest.fixture
def visitor(browse: Callable[..., Client]) -> Client:
    return browse(headers={"Accept-Language": "nl"})


def page(answer: Any) -> str:
    """What somebody reads, on one line and without non-breaking blanks."""
    assert answer.status_code == 200
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(text).split())


def ask(visitor: Client, address: str, typed: dict[str, Any], **headers: str) -> Any:
    query = urlencode(typed, doseq=True)
    return visitor.get(f"{address}?{query}", headers=headers)


def htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target}


# The list and the pages ------------------------------------------------------------------------


def test_the_list_has_every_scheme_with_a_constant_number_of_queries(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    visitor.get("/regelingen")
    with django_assert_max_num_queries(6):  # four of them are the transaction's own
        text = page(visitor.get("/regelingen"))
    for scheme in SCHEMES.values():
        assert scheme.publisher in text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=kempen", ["Kempengemeenten"], ["Gemeente Utrecht", "Rijksoverheid"]),
        ("amounts=True", ["Gemeente Utrecht"], ["Rijksoverheid"]),
        ("answers=proposal", ["City Deal"], ["Gemeente Utrecht"]),
    ],
)
def test_the_list_searches_and_filters(
    visitor: Client, query: str, shown: list[str], hidden: list[str]
) -> None:
    text = page(visitor.get(f"/regelingen?{query}"))
    assert all(name in text for name in shown)
    assert not any(name in text for name in hidden)


def test_the_list_sorts(visitor: Client) -> None:
    text = page(visitor.get("/regelingen?sort=-blocks"))
    assert text.index("Gemeente Harlingen") < text.index("Kempengemeenten") < text.index("Katwijk")


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_shows_all_that_a_scheme_says(
    browse: Callable[..., Client], scheme: Scheme, language: Any
) -> None:
    visitor = browse(headers={"Accept-Language": language})
    text = page(visitor.get(f"/regelingen/{scheme.id}"))
    amounts = [block.amount_cents for block in scheme.blocks if block.amount_cents is not None]
    amounts += [bonus.amount_cents for bonus in scheme.bonuses if bonus.amount_cents is not None]
    rows: list[Block | Bonus | Certificate] = [*scheme.blocks, *scheme.bonuses]
    rows += scheme.certificates
    told = [scheme.title, *(row.label for row in rows), *scheme.gaps, *scheme.assumed.values()]
    told += [proof for block in scheme.blocks for proof in block.evidence]
    told += [deadline.what for deadline in scheme.obligation.deadlines]
    for words in [
        *(euros(cents, language) for cents in amounts),
        *(" ".join(words.in_language(language).split()) for words in told),
        *(source.url for source in scheme.sources.values()),
    ]:
        assert words in text


def test_a_page_links_to_the_other_versions_of_its_family(visitor: Client) -> None:
    answer = visitor.get("/regelingen/utrecht-36h-v2")
    assert b"/regelingen/utrecht-36h-v1?versie=undated" in answer.content


def test_a_proposal_says_so(visitor: Client) -> None:
    for part in ("", "/rekenen", "/verplichting"):
        assert "een voorstel dat nergens geldt" in page(
            visitor.get(f"/regelingen/handreiking-2025{part}")
        )


def test_amounts_that_were_read_with_somebody_else_say_so(visitor: Client) -> None:
    said = "een lijst of bericht van een ander"
    for part in ("", "/rekenen", "/verplichting"):
        assert said in page(visitor.get(f"/regelingen/amersfoort-stad-2026{part}"))
        assert said not in page(visitor.get(f"/regelingen/utrecht-36h-v2{part}"))
    beside = page(visitor.get("/regelingen/vergelijken?a=amersfoort-stad-2026&b=utrecht-36h-v2"))
    assert f"amersfoort-stad-2026: Let op: deze bedragen komen uit {said}" in beside
    assert "(bij een ander gelezen)" in page(visitor.get("/regelingen?q=Amersfoort"))


@pytest.mark.parametrize(
    "address",
    [
        "/regelingen/nergens",
        "/regelingen/nergens/rekenen",
        "/regelingen/..",
        "/regelingen/%00",
        "/regelingen/utrecht-36h-v2?versie=2019-01-01",
        "/regelingen/utrecht-36h-v2?versie=%00",
        "/regelingen/rijk/sjabloon.xlsx",
        "/regelingen/" + "a" * 300,
    ],
)
def test_what_does_not_exist_is_not_found(visitor: Client, address: str) -> None:
    assert visitor.get(address).status_code == 404


def test_pages_are_only_read(visitor: Client) -> None:
    for address in ("/regelingen", CALCULATOR, "/regelingen/rijk/verplichting"):
        assert visitor.post(address).status_code == 405


def test_the_sheet_of_a_scheme_can_be_opened(visitor: Client, tmp_path: Path) -> None:
    answer = visitor.get("/regelingen/utrecht-36h-v2/sjabloon.xlsx")
    assert 'filename="utrecht-36h-v2-undated.xlsx"' in answer["Content-Disposition"]
    path = tmp_path / "sjabloon.xlsx"
    path.write_bytes(answer.content)
    assert list(open_table(path).sheet.rows[0]) == list(CONTRIBUTION)


# The calculator --------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "block"), EVERY_BLOCK)
def test_the_page_and_the_engine_come_to_the_same_cents(
    visitor: Client, scheme: Scheme, block: Block
) -> None:
    typed = filled_in(scheme, block)
    form = LineForm(scheme, typed)
    assert form.is_valid()
    cents = value(scheme, contributions_from([form.cells()])).value_cents(0)
    text = page(ask(visitor, f"/regelingen/{scheme.id}/rekenen", typed))
    assert f"Waarde {'geen waarde' if cents is None else euros(cents, 'nl')}" in text
    assert block.label.nl in text


def test_a_value_comes_live_and_can_be_linked(visitor: Client) -> None:
    answer = ask(visitor, CALCULATOR, WORTH, **htmx("value"))
    assert "<html" not in answer.content.decode()
    assert "€ 40.000,00" in page(answer)
    assert "€ 40.000,00" in page(visitor.get(answer["HX-Replace-Url"]))


def test_while_typing_it_says_what_is_still_needed(visitor: Client) -> None:
    answer = ask(visitor, CALCULATOR, {"bouwblok": "pw", "begin": "1-13-2024"}, **htmx("value"))
    text = page(answer)
    assert "Nog in te vullen: Laatste dag , Uren per week ." in text
    assert "1-13-2024" in text
    assert "HX-Replace-Url" not in answer


@pytest.mark.parametrize("way", [{"fields": "1"}, {}])
def test_another_block_keeps_what_was_typed(visitor: Client, way: dict[str, str]) -> None:
    typed = {**WORTH, "bouwblok": "bbl_2_4", **way}
    headers = {} if way else htmx("line-fields")
    text = ask(visitor, CALCULATOR, typed, **headers).content.decode()
    assert 'value="1-1-2024"' in text
    assert "Dit veld is verplicht" not in text
    assert ("<html" in text) is bool(way)


def test_nobody_is_asked_for_a_person(visitor: Client) -> None:
    answer = ask(visitor, CALCULATOR, {**WORTH, "persoon": "123456782"})
    assert 'name="persoon"' not in answer.content.decode()
    assert "€ 40.000,00" in page(answer)


def test_mistakes_stand_beside_their_fields(visitor: Client) -> None:
    typed = {**WORTH, "eind": "1-1-2023"}
    text = ask(visitor, CALCULATOR, typed).content.decode()
    assert text.count('id="id_eind_error"') == 1
    assert "id_begin_error" not in text
    assert 'value="1-1-2023"' in text


def test_a_scheme_without_amounts_says_so(visitor: Client) -> None:
    assert "noemen geen bedragen" in page(visitor.get("/regelingen/rijk/rekenen"))


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "NaN", "inf", "-1", "1e999", "9" * 400, "123456782", "31-2-2024", "1-1-1600",
            "31-12-9999", "<script>alert(1)</script>", "' OR 1=1 --", "\0", "x" * 5_000, "= 1+1",
            "12.345", "\uff11\uff12", "2024-01-01", "40", "0", "",
        ]
    ),
    st.text(max_size=40),
)  # fmt: skip
KEYS = ["", "pw", "social_purchase", "support_initiative", "mobility", "bestaat-niet", "\0"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    block=st.sampled_from(KEYS),
    typed=st.dictionaries(st.sampled_from([*CONTRIBUTION, "fields"]), HOSTILE, max_size=8),
    target=st.sampled_from(["", "value", "line-fields"]),
)
def test_nothing_typed_breaks_the_calculator_or_gets_lost(
    visitor: Client, block: str, typed: dict[str, str], target: str
) -> None:
    answer = ask(
        visitor, CALCULATOR, {**typed, "bouwblok": block}, **(htmx(target) if target else {})
    )
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<script>alert" not in text
    boxes = dict(re.findall(r'<input type="text" name="(\w+)"(?: value="([^"]*)")?', text))
    for name, shown in boxes.items():
        assert unescape(shown) == typed.get(name, "")


# Comparing -------------------------------------------------------------------------------------


def test_two_schemes_stand_side_by_side(visitor: Client) -> None:
    one, other = SCHEMES["utrecht-36h-v1"], SCHEMES["utrecht-36h-v2"]
    answer = ask(visitor, "/regelingen/vergelijken", {"a": one.id, "b": other.id})
    text = page(answer)
    differences = [pair.difference_cents for pair in pair_blocks(one, other)]
    found = [cents for cents in differences if cents]
    assert found
    for cents in found:
        assert f"{'+' if cents > 0 else ''}{euros(cents, 'nl')}" in text


@pytest.mark.parametrize("other", ["", "\0", "x@y", "rijk@2019-01-01"])
def test_half_a_comparison_says_what_lacks(visitor: Client, other: str) -> None:
    text = ask(visitor, "/regelingen/vergelijken", {"a": "rijk", "b": other}).content.decode()
    assert "id_b_error" in text
    assert "id_a_error" not in text
    assert "<table" not in text


# What a contract owes --------------------------------------------------------------------------

CONTRACT = {
    "category": "services",
    "value": "2.000.000,00",
    "start": "1-1-2024",
    "end": "31-12-2025",
}


def test_what_a_contract_owes_by_the_rules_of_the_state(visitor: Client) -> None:
    for headers in ({}, htmx("answer")):
        text = page(ask(visitor, "/regelingen/rijk/verplichting", CONTRACT, **headers))
        assert "Opgave € 100.000,00" in text


@pytest.mark.parametrize("scheme_id", list(SCHEMES))
def test_every_scheme_answers_for_every_category(visitor: Client, scheme_id: str) -> None:
    address = f"/regelingen/{scheme_id}/verplichting"
    for category in Category:
        answer = ask(visitor, address, {**CONTRACT, "category": str(category)}, **htmx("answer"))
        assert len(page(answer)) > 40


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"end": "1-1-2023"}, "end"),
        ({"value": "veel"}, "value"),
        ({"category": "x"}, "category"),
        ({"over_wages": "on"}, "wages"),
    ],
)
def test_what_is_wrong_with_a_contract_is_beside_its_field(
    visitor: Client, typed: dict[str, str], field: str
) -> None:
    answer = ask(visitor, "/regelingen/rijk/verplichting", {**CONTRACT, **typed})
    assert f"id_{field}_error" in answer.content.decode()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scheme_id=st.sampled_from(["rijk", "sudwest-fryslan", "tilburg-corporaties-2017", "schiedam"]),
    typed=st.dictionaries(
        st.sampled_from(
            ["category", "value", "start", "end", "wages", "labour_share", "offered", "client",
             "bid", "award", "certificates", "certificates_until", "realised", "eu_threshold"]
        ),
        HOSTILE,
        max_size=8,
    ),
)  # fmt: skip
def test_nothing_typed_breaks_the_calculator_of_an_obligation(
    visitor: Client, scheme_id: str, typed: dict[str, str]
) -> None:
    answer = ask(visitor, f"/regelingen/{scheme_id}/verplichting", {**CONTRACT, **typed})
    assert answer.status_code == 200

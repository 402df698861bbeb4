"""Every fault that a scheme can have, each told, and all at once."""

import copy
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.schemes import check
from telmee.core.schemes.build import build_scheme
from telmee.core.schemes.check import BONUSES_MAX, check_document
from telmee.integrations.scheme_files import files
from telmee.texts import problem_text
from tests.core.schemes import variants
from tests.core.schemes.documents import GONE, Document, changed, faults, parsed, sound

PUBLISHED = sorted((Path(__file__).resolve().parents[3] / "schemes").glob("*/*.toml"))
MANY = {f"b{number}": {"label": "B", "amount": 1} for number in range(BONUSES_MAX + 1)}

#: Code, the change that causes it, the place where it is told.
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("unknown_source", {"blocks.pw.source": "tabel"}, "blocks.pw.source"),
    ("unknown_source", {"version.source": "tabel"}, "version.source"),
    ("unknown_source", {"sanctions.fine.source": "tabel"}, "sanctions.fine.source"),
    ("no_source", {"blocks.pw.source": GONE}, "blocks.pw.amount"),
    ("no_source", {"time.source": GONE}, "time.weekly_hours"),
    ("no_source", {"obligation.cap": {"amount": 1}}, "obligation.cap.amount"),
    (
        "no_source",
        {"blocks.help.or_actual_cost": True, "blocks.help.source": GONE},
        "blocks.help.amount",
    ),
    ("assumed_nothing", {"assumed": {"blocks.pww.amount": "x"}}, "assumed.blocks.pww.amount"),
    ("assumed_nothing", {"assumed": {"nothing": "x"}}, "assumed.nothing"),
    ("scheme_decimals", {"blocks.pw.amount": Decimal("0.125")}, "blocks.pw.amount"),
    ("no_such_date", {"version.valid_from": "2023-02-29"}, "version.valid_from"),
    ("ends_before_start", {"version.valid_to": "2022-12-31"}, "version.valid_to"),
    ("retroactive_after_start", {"version.retroactive_to": "2023-01-02"}, "version.retroactive_to"),
    ("retroactive_after_start", {"version.valid_from": GONE}, "version.retroactive_to"),
    ("no_use_for_unit", {"blocks.help.min_months": 12}, "blocks.help.min_months"),
    ("no_use_for_unit", {"blocks.pw.max_hours": 12}, "blocks.pw.max_hours"),
    (
        "limit_with_invoice",
        {"blocks.help.max_months": 12, "blocks.help.or_actual_cost": True},
        "blocks.help.max_months",
    ),
    (
        "limit_with_invoice",
        {"blocks.help.max_hours": 12, "blocks.help.or_actual_cost": True},
        "blocks.help.max_hours",
    ),
    ("no_use_for_unit", {"blocks.pw.percentage": 50}, "blocks.pw.percentage"),
    ("no_use_for_unit", {"blocks.purchase.amount": 1}, "blocks.purchase.amount"),
    ("no_use_for_unit", {"blocks.pw.or_actual_cost": True}, "blocks.pw.or_actual_cost"),
    ("no_use_for_unit", {"blocks.purchase.published": "x"}, "blocks.purchase.published"),
    ("published_with_value", {"blocks.pw.published": "x"}, "blocks.pw.published"),
    ("published_with_value", {"bonuses.age50.published": "x"}, "bonuses.age50.published"),
    ("published_with_value", {"bonuses.training.published": "x"}, "bonuses.training.published"),
    ("no_certificates", {"certificates": GONE}, "blocks.purchase.needs_certificate"),
    (
        "no_source",
        {"blocks.purchase.certificates": {"code": 50}, "blocks.purchase.source": GONE},
        "blocks.purchase.certificates.code",
    ),
    ("no_use_for_unit", {"blocks.pw.certificates": {"code": 50}}, "blocks.pw.certificates"),
    (
        "unknown_certificate_in_block",
        {"blocks.purchase.certificates": {"pso": 50}},
        "blocks.purchase.certificates",
    ),
    (
        "certificates_not_needed",
        {"blocks.purchase.certificates": {"code": 5}, "blocks.purchase.needs_certificate": False},
        "blocks.purchase.certificates",
    ),
    (
        "two_percentages",
        {
            "blocks.purchase.certificates": {"code": 50},
            "blocks.purchase.needs_certificate": GONE,
            "blocks.purchase.percentage": 50,
        },
        "blocks.purchase.percentage",
    ),
    ("two_percentages", {"blocks.purchase.percentage": 50}, "blocks.purchase.percentage"),
    ("judgement_with_value", {"blocks.pw.judgement": "x"}, "blocks.pw.judgement"),
    ("judgement_with_value", {"blocks.purchase.judgement": "x"}, "blocks.purchase.judgement"),
    ("unknown_block_in_scope", {"bonuses.training.blocks": ["pww"]}, "bonuses.training.blocks"),
    ("unknown_block_in_scope", {"caps.person.blocks": ["pww"]}, "caps.person.blocks"),
    ("empty_category", {"bonuses.age50.categories": ["education"]}, "bonuses.age50.categories"),
    ("too_many_bonuses", {"bonuses": MANY}, "bonuses"),
    ("bonus_amount_and_cost", {"bonuses.training.amount": 1}, "bonuses.training"),
    ("bonus_amount_and_cost", {"bonuses.training.once": True}, "bonuses.training"),
    ("bonus_percentage_without_cost", {"bonuses.age50.percentage": 50}, "bonuses.age50.percentage"),
    ("bonus_takes_same_cost", {"bonuses.training.blocks": ["purchase"]}, "bonuses.training"),
    ("bonus_takes_same_cost", {"bonuses.training.blocks": GONE}, "bonuses.training"),
    (
        "bonus_takes_same_cost",
        {"blocks.help.or_actual_cost": True, "bonuses.training.blocks": ["help"]},
        "bonuses.training",
    ),
    (
        "months_from_without_limit",
        {"blocks.pw.months_from": "last_benefit_day"},
        "blocks.pw.months_from",
    ),
    ("bonus_with_two_amounts", {"bonuses.age50.yearly_amount": True}, "bonuses.age50"),
    ("bonus_with_two_amounts", {"bonuses.training.yearly_amount": True}, "bonuses.training"),
    (
        "bonus_without_year",
        {"bonuses.year": {"label": "x", "yearly_amount": True, "blocks": ["help"]}},
        "bonuses.year",
    ),
    ("cap_without_figure", {"caps.person.amount": GONE}, "caps.person"),
    ("cap_without_figure", {"caps.projects.share": GONE}, "caps.projects"),
    ("cap_with_other_figure", {"caps.person.share": 10}, "caps.person.share"),
    ("cap_with_other_figure", {"caps.projects.amount": 10}, "caps.projects.amount"),
    (
        "percentage_and_offer",
        {"obligation.percentages.noord.offered_max": 5},
        "obligation.percentages.noord",
    ),
    (
        "empty_range",
        {
            "obligation.percentages.noord.labour_share_min": 40,
            "obligation.percentages.noord.labour_share_below": 30,
        },
        "obligation.percentages.noord.labour_share_below",
    ),
    (
        "percentage_without_figure",
        {"obligation.percentages.noord.percentage": GONE},
        "obligation.percentages.noord",
    ),
    (
        "threshold_without_figure",
        {"obligation.thresholds.noord.amount": GONE},
        "obligation.thresholds.noord",
    ),
    (
        "threshold_twice",
        {"obligation.thresholds.noord.eu_threshold": "works"},
        "obligation.thresholds.noord.amount",
    ),
    (
        "vat_of_wages",
        {
            "obligation.percentages.noord.basis": "wage_sum",
            "obligation.percentages.noord.vat": "included",
        },
        "obligation.percentages.noord.vat",
    ),
    (
        "unknown_certificate_in_discount",
        {"obligation.discounts.code.certificates": ["pso"]},
        "obligation.discounts.code",
    ),
    (
        "discount_without_figure",
        {"obligation.discounts.code.percentage": GONE},
        "obligation.discounts.code",
    ),
    ("sanction_without_figure", {"sanctions.fine.factor": GONE}, "sanctions.fine"),
    (
        "unknown_client_in_rule",
        {"obligation.percentages.noord.clients": ["Nord"]},
        "obligation.percentages.noord.clients",
    ),
    ("unknown_client_in_rule", {"obligation.default_client": "West"}, "obligation.default_client"),
]


def test_the_sound_document_has_no_fault() -> None:
    assert faults(sound()) == ()


@pytest.mark.parametrize(("code", "changes", "place"), FAULTS)
def test_a_fault_is_told_where_it_is(code: str, changes: dict[str, Any], place: str) -> None:
    told = [(problem.code, problem.column) for problem in check_document(changed(changes))]
    assert (code, place) in told


def test_every_fault_of_the_check_has_a_document() -> None:
    written = re.findall(r'Problem\("(\w+)"', Path(check.__file__).read_text("utf-8"))
    assert set(written) == {code for code, _, _ in FAULTS}


def test_all_faults_are_told_at_once() -> None:
    wrong = changed(
        {
            "blocks.pw.source": "tabel",
            "blocks.help.min_months": 12,
            "bonuses.age50.categories": ["education"],
            "caps.person.amount": GONE,
            "sanctions.fine.factor": GONE,
            "version.valid_to": "2022-12-31",
        }
    )
    told = [(problem.code, problem.column) for problem in check_document(wrong)]
    assert told == [
        ("unknown_source", "blocks.pw.source"),
        ("ends_before_start", "version.valid_to"),
        ("no_use_for_unit", "blocks.help.min_months"),
        ("empty_category", "bonuses.age50.categories"),
        ("cap_without_figure", "caps.person"),
        ("sanction_without_figure", "sanctions.fine"),
    ]


@pytest.mark.parametrize(("code", "changes", "place"), FAULTS)
def test_a_fault_has_words(code: str, changes: dict[str, Any], place: str) -> None:
    del code, place
    for problem in check_document(changed(changes)):
        for language in ("nl", "en"):
            happened, remedy = problem_text(problem, language)
            assert happened
            assert remedy


def test_a_value_of_a_table_may_be_assumed_on_its_own() -> None:
    assert check_document(changed({"blocks.pw.source": GONE, "assumed": {"blocks.pw": "x"}})) == ()
    one = changed({"time.source": GONE, "assumed": {"time.weekly_hours": "x"}})
    assert check_document(one) == ()


def test_assumed_may_speak_about_what_a_table_leaves_open() -> None:
    silent = {"assumed": {"bonuses.age50.blocks": "x", "pro_rata": "x", "time.day_count": "x"}}
    assert check_document(changed(silent)) == ()


#: Things that stand where something else belongs, as the reader gives them: it makes text of nan,
#: of inf and of numbers of a megabyte.
JUNK = st.one_of(
    st.integers(-(10**15), 10**15),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15),
    st.sampled_from([Decimal("1e40"), Decimal("1e-40")]),
    st.booleans(),
    st.text(max_size=8),
    st.sampled_from(["none", "placement", "hour", "page", "9999-99-99", "full_time_year"]),
    st.lists(st.one_of(st.integers(), st.text(max_size=3), st.just({})), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document, those in lists too."""
    found = [here] if here else []
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        found += [place for key, item in items for place in _places(item, (*here, key))]
    return found


def _holder(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document


@st.composite
def _mutated(draw: st.DrawFn) -> Document:
    """A sound document in which one to three values were replaced, taken out or added."""
    files_ = (*PUBLISHED, *map(variants.file_of, variants.names()))
    base = draw(st.sampled_from([None, *files_]))
    document = sound() if base is None else copy.deepcopy(parsed(base))
    for _ in range(draw(st.integers(1, 3))):
        places = _places(document)
        if not places:
            break
        place = draw(st.sampled_from(places))
        holder = _holder(document, place)
        how = draw(st.sampled_from(["replace", "take out", "add"]))
        if how == "take out":
            del holder[place[-1]]
        elif how == "replace" or isinstance(holder, list):
            holder[place[-1]] = draw(JUNK)
        else:
            holder[draw(st.sampled_from(["amount", "source", "blocks", "clients", "x"]))] = draw(
                JUNK
            )
    return document


@given(_mutated())
def test_a_damaged_document_has_faults_or_builds(document: Document) -> None:
    if not faults(document):
        conventions = files._conventions()
        build_scheme(document, version="undated", sha256="0" * 64, conventions=conventions)

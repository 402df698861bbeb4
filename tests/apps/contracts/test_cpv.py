"""CPV codes are found by number and by the word of a trade."""

import csv
from pathlib import Path

import pytest

from telmee.apps.contracts import reference_data
from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.cpv import cpv_codes, cpv_named
from telmee.apps.contracts.models import CpvCode
from telmee.core.bsn import passing_numbers
from telmee.web.contracts.forms import CpvField

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("schilder", "Schilderwerk en beglazing"),
        ("Schilderwerk", "Schilderwerk en beglazing"),
        ("hovenier", "Beplanten en onderhouden van groengebieden"),
        ("schoonmaak", "Reinigingsdiensten"),
        ("glasbewassing", "Wassen van ramen"),
        ("catering", "Cateringdiensten"),
        ("taxi", "Taxidiensten"),
        ("loodgieter", "Loodgieterswerk"),
        ("metselwerk", "Metselwerk in baksteen en bouwsteen"),
        ("45442", "Aanbrengen van beschermende lagen"),
    ],
)
def test_the_trade_comes_before_its_brushes(search: str, first: str) -> None:
    assert cpv_codes(search)[0].description == first


def test_the_kind_of_contract_decides_what_comes_first() -> None:
    assert cpv_codes("schilder", Category.SUPPLIES)[0].code < "45"
    assert cpv_codes("taxi", Category.WORKS)[0].description.startswith("Bouwen")
    assert cpv_codes("onderhoud", Category.SERVICES)[0].code.startswith("50")


@pytest.mark.parametrize("search", ["(", "[a", "\\", "%", "a" * 60, "'", "e\u0301"])
def test_a_search_of_signs_breaks_nothing(search: str) -> None:
    assert isinstance(cpv_codes(search), list)


def test_each_word_of_a_trade_names_a_code_and_stands_before_the_descriptions() -> None:
    file = Path(reference_data.__file__).parent / "reference" / "cpv_words.csv"
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        assert cpv_codes(row["word"])[0].code.startswith(row["code"]), row


def test_every_code_can_be_chosen_also_where_it_passes_for_a_bsn() -> None:
    field = CpvField(max_length=330)
    passing = [row for row in CpvCode.objects.all() if passing_numbers(row.code)]
    assert len(passing) > 500
    for row in passing[:40]:
        for typed in (str(row), row.code, f" {row.code} "):
            assert field.clean(typed) == row.code


@pytest.mark.parametrize("typed", ["111222333", "schilder 111222333", "03000000-1 van 111222333"])
def test_a_number_beside_a_code_is_still_looked_at(typed: str) -> None:
    with pytest.raises(Exception, match="BSN"):
        CpvField(max_length=330).clean(typed)


def test_what_is_no_code_names_none() -> None:
    assert cpv_named("schilderwerk") is None
    assert cpv_named("99999999") is None

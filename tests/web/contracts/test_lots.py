"""The lots of a tender on one page: what each will owe first, then all of them together."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.urls import reverse

from telmee.apps.contracts.access import contracts_of
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast

URL = "/opdrachten/percelen"


def typed(cast: Cast, **changes: str) -> dict[str, str]:
    form = {
        "key": str(uuid4()),
        "lots": "2",
        "client": str(cast.hilversum.pk),
        "procurement": "T-2026-1",
        "form": "single",
        "category": "services",
        "scheme": "rotterdam-rijnmond",
        "owes": "rules",
    }
    for number, value in (("1", "2.000.000,00"), ("2", "600.000,00")):
        form |= {
            f"lot-{number}": f"Perceel {number}",
            f"reference-{number}": "T-2026-1",
            f"name-{number}": f"Groen wijk {number}",
            f"kvk-{number}": str(cast.de_eem.kvk),
            f"start-{number}": "1-1-2026",
            f"end-{number}": "31-12-2027",
            f"value-{number}": value,
        }
    return form | changes


def owed(cast: Cast) -> dict[str, int]:
    with acting_as(cast.adviser.pk) as acting:
        rows = {one.lot: one.pk for one in contracts_of(acting)}
        return {lot: positions([pk])[pk].owed_cents for lot, pk in rows.items()}


def text_of(page: Any) -> str:
    return str(page.content.decode()).replace("\u00a0", " ")


def test_what_each_lot_will_owe_is_shown_before_any_is_registered(cast: Cast, browse: Any) -> None:
    page = browse(cast.adviser).post(URL, typed(cast, calculate="1"))
    text = text_of(page)
    assert page.status_code == 200
    for figure in ("€ 100.000,00", "€ 30.000,00", "€ 130.000,00"):
        assert figure in text
    assert "Aangenomen" in text
    assert owed(cast) == {}


def test_all_lots_are_registered_once_and_each_leads_to_the_others(cast: Cast, browse: Any) -> None:
    browser, form = browse(cast.adviser), typed(cast, register="1")
    assert [browser.post(URL, form).status_code for _ in range(2)] == [302, 302]
    assert owed(cast) == {"Perceel 1": 100_000_00, "Perceel 2": 30_000_00}
    with acting_as(cast.adviser.pk) as acting:
        ids = [one.pk for one in contracts_of(acting).order_by("pk")]
    page = text_of(browser.get(reverse("contract", args=[ids[0]])))
    assert reverse("contract", args=[ids[1]]) in page


def test_everything_that_is_wrong_in_any_lot_is_said_at_once_and_what_was_typed_stays(
    cast: Cast, browse: Any
) -> None:
    wrong = {"end-1": "1-1-2020", "value-2": "veel", "name-2": "", "procurement": ""}
    page = browse(cast.adviser).post(URL, typed(cast, register="1", **wrong))
    assert page.status_code == 422
    assert {(form.number, field.name) for form, field in page.context["wrong"]} == {
        (1, "procurement"), (1, "end"), (2, "value"), (2, "name"),
    }  # fmt: skip
    text = text_of(page)
    for kept in ("1-1-2020", "veel", "Groen wijk 1"):
        assert kept in text
    assert owed(cast) == {}


def test_what_only_the_register_knows_stands_beside_its_lot(cast: Cast, browse: Any) -> None:
    same = {"lot-2": "Perceel 1"}
    page = browse(cast.adviser).post(URL, typed(cast, register="1", **same))
    assert page.status_code == 422
    assert [(form.number, field.name) for form, field in page.context["wrong"]] == [
        (2, "reference")
    ]
    assert "reference_again-2" in text_of(page)
    assert owed(cast) == {}


def test_another_lot_is_added_and_one_that_stays_empty_is_none(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    page = browser.post(URL, typed(cast, more="1"))
    text = text_of(page)
    assert page.status_code == 200
    assert 'name="lot-3"' in text
    assert "Groen wijk 2" in text
    assert not any(form.errors for form in page.context["forms"])
    assert browser.post(URL, typed(cast, register="1", lots="3")).status_code == 302
    assert len(owed(cast)) == 2


def test_who_registers_nothing_has_no_such_page(cast: Cast, browse: Any) -> None:
    assert browse(cast.contractor).get(URL).status_code == 404

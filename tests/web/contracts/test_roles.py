"""Each role meets a contract's pages: what it sees, which buttons it has, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast

READING = (
    "contract",
    "contract-obligation",
    "contract-contributions",
    "contract-plan",
    "contract-ledger",
    "contract-documents",
    "contract-journal",
    "contract-people",
    "contract-history",
)
DECIDING = ("contract-amend", "contract-change", "contract-close")
OPEN_TO_A_SUBCONTRACTOR = set(READING) - {
    "contract-obligation",
    "contract-ledger",
    "contract-history",
}


@pytest.mark.parametrize("who", ["adviser", "team", "contractor", "auditor", "reader"])
@pytest.mark.parametrize("name", READING)
def test_who_sees_all_reads_every_section(
    cast: Cast, contract: int, browse: Any, who: str, name: str
) -> None:
    page = browse(getattr(cast, who)).get(reverse(name, args=[contract]))
    assert page.status_code == 200


@pytest.mark.parametrize("name", READING)
def test_a_subcontractor_reads_no_books(cast: Cast, contract: int, browse: Any, name: str) -> None:
    page = browse(cast.subcontractor).get(reverse(name, args=[contract]))
    assert page.status_code == (200 if name in OPEN_TO_A_SUBCONTRACTOR else 404)


def test_a_subcontractor_sees_no_figure_of_the_contract(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser = browse(cast.subcontractor)
    shown = [browser.get(reverse(name, args=[contract])) for name in OPEN_TO_A_SUBCONTRACTOR]
    shown.append(browser.get(reverse("contracts")))
    text = "".join(page.content.decode() for page in shown)
    shown = browser.get(reverse("contracts"), {"export": "csv"})
    text += b"".join(shown).decode() + browser.get("/").content.decode()
    assert "100.000,00" not in text
    assert "2.000.000" not in text
    assert "K-1" not in text


@pytest.mark.parametrize("who", ["colleague", "competitor", "outsider", "operator"])
@pytest.mark.parametrize("name", [*READING, *DECIDING, "party-add", "plan-line-new"])
def test_who_is_no_party_finds_nothing(
    cast: Cast, contract: int, browse: Any, who: str, name: str
) -> None:
    page = browse(getattr(cast, who)).get(reverse(name, args=[contract]))
    assert page.status_code == 404


@pytest.mark.parametrize("who", ["contractor", "subcontractor", "auditor", "reader"])
@pytest.mark.parametrize("name", DECIDING)
def test_only_who_decides_changes_a_contract(
    cast: Cast, contract: int, browse: Any, who: str, name: str
) -> None:
    browser, url = browse(getattr(cast, who)), reverse(name, args=[contract])
    assert browser.get(url).status_code == 404
    assert browser.post(url, {"reason": "x"}).status_code == 404
    text = browser.get(reverse("contract", args=[contract])).content.decode()
    assert url not in text


@pytest.mark.parametrize("who", ["adviser", "team"])
def test_who_decides_has_the_buttons(cast: Cast, contract: int, browse: Any, who: str) -> None:
    browser = browse(getattr(cast, who))
    text = browser.get(reverse("contract", args=[contract])).content.decode()
    assert reverse("contract-amend", args=[contract]) in text
    assert reverse("contract-close", args=[contract]) in text


@pytest.mark.parametrize("who", ["adviser", "auditor", "reader", "team"])
def test_only_who_delivers_plans(cast: Cast, contract: int, browse: Any, who: str) -> None:
    browser, url = browse(getattr(cast, who)), reverse("plan-line-new", args=[contract])
    assert browser.get(url).status_code == 404
    text = browser.get(reverse("contract-plan", args=[contract])).content.decode()
    assert url not in text


def test_a_visitor_is_asked_to_sign_in(contract: int, browse: Any) -> None:
    for name in READING:
        assert browse().get(reverse(name, args=[contract])).status_code == 302


def test_a_colleague_is_told_by_name_and_another_by_his_organisation(
    cast: Cast, contract: int, browse: Any
) -> None:
    url = reverse("contract-journal", args=[contract])
    own = browse(cast.adviser).get(url).content.decode()
    other = browse(cast.contractor).get(url).content.decode()
    assert "Adviser" in own
    assert "Bouwbedrijf De Eem" in own
    assert "Contractor" not in own
    assert "Adviser" not in other
    assert "Gemeente Hilversum" in other


@pytest.mark.parametrize("text", ["adviser", "legde de opdracht", "De Eem"])
def test_the_journal_is_searched_by_the_words_that_it_shows(
    cast: Cast, contract: int, browse: Any, text: str
) -> None:
    page = browse(cast.adviser).get(reverse("contract-journal", args=[contract]), {"q": text})
    rows = page.context["listing"].shown
    assert rows
    for row in rows:
        assert text.casefold() in f"{row['who']} {row['what']} {row['why']}".casefold()


@pytest.mark.parametrize("text", ["Hilversum", "contractor"])
def test_the_journal_is_not_searched_by_names_that_it_does_not_show(
    cast: Cast, contract: int, browse: Any, text: str
) -> None:
    page = browse(cast.adviser).get(reverse("contract-journal", args=[contract]), {"q": text})
    assert page.context["listing"].total == 0


def test_who_may_see_this_counts_people_without_naming_them(
    cast: Cast, contract: int, browse: Any
) -> None:
    page = browse(cast.subcontractor).get(reverse("contract-people", args=[contract]))
    parties = {row["name"]: row["people"] for row in page.context["parties"]}
    assert parties["Gemeente Hilversum"] == 4
    assert parties["Bouwbedrijf De Eem"] == 2
    assert "Adviser" not in page.content.decode()

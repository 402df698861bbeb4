"""The rows of the list of contracts: sorted, narrowed and counted by the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from telmee.apps.contracts.models import Contract
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register


def shown(browser: Any, **query: str) -> list[str]:
    listing = browser.get("/opdrachten", query).context["listing"]
    assert listing.total == len(listing.shown)
    return [row["reference"] for row in listing.shown]


def test_the_database_sorts_and_narrows_by_what_follows_from_figures(
    cast: Cast, browse: Any
) -> None:
    today = timezone.localdate()
    long_ago, ahead = today - timedelta(days=300), today + timedelta(days=900)
    register(cast, reference="LOOPT", start=today - timedelta(days=1), end=ahead)
    register(cast, reference="VOORBIJ", start=long_ago, end=today - timedelta(days=1))
    register(cast, reference="KOMT", start=today + timedelta(days=9), end=ahead)
    met = register(cast, reference="VOLDAAN", start=long_ago, end=ahead, agreed_cents=1_00)
    accepted(cast, hand_in(cast, met, begin=long_ago, eind=today - timedelta(days=9)))
    browser = browse(cast.adviser)
    assert shown(browser) == ["VOORBIJ", "LOOPT", "KOMT", "VOLDAAN"]
    assert shown(browser, sort="risk") == ["VOLDAAN", "LOOPT", "KOMT", "VOORBIJ"]
    assert shown(browser, risk="overdue") == ["VOORBIJ"]
    assert shown(browser, risk="met") == ["VOLDAAN"]
    assert shown(browser, status="coming") == ["KOMT"]
    assert shown(browser, status="ended") == ["VOORBIJ"]
    assert shown(browser, sort="-reference") == ["VOORBIJ", "VOLDAAN", "LOOPT", "KOMT"]
    assert shown(browser, sort="open")[0] == "VOLDAAN"
    with acting_as(cast.adviser.pk):
        Contract.objects.filter(reference="KOMT").update(adviser=cast.adviser)
    assert shown(browser, adviser="True") == ["KOMT"]
    assert shown(browse(cast.second_adviser), adviser="True") == []
    assert shown(browser, side="decides", client="Gemeente Hilversum") == shown(browser)
    assert shown(browse(cast.subcontractor), risk="overdue") == []


def test_a_page_past_the_end_is_the_last_one(cast: Cast, browse: Any) -> None:
    for number in range(3):
        register(cast, reference=f"C-{number}")
    browser = browse(cast.adviser)
    listing = browser.get("/opdrachten?page=99").context["listing"]
    assert (listing.number, listing.total, len(listing.shown)) == (1, 3, 3)
    listing = browser.get("/opdrachten?q=nergens").context["listing"]
    assert (listing.number, listing.total, listing.shown) == (1, 0, [])


def test_who_sees_a_part_of_a_contract_has_no_figure_of_the_whole(cast: Cast, browse: Any) -> None:
    hand_in(cast, register(cast))
    (row,) = browse(cast.subcontractor).get("/opdrachten").context["listing"].shown
    assert (row["risk"], row["owed"], row["delivered"], row["delivered_to_come"]) == (
        ("", None, None, None)
    )
    assert (row["client"], row["contractor"]) == ("Gemeente Hilversum", cast.de_eem.name)


def test_contracts_that_nobody_looks_after_are_for_who_works_for_a_client(
    cast: Cast, browse: Any
) -> None:
    register(cast, reference="VAN-MIJ", adviser_id=cast.adviser.pk)
    register(cast, reference="VAN-NIEMAND")

    def listed(user: Any, whose: str) -> list[str]:
        page = browse(user).get("/opdrachten", {"adviser": whose})
        return sorted(row["reference"] for row in page.context["listing"].shown)

    assert listed(cast.adviser, "nobody") == ["VAN-NIEMAND"]
    assert listed(cast.adviser, "True") == ["VAN-MIJ"]
    assert listed(cast.contractor, "nobody") == ["VAN-MIJ", "VAN-NIEMAND"]

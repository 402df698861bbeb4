"""The one page of a member of a council."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.money import accepted
from tests.publishing import published
from tests.registering import hand_in, register
from tests.web.openness.test_openness_pages import text


@pytest.fixture
def contract(cast: Cast) -> int:
    contract = register(cast, name="Geheime opdracht")
    accepted(cast, hand_in(cast, contract, kenmerk="K-1", persoon="P-1"))
    return contract


def test_he_comes_in_on_the_answers_of_the_last_report(
    cast: Cast, browse: Any, contract: int
) -> None:
    assert contract
    council = browse(cast.council)
    assert council.get("/").url == reverse("results")
    assert "Er is nog geen verslag gepubliceerd" in text(council.get(reverse("results")))
    published(cast.adviser, cast.hilversum, year=2024)
    report = published(cast.adviser, cast.hilversum)
    page = text(council.get(reverse("results")))
    assert "Social return in 2025" in page
    assert reverse("report", args=[report]) in page
    assert "Social return in 2024" in text(council.get(reverse("results"), {"jaar": "2024"}))
    for hidden in ("Geheime opdracht", "De Eem", "P-1", "K-1", "/opdrachten", "/werklijst"):
        assert hidden not in page


def test_no_number_of_a_report_opens_to_its_lines(cast: Cast, browse: Any, contract: int) -> None:
    assert contract
    report = published(cast.adviser, cast.hilversum)
    lines = reverse("report-lines", args=[report])
    assert lines in text(browse(cast.adviser).get(reverse("report", args=[report])))
    council = browse(cast.council)
    page = text(council.get(reverse("report", args=[report])))
    assert lines not in page
    assert reverse("report-opening", args=[report]) not in page
    assert council.get(lines).status_code == 404
    assert council.get(reverse("report-file", args=[report])).status_code == 200


def test_he_reads_goals_and_sets_none(cast: Cast, browse: Any) -> None:
    page = text(browse(cast.council).get(reverse("goals")))
    assert "Gemeente Hilversum" in page
    assert "<form class=" not in page.split("<main", 1)[1]


def test_a_manager_sees_him_among_the_people_without_a_role_to_change(
    cast: Cast, browse: Any
) -> None:
    page = text(browse(cast.manager).get(reverse("organisation", args=[cast.hilversum.pk])))
    assert "Raadslid" in page
    invite = text(
        browse(cast.manager).get(reverse("organisation-invite", args=[cast.hilversum.pk]))
    )
    assert "Raadslid: leest wat gepubliceerd is" in invite

"""What was decided over all contracts: who sees it, filters, what is kept, and the file."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import found, hand_in, register


def decided(cast: Cast, line: int, outcome: Outcome, text: str = "Zie het bewijs.") -> None:
    why: dict[str, Any] = {"reason": DecisionReason.PERIOD, "text": text, "key": uuid4()}
    with acting_as(cast.adviser.pk) as acting:
        decide(*found(acting, line), outcome=outcome, **why)


@pytest.fixture(scope="module")
def lines(module_cast: Cast) -> dict[str, int]:
    """One line that was accepted, one rejected after all, one taken back, and one that waits."""
    cast = module_cast
    contract = register(cast, adviser_id=cast.adviser.pk)
    made = {
        name: hand_in(cast, contract, kenmerk=name, persoon=name)
        for name in ("L-ja", "L-nee", "L-terug", "L-wacht")
    }
    accepted(cast, made["L-ja"])
    accepted(cast, made["L-nee"])
    decided(cast, made["L-nee"], Outcome.REOPENED)
    decided(cast, made["L-nee"], Outcome.REJECTED, "Buiten de looptijd.")
    accepted(cast, made["L-terug"])
    decided(cast, made["L-terug"], Outcome.REOPENED)
    return made


def listed(browser: Any, query: str = "") -> list[str]:
    answer = browser.get(f"/besluiten{query}")
    assert answer.status_code == 200
    return [row["contribution__reference"] for row in answer.context["listing"].shown]


@pytest.mark.usefixtures("lines")
def test_the_decision_that_stands_is_listed_the_latest_first(cast: Cast, browse: Any) -> None:
    assert listed(browse(cast.adviser)) == ["L-nee", "L-ja"]
    page = " ".join(browse(cast.adviser).get("/besluiten").content.decode().split())
    assert "De periode klopt niet" in page
    assert "Buiten de looptijd." in page


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize(
    ("who", "count"),
    [
        ("reader", 2),
        ("team", 2),
        ("auditor", 2),
        ("contractor", 0),
        ("subcontractor", 0),
        ("colleague", 0),
        ("competitor", 0),
        ("operator", 0),
    ],
)
def test_it_is_for_who_decides_or_audits(cast: Cast, browse: Any, who: str, count: int) -> None:
    assert len(listed(browse(getattr(cast, who)))) == count


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?outcome=rejected", ["L-nee"]),
        ("?outcome=accepted", ["L-ja"]),
        ("?reason=period", ["L-nee"]),
        ("?when=month", ["L-nee", "L-ja"]),
        (f"?when={timezone.localdate().year - 1}", []),
        ("?contractor=eem", ["L-nee", "L-ja"]),
        ("?contractor=rival", []),
        ("?contract=HIL-2025", ["L-nee", "L-ja"]),
        ("?q=L-ja", ["L-ja"]),
        ("?adviser=me", ["L-nee", "L-ja"]),
        ("?sort=counts", ["L-nee", "L-ja"]),
    ],
)
def test_it_filters_searches_and_sorts(
    cast: Cast, browse: Any, query: str, shown: list[str]
) -> None:
    assert listed(browse(cast.adviser), query) == shown


@pytest.mark.usefixtures("lines")
def test_only_my_contracts_leaves_out_those_of_a_colleague(cast: Cast, browse: Any) -> None:
    assert listed(browse(cast.second_adviser), "?adviser=me") == []


@pytest.mark.usefixtures("lines")
def test_the_file_holds_what_the_page_shows(cast: Cast, browse: Any) -> None:
    answer = browse(cast.adviser).get("/besluiten?outcome=rejected&export=csv")
    file = answer.getvalue().decode("utf-8-sig")
    assert "L-nee" in file
    assert "L-ja" not in file
    assert "Buiten de looptijd." in file


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize("page", ["decided", "today", "tasks"])
def test_a_view_is_kept_under_a_name_by_one_person(cast: Cast, browse: Any, page: str) -> None:
    adviser = browse(cast.adviser)
    typed = {"name": "Mijn blik", "query": "q=L-ja"}
    adviser.post(reverse("filter-keep", args=[page]), typed)
    assert f'{reverse(page)}?q=L-ja"' in adviser.get(reverse(page)).content.decode()
    assert "Mijn blik" not in browse(cast.second_adviser).get(reverse(page)).content.decode()


def test_more_lines_cost_no_more_queries(cast: Cast, browse: Any, lines: dict[str, int]) -> None:
    contract, adviser = register(cast, reference="B"), browse(cast.adviser)
    assert len(listed(adviser)) == len(lines) - 2
    counts = []
    for start in (0, 4):
        for number in range(start, start + 4):
            accepted(cast, hand_in(cast, contract, kenmerk=f"M-{number}", persoon=f"M-{number}"))
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(adviser)) == 2 + start + 4
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12

"""A contract in order of time: what everybody may see of it, filtered and cut by the database."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.timeline import Part
from tests.apps.relations.test_in_touch import contact, talk, task
from tests.apps.relations.test_messages import write
from tests.cast import Cast
from tests.money import decide
from tests.registering import found, hand_in, register
from tests.settling import proposed


def lived(cast: Cast) -> int:
    """A contract on which something of every part happened."""
    contract = register(cast)
    contact(cast, "adviser", contract)
    talk(cast, contract, text="Onder ons", held_on=date(2026, 2, 1))
    talk(cast, contract, text="Voor beiden", is_shared=True, held_on=date(2026, 3, 1))
    task(cast, contract, due_on=date(2030, 1, 1))
    write(cast, contract)
    line = hand_in(cast, contract)
    no: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Te laat.", "key": uuid4()}
    with acting_as(cast.adviser.pk) as acting:
        decide(*found(acting, line), outcome=Outcome.REJECTED, **no)
    assert proposed(cast, contract) == "done"
    return contract


def rows(browser: Any, contract: int, query: str = "") -> list[dict[str, Any]]:
    answer = browser.get(reverse("contract-timeline", args=[contract]) + query)
    assert answer.status_code == 200
    return list(answer.context["listing"].shown)


def test_everything_stands_in_order_of_time(cast: Cast, browse: Any) -> None:
    shown = rows(browse(cast.adviser), lived(cast))
    moments = [row["when"] for row in shown]
    assert moments == sorted(moments, reverse=True)
    assert shown[0]["text"] == "Bel terug"
    assert [row["text"] for row in shown[-2:]] == ["Voor beiden", "Onder ons"]
    assert {row["part"] for row in shown} == set(Part)
    assert any("Te laat." in row["text"] for row in shown)


def test_who_delivers_sees_what_was_shared_and_no_tasks(cast: Cast, browse: Any) -> None:
    contract = lived(cast)
    texts = {row["text"] for row in rows(browse(cast.contractor), contract)}
    assert "Voor beiden" in texts
    assert "Onder ons" not in texts
    assert "Bel terug" not in texts
    assert rows(browse(cast.contractor), contract, "?part=task") == []


@pytest.mark.parametrize(
    ("part", "count"),
    [("conversation", 2), ("task", 1), ("agreement", 1), ("nonsense", None)],
)
def test_one_part_can_be_shown(cast: Cast, browse: Any, part: str, count: int | None) -> None:
    contract, adviser = lived(cast), browse(cast.adviser)
    shown = rows(adviser, contract, f"?part={part}")
    if count is None:
        assert len(shown) == len(rows(adviser, contract))
    else:
        assert [row["part"] for row in shown] == [part] * count


def test_it_turns_round_and_is_a_file(cast: Cast, browse: Any) -> None:
    contract, adviser = lived(cast), browse(cast.adviser)
    moments = [row["when"] for row in rows(adviser, contract, "?sort=when")]
    assert moments == sorted(moments)
    url = reverse("contract-timeline", args=[contract])
    file = adviser.get(f"{url}?export=csv").getvalue().decode("utf-8-sig")
    assert "Voor beiden" in file
    assert "Te laat." in file


def test_a_long_history_is_cut_by_the_database(cast: Cast, browse: Any) -> None:
    contract, adviser = lived(cast), browse(cast.adviser)
    rows(adviser, contract)
    counts, shown = [], []
    for more in (5, 60):
        for number in range(more):
            talk(cast, contract, text=f"Gesprek {number}")
            task(cast, contract)
        with CaptureQueriesContext(connection) as queries:
            shown = rows(adviser, contract)
        counts.append(len(queries))
        united = [query["sql"] for query in queries if "UNION ALL" in query["sql"]]
        assert any("LIMIT 50" in statement for statement in united)
    assert counts[1] <= counts[0] <= 23  # conversations and tasks alone stand on the second page
    assert len(shown) == 50
    assert 0 < len(rows(adviser, contract, "?page=3")) < 50

"""What somebody typed while the other side closed the contract is told that, and is not lost."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.organisations.acting import acting_as
from tests.apps.contracts.test_turnover import by_turnover
from tests.cast import Cast
from tests.days import today, typed_today
from tests.pooling import pooled
from tests.registering import register

TYPED = "Dit staat er nog."
PARTS = {"name": "Park", "contract-1": "HIL-1", "part-1": "40", "contract-2": "HIL-2",
         "part-2": "60"}  # fmt: skip
LINE = {"bouwblok": "pw_lt2", "begin": "1-1-2025", "eind": "30-6-2025", "uren_per_week": "24",
        "number": "2"}  # fmt: skip


def close(cast: Cast, contract: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        close_contract(access, on=today(), reason="Klaar.", today=today())


def sent(browser: Any, url: str, **typed: Any) -> tuple[int, str]:
    answer = browser.post(url, {"key": str(uuid4()), **typed})
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("who", "name", "typed"),
    [
        ("contractor", "plan-line-new", {**LINE, "plan_note": TYPED}),
        ("contractor", "share-propose", {"amount": "10", "note": TYPED, "seen": "0"}),
        ("contractor", "turnover-propose", {"amount": "10", "note": TYPED, "seen": "0"}),
        ("contractor", "pool-leave", {"note": TYPED, "seen": "1"}),
        ("adviser", "initiative-propose", {**PARTS, "note": TYPED}),
    ],
)
def test_what_was_typed_stays(
    cast: Cast, browse: Any, who: str, name: str, typed: dict[str, str]
) -> None:
    called = {"reference": "HIL-1"}
    over_turnover = name == "turnover-propose"
    contract = by_turnover(cast, **called) if over_turnover else register(cast, **called)
    more: dict[str, list[Any]] = {"share-propose": [cast.sub.pk], "turnover-propose": ["2025"]}
    other = register(cast, reference="HIL-2")
    if name == "pool-leave":
        pooled(cast, contract, other)
    url, browser = reverse(name, args=[contract, *more.get(name, [])]), browse(getattr(cast, who))
    assert browser.get(url).status_code == 200
    close(cast, contract)
    code, page = sent(browser, url, **{"begin": typed_today(), "end": typed_today(), **typed})
    assert (code, TYPED in page) == (422, True)
    assert "is afgesloten" in page
    assert browser.get(url).status_code == 404


def test_a_plan_that_both_begin_keeps_the_line_of_who_comes_second(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    form = adviser.get(reverse("plan-line-new", args=[contract]), follow=True)
    url = form.request["PATH_INFO"] + "?" + form.request["QUERY_STRING"]
    own = reverse("plan-line-new", args=[contract])
    assert sent(contractor, own, **LINE, version="0", plan_note="")[0] == 302
    code, page = sent(adviser, url, **LINE, version="0", plan_note=TYPED)
    assert (code, TYPED in page) == (422, True)
    assert "intussen gewijzigd" in page


@pytest.mark.parametrize("name", ["contribution-enter", "contribution-new"])
def test_effort_that_was_typed_stays(cast: Cast, browse: Any, name: str) -> None:
    contract, browser = register(cast, reference="HIL-1"), browse(cast.contractor)
    ids = [contract] if name == "contribution-new" else []
    url, query = reverse(name, args=ids), {"opdracht": str(contract)}
    assert browser.get(url, query).status_code == 200
    close(cast, contract)
    typed = {**LINE, **query, "persoon": "P-1", "note": TYPED, "doen": "nog-een"}
    code, page = sent(browser, url, **typed)
    assert (code, TYPED in page) == (422, True)
    assert "is afgesloten" in page

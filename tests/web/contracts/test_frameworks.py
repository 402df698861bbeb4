"""A framework stands where its call-offs stand together, and hides nothing of one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.choices import Form
from telmee.apps.ledger.queries import position_together
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.days import still_runs, typed_today, without_marks
from tests.money import accepted, stands
from tests.registering import hand_in, register
from tests.web.contracts.test_amending import sent, text_of

OPEN = "€ 20.000,00"


@pytest.fixture
def surplus_beside_open(cast: Cast) -> tuple[int, int]:
    """A framework with surplus on one call-off and € 20.000 open on another; and that surplus."""
    end = still_runs()
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK, end=end)
    of_frame: dict[str, Any] = {"form": Form.CALL_OFF, "parent_id": raam, "end": end}
    small, large = (
        register(cast, reference=name, agreed_cents=cents, **of_frame)
        for name, cents in (("N-1", 1_000_00), ("N-2", 20_000_00))
    )
    accepted(cast, hand_in(cast, small))
    beyond = stands(cast, small).surplus_cents
    assert beyond > 0
    assert stands(cast, large).open_cents == 20_000_00
    return raam, beyond


@pytest.mark.parametrize("page", ["contract", "contract-obligation", "contract-ledger"])
def test_surplus_of_one_call_off_does_not_hide_what_is_open_on_another(
    cast: Cast, browse: Any, surplus_beside_open: tuple[int, int], page: str
) -> None:
    raam, _beyond = surplus_beside_open
    for who in (cast.adviser, cast.contractor):
        text = " ".join(text_of(browse(who).get(reverse(page, args=[raam]))).split())
        assert (
            "Overrealisatie bij de ene opdracht gaat niet af van wat bij een andere open staat."
            in text
        )
        assert OPEN in text


@pytest.mark.usefixtures("surplus_beside_open")
def test_the_file_of_a_list_says_what_is_open_on_the_call_offs(cast: Cast, browse: Any) -> None:
    client = browse(cast.adviser)
    file = client.get(reverse("contracts"), {"export": "csv", "q": "RAAM"}).content.decode()
    assert "20000,00" in next(line for line in file.splitlines() if "RAAM" in line)


def test_the_books_of_a_framework_run_on_to_the_sum_of_its_call_offs(
    cast: Cast, browse: Any, surplus_beside_open: tuple[int, int]
) -> None:
    raam, beyond = surplus_beside_open
    page = browse(cast.adviser).get(reverse("contract-ledger", args=[raam]))
    assert [row["open"] for row in page.context["listing"].shown] == [
        1_000_00, 21_000_00, 20_000_00
    ]  # fmt: skip
    on_the_day = browse(cast.adviser).get(
        reverse("contract-ledger", args=[raam]), {"op": typed_today()}
    )
    figures = {one["label"]: one["cents"] for one in on_the_day.context["figures"]}
    assert (figures["Open"], figures["Overrealisatie"]) == (20_000_00, beyond)


def test_its_drawings_count_each_call_off_up_to_what_it_owes(
    cast: Cast, browse: Any, surplus_beside_open: tuple[int, int]
) -> None:
    raam, _beyond = surplus_beside_open
    page = browse(cast.adviser).get(reverse("contract", args=[raam]))
    bars = page.context["charts"][0]
    told = dict(zip(bars.labels, bars.series[0].values, strict=True))
    assert told == {
        "Opgave": 21_000_00,
        "Telt tot nu toe": 1_000_00,
        "Geleverd, nog geen besluit": 0,
        "Telt mee aan het eind": 1_000_00,
    }
    alone = "Van elke nadere overeenkomst telt niet meer mee dan de opgave."
    assert alone in bars.description
    drawing = browse(cast.adviser).get(reverse("contract-expected", args=[raam])).context["drawing"]
    owed, expected, counts = (line.values for line in drawing.series)
    assert alone in drawing.description
    assert set(owed) == {21_000_00}
    assert {cents for cents in (*expected, *counts) if cents is not None} == {0, 1_000_00}


def test_closing_a_framework_ends_nothing_on_its_call_offs(cast: Cast, browse: Any) -> None:
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK)
    call_off = register(cast, reference="N-1", form=Form.CALL_OFF, parent_id=raam)
    hand_in(cast, call_off)
    waits = _expected(cast, browse, raam)
    assert waits > 0
    with acting_as(cast.adviser.pk) as acting:
        today = timezone.localdate()
        close_contract(contract_for(acting, raam), on=today, reason="Afgelopen.", today=today)
    assert _expected(cast, browse, raam) == waits
    assert browse(cast.adviser).get(reverse("contract", args=[raam])).context["risk_word"] == (
        "Niet meer gevolgd"
    )
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, call_off), on=today, reason="Klaar.", today=today)
    assert _expected(cast, browse, raam) == 0


def _expected(cast: Cast, browse: Any, contract: int) -> int:
    """What is expected at the end of a contract, which its lines come to as well."""
    page = browse(cast.adviser).get(reverse("contract-expected", args=[contract]))
    cents: int = page.context["sums"][0].total.cents
    assert sum(row["cents"] for row in page.context["listing"].shown) == cents
    return cents


def test_a_call_off_that_begins_today_puts_nothing_behind(cast: Cast, browse: Any) -> None:
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK)
    today = timezone.localdate()
    register(
        cast, reference="N-1", form=Form.CALL_OFF, parent_id=raam, agreed_cents=1_000_00,
        start=today, end=today + timedelta(days=99),
    )  # fmt: skip
    page = browse(cast.adviser).get(reverse("contract", args=[raam]))
    done = page.context["comparisons"][1]
    assert done["word"] == "Genoeg"
    assert (
        "Naar de dagen van elke nadere overeenkomst moet het €\xa00,00 zijn (0%)." in done["text"]
    )


def test_one_contract_stands_together_with_none_as_it_does_alone(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk):
        assert position_together([contract]).open_cents == 100_000_00


def test_an_amendment_says_that_call_offs_no_longer_fit(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK)
    under = {"form": Form.CALL_OFF, "parent_id": raam, "value_cents": 900_000_00}
    one, _other = (register(cast, reference=name, **under) for name in ("N-1", "N-2"))
    browser, day = browse(cast.adviser), {"effective_on": "1-6-2025"}
    together = "samen {} waard. De raamovereenkomst is {} waard"

    def preview(contract: int, ground: str, **typed: str) -> str:
        page = text_of(sent(browser, form_of, contract, ground, **typed))
        return without_marks(" ".join(page.split()))

    fits = preview(one, "value", value="1.100.000,00", **day)
    assert "samen" not in fits
    text = preview(one, "value", value="1.200.000,00", **day)
    assert together.format("€ 2.100.000,00", "€ 2.000.000,00") in text
    text = preview(raam, "value", value="1.700.000,00", **day)
    assert together.format("€ 1.800.000,00", "€ 1.700.000,00") in text
    assert "N-1 loopt tot en met 31-03-2027" in preview(one, "overrun", end="31-3-2027")
    text = preview(raam, "ended_early", end="30-6-2026", effective_on="1-6-2026")
    assert "N-2 loopt tot en met 31-12-2026" in text

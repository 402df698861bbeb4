"""What a shortfall costs is reckoned and called by the rules that hold on the day it counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.amending import Wanted, amend
from telmee.apps.contracts.booking import penalise, sanction_of
from telmee.apps.contracts.choices import Ground
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.schemes.queries import version_named
from telmee.core.enforcement import Step as Rung
from tests.cast import Cast
from tests.enforcing import laddered, stepped, with_rung
from tests.registering import register

#: Harlingen withholds what was not done; Noordoost-Brabant fines one and a half times as much.
_WITHHELD, _FINED = 100_000_00, 150_000_00
_NEW_RULES = date(2024, 3, 1)


def _with_other_rules_from(cast: Cast, day: date) -> int:
    """A contract over 2023 that owes 100,000, with Harlingen's rules at first."""
    ended: dict[str, Any] = {"start": date(2023, 1, 1), "end": date(2025, 12, 31)}
    contract = register(cast, scheme="harlingen", **ended)
    with acting_as(cast.adviser.pk) as acting:
        other = version_named("noordoost-brabant-3.0").pk
        wanted = Wanted(
            ground=Ground.SCHEME,
            effective_on=day,
            reason="Nieuwe regels.",
            facts={"scheme_id": other},
        )
        amend(contract_for(acting, contract), wanted, key=uuid4())
    return contract


@pytest.mark.parametrize(
    ("day", "cents", "word"),
    [
        (_NEW_RULES - timedelta(days=1), _WITHHELD, "Inhouding"),
        (_NEW_RULES, _FINED, "Boete"),
    ],
)
def test_a_sanction_that_is_booked_has_the_rules_of_its_day(
    cast: Cast, browse: Any, day: date, cents: int, word: str
) -> None:
    contract = _with_other_rules_from(cast, _NEW_RULES)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        position = positions([contract])[contract]
        sanction = sanction_of(access.contract, position, on=day)
        penalise(access, amount_cents=cents, reason="Niet gedaan.", key=uuid4(), effective_on=day)
        (entry,) = [one for one in entries_of([contract]) if one.kind == "penalty"]
        receipt = entry.receipt
    assert sanction is not None
    assert sanction.amount_cents == cents
    assert receipt is not None
    # The rules come to what was booked, so nobody named another amount.
    assert (receipt.cents, receipt.named_cents) == (cents, None)
    page = browse(cast.adviser).get(reverse("entry", args=[contract, entry.pk]))
    assert page.context["row"]["kind"] == word
    books = browse(cast.adviser).get(reverse("contract-ledger", args=[contract]))
    assert [row["kind"] for row in books.context["listing"].shown][-1] == word


def test_a_step_of_today_has_the_rules_of_today_and_not_of_a_later_day(cast: Cast) -> None:
    """The version that comes later stands on the contract as soon as it is written down."""
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None, by_manager=False))
    contract = _with_other_rules_from(cast, date(2025, 12, 1))
    days = (date(2026, 1, 10), date(2026, 2, 10), date(2026, 4, 1))
    assert timezone.localdate() > days[-1]
    reminder = stepped(cast, contract, today=date(2025, 6, 1))
    assert reminder.facts["sanction"] == "withholding"
    later = [stepped(cast, contract, today=day) for day in days]
    assert {step.facts["sanction"] for step in later} == {"fine"}
    assert later[-1].facts["rules_cents"] == _FINED

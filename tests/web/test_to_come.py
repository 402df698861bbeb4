"""Effort that is still to come is shown as such wherever an amount is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.queries import split_of
from telmee.web.templatetags.telmee import euros
from tests.cast import Cast
from tests.registering import hand_in, register


@pytest.fixture(scope="module")
def running(module_cast: Cast) -> tuple[int, int]:
    """A contract with a line of which half is still to come."""
    cast = module_cast
    today = timezone.localdate()
    contract = register(cast, start=today - timedelta(days=200), end=today + timedelta(days=200))
    dates: dict[str, Any] = {
        "begin": today - timedelta(days=99),
        "eind": today + timedelta(days=100),
    }
    return contract, hand_in(cast, contract, **dates)


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("adviser", "/opdrachten/{contract}"),
        ("adviser", "/opdrachten"),
        ("adviser", "/opdrachten/{contract}/inspanningen"),
        ("adviser", "/inspanningen/{line}"),
        ("adviser", "/werklijst"),
        ("adviser", "/inspanningen/{line}/beslissen"),
        ("adviser", "/"),
        ("contractor", "/"),
        ("contractor", "/inspanningen/{line}"),
        ("auditor", "/"),
    ],
)
def test_what_is_still_to_come_is_told_apart(
    cast: Cast, browse: Any, running: tuple[int, int], who: str, address: str
) -> None:
    contract, line = running
    with acting_as(cast.adviser.pk):
        receipt = Contribution.objects.get(pk=line).receipt
    assert receipt is not None
    _done, to_come = split_of(receipt, timezone.localdate())
    assert 0 < to_come < (receipt.cents or 0)
    page = browse(getattr(cast, who)).get(address.format(contract=contract, line=line))
    assert page.status_code == 200
    assert euros(to_come) in page.content.decode()

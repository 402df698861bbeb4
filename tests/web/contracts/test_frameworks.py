"""A framework stands where its call-offs stand together, and hides nothing of one of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.contracts.choices import Form
from tests.cast import Cast
from tests.money import accepted, stands
from tests.registering import hand_in, register
from tests.web.contracts.test_amending import text_of


@pytest.mark.parametrize("page", ["contract", "contract-obligation"])
def test_surplus_of_one_call_off_does_not_hide_what_is_open_on_another(
    cast: Cast, browse: Any, page: str
) -> None:
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK)
    small, large = (
        register(cast, reference=name, form=Form.CALL_OFF, parent_id=raam, agreed_cents=cents)
        for name, cents in (("N-1", 1_000_00), ("N-2", 20_000_00))
    )
    address = reverse(page, args=[raam])
    words = "ieder apart, staat samen € 20.000,00 open en is er"
    assert words not in text_of(browse(cast.adviser).get(address))
    accepted(cast, hand_in(cast, small))
    beyond = stands(cast, small).surplus_cents
    assert beyond > 0
    assert stands(cast, large).open_cents == 20_000_00
    for who in (cast.adviser, cast.contractor):
        assert words in " ".join(text_of(browse(who).get(address)).split())
    assert words not in text_of(browse(cast.adviser).get(reverse(page, args=[large])))

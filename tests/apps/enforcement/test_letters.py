"""The letter of a penalty is so complete that the penalty can be reckoned by hand from it."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.http import Http404

from telmee.apps.contracts.access import contract_for
from telmee.apps.enforcement.letters import STEP_FACTS
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from telmee.texts.letters.kinds import KINDS
from telmee.texts.letters.words import Words
from tests.cast import Cast
from tests.enforcing import laddered, lenient, stepped, with_rung, withdrawn
from tests.registering import register


def _words(kind: str, facts: Any) -> str:
    blocks = KINDS[kind].blocks(facts, Words(kind, "nl"))
    return " ".join(map(str, blocks))


def _cents(euros: str) -> int:
    return int(re.sub(r"[^0-9]", "", euros))


def test_a_penalty_can_be_reckoned_by_hand_from_its_letter_alone(cast: Cast) -> None:
    contract = register(
        cast, scheme="noordoost-brabant-3.0", start=date(2023, 1, 1), end=date(2023, 12, 31)
    )
    lenient(cast, contract, cents=39_999_99)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    days = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1), date(2024, 6, 1))
    _reminder, signal, default, penalty = (stepped(cast, contract, today=day) for day in days)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        facts, reader = STEP_FACTS["ladder_penalty"](access, penalty.pk, "nl")
        asked, _reader = STEP_FACTS["ladder_default"](access, default.pk, "nl")
        with pytest.raises(Http404):
            STEP_FACTS["ladder_default"](access, signal.pk, "nl")
    assert reader == cast.de_eem.pk
    words = _words("ladder_penalty", facts)
    sum_ = re.search(r"([0-9,]+) × (€\s[0-9.,]+) = (€\s[0-9.,]+)", words)
    assert sum_ is not None
    factor, base, fine = sum_.groups()
    reckoned = Fraction(factor.replace(",", ".")) * _cents(base) + Fraction(1, 2)
    assert int(reckoned) == _cents(fine) == penalty.amount_cents == 90_000_02
    assert "Betaal de boete binnen 30 dagen: tot en met 01-07-2024" in words
    told = _words("ladder_default", asked)
    assert "tot en met 15-04-2024" in told
    assert "365" in told
    withdrawn(cast, contract, penalty.pk)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(Http404):
        STEP_FACTS["ladder_penalty"](contract_for(acting, contract), penalty.pk, "nl")

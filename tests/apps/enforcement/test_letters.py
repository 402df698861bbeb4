"""The letter of a penalty is so complete that the penalty can be reckoned by hand from it."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import Http404

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import take_back
from telmee.apps.enforcement.letters import ENFORCED_FACTS
from telmee.apps.ledger.queries import entry_posted
from telmee.apps.letters.actions import send_letter
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from telmee.texts.letters.kinds import KINDS
from telmee.texts.letters.words import Words
from tests.cast import Cast
from tests.enforcing import laddered, lenient, lenient_to_all, stepped, with_rung, withdrawn
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
        facts, reader = ENFORCED_FACTS["ladder_penalty"](access, penalty.pk, "nl")
        asked, _reader = ENFORCED_FACTS["ladder_default"](access, default.pk, "nl")
        with pytest.raises(Http404):
            ENFORCED_FACTS["ladder_default"](access, signal.pk, "nl")
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
        ENFORCED_FACTS["ladder_penalty"](contract_for(acting, contract), penalty.pk, "nl")


def _taken_back(cast: Cast, contract: int, key: UUID) -> None:
    with acting_as(cast.adviser.pk) as acting:
        entry = entry_posted(contract, key)
        assert entry is not None
        take_back(contract_for(acting, contract), entry.pk, reason="Vergissing")


def _leniency_letter(cast: Cast, contract: int, leniency: int, *, by: str = "adviser") -> Any:
    with acting_as(getattr(cast, by).pk) as acting:
        return ENFORCED_FACTS["ladder_leniency"](contract_for(acting, contract), leniency, "nl")


def test_the_letter_of_leniency_says_what_was_owed_before_and_after_it(cast: Cast) -> None:
    contract = register(cast, agreed_cents=100_000_00)
    first = lenient(cast, contract, cents=10_000_00)
    second = lenient(
        cast, contract, cents=5_000_00, first=date(2026, 3, 1), last=date(2026, 6, 30),
    )  # fmt: skip
    facts, reader = _leniency_letter(cast, contract, first.pk)
    later, _reader = _leniency_letter(cast, contract, second.pk)
    assert reader == cast.de_eem.pk
    # What was let go of afterwards changes nothing of the first letter.
    assert (facts["owed_before_cents"], facts["cents"]) == (100_000_00, 10_000_00)
    assert (later["owed_before_cents"], later["cents"]) == (90_000_00, 5_000_00)
    words = _words("ladder_leniency", later)
    assert "85.000,00" in words
    assert "Van 01-03-2026 tot en met 30-06-2026" in words
    assert "Crisis of overmacht" in words


def test_euros_that_were_taken_back_are_in_no_letter(cast: Cast) -> None:
    contract = register(cast)
    days = {"first": date(2026, 3, 1), "last": date(2026, 6, 30)}
    both, euros = (lenient(cast, contract, cents=1_00, **one) for one in (days, {}))
    for row in (both, euros):
        _taken_back(cast, contract, row.key)
    facts, _reader = _leniency_letter(cast, contract, both.pk)
    assert (facts["cents"], facts["owed_before_cents"]) == (None, None)
    assert "Uw opgave ervoor" not in _words("ladder_leniency", facts)
    with pytest.raises(Http404):
        _leniency_letter(cast, contract, euros.pk)


def test_leniency_for_all_has_a_letter_on_each_contract(cast: Cast) -> None:
    contracts = [register(cast), register(cast, reference="HIL-2025-002")]
    row = lenient_to_all(cast, first=date(2026, 3, 1), last=date(2026, 6, 30))
    with acting_as(cast.adviser.pk) as acting:
        for contract in contracts:
            access = contract_for(acting, contract)
            facts, reader = ENFORCED_FACTS["ladder_leniency"](access, row.pk, "nl")
            assert facts["of_all"]
            send_letter(
                access, kind="ladder_leniency", facts=facts, reader_id=reader, subject_id=row.pk,
                key=uuid4(), today=date(2026, 3, 2),
            )  # fmt: skip
    other = lenient(cast, contracts[0], first=date(2026, 7, 1), last=date(2026, 7, 2))
    with pytest.raises(Http404):
        _leniency_letter(cast, contracts[1], other.pk)

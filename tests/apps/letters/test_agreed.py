"""A letter confirms what two sides agreed, and nothing that only one of them said."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.agreements.queries import plans_of, turnover_versions
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import answer_plan, propose_plan, save_plan_line
from telmee.apps.contracts.turnover import confirm_turnover, propose_turnover
from telmee.apps.letters.models import Letter
from telmee.apps.letters.writing import text_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.queries import proposals_of
from tests.cast import Cast
from tests.lettering import asked_letter, sent_letter
from tests.money import accepted
from tests.registering import PLACEMENT, hand_in, register
from tests.settling import answered, proposed
from tests.texts.letters.test_letters import told

_PLAN = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}


def _words(cast: Cast, letter: Any) -> str:
    with acting_as(cast.adviser.pk):
        return told(text_of(Letter.objects.get(pk=letter.pk)))


def _settlement(cast: Cast, contract: int) -> int:
    assert proposed(cast, contract) == "done"
    with acting_as(cast.adviser.pk):
        return proposals_of(contract)[0].version.pk


def test_a_settlement_is_told_as_it_was_frozen(cast: Cast) -> None:
    contract = register(cast)
    cents = accepted(cast, hand_in(cast, contract)).amount_cents
    version = _settlement(cast, contract)
    with pytest.raises(Http404):
        asked_letter(cast.adviser, contract, "settlement", version)
    assert answered(cast, contract) == "done"
    words = _words(cast, sent_letter(cast.adviser, contract, "settlement", version))
    with acting_as(cast.adviser.pk):
        statement = proposals_of(contract)[0].statement
    assert statement.hash in words
    assert f"{(100_000_00 - cents) // 100:,}".replace(",", ".") in words
    assert "niet ingevuld" in words


def test_a_plan_is_confirmed_once_both_agreed(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_plan_line(access, _PLAN, number=2, note="", line_id=None)
        (plan,) = plans_of(contract)
        propose_plan(access, plan.agreement.organisation_id, key=uuid4())
        (plan,) = plans_of(contract)
        assert plan.waits
        version = plan.waits.version.pk
        promised = plan.waits.promised_cents
    with pytest.raises(Http404):
        asked_letter(cast.adviser, contract, "agreed_plan", version)
    with acting_as(cast.adviser.pk) as acting:
        answer_plan(contract_for(acting, contract), version, agrees=True)
    letter = asked_letter(cast.adviser, contract, "agreed_plan", version)
    with acting_as(cast.adviser.pk):
        kept = Letter.objects.get(pk=letter.pk)
    assert kept.facts["promised_cents"] == promised > 0
    assert kept.reader_id == cast.de_eem.pk
    assert [line["number"] for line in kept.facts["lines"]] == [2]


def test_turnover_of_a_period_is_confirmed_by_its_days(cast: Cast) -> None:
    contract = register(
        cast, scheme="rotterdam-rijnmond", start=date(2024, 1, 1), agreed_cents=None,
        percentage_reason="", over_turnover=True, turnover_period="quarter",
    )  # fmt: skip
    with acting_as(cast.contractor.pk) as acting:
        propose_turnover(
            contract_for(acting, contract), period=date(2024, 1, 1), cents=250_000_00,
            key=uuid4(), today=date(2026, 1, 1),
        )  # fmt: skip
        (one,) = turnover_versions([contract])[contract]
    with acting_as(cast.adviser.pk) as acting:
        confirm_turnover(contract_for(acting, contract), one.version.pk)
    words = _words(cast, asked_letter(cast.adviser, contract, "agreed_turnover", one.version.pk))
    assert "01-01-2024 \N{EN DASH} 31-03-2024" in words
    assert "€ 250.000,00" in words


def test_a_version_of_one_kind_is_none_of_another(cast: Cast) -> None:
    contract = register(cast)
    version = _settlement(cast, contract)
    assert answered(cast, contract) == "done"
    for kind in ("agreed_plan", "agreed_turnover"):
        with pytest.raises(Http404):
            asked_letter(cast.adviser, contract, kind, version)
    other = register(cast, reference="HIL-2025-002")
    with pytest.raises(Http404):
        asked_letter(cast.adviser, other, "settlement", version)

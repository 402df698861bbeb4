"""Promised, delivered and verified: now by kept balances, and as of any day by their history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import remove_plan_line, save_plan_line
from telmee.apps.contributions.actions import take_back, withdraw
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import Figures, check_ledger, figures, figures_per_year
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.money import accepted, decide
from tests.registering import PLACEMENT, found, hand_in, register

PLAN: dict[str, Any] = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}


def clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def told(cast: Cast, contract: int, as_of: datetime | None = None) -> Figures:
    with acting_as(cast.adviser.pk):
        return figures([contract], as_of=as_of)[contract]


def test_every_figure_is_told_as_it_was_at_each_moment(cast: Cast) -> None:
    contract = register(cast)
    then = [(clock(), told(cast, contract))]

    def remember() -> None:
        then.append((clock(), told(cast, contract)))

    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        plan = save_plan_line(access, PLAN, number=2, note="", line_id=None)
    remember()
    line = hand_in(cast, contract)
    other = hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    remember()
    accepted(cast, line)
    remember()
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, other))
        save_plan_line(contract_for(acting, contract), PLAN, number=5, note="", line_id=plan)
    remember()
    with acting_as(cast.contractor.pk) as acting:
        remove_plan_line(contract_for(acting, contract), plan)
    remember()
    assert len({str(one) for _, one in then}) == len(then)
    for moment, one in then:
        assert told(cast, contract, moment) == one
    last = then[-1][1]
    assert (last.promised_cents, last.undecided_cents) == (0, 0)
    assert last.delivered_cents == last.position.verified_cents > 0


def test_figures_are_kept_per_year_and_who_delivered(cast: Cast) -> None:
    contract = register(cast)
    first = hand_in(cast, contract)
    later = {"begin": date(2026, 1, 1), "eind": date(2026, 6, 30)}
    second = hand_in(cast, contract, by="subcontractor", kenmerk="S-1", persoon="S", **later)
    for line in (first, second):
        accepted(cast, line)
    with acting_as(cast.adviser.pk):
        per_year = figures_per_year([contract])
        whole = figures([contract])[contract]
    verified = {key[1:]: one.position.verified_cents for key, one in per_year.items()}
    assert verified[cast.de_eem.pk, 2025] > 0
    assert verified[cast.sub.pk, 2026] > 0
    assert sum(verified.values()) == whole.position.verified_cents
    assert sum(one.delivered_cents for one in per_year.values()) == whole.delivered_cents


def test_a_rejected_line_stays_delivered_and_a_withdrawn_one_does_not(cast: Cast) -> None:
    contract = register(cast)
    rejected, withdrawn = hand_in(cast, contract), hand_in(cast, contract, kenmerk="K-2")
    why: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Niet compleet."}
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, rejected)
        decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), **why)
        value = row.value_cents
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*found(acting, withdrawn), reason="Vervallen")
    now = told(cast, contract)
    assert (now.delivered_cents, now.undecided_cents) == (value, 0)


_BREAKS = {
    "ledger_balance_differs": "UPDATE ledger_balance SET cents = cents + 1 WHERE kind = 'promised'",
    "ledger_line_balance_differs": (
        "UPDATE ledger_linebalance SET delivered_cents = delivered_cents + 1"
    ),
    "ledger_movement_differs": (
        "UPDATE ledger_movement SET cents = cents + 1 WHERE kind = 'delivered'"
    ),
}


@pytest.mark.parametrize("code", _BREAKS)
def test_the_check_compares_balances_and_movements_with_what_they_follow_from(
    cast: Cast, server: Server, own_database: str, as_owner: Any, code: str
) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    with acting_as(cast.contractor.pk) as acting:
        save_plan_line(contract_for(acting, contract), PLAN, number=1, note="", line_id=None)
    with connected(server.owner_url, own_database):
        assert check_ledger() == []
        as_owner("ALTER TABLE ledger_movement DISABLE TRIGGER USER")
        as_owner(_BREAKS[code])
        assert code in {problem.code for problem in check_ledger()}

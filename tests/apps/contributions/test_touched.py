"""Decided lines that an amendment touches wait for somebody to look; nothing moves by itself."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.amending import Wanted
from telmee.apps.contracts.choices import Ground
from telmee.apps.contributions.models import Touched
from telmee.apps.contributions.touched import amend_contract, review, waiting_reviews
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import found, hand_in, register

END = date(2025, 4, 30)


def ended(cast: Cast, contract: int, end: date = END) -> None:
    one = Wanted(
        ground=Ground.ENDED_EARLY,
        effective_on=date(2025, 3, 1),
        reason="Gestopt.",
        facts={"end": end},
    )
    with acting_as(cast.adviser.pk) as acting:
        key = uuid4()
        for _ in range(2):  # the same form twice
            amend_contract(contract_for(acting, contract), one, key=key)


def waiting(cast: Cast, by: str = "adviser") -> list[tuple[int, int, int | None]]:
    with acting_as(getattr(cast, by).pk) as acting:
        rows = waiting_reviews(acting)
        return [(row.contribution_id, row.decided_cents, row.then_cents) for row in rows]


def touched(cast: Cast) -> tuple[int, int]:
    """A contract with a line that was decided as a whole, and another that is out of reach."""
    contract = register(cast)
    line = hand_in(cast, contract)
    accepted(cast, line)
    accepted(cast, hand_in(cast, contract, kenmerk="K-2", persoon="P-2", eind=END))
    return contract, line


def verified(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].verified_cents


def test_what_would_come_to_another_value_waits_and_keeps_what_was_decided(cast: Cast) -> None:
    contract, line = touched(cast)
    before = verified(cast, contract)
    ended(cast, contract)
    ((waits, decided, then),) = waiting(cast)
    assert waits == line
    assert then is not None
    assert 0 < then < decided
    assert verified(cast, contract) == before
    assert waiting(cast, by="team") == waiting(cast)
    assert waiting(cast, by="contractor") == waiting(cast, by="colleague") == []


def test_of_several_amendments_the_last_one_waits(cast: Cast) -> None:
    contract, line = touched(cast)
    ended(cast, contract)
    (first,) = waiting(cast)
    ended(cast, contract, date(2025, 3, 31))
    last = {row[0]: row for row in waiting(cast)}[line]
    assert (last[2] or 0) < (first[2] or 0)


def test_who_looked_takes_it_off_the_list_once_for_all(cast: Cast) -> None:
    contract, line = touched(cast)
    ended(cast, contract)
    for who in (cast.adviser, cast.second_adviser):
        with acting_as(who.pk) as acting:
            review(*found(acting, line))
    assert waiting(cast) == []
    with acting_as(cast.adviser.pk):
        assert Event.objects.get(verb="contribution.reviewed").object_id == line
        assert Touched.objects.get(contribution=line).reviewed_by_id == cast.adviser.pk


def test_a_decision_that_is_taken_back_or_made_again_waits_no_more(cast: Cast) -> None:
    contract, line = touched(cast)
    ended(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        why: dict[str, Any] = {"reason": DecisionReason.MISTAKE, "text": "Korter."}
        decide(*found(acting, line), outcome=Outcome.REOPENED, key=uuid4(), **why)
    assert waiting(cast) == []
    accepted(cast, line)
    assert waiting(cast) == []


def test_on_a_closed_contract_nobody_has_to_look(cast: Cast) -> None:
    contract, line = touched(cast)
    ended(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, contract), on=END, reason="Klaar.", today=END)
    assert waiting(cast) == []
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError, match="closed"):
        review(*found(acting, line))


@pytest.mark.parametrize("by", ["contractor", "auditor", "reader"])
def test_only_who_decides_looks(cast: Cast, by: str) -> None:
    contract, line = touched(cast)
    ended(cast, contract)
    with acting_as(getattr(cast, by).pk) as acting, pytest.raises(DomainError, match="not_allowed"):
        review(*found(acting, line))


def test_the_database_lets_nobody_look_in_the_name_of_another(cast: Cast) -> None:
    contract, _ = touched(cast)
    ended(cast, contract)
    statement = "UPDATE contributions_touched SET reviewed_at = now(), reviewed_by_id = %s"
    other = cast.second_adviser.pk
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement, [other])
    with acting_as(cast.contractor.pk), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [cast.contractor.pk])
        assert cursor.rowcount == 0

"""Lines for an initiative that wait on another contract hold a settlement up, as own lines do."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contributions.actions import submit, take_back
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.models import Movement
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements import actions
from telmee.apps.settlements.queries import parts_to_decide
from tests.apps.decisions.test_initiative_waits import proved
from tests.at_once import at_once
from tests.cast import Cast
from tests.initiatives import World, drafted, handed_in
from tests.money import accepted, decide
from tests.pooling import answered as pool_answered
from tests.pooling import left
from tests.registering import found
from tests.settling import answered, corrected, proposed, settled

__all__ = ["proved"]


def waiting(cast: Cast, contract: int, *, who: str = "adviser") -> list[tuple[int, int | None]]:
    with acting_as(getattr(cast, who).pk):
        return [(part.line_id, part.cents) for part in parts_to_decide(contract)]


def brought(cast: Cast, line: int) -> None:
    """Hand in a draft."""
    with acting_as(cast.contractor.pk) as acting:
        submit(*found(acting, line))


def adjusted(cast: Cast, line: int) -> None:
    """Let a line count for less than was asked, to which somebody can object."""
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), text="Minder uren.",
               reason=DecisionReason.HOURS, amount_cents=1_000_00)  # fmt: skip


def test_a_part_that_waits_elsewhere_is_decided_first(cast: Cast, its: World) -> None:
    home, other, third = its.contracts
    line = handed_in(cast, home)
    assert proposed(cast, other) == "settlement_lines_wait"
    ((waits, cents),) = waiting(cast, other, who="competitor")
    assert (waits, waiting(cast, home)) == (line, [])
    assert cents
    assert cents > 0
    accepted(cast, line)
    assert proposed(cast, other) == "done"
    again = handed_in(cast, third, kenmerk="I-9", persoon="P-9")
    assert answered(cast, other, by="competitor") == "settlement_lines_wait"
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, again))
    assert answered(cast, other, by="competitor") == "done"


def test_the_database_refuses_it_as_well(
    cast: Cast, its: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = handed_in(cast, its.contracts[0])
    monkeypatch.setattr(actions, "parts_to_decide", lambda _contract: [])
    with pytest.raises(DatabaseError, match="settlement_lines_wait"):
        proposed(cast, its.contracts[1])
    accepted(cast, line)
    assert proposed(cast, its.contracts[1]) == "done"
    handed_in(cast, its.contracts[0], kenmerk="I-9", persoon="P-9")
    with pytest.raises(DatabaseError, match="settlement_lines_wait"):
        answered(cast, its.contracts[1], by="competitor")


def test_an_objection_on_a_line_that_was_divided_holds_it_up(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    adjusted(cast, line)
    assert proposed(cast, its.contracts[1]) == "done"
    # What was booked here stays here, also when the contract takes part no more on that day.
    left(cast, its.contracts[1], end=date(2025, 1, 2), today=date(2025, 1, 2))
    pool_answered(cast, its.pool, by="competitor")
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Alle uren zijn gewerkt.")
    assert answered(cast, its.contracts[1], by="competitor") == "settlement_lines_wait"
    assert [line] == [waits for waits, _cents in waiting(cast, its.contracts[1])]


def test_what_does_not_come_here_holds_nothing_up(cast: Cast, its: World) -> None:
    home, other, third = its.contracts
    left(cast, other)
    pool_answered(cast, its.pool, by="competitor")
    handed_in(cast, home, begin=date(2025, 10, 1), eind=date(2026, 1, 31))
    assert waiting(cast, other) == []
    assert proposed(cast, other) == "done"
    assert proposed(cast, third) == "settlement_lines_wait"


def test_what_waits_on_a_contract_that_was_closed_comes_nowhere_and_holds_nothing_up(
    cast: Cast, its: World
) -> None:
    home, other, _third = its.contracts
    handed_in(cast, home)
    assert proposed(cast, other) == "settlement_lines_wait"
    day = date(2026, 12, 31)
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, home), on=day, reason="Klaar.", today=day)
    assert waiting(cast, other) == []
    assert proposed(cast, other) == "done"


def test_it_does_not_hold_up_what_is_put_right_on_a_settled_contract(
    cast: Cast, its: World
) -> None:
    line = handed_in(cast, its.contracts[0])
    adjusted(cast, line)
    with acting_as(cast.adviser.pk):
        assert parts_to_decide(its.contracts[2]) == []
    settled(cast, its.contracts[2])
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Alle uren zijn gewerkt.")
    assert [waits for waits, _cents in waiting(cast, its.contracts[2])] == [line]
    assert corrected(cast, its.contracts[2]) == "done"


def test_others_read_nothing_of_it(cast: Cast, its: World) -> None:
    handed_in(cast, its.contracts[0])
    for who in ("colleague", "outsider", "subcontractor", "contractor"):
        assert waiting(cast, its.contracts[1], who=who) == []


@pytest.mark.usefixtures("proved")
def test_who_hands_in_at_that_moment_holds_it_up_or_is_refused(cast: Cast, its: World) -> None:
    home, other, _third = its.contracts
    assert proposed(cast, other) == "done"
    line = drafted(cast, home)
    said: list[str] = []

    def answering() -> None:
        said.append(answered(cast, other, by="competitor"))

    handed, answer = at_once(partial(brought, cast, line), answering)
    assert answer == "done"
    assert (handed, said) in [
        ("done", ["settlement_lines_wait"]),
        ("initiative_part_closed", ["done"]),
    ]
    with acting_as(cast.adviser.pk):
        assert Movement.objects.filter(contract_id=other).exists() is (handed == "done")


def test_the_page_lists_them_and_leads_to_them(cast: Cast, its: World, browse: Any) -> None:
    line = handed_in(cast, its.contracts[0], kenmerk="GEHEIM")
    address = reverse("contract-settlement", args=[its.contracts[1]])
    adviser = browse(cast.adviser).get(address).content.decode()
    assert "Eerst nog te beslissen" in adviser
    assert reverse("decide", args=[line]) in adviser
    assert "GEHEIM" in adviser
    other = browse(cast.competitor).get(address).content.decode()
    assert "Eerst nog te beslissen" in other
    assert "GEHEIM" not in other
    assert reverse("contribution", args=[line]) not in other

"""Rules that an attack found missing: each was broken once."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import waive
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.ledger.queries import check_ledger, positions, standing_entries
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.core.money import half_up
from tests.at_once import at_once, meeting
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.money import accepted, agree, booked
from tests.registering import PLACEMENT, hand_in, register


def test_an_obligation_never_becomes_lower_than_what_was_waived(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        waive(access, **booked(60_000_00))
        with pytest.raises(DomainError) as refused:
            agree(access, **booked(50_000_00))
        assert [p.code for p in refused.value.problems] == ["obligation_below_waived"]
        assert positions([contract])[contract].surplus_cents == 0


def test_no_more_is_waived_than_is_open_after_effort(cast: Cast) -> None:
    """What was delivered and verified is not owed any more: less can be let go of."""
    contract = register(cast, agreed_cents=20_000_00)
    verified = accepted(cast, hand_in(cast, contract)).amount_cents
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        with pytest.raises(DomainError) as refused:
            waive(access, **booked(20_000_00 - verified + 1))
        assert [p.code for p in refused.value.problems] == ["waived_too_much"]
        waive(access, **booked(20_000_00 - verified))
        assert positions([contract])[contract].open_cents == 0


def test_effort_over_two_years_belongs_to_each_by_its_days(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, begin=date(2025, 10, 1), eind=date(2026, 3, 31))
    whole = accepted(cast, line).amount_cents
    later = half_up(whole * 90, 92 + 90)
    with acting_as(cast.adviser.pk):
        entries = standing_entries(contribution_id=line)
    assert {entry.effective_on: entry.amount_cents for entry in entries} == {
        date(2025, 12, 31): whole - later,
        date(2026, 3, 31): later,
    }


def test_another_effort_from_the_same_form_is_another_draft(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        for reference, person in (("A", "P-1"), ("A", "P-1"), ("B", "P-2")):
            cells = {**PLACEMENT, "kenmerk": reference, "persoon": person}
            save_draft(access, cells, key=key)
        assert {line.reference for line in drafts_of(access)} == {"A", "B"}


def test_who_waited_is_booked_after_who_went_first(
    own_database: str, cast: Cast, server: Server
) -> None:
    contract = register(cast)
    one_is_open, other_is_booked = meeting(2), meeting(2)

    def waiting() -> None:
        """Its transaction is the older one, and it comes second."""
        with acting_as(cast.adviser.pk) as acting:
            access = contract_for(acting, contract)
            one_is_open.wait()
            other_is_booked.wait()
            agree(access, **booked(90_000_00))

    def going_first() -> None:
        one_is_open.wait()
        with acting_as(cast.second_adviser.pk) as acting:
            agree(contract_for(acting, contract), **booked(80_000_00))
        other_is_booked.wait()

    assert at_once(waiting, going_first) == ["done", "done"]
    with connected(server.owner_url, own_database):
        assert check_ledger() == []

"""What who took a contract over sees of those who go on delivering on it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import save_draft, withdraw
from telmee.apps.contributions.counterparties import (
    answer_by,
    ask_counterparty,
    links_of,
    withdraw_link,
)
from telmee.apps.contributions.models import CounterpartyLink
from telmee.apps.contributions.queries import before_takeover
from telmee.apps.organisations.access import hash_of
from telmee.apps.organisations.acting import acting_as
from tests.apps.contracts.test_takeover import DAY, amended, seen, takeover
from tests.cast import Cast
from tests.registering import PLACEMENT, hand_in, register

END = date(2025, 12, 31)


@pytest.fixture(scope="module")
def taken(module_cast: Cast) -> int:
    """A contract of De Eem that Rival took over."""
    contract = register(module_cast)
    amended(module_cast, contract, takeover(module_cast.rival))
    return contract


def test_a_line_that_begins_on_that_very_day_is_of_after(cast: Cast, taken: int) -> None:
    for name, begin in (("S-1", DAY - timedelta(days=1)), ("S-2", DAY)):
        hand_in(cast, taken, by="subcontractor", kenmerk=name, persoon=name, begin=begin, eind=END)
    assert seen(cast, taken, "competitor") == {"S-2"}
    assert seen(cast, taken, "subcontractor") == {"S-1", "S-2"}


def test_who_carried_it_out_goes_on_as_a_subcontractor(cast: Cast, taken: int) -> None:
    with acting_as(cast.competitor.pk) as acting:
        access = contract_for(acting, taken)
        add_party(access, organisation_id=cast.de_eem.pk, role=PartyRole.SUBCONTRACTOR)
    hand_in(cast, taken, kenmerk="A-1", persoon="A-1", begin=DAY, eind=END)
    assert seen(cast, taken, "competitor") == {"A-1"}


def test_what_was_never_handed_in_or_was_taken_back_comes_to_nothing(
    cast: Cast, taken: int
) -> None:
    withdrawn = hand_in(cast, taken, kenmerk="A-1", persoon="A-1")
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*contribution_for(acting, withdrawn), reason="Vergissing.")
        save_draft(contract_for(acting, taken), {**PLACEMENT, "kenmerk": "A-2", "persoon": "A-2"})
    with acting_as(cast.competitor.pk):
        assert before_takeover(taken) == []
    hand_in(cast, taken, kenmerk="A-3", persoon="A-3")
    with acting_as(cast.competitor.pk):
        assert [row.lines for row in before_takeover(taken)] == [1]


def test_who_carried_it_out_asks_somebody_outside_about_his_own_line(
    cast: Cast, taken: int
) -> None:
    line = hand_in(cast, taken, kenmerk="A-1", persoon="A-1")
    with acting_as(cast.contractor.pk) as acting:
        token = ask_counterparty(*contribution_for(acting, line), who="ROC", key=uuid4())
    assert answer_by(hash_of(token), confirms=True, name="K. Klas", function="Docent")
    with acting_as(cast.contractor.pk) as acting:
        access, row = contribution_for(acting, line)
        (link,) = links_of(row)
        assert link.reply is not None
        again = ask_counterparty(access, row, who="ROC", key=uuid4())
        withdraw_link(access, row, links_of(row)[0].pk)
    assert not answer_by(hash_of(again), confirms=True, name="K. Klas", function="Docent")
    with acting_as(cast.competitor.pk):
        assert not CounterpartyLink.objects.filter(contribution=line)

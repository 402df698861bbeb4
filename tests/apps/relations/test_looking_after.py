"""Who looks after what: terms for contact, standing in, and handing over in one go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for, contracts_to_decide
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.models import Contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import remove_member
from telmee.apps.organisations.models import Membership
from telmee.apps.relations.absences import absences_of, end_absence, set_absence, stands_in_for
from telmee.apps.relations.access import absence_for, task_for
from telmee.apps.relations.contact_terms import choose_contact_terms, next_contacts
from telmee.apps.relations.handing_over import (
    HandOver,
    Moved,
    contracts_looked_after,
    hand_over,
    loose_tasks,
    who_looks_after,
)
from telmee.core.errors import DomainError
from telmee.texts import problem_text
from tests.apps.relations.test_in_touch import codes, talk, task
from tests.cast import Cast
from tests.days import today
from tests.mailing import mailed
from tests.registering import register


def days(number: int) -> date:
    return today() + timedelta(days=number)


# Terms for contact --------------------------------------------------------------------------


def chosen(cast: Cast, who: str = "manager", **terms: Any) -> None:
    told = {"first_weeks": None, "every_weeks": None, **terms}
    with acting_as(getattr(cast, who).pk) as acting:
        choose_contact_terms(acting, organisation_id=cast.hilversum.pk, today=today(), **told)


def due(cast: Cast, who: str = "adviser") -> dict[int, tuple[date, bool]]:
    with acting_as(getattr(cast, who).pk) as acting:
        found = next_contacts(contracts_to_decide(acting))
        return {pk: (one.due, one.is_first) for pk, one in found.items()}


def test_the_first_contact_is_so_many_weeks_after_the_award(cast: Cast) -> None:
    contract = register(cast, awarded_on=date(2024, 12, 1))
    assert due(cast) == {}
    chosen(cast, first_weeks=4)
    assert due(cast) == {contract: (date(2024, 12, 29), True)}
    assert due(cast, "team") == {contract: (date(2024, 12, 29), True)}
    talk(cast, contract, kind="note", held_on=date(2025, 1, 1))
    assert due(cast)[contract] == (date(2024, 12, 29), True)
    talk(cast, contract, kind="call", held_on=date(2025, 1, 1))
    assert due(cast) == {}


def test_after_that_there_is_contact_every_so_many_weeks_until_the_end(cast: Cast) -> None:
    contract = register(cast, end=date(2025, 6, 30))
    chosen(cast, first_weeks=4, every_weeks=10)
    talk(cast, contract, held_on=date(2025, 2, 1))
    assert due(cast) == {contract: (date(2025, 4, 12), False)}
    talk(cast, contract, held_on=date(2025, 6, 1))
    assert due(cast) == {}


def test_without_a_first_term_the_periods_count_from_the_award(cast: Cast) -> None:
    contract = register(cast)
    chosen(cast, every_weeks=1)
    assert due(cast) == {contract: (date(2025, 1, 8), True)}


def test_it_refuses_terms_of_who_does_not_manage_the_client_and_silly_ones(cast: Cast) -> None:
    for who in ("adviser", "reader", "contractor_manager", "colleague"):
        assert codes(chosen, cast, who, first_weeks=4) == ["not_allowed"]
    found = codes(chosen, cast, first_weeks=0, every_weeks=105)
    assert found == ["contact_weeks_out_of_range", "contact_weeks_out_of_range"]


# Standing in --------------------------------------------------------------------------------


def away(cast: Cast, who: str = "adviser", **facts: Any) -> int:
    told = {
        "organisation_id": cast.hilversum.pk,
        "user_id": cast.adviser.pk,
        "replacement_id": cast.second_adviser.pk,
        "first": today(),
        "last": days(7),
        "today": today(),
        **facts,
    }
    with acting_as(getattr(cast, who).pk) as acting:
        return set_absence(acting, **told).pk


def for_whom(cast: Cast, day: date) -> list[int]:
    with acting_as(cast.second_adviser.pk) as acting:
        return [absence.user_id for absence in stands_in_for(acting, today=day)]


def test_who_stands_in_does_so_from_the_first_day_to_the_last_and_is_told(cast: Cast) -> None:
    away(cast, first=days(1))
    assert [bool(for_whom(cast, days(number))) for number in (0, 1, 7, 8)] == [
        False,
        True,
        True,
        False,
    ]
    (mail,) = mailed()
    assert mail.to == ["second_adviser@example.org"]
    assert "U vervangt Adviser" in str(mail.subject)
    assert "/vandaag" in str(mail.body)


def test_an_absence_ends_early_or_never_begins(cast: Cast) -> None:
    begun = away(cast)
    later = away(cast, first=days(20), last=days(30))
    with acting_as(cast.manager.pk) as acting:
        end_absence(acting, absence_for(acting, later), today=today())
        end_absence(acting, absence_for(acting, begun), today=days(3))
        assert list(absences_of(acting, today=days(3))) == []
        assert [row.last for row in absences_of(acting, today=today())] == [days(2)]


def test_it_refuses_an_absence_of_a_colleague_unless_one_manages(cast: Cast) -> None:
    assert codes(away, cast, "second_adviser") == ["not_allowed"]
    assert codes(away, cast, "reader", user_id=cast.reader.pk) == ["not_allowed"]
    pk = away(cast, "manager")
    for who in ("second_adviser", "reader", "colleague", "contractor"):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            absence_for(acting, pk)


def test_it_refuses_who_cannot_stand_in_and_days_that_make_no_sense(cast: Cast) -> None:
    for somebody in (cast.adviser, cast.reader, cast.contractor, cast.team):
        assert codes(away, cast, replacement_id=somebody.pk) == ["not_a_colleague"]
    assert codes(away, cast, first=days(3), last=days(2)) == ["absence_in_order"]
    assert codes(away, cast, first=days(-9), last=days(-1)) == ["absence_in_order"]
    away(cast)
    assert codes(away, cast, first=days(7), last=days(9)) == ["absence_overlaps"]
    back = {"user_id": cast.second_adviser.pk, "replacement_id": cast.adviser.pk}
    assert codes(away, cast, "second_adviser", **back) == ["replacement_away", "stands_in_then"]


def test_who_stands_in_is_not_away_himself_on_any_of_those_days(cast: Cast) -> None:
    away(cast, first=days(3), last=days(7))
    his = {"user_id": cast.second_adviser.pk, "replacement_id": cast.manager.pk}
    for first, last in ((0, 3), (7, 9), (4, 5), (0, 9)):
        refused = {"first": days(first), "last": days(last), **his}
        assert codes(away, cast, "second_adviser", **refused) == ["stands_in_then"]
    with pytest.raises(DomainError) as refusal:
        away(cast, "manager", **his)
    assert "vervangt deze persoon Adviser" in problem_text(refusal.value.problems[0], "nl")[0]
    away(cast, "second_adviser", **his, last=days(2))
    away(cast, "second_adviser", **his, first=days(8), last=days(9))


# Handing over -------------------------------------------------------------------------------


def own(cast: Cast, reference: str) -> int:
    return register(cast, reference=reference, adviser_id=cast.adviser.pk)


def move(cast: Cast, who: str, *contracts: int, **facts: Any) -> Moved:
    told = {
        "organisation_id": cast.hilversum.pk,
        "from_id": cast.adviser.pk,
        "to_id": cast.second_adviser.pk,
        "contract_ids": contracts,
        "key": uuid4(),
        **facts,
    }
    with acting_as(getattr(cast, who).pk) as acting:
        return hand_over(acting, HandOver(**told))


def advisers(cast: Cast) -> dict[str, int | None]:
    with acting_as(cast.adviser.pk):
        return dict(Contract.objects.values_list("reference", "adviser"))


def test_a_portfolio_moves_at_once_with_its_open_tasks(cast: Cast) -> None:
    one, two, stays = own(cast, "A"), own(cast, "B"), own(cast, "C")
    mine = {"owner_id": cast.adviser.pk}
    moves, loose = task(cast, one, **mine), task(cast, **mine)
    others, kept = task(cast, two, owner_id=cast.manager.pk), task(cast, stays, **mine)
    with acting_as(cast.adviser.pk) as acting:
        rows: Any = contracts_looked_after(acting, cast.hilversum.pk, cast.adviser.pk)
        assert [(row.pk, row.open_tasks) for row in rows] == [(one, 1), (two, 0), (stays, 1)]
        assert [row.pk for row in loose_tasks(acting, cast.hilversum.pk, cast.adviser.pk)] == [
            loose
        ]
    assert move(cast, "manager", one, two, with_loose_tasks=True) == Moved(2, 2)
    second = cast.second_adviser.pk
    assert advisers(cast) == {"A": second, "B": second, "C": cast.adviser.pk}
    with acting_as(cast.adviser.pk) as acting:
        owners = {pk: task_for(acting, pk).owner_id for pk in (moves, loose, others, kept)}
    assert owners == {
        moves: second,
        loose: second,
        others: cast.manager.pk,
        kept: cast.adviser.pk,
    }


def test_both_are_told_and_the_journal_says_so(cast: Cast) -> None:
    contract = own(cast, "A")
    move(cast, "manager", contract)
    assert {address for mail in mailed() for address in mail.to} == {
        "adviser@example.org",
        "second_adviser@example.org",
    }
    with acting_as(cast.contractor.pk):
        (event,) = Event.objects.filter(verb="contract.handed_over")
        assert (event.contract_id, event.details) == (contract, {})
    with acting_as(cast.adviser.pk):
        assert Event.objects.filter(verb="organisation.handed_over").count() == 1


def test_who_hands_over_himself_is_not_told(cast: Cast) -> None:
    move(cast, "adviser", own(cast, "A"))
    assert [mail.to for mail in mailed()] == [["second_adviser@example.org"]]


def test_the_same_submit_twice_hands_over_once(cast: Cast) -> None:
    contract, key = own(cast, "A"), uuid4()
    assert move(cast, "adviser", contract, key=key) == Moved(1, 0)
    assert move(cast, "adviser", contract, key=key) == Moved(0, 0)
    assert len(mailed()) == 1


def test_what_somebody_else_got_meanwhile_stops_it_all(cast: Cast) -> None:
    one, two = own(cast, "A"), own(cast, "B")
    move(cast, "adviser", two, to_id=cast.manager.pk)
    assert codes(move, cast, "adviser", one, two) == ["agreement_changed"]
    assert advisers(cast) == {"A": cast.adviser.pk, "B": cast.manager.pk}


def test_contracts_of_nobody_get_an_adviser(cast: Cast) -> None:
    contract = register(cast, reference="A")
    with acting_as(cast.adviser.pk) as acting:
        rows = contracts_looked_after(acting, cast.hilversum.pk, None)
        assert [row.pk for row in rows] == [contract]
    assert move(cast, "second_adviser", contract, from_id=None) == Moved(1, 0)
    assert advisers(cast) == {"A": cast.second_adviser.pk}


def test_the_work_of_who_left_can_still_be_handed_over(cast: Cast) -> None:
    contract = register(cast, reference="A", adviser_id=cast.second_adviser.pk)
    open_task = task(cast, contract)
    with acting_as(cast.manager.pk) as acting:
        gone = Membership.objects.get(user=cast.second_adviser)
        remove_member(acting, membership_id=gone.pk)
        assert list(who_looks_after(acting, cast.hilversum.pk)) == [cast.second_adviser]
    facts = {"from_id": cast.second_adviser.pk, "to_id": cast.adviser.pk}
    assert move(cast, "manager", contract, **facts) == Moved(1, 1)
    with acting_as(cast.adviser.pk) as acting:
        assert task_for(acting, open_task).owner_id == cast.adviser.pk


def test_it_refuses_to_hand_over_what_is_not_ones_own(cast: Cast) -> None:
    contract = own(cast, "A")
    for who in ("reader", "contractor", "team", "colleague", "auditor"):
        assert codes(move, cast, who, contract) == ["not_allowed"], who
    for somebody in (cast.reader, cast.colleague, cast.contractor, cast.adviser):
        assert codes(move, cast, "manager", contract, to_id=somebody.pk) == ["not_a_colleague"]
    theirs = {"organisation_id": cast.region.pk, "to_id": cast.team.pk}
    assert codes(move, cast, "adviser", contract, **theirs) == ["not_allowed"]
    assert codes(move, cast, "adviser", 999_999) == ["not_allowed"]
    assert codes(move, cast, "adviser") == ["nothing_to_hand_over"]
    assert advisers(cast) == {"A": cast.adviser.pk}


def test_a_closed_contract_stays_where_it_is(cast: Cast) -> None:
    contract = own(cast, "A")
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        close_contract(access, on=access.contract.start, reason="Klaar", today=today())
        rows = contracts_looked_after(acting, cast.hilversum.pk, cast.adviser.pk)
        assert list(rows) == []
    assert codes(move, cast, "adviser", contract) == ["contract_closed"]

"""Contact persons, conversations and tasks: who keeps them, who sees them, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import remove_party
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import remove_member
from telmee.apps.organisations.models import Membership
from telmee.apps.relations.access import (
    contact_for,
    contract_in_touch,
    conversation_for,
    task_for,
)
from telmee.apps.relations.actions import (
    add_contact,
    add_task,
    change_contact,
    change_task,
    finish_task,
    remove_contact,
    write_conversation,
)
from telmee.apps.relations.models import Contact, Conversation, Task
from telmee.apps.relations.queries import (
    contacts_on,
    conversations_on,
    earlier_texts,
    last_contacts,
)
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.days import today
from tests.registering import register

SAM = {"name": "Sam Smit", "email": "sam@example.org"}


def codes(deed: Any, *given: Any, **facts: Any) -> list[str]:
    with pytest.raises(DomainError) as refused:
        deed(*given, **facts)
    return [problem.code for problem in refused.value.problems]


def contact(cast: Cast, who: str, contract: int, **facts: Any) -> int:
    with acting_as(getattr(cast, who).pk) as acting:
        return add_contact(contract_for(acting, contract), **{**SAM, **facts}).pk


def talk(cast: Cast, contract: int, who: str = "adviser", **facts: Any) -> int:
    usual = {"kind": "call", "held_on": date(2026, 3, 1), "text": "Alles loopt.", "key": uuid4()}
    told: dict[str, Any] = {**usual, "is_shared": False, **facts}
    with acting_as(getattr(cast, who).pk) as acting:
        if isinstance(told.get("corrects"), int):
            _access, told["corrects"] = conversation_for(acting, told["corrects"])
        return write_conversation(contract_for(acting, contract), **told).pk


def task(cast: Cast, contract: int | None = None, **facts: Any) -> int:
    with acting_as(cast.adviser.pk) as acting:
        told: dict[str, Any] = {
            "organisation_id": cast.hilversum.pk,
            "owner_id": cast.second_adviser.pk,
            "text": "Bel terug",
            "due_on": today() + timedelta(days=30),
            "key": uuid4(),
            "access": contract_for(acting, contract) if contract is not None else None,
            **facts,
        }
        return add_task(acting, **told).pk


def names_seen(cast: Cast, who: str, contract: int) -> list[str]:
    with acting_as(getattr(cast, who).pk) as acting:
        return [row.name for row in contacts_on(contract_for(acting, contract))]


# Contact persons ----------------------------------------------------------------------------


def test_both_sides_see_each_others_contact_persons_and_nobody_else_does(cast: Cast) -> None:
    contract = register(cast)
    contact(cast, "adviser", contract)
    contact(cast, "contractor", contract, name="Kim de Boer", email="kim@example.org")
    for who in ("adviser", "reader", "team", "contractor"):
        assert sorted(names_seen(cast, who, contract)) == ["Kim de Boer", "Sam Smit"], who
    for who in ("subcontractor", "auditor"):
        assert names_seen(cast, who, contract) == [], who
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            contract_in_touch(acting, contract)


def test_it_refuses_the_contact_person_of_the_other_side(cast: Cast) -> None:
    contract = register(cast)
    theirs = contact(cast, "contractor", contract)
    for who in ("adviser", "team", "reader", "subcontractor", "competitor"):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            contact_for(acting, theirs)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        assert codes(change_contact, access, theirs, **SAM) == ["not_allowed"]
        assert codes(remove_contact, access, theirs) == ["not_allowed"]
    with acting_as(cast.reader.pk) as acting:
        assert codes(add_contact, contract_for(acting, contract), **SAM) == ["not_allowed"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"name": " "}, "contact_name_needed"),
        ({"name": "x" * 121}, "text_too_long"),
        ({"function": "burger 111222333"}, "bsn_typed"),
        ({"phone": "111222333"}, "bsn_typed"),
        ({"phone": "bel me"}, "phone_not_read"),
        ({"phone": "12345"}, "phone_not_read"),
        ({"phone": "+31"}, "phone_not_read"),
    ],
)
def test_it_refuses_what_is_no_fact_about_work(
    cast: Cast, typed: dict[str, str], code: str
) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        assert code in codes(add_contact, contract_for(acting, contract), **{**SAM, **typed})


@pytest.mark.parametrize(
    "phone", ["", "035 629 2911", "06-12345678", "+31 35 629 29 11", "0800 1351", "14 035"]
)
def test_telephone_numbers_are_taken_as_people_write_them(cast: Cast, phone: str) -> None:
    contract = register(cast)
    pk = contact(cast, "adviser", contract, phone=phone)
    with acting_as(cast.contractor.pk):
        assert Contact.objects.get(pk=pk).phone == phone


def test_all_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        wrong = {"name": "", "email": "a@example.org", "phone": "bel me"}
        found = codes(add_contact, contract_for(acting, contract), **wrong)
    assert found == ["contact_name_needed", "phone_not_read"]


def test_a_person_stands_once_for_each_side_of_a_contract(cast: Cast) -> None:
    contract = register(cast)
    contact(cast, "adviser", contract)
    with acting_as(cast.adviser.pk) as acting:
        again = {**SAM, "email": "SAM@example.org"}
        assert codes(add_contact, contract_for(acting, contract), **again) == ["contact_known"]
    contact(cast, "contractor", contract)


def test_who_leaves_goes_from_all_contracts_and_the_journal_has_no_name(cast: Cast) -> None:
    one, two = register(cast), register(cast, reference="HIL-2")
    pk = contact(cast, "adviser", one)
    contact(cast, "adviser", two)
    contact(cast, "contractor", two)
    with acting_as(cast.adviser.pk) as acting:
        assert remove_contact(contract_for(acting, one), pk, everywhere=True) == 2
        left = Contact.objects.values_list("organisation", flat=True)
        assert list(left) == [cast.de_eem.pk]
        events = Event.objects.filter(verb="contract.contact_removed")
        assert set(events.values_list("contract_id", flat=True)) == {one, two}
        assert not any("Sam" in str(event.details) + event.reason for event in events)


def test_removing_from_one_contract_leaves_the_others(cast: Cast) -> None:
    one, two = register(cast), register(cast, reference="HIL-2")
    pk = contact(cast, "adviser", one)
    contact(cast, "adviser", two)
    with acting_as(cast.adviser.pk) as acting:
        assert remove_contact(contract_for(acting, one), pk) == 1
    assert names_seen(cast, "adviser", two) == ["Sam Smit"]


def test_who_no_longer_works_for_an_organisation_is_forgotten_by_itself(cast: Cast) -> None:
    contract = register(cast)
    contact(cast, "adviser", contract, email="second_adviser@example.org")
    contact(cast, "adviser", contract, email="other@example.org", name="Blijft")
    with acting_as(cast.manager.pk) as acting:
        member = Membership.objects.get(user=cast.second_adviser, organisation=cast.hilversum)
        remove_member(acting, membership_id=member.pk)
    assert names_seen(cast, "adviser", contract) == ["Blijft"]


def test_an_organisation_that_is_no_party_any_more_leaves_no_contact_persons(cast: Cast) -> None:
    contract = register(cast)
    contact(cast, "team", contract)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        (party,) = (p for p in access.parties if p.organisation_id == cast.region.pk)
        remove_party(access, party_id=party.pk, reason="Klaar")
    assert names_seen(cast, "adviser", contract) == []


# Conversations ------------------------------------------------------------------------------


def seen(cast: Cast, who: str, contract: int) -> list[str]:
    with acting_as(getattr(cast, who).pk) as acting:
        return [row.text for row in conversations_on(contract_for(acting, contract))]


def test_a_conversation_is_of_the_team_until_somebody_shares_it(cast: Cast) -> None:
    contract = register(cast)
    talk(cast, contract, text="Onder ons")
    talk(cast, contract, text="Voor beiden", is_shared=True, held_on=date(2026, 2, 1))
    for who in ("adviser", "reader", "team"):
        assert seen(cast, who, contract) == ["Onder ons", "Voor beiden"], who
    assert seen(cast, "contractor", contract) == ["Voor beiden"]
    for who in ("subcontractor", "auditor"):
        assert seen(cast, who, contract) == [], who


def test_a_correction_takes_its_place_and_keeps_what_stood_there(cast: Cast) -> None:
    contract = register(cast)
    first = talk(cast, contract, text="Dinsdag")
    second = talk(cast, contract, text="Woensdag", corrects=first)
    talk(cast, contract, text="Donderdag", corrects=second)
    assert seen(cast, "adviser", contract) == ["Donderdag"]
    with acting_as(cast.adviser.pk) as acting:
        rows = list(conversations_on(contract_for(acting, contract)))
        (before,) = earlier_texts(rows).values()
        assert [row.text for row in before] == ["Woensdag", "Dinsdag"]
        with pytest.raises(Http404):
            conversation_for(acting, first)


def test_what_was_shared_stays_shared(cast: Cast) -> None:
    contract = register(cast)
    first = talk(cast, contract, is_shared=True, text="Eerst")
    talk(cast, contract, is_shared=False, text="Beter", corrects=first)
    assert seen(cast, "contractor", contract) == ["Beter"]


def test_it_refuses_a_second_correction_of_the_same_text(cast: Cast) -> None:
    contract = register(cast)
    first = talk(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, old = conversation_for(acting, first)
    talk(cast, contract, text="Beter", corrects=first)
    facts = {"kind": "call", "held_on": date(2026, 3, 1), "is_shared": False, "corrects": old}
    with acting_as(cast.adviser.pk):
        found = codes(write_conversation, access, text="Nog beter", key=uuid4(), **facts)
    assert found == ["agreement_changed"]


def test_the_same_form_twice_writes_one_conversation(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    assert talk(cast, contract, key=key) == talk(cast, contract, key=key)
    assert len(seen(cast, "adviser", contract)) == 1


def test_it_refuses_a_conversation_that_is_still_to_come_or_says_nothing(cast: Cast) -> None:
    contract = register(cast)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        facts = {"kind": "call", "is_shared": False, "key": uuid4()}
        found = codes(write_conversation, access, held_on=tomorrow, text=" ", **facts)
    assert found == ["missing_explanation", "conversation_to_come"]


def test_it_refuses_a_conversation_of_who_does_not_decide(cast: Cast) -> None:
    contract = register(cast)
    facts = {"kind": "call", "is_shared": True, "key": uuid4(), "text": "x"}
    for who in ("contractor", "reader", "auditor", "subcontractor"):
        with acting_as(getattr(cast, who).pk) as acting:
            access = contract_for(acting, contract)
            found = codes(write_conversation, access, held_on=date(2026, 3, 1), **facts)
            assert found == ["not_allowed"], who
    own = talk(cast, contract)
    with acting_as(cast.team.pk) as acting, pytest.raises(Http404):
        conversation_for(acting, own)


def test_a_note_is_no_contact_and_a_corrected_day_counts(cast: Cast) -> None:
    contract = register(cast)
    talk(cast, contract, kind="note", held_on=date(2026, 5, 1))
    first = talk(cast, contract, kind="visit", held_on=date(2026, 4, 1))
    talk(cast, contract, kind="visit", held_on=date(2026, 2, 1), corrects=first)
    with acting_as(cast.adviser.pk):
        assert last_contacts([contract]) == {contract: date(2026, 2, 1)}


# Tasks --------------------------------------------------------------------------------------


def test_a_task_is_of_the_team_alone(cast: Cast) -> None:
    contract = register(cast)
    pk = task(cast, contract)
    with acting_as(cast.reader.pk):
        assert Task.objects.filter(pk=pk).exists()
    for who in ("team", "contractor", "auditor", "colleague", "subcontractor"):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            task_for(acting, pk)


def test_a_task_is_done_and_is_not_done_after_all(cast: Cast) -> None:
    pk = task(cast)
    with acting_as(cast.second_adviser.pk) as acting:
        one = task_for(acting, pk)
        finish_task(acting, one, done=True)
        done_at = task_for(acting, pk).done_at
        assert done_at is not None
        finish_task(acting, one, done=True)
        assert task_for(acting, pk).done_at == done_at
        finish_task(acting, one, done=False)
        assert task_for(acting, pk).done_at is None


def test_a_task_goes_to_somebody_else_by_another_day(cast: Cast) -> None:
    pk = task(cast)
    with acting_as(cast.adviser.pk) as acting:
        day = date(2027, 1, 1)
        change_task(acting, task_for(acting, pk), owner_id=cast.manager.pk, text="Mail", due_on=day)
        now = task_for(acting, pk)
        assert (now.owner_id, now.text, now.due_on) == (cast.manager.pk, "Mail", day)


def test_it_refuses_a_task_for_who_does_not_work_there(cast: Cast) -> None:
    for somebody in (cast.reader, cast.contractor, cast.team, cast.outsider):
        assert codes(task, cast, owner_id=somebody.pk) == ["not_a_colleague"]
    pk = task(cast)
    with acting_as(cast.adviser.pk) as acting:
        facts = {"owner_id": cast.colleague.pk, "text": "", "due_on": date(2027, 1, 1)}
        found = codes(change_task, acting, task_for(acting, pk), **facts)
    assert found == ["missing_explanation", "not_a_colleague"]


def test_it_refuses_a_task_of_who_only_reads_or_delivers(cast: Cast) -> None:
    contract = register(cast)
    facts = {"text": "x", "due_on": date(2027, 1, 1)}
    for who, organisation in (("reader", cast.hilversum), ("contractor", cast.de_eem)):
        user = getattr(cast, who)
        mine = {"organisation_id": organisation.pk, "owner_id": user.pk, **facts}
        with acting_as(user.pk) as acting:
            access = contract_for(acting, contract)
            assert codes(add_task, acting, key=uuid4(), access=access, **mine) == ["not_allowed"]
            assert codes(add_task, acting, key=uuid4(), **mine) == ["not_allowed"]


def test_the_same_form_twice_makes_one_task(cast: Cast) -> None:
    key = uuid4()
    assert task(cast, key=key) == task(cast, key=key)


def test_a_conversation_only_grows(cast: Cast) -> None:
    pk = talk(cast, register(cast))
    with acting_as(cast.adviser.pk):
        assert Conversation.objects.get(pk=pk).user_id == cast.adviser.pk

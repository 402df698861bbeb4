"""Keeping in touch in a browser without script, by the pages of a contract."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.urls import reverse

from tests.apps.relations.test_in_touch import contact, talk, task
from tests.cast import Cast
from tests.registering import register

_BSN = "111222333"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_contact_person_is_added_changed_and_removed_by_its_own_side(
    cast: Cast, browse: Any
) -> None:
    contract, adviser = register(cast), browse(cast.adviser)
    new, page = (reverse(name, args=[contract]) for name in ("contact-new", "contract-contact"))
    wrong = {"name": "Sam", "email": "sam@example.org", "phone": "bel me", "function": "Inkoper"}
    refused = adviser.post(new, wrong)
    assert refused.status_code == 422
    assert 'value="Inkoper"' in text(refused)
    assert "Dit is geen telefoonnummer" in text(refused)
    saved = adviser.post(new, {**wrong, "phone": "035 629 2911"}, follow=True)
    assert "Beide kanten zien die" in text(saved)
    seen = text(browse(cast.contractor).get(page))
    assert "sam@example.org" in seen
    assert "contactpersonen/" not in seen
    assert "tel:0356292911" in seen


def test_a_bsn_is_refused_in_every_field(cast: Cast, browse: Any) -> None:
    contract, adviser = register(cast), browse(cast.adviser)
    for field in ("name", "function", "phone"):
        typed = {"name": "Sam", "email": "sam@example.org", field: _BSN}
        refused = adviser.post(reverse("contact-new", args=[contract]), typed)
        assert refused.status_code == 422, field
        assert "BSN" in text(refused)
    talked = {"kind": "call", "held_on": "1-3-2026", "text": f"over {_BSN}", "readers": "team"}
    address = reverse("conversation-new", args=[contract])
    assert adviser.post(address, {**talked, "key": uuid4()}).status_code == 422


def test_a_conversation_is_for_the_team_unless_it_is_shared(cast: Cast, browse: Any) -> None:
    contract, adviser = register(cast), browse(cast.adviser)
    address = reverse("conversation-new", args=[contract])
    page = reverse("contract-contact", args=[contract])
    assert adviser.get(address).context["form"]["readers"].value() == "team"
    for readers, said in (("team", "Onder ons"), ("both", "Voor beiden")):
        typed = {"kind": "visit", "held_on": "1-3-2026", "text": said, "readers": readers}
        assert adviser.post(address, {**typed, "key": uuid4()}).status_code == 302
    theirs = text(browse(cast.contractor).get(page))
    assert "Voor beiden" in theirs
    assert "Onder ons" not in theirs
    assert "Alleen ons eigen team" not in theirs
    assert "Te doen voor deze opdracht" not in theirs


def test_what_was_corrected_shows_what_stood_there(cast: Cast, browse: Any) -> None:
    contract, adviser = register(cast), browse(cast.adviser)
    first = talk(cast, contract, text="Dinsdag", is_shared=True)
    typed = {"kind": "visit", "held_on": "1-3-2026", "text": "Woensdag", "key": uuid4()}
    adviser.post(reverse("conversation-correct", args=[first]), typed)
    page = reverse("contract-contact", args=[contract])
    for who in (cast.adviser, cast.contractor):
        seen = text(browse(who).get(page))
        assert seen.index("Woensdag") < seen.index("Wat hier eerder stond") < seen.index("Dinsdag")


def test_tasks_stand_together_and_are_done_from_the_list(cast: Cast, browse: Any) -> None:
    contract, adviser = register(cast), browse(cast.adviser)
    pk = task(cast, contract, text="Bel over maart")
    task(cast, text="Handboek lezen", owner_id=cast.adviser.pk, due_on=date(2024, 1, 1))
    listed = text(adviser.get("/taken"))
    assert listed.index("Handboek lezen") < listed.index("Bel over maart")
    assert "Bel over maart" not in text(adviser.get("/taken?owner=mine"))
    assert "Bel over maart" not in text(adviser.get("/taken?state=late"))
    done = adviser.post(reverse("task-finish", args=[pk]), {"done": "1"}, follow=True)
    assert "De taak is gedaan." in text(done)
    assert "Bel over maart" not in text(adviser.get("/taken"))
    assert "Bel over maart" in text(adviser.get("/taken?state=done"))
    assert "Bel over maart" not in text(browse(cast.contractor).get("/taken"))


def test_who_only_reads_is_offered_nothing_to_change(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    contact(cast, "adviser", contract)
    task(cast, contract)
    seen = text(browse(cast.reader).get(reverse("contract-contact", args=[contract])))
    assert "Bel terug" in seen
    assert "contact/gesprek" not in seen
    assert "Gedaan" not in seen
    assert "contactpersonen/" not in seen


def test_the_page_takes_as_many_queries_however_much_there_is(
    cast: Cast, browse: Any, django_assert_max_num_queries: Any
) -> None:
    contract, adviser = register(cast), browse(cast.adviser)
    for number in range(12):
        contact(cast, "adviser", contract, email=f"p{number}@example.org")
        talk(cast, contract)
        task(cast, contract)
    with django_assert_max_num_queries(17):
        adviser.get(reverse("contract-contact", args=[contract]))
    with django_assert_max_num_queries(12):
        adviser.get("/taken")

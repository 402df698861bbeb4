"""Handing over, being away and terms for contact in a browser without script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.models import Contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.contact_terms import contact_terms_of
from tests.apps.relations.test_in_touch import task
from tests.apps.relations.test_looking_after import away, own
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import register
from tests.web.relations.test_contact_pages import text


def day(number: int) -> str:
    return f"{timezone.localdate() + timedelta(days=number):%d-%m-%Y}"


def test_the_page_says_what_moves_before_it_does(cast: Cast, browse: Any) -> None:
    one, two = own(cast, "A-1"), own(cast, "B-2")
    task(cast, one, owner_id=cast.adviser.pk)
    task(cast, text="Los karwei", owner_id=cast.adviser.pk)
    adviser = browse(cast.adviser)
    assert "Gaan naar" in text(adviser.get("/overdragen"))
    address = f"/overdragen?origin={cast.adviser.pk}&to={cast.second_adviser.pk}"
    preview = text(adviser.get(address))
    assert "Van Adviser naar Second_Adviser" in preview
    assert "Second_Adviser wordt de adviseur en krijgt 1 open taak." in preview
    assert "Second_Adviser wordt de adviseur en krijgt 0 open taken." in preview
    assert "Los karwei" in preview
    assert preview.count(" checked") == 3
    with acting_as(cast.adviser.pk):
        assert set(Contract.objects.values_list("adviser", flat=True)) == {cast.adviser.pk}
    chosen = {"contracts": [str(two)], "key": uuid4()}
    done = text(adviser.post(address, chosen, follow=True))
    assert "1 opdracht is overgedragen, met 0 open taken. Beiden krijgen bericht." in done
    with acting_as(cast.adviser.pk):
        kept = dict(Contract.objects.values_list("pk", "adviser"))
    assert kept == {one: cast.adviser.pk, two: cast.second_adviser.pk}
    (mail,) = mailed()
    assert "1 opdracht is vanaf nu van u" in str(mail.subject)
    assert "Opdrachten: 1. Open taken die meegaan: 0." in str(mail.body)


def test_what_changed_meanwhile_is_refused_and_what_was_chosen_stays(
    cast: Cast, browse: Any
) -> None:
    one, two = own(cast, "A-1"), own(cast, "B-2")
    adviser = browse(cast.adviser)
    address = f"/overdragen?origin={cast.adviser.pk}&to={cast.second_adviser.pk}"
    other = f"/overdragen?origin={cast.adviser.pk}&to={cast.manager.pk}"
    adviser.post(other, {"contracts": [str(one)], "key": uuid4()})
    refused = adviser.post(address, {"contracts": [str(one), str(two)], "key": uuid4()})
    assert refused.status_code == 422
    assert "Iemand heeft dit intussen gewijzigd." in text(refused)
    assert f'value="{two}" checked' in text(refused)
    assert adviser.post(address, {"key": uuid4()}).status_code == 422


def test_nobody_hands_over_contracts_that_are_not_his(cast: Cast, browse: Any) -> None:
    contract = own(cast, "A-1")
    address = (
        f"/overdragen?client={cast.hilversum.pk}&origin={cast.adviser.pk}&to={cast.colleague.pk}"
    )
    colleague = browse(cast.colleague)
    assert "A-1" not in text(colleague.get(address))
    colleague.post(address, {"contracts": [str(contract)], "key": uuid4()})
    with acting_as(cast.adviser.pk):
        assert Contract.objects.get().adviser_id == cast.adviser.pk
    assert browse(cast.reader).get("/overdragen").status_code == 404
    assert browse(cast.contractor).get("/overdragen").status_code == 404


def test_contracts_of_nobody_are_offered_from_the_list_of_today(cast: Cast, browse: Any) -> None:
    contract = register(cast, reference="A-1")
    adviser = browse(cast.adviser)
    assert 'value="nobody" selected' in text(adviser.get("/overdragen?from=nobody"))
    address = f"/overdragen?origin=nobody&to={cast.adviser.pk}"
    adviser.post(address, {"contracts": [str(contract)], "key": uuid4()})
    with acting_as(cast.adviser.pk):
        assert Contract.objects.get().adviser_id == cast.adviser.pk


def test_being_away_is_said_and_taken_back(cast: Cast, browse: Any) -> None:
    adviser = browse(cast.adviser)
    typed = {"user": cast.adviser.pk, "replacement": cast.second_adviser.pk}
    wrong = adviser.post("/afwezigheid", {**typed, "first": day(5), "last": day(2)})
    assert wrong.status_code == 422
    assert day(5) in text(wrong)
    said = adviser.post("/afwezigheid", {**typed, "first": day(0), "last": day(2)}, follow=True)
    assert "Second_Adviser vervangt" in text(said)
    pk = said.context["rows"][0]["absence"].pk
    assert "Beëindigen" not in text(browse(cast.second_adviser).get("/afwezigheid"))
    assert "Er is niemand afwezig." in text(
        adviser.post(reverse("absence-end", args=[pk]), follow=True)
    )


def test_an_absence_is_no_business_of_others(cast: Cast, browse: Any) -> None:
    away(cast)
    for who in (cast.colleague, cast.team):
        assert "Adviser" not in text(browse(who).get("/afwezigheid")).partition("<main")[2]
    assert browse(cast.contractor).get("/afwezigheid").status_code == 404


def test_a_manager_chooses_how_often_there_is_contact(cast: Cast, browse: Any) -> None:
    manager = browse(cast.manager)
    address = reverse("contact-terms", args=[cast.hilversum.pk])
    assert address in text(manager.get(reverse("organisation", args=[cast.hilversum.pk])))
    assert manager.post(address, {"first_weeks": "300", "every_weeks": ""}).status_code == 422
    assert manager.post(address, {"first_weeks": "4", "every_weeks": "13"}).status_code == 302
    with acting_as(cast.adviser.pk):
        assert contact_terms_of(cast.hilversum.pk).every_weeks == 13
    assert browse(cast.adviser).get(address).status_code == 404

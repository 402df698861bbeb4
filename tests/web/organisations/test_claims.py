"""The page on which who speaks for a contractor is confirmed, and where it is announced."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.contracts.actions import register_contract
from telmee.apps.organisations import actions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Confirmation, Invitation, Organisation, User
from tests.cast import PASSWORD, Cast
from tests.mailing import mailed
from tests.registering import facts

Browse = Callable[..., Any]
Capture = Callable[..., Any]


def text_of(page: Any) -> str:
    return " ".join(page.content.decode().split())  # also a blank that does not break


def contract_of(cast: Cast, contractor: Organisation, name: str) -> int:
    with acting_as(cast.adviser.pk) as acting:
        return register_contract(
            acting,
            facts(reference=name),
            client_id=cast.hilversum.pk,
            contractor_id=contractor.pk,
        )


@pytest.fixture
def unknown(cast: Cast) -> Organisation:
    with acting_as(cast.adviser.pk) as acting:
        return actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")


@dataclass(frozen=True)
class Claim:
    """A contractor of whom somebody came in for the first of two contracts."""

    pk: int
    contractor: Organisation
    boss: User
    made_for: int
    other: int


@pytest.fixture
def claim(cast: Cast, unknown: Organisation, django_capture_on_commit_callbacks: Capture) -> Claim:
    made_for, other = (contract_of(cast, unknown, name) for name in ("HIL-1", "HIL-2"))
    with django_capture_on_commit_callbacks(execute=True), acting_as(cast.adviser.pk) as acting:
        sent = actions.invite(
            acting,
            organisation_id=unknown.pk,
            email="baas@example.org",
            role=Role.MANAGER,
            contract_id=made_for,
        )
    token = re.search(r"/uitnodiging/([\w-]+)", str(mailed()[-1].body))
    assert token is not None
    with acting_as(None) as nobody:
        boss = actions.accept_invitation(nobody, token=token[1], name="Baas", password=PASSWORD)
    return Claim(sent.pk, unknown, boss, made_for, other)


def press(browser: Any, claim: Claim, for_whom: int | str) -> Any:
    return browser.post(reverse("claim-confirm", args=[claim.pk]), {"voor": for_whom}, follow=True)


def test_a_client_sees_on_his_home_that_a_contractor_waits(
    cast: Cast, claim: Claim, browse: Browse
) -> None:
    browser = browse(cast.adviser)
    assert reverse("claims") in text_of(browser.get("/"))
    press(browser, claim, cast.hilversum.pk)
    assert reverse("claims") not in text_of(browser.get("/"))
    for user in (cast.reader, cast.colleague):
        assert reverse("claims") not in text_of(browse(user).get("/"))


def test_the_list_says_who_invited_whom_and_what_it_opens(
    cast: Cast, claim: Claim, browse: Browse
) -> None:
    del claim
    page = text_of(browse(cast.manager).get(reverse("claims")))
    for told in ("Nieuw BV", "30000099", "baas@example.org", "Adviser", "1 opdracht"):
        assert told in page
    assert "U kunt dit niet terugdraaien." in page


def test_confirming_twice_confirms_once_and_opens_the_other_contract(
    cast: Cast, claim: Claim, browse: Browse
) -> None:
    browser, boss = browse(cast.adviser), browse(claim.boss)
    other = reverse("contract", args=[claim.other])
    assert boss.get(other).status_code == 404
    for _ in range(2):
        page = press(browser, claim, cast.hilversum.pk)
        assert page.status_code == 200
        assert "Er wacht geen opdrachtnemer op u." in text_of(page)
    assert boss.get(other).status_code == 200
    with acting_as(cast.adviser.pk):
        assert Confirmation.objects.count() == 1


def test_an_operator_finds_it_beside_his_organisations_and_confirms_for_all(
    cast: Cast, claim: Claim, browse: Browse
) -> None:
    browser = browse(cast.operator)
    assert "Opdrachtnemers bevestigen (1)" in text_of(browser.get(reverse("all-organisations")))
    page = text_of(browser.get(reverse("claims")))
    assert "van alle opdrachtgevers" in page
    assert "Gemeente Hilversum" in page  # who invited, by his organisation
    press(browser, claim, "")
    assert "bevestigen (1)" not in text_of(browser.get(reverse("all-organisations")))
    assert browse(claim.boss).get(reverse("contract", args=[claim.other])).status_code == 200


@pytest.mark.parametrize("who", ["reader", "contractor", "competitor", "auditor", "outsider"])
def test_nobody_else_finds_the_list_or_the_button(
    cast: Cast, claim: Claim, browse: Browse, who: str
) -> None:
    browser = browse(cast.users()[who])
    assert browser.get(reverse("claims")).status_code == 404
    for for_whom in (cast.hilversum.pk, "", "x", "9" * 400):
        assert press(browser, claim, for_whom).status_code == 404


def test_he_reads_on_his_home_what_he_does_not_see_yet(
    cast: Cast, claim: Claim, browse: Browse
) -> None:
    sentence = "Van Nieuw BV ziet u alleen de opdracht waarvoor u bent uitgenodigd."
    browser = browse(claim.boss)
    assert sentence in text_of(browser.get("/"))
    press(browse(cast.adviser), claim, cast.hilversum.pk)
    assert sentence not in text_of(browser.get("/"))
    assert "waarvoor u bent uitgenodigd" not in text_of(browse(cast.contractor).get("/"))


def test_a_client_chooses_for_which_contract_he_invites(
    cast: Cast, unknown: Organisation, browse: Browse
) -> None:
    first, latest = (contract_of(cast, unknown, name) for name in ("HIL-1", "HIL-2"))
    browser = browse(cast.adviser)
    people = text_of(browser.get(reverse("contract-people", args=[first])))
    path = f"{reverse('organisation-invite', args=[unknown.pk])}?contract={first}"
    assert path in people
    page = text_of(browser.get(path))
    assert f'<option value="{first}" selected>' in page
    assert "ziet alleen deze opdracht" in page
    assert f'<option value="{latest}" selected>' in text_of(browser.get(path.partition("?")[0]))
    sent = {"email": "baas@example.org", "role": "manager", "contract_id": first}
    answer = browser.post(path, sent)
    assert answer.url == reverse("contract-people", args=[first])
    with acting_as(cast.adviser.pk):
        assert Invitation.objects.get().contract_id == first


def test_a_contract_of_another_client_is_no_choice(
    cast: Cast, unknown: Organisation, browse: Browse
) -> None:
    contract_of(cast, unknown, "HIL-1")
    with acting_as(cast.colleague.pk) as acting:
        theirs = register_contract(
            acting, facts(), client_id=cast.huizen.pk, contractor_id=unknown.pk
        )
    path = reverse("organisation-invite", args=[unknown.pk])
    sent = {"email": "baas@example.org", "role": "manager", "contract_id": theirs}
    answer = browse(cast.adviser).post(path, sent)
    assert (answer.status_code, [*answer.context["form"].errors]) == (422, ["contract_id"])


def test_who_has_people_is_not_invited_from_the_page_of_a_contract(
    cast: Cast, claim: Claim, browse: Browse
) -> None:
    page = text_of(browse(cast.adviser).get(reverse("contract-people", args=[claim.made_for])))
    assert "/uitnodigen" not in page

"""The pages of organisations and people, through HTTP."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.organisations import actions, queries
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import RecognitionKind, Role
from telmee.apps.organisations.models import Invitation, Membership, Organisation, User
from telmee.web.navigation import navigation
from tests.cast import Cast
from tests.mailing import mailed

Browse = Callable[..., Any]
PASSWORD = "nog een lang en goed wachtwoord"  # noqa: S105 - of invented people
_ACCEPT = "/uitnodiging"
_HOSTILE = "<script>alert(1)</script>"


def _text(response: Any) -> str:
    return str(response.content.decode())


def _invited(cast: Cast, capture: Callable[..., Any], email: str = "nieuw@example.org") -> str:
    """The address of an invitation to Hilversum."""
    with capture(execute=True), acting_as(cast.manager.pk) as acting:
        actions.invite(acting, organisation_id=cast.hilversum.pk, email=email, role=Role.WORKER)
    found = re.search(r"/uitnodiging/\S+", str(mailed()[-1].body))
    assert found is not None
    return found[0]


def _membership(user: User) -> int:
    with acting_as(user.pk):
        return Membership.objects.get(user=user).pk


def test_who_works_for_one_organisation_goes_straight_to_it(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.adviser).get(reverse("organisations"))
    assert answer.url == f"/organisaties/{cast.hilversum.pk}"


def test_who_works_for_none_is_told_what_to_do(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.outsider).get(reverse("organisations"))
    assert "Vraag de beheerder van uw organisatie om een uitnodiging." in _text(answer)


@pytest.mark.parametrize(
    ("who", "sees_people", "sees_buttons"),
    [("manager", True, True), ("adviser", True, False), ("reader", True, False)],
)
def test_an_organisation_shows_its_people_and_what_one_may_do(
    cast: Cast, browse: Browse, who: str, sees_people: bool, sees_buttons: bool
) -> None:
    page = _text(browse(cast.users()[who]).get(f"/organisaties/{cast.hilversum.pk}"))
    assert ("second_adviser@example.org" in page) is sees_people
    assert (reverse("organisation-invite", args=[cast.hilversum.pk]) in page) is sees_buttons
    assert (reverse("member-remove", args=[_membership(cast.adviser)]) in page) is sees_buttons


def test_an_operator_sees_facts_and_no_people(cast: Cast, browse: Browse) -> None:
    page = _text(browse(cast.operator).get(f"/organisaties/{cast.hilversum.pk}"))
    assert "30000001" in page
    assert "adviser@example.org" not in page


_OF_ONE = [
    "organisation",
    "organisation-change",
    "organisation-invite",
    "organisation-registration",
]


@pytest.mark.parametrize("name", _OF_ONE)
@pytest.mark.parametrize("who", ["colleague", "contractor", "outsider", "auditor"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_organisation_is_not_found(
    cast: Cast, browse: Browse, name: str, who: str, method: str
) -> None:
    browser = browse(cast.users()[who])
    of_another, of_none = (reverse(name, args=[pk]) for pk in (cast.hilversum.pk, 10**17))
    impossible = of_none.replace(str(10**17), str(10**30))
    found = [getattr(browser, method)(path).status_code for path in (of_another, of_none)]
    expected = 405 if (name, method) == ("organisation", "post") else 404
    assert found == [expected] * 2
    assert getattr(browser, method)(impossible).status_code == 404


@pytest.mark.parametrize("who", ["adviser", "reader", "colleague", "outsider", "operator"])
def test_people_of_others_are_not_found(cast: Cast, browse: Browse, who: str) -> None:
    pk = _membership(cast.second_adviser)
    browser = browse(cast.users()[who])
    for name in ("member-role", "member-remove"):
        assert browser.get(reverse(name, args=[pk])).status_code == 404
        assert browser.post(reverse(name, args=[pk]), {"role": "manager"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/organisaties",
        "/organisaties/1",
        "/organisaties/1/wijzigen",
        "/leden/1/rol",
        "/erkende-ondernemingen",
        "/mijn-account",
        "/beheer/organisaties",
        "/beheer/organisaties/nieuw",
    ],
)
@pytest.mark.usefixtures("cast")
def test_a_visitor_is_asked_to_sign_in(browse: Browse, path: str) -> None:
    answer = browse().get(path)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_a_manager_changes_the_name_and_sees_it(cast: Cast, browse: Browse) -> None:
    browser = browse(cast.manager)
    answer = browser.post(
        reverse("organisation-change", args=[cast.hilversum.pk]),
        {"name": _HOSTILE, "municipality": ""},
        follow=True,
    )
    page = _text(answer)
    assert _HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("typed", ["", "x" * 201, "Klant 111222333", "a\0b"])
def test_a_wrong_name_is_told_beside_the_field_and_stays(
    cast: Cast, browse: Browse, typed: str
) -> None:
    path = reverse("organisation-change", args=[cast.hilversum.pk])
    answer = browse(cast.manager).post(path, {"name": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"name"}
    assert answer.context["form"]["name"].value() == typed


def test_a_manager_invites_and_withdraws(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    browser = browse(cast.manager)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(
            reverse("organisation-invite", args=[cast.hilversum.pk]),
            {"email": "nieuw@example.org", "role": "worker"},
            follow=True,
        )
    assert [message.to for message in mailed()] == [["nieuw@example.org"]]
    assert "nieuw@example.org" in _text(answer)
    with acting_as(cast.manager.pk):
        pk = Invitation.objects.get().pk
    path = reverse("invitation-withdraw", args=[pk])
    assert browse(cast.colleague).post(path).status_code == 404
    assert browser.get(path).status_code == 405
    assert browser.post(path).status_code == 302
    assert browser.post(path).status_code == 404  # it is not open any more


def test_an_invitation_cannot_be_for_a_made_up_role(cast: Cast, browse: Browse) -> None:
    path = reverse("organisation-invite", args=[cast.hilversum.pk])
    answer = browse(cast.manager).post(path, {"email": "a@b.nl", "role": "owner"})
    assert (answer.status_code, answer.context["form"].errors.keys()) == (422, {"role"})


def test_a_new_colleague_comes_in_and_is_signed_in(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    path = _invited(cast, django_capture_on_commit_callbacks)
    browser = browse()
    assert "nieuw@example.org" in _text(browser.get(path, follow=True))
    answer = browser.post(_ACCEPT, {"name": "Noor", "password": PASSWORD, "again": PASSWORD})
    assert answer.url == f"/organisaties/{cast.hilversum.pk}"
    page = _text(browser.get(answer.url))
    assert "Noor" in page
    again = browse().get(path, follow=True)
    assert again.status_code == 404
    assert "nieuw@example.org" not in _text(again)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ((PASSWORD, PASSWORD + "x"), "again"),
        (("kort", "kort"), "password"),
        (("123456789012345", "123456789012345"), "password"),
        (("password1234", "password1234"), "password"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_and_the_link_still_works(
    cast: Cast,
    browse: Browse,
    django_capture_on_commit_callbacks: Callable[..., Any],
    typed: tuple[str, str],
    field: str,
) -> None:
    password, again = typed
    path = _invited(cast, django_capture_on_commit_callbacks)
    browser = browse()
    browser.get(path)
    answer = browser.post(_ACCEPT, {"name": "Noor", "password": password, "again": again})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert password not in _text(answer).split('name="password"')[1].split(">")[0]
    assert not User.objects.filter(email="nieuw@example.org").exists()
    assert browse().get(path, follow=True).status_code == 200


def test_who_is_signed_in_accepts_with_one_button(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    path = _invited(cast, django_capture_on_commit_callbacks, cast.contractor.email)
    browser = browse(cast.contractor)
    assert cast.contractor.email in _text(browser.get(path, follow=True))
    with acting_as(cast.contractor.pk) as acting:
        assert acting.organisations == (cast.de_eem.pk,)  # looking is not accepting
    assert browser.post(_ACCEPT).url == f"/organisaties/{cast.hilversum.pk}"
    assert browser.get("/organisaties").status_code == 200


def test_a_link_that_was_sent_to_somebody_else_is_refused_with_what_to_do(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    path = _invited(cast, django_capture_on_commit_callbacks)
    browser = browse(cast.contractor)
    page = browser.get(path, follow=True)
    assert page.status_code == 404
    assert "naar een ander e-mailadres" in _text(page)
    assert "Log uit" in _text(page)
    assert browser.post(_ACCEPT).status_code == 404
    with acting_as(cast.contractor.pk) as acting:
        assert acting.organisations == (cast.de_eem.pk,)


def test_an_address_with_an_account_is_sent_to_sign_in(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True), acting_as(cast.manager.pk) as acting:
        actions.invite(
            acting, organisation_id=cast.hilversum.pk, email=cast.outsider.email, role=Role.READER
        )
    found = re.search(r"/uitnodiging/\S+", str(mailed()[-1].body))
    assert found is not None
    page = _text(browse().get(found[0], follow=True))
    assert f"{reverse('account_login')}?next=" in page
    assert 'name="password"' not in page


def test_a_manager_changes_a_role_and_removes_somebody(cast: Cast, browse: Browse) -> None:
    browser = browse(cast.manager)
    pk = _membership(cast.adviser)
    browser.post(reverse("member-role", args=[pk]), {"role": "reader"})
    with acting_as(cast.adviser.pk) as acting:
        assert acting.roles == {cast.hilversum.pk: Role.READER}
    assert browser.get(reverse("member-remove", args=[pk])).status_code == 200
    browser.post(reverse("member-remove", args=[pk]))
    assert browse(cast.adviser).get(f"/organisaties/{cast.hilversum.pk}").status_code == 404


def test_the_last_manager_is_told_why_he_stays(cast: Cast, browse: Browse) -> None:
    pk = _membership(cast.manager)
    browser = browse(cast.manager)
    refused = browser.post(reverse("member-role", args=[pk]), {"role": "reader"})
    assert refused.status_code == 422
    browser.post(reverse("member-remove", args=[pk]))
    assert _membership(cast.manager) == pk


def _recognise(cast: Cast, **changes: Any) -> int:
    facts = {
        "checked_by": cast.hilversum.pk,
        "organisation_id": cast.de_eem.pk,
        "kind": RecognitionKind.PSO,
        "valid_from": date(2020, 1, 1),
    }
    with acting_as(cast.adviser.pk) as acting:
        return actions.record_recognition(acting, **{**facts, **changes}).pk


def test_everybody_who_signed_in_reads_the_register(cast: Cast, browse: Browse) -> None:
    _recognise(cast)
    _recognise(cast, organisation_id=cast.rival.pk, valid_until=date(2021, 1, 1), kind="code")
    browser = browse(cast.outsider)

    def names(query: str) -> list[str]:
        listing = browser.get(f"/erkende-ondernemingen?{query}").context["listing"]
        return [row.organisation.name for row in listing.shown]

    assert names("") == ["Bouwbedrijf De Eem", "Infra Rival"]
    assert names("sort=-valid_until") == ["Infra Rival", "Bouwbedrijf De Eem"]
    assert names("validity=valid") == ["Bouwbedrijf De Eem"]
    assert names("validity=not") == ["Infra Rival"]
    assert names("kind=code&q=RÍVAL") == ["Infra Rival"]
    exported = browser.get("/erkende-ondernemingen?export=csv&validity=valid")
    assert "Bouwbedrijf De Eem" in exported.content.decode("utf-8-sig")
    assert "Infra Rival" not in exported.content.decode("utf-8-sig")


def test_the_register_costs_the_same_at_ten_and_at_a_hundred(
    cast: Cast, browse: Browse, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    browser = browse(cast.adviser)
    browser.get("/erkende-ondernemingen")
    counts = []
    for number in (10, 90):
        for _ in range(number):
            _recognise(cast)
        with django_assert_max_num_queries(16) as counted:
            browser.get("/erkende-ondernemingen")
        counts.append(len(counted))
    assert counts[0] == counts[1]


_CERTIFICATE = {
    "kvk": "30000088",
    "name": "Sociaal BV",
    "kind": "pso",
    "valid_from": "1-2-2026",
    "valid_until": "31-1-2028",
}


def test_a_client_records_a_recognition_of_an_enterprise_that_is_new(
    cast: Cast, browse: Browse
) -> None:
    facts = _CERTIFICATE | {"checked_by": cast.hilversum.pk}
    answer = browse(cast.adviser).post(reverse("recognition-record"), facts, follow=True)
    assert "Sociaal BV" in _text(answer)
    with acting_as(cast.adviser.pk):
        [found] = queries.enterprises()
    assert (found.valid_from, found.valid_until) == (date(2026, 2, 1), date(2028, 1, 31))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kvk": "12"}, "kvk"),
        ({"name": ""}, "name"),
        ({"valid_until": "1-1-2026"}, "valid_until"),
        ({"valid_from": "1-13-2026"}, "valid_from"),
        ({"source": "javascript:alert(1)"}, "source"),
        ({"checked_by": "999999"}, "checked_by"),
    ],
)
def test_what_is_wrong_with_a_recognition_stands_beside_its_field(
    cast: Cast, browse: Browse, changed: dict[str, str], field: str
) -> None:
    facts = _CERTIFICATE | {"checked_by": str(cast.hilversum.pk)} | changed
    answer = browse(cast.adviser).post(reverse("recognition-record"), facts)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    with acting_as(cast.adviser.pk):
        assert not queries.enterprises().exists()


def test_a_mistake_in_a_recognition_adds_no_organisation(cast: Cast, browse: Browse) -> None:
    facts = _CERTIFICATE | {"checked_by": cast.hilversum.pk, "valid_until": "1-1-2026"}
    browse(cast.adviser).post(reverse("recognition-record"), facts)
    with acting_as(cast.adviser.pk):
        assert not Organisation.objects.filter(kvk="30000088").exists()


@pytest.mark.parametrize("who", ["contractor", "reader", "outsider", "auditor"])
def test_nobody_else_records_or_ends_a_recognition(cast: Cast, browse: Browse, who: str) -> None:
    pk = _recognise(cast)
    browser = browse(cast.users()[who])
    for path in (reverse("recognition-record"), reverse("recognition-end", args=[pk])):
        assert browser.get(path).status_code == 404
        assert browser.post(path, {"valid_until": "1-1-2026"}).status_code == 404


def test_a_client_ends_a_recognition(cast: Cast, browse: Browse) -> None:
    path = reverse("recognition-end", args=[_recognise(cast)])
    browser = browse(cast.adviser)
    assert browser.post(path, {"valid_until": "1-1-2019"}).status_code == 422
    assert browser.post(path, {"valid_until": "1-1-2026"}).status_code == 302
    with acting_as(cast.adviser.pk):
        assert queries.enterprises().get().valid_until == date(2026, 1, 1)


def test_an_operator_adds_an_organisation_and_its_first_manager(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    browser = browse(cast.operator)
    facts = {"name": "Gemeente Weesp", "kvk": "30000077", "is_client": "on", "email": "b@w.nl"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(reverse("organisation-add"), facts, follow=True)
    assert "Gemeente Weesp" in _text(answer)
    assert mailed()[-1].to == ["b@w.nl"]
    refused = browser.post(reverse("organisation-add"), facts)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["kvk"])


def test_an_operator_corrects_a_number(cast: Cast, browse: Browse) -> None:
    path = reverse("organisation-registration", args=[cast.huizen.pk])
    browser = browse(cast.operator)
    assert browser.post(path, {"kvk": "30000001"}).status_code == 422
    assert browser.post(path, {"kvk": "30000066", "is_client": "on"}).status_code == 302
    with acting_as(None):
        assert Organisation.objects.get(pk=cast.huizen.pk).kvk == "30000066"


def test_the_list_of_all_organisations_searches_and_filters(cast: Cast, browse: Browse) -> None:
    browser = browse(cast.operator)

    def names(query: str) -> list[str]:
        listing = browser.get(f"/beheer/organisaties?{query}").context["listing"]
        return [row.name for row in listing.shown]

    assert 'name="q"' in browser.get("/beheer/organisaties").content.decode()
    assert len(names("")) == len(names("people=True")) == 7
    assert names("people=False") == []
    assert names("client=True&q=gemeente") == ["Gemeente Hilversum", "Gemeente Huizen"]
    assert names("q=30000003") == ["Bouwbedrijf De Eem"]
    assert browse(cast.manager).get("/beheer/organisaties").status_code == 404


def test_ones_own_name_and_language(cast: Cast, browse: Browse) -> None:
    browser = browse(cast.adviser)
    answer = browser.post(reverse("my-account"), {"name": "Ada", "language": "en"}, follow=True)
    assert "Your account was changed." in _text(answer)
    found = User.objects.get(pk=cast.adviser.pk)
    assert (found.name, found.language, found.email) == ("Ada", "en", cast.adviser.email)
    assert browser.post(reverse("my-account"), {"name": ""}).status_code == 422


def test_the_menu_fits_who_looks(cast: Cast, browse: Browse) -> None:
    def urls(user: User | None) -> list[str]:
        entries = browse(user).get("/privacy").context["navigation"]
        return [entry["url"] for entry in entries]

    public = ["/regelingen", "/gepubliceerde-resultaten"]
    signed_in = ["/brieven", "/vertrouwen", "/organisaties", "/erkende-ondernemingen"]
    ours = [*signed_in, "/regelingen", "/resultaten"]
    assert urls(None) == public
    deciding = ["/", "/vandaag", "/opdrachten", "/werklijst", "/handhaving"]
    assert urls(cast.adviser) == [*deciding, *ours]
    assert urls(cast.team) == urls(cast.adviser)
    delivering = ["/", "/opdrachten", "/inspanningen/invoeren", "/personen"]
    assert urls(cast.contractor) == [*delivering, *ours]
    assert "/beheer/organisaties" in urls(cast.operator)


def test_the_menu_marks_where_one_is_and_for_whom_one_works(cast: Cast, browse: Browse) -> None:
    context = browse(cast.adviser).get(f"/organisaties/{cast.hilversum.pk}").context
    assert [e["url"] for e in context["navigation"] if e["current"]] == ["/organisaties"]
    assert list(context["acting_for"]) == ["Gemeente Hilversum"]


def test_what_is_added_up_is_one_entry_of_the_menu_with_tabs(cast: Cast, browse: Browse) -> None:
    def tabs(user: User | None) -> list[str]:
        context = browse(user).get("/gepubliceerde-resultaten").context
        assert [one["url"] for one in context["account_parts"] if one["current"]] == [public[0]]
        assert sum(entry["current"] for entry in context["navigation"]) == 1
        return [one["url"] for one in context["account_parts"]]

    public = ["/gepubliceerde-resultaten", "/verantwoording"]
    assert tabs(None) == public
    assert tabs(cast.contractor) == ["/resultaten", "/verslagen", "/doelen", *public]
    assert tabs(cast.adviser) == ["/resultaten", "/dekking", "/verslagen", "/doelen", *public]


def test_the_menu_costs_no_query(
    cast: Cast, browse: Browse, django_assert_num_queries: Callable[..., Any]
) -> None:
    request = browse(cast.adviser).get("/privacy").wsgi_request
    with acting_as(cast.adviser.pk) as acting, django_assert_num_queries(0):
        request.acting = acting
        found = navigation(request)
        assert len(found["navigation"]) == 11
        assert len(found["acting_for"]) == 1

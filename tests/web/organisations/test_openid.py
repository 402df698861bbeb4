"""An employer's sign-in opens the account of who was invited, and nobody else's."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry
from django.core import mail

from telmee.apps.organisations import actions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import User
from telmee.web.openid import EmployerProvider
from telmee.web.sign_in import SocialAccountAdapter
from tests.cast import PASSWORD, Cast
from tests.web.organisations.employer import APP, Employer

Browse = Callable[..., Any]


@pytest.fixture
def employer(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Employer:
    """Make an employer whose people sign in with him."""
    made = Employer()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [APP]}
    }
    monkeypatch.setattr(SocialAccountAdapter, "get_requests_session", lambda _: made)
    monkeypatch.setitem(registry.provider_map, "openid_connect", EmployerProvider)
    return made


def _is_in(browser: Any) -> bool:
    return bool(browser.get("/mijn-account").status_code == 200)


def _invite(cast: Cast, capture: Callable[..., Any], email: str) -> str:
    with capture(execute=True), acting_as(cast.manager.pk) as acting:
        actions.invite(acting, organisation_id=cast.hilversum.pk, email=email, role=Role.WORKER)
    found = re.search(r"/uitnodiging/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return found[0]


def test_an_invited_colleague_gets_in_by_his_verified_address(
    cast: Cast, browse: Browse, employer: Employer
) -> None:
    employer.info["email"] = cast.adviser.email.upper()
    browser = browse()
    assert employer.sign_in(browser).url == "/"
    assert browser.get("/mijn-account").wsgi_request.user == cast.adviser
    assert {"openid", "email"} <= set(employer.asked["scope"].split())


def test_his_password_goes_on_working(cast: Cast, browse: Browse, employer: Employer) -> None:
    employer.info["email"] = cast.adviser.email
    employer.sign_in(browse())
    assert User.objects.get(pk=cast.adviser.pk).check_password(PASSWORD)


def test_the_next_time_he_is_known_by_the_employers_own_number(
    cast: Cast, browse: Browse, employer: Employer
) -> None:
    employer.info["email"] = cast.adviser.email
    employer.sign_in(browse())
    employer.info = {"sub": "e-1", "email": "new@example.org", "email_verified": True}
    browser = browse()
    employer.sign_in(browser)
    assert browser.get("/mijn-account").wsgi_request.user == cast.adviser


def test_nothing_that_the_employer_told_is_kept(
    cast: Cast, browse: Browse, employer: Employer
) -> None:
    employer.info |= {"email": cast.adviser.email, "bsn": "111222333"}
    employer.sign_in(browse())
    assert SocialAccount.objects.get().extra_data.keys() == {"nonce"}


@pytest.mark.parametrize("claim", [{"email_verified": False}, {"email_verified": "false"}, {}])
def test_an_address_that_the_employer_did_not_verify_opens_nothing(
    cast: Cast, browse: Browse, employer: Employer, claim: dict[str, Any]
) -> None:
    employer.info = {"sub": "e-1", "email": cast.adviser.email, **claim}
    browser = browse()
    employer.sign_in(browser)
    assert not _is_in(browser)


@pytest.mark.usefixtures("cast")
def test_a_stranger_gets_no_account(browse: Browse, employer: Employer) -> None:
    employer.info["email"] = "stranger@example.org"
    browser = browse()
    employer.sign_in(browser)
    assert not _is_in(browser)
    assert not User.objects.filter(email="stranger@example.org").exists()


def test_who_was_invited_comes_in_without_ever_choosing_a_password(
    cast: Cast,
    browse: Browse,
    employer: Employer,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    path = _invite(cast, django_capture_on_commit_callbacks, "noor@example.org")
    employer.info["email"] = "Noor@example.org"
    browser = browse()
    assert "Gemeente" in browser.get(path, follow=True).content.decode()
    accept = "/uitnodiging"
    assert employer.sign_in(browser, next_url=accept).url == accept
    assert browser.post(accept).url == f"/organisaties/{cast.hilversum.pk}"
    made = User.objects.get(email="noor@example.org")
    assert (made.name, made.has_usable_password()) == ("Noor Bos", False)


def test_an_invitation_of_another_opens_no_account(
    cast: Cast,
    browse: Browse,
    employer: Employer,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    path = _invite(cast, django_capture_on_commit_callbacks, "noor@example.org")
    employer.info["email"] = "stranger@example.org"
    browser = browse()
    browser.get(path)
    employer.sign_in(browser, next_url=path)
    assert not User.objects.filter(email="stranger@example.org").exists()


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another question"},
        {"nonce": None},
        {"aud": "another application"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"sub": "e-2"},
    ],
    ids=str,
)
def test_an_answer_that_does_not_fit_is_refused(
    cast: Cast, browse: Browse, employer: Employer, lie: dict[str, Any]
) -> None:
    employer.info["email"] = cast.adviser.email
    employer.claims = lie
    browser = browse()
    assert employer.sign_in(browser).status_code == 401
    assert not _is_in(browser)
    assert not SocialAccount.objects.exists()


def test_a_wrong_state_is_refused(cast: Cast, browse: Browse, employer: Employer) -> None:
    employer.info["email"] = cast.adviser.email
    browser = browse()
    assert employer.sign_in(browser, state="made up").status_code == 401
    assert not _is_in(browser)


def test_an_answer_to_another_browser_is_refused(
    cast: Cast, browse: Browse, employer: Employer
) -> None:
    employer.info["email"] = cast.adviser.email
    employer.sign_in(browse(), state="not the one that was asked")
    victim = browse()
    path = f"/accounts/oidc/gemeente/login/callback/?code=c&state={employer.asked['state']}"
    assert victim.get(path).status_code == 401
    assert not _is_in(victim)


@pytest.mark.usefixtures("cast")
def test_without_an_employer_there_is_no_way_in(browse: Browse) -> None:
    assert browse().post("/accounts/oidc/gemeente/login/").status_code == 404

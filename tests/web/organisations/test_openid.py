"""An employer's sign-in opens the account of who was invited, and nobody else's."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry

from telmee.apps.organisations import actions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import User
from telmee.web.employers import Employer as Employment
from telmee.web.openid import EmployerProvider
from telmee.web.sign_in import SocialAccountAdapter
from tests.cast import PASSWORD, Cast
from tests.mailing import mailed
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
    found = re.search(r"/uitnodiging/\S+", str(mailed()[-1].body))
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


@pytest.fixture
def bounds(settings: Any, employer: Employer) -> Callable[..., None]:  # noqa: ARG001 - it sets them
    """Bind the employer otherwise."""

    def bind(**more: Any) -> None:
        app = {**APP, "settings": {**APP["settings"], **more}}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        }

    return bind


@pytest.mark.parametrize(
    "domains",
    [[], ["hilversum.nl"], ["org"], ["www.example.org"], ["evil-example.org"], ["example.org.nl"]],
    ids=str,
)
def test_an_address_of_another_domain_opens_nothing(
    cast: Cast, browse: Browse, employer: Employer, bounds: Callable[..., None], domains: list[str]
) -> None:
    bounds(domains=domains)
    employer.info["email"] = cast.adviser.email
    browser = browse()
    employer.sign_in(browser)
    assert not _is_in(browser)
    assert not SocialAccount.objects.exists()


def test_an_account_is_opened_only_as_long_as_its_domain_is_bound(
    cast: Cast, browse: Browse, employer: Employer, bounds: Callable[..., None]
) -> None:
    employer.info["email"] = cast.adviser.email
    employer.sign_in(browse())
    bounds(domains=["hilversum.nl"])
    browser = browse()
    employer.sign_in(browser)
    assert not _is_in(browser)


@pytest.mark.parametrize(
    ("number", "gets_in"),
    [("30000001", True), ("30000002", False), ("00000001234567890000", False)],
)
def test_it_opens_only_accounts_of_its_organisations(
    cast: Cast,
    browse: Browse,
    employer: Employer,
    bounds: Callable[..., None],
    *,
    number: str,
    gets_in: bool,
) -> None:
    bounds(organisations=[number])
    employer.info["email"] = cast.adviser.email
    browser = browse()
    employer.sign_in(browser)
    assert _is_in(browser) is gets_in
    assert SocialAccount.objects.exists() is gets_in


def test_an_invitation_of_another_organisation_makes_no_account(
    cast: Cast,
    browse: Browse,
    employer: Employer,
    bounds: Callable[..., None],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    bounds(organisations=["30000002"])
    path = _invite(cast, django_capture_on_commit_callbacks, "noor@example.org")
    employer.info["email"] = "noor@example.org"
    browser = browse()
    browser.get(path, follow=True)
    employer.sign_in(browser, next_url="/uitnodiging")
    assert not User.objects.filter(email="noor@example.org").exists()


@pytest.mark.parametrize("before", [("gemeente", "e-0"), ("ander", "e-1")])
def test_an_account_of_another_sign_in_is_not_taken_over(
    cast: Cast, browse: Browse, employer: Employer, before: tuple[str, str]
) -> None:
    provider, uid = before
    SocialAccount.objects.create(user=cast.adviser, provider=provider, uid=uid)
    employer.info["email"] = cast.adviser.email
    browser = browse()
    assert employer.sign_in(browser).status_code == 401
    assert not _is_in(browser)


@pytest.mark.parametrize(
    ("email", "vouched"),
    [
        ("kees@hilversum.nl", True),
        ("Kees@HILVERSUM.nl", True),
        ("kees@xn--mnchen-3ya.example", True),
        ("kees@münchen.example", True),
        ("kees@evil-hilversum.nl", False),
        ("kees@hilversum.nl.evil.nl", False),
        ("kees@hilversum.nl@evil.nl", False),
        ("kees@evil.nl@hilversum.nl", False),
        ("kees@werk.hilversum.nl", False),
        ("kees@hilversum.nl.", False),
        ("kees@hi\u0142versum.nl", False),
        ("\u212aees@hilversum.nl", False),
        ("@hilversum.nl", False),
        ("hilversum.nl", False),
        ("kees@", False),
    ],
)
def test_a_domain_is_that_domain(email: str, *, vouched: bool) -> None:
    employer = Employment(frozenset({"hilversum.nl", "xn--mnchen-3ya.example"}))
    assert employer.vouches_for(email) is vouched


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

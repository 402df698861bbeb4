"""Signing in: password, second step, passkeys, sessions, and what slows a guesser down."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from psycopg.conninfo import conninfo_to_dict

from telmee.apps.organisations.models import User
from telmee.web.sign_in import AccountAdapter
from tests.cast import PASSWORD, Cast
from tests.conftest import Server
from tests.web.organisations.passkey import Passkey

Browse = Callable[..., Any]
NEW_PASSWORD = "weer een lang en goed wachtwoord"  # noqa: S105 - of invented people
_LOGIN = "/accounts/login/"


def _sign_in(browser: Any, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return browser.post(_LOGIN, {"login": email, "password": password}, **extra)


def _is_in(browser: Any) -> bool:
    return bool(browser.get("/mijn-account").status_code == 200)


def _errors(answer: Any) -> list[str]:
    """Give the codes of what is wrong."""
    errors = answer.context["form"].errors.as_data().values()
    return [error.code for listed in errors for error in listed]


# Passwords ----------------------------------------------------------------------------------


def test_a_password_lets_its_owner_in(cast: Cast, browse: Browse) -> None:
    browser = browse()
    assert _sign_in(browser, cast.adviser.email.upper()).url == "/"
    assert browser.get("/mijn-account").wsgi_request.user == cast.adviser


def test_a_closed_account_stays_out(cast: Cast, browse: Browse) -> None:
    User.objects.filter(pk=cast.adviser.pk).update(is_active=False)
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    assert not _is_in(browser)


def _without_what_differs(answer: Any) -> str:
    page = re.sub(r'(csrf\w*" value="|X-CSRFToken": ")[^"]+', "", answer.content.decode())
    return re.sub(r"[\w.]+@example\.org", "", page)


def test_nobody_learns_which_addresses_have_an_account(cast: Cast, browse: Browse) -> None:
    wrong = [_sign_in(browse(), email, "x") for email in (cast.adviser.email, "a@example.org")]
    assert _without_what_differs(wrong[0]) == _without_what_differs(wrong[1])
    reset = reverse("account_reset_password")
    asked = [
        browse().post(reset, {"email": email}) for email in (cast.adviser.email, "a@example.org")
    ]
    assert [(answer.status_code, answer.url) for answer in asked] == [
        (302, reverse("account_reset_password_done"))
    ] * 2


def test_a_forgotten_password_is_renewed_by_mail_once(cast: Cast, browse: Browse) -> None:
    browser = browse()
    browser.post(reverse("account_reset_password"), {"email": cast.adviser.email})
    [sent] = mail.outbox
    found = re.search(r"/accounts/password/reset/key/\S+", str(sent.body))
    assert found is not None
    form = browser.get(found[0], follow=True)
    path = form.redirect_chain[-1][0]
    browser.post(path, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert User.objects.get(pk=cast.adviser.pk).check_password(NEW_PASSWORD)
    again = browse().get(found[0], follow=True)
    assert b'name="password1"' not in again.content


@pytest.mark.parametrize("weak", ["kort", "adviser@example.org", "123456789012", "qwertyuiopas"])
def test_a_weak_new_password_is_refused(cast: Cast, browse: Browse, weak: str) -> None:
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    typed = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    answer = browser.post(reverse("account_change_password"), typed)
    if weak == "qwertyuiopas":  # long enough, and in no list
        assert answer.status_code == 302
    else:
        assert "password1" in answer.context["form"].errors


# Guessing -----------------------------------------------------------------------------------


def test_the_sixth_wrong_guess_is_refused_whatever_it_is(cast: Cast, browse: Browse) -> None:
    browser = browse()
    for number in range(5):
        wrong = _sign_in(browser, cast.adviser.email, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
        assert _errors(wrong) == ["email_password_mismatch"]
    right = _sign_in(browser, cast.adviser.email, REMOTE_ADDR="10.0.0.9")
    assert _errors(right) == ["too_many_login_attempts"]
    assert not _is_in(browser)
    assert _sign_in(browse(), cast.manager.email).status_code == 302  # others go on working


def test_naming_another_port_starts_no_new_count(cast: Cast, browse: Browse) -> None:
    tries = [
        _sign_in(
            browse(),
            cast.adviser.email,
            "wrong",
            HTTP_HOST=f"localhost:{8000 + number}",
            REMOTE_ADDR=f"10.0.1.{number}",
        )
        for number in range(6)
    ]
    assert _errors(tries[5]) == ["too_many_login_attempts"]


@pytest.mark.usefixtures("cast")
def test_one_address_cannot_try_many_accounts(browse: Browse) -> None:
    found = [_errors(_sign_in(browse(), f"{number}@example.org", "wrong")) for number in range(11)]
    assert found[:10] == [["email_password_mismatch"]] * 10
    assert found[10] == ["too_many_login_attempts"]


def test_a_right_password_costs_nothing(cast: Cast, browse: Browse) -> None:
    for _ in range(12):
        assert _sign_in(browse(), cast.adviser.email).status_code == 302


_ANOTHER_PROCESS = """
import django
django.setup()
from django.test import Client
typed = {"login": "adviser@example.org", "password": %r}
answer = Client(HTTP_HOST="localhost").post("/accounts/login/", typed)
print("in" if answer.status_code == 302 else "out")
"""


def test_the_count_stands_and_holds_for_another_process(
    own_database: str, cast: Cast, browse: Browse, server: Server
) -> None:
    told = conninfo_to_dict(server.app_url)
    address = f"postgresql://{told['user']}@/{own_database}?host={told['host']}"
    if told.get("port"):
        address += f"&port={told['port']}"

    def in_another_process() -> str:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _ANOTHER_PROCESS % PASSWORD],
            env=os.environ
            | {
                "DATABASE_URL": address,
                "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert in_another_process() == "in"
    for _ in range(5):
        _sign_in(browse(), cast.adviser.email, "wrong")
    assert in_another_process() == "out"


@pytest.mark.usefixtures("own_database")
def test_guesses_at_the_same_moment_are_counted_one_by_one(cast: Cast) -> None:
    start = Barrier(8)
    with translation.override("nl"):
        refusal = str(AccountAdapter.error_messages["too_many_login_attempts"])

    def guess(number: int) -> bool:
        try:
            browser = Client(REMOTE_ADDR=f"10.0.2.{number}")
            start.wait(10)
            page = _sign_in(browser, cast.adviser.email, "wrong").content.decode()
            return escape(refusal) in page
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(8))) == 3


# Sessions -----------------------------------------------------------------------------------


def test_a_session_ends_after_two_hours_without_a_click(cast: Cast, browse: Browse) -> None:
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    browser.get("/mijn-account")
    session = Session.objects.get(pk=browser.session.session_key)
    left = session.expire_date - timezone.now()
    assert timedelta(minutes=119) < left <= timedelta(minutes=120)
    Session.objects.filter(pk=session.pk).update(expire_date=timezone.now())
    assert not _is_in(browser)


def test_a_session_ends_after_twelve_hours_however_busy(cast: Cast, browse: Browse) -> None:
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    assert _is_in(browser)
    session = browser.session
    session["signed_in_at"] = int(time.time()) - 12 * 3600 - 1
    session.save()
    assert not _is_in(browser)


def test_a_changed_password_ends_every_other_session(cast: Cast, browse: Browse) -> None:
    here, there = browse(), browse()
    for browser in (here, there):
        _sign_in(browser, cast.adviser.email)
    typed = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post(reverse("account_change_password"), typed).status_code == 302
    assert not _is_in(there)
    assert _sign_in(browse(), cast.adviser.email, NEW_PASSWORD).status_code == 302


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(cast: Cast, browse: Browse) -> None:
    cookie = _sign_in(browse(), cast.adviser.email).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]  # gone with the browser


def test_signing_in_leads_to_no_other_site(cast: Cast, browse: Browse) -> None:
    typed = {"login": cast.adviser.email, "password": PASSWORD}
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert browse().post(_LOGIN, typed | {"next": elsewhere}).url == "/"


# The second step ----------------------------------------------------------------------------


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _sign_in_and_confirm(browser: Any, email: str) -> None:
    """Sign in, and give the password once more as what protects an account asks."""
    _sign_in(browser, email)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def _with_app(browser: Any, email: str) -> str:
    """Switch an authenticator app on, and give its secret."""
    _sign_in_and_confirm(browser, email)
    path = reverse("mfa_activate_totp")
    secret = str(browser.get(path).context["form"].secret)
    assert browser.post(path, {"code": _code(secret)}).status_code == 302
    browser.post(reverse("account_logout"))
    return secret


def test_an_app_asks_its_code_after_the_password(cast: Cast, browse: Browse) -> None:
    browser = browse()
    secret = _with_app(browser, cast.adviser.email)
    asked = _sign_in(browser, cast.adviser.email)
    assert asked.url.startswith(reverse("mfa_authenticate"))
    assert not _is_in(browser)
    assert _errors(browser.post(asked.url, {"code": "000000"})) == ["incorrect_code"]
    assert browser.post(asked.url, {"code": _code(secret)}).url == "/"
    assert _is_in(browser)


def test_a_code_works_once(cast: Cast, browse: Browse) -> None:
    browser = browse()
    secret = _with_app(browser, cast.adviser.email)
    code = _code(secret)
    path = _sign_in(browser, cast.adviser.email).url
    assert browser.post(path, {"code": code}).url == "/"
    again = browse()
    path = _sign_in(again, cast.adviser.email).url
    assert _errors(again.post(path, {"code": code})) == ["incorrect_code"]


def test_codes_cannot_be_guessed_without_end(cast: Cast, browse: Browse) -> None:
    browser = browse()
    secret = _with_app(browser, cast.adviser.email)
    path = _sign_in(browser, cast.adviser.email).url
    for _ in range(5):
        browser.post(path, {"code": "000000"})
    answer = browser.post(path, {"code": _code(secret)})
    assert not _is_in(browser)
    assert _errors(answer) == ["too_many_login_attempts"]


def test_a_recovery_code_works_once(cast: Cast, browse: Browse) -> None:
    browser = browse()
    _with_app(browser, cast.adviser.email)
    kept = Authenticator.objects.get(user=cast.adviser, type=Authenticator.Type.RECOVERY_CODES)
    code = kept.wrap().get_unused_codes()[0]
    path = _sign_in(browser, cast.adviser.email).url
    assert browser.post(path, {"code": code}).url == "/"
    again = browse()
    path = _sign_in(again, cast.adviser.email).url
    assert _errors(again.post(path, {"code": code})) == ["incorrect_code"]


def test_what_protects_an_account_is_changed_only_after_the_password_once_more(
    cast: Cast, browse: Browse
) -> None:
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert browser.get(reverse(name)).url.startswith(reverse("account_reauthenticate"))


def _with_passkey(browser: Any, email: str) -> Passkey:
    _sign_in_and_confirm(browser, email)
    path = reverse("mfa_add_webauthn")
    passkey = Passkey()
    options = browser.get(path).context["js_data"]["creation_options"]
    typed = {"name": "Phone", "passwordless": "on", "credential": passkey.register(options)}
    answer = browser.post(path, typed)
    assert answer.status_code == 302, answer.context["form"].errors
    browser.post(reverse("account_logout"))
    return passkey


def _options(browser: Any) -> Any:
    path = reverse("mfa_login_webauthn")
    headers = {"accept": "application/json", "x-requested-with": "XMLHttpRequest"}
    return browser.get(path, headers=headers).json()["request_options"]


def test_a_passkey_lets_its_owner_in_without_a_password(cast: Cast, browse: Browse) -> None:
    browser = browse()
    passkey = _with_passkey(browser, cast.adviser.email)
    signed = passkey.sign(_options(browser))
    assert browser.post(reverse("mfa_login_webauthn"), {"credential": signed}).url == "/"
    assert browser.get("/mijn-account").wsgi_request.user == cast.adviser


def test_an_answer_of_a_passkey_works_for_its_own_question_only(cast: Cast, browse: Browse) -> None:
    browser = browse()
    passkey = _with_passkey(browser, cast.adviser.email)
    signed = passkey.sign(_options(browser))
    _options(browser)  # asks anew
    browser.post(reverse("mfa_login_webauthn"), {"credential": signed})
    assert not _is_in(browser)


def test_another_passkey_is_refused(cast: Cast, browse: Browse) -> None:
    browser = browse()
    _with_passkey(browser, cast.adviser.email)
    stranger = _with_passkey(browser, cast.contractor.email)
    Authenticator.objects.filter(user=cast.contractor).delete()
    signed = stranger.sign(_options(browser))
    browser.post(reverse("mfa_login_webauthn"), {"credential": signed})
    assert not _is_in(browser)


# What is closed -----------------------------------------------------------------------------


def test_the_first_address_of_the_library_leads_to_ones_own_account(
    cast: Cast, browse: Browse
) -> None:
    assert browse(cast.adviser).get("/accounts/").url == "/mijn-account"


@pytest.mark.parametrize(
    "page", ["email/", "confirm-email/", "confirm-email/abc/", "3rdparty/", "3rdparty/signup/"]
)
def test_nobody_gives_himself_another_address(cast: Cast, browse: Browse, page: str) -> None:
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    for method in (browser.get, browser.post):
        assert method(f"/accounts/{page}", {"email": "x@example.org"}).status_code == 404


@pytest.mark.usefixtures("cast")
def test_nobody_signs_himself_up(browse: Browse) -> None:
    before = User.objects.count()
    typed = {"email": "x@example.org", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    answer = browse().post(reverse("account_signup"), typed)
    assert b'name="password1"' not in answer.content
    assert User.objects.count() == before

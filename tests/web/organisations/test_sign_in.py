"""Signing in: password, second step, passkeys, sessions, and what slows a guesser down."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from psycopg.conninfo import conninfo_to_dict

from telmee.apps.organisations.models import User
from telmee.web.guessing import COOKIE
from telmee.web.sign_in import AccountAdapter
from tests.at_once import at_once
from tests.cast import PASSWORD, Cast
from tests.conftest import Server
from tests.mailing import mailed
from tests.web.organisations.passkey import Passkey

Browse = Callable[..., Any]
NEW_PASSWORD = "weer een lang en goed wachtwoord"  # noqa: S105 - of invented people
_LOGIN = "/accounts/login/"


def _sign_in(browser: Any, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return browser.post(_LOGIN, {"login": email, "password": password}, **extra)


def _is_in(browser: Any) -> bool:
    return bool(browser.get("/mijn-account").status_code == 200)


def _errors(answer: Any) -> list[str]:
    """The codes of what is wrong."""
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
    [sent] = mailed()
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


def _guess(browse: Browse, email: str, times: int, **sender: str) -> list[str]:
    """What is said to wrong passwords, each from a browser of its own."""
    return [_errors(_sign_in(browse(), email, "wrong", **sender))[0] for _ in range(times)]


_WRONG, _WAIT = "email_password_mismatch", "too_many_login_attempts"


def test_the_sixth_wrong_guess_is_refused_whatever_it_is(cast: Cast, browse: Browse) -> None:
    assert _guess(browse, cast.adviser.email, 5) == [_WRONG] * 5
    right = _sign_in(browse(), cast.adviser.email)
    assert _errors(right) == [_WAIT]
    assert _sign_in(browse(), cast.manager.email).status_code == 302  # others go on working


def test_a_guesser_locks_nobody_out_elsewhere(cast: Cast, browse: Browse) -> None:
    for number in range(30):
        _guess(browse, cast.adviser.email, 2, REMOTE_ADDR=f"192.0.2.{number}")
    assert _guess(browse, cast.adviser.email, 6, REMOTE_ADDR="192.0.2.99")[-1] == _WAIT
    answer = _sign_in(browse(), cast.adviser.email, REMOTE_ADDR="198.51.100.7")
    assert answer.status_code == 302


def test_a_guesser_at_the_same_address_does_not_lock_the_owners_device(
    cast: Cast, browse: Browse
) -> None:
    own = browse()
    assert _sign_in(own, cast.adviser.email).status_code == 302
    own.post(reverse("account_logout"))
    assert _guess(browse, cast.adviser.email, 6)[-1] == _WAIT
    for number in range(25):  # until all accounts together are refused here
        _guess(browse, f"{number}@example.org", 1)
    assert _guess(browse, cast.manager.email, 1) == [_WAIT]
    assert _sign_in(own, cast.adviser.email).status_code == 302


def test_a_device_is_known_for_its_own_account_only(cast: Cast, browse: Browse) -> None:
    device = browse()
    _sign_in(device, cast.contractor.email)
    device.post(reverse("account_logout"))
    assert _guess(browse, cast.adviser.email, 6)[-1] == _WAIT
    assert _errors(_sign_in(device, cast.adviser.email)) == [_WAIT]
    forged = browse()
    forged.cookies[COOKIE] = device.cookies[COOKIE].value.replace(":", "x:", 1)
    assert _errors(_sign_in(forged, cast.adviser.email)) == [_WAIT]


def test_a_device_of_the_owner_is_slowed_as_well(cast: Cast, browse: Browse) -> None:
    device = browse()
    _sign_in(device, cast.adviser.email)
    device.post(reverse("account_logout"))
    tries = [_errors(_sign_in(device, cast.adviser.email, "wrong"))[0] for _ in range(6)]
    assert tries == [*[_WRONG] * 5, _WAIT]


def test_the_cookie_of_a_device_tells_nobody_whose_it_is(cast: Cast, browse: Browse) -> None:
    cookie = _sign_in(browse(), cast.adviser.email).cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    account, _device = signing.loads(cookie.value, salt="telmee.device")
    assert account not in {cast.adviser.email, str(cast.adviser.pk)}


def test_who_goes_on_waits_longer(
    cast: Cast, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.time()]
    told = SimpleNamespace(time=lambda: clock[0], monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr("allauth.core.internal.ratelimit.time", told)
    tried = []
    for seconds in (0, 301, 301, 3600, 301, 3600, 24 * 3600):
        clock[0] += seconds
        said = _guess(browse, cast.adviser.email, 6)
        tried.append(said.count(_WRONG))
    # Five in five minutes, ten in an hour, twenty in a day.
    assert tried == [5, 5, 0, 5, 5, 0, 5]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_one_network_of_ipv6_is_one_sender(
    cast: Cast, browse: Browse, first: str, second: str, same: bool
) -> None:
    _guess(browse, cast.adviser.email, 5, REMOTE_ADDR=first)
    [told] = _guess(browse, cast.adviser.email, 1, REMOTE_ADDR=second)
    assert told == (_WAIT if same else _WRONG)


def test_a_site_with_many_networks_is_counted_as_one(cast: Cast, browse: Browse) -> None:
    told = [
        _guess(browse, cast.adviser.email, 1, REMOTE_ADDR=f"2001:db8:0:{number}::1")[0]
        for number in range(21)
    ]
    assert told == [*[_WRONG] * 20, _WAIT]


def test_a_forwarded_address_of_a_stranger_starts_no_new_count(cast: Cast, browse: Browse) -> None:
    tries = [
        _guess(browse, cast.adviser.email, 1, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")[0]
        for number in range(6)
    ]
    assert tries[5] == _WAIT


def test_naming_another_port_starts_no_new_count(cast: Cast, browse: Browse) -> None:
    tries = [
        _guess(browse, cast.adviser.email, 1, HTTP_HOST=f"localhost:{8000 + number}")[0]
        for number in range(6)
    ]
    assert tries[5] == _WAIT


@pytest.mark.usefixtures("cast")
def test_one_address_cannot_try_many_accounts(browse: Browse) -> None:
    found = [_guess(browse, f"{number}@example.org", 1)[0] for number in range(21)]
    assert found == [*[_WRONG] * 20, _WAIT]


def test_a_right_password_costs_nothing(cast: Cast, browse: Browse) -> None:
    for _ in range(35):
        assert _sign_in(browse(), cast.adviser.email).status_code == 302


def test_asking_for_mail_is_slowed_without_an_end_to_the_mail_that_went(
    cast: Cast, browse: Browse
) -> None:
    path = reverse("account_reset_password")
    asked = [browse().post(path, {"email": cast.adviser.email}) for _ in range(6)]
    assert [answer.status_code for answer in asked] == [*[302] * 5, 429]
    assert "Te veel pogingen" in asked[-1].content.decode()
    text = str(mailed()[0].body)
    link = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", text)
    assert link
    assert b'name="password1"' in browse().get(link[1], follow=True).content


@pytest.mark.usefixtures("cast")
def test_a_link_by_mail_leads_to_us_whatever_host_was_named(
    cast: Cast, browse: Browse, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    path = reverse("account_reset_password")
    browse().post(path, {"email": cast.adviser.email}, HTTP_HOST="evil.example")
    assert "evil.example/accounts" not in mailed()[0].body
    assert "http://localhost:8000/accounts/password/reset/key/" in mailed()[0].body


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
    with translation.override("nl"):
        refusal = str(AccountAdapter.error_messages["too_many_login_attempts"])
    refused: list[bool] = []

    def guess() -> None:
        page = _sign_in(Client(), cast.adviser.email, "wrong").content.decode()
        refused.append(escape(refusal) in page)

    assert at_once(*[guess] * 8) == ["done"] * 8
    assert sum(refused) == 3


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


def test_a_session_is_written_once_a_minute_and_not_with_every_click(
    cast: Cast, browse: Browse
) -> None:
    browser = browse()
    _sign_in(browser, cast.adviser.email)
    browser.get("/mijn-account")
    key = browser.session.session_key
    earlier = timezone.now() + timedelta(minutes=118)
    Session.objects.filter(pk=key).update(expire_date=earlier)
    assert _is_in(browser)
    assert Session.objects.get(pk=key).expire_date == earlier
    session = browser.session
    session["used_at"] = int(time.time()) - 60
    session.save()
    Session.objects.filter(pk=key).update(expire_date=earlier)
    assert _is_in(browser)
    assert Session.objects.get(pk=key).expire_date > earlier


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


def test_who_knows_the_password_cannot_lock_the_owners_device(cast: Cast, browse: Browse) -> None:
    own = browse()
    secret = _with_app(own, cast.adviser.email)
    other = browse()
    path = _sign_in(other, cast.adviser.email).url
    for number in range(6):
        other.post(path, {"code": "000000"}, REMOTE_ADDR=f"192.0.2.{number}")
    # All strangers share one count: six digits are few.
    answer = other.post(path, {"code": _code(secret)}, REMOTE_ADDR="192.0.2.99")
    assert _errors(answer) == ["too_many_login_attempts"]
    path = _sign_in(own, cast.adviser.email).url
    assert own.post(path, {"code": _code(secret)}).url == "/"


def test_a_second_step_that_cannot_be_opened_is_told_on_a_page(
    cast: Cast, browse: Browse, settings: Any
) -> None:
    browser = browse()
    secret = _with_app(browser, cast.adviser.email)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key of this installation" * 2
    path = _sign_in(browser, cast.adviser.email).url
    answer = browser.post(path, {"code": _code(secret)})
    assert answer.status_code == 503
    assert "Uw tweede stap is niet te lezen" in answer.content.decode()
    settings.SECRET_KEY_FALLBACKS = [before]
    assert browser.post(path, {"code": _code(secret)}).url == "/"


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


@pytest.mark.usefixtures("cast")
def test_after_the_address_comes_the_password_and_then_the_way_out(browse: Any) -> None:
    page = browse().get(reverse("account_login")).content.decode().partition("<main")[2]
    places = [page.index(mark) for mark in ('name="login"', 'name="password"', "password/reset")]
    assert places == sorted(places)
    assert page.count("password/reset") == 1


def test_each_device_is_named_by_its_browser_and_system(cast: Cast, browse: Browse) -> None:
    for agent in (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "x" * 200,
    ):
        _sign_in(browse(), cast.adviser.email, HTTP_USER_AGENT=agent)
    page = browse(cast.adviser).get(reverse("usersessions_list")).content.decode()
    assert "Firefox, Windows" in page
    assert "Onbekende browser" in page
    assert "Gecko" not in page

"""What every answer carries, what no page holds, and where a session ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast
from tests.patience import PATIENCE_SECONDS
from tests.web.routes import ROUTES
from tests.web.world import World, drained, undone

TEMPLATES = Path(__file__).parents[2] / "src" / "telmee" / "web" / "templates"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NEW_PASSWORD = "weer een lang en goed wachtwoord"  # noqa: S105 - of invented people


def _hold(answer: Any, *, kept: bool = False) -> None:
    """Hold an answer to all its headers; `kept` is what a browser may keep."""
    for name, value in _ALWAYS.items():
        assert answer.headers.get(name) == value, f"{name}: {answer.headers.get(name)}"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert kept or "no-store" in answer.headers["Cache-Control"]
    policy = _policy(answer)
    assert policy["default-src"] == ["'none'"]
    assert "'unsafe-inline'" not in str(policy)
    assert "'unsafe-eval'" not in str(policy)
    if "sandbox" not in policy:
        assert policy["script-src"] == policy["style-src"] == ["'self'"]
        assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]


def _policy(answer: Any) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {part[0]: part[1:] for part in parts if part}


# Headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["visitor", "adviser", "contractor", "manager", "operator"])
def test_every_page_carries_all_headers_and_holds_no_style_or_script(
    world: World, part: str
) -> None:
    for name, (case, *_others) in ROUTES.items():
        ids = {key: world.own.get(of, "harlingen") for key, of in case.ids.items()}
        browser = world.browsers[part]
        with undone(browser):
            answer = drained(browser.get(reverse(name, kwargs=ids)))
        _hold(answer)
        assert answer.status_code < 500, name
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert blocked(answer.content.decode()) == [], name


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_carries_all_headers(world: World, kind: str) -> None:
    answer = world.browsers["adviser"].get("/opdrachten", {"export": kind})
    _hold(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_file_of_proof_is_only_saved(world: World) -> None:
    url = reverse("evidence", args=[world.own["purchase"], world.own["evidence"]])
    answer = world.browsers["adviser"].get(url)
    assert answer.content.startswith(b"%PDF")
    _hold(answer)
    assert _policy(answer)["sandbox"] == []
    assert answer.headers["Content-Disposition"] == 'attachment; filename="L-inkoop-bewijs-1.pdf"'


def test_a_page_that_is_not_there_carries_all_headers(world: World) -> None:
    _hold(world.browsers["adviser"].get("/bestaat-niet"))


@pytest.mark.usefixtures("world")
def test_a_form_without_its_token_is_refused_with_all_headers() -> None:
    answer = Client(enforce_csrf_checks=True).post("/language/setlang/", {"language": "en"})
    assert answer.status_code == 403
    assert "csrf" not in answer.content.decode().lower().replace("csrfmiddlewaretoken", "").replace(
        "x-csrftoken", ""
    )
    _hold(answer)


def test_a_host_that_is_not_ours_is_refused_with_all_headers(world: World) -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost:80:80", "a@b"):
        answer = world.browsers["visitor"].get("/", headers={"host": host})
        assert answer.status_code == 400
        _hold(answer)
        assert "evil" not in answer.content.decode()


def test_a_failure_carries_all_headers_and_tells_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr("telmee.web.contracts.listing.listed_standings", fail)
    browser = Client(raise_request_exception=False)
    browser.cookies = world.browsers["adviser"].cookies
    answer = browser.get("/opdrachten")
    assert answer.status_code == 500
    _hold(answer)
    assert "secret" not in answer.content.decode()


def test_a_static_file_carries_headers_and_may_be_kept(world: World) -> None:
    answer = world.browsers["visitor"].get("/static/keyboard.js")
    assert answer.status_code == 200
    _hold(drained(answer), kept=True)
    assert "no-store" not in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/static/../settings.py", "/static/%2e%2e/%2e%2e/etc/passwd"])
def test_a_static_file_is_no_way_out(world: World, path: str) -> None:
    assert world.browsers["visitor"].get(path).status_code == 404


# Cookies ------------------------------------------------------------------------------------


def test_cookies_are_for_the_server_alone(world: World) -> None:
    browser = Client()
    with undone(browser):
        browser.get("/accounts/login/")
        person = world.cast.adviser.email
        browser.post("/accounts/login/", {"login": person, "password": PASSWORD})
        assert {"sessionid", "csrftoken"} <= set(browser.cookies)
        for name, morsel in browser.cookies.items():
            assert morsel["httponly"] is True, name
            assert morsel["samesite"] == "Lax", name


_PRODUCTION = """
import json, sys, django
django.setup()
from django.conf import settings
from django.urls import get_resolver
get_resolver().url_patterns
from django.test import RequestFactory
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
asked = RequestFactory().get("/", secure=True, headers={"X-Forwarded-Proto": "https"})
answer = SecurityMiddleware(lambda request: HttpResponse())(asked)
plain = SecurityMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
print(json.dumps({
    "debug": settings.DEBUG,
    "session": settings.SESSION_COOKIE_SECURE,
    "csrf": settings.CSRF_COOKIE_SECURE,
    "language": settings.LANGUAGE_COOKIE_SECURE,
    "hsts": answer.headers.get("Strict-Transport-Security"),
    "redirect": plain.status_code,
    "loaded": sorted({"docx", "docxtpl", "jsonschema", "PIL", "pypdf"} & set(sys.modules)),
}))
"""


@pytest.fixture(scope="module")
def in_production() -> Any:
    """What holds where every page is ready to be asked for, in production."""
    environment = os.environ | {
        "TELMEE_MODE": "production",
        "TELMEE_SECRET_KEY": "k" * 60,
        "TELMEE_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "PYTHONPATH": "src",
    }
    done = subprocess.run(
        [sys.executable, "-c", _PRODUCTION],
        env=environment,
        cwd=TEMPLATES.parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    return json.loads(done.stdout)


def test_in_production_everything_goes_by_https(in_production: Any) -> None:
    assert {name: value for name, value in in_production.items() if name != "loaded"} == {
        "debug": False,
        "session": True,
        "csrf": True,
        "language": True,
        "hsts": "max-age=31536000; includeSubDomains",
        "redirect": 301,
    }


def test_what_takes_a_file_apart_is_loaded_only_to_do_so(in_production: Any) -> None:
    assert in_production["loaded"] == []


def test_security_txt_names_a_contact_and_has_not_expired(world: World) -> None:
    answer = world.browsers["visitor"].get("/.well-known/security.txt")
    told = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert told["Contact"].startswith(("mailto:", "https://"))
    assert told["Canonical"].endswith("/.well-known/security.txt")
    left = datetime.fromisoformat(told["Expires"]) - datetime.now(tz=UTC)
    assert timedelta(days=30) < left < timedelta(days=366)


# What no page holds --------------------------------------------------------------------------


class _Page(HTMLParser):
    """Collect what a strict policy would block, or what runs without being a file of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        data = told.get("type") == "application/json"  # a browser does not run it
        if tag == "style" or (tag == "script" and "src" not in told and not data):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            runs = name.startswith("on") or name in {"style", "hx-on", "srcdoc"}
            if runs or name.startswith("hx-on:"):
                self.found.append(f"{tag} {name}")
            if (value or "").strip().lower().startswith(("javascript:", "js:", "data:text")):
                self.found.append(f"{tag} {name}={value}")


def blocked(page: str) -> list[str]:
    """List what a page holds that the policy forbids."""
    reader = _Page()
    reader.feed(page)
    return reader.found


def test_the_reader_finds_what_it_looks_for() -> None:
    bad = '<p style="a" onclick="b"><script>c</script><a href=" JavaScript:d">e</a><style></style>'
    assert len(blocked(bad)) == 5
    assert blocked('<script src="/static/a.js"></script><p class="b">c</p>') == []


def test_no_page_for_signing_in_holds_a_style_or_a_script(world: World) -> None:
    pages = ("account_login", "account_reset_password", "account_change_password", "mfa_index")
    for name in pages:
        for part in ("visitor", "adviser"):
            answer = world.browsers[part].get(reverse(name), follow=True)
            assert blocked(answer.content.decode()) == [], f"{part}: {name}"


#: A mail is read without our style sheets, and no policy of ours reaches it.
_MAILS = TEMPLATES / "notices" / "digest"
_OF_PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if path.parent != _MAILS]


@pytest.mark.parametrize("path", _OF_PAGES, ids=lambda path: path.name)
def test_no_template_holds_a_style_or_a_script(path: Path) -> None:
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocked(text) == []


# Sessions -----------------------------------------------------------------------------------


def _signed_in(cast: Cast) -> Any:
    browser = Client()
    browser.post("/accounts/login/", {"login": cast.adviser.email, "password": PASSWORD})
    assert _is_in(browser)
    return browser


def _is_in(browser: Any) -> bool:
    return bool(browser.get("/mijn-account").status_code == 200)


def _thief(browser: Any) -> Any:
    """A browser with the same session cookie."""
    other = Client()
    other.cookies["sessionid"] = browser.cookies["sessionid"].value
    return other


def test_signing_out_ends_the_session_for_a_stolen_cookie_too(world: World) -> None:
    with undone():
        browser = _signed_in(world.cast)
        thief = _thief(browser)
        assert _is_in(thief)
        browser.post("/accounts/logout/")
        assert not _is_in(browser)
        assert not _is_in(thief)


def test_a_link_signs_nobody_out(world: World) -> None:
    with undone():
        browser = _signed_in(world.cast)
        browser.get("/accounts/logout/")
        assert _is_in(browser)


def test_a_new_password_ends_every_session(world: World) -> None:
    with undone():
        browser, elsewhere = _signed_in(world.cast), _signed_in(world.cast)
        told = {
            "oldpassword": PASSWORD,
            "password1": _NEW_PASSWORD,
            "password2": _NEW_PASSWORD,
        }
        answer = browser.post(reverse("account_change_password"), told)
        assert answer.status_code == 302
        assert not _is_in(elsewhere)


def test_signing_in_gives_another_session(world: World) -> None:
    with undone():
        browser = Client()
        browser.get(reverse("invitation", args=[world.own["token"]]))
        before = browser.cookies["sessionid"].value
        told = {"login": world.cast.adviser.email, "password": PASSWORD}
        browser.post("/accounts/login/", told)
        assert browser.cookies["sessionid"].value != before

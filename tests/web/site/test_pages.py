import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.urls import reverse

from telmee.web.site import views
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_pages_around_the_work_are_open_to_all_in_both_languages(browse: Any) -> None:
    for name, dutch, english in (
        ("accessibility", "Toegankelijkheid", "Accessibility"),
        ("privacy", "Geen BSN", "No BSN"),
    ):
        for language, word in (("nl", dutch), ("en", english)):
            client = browse()
            client.cookies["django_language"] = language
            page = client.get(reverse(name)).content.decode()
            assert f'<html lang="{language}"' in page
            assert word in page
            assert " style=" not in page
            assert "<script>" not in page


def test_the_security_contact_is_not_expired(browse: Any) -> None:
    response = browse().get("/.well-known/security.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    expires = datetime.fromisoformat(lines["Expires"])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    assert lines["Contact"].startswith("mailto:")


def test_health_costs_one_query_also_for_who_is_signed_in(
    browse: Any, cast: Cast, django_assert_num_queries: Any
) -> None:
    visitor = browse(cast.operator)
    with django_assert_num_queries(1):
        assert visitor.get("/healthz", headers={"host": "10.0.0.7"}).content == b"ok\n"
    with django_assert_num_queries(0):
        assert visitor.get("/healthz/alive").content == b"alive\n"


def test_every_page_begins_with_its_session_its_user_and_who_asks(
    browse: Any, cast: Cast, django_assert_num_queries: Any
) -> None:
    visitor, adviser = browse(), browse(cast.adviser)
    adviser.get("/.well-known/security.txt")
    for client, asked in ((visitor, 1), (adviser, 3)):
        with django_assert_num_queries(asked + 3):  # a transaction begins, of one moment, and ends
            client.get("/.well-known/security.txt")


def test_health_says_that_the_database_is_away(
    browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr("telmee.web.health.connection.cursor", away)
    answer = browse().get("/healthz")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert browse().get("/healthz/alive").status_code == HTTPStatus.OK


def test_a_demonstration_lets_a_visitor_be_anybody_of_it_with_one_click(
    cast: Cast, browse: Any, settings: Any
) -> None:
    email, url = cast.adviser.email, reverse("demo-enter")
    account = {"name": "Ada", "email": email, "nl": "adviseur", "en": "adviser"}
    settings.MODE, settings.DEMO_ACCOUNTS = "demo", [account]
    browser = browse()
    page = browser.get("/").content.decode()
    assert f'value="{email}"' in page
    assert browser.get(url).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert browser.post(url, {"email": cast.team.email}).status_code == HTTPStatus.NOT_FOUND
    assert browser.post(url, {"email": email}).status_code == HTTPStatus.FOUND
    assert browser.get("/").context["user"] == cast.adviser


@pytest.mark.parametrize("mode", ["production", "test"])
def test_nobody_enters_an_installation_in_earnest_with_one_click(
    cast: Cast, browse: Any, settings: Any, mode: str
) -> None:
    account = {"name": "Ada", "email": cast.adviser.email, "nl": "adviseur", "en": "adviser"}
    settings.MODE, settings.DEMO_ACCOUNTS = mode, [account]
    browser = browse()
    answer = browser.post(reverse("demo-enter"), {"email": cast.adviser.email})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert not browser.get("/").context["user"].is_authenticated


@pytest.mark.parametrize(("mode", "count"), [("demo", 1), ("production", 0)])
def test_only_a_demonstration_takes_accounts_from_its_environment(mode: str, count: int) -> None:
    more = {"TELMEE_MODE": mode, "TELMEE_DEMO_ACCOUNTS": '[{"email": "x"}]'}
    command = "from telmee.config import settings; print(len(settings.DEMO_ACCOUNTS))"
    run = subprocess.run(
        [sys.executable, "-c", command],
        env=os.environ | {"TELMEE_SECRET_KEY": "x" * 60, "DATABASE_URL": "postgresql:///x"} | more,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(count)


def test_the_mail_of_a_demonstration_exists_only_there(browse: Any, settings: Any) -> None:
    assert browse().get(reverse("demo-mail")).status_code == HTTPStatus.NOT_FOUND
    settings.MODE = "demo"
    assert browse().get(reverse("demo-mail")).status_code == HTTPStatus.OK


def test_the_language_is_chosen_with_a_form_and_leads_back(browse: Any) -> None:
    client = browse()
    response = client.post("/language/setlang/", {"language": "en", "next": "/privacy"})
    assert response["Location"] == "/privacy"
    assert '<html lang="en"' in client.get("/privacy").content.decode()


def test_a_form_that_was_open_too_long_says_what_to_do() -> None:
    response = views.csrf_failure(RequestFactory().get("/"))
    assert response.status_code == HTTPStatus.FORBIDDEN

"""What lets somebody in stands in no log: not of a refusal, and not of a failure."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from telmee.web.secrets_in_logs import WithoutSecrets, without_secrets
from tests.cast import Cast
from tests.mailing import mailed

_TOKEN = "Qx7-very_secret-Token"  # noqa: S105 - that it is secret is what is tested


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the log of the web server would hold, with all that is written at all."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(WithoutSecrets("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def test_the_log_of_every_program_is_written_without_secrets() -> None:
    logging_of: Any = settings.LOGGING
    assert logging_of["formatters"]["plain"]["()"].endswith("WithoutSecrets")
    assert {handler["formatter"] for handler in logging_of["handlers"].values()} == {"plain"}


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_no_refusal_of_an_invitation_tells_its_link(log: io.StringIO, method: str) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for url in (
        reverse("invitation", args=[_TOKEN]),
        reverse("invitation", args=[_TOKEN]) + "/more",
        reverse("counterparty-arrive", args=[_TOKEN]),
        f"/accounts/password/reset/key/1-{_TOKEN}/",
        f"/accounts/confirm-email/{_TOKEN}/",
        f"/accounts/oidc/gemeente/login/callback/?code={_TOKEN}&state={_TOKEN}",
    ):
        getattr(browser, method)(url)
    assert log.getvalue()  # something was refused
    assert _TOKEN not in log.getvalue()


@pytest.mark.django_db
def test_the_link_of_an_invitation_is_out_of_the_address_at_once() -> None:
    browser = Client()
    arrived: Any = browser.get(reverse("invitation", args=[_TOKEN]))
    assert (arrived.status_code, arrived.url) == (302, "/uitnodiging")
    page: Any = browser.get(arrived.url)
    assert page.status_code == 404
    assert _TOKEN not in page.content.decode()


def test_the_link_of_a_new_password_is_out_of_the_address_at_once(
    cast: Cast, browse: Callable[..., Any]
) -> None:
    browse().post(reverse("account_reset_password"), {"email": cast.adviser.email})
    found = re.search(r"/accounts/password/reset/key/(\S+?)/", str(mailed()[-1].body))
    assert found
    page = browse().get(found[0], follow=True)
    assert page.status_code == 200
    assert found[1] not in page.redirect_chain[-1][0]
    assert found[1].partition("-")[2] not in page.content.decode()


def test_a_failure_tells_no_secret(log: io.StringIO) -> None:
    try:
        int(f"GET /uitnodiging/{_TOKEN}?key={_TOKEN}")
    except ValueError:
        logging.getLogger("telmee").exception("Failed: %s", f"/uitnodiging/{_TOKEN}")
    assert "ValueError" in log.getvalue()
    assert _TOKEN not in log.getvalue()


def _with_a_secret() -> Iterator[str]:
    """The addresses of which a part is no number, no date and no name that people see."""
    for pattern in _all(get_resolver().url_patterns):
        if re.search(r"<(?:\w+:)?(?:token|key)>|\(\?P<(?:token|key)>", pattern):
            yield pattern


def _all(patterns: Any, before: str = "") -> Iterator[str]:
    for one in patterns:
        path = before + str(one.pattern)
        yield from _all(one.url_patterns, path) if hasattr(one, "url_patterns") else [path]


def test_every_address_with_a_token_is_known_to_the_log() -> None:
    found = list(_with_a_secret())
    assert len(found) >= 3
    for pattern in found:
        path = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<[^>]+>", _TOKEN, pattern)
        path = "/" + re.sub(r"[\^$\\]", "", path)
        assert _TOKEN in path
        assert _TOKEN not in without_secrets(f"Not Found: {path}"), pattern

"""A page that stays open asks whether its reader is still signed in."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings

from telmee.web import middleware
from tests.cast import Cast

pytestmark = pytest.mark.django_db
_STATE = "/ingelogd/stand"


def _used_at(browser: Any, seconds_ago: int) -> None:
    session = browser.session
    session[middleware._USED_AT] = int(time.time()) - seconds_ago
    session.save()


def test_looking_is_no_use_of_the_session_and_staying_is(browse: Any, cast: Cast) -> None:
    browser = browse(cast.adviser)
    _used_at(browser, 7_000)
    for _again in range(2):
        state = browser.get(_STATE).json()
        assert state["who"] == cast.adviser.pk
        assert state["token"]
        assert 190 <= state["seconds"] <= 200
    stays = browser.post(_STATE).json()
    assert settings.SESSION_COOKIE_AGE - 10 <= stays["seconds"] <= settings.SESSION_COOKIE_AGE


def test_nobody_stays_for_longer_than_twelve_hours(browse: Any, cast: Cast) -> None:
    browser = browse(cast.adviser)
    session = browser.session
    session[middleware._SIGNED_IN_AT] = int(time.time()) - settings.SESSION_HOURS_MAX * 3600 + 100
    session.save()
    assert 80 <= browser.post(_STATE).json()["seconds"] <= 100


def test_who_is_not_signed_in_is_told_so_and_nothing_else(browse: Any) -> None:
    visitor = browse()
    for answer in (visitor.get(_STATE), visitor.post(_STATE)):
        assert answer.json() == {"who": None, "seconds": 0, "token": ""}
        assert "no-store" in answer["Cache-Control"]


def test_a_part_of_a_page_is_refused_where_a_page_leads_to_signing_in(browse: Any) -> None:
    visitor = browse()
    page = visitor.get("/inspanningen/invoeren")
    assert (page.status_code, page["Location"].split("?")[0]) == (302, "/accounts/login/")
    part = visitor.get("/inspanningen/invoeren", headers={"HX-Request": "true"})
    assert (part.status_code, part.content) == (401, b"")

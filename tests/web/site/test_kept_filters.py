"""Filters that somebody keeps: above the list, on his first page, and for himself alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import KeptFilter
from tests.cast import Cast
from tests.registering import register

pytestmark = pytest.mark.django_db
KEEP = reverse("filter-keep", args=["contracts"])
QUERY = "status=running&sort=end"


def keep(browser: Any, name: str = "Loopt nog", query: str = QUERY) -> Any:
    return browser.post(KEEP, {"name": name, "query": query}, follow=True)


def test_a_filter_is_kept_above_its_list_and_on_the_first_page(cast: Cast, browse: Any) -> None:
    register(cast)
    browser = browse(cast.adviser)
    page = keep(browser).content.decode()
    link = 'href="/opdrachten?status=running&amp;sort=end">Loopt nog'
    assert link in page
    assert link in browser.get("/").content.decode()
    assert link not in browser.get(reverse("queue")).content.decode()


def test_the_same_name_again_stands_for_the_later_filter(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    keep(browser)
    page = keep(browser, query="status=ended").content.decode()
    assert page.count(">Loopt nog</a>") == 1
    assert 'href="/opdrachten?status=ended">Loopt nog' in page


def test_nobody_else_sees_or_removes_it(cast: Cast, browse: Any) -> None:
    keep(browse(cast.adviser))
    with acting_as(cast.adviser.pk):
        (pk,) = KeptFilter.objects.values_list("pk", flat=True)
    other = browse(cast.second_adviser)
    assert "Loopt nog" not in other.get(reverse("contracts")).content.decode()
    assert other.post(reverse("filter-drop", args=[pk])).status_code == 404
    with acting_as(cast.second_adviser.pk):
        assert not KeptFilter.objects.exists()
    own = browse(cast.adviser).post(reverse("filter-drop", args=[pk]), follow=True)
    assert ">Loopt nog</a>" not in own.content.decode()


@pytest.mark.parametrize("name", ["", "x" * 61, "123456782", "a\u200bb"])
def test_a_name_that_is_none_keeps_nothing_and_says_why(cast: Cast, browse: Any, name: str) -> None:
    answer = keep(browse(cast.adviser), name=name)
    assert list(answer.context["messages"])
    with acting_as(cast.adviser.pk):
        assert not KeptFilter.objects.exists()


def test_a_list_that_is_none_is_no_page(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    url = reverse("filter-keep", args=["home"])
    assert browser.post(url, {"name": "x", "query": ""}).status_code == 404


def test_what_is_kept_leads_to_the_list_alone(cast: Cast, browse: Any) -> None:
    answer = browse(cast.adviser).post(KEEP, {"name": "x", "query": "//evil.example/?a=b"})
    assert answer.headers["Location"].startswith("/opdrachten?")

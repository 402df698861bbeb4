"""Every page that somebody can reach from his first one, in the example region.

One page for each address (`/opdrachten/7` and `/opdrachten/8` are one), found by its links: without
a fault of axe, without scrolling sideways on a desktop and a phone, with a title, and in Dutch.
Axe takes the time: it looks at each address once, for the first who comes there, on a desktop, and
at the pages that people use most on a phone as well. Of the others it asks there what depends on
the width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from babel.messages.pofile import read_po
from django.urls import resolve
from django.urls.exceptions import Resolver404
from playwright.sync_api import Page

from telmee.config.settings import LOCALE_PATHS
from telmee.demo.loading import load
from telmee.demo.people import PASSWORD
from tests.conftest import Server, connected
from tests.journeys.conftest import SignIn
from tests.journeys.pages import (
    DESKTOP,
    PHONE,
    broken_rules,
    look,
    sideways,
    sign_in_as,
    tables_cut_off,
)
from tests.journeys.serving import Site, Web, let_sign_in

_PARTS = {
    "contractor": "opdrachtnemer@telmee.example",
    "adviser": "adviseur@telmee.example",
    "auditor": "rekenkamer@telmee.example",
    "operator": "platform@telmee.example",
    "visitor": None,
}
_PAGES_MAX = 90
#: The pages that people use most, which axe looks at on a phone too.
_MAIN = {
    "",
    "opdrachten",
    "opdrachten/<id:pk>",
    "opdrachten/<id:pk>/inspanningen",
    "opdrachten/<id:contract_id>/inspanningen/nieuw",
    "inspanningen/<id:line_id>",
    "werklijst",
    "inspanningen/<id:pk>/beslissen",
}
#: Words of which a Dutch page may have the same.
_SAME = {"Telmee", "Status", "Plan", "Open", "Privacy", "English"}
_LINKS = "Array.from(document.querySelectorAll('a[href]:not([download])'), link => link.href)"


@pytest.fixture(scope="module")
def site(web: Web, server: Server, django_db_blocker: Any) -> Iterator[Site]:
    """Serve the example region."""
    name = server.copy()
    with django_db_blocker.unblock(), connected(server.owner_url, name):
        load()
    let_sign_in(server, name, PASSWORD)
    with web.on(name) as running:
        yield running
    server.drop(name)


def _route(url: str) -> str | None:
    """Name the address of a page; `None` for a file and for what is no page of ours."""
    path = urlsplit(url).path
    try:
        found = resolve(path)
    except Resolver404:
        return None
    is_named_file = path.endswith((".xlsx", ".txt", ".json")) or found.url_name == "evidence"
    return None if is_named_file or "export=" in url else found.route


def crawl(page: Page) -> Iterator[str]:
    """Go to one page of each address, for as long as there are links to new ones."""
    waiting, seen = [page.url], set[str]()
    while waiting and len(seen) < _PAGES_MAX:
        url = waiting.pop(0)
        route = _route(url)
        if route is None or route in seen:
            continue
        seen.add(route)
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, f"{answer.status}: {url}"
        yield route
        ours = urlsplit(url).netloc
        found = [urljoin(url, link) for link in page.evaluate(_LINKS)]
        waiting += [link for link in found if urlsplit(link).netloc == ours]


@cache
def untranslated() -> frozenset[str]:
    """The English texts that have a Dutch one which differs, as far as they are whole."""
    files = [path / "nl" / "LC_MESSAGES" / "django.po" for path in map(Path, LOCALE_PATHS)]
    texts = set[str]()
    for file in files:
        with file.open("rb") as opened:
            for message in read_po(opened):
                told = message.id if isinstance(message.id, str) else ""
                if told and told != message.string and not re.search(r"[%{<]", told):
                    texts.add(" ".join(told.split()))
    return frozenset(texts - _SAME)


def english_on(page: Page) -> set[str]:
    """The English texts that stand on a page as a whole line."""
    lines = page.locator("body").inner_text().splitlines()
    return {" ".join(line.split()) for line in lines} & untranslated()


@pytest.fixture(scope="module")
def examined() -> set[str]:
    """Hold the addresses that axe has looked at, for somebody before."""
    return set()


@pytest.mark.parametrize("part", _PARTS)
def test_every_page_is_accessible_fits_and_is_dutch(
    sign_in: SignIn, examined: set[str], part: str
) -> None:
    page = sign_in(None)
    page.goto("/")
    email = _PARTS[part]
    if email is not None:
        sign_in_as(page, email, PASSWORD)
    faults: list[str] = []
    titles: dict[str, str] = {}
    for route in crawl(page):
        titles[page.title()] = page.url
        faults += [f"{page.url}: English: {text}" for text in english_on(page)]
        name = f"{part}-{re.sub(r'[^a-z]+', '-', route)}"
        for size, word in ((PHONE, "phone"), (DESKTOP, "desktop")):
            page.set_viewport_size(size)
            look(page, f"every-{name}-{word}")
            if more := sideways(page):
                faults.append(f"{page.url}: {more} pixels too wide on a {word}")
            if route not in examined and (word == "desktop" or route in _MAIN):
                faults += [f"{fault} on a {word}" for fault in broken_rules(page)]
        faults += [f"{page.url}: {table} is cut off" for table in tables_cut_off(page)]
        examined.add(route)
    assert not faults, "\n".join(faults)
    assert len(titles) > 5
    assert not [url for title, url in titles.items() if title.startswith(" ·")]


def test_the_english_pages_have_a_title_and_no_faults(sign_in: SignIn) -> None:
    page = sign_in(None, language="en")
    page.goto("/")
    page.get_by_role("button", name="English").click()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("adviseur@telmee.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    for _route_name in crawl(page):
        assert page.locator("html").get_attribute("lang") == "en"
        assert re.match(r"\S.* · Telmee$", page.title()), page.url
        assert sideways(page) == 0, page.url

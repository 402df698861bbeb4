"""A real browser and a real server, on a database of their own.

Without a browser the journeys are skipped and the last line of the run says so; in CI that is a
failure. `TELMEE_SLOWER=8` lets each page take eight times as long, which shows a test that looks
too early.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from telmee.apps.organisations.acting import acting_as
from telmee.installation.browser import find_browser
from tests.cast import PASSWORD, Cast, find_cast
from tests.conftest import Server, connected
from tests.journeys.pages import DESKTOP, PHONE, sign_in_as
from tests.journeys.serving import Site, Web, let_sign_in, running_web

# Playwright keeps an event loop in this thread; Django sees it and would refuse to look up a row.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
#: A page on a machine with ten other things to do; what comes true before goes on at once. The one
#: limit of all journeys: shorter than the patience with a process, for a page that is broken fails
#: many expectations.
_SLOWER = float(os.environ.get("TELMEE_SLOWER", "1"))
_WAIT_MILLISECONDS = 60_000 * _SLOWER
expect.set_options(timeout=_WAIT_MILLISECONDS)
SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once per worker."""
    found = find_browser()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no browser: run ./telmee browser")
        pytest.skip("no browser: run ./telmee browser")
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=str(found), args=options)
        yield started
        started.close()


@pytest.fixture(scope="session")
def web(
    browser: Browser,  # noqa: ARG001 - without one there is nothing to serve to
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Web]:
    """Start the web server once per worker."""
    with running_web(server, tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def to_sign_in(server: Server) -> Iterator[str]:
    """Keep a copy of the database in which people sign in as they do on a running site."""
    name = server.copy()
    let_sign_in(server, name, PASSWORD)
    yield name
    server.drop(name)


@pytest.fixture(scope="module")
def site(web: Web, to_sign_in: str) -> Iterator[Site]:
    """Serve a fresh copy of the database to the journeys of one module."""
    with web.on(to_sign_in) as running:
        yield running


@pytest.fixture
def on_database(server: Server, site: Site, django_db_blocker: Any) -> Iterator[None]:
    """Let this test's own Django work in the site's database, to prepare or look."""
    with django_db_blocker.unblock(), connected(server.app_url, site.database):
        yield


@pytest.fixture
def cast(on_database: None) -> Cast:  # noqa: ARG001 - it has to be connected
    """Find the fixed cast in the site's database."""
    with acting_as(None):
        return find_cast()


@pytest.fixture
def sign_in(browser: Browser, site: Site) -> Iterator[SignIn]:
    """Sign somebody of the cast in as people do, and give his page; `None` is a visitor.

    A fault that the browser tells of (a script that fails, something that the content security
    policy refuses, a page that is not there) fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        # A form that was not right comes back with 422, and a part of a page with 401 to who is
        # signed out, which Chromium calls errors. So does htmx a request that it gave up for a
        # newer one; one that failed it tells of in other words.
        usual = (
            "status of 422",
            "status of 401",
            "Error Code 401",
            "htmx:afterRequest",
            "htmx:sendAbort",
        )
        if said.type == "error" and not any(words in said.text for words in usual):
            faults.append(f"{said.location.get('url')}: {said.text}")

    def open_for(
        part: str | None, *, phone: bool = False, language: str = "nl", **more: Any
    ) -> Page:
        size = PHONE if phone else DESKTOP
        context = browser.new_context(
            viewport=size, base_url=site.url, locale=language, has_touch=phone, **more
        )
        context.set_default_timeout(_WAIT_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        if _SLOWER > 1:
            rate = {"rate": _SLOWER}
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", rate)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", listen)
        if part is not None:
            sign_in_as(page, part if "@" in part else f"{part}@example.org")
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert faults == []

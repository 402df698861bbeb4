"""A real browser and a real server, on a database of their own.

Without a browser the journeys are skipped and the last line of the run says so; in CI that is a
failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from psycopg.conninfo import make_conninfo

from telmee.config.browser import find_browser
from telmee.config.frontend import ensure_built
from tests.cast import PASSWORD, Cast
from tests.conftest import Server, connected

# Playwright keeps an event loop in this thread; Django sees it and would refuse to look up a row.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
_ROOT = Path(__file__).parents[2]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
#: What axe is asked: WCAG 2.2 up to AA, and what it calls good practice.
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@dataclass(frozen=True, slots=True)
class Site:
    """A running Telmee: where it is, its database, and how to kill it."""

    url: str
    database: str
    cast: Cast
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]


@contextmanager
def running_site(server: Server, name: str, data: Path) -> Iterator[Site]:
    """Serve a database with a web server and a worker, as `./telmee demo` does."""
    ensure_built()
    port = _free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "TELMEE_MODE": "demo",
        "TELMEE_DATA": str(data),
        "TELMEE_URL": f"http://localhost:{port}",
        "DATABASE_URL": url_of(server.app_url, name),
        "PYTHONPATH": f"{_ROOT / 'src'}",
    }
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    web += ["--port", str(port), "--workers", "1", "telmee.config.wsgi:application"]
    worker = [sys.executable, "-m", "django", "procrastinate", "worker"]
    log = (data / "log").open("wb")
    started = [
        subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        for command in (web, worker)
    ]
    try:
        url = f"http://localhost:{port}"
        _wait_for(f"{url}/healthz", data / "log")
        with connected(server.app_url, name):
            from telmee.apps.organisations.acting import acting_as  # noqa: PLC0415
            from tests.cast import find_cast  # noqa: PLC0415

            with acting_as(None):
                cast = find_cast()
        yield Site(url, name, cast, *started)
    finally:
        for process in started:
            process.kill()
            process.wait(10)
        log.close()


def url_of(url: str, name: str) -> str:
    """Give the address of another database on the same server, as a URL."""
    head, _, query = url.partition("?")
    base = head.rpartition("/")[0]
    return f"{base}/{name}?{query}" if query else make_conninfo(url, dbname=name)


def _free_port() -> int:
    """Ask the system for a port, in a child: Python's own sockets are shut in tests."""
    ask = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
    found = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True)
    return int(found.stdout)


def _wait_for(url: str, log: Path) -> None:
    for _ in range(150):
        try:
            subprocess.run(
                [sys.executable, "-c", f"import urllib.request as u; u.urlopen({url!r})"],
                check=True,
                capture_output=True,
            )
        except subprocess.CalledProcessError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(log.read_text())


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


@pytest.fixture(scope="module")
def site(
    server: Server, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Serve a fresh copy of the database to the journeys of one module."""
    with django_db_blocker.unblock():
        name = server.copy()
        with running_site(server, name, tmp_path_factory.mktemp("site")) as running:
            yield running
        server.drop(name)


@pytest.fixture
def on_database(server: Server, site: Site, django_db_blocker: Any) -> Iterator[None]:
    """Let this test's own Django work in the site's database, to prepare or look."""
    with django_db_blocker.unblock(), connected(server.app_url, site.database):
        yield


@pytest.fixture
def sign_in(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Sign somebody in as people do, and give his page; faults in the console fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_for(part: str | None, *, phone: bool = False, language: str = "nl", **more: Any) -> Page:
        size = PHONE if phone else DESKTOP
        context = browser.new_context(
            viewport=size, base_url=site.url, locale=language, has_touch=phone, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        if part is not None:
            page.goto("/accounts/login/")
            page.get_by_label("E-mail", exact=False).first.fill(f"{part}@example.org")
            page.locator("input[type=password]").first.fill(PASSWORD)
            page.locator("main form button").first.click()
            page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "422" not in fault] == []


def broken_rules(page: Page) -> list[str]:
    """Say what axe finds on a page: the rule and where."""
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{page.url}: {rule['id']} at {', '.join(node['target'][0] for node in rule['nodes'])}"
        for rule in found
    ]


def sideways(page: Page) -> int:
    """Give how many pixels a page is wider than its window; 0 on a phone that need not scroll."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, int(width))


def look(page: Page, name: str) -> None:
    """Keep a picture when `TELMEE_PICTURES` names a folder; tests do without."""
    if folder := os.environ.get("TELMEE_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)



"""Ask pages over HTTP, as browsers do: one connection each, kept open."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

HOST = "127.0.0.1"
_CSRF = "a" * 32
_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """An address, for somebody; for a visitor without a cookie."""

    path: str
    cookie: str = ""


class Browser:
    """One connection to the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS_MAX)

    def get(self, page: Page) -> float:
        """How many milliseconds a page took; anything but a page raises."""
        return self._ask("GET", page, None, 200)

    def accept(self, page: Page, line: str) -> float:
        """Accept a line in the queue, and give how many milliseconds that took."""
        form = {"one": line, "key": str(uuid4()), "csrfmiddlewaretoken": _CSRF}
        return self._ask("POST", page, urlencode(form), 302)

    def _ask(self, method: str, page: Page, body: str | None, status: int) -> float:
        headers = {"Host": f"localhost:{self._port}"}
        if page.cookie:
            headers["Cookie"] = f"sessionid={page.cookie}; csrftoken={_CSRF}"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        self._connection.request(method, page.path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != status:
            raise RuntimeError(f"{method} {page.path}: {answer.status}")
        return (time.perf_counter() - begun) * 1000


def in_turns(port: int, sides: dict[str, list[Page]], rounds: int) -> dict[str, list[float]]:
    """Ask each side's pages in turns, one at a time; one round warms up and is not counted."""
    browser = Browser(port)
    times: dict[str, list[float]] = {side: [] for side in sides}
    for round_ in range(rounds + 1):
        for side, pages in sides.items():
            for page in pages:
                took = browser.get(page)
                if round_:
                    times[side].append(took)
    return times


@dataclass(slots=True)
class Busy:
    """What many people at once got: pages a second per round, milliseconds, and failures."""

    rates: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    failed: int = 0


def at_once(
    port: int, sides: dict[str, list[Page]], *, users: int, seconds: float, rounds: int
) -> dict[str, Busy]:
    """Let many people click on without a pause, side after side in turns, one round uncounted."""
    busy_sides = {side: Busy() for side in sides}
    for round_ in range(rounds + 1):
        for side, pages in sides.items():
            took = _clicked(port, pages, users, seconds)
            busy = busy_sides[side]
            busy.failed += took.count(None)
            if round_:
                given = [each for each in took if each is not None]
                busy.rates.append(len(given) / seconds)
                busy.took += given
    return busy_sides


def _clicked(port: int, pages: list[Page], users: int, seconds: float) -> list[float | None]:
    """The milliseconds of every page, and nothing for one that failed."""
    until = time.monotonic() + seconds

    def click(number: int) -> Iterator[float | None]:
        browser, place = Browser(port), number
        while time.monotonic() < until:
            try:
                yield browser.get(pages[place % len(pages)])
            except (OSError, http.client.HTTPException, RuntimeError):
                browser = Browser(port)
                yield None
            place += users

    with ThreadPoolExecutor(users) as pool:
        answers: Iterable[list[float | None]] = pool.map(lambda n: list(click(n)), range(users))
        return [took for each in answers for took in each]

"""How long a year report takes: asking for it, its draft, publishing it and papers of ten pages.

Few clients have ten pages to tell. So the papers are also made of the same report with more rows in
its longest table, until each has ten pages. It publishes reports in a folder with data, so use one
that nobody needs: a demonstration, or a copy. Seconds differ between machines and between hours;
what a report asks of the processor (this process, its children and the server of the database)
differs less, and is printed beside them. The exit code is 1 when a target is not met.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from bench.processor import worked  # noqa: E402 - as above
from telmee.installation.data_folder import start_django, started  # noqa: E402 - as above

#: A report that is made in the background, and the answer to who asks for it.
_MADE_SECONDS, _ASKED_SECONDS = 5.0, 0.15
_PAGES, _ROWS_OF_A_PAGE = 10, 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--year", type=int, default=time.localtime().tm_year - 1)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ.setdefault("TELMEE_SECRET_KEY", secrets.token_urlsafe(48))
    with started(arguments.data) as installation:
        start_django(installation, "demo")
        rounds = [_round(arguments.year) for _ in range(arguments.rounds)]
    wall = min(published + papers for _, published, papers in rounds)
    answer = min(answer for answer, _, _ in rounds)
    print(f"best of {len(rounds)}: answered {answer:.3f} s, target {_ASKED_SECONDS} s")
    print(f"best of {len(rounds)}: made {wall:.2f} s, target {_MADE_SECONDS} s")
    return int(wall > _MADE_SECONDS or answer > _ASKED_SECONDS)


def _round(year: int) -> tuple[float, float, float]:
    """Ask for a report of the client with most contracts as the page does, and make it."""
    from django.test import Client  # noqa: PLC0415 - Django is started by now

    from bench.web.people import people  # noqa: PLC0415 - as above
    from telmee.apps.organisations.acting import acting_as  # noqa: PLC0415 - as above
    from telmee.apps.reports.choices import ReportKind  # noqa: PLC0415 - as above
    from telmee.apps.reports.drafts import make_draft  # noqa: PLC0415 - as above
    from telmee.apps.reports.freezing import freeze, report_for  # noqa: PLC0415 - as above
    from telmee.web.reports.tasks import make_papers  # noqa: PLC0415 - as above

    who = next(one for one in people("client", 3))
    client = Client(SERVER_NAME="localhost")
    client.cookies["sessionid"] = who.cookie
    sent = {"organisation": who.organisation, "kind": "annual", "year": year}
    answers: list[Any] = []

    def ask(address: str) -> None:
        answers.append(client.post(address, sent))
        if answers[-1].status_code != 302:
            sys.exit(f"the report was not taken in: {answers[-1].status_code}")

    looking = _timed("looked at", lambda: ask("/verslagen/maken"))
    draft = answers[0].url
    _timed("draft", lambda: make_draft(int(draft.rpartition("/")[2]), who.user))
    answer = max(looking, _timed("asked", lambda: ask(f"{draft}/publiceren")))
    reports: list[int] = []

    def publish() -> None:
        with acting_as(who.user) as acting:
            kind = ReportKind.ANNUAL
            reports.append(freeze(acting, who.organisation, kind, year, key=uuid4()))

    published = _timed("published", publish)
    _timed("papers", lambda: make_papers(report_id=reports[0], user_id=who.user))
    with acting_as(who.user) as acting:
        report = report_for(acting, reports[0])
        pages = [_pages(bytes(one.content)) for one in report.papers.order_by("language")]
        print(f"{who.contracts} contracts, {len(pages)} papers, pages {pages}")
        return answer, published, _long_papers(report)


def _long_papers(report: Any) -> float:
    """The seconds of the papers of a report of at least ten pages, in every language."""
    from django.utils import translation  # noqa: PLC0415 - as above

    from telmee.apps.letters.choices import LANGUAGES  # noqa: PLC0415 - as above
    from telmee.web.reports.files import paper_file  # noqa: PLC0415 - as above

    document = json.loads(report.document)
    widest = max(document["divisions"], key=lambda division: len(division["rows"]))
    once = list(widest["rows"])
    papers: list[bytes] = []

    def make() -> None:
        papers.clear()
        for language, _name in LANGUAGES:
            with translation.override(language):
                papers.append(paper_file(report, document))

    make()
    while min(map(_pages, papers)) < _PAGES:
        widest["rows"] += once * (_ROWS_OF_A_PAGE // len(once) + 1)
        make()
    seconds = _timed("long", make)
    print(f"{len(widest['rows'])} rows in one table, pages {list(map(_pages, papers))}")
    return seconds


def _pages(paper: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def _timed(name: str, deed: Callable[[], object]) -> float:
    """The seconds of a deed, printed with what it asked of the processor."""
    before, begin = worked(), time.perf_counter()
    deed()
    wall = time.perf_counter() - begin
    print(f"{name:10} {wall:6.2f} s  processor {worked() - before:6.2f} s")
    return wall


if __name__ == "__main__":
    sys.exit(main())

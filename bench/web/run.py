"""Measure the pages over real HTTP on a loaded register; bench/README.md says how to read it.

bench/web/run.py [--profile NAME] [--rounds N] [--data FOLDER]
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT), str(_ROOT / "src")]

from telmee.installation import database  # noqa: E402 - the path comes first
from telmee.installation.data_folder import Installation, start_django, started  # noqa: E402
from telmee.installation.frontend import ensure_built  # noqa: E402
from telmee.installation.serving import choose_port, serving  # noqa: E402

if TYPE_CHECKING:
    from bench.web.asking import Busy, Page
    from bench.web.people import Person

_MODE = "demo"
_TRIVIAL = "a trivial page"
_BARE = "bare page"
_PEOPLE, _DECISIONS = 20, 40
_USERS, _SECONDS, _BUSY_ROUNDS = 50, 4.0, 3
#: The pages of a contract beside its first one, by the last part of their address.
_PARTS = {
    "plan": "plan",
    "settlement": "eindafrekening",
    "expected": "verwacht",
    "shares": "verdeling",
    "amendment": "wijziging",
    "obligation, compared": "opgave",
    "books": "boekingen",
    "lines": "inspanningen",
    "journal": "logboek",
    "timeline": "tijdlijn",
    "ladder": "handhaving",
    "letters": "brieven",
}
_PAGE_MS_MAX, _DECISION_MS_MAX = 150.0, 100.0


def main() -> int:
    """Load or reuse a register, serve it, and measure; exit 1 when a figure is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="region", help="size of the register, or demo")
    parser.add_argument("--rounds", type=int, default=5, help="rounds to count, after one more")
    parser.add_argument("--data", type=Path, help="folder of the register; made when not there")
    options = parser.parse_args()
    data = options.data or _ROOT / "bench" / ".cache" / f"web-{options.profile}"
    os.environ.setdefault("TELMEE_SECRET_KEY", secrets.token_urlsafe(48))
    os.environ["PYTHONPATH"] = str(_ROOT / "src")  # for the programs that serve
    ensure_built()
    with started(data) as installation:
        installation.ensure_set_up()
        start_django(installation, _MODE)
        if database.is_empty(installation.require_owner()):
            from telmee.demo.loading import load  # noqa: PLC0415 - it needs Django's tables

            load(None if options.profile == "demo" else options.profile)
        return 0 if _measure(installation, options.rounds) else 1


def _measure(installation: Installation, rounds: int) -> bool:
    from bench.web import asking, people, queries, registering  # noqa: PLC0415 - as above

    advisers = people.people("client", _PEOPLE)
    contractors = people.people("contractor", _PEOPLE)
    homes = {
        "adviser home": [asking.Page("/", who.cookie) for who in advisers],
        "contractor home": [asking.Page("/", who.cookie) for who in contractors],
    }
    contracts = [
        asking.Page(f"/opdrachten/{who.opens[0]}", who.cookie) for who in (*advisers, *contractors)
    ]
    queues = [asking.Page("/werklijst", who.cookie) for who in advisers]
    lists = [asking.Page("/opdrachten", who.cookie) for who in (*advisers, *contractors)]
    everybody = [*advisers, *contractors]
    if not people.over_turnover(advisers[0]):
        registering.register(advisers[0], ["OMZET-1"], [contractors[0].organisation])
    bare = {
        "bare answer": [asking.Page("/healthz/alive")],
        _BARE: [asking.Page("/toegankelijkheid")],
        _TRIVIAL: [asking.Page("/.well-known/security.txt", who.cookie) for who in advisers],
    }
    sides = {
        **{name: pages * (_PEOPLE // len(pages)) for name, pages in bare.items()},
        **homes,
        "adviser home, whole client": [asking.Page("/?scope=all", advisers[0].cookie)] * 4,
        "contractor home, most contracts": homes["contractor home"][:1] * 4,
        "contract list": lists,
        "contract list, most contracts": lists[:1] * 4,
        "contract": contracts,
        **_pages_of_contracts(everybody),
        **_pages_of_some(everybody),
        "queue": queues,
        "today": [asking.Page("/vandaag", who.cookie) for who in advisers],
        "enforcement": [asking.Page("/handhaving", who.cookie) for who in advisers],
        "enforcement, most contracts": [asking.Page("/handhaving", advisers[0].cookie)] * 4,
        "results": [asking.Page("/resultaten", who.cookie) for who in everybody],
        "results, most contracts": [asking.Page("/resultaten", advisers[0].cookie)] * 4,
        "decided lines": [asking.Page("/besluiten", who.cookie) for who in advisers],
        "queue, most contracts": queues[:1] * 4,
    }
    mix = [page for group in (*homes.values(), lists, contracts, queues) for page in group]
    counts = {name: [queries.queries_of(page) for page in pages] for name, pages in sides.items()}
    port = choose_port(None)
    with serving(installation.environment(_MODE), installation.logs, port=port):
        took = asking.in_turns(port, sides, rounds)
        accepting = asking.Page("/werklijst/accepteren", advisers[0].cookie)
        browser = asking.Browser(port)
        lines = people.waiting(advisers[0], _DECISIONS)
        took["decision"] = [browser.accept(accepting, line) for line in lines]
        busy = asking.at_once(
            port,
            {_BARE: bare[_BARE], _TRIVIAL: bare[_TRIVIAL], "real pages": mix},
            users=_USERS,
            seconds=_SECONDS,
            rounds=_BUSY_ROUNDS,
        )
    for name, group in (("advisers", advisers), ("contractors", contractors)):
        print(f"{name}: {len(group)}, with {group[-1].contracts} to {group[0].contracts} contracts")
    met = _print_pages(took, counts)
    _print_busy(busy)
    return met and not any(group.failed for group in busy.values())


def _pages_of_contracts(who: list[Person]) -> dict[str, list[Page]]:
    """The pages of a contract, by their name: one of each person's two with most lines.

    Not every contract has shares; a page that nobody has is left out.
    """
    from bench.web import asking, queries  # noqa: PLC0415 - as above

    sides: dict[str, list[Page]] = {}
    for name, part in _PARTS.items():
        for one in who:
            pages = (asking.Page(f"/opdrachten/{pk}/{part}", one.cookie) for pk in one.opens[:2])
            sides.setdefault(name, []).extend(list(filter(queries.is_there, pages))[:1])
    return {name: pages for name, pages in sides.items() if pages}


def _pages_of_some(who: list[Person]) -> dict[str, list[Page]]:
    """The pages that only few contracts have: those of a pool, an initiative, and turnover."""
    from bench.web import asking, people  # noqa: PLC0415 - as above

    sides: dict[str, list[Page]] = {}
    for one in who:
        for name, part, contracts in (
            ("pool", "bundel", people.pooled(one, in_parts=False)),
            ("initiative", "bundel", people.pooled(one, in_parts=True)),
            ("turnover", "omzet", people.over_turnover(one)),
        ):
            pages = [asking.Page(f"/opdrachten/{pk}/{part}", one.cookie) for pk in contracts]
            sides[name] = sides.get(name, []) + pages
    return {name: pages for name, pages in sides.items() if pages}


def _print_pages(took: dict[str, list[float]], counts: dict[str, list[int]]) -> bool:
    """Print a line for each page, beside the trivial and the bare page of the same run."""
    print(f"\n{'':32}{'p50 ms':>8}{'p95 ms':>8}{'x':>7}{'x bare':>8}  {'queries':9}target")
    trivial, bare, all_met = median(took[_TRIVIAL]), median(took[_BARE]), True
    for name, times in took.items():
        at_most = _DECISION_MS_MAX if name == "decision" else _PAGE_MS_MAX
        few, many = min(counts.get(name, [0])), max(counts.get(name, [0]))
        met = _p95(times) <= at_most and few == many
        all_met &= met
        queries = str(many or "") if few == many else f"{few} to {many}"
        print(
            f"{name:32}{median(times):8.1f}{_p95(times):8.1f}{median(times) / trivial:7.1f}"
            f"{median(times) / bare:8.1f}  {queries:9}p95 {at_most:g} ms: {'yes' if met else 'NO'}"
        )
    return all_met


def _print_busy(busy: dict[str, Busy]) -> None:
    """Print how much many people get at once, beside the bare page of the same rounds."""
    print(f"\n{_USERS} people at once{'':17}{'pages/s':>8}{'p95 ms':>8}{'of bare':>9}  failed")
    for name, side in busy.items():
        parts = [
            rate / bare for rate, bare in zip(side.rates, busy[_BARE].rates, strict=True) if bare
        ]
        print(
            f"{name:32}{median(side.rates):8.0f}{_p95(side.took):8.0f}"
            f"{median(parts):9.1%}  {side.failed}"
        )


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())

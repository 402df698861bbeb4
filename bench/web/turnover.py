"""Propose the turnover of a thousand contracts from one sheet: read, looked at and proposed, timed.

bench/web/turnover.py [--contracts N] [--beside N] [--data FOLDER]

The contracts are registered first, with others beside them that the adviser has as well: that is
not timed. Exit 1 when all of it takes ten seconds.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from datetime import date
from itertools import pairwise
from pathlib import Path
from time import perf_counter

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT), str(_ROOT / "src")]

from bench.processor import worked  # noqa: E402 - the path comes first
from telmee.installation import database  # noqa: E402 - the path comes first
from telmee.installation.data_folder import start_django, started  # noqa: E402
from telmee.installation.frontend import ensure_words  # noqa: E402

_SECONDS_MAX = 10.0
_TODAY = date(2026, 6, 1)


def main() -> int:
    """Make or reuse a register, register contracts over turnover, and time one sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=1000, help="lines of the sheet")
    parser.add_argument("--beside", type=int, default=2000, help="contracts that are not in it")
    parser.add_argument("--data", type=Path, help="folder of the register; made when not there")
    options = parser.parse_args()
    data = options.data or _ROOT / "bench" / ".cache" / "turnover"
    os.environ.setdefault("TELMEE_SECRET_KEY", secrets.token_urlsafe(48))
    ensure_words()
    with started(data) as installation:
        installation.ensure_set_up()
        start_django(installation, "demo")
        if database.is_empty(installation.require_owner()):
            from telmee.demo.loading import load  # noqa: PLC0415 - it needs Django's tables

            load()
        return 0 if _measure(options.contracts, options.beside) else 1


def _measure(count: int, beside: int) -> bool:
    from bench.web.people import people  # noqa: PLC0415 - as above
    from bench.web.registering import register, some_contractors  # noqa: PLC0415 - as above
    from telmee.apps.contracts.turnover_sheet import plan_sheet, propose_sheet  # noqa: PLC0415
    from telmee.apps.organisations.acting import acting_as  # noqa: PLC0415
    from telmee.integrations.spreadsheets.apart import read_turnover_file  # noqa: PLC0415

    adviser = people("client", 1)[0]
    mark = secrets.token_hex(3)
    every = [f"OMZET-{mark}-{number}" for number in range(count + beside)]
    references = every[:count]
    register(adviser, every, some_contractors(20))
    text = "\r\n".join(f"{name};2025;{100_000 + n},00" for n, name in enumerate(references))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "omzet.csv"
        path.write_text(f"contract;periode;omzet\r\n{text}\r\n", "utf-8")
        moments = [_now()]
        lines = read_turnover_file(path, lines_max=count).lines
    moments.append(_now())
    with acting_as(adviser.user) as acting:
        plan = plan_sheet(acting, lines, today=_TODAY)
        moments.append(_now())
        new = propose_sheet(acting, plan.proposals, today=_TODAY)
    moments.append(_now())
    for name, (before, after) in zip(
        ("read", "looked at", "proposed"), pairwise(moments), strict=True
    ):
        _tell(name, before, after)
    _tell(f"{new} contracts", moments[0], moments[-1])
    return new == count and moments[-1][0] - moments[0][0] < _SECONDS_MAX


def _now() -> tuple[float, float]:
    return perf_counter(), worked()


def _tell(name: str, before: tuple[float, float], after: tuple[float, float]) -> None:
    wall, processor = (end - begin for begin, end in zip(before, after, strict=True))
    print(f"{name:16}{wall:7.2f} s  processor {processor:6.2f} s")


if __name__ == "__main__":
    raise SystemExit(main())

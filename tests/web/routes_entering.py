"""The addresses of entering effort in one place, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.web.cases import DELIVERS, SIGNED_IN, SUB, Case, key, said
from tests.web.world import World

_COMPETITOR = frozenset(("competitor",))


def _line(world: World) -> dict[str, Any]:
    return {
        "key": key(),
        "opdracht": world.own["contract"],
        "bouwblok": "pw_lt2",
        "begin": "1-1-2026",
        "eind": "30-6-2026",
        "uren_per_week": "24",
        "persoon": "P-78",
        "doen": "nog-een",
    }


def _rows(world: World) -> dict[str, Any]:
    cells = ("kenmerk", "bouwblok", "begin", "eind", "uren_per_week")
    line = (key()[:8], "pw_lt2", "1-1-2026", "30-6-2026", "24")
    rows = "\r\n".join(map("\t".join, (cells, line)))
    return {"rijen": rows, "opdracht": world.own["contract"]}


ENTERING: Mapping[str, tuple[Case, ...]] = {
    "contribution-enter": (Case(SIGNED_IN, DELIVERS | SUB, data=_line),),
    "contribution-paste": (
        Case(
            SIGNED_IN,
            DELIVERS | SUB,
            data=_rows,
            corrected=SIGNED_IN - DELIVERS - SUB,
        ),
    ),
    "contribution-pasted": (Case(DELIVERS, None, {"upload_id": "upload"}),),
    "contribution-hand-in-all": (
        Case(None, SIGNED_IN, data=said(), does=DELIVERS | SUB | _COMPETITOR),
    ),
}

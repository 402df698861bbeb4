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


ENTERING: Mapping[str, tuple[Case, ...]] = {
    "contribution-enter": (Case(SIGNED_IN, DELIVERS | SUB, data=_line),),
    "contribution-hand-in-all": (
        Case(None, SIGNED_IN, data=said(), does=DELIVERS | SUB | _COMPETITOR),
    ),
}

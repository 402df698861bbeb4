"""The addresses of pools, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.days import typed_today
from tests.web.cases import (
    COLLEAGUE,
    COMPETITOR,
    DECIDES,
    DELIVERS,
    SEES,
    SIDES,
    Case,
    Data,
    key,
)
from tests.web.world import World

_WAITS = {"pk": "pooling"}


def _seen_versions(word: str) -> Data:
    return lambda world: {"answer": word, "version": world.own["pool_versions"]}


def _dispute(world: World) -> dict[str, Any]:
    return {"reason": "Liever niet.", "seen": ",".join(map(str, world.own["pool_versions"]))}


def _more(world: World) -> dict[str, Any]:
    chosen = {"contracts": [world.own["unpooled"]], "begin": typed_today(), "note": "Samen."}
    return {"key": key(), **chosen}


def _initiative(_world: World) -> dict[str, Any]:
    parts = {"contract-1": "HIL-B4", "part-1": "40", "contract-2": "HIL-2025-001", "part-2": "60"}
    return {"key": key(), "name": "Park", "begin": typed_today(), "note": "Samen.", **parts}


def _balance(world: World) -> dict[str, Any]:
    said = {"effective_on": typed_today(), "reason": "Samen."}
    return {"key": key(), "seen": world.own["pool_seal"], **said}


#: The pages of a pool of contracts.
POOLS: Mapping[str, tuple[Case, ...]] = {
    "contract-pool": (Case(SEES, None, {"pk": "pooled"}), Case(SEES, None, _WAITS)),
    "pool-propose": (Case(DECIDES, DECIDES, {"pk": "pooled"}, _more, others=COLLEAGUE),),
    "initiative-propose": (
        Case(DECIDES, DECIDES, {"pk": "unpooled"}, _initiative, others=COLLEAGUE),
    ),
    "contribution-initiative": (
        Case(
            None,
            DELIVERS,
            {"line_id": "draft"},
            lambda _world: {"version": 1, "initiative": "no"},
            others=COMPETITOR,
        ),
    ),
    "pool-answer": (
        Case(None, DELIVERS, _WAITS, _seen_versions("agree"), others=COMPETITOR),
        Case(None, DECIDES, _WAITS, _seen_versions("withdraw"), others=COLLEAGUE),
    ),
    "pool-dispute": (Case(DELIVERS, DELIVERS, _WAITS, _dispute, others=COMPETITOR),),
    "pool-balance": (Case(None, DECIDES, {"pk": "pooled"}, _balance, others=COLLEAGUE),),
    "pool-leave": (
        Case(
            SIDES,
            SIDES,
            {"pk": "pooled"},
            lambda _world: {"key": key(), "seen": 1, "end": typed_today(), "note": "Genoeg."},
        ),
    ),
}

"""The addresses of enforcement, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.web.cases import (
    COLLEAGUE,
    DECIDES,
    HILVERSUM,
    MANAGER,
    SEES,
    SIGNED_IN,
    Case,
    key,
    said,
)
from tests.web.world import World

_BEHIND = 100_000_00
_CLIENT, _LATE = {"pk": "client"}, {"pk": "late"}
_STEP = {"pk": "enforced", "step_id": "step"}
_DAYS = {"first": "1-1-2020", "last": "1-2-2020"}
_LADDER = {
    "is_on": "on",
    "behind_bp": "10",
    "least_cents": "500",
    "after_end_days": "0",
    "effect_weeks": "8",
    "signal_on": "on",
    "signal_days": "28",
    "reason": "Beleid",
}


def _together(world: World) -> dict[str, Any]:
    chosen = f"{world.own['late']}:reminder:{_BEHIND}"
    return {"key": key(), "seen": chosen, "sure": "yes", "reason": "Achterstand"}


ENFORCEMENT: Mapping[str, tuple[Case, ...]] = {
    "enforcement": (Case(SIGNED_IN),),
    "ladder-together": (Case(None, DECIDES, data=_together),),
    "ladder-settings": (Case(HILVERSUM, MANAGER, _CLIENT, said(**_LADDER), others=COLLEAGUE),),
    "leniency-to-all": (
        Case(MANAGER, MANAGER, _CLIENT, said(ground="crisis", reason="Corona", **_DAYS),
             others=COLLEAGUE),
    ),
    "contract-enforcement": (Case(SEES, None, _LATE),),
    "ladder-take": (
        Case(DECIDES, DECIDES, _LATE,
             said(step="reminder", behind_cents=_BEHIND, reason="Achterstand"), others=COLLEAGUE),
    ),
    "leniency": (
        Case(DECIDES, DECIDES, _LATE, said(ground="market", cents="10", reason="Geen kandidaat"),
             others=COLLEAGUE),
    ),
    "leniency-end": (
        Case(DECIDES, DECIDES, {"pk": "leniency"}, said(reason="Voorbij"),
             others=COLLEAGUE),
        Case(MANAGER, MANAGER, {"pk": "leniency_all"}, said(reason="Voorbij"), others=COLLEAGUE),
    ),
    # Who took the step is not its second person.
    "ladder-second": (
        Case(DECIDES, DECIDES - MANAGER, _STEP, said(agrees="yes"), corrected=MANAGER,
             others=COLLEAGUE),
    ),
    "ladder-withdraw": (
        Case(DECIDES, DECIDES, _STEP, said(reason="Vergissing"), others=COLLEAGUE),
    ),
    "ladder-look": (Case(DECIDES, DECIDES, _STEP, said(reason="Klopt"), others=COLLEAGUE),),
}  # fmt: skip

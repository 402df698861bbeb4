"""Who may read the pages about results and coverage, and who may send to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.web import sent
from tests.web.cases import (
    CLIENTS,
    COLLEAGUE,
    DELIVERS,
    EVERYBODY,
    HILVERSUM,
    MANAGER,
    NOBODY,
    OTHERS,
    SIGNED_IN,
    Case,
)
from tests.web.cases import said as _said
from tests.web.world import World

_CLIENT, _PURCHASE, _LIST = {"pk": "client"}, {"pk": "bought"}, {"pk": "purchase_list"}
_WORKS = HILVERSUM - {"reader"}


def _list(_world: World) -> dict[str, Any]:
    return {**_said(name="Inkopen", scheme="harlingen")(_world), "file": sent.purchases()}


def _confirmed(world: World) -> dict[str, Any]:
    return _said(pair=f"{world.own['bought']}-{world.own['contract']}")(world)


#: Everything about coverage, by the name of its address.
COVERAGE: Mapping[str, tuple[Case, ...]] = {
    "results": (Case(SIGNED_IN),),
    "results-lines": (Case(CLIENTS | DELIVERS | OTHERS | {"auditor"}),),
    "open-accounts": (Case(EVERYBODY),),
    "open-account": (Case(EVERYBODY, None, {"pk": "client"}, others=EVERYBODY),),
    "report-opening": (
        Case(
            HILVERSUM | {"team", "auditor"},
            MANAGER,
            {"pk": "report"},
            _said(deed="close"),
            others=COLLEAGUE,
        ),
    ),
    "coverage-start": (Case(CLIENTS),),
    "coverage-template": (Case(SIGNED_IN),),
    "coverage": (Case(HILVERSUM, None, _CLIENT, others=COLLEAGUE),),
    "purchases": (Case(HILVERSUM, None, _CLIENT, others=COLLEAGUE),),
    "purchases-add": (Case(_WORKS, _WORKS, _CLIENT, _list, others=COLLEAGUE),),
    "purchase-proposals": (Case(_WORKS, _WORKS, _CLIENT, _confirmed, others=COLLEAGUE),),
    "purchases-again": (Case(None, _WORKS, _CLIENT, _said(), does=NOBODY, others=COLLEAGUE),),
    "purchase-list": (Case(HILVERSUM, None, _LIST, others=COLLEAGUE),),
    "purchases-withdraw": (
        Case(_WORKS, _WORKS, _LIST, _said(reason="Verkeerd jaar"), others=COLLEAGUE),
    ),
    "purchase": (
        Case(HILVERSUM, _WORKS, _PURCHASE, _said(choice="apply", seen=0), others=COLLEAGUE),
    ),
}

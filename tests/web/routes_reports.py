"""The addresses of reports and goals, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.web.cases import COLLEAGUE, COUNCIL, EVERYBODY, HILVERSUM, SIGNED_IN, Case, key
from tests.web.world import World

#: Who works for Hilversum, and who may read what it published: who looks into it too.
_WORKS = HILVERSUM - {"reader"}
_READS = HILVERSUM | COUNCIL | {"team", "auditor"}
#: Who asked for the draft: it is nobody else's.
_ASKED = frozenset(("adviser",))
#: Who works for somebody that awards, decides on or carries out a contract.
_MAKES = SIGNED_IN - COUNCIL - {"reader", "auditor", "subcontractor", "outsider", "operator"}


def _making(world: World) -> dict[str, Any]:
    return {"organisation": world.cast.hilversum.pk, "kind": "annual", "year": "2026"}


def _goal(world: World) -> dict[str, Any]:
    return {
        "organisation": world.cast.hilversum.pk,
        "measure": "people",
        "year": "2026",
        "amount": "30",
        "source": "Raad",
        "key": key(),
    }


_ONE = {"pk": "report"}

REPORTS: Mapping[str, tuple[Case, ...]] = {
    "reports": (Case(SIGNED_IN),),
    "report-make": (
        Case(_MAKES, _WORKS, data=_making, corrected=_MAKES - _WORKS),
    ),
    "report-draft": (Case(_ASKED, None, {"pk": "report_draft"}, others=COLLEAGUE),),
    "report-publish": (Case(None, _ASKED, {"pk": "report_draft"}, others=COLLEAGUE),),
    "report-publishing": (Case(HILVERSUM, None, {"pk": "publishing"}, others=COLLEAGUE),),
    "report-again": (Case(None, _WORKS, {"pk": "report_unmade"}, others=COLLEAGUE),),
    "report": (Case(_READS, None, _ONE, others=COLLEAGUE),),
    "report-lines": (Case(_READS, None, _ONE, others=COLLEAGUE),),
    "report-contracts": (Case(_READS, None, _ONE, others=COLLEAGUE),),
    "report-file": (Case(_READS, None, _ONE, others=COLLEAGUE),),
    "report-keys": (Case(EVERYBODY),),
    "goals": (
        Case(SIGNED_IN, _WORKS, data=_goal, corrected=SIGNED_IN - _WORKS),
    ),
}  # fmt: skip

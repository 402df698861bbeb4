"""The addresses of objections, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.web.cases import DECIDES, SIGNED_IN, Case, said
from tests.web.world import World


def _longer(_world: World) -> dict[str, Any]:
    until = timezone.localdate() + timedelta(days=50)
    return {"until": until.strftime("%d-%m-%Y"), "text": "Wij wachten op de urenstaat."}


#: The adviser took the decision that stands.
_SECOND = DECIDES - {"adviser"}
OBJECTIONS: Mapping[str, tuple[Case, ...]] = {
    "objections": (Case(SIGNED_IN),),
    "objection-dismiss": (
        Case(
            DECIDES,
            _SECOND,
            {"pk": "objection"},
            said(version=4, text="Er is nog geen bewijs."),
            corrected=frozenset(("adviser",)),
        ),
    ),
    "objection-extend": (Case(DECIDES, DECIDES, {"pk": "objection"}, _longer),),
}

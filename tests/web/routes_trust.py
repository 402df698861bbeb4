"""The addresses of trust and samples, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.web.cases import COLLEAGUE, HILVERSUM, MANAGER, NOBODY, SIGNED_IN, Case, key, said
from tests.web.world import World

#: The sample of the world was drawn by the auditor from what Hilversum decided.
_READS = HILVERSUM | {"auditor"}
_REVIEWS = _READS - {"reader"}
_LINE = {"pk": "sample", "line_id": "sampled"}
_DRAWS = _REVIEWS | COLLEAGUE | {"team"}

_FOR_OTHERS = frozenset(("auditor", "colleague", "team"))


def _drawing(world: World) -> dict[str, Any]:
    """Draw for Hilversum; who draws for another chooses what he is not offered."""
    cast, yesterday = world.cast, timezone.localdate() - timedelta(days=1)
    day = f"{yesterday:%d-%m-%Y}"
    return {
        "drawing": f"{cast.hilversum.pk}-{cast.hilversum.pk}",
        "decided": "all",
        "first": day,
        "last": day,
        "size": "5",
        "seed": "vooraf",
        "key": key(),
    }


_CLIENT = {"pk": "client"}
_RULE = {
    "is_on": "on",
    "least_lines": "20",
    "least_right_bp": "95",
    "months": "12",
    "most_cents": "5000",
    "blocks": ["pw_lt2"],
    "away_days": "90",
    "reason": "Proef",
}

TRUST: Mapping[str, tuple[Case, ...]] = {
    "trust": (Case(SIGNED_IN),),
    "trust-rule": (
        Case(HILVERSUM, MANAGER, _CLIENT, said(**_RULE), others=COLLEAGUE),
        Case(HILVERSUM, MANAGER, _CLIENT, said(deed="preview", **_RULE), does=NOBODY,
             others=COLLEAGUE),
    ),
    "trust-weighed": (Case(HILVERSUM, None, _CLIENT, others=COLLEAGUE),),
    "trust-lift": (
        Case(HILVERSUM - {"reader"}, HILVERSUM - {"reader"}, {"pk": "lapse"},
             said(reason="Gesproken."), others=NOBODY),
    ),
    "samples": (Case(SIGNED_IN),),
    "sample-draw": (
        Case(_DRAWS, _DRAWS - _FOR_OTHERS, data=_drawing, corrected=_FOR_OTHERS),
    ),
    "sample": (Case(_READS, None, {"pk": "sample"}, others=COLLEAGUE),),
    "sample-file": (Case(_READS, None, {"pk": "sample"}, others=COLLEAGUE),),
    # Who decided on the line himself does not review it.
    "sample-review": (
        Case(
            _REVIEWS,
            _REVIEWS - {"adviser"},
            _LINE,
            said(verdict="right", reason=""),
            corrected=frozenset(("adviser",)),
            others=COLLEAGUE,
        ),
    ),
}  # fmt: skip

"""The figures of enforcement as the first page shows them, each with where it opens to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy

from telmee.apps.enforcement.enforced import BY_HAND, BY_LADDER, enforced
from telmee.core.ledger import EntryKind
from telmee.core.money import part_bp
from telmee.web.contracts.contract_words import KINDS, LENIENCY_GROUNDS
from telmee.web.enforcement.enforcement_words import STEPS
from telmee.web.language import Words

_GROUNDS: Mapping[str, Words] = {
    **LENIENCY_GROUNDS,
    BY_LADDER: gettext_lazy("step of the ladder"),
    BY_HAND: gettext_lazy("booked by hand"),
}


def enforced_part(contract_ids: Iterable[int], *, today: date) -> dict[str, object] | None:
    """What a home says of enforcement; nothing where there is none."""
    known = enforced(contract_ids, today=today)
    if known.is_empty:
        return None
    effect = known.effect
    return {
        "rungs": [
            {
                "name": STEPS[rung],
                "contracts": on.contracts,
                "since": on.since,
                "url": f"{reverse('enforcement')}?{urlencode({'last': rung})}",
            }
            for rung, on in known.rungs.items()
        ],
        "effect": effect,
        "caught_up_bp": part_bp(effect.caught_up, effect.signals) if effect.signals else None,
        "booked": [
            {
                "year": one.year,
                "kind": KINDS[one.kind],
                "ground": _GROUNDS[one.ground],
                "is_fine": one.kind is EntryKind.PENALTY,
                "cents": one.cents,
            }
            for one in known.booked
        ],
    }

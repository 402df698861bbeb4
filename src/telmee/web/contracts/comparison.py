"""What a contract owes beside comparable contracts, for whoever decides on it."""

from __future__ import annotations

from typing import Any

from telmee.apps.contracts.comparing import comparable_shares
from telmee.apps.organisations.acting import Acting
from telmee.core.money import part_bp
from telmee.core.obligations.proportion import compare_shares
from telmee.texts.meaning import comparison_of
from telmee.web.language import active


def comparison_page(
    acting: Acting,
    *,
    category: str,
    value_cents: int,
    cpv: str | None,
    owed_cents: int | None,
    besides: int | None = None,
) -> dict[str, Any] | None:
    """The sentence and what is far from usual; `None` where there is too little to compare with."""
    if not owed_cents or not value_cents:
        return None
    others = comparable_shares(
        acting, category=category, value_cents=value_cents, cpv=cpv, besides=besides
    )
    comparison = compare_shares(part_bp(owed_cents, value_cents), others)
    if comparison is None:
        return None
    return {"sentence": comparison_of(comparison, active()), "oddities": comparison.oddities}

"""What a contract owes beside comparable contracts, for whoever decides on it."""

from __future__ import annotations

from dataclasses import dataclass

from telmee.apps.contracts.comparing import Alike, comparable_shares, regional_shares
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import Problem
from telmee.core.money import part_bp
from telmee.core.obligations.proportion import compare_shares
from telmee.texts.meaning import comparison_of
from telmee.web.language import active


@dataclass(frozen=True, slots=True)
class Beside:
    """The contracts of the client himself and those of his region, each in a sentence.

    `oddities` say what is far from the client's own; from the region's where he has too few.
    """

    sentences: tuple[str, ...]
    oddities: tuple[Problem, ...]


def beside_others(
    acting: Acting,
    alike: Alike,
    *,
    client_id: int | None,
    owed_cents: int | None,
    besides: int | None = None,
) -> Beside | None:
    """How the contract stands beside others; `None` where there is too little to compare with."""
    if not owed_cents or not alike.value_cents:
        return None
    share = part_bp(owed_cents, alike.value_cents)
    own = compare_shares(share, comparable_shares(acting, alike, besides=besides))
    around = [] if client_id is None else regional_shares(client_id, alike)
    region = compare_shares(share, around)
    sentences = [] if own is None else [comparison_of(own, active())]
    if region is not None:
        sentences.append(comparison_of(region, active(), of_region=True))
    closest = own or region
    return None if closest is None else Beside(tuple(sentences), closest.oddities)

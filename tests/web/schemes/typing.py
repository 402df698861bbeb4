"""What somebody types for a block: the required fields, as text."""

from typing import Any

from telmee.core.schemes.model import Block, Scheme
from telmee.core.valuation.asks import asks_of

_TYPED = {
    "begin": "1-1-2024",
    "eind": "31-12-2024",
    "uren_per_week": "24,5",
    "uren": "100,25",
    "bedrag": "€ 1.234,56",
    "aantal": "3",
    "voltijd_uren_per_jaar": "1872",
}


def filled_in(scheme: Scheme, block: Block) -> dict[str, Any]:
    """Texts for what the block needs, and no more."""
    ask = asks_of(scheme, block.key)
    needed = [*ask.required, *ask.either[:1]]
    choices = {"certificaat": ask.certificates[0].key} if ask.certificates else {}
    texts = _TYPED | choices
    return {"bouwblok": block.key, **{name: texts[name] for name in needed}}

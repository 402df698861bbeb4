"""What the sheets beside the empty one say, in Dutch and in English.

The words stand here and not in `telmee.texts`: an integration may not lean on the words of the
interfaces, and nothing else says these things. Who writes a template passes the words of columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["nl", "en"]

_NAMES: Mapping[str, tuple[str, str]] = {
    "contributions": ("Inspanningen", "Contributions"),
    "blocks": ("Bouwblokken", "Building blocks"),
    "bonuses": ("Toeslagen", "Bonuses"),
    "certificates": ("Certificaten", "Certificates"),
    "key": ("sleutel", "key"),
    "label": ("omschrijving", "description"),
    "unit": ("eenheid", "unit"),
    "amount": ("bedrag in euro", "amount in euros"),
    "needed": ("vul deze kolommen in", "fill in these columns"),
    "for_blocks": ("bij deze bouwblokken", "with these building blocks"),
    "counts": ("telt mee voor", "counts for"),
    "judged": ("een medewerker beoordeelt dit", "a person judges this"),
    "or_cost": ("of de werkelijke kosten", "or the actual cost"),
    "or_amount": ("of bedrag", "or bedrag"),
    "yearly_amount": ("eenmalig het jaarbedrag van het bouwblok", "once the block's yearly amount"),
    "once": ("eenmalig per persoon", "once per person"),
    "as_block": ("naar rato, zoals het bouwblok", "pro rata, as the building block"),
}

_UNITS: Mapping[str, tuple[str, str]] = {
    "full_time_year": ("per jaar voltijd, naar rato", "per full-time year, pro rata"),
    "person_year": ("per jaar, naar rato", "per year, pro rata"),
    "month": ("per maand, naar rato", "per month, pro rata"),
    "hour": ("per uur", "per hour"),
    "piece": ("per stuk", "per piece"),
    "part_day": ("per dagdeel", "per part-day"),
    "internship_period": ("per stageperiode", "per internship period"),
    "day_maximum": ("kosten, hoogstens per dag", "cost, at most per day"),
    "actual_cost": ("werkelijke kosten", "actual cost"),
    "agreement": ("in overleg", "by agreement"),
    "not_stated": ("de bron zegt niet waarvoor", "the source does not say what for"),
}


def words(language: Language) -> Mapping[str, str]:
    """Every word of these sheets in one language, by its name."""
    place = ("nl", "en").index(language)
    return {name: texts[place] for table in (_NAMES, _UNITS) for name, texts in table.items()}

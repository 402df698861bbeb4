"""What the empty sheet says, in Dutch and in English.

The words stand here and not in `telmee.texts`: an integration may not lean on the words of the
interfaces, and nothing else says these things.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["nl", "en"]

_NAMES: Mapping[str, tuple[str, str]] = {
    "contributions": ("Bijdragen", "Contributions"),
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
    "once": ("eenmalig per persoon", "once per person"),
    "as_block": ("naar rato, zoals het bouwblok", "pro rata, as the building block"),
}

_UNITS: Mapping[str, tuple[str, str]] = {
    "full_time_year": ("per jaar voltijd, naar rato", "per full-time year, pro rata"),
    "person_year": ("per jaar, naar rato", "per year, pro rata"),
    "month": ("per maand, naar rato", "per month, pro rata"),
    "hour": ("per uur", "per hour"),
    "piece": ("per stuk", "per piece"),
    "day_maximum": ("kosten, hoogstens per dag", "cost, at most per day"),
    "actual_cost": ("werkelijke kosten", "actual cost"),
    "agreement": ("in overleg", "by agreement"),
}

#: Shown when somebody clicks in a column; spreadsheets take at most 255 characters.
_MESSAGES: Mapping[str, tuple[str, str]] = {
    "kenmerk": (
        "Uw eigen nummer of naam voor deze regel. Gebruik elk kenmerk één keer.",
        "Your own number or name for this line. Use each one once.",
    ),
    "bouwblok": (
        "Kies uit de lijst. Wat elke sleutel betekent, staat op het tweede blad.",
        "Choose from the list. The second sheet says what each key means.",
    ),
    "begin": (
        "Eerste dag, als dd-mm-jjjj. Bij een inkoop: de datum van de factuur.",
        "First day, as dd-mm-yyyy. For a purchase: the date of the invoice.",
    ),
    "eind": (
        "Laatste dag (tot en met), als dd-mm-jjjj.",
        "Last day (included), as dd-mm-yyyy.",
    ),
    "uren_per_week": (
        "Uren per week in het contract: meer dan 0, hoogstens 168, met hoogstens twee decimalen.",
        "Hours a week in the contract: more than 0, at most 168, with at most two decimals.",
    ),
    "uren": (
        "Het aantal gewerkte uren, met hoogstens twee decimalen.",
        "The number of hours worked, with at most two decimals.",
    ),
    "bedrag": (
        "Bedrag in euro, zonder btw, met hoogstens twee decimalen.",
        "Amount in euros, without VAT, with at most two decimals.",
    ),
    "aantal": (
        "Een heel getal: stuks, dagen of werknemers. Leeg telt bij uren als 1.",
        "A whole number: pieces, days or employees. Empty counts as 1 with hours.",
    ),
    "toeslagen": (
        "Sleutels van toeslagen, met komma's ertussen. Ze staan op het blad met toeslagen.",
        "Keys of bonuses, with commas between. They are on the sheet with bonuses.",
    ),
    "persoon": (
        "Een eigen code voor de persoon. Geen naam en geen BSN: een bestand met een BSN wordt "
        "niet gelezen.",
        "A code of your own for the person. No name and no BSN: a file with a BSN is not read.",
    ),
    "contract": (
        "Het nummer van het contract waarvoor deze regel telt.",
        "The number of the contract that this line counts for.",
    ),
    "contract_begin": (
        "Eerste dag van het contract, als dd-mm-jjjj. Leeg: geen grens.",
        "First day of the contract, as dd-mm-yyyy. Empty: no bound.",
    ),
    "contract_eind": (
        "Laatste dag van het contract (tot en met), als dd-mm-jjjj. Leeg: geen grens.",
        "Last day of the contract (included), as dd-mm-yyyy. Empty: no bound.",
    ),
    "certificaat": (
        "Het certificaat van de leverancier. Kies uit de lijst, als die er is.",
        "The certificate of the supplier. Choose from the list, if there is one.",
    ),
    "certificaat_tot": (
        "Laatste dag waarop het certificaat geldt, als dd-mm-jjjj.",
        "Last day on which the certificate is valid, as dd-mm-yyyy.",
    ),
    "voltijd_uren_per_jaar": (
        "Uren van een voltijdbaan per jaar; alleen nodig als de regeling gewerkte uren telt.",
        "Hours of a full-time job in a year; only needed if the scheme counts hours worked.",
    ),
}


def words(language: Language) -> Mapping[str, str]:
    """Every word of the template in one language, by its name."""
    place = ("nl", "en").index(language)
    return {
        name: texts[place] for table in (_NAMES, _UNITS, _MESSAGES) for name, texts in table.items()
    }

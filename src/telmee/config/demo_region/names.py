"""Invented names, and the work that contracts are about.

A company is called after an animal that does not exist, so that nobody takes it for a real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from telmee.apps.contracts.choices import Category

_FIRST = (
    "Zilver", "Wolken", "Heide", "Mist", "Regen", "Maan", "Sterren", "Vuur", "Winter", "Zomer",
    "Dauw", "Storm", "Schemer", "Honing", "Koper", "Amber", "Nevel", "Zand", "Klei", "Duin",
    "Veen", "Polder", "Linde", "Beuken", "Wilgen", "Hazel", "Klaver", "Distel", "Munt", "Kamille",
    "Saffier", "Jade", "Ivoor", "Fluweel", "Zijde", "Kristal", "Marmer", "Leisteen", "Kiezel",
    "Zonne",
)  # fmt: skip
_SECOND = (
    "egel", "otter", "libel", "vos", "das", "zwaluw", "reiger", "specht", "marter", "haas",
    "eekhoorn", "uil", "kraanvogel", "salamander", "vlinder", "hermelijn", "wezel", "kikker",
    "snoek", "karper", "lynx", "wolf", "beer", "bever", "merel",
)  # fmt: skip
_TRADES = (
    "Infra", "Schoonmaak", "Groen", "Installatie", "Bouw", "Beveiliging", "Zorg", "Catering",
    "Vervoer", "ICT", "Advies", "Schilders", "Dakwerken", "Personeel", "Afval", "Techniek",
    "Logistiek", "Textiel", "Meubel", "Energie",
)  # fmt: skip
_BODIES = ("Waterschap", "Provincie", "Omgevingsdienst", "Veiligheidsregio", "Uitvoeringsdienst")

#: What is bought, with the code of the Common Procurement Vocabulary.
WORK: tuple[tuple[Category, str, str], ...] = (
    (Category.WORKS, "Onderhoud asfaltwegen", "45233141-9"),
    (Category.WORKS, "Nieuwbouw basisschool", "45214210-5"),
    (Category.WORKS, "Renovatie sporthal", "45212290-5"),
    (Category.WORKS, "Vervanging riolering", "45232410-9"),
    (Category.WORKS, "Groot onderhoud bruggen", "45221119-9"),
    (Category.WORKS, "Vervanging daken gemeentelijk vastgoed", "45261000-4"),
    (Category.WORKS, "Vervanging klimaatinstallaties", "45331000-6"),
    (Category.WORKS, "Buitenschilderwerk scholen", "45442110-1"),
    (Category.SERVICES, "Schoonmaak gebouwen", "90910000-9"),
    (Category.SERVICES, "Onderhoud openbaar groen", "77310000-6"),
    (Category.SERVICES, "Bedrijfscatering", "55520000-1"),
    (Category.SERVICES, "Beveiliging en receptie", "79710000-4"),
    (Category.SERVICES, "Leerlingenvervoer", "60130000-8"),
    (Category.SERVICES, "Inzameling huishoudelijk afval", "90511000-2"),
    (Category.SERVICES, "Werkplekbeheer ICT", "72253000-3"),
    (Category.SERVICES, "Hulp bij het huishouden", "85312000-9"),
    (Category.SERVICES, "Onderhoud gebouwinstallaties", "50700000-2"),
    (Category.SERVICES, "Postbezorging", "64110000-0"),
    (Category.SUPPLIES, "Kantoormeubilair", "39130000-2"),
    (Category.SUPPLIES, "Bedrijfskleding buitendienst", "18100000-0"),
    (Category.SUPPLIES, "Strooizout", "34927100-2"),
    (Category.SUBSIDY, "Jongerenwerk", "85320000-8"),
    (Category.SUBSIDY, "Bibliotheekwerk", "92511000-6"),
    (Category.HIRE, "Inhuur flexibel personeel", "79620000-6"),
)
#: Invented social enterprises: what they are called and what they make.
ENTERPRISES = (
    "De Wolkenbakkerij", "Fietsatelier De Mistvos", "Kwekerij Het Zilverblad", "Drukkerij De Uilvink",
    "Wasserij De Dauwotter", "Lunchroom De Heidelibel", "Timmerij De Hazelegel", "Repaircafé De Koperdas",
    "Chocolaterie De Honinghaas", "Postdienst De Snelle Kikker", "Montagehal De Klaverbever",
    "Tuinploeg De Lindelynx", "Naaiatelier De Zijdevlinder", "Scanstraat De Jadespecht",
    "Cateraar De Muntmerel", "Kringloop De Zandzwaluwvos", "Schildersploeg De Amberuil",
    "Zeepziederij De Kamillekarper", "Inpakservice De Distelwezel", "Houtwerf De Wilgenwolf",
)  # fmt: skip


def companies() -> Iterator[str]:
    """Give names of companies, all different; twenty thousand of them."""
    for trade, first, second in product(range(len(_TRADES)), _FIRST, _SECOND):
        # The trade moves with the name, so that neighbours in the list are in different trades.
        shift = (trade + len(first) * 3 + len(second) * 7 + ord(first[1])) % len(_TRADES)
        yield f"{first}{second} {_TRADES[shift]} B.V."


def bodies() -> Iterator[str]:
    """Give names of public bodies that are no municipality."""
    for first, second in product(_FIRST, _SECOND):
        for body in _BODIES:
            yield f"{body} {first}{second}"

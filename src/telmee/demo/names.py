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
    "De Wolkenbakkerij", "Fietsatelier De Mistvos", "Kwekerij Het Zilverblad",
    "Drukkerij De Uilvink", "Wasserij De Dauwotter", "Lunchroom De Heidelibel",
    "Timmerij De Hazelegel", "Repaircafé De Koperdas", "Chocolaterie De Honinghaas",
    "Postdienst De Snelle Kikker", "Montagehal De Klaverbever", "Tuinploeg De Lindelynx",
    "Naaiatelier De Zijdevlinder", "Scanstraat De Jadespecht", "Cateraar De Muntmerel",
    "Kringloop De Zandvos", "Schildersploeg De Amberuil", "Zeepziederij De Kamillekarper",
    "Inpakservice De Distelwezel", "Houtwerf De Wilgenwolf",
)  # fmt: skip
_GIVEN = (
    "Aisha", "Bas", "Chantal", "Daan", "Elif", "Femke", "Gerrit", "Hanna", "Imran", "Jolanda",
    "Kees", "Leila", "Maarten", "Nadia", "Onno", "Petra", "Quinten", "Rachid", "Sanne", "Teun",
    "Ulrike", "Victor", "Wendy", "Yara", "Zoë",
)  # fmt: skip
_FAMILY = (
    "Aalbers", "Bouzid", "Claassen", "Demir", "Evers", "Faber", "Gerritsen", "Hoekstra", "Ismaili",
    "Jansma", "Kuiper", "Linders", "Meijer", "Nijhuis", "Oudman", "Postma", "Rietveld", "Schouten",
    "Terpstra", "Uyl", "Veenstra", "Wolters", "Yildiz", "Zandstra",
)  # fmt: skip


def companies() -> list[str]:
    """Twenty thousand names of companies, all different and in no order."""
    trades, count = len(_TRADES), len(_FIRST) * len(_SECOND) * len(_TRADES)
    # A step that shares no factor with their number goes through all of them, near none.
    places = (number * 7_919 % count for number in range(count))
    return [
        f"{_FIRST[place // trades // len(_SECOND)]}{_SECOND[place // trades % len(_SECOND)]}"
        f" {_TRADES[place % trades]} B.V."
        for place in places
    ]


def bodies() -> Iterator[str]:
    """Names of public bodies that are no municipality."""
    for second, first, body in product(_SECOND, _FIRST, _BODIES):
        yield f"{body} {first}{second}"


def person(number: int) -> str:
    """A name for the person of this number; with enough people some share theirs."""
    return f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number * 7 % len(_FAMILY)]}"

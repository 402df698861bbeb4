"""The names by which people know a municipality: in daily use, in its own language, of before.

A municipality that has no other name needs no line here. The names are those of Statistics
Netherlands (CBS), which publishes the division of every year, with what was merged into what:
https://www.cbs.nl/nl-nl/onze-diensten/methoden/classificaties/overig/gemeentelijke-indelingen-per-jaar
(names as of 1 January 2025). A municipality that was divided over several others leads to none of
them: nobody can say which is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

#: The same municipality under another name, by the name that CBS gives it.
_ALSO = {
    "'s-Gravenhage": "Den Haag; The Hague",
    "'s-Hertogenbosch": "Den Bosch",
    "Bergen (L.)": "Bergen Limburg; Bergen Lb",
    "Bergen (NH.)": "Bergen Noord-Holland",
    "Dantumadiel": "Dantumadeel",
    "De Fryske Marren": "De Friese Meren",
    "Noardeast-Fryslân": "Noordoost-Friesland; Noordoost-Fryslân",
    "Nuenen, Gerwen en Nederwetten": "Nuenen; Nuenen c.a.",
    "Súdwest-Fryslân": "Zuidwest-Friesland; Súdwest Friesland",
    "Tytsjerksteradiel": "Tietjerksteradeel",
}
#: What was merged into each municipality, as a whole.
_MERGED = {
    "Alkmaar": "Graft-De Rijp; Schermer",
    "Alphen aan den Rijn": "Boskoop; Rijnwoude",
    "Altena": "Aalburg; Werkendam; Woudrichem",
    "Amsterdam": "Weesp",
    "Beekdaelen": "Nuth; Onderbanken; Schinnen",
    "Berg en Dal": "Groesbeek; Millingen aan de Rijn; Ubbergen",
    "Bodegraven-Reeuwijk": "Bodegraven; Reeuwijk",
    "De Fryske Marren": "Gaasterlân-Sleat; Lemsterland; Skarsterlân",
    "De Ronde Venen": "Abcoude",
    "Dijk en Waard": "Heerhugowaard; Langedijk",
    "Edam-Volendam": "Zeevang",
    "Eemsdelta": "Appingedam; Delfzijl; Loppersum",
    "Eijsden-Margraten": "Eijsden; Margraten",
    "Goeree-Overflakkee": "Dirksland; Goedereede; Middelharnis; Oostflakkee",
    "Gooise Meren": "Bussum; Muiden; Naarden",
    "Groningen": "Haren; Ten Boer",
    "Haarlemmermeer": "Haarlemmerliede en Spaarnwoude",
    "Het Hogeland": "Bedum; De Marne; Eemsmond",
    "Hoeksche Waard": "Binnenmaas; Cromstrijen; Korendijk; Oud-Beijerland; Strijen",
    "Hollands Kroon": "Anna Paulowna; Niedorp; Wieringen; Wieringermeer",
    "Kaag en Braassem": "Alkemade; Jacobswoude",
    "Katwijk": "Rijnsburg",
    "Krimpenerwaard": "Bergambacht; Nederlek; Ouderkerk; Schoonhoven; Vlist",
    "Land van Cuijk": "Boxmeer; Cuijk; Grave; Mill en Sint Hubert; Sint Anthonis",
    "Lansingerland": "Bergschenhoek; Berkel en Rodenrijs; Bleiswijk",
    "Leeuwarden": "Leeuwarderadeel",
    "Leidschendam-Voorburg": "Leidschendam; Voorburg",
    "Maashorst": "Landerd; Uden",
    "Medemblik": "Andijk; Wervershoof",
    "Meierijstad": "Schijndel; Sint-Oedenrode; Veghel",
    "Midden-Delfland": "Maasland; Schipluiden",
    "Midden-Groningen": "Hoogezand-Sappemeer; Menterwolde; Slochteren",
    "Molenlanden": "Giessenlanden; Molenwaard; Graafstroom; Liesveld; Nieuw-Lekkerland",
    "Nieuwkoop": "Liemeer; Ter Aar",
    "Nissewaard": "Bernisse; Spijkenisse",
    "Noardeast-Fryslân": "Dongeradeel; Ferwerderadiel; Kollumerland en Nieuwkruisland",
    "Noordwijk": "Noordwijkerhout",
    "Oldambt": "Reiderland; Scheemda; Winschoten",
    "Oss": "Lith",
    "Peel en Maas": "Helden; Kessel; Maasbree; Meijel",
    "Pijnacker-Nootdorp": "Nootdorp; Pijnacker",
    "Purmerend": "Beemster",
    "Rotterdam": "Rozenburg",
    "Schagen": "Harenkarspel; Zijpe",
    "Stichtse Vecht": "Breukelen; Loenen; Maarssen",
    "Súdwest-Fryslân": "Bolsward; Nijefurd; Sneek; Wûnseradiel; Wymbritseradiel",
    "Teylingen": "Sassenheim; Voorhout; Warmond",
    "Venlo": "Arcen en Velden",
    "Vijfheerenlanden": "Leerdam; Vianen; Zederik",
    "Voorne aan Zee": "Brielle; Hellevoetsluis; Westvoorne",
    "Waadhoeke": "Franekeradeel; Het Bildt; Menameradiel; Menaldumadeel",
    "West Betuwe": "Geldermalsen; Lingewaal; Neerijnen",
    "Westerkwartier": "Grootegast; Leek; Marum; Zuidhorn",
    "Westerwolde": "Bellingwedde; Vlagtwedde",
    "Westland": "'s-Gravenzande; De Lier; Monster; Naaldwijk; Wateringen",
    "Zevenaar": "Rijnwaarden",
    "Zuidplas": "Moordrecht; Nieuwerkerk aan den IJssel; Zevenhuizen-Moerkapelle",
}
_TITLE = re.compile(r"(gemeente|municipality of)\s+")
_BETWEEN = re.compile(r"[\s\-\N{EN DASH}]+")
_LEFT_OUT = re.compile(r"[.,()'`\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}]")


def plain_name(name: str) -> str:
    """A name without case, accents, apostrophes, hyphens and "gemeente" in front.

    >>> plain_name(" Gemeente 's-Gravenhage "), plain_name("SUDWEST FRYSLAN")
    ('s gravenhage', 'sudwest fryslan')
    """
    apart = unicodedata.normalize("NFKD", name)
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()
    words = " ".join(_BETWEEN.split(_LEFT_OUT.sub("", bare))).strip()
    return _TITLE.sub("", words, count=1) if _TITLE.match(words) else words


def current_name(name: str) -> str:
    """The plain name under which a municipality is known today, by any of its names.

    >>> current_name("Den Haag"), current_name("Gemeente Bussum"), current_name("Leiden")
    ('s gravenhage', 'gooise meren', 'leiden')
    """
    plain = same_name(name)
    return _old_names().get(plain, plain)


def same_name(name: str) -> str:
    """The plain name of the same municipality by CBS; a name of before a merger stays itself.

    >>> same_name("Den Bosch"), same_name("Bussum")
    ('s hertogenbosch', 'bussum')
    """
    plain = plain_name(name)
    return _other_names().get(plain, plain)


def all_names(name: str) -> tuple[str, ...]:
    """Every name by which people look for a municipality, of before mergers too.

    >>> all_names("Den Haag")
    ('Den Haag', "'s-Gravenhage", 'The Hague')
    """
    today = same_name(name)
    others_of = [
        other
        for table in (_ALSO, _MERGED)
        for cbs, others in table.items()
        if plain_name(cbs) == today
        for other in (cbs, *others.split("; "))
    ]
    return tuple(dict.fromkeys([name, *others_of]))


@cache
def _other_names() -> Mapping[str, str]:
    return _by_name(_ALSO)


@cache
def _old_names() -> Mapping[str, str]:
    return _by_name(_MERGED)


def _by_name(table: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(
        {plain_name(name): plain_name(cbs) for cbs in table for name in table[cbs].split("; ")}
    )

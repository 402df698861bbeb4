"""The fields that a client's own template can use: what a letter says, by names in Dutch.

Who makes a template writes these names in Word, so they are those of people who do that work, and
they stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from telmee.texts.catalogue import words_in
from telmee.texts.formats import Language, with_amounts_whole
from telmee.texts.letters.kinds import KINDS
from telmee.texts.letters.reports import REPORT_LISTS
from telmee.texts.letters.sheet import Sheet, letter_of
from telmee.texts.letters.words import Words

#: The lists of a letter, with the parts of a row.
LISTS: Mapping[str, tuple[str, ...]] = {
    "regels": ("soort", "tekst"),
    "gegevens": ("naam", "waarde"),
    "bedragen": ("onderdeel", "bedrag"),
}
_SORTS = {"heading": "kop", "text": "tekst", "strong": "kern", "quote": "citaat"}


def fields_of(kind: str, facts: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """What a letter says, for a template: texts by name, and lists of rows.

    Word breaks a line at any space, so an amount has none that can break behind its sign.
    """
    fields = _fields_of(kind, facts, sheet)
    return {name: _whole(value) for name, value in fields.items()}


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return with_amounts_whole(value)
    return [{part: with_amounts_whole(text) for part, text in row.items()} for row in value]


def _fields_of(kind: str, facts: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    letter = letter_of(kind, facts, sheet)
    say = Words("letter", sheet.language)
    return {
        "kenmerk": sheet.mark or say("no_mark"),
        "datum": say.day(sheet.dated),
        "afzender": sheet.sender,
        "adres": sheet.address,
        "ontvanger": sheet.reader,
        "opdracht": sheet.contract,
        "grondslag": sheet.legal_basis,
        "titel": letter["title"],
        "aanhef": letter["opening"],
        "afsluiting": say("closing"),
        "ondertekenaar": sheet.signer,
        **KINDS[kind].fields(facts, Words(kind, sheet.language)),
        "regels": list(_lines(letter["blocks"])),
        "gegevens": [
            {"naam": name, "waarde": value}
            for block in letter["blocks"]
            if block["is"] == "terms"
            for name, value in block["rows"]
        ],
        "bedragen": [
            {"onderdeel": row[0], "bedrag": row[-1]}
            for block in letter["blocks"]
            if block["is"] == "table"
            for row in (*block["rows"], *((block["total"],) if "total" in block else ()))
        ],
    }


def described(names: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Fields as they are written in a template, each with what it is; a list with its parts."""
    words = words_in("letters/fields.toml")
    rows = []
    for name in names:
        parts = LISTS.get(name) or REPORT_LISTS.get(name)
        shown = f"{{{{ {name} }}}}"
        if parts is not None:
            inner = " ".join(f"{{{{ rij.{part} }}}}" for part in parts)
            shown = f"{{% for rij in {name} %}} {inner} {{% endfor %}}"
        rows.append((shown, str(words[name][language])))
    return rows


def _lines(blocks: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """Each line with what sort it is; a heading above facts or a sum alone is none of the text."""
    heading: dict[str, str] | None = None
    for block in blocks:
        if block["is"] == "heading":
            heading = {"soort": _SORTS["heading"], "tekst": block["text"]}
            continue
        lines = [{"soort": "stap", "tekst": sentence} for sentence in block.get("sentences", ())]
        if block["is"] in _SORTS:
            lines.append({"soort": _SORTS[block["is"]], "tekst": block["text"]})
        if lines and heading is not None:
            yield heading
            heading = None
        yield from lines

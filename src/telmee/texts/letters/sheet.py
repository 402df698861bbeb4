"""The whole of a letter: its kind's blocks, with what stands around them in every letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from telmee.texts.formats import Language
from telmee.texts.letters.blocks import Block, heading, text
from telmee.texts.letters.kinds import KINDS
from telmee.texts.letters.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands around the words of a letter: who writes, to whom, when, by which number.

    Without a `mark` it is an example that was not sent.
    """

    language: Language
    dated: date
    mark: str
    sender: str
    signer: str
    reader: str
    contract: str
    colour: str
    address: str = ""
    logo: bytes = b""
    legal_basis: str = ""
    objection_text: str = ""
    objection_days: int | None = None


def letter_of(kind: str, facts: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """What a letter of this kind says, as the template `letter` takes it."""
    say, known = Words("letter", sheet.language), KINDS[kind]
    words = Words(kind, sheet.language)
    return {
        "title": words("title", **known.title_facts(facts, words)),
        "author": sheet.sender,
        "date": [sheet.dated.year, sheet.dated.month, sheet.dated.day],
        "language": sheet.language,
        "colour": sheet.colour,
        "logo": list(sheet.logo),
        "logo_words": say("logo", sender=sheet.sender),
        "stamp": "" if sheet.mark else say("example"),
        "sender": [sheet.sender, *filter(None, map(str.strip, sheet.address.splitlines()))],
        "to": [sheet.reader],
        "about": _about(sheet, say),
        "opening": say("opening"),
        "blocks": [*known.blocks(facts, words), *_objection(known.objection, sheet, say)],
        "closing": [say("closing"), "", sheet.signer, sheet.sender],
        "footer": " · ".join((sheet.mark or say("no_mark"), sheet.sender)),
    }


def _about(sheet: Sheet, say: Words) -> list[list[str]]:
    rows = (
        (say("date"), say.day(sheet.dated)),
        (say("mark"), sheet.mark or say("no_mark")),
        (say("contract"), sheet.contract),
        (say("legal_basis"), sheet.legal_basis),
    )
    return [[label, value] for label, value in rows if value]


def _objection(objection: str, sheet: Sheet, say: Words) -> list[Block]:
    """How to object, with the last day where the sender has a term."""
    if not objection:
        return []
    blocks = [heading(say("objection_heading"))]
    if sheet.objection_days is None:
        blocks.append(text(say(objection)))
    else:
        last = sheet.dated + timedelta(days=sheet.objection_days)
        blocks.append(text(say(f"{objection}_until", last=last, days=sheet.objection_days)))
    if sheet.objection_text:
        blocks.append(text(sheet.objection_text))
    return blocks

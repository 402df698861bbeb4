"""Choose how the letters of an organisation look, and what stands in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

from django.db import transaction

from telmee.apps.audit.actions import record
from telmee.apps.letters.choices import USUAL_COLOUR
from telmee.apps.letters.colours import CONTRAST_LEAST, contrast_on_white, is_colour
from telmee.apps.letters.models import HouseStyle
from telmee.apps.letters.queries import house_of
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import ADDRESS, LETTER_LINE, LETTER_PREFIX, REASON, require_none
from telmee.integrations.typesetting import as_logo

#: How long a reader has to object at the longest.
OBJECTION_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a manager fills in of a house style.

    `logo` is the name of a file and what is in it; without one the logo stays as it was.
    """

    colour: str = USUAL_COLOUR
    address: str = ""
    prefix: str = ""
    legal_basis: str = ""
    objection_text: str = ""
    objection_days: int | None = None
    logo: tuple[str, bytes] | None = None
    without_logo: bool = False

    @classmethod
    def of(cls, style: HouseStyle) -> Chosen:
        """A house style as it would be filled in again; its logo stays as it is."""
        return cls(
            colour=style.colour,
            address=style.address,
            prefix=style.prefix,
            legal_basis=style.legal_basis,
            objection_text=style.objection_text,
            objection_days=style.objection_days,
        )


@transaction.atomic
def choose_house_style(acting: Acting, organisation_id: int, chosen: Chosen) -> HouseStyle:
    """Choose the house style of an organisation; letters that were sent keep the one they have.

    Raises `not_allowed`, `colour_unknown`, `colour_too_light` with the contrast that it has,
    `objection_days_out_of_range`, what is wrong with a text, and as `as_logo` does.
    """
    if not acting.manages(organisation_id):
        raise DomainError(Problem("not_allowed"))
    require_none(list(_problems(chosen)))
    before = house_of(organisation_id)
    kept = None if before is None or chosen.without_logo else before.logo
    style = HouseStyle.objects.create(
        organisation_id=organisation_id,
        colour=as_kept(chosen.colour),
        logo=logo_from(chosen) or kept,
        address=chosen.address.strip(),
        prefix=chosen.prefix.strip(),
        legal_basis=chosen.legal_basis.strip(),
        objection_text=chosen.objection_text.strip(),
        objection_days=chosen.objection_days,
        user_id=acting.user_id,
    )
    style.refresh_from_db(fields=["number"])
    details = {"version": style.number}
    record(
        acting,
        "organisation.house_style_chosen",
        style.organisation,
        organisation_id=organisation_id,
        details=details,
    )
    return style


def logo_from(chosen: Chosen) -> bytes | None:
    """The logo that came with a house style, drawn anew; None without one. Raises as `as_logo`."""
    if chosen.logo is None:
        return None
    name, content = chosen.logo
    return as_logo(content, PurePath(name).suffix.casefold())


def as_kept(colour: str) -> str:
    """A colour as it is kept, however it was typed."""
    return colour.strip().casefold()


def contrast_of(colour: str) -> Fraction | None:
    """How well a colour can be read on white, in hundredths; None where it is no colour.

    Rounded down, so that what is short of enough never reads as if it was enough.
    """
    colour = as_kept(colour)
    return Fraction(int(contrast_on_white(colour) * 100), 100) if is_colour(colour) else None


def _problems(chosen: Chosen) -> Iterator[Problem]:
    contrast = contrast_of(chosen.colour)
    if contrast is None:
        yield Problem("colour_unknown", "colour")
    elif contrast < CONTRAST_LEAST:
        yield Problem("colour_too_light", "colour", params={"contrast": contrast})
    yield from _term_problems(chosen.objection_days)
    yield from ADDRESS.problems("address", chosen.address)
    yield from LETTER_PREFIX.problems("prefix", chosen.prefix)
    yield from LETTER_LINE.problems("legal_basis", chosen.legal_basis)
    yield from REASON.problems("objection_text", chosen.objection_text)


def _term_problems(days: int | None) -> Iterator[Problem]:
    if days is not None and not 1 <= days <= OBJECTION_DAYS_MAX:
        params = {"minimum": 1, "maximum": OBJECTION_DAYS_MAX}
        yield Problem("objection_days_out_of_range", "objection_days", params=params)

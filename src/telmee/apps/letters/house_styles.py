"""Choose how the letters of an organisation look, and what stands in each."""

from __future__ import annotations

from collections.abc import Iterator
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


@transaction.atomic
def choose_house_style(
    acting: Acting,
    organisation_id: int,
    *,
    colour: str = USUAL_COLOUR,
    address: str = "",
    prefix: str = "",
    legal_basis: str = "",
    objection_text: str = "",
    objection_days: int | None = None,
    logo: tuple[str, bytes] | None = None,
    without_logo: bool = False,
) -> HouseStyle:
    """Choose the house style of an organisation; letters that were sent keep the one they have.

    `logo` is the name of a file and what is in it; without one the logo stays as it was. Raises
    `not_allowed`, `colour_unknown`, `colour_too_light` with the contrast that it has,
    `objection_days_out_of_range`, what is wrong with a text, and as `as_logo` does.
    """
    if not acting.manages(organisation_id):
        raise DomainError(Problem("not_allowed"))
    colour = colour.strip().casefold()
    texts = (
        *ADDRESS.problems("address", address),
        *LETTER_PREFIX.problems("prefix", prefix),
        *LETTER_LINE.problems("legal_basis", legal_basis),
        *REASON.problems("objection_text", objection_text),
    )
    require_none([*colour_problems(colour), *_term_problems(objection_days), *texts])
    before = house_of(organisation_id)
    kept = None if before is None or without_logo else before.logo
    style = HouseStyle.objects.create(
        organisation_id=organisation_id,
        colour=colour,
        logo=kept if logo is None else _drawn(*logo),
        address=address.strip(),
        prefix=prefix.strip(),
        legal_basis=legal_basis.strip(),
        objection_text=objection_text.strip(),
        objection_days=objection_days,
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


def colour_problems(colour: str) -> Iterator[Problem]:
    """What is wrong with a colour: none that is known, or too light to read on white."""
    if not is_colour(colour):
        yield Problem("colour_unknown", "colour")
    elif (contrast := contrast_on_white(colour)) < CONTRAST_LEAST:
        # Down to a hundredth, so that what is short of it never reads as if it was enough.
        yield Problem(
            "colour_too_light", "colour", params={"contrast": Fraction(int(contrast * 100), 100)}
        )


def _term_problems(days: int | None) -> Iterator[Problem]:
    if days is not None and not 1 <= days <= OBJECTION_DAYS_MAX:
        params = {"minimum": 1, "maximum": OBJECTION_DAYS_MAX}
        yield Problem("objection_days_out_of_range", "objection_days", params=params)


def _drawn(name: str, content: bytes) -> bytes:
    return as_logo(content, PurePath(name).suffix.casefold())

"""What a letter says: its facts in the words of its reader, in the house style of its sender."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.letters.access import sending_for
from telmee.apps.letters.choices import USUAL_COLOUR, mark_of
from telmee.apps.letters.house_styles import Chosen, as_kept
from telmee.apps.letters.models import HouseStyle, Letter
from telmee.apps.letters.queries import house_of
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Organisation, User
from telmee.core.errors import DomainError, Problem
from telmee.texts import Language
from telmee.texts.letters import SPECIMENS, Sheet, fields_of, letter_of


def language_for(access: ContractAccess, reader_id: int) -> Language:
    """The language of letters to a party, as that chose it."""
    return "en" if _party(access, reader_id).letter_language == "en" else "nl"


def signer_of(acting: Acting) -> str:
    """The name of who sends it, as it stands below a letter."""
    if acting.user_id is None:
        return ""
    return User.objects.values_list("name", flat=True).get(pk=acting.user_id)


def sender_of(access: ContractAccess, kind: str) -> int:
    """The organisation that sends a letter of a kind. Raises `not_allowed` for who may not."""
    by = sending_for(access, kind)
    if by is None:
        raise DomainError(Problem("not_allowed"))
    return by


def around(access: ContractAccess, by: int, reader_id: int) -> dict[str, Any]:
    """What a letter says of who writes to whom about which contract, as they are called now.

    Raises `letter_no_reader`.
    """
    contract = access.contract
    if by == reader_id:
        raise DomainError(Problem("letter_no_reader"))
    return {
        "sender": _party(access, by).name,
        "signer": signer_of(access.acting),
        "reader": _party(access, reader_id).name,
        "contract": f"{contract.reference} {contract.name}",
    }


def text_of(letter: Letter) -> dict[str, Any]:
    """What a letter says, for the template `letter`: always the same, as nothing of it changes."""
    return letter_of(letter.kind, letter.facts, _sheet_of(letter))


def fields_for(letter: Letter) -> dict[str, Any]:
    """What a letter says, for a template of its sender."""
    return fields_of(letter.kind, letter.facts, _sheet_of(letter))


def _sheet_of(letter: Letter) -> Sheet:
    return Sheet(
        language="en" if letter.language == "en" else "nl",
        dated=letter.dated,
        mark=letter.mark,
        **letter.facts["around"],
        **_of_house(letter.house),
    )


def example_of(
    access: ContractAccess, *, kind: str, facts: Mapping[str, Any], reader_id: int, today: date
) -> dict[str, Any]:
    """What a letter would say if it was sent now: the same words, without a number, and stamped.

    Raises as `send_letter` does, but for what was sent before.
    """
    by = sender_of(access, kind)
    known = around(access, by, reader_id)
    return letter_of(
        kind,
        facts,
        Sheet(
            language=language_for(access, reader_id),
            dated=today,
            mark="",
            **known,
            **_of_house(house_of(by)),
        ),
    )


def specimen_of(
    name: str, chosen: Chosen, logo: bytes, language: Language, today: date
) -> dict[str, Any]:
    """A letter of nobody to nobody, that shows a house style before it is kept."""
    return letter_of(
        "decision",
        SPECIMENS["decision"][language],
        Sheet(
            language=language,
            dated=today,
            mark=mark_of(chosen.prefix.strip(), today.year, 1),
            sender=name,
            signer="",
            reader="De Eem B.V.",
            contract="HIL-2025-001 Onderhoud gebouwen",
            colour=as_kept(chosen.colour),
            logo=logo,
            address=chosen.address,
            legal_basis=chosen.legal_basis,
            objection_text=chosen.objection_text,
            objection_days=chosen.objection_days,
        ),
    )


def _of_house(house: HouseStyle | None) -> dict[str, Any]:
    if house is None:
        return {"colour": USUAL_COLOUR}
    return {
        "colour": house.colour,
        "address": house.address,
        "logo": bytes(house.logo or b""),
        "legal_basis": house.legal_basis,
        "objection_text": house.objection_text,
        "objection_days": house.objection_days,
    }


def _party(access: ContractAccess, organisation_id: int) -> Organisation:
    parties = (party.organisation for party in access.parties)
    party = next((one for one in parties if one.pk == organisation_id), None)
    if party is None:
        raise DomainError(Problem("letter_no_reader"))
    return party

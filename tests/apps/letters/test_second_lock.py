"""What could be tried with letters with the application's role, past our code."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.letters.models import Letter, Paper
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.lettering import asked_letter
from tests.money import accepted
from tests.registering import hand_in, register

_LETTER = """INSERT INTO letters_letter (contract_id, organisation_id, reader_id, kind, prefix,
    year, dated, language, facts, key, user_id, house_id)
    VALUES (%(contract)s, %(org)s, %(reader)s, %(kind)s, '', 1999, '2026-11-29', 'nl', '{}',
    gen_random_uuid(), %(me)s, NULL) RETURNING id"""
_PAPER = """INSERT INTO letters_paper (letter_id, contract_id, media, content)
    VALUES (%(letter)s, %(contract)s, 'pdf', 'x')"""
_TEMPLATE = """INSERT INTO letters_template (organisation_id, kind, content, user_id)
    VALUES (%(org)s, 'decision', 'x', %(me)s)"""
_STYLE = """INSERT INTO letters_housestyle (organisation_id, colour, address, prefix, legal_basis,
    objection_text, user_id) VALUES (%(org)s, '#000000', '', '', '', '', %(me)s)"""


def sent(statement: str, user: Any, **values: Any) -> str:
    """Send a statement as somebody, and give what refused it; nothing where it was taken."""
    try:
        with acting_as(user.pk), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"me": user.pk, "kind": "x", **values})
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("who", "organisation", "reader", "may"),
    [
        ("adviser", "hilversum", "de_eem", True),
        ("team", "region", "de_eem", True),
        ("adviser", "hilversum", "rival", False),
        ("adviser", "hilversum", "hilversum", False),
        ("adviser", "region", "de_eem", False),
        ("reader", "hilversum", "de_eem", False),
        ("contractor", "de_eem", "sub", False),
        ("contractor", "hilversum", "de_eem", False),
        ("auditor", "audit_office", "de_eem", False),
        ("colleague", "huizen", "de_eem", False),
    ],
)
def test_only_who_decides_writes_a_letter_to_a_party(
    cast: Cast, who: str, organisation: str, reader: str, *, may: bool
) -> None:
    parts = {"org": getattr(cast, organisation).pk, "reader": getattr(cast, reader).pk}
    refusal = sent(_LETTER, getattr(cast, who), contract=register(cast), **parts)
    assert ("row-level security" in refusal) is not may, refusal


@pytest.mark.parametrize(
    ("who", "organisation", "reader", "may"),
    [
        ("contractor", "de_eem", "sub", True),
        ("contractor", "de_eem", "rival", False),
        ("contractor", "de_eem", "de_eem", False),
        ("adviser", "hilversum", "sub", False),
        ("team", "region", "sub", False),
        ("subcontractor", "sub", "de_eem", False),
        ("competitor", "rival", "sub", False),
    ],
)
def test_only_a_contractor_writes_what_another_takes_over(
    cast: Cast, who: str, organisation: str, reader: str, *, may: bool
) -> None:
    parts = {"org": getattr(cast, organisation).pk, "reader": getattr(cast, reader).pk}
    kind = {"kind": "agreed_share"}
    refusal = sent(_LETTER, getattr(cast, who), contract=register(cast), **parts, **kind)
    assert ("row-level security" in refusal) is not may, refusal


@pytest.mark.parametrize("who", ["contractor", "reader", "auditor", "colleague", "team"])
def test_nobody_puts_a_paper_in_a_letter_of_somebody_else(cast: Cast, who: str) -> None:
    contract = register(cast)
    decision = accepted(cast, hand_in(cast, contract)).pk
    letter = asked_letter(cast.adviser, contract, "decision", decision).pk
    assert "row-level" in sent(_PAPER, getattr(cast, who), letter=letter, contract=contract)
    other = register(cast, reference="HIL-2025-002")
    assert "row-level" in sent(_PAPER, cast.adviser, letter=letter, contract=other)
    assert sent(_PAPER, cast.adviser, letter=letter, contract=contract) == ""


def test_the_number_and_the_hash_are_the_databases(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk), connection.cursor() as cursor:
        values = {"org": cast.hilversum.pk, "reader": cast.de_eem.pk, "me": cast.adviser.pk}
        cursor.execute(_LETTER, {"contract": contract, "kind": "x", **values})
        ((letter,),) = cursor.fetchall()
        cursor.execute(_PAPER, {"letter": letter, "contract": contract})
        assert Letter.objects.get(pk=letter).mark == "2026-0001"
        hashed = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        assert Paper.objects.get(letter=letter).sha256 == hashed


@pytest.mark.parametrize(
    ("who", "organisation", "may"),
    [
        ("manager", "hilversum", True),
        ("adviser", "hilversum", False),
        ("manager", "de_eem", False),
        ("contractor_manager", "hilversum", False),
    ],
)
@pytest.mark.parametrize("statement", [_STYLE, _TEMPLATE])
def test_a_house_style_and_a_template_are_their_managers(
    cast: Cast, statement: str, who: str, organisation: str, *, may: bool
) -> None:
    refusal = sent(statement, getattr(cast, who), org=getattr(cast, organisation).pk)
    assert ("row-level security" in refusal) is not may, refusal

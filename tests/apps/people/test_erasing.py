"""A code can be erased or exchanged: every figure and every limit stays as it was."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft, submit, take_back, withdraw
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.erasing import STRUCK_OUT, erase_code, exchange_code
from telmee.apps.contributions.models import Contribution, HandingIn, Upload
from telmee.apps.contributions.valuing import value_line
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.people.access import person_for
from telmee.apps.people.models import Person
from telmee.apps.receipts.checking import check_receipts
from telmee.apps.receipts.queries import story_of
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.money import YEAR_TO, accepted, decide
from tests.registering import PLACEMENT, found, hand_in, register

CODE = "K-0417"
KEY = UUID(int=7)
MANAGER = "contractor_manager"


def erase(cast: Cast, code: str = CODE) -> int:
    with acting_as(getattr(cast, MANAGER).pk) as acting:
        person = Person.objects.get(code=code)
        erase_code(acting, person)
        return person.pk


def everything(as_owner: Any) -> str:
    """Write out every row of every table, as somebody with a copy of the database reads it."""
    tables = as_owner("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return "\n".join(
        str(as_owner(f"SELECT t::text FROM {table} t"))  # noqa: S608  # our own tables
        for (table,) in tables
        if not table.startswith("procrastinate")
    )


def uploaded(acting: Acting, contract: int, cast: Cast, value: str) -> None:
    """Add a file, and lines handed in together, of which something was refused that quotes this."""
    common: dict[str, Any] = {
        "contract_id": contract,
        "organisation_id": cast.de_eem.pk,
        "user_id": acting.user_id,
        "refused": [{"code": "x", "params": {"value": value}}],
    }
    Upload.objects.create(file_name=f"{value}.csv", sha256="0" * 64, stored_as="x", **common)
    HandingIn.objects.create(key=KEY, lines=[], count=1, **common)


def _half(month: int) -> dict[str, Any]:
    """Half a year of full time, from the first of a month of 2025."""
    end = date(2025, 6, 30) if month == 1 else date(2026, 1, 31)
    return YEAR_TO | {"begin": date(2025, month, 1), "eind": end}


def value_of(cast: Cast, line: int) -> int | None:
    """Value a line as it would be decided on now."""
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        cells = cells_to_value(row)
        valued = value_line(access.contract, row.organisation_id, cells, line_id=line)
        return valued.value_cents


def checks_of(line: int) -> set[object]:
    receipt = Contribution.objects.get(pk=line).receipt
    assert receipt is not None
    return {step.value for step in story_of(receipt) if step.step == "to_check"}


def refused_code(action: Any, *about: Any, **more: Any) -> str:
    with pytest.raises(DomainError) as refused:
        action(*about, **more)
    return refused.value.problems[0].code


@pytest.mark.usefixtures("own_database")
def test_an_erased_code_stands_nowhere_any_more(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, persoon=CODE)
    accepted(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        cells = {"kenmerk": "K-2", "bouwblok": "pw_lt2", "persoon": CODE}
        save_draft(access, cells, note=f"Urenstaat van {CODE.lower()} volgt")
        save_draft(access, {**cells, "kenmerk": "K-3"}, note="Zie K-04171")
        uploaded(acting, contract, cast, f"persoon {CODE}")
    assert CODE in everything(as_owner)
    before = as_owner("SELECT hash, steps, cents FROM receipts_receipt ORDER BY id")
    erase(cast)
    assert CODE.lower() not in everything(as_owner).lower().replace("k-04171", "")
    assert as_owner("SELECT hash, steps, cents FROM receipts_receipt ORDER BY id") == before
    notes = [note for (note,) in as_owner("SELECT note FROM contributions_contribution")]
    assert f"Urenstaat van {STRUCK_OUT} volgt" in notes
    assert "Zie K-04171" in notes


@pytest.mark.usefixtures("own_database")
def test_a_code_that_was_exchanged_stands_nowhere_any_more(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        cells = {**PLACEMENT, "kenmerk": "K-1", "persoon": CODE}
        line = save_draft(access, cells, note=f"Urenstaat van {CODE} volgt").pk
        submit(*found(acting, line))
        uploaded(acting, contract, cast, f"persoon {CODE}")
    accepted(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        exchange_code(acting, Person.objects.get(), "N-1")
        assert Contribution.objects.get(pk=line).note == f"Urenstaat van {STRUCK_OUT} volgt"
    assert CODE not in everything(as_owner)


def test_another_spelling_of_a_code_is_no_other_code(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        cells = {"kenmerk": "K-2", "bouwblok": "pw_lt2", "persoon": CODE}
        line = save_draft(contract_for(acting, contract), cells, note=f"Van {CODE}")
        exchange_code(acting, Person.objects.get(), CODE.lower())
        assert Contribution.objects.get(pk=line.pk).note == f"Van {CODE}"


@pytest.mark.usefixtures("own_database")
def test_what_was_decided_still_recomputes(cast: Cast, server: Server, own_database: str) -> None:
    accepted(cast, hand_in(cast, register(cast), persoon=CODE))
    erase(cast)
    with connected(server.owner_url, own_database):
        assert list(check_receipts()) == []


def test_the_limit_of_an_erased_person_goes_on(cast: Cast, capped: int) -> None:
    first = hand_in(cast, capped, kenmerk="A", persoon=CODE, **_half(1))
    second = hand_in(cast, capped, kenmerk="B", persoon=CODE, **_half(7))
    accepted(cast, first)
    kept = value_of(cast, second)
    erase(cast)
    assert accepted(cast, second).amount_cents == kept


def test_a_draft_of_an_erased_person_stays_his_when_it_is_saved_again(cast: Cast) -> None:
    line = hand_in(cast, register(cast), persoon=CODE)
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line))
    person = erase(cast)
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        save_draft(access, {"kenmerk": "K-1", "bouwblok": "pw_lt2"}, line=row)
        assert Contribution.objects.get(pk=line).person_id == person


def test_new_effort_says_that_a_limit_may_have_been_used(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract, persoon=CODE)
    hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    erase(cast)
    again = hand_in(cast, contract, kenmerk="K-3", persoon=CODE)
    known = hand_in(cast, contract, kenmerk="K-4", persoon="P-2")
    with acting_as(cast.adviser.pk):
        assert "person_erased" in checks_of(again)
        assert "person_erased" not in checks_of(known)


def test_a_code_is_exchanged_and_nothing_else_changes(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, persoon=CODE)
    hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    with acting_as(cast.contractor.pk) as acting:
        person = Person.objects.get(code=CODE)
        with pytest.raises(DomainError) as refused:
            exchange_code(acting, person, "P-2")
        assert [problem.code for problem in refused.value.problems] == ["person_code_used"]
        exchange_code(acting, person_for(acting, person.pk), "N-1")
        row = Contribution.objects.get(pk=line)
        assert (str(row.person), row.person_id) == ("N-1", person.pk)
        assert row.receipt is not None
        assert row.receipt.inputs["persoon"] == str(person.pk)


def test_only_a_manager_of_the_contractor_erases(cast: Cast) -> None:
    hand_in(cast, register(cast), persoon=CODE)
    with acting_as(cast.contractor.pk) as acting:
        person = Person.objects.get(code=CODE)
        with pytest.raises(DomainError):
            erase_code(acting, person)
    for who in (cast.adviser, cast.competitor):
        with acting_as(who.pk) as acting, pytest.raises(Http404):
            person_for(acting, person.pk)


def test_the_database_keeps_who_a_person_is(cast: Cast) -> None:
    hand_in(cast, register(cast), persoon=CODE)
    person = erase(cast)
    for change in ("code = 'x'", "organisation_id = 1", "erased_at = NULL, code = 'y'"):
        with (
            acting_as(cast.contractor.pk),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE people_person SET {change} WHERE id = %s", [person])  # noqa: S608


@pytest.mark.parametrize("text", [f"Niet van {CODE}.", CODE.lower(), f"({CODE})"])
def test_a_reason_that_is_kept_for_ever_does_not_name_the_code(cast: Cast, text: str) -> None:
    line = hand_in(cast, register(cast), persoon=CODE)
    why: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": text}
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        assert (
            refused_code(decide, access, row, outcome=Outcome.REJECTED, key=KEY, **why)
            == "text_names_person"
        )
        decide(access, row, outcome=Outcome.REJECTED, key=KEY, **why | {"text": "Niet compleet."})
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        assert refused_code(object_to, access, row, reason=text) == "text_names_person"
        other = hand_in(cast, access.contract.pk, kenmerk="K-2", persoon=CODE)
        assert refused_code(withdraw, *found(acting, other), reason=text) == "text_names_person"

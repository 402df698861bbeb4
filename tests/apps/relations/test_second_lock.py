"""What could be tried with the application's role, past our code, on what two sides keep."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.contracts.access import contract_for
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.actions import add_contact, write_conversation
from tests.apps.relations.test_in_touch import SAM, task
from tests.cast import Cast
from tests.registering import register

_CONTACT = (
    "INSERT INTO relations_contact (contract_id, organisation_id, name, function, email, phone)"
    " VALUES (%(contract)s, %(org)s, 'X', '', 'x@example.org', '')"
)
_TALK = (
    "INSERT INTO relations_conversation (contract_id, organisation_id, kind, held_on, text,"
    " is_shared, key, user_id, corrects_id) VALUES (%(contract)s, %(org)s, 'call', '2026-01-01',"
    " 'x', %(shared)s, gen_random_uuid(), %(me)s, %(corrects)s)"
)
_TASK = (
    "INSERT INTO relations_task (contract_id, organisation_id, owner_id, text, due_on, key,"
    " user_id) VALUES (%(contract)s, %(org)s, %(owner)s, 'x', '2026-01-01', gen_random_uuid(),"
    " %(me)s)"
)
_ABSENCE = (
    "INSERT INTO relations_absence (organisation_id, user_id, replacement_id, first, last)"
    " VALUES (%(org)s, %(away)s, %(stands_in)s, '2026-01-01', '2026-01-31')"
)


def sent(statement: str, **values: Any) -> str:
    """Send a statement and undo it; gives what refused it, or how many rows it touched."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            transaction.set_rollback(True)
            return str(cursor.rowcount)
    except DatabaseError as error:
        return str(error)


def held(cast: Cast, statement: str, tries: Any, **values: Any) -> None:
    """Let each try; who may does, and everybody else is refused by row security or a trigger."""
    for who, organisation, may in tries:
        me = getattr(cast, who).pk
        told = {"me": me, "owner": me, "org": organisation.pk, **values}
        with acting_as(me):
            answer = sent(statement, **told)
            assert (answer == "1") is may, (who, organisation, answer)


def test_each_side_keeps_its_own_contact_persons(cast: Cast) -> None:
    contract = register(cast)
    tries = (
        ("adviser", cast.hilversum, True),
        ("team", cast.region, True),
        ("contractor", cast.de_eem, True),
        ("adviser", cast.de_eem, False),
        ("contractor", cast.hilversum, False),
        ("reader", cast.hilversum, False),
        ("subcontractor", cast.sub, False),
        ("auditor", cast.audit_office, False),
        ("competitor", cast.rival, False),
        ("operator", cast.hilversum, False),
    )
    held(cast, _CONTACT, tries, contract=contract)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE relations_contact SET phone = '1' WHERE id = %(pk)s",
        "DELETE FROM relations_contact WHERE id = %(pk)s",
    ],
)
def test_nobody_touches_the_contact_person_of_another(cast: Cast, statement: str) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        pk = add_contact(contract_for(acting, contract), **SAM).pk
    for who in ("adviser", "team", "reader", "subcontractor", "auditor", "competitor"):
        with acting_as(getattr(cast, who).pk):
            assert sent(statement, pk=pk) == "0", who
    with acting_as(cast.contractor.pk):
        assert sent(statement, pk=pk) == "1"


def test_only_who_decides_writes_conversations_and_under_his_own_name(cast: Cast) -> None:
    contract = register(cast)
    tries = (
        ("adviser", cast.hilversum, True),
        ("team", cast.region, True),
        ("adviser", cast.region, False),
        ("contractor", cast.de_eem, False),
        ("contractor", cast.hilversum, False),
        ("reader", cast.hilversum, False),
        ("auditor", cast.audit_office, False),
        ("colleague", cast.huizen, False),
    )
    held(cast, _TALK, tries, contract=contract, shared=True, corrects=None)
    with acting_as(cast.adviser.pk):
        forged = {"contract": contract, "org": cast.hilversum.pk, "me": cast.manager.pk}
        assert "row-level" in sent(_TALK, **forged, shared=True, corrects=None)


def test_a_correction_is_of_the_same_contract_and_takes_nothing_back(cast: Cast) -> None:
    contract, other = register(cast), register(cast, reference="HIL-2")
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        facts: dict[str, Any] = {"kind": "call", "text": "x", "is_shared": True, "key": uuid4()}
        pk = write_conversation(access, held_on=access.contract.start, **facts).pk
        told = {"org": cast.hilversum.pk, "me": cast.adviser.pk, "corrects": pk}
        assert sent(_TALK, contract=contract, shared=True, **told) == "1"
        assert "correction" in sent(_TALK, contract=contract, shared=False, **told)
        assert "correction" in sent(_TALK, contract=other, shared=True, **told)
        for change in ("UPDATE relations_conversation SET text = 'y'", "DELETE FROM"):
            statement = change if "SET" in change else f"{change} relations_conversation"
            assert "denied" in sent(statement)
    with acting_as(cast.team.pk):
        theirs = {"org": cast.region.pk, "me": cast.team.pk, "corrects": pk}
        assert "correction" in sent(_TALK, contract=contract, shared=True, **theirs)


def test_a_task_is_given_within_ones_own_team(cast: Cast) -> None:
    contract = register(cast)
    tries = (
        ("adviser", cast.hilversum, True),
        ("team", cast.region, True),
        ("adviser", cast.region, False),
        ("contractor", cast.de_eem, False),
        ("reader", cast.hilversum, False),
        ("colleague", cast.huizen, False),
    )
    held(cast, _TASK, tries, contract=contract)
    free = (
        ("adviser", cast.hilversum, True),
        ("contractor", cast.de_eem, False),
        ("reader", cast.hilversum, False),
    )
    held(cast, _TASK, free, contract=None)
    with acting_as(cast.adviser.pk):
        told = {"contract": contract, "org": cast.hilversum.pk, "me": cast.adviser.pk}
        for somebody in (cast.reader, cast.contractor):
            assert "does not work there" in sent(_TASK, **told, owner=somebody.pk)


def test_nobody_changes_a_task_of_another_team_and_nobody_removes_one(cast: Cast) -> None:
    pk = task(cast, register(cast))
    statement = "UPDATE relations_task SET done_at = now() WHERE id = %(pk)s"
    for who in ("team", "reader", "contractor", "colleague", "auditor"):
        with acting_as(getattr(cast, who).pk):
            assert sent(statement, pk=pk) == "0", who
    with acting_as(cast.adviser.pk):
        assert sent(statement, pk=pk) == "1"
        assert "does not work there" in sent(
            "UPDATE relations_task SET owner_id = %(who)s WHERE id = %(pk)s",
            who=cast.reader.pk,
            pk=pk,
        )
        assert "denied" in sent("DELETE FROM relations_task WHERE id = %(pk)s", pk=pk)
        assert "denied" in sent("UPDATE relations_task SET organisation_id = 1")


def test_who_is_away_says_so_himself_or_his_manager_does(cast: Cast) -> None:
    away, stands_in = cast.adviser.pk, cast.second_adviser.pk
    tries = (
        ("adviser", cast.hilversum, True),
        ("manager", cast.hilversum, True),
        ("second_adviser", cast.hilversum, False),
        ("reader", cast.hilversum, False),
        ("colleague", cast.hilversum, False),
        ("operator", cast.hilversum, False),
    )
    held(cast, _ABSENCE, tries, away=away, stands_in=stands_in)
    with acting_as(cast.manager.pk):
        told = {"org": cast.hilversum.pk, "away": away}
        for somebody in (cast.reader, cast.colleague):
            assert "does not work there" in sent(_ABSENCE, **told, stands_in=somebody.pk)
        assert "does not work there" in sent(_ABSENCE, **told, stands_in=away)
        both = _ABSENCE + ", (%(org)s, %(away)s, %(stands_in)s, '2026-01-31', '2026-02-02')"
        assert "one_absence_at_a_time" in sent(both, **told, stands_in=stands_in)


def test_how_often_there_is_contact_is_for_the_manager_of_a_client(cast: Cast) -> None:
    statement = (
        "INSERT INTO relations_contactterm (organisation_id, first_weeks, every_weeks)"
        " VALUES (%(org)s, 4, 13)"
    )
    tries = (
        ("manager", cast.hilversum, True),
        ("adviser", cast.hilversum, False),
        ("contractor_manager", cast.de_eem, False),
        ("manager", cast.huizen, False),
        ("operator", cast.hilversum, False),
    )
    held(cast, statement, tries)
    with acting_as(cast.manager.pk):
        assert "contact_weeks" in sent(statement.replace("13", "105"), org=cast.hilversum.pk)

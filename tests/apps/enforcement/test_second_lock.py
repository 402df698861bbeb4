"""SQL past all our code: nobody takes, confirms, ends or hides what is not his."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from tests.cast import Cast
from tests.days import today
from tests.enforcing import laddered, lenient, stepped, with_rung
from tests.registering import register

_STEP = """INSERT INTO enforcement_step (contract_id, ladder_id, kind, "on", late_since,
    behind_cents, facts, reason, key, user_id, organisation_id)
    VALUES ({contract}, {ladder}, 'reminder', current_date - 1, current_date - 9, 5, '{{}}', 'x',
            gen_random_uuid(), {me}, {org})"""
_CONFIRM = """INSERT INTO enforcement_confirmation
    (step_id, contract_id, agrees, "on", reason, user_id, organisation_id)
    VALUES ({pending}, {contract}, true, current_date - 0, '', {me}, {org})"""
_WITHDRAW = """INSERT INTO enforcement_withdrawal
    (step_id, contract_id, reason, user_id, organisation_id)
    VALUES ({pending}, {contract}, 'x', {me}, {org})"""
_LOOK = """INSERT INTO enforcement_secondlook
    (step_id, contract_id, reason, key, user_id, organisation_id)
    VALUES ({pending}, {contract}, 'x', gen_random_uuid(), {me}, {org})"""
_EXIT = """INSERT INTO enforcement_exit (step_id, contract_id, why, "on", facts)
    VALUES ({pending}, {contract}, 'caught_up', current_date, '{{}}')"""
_LENIENT = """INSERT INTO enforcement_leniency (organisation_id, contract_id, ground, first, last,
    reason, key, user_id, ended_why)
    VALUES ({client}, {where}, 'other', '2020-01-01', '2020-02-01', 'x', gen_random_uuid(), {me},
            '')"""
_LADDER = """INSERT INTO enforcement_ladder (organisation_id, is_on, steps, behind_bp, least_cents,
    after_end_days, effect_weeks, reason, key, user_id)
    VALUES ({client}, true, '[]', 1, 100, 0, 1, 'x', gen_random_uuid(), {me})"""
_FINE = """INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason,
    user_id, organisation_id)
    VALUES ({contract}, 'penalty', 100, '2024-01-01', gen_random_uuid(), 'x', {me}, {org})"""
#: Each is refused: by a policy, a trigger or a right.
ATTACKS = (
    ("contractor", _STEP),
    ("contractor", _STEP.replace("{org}", "{client}")),
    ("reader", _STEP),
    ("auditor", _STEP),
    ("adviser", _STEP.replace("{me}", "{other}")),
    ("adviser", _STEP.replace("{contract}", "{elsewhere}")),
    ("adviser", _STEP.replace("current_date - 1", "current_date + 2")),
    ("adviser", _STEP.replace("'reminder'", "'signal'")),  # one waits for a second person
    ("manager", _CONFIRM),  # who took the step
    ("manager", _CONFIRM.replace("{me}", "{other}")),
    ("contractor", _CONFIRM),
    ("adviser", _CONFIRM.replace("{contract}", "{elsewhere}")),
    ("adviser", _CONFIRM.replace("current_date - 0", "current_date - 400")),
    ("contractor", _WITHDRAW),
    ("adviser", _WITHDRAW.replace("{me}", "{other}")),
    ("adviser", _WITHDRAW.replace("{contract}", "{second}")),
    ("contractor", _LOOK),
    ("contractor", _EXIT),
    ("adviser", _EXIT.replace("{contract}", "{second}")),
    ("adviser", _LADDER),
    ("contractor", _LADDER),
    ("manager", _LADDER.replace("{client}", "{huizen}")),
    ("manager", _LADDER.replace("{me}", "{other}")),
    ("contractor", _LENIENT.replace("{where}", "{contract}")),
    ("adviser", _LENIENT.replace("{where}", "NULL")),
    ("adviser", _LENIENT.replace("{where}", "{elsewhere}")),
    ("adviser", _LENIENT.replace("{where}", "{contract}").replace("{client}", "{huizen}")),
    ("adviser", _FINE),
    ("adviser", "UPDATE enforcement_step SET reason = 'y'"),
    ("adviser", "DELETE FROM enforcement_withdrawal"),
    ("manager", "UPDATE enforcement_ladder SET is_on = false"),
    ("adviser", "UPDATE enforcement_leniency SET cents = 1"),
    ("contractor", "UPDATE enforcement_leniency SET ended_on = '2024-01-01', ended_why = 'x'"),
    ("auditor", "UPDATE enforcement_leniency SET ended_on = '2024-01-01', ended_why = 'x'"),
)


def _sent(statement: str) -> int:
    # The day of a connection is that of UTC, where it is yesterday for an hour or two.
    statement = statement.replace("current_date", f"date '{today()}'")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
    except DatabaseError:
        return 0


@pytest.fixture(scope="module")
def world(module_cast: Cast) -> dict[str, Any]:
    """A contract with a reminder that waits for a second person, and one of another client."""
    cast = module_cast
    past = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
    contract, second = register(cast, **past), register(cast, reference="B", **past)
    ladder = laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    pending = stepped(cast, contract)
    today = timezone.localdate()
    lenient(cast, second, first=today, last=today)
    with acting_as(cast.colleague.pk), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM contracts_contract")
        elsewhere = cursor.fetchone()[0] or 999_999
    return {
        "contract": contract, "second": second, "ladder": ladder.pk, "pending": pending.pk,
        "elsewhere": elsewhere, "client": cast.hilversum.pk, "huizen": cast.huizen.pk,
        "other": cast.second_adviser.pk,
    }  # fmt: skip


def test_nobody_writes_what_is_not_his_to_write(cast: Cast, world: dict[str, Any]) -> None:
    own = {"contractor": cast.de_eem.pk, "auditor": cast.audit_office.pk}
    through = []
    for who, statement in ATTACKS:
        user = getattr(cast, who).pk
        with acting_as(user):
            told = statement.format(**world, me=user, org=own.get(who, cast.hilversum.pk))
            if _sent(told):
                through.append((who, told))
    assert through == []


def test_the_statements_are_right_where_they_are_allowed(cast: Cast, world: dict[str, Any]) -> None:
    allowed = (
        ("manager", _LADDER),
        ("adviser", _LENIENT.replace("{where}", "{contract}")),
        ("manager", _LENIENT.replace("{where}", "NULL")),
        ("adviser", _CONFIRM),
        ("second_adviser", _WITHDRAW),
        ("adviser", _LOOK),
        ("adviser", _EXIT),
        ("adviser", "UPDATE enforcement_leniency SET ended_on = '2024-01-01', ended_why = 'x'"
         " WHERE contract_id = {second}"),
    )  # fmt: skip
    # The ladder comes first, so no step follows by the one before.
    for who, statement in (("adviser", _STEP.replace("{contract}", "{second}")), *allowed):
        user = getattr(cast, who).pk
        with acting_as(user):
            told = statement.format(**world, me=user, org=cast.hilversum.pk)
            assert _sent(told) == 1, told
    # Leniency to all contracts of a client is ended by who manages it, and by nobody else.
    ends = "UPDATE enforcement_leniency SET ended_on = '2024-01-01', ended_why = 'x'"
    for who, rows in (("adviser", 0), ("reader", 0), ("team", 0), ("manager", 1)):
        with acting_as(getattr(cast, who).pk):
            assert _sent(f"{ends} WHERE contract_id IS NULL") == rows, who


def test_a_contractor_reads_no_step_before_it_counts_and_no_second_look(
    cast: Cast, world: dict[str, Any]
) -> None:
    me = cast.adviser.pk
    query = f"SELECT count(*) FROM enforcement_step WHERE id = {world['pending']}"  # noqa: S608
    for statement in (_LOOK, _CONFIRM):
        with acting_as(cast.contractor.pk):
            assert _count(query) == 0
        with acting_as(me):
            assert _sent(statement.format(**world, me=me, org=cast.hilversum.pk)) == 1
    with acting_as(cast.contractor.pk):
        assert _count(query) == 1
        assert _count("SELECT count(*) FROM enforcement_secondlook") == 0
    with acting_as(cast.competitor.pk):
        assert _count("SELECT count(*) FROM enforcement_ladder") == 0
        assert _count("SELECT count(*) FROM enforcement_leniency") == 0


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])

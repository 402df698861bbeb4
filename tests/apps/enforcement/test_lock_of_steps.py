"""SQL past all our code, one thing beside what is right: who takes a step, and when it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.enforcement.models import Ladder, Leniency, Step
from telmee.apps.organisations.acting import acting_as, acting_as_system
from telmee.core.enforcement import Step as Rung
from tests.cast import Cast
from tests.days import today
from tests.enforcing import USUAL, agreed_by, laddered, stepped, with_rung, withdrawn
from tests.registering import register

PAST: dict[str, Any] = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
DAYS = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1), date(2024, 6, 1))
_STEP = """INSERT INTO enforcement_step (contract_id, ladder_id, kind, "on", late_since, days,
    behind_cents, amount_cents, needs_second, facts, reason, key, user_id, organisation_id)
    VALUES (%(contract)s, %(ladder)s, %(kind)s, %(on)s, %(late)s, %(days)s, %(behind)s, %(amount)s,
            %(second)s, '{}', 'x', gen_random_uuid(), %(me)s, %(org)s) RETURNING id"""
_CONFIRM = """INSERT INTO enforcement_confirmation
    (step_id, contract_id, agrees, "on", reason, user_id, organisation_id)
    VALUES (%(step)s, %(contract)s, %(agrees)s, %(on)s, 'x', %(me)s, %(org)s) RETURNING id"""
_WITHDRAW = """INSERT INTO enforcement_withdrawal
    (step_id, contract_id, reason, user_id, organisation_id)
    VALUES (%(step)s, %(contract)s, 'x', %(me)s, %(org)s) RETURNING id"""
_LOOK = """INSERT INTO enforcement_secondlook
    (step_id, contract_id, reason, key, user_id, organisation_id)
    VALUES (%(step)s, %(contract)s, 'x', gen_random_uuid(), %(me)s, %(org)s) RETURNING id"""
_FINE = """INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason,
    user_id, organisation_id)
    VALUES (%(contract)s, 'penalty', %(amount)s, '2024-01-01', %(key)s, 'x', %(me)s, %(org)s)
    RETURNING id"""
_LENIENT = """INSERT INTO enforcement_leniency (organisation_id, contract_id, ground, first, last,
    reason, key, user_id, ended_why, ended_on)
    VALUES (%(org)s, %(contract)s, 'other', '2020-01-01', '2020-02-01', 'x', gen_random_uuid(),
            %(me)s, '', NULL) RETURNING id"""
_END = """UPDATE enforcement_leniency SET ended_on = %(on)s, ended_why = 'x', ended_by_id = %(by)s
    WHERE id = %(leniency)s RETURNING id"""


def sent(cast: Cast, who: str, statement: str, **facts: Any) -> int | None:
    """Send a statement as somebody; gives the id, or nothing where the database refuses it."""
    user = getattr(cast, who).pk
    usual = {"me": user, "org": cast.hilversum.pk, "on": today(), **facts}
    with acting_as(user):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, usual)
                row = cursor.fetchone()
                return int(row[0]) if row else None
        except DatabaseError:
            return None


def step(cast: Cast, who: str, contract: int, ladder: Ladder, **facts: Any) -> int | None:
    """Take a reminder past all our code, in which one fact may be wrong."""
    usual: dict[str, Any] = {
        "contract": contract, "ladder": ladder.pk, "kind": "reminder", "late": date(2024, 1, 1),
        "days": 14, "behind": 500_00, "amount": None, "second": False, **facts,
    }  # fmt: skip
    return sent(cast, who, _STEP, **usual)


def kept(cast: Cast, pk: int | None) -> Step:
    assert pk is not None
    with acting_as(cast.adviser.pk):
        return Step.objects.get(pk=pk)


def test_a_step_is_of_the_ladder_that_holds_and_of_who_works_for_its_client(cast: Cast) -> None:
    contract = register(cast, **PAST)
    old = laddered(cast, replace(USUAL, least_cents=600_00))
    ladder = laddered(cast)
    assert step(cast, "adviser", contract, old) is None
    assert step(cast, "adviser", contract, ladder, kind="nothing") is None
    for who in ("contractor", "subcontractor", "auditor", "reader", "colleague", "outsider"):
        assert step(cast, who, contract, ladder) is None, who
        own = {"contractor": cast.de_eem.pk, "auditor": cast.audit_office.pk}
        assert step(cast, who, contract, ladder, org=own.get(who, cast.huizen.pk)) is None, who
    assert step(cast, "adviser", contract, ladder, me=cast.second_adviser.pk) is None
    assert step(cast, "adviser", contract, ladder) is not None
    assert step(cast, "team", contract, ladder, org=cast.region.pk) is not None
    off = laddered(cast, is_on=False)
    assert step(cast, "adviser", contract, off) is None


def test_a_rung_for_managers_is_taken_by_none_other(cast: Cast) -> None:
    contract = register(cast, **PAST)
    ladder = laddered(cast, with_rung(Rung.REMINDER, by_manager=True))
    assert step(cast, "adviser", contract, ladder) is None
    assert step(cast, "team", contract, ladder, org=cast.region.pk) is None
    assert step(cast, "manager", contract, ladder) is not None


def test_what_a_step_gives_and_asks_follows_from_the_ladder_whatever_is_sent(cast: Cast) -> None:
    ladder = laddered(cast, with_rung(Rung.REMINDER, second_from_cents=700_00))
    for number, (behind, needs) in enumerate([(699_99, False), (700_00, True), (700_01, True)]):
        contract = register(cast, reference=f"B-{number}", **PAST)
        facts = {"behind": behind, "days": 99, "second": not needs}
        row = kept(cast, step(cast, "adviser", contract, ladder, **facts))
        assert (row.number, row.days, row.needs_second) == (1, 14, needs)
    plain = laddered(cast)
    contract = register(cast, reference="B-9", **PAST)
    first, second = (kept(cast, step(cast, "adviser", contract, plain)) for _twice in range(2))
    assert (first.number, second.number) == (1, 2)
    assert not first.needs_second


def test_a_second_person_is_asked_by_the_fine_and_not_by_what_lacks(cast: Cast) -> None:
    ladder = laddered(cast)  # a fine from 50,000 asks a second manager
    for number, (cents, needs) in enumerate([(49_999_99, False), (50_000_00, True)]):
        contract = register(cast, reference=f"F-{number}", **PAST)
        facts = {"kind": "penalty", "amount": cents, "behind": 99_000_00}
        assert kept(cast, step(cast, "manager", contract, ladder, **facts)).needs_second is needs


def test_a_second_person_says_something_of_what_waits_for_him_alone(cast: Cast) -> None:
    waits, plain, gone, other = (register(cast, reference=name, **PAST) for name in "WPGO")
    plain_ladder = laddered(cast)
    alone = step(cast, "manager", plain, plain_ladder)
    ladder = laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    pending = step(cast, "manager", waits, ladder)
    taken_back = step(cast, "manager", gone, ladder)
    withdrawn(cast, gone, taken_back or 0)
    usual: dict[str, Any] = {"step": pending, "contract": waits, "agrees": True}
    future = date(today().year + 1, 1, 1)
    for who, wrong in (
        ("adviser", {"step": alone, "contract": plain}),
        ("adviser", {"step": taken_back, "contract": gone}),
        ("adviser", {"contract": other}),
        ("adviser", {"on": future}),
        ("adviser", {"on": date(2024, 1, 1)}),
        ("adviser", {"me": cast.second_adviser.pk}),
        ("manager", {}),
        ("contractor", {"org": cast.de_eem.pk}),
        ("auditor", {"org": cast.audit_office.pk}),
    ):
        assert sent(cast, who, _CONFIRM, **{**usual, **wrong}) is None, (who, wrong)
    for statement in (_WITHDRAW, _LOOK):
        assert sent(cast, "adviser", statement, **{**usual, "contract": other}) is None
    assert step(cast, "adviser", waits, ladder) is None, "one waits"
    assert step(cast, "adviser", gone, ladder) is not None, "what was taken back waits no more"
    assert sent(cast, "adviser", _CONFIRM, **usual) is not None
    assert sent(cast, "second_adviser", _CONFIRM, **usual) is None, "said once"
    assert step(cast, "adviser", waits, ladder) is not None


def test_a_rung_for_managers_has_a_manager_as_its_second_person(cast: Cast) -> None:
    contract = register(cast, **PAST)
    laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0, by_manager=False))
    pending = stepped(cast, contract, by="adviser")
    facts = {"step": pending.pk, "contract": contract, "agrees": True}
    assert sent(cast, "second_adviser", _CONFIRM, **facts) is not None
    other = register(cast, reference="B", **PAST)
    laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0, by_manager=True))
    pending = stepped(cast, other, by="manager")
    facts = {"step": pending.pk, "contract": other, "agrees": True}
    assert sent(cast, "second_adviser", _CONFIRM, **facts) is None


@pytest.mark.parametrize("agrees", [True, False])
def test_a_contractor_reads_what_the_second_person_agreed_with(cast: Cast, agrees: bool) -> None:
    contract = register(cast, **PAST)
    laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    pending = stepped(cast, contract)
    agreed_by(cast, contract, pending.pk, by="adviser", agrees=agrees)
    for who, sees in (("contractor", agrees), ("auditor", True), ("competitor", False)):
        with acting_as(getattr(cast, who).pk):
            assert Step.objects.filter(pk=pending.pk).exists() is sees, who


def test_no_fine_is_booked_but_that_of_a_step_that_counts(cast: Cast) -> None:
    """What is refused is right on a client without such a rung, so nothing else refuses it."""
    contract = register(cast, **PAST)
    ladder = laddered(cast)
    facts = {"kind": "penalty", "amount": 400_00, "on": DAYS[3]}
    fine = kept(cast, step(cast, "manager", contract, ladder, **facts))
    usual = {"contract": contract, "amount": 400_00, "key": fine.key}
    other = register(cast, reference="B", **PAST)
    signal = kept(cast, step(cast, "manager", contract, ladder, kind="signal"))
    for wrong in (
        {"amount": 400_01},
        {"amount": 399_99},
        {"contract": other},
        {"key": signal.key},
        {"key": "00000000-0000-4000-8000-000000000001"},
    ):
        assert sent(cast, "manager", _FINE, **{**usual, **wrong}) is None, wrong
    withdrawn(cast, contract, fine.pk)
    assert sent(cast, "manager", _FINE, **usual) is None
    again = kept(cast, step(cast, "manager", contract, ladder, **facts))
    assert sent(cast, "manager", _FINE, **{**usual, "key": again.key}) is not None
    large = {**facts, "amount": 60_000_00}
    waits = kept(cast, step(cast, "manager", contract, ladder, **large))
    asked = {**usual, "amount": 60_000_00, "key": waits.key}
    assert sent(cast, "manager", _FINE, **asked) is None
    laddered(cast, replace(USUAL, steps=USUAL.steps[:3]))
    assert sent(cast, "manager", _FINE, **asked) is not None, "the ladder has no fine"


def test_a_notice_of_default_stays_under_a_fine_that_rests_on_it(cast: Cast) -> None:
    contract = register(cast, **PAST)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    *_others, notice, fine = (stepped(cast, contract, today=day) for day in DAYS)
    facts = {"contract": contract}
    assert sent(cast, "adviser", _WITHDRAW, step=notice.pk, **facts) is None
    assert sent(cast, "adviser", _WITHDRAW, step=fine.pk, **facts)
    assert sent(cast, "adviser", _WITHDRAW, step=notice.pk, **facts)


def test_on_a_closed_contract_no_step_is_taken_or_agreed_with_or_taken_back(cast: Cast) -> None:
    contract, open_one = register(cast, **PAST), register(cast, reference="B", **PAST)
    ladder = laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    pending, other = (step(cast, "manager", pk, ladder) for pk in (contract, open_one))
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        close_contract(access, on=date(2024, 1, 1), reason="Klaar.", today=today())
    for pk, its, allowed in ((contract, pending, False), (open_one, other, True)):
        facts = {"step": its, "contract": pk, "agrees": True}
        assert (sent(cast, "adviser", _CONFIRM, **facts) is not None) is allowed
        assert (sent(cast, "adviser", _WITHDRAW, **facts) is not None) is allowed
        assert (step(cast, "adviser", pk, ladder) is not None) is allowed


def test_leniency_ends_once_by_who_ended_it(cast: Cast) -> None:
    contract = register(cast, **PAST)
    pk = sent(cast, "adviser", _LENIENT, contract=contract)
    facts = {"leniency": pk, "by": cast.manager.pk, "on": date(2020, 1, 10)}
    for who in ("contractor", "auditor", "reader", "colleague"):
        assert sent(cast, who, _END, **facts) is None, who
    assert sent(cast, "second_adviser", _END, **facts) == pk
    with acting_as(cast.adviser.pk), connection.cursor() as cursor:
        cursor.execute("SELECT ended_by_id FROM enforcement_leniency WHERE id = %s", [pk])
        assert cursor.fetchone() == (cast.second_adviser.pk,)
    assert sent(cast, "second_adviser", _END, **{**facts, "on": date(2020, 1, 20)}) is None


def test_leniency_is_read_by_whom_it_is_for(cast: Cast) -> None:
    """On one contract by its sides, and to all contracts of a client by the sides of each."""
    contract = register(cast, **PAST)
    register(replace(cast, de_eem=cast.rival), reference="B", **PAST)
    one = sent(cast, "adviser", _LENIENT, contract=contract)
    every = sent(cast, "manager", _LENIENT, contract=None)
    reads = {
        "adviser": {one, every},
        "auditor": {one, every},
        "contractor": {one, every},
        "competitor": {every},
        "colleague": set(),
        "outsider": set(),
    }
    for who, rows in reads.items():
        with acting_as(getattr(cast, who).pk):
            assert {*Leniency.objects.values_list("pk", flat=True)} == rows, who


def test_the_ladder_of_another_client_holds_on_none_of_ones_contracts(cast: Cast) -> None:
    """Though it be of a later number."""
    contract = register(cast, **PAST)
    ladder = laddered(cast)
    huizen = replace(cast, hilversum=cast.huizen, manager=cast.colleague)
    theirs = [laddered(huizen, is_on=number < 2) for number in range(3)][-1]
    assert step(cast, "adviser", contract, theirs) is None
    assert step(cast, "adviser", contract, ladder) is not None
    fine = {"contract": contract, "amount": 1_00, "key": "00000000-0000-4000-8000-000000000001"}
    assert sent(cast, "manager", _FINE, **fine) is None


@pytest.mark.usefixtures("own_database")
def test_contracts_leave_the_ladder_by_the_hand_of_who_still_works_there(
    cast: Cast, as_owner: Any
) -> None:
    laddered(cast)

    def hand() -> list[tuple[Any, ...]]:
        with acting_as_system(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM telmee_hands_of_ladders()")
            return list(cursor.fetchall())

    hilversum = cast.hilversum.pk
    assert hand() == [(hilversum, cast.manager.pk)]
    change = "UPDATE organisations_membership SET role = %s WHERE user_id = %s"
    as_owner(change, "reader", cast.manager.pk)
    assert hand() == [(hilversum, cast.adviser.pk)]
    as_owner("UPDATE organisations_user SET is_active = false WHERE id = %s", cast.adviser.pk)
    assert hand() == [(hilversum, cast.second_adviser.pk)]
    for who in (cast.manager, cast.second_adviser, cast.operator):
        with acting_as(who.pk), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM telmee_hands_of_ladders()")
            assert cursor.fetchall() == []

"""A contract that was registered by mistake is voided: it counts nowhere, and stays to be read."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for, contracts_of, contracts_to_decide
from telmee.apps.contracts.actions import change_contract, reopen_contract
from telmee.apps.contracts.amending import Wanted, amend
from telmee.apps.contracts.booking import carry_over, penalise, waive
from telmee.apps.contracts.chains import check_amendments
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contracts.comparing import Alike, comparable_shares
from telmee.apps.contracts.models import Amendment
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contracts.queries import voided_contracts, with_reference
from telmee.apps.contracts.sharing import propose_share
from telmee.apps.contributions.access import contributions_of
from telmee.apps.contributions.actions import save_draft, submit, withdraw
from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.contributions.queries import queue
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import check_ledger, entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.portfolio import standings, totals
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.mailing import mailed
from tests.money import accepted, booked, decide
from tests.registering import PLACEMENT, found, hand_in, register

WHY = "Dubbel geregistreerd."


def void(cast: Cast, contract: int, *, by: str = "adviser", **more: Any) -> str:
    """Void a contract; gives the code of what refuses it, and nothing when it is void."""
    facts: dict[str, Any] = {"reason": WHY, "key": uuid4(), "today": today()} | more
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            void_contract(contract_for(acting, contract), **facts)
        except DomainError as error:
            return " ".join(problem.code for problem in error.problems)
    return ""


def rejected(cast: Cast, line: int, outcome: Outcome = Outcome.REJECTED) -> None:
    with acting_as(cast.adviser.pk) as acting:
        why: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Zo is het."}
        decide(*found(acting, line), outcome=outcome, key=uuid4(), **why)


def test_what_stands_in_its_books_is_taken_back_on_its_own_day(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        waive(access, **booked(10_000_00))
        penalise(access, **booked(500_00))
        before = entries_of([contract])
    assert void(cast, contract) == ""
    with acting_as(cast.adviser.pk) as acting:
        back = entries_of([contract])[3:]
        assert [(e.reverses_id, e.effective_on, e.amount_cents, e.amendment) for e in back] == [
            (e.pk, e.effective_on, -e.amount_cents, 1)
            for e in sorted(before, key=lambda e: e.effective_on)
        ]
        last = before[-1].booked_at
        assert positions([contract])[contract].imposed_cents == 0
        assert positions([contract], as_of=last)[contract].imposed_cents == 100_000_00
        row = contract_for(acting, contract).contract
        assert (row.voided_on, row.closed_on, row.obligation_cents) == (today(), today(), 0)


def test_it_counts_in_no_list_or_figure_and_can_be_read(cast: Cast) -> None:
    kept, mistake = register(cast), register(cast, reference="M-1")
    hand_in(cast, kept)
    line = hand_in(cast, mistake)
    with acting_as(cast.adviser.pk) as acting:
        assert doubles_of(acting, [line])
    assert void(cast, mistake) == ""
    with acting_as(cast.adviser.pk) as acting:
        assert [one.pk for one in contracts_of(acting)] == [kept]
        assert [one.pk for one in contracts_to_decide(acting)] == [kept]
        added = totals(standings(contracts_of(acting), today=today()))
        assert (added.contracts, added.owed_cents) == (1, 100_000_00)
        assert {row.contract_id for row in queue(acting, today())} == {kept}
        (counted,) = contributions_of(acting)
        assert doubles_of(acting, [counted.pk]) == {}
        assert with_reference(acting, client_id=cast.hilversum.pk, reference="M-1", lot="") is None
        alike = Alike("services", 2_000_000_00, None)
        assert comparable_shares(acting, alike) == [500]
        (row,) = map(vars, voided_contracts(acting))
        assert (row["id"], row["client"], row["why"]) == (mistake, cast.hilversum.name, WHY)
    for who in (cast.adviser, cast.contractor, cast.auditor):
        with acting_as(who.pk) as acting:
            access, read = found(acting, line)
            assert (access.contract.pk, read.pk) == (mistake, line)


def test_call_offs_that_are_void_are_none_of_their_framework(cast: Cast) -> None:
    framework = register(cast, form=Form.FRAMEWORK, agreed_cents=None, percentage_reason="")
    under = {"form": Form.CALL_OFF, "parent_id": framework}
    register(cast, reference="C-1", **under)
    mistake = register(cast, reference="C-2", agreed_cents=7_000_00, **under)
    assert void(cast, framework) == "void_has_call_offs"
    assert void(cast, mistake) == ""
    with acting_as(cast.adviser.pk) as acting:
        (stands,) = (
            one
            for one in standings(contracts_of(acting), today=today())
            if one.contract.pk == framework
        )
        assert stands.position.owed_cents == 100_000_00


def test_a_contract_on_which_was_decided_is_not_voided(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    rejected(cast, line)
    assert void(cast, contract) == "void_decided_on"
    rejected(cast, line, Outcome.REOPENED)
    assert void(cast, contract) == ""


def test_surplus_that_was_brought_here_stays(cast: Cast) -> None:
    rich, mistake = register(cast, agreed_cents=1_00), register(cast, reference="M-1")
    accepted(cast, hand_in(cast, rich))
    with acting_as(cast.adviser.pk) as acting:
        sides = contract_for(acting, rich), contract_for(acting, mistake)
        carry_over(*sides, **booked(500_00))
    assert void(cast, mistake) == "void_has_transfers"


@pytest.mark.parametrize("by", ["contractor", "auditor", "reader"])
def test_only_who_decides_voids(cast: Cast, by: str) -> None:
    assert void(cast, register(cast), by=by) == "not_allowed"


def test_it_needs_a_reason(cast: Cast) -> None:
    assert void(cast, register(cast), reason=" ") == "missing_explanation"


def test_the_same_form_twice_voids_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    assert [void(cast, contract, key=key) for _ in range(2)] == ["", ""]
    assert void(cast, contract) == "contract_voided"
    with acting_as(cast.adviser.pk):
        assert Amendment.objects.filter(contract=contract, ground=Ground.VOIDED).count() == 1


def test_nothing_changes_on_it_any_more(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    assert void(cast, contract) == ""
    of_client: list[Any] = [
        lambda a: amend(a, Wanted(ground=Ground.VALUE, effective_on=date(2026, 1, 1), reason=WHY,
                                  facts={"value_cents": 1}), key=uuid4()),
        lambda a: change_contract(a, {"name": "Anders"}, reason=""),
        lambda a: reopen_contract(a, reason=WHY),
        lambda a: waive(a, **booked(1)),
    ]  # fmt: skip
    plan = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
    of_contractor: list[Any] = [
        lambda a: save_draft(a, {**PLACEMENT, "kenmerk": "K-9"}),
        lambda a: save_plan_line(a, plan, number=1, note="", line_id=None),
        lambda a: propose_share(a, partner_id=cast.sub.pk, cents=1, note="", key=uuid4()),
        lambda a: withdraw(*found(a.acting, line), reason=""),
    ]
    for who, deeds in ((cast.adviser, of_client), (cast.contractor, of_contractor)):
        for deed in deeds:
            with acting_as(who.pk) as acting, pytest.raises(DomainError) as refused:
                deed(contract_for(acting, contract))
            assert [problem.code for problem in refused.value.problems] == ["contract_voided"]


def test_who_carries_it_out_is_told_and_the_journal_says_why(cast: Cast) -> None:
    contract = register(cast)
    before = len(mailed())
    assert void(cast, contract) == ""
    sent = mailed()[before:]
    assert {message.to[0] for message in sent} == {
        cast.contractor.email,
        cast.contractor_manager.email,
    }
    assert all(WHY in str(message.body) for message in sent)
    with acting_as(cast.adviser.pk):
        assert Event.objects.get(verb="contract.voided").reason == WHY


def test_the_books_and_the_chain_are_in_order_after_it(
    cast: Cast, own_database: str, server: Server
) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    assert void(cast, contract) == ""
    with connected(server.owner_url, own_database):
        assert check_ledger() == []
        assert list(check_amendments()) == []
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE contracts_contract DISABLE TRIGGER guard_voided")
            cursor.execute("UPDATE contracts_contract SET voided_on = NULL")
        (problem,) = check_amendments()
        assert (problem.code, problem.params["fact"]) == ("amendment_fact_differs", "voided_on")


_VOID = "UPDATE contracts_contract SET {facts} WHERE id = %s"


def past(statement: str, *values: Any) -> None:
    """Send a statement past the actions."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "facts",
    [
        "voided_on = current_date, closed_on = current_date, obligation_cents = 0",
        "voided_on = current_date, closed_on = current_date",
        "voided_on = current_date",
    ],
)
def test_the_database_refuses_what_goes_past_the_action(cast: Cast, facts: str) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError):
        past(_VOID.format(facts=facts), contract)


_AMENDMENT = """INSERT INTO contracts_amendment
    (contract_id, number, effective_on, ground, reason, facts, key, user_id, organisation_id)
    VALUES (%s, 1, '2025-01-01', 'voided', 'x', '{}', gen_random_uuid(), %s, %s)"""


def test_the_database_knows_what_leans_on_a_contract(cast: Cast) -> None:
    """Nothing is owed, and no entry stands: only the decision is in the way."""
    contract = register(cast, agreed_cents=0)
    line = hand_in(cast, contract)
    facts = "voided_on = current_date, closed_on = current_date, obligation_cents = 0, amended = 1"

    def past_the_action() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_AMENDMENT, [contract, cast.adviser.pk, cast.hilversum.pk])
            cursor.execute(_VOID.format(facts=facts), [contract])
            transaction.set_rollback(True)

    with acting_as(cast.adviser.pk):
        past_the_action()
    rejected(cast, line)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError, match="leans on"):
        past_the_action()


def test_a_contract_that_is_void_stays_so(cast: Cast) -> None:
    contract = register(cast)
    assert void(cast, contract) == ""
    for facts in ("voided_on = NULL", "voided_on = NULL, closed_on = NULL", "closed_on = NULL"):
        with acting_as(cast.adviser.pk), pytest.raises(DatabaseError):
            past(_VOID.format(facts=facts), contract)


def test_a_line_that_was_a_draft_is_not_handed_in_on_it(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        line = save_draft(contract_for(acting, contract), {**PLACEMENT, "kenmerk": "K-1"})
    assert void(cast, contract) == ""
    with acting_as(cast.contractor.pk) as acting, pytest.raises(DomainError, match="voided"):
        submit(*found(acting, line.pk))

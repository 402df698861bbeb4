"""The second lock: SQL sent with the application's own role, past all our code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft
from telmee.apps.organisations.acting import acting_as
from telmee.core.tables.columns import Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION, OF_LINE, PERSON
from tests.cast import Cast
from tests.registering import hand_in, register

#: Every table that holds something of a contract or an organisation.
GUARDED = {
    "agreements_agreement": "contract_id",
    "agreements_answer": "contract_id",
    "agreements_comment": "contract_id",
    "agreements_planline": "contract_id",
    "agreements_pooling": "contract_id",
    "agreements_resolution": "contract_id",
    "agreements_share": "contract_id",
    "agreements_turnover": "contract_id",
    "agreements_version": "contract_id",
    "audit_event": "contract_id",
    "contracts_amendment": "contract_id",
    "contracts_assignment": "contract_id",
    "contracts_contract": "id",
    "contracts_party": "contract_id",
    "contributions_contribution": "contract_id",
    "decisions_decision": "contract_id",
    "decisions_objection": "contract_id",
    "contributions_counterpartyanswer": "contract_id",
    "contributions_counterpartylink": "contract_id",
    "decisions_extension": "contract_id",
    "decisions_question": "contract_id",
    "decisions_reply": "contract_id",
    "letters_letter": "contract_id",
    "letters_paper": "contract_id",
    "receipts_receipt": "contract_id",
    "relations_contact": "contract_id",
    "relations_conversation": "contract_id",
    "relations_message": "contract_id",
    "relations_nothingtoreport": "contract_id",
    "relations_task": "contract_id",
    "settlements_correction": "contract_id",
    "settlements_statement": "contract_id",
    "enforcement_step": "contract_id",
    "enforcement_confirmation": "contract_id",
    "enforcement_withdrawal": "contract_id",
    "enforcement_secondlook": "contract_id",
    "enforcement_exit": "contract_id",
    "enforcement_leniency": "contract_id",
    "trust_review": "contract_id",
    "trust_weighing": "contract_id",
    "contributions_evidence": "contract_id",
    "contributions_sighting": "contract_id",
    "contributions_touched": "contract_id",
    "contributions_handingin": "contract_id",
    "contributions_upload": "contract_id",
    "ledger_balance": "contract_id",
    "ledger_entry": "contract_id",
    "ledger_linebalance": "contract_id",
    "ledger_movement": "contract_id",
}
#: These name a contract and are somebody's own: their tests are in the folders of their apps.
OF_SOMEBODY = {"coverage_purchaseanswer", "notices_notice", "organisations_invitation"}
#: Tables without row security, each for a reason.
OPEN = {
    # Public facts.
    "contracts_cpvcode",
    "contributions_transition",
    "organisations_municipality",
    "organisations_region",
    "organisations_regionmembership",
    "schemes_schemeversion",
    # Read before anybody is signed in: it is how somebody signs in.
    "account_emailaddress",
    "account_emailconfirmation",
    "django_session",
    "mfa_authenticator",
    "organisations_cache",
    "organisations_user",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "usersessions_usersession",
    # Django's own, and the queue, whose tasks say for themselves for whom they act.
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def told(user: int) -> Iterator[None]:
    """Set in the database who asks, as an attacker could who has the application's role."""
    with transaction.atomic():
        sql("SELECT set_config('telmee.user', %s, true)", str(user))
        yield


@contextmanager
def refused(match: str | None = None) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        yield


@pytest.mark.django_db
def test_every_table_is_guarded_or_open_for_a_reason() -> None:
    rows = sql(
        "SELECT relname, relrowsecurity FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    assert {name for name, guarded in rows if not guarded} == OPEN
    of_a_contract = sql(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relrowsecurity AND a.attname = 'contract_id'"
    )
    # Somebody tries to read each of them below.
    named = {"contracts_contract", *(name for (name,) in of_a_contract)}
    assert GUARDED.keys() == named - OF_SOMEBODY


@pytest.mark.django_db
def test_no_policy_is_looked_up_while_a_query_is_planned() -> None:
    """The planner calls a function in `unnest` to learn how much it gives, for each policy."""
    assert not sql(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'"
        " AND concat(qual, with_check) ~ 'unnest\\(telmee_'"
    )


@pytest.mark.django_db
def test_the_applications_role_owns_nothing_and_cannot_switch_it_off() -> None:
    role = "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert sql(role) == [("telmee_app", False, False)]
    assert sql("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == [(0,)]
    for statement in (
        "ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "DROP POLICY may_read ON ledger_entry",
        "SET ROLE telmee_owner",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
    ):
        with refused():
            sql(statement)


def test_a_query_without_anybody_who_asks_raises(cast: Cast) -> None:
    hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk):
        held = {table for table in GUARDED if sql(f"SELECT 1 FROM {table} LIMIT 1")}  # noqa: S608
    sql("SELECT set_config('telmee.user', '', true)")
    answered = set()
    for table in GUARDED:
        with suppress(DatabaseError), transaction.atomic():
            assert sql(f"SELECT * FROM {table}") == []  # noqa: S608 - a name from this test
            answered.add(table)
    assert len(held) > 7
    assert not held & answered  # a condition on no rows is not looked at


def test_another_organisation_sees_nothing(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract)

    def seen() -> dict[str, int]:
        counts = {
            table: sql(f"SELECT count(*) FROM {table} WHERE {column} = %s", contract)[0][0]  # noqa: S608 - as above
            for table, column in GUARDED.items()
        }
        return {table: count for table, count in counts.items() if count}

    for stranger in (cast.competitor, cast.colleague, cast.outsider, cast.operator):
        with acting_as(stranger.pk):
            assert seen() == {}
    with told(0):
        assert seen() == {}
    with acting_as(cast.adviser.pk):
        assert seen().keys() >= {"contracts_contract", "contributions_contribution", "ledger_entry"}


def test_a_query_that_is_prepared_answers_each_who_asks_it(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    ask = "SELECT count(*) FROM contributions_contribution WHERE id = %s"

    def seen(who: Any) -> int:
        with acting_as(who.pk), connection.cursor() as cursor:
            cursor.execute(ask, [line])
            return int(cursor.fetchone()[0])

    # More often than PostgreSQL plans it anew; then it keeps one plan for everybody.
    answers = [(seen(cast.adviser), seen(cast.outsider)) for _ in range(10)]
    assert answers == [(1, 0)] * 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(generic_plans) FROM pg_prepared_statements")
        assert int(cursor.fetchone()[0]) > 0


def test_who_is_party_sees_the_contract_and_its_books(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    for user in (cast.adviser, cast.contractor, cast.auditor, cast.team, cast.reader):
        with acting_as(user.pk):
            assert sql("SELECT id FROM contracts_contract") == [(contract,)]
            entries = sql("SELECT kind, amount_cents FROM ledger_entry")
            assert entries == [("obligation", 100_000_00)]
            assert len(sql("SELECT id FROM contributions_contribution")) == 1


def test_a_subcontractor_sees_the_contract_and_his_own_lines_only(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    own = hand_in(cast, contract, by="subcontractor", kenmerk="S-1")
    with acting_as(cast.subcontractor.pk):
        assert sql("SELECT id FROM contracts_contract") == [(contract,)]
        assert sql("SELECT id FROM contributions_contribution") == [(own,)]
        assert sql("SELECT count(*) FROM ledger_entry") == [(0,)]
        assert sql("SELECT count(*) FROM ledger_balance") == [(0,)]


def test_a_draft_is_seen_by_its_own_organisation_only(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        save_draft(contract_for(acting, contract), {"kenmerk": "D-1", "bouwblok": "pw_lt2"})
    for user, lines in ((cast.contractor, 1), (cast.adviser, 0), (cast.subcontractor, 0)):
        with acting_as(user.pk):
            assert sql("SELECT count(*) FROM contributions_contribution") == [(lines,)]


def test_the_books_take_no_change_from_anybody(cast: Cast) -> None:
    contract = register(cast)
    for statement in (
        "UPDATE ledger_entry SET amount_cents = 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_balance SET cents = 0",
        "UPDATE ledger_linebalance SET verified_cents = 0",
        "DELETE FROM ledger_linebalance",
        "DELETE FROM audit_event",
        "UPDATE audit_event SET verb = ''",
        "UPDATE decisions_decision SET amount_cents = 1",
        "UPDATE schemes_schemeversion SET document = ''",
    ):
        with acting_as(cast.adviser.pk), refused():
            sql(statement)
    with acting_as(cast.adviser.pk):
        assert sql("SELECT amount_cents FROM ledger_entry WHERE contract_id = %s", contract) == [
            (100_000_00,)
        ]


@pytest.mark.usefixtures("own_database")
def test_the_owner_cannot_change_the_books_either(cast: Cast, as_owner: Any) -> None:
    register(cast)
    for statement in (
        "UPDATE ledger_entry SET amount_cents = 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "DELETE FROM audit_event",
    ):
        with pytest.raises(Exception, match="only grows"):
            as_owner(statement)


_POST = """INSERT INTO ledger_entry
    (contract_id, kind, amount_cents, effective_on, key, reason, user_id, organisation_id)
    VALUES (%s, 'waived', 100, '2025-01-01', gen_random_uuid(), '', %s, %s)"""


def test_only_who_decides_posts(cast: Cast) -> None:
    contract = register(cast)
    others = (cast.contractor, cast.subcontractor, cast.auditor, cast.competitor, cast.colleague)
    for user in others:
        with acting_as(user.pk), refused():
            sql(_POST, contract, user.pk, cast.hilversum.pk)
    with acting_as(cast.adviser.pk):
        sql(_POST, contract, cast.adviser.pk, cast.hilversum.pk)


def test_nobody_makes_himself_party_to_a_contract_that_exists(cast: Cast) -> None:
    contract = register(cast)
    insert = "INSERT INTO contracts_party (contract_id, organisation_id, role) VALUES (%s, %s, %s)"
    for role in ("client", "contractor", "auditor", "subcontractor", "regional_team"):
        with acting_as(cast.competitor.pk), refused():
            sql(insert, contract, cast.rival.pk, role)


def test_nobody_makes_himself_a_member_or_an_operator(cast: Cast) -> None:
    insert = (
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'manager', now())"
    )
    with acting_as(cast.competitor.pk), refused():
        sql(insert, cast.competitor.pk, cast.hilversum.pk)


def test_a_contractor_cannot_accept_his_own_line(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    decide = (
        "INSERT INTO decisions_decision (contribution_id, contract_id, number, outcome,"
        " amount_cents, reason, text, rule, receipt_id, key)"
        " SELECT l.id, %s, 1, 'accepted', r.cents, '', '', '', r.id, gen_random_uuid()"
        " FROM contributions_contribution l JOIN receipts_receipt r ON r.id = l.receipt_id"
        " WHERE l.id = %s"
    )
    with acting_as(cast.contractor.pk):
        with refused():
            sql(decide, contract, line)
        with refused():
            sql("UPDATE contributions_contribution SET state = 'accepted' WHERE id = %s", line)
        with refused():
            sql("UPDATE contributions_contribution SET value_cents = 1 WHERE id = %s", line)
        with refused():
            sql("UPDATE contributions_contribution SET organisation_id = %s", cast.sub.pk)


@pytest.mark.parametrize("name", OF_LINE)
def test_no_cell_of_what_was_handed_in_changes(cast: Cast, name: str) -> None:
    line = hand_in(cast, register(cast))
    column = CONTRIBUTION[name]
    other: object = date(2030, 1, 1) if column.kind is Kind.DATE else "7"
    field, cell = (column.row_field, other) if name != PERSON else ("person_id", None)
    change = f'UPDATE contributions_contribution SET "{field}" = %s WHERE id = %s'  # noqa: S608
    with acting_as(cast.contractor.pk), refused("does not change"):
        sql(change, cell, line)


def test_an_auditor_changes_nothing(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.auditor.pk):
        sql("UPDATE contributions_contribution SET note = 'x' WHERE id = %s", line)
        sql("UPDATE contracts_contract SET name = 'x' WHERE id = %s", contract)
    with acting_as(cast.adviser.pk):
        assert sql("SELECT note FROM contributions_contribution") == [("",)]
        assert sql("SELECT name FROM contracts_contract") == [("Onderhoud gebouwen",)]


def test_a_journal_event_bears_the_name_of_who_wrote_it(cast: Cast) -> None:
    insert = (
        "INSERT INTO audit_event (user_id, verb, kind, object_id, reason, details)"
        " VALUES (%s, 'x', 'x', 1, '', '{}')"
    )
    with acting_as(cast.contractor.pk), refused():
        sql(insert, cast.adviser.pk)

"""Roles and rights, asked of a real server."""

import json
from typing import Any

import psycopg
import pytest

from telmee.core.errors import DomainError
from telmee.installation import database
from telmee.installation.embedded_database import Addresses, EmbeddedDatabase


@pytest.fixture(scope="module")
def addresses(server: EmbeddedDatabase) -> Addresses:
    found = server.addresses()
    assert found
    database.setup(found.owner)
    return found


def ask(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


def rights_on(url: str, table: str) -> set[str]:
    rows = ask(
        url,
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE table_name = %s AND grantee = 'telmee_app'",
        table,
    )
    return {right for (right,) in rows}


def tables(url: str) -> set[str]:
    rows = ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in rows}


def test_every_table_with_special_rights_exists(addresses: Addresses) -> None:
    assert database.RIGHTS.keys() - tables(addresses.owner) == set()


def test_the_application_has_exactly_the_rights_that_are_declared(addresses: Addresses) -> None:
    found = {table: rights_on(addresses.owner, table) for table in tables(addresses.owner)}
    wanted = {table: set(database.RIGHTS.get(table, database.EVERYTHING)) for table in found}
    whole = {table: {r for r in rights if "(" not in r} for table, rights in wanted.items()}
    assert found == whole
    assert wanted["ledger_entry"] == {"SELECT", "INSERT"}


def test_what_may_be_changed_of_a_row_is_what_is_declared(addresses: Addresses) -> None:
    for table, rights in database.RIGHTS.items():
        declared = {
            column.strip(' "')
            for right in rights
            if right.startswith("UPDATE (")
            for column in right.removeprefix("UPDATE (").removesuffix(")").split(",")
        }
        if not declared:
            continue
        changeable = ask(
            addresses.owner,
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND has_column_privilege('telmee_app', attrelid, attnum, 'UPDATE')",
            table,
        )
        assert {column for (column,) in changeable} == declared, table


def test_a_guard_holds_all_of_a_row_that_the_application_may_not_change(
    addresses: Addresses,
) -> None:
    """What it names is sealed: a column that came later would be left out of the chain unseen."""
    guards = ask(
        addresses.owner,
        "SELECT tgrelid::regclass::text, array_agg(attname::text) FROM pg_trigger"
        " JOIN pg_attribute ON attrelid = tgrelid AND attnum > 0 AND NOT attisdropped"
        " WHERE tgname = 'only_grows' AND NOT (attnum = ANY (tgattr) OR tgattr::text = '')"
        " GROUP BY 1",
    )
    assert len(guards) > 4
    for table, open_columns in guards:
        (update,) = (right for right in database.RIGHTS[table] if right.startswith("UPDATE ("))
        named = update.removeprefix("UPDATE (").removesuffix(")").split(",")
        assert {column.strip(' "') for column in named} == set(open_columns), table
        assert "DELETE" not in database.RIGHTS[table]


def test_the_sender_has_exactly_the_rights_that_are_declared(addresses: Addresses) -> None:
    sender = database.sender_of("telmee_app")
    rows = ask(
        addresses.owner,
        "SELECT table_name, privilege_type, column_name FROM information_schema.column_privileges"
        " WHERE grantee = %s AND privilege_type <> 'SELECT'",
        sender,
    )
    (update,) = [r for r in database.SENDER_RIGHTS["notices_notice"] if r != "SELECT"]
    columns = {column.strip() for column in update[len("UPDATE (") : -1].split(",")}
    notices = {("notices_notice", "UPDATE", column) for column in columns}
    suspects = {row for row in rows if row[0] == "notices_suspect"}
    assert set(rows) == notices | suspects
    assert {right for _, right, _ in suspects} == {"INSERT"}


def test_a_role_that_inherits_no_longer_does_once_it_may_send(addresses: Addresses) -> None:
    """Else it would have the rights of the sender without taking that role on."""
    with psycopg.connect(addresses.owner) as connection:
        connection.execute("CREATE ROLE made_before LOGIN INHERIT")
        for _time in range(2):
            database._make_role(connection, "made_before", None)
            database._make_sender(connection, "made_before")
        found = connection.execute(
            "SELECT rolinherit, pg_has_role('made_before', 'made_before_sender', 'MEMBER'),"
            " pg_has_role('made_before', 'made_before_sender', 'USAGE')"
            " FROM pg_roles WHERE rolname = 'made_before'"
        ).fetchone()
        connection.rollback()
    assert found == (False, True, False)


def test_a_right_that_was_withdrawn_or_slipped_in_is_put_straight(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as connection:
        connection.execute("GRANT UPDATE, TRUNCATE ON ledger_entry TO telmee_app")
        connection.execute("REVOKE SELECT ON audit_event FROM telmee_app")
        database._grant(connection, "telmee_app")
    assert rights_on(addresses.owner, "ledger_entry") == {"SELECT", "INSERT"}
    assert rights_on(addresses.owner, "audit_event") == {"SELECT", "INSERT"}


@pytest.mark.parametrize(
    "forbidden",
    [
        "DELETE FROM ledger_entry",
        "TRUNCATE audit_event",
        "CREATE TABLE mine ()",
        "ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY",
        "DROP TABLE ledger_entry",
        "SET ROLE telmee_owner",
        "UPDATE django_migrations SET name = ''",
    ],
)
def test_the_application_cannot(addresses: Addresses, forbidden: str) -> None:
    with (
        psycopg.connect(addresses.app) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(forbidden)


def test_a_role_that_row_security_does_not_hold_is_refused(addresses: Addresses) -> None:
    assert database.role_faults(addresses.app) == []
    assert [fault.code for fault in database.role_faults(addresses.owner)] == [
        "role_bypasses_row_security"
    ]
    with psycopg.connect(addresses.owner, autocommit=True) as connection:
        connection.execute("CREATE ROLE goes_round LOGIN BYPASSRLS")
        connection.execute("CREATE ROLE owns_some LOGIN IN ROLE telmee_owner")
    for role in ("goes_round", "owns_some"):
        faults = database.role_faults(addresses.app.replace("telmee_app", role))
        assert [fault.params["role"] for fault in faults] == [role]


def test_it_knows_whether_it_was_set_up(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.is_set_up(addresses.app)
    assert database.is_empty(addresses.owner)
    assert not database.is_set_up(addresses.app.replace("/telmee?", "/elsewhere?"))
    monkeypatch.setattr(database, "_stamp", lambda: "of a newer version")
    assert not database.is_set_up(addresses.app)


def test_a_database_that_sorts_otherwise_is_refused(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(DomainError) as raised:
        database.setup(addresses.owner.replace("/telmee?", "/latin?"))
    assert raised.value.problems[0].code == "database_unsuitable"
    assert raised.value.problems[0].params["encoding"] == "LATIN1"


def test_an_owner_who_may_not_is_told_what_to_ask_for(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner, autocommit=True) as connection:
        connection.execute("CREATE ROLE modest LOGIN")
    with pytest.raises(DomainError) as raised:
        database.setup(addresses.owner.replace("telmee_owner", "modest"), "another_app")
    (problem,) = raised.value.problems
    assert (problem.code, problem.params["role"]) == ("database_right_missing", "another_app")


def test_a_server_that_is_not_there_is_told(addresses: Addresses) -> None:
    gone = addresses.owner.replace("port=5432", "port=5999")
    for attempt in (database.setup, database.is_set_up, database.is_empty):
        with pytest.raises(DomainError) as raised:
            attempt(gone)
        assert raised.value.problems[0].code == "database_unreachable"


def test_tables_that_other_migrations_made_are_refused(server: EmbeddedDatabase) -> None:
    found = server.addresses()
    assert found
    database.setup(found.owner)
    database.setup(found.owner)  # the same ones may come again
    with psycopg.connect(found.owner) as connection:
        kept = database.kept_migrations(connection)
    assert "ledger.0001_initial" in kept
    fewer = {name: kept[name] for name in list(kept)[:-1]}
    database.require_own_migrations(fewer, found.owner)  # what comes after is taken
    for other in (kept | {"ledger.0001_initial": "0" * 64}, kept | {"ledger.9999_gone": "0" * 64}):
        with psycopg.connect(found.owner) as connection:
            text = json.dumps(other)
            connection.execute(f"COMMENT ON COLUMN django_migrations.name IS '{text}'")
        with pytest.raises(DomainError) as raised:
            database.setup(found.owner)
        assert raised.value.problems[0].code == "database_other_migrations"
    with psycopg.connect(found.owner) as connection:  # set up before this was kept
        connection.execute("COMMENT ON COLUMN django_migrations.name IS NULL")
    with pytest.raises(DomainError):
        database.setup(found.owner)
    with psycopg.connect(found.owner) as connection:
        connection.execute(f"COMMENT ON COLUMN django_migrations.name IS '{json.dumps(kept)}'")

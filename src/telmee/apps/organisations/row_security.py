"""Row security as operations of a migration: what the application's role may see and write.

Every policy says its condition in SQL once, here and in the migrations of each app; the functions
it may use are made by `organisations.0002` and `contracts.0002`. The owner of the tables is not
bound by it: he migrates, loads and checks.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

#: Conditions that policies are made of. The inner SELECT makes the database ask once per query.
ORGANISATIONS = "ANY ((SELECT telmee_organisations())::bigint[])"
WORKING = "ANY ((SELECT telmee_working())::bigint[])"
MANAGED = "ANY ((SELECT telmee_managed())::bigint[])"
COUNCILS = "ANY ((SELECT telmee_councils())::bigint[])"
ME = "(SELECT telmee_user())"
ANYBODY = "(SELECT telmee_organisations()) IS NOT NULL"
SIGNED_IN = "(SELECT telmee_user()) <> 0"
OPERATOR = "(SELECT telmee_operator())"


def ids_from(call: str) -> str:
    """SQL with the ids that a function gives as an array, for an `IN`.

    The database asks once per query and looks ids up by hash; an array would be searched from
    its start for every row, which a client with 1,300 contracts feels. The SELECT around the call
    keeps the planner from calling the function to learn how many there are: it did so for each
    policy of each table, longer than the query itself took.
    """
    return f"(SELECT unnest((SELECT {call})))"


def contracts_as(*roles: str) -> str:
    """SQL with the ids of the contracts where an acting organisation has a role, for an `IN`."""
    return ids_from(f"telmee_contracts('{{{','.join(sorted(roles))}}}')")


def contracts_worked_as(*roles: str) -> str:
    """SQL with the ids of the contracts where somebody may write for who has one of these roles."""
    return ids_from(f"telmee_contracts_worked('{{{','.join(sorted(roles))}}}')")


#: The contracts of which an acting organisation sees everybody's lines, for an `IN`; and those that
#: it took over, of which it sees those from that day on.
WHOLE = ids_from("telmee_contracts_whole()")
TAKEN_OVER = ids_from("telmee_contracts_taken_over()")


def protect(
    table: str,
    *,
    read: str,
    insert: str | None = None,
    update: str | None = None,
    delete: str | None = None,
) -> migrations.RunSQL:
    """Switch row security on for a table, with one policy for each thing that may be done.

    What has no condition cannot be done at all by the application's role.
    """
    statements: list[Any] = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY may_read ON {table} FOR SELECT USING ({read})",
    ]
    if insert:
        statements.append(f"CREATE POLICY may_insert ON {table} FOR INSERT WITH CHECK ({insert})")
    if update:
        statements.append(
            f"CREATE POLICY may_update ON {table} FOR UPDATE USING ({update}) WITH CHECK ({update})"
        )
    if delete:
        statements.append(f"CREATE POLICY may_delete ON {table} FOR DELETE USING ({delete})")
    undo: list[Any] = [
        *(
            f"DROP POLICY IF EXISTS may_{deed} ON {table}"
            for deed in ("read", "insert", "update", "delete")
        ),
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return migrations.RunSQL(statements, undo)


def stamped(table: str, column: str) -> migrations.RunSQL:
    """Let the database write the moment of a new row; only the owner may bring another one."""
    return migrations.RunSQL(
        f"CREATE TRIGGER stamp BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION telmee_stamp('{column}')",
        f"DROP TRIGGER stamp ON {table}",
    )


def only_while_open(table: str, *deeds: str) -> migrations.RunSQL:
    """Refuse these deeds (INSERT, UPDATE, DELETE) on rows of a contract that is closed.

    Asked once per statement, under the lock that closing a contract takes (`contracts.0002`).
    """
    seen = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}
    return migrations.RunSQL(
        [
            f"CREATE TRIGGER only_while_open_{deed.lower()} AFTER {deed} ON {table} "
            f"REFERENCING {seen[deed]} TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION telmee_require_open()"
            for deed in deeds
        ],
        [f"DROP TRIGGER only_while_open_{deed.lower()} ON {table}" for deed in deeds],
    )


def only_grows(table: str, *columns: str) -> migrations.RunSQL:
    """Let a table only grow: no change, no removal, by nobody (function: `organisations.0002`).

    Where something of a row may become otherwise, `columns` are all that may not. These are sealed.
    """
    of = f" OF {', '.join(columns)}" if columns else ""
    return migrations.RunSQL(
        [
            f"CREATE TRIGGER only_grows BEFORE UPDATE{of} OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION telmee_refuse_change()",
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION telmee_refuse_change()",
        ],
        [f"DROP TRIGGER only_grows ON {table}", f"DROP TRIGGER never_emptied ON {table}"],
    )


def names_nobody(table: str, *texts: str) -> migrations.RunSQL:
    """Refuse texts about a contract that name somebody by a code (function: `organisations.0002`).

    What only grows keeps them for ever, and nobody could erase the code there any more.
    """
    return migrations.RunSQL(
        f"CREATE TRIGGER names_nobody AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed "
        f"FOR EACH STATEMENT EXECUTE FUNCTION telmee_refuse_codes({', '.join(map(repr, texts))})",
        f"DROP TRIGGER names_nobody ON {table}",
    )

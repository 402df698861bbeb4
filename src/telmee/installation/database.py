"""Roles, tables and rights: who owns the database and who may do what in it.

Three roles: the owner makes the tables; the application's role owns nothing, so that it cannot
switch off row security; the sender of notices sees the outbox and nothing else. Each has here, in
one place, exactly the rights it needs. Nobody signs in as the sender: the application's role is a
member of it without having its rights, and takes them on while it sends (`SET ROLE`).
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from telmee.core.errors import DomainError, Problem
from telmee.installation.embedded_database import APP

_ROOT = Path(__file__).parents[3]
_Connection = psycopg.Connection[tuple[Any, ...]]

EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")
APPENDING = ("SELECT", "INSERT")
READING = ("SELECT",)

#: What the application may do with a table, where that is not everything: books only grow, and
#: published facts come with an upgrade. Kept true by the server, not by manners. Rights are given
#: here and never in a migration, so that a new installation and a restored one have the same.
RIGHTS = {
    "ledger_entry": APPENDING,
    "audit_event": APPENDING,
    "receipts_receipt": APPENDING,
    "decisions_decision": APPENDING,
    "decisions_objection": APPENDING,
    "decisions_extension": APPENDING,
    "agreements_agreement": APPENDING,
    "agreements_version": APPENDING,
    "agreements_answer": APPENDING,
    "agreements_resolution": APPENDING,
    "agreements_planline": APPENDING,
    "agreements_comment": APPENDING,
    "agreements_share": APPENDING,
    "agreements_turnover": APPENDING,
    "agreements_pooling": APPENDING,
    "settlements_statement": APPENDING,
    "settlements_correction": APPENDING,
    "letters_housestyle": APPENDING,
    "letters_letter": APPENDING,
    "letters_paper": APPENDING,
    "letters_template": APPENDING,
    "trust_rule": APPENDING,
    "trust_weighing": APPENDING,
    "trust_sample": APPENDING,
    "trust_review": APPENDING,
    # A trigger writes it with the review; a person lifts it.
    "trust_lapse": ("SELECT", "UPDATE (lifted_at, lifted_by_id, lifted_why)"),
    # What a list says stays; what it may be in the register is looked up again.
    "coverage_purchaselist": (
        *APPENDING,
        "UPDATE (withdrawn_at, withdrawn_by_id, withdrawn_why)",
    ),
    "coverage_purchase": (*APPENDING, "UPDATE (proposed_id, sureness)"),
    "coverage_purchaseanswer": APPENDING,
    "enforcement_ladder": APPENDING,
    "enforcement_step": APPENDING,
    "enforcement_confirmation": APPENDING,
    "enforcement_withdrawal": APPENDING,
    "enforcement_secondlook": APPENDING,
    "enforcement_exit": APPENDING,
    "enforcement_leniency": (*APPENDING, "UPDATE (ended_on, ended_by_id, ended_why)"),
    "openness_opening": APPENDING,
    "ledger_balance": READING,  # triggers keep these
    "ledger_linebalance": READING,
    "ledger_movement": READING,
    "reports_counted": APPENDING,
    "reports_draft": (*APPENDING, "UPDATE (document, problems)"),
    "reports_goal": APPENDING,
    "reports_paper": APPENDING,
    "reports_publishing": APPENDING,
    "reports_report": APPENDING,
    "audit_seal": READING,  # `telmee_seal` writes it
    "schemes_schemeversion": READING,
    "organisations_municipality": READING,
    "organisations_region": READING,
    "organisations_regionmembership": READING,
    "contracts_cpvcode": READING,
    "contributions_transition": READING,
    "django_migrations": READING,
    # The facts that an amendment can change go by it; the journal tells what else was changed.
    "contracts_contract": (
        *APPENDING,
        "UPDATE (name, search_text, procurement, lot, cpv_id, adviser_id, percentage_reason,"
        " category, scheme_id, rules_client, published_on, awarded_on, start,"
        ' "end", extension_count, extension_months, value_cents, wages_cents, labour_share_bp,'
        " with_vat_cents, eu_threshold_cents, offered_bp, chosen_bp, agreed_cents, over_turnover,"
        " turnover_period, client_decides, no_obligation, no_obligation_reason,"
        " obligation_cents, obligation_receipt_id, amended, closed_on,"
        " voided_on)",
    ),
    "contracts_amendment": APPENDING,
    "contracts_party": (*APPENDING, "UPDATE (since)", "DELETE"),
    "contributions_evidence": (
        *APPENDING,
        "UPDATE (removed_at, is_searched, waits_for_search)",
        "DELETE",
    ),
    "contributions_sighting": (*APPENDING, "DELETE"),
    "contributions_touched": (*APPENDING, "UPDATE (reviewed_at, reviewed_by_id)"),
    "contributions_counterpartylink": (*APPENDING, "UPDATE (withdrawn_at)"),
    "contributions_counterpartyanswer": ("SELECT", "UPDATE (reviewed_at, reviewed_by_id)"),
    "contributions_upload": (
        *APPENDING,
        "UPDATE (status, added, known, refused, read_at, file_name)",
    ),
    "contributions_handingin": (*APPENDING, "UPDATE (status, done, refused, finished_at)"),
    "relations_contact": (*APPENDING, "UPDATE (name, function, email, phone)", "DELETE"),
    "relations_conversation": APPENDING,
    "relations_message": APPENDING,
    "relations_reading": APPENDING,
    "relations_task": (*APPENDING, "UPDATE (owner_id, text, due_on, done_at, done_by_id)"),
    "relations_contactterm": (
        *APPENDING,
        "UPDATE (first_weeks, every_weeks, report_period, report_since)",
    ),
    "relations_nothingtoreport": APPENDING,
    "relations_absence": (*APPENDING, "UPDATE (last)", "DELETE"),
    "people_person": (*APPENDING, "UPDATE (code, code_key, near_parts, near_whole, erased_at)"),
    "organisations_membership": (*APPENDING, "UPDATE (role)", "DELETE"),
    "organisations_invitation": (
        *APPENDING,
        "UPDATE (withdrawn_at, approved_by_id, token_hash, expires_at)",
    ),
    "organisations_confirmation": APPENDING,
    "organisations_formername": READING,  # a trigger writes it
    "organisations_keptfilter": (*APPENDING, "UPDATE (query)", "DELETE"),
    "organisations_organisation": (*APPENDING, "UPDATE"),
    "organisations_recognition": (*APPENDING, "UPDATE (valid_until)"),
    "organisations_user": (*APPENDING, "UPDATE"),
    # An operator sends again or marks as settled; sending is for the sender's role.
    "notices_notice": (*APPENDING, "UPDATE (state, attempts, next_attempt_at, sealed)"),
    "notices_suspect": (*APPENDING, "DELETE"),
    "notices_wish": (*APPENDING, "UPDATE (rhythm)"),
}

#: What the sender of notices may do, and nothing beside it.
SENDER_RIGHTS = {
    "notices_notice": (
        "SELECT",
        "UPDATE (state, attempts, next_attempt_at, fault, answer, mail, sealed)",
    ),
    "notices_suspect": APPENDING,
    "notices_wish": READING,
}
#: What only the sender may ask: whether somebody may still read a notice, and his address.
SENDER_ASKS = ("telmee_notice_reader(bigint)",)
#: That, and what the policies and the trigger of the outbox ask.
_SENDER_CALLS = (
    "telmee_sends()",
    "telmee_operator()",
    "telmee_owner_acts()",
    "telmee_user()",
    "telmee_near_address(text)",
    *SENDER_ASKS,
)

SETTINGS = "telmee.config.settings"
_VERSION_MIN = 150000
#: Where `django_migrations` has its `name`; the hashes stand in the comment of that column.
_NAME_COLUMN = 3


def setup(owner_url: str, app_role: str = APP, password: str | None = None) -> None:
    """Make the role and the database where they are missing, migrate, and grant.

    May be repeated. Raises `DomainError` when the owner lacks a right, or the database cannot be
    used.
    """
    with _predicted_failures(owner_url, app_role):
        _make_database(owner_url)
        with psycopg.connect(owner_url) as connection:
            _require_suitable(connection)
            require_own_migrations(kept_migrations(connection), owner_url)
            _make_role(connection, app_role, password)
            _make_sender(connection, app_role)
        _migrate(owner_url)
        with psycopg.connect(owner_url) as connection:
            _grant(connection, app_role)
            _write_stamp(connection)


def kept_migrations(connection: _Connection) -> dict[str, str]:
    """The hash of each migration of ours, as it was when it made these tables.

    Django knows the names only, and would work with other tables when one was rewritten.
    """
    if not [*_present(connection, "django_migrations")]:
        return {}
    find = "SELECT col_description('django_migrations'::regclass, %s)"
    (kept,) = connection.execute(find, [_NAME_COLUMN]).fetchone() or (None,)
    applied = connection.execute("SELECT 1 FROM django_migrations LIMIT 1").fetchone()
    unknown = {"?": ""} if applied else {}
    return dict(json.loads(kept)) if kept else unknown


def require_own_migrations(kept: Mapping[str, str], owner_url: str) -> None:
    """Refuse tables that other migrations made than ours; only ones that come after are taken."""
    ours = own_migrations()
    other = sorted(name for name, sha256 in kept.items() if ours.get(name) != sha256)
    if other:
        address = conninfo_to_dict(owner_url)
        where = " ".join(str(address[part]) for part in ("host", "dbname") if part in address)
        params = {"where": where, "migrations": ", ".join(other[:5])}
        raise DomainError(Problem("database_other_migrations", params=params))


def is_set_up(url: str) -> bool:
    """Whether the database was set up for this version; any role may ask.

    Comparing a stamp takes milliseconds, finding out what to migrate takes seconds.
    """
    find = "SELECT obj_description(to_regclass('django_migrations'), 'pg_class')"
    with suppress(_Missing), _connected(url) as connection:
        return connection.execute(find).fetchone() == (_stamp(),)
    return False


def sender_of(app_role: str) -> str:
    """Name the role that sends notices for an application's role; `telmee_sends` knows it too."""
    return f"{app_role}_sender"


def is_empty(owner_url: str) -> bool:
    """Whether nobody works with the database yet: no user and no organisation."""
    look = sql.SQL("SELECT FROM {} LIMIT 1")
    with suppress(_Missing), _connected(owner_url) as connection:
        return not any(
            connection.execute(look.format(table)).fetchall()
            for table in _present(connection, "organisations_user", "organisations_organisation")
        )
    return True


def role_faults(url: str) -> list[Problem]:
    """What is wrong with the application's role, to be told with whatever else is refused."""
    try:
        with suppress(_Missing), _connected(url) as connection:
            require_safe_role(connection)
    except DomainError as error:
        return list(error.problems)
    return []


def require_safe_role(connection: _Connection) -> None:
    """Refuse a role that row security does not hold: superuser, BYPASSRLS, or owner of tables."""
    role = connection.execute(
        """
        SELECT rolname, rolsuper OR rolbypassrls OR EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND pg_has_role(current_user, relowner, 'MEMBER')
        ) FROM pg_roles WHERE rolname = current_user
        """
    ).fetchone()
    if role is None or role[1]:
        params = {"role": role[0] if role else ""}
        raise DomainError(Problem("role_bypasses_row_security", "DATABASE_URL", params=params))


class _Missing(Exception):  # noqa: N818  # not a failure: a database that is still to be made
    """There is no such database, or no such role."""


@contextmanager
def _connected(url: str) -> Iterator[_Connection]:
    """Connect, or tell what is missing from what cannot be reached; libpq gives no code for it."""
    try:
        connection = psycopg.connect(url)
    except psycopg.OperationalError as error:
        if "FATAL" in str(error) and "does not exist" in str(error):
            raise _Missing from error
        raise _unreachable(error) from error
    with connection:
        yield connection


def _unreachable(error: psycopg.OperationalError) -> DomainError:
    return DomainError(Problem("database_unreachable", params={"reason": _first_line(error)}))


@contextmanager
def _predicted_failures(owner_url: str, app_role: str) -> Iterator[None]:
    """Say the two predicted failures of working as owner in our own words."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        name = str(conninfo_to_dict(owner_url).get("dbname", ""))
        params = {"reason": _first_line(error), "role": app_role, "name": name}
        raise DomainError(Problem("database_right_missing", params=params)) from error
    except psycopg.OperationalError as error:
        raise _unreachable(error) from error


def _first_line(error: psycopg.Error) -> str:
    return (str(error).splitlines() or [""])[0]


def _make_database(owner_url: str) -> None:
    with suppress(_Missing), _connected(owner_url):
        return
    name = str(conninfo_to_dict(owner_url)["dbname"])
    create = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
    elsewhere = make_conninfo(owner_url, dbname="postgres")
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(sql.SQL(create).format(sql.Identifier(name)))


def _require_suitable(connection: _Connection) -> None:
    """Refuse a server or database in which something would mean something else."""
    encoding, collation = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone() or ("", "")
    version = connection.info.server_version
    in_byte_order = collation in {"C", "POSIX"} or collation.startswith("C.")
    if version < _VERSION_MIN or encoding != "UTF8" or not in_byte_order:
        params = {"version": version // 10000, "encoding": encoding, "collation": collation}
        raise DomainError(Problem("database_unsuitable", params=params))


def _make_role(connection: _Connection, role: str, password: str | None) -> None:
    """Make the application's role; one that exists keeps its password unless another is given."""
    name = sql.Identifier(role)
    exists = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if exists is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(name))
    if password and (exists is None or not _signs_in(connection, role, password)):
        change = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(change.format(name, sql.Literal(password)))


def _make_sender(connection: _Connection, app_role: str) -> None:
    """Make the role that sends, and let the application's role take it on, never inherit it."""
    app, sender = sql.Identifier(app_role), sql.Identifier(sender_of(app_role))
    find = "SELECT rolinherit FROM pg_roles WHERE rolname = %s"
    if connection.execute(find, [app_role]).fetchone() == (True,):
        connection.execute(sql.SQL("ALTER ROLE {} NOINHERIT").format(app))
    if connection.execute(find, [sender_of(app_role)]).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sender))
    is_member = "SELECT pg_has_role(%s, %s, 'MEMBER')"
    if connection.execute(is_member, [app_role, sender_of(app_role)]).fetchone() != (True,):
        connection.execute(sql.SQL("GRANT {} TO {}").format(sender, app))


def _signs_in(connection: _Connection, role: str, password: str) -> bool:
    """Whether a role has this password already, so that it is not set without need."""
    try:
        psycopg.connect(connection.info.dsn, user=role, password=password).close()
    except psycopg.OperationalError:
        return False
    return True


def _migrate(owner_url: str) -> None:
    """Make the tables and what is published in them, in a process that is the owner everywhere."""
    environment = {
        **os.environ,
        "DATABASE_URL": owner_url,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", SETTINGS),
        "PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
    }
    environment.setdefault("TELMEE_SECRET_KEY", secrets.token_urlsafe())
    command = [sys.executable, "-m", "telmee.installation.published_data"]
    done = subprocess.run(  # noqa: S603  # our own program
        command, check=False, env=environment, stdout=subprocess.PIPE
    )
    if done.returncode == 1 and done.stdout:
        raise DomainError(Problem(**problem) for problem in json.loads(done.stdout))
    done.check_returncode()


def _present(connection: _Connection, *tables: str) -> Iterator[sql.Identifier]:
    for table in tables:
        if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
            yield sql.Identifier(table)


def _grant(connection: _Connection, app_role: str) -> None:
    """The roles get their rights, after losing all they had: what was withdrawn is gone.

    Every function looks for its tables where they are, also those of libraries: a table of the
    caller's own, in `pg_temp`, is never taken for one of them. A role may call what is no trigger,
    makes nothing in the schema and no tables for itself.
    """
    app, sender = sql.Identifier(app_role), sql.Identifier(sender_of(app_role))
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
    for start in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {0}, {1}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {0}, {1}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {0}, {1}",
        "GRANT USAGE ON SCHEMA public TO {0}, {1}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {0}",
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {0}, {1}",
    ):
        connection.execute(sql.SQL(start).format(app, sender))
    for table in _tables(connection):
        _grant_table(connection, table, RIGHTS.get(table, EVERYTHING), app)
        _grant_table(connection, table, SENDER_RIGHTS.get(table, ()), sender)
    for function in _functions(connection):
        call = sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}")
        if function not in SENDER_ASKS:
            connection.execute(call.format(sql.SQL(function), app))
        if function in _SENDER_CALLS:
            connection.execute(call.format(sql.SQL(function), sender))


def _tables(connection: _Connection) -> list[str]:
    find = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return [table for (table,) in connection.execute(find).fetchall()]


def _grant_table(
    connection: _Connection, table: str, rights: Sequence[str], role: sql.Identifier
) -> None:
    if rights:
        listed = sql.SQL(", ").join(map(sql.SQL, rights))
        grant = sql.SQL("GRANT {} ON {} TO {}")
        connection.execute(grant.format(listed, sql.Identifier(table), role))


#: Functions that PostgreSQL puts into the query that asks, where a call for each of thousands of
#: lines would cost as much as the rest. It does so only without a path of their own: they run as
#: who asks, and name what they use with its schema.
_PUT_IN = ["telmee_day_of", "telmee_receipt_years", "telmee_to_come", "telmee_years"]


def _functions(connection: _Connection) -> Iterator[str]:
    """Pin where each function looks for its tables, and list those that are no trigger."""
    find = """
        SELECT oid::regprocedure::text, proconfig::text LIKE '%%search_path=%%'
                   OR proname = ANY (%s), prorettype
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    """
    trigger = connection.execute("SELECT 'trigger'::regtype::oid").fetchone()
    for function, is_pinned, returns in connection.execute(find, [_PUT_IN]).fetchall():
        if not is_pinned:
            pin = sql.SQL("ALTER FUNCTION {} SET search_path = pg_catalog, public, pg_temp")
            connection.execute(pin.format(sql.SQL(function)))
        if (returns,) != trigger:
            yield function


def _stamp() -> str:
    """Sum up all that `setup` depends on: libraries, migrations, rights and published data."""
    digest = hashlib.sha256()
    for path in (
        _ROOT / "requirements" / "run.txt",
        Path(__file__),
        *sorted((_ROOT / "src" / "telmee").glob("**/migrations/*.py")),
        *sorted((_ROOT / "src" / "telmee").glob("apps/*/reference/*.csv")),
        *sorted((_ROOT / "schemes").glob("**/*.toml")),
    ):
        digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"telmee {digest.hexdigest()}"


def own_migrations() -> dict[str, str]:
    """The hash of each migration of this version, without those of libraries."""
    files = sorted((_ROOT / "src" / "telmee" / "apps").glob("*/migrations/0*.py"))
    return {
        f"{file.parents[1].name}.{file.stem}": hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def _write_stamp(connection: _Connection) -> None:
    note = sql.SQL("COMMENT ON TABLE django_migrations IS {}")
    connection.execute(note.format(sql.Literal(_stamp())))
    stamped = sql.SQL("COMMENT ON COLUMN django_migrations.name IS {}")
    connection.execute(stamped.format(sql.Literal(json.dumps(own_migrations()))))

"""Seals: the chain that shows what was altered in what only grows.

A seal names a batch of rows of one table, each with its hash, and repeats the head of the seal
before it; its own head is the hash of all that. Rows are sealed by the database itself
(`telmee_seal` of migrations/0002_seals.py) after their transaction, so that no writer waits.

Checking trusts no function that is kept in the database, for whoever alters rows could alter that
as well: the same expressions stand here and are sent with each check.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from telmee.apps.audit.models import Seal
from telmee.core.errors import DomainError, Problem

#: The head of a seal `s`. Its contents are the ids and hashes, in order.
HEAD = """encode(sha256(convert_to(jsonb_build_array(
    'telmee.seal.1', s.number, (extract(epoch FROM s.at) * 1000000)::bigint, s.table_name,
    to_jsonb(s.columns), s.last_id, s.rows_total, s.previous,
    (SELECT encode(sha256(string_agg(int8send(u.id) || u.hash, ''::bytea ORDER BY u.n)), 'hex')
     FROM unnest(s.ids, s.hashes) WITH ORDINALITY u(id, hash, n))
)::text, 'UTF8')), 'hex')"""
#: The hash of a row `t`: its table and its columns as JSON, which has one spelling for each value
#: once the time zone is UTC. For `format`: the name of the table, and the columns.
ROW_HASH = "sha256(convert_to(jsonb_build_array(%L, %s)::text, ''UTF8''))"

_GUARDS = ("never_emptied", "only_grows")

_CHAIN = f"""
    SELECT number FROM (
        SELECT number, head, {HEAD} AS made, previous,
               lag(head, 1, repeat('0', 64)) OVER found AS head_before,
               row_number() OVER found AS place, cardinality(ids) AS held, cardinality(hashes),
               rows_total, sum(cardinality(ids)) OVER found AS rows_before,
               ids[cardinality(ids)] AS greatest, last_id
        FROM audit_seal s WINDOW found AS (ORDER BY number)
    ) chained
    WHERE head <> made OR previous <> head_before OR number <> place OR held <> cardinality
       OR rows_total <> rows_before OR greatest <> last_id
    ORDER BY number"""  # noqa: S608 - no value of anybody's
_TABLES = """
    SELECT DISTINCT table_name FROM audit_seal
    UNION SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgname = 'only_grows' AND relname <> 'audit_seal' ORDER BY 1"""
#: A guard refuses as the first thing it does.
_GUARDED = r"""
    SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname = ANY(%s)
        AND tgenabled IN ('O', 'A') AND EXISTS (SELECT FROM pg_proc p WHERE p.oid = tgfoid
                    AND p.prosrc ~ '^\s*BEGIN\s+RAISE EXCEPTION ')"""
_COLUMNS = """
    SELECT columns, min(number) FROM audit_seal WHERE table_name = %s
    GROUP BY columns ORDER BY 2"""
#: Ids of a table that were handed out long before others that are sealed, and came after those.
#: A transaction may take long; none takes a day.
_LATE = """
    SELECT u.id AS row_id FROM (
        SELECT number, ids, max(last_id) OVER (
            ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND '1 day'::interval PRECEDING
        ) AS passed FROM audit_seal WHERE table_name = %s
    ) s, unnest(s.ids) u(id) WHERE s.ids[1] < s.passed AND u.id < s.passed ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain has come: what somebody keeps elsewhere, to hold it against later."""

    seal: int
    rows: int
    at: datetime
    head: str

    def as_text(self, place: str) -> str:
        """Write it as a file to keep; `place` is the address of the installation."""
        facts = {"telmee": place, "seal": self.seal, "rows": self.rows}
        facts |= {"at": self.at.isoformat(), "head": self.head}
        return json.dumps(facts, indent=2) + "\n"


def read_head(text: str) -> Head:
    """Read a head as it was kept. Raises `head_unreadable`."""
    try:
        kept = json.loads(text)
        head = Head(
            int(kept["seal"]),
            int(kept["rows"]),
            datetime.fromisoformat(kept["at"]),
            str(kept["head"]),
        )
    except (ValueError, KeyError, TypeError):
        raise DomainError(Problem("head_unreadable", "--head")) from None
    if not re.fullmatch("[0-9a-f]{64}", head.head) or not 0 < head.seal < 2**63:
        raise DomainError(Problem("head_unreadable", "--head"))
    return head


def seal_rows(*, using: str = "default", everything: bool = False) -> int:
    """Seal what is not sealed yet, and give how many rows: none while another one seals.

    The quick way looks at the latest 100,000 numbers of each table; `everything` at all, so that
    a row whose transaction took very long is found as well.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT telmee_seal(%s)", [everything])
        sealed: int = cursor.fetchone()[0]
    return sealed


def latest_head(using: str = "default") -> Head | None:
    """The newest seal of the chain, which stands for all rows before it; None before the first."""
    seals = Seal.objects.using(using).order_by("-number")
    last = seals.values_list("number", "rows_total", "at", "head").first()
    return None if last is None else Head(*last)


def head_faults(kept: Head, using: str = "default") -> list[Problem]:
    """Hold the chain against a head that was kept elsewhere."""
    seal = Seal.objects.using(using).filter(number=kept.seal).values_list("head", flat=True).first()
    if seal is None:
        return [Problem("seal_head_missing", params={"seal": kept.seal})]
    if seal != kept.head:
        return [Problem("seal_head_differs", params={"seal": kept.seal})]
    return []


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a check of the seals came to; `waiting` counts the rows that no seal names yet."""

    faults: tuple[Problem, ...]
    rows: int
    waiting: int


def check_seals(using: str = "default") -> Sealed:
    """Hold every sealed row against the chain, and the chain against itself.

    Reads all of them, so it asks for the owner's connection.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(_CHAIN)
        faults = [Problem("seal_chain_broken", params={"seal": row[0]}) for row in cursor]
        cursor.execute(_TABLES)
        waiting = 0
        for (table,) in cursor.fetchall():
            faults += _guard_faults(cursor, table)
            broken, unsealed = _table_faults(cursor, table)
            faults += broken
            waiting += unsealed
        cursor.execute("SELECT coalesce(max(rows_total), 0) FROM audit_seal")
        return Sealed(tuple(faults), cursor.fetchone()[0], waiting)


def _guard_faults(cursor: Any, table: str) -> Iterator[Problem]:
    """A problem when a trigger that refuses changes to a table is missing, or off."""
    cursor.execute(_GUARDED, [table, list(_GUARDS)])
    if cursor.fetchone()[0] != len(_GUARDS):
        yield Problem("seal_guard_missing", params={"table": table})


def _table_faults(cursor: Any, table: str) -> tuple[list[Problem], int]:
    """What differs from the seals in one table, and how many of its rows wait for a seal."""
    cursor.execute(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    there = {name for (name,) in cursor}
    faults: list[Problem] = []
    cursor.execute(_COLUMNS, [table])
    for columns, first in cursor.fetchall():
        if not there.issuperset(columns):
            faults.append(Problem("seal_column_missing", params={"table": table, "seal": first}))
            continue
        cursor.execute(_compared(cursor, table, columns), [table, columns])
        codes = {True: "seal_row_missing", False: "seal_row_changed"}
        faults += [
            Problem(codes[gone], params={"table": table, "row": row, "seal": seal})
            for row, seal, gone in cursor
        ]
    cursor.execute(_LATE, [table])
    faults += [Problem("seal_row_late", params={"table": table, "row": row}) for (row,) in cursor]
    return faults, _waiting(cursor, table) if there else 0


def _compared(cursor: Any, table: str, columns: list[str]) -> str:
    """The SQL that holds the rows of a table against the seals made with these columns."""
    hashed = ROW_HASH.replace("%", "%%")
    cursor.execute(
        f"SELECT format('{hashed}', %s::text,"  # noqa: S608 - our own constant
        " (SELECT string_agg('t.' || quote_ident(c), ', ' ORDER BY n)"
        " FROM unnest(%s::text[]) WITH ORDINALITY u(c, n))), quote_ident(%s)",
        [table, columns, table],
    )
    expression, name = cursor.fetchone()
    # The names of columns may hold a percent sign; what is executed takes two values.
    row_hash = expression.replace("%", "%%")
    return f"""
        SELECT kept.id, kept.number, now.id IS NULL
        FROM (SELECT s.number, u.id, u.hash FROM audit_seal s, unnest(s.ids, s.hashes) u(id, hash)
              WHERE s.table_name = %s AND s.columns = %s::text[]) kept
        LEFT JOIN (SELECT t.id, {row_hash} AS hash FROM {name} t) now ON now.id = kept.id
        WHERE now.hash IS DISTINCT FROM kept.hash ORDER BY kept.id"""  # noqa: S608


def _waiting(cursor: Any, table: str) -> int:
    """Count the rows of a table that no seal names."""
    cursor.execute("SELECT quote_ident(%s)", [table])
    (name,) = cursor.fetchone()
    cursor.execute(
        f"SELECT count(*) FROM {name} t WHERE NOT EXISTS (SELECT FROM"  # noqa: S608 - quoted
        " (SELECT unnest(ids) AS id FROM audit_seal WHERE table_name = %s) s WHERE s.id = t.id)",
        [table],
    )
    waiting: int = cursor.fetchone()[0]
    return waiting

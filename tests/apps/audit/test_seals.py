"""The chain: everything that only grows comes in once, nobody waits, and nobody writes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.audit.seals import Sealed, check_seals, head_faults, latest_head, seal_rows
from telmee.apps.ledger.actions import post
from telmee.apps.organisations.acting import acting_as
from telmee.core.ledger import EntryKind
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.registering import register

ON = date(2025, 3, 1)
EVENT = (
    "INSERT INTO audit_event (verb, kind, object_id, reason, details)"
    " VALUES ('x.y', 'x', 1, '', '{}') RETURNING id"
)


def sealed(server: Server, name: str) -> Sealed:
    with connected(server.owner_url, name):
        return check_seals()


def test_what_is_there_is_sealed_once(
    own_database: str, server: Server, cast: Cast, as_owner: Callable[..., Any]
) -> None:
    register(cast)
    before = sealed(server, own_database)
    assert (before.faults, before.rows) == ((), 0)
    assert before.waiting > 2
    assert seal_rows() == before.waiting
    assert seal_rows() == seal_rows(everything=True) == 0
    after = sealed(server, own_database)
    assert after == Sealed((), before.waiting, 0)
    tables = as_owner("SELECT DISTINCT table_name FROM audit_seal ORDER BY 1")
    assert [name for (name,) in tables] == [
        "audit_event",
        "contracts_amendment",
        "contracts_contract",
        "ledger_entry",
        "receipts_receipt",
        "schemes_schemeversion",
    ]


def test_each_seal_repeats_the_head_before_it(
    own_database: str, cast: Cast, as_owner: Callable[..., Any]
) -> None:
    del own_database
    for number in range(3):
        register(cast, reference=f"S-{number}")
        seal_rows()
    rows = as_owner("SELECT number, previous, head FROM audit_seal ORDER BY number")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert [row[1] for row in rows] == ["0" * 64, *(row[2] for row in rows[:-1])]
    head = latest_head()
    assert head is not None
    assert (head.seal, head.head) == (len(rows), rows[-1][2])
    assert head_faults(head) == []


def test_a_row_that_commits_late_is_sealed_after(
    own_database: str, server: Server, as_owner: Callable[..., Any]
) -> None:
    seal_rows()
    with psycopg.connect(server.owner_url, dbname=own_database) as slow:
        (late,) = slow.execute(EVENT).fetchone() or ()
        ((early,),) = as_owner(EVENT)
        assert early > late
        assert seal_rows() == 1, "the open transaction neither holds us up nor is lost"
        slow.commit()
    assert sealed(server, own_database).waiting == 1
    assert seal_rows() == 1
    assert as_owner("SELECT ids FROM audit_seal ORDER BY number DESC LIMIT 2") == [
        ([late],),
        ([early],),
    ]
    assert sealed(server, own_database).faults == ()


def test_the_complete_way_finds_what_the_quick_one_passed(
    own_database: str, server: Server, as_owner: Callable[..., Any]
) -> None:
    with psycopg.connect(server.owner_url, dbname=own_database) as slow:
        slow.execute(EVENT)
        as_owner("SELECT setval(pg_get_serial_sequence('audit_event', 'id'), 500000)")
        as_owner(EVENT)
        seal_rows()
        slow.commit()
    assert seal_rows() == 0
    assert sealed(server, own_database).waiting == 1, "it is said, not lost"
    assert seal_rows(everything=True) == 1


def test_one_seals_at_a_time_and_writers_go_on(
    own_database: str, server: Server, as_owner: Callable[..., Any]
) -> None:
    with psycopg.connect(server.owner_url, dbname=own_database) as other:
        other.execute("SELECT telmee_seal(true)")
        assert seal_rows() == 0
        as_owner(f"SET lock_timeout = 100; {EVENT}")
        other.commit()
    assert seal_rows() == 1
    assert sealed(server, own_database).faults == ()


def test_a_large_table_comes_in_batches(
    own_database: str, server: Server, as_owner: Callable[..., Any]
) -> None:
    as_owner(
        "INSERT INTO audit_event (verb, kind, object_id, reason, details)"
        " SELECT 'x.y', 'x', n, '', '{}' FROM generate_series(1, 20001) n"
    )
    seal_rows(everything=True)
    sizes = as_owner(
        "SELECT cardinality(ids) FROM audit_seal WHERE table_name = 'audit_event' ORDER BY number"
    )
    assert [size for (size,) in sizes][:2] == [10_000, 10_000]
    assert sealed(server, own_database).faults == ()


def test_a_seal_says_the_same_under_any_settings(
    own_database: str, server: Server, cast: Cast, as_owner: Callable[..., Any]
) -> None:
    register(cast)
    for setting in ("timezone = 'Asia/Tokyo'", "datestyle = 'German'", "bytea_output = 'escape'"):
        as_owner(f"ALTER DATABASE {own_database} SET {setting}")
    connection.close()
    seal_rows()
    assert sealed(server, own_database).faults == ()


def test_a_column_that_is_added_later_leaves_older_seals_as_they_are(
    own_database: str, server: Server, as_owner: Callable[..., Any]
) -> None:
    as_owner(EVENT)
    seal_rows()
    as_owner("ALTER TABLE audit_event ADD COLUMN added text DEFAULT 'new'")
    as_owner(EVENT)
    assert sealed(server, own_database).faults == ()
    seal_rows()
    as_owner("ALTER TABLE audit_event DISABLE TRIGGER USER")
    as_owner("UPDATE audit_event SET added = 'other'")
    as_owner("ALTER TABLE audit_event ENABLE TRIGGER USER")
    (fault,) = sealed(server, own_database).faults
    assert fault.code == "seal_row_changed", "the newer row is sealed with its new column"


@pytest.mark.usefixtures("own_database")
def test_a_clock_that_goes_back_leaves_the_chain_in_order(
    cast: Cast, as_owner: Callable[..., Any]
) -> None:
    register(cast)
    seal_rows()
    # As if the last seal was made before the clock was set back.
    as_owner("ALTER TABLE audit_seal DISABLE TRIGGER USER")
    as_owner("UPDATE audit_seal SET at = at + interval '5 hours'")
    as_owner("ALTER TABLE audit_seal ENABLE TRIGGER USER")
    register(cast, reference="S-2")
    seal_rows()
    moments = as_owner("SELECT at FROM audit_seal ORDER BY number")
    assert moments == sorted(moments)


@pytest.mark.usefixtures("own_database")
def test_the_application_can_ask_for_a_seal_and_write_none(cast: Cast) -> None:
    register(cast)
    seal_rows()
    for statement in (
        "INSERT INTO audit_seal SELECT * FROM audit_seal",
        "UPDATE audit_seal SET head = previous",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_table_of_somebody_does_not_pass_for_the_chain(
    own_database: str, server: Server, cast: Cast
) -> None:
    register(cast)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE audit_seal (LIKE public.audit_seal)")
        cursor.execute("CREATE TEMP TABLE ledger_entry (LIKE public.ledger_entry)")
        cursor.execute("SELECT telmee_seal(true)")
        cursor.execute("SELECT count(*) FROM pg_temp.audit_seal")
        assert cursor.fetchone() == (0,)
    connection.close()
    assert sealed(server, own_database).waiting == 0


def test_posting_and_sealing_at_once_loses_nothing(
    own_database: str, server: Server, cast: Cast
) -> None:
    contract = register(cast)
    for number in range(5):
        with acting_as(cast.adviser.pk) as acting:
            post(
                acting,
                organisation_id=cast.hilversum.pk,
                contract_id=contract,
                kind=EntryKind.PENALTY,
                amount_cents=100 + number,
                effective_on=ON,
                key=uuid4(),
            )
        seal_rows()
    found = sealed(server, own_database)
    assert (found.faults, found.waiting) == ((), 0)

"""What a connection was asked it remembers, whatever is undone."""

import pytest
from django.db import DataError, connection, transaction

pytestmark = pytest.mark.usefixtures("db")

_ASKED = "SELECT 'what is asked again' WHERE %s > 0"


def _ask(value: int = 1) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [value])
        return len(cursor.fetchall())


def _remembered() -> list[str]:
    """The names under which the server has the query that is asked here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT ''what is asked again''%%' AND name <> %s",
            [""],
        )
        return [name for (name,) in cursor.fetchall()]


def _undo_something() -> None:
    point = transaction.savepoint()
    transaction.savepoint_rollback(point)


def test_what_was_asked_stays_prepared_when_something_is_undone() -> None:
    for _ in range(3):
        _ask()
    before = _remembered()
    assert len(before) == 1
    _undo_something()
    assert _ask(0) == 0
    assert _ask(1) == 1
    assert _remembered() == before


def test_what_was_asked_is_forgotten_with_a_table() -> None:
    """The driver's rule stays for what a query may have asked."""
    for _ in range(3):
        _ask()
    assert _remembered()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE gone (number int)")
        cursor.execute("DROP TABLE gone")
    _ask()
    assert _remembered() == []


def test_a_query_that_failed_is_asked_again() -> None:
    for value in (1, 2, 0, 0, 1, 2):
        with connection.cursor() as cursor:
            point = transaction.savepoint()
            if value:
                cursor.execute("SELECT 6 / %s", [value])
                assert cursor.fetchone() == (6 // value,)
            else:
                with pytest.raises(DataError):
                    cursor.execute("SELECT 6 / %s", [value])
                transaction.savepoint_rollback(point)

"""Rows on their way into the database, by COPY as owner.

Tables are named and not imported: nothing here goes through a model, and what the models and the
database's triggers hold for everybody else is proved at the end (`telmee.demo.load`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Field
from psycopg import sql

#: Where rows go, and the rows.
Rows = tuple[sql.Composed, list[tuple[object, ...]]]


class Table:
    """The new rows of one table; each gets the next id."""

    def __init__(self, label: str, cursor: Any) -> None:
        table = apps.get_model(label)._meta  # noqa: SLF001 - public in all but name
        self.name = table.db_table
        self._empty = {
            field.column: _empty(field) for field in table.concrete_fields if not field.generated
        }
        cursor.execute(
            sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(self.name))
        )
        self.last_id: int = cursor.fetchone()[0]
        self.first_id = self.last_id + 1
        self._rows: list[tuple[object, ...]] = []

    def add(self, **cells: Any) -> int:
        """Add a row and give its id; a column that is left out has the model's default.

        Takes the next id, unless `id` names one that was reserved.
        """
        number: int = cells.get("id") or self.reserve()
        row = {**self._empty, **cells, "id": number}
        if len(row) != len(self._empty):
            raise KeyError(*(row.keys() - self._empty.keys()))
        self._rows.append(tuple(row.values()))
        return number

    def reserve(self) -> int:
        """Take the next id for a row that comes later."""
        self.last_id += 1
        return self.last_id

    def take(self) -> Rows:
        """Hand over what was added since the last time."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self._empty))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self.name), columns)
        rows, self._rows = self._rows, []
        return statement, rows

    def move_sequence(self, cursor: Any) -> None:
        """Let the database number on from here."""
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, 1))",
            [self.name, self.last_id],
        )


class Tables:
    """Every table that is loaded, in an order in which each leans only on those before it."""

    def __init__(self, cursor: Any) -> None:
        self.users = Table("organisations.User", cursor)
        self.organisations = Table("organisations.Organisation", cursor)
        self.memberships = Table("organisations.Membership", cursor)
        self.invitations = Table("organisations.Invitation", cursor)
        self.recognitions = Table("organisations.Recognition", cursor)
        self.people = Table("people.Person", cursor)
        self.receipts = Table("receipts.Receipt", cursor)
        self.contracts = Table("contracts.Contract", cursor)
        self.amendments = Table("contracts.Amendment", cursor)
        self.parties = Table("contracts.Party", cursor)
        self.agreements = Table("agreements.Agreement", cursor)
        self.versions = Table("agreements.Version", cursor)
        self.answers = Table("agreements.Answer", cursor)
        self.plan_lines = Table("agreements.PlanLine", cursor)
        self.places = Table("agreements.Pooling", cursor)
        self.uploads = Table("contributions.Upload", cursor)
        self.contributions = Table("contributions.Contribution", cursor)
        self.decisions = Table("decisions.Decision", cursor)
        self.objections = Table("decisions.Objection", cursor)
        self.questions = Table("decisions.Question", cursor)
        self.extensions = Table("decisions.Extension", cursor)
        self.links = Table("contributions.CounterpartyLink", cursor)
        self.counterparty_answers = Table("contributions.CounterpartyAnswer", cursor)
        self.evidence = Table("contributions.Evidence", cursor)
        self.sightings = Table("contributions.Sighting", cursor)
        self.entries = Table("ledger.Entry", cursor)
        self.events = Table("audit.Event", cursor)

    def all(self) -> Iterable[Table]:
        """The tables in the order in which they can be filled."""
        return vars(self).values()

    def take(self) -> list[Rows]:
        """Hand over all that was added since the last time."""
        return [table.take() for table in self.all()]


def copy(cursor: Any, taken: Iterable[Rows]) -> None:
    """Write rows that were handed over."""
    for statement, rows in taken:
        if rows:
            with cursor.copy(statement) as into:
                for row in rows:
                    into.write_row(row)


def run_each(cursor: Any, statements: str, facts: Mapping[str, Any]) -> None:
    """Run statements one after the other: values go to the database beside one, not beside more."""
    for statement in statements.split(";\n"):
        cursor.execute(statement, facts)


def as_json(document: object) -> str:
    """Write a document for a column that holds one."""
    return json.dumps(document, ensure_ascii=False)


def _empty(field: Field[Any, Any]) -> object:
    """What stands in a column that is left out: a document as its text, a moment never."""
    if field.has_default():
        default = field.default
        if default in (list, dict):
            return as_json(default())
        return None if callable(default) else default
    return "" if field.empty_strings_allowed and not field.null else None

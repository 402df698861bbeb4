"""Rows on their way into the database, by COPY."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Field, Model
from psycopg import sql

from telmee.apps.audit.models import Event
from telmee.apps.contracts.models import Contract, Party, PlanLine
from telmee.apps.contributions.models import Contribution, Decision, Evidence, Sighting, Upload
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.models import (
    Invitation,
    Membership,
    Organisation,
    Recognition,
    User,
)


class Table:
    """The new rows of one table; each gets the next id."""

    def __init__(self, model: type[Model], cursor: Any) -> None:
        self.name = model._meta.db_table
        fields = {field.column: field for field in model._meta.concrete_fields}
        self._empty = {column: _empty(field) for column, field in fields.items()}
        cursor.execute(
            sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(self.name))
        )
        (self.last_id,) = cursor.fetchone()
        self.first_id = self.last_id + 1
        self._rows: list[tuple[object, ...]] = []

    def add(self, **cells: object) -> int:
        """Add a row and give its id; a column that is left out has the model's default."""
        self.last_id += 1
        row = {**self._empty, "id": self.last_id, **cells}
        if len(row) != len(self._empty):
            raise KeyError(*(row.keys() - self._empty.keys()))
        self._rows.append(tuple(row.values()))
        return self.last_id

    def copy(self, cursor: Any) -> None:
        """Write what was added since the last time."""
        if not self._rows:
            return
        columns = sql.SQL(", ").join(map(sql.Identifier, self._empty))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self.name), columns)
        with cursor.copy(statement) as copy:
            for row in self._rows:
                copy.write_row(row)
        self._rows.clear()

    def move_sequence(self, cursor: Any) -> None:
        """Let the database number on from here."""
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, 1))",
            [self.name, self.last_id],
        )


class Tables:
    """Every table that is loaded, in an order in which each leans only on those before it."""

    def __init__(self, cursor: Any) -> None:
        self.users = Table(User, cursor)
        self.organisations = Table(Organisation, cursor)
        self.memberships = Table(Membership, cursor)
        self.invitations = Table(Invitation, cursor)
        self.recognitions = Table(Recognition, cursor)
        self.contracts = Table(Contract, cursor)
        self.parties = Table(Party, cursor)
        self.plans = Table(PlanLine, cursor)
        self.uploads = Table(Upload, cursor)
        self.contributions = Table(Contribution, cursor)
        self.decisions = Table(Decision, cursor)
        self.evidence = Table(Evidence, cursor)
        self.sightings = Table(Sighting, cursor)
        self.entries = Table(Entry, cursor)
        self.events = Table(Event, cursor)

    def all(self) -> Iterable[Table]:
        """Give them in that order."""
        return vars(self).values()

    def copy(self, cursor: Any) -> None:
        """Write all that was added."""
        for table in self.all():
            table.copy(cursor)


def as_json(document: object) -> str:
    """Write a document for a column that holds one."""
    return json.dumps(document, ensure_ascii=False)


def _empty(field: Field[Any, Any]) -> object:
    """Give what stands in a column that is left out: a document as its text, a moment never."""
    if field.has_default():
        default = field.default
        if default in (list, dict):
            return as_json(default())
        return None if callable(default) else default
    return "" if field.empty_strings_allowed and not field.null else None

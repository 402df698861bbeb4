"""Tables are made at once: each with all that belongs to it, and all of a migration together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    CreateModel,
    RunSQL,
)
from django.db.migrations.operations.base import Operation
from django.db.models import CheckConstraint, Q

from telmee.apps.organisations.new_tables import NewTables
from tests.tidy.project import ROOT

_TABLE = CreateModel("Table", fields=[])
_RULE = AddConstraint("table", CheckConstraint(condition=Q(id=1), name="rule"))
_SQL = RunSQL("SELECT 1")


def _own() -> list[Migration]:
    labels = {path.parent.name for path in ROOT.glob("src/telmee/apps/*/migrations")}
    loader = MigrationLoader(None)
    own = [migration for key, migration in loader.disk_migrations.items() if key[0] in labels]
    assert len(own) > len(labels)
    return own


def _added_afterwards(operations: Sequence[Operation]) -> list[str]:
    """What is added to a table that the same migration makes, with nothing in between."""
    late, tables = [], set[str]()
    for operation in operations:
        if isinstance(operation, CreateModel):
            tables.add(operation.name_lower)
        elif isinstance(operation, RunSQL):
            tables.clear()  # what comes now may rest on it
        elif (
            isinstance(operation, AddConstraint | AddField | AddIndex)
            and operation.model_name_lower in tables
        ):
            late.append(operation.describe())
    return late


def test_a_table_is_made_with_all_that_belongs_to_it() -> None:
    late = {str(each): _added_afterwards(each.operations) for each in _own()}

    assert {name: added for name, added in late.items() if added} == {}


@pytest.mark.parametrize(
    ("operations", "late"), [([_TABLE, _RULE], 1), ([_TABLE, _SQL, _RULE], 0), ([_RULE], 0)]
)
def test_what_is_added_afterwards_is_seen(operations: list[Operation], late: int) -> None:
    assert len(_added_afterwards(operations)) == late


def test_a_migration_that_makes_its_tables_at_once_does_nothing_else() -> None:
    at_once = [migration for migration in _own() if isinstance(migration, NewTables)]

    assert at_once
    for migration in at_once:
        assert all(isinstance(each, CreateModel) for each in migration.operations), str(migration)

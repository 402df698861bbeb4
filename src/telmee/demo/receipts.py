"""Receipts of figures, as rows: the same figure from the same facts is written once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from telmee.apps.receipts.actions import receipt_of
from telmee.apps.receipts.figures import Figure
from telmee.demo.tables import Tables, as_json

_LEFT_OUT = ("id", "kept_at")


class Receipts:
    """Keeps figures, as the actions of the pages would."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._known: dict[str, int] = {}

    def keep(self, figure: Figure, version: int, when: datetime) -> int:
        """Keep a figure under the scheme version with this id, and give the id of its receipt."""
        row = receipt_of(figure, version)
        if row.hash not in self._known:
            cells = {
                field.attname: _cell(field, getattr(row, field.attname))
                for field in row._meta.concrete_fields  # noqa: SLF001 - public in all but name
                if field.attname not in _LEFT_OUT and not field.generated
            }
            self._known[row.hash] = self._tables.receipts.add(**cells, kept_at=when)
        return self._known[row.hash]

    def forget(self) -> None:
        """Forget what was written: a contract shares no figure with another."""
        self._known.clear()


def _cell(field: models.Field[Any, Any], value: Any) -> Any:
    return as_json(value) if isinstance(field, models.JSONField) else value

"""Municipalities and labour-market regions, from the tables in `reference/`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TypeVar

from django.db import transaction

from telmee.apps.organisations.models import Municipality, Region, RegionMembership

_Place = TypeVar("_Place", Region, Municipality)
_FOLDER = Path(__file__).parent / "reference"
#: Since when these regions hold; reference/README.md tells by which source.
_SINCE = date(2023, 1, 1)


@transaction.atomic
def load() -> None:
    """Bring municipalities, regions and who belongs to which in line with the tables.

    May be repeated: names are renewed, and a membership that is there already stays. The
    connection has to be the owner's, as this is published data that the application only reads.
    """
    cities = _rows("municipalities.csv")
    _renew(Region, _rows("regions.csv"))
    _renew(Municipality, cities)
    known = set(
        RegionMembership.objects.filter(since=_SINCE).values_list("municipality_id", flat=True)
    )
    RegionMembership.objects.bulk_create(
        RegionMembership(municipality_id=row["code"], region_id=row["region"], since=_SINCE)
        for row in cities
        if row["code"] not in known
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _renew(table: type[_Place], rows: Iterable[dict[str, str]]) -> None:
    table.objects.bulk_create(
        [table(code=row["code"], name=row["name"]) for row in rows],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name"],
    )

"""The codes of the Common Procurement Vocabulary, from the table in `reference/`."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from telmee.apps.contracts.models import CpvCode

_FILE = Path(__file__).parent / "reference" / "cpv.csv"


@transaction.atomic
def load() -> None:
    """Add the codes that are not there, and renew descriptions; may be repeated.

    The connection has to be the owner's, as this is published data that the application only reads.
    """
    known = dict(CpvCode.objects.values_list("code", "description"))
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [(row["code"], row["description_nl"]) for row in csv.DictReader(file, strict=True)]
    CpvCode.objects.bulk_create(
        [
            CpvCode(code=code, description=description)
            for code, description in rows
            if known.get(code) != description
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["description"],
    )

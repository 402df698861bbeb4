"""What everybody may read: asked of the database, which gives nothing else to a visitor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from telmee.apps.openness.models import Opening
from telmee.apps.reports.choices import OF_A_CLIENT, ReportKind
from telmee.apps.reports.models import Report

_OPEN = "SELECT * FROM telmee_open_accounts(%s)"
#: What a page of an account shows to nobody, as `telmee_open_accounts` has it: what names a
#: contract, and of a correction what quotes somebody, and its part, which may be of one person.
_NAMES_CONTRACTS = "books"
_OF_A_CORRECTION = frozenset(("reasons", "corrected_cents", "later_cents"))


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A published report that everybody may read; `document` is it without what is kept back."""

    client_id: int
    client: str
    number: int
    year: int
    frozen_at: datetime
    sha256: str
    document: Mapping[str, Any]


def open_accounts() -> list[OpenAccount]:
    """Every account that is open, by the name of its client. Runs one query."""
    return _accounts(None)


def open_account(client_id: int) -> OpenAccount | None:
    """The open account of a client; None where it has none. Runs one query."""
    return next(iter(_accounts(client_id)), None)


def _accounts(client_id: int | None) -> list[OpenAccount]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [client_id])
        rows = cursor.fetchall()
    return [
        OpenAccount(client, name, number, year, frozen_at, sha256, json.loads(document))
        for client, name, number, year, frozen_at, sha256, document in rows
    ]


def account_of(report: Report) -> OpenAccount:
    """A report as everybody would read it, for who may read it anyway."""
    document = json.loads(report.document)
    return OpenAccount(
        client_id=report.organisation_id,
        client=report.organisation.name,
        number=report.number,
        year=report.year,
        frozen_at=report.frozen_at,
        sha256=report.sha256,
        document=_kept_back(document),
    )


def _kept_back(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what names a contract, its corrections as old beside new alone."""
    corrections = [
        {name: value for name, value in one.items() if name not in _OF_A_CORRECTION}
        for one in document["corrections"]
    ]
    rest = {name: value for name, value in document.items() if name != _NAMES_CONTRACTS}
    return {**rest, "corrections": corrections}


def reports_by_year(client_id: int) -> dict[int, int]:
    """The id of the last report of a client about each year, the latest year first.

    What a client publishes about a whole region comes after what it publishes about itself.
    """
    rows = Report.objects.filter(organisation=client_id, kind__in=OF_A_CLIENT)
    ordered = sorted(
        rows.values_list("year", "kind", "number", "pk"),
        key=lambda row: (-row[0], row[1] == ReportKind.REGIONAL, -row[2]),
    )
    last: dict[int, int] = {}
    for year, _kind, _number, pk in ordered:
        last.setdefault(year, pk)
    return last


def open_report_of(client_id: int) -> int | None:
    """The id of the report of a client that everybody may read now, if any, for its own people."""
    last = Opening.objects.filter(organisation=client_id).order_by("-number").first()
    return last.report_id if last else None

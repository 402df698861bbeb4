"""What was published is held against its signature and its books; what was changed is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.freezing import reports_of
from telmee.apps.reports.report_check import check_reports
from telmee.integrations.signatures import digest, public_key_of, signed
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.money import accepted
from tests.publishing import published
from tests.registering import hand_in, register

Faults = list[tuple[str, Any]]
_OWN = public_key_of(settings.SECRET_KEY)
_GUARDED = ("reports_report", "reports_paper", "ledger_entry", "receipts_receipt")
#: A report that is changed in some way, whatever else is made to fit.
_REPORTS = (
    "document = replace(document, '2025', '2024')",
    "sha256 = repeat('0', 64)",
    "signature = 'x'",
    "year = 2024",
    "kind = 'council'",
    "as_of = as_of + interval '1 second'",
    "organisation_id = organisation_id + 1",
)
_BOOKS = (
    "amount_cents = amount_cents + 1",
    "effective_on = effective_on + 1",
    "booked_at = now() + interval '1 day'",
)


@pytest.fixture
def faults(server: Server, own_database: str, cast: Cast) -> Callable[..., Faults]:
    """Two reports, with books that went on since; and what the check names after some changes."""
    contract = register(cast)
    for number in range(2):
        accepted(cast, hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}"))
        published(cast.adviser, cast.hilversum)
    accepted(cast, hand_in(cast, contract, kenmerk="K-9", persoon="P-9"))

    def named(*changes: str, known: Sequence[str] = (_OWN,), values: Sequence[Any] = ()) -> Faults:
        with connected(server.owner_url, own_database), transaction.atomic():
            with connection.cursor() as cursor:
                for table in _GUARDED:
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
                for change in changes:
                    cursor.execute(change, values or None)
            told = [(one.code, one.params["report"]) for one in check_reports(known)]
            transaction.set_rollback(True)
            return told

    return named


def test_whatever_was_changed_is_named_and_nothing_else(faults: Callable[..., Faults]) -> None:
    assert faults() == []
    for change in _REPORTS:
        update = f"UPDATE reports_report SET {change} WHERE number = 1"  # noqa: S608 - ours
        assert faults(update) == [("report_altered", 1)], change
    first = "(SELECT min(id) FROM ledger_entry WHERE kind = 'realised')"
    for change in _BOOKS:
        update = f"UPDATE ledger_entry SET {change} WHERE id = {first}"  # noqa: S608 - ours
        assert faults(update) == [("report_books_differ", 1), ("report_books_differ", 2)], change
    papers = "UPDATE reports_paper SET {} WHERE id = (SELECT max(id) FROM reports_paper)"
    for change in ("content = content || 'x'", "sha256 = repeat('0', 64)"):
        assert faults(papers.format(change)) == [("report_paper_altered", 2)], change


def test_receipts_behind_the_books_are_looked_at_too(faults: Callable[..., Faults]) -> None:
    realised = "FROM ledger_entry WHERE kind = 'realised' ORDER BY id OFFSET 1 LIMIT 1"
    second = f"(SELECT receipt_id {realised})"
    change = f"UPDATE receipts_receipt SET hash = repeat('0', 64) WHERE id = {second}"  # noqa: S608
    assert faults(change) == [("report_books_differ", 2)]


def test_a_key_that_is_not_known_is_told(cast: Cast, faults: Callable[..., Faults]) -> None:
    """Who can write past the rules can sign anew, with a key that this installation never had."""
    assert faults(known=[public_key_of("of now"), _OWN]) == []
    assert {code for code, _ in faults(known=[public_key_of("of now")])} == {"report_key_unknown"}
    with acting_as(cast.adviser.pk) as acting:
        report = reports_of(acting).get(number=2)
        document = json.loads(report.document)
    document["years"][-1]["verified_cents"] += 1
    forged = json.dumps(document)
    key, signature = signed(forged.encode(), "a secret of his own")
    change = (
        "UPDATE reports_report SET document = %s, sha256 = %s, signature = %s, public_key = %s"
        " WHERE number = 2"
    )
    told = faults(change, values=[forged, digest(forged.encode()), signature, key])
    assert ("report_key_unknown", 2) in told

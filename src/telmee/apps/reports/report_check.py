"""Hold published reports against their hash, their signature, their papers and their books.

Reads all reports of all organisations, so it asks for the owner's connection. It trusts no function
that is kept in the database: the hash of books is made here, as `telmee_books` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import connections

from telmee.apps.reports.models import Paper, Report
from telmee.core.errors import Problem
from telmee.integrations.signatures import digest, is_signed, seal_faults

#: Told of a report that is whole, and signed with a key that this installation does not have now.
KEY_UNKNOWN = "report_key_unknown"
_BOOKS = r"""
    SELECT kept.contract
    FROM unnest(%s::bigint[], %s::text[]) kept(contract, hash)
    CROSS JOIN LATERAL (
        SELECT encode(sha256(convert_to(coalesce(string_agg(json_build_array(
            e.id, e.kind, e.amount_cents, e.effective_on, e.reverses_id, e.contribution_id,
            e.decision_id, e.transfer, e.amendment, r.hash)::text, E'\n' ORDER BY e.id), ''),
            'UTF8')), 'hex') AS hash
        FROM ledger_entry e LEFT JOIN receipts_receipt r ON r.id = e.receipt_id
        WHERE e.contract_id = kept.contract AND e.booked_at <= %s
    ) now
    WHERE now.hash IS DISTINCT FROM kept.hash
    ORDER BY 1
"""


def check_reports(known: Collection[str], using: str = "default") -> Iterator[Problem]:
    """Name each report that is not what it was, and each whose books are not what they were.

    `known` are the public keys of this installation.
    """
    rows = Report.objects.using(using).select_related("before")
    for report in rows.order_by("organisation_id", "number").iterator(100):
        facts = {"report": report.number, "organisation": report.organisation_id}
        document = _whole(report)
        if document is None:
            yield Problem("report_altered", params=facts)
            continue
        if report.public_key not in known:
            yield Problem(KEY_UNKNOWN, params=facts)
        for contract in _changed_books(report, document, using):
            yield Problem("report_books_differ", params={**facts, "contract": contract})
    papers = Paper.objects.using(using).select_related("report").order_by("pk")
    for paper in papers.iterator(20):
        content = bytes(paper.content)
        whole = digest(content) == paper.sha256
        if not whole or seal_faults(content, [paper.report.public_key]):
            report = paper.report
            facts = {"report": report.number, "organisation": report.organisation_id}
            file = f"{paper.media}, {paper.language}"
            yield Problem("report_paper_altered", params={**facts, "file": file})


def _whole(report: Report) -> Mapping[str, Any] | None:
    """The document of a report that is what was signed; its row says nothing else than that."""
    text = report.document.encode()
    if digest(text) != report.sha256 or not is_signed(text, report.signature, report.public_key):
        return None
    document: Mapping[str, Any] = json.loads(text)
    said = (
        document["organisation"]["id"],
        document["kind"],
        document["year"],
        document["as_of"],
        document["before"],
    )
    stands = (
        report.organisation_id,
        report.kind,
        report.year,
        report.as_of.isoformat(),
        report.before.number if report.before else None,
    )
    return document if said == stands else None


def _changed_books(report: Report, document: Mapping[str, Any], using: str) -> list[int]:
    """The contracts whose books, as of the moment of a report, are no longer what they were."""
    books = document["books"]
    columns = [[row[at] for row in books] for at in (0, -1)]
    with connections[using].cursor() as cursor:
        cursor.execute(_BOOKS, [*columns, report.as_of])
        return [contract for (contract,) in cursor.fetchall()]

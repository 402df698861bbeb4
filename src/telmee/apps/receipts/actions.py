"""Keep figures. A receipt is written in the transaction of the deed that leans on it."""

from __future__ import annotations

from collections.abc import Sequence

from telmee.apps.receipts.figures import Figure
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import content_of
from telmee.apps.schemes.queries import version_ids
from telmee.core.receipts import content_hash, facts_of, problems_as_facts

_BATCH = 500


def keep(figures: Sequence[Figure]) -> list[Receipt]:
    """Keep figures, and give their receipts in the same order.

    A figure that is there already, with the same facts, is the same receipt: accepting a line at
    the value at which it was handed in leans on one receipt. Runs three queries, however many.
    """
    versions = version_ids(figure.scheme.sha256 for figure in figures)
    rows = [receipt_of(figure, versions[figure.scheme.sha256]) for figure in figures]
    Receipt.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    kept = Receipt.objects.in_bulk([row.hash for row in rows], field_name="hash")
    return [kept[row.hash] for row in rows]


def receipt_of(figure: Figure, version_id: int) -> Receipt:
    """Make the row of a figure under the scheme version with this id."""
    named = figure.named
    row = Receipt(
        kind=str(figure.kind),
        contract_id=figure.contract_id,
        organisation_id=figure.organisation_id,
        person_id=figure.person_id,
        scheme_id=version_id,
        scheme_sha256=figure.scheme.sha256,
        engine=figure.engine,
        inputs=dict(figure.inputs),
        used=dict(figure.used),
        status=figure.status,
        cents=figure.cents,
        named_cents=None if named is None else named.cents,
        named_by=None if named is None else named.user_id,
        named_why="" if named is None else named.why,
        steps=facts_of(figure.steps, figure.scheme),
        problems=problems_as_facts(figure.problems, figure.scheme),
    )
    row.hash = content_hash(content_of(row, figure.scheme))
    return row

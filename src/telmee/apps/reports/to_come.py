"""Of what was delivered and verified, what is for days that are still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from django.db import connection

from telmee.apps.organisations.many import UNNESTED, as_array


@dataclass(frozen=True, slots=True)
class ToCome:
    """The part of each figure of a contract that is for days after today; in cents.

    `undecided_cents` is the part of what waits for a decision.
    """

    delivered_cents: int = 0
    undecided_cents: int = 0
    verified_cents: int = 0

    def __add__(self, other: ToCome) -> ToCome:
        """Both together, each figure by itself."""
        return ToCome(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


NOTHING_TO_COME = ToCome()
# Only lines that run on after today are looked at, by their receipts; a decision may have moved the
# last day. What was decided in part was done, and its rest waits.
_SUMS = f"""
    WITH later AS MATERIALIZED (
        SELECT id, first_day, last_day FROM receipts_receipt
        WHERE contract_id IN ({UNNESTED}) AND last_day > %s
    )
    SELECT contract_id, sum(claimed)::bigint,
           coalesce(sum(claimed) FILTER (WHERE state IN ('submitted', 'asked')), 0)::bigint
               + coalesce(sum(decided) FILTER (WHERE in_part), 0)::bigint,
           coalesce(sum(decided) FILTER (WHERE NOT in_part), 0)::bigint
    FROM (
        SELECT l.contract_id, l.state, l.rest_cents IS NOT NULL AS in_part,
               telmee_to_come(l.value_cents, r.first_day, r.last_day, %s) AS claimed,
               telmee_to_come(l.verified_cents + coalesce(l.rest_cents, 0),
                              d.first_day, d.last_day, %s) AS decided
        FROM contributions_contribution l
        LEFT JOIN later r ON r.id = l.receipt_id
        LEFT JOIN later d ON d.id = l.decided_id
        WHERE l.contract_id IN ({UNNESTED}) AND l.state NOT IN ('draft', 'withdrawn')
          AND (r.id IS NOT NULL OR d.id IS NOT NULL)
    ) lines GROUP BY contract_id
"""  # noqa: S608 - a constant is put in


def to_come(contract_ids: Iterable[int], *, today: date) -> dict[int, ToCome]:
    """What is still to come on contracts, by id; one without lines after today has no entry.

    Each line by the dates of its receipt, as `split_of` tells one. Runs one query.
    """
    with connection.cursor() as cursor:
        ids = as_array(contract_ids)
        cursor.execute(_SUMS, [ids, today, today, today, ids])
        return {contract_id: ToCome(*sums) for contract_id, *sums in cursor.fetchall()}

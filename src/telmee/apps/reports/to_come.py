"""Of what was delivered and verified, what is for days that are still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from telmee.apps.organisations.many import as_array


@dataclass(frozen=True, slots=True)
class ToCome:
    """The part of each figure of a contract that is for days after today; in cents.

    `undecided_cents` is the part of what waits for a decision. `met_cents` is that of what counts
    in the books: what was verified on the contract itself, less what left it for the others of an
    initiative, with its parts of what was verified on those.
    """

    delivered_cents: int = 0
    undecided_cents: int = 0
    verified_cents: int = 0
    met_cents: int = 0

    def __add__(self, other: ToCome) -> ToCome:
        """Both together, each figure by itself."""
        return ToCome(
            self.delivered_cents + other.delivered_cents,
            self.undecided_cents + other.undecided_cents,
            self.verified_cents + other.verified_cents,
            self.met_cents + other.met_cents,
        )


NOTHING_TO_COME = ToCome()


def to_come(contract_ids: Iterable[int], *, today: date) -> dict[int, ToCome]:
    """What is still to come on contracts, by id; one without lines after today has no entry.

    Each line by the dates of its receipt, as `split_of` tells one. Runs one query.
    """
    with connection.cursor() as cursor:
        query = "SELECT * FROM telmee_lines_to_come(%s, %s)"
        cursor.execute(query, [as_array(contract_ids), today])
        return {contract_id: ToCome(*sums) for contract_id, *sums in cursor.fetchall()}

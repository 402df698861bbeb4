"""Lines for an initiative of several contractors: handed in once, and divided when decided on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from telmee.apps.agreements.choices import State as Agreed
from telmee.apps.agreements.queries import PoolingVersion, pooling_versions
from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.booking import sides_of
from telmee.apps.contributions.actions import locked
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.transitions import Step, require_step
from telmee.core.errors import DomainError, Problem


def initiative_of(access: ContractAccess) -> PoolingVersion | None:
    """The place of a contract in an initiative, as its sides of now agreed. Runs one query.

    Other parts that are only proposed change nothing yet.
    """
    sides = sides_of(access)
    return next(
        (
            one
            for one in pooling_versions(contract_ids=[access.contract.pk])
            if one.state is Agreed.IN_FORCE
            and one.place.part_bp is not None
            and (one.client_id, one.contractor_id) == sides
        ),
        None,
    )


@holding()
def give_to_initiative(
    access: ContractAccess, line: Contribution, *, gives: bool, version: int | None = None
) -> None:
    """Let a draft be for the initiative of its contract, or for the contract alone again.

    Raises `not_allowed`, `wrong_state`, `changed_meanwhile`, and `initiative_unknown` where the
    contract takes part in none.
    """
    row = locked(line, version)
    by = require_step(access, row, Step.SUBMIT)
    place = initiative_of(access) if gives else None
    if gives and place is None:
        raise DomainError(Problem("initiative_unknown"))
    row.pool = place.place.pool if place is not None else None
    row.version += 1
    row.save(update_fields=["pool", "version"])
    details = {"initiative": str(row.pool) if row.pool else None}
    record(access.acting, "contribution.changed", row, organisation_id=by, details=details)


@dataclass(frozen=True, slots=True)
class InitiativeLine:
    """A line for an initiative, as all who take part see it: without the person and the proof."""

    id: int
    organisation: str
    block: str
    begin: date | None
    end: date | None
    state: str
    value_cents: int | None
    verified_cents: int | None


def lines_for(pool: UUID) -> list[InitiativeLine]:
    """The lines that were handed in for an initiative, the latest first, at most a hundred.

    Of an initiative in which none of the contracts that somebody sees takes part, nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_initiative_lines(%s)", [pool])
        return [InitiativeLine(*row) for row in cursor.fetchall()]

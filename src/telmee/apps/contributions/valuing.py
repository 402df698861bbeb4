"""What a contribution is worth on its contract, with what was decided before.

Everybody who values a line asks here: the form while typing, the file, the submit and the decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from django.db.models import F, OuterRef, Q, Subquery

from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contributions.cells import Cells, as_line, cells_of, from_json
from telmee.apps.contributions.choices import COUNTING_STATES
from telmee.apps.contributions.models import Contribution, Decision
from telmee.apps.schemes.queries import scheme_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.valuation.decided import ValuedAfter, value_after


def value_line(
    contract: Contract, organisation_id: int, cells: Cells, *, line_id: int | None = None
) -> ValuedAfter:
    """Value one line after everything that was decided before it and that it must share with.

    Those are the decided lines of this contract, for its caps, and the decided lines of the same
    person of the same contractor on other contracts of the same client under the same version, for
    the person's clock. `line_id` leaves a line itself out. Runs two queries.
    """
    decided = _decided(contract, organisation_id, str(cells.get("persoon") or ""), line_id)
    lines = [_row(line, organisation_id) for line in decided]
    owed = {str(line.contract_id): line.contract.obligation_cents or 0 for line in decided}
    owed[str(contract.pk)] = contract.obligation_cents or 0
    return value_after(
        scheme_of(contract.scheme_id),
        contributions_from(lines),
        contributions_from([as_line(_complete(cells), contract)]),
        obligations=owed,
    )


def receipt_of(valued: ValuedAfter) -> dict[str, object]:
    """Write the receipt of a valued line so that a database keeps it."""
    return asdict(valued.receipt())


def _complete(cells: Cells) -> dict[str, object]:
    """Give a line that is still being typed a reference; the engine asks for one."""
    return {"kenmerk": "concept", **{name: cell for name, cell in cells.items() if cell != ""}}


def _decided(
    contract: Contract, organisation_id: int, person: str, line_id: int | None
) -> list[Contribution]:
    """Give the lines that count before this one, each with the cells as decided."""
    sharing = Q(contract=contract)
    if person:
        client = Party.objects.filter(contract=contract, role=PartyRole.CLIENT)
        of_client = Party.objects.filter(
            role=PartyRole.CLIENT, organisation__in=client.values("organisation")
        )
        sharing |= Q(
            organisation=organisation_id,
            person=person,
            contract__scheme=contract.scheme_id,
            contract__in=of_client.values("contract"),
        )
    latest = Decision.objects.filter(contribution=OuterRef("pk")).order_by("-number")
    found = (
        Contribution.objects.filter(sharing, state__in=COUNTING_STATES, verified_cents__gt=0)
        .exclude(pk=line_id or 0)
        .select_related("contract")
        .annotate(decided_cells=Subquery(latest.values("cells")[:1]))
        .order_by(F("decided_at").asc(nulls_last=True), "id")
    )
    return list(found)


def _row(line: Contribution, organisation_id: int) -> dict[str, object]:
    kept = getattr(line, "decided_cells", None)
    cells = from_json(kept) if kept else cells_of(line)
    other = line.organisation_id != organisation_id and cells.get("persoon")
    person = f"{line.organisation_id}/{cells['persoon']}" if other else None
    return as_line(cells, line.contract, person=person)


def total_cents(lines: Iterable[Contribution]) -> int:
    """Add up the claimed values of lines; what has none is outside the total."""
    return sum(line.value_cents or 0 for line in lines)

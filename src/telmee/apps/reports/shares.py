"""What each who delivers on a contract promised, delivered and got verified, beside his share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from telmee.apps.agreements.models import PlanLine
from telmee.apps.contributions.choices import UNDECIDED_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.apps.ledger.choices import Kind
from telmee.apps.ledger.models import Entry
from telmee.apps.reports.expected import parts_waiting
from telmee.apps.reports.portfolio import planned_ahead
from telmee.core.ledger import ahead_cents


@dataclass(frozen=True, slots=True)
class Delivery:
    """The three figures of one organisation on a contract, and what is expected; in cents.

    `undecided_cents` is the part of what was delivered that waits for a decision, and
    `not_agreed_cents` the part of what was promised that its client did not agree with.
    `moved_cents` is what counts here of what was verified elsewhere, less what of this went there.
    """

    promised_cents: int = 0
    not_agreed_cents: int = 0
    delivered_cents: int = 0
    undecided_cents: int = 0
    verified_cents: int = 0
    moved_cents: int = 0
    planned_cents: int = 0

    def __add__(self, other: Delivery) -> Delivery:
        """Add the figures of two, each by itself."""
        return Delivery(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )

    @property
    def expected_cents(self) -> int:
        """What counts at the end when all that was delivered and is still promised comes true."""
        handed_in = self.verified_cents + self.moved_cents + self.undecided_cents
        return handed_in + self.planned_cents


def deliveries(contract_id: int, *, today: date) -> dict[int | None, Delivery]:
    """The figures of each organisation on an open contract, by its id. Runs six queries.

    Under `None` stands what other contracts bring and get, by no effort on this one. Of a line for
    an initiative each has what comes to this contract. Row security leaves what somebody may see.
    """
    own, moved = _by_lines(contract_id, today=today), _moved(contract_id)
    return {one: own.get(one, Delivery()) + moved.get(one, Delivery()) for one in own | moved}


def _moved(contract_id: int) -> dict[int | None, Delivery]:
    """What leaves the lines of each for other contracts, and what these bring."""
    moved: dict[int | None, Delivery] = defaultdict(Delivery)
    signs = {Kind.CARRIED_IN: 1, Kind.POOLED: 1, Kind.CARRIED_OUT: -1}
    entries = Entry.objects.filter(contract_id=contract_id, kind__in=signs).order_by()
    lines = Contribution.objects.filter(contract_id=contract_id, pool__isnull=False)
    waiting = Coalesce("rest_cents", "value_cents")
    known = {pk: (by, cents) for pk, by, cents in lines.values_list("pk", "organisation", waiting)}
    nobody = (None, None)
    rows = entries.values_list("contribution_id", "kind").annotate(Sum("amount_cents"))
    for line, kind, cents in rows:
        moved[known.get(line, nobody)[0]] += Delivery(moved_cents=signs[Kind(kind)] * int(cents))
    for part in parts_waiting([contract_id]):
        by, whole = known.get(part.object_id, nobody)
        left = (part.cents or 0) - (whole or 0)
        moved[by] += Delivery(delivered_cents=left, undecided_cents=left)
    return {by: one for by, one in moved.items() if one != Delivery()}


def _by_lines(contract_id: int, *, today: date) -> dict[int | None, Delivery]:
    """The figures of each by its own lines and promises, each line whole."""
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    claimed = ~Q(state__in=(State.DRAFT, State.WITHDRAWN))
    waits = Q(state__in=UNDECIDED_STATES) | Q(rest_cents__gt=0)
    lines = Contribution.objects.filter(claimed, contract_id=contract_id).order_by()
    rows = lines.values_list("organisation_id").annotate(
        delivered=Sum("value_cents"),
        undecided=Sum(Coalesce("rest_cents", "value_cents"), filter=waits),
        verified=Sum("verified_cents"),
    )
    for organisation_id, delivered, undecided, verified in rows:
        sums[organisation_id] = {
            "delivered_cents": int(delivered or 0),
            "undecided_cents": int(undecided or 0),
            "verified_cents": int(verified or 0),
        }
    plan = PlanLine.objects.in_force([contract_id]).order_by().values_list("organisation_id")
    rows_of_plan = plan.annotate(
        promised=Sum("value_cents"),
        said=Sum("value_cents", filter=Q(version__addressee__isnull=True)),
    )
    for organisation_id, promised, said in rows_of_plan:
        sums[organisation_id]["promised_cents"] = int(promised or 0)
        sums[organisation_id]["not_agreed_cents"] = int(said or 0)
    columns = ("organisation_id", "value_cents", "first", "last")
    ahead = planned_ahead([contract_id], today).values_list(*columns)
    for organisation_id, cents, first, last in ahead:
        planned = sums[organisation_id].get("planned_cents", 0)
        sums[organisation_id]["planned_cents"] = planned + ahead_cents(cents, first, last, today)
    return {organisation_id: Delivery(**cents) for organisation_id, cents in sums.items()}

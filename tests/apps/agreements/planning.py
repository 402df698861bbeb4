"""Plans and agreements for tests, made by the same actions as the pages use."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from telmee.apps.agreements.actions import Sides, propose, take
from telmee.apps.agreements.choices import Kind
from telmee.apps.agreements.models import Agreement, Pooling, Version
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import remove_plan_line, save_plan_line
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import PLACEMENT

PLAN: dict[str, Any] = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}


def planned(
    cast: Cast,
    contract: int,
    *,
    line: int | None = None,
    by: str = "contractor",
    number: int = 1,
    seen: int | None = None,
    key: Any = None,
    **cells: Any,
) -> int:
    """Save a line of a plan, and give its id."""
    with acting_as(getattr(cast, by).pk) as acting:
        return save_plan_line(
            contract_for(acting, contract),
            PLAN | cells,
            number=number,
            note="",
            line_id=line,
            seen=seen,
            key=key,
        )


def unplanned(cast: Cast, contract: int, line: int, *, seen: int | None = None) -> None:
    """Leave a line out of the plan of the contractor."""
    with acting_as(cast.contractor.pk) as acting:
        remove_plan_line(contract_for(acting, contract), line, seen=seen)


def begun(cast: Cast, contract: int, kind: Kind = Kind.POOLING) -> Agreement:
    """An agreement of the client with the contractor: that the contract is in a pool."""
    with acting_as(cast.adviser.pk):
        return take(kind, Sides(contract, cast.hilversum.pk, cast.de_eem.pk))


def proposed(cast: Cast, agreement: Agreement, *, by: str = "adviser") -> Version:
    """A version that one side proposes to the other."""
    user = getattr(cast, by)
    own = cast.hilversum if by == "adviser" else cast.de_eem
    place = Pooling(
        contract_id=agreement.contract_id, organisation=own, pool=uuid4(), name="Bundel",
        begin=date(2025, 1, 1), note="Samen.",
    )  # fmt: skip
    with acting_as(user.pk) as acting:
        return propose(acting, agreement, organisation_id=own.pk, key=uuid4(), content=place)

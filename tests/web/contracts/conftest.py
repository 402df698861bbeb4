"""A contract with everything on it, for the pages of contracts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import decide
from tests.registering import found, hand_in, register, seen_cents

PLAN = {
    "bouwblok": "pw_lt2",
    "begin": date(2026, 1, 1),
    "eind": date(2026, 6, 30),
    "uren_per_week": 24_00,
}


@pytest.fixture(scope="module")
def contract(module_cast: Cast) -> int:
    """Make a contract of two years with what `under_way` says."""
    return under_way(module_cast)


def under_way(cast: Cast, **facts: Any) -> int:
    """A contract with an accepted line, one taken back, one that waits, and a plan."""
    pk = register(cast, **facts)
    lines = [hand_in(cast, pk, kenmerk=name, persoon=name) for name in ("K-1", "K-2")]
    for line in lines:
        with acting_as(cast.adviser.pk) as acting:
            access, row = found(acting, line)
            decide(
                access,
                row,
                outcome=Outcome.ACCEPTED,
                key=uuid4(),
                version=row.version,
                seen_cents=seen_cents(access, row),
            )
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, lines[-1])
        decide(
            access,
            row,
            outcome=Outcome.REOPENED,
            reason=DecisionReason.MISTAKE,
            text="Verkeerde regel",
            key=uuid4(),
        )
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, pk)
        save_plan_line(access, PLAN, number=2, note="Twee schilders", line_id=None)
    return pk


@pytest.fixture
def form_of() -> Any:
    """What a form on a page holds, as a browser would send it."""

    def read(response: Any) -> dict[str, Any]:
        form = response.context["form"]
        return {field.html_name: field.value() for field in form if field.value() not in (None, [])}

    return read

"""What was used of a cap before a takeover: unseen by who took over, counted, and said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.valuing import value_drafts, value_line
from telmee.apps.organisations.acting import acting_as
from telmee.core.valuation.decided import ValuedAfter
from tests.apps.contracts.test_takeover import amended, takeover
from tests.cast import Cast
from tests.money import PROJECT, accepted, stands
from tests.registering import found, hand_in

DAY = date(2025, 6, 1)


def checks_of(valued: ValuedAfter) -> set[str]:
    return {str(step.value) for step in valued.explain() if step.step == "to_check"}


def line_of(cast: Cast, contract: int, cents: int, who: str, begin: date) -> int:
    cells: dict[str, Any] = {**PROJECT, "begin": begin, "bedrag": cents, "persoon": ""}
    return hand_in(cast, contract, by=who, kenmerk=who, **cells)


def valued(cast: Cast, line: int, who: str) -> ValuedAfter:
    with acting_as(getattr(cast, who).pk) as acting:
        access, row = found(acting, line)
        cells = cells_to_value(row)
        return value_line(access.contract, row.organisation_id, cells, line_id=line)


@pytest.mark.parametrize("used", [900_00, 0])
def test_who_took_over_is_told_that_a_cap_was_used_and_the_client_counts_it(
    cast: Cast, capped: int, used: int
) -> None:
    if used:
        accepted(cast, line_of(cast, capped, used, "contractor", date(2025, 2, 1)))
    amended(cast, capped, takeover(cast.rival, DAY))
    line = line_of(cast, capped, 900_00, "competitor", date(2025, 7, 1))
    seen, counted = valued(cast, line, "competitor"), valued(cast, line, "adviser")
    assert seen.value_cents == 900_00
    assert checks_of(seen) == ({"used_before_takeover"} if used else set())
    assert counted.value_cents == (100_00 if used else 900_00)
    assert checks_of(counted) == set()
    assert accepted(cast, line).amount_cents == counted.value_cents
    assert stands(cast, capped).verified_cents == min(1_000_00, used + 900_00)


def test_a_block_without_a_shared_cap_says_nothing_of_it(cast: Cast, capped: int) -> None:
    accepted(cast, line_of(cast, capped, 900_00, "contractor", date(2025, 2, 1)))
    amended(cast, capped, takeover(cast.rival, DAY))
    with acting_as(cast.competitor.pk) as acting:
        access = contract_for(acting, capped)
        drafts = [
            save_draft(access, {"kenmerk": block, "bouwblok": block, **cells})
            for block, cells in (
                ("custom", {"begin": date(2025, 7, 1)}),
                ("project", {"begin": date(2025, 7, 1), "bedrag": 1_00}),
            )
        ]
        said = value_drafts(access.contract, cast.rival.pk, drafts)
    assert [checks_of(one) for one in said] == [set(), {"used_before_takeover"}]

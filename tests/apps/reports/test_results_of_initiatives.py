"""What a line for an initiative comes to on each contract, also on one that is asked alone."""

from __future__ import annotations

from telmee.apps.ledger.queries import figures
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.figure_words import By
from telmee.apps.reports.results import results_with
from tests.cast import Cast
from tests.days import today
from tests.initiatives import handed_in, world


def test_a_contract_asked_alone_has_its_part_of_a_line_on_another(cast: Cast) -> None:
    its = world(cast)
    handed_in(cast, its.contracts[0])
    year = today().year
    with acting_as(cast.adviser.pk):
        stood = figures(its.contracts)
        for contract in its.contracts:
            sums, rows = results_with([contract], range(year - 9, year + 9), [By.BLOCK])
            part = stood[contract].undecided_cents
            assert part > 0
            assert sum(one.waiting_cents for one in sums.values()) == part
            assert sum(one.delivered_cents for one in sums.values()) == part
            of_block = [row for row in rows[By.BLOCK] if row.key]
            assert sum(row.result.waiting_cents for row in of_block) == part

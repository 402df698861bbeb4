"""Results per labour-market region: that of the municipality on the last day of the years."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.behind import lines_behind
from telmee.apps.reports.figure_words import By
from telmee.apps.reports.results import results, results_by
from telmee.core.explain import Text
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

#: A municipality that went from one region to another halfway 2025; a second is in none.
_REGIONS = """
    INSERT INTO organisations_municipality (code, name) VALUES ('GM9999', 'Proef');
    INSERT INTO organisations_region (code, name) VALUES ('AM91', 'Oost'), ('AM92', 'West');
    INSERT INTO organisations_regionmembership (municipality_id, region_id, since, until)
    VALUES ('GM9999', 'AM91', '2020-01-01', '2025-06-30'), ('GM9999', 'AM92', '2025-07-01', NULL);
    UPDATE organisations_organisation SET municipality_id = 'GM9999'
    WHERE name = 'Gemeente Hilversum'
"""


@pytest.fixture
def contracts(own_database: str, cast: Cast, as_owner: Any) -> list[int]:
    """Two contracts of one client, with effort in 2024 and over the new year of 2025."""
    assert own_database
    as_owner(_REGIONS)
    ids = [
        register(cast, reference="A", start=date(2024, 1, 1)),
        register(cast, reference="B", start=date(2024, 1, 1)),
    ]
    accepted(cast, hand_in(cast, ids[0], begin=date(2024, 3, 1), eind=date(2024, 8, 31)))
    accepted(cast, hand_in(cast, ids[1], persoon="P-2", begin=date(2024, 10, 1)))
    return ids


def test_a_region_has_what_was_in_it_on_the_last_day_of_the_year(
    cast: Cast, contracts: list[int]
) -> None:
    with acting_as(cast.adviser.pk):
        for year, code, name in ((2024, "AM91", "Oost"), (2025, "AM92", "West")):
            (row,) = results_by(contracts, [year], [By.REGION])[By.REGION]
            whole = results(contracts, [year])[year]
            assert (row.key, row.label) == (code, Text(f"{name} ({code})"))
            assert row.result == whole
            assert whole.verified_cents > 0
            lines = lines_behind(contracts, year, by=By.REGION, key=code)
            assert sum(line.verified_in_year for line in lines) == whole.verified_cents
            assert not lines_behind(contracts, year, by=By.REGION, key="AM99")
            assert not lines_behind(contracts, year, by=By.REGION)

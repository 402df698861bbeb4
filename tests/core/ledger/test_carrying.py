"""Who carries a contract out: a takeover counts from its day, whenever it was written down."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import (
    Amendment,
    Carrier,
    Facts,
    carrier_on,
    carriers_of,
    facts_on,
    formers_of,
    with_contractor,
)

FIRST, BEGIN = 1, date(2024, 1, 1)
_TAKEOVERS = st.lists(
    st.tuples(st.dates(BEGIN, date(2026, 12, 31)), st.integers(1, 4)),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one[0],
)


def chain_of(takeovers: list[tuple[date, int]]) -> list[Amendment]:
    """Record takeovers in this order; the first one says who it was until then."""
    chain = [Amendment(0, BEGIN, {"value_cents": 100})]
    for number, (day, organisation) in enumerate(takeovers, start=1):
        facts: dict[str, object] = {"contractor": organisation}
        if number == 1:
            facts["first_contractor"] = FIRST
        chain.append(Amendment(number, day, facts))
    return chain


@given(_TAKEOVERS, st.randoms())
def test_recorded_in_any_order_the_same_carries_it_out_on_each_day(
    takeovers: list[tuple[date, int]], random: object
) -> None:
    shuffled = takeovers.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert carriers_of(chain_of(shuffled)) == carriers_of(chain_of(takeovers))


@given(_TAKEOVERS)
def test_each_day_is_of_the_last_takeover_before_it(takeovers: list[tuple[date, int]]) -> None:
    """Against the plainest reading: look back from the day, day by day.

    Before the first day of the contract it is who carries it out on that day.
    """
    carriers = carriers_of(chain_of(takeovers))
    by_day = dict(takeovers)
    days = {day + timedelta(days=n) for day, _ in takeovers for n in (-1, 0, 1)}
    for day in days:
        back = sorted((one for one in by_day if one <= max(day, BEGIN)), reverse=True)
        assert carrier_on(carriers, day) == (by_day[back[0]] if back else FIRST)


def test_a_takeover_that_was_wrong_is_put_right_from_the_same_day() -> None:
    day = date(2025, 5, 1)
    chain = chain_of([(day, 2), (day, FIRST)])
    assert carriers_of(chain) == [Carrier(BEGIN, FIRST)]
    assert formers_of(carriers_of(chain)) == {}


def test_who_comes_back_is_no_former_and_who_was_between_is() -> None:
    chain = chain_of([(date(2025, 1, 1), 2), (date(2026, 1, 1), FIRST)])
    carriers = carriers_of(chain)
    assert [one.organisation for one in carriers] == [FIRST, 2, FIRST]
    assert formers_of(carriers) == {2: date(2026, 1, 1)}


def test_without_a_takeover_the_chain_says_nothing_of_who_carries_it_out() -> None:
    chain = [Amendment(0, BEGIN, {"value_cents": 100})]
    assert with_contractor(chain) == chain
    assert carriers_of(chain) == []
    assert carrier_on([], BEGIN) is None


@pytest.mark.parametrize(("day", "organisation"), [(BEGIN, FIRST), (date(2026, 1, 1), 2)])
def test_the_facts_of_a_day_say_who_carries_it_out(day: date, organisation: int) -> None:
    facts: Facts = facts_on(with_contractor(chain_of([(date(2025, 1, 1), 2)])), day)
    assert facts["contractor"] == organisation
    assert "first_contractor" not in facts


def test_three_takeovers_in_each_order_come_to_the_same_formers() -> None:
    takeovers = [(date(2025, 1, 1), 2), (date(2025, 7, 1), 3), (date(2026, 1, 1), 4)]
    formers = [formers_of(carriers_of(chain_of(list(one)))) for one in permutations(takeovers)]
    assert formers == [{FIRST: date(2025, 1, 1), 2: date(2025, 7, 1), 3: date(2026, 1, 1)}] * len(
        formers
    )

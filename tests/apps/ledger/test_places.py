"""Where an entry stands in the books of contracts together: as they add up entry by entry."""

from __future__ import annotations

from collections import defaultdict

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import carry_over, waive
from telmee.apps.contracts.choices import Form
from telmee.apps.ledger.places import places_of
from telmee.apps.ledger.queries import entries_of, position_together
from telmee.apps.organisations.acting import acting_as
from telmee.core.ledger import position_of, together
from tests.cast import Cast
from tests.money import accepted, booked, stands
from tests.registering import hand_in, register


def test_the_last_place_of_a_framework_is_where_its_call_offs_stand(cast: Cast) -> None:
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK, agreed_cents=None)
    under = {"form": Form.CALL_OFF, "parent_id": raam}
    small = register(cast, reference="N-1", agreed_cents=1_000_00, **under)
    large = register(cast, reference="N-2", agreed_cents=20_000_00, **under)
    with acting_as(cast.adviser.pk) as acting:
        waive(contract_for(acting, small), **booked(300_00))
    accepted(cast, hand_in(cast, small))
    assert stands(cast, small).surplus_cents > 600_00
    with acting_as(cast.adviser.pk) as acting:
        of_small, of_large = contract_for(acting, small), contract_for(acting, large)
        carry_over(of_small, of_large, **booked(600_00))
        entries = entries_of([small, large])
        places = places_of([entry.pk for entry in entries], [small, large])
        now = position_together([small, large])
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in entries:
        sums[entry.contract_id][entry.kind] += entry.amount_cents
        assert places[entry.pk].after == together(map(position_of, sums.values()))
    assert places[entries[-1].pk].after == now
    assert now.open_cents == 20_000_00 - 600_00

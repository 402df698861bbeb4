"""Three years of one framework between two organisations, in any order that life may take.

A call-off over its sum and one over turnover: a plan, two amendments of which one goes back in
time, turnover that is disputed and agreed, a share that nobody delivers, a surplus that moves and
one that is pooled, an option, an overrun and a settlement. Beside it an initiative with another
contractor, and a contract that he takes over. What must come out was added up by hand, beside the
books.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.agreements.choices import Kind
from telmee.apps.agreements.models import Version
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import carry_over
from telmee.apps.contracts.chains import check_amendments
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.planning import answer_plan, propose_plan
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import check_ledger, entries_of, figures_per_year, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.checking import check_receipts
from telmee.apps.reports.shares import Delivery, deliveries
from telmee.core.ledger import Position
from tests import initiatives, pooling
from tests.apps.agreements.planning import planned
from tests.apps.contracts import test_sharing as sharing
from tests.apps.contracts import test_takeover as takeover
from tests.apps.contracts import test_turnover as turnover
from tests.apps.contracts.test_amending import amended, wanted
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.money import booked, decide, extend
from tests.registering import found, hand_in, register
from tests.settling import settled

_YEARS: dict[str, Any] = {
    "start": date(2023, 1, 1), "end": date(2024, 12, 31), "extension_count": 1,
    "extension_months": 12, "agreed_cents": None, "chosen_bp": 5_00,
}  # fmt: skip
_AGREED = {"chosen_bp": None}
_LAST = date(2024, 6, 30)


class Life:
    """A framework with two call-offs, and what happens to them, each deed once."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        framework = register(
            cast, reference="RAAM", form=Form.FRAMEWORK, **_YEARS | {"value_cents": 3_000_000_00}
        )
        of_framework = {**_YEARS, "form": Form.CALL_OFF, "parent_id": framework}
        self.works = register(cast, reference="A", value_cents=1_000_000_00, **of_framework)
        self.service = register(cast, reference="B", over_turnover=True, **of_framework)
        self.framework = framework
        theirs = replace(cast, de_eem=cast.rival)
        self.park = register(
            cast, reference="P-1", **_YEARS | _AGREED | {"agreed_cents": 12_000_00}
        )
        self.beside = register(
            theirs, reference="P-2", **_YEARS | _AGREED | {"agreed_cents": 5_000_00}
        )
        self.handed_on = register(cast, reference="C", value_cents=200_000_00, **_YEARS)

    def plan(self) -> None:
        planned(self.cast, self.works, begin=date(2023, 2, 1), eind=_LAST)
        with acting_as(self.cast.contractor.pk) as acting:
            propose_plan(contract_for(acting, self.works), self.cast.de_eem.pk, key=uuid4())
        with acting_as(self.cast.adviser.pk) as acting:
            access = contract_for(acting, self.works)
            plans = Version.objects.filter(contract_id=self.works, agreement__kind=Kind.PLAN)
            answer_plan(access, plans.latest("pk").pk, agrees=True)

    def more(self) -> None:
        self._worth(date(2024, 1, 1), 1_400_000_00)

    def more_back_in_time(self) -> None:
        self._worth(date(2023, 7, 1), 1_200_000_00)

    def _worth(self, day: date, cents: int) -> None:
        amended(self.cast, self.works, wanted(Ground.VALUE, day, value_cents=cents))

    def option(self) -> None:
        with acting_as(self.cast.adviser.pk) as acting:
            extend(contract_for(acting, self.works), reason="De optie van een jaar.")

    def overrun(self) -> None:
        day, end = date(2026, 1, 1), date(2026, 3, 31)
        amended(self.cast, self.works, wanted(Ground.OVERRUN, day, end=end))

    def turnover_disputed(self) -> None:
        period = date(2023, 1, 1)
        assert turnover.propose(self.cast, self.service, 600_000, period=period) == "done"
        assert turnover.answer(self.cast, self.service, "adviser", "dispute") == "done"

    def turnover_agreed(self) -> None:
        turnover.agree(self.cast, self.service, 500_000, period=date(2023, 1, 1))

    def turnover_of_the_client(self) -> None:
        period = date(2024, 1, 1)
        said = turnover.propose(self.cast, self.service, 300_000, period=period, by="adviser")
        assert (said, turnover.answer(self.cast, self.service, "contractor")) == ("done", "done")

    def share(self) -> None:
        sharing.agree(self.cast, self.works, 10_000)

    def effort(self) -> None:
        self._delivered(self.works, 80_000_00, "A-1")

    def effort_for_the_service(self) -> None:
        self._delivered(self.service, 30_000_00, "B-1")

    def effort_for_the_park(self) -> None:
        days: dict[str, Any] = {"begin": date(2023, 2, 1), "eind": _LAST}
        line = initiatives.handed_in(self.cast, self.park, kenmerk="P", persoon="P", **days)
        self._decided(line, 10_000_01)

    def effort_before_the_takeover(self) -> None:
        last = date(2023, 12, 31)
        self._delivered(self.handed_on, 4_000_00, "C-1", eind=last)

    def effort_after_the_takeover(self) -> None:
        days = {"begin": date(2024, 1, 1), "eind": _LAST, "by": "competitor"}
        self._delivered(self.handed_on, 3_000_00, "C-2", **days)

    def _delivered(self, contract: int, cents: int, reference: str, **other: Any) -> None:
        """A line of which both sides settled the amount."""
        days: dict[str, Any] = {"begin": date(2023, 2, 1), "eind": _LAST} | other
        line = hand_in(self.cast, contract, kenmerk=reference, persoon=reference, **days)
        self._decided(line, cents)

    def _decided(self, line: int, cents: int) -> None:
        with acting_as(self.cast.adviser.pk) as acting:
            decide(
                *found(acting, line),
                outcome=Outcome.ADJUSTED,
                key=uuid4(),
                reason=DecisionReason.AGREEMENT,
                text="Zo is het afgesproken.",
                amount_cents=cents,
            )

    def move_surplus(self) -> None:
        with acting_as(self.cast.adviser.pk) as acting:
            one, other = (contract_for(acting, pk) for pk in (self.works, self.service))
            carry_over(one, other, **booked(5_000_00, effective_on=date(2024, 7, 1)))

    def pool(self) -> None:
        self.key = pooling.pooled(self.cast, self.works, self.service)

    def balance(self) -> None:
        pooling.balanced(self.cast, self.key)

    def initiative(self) -> None:
        parts, begin = {self.park: 60_00, self.beside: 40_00}, date(2023, 1, 1)
        initiatives.agree(self.cast, initiatives.shared(self.cast, parts, begin=begin))

    def taken_over(self) -> None:
        by = takeover.takeover(self.cast.rival, date(2024, 1, 1))
        takeover.amended(self.cast, self.handed_on, by)

    def settle(self) -> None:
        settled(self.cast, self.works)


#: What must have happened before a deed; what is not here can come at any moment.
_AFTER: Mapping[Callable[[Life], None], tuple[Callable[[Life], None], ...]] = {
    Life.plan: (),
    Life.more: (),
    Life.more_back_in_time: (),
    Life.option: (),
    Life.overrun: (Life.option,),
    Life.turnover_disputed: (),
    Life.turnover_agreed: (Life.turnover_disputed,),
    Life.turnover_of_the_client: (),
    Life.share: (),
    Life.effort: (),
    Life.effort_for_the_service: (),
    Life.move_surplus: (Life.effort,),
    Life.pool: (),
    # What can move follows from the books of both contracts, whatever led to them.
    Life.balance: (
        *(Life.pool, Life.more, Life.more_back_in_time, Life.turnover_agreed),
        *(Life.turnover_of_the_client, Life.effort_for_the_service, Life.move_surplus),
    ),
    Life.initiative: (),
    Life.effort_for_the_park: (Life.initiative,),
    Life.taken_over: (),
    Life.effort_before_the_takeover: (),
    Life.effort_after_the_takeover: (Life.taken_over,),
}
_IN_THE_ORDER_OF_TIME = tuple(_AFTER)


def in_another_order(seed: int) -> list[Callable[[Life], None]]:
    """The deeds by chance, each after those that it needs."""
    chance, left = random.Random(seed), list(_AFTER)  # noqa: S311 - no secret
    order: list[Callable[[Life], None]] = []
    while left:
        ready = [deed for deed in left if all(other in order for other in _AFTER[deed])]
        deed = chance.choice(ready)
        left.remove(deed)
        order.append(deed)
    return order


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_life_comes_to_the_same_in_any_order(
    server: Server, own_database: str, cast: Cast, seed: int | None
) -> None:
    life = Life(cast)
    for deed in _IN_THE_ORDER_OF_TIME if seed is None else in_another_order(seed):
        deed(life)
    _prove(life)
    life.settle()
    _prove(life)
    with connected(server.owner_url, own_database):
        assert check_ledger() == []
        assert [*check_amendments(), *check_receipts()] == []


def _prove(life: Life) -> None:
    """5% of 1.4 million, and of 800.000 that was invoiced; what was done, and what moved."""
    works, service = life.works, life.service
    with acting_as(life.cast.adviser.pk):
        now = positions([life.framework, works, service])
        years = figures_per_year([works, service])
        entries = entries_of([works, service])
        ends = dict(Contract.objects.values_list("pk", "end"))
        shares = deliveries(works, today=date(2026, 6, 1))
        beside = positions([life.park, life.beside, life.handed_on])
    assert now[life.framework] == Position()
    assert (now[works].owed_cents, now[works].verified_cents) == (70_000_00, 80_000_00)
    assert (now[works].carried_out_cents, now[works].surplus_cents) == (10_000_00, 0)
    assert (now[service].owed_cents, now[service].verified_cents) == (40_000_00, 30_000_00)
    assert (now[service].carried_in_cents, now[service].pooled_cents) == (5_000_00, 5_000_00)
    assert now[service].open_cents == now[service].surplus_cents == 0
    imposed = {(pk, year): 0 for pk in (works, service) for year in (2023, 2024)}
    for (pk, _organisation, year), one in years.items():
        imposed[pk, year] = imposed.get((pk, year), 0) + one.position.imposed_cents
    assert {key: cents for key, cents in imposed.items() if cents} == {
        (works, 2023): 60_000_00, (works, 2024): 10_000_00,
        (service, 2023): 25_000_00, (service, 2024): 15_000_00,
    }  # fmt: skip
    moved = sum(e.amount_cents for e in entries if e.kind.startswith("carried"))
    assert moved == 15_000_00
    # 60% and 40% of € 10.000,01; and € 4.000 before a takeover and € 3.000 after, of € 10.000.
    park, theirs, handed_on = (beside[pk] for pk in (life.park, life.beside, life.handed_on))
    assert (park.verified_cents, park.carried_out_cents) == (10_000_01, 4_000_00)
    assert (park.met_cents, park.open_cents) == (6_000_01, 5_999_99)
    assert (theirs.pooled_cents, theirs.open_cents) == (4_000_00, 1_000_00)
    assert (handed_on.owed_cents, handed_on.verified_cents) == (10_000_00, 7_000_00)
    assert handed_on.open_cents == 3_000_00
    assert ends[works] == date(2026, 3, 31)
    assert shares.get(life.cast.sub.pk, Delivery()) == Delivery(), "the share was not delivered"

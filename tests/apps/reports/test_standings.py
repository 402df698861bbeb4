"""Where contracts stand, by the database for all at once: the rule of core, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.actions import register_contract
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.ledger.queries import Figures, figures, figures_together
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.reports.models import StandingRow, Standings
from telmee.apps.reports.portfolio import (
    SEVERITY,
    Standing,
    Totals,
    promises_ahead,
    standing_of,
    standings,
    standings_on,
    totals,
    totals_of,
)
from telmee.apps.reports.to_come import NOTHING_TO_COME, to_come
from telmee.core.ledger import EntryKind, Outlook, Risk, outlook_of, together
from tests.cast import Cast
from tests.money import accepted
from tests.registering import PLACEMENT, facts, hand_in, register

Ask = Callable[..., list[tuple[Any, ...]]]
FIRST = date(2025, 1, 1)
#: On these days they are compared: while the lines and the plans run, and after.
DAYS = [FIRST + timedelta(days=31 * months) for months in (0, 1, 2, 4, 6, 10, 15, 20)]
KINDS = list(map(str, EntryKind))
_COLUMNS = "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
_COPY = """
    WITH made AS (
        INSERT INTO contracts_contract
            (key, reference, start, "end", closed_on, form, parent_id, {0})
        SELECT gen_random_uuid(), %s, %s, %s, %s, %s, %s, {0} FROM contracts_contract WHERE id = %s
        RETURNING id
    )
    INSERT INTO contracts_party (contract_id, organisation_id, role)
    SELECT made.id, p.organisation_id, p.role FROM made, contracts_party p WHERE p.contract_id = %s
    RETURNING contract_id
"""
_BALANCES = """
    INSERT INTO ledger_balance (contract_id, year, kind, cents)
    SELECT %s, 2025, kind, cents FROM unnest(%s::text[], %s::bigint[]) one(kind, cents)
"""
_CLOSE = 'UPDATE contracts_contract SET closed_on = "end" WHERE id = %s'
_OPEN = "UPDATE contracts_contract SET closed_on = NULL WHERE id = %s"


class Dice:
    """Contracts as chance has them, copied from one that was registered."""

    def __init__(self, as_owner: Ask, contract: int, seed: int) -> None:
        self._ask, self._contract, self._random = as_owner, contract, Random(seed)  # noqa: S311
        own = ("id", "key", "reference", "start", "end", "closed_on", "form", "parent_id")
        ((self._columns,),) = as_owner(
            f"{_COLUMNS} WHERE table_name = 'contracts_contract' AND column_name <> ALL (%s)",
            list(own),
        )

    def day(self) -> date:
        return FIRST - timedelta(days=self._random.randrange(60))

    def _run(self) -> tuple[date, date]:
        """From when to when: often half of it is over on a day, or all of it, to the day."""
        today, days = self._random.choice(DAYS), self._random.randrange(1, 250)
        long = timedelta(days=days)
        one = timedelta(days=1)
        return self._random.choice(
            [
                (today - long, today + long - one),
                (today - long, today),
                (self.day(), FIRST + 4 * long),
            ]
        )

    def contract(self, form: str = "single", parent: int | None = None) -> int:
        closed = self._random.random() < 0.15
        start, end = self._run()
        facts = (uuid4().hex[:12], start, end, end if closed else None, form, parent)
        made = self._ask(_COPY.format(self._columns), *facts, self._contract, self._contract)
        if form != "framework":
            self._books(made[0][0])
        return int(made[0][0])

    def _books(self, contract: int) -> None:
        """Balances of all kinds; often owed and met are near to each other, or the same."""
        owed = self._random.choice((0, 1, 100, 99_999, 100_000_00))
        cents = dict.fromkeys(KINDS, 0) | {"obligation": owed}
        for kind in self._random.sample(KINDS, self._random.randrange(4)):
            cents[kind] += self._random.choice((1, owed // 2, owed * 4 // 5, owed))
        for kind in ("promised", "agreed", "delivered", "undecided"):
            cents[kind] = self._random.choice((0, 0, 0, 1, owed * 4 // 5))
        self._ask(_BALANCES, contract, list(cents), list(cents.values()))

    def moved(self, contract: int) -> None:
        """Shift a contract whose lines and plan are real ones, so that these run within it."""
        start, end = self.day(), FIRST + timedelta(days=self._random.randrange(60, 400))
        self._ask(
            'UPDATE contracts_contract SET start = %s, "end" = %s WHERE id = %s',
            start,
            end,
            contract,
        )


def as_core_says(contract: Contract, today: date) -> tuple[Figures, Outlook]:
    """The standing of one contract, from its parts and by the rule of core."""
    parts = [contract]
    if contract.form == "framework":
        parts = list(Contract.objects.filter(parent=contract, voided_on=None))
    known = figures([part.pk for part in parts])
    each = [(known[part.pk], by_itself(part, known[part.pk], today)) for part in parts]
    if contract.form != "framework":
        return each[0]
    whole = figures_together(known.values())
    owed = [(stood.position.owed_cents, one) for stood, one in each]
    return whole, outlook_of(
        whole.position,
        undecided_cents=sum(one.undecided_cents for _owed, one in owed),
        planned_cents=sum(one.planned_cents for _owed, one in owed),
        agreed_cents=sum(one.agreed_cents for _owed, one in owed),
        met_to_come_cents=sum(one.met_to_come_cents for _owed, one in owed),
        undecided_to_come_cents=sum(one.undecided_to_come_cents for _owed, one in owed),
        beyond_expected_cents=sum(max(0, one.expected_cents - cents) for cents, one in owed),
        beyond_done_cents=sum(max(0, one.done_cents - cents) for cents, one in owed),
        due=sum(one.due_cents for _owed, one in owed),
        start=min(part.start for part in parts),
        end=max(part.end for part in parts),
        today=today,
        is_closed=contract.closed_on is not None,
    )


def by_itself(contract: Contract, stood: Figures, today: date) -> Outlook:
    """How a contract with entries of its own fares: on a closed one nothing comes any more."""
    can_come = contract.closed_on is None
    promises = promises_ahead([contract.pk], today)[contract.pk]
    later = to_come([contract.pk], today=today).get(contract.pk, NOTHING_TO_COME)
    return outlook_of(
        stood.position,
        undecided_cents=can_come * stood.undecided_cents,
        planned_cents=sum(promise.left(today) for promise in promises),
        agreed_cents=sum(promise.left(today) for promise in promises if promise.is_agreed),
        met_to_come_cents=later.met_cents,
        undecided_to_come_cents=can_come * later.undecided_cents,
        start=contract.start,
        end=contract.end,
        today=today,
        is_closed=not can_come,
    )


def compared(acting: Acting, today: date) -> set[Risk]:
    """Compare every contract of somebody with what core says; gives the risks that occurred."""
    rows = {row.pk: row for row in Standings.on(contracts_of(acting), today)}
    stands = {one.contract.pk: one for one in standings(contracts_of(acting), today=today)}
    assert rows.keys() == stands.keys()
    for contract in contracts_of(acting):
        row, stand = rows[contract.pk], stands[contract.pk]
        whole, outlook = as_core_says(contract, today)
        assert (stand.figures, stand.outlook) == (whole, outlook), (contract.reference, today)
        assert same(row, outlook), (contract.reference, today)
        assert (stand.risk, stand.open_cents) == (outlook.risk, outlook.position.open_cents)
        assert totals_of(stand) == added([stand]), (contract.reference, today)
    counted = [one for one in stands.values() if one.contract.form != Form.FRAMEWORK]
    assert totals(stands.values()) == added(counted)
    return {one.risk for one in stands.values()}


def added(counted: list[Standing]) -> Totals:
    """The totals of contracts from the figures of each, one after another."""
    return Totals(
        position=together(one.position for one in counted),
        contracts=len(counted),
        owed_cents=sum(one.position.owed_cents for one in counted),
        promised_cents=sum(one.figures.promised_cents for one in counted),
        agreed_cents=sum(one.figures.agreed_cents for one in counted),
        delivered_cents=sum(one.figures.delivered_cents for one in counted),
        verified_cents=sum(one.position.verified_cents for one in counted),
        undecided_cents=sum(one.figures.undecided_cents for one in counted),
        expected_undecided_cents=sum(one.outlook.undecided_cents for one in counted),
        planned_cents=sum(one.outlook.planned_cents for one in counted),
        expected_cents=sum(one.outlook.expected_cents for one in counted),
        to_come=sum((one.to_come for one in counted), NOTHING_TO_COME),
    )


def same(row: StandingRow, outlook: Outlook) -> bool:
    position = outlook.position
    following = (row.severity, row.owed_cents, row.open_cents, row.expected_cents)
    return following == (
        SEVERITY[outlook.risk],
        position.owed_cents,
        position.open_cents,
        outlook.expected_cents,
    )


def promised_and_delivered(cast: Cast, as_owner: Ask) -> list[int]:
    """Contracts with a plan and two lines over half a year, one of them half of what is owed.

    Two of them are call-offs of one framework, of which the first is closed while a line waits.
    """
    framework = register(cast, reference="RAAM", form=Form.FRAMEWORK, agreed_cents=None)
    call_off = {"form": Form.CALL_OFF, "parent_id": framework}
    made = []
    for number, under in enumerate([{}, {}, call_off, call_off]):
        contract = register(cast, reference=f"ECHT-{number}", **under)
        cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
        with acting_as(cast.contractor.pk) as acting:
            save_plan_line(contract_for(acting, contract), cells, number=2, note="", line_id=None)
        line = accepted(cast, hand_in(cast, contract, kenmerk="A", persoon=f"A-{number}"))
        as_owner(
            "UPDATE ledger_balance SET cents = %s WHERE contract_id = %s AND kind = 'obligation'",
            line.amount_cents * 2,
            contract,
        )
        hand_in(cast, contract, kenmerk="B", persoon=f"B-{number}")
        made.append(contract)
    for closed in made[1:3]:
        as_owner(_CLOSE, closed)
    return made


@pytest.mark.usefixtures("own_database")
def test_the_database_reckons_as_core_does(cast: Cast, as_owner: Ask) -> None:
    real = promised_and_delivered(cast, as_owner)
    dice = Dice(as_owner, register(cast, reference="EEN"), seed=9)
    for _number in range(60):
        dice.contract()
    for is_closed in (False, False, True, True):
        framework = dice.contract("framework")
        for _call_off in range(3):
            dice.contract("call_off", framework)
        as_owner(_CLOSE if is_closed else _OPEN, framework)
    risks = set()
    for today in DAYS:
        for contract in real:
            dice.moved(contract)
        with acting_as(cast.adviser.pk) as acting:
            risks |= compared(acting, today)
    assert risks == set(Risk)


def test_of_what_somebody_does_not_see_whole_there_is_no_figure(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    for who, sees in ((cast.adviser, True), (cast.subcontractor, False), (cast.competitor, False)):
        with acting_as(who.pk):
            row = Standings.on(Contract.objects.filter(pk=contract), FIRST).first()
        assert (row is not None and row.severity is not None) == sees
    with acting_as(cast.outsider.pk), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_standings(%s, %s)", [[contract], FIRST])
        assert cursor.fetchall() == [(contract, *[None] * 30)]


def test_a_framework_says_nothing_of_a_call_off_that_somebody_does_not_see(cast: Cast) -> None:
    framework = register(cast, reference="RAAM", form=Form.FRAMEWORK, agreed_cents=None)
    register(cast, reference="EIGEN", form=Form.CALL_OFF, parent_id=framework)
    with acting_as(cast.adviser.pk) as acting:
        another = facts(reference="ANDER", form=Form.CALL_OFF, parent_id=framework)
        of_another = {"client_id": cast.hilversum.pk, "contractor_id": cast.rival.pk}
        register_contract(acting, another, **of_another)
    for who, owed in ((cast.adviser, 200_000_00), (cast.contractor, 100_000_00)):
        with acting_as(who.pk):
            (row,) = Standings.on(Contract.objects.filter(pk=framework), FIRST)
        assert row.owed_cents == owed


def test_one_contract_stands_as_it_does_among_all(cast: Cast) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    with acting_as(cast.adviser.pk) as acting:
        row = contract_for(acting, contract).contract
        (among,) = standings(contracts_of(acting), today=FIRST)
        alone = standing_of(row, today=FIRST)
        assert (alone.figures, alone.outlook) == (among.figures, among.outlook)
        assert standings(Contract.objects.none(), today=FIRST) == []


def test_equal_contracts_stand_as_they_were_registered_however_they_are_named(cast: Cast) -> None:
    registered = [register(cast, reference=name) for name in ("C", "A", "B")]
    with acting_as(cast.adviser.pk):
        for ids in permutations(registered):
            stands = standings_on(ids, today=FIRST)
            assert [one.contract.pk for one in stands] == registered
        for order in ("form", "-form"):
            stands = standings(Contract.objects.order_by(order), today=FIRST)
            assert [one.contract.pk for one in stands] == registered
        by_name = standings(Contract.objects.order_by("-reference"), today=FIRST)
        assert [one.contract.reference for one in by_name] == ["C", "B", "A"]
        # Few contracts may come in this order by chance, so that the queries are looked at as well.
        by_form = Standings.on(Contract.objects.order_by("form"), FIRST)
        assert by_form.query.order_by == ("contract__form", "contract__pk")
        assert Standings.of(registered, FIRST).query.order_by == ("contract__pk",)

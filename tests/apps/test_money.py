"""The money, whoever does what in whatever order: an oracle adds everything up again.

A walk takes every step that both sides can take. After each one the books, the lines and the sums
on pages are made again from what was decided and booked, and nothing of before may have changed.
"""

from __future__ import annotations

import io
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import Http404

from telmee.apps.audit.models import Event
from telmee.apps.contracts import booking
from telmee.apps.contracts.access import ContractAccess, contract_for, contracts_of
from telmee.apps.contracts.actions import (
    adjust_obligation,
    close_contract,
    extend_contract,
    register_contract,
    reopen_contract,
    save_plan_line,
)
from telmee.apps.contracts.booking import carry_over, penalise, waive
from telmee.apps.contracts.booking import take_back as take_entry_back
from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.facts import ContractFacts, extended_end
from telmee.apps.contracts.models import Contract, PlanLine
from telmee.apps.contributions import deciding
from telmee.apps.contributions.access import contribution_for, on_contract
from telmee.apps.contributions.actions import (
    object_to,
    save_draft,
    submit,
    submit_drafts,
    take_back,
    withdraw,
)
from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.choices import COUNTING_STATES, DecisionReason, Outcome, State
from telmee.apps.contributions.deciding import Seen, accept_lines, decide
from telmee.apps.contributions.models import Contribution, Decision, Upload
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.contributions.uploads import add_upload, read_upload
from telmee.apps.contributions.valuing import value_line
from telmee.apps.ledger.models import Balance, Entry
from telmee.apps.ledger.queries import check_ledger, positions, standing_entry
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.portfolio import standings, totals
from telmee.apps.schemes.models import SchemeVersion
from telmee.apps.schemes.queries import scheme_of
from telmee.core.errors import DomainError
from telmee.core.ledger import position_of
from telmee.core.valuation.receipt import Receipt, recompute
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.registering import found, hand_in, register

#: A limit, a bonus that is given once and every kind of cap, all low enough to be reached at once.
SCHEME = """
format = 1
id = "walk"
publisher = "Gemeente Voorbeeld"
applies_to = ["Gemeente Voorbeeld"]
title = { nl = "Voorbeeld: elke grens", en = "Example: every limit" }
standing = "published"

[sources.page]
url = "https://example.org/social-return"
read = "full"

[time]
weekly_hours = 36
source = "page"

[limit]
max_months = 12
gap_months = 6
source = "page"

[blocks.pw]
label = "pw"
category = "placement"
unit = "full_time_year"
amount = 10001
source = "page"

[blocks.project]
label = "project"
category = "activity"
unit = "actual_cost"
source = "page"

[blocks.hours]
label = "hours"
category = "activity"
unit = "hour"
amount = 100
source = "page"

[blocks.custom]
label = { nl = "Maatwerk", en = "Bespoke" }
category = "activity"
unit = "agreement"
judgement = { nl = "De adviseur bepaalt de waarde.", en = "The adviser sets the value." }
source = "page"

[bonuses.start]
label = "start"
amount = 5000
once = true
blocks = ["pw"]
source = "page"

[caps.person]
per = "person"
amount = 12000
blocks = ["pw"]
source = "page"

[caps.day]
per = "day"
amount = 1000
blocks = ["hours"]
source = "page"

[caps.projects]
per = "contract"
share = 10
blocks = ["project"]
source = "page"
"""
PERSON_CENTS, SHARE = 12_000_00, 10
TODAY = date(2025, 9, 1)


def publish(server: Server, database: str) -> None:
    """Publish the scheme, as owner."""
    with connected(server.owner_url, database):
        SchemeVersion.objects.create(
            scheme_id="walk",
            version="undated",
            family="walk",
            sha256=sha256(SCHEME.encode()).hexdigest(),
            document=SCHEME,
            publisher="Gemeente Voorbeeld",
            title="Voorbeeld",
            has_amounts=True,
        )


def booked(cents: int, **more: Any) -> dict[str, Any]:
    facts = {"amount_cents": cents, "reason": "Zo is het afgesproken."}
    return {**facts, "effective_on": date(2025, 6, 1), "key": uuid4(), **more}


class Walk:
    """Everybody's steps on a few contracts, at random but the same each time."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.chance = cast, random.Random(seed)  # noqa: S311 - no secret
        self.contracts = [
            register(cast, reference="W-1", scheme="walk", agreed_cents=50_000_01),
            register(cast, reference="W-2", scheme="walk", agreed_cents=3_000_00),
            register(cast, reference="W-3", scheme="harlingen", extension_count=2,
                     extension_months=6),
        ]  # fmt: skip
        self.owed_at_most = {self.contracts[0]: 50_000_01, self.contracts[1]: 3_000_00}
        self.remembered: list[tuple[datetime, dict[int, Any]]] = []
        self.done: Counter[str] = Counter()
        self.number = 0

    def take(self) -> None:
        """Take one step, and prove what it left."""
        step = self.chance.choice(STEPS)
        who = self.chance.choice(step.who)
        before = self._events()
        try:
            with acting_as(getattr(self.cast, who).pk) as acting:
                step.do(self, acting)
            self.done[step.do.__name__] += 1
        except (DomainError, Http404):
            assert self._events() == before, f"{step.do.__name__} was refused, and left an event"
            return
        told = self._events()[len(before) :]
        user = getattr(self.cast, who).pk
        assert told, f"{step.do.__name__} is in no journal"
        assert {by for _, by in told} == {user}

    def _events(self) -> list[tuple[int, int]]:
        rows: set[tuple[int, int]] = set()
        for who in ("adviser", "contractor", "subcontractor"):
            with acting_as(getattr(self.cast, who).pk):
                rows |= set(Event.objects.order_by("id").values_list("id", "user_id"))
        return sorted(rows)

    def access(self, acting: Any) -> ContractAccess:
        return contract_for(acting, self.chance.choice(self.contracts))

    def a_line(self, acting: Any, *states: State) -> tuple[ContractAccess, Contribution]:
        lines = Contribution.objects.filter(contract__in=self.contracts, state__in=states)
        ids = list(lines.order_by("id").values_list("id", flat=True))
        if not ids:
            raise Http404
        return contribution_for(acting, self.chance.choice(ids))

    def cells(self, access: ContractAccess) -> dict[str, Any]:
        """Make a line that leans on others: few persons, periods and days."""
        self.number += 1
        pick = self.chance.choice
        begin = date(2025, pick((1, 4, 7)), 1)
        period = {"begin": begin, "eind": date(2025 + pick((0, 0, 1)), pick((9, 10, 12)), 30)}
        walk = {
            "pw": {**period, "uren_per_week": pick((36_00, 18_01)), "persoon": pick("PQ"),
                   "toeslagen": pick(("", "start"))},
            "project": {"begin": begin, "bedrag": pick((1, 333_33, 4_000_00))},
            "hours": {"begin": begin, "uren": pick((1, 800, 1500))},
            "custom": {"begin": begin},
        }  # fmt: skip
        placed = {**period, "uren_per_week": 24_00, "persoon": pick("PQ")}
        known = walk if access.contract.scheme.scheme_id == "walk" else {"pw_lt2": placed}
        block = pick(sorted(known))
        return {"kenmerk": f"K{self.number}", "bouwblok": block, **known[block]}


def draft(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    save_draft(access, walk.cells(access), key=uuid4())


def edit(walk: Walk, acting: Any) -> None:
    access, line = walk.a_line(acting, State.DRAFT)
    save_draft(access, walk.cells(access), line=line, version=line.version)


def hand_over(walk: Walk, acting: Any) -> None:
    submit(*walk.a_line(acting, State.DRAFT))


def hand_over_all(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    count = drafts_of(access).count()
    refused = submit_drafts(access, drafts_of(access))
    if count == len(refused):
        raise Http404


def upload(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    walk.number += 2
    row = "F{0};{1};1-7-2025;31-12-2025;24;P\n"
    block = "pw" if access.contract.scheme.scheme_id == "walk" else "pw_lt2"
    text = "kenmerk;bouwblok;begin;eind;uren_per_week;persoon\n"
    text += "".join(row.format(walk.number + n, block) for n in (0, 1))
    kept, _is_new = add_upload(access, io.BytesIO(text.encode()), "lijst.csv")
    read_upload(kept.pk, acting.user_id)
    assert Upload.objects.get(pk=kept.pk).added == 2


def fetch_back(walk: Walk, acting: Any) -> None:
    take_back(*walk.a_line(acting, State.SUBMITTED))


def pull(walk: Walk, acting: Any) -> None:
    withdraw(*walk.a_line(acting, State.SUBMITTED), reason="Vervalt.")


def accept(walk: Walk, acting: Any) -> None:
    access, line = walk.a_line(acting, State.SUBMITTED, State.OBJECTION)
    seen = value_line(access.contract, line.organisation_id, cells_of(line), line_id=line.pk)
    made = decide(access, line, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen.value_cents)
    assert made.amount_cents == seen.value_cents


def otherwise(walk: Walk, acting: Any, outcome: Outcome, *states: State, **more: Any) -> None:
    access, line = walk.a_line(acting, *states)
    why = {"reason": DecisionReason.OTHER, "text": "Zo is het."}
    cells = {**cells_of(line), **more.pop("cells", {})}
    decide(access, line, outcome=outcome, key=uuid4(), cells=cells, **why, **more)


def adjust_cells(walk: Walk, acting: Any) -> None:
    cells = {"begin": date(2025, walk.chance.choice((2, 3, 5)), 1)}
    otherwise(walk, acting, Outcome.ADJUSTED, State.SUBMITTED, State.OBJECTION, cells=cells)


def adjust_amount(walk: Walk, acting: Any) -> None:
    cents = walk.chance.choice((0, 1, 7_777_77))
    otherwise(walk, acting, Outcome.ADJUSTED, State.SUBMITTED, amount_cents=cents)


def reject(walk: Walk, acting: Any) -> None:
    otherwise(walk, acting, Outcome.REJECTED, State.SUBMITTED, State.OBJECTION)


def reopen(walk: Walk, acting: Any) -> None:
    decided = (State.ACCEPTED, State.ADJUSTED, State.REJECTED)
    otherwise(walk, acting, Outcome.REOPENED, *decided)


def contest(walk: Walk, acting: Any) -> None:
    object_to(*walk.a_line(acting, State.ADJUSTED, State.REJECTED), reason="Niet eens.")


def oblige(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    pk = access.contract.pk
    cents = positions([pk])[pk].waived_cents + walk.chance.choice((0, 1, 2_500_00, 60_000_00))
    adjust_obligation(access, **booked(cents))
    walk.owed_at_most[pk] = max(walk.owed_at_most.get(pk, 0), cents)


def forgive(walk: Walk, acting: Any) -> None:
    waive(walk.access(acting), **booked(walk.chance.choice((1, 500_00, 40_000_00))))


def fine(walk: Walk, acting: Any) -> None:
    penalise(walk.access(acting), **booked(walk.chance.choice((1, 99_99))))


def bring(walk: Walk, acting: Any) -> None:
    one, other = walk.access(acting), walk.access(acting)
    surplus = positions([one.contract.pk])[one.contract.pk].surplus_cents
    cents = walk.chance.choice((1, surplus, surplus + 1))
    carry_over(one, other, **booked(cents, pooled=walk.chance.random() < 0.5))


def unbook(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    stands = Entry.objects.filter(contract=access.contract, reversed_by=None, reverses=None)
    ids = list(stands.order_by("id").values_list("id", flat=True))
    if not ids:
        raise Http404
    take_entry_back(access, walk.chance.choice(ids), reason="Vergissing.")


def extend(walk: Walk, acting: Any) -> None:
    extend_contract(walk.access(acting), reason="Optie.")


def close(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    if access.contract.closed_on or walk.chance.random() < 0.9:
        raise Http404
    close_contract(access, on=TODAY, reason="Klaar.", today=TODAY)


def open_again(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    if access.contract.closed_on is None:
        raise Http404
    reopen_contract(access, reason="Toch niet klaar.")


def plan(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    cells = {k: v for k, v in walk.cells(access).items() if k not in ("kenmerk", "toeslagen")}
    save_plan_line(access, cells, number=walk.chance.choice((1, 3)), note="", line_id=None)


class Step:
    """Something that somebody does."""

    def __init__(self, do: Callable[[Walk, Any], None], *who: str) -> None:
        self.do, self.who = do, who


_CLIENT, _CONTRACTOR = ("adviser", "second_adviser", "team"), ("contractor", "subcontractor")
STEPS = (
    *(Step(do, *_CONTRACTOR) for do in (draft, draft, draft, edit, hand_over, hand_over, plan)),
    *(Step(do, *_CONTRACTOR) for do in (hand_over_all, upload, fetch_back, pull, contest, contest)),
    *(Step(do, *_CLIENT) for do in (accept, accept, accept, adjust_cells, adjust_amount, reject)),
    *(Step(do, *_CLIENT) for do in (reopen, oblige, forgive, fine, bring, bring, unbook)),
    *(Step(do, *_CLIENT) for do in (extend, close, open_again, open_again)),
)


# The oracle -----------------------------------------------------------------------------------


def prove(walk: Walk) -> None:
    """Add everything up again, from what was decided and booked alone."""
    with acting_as(walk.cast.adviser.pk) as acting:
        latest: dict[int, Decision] = {}
        for one in Decision.objects.filter(contract__in=walk.contracts).order_by("number"):
            latest[one.contribution_id] = one
        lines = [
            line
            for pk in walk.contracts
            for line in on_contract(contract_for(acting, pk)).order_by("id")
        ]
        _prove_lines(lines, latest)
        _prove_limits(walk, lines, latest)
        now = positions(walk.contracts)
        _prove_books(walk, lines, now)
        _prove_pages(walk, acting, lines, now)
        moment = _database_clock()
    walk.remembered.append((moment, now))


def _database_clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


def _prove_lines(lines: list[Contribution], latest: dict[int, Decision]) -> None:
    for line in lines:
        made = latest.get(line.pk)
        counts = line.state in COUNTING_STATES and made is not None
        amount = made.amount_cents if counts and made else 0
        standing = standing_entry(contribution_id=line.pk)
        assert (line.verified_cents or 0) == amount == (standing.amount_cents if standing else 0)
        assert amount >= 0
        assert standing is None or standing.decision_id == (made and made.pk)
        if made is not None and made.receipt is not None:
            kept = Receipt(**made.receipt)
            again = recompute(scheme_of(line.contract.scheme_id), kept)
            assert again == kept.value_cents
            assert made.outcome == Outcome.ADJUSTED or made.amount_cents == again


def _prove_limits(walk: Walk, lines: list[Contribution], latest: dict[int, Decision]) -> None:
    """No limit is passed by what the rules counted; an amount that somebody named is his own."""
    persons: dict[Any, int] = defaultdict(int)
    projects: dict[int, int] = defaultdict(int)
    for line in lines:
        made = latest.get(line.pk)
        if not line.verified_cents or made is None or made.receipt is None:
            continue
        if made.receipt["value_cents"] != made.amount_cents:
            continue
        block = made.cells["bouwblok"]
        if block == "pw":
            persons[line.organisation_id, line.person] += line.verified_cents
        if block == "project":
            projects[line.contract_id] += line.verified_cents
    assert max(persons.values(), default=0) <= PERSON_CENTS
    for pk, cents in projects.items():
        assert cents <= (walk.owed_at_most[pk] * SHARE + 50) // 100


def _prove_books(walk: Walk, lines: list[Contribution], now: dict[int, Any]) -> None:
    sums: dict[int, Counter[str]] = {pk: Counter() for pk in walk.contracts}
    for entry in Entry.objects.filter(contract__in=walk.contracts):
        sums[entry.contract_id][entry.kind] += entry.amount_cents
    for pk in walk.contracts:
        kept = Balance.objects.filter(contract=pk).values_list("kind", "cents")
        assert dict(kept) == dict(sums[pk])
        assert now[pk] == position_of(sums[pk])
        assert all(cents >= 0 for cents in sums[pk].values())
        assert now[pk].owed_cents >= 0
        verified = sum(line.verified_cents or 0 for line in lines if line.contract_id == pk)
        assert now[pk].verified_cents == verified
        assert now[pk].obligation_cents == (Contract.objects.get(pk=pk).obligation_cents or 0)
    brought = sum(p.carried_in_cents + p.pooled_cents - p.carried_out_cents for p in now.values())
    assert brought == 0


def _prove_pages(walk: Walk, acting: Any, lines: list[Contribution], now: dict[int, Any]) -> None:
    shown = standings(contracts_of(acting), today=TODAY)
    added = totals(shown)
    claimed = [line for line in lines if line.state not in (State.DRAFT, State.WITHDRAWN)]
    undecided = [line for line in claimed if line.state == State.SUBMITTED]
    planned = PlanLine.objects.filter(contract__in=walk.contracts)
    assert added.contracts == len(walk.contracts)
    assert added.owed_cents == sum(p.owed_cents for p in now.values())
    assert added.verified_cents == sum(p.verified_cents for p in now.values())
    assert added.open_cents == sum(p.open_cents for p in now.values())
    assert added.delivered_cents == sum(line.value_cents or 0 for line in claimed)
    assert added.promised_cents == sum(line.value_cents or 0 for line in planned)
    waits = sum(one.claimed.undecided_cents for one in shown)
    assert waits == sum(line.value_cents or 0 for line in undecided)


def prove_past(walk: Walk) -> None:
    """What was told as of an earlier moment is still told."""
    with acting_as(walk.cast.adviser.pk):
        for moment, then in walk.remembered:
            assert positions(walk.contracts, as_of=moment) == then


@pytest.fixture
def walked(server: Server, own_database: str) -> str:
    publish(server, own_database)
    return own_database


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_done_everything_adds_up(
    walked: str, server: Server, cast: Cast, seed: int
) -> None:
    walk = Walk(cast, seed)
    for number in range(70):
        walk.take()
        if number % 5 == 0:
            prove(walk)
    prove(walk)
    prove_past(walk)
    with connected(server.owner_url, walked):
        assert check_ledger() == []
    assert len(walk.done) > len(STEPS) // 3, walk.done


# Limits ---------------------------------------------------------------------------------------


def accepted(cast: Cast, line: int, *, by: str = "adviser", **more: Any) -> Decision:
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        return decide(access, row, outcome=Outcome.ACCEPTED, key=uuid4(), **more)


def stands(cast: Cast, contract: int) -> Any:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract]


@pytest.fixture
def capped(walked: str, cast: Cast) -> int:
    del walked
    return register(cast, reference="W-1", scheme="walk", agreed_cents=10_000_00)


_PROJECT: dict[str, Any] = {"bouwblok": "project", "eind": None, "uren_per_week": None}
_YEAR = {"bouwblok": "pw", "uren_per_week": 36_00, "begin": date(2025, 1, 1)}
_YEAR_TO = {**_YEAR, "eind": date(2025, 12, 31)}


def project(cast: Cast, contract: int, name: str, cents: int) -> int:
    return hand_in(cast, contract, **_PROJECT, kenmerk=name, persoon="", bedrag=cents)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_cap_is_kept_in_whatever_order_lines_are_decided(
    cast: Cast, capped: int, order: tuple[int, ...]
) -> None:
    lines = [project(cast, capped, name, 400_01) for name in "ABC"]
    for number in order:
        accepted(cast, lines[number])
    assert stands(cast, capped).verified_cents == 1_000_00


def test_a_smaller_obligation_leaves_what_was_decided_and_nothing_for_what_follows(
    cast: Cast, capped: int
) -> None:
    first, second = (project(cast, capped, name, 900_00) for name in "AB")
    accepted(cast, first)
    with acting_as(cast.adviser.pk) as acting:
        adjust_obligation(contract_for(acting, capped), **booked(1_000_00))
    assert accepted(cast, second).amount_cents == 0
    assert stands(cast, capped).verified_cents == 900_00


def test_the_clock_and_the_cap_of_a_person_run_over_contracts_of_one_client(
    cast: Cast, capped: int
) -> None:
    other = register(cast, reference="W-2", scheme="walk", agreed_cents=1_000_00)
    lines = [hand_in(cast, c, **_YEAR_TO, toeslagen="start") for c in (capped, other)]
    # 10,001 and the bonus of 5,000, of which 12,000 fit.
    assert accepted(cast, lines[0]).amount_cents == PERSON_CENTS
    assert accepted(cast, lines[1]).amount_cents == 0


def test_a_bonus_is_given_once_over_contracts(cast: Cast, capped: int) -> None:
    other = register(cast, reference="W-2", scheme="walk", agreed_cents=1_000_00)
    half = {**_YEAR, "eind": date(2025, 3, 31), "toeslagen": "start"}
    late = {**half, "begin": date(2025, 4, 1), "eind": date(2025, 6, 30)}
    made = [accepted(cast, hand_in(cast, c, **cells)) for c, cells in
            ((capped, late), (other, half))]  # fmt: skip
    assert sum(one.amount_cents for one in made) == 2_466_00 + 2_493_40 + 5_000_00


def test_an_amount_that_was_named_leaves_the_clock_to_the_cells(cast: Cast, capped: int) -> None:
    first = hand_in(cast, capped, **_YEAR_TO)
    second = hand_in(cast, capped, **_YEAR_TO, kenmerk="B")
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, first)
        why = {"reason": DecisionReason.AGREEMENT, "text": "Afgesproken."}
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=1, **why)
    # The cells took 10,001 of the 12,000, whatever was booked for them.
    assert accepted(cast, second).amount_cents == PERSON_CENTS - 10_001_00


@pytest.mark.parametrize("cents", [0, 1, 10**11])
def test_what_a_person_judges_is_worth_what_he_says(cast: Cast, capped: int, cents: int) -> None:
    line = hand_in(
        cast, capped, bouwblok="custom", eind=None, uren_per_week=None, persoon="", kenmerk="M"
    )
    with pytest.raises(DomainError, match="decision_needs_amount"):
        accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        assert row.value_cents is None
        why = {"reason": DecisionReason.AGREEMENT, "text": "Afgesproken."}
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=cents, **why)
    assert stands(cast, capped).verified_cents == cents


@pytest.mark.parametrize("cents", [0, 1, 999_99, 10**11])
def test_an_obligation_of_any_size_is_kept_to_the_cent(cast: Cast, cents: int) -> None:
    contract = register(cast, agreed_cents=cents, value_cents=max(1, cents))
    assert stands(cast, contract).open_cents == cents


def test_a_file_a_form_and_a_decision_come_to_the_same_cents(cast: Cast, capped: int) -> None:
    text = (
        "kenmerk;bouwblok;begin;eind;uren_per_week;bedrag;persoon\n"
        "A;pw;01-01-2025;2025-12-31;18,01;;P\n"
        'B;project;2025-01-01;;;"€ 1.234,56";\n'
        "C;project;2025-01-01;;;333.33;\n"
    )
    with acting_as(cast.contractor.pk) as acting:
        kept, _ = add_upload(contract_for(acting, capped), io.BytesIO(text.encode()), "a.csv")
    read_upload(kept.pk, cast.contractor.pk)
    with acting_as(cast.contractor.pk) as acting:
        drafts = drafts_of(contract_for(acting, capped)).order_by("reference")
        shown = {line.reference: line.value_cents for line in drafts}
        assert submit_drafts(contract_for(acting, capped), drafts) == {}
    with acting_as(cast.adviser.pk) as acting:
        lines = list(on_contract(contract_for(acting, capped)).order_by("reference"))
        assert {line.reference: line.value_cents for line in lines} == shown
        assert shown["B"] == 1_000_00
        assert shown["C"] == 0
        seen = [Seen(line.pk, line.version, line.value_cents) for line in lines]
        made = [a.decision.amount_cents for a in accept_lines(acting, seen, key=uuid4())
                if a.decision]  # fmt: skip
    assert made == [shown[name] for name in "ABC"]


# Time -----------------------------------------------------------------------------------------


def test_what_has_no_day_counts_in_the_year_of_its_dutch_day() -> None:
    eve = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # 0:30 on New Year's Day in the Netherlands
    line, bare = Contribution(submitted_at=eve), Decision(cells={})
    assert deciding._effective_on(bare, line) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("end", "months", "until"),
    [
        (date(2025, 6, 30), 6, date(2025, 12, 31)),
        (date(2025, 2, 28), 36, date(2028, 2, 29)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 1, 14), 12, date(2026, 1, 14)),
    ],
)
def test_an_extension_of_months_ends_with_the_month(end: date, months: int, until: date) -> None:
    assert extended_end(end, months) == until


# The same form twice --------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_books_and_tells_once(cast: Cast) -> None:
    contract, once = register(cast), booked(1_00)
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            waive(contract_for(acting, contract), **once)
    with acting_as(cast.adviser.pk):
        assert Event.objects.filter(verb="contract.waived").count() == 1


def test_another_amount_with_the_same_form_is_refused(cast: Cast) -> None:
    contract, once = register(cast), booked(1_00)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        adjust_obligation(access, **once)
        adjust_obligation(access, **once)
        with pytest.raises(DomainError, match="ledger_key_reused"):
            adjust_obligation(access, **once | {"amount_cents": 2_00})
    assert stands(cast, contract).obligation_cents == 1_00


def test_another_outcome_with_the_same_form_is_refused(cast: Cast) -> None:
    line, key = hand_in(cast, register(cast)), uuid4()
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ACCEPTED, key=key)
        why = {"reason": DecisionReason.OTHER, "text": "Toch niet."}
        with pytest.raises(DomainError, match="changed_meanwhile"):
            decide(access, row, outcome=Outcome.REJECTED, key=key, **why)


@pytest.mark.parametrize("cents", [-1, 10**11 + 1])
def test_an_obligation_out_of_range_is_refused(cast: Cast, cents: int) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        with pytest.raises(DomainError, match="decision_amount_out_of_range"):
            adjust_obligation(access, **booked(cents))


# At once --------------------------------------------------------------------------------------


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do things at the same time, each on a connection of its own; gives what came of them."""
    answers = [""] * len(deeds)
    barrier = threading.Barrier(len(deeds))

    def do(number: int, deed: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            deed()
            answers[number] = "done"
        except DomainError as error:
            answers[number] = error.problems[0].code
        except Exception as error:  # noqa: BLE001 - what surfaces is what the test is about
            answers[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.fixture
def slow_posting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who has posted wait a moment, so that two who post do meet."""

    def slowed(post: Callable[..., int]) -> Callable[..., int]:
        def posted(*args: Any, **facts: Any) -> int:
            made = post(*args, **facts)
            sleep(0.2)
            return made

        return posted

    for module in (deciding, booking):
        monkeypatch.setattr(module, "post", slowed(module.post))


@pytest.fixture
def proved(server: Server, own_database: str) -> Iterator[None]:
    """Prove the books when a test is over."""
    yield
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def with_surplus(cast: Cast) -> tuple[int, int]:
    both = [register(cast, reference=name, agreed_cents=1_00) for name in ("R-1", "R-2")]
    for number, contract in enumerate(both):
        accepted(cast, hand_in(cast, contract, kenmerk="S", persoon=f"S{number}"))
    return both[0], both[1]


def doing(cast: Cast, who: str, deed: Callable[[Any], object]) -> Callable[[], object]:
    def act() -> object:
        with acting_as(getattr(cast, who).pk) as acting:
            return deed(acting)

    return act


def accepting(cast: Cast, who: str, line: int) -> Callable[[], object]:
    return lambda: accepted(cast, line, by=who)


@pytest.mark.usefixtures("proved", "slow_posting")
def test_surplus_can_go_both_ways_at_once(cast: Cast) -> None:
    one, other = with_surplus(cast)

    def carry(source: int, to: int) -> Callable[[Any], None]:
        return lambda acting: carry_over(
            contract_for(acting, source), contract_for(acting, to), **booked(10)
        )

    answers = at_once(
        doing(cast, "adviser", carry(one, other)), doing(cast, "second_adviser", carry(other, one))
    )
    assert answers == ["done", "done"]


@pytest.mark.usefixtures("proved", "slow_posting")
def test_lines_are_accepted_while_surplus_moves(cast: Cast) -> None:
    one, other = with_surplus(cast)
    lines = [hand_in(cast, c, kenmerk="Z", persoon=f"Z{c}") for c in (other, one)]

    def accept_all(acting: Any) -> None:
        seen = [Seen(pk, found(acting, pk)[1].version) for pk in lines]
        assert not any(a.problems for a in accept_lines(acting, seen, key=uuid4()))

    def carry(acting: Any) -> None:
        carry_over(contract_for(acting, one), contract_for(acting, other), **booked(10))

    assert at_once(
        doing(cast, "adviser", accept_all), doing(cast, "second_adviser", carry)
    ) == ["done", "done"]  # fmt: skip


@pytest.mark.usefixtures("proved", "slow_posting")
def test_a_decision_and_every_booking_on_its_contract_wait_for_each_other(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    answers = at_once(
        accepting(cast, "adviser", line),
        doing(cast, "second_adviser", lambda a: waive(contract_for(a, contract), **booked(5))),
        doing(cast, "team", lambda a: adjust_obligation(contract_for(a, contract), **booked(9))),
        doing(cast, "adviser", lambda a: penalise(contract_for(a, contract), **booked(7))),
    )
    assert answers == ["done"] * 4
    assert stands(cast, contract).penalty_cents == 7


@pytest.mark.usefixtures("proved", "slow_posting")
def test_two_who_waive_what_is_open_waive_it_once(cast: Cast) -> None:
    contract = register(cast)

    def all_of_it(acting: Any) -> None:
        waive(contract_for(acting, contract), **booked(100_000_00))

    answers = at_once(*(doing(cast, who, all_of_it) for who in ("adviser", "second_adviser")))
    assert sorted(answers) == ["done", "waived_too_much"]


@pytest.mark.usefixtures("proved", "slow_posting")
def test_two_lines_of_one_person_are_decided_at_once_within_his_limit(
    cast: Cast, capped: int
) -> None:
    lines = [hand_in(cast, capped, **_YEAR_TO, kenmerk=name) for name in "AB"]
    answers = at_once(
        accepting(cast, "adviser", lines[0]), accepting(cast, "second_adviser", lines[1])
    )
    assert answers == ["done", "done"]
    assert stands(cast, capped).verified_cents == PERSON_CENTS


@pytest.mark.usefixtures("proved")
def test_a_line_is_accepted_or_taken_back_never_both(cast: Cast) -> None:
    contract = register(cast)
    for number in range(4):
        line = hand_in(cast, contract, kenmerk=f"T{number}", persoon=f"T{number}")
        answers = at_once(
            accepting(cast, "adviser", line),
            doing(cast, "contractor", lambda acting, pk=line: take_back(*found(acting, pk))),
        )
        with acting_as(cast.contractor.pk) as acting:
            row = found(acting, line)[1]
            state = State.ACCEPTED if answers[0] == "done" else State.DRAFT
            assert row.state == state, answers
            assert answers.count("done") == 1, answers


@pytest.mark.usefixtures("proved")
def test_one_key_in_two_tabs_decides_and_books_once(cast: Cast) -> None:
    line, key = hand_in(cast, register(cast)), uuid4()

    def accept_it(acting: Any) -> None:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ACCEPTED, key=key)

    both = [doing(cast, "adviser", accept_it) for _ in range(2)]
    assert at_once(*both) == ["done", "done"]
    with acting_as(cast.adviser.pk):
        assert Entry.objects.filter(kind="realised").count() == 1


def test_one_file_in_two_tabs_is_one_upload(walked: str, cast: Cast, capped: int) -> None:
    del walked
    text = b"kenmerk;bouwblok;begin;bedrag\nA;project;1-1-2025;100\n"

    def add(acting: Any) -> None:
        add_upload(contract_for(acting, capped), io.BytesIO(text), "a.csv")

    assert at_once(*(doing(cast, "contractor", add) for _ in range(2))) == ["done", "done"]
    with acting_as(cast.contractor.pk):
        uploads = list(Upload.objects.values_list("pk", flat=True))
    assert len(uploads) == 1
    reading = [lambda: read_upload(uploads[0], cast.contractor.pk)] * 2
    assert at_once(*reading) == ["done", "done"]
    with acting_as(cast.contractor.pk) as acting:
        assert drafts_of(contract_for(acting, capped)).count() == 1


@pytest.mark.usefixtures("proved")
def test_a_form_that_is_sent_twice_at_once_makes_one(walked: str, cast: Cast, capped: int) -> None:
    del walked
    keys = [uuid4() for _ in range(3)]
    facts = ContractFacts(
        reference="X-1",
        name="Onderhoud",
        category=Category.SERVICES,
        scheme="walk",
        start=date(2025, 1, 1),
        end=date(2025, 12, 31),
        value_cents=100_00,
        agreed_cents=5_00,
        percentage_reason="5%",
        key=keys[0],
    )
    parties = {"client_id": cast.hilversum.pk, "contractor_id": cast.de_eem.pk}
    cells = {**_YEAR_TO, "kenmerk": "A"}

    def plan_it(acting: Any) -> None:
        access = contract_for(acting, capped)
        save_plan_line(access, cells, number=1, note="", line_id=None, key=keys[1])
        sleep(0.2)

    def draft_it(acting: Any) -> None:
        save_draft(contract_for(acting, capped), cells, key=keys[2])
        sleep(0.2)

    def register_it(acting: Any) -> None:
        register_contract(acting, facts, **parties)
        sleep(0.2)

    for who, deed in (("adviser", register_it), ("contractor", plan_it), ("contractor", draft_it)):
        assert at_once(*[doing(cast, who, deed)] * 2) == ["done", "done"]
    with acting_as(cast.contractor.pk) as acting:
        assert Contract.objects.filter(reference="X-1").count() == 1
        assert PlanLine.objects.filter(contract=capped).count() == 1
        assert drafts_of(contract_for(acting, capped)).count() == 1

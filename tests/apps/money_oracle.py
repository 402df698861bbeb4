"""The oracle of the money walk: everything is added up again from what was decided and booked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from math import floor
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone

from telmee.apps.agreements.models import PlanLine, Turnover
from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.choices import COUNTING_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Decision
from telmee.apps.ledger.models import Balance, Entry
from telmee.apps.ledger.queries import figures, positions, standing_entries
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import split_of
from telmee.apps.reports.figure_words import By
from telmee.apps.reports.portfolio import Standing, standings, totals
from telmee.apps.reports.results import results_by
from telmee.core.errors import DomainError
from telmee.core.ledger import position_of
from tests.cast import Cast
from tests.money import PERSON_CENTS, SHARE
from tests.pooling import prove_moved

TODAY = date(2025, 9, 1)


class Walk(Protocol):
    """What of a walk is proved: its contracts, and what was told of them at earlier moments."""

    cast: Cast
    contracts: list[int]
    owed_at_most: dict[int, int]
    remembered: list[tuple[datetime, dict[int, Any]]]


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
        _prove_turnover(walk.contracts[3], now)
        _prove_pages(walk, acting, lines, now)
        _prove_years(walk, lines, latest)
        moment, told = _database_clock(), figures(walk.contracts)
    walk.remembered.append((moment, told))


def _database_clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


def _prove_lines(lines: list[Contribution], latest: dict[int, Decision]) -> None:
    for line in lines:
        made = latest.get(line.pk)
        counts = line.state in COUNTING_STATES and made is not None
        amount = made.counted_cents if counts and made else 0
        standing = standing_entries(contribution_id=line.pk)
        assert (line.verified_cents or 0) == amount == sum(e.amount_cents for e in standing)
        assert amount >= 0
        if made is not None and made.receipt is not None:
            kept, whole = made.receipt, made.receipt.amount_cents or 0
            left = split_of(kept, made.until)[1] if made.until else 0
            assert made.counted_cents == whole - left
            assert (line.rest_cents or 0) == left
            assert made.reason or kept.named_cents is None
            assert {entry.receipt_id for entry in standing} <= {kept.pk}


def _prove_limits(walk: Walk, lines: list[Contribution], latest: dict[int, Decision]) -> None:
    """No limit is passed by what the rules counted; an amount that somebody named is his own."""
    persons: dict[Any, int] = defaultdict(int)
    projects: dict[int, int] = defaultdict(int)
    for line in lines:
        made = latest.get(line.pk)
        if not line.verified_cents or made is None or made.receipt is None:
            continue
        if made.receipt.named_cents is not None:
            continue
        block = made.receipt.inputs["bouwblok"]
        if block == "pw":
            persons[line.organisation_id, line.person_id] += line.verified_cents
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
        kept: Counter[str] = Counter()
        for kind, cents in Balance.objects.filter(contract=pk).values_list("kind", "cents"):
            kept[kind] += cents
        assert {kind: kept[kind] for kind in sums[pk]} == dict(sums[pk])
        assert now[pk] == position_of(sums[pk])
        assert all(cents >= 0 for cents in sums[pk].values())
        assert now[pk].owed_cents >= 0
        verified = sum(line.verified_cents or 0 for line in lines if line.contract_id == pk)
        assert now[pk].verified_cents == verified
        assert now[pk].imposed_cents == (Contract.objects.get(pk=pk).obligation_cents or 0)
    prove_moved(walk.contracts)


def _prove_turnover(pk: int, now: dict[int, Any]) -> None:
    """5% of what both sides agreed, in whole cents, unless they agreed on an amount.

    Of a period counts what was agreed last, also where another took the contract over since.
    """
    contract = Contract.objects.get(pk=pk)
    rows = Turnover.objects.in_force([pk]).select_related("version__agreement")
    last = {one.version.agreement.period: one.cents for one in rows.order_by("version")}
    agreed = sum(last.values())
    owed = contract.agreed_cents if contract.agreed_cents is not None else (agreed + 10) // 20
    assert now[pk].imposed_cents == owed


def _prove_pages(walk: Walk, acting: Any, lines: list[Contribution], now: dict[int, Any]) -> None:
    shown = standings(contracts_of(acting), today=TODAY)
    added = totals(shown)
    claimed = [line for line in lines if line.state not in (State.DRAFT, State.WITHDRAWN)]
    undecided = sum(line.value_cents or 0 for line in claimed if line.state == State.SUBMITTED)
    undecided += sum(line.rest_cents or 0 for line in claimed)
    planned = PlanLine.objects.in_force(walk.contracts)
    assert added.contracts == len(walk.contracts)
    assert added.owed_cents == sum(p.owed_cents for p in now.values())
    assert added.verified_cents == sum(p.verified_cents for p in now.values())
    assert added.position.open_cents == sum(p.open_cents for p in now.values())
    assert added.delivered_cents == sum(line.value_cents or 0 for line in claimed)
    assert added.promised_cents == sum(line.value_cents or 0 for line in planned)
    waits = sum(one.figures.undecided_cents for one in shown)
    assert waits == undecided
    _prove_to_come(lines, shown)


def _prove_to_come(lines: list[Contribution], shown: list[Standing]) -> None:
    """What is still to come, line by line by its receipt, is what the totals say."""
    delivered = sum(
        split_of(line.receipt, TODAY)[1]
        for line in lines
        if line.receipt and line.state not in (State.DRAFT, State.WITHDRAWN)
    )
    verified = sum(
        split_of(line.decided, TODAY)[1]
        for line in lines
        if line.decided and line.rest_cents is None
    )
    added = totals(shown).to_come
    assert (added.delivered_cents, added.verified_cents) == (delivered, verified)


def _parts_of_years(
    line: Contribution, years: list[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Of each year each contract's part: of its part of the whole what came by then, half up."""
    whole, so_far = sum(cents for _, cents in years), 0
    parts = {pk: part for pk, part in _parts(line, whole).items() if pk != line.contract_id}
    had = dict.fromkeys(parts, 0)
    for year, cents in years:
        so_far += cents
        left = cents
        for pk, part in parts.items():
            come = floor(Fraction(part * so_far, whole) + Fraction(1, 2))
            yield year, pk, come - had[pk]
            left -= come - had[pk]
            had[pk] = come
        yield year, line.contract_id, left


def _prove_years(walk: Walk, lines: list[Contribution], latest: dict[int, Decision]) -> None:
    """What was delivered, waits and was verified on each contract in each year, by its days.

    Of its own lines and of those for an initiative, of which what waits is in parts.
    """
    sums: Counter[tuple[int, str, int]] = Counter()
    for line in lines:
        home, made = line.contract_id, latest.get(line.pk)
        if line.state in (State.DRAFT, State.WITHDRAWN):
            continue
        for year, cents in _years(line, line.receipt):
            sums[home, "delivered", year] += cents
        if made is not None and line.verified_cents:
            for year, cents in _years(line, made.receipt, until=made.until):
                sums[home, "realised", year] += cents
        for year, pk, cents in _parts_of_years(line, list(_waits(line, made))):
            sums[pk, "undecided", year] += cents
            sums[pk, "delivered", year] += cents if pk != home else 0
            sums[home, "delivered", year] -= cents if pk != home else 0
    kept: Counter[tuple[int, str, int]] = Counter()
    for one in Balance.objects.filter(contract__in=walk.contracts):
        if one.kind in ("delivered", "undecided", "realised"):
            kept[one.contract_id, one.kind, one.year] += one.cents
    told = {key: cents for key, cents in sums.items() if cents}
    assert {key: cents for key, cents in kept.items() if cents} == told
    assert set(_told_of_years(walk.contracts, {year for _, _, year in told})) == {
        (*key, cents) for key, cents in told.items()
    }


def _told_of_years(contracts: list[int], years: set[int]) -> Iterator[tuple[int, str, int, int]]:
    """What accounts tell of each contract and year, which they take from each line."""
    names = {
        "delivered": "delivered_cents",
        "undecided": "waiting_cents",
        "realised": "verified_cents",
    }
    for row in results_by(contracts, years, [By.CONTRACT])[By.CONTRACT]:
        for kind, name in names.items():
            if cents := getattr(row.result, name):
                yield int(row.key), kind, row.year, cents


def _waits(line: Contribution, made: Decision | None) -> Iterator[tuple[int, int]]:
    if line.state in (State.SUBMITTED, State.ASKED):
        yield from _years(line, line.receipt)
    elif line.rest_cents and made is not None:
        yield from _years(line, made.receipt, after=made.until)


def _years(
    line: Contribution,
    receipt: Receipt | None,
    *,
    after: date | None = None,
    until: date | None = None,
) -> Iterator[tuple[int, int]]:
    """What of a figure is for the days of each year, after one day and up to another."""
    if receipt is None or not receipt.amount_cents:
        return
    first, last = receipt.first_day, receipt.last_day
    if first is None or last is None:
        day = line.end or line.begin or timezone.localdate(line.submitted_at)
        yield day.year, receipt.amount_cents
        return
    for year in range(first.year, last.year + 1):
        since = max(date(year - 1, 12, 31), after or date.min)
        to = min(date(year, 12, 31), until or date.max)
        if since < to:
            yield year, split_of(receipt, to)[0] - split_of(receipt, since)[0]


def _parts(line: Contribution, cents: int) -> dict[int, int]:
    """What of a line waits where: in the parts that a decision would book, else where it stands."""
    if not cents or line.pool is None:
        return {line.contract_id: cents}
    day = line.end or line.begin or date.max
    try:
        parts = pooling.parts_on(line.pool, day, cents)
    except DomainError:
        return {line.contract_id: cents}
    return parts if line.contract_id in parts else {line.contract_id: cents}


def prove_past(walk: Walk) -> None:
    """What was told as of an earlier moment is still told."""
    with acting_as(walk.cast.adviser.pk):
        for moment, then in walk.remembered:
            assert figures(then, as_of=moment) == then

"""What was asked and what came of it: the same as the lines and the books say one by one."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import figures_per_year
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.behind import contracts_behind, lines_behind
from telmee.apps.reports.figure_words import By, words
from telmee.apps.reports.results import (
    Money,
    Result,
    Row,
    complete_until,
    contracts_in,
    money,
    results,
    results_by,
)
from tests.cast import Cast
from tests.money import accepted, agree, decide
from tests.registering import PLACEMENT, PURCHASE, found, hand_in, register

YEARS = (2024, 2025, 2026)


@pytest.fixture(scope="module")
def three(module_cast: Cast) -> list[int]:
    """Three contracts, with lines that count, that wait and that were rejected."""
    cast = module_cast
    ids = [
        register(cast, reference="A"),
        register(cast, reference="B", category=Category.WORKS, start=date(2024, 6, 1)),
        register(cast, reference="C", agreed_cents=50_000_00),
    ]
    accepted(cast, hand_in(cast, ids[0], kenmerk="A-1"))
    accepted(cast, hand_in(cast, ids[0], kenmerk="A-2", persoon="P-2", eind=date(2025, 9, 30)))
    accepted(
        cast, hand_in(cast, ids[1], kenmerk="B-1", begin=date(2025, 7, 1), eind=date(2026, 2, 1))
    )
    hand_in(cast, ids[1], kenmerk="B-2", persoon="P-3")
    accepted(cast, hand_in(cast, ids[1], kenmerk="B-3", **PURCHASE))
    reject(cast, hand_in(cast, ids[2], kenmerk="C-1", persoon="P-4"))
    with acting_as(cast.adviser.pk) as acting:  # so that receipts say which version held
        access = contract_for(acting, ids[0])
        agree(
            access,
            amount_cents=90_000_00,
            reason="Zo is het.",
            effective_on=date(2025, 6, 1),
            key=uuid4(),
        )
    with acting_as(cast.contractor.pk) as acting:
        cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
        save_plan_line(contract_for(acting, ids[2]), cells, number=2, note="", line_id=None)
    return ids


def reject(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(
            access,
            row,
            outcome=Outcome.REJECTED,
            key=uuid4(),
            reason=DecisionReason.OTHER,
            text="Er is geen bewijs.",
        )


def test_the_euros_of_a_year_are_those_of_the_books(cast: Cast, three: list[int]) -> None:
    with acting_as(cast.adviser.pk):
        rows = figures_per_year(three)
        shown = money(three, YEARS)
        whole = results(three, YEARS)
    for year in YEARS:
        of_year = [figures for (_, _, of), figures in rows.items() if of == year]
        expected = (
            sum(f.position.imposed_cents for f in of_year),
            sum(f.position.waived_cents for f in of_year),
            sum(f.promised_cents for f in of_year),
            sum(f.delivered_cents for f in of_year),
            sum(f.undecided_cents for f in of_year),
            sum(f.position.verified_cents for f in of_year),
        )
        for one in (shown[year], whole[year]):
            assert tuple(getattr(one, field.name) for field in fields(shown[year])) == expected
    assert whole[2025].percentage_bp == round(
        whole[2025].verified_cents * 10_000 / (whole[2025].imposed_cents or 1)
    )
    assert results([], YEARS) == dict.fromkeys(YEARS, Result())


def test_people_and_places_are_counted_on_what_was_verified(cast: Cast, three: list[int]) -> None:
    accepted(
        cast, hand_in(cast, three[2], kenmerk="C-2", begin=date(2025, 7, 1), eind=date(2025, 12, 1))
    )
    with acting_as(cast.adviser.pk):
        year = results(three, [2025])[2025]
    assert (year.people, year.places, year.lines) == (2, 4, 5)  # P-1 has one on A, B and C
    assert year.purchase_cents == 10_000_00


def test_every_division_adds_up_to_the_whole(cast: Cast, three: list[int]) -> None:
    with acting_as(cast.adviser.pk):
        whole = results(three, YEARS)
        divided = results_by(three, YEARS, By)
        for by in By:
            require_sums(whole, divided[by], by)


def require_sums(whole: dict[int, Result], rows: list[Row], by: By) -> None:
    added = [*("promised", "delivered", "waiting", "verified", "purchase")]
    added += [] if by.is_of_effort else ["imposed", "waived", "value"]
    for year in YEARS:
        of_year = [row for row in rows if row.year == year]
        for name in (f"{one}_cents" for one in added):
            assert sum(getattr(row.result, name) for row in of_year) == getattr(whole[year], name)
        assert sum(row.result.lines for row in of_year) == whole[year].lines
        assert all(row.label for row in of_year if row.key)


def test_a_figure_can_be_given_as_it_was_known(cast: Cast, three: list[int]) -> None:
    with acting_as(cast.adviser.pk):
        before, then = results(three, YEARS), timezone.now()
        divided = results_by(three, YEARS, [By.BLOCK])
        complete = complete_until(three, today=date(2026, 3, 1))
    accepted(cast, hand_in(cast, three[2], kenmerk="C-3", persoon="P-9"))
    with acting_as(cast.adviser.pk):
        assert results(three, YEARS) != before
        assert results(three, YEARS, as_of=then) == before
        assert results_by(three, YEARS, [By.BLOCK], as_of=then) == divided
        assert complete_until(three, today=date(2026, 3, 1), as_of=then) == complete


def test_it_says_until_when_everything_was_decided_on(cast: Cast, three: list[int]) -> None:
    with acting_as(cast.adviser.pk):
        waiting = complete_until(three, today=date(2026, 3, 1))
        nothing = complete_until([three[0]], today=date(2026, 3, 1))
    assert (waiting.until, waiting.waiting_lines) == (date(2024, 12, 31), 1)
    assert (nothing.until, nothing.waiting_lines) == (date(2026, 3, 1), 0)


def test_who_does_not_see_the_books_gets_no_figure(cast: Cast, three: list[int]) -> None:
    for name in ("colleague", "competitor", "outsider", "operator", "subcontractor"):
        with acting_as(getattr(cast, name).pk) as acting:
            assert results(three, YEARS) == dict.fromkeys(YEARS, Result())
            assert money(three, YEARS) == dict.fromkeys(YEARS, Money())
            assert results_by(three, YEARS, [By.CLIENT]) == {By.CLIENT: []}
            assert complete_until(three, today=date(2026, 3, 1)).waiting_lines == 0
            assert lines_of_year(three, 2025) == 0
            assert contracts_in(acting, clients=[cast.hilversum.pk]) == []


def test_who_sees_the_books_gets_the_same_figure(cast: Cast, three: list[int]) -> None:
    for name in ("adviser", "reader", "team", "auditor", "contractor"):
        with acting_as(getattr(cast, name).pk) as acting:
            ids = contracts_in(acting, clients=[cast.hilversum.pk])
            assert ids == sorted(three) == contracts_in(acting, contractors=[cast.de_eem.pk])
            assert results(ids, [2025])[2025].people == 2
            assert lines_of_year(ids, 2025) > 0


def lines_of_year(ids: list[int], year: int) -> int:
    """Of how many lines the database tells somebody what they came to in a year."""
    with connection.cursor() as cursor:
        query = "SELECT count(*) FROM telmee_lines_of_year(%s::bigint[], %s, NULL)"
        cursor.execute(query, [ids, year])
        return int(cursor.fetchone()[0])


def test_every_figure_says_how_it_is_counted() -> None:
    shown = {field.name for field in fields(Result)} | {"percentage_bp"}
    assert shown - words().figures.keys() == {"waived_cents", "waiting_cents", "lines"}


@pytest.mark.parametrize("is_now", [True, False], ids=["now", "as it stood"])
def test_what_stands_behind_a_figure_adds_up_to_it(
    cast: Cast, three: list[int], is_now: bool
) -> None:
    as_of = None if is_now else timezone.now()
    accepted(cast, hand_in(cast, three[1], kenmerk="B-9", persoon="P-9"))  # came later
    with acting_as(cast.adviser.pk):
        for year in YEARS:
            whole = results(three, [year], as_of=as_of)[year]
            require_behind(three, year, whole, as_of=as_of)
            for by in By:
                for row in results_by(three, [year], [by], as_of=as_of)[by]:
                    require_behind(three, year, row.result, as_of=as_of, by=by, key=row.key)


def require_behind(ids: list[int], year: int, result: Result, **place: Any) -> None:
    every: Any = lines_behind(ids, year, **place)
    delivered, verified = zip(
        *every.values_list("delivered_in_year", "verified_in_year"), (0, 0), strict=True
    )
    assert sum(delivered) == result.delivered_cents, (year, place)
    assert sum(verified) == result.verified_cents, (year, place)
    bought: Any = lines_behind(ids, year, figure="purchase_cents", **place)
    assert sum(bought.values_list("verified_in_year", flat=True)) == result.purchase_cents
    people = list(lines_behind(ids, year, figure="people", **place))
    assert len({line.person_id for line in people}) == result.people
    contracts = contracts_behind(ids, year, **place)
    for name in ("promised_cents", "delivered_cents", "verified_cents"):
        assert sum(row[name] for row in contracts) == getattr(result, name), (year, place, name)
    if result.imposed_cents is not None:
        assert sum(row["imposed_cents"] for row in contracts) == result.imposed_cents
        imposed = contracts_behind(ids, year, figure="imposed_cents", **place)
        assert sum(row["imposed_cents"] for row in imposed) == result.imposed_cents
        for figure in ("contracts", "value_cents"):
            asked = contracts_behind(ids, year, figure=figure, **place)
            assert len(asked) == result.contracts, (year, place)
            assert sum(row["value_cents"] for row in asked) == result.value_cents
    promised = contracts_behind(ids, year, figure="promised_cents", **place)
    assert sum(row["promised_cents"] for row in promised) == result.promised_cents

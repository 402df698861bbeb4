"""What was promised, delivered and verified in a year is about the days of that year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import check_ledger, entries_of, figures, figures_per_year
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.behind import lines_behind
from telmee.apps.reports.results import complete_until, money, results
from telmee.core.ledger import cents_per_year
from telmee.core.money import slice_of
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.money import accepted, decide
from tests.registering import PLACEMENT, found, hand_in, register, seen_cents

YEAR = today().year
DAY = timedelta(days=1)
WHY: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Een reden."}
YEARS = range(YEAR - 3, YEAR + 3)
#: Over two new years, up to tomorrow a year: the middle is a whole year, the end is still to come.
FIRST, LAST = date(YEAR - 2, 7, 1), date(YEAR + 1, 3, 31)
_DATES = st.dates(date(2019, 1, 1), date(2031, 1, 1))


def taken(cast: Cast, line: int, outcome: Outcome, **more: Any) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        if outcome is Outcome.ACCEPTED:
            more["seen_cents"] = seen_cents(access, row)
        decide(access, row, outcome=outcome, key=uuid4(), **more)


@pytest.fixture
def long(cast: Cast) -> int:
    return register(cast, start=FIRST - 99 * DAY, end=LAST + 99 * DAY)


def running(cast: Cast, contract: int, name: str, first: date, last: date) -> int:
    return hand_in(cast, contract, kenmerk=name, persoon=name, begin=first, eind=last)


@pytest.mark.django_db
@given(st.integers(0, 10**11), _DATES, st.integers(0, 2000), *[st.none() | _DATES] * 2)
def test_the_database_divides_as_the_rules_do(
    cents: int, begin: date, days: int, after: date | None, until: date | None
) -> None:
    end = begin + days * DAY
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, cents FROM telmee_years(%s, %s, %s, %s, %s)",
            [cents, begin, end, after, until],
        )
        assert cursor.fetchall() == [
            tuple(one) for one in cents_per_year(cents, begin, end, after=after, until=until)
        ]


@pytest.mark.django_db
@given(st.integers(0, 10**13), *[st.integers(0, 10**13)] * 2, st.integers(0, 10_000))
def test_the_database_takes_a_slice_as_the_rules_do(
    before: int, cents: int, after: int, of: int
) -> None:
    whole = before + cents + after + 1
    part = whole * of // 10_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_slice(%s, %s, %s, %s)", [part, whole, before, cents])
        assert cursor.fetchone() == (slice_of(part, whole, before, cents),)


def test_in_no_year_more_is_verified_than_delivered(
    cast: Cast, long: int, server: Server, own_database: str
) -> None:
    ends = {
        "accepted whole": (FIRST, date(YEAR, 1, 31)),
        "in parts": (FIRST, LAST),
        "rejected": (FIRST, LAST),
        "waits": (date(YEAR - 1, 5, 1), LAST),
        "decided again": (FIRST, date(YEAR, 1, 2)),
    }
    lines = {name: running(cast, long, name, *days) for name, days in ends.items()}
    taken(cast, lines["accepted whole"], Outcome.ACCEPTED)
    for day in (date(YEAR - 1, 2, 3), today()):
        taken(cast, lines["in parts"], Outcome.ACCEPTED, seen_on=day)
    taken(cast, lines["rejected"], Outcome.REJECTED, **WHY)
    taken(cast, lines["decided again"], Outcome.ACCEPTED)
    taken(cast, lines["decided again"], Outcome.REOPENED, **WHY)
    taken(cast, lines["decided again"], Outcome.ACCEPTED)
    with acting_as(cast.adviser.pk):
        of_years, kept, whole = results([long], YEARS), money([long], YEARS), figures([long])[long]
        per_year = figures_per_year([long])
        for year, one in of_years.items():
            rows = lines_behind([long], year)
            assert one.verified_cents <= one.delivered_cents
            assert one.verified_cents + one.waiting_cents <= one.delivered_cents
            assert sum(row.delivered_in_year for row in rows) == one.delivered_cents
            assert sum(row.verified_in_year for row in rows) == one.verified_cents
            its = [row for (_, _, of), row in per_year.items() if of == year]
            assert kept[year].delivered_cents == one.delivered_cents
            assert sum(row.delivered_cents for row in its) == one.delivered_cents
            assert sum(row.position.verified_cents for row in its) == one.verified_cents
        shown = [of_years[year] for year in range(FIRST.year, LAST.year + 1)]
        assert all(one.delivered_cents for one in shown)
        assert sum(one.delivered_cents for one in shown) == whole.delivered_cents
        assert sum(one.waiting_cents for one in shown) == whole.undecided_cents
        assert sum(one.verified_cents for one in shown) == whole.position.verified_cents
        assert results([long], YEARS, as_of=timezone.now()) == of_years
        now = complete_until([long], today=today())
        assert complete_until([long], today=today(), as_of=timezone.now()) == now
        assert now.until == date(YEAR - 1, 4, 30)  # the day before the one that waits began
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_a_year_is_complete_when_nothing_of_its_days_waits(cast: Cast, long: int) -> None:
    line = running(cast, long, "over a new year", date(YEAR - 2, 9, 1), date(YEAR - 1, 8, 31))
    with acting_as(cast.adviser.pk):
        waits, then = results([long], YEARS), timezone.now()
        assert all(waits[year].waiting_cents for year in (YEAR - 2, YEAR - 1))
        assert complete_until([long], today=today()).until == date(YEAR - 2, 8, 31)
    taken(cast, line, Outcome.ACCEPTED, seen_on=date(YEAR - 1, 2, 3))
    with acting_as(cast.adviser.pk):
        waits = results([long], YEARS)
        assert [year for year in YEARS if waits[year].waiting_cents] == [YEAR - 1]
        now = complete_until([long], today=today())
        assert now.until == date(YEAR - 1, 2, 3)
        assert complete_until([long], today=today(), as_of=timezone.now()) == now
        assert complete_until([long], today=today(), as_of=then).until == date(YEAR - 2, 8, 31)


def test_a_decision_books_the_days_of_each_year_in_that_year(cast: Cast) -> None:
    first, last = date(YEAR - 3, 7, 1), date(YEAR - 1, 1, 31)
    contract = register(cast, start=first, end=LAST)
    line = running(cast, contract, "P", first, last)
    accepted(cast, line)
    with acting_as(cast.adviser.pk):
        value = Contribution.objects.get(pk=line).value_cents or 0
        booked = [e for e in entries_of([contract]) if e.kind == "realised"]
        expected = cents_per_year(value, first, last)
        assert [(e.effective_on, e.amount_cents) for e in booked] == expected
        assert len(expected) == 3


def test_an_amount_that_somebody_named_is_divided_by_the_same_days(cast: Cast, long: int) -> None:
    line = running(cast, long, "P", date(YEAR - 2, 12, 31), date(YEAR - 1, 1, 2))
    taken(cast, line, Outcome.ADJUSTED, amount_cents=100_00, **WHY)
    with acting_as(cast.adviser.pk):
        of_years = results([long], YEARS)
    assert of_years[YEAR - 2].verified_cents == 33_33
    assert of_years[YEAR - 1].verified_cents == 66_67


def test_what_is_promised_is_divided_as_what_is_delivered(cast: Cast, long: int) -> None:
    cells: dict[str, Any] = {
        **{name: cell for name, cell in PLACEMENT.items() if name != "persoon"},
        "begin": FIRST,
        "eind": LAST,
    }
    with acting_as(cast.contractor.pk) as acting:
        save_plan_line(contract_for(acting, long), cells, number=1, note="", line_id=None)
    running(cast, long, "P", FIRST, LAST)
    with acting_as(cast.adviser.pk):
        for one in results([long], YEARS).values():
            assert one.promised_cents == one.delivered_cents


def test_a_year_of_the_books_says_no_other_year_than_the_decision(
    cast: Cast, long: int, server: Server, own_database: str, as_owner: Any
) -> None:
    accepted(cast, running(cast, long, "P", FIRST, date(YEAR, 1, 31)))
    with connected(server.owner_url, own_database):
        as_owner("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        as_owner("ALTER TABLE ledger_movement DISABLE TRIGGER USER")
        as_owner("UPDATE ledger_entry SET effective_on = effective_on + 366"
                 " WHERE kind = 'realised'")  # fmt: skip
        as_owner("UPDATE ledger_movement SET effective_on = effective_on + 366")
        codes = {problem.code for problem in check_ledger()}
    assert {"ledger_decision_differs", "ledger_decision_unbooked"} <= codes
    assert "ledger_movement_differs" in codes

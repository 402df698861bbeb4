"""The course of a contract: how it stood at the end of each month, and how it is to go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.ledger.queries import figures, figures_on
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.course import Course, course_of
from telmee.apps.reports.portfolio import standing_of
from tests.cast import Cast
from tests.days import still_runs
from tests.money import accepted
from tests.registering import PLACEMENT, hand_in, register


def course(cast: Cast, contract: int, today: date, parts: Sequence[int] = ()) -> Course:
    with acting_as(cast.adviser.pk) as acting:
        row = contract_for(acting, contract).contract
        return course_of(row, parts or [contract], standing_of(row, today=today).outlook, today)


def test_today_it_is_the_figures_of_the_books_and_at_the_end_what_is_expected(cast: Cast) -> None:
    contract = register(cast, end=still_runs())
    accepted(cast, hand_in(cast, contract))
    today = timezone.localdate()
    cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_plan_line(
            access, cells | {"begin": today, "eind": access.contract.end}, number=1, note="",
            line_id=None,
        )  # fmt: skip
        start = access.contract.start
    with acting_as(cast.adviser.pk) as acting:
        stands = figures([contract])[contract]
        outlook = standing_of(contract_for(acting, contract).contract, today=today).outlook
    moments = course(cast, contract, today).moments
    days = [moment.day for moment in moments]
    assert days == sorted(set(days))
    assert (days[0], today in days) == (start, True)
    (now,) = (moment for moment in moments if moment.day == today)
    assert now.stood == stands
    assert stands.position.verified_cents > 0 < stands.promised_cents
    before = [moment for moment in moments if moment.day < today]
    assert all(m.stood and not m.stood.position.verified_cents for m in before)
    assert all(m.expected_cents is None for m in before)
    after = [moment for moment in moments if moment.day >= today]
    assert all(m.stood is None for m in after[1:])
    expected = [m.expected_cents or 0 for m in after]
    assert expected == sorted(expected)
    assert expected[0] < expected[-1] == outlook.expected_cents


def test_a_day_between_is_told_by_what_was_booked_up_to_its_end(cast: Cast) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    today = timezone.localdate()
    with acting_as(cast.adviser.pk):
        stands = figures([contract])[contract]
        yesterday, now, later = figures_on(
            [contract], [today + timedelta(days=step) for step in (-1, 0, 9)]
        )
    assert now == later == stands
    assert yesterday.position.verified_cents == yesterday.delivered_cents == 0


def test_before_a_contract_begins_nothing_stood_and_today_is_no_day_of_it(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        row = contract_for(acting, contract).contract
    moments = course(cast, contract, row.start - timedelta(days=10)).moments
    assert all(moment.stood is None for moment in moments)
    assert moments[0].day == row.start
    assert moments[-1].day == row.end == date(2026, 12, 31)


def test_of_a_framework_no_call_off_counts_for_more_than_it_owes(cast: Cast) -> None:
    """One call-off has too much; the other ends after the framework, and promises all it owes."""
    raam = register(cast, reference="RAAM", form=Form.FRAMEWORK, agreed_cents=None)
    call_off = {"form": Form.CALL_OFF, "parent_id": raam}
    full = register(cast, reference="N-1", agreed_cents=1_000_00, **call_off)
    today = timezone.localdate()
    last = today + timedelta(days=2000)
    late = register(cast, reference="N-2", agreed_cents=500_00, start=today, end=last, **call_off)
    line = accepted(cast, hand_in(cast, full))
    assert line.amount_cents > 1_500_00
    cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
    cells |= {"begin": today, "eind": last}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, late)
        save_plan_line(access, cells, number=1, note="", line_id=None)
    with acting_as(cast.adviser.pk) as acting:
        row = contract_for(acting, raam).contract
        outlook = standing_of(row, today=today).outlook
    whole = course(cast, raam, today, [full, late])
    counted = [one.expected_cents for one in whole.moments if one.expected_cents is not None]
    assert counted[0] < counted[-1] == outlook.expected_to_count_cents == 1_500_00
    assert outlook.expected_cents > 1_500_00
    assert counted == sorted(counted)
    assert whole.moments[-1].day == outlook.end == last
    met = whole.met_on
    assert met is not None
    assert today < met < last
    stood = next(one.stood for one in whole.moments if one.day == today)
    assert stood is not None
    assert stood.position.met_to_count_cents == 1_000_00


def test_a_contract_of_many_years_has_no_more_than_a_few_moments(cast: Cast) -> None:
    contract = register(cast, start=date(2016, 1, 1), end=date(2027, 12, 31))
    moments = course(cast, contract, date(2026, 6, 15)).moments
    assert len(moments) <= 27
    assert date(2026, 6, 15) in [moment.day for moment in moments]

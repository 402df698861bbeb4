"""The course of a contract: the plan spread over its days, and what was verified by each."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.ledger.queries import figures
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.course import course_of
from tests.cast import Cast
from tests.money import accepted
from tests.registering import PLACEMENT, hand_in, register


def test_a_course_ends_at_the_whole_plan_and_today_at_the_figure_of_the_books(cast: Cast) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_plan_line(access, cells, number=1, note="", line_id=None)
        promised = access.contract
        today = timezone.localdate()
        course = course_of(promised, [contract], today)
        stands = figures([contract])[contract]
    verified = stands.position.verified_cents
    days = [moment.day for moment in course]
    assert days == sorted(set(days))
    assert (days[0], today in days) == (promised.start, True)
    planned = [moment.planned_cents for moment in course]
    assert planned == sorted(planned)
    assert planned[-1] == stands.promised_cents > planned[0]
    (now,) = (moment for moment in course if moment.day == today)
    assert (now.verified_cents, verified > 0) == (verified, True)
    assert [m.verified_cents for m in course if m.day < today] == [0] * days.index(today)
    assert all(moment.verified_cents is None for moment in course if moment.day > today)


def test_before_a_contract_begins_nothing_is_verified_and_today_is_no_day_of_it(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        row = contract_for(acting, contract).contract
        course = course_of(row, [contract], row.start - timedelta(days=10))
    assert all(moment.verified_cents is None for moment in course)
    assert course[0].day == row.start
    assert course[-1].day == row.end == date(2026, 12, 31)

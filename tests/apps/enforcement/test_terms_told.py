"""The last day that a step gave stays its last day, whatever becomes of leniency."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.enforcement.leniency import end_leniency, leniency_to_end
from telmee.apps.enforcement.letters import ENFORCED_FACTS
from telmee.apps.enforcement.models import Step
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Why
from tests.cast import Cast
from tests.enforcing import coming, laddered, lenient, stepped
from tests.registering import register

DAY = timedelta(days=1)


def _signalled(cast: Cast, contract: int) -> None:
    for day in (date(2024, 1, 10), date(2024, 2, 1)):
        stepped(cast, contract, today=day)


def test_leniency_that_ends_sooner_makes_no_term_shorter_that_was_told_with_it(cast: Cast) -> None:
    contract = register(cast, start=date(2023, 1, 1), end=date(2023, 12, 31))
    laddered(cast)
    today = timezone.localdate()
    _signalled(cast, contract)
    row = lenient(cast, contract, first=today + 5 * DAY, last=today + 64 * DAY)
    notice = stepped(cast, contract, today=today)
    until = today + 74 * DAY  # of the 14 days 4 come before the 60 of leniency
    assert _letter_until(cast, contract, notice) == until
    with acting_as(cast.adviser.pk) as acting:
        ending = leniency_to_end(acting, row.pk)
        end_leniency(acting, ending, reason="Weer open", today=today + 6 * DAY)
    assert _letter_until(cast, contract, notice) == until
    coming_then = coming(cast, contract, today + 30 * DAY).next
    assert (coming_then.why, coming_then.due_on) == (Why.TERM, until + DAY)


def test_a_term_that_was_told_without_leniency_goes_on_when_that_ends(cast: Cast) -> None:
    contract = register(cast, start=date(2023, 1, 1), end=date(2023, 12, 31))
    laddered(cast)
    today = timezone.localdate()
    _signalled(cast, contract)
    stepped(cast, contract, today=today - DAY)
    row = lenient(cast, contract, first=today, last=today + 60 * DAY)
    with acting_as(cast.adviser.pk) as acting:
        ending = leniency_to_end(acting, row.pk)
        end_leniency(acting, ending, reason="Weer open", today=today + 6 * DAY)
    assert coming(cast, contract, today + 7 * DAY).next.due_on == today + 20 * DAY


def _letter_until(cast: Cast, contract: int, step: Step) -> date:
    """The last day of a term, as a letter about its step would say it now."""
    with acting_as(cast.adviser.pk) as acting:
        facts, _reader = ENFORCED_FACTS["ladder_default"](
            contract_for(acting, contract), step.pk, "nl"
        )
    return date.fromisoformat(facts["until"])

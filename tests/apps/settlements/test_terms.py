"""The term of an answer: told once when it ends soon, once when it has passed."""

from __future__ import annotations

from datetime import timedelta

from telmee.apps.contracts.queries import is_settled
from telmee.apps.contracts.terms import NEAR_DAYS
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import ANSWER_DAYS
from telmee.apps.reports.morning_terms import tell_of_terms
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import register
from tests.settling import TODAY, answered, proposed

LAST = TODAY + timedelta(days=ANSWER_DAYS)


def told(*days: int) -> list[tuple[str, str]]:
    """Look on some days, counted from the last of the term: to whom went what, of terms alone."""
    before = len(mailed())
    for day in days:
        tell_of_terms(LAST + timedelta(days=day))
    return sorted((mail.to[0].partition("@")[0], str(mail.subject)) for mail in mailed()[before:])


def test_a_term_is_told_when_it_ends_soon_and_when_it_has_passed(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    assert told(-NEAR_DAYS) == []
    near = told(-NEAR_DAYS + 1, 0)
    assert near == [
        (who, "Antwoord op de eindafrekening van HIL-2025-001")
        for who in ("contractor", "contractor_manager")
    ]
    missed = told(1, 2)
    sides = ("adviser", "contractor", "contractor_manager", "manager", "second_adviser", "team")
    assert missed == [(who, "Geen antwoord op de eindafrekening van HIL-2025-001") for who in sides]
    with acting_as(cast.adviser.pk):
        assert not is_settled(contract)


def test_nothing_is_told_of_what_was_answered_or_replaced(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    assert proposed(cast, contract, today=TODAY + timedelta(days=60)) == "done"
    assert told(1) == []
    assert answered(cast, contract, agrees=False, reason="Nee.") == "done"
    assert told(100) == []

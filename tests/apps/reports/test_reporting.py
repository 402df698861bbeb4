"""A report on a period is its lines, or the word that there is nothing; asked, told, and seen."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import withdraw
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.actions import say_nothing_to_report
from telmee.apps.relations.contact_terms import choose_contact_terms
from telmee.apps.reports.morning_terms import tell_of_terms
from telmee.apps.reports.reporting import Report, reports_on
from telmee.core.errors import DomainError
from telmee.core.obligations.reporting import REPORT_DAYS
from tests.apps.relations.test_second_lock import held, sent
from tests.apps.reports.test_morning_terms import DECIDING, DELIVERING, everybody, told
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import hand_in, register

SINCE = date(2025, 1, 1)
FIRST, LAST = date(2025, 1, 1), date(2025, 3, 31)
AFTER = LAST + timedelta(days=1)
NAMES = ("adviser", "contractor", "auditor", "reader", "team")


def asks(cast: Cast, period: str = "quarter", today: date = SINCE) -> None:
    with acting_as(cast.manager.pk) as acting:
        choose_contact_terms(
            acting,
            organisation_id=cast.hilversum.pk,
            first_weeks=None,
            every_weeks=None,
            report_period=period,
            today=today,
        )


def reports(cast: Cast, contract: int, *, by: str = "adviser", today: date = AFTER) -> list[Report]:
    with acting_as(getattr(cast, by).pk):
        return reports_on([contract], today=today)


def say_nothing(cast: Cast, contract: int, by: str = "contractor") -> str:
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            say_nothing_to_report(contract_for(acting, contract), first=FIRST, last=LAST)
        except DomainError as error:
            return error.problems[0].code
    return "done"


def state(report: Report) -> tuple[bool, bool, bool]:
    return (report.is_open, report.has_lines, report.nothing_on is not None)


OPEN, LINES, NOTHING = (True, False, False), (False, True, False), (False, False, True)


def test_a_report_is_asked_of_each_period_that_is_over_and_seen_by_both_sides(cast: Cast) -> None:
    contract = register(cast)
    asks(cast)
    for who in NAMES:
        (one,) = reports(cast, contract, by=who)
        assert (str(one.period), state(one)) == ("2025-K1", OPEN), who
        assert one.term.due == LAST + timedelta(days=REPORT_DAYS)
    assert reports(cast, contract, today=LAST) == []
    assert len(reports(cast, contract, today=date(2026, 1, 1))) == 4
    for who in ("subcontractor", "competitor", "colleague", "outsider"):
        assert reports(cast, contract, by=who) == [], who


def test_what_was_over_before_the_client_chose_is_not_asked(cast: Cast) -> None:
    contract = register(cast)
    asks(cast, today=AFTER)
    assert reports(cast, contract) == []
    asks(cast, "quarter", today=date(2026, 1, 1))
    assert len(reports(cast, contract, today=date(2026, 1, 1))) == 3, "the choice was the same"
    asks(cast, "month", today=date(2026, 1, 1))
    assert reports(cast, contract, today=date(2026, 1, 1)) == []
    asks(cast, "")
    assert reports(cast, contract, today=date(2026, 6, 1)) == []


def test_nothing_is_said_once_with_who_and_when_and_a_line_takes_its_place(cast: Cast) -> None:
    contract = register(cast)
    asks(cast)
    assert [say_nothing(cast, contract) for _time in range(2)] == ["done", "done"]
    for who in ("adviser", "contractor"):
        assert state(reports(cast, contract, by=who)[0]) == NOTHING
    hand_in(cast, contract, eind=date(2025, 2, 28))
    assert state(reports(cast, contract)[0]) == LINES


def test_the_journal_says_it_once(cast: Cast, own_database: str, as_owner: Any) -> None:
    del own_database
    contract = register(cast)
    say_nothing(cast, contract)
    say_nothing(cast, contract, "contractor_manager")
    rows = as_owner("SELECT user_id FROM audit_event WHERE verb = 'contract.nothing_to_report'")
    assert rows == [(cast.contractor.pk,)]


@pytest.mark.parametrize(
    ("cells", "is_about_it"),
    [
        ({"begin": date(2025, 3, 31), "eind": date(2025, 9, 30)}, True),
        ({"begin": date(2025, 4, 1), "eind": date(2025, 9, 30)}, False),
    ],
)
def test_a_line_is_about_the_days_of_its_effort(
    cast: Cast, cells: dict[str, Any], *, is_about_it: bool
) -> None:
    contract = register(cast)
    asks(cast)
    hand_in(cast, contract, **cells)
    assert reports(cast, contract)[0].has_lines is is_about_it


def test_a_line_that_was_withdrawn_is_no_report(cast: Cast) -> None:
    contract = register(cast)
    asks(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*contribution_for(acting, line), reason="Dubbel.")
    assert state(reports(cast, contract)[0]) == OPEN


@pytest.mark.parametrize("who", ["adviser", "reader", "auditor", "team", "subcontractor"])
def test_only_who_answers_for_the_contract_says_so(cast: Cast, who: str) -> None:
    assert say_nothing(cast, register(cast), who) == "not_allowed"


def test_a_report_is_told_to_the_contractor_and_once_it_is_late_to_both(cast: Cast) -> None:
    contract = register(cast)
    asks(cast)
    for days in (0, 1, 2, REPORT_DAYS, 1):
        tell_of_terms(LAST + timedelta(days=days))
    assert told(cast, "report") == everybody("report_due", DELIVERING)
    for days in (REPORT_DAYS + 1, REPORT_DAYS + 30):
        tell_of_terms(LAST + timedelta(days=days))
    assert told(cast, "report_missed") == everybody("report_missed", DELIVERING, DECIDING)
    say_nothing(cast, contract)
    assert any("01-01-2025" in str(mail.body) for mail in mailed())


def test_what_was_reported_is_told_to_nobody(cast: Cast) -> None:
    contract, other = register(cast), register(cast, reference="HIL-2")
    asks(cast)
    say_nothing(cast, contract)
    hand_in(cast, other)
    tell_of_terms(AFTER)
    tell_of_terms(LAST + timedelta(days=REPORT_DAYS + 1))
    assert told(cast, "report") == Counter()


def test_past_all_code_it_is_the_contractors_own_word(cast: Cast) -> None:
    contract = register(cast)
    statement = (
        "INSERT INTO relations_nothingtoreport (contract_id, organisation_id, first, last, user_id)"
        " VALUES (%(contract)s, %(org)s, '2025-01-01', '2025-03-31', %(me)s)"
    )
    tries = (
        ("contractor", cast.de_eem, True),
        ("adviser", cast.de_eem, False),
        ("adviser", cast.hilversum, False),
        ("contractor", cast.hilversum, False),
        ("subcontractor", cast.sub, False),
        ("auditor", cast.audit_office, False),
        ("competitor", cast.rival, False),
        ("competitor", cast.de_eem, False),
    )
    held(cast, statement, tries, contract=contract)
    say_nothing(cast, contract)
    with acting_as(cast.contractor.pk):
        assert "denied" in sent("DELETE FROM relations_nothingtoreport")
        assert "denied" in sent("UPDATE relations_nothingtoreport SET last = first")

"""Every term is told when it ends soon and when it has passed, each once, whatever the clock."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.terms import NEAR_DAYS
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.models import Objection
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.questions import ask
from telmee.apps.notices.models import Notice
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import ANSWER_DAYS, USUAL_DISPUTE_DAYS
from telmee.apps.reports import morning_terms
from telmee.apps.reports.morning_terms import tell_of_terms
from telmee.apps.reports.today import ENDING_DAYS
from tests import pooling
from tests.apps.agreements.planning import planned
from tests.apps.agreements.test_plan_agreed import propose as propose_plan
from tests.apps.contracts import test_sharing as sharing
from tests.apps.contracts import test_turnover as turnover
from tests.at_once import at_once
from tests.cast import Cast
from tests.mailing import mailed
from tests.money import decide
from tests.registering import found, hand_in, register

DECIDING = {"adviser", "second_adviser", "manager", "team"}
DELIVERING = {"contractor", "contractor_manager"}
END = date(2026, 12, 31)
#: How long the contractor has for the question of these tests.
QUESTION_DAYS = 14

Told = Counter[tuple[str, str]]


def told(cast: Cast, code: str = "") -> Told:
    """How often each was told what, of terms alone."""
    names = {user.pk: name for name, user in cast.users().items()}
    with acting_as(cast.operator.pk, is_operator=True):
        rows = list(Notice.objects.exclude(user_id=None).values_list("code", "user_id"))
    kinds = ("near", "missed", "ending", "ended", "due")
    return Counter(
        (notice, names[user or 0]) for notice, user in rows
        if notice.endswith(kinds) and notice.startswith(code)
    )  # fmt: skip


def everybody(code: str, *groups: set[str]) -> Told:
    return Counter((code, who) for group in groups for who in group)


def look(*days: date) -> None:
    for day in days:
        tell_of_terms(day)


def after(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def asked(cast: Cast, contract: int | None = None) -> int:
    line = hand_in(cast, contract or register(cast))
    with acting_as(cast.adviser.pk) as acting:
        ask(*found(acting, line), text="Welke factuur?", due=after(QUESTION_DAYS), key=uuid4())
    return line


def test_a_question_is_told_to_who_answers_and_once_it_is_late_to_both(cast: Cast) -> None:
    asked(cast)
    look(after(QUESTION_DAYS - NEAR_DAYS))
    assert told(cast, "question") == Counter()
    look(after(QUESTION_DAYS - NEAR_DAYS + 1), after(QUESTION_DAYS))
    near = everybody("question_term_near", DELIVERING)
    assert told(cast, "question") == near
    look(after(QUESTION_DAYS + 1))
    assert told(cast, "question") == near + everybody("question_term_missed", DELIVERING, DECIDING)


def test_a_plan_that_waits_is_told_to_who_answers_and_once_it_is_late_to_both(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract)
    propose_plan(cast, contract)
    look(after(ANSWER_DAYS - NEAR_DAYS))
    assert told(cast, "agreement") == Counter()
    look(after(ANSWER_DAYS))
    near = everybody("agreement_term_near", DECIDING)
    assert told(cast, "agreement") == near
    look(after(ANSWER_DAYS + 1))
    assert told(cast, "agreement") == near + everybody(
        "agreement_term_missed", DELIVERING, DECIDING
    )
    assert any("plan" in str(mail.body) for mail in mailed())


def test_of_who_decides_the_adviser_alone_is_told(cast: Cast) -> None:
    asked(cast, register(cast, adviser_id=cast.second_adviser.pk))
    look(after(QUESTION_DAYS + 1))
    assert told(cast, "question") == everybody(
        "question_term_missed", DELIVERING, {"second_adviser"}
    )


def test_of_an_objection_all_are_told_as_the_adviser_may_not_decide_on_his_own(cast: Cast) -> None:
    line = hand_in(cast, register(cast, adviser_id=cast.adviser.pk))
    why: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Te laat."}
    with acting_as(cast.adviser.pk) as acting:
        decide(*found(acting, line), outcome=Outcome.REJECTED, key=uuid4(), **why)
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Wel op tijd.")
        due = Objection.objects.get().due
    look(due, due + timedelta(days=1))
    assert told(cast, "objection") == everybody("objection_term_near", DECIDING) + everybody(
        "objection_term_missed", DELIVERING, DECIDING
    )


def test_a_share_is_told_to_its_two_sides_alone(cast: Cast) -> None:
    contract = register(cast)
    assert sharing.propose(cast, contract, 1_000) == "done"
    look(after(ANSWER_DAYS), after(ANSWER_DAYS + 1))
    sub = {"subcontractor"}
    assert told(cast, "agreement") == everybody("agreement_term_near", sub) + everybody(
        "agreement_term_missed", sub, DELIVERING
    )


def test_a_pool_of_two_contracts_is_told_once(cast: Cast) -> None:
    pooling.proposed(cast, *pooling.rich_and_poor(cast))
    look(after(ANSWER_DAYS), after(ANSWER_DAYS + 1))
    assert told(cast, "agreement") == everybody("agreement_term_near", DELIVERING) + everybody(
        "agreement_term_missed", DELIVERING, DECIDING
    )


def test_a_dispute_has_a_day_for_both_sides(cast: Cast) -> None:
    contract = turnover.by_turnover(cast)
    assert turnover.propose(cast, contract, 1_000) == "done"
    assert turnover.answer(cast, contract, "adviser", "dispute") == "done"
    last = turnover.TODAY + timedelta(days=USUAL_DISPUTE_DAYS)
    look(last, last + timedelta(days=1))
    both = (DELIVERING, DECIDING)
    assert told(cast, "dispute") == everybody("dispute_term_near", *both) + everybody(
        "dispute_term_missed", *both
    )
    assert told(cast, "agreement") == Counter()


def test_what_was_answered_is_told_to_nobody(cast: Cast) -> None:
    pooling.pooled(cast, *pooling.rich_and_poor(cast))
    look(after(ANSWER_DAYS), after(ANSWER_DAYS + 1))
    assert told(cast, "agreement") + told(cast, "dispute") == Counter()


def test_a_contract_that_ends_with_something_open_is_told_to_both_sides(cast: Cast) -> None:
    register(cast)
    register(cast, reference="HIL-2", agreed_cents=0, no_obligation="not_feasible",
             no_obligation_reason="Past niet.")  # fmt: skip
    look(END - timedelta(days=ENDING_DAYS))
    assert told(cast) == Counter()
    look(END - timedelta(days=ENDING_DAYS - 1), END)
    ending = everybody("contract_ending", DECIDING, DELIVERING)
    assert told(cast, "contract_ending") == ending
    look(END + timedelta(days=1), END + timedelta(days=31))
    assert told(cast, "contract_ended") == everybody("contract_ended", DECIDING, DELIVERING)


def test_a_contract_with_nothing_open_or_closed_is_not_told_of(cast: Cast) -> None:
    closed = register(cast, agreed_cents=0)
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, closed), on=after(0), reason="Klaar.", today=after(0))
    register(cast, reference="HIL-2", agreed_cents=0)
    look(END, END + timedelta(days=1))
    assert told(cast) == Counter()


def test_a_certificate_that_ends_is_told_to_who_holds_it_and_to_its_clients_once(
    cast: Cast, own_database: str, as_owner: Any
) -> None:
    del own_database
    register(cast)
    register(cast, reference="HIL-2")
    as_owner(
        "INSERT INTO organisations_recognition (organisation_id, kind, level, number, valid_from,"
        " valid_until, source) VALUES (%s, 'pso', 'Trede 2', '1', '2025-01-01', '2026-03-31', '')",
        cast.de_eem.pk,
    )
    look(date(2026, 3, 1))
    assert told(cast) == Counter()
    look(date(2026, 3, 2), date(2026, 3, 31), date(2026, 4, 1))
    assert told(cast) == everybody("certificate_ending", DECIDING, DELIVERING)
    assert {str(mail.body).count("PSO Trede 2") for mail in mailed()} == {1}


def test_a_certificate_that_was_renewed_is_told_to_nobody(
    cast: Cast, own_database: str, as_owner: Any
) -> None:
    del own_database
    register(cast)
    for until in ("2026-03-31", "2028-03-31"):
        as_owner(
            "INSERT INTO organisations_recognition (organisation_id, kind, level, number,"
            " valid_from, valid_until, source)"
            " VALUES (%s, 'pso', 'Trede 2', '1', '2025-01-01', %s, '')",
            cast.de_eem.pk,
            until,
        )
    look(date(2026, 3, 15))
    assert told(cast) == Counter()


def test_what_the_scheme_asks_is_told_before_and_after_its_day(cast: Cast) -> None:
    published = date(2025, 2, 3)
    register(cast, published_on=published)
    look(published - timedelta(days=14))
    assert told(cast) == Counter()
    look(published - timedelta(days=13), published, published + timedelta(days=30))
    both = (DELIVERING, DECIDING)
    assert told(cast) == everybody("deadline_near", *both) + everybody("deadline_missed", *both)
    assert all("Globaal plan van aanpak" in str(mail.body) for mail in mailed())


def test_what_passed_long_ago_is_no_news(cast: Cast) -> None:
    published = date(2025, 2, 3)
    register(cast, published_on=published)
    look(published + timedelta(days=31))
    assert told(cast) == Counter()


# The clock, and the worker -------------------------------------------------------------------


def test_run_again_or_on_a_clock_that_was_put_back_or_forward_nothing_is_told_twice(
    cast: Cast,
) -> None:
    contract = register(cast, published_on=after(-3), end=after(30))
    asked(cast, contract)
    planned(cast, contract)
    propose_plan(cast, contract)
    for day in (after(1), after(1), after(60), after(0), after(20), after(60)):
        tell_of_terms(day)
    once = told(cast)
    assert len({code for code, _who in once}) == 5
    assert set(once.values()) == {1}
    sent = len(mailed())
    tell_of_terms(after(60))
    assert len(mailed()) == sent


def test_two_workers_at_once_tell_once(cast: Cast, own_database: str) -> None:
    del own_database
    asked(cast)
    work = partial(tell_of_terms, after(QUESTION_DAYS + 1))
    assert at_once(work, work) == ["done", "done"]
    assert told(cast, "question") == everybody("question_term_missed", DELIVERING, DECIDING)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of terms, before the others, that cannot be asked."""

    def fails(today: date) -> list[Any]:
        raise ZeroDivisionError(today)

    monkeypatch.setattr(morning_terms, "_KINDS", (fails, *morning_terms._KINDS))


@pytest.mark.usefixtures("broken")
def test_what_goes_wrong_with_one_kind_stops_no_other(cast: Cast) -> None:
    asked(cast)
    with pytest.raises(ExceptionGroup):
        tell_of_terms(after(QUESTION_DAYS + 1))
    assert told(cast, "question") == everybody("question_term_missed", DELIVERING, DECIDING)

"""An objection has a clock: received, extended once, decided on by a second person, told of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.terms import NEAR_DAYS
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.models import Decision, Objection
from telmee.apps.decisions.objections import extend, object_to
from telmee.apps.decisions.queries import asked_outcome, decisions_on, objection_to
from telmee.apps.decisions.several import accept_lines
from telmee.apps.ledger.queries import check_ledger, figures
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import choose_rules
from telmee.apps.organisations.choices import OBJECTION_DAYS
from telmee.apps.reports.morning_terms import tell_of_terms
from telmee.apps.reports.objection_figures import objections, years_of_objections
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.mailing import mailed
from tests.money import decide
from tests.registering import found, hand_in, register, seen_cents

REASON = "Het bewijs is getoond."
WHY: dict[str, Any] = {"reason": DecisionReason.EVIDENCE, "text": "Er is geen bewijs."}
CLIENTS = {"adviser", "second_adviser", "manager", "team"}
CONTRACTORS = {"contractor", "contractor_manager"}
_SEND = """INSERT INTO decisions_extension (objection_id, contribution_id, contract_id, until,
    reason, user_id, organisation_id)
    SELECT id, contribution_id, contract_id, due + %s, 'x', %s, %s FROM decisions_objection"""


def take(cast: Cast, line: int, outcome: Outcome, by: str = "adviser", **more: Any) -> Decision:
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        if outcome is Outcome.ACCEPTED:
            more.setdefault("seen_cents", seen_cents(access, row))
        return decide(access, row, outcome=outcome, **{"key": uuid4(), **more})


def contest(cast: Cast, line: int, by: str = "contractor", reason: str = REASON) -> Objection:
    with acting_as(getattr(cast, by).pk) as acting:
        object_to(*found(acting, line), reason=reason)
        return Objection.objects.select_related("extension").latest("pk")


def contested(cast: Cast, **cells: Any) -> int:
    """A line that was rejected, and to whose rejection its contractor objected."""
    line = hand_in(cast, register(cast), **cells)
    take(cast, line, Outcome.REJECTED, **WHY)
    contest(cast, line)
    return line


def longer(
    cast: Cast, line: int, days: int = 21, by: str = "adviser", text: str = "Vakantie."
) -> None:
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        objection = objection_to(row)
        due = objection.due if objection else today()
        extend(access, row, until=due + timedelta(days=days), reason=text)


def line_of(cast: Cast, line: int) -> Contribution:
    with acting_as(cast.adviser.pk) as acting:
        return found(acting, line)[1]


def told(*days: int, since: Any) -> list[tuple[str, str]]:
    """Look on some days, counted from the last day: who was told that it was near, or missed."""
    before = len(mailed())
    for day in days:
        tell_of_terms(since + timedelta(days=day))
    words = {"Nog geen besluit": "missed", "De termijn": "near"}
    return sorted(
        (mail.to[0].partition("@")[0], word)
        for mail in mailed()[before:]
        for start, word in words.items()
        if str(mail.subject).startswith(start) and "bezwaar" in str(mail.subject)
    )


def test_an_objection_is_received_with_a_last_day_and_both_sides_are_told(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    take(cast, line, Outcome.REJECTED, **WHY)
    objection = contest(cast, line)
    assert objection.due == today() + timedelta(days=OBJECTION_DAYS)
    assert line_of(cast, line).answer_by == objection.due
    mails = {mail.to[0].partition("@")[0]: str(mail.subject) for mail in mailed()}
    # Who objected gets the receipt as well: it is his.
    assert mails.keys() == CLIENTS | CONTRACTORS
    assert {who for who, words in mails.items() if "ontvangen" in words} == CONTRACTORS
    assert not any(REASON in str(mail.body) for mail in mailed())


def test_the_term_is_the_clients_own_and_stays_what_it_was(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    take(cast, line, Outcome.REJECTED, **WHY)
    with acting_as(cast.manager.pk) as acting:
        rules: dict[str, Any] = {"accepts_ahead": False, "carries_surplus": False}
        org = cast.hilversum.pk
        choose_rules(acting, organisation_id=org, objection_days=10, **rules)
    objection = contest(cast, line)
    with acting_as(cast.manager.pk) as acting:
        choose_rules(acting, organisation_id=org, objection_days=90, **rules)
    assert objection.due == line_of(cast, line).answer_by == today() + timedelta(days=10)


def test_a_ruling_comes_with_the_decision_and_is_told(cast: Cast) -> None:
    line = contested(cast)
    before = len(mailed())
    made = take(
        cast, line, Outcome.ACCEPTED, "second_adviser", ruling=Ruling.UPHELD, text="Het klopt."
    )
    assert (made.ruling, made.text) == (Ruling.UPHELD, "Het klopt.")
    row = line_of(cast, line)
    assert (row.state, row.answer_by) == (State.ACCEPTED, None)
    sent = mailed()[before:]
    assert {mail.to[0].partition("@")[0] for mail in sent} == CONTRACTORS
    assert all("gegrond" in str(mail.body) for mail in sent)
    assert not any("Het klopt." in str(mail.body) for mail in sent)


@pytest.mark.parametrize(
    ("outcome", "more", "code"),
    [
        (Outcome.ACCEPTED, {"text": "Zo."}, "missing_ruling"),
        (Outcome.ACCEPTED, {"ruling": Ruling.UPHELD, "text": " "}, "missing_explanation"),
        (Outcome.ACCEPTED, {"ruling": Ruling.DISMISSED, "text": "Zo."}, "ruling_differs"),
        (Outcome.REJECTED, WHY, "missing_ruling"),
        (Outcome.REJECTED, {**WHY, "ruling": Ruling.DISMISSED, "reason": None}, "missing_reason"),
    ],
)
def test_what_a_decision_on_an_objection_needs(
    cast: Cast, outcome: Outcome, more: dict[str, Any], code: str
) -> None:
    line = contested(cast)
    with pytest.raises(DomainError, match=code):
        take(cast, line, outcome, "second_adviser", **more)
    assert line_of(cast, line).state == State.OBJECTION


def test_upheld_is_no_less_than_what_stood(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    take(cast, line, Outcome.ADJUSTED, amount_cents=500_00, **WHY)
    contest(cast, line)
    lower: dict[str, Any] = {**WHY, "amount_cents": 499_99}
    with pytest.raises(DomainError, match="ruling_differs"):
        take(cast, line, Outcome.ADJUSTED, "second_adviser", ruling=Ruling.UPHELD, **lower)
    take(cast, line, Outcome.ADJUSTED, "second_adviser", ruling=Ruling.DISMISSED, **lower)


def test_dismissed_gives_not_a_cent_where_nothing_stood(cast: Cast) -> None:
    line = contested(cast)  # it was rejected
    cent: dict[str, Any] = {**WHY, "amount_cents": 1, "ruling": Ruling.DISMISSED}
    with pytest.raises(DomainError, match="ruling_differs"):
        take(cast, line, Outcome.ADJUSTED, "second_adviser", **cent)


def test_a_ruling_is_for_an_objection_alone(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with pytest.raises(DomainError, match="wrong_state"):
        take(cast, line, Outcome.REJECTED, ruling=Ruling.DISMISSED, **WHY)


@pytest.mark.parametrize(
    ("outcome", "more"),
    [(Outcome.REJECTED, WHY), (Outcome.ADJUSTED, {**WHY, "amount_cents": 12_345})],
)
def test_what_is_dismissed_stands_with_its_figure(
    own_database: str, cast: Cast, server: Server, outcome: Outcome, more: dict[str, Any]
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    first = take(cast, line, outcome, **more)
    contest(cast, line)
    with acting_as(cast.second_adviser.pk) as acting:
        access, row = found(acting, line)
        last = decisions_on(row)[0]
        made = decide(
            access, row, outcome=asked_outcome(last), key=uuid4(), text="Het blijft zo.",
            reason=DecisionReason(last.reason), ruling=Ruling.DISMISSED, stands=True,
        )  # fmt: skip
    assert (made.outcome, made.amount_cents, made.receipt_id) == (
        first.outcome,
        first.amount_cents,
        first.receipt_id,
    )
    with acting_as(cast.adviser.pk):
        assert figures([contract])[contract].position.verified_cents == first.amount_cents
    with connected(server.owner_url, own_database):
        assert check_ledger() == []
    # He may object to this decision as well: it is another one.
    assert contest(cast, line).decision_id == made.pk


def test_many_are_never_accepted_at_once_where_somebody_objected(cast: Cast) -> None:
    line = contested(cast)
    row = line_of(cast, line)
    with acting_as(cast.second_adviser.pk) as acting:
        (answer,) = accept_lines(acting, {line: Seen(row.version, row.value_cents)}, key=uuid4())
    assert [problem.code for problem in answer.problems] == ["missing_ruling"]


# More time ---------------------------------------------------------------------------------------


def test_a_client_takes_longer_once_and_the_other_side_is_told(cast: Cast) -> None:
    line = contested(cast)
    before = len(mailed())
    longer(cast, line, 21)
    assert line_of(cast, line).answer_by == today() + timedelta(days=OBJECTION_DAYS + 21)
    sent = mailed()[before:]
    assert {mail.to[0].partition("@")[0] for mail in sent} == CONTRACTORS
    assert not any("Vakantie" in str(mail.body) for mail in sent)
    with pytest.raises(DomainError, match="extension_once"):
        longer(cast, line, 30)


@pytest.mark.parametrize(
    ("days", "text", "code"),
    [
        (0, "Vakantie.", "extension_term"),
        (OBJECTION_DAYS + 1, "Vakantie.", "extension_term"),
        (21, " ", "missing_explanation"),
        (21, "P-1 is ziek.", "text_names_person"),
    ],
)
def test_what_more_time_needs(cast: Cast, days: int, text: str, code: str) -> None:
    line = contested(cast)
    with pytest.raises(DomainError, match=code):
        longer(cast, line, days, text=text)
    longer(cast, line, OBJECTION_DAYS)


@pytest.mark.parametrize("by", ["contractor", "auditor", "reader"])
def test_only_who_decides_takes_longer(cast: Cast, by: str) -> None:
    line = contested(cast)
    with pytest.raises((DomainError, Http404)):
        longer(cast, line, by=by)


@pytest.mark.usefixtures("own_database")
def test_after_its_last_day_nobody_takes_longer(cast: Cast, as_owner: Any) -> None:
    line = contested(cast)
    as_owner("ALTER TABLE decisions_objection DISABLE TRIGGER USER")
    back = "UPDATE decisions_objection SET due = %s, made_at = now() - interval '10 days'"
    as_owner(back, today() - timedelta(days=1))
    with pytest.raises(DomainError, match="extension_too_late"):
        longer(cast, line)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(_SEND, [5, cast.adviser.pk, cast.hilversum.pk])


# The term ----------------------------------------------------------------------------------------


def test_a_term_is_told_when_it_is_near_and_when_it_is_missed_each_once(cast: Cast) -> None:
    line = contested(cast)
    due = line_of(cast, line).answer_by
    assert told(-NEAR_DAYS, since=due) == []
    assert told(-NEAR_DAYS + 1, 0, since=due) == sorted((who, "near") for who in CLIENTS)
    assert told(1, 2, 30, since=due) == sorted((who, "missed") for who in CLIENTS | CONTRACTORS)
    assert line_of(cast, line).state == State.OBJECTION


def test_a_longer_term_counts_anew(cast: Cast) -> None:
    line = contested(cast)
    due = line_of(cast, line).answer_by
    assert told(-NEAR_DAYS, since=due) == []  # what else there is to tell goes in this mail
    assert told(0, since=due) != []
    longer(cast, line, 21)
    assert told(1, since=due) == []
    assert told(1, since=line_of(cast, line).answer_by) != []


def test_nothing_is_told_of_what_was_decided_or_of_a_closed_contract(cast: Cast) -> None:
    line = contested(cast)
    due = line_of(cast, line).answer_by
    take(cast, line, Outcome.ACCEPTED, "team", ruling=Ruling.UPHELD, text="Ja.")
    assert told(5, since=due) == []


def test_on_a_closed_contract_no_term_runs(cast: Cast) -> None:
    line = contested(cast)
    row = line_of(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, row.contract_id)
        close_contract(access, on=today(), today=today(), reason="Klaar.")
    assert told(5, since=row.answer_by) == []


# Figures -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_database")
def test_the_figures_say_how_many_how_long_and_how_many_late(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    names = ["A", "B", "C"]
    lines = [hand_in(cast, contract, kenmerk=name, persoon=name) for name in names]
    for line in lines:
        take(cast, line, Outcome.REJECTED, **WHY)
        contest(cast, line)
    said: dict[str, Any] = {"text": "Zo is het."}
    take(cast, lines[0], Outcome.ACCEPTED, "team", ruling=Ruling.UPHELD, **said)
    take(cast, lines[1], Outcome.REJECTED, "team", **{**WHY, "ruling": Ruling.DISMISSED})
    # On the clock of the wall: an hour that summer time took would be a day, late in the evening.
    then = timezone.localtime() - timedelta(days=50)
    as_owner("ALTER TABLE decisions_objection DISABLE TRIGGER USER")
    late = "UPDATE decisions_objection SET made_at = %s, due = %s WHERE contribution_id = %s"
    as_owner(late, then, today() - timedelta(days=8), lines[0])
    as_owner(late, then, today() - timedelta(days=8), lines[2])
    for who in (cast.adviser, cast.contractor, cast.auditor):
        with acting_as(who.pk) as acting:
            years = years_of_objections(acting, today())
        assert {year.client for year in years} == {"Gemeente Hilversum"}
        assert sum(year.received for year in years) == 3
        assert [sum(getattr(year, name) for year in years) for name in (
            "upheld", "partly", "dismissed", "waiting", "late"
        )] == [1, 0, 1, 1, 2]  # fmt: skip
        assert max(year.most_days or 0 for year in years) == 50
    for stranger in (cast.competitor, cast.colleague, cast.outsider, cast.subcontractor):
        with acting_as(stranger.pk) as acting:
            assert years_of_objections(acting, today()) == []
            assert list(objections(acting, today())) == []


# The second lock ---------------------------------------------------------------------------------


def _refused(who: int, statement: str, *facts: Any) -> bool:
    try:
        with acting_as(who), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, facts)
            transaction.set_rollback(True)
            return not cursor.rowcount
    except DatabaseError:
        return True


def test_past_all_code_the_clock_is_not_for_the_objector(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    take(cast, line, Outcome.REJECTED, **WHY)
    add = """INSERT INTO decisions_objection (contribution_id, contract_id, decision_id, reason,
        due, user_id, organisation_id) SELECT contribution_id, contract_id, id, 'x', '2020-01-01',
        %s, %s FROM decisions_decision"""
    with acting_as(cast.contractor.pk), connection.cursor() as cursor:
        cursor.execute(add, [cast.contractor.pk, cast.de_eem.pk])
        assert Objection.objects.get().due == today() + timedelta(days=OBJECTION_DAYS)


def test_past_all_code_no_line_is_contested_without_an_objection(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    take(cast, line, Outcome.REJECTED, **WHY)
    jump = "UPDATE contributions_contribution SET state = 'objection' WHERE id = %s"
    assert _refused(cast.contractor.pk, jump, line)


def test_past_all_code_a_longer_term_is_the_clients_and_within_bounds(cast: Cast) -> None:
    contested(cast)
    own = (cast.adviser.pk, cast.hilversum.pk)
    assert not _refused(own[0], _SEND, OBJECTION_DAYS, *own)
    assert _refused(own[0], _SEND, OBJECTION_DAYS + 1, *own)
    assert _refused(own[0], _SEND, 0, *own)
    assert _refused(own[0], _SEND, 5, cast.manager.pk, own[1])
    assert _refused(cast.contractor.pk, _SEND, 5, cast.contractor.pk, cast.de_eem.pk)
    assert _refused(cast.auditor.pk, _SEND, 5, cast.auditor.pk, cast.audit_office.pk)
    for deed in (
        "UPDATE decisions_extension SET until = now()",
        "DELETE FROM decisions_extension",
    ):
        assert _refused(own[0], deed)


def test_past_all_code_a_decision_on_an_objection_has_a_ruling(cast: Cast) -> None:
    line = contested(cast)
    row = line_of(cast, line)
    add = """INSERT INTO decisions_decision (contribution_id, contract_id, outcome, amount_cents,
        reason, text, rule, ruling, key, user_id, organisation_id)
        VALUES (%s, %s, 'rejected', 0, 'other', 'x', '', %s, gen_random_uuid(), %s, %s)"""
    who = (cast.second_adviser.pk, cast.hilversum.pk)
    assert _refused(who[0], add, line, row.contract_id, "", *who)
    assert not _refused(who[0], add, line, row.contract_id, "dismissed", *who)

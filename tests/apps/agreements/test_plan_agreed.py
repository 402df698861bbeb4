"""A plan is proposed and agreed by both; until then it is the word of who delivers, and says so."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.agreements.actions import confirm, say
from telmee.apps.agreements.choices import State
from telmee.apps.agreements.models import Agreement, Comment, PlanLine, Version
from telmee.apps.agreements.queries import Plan, plan_versions, plans_of
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.planning import (
    answer_plan,
    beginning_for,
    comment_on_plan,
    propose_plan,
    put_back_plan,
    save_plan_line,
)
from telmee.apps.ledger.queries import Figures, check_ledger, figures
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.apps.agreements.planning import PLAN, begun, planned, proposed, unplanned
from tests.apps.agreements.test_plans import in_force, promised
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.mailing import mailed
from tests.registering import register


def plan_of(cast: Cast, contract: int) -> Plan:
    with acting_as(cast.adviser.pk):
        (plan,) = plans_of(contract, cast.de_eem.pk)
    return plan


def money(cast: Cast, contract: int, **moment: Any) -> Figures:
    with acting_as(cast.adviser.pk):
        return figures([contract], **moment)[contract]


def propose(cast: Cast, contract: int, by: str = "contractor", **facts: Any) -> int:
    """Propose what is on the table of the contractor's plan, and give the version that waits."""
    with acting_as(getattr(cast, by).pk) as acting:
        access = contract_for(acting, contract)
        propose_plan(access, cast.de_eem.pk, **{"key": uuid4(), **facts})
    waits = plan_of(cast, contract).waits
    assert waits
    return waits.version.pk


def answer(cast: Cast, contract: int, version: int, by: str, *, agrees: bool = True) -> None:
    with acting_as(getattr(cast, by).pk) as acting:
        answer_plan(contract_for(acting, contract), version, agrees=agrees)


def agreed(cast: Cast, contract: int) -> int:
    """A plan of one line that both agreed; gives the id of the line."""
    line = planned(cast, contract)
    answer(cast, contract, propose(cast, contract), "adviser")
    return line


def test_what_a_contractor_saves_counts_by_his_word_until_the_client_agrees(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract)
    one = money(cast, contract).promised_cents
    assert one
    assert money(cast, contract).agreed_cents == 0
    assert not plan_of(cast, contract).is_agreed
    version = propose(cast, contract)
    assert (money(cast, contract).promised_cents, money(cast, contract).agreed_cents) == (one, 0)
    answer(cast, contract, version, "adviser")
    assert (money(cast, contract).promised_cents, money(cast, contract).agreed_cents) == (one, one)
    assert plan_of(cast, contract).is_agreed


def test_after_that_a_change_counts_for_nothing_until_both_agree(cast: Cast) -> None:
    contract = register(cast)
    line = agreed(cast, contract)
    one = money(cast, contract).promised_cents
    planned(cast, contract, line=line, number=3)
    plan = plan_of(cast, contract)
    assert plan.table
    assert (plan.table.state, plan.table.promised_cents) == (State.DRAFT, 3 * one)
    assert in_force(cast, contract) == [(1, 1)]
    version = propose(cast, contract)
    assert money(cast, contract) == Figures(
        money(cast, contract).position, promised_cents=one, agreed_cents=one
    )
    answer(cast, contract, version, "adviser")
    assert money(cast, contract).agreed_cents == money(cast, contract).promised_cents == 3 * one


def test_the_client_changes_a_line_and_proposes_that_in_turn(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    propose(cast, contract)
    planned(cast, contract, by="adviser", line=line, number=4)
    assert in_force(cast, contract) == [(1, 1)]
    version = propose(cast, contract, by="adviser")
    plan = plan_of(cast, contract)
    assert plan.waits
    assert [(c.line.number, c.before and c.before.number) for c in plan.waits.changes] == [(4, 1)]
    with pytest.raises(DomainError, match="not_allowed"):
        answer(cast, contract, version, "second_adviser")
    answer(cast, contract, version, "contractor")
    assert in_force(cast, contract) == [(1, 4)]


def test_a_regional_team_works_on_a_plan_for_the_client(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    version = propose(cast, contract)
    answer(cast, contract, version, "team")
    assert plan_of(cast, contract).is_agreed
    planned(cast, contract, by="team", line=line, number=2)
    version = propose(cast, contract, by="team")
    answer(cast, contract, version, "contractor")
    assert in_force(cast, contract) == [(1, 2)]


def test_who_delivers_nothing_and_decides_nothing_has_no_part_in_a_plan(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    version = propose(cast, contract)
    for who in ("reader", "auditor", "subcontractor"):
        deeds = (
            lambda who=who: planned(cast, contract, by=who, line=line, number=2),
            lambda who=who: propose(cast, contract, by=who),
            lambda who=who: answer(cast, contract, version, who),
            lambda who=who: comment(cast, contract, version, who),
        )
        for deed in deeds:
            with pytest.raises(DomainError, match="not_allowed"):
                deed()


def test_what_is_agreed_or_waits_already_is_not_proposed_again(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    planned(cast, contract)
    version = propose(cast, contract, key=key)
    assert propose(cast, contract, key=key) == version
    with pytest.raises(DomainError, match="plan_nothing_new"):
        propose(cast, contract)
    answer(cast, contract, version, "adviser")
    with pytest.raises(DomainError, match="plan_nothing_new"):
        propose(cast, contract)


def test_who_proposes_what_he_did_not_see_is_asked_to_look_again(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    planned(cast, contract, line=line, number=2)
    with pytest.raises(DomainError, match="agreement_changed"):
        propose(cast, contract, seen=1)
    propose(cast, contract, seen=2)


def test_a_promise_that_changes_takes_the_proposal_back_that_waited(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    version = propose(cast, contract)
    planned(cast, contract, line=line, number=2)
    with pytest.raises(DomainError, match="agreement_changed"):
        answer(cast, contract, version, "adviser")
    assert not plan_of(cast, contract).is_agreed


def test_a_draft_takes_nothing_back_that_waits(cast: Cast) -> None:
    contract = register(cast)
    line = agreed(cast, contract)
    planned(cast, contract, line=line, number=2)
    version = propose(cast, contract)
    planned(cast, contract, line=line, number=5)
    answer(cast, contract, version, "adviser")
    assert in_force(cast, contract) == [(1, 2)]
    plan = plan_of(cast, contract)
    assert plan.table
    assert [(line.line, line.number) for line in plan.table.lines] == [(1, 5)]
    assert plan.is_open


def test_what_was_withdrawn_waits_no_longer(cast: Cast) -> None:
    contract = register(cast)
    line = agreed(cast, contract)
    planned(cast, contract, by="adviser", line=line, number=7)
    version = propose(cast, contract, by="adviser")
    answer(cast, contract, version, "adviser", agrees=False)
    plan = plan_of(cast, contract)
    assert (plan.waits, in_force(cast, contract)) == (None, [(1, 1)])
    with pytest.raises(DomainError, match="agreement_changed"):
        answer(cast, contract, version, "contractor")


def test_what_both_agreed_is_put_back_on_the_table(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    with acting_as(cast.contractor.pk) as acting, pytest.raises(DomainError, match="not_agreed"):
        put_back_plan(contract_for(acting, contract), cast.de_eem.pk)
    answer(cast, contract, propose(cast, contract), "adviser")
    unplanned(cast, contract, line)
    assert plan_of(cast, contract).is_open
    with acting_as(cast.contractor.pk) as acting:
        put_back_plan(contract_for(acting, contract), cast.de_eem.pk)
    plan = plan_of(cast, contract)
    assert plan.table
    assert not plan.is_open
    assert len(plan.table.lines) == 1


def test_every_version_says_what_came_of_it(cast: Cast) -> None:
    contract = register(cast)
    line = agreed(cast, contract)
    planned(cast, contract, line=line, number=2)
    propose(cast, contract)
    with acting_as(cast.adviser.pk):
        states = [one.state for one in plan_versions(contract)]
    assert states == [State.PROPOSED, State.DRAFT, State.IN_FORCE, State.SUPERSEDED]


def test_figures_of_then_say_what_was_agreed_then(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    with acting_as(cast.adviser.pk):
        before = Version.objects.latest("pk").proposed_at
    answer(cast, contract, propose(cast, contract), "adviser")
    with acting_as(cast.adviser.pk):
        agreed_at = Version.objects.latest("pk").answer.answered_at
    planned(cast, contract, line=line, number=2)
    answer(cast, contract, propose(cast, contract), "adviser")
    one = money(cast, contract, as_of=before).promised_cents
    sums = [
        (then.promised_cents, then.agreed_cents)
        for then in (
            money(cast, contract, as_of=before),
            money(cast, contract, as_of=agreed_at),
            money(cast, contract),
        )
    ]
    assert sums == [(one, 0), (one, one), (2 * one, 2 * one)]


# Comments ---------------------------------------------------------------------------------------


def comment(cast: Cast, contract: int, version: int, by: str, **said: Any) -> None:
    with acting_as(getattr(cast, by).pk) as acting:
        facts = {"text": "Kan dit eerder?", "key": uuid4(), **said}
        comment_on_plan(contract_for(acting, contract), version, **facts)


def test_both_sides_comment_on_the_whole_and_on_a_line(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    planned(cast, contract)
    version = propose(cast, contract)
    comment(cast, contract, version, "adviser", key=key)
    comment(cast, contract, version, "adviser", key=key)
    comment(cast, contract, version, "contractor", line=1, text="  Vanaf maart  ")
    with acting_as(cast.auditor.pk):
        (one,) = (each for each in plan_versions(contract) if each.version.pk == version)
        said = [(each.organisation_id, each.line, each.text) for each in one.version.comments.all()]
    assert said == [
        (cast.hilversum.pk, None, "Kan dit eerder?"),
        (cast.de_eem.pk, 1, "Vanaf maart"),
    ]
    for wrong, code in (
        ({"line": 9}, "not_allowed"),
        ({"text": " "}, "missing_explanation"),
        ({"text": "x" * 2001}, "text_too_long"),
        ({"text": "Akkoord\u202e"}, "text_not_printable"),
    ):
        with pytest.raises(DomainError, match=code):
            comment(cast, contract, version, "adviser", **wrong)
    with acting_as(cast.subcontractor.pk):
        assert not Comment.objects.exists()


def test_the_other_side_hears_of_a_proposal_a_comment_and_an_agreement(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract)
    version = propose(cast, contract)
    comment(cast, contract, version, "adviser")
    answer(cast, contract, version, "adviser")
    subjects = {
        who: [one.subject for one in mailed() if one.to == [getattr(cast, who).email]]
        for who in ("adviser", "team", "contractor", "subcontractor")
    }
    assert [len(subjects[who]) for who in subjects] == [1, 1, 2, 0]
    assert "stelt een plan voor" in subjects["adviser"][0]


# At once, and past our code ---------------------------------------------------------------------


@pytest.mark.usefixtures("own_database")
def test_of_two_who_agree_on_different_versions_one_wins(
    cast: Cast, server: Server, own_database: str
) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    first = propose(cast, contract)
    planned(cast, contract, by="adviser", line=line, number=2)

    def counter() -> None:
        with acting_as(cast.second_adviser.pk) as acting:
            propose_plan(contract_for(acting, contract), cast.de_eem.pk, key=uuid4())

    came = sorted(at_once(counter, lambda: answer(cast, contract, first, "adviser")))
    plan = plan_of(cast, contract)
    if came == ["done", "done"]:  # agreed first, and then something else was proposed
        assert plan.holds
        assert plan.holds.version.pk == first
    else:
        assert came == ["agreement_changed", "done"]
        assert not plan.is_agreed
    assert plan.waits
    answer(cast, contract, plan.waits.version.pk, "contractor")
    assert in_force(cast, contract) == [(1, 2)]
    assert promised(cast, contract) == money(cast, contract).agreed_cents
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_nobody_goes_back_to_his_own_word_once_both_agreed(cast: Cast) -> None:
    contract = register(cast)
    agreed(cast, contract)
    with acting_as(cast.contractor.pk) as acting:
        agreement = Agreement.objects.get(contract=contract)
        number = Version.objects.filter(agreement=agreement).latest_number()
        alone = Version(
            agreement=agreement, contract_id=contract, number=number + 1,
            organisation_id=cast.de_eem.pk, user_id=acting.user_id,
        )  # fmt: skip
        with pytest.raises(DatabaseError, match="not of its agreement"), transaction.atomic():
            alone.save()


def test_only_a_plan_is_said_without_the_other_side(cast: Cast) -> None:
    agreement = begun(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting, pytest.raises(ValueError, match="without the other"):
        say(acting, agreement, organisation_id=cast.hilversum.pk, key=uuid4())
    version = proposed(cast, agreement)
    with acting_as(cast.contractor.pk) as acting:
        confirm(acting, version, organisation_id=cast.de_eem.pk)


# Begun by the client, and drafts ------------------------------------------------------------


def begun_by(cast: Cast, contract: int, who: str, **more: Any) -> int:
    """Save the first line of the contractor's plan as somebody of the client."""
    with acting_as(getattr(cast, who).pk) as acting:
        access = contract_for(acting, contract)
        plan_for = {"plan_of": cast.de_eem.pk, "line_id": None, "number": 1, "note": "", **more}
        return save_plan_line(access, PLAN, **plan_for)


@pytest.mark.parametrize("who", ["adviser", "team"])
def test_a_client_begins_a_plan_and_it_counts_once_the_contractor_agrees(
    cast: Cast, who: str
) -> None:
    contract = register(cast)
    with acting_as(getattr(cast, who).pk) as acting:
        assert beginning_for(contract_for(acting, contract)) == cast.de_eem.pk
    begun_by(cast, contract, who)
    assert money(cast, contract).promised_cents == 0
    version = propose(cast, contract, by=who)
    assert money(cast, contract).promised_cents == 0
    answer(cast, contract, version, "contractor")
    stands = money(cast, contract)
    assert stands.promised_cents == stands.agreed_cents > 0


@pytest.mark.parametrize("who", ["auditor", "reader", "subcontractor", "competitor", "colleague"])
def test_nobody_else_begins_the_plan_of_a_contractor(cast: Cast, who: str) -> None:
    contract = register(cast)
    with pytest.raises((DomainError, Http404)):
        begun_by(cast, contract, who)
    statement = """INSERT INTO agreements_agreement (contract_id, kind, organisation_id, other_id)
        VALUES (%s, 'plan', %s, %s)"""
    facts = [contract, cast.de_eem.pk, cast.hilversum.pk]
    with acting_as(getattr(cast, who).pk), pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement, facts)


def test_a_client_begins_no_plan_of_who_delivers_nothing(cast: Cast) -> None:
    contract = register(cast)
    for other in (cast.audit_office, cast.region, cast.rival):
        with pytest.raises(DatabaseError), acting_as(cast.adviser.pk), transaction.atomic():
            Agreement.objects.create(
                contract_id=contract, kind="plan", organisation=other, other=cast.hilversum
            )


def test_a_draft_is_seen_by_the_two_it_is_about_and_by_nobody_who_audits(cast: Cast) -> None:
    contract = register(cast)
    agreed(cast, contract)
    planned(cast, contract, eind=date(2025, 9, 30))
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        add_party(access, organisation_id=cast.rival.pk, role=PartyRole.CONSORTIUM)
    for who, sees in (
        *(("contractor", 2), ("adviser", 2), ("reader", 2), ("team", 2)),
        *(("auditor", 1), ("competitor", 1), ("subcontractor", 0)),
    ):
        with acting_as(getattr(cast, who).pk):
            versions = Version.objects.filter(contract=contract)
            lines = PlanLine.objects.filter(contract=contract)
            shown = (versions.count(), {line.version_id for line in lines})
            assert shown == (sees + bool(sees), {one.pk for one in versions} - _empty(versions))
            assert versions.filter(is_draft=True).count() == (sees == 2)


def _empty(versions: Any) -> set[int]:
    return {one.pk for one in versions if not one.plan_lines.exists()}

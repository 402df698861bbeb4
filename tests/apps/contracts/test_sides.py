"""Nobody is on both sides of a contract: no organisation, and no person with his own line."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party, register_contract
from telmee.apps.contracts.choices import SIDES, PartyRole
from telmee.apps.contributions.actions import submit, take_back
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.questions import ask, reply
from telmee.apps.decisions.several import accept_lines, take_back_lines
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import facts, found, hand_in, register, seen_cents

_DECISION = """INSERT INTO decisions_decision (contribution_id, contract_id, number, outcome,
    amount_cents, ruling, reason, text, rule, key, user_id, organisation_id)
    VALUES (%s, %s, 9, 'rejected', 0, %s, 'other', 'x', '', gen_random_uuid(), %s, %s)"""
_PARTY = "INSERT INTO contracts_party (contract_id, organisation_id, role) VALUES (%s, %s, %s)"


def codes(refused: Any) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.column) for problem in refused.value.problems]


def test_every_role_is_on_one_side() -> None:
    assert sorted(role for side in SIDES for role in side) == sorted(PartyRole)


@pytest.mark.parametrize(
    ("organisation", "role"),
    [
        ("hilversum", PartyRole.SUBCONTRACTOR),
        ("hilversum", PartyRole.AUDITOR),
        ("region", PartyRole.CONSORTIUM),
        ("de_eem", PartyRole.REGIONAL_TEAM),
        ("de_eem", PartyRole.AUDITOR),
        ("sub", PartyRole.REGIONAL_TEAM),
        ("audit_office", PartyRole.SUBCONTRACTOR),
    ],
)
def test_a_party_of_one_side_is_not_added_to_another(
    cast: Cast, organisation: str, role: PartyRole
) -> None:
    contract, pk = register(cast), getattr(cast, organisation).pk
    with acting_as(cast.adviser.pk) as acting:
        with pytest.raises(DomainError) as refused:
            add_party(contract_for(acting, contract), organisation_id=pk, role=role)
        assert codes(refused) == [("both_sides", "organisatie")]
        with (
            pytest.raises(DatabaseError, match="both_sides"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(_PARTY, [contract, pk, role])


@pytest.mark.usefixtures("own_database")
def test_two_parties_of_one_statement_are_seen_together(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    two = _PARTY + ", (%s, %s, %s)"
    for one, other in combinations([side[-1] for side in SIDES], 2):
        with pytest.raises(Exception, match="both_sides"):
            as_owner(two, contract, cast.rival.pk, one, contract, cast.rival.pk, other)


def test_two_roles_on_one_side_go_together(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        add_party(access, organisation_id=cast.sub.pk, role=PartyRole.CONSORTIUM)
        access = contract_for(acting, contract)
        add_party(access, organisation_id=cast.hilversum.pk, role=PartyRole.REGIONAL_TEAM)


def test_a_client_does_not_register_itself_as_contractor(cast: Cast) -> None:
    own = cast.hilversum.pk
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as refused:
        register_contract(acting, facts(), client_id=own, contractor_id=own)
    assert codes(refused) == [("both_sides", "opdrachtnemer")]


@pytest.fixture
def both(own_database: str, cast: Cast, as_owner: Any) -> Cast:  # noqa: ARG001 - commits
    """The contractor also works for the regional team."""
    as_owner(
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'worker', now())",
        cast.contractor.pk,
        cast.region.pk,
    )
    return cast


def reject(line: int, *, by: Any, outcome: Outcome = Outcome.REJECTED) -> None:
    with acting_as(by.pk) as acting:
        access, row = found(acting, line)
        decide(
            access,
            row,
            outcome=outcome,
            key=uuid4(),
            reason=DecisionReason.EVIDENCE,
            text="Er is geen bewijs.",
            seen_cents=seen_cents(access, row),
        )


def sent(who: int, line: int, contract: int, organisation: int, *, ruling: str = "") -> bool:
    """Send a decision past our code; tell whether the database took it."""
    try:
        with acting_as(who), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_DECISION, [line, contract, ruling, who, organisation])
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_who_handed_in_decides_nothing_of_it(both: Cast) -> None:
    contract = register(both)
    line = hand_in(both, contract)
    for outcome in (Outcome.REJECTED, Outcome.ACCEPTED):
        with pytest.raises(DomainError) as refused:
            reject(line, by=both.contractor, outcome=outcome)
        assert codes(refused)[0][0] == "own_line"
    assert not sent(both.contractor.pk, line, contract, both.region.pk)
    assert sent(both.team.pk, line, contract, both.region.pk)
    accepted(both, line)
    with pytest.raises(DomainError) as refused:
        reject(line, by=both.contractor, outcome=Outcome.REOPENED)
    assert codes(refused)[0][0] == "own_line"


def test_many_lines_at_once_are_refused_as_one_is(both: Cast) -> None:
    contract = register(both)
    line = hand_in(both, contract)
    with acting_as(both.contractor.pk) as acting:
        access, row = found(acting, line)
        seen = {line: Seen(row.version, seen_cents(access, row))}
        answers = accept_lines(acting, seen, key=uuid4())
        assert [p.code for answer in answers for p in answer.problems] == ["own_line"]
    accepted(both, line)
    with acting_as(both.contractor.pk) as acting:
        seen = {line: Seen(found(acting, line)[1].version)}
        answers = take_back_lines(acting, seen, key=uuid4(), text="Vergist.")
        assert [p.code for answer in answers for p in answer.problems] == ["own_line"]


def test_a_draft_that_a_colleague_hands_in_stays_ones_own(both: Cast) -> None:
    contract = register(both)
    line = hand_in(both, contract)
    with acting_as(both.contractor.pk) as acting:
        take_back(*found(acting, line))
    with acting_as(both.contractor_manager.pk) as acting:
        submit(*found(acting, line))
    assert not sent(both.contractor.pk, line, contract, both.region.pk)
    with pytest.raises(DomainError) as refused:
        reject(line, by=both.contractor)
    assert codes(refused)[0][0] == "own_line"


def test_who_objected_does_not_decide_on_it(both: Cast) -> None:
    contract = register(both)
    line = hand_in(both, contract, by="contractor_manager")
    reject(line, by=both.adviser)
    assert sent(both.contractor.pk, line, contract, both.region.pk) is False
    with acting_as(both.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Het bewijs is getoond.")
    dismissed = {"ruling": "dismissed"}
    assert not sent(both.contractor.pk, line, contract, both.region.pk, **dismissed)
    with pytest.raises(DomainError) as refused:
        reject(line, by=both.contractor)
    assert codes(refused)[0][0] == "own_line"
    assert sent(both.team.pk, line, contract, both.region.pk, **dismissed)


def test_who_handed_in_does_not_ask_and_who_answered_does_not_decide(both: Cast) -> None:
    contract = register(both)
    line = hand_in(both, contract, by="contractor_manager")
    asked: dict[str, Any] = {"text": "Hoeveel uur was het?", "due": timezone.localdate()}
    own = hand_in(both, contract, kenmerk="K-2")
    with acting_as(both.contractor.pk) as acting, pytest.raises(DomainError) as refused:
        ask(*found(acting, own), key=uuid4(), **asked)
    assert codes(refused)[0][0] == "own_line"
    with acting_as(both.adviser.pk) as acting:
        ask(*found(acting, line), key=uuid4(), **asked)
    with acting_as(both.contractor.pk) as acting:
        reply(*found(acting, line), text="24 uur.")
    with pytest.raises(DomainError) as refused:
        reject(line, by=both.contractor)
    assert codes(refused)[0][0] == "own_line"
    assert not sent(both.contractor.pk, line, contract, both.region.pk)
    assert sent(both.team.pk, line, contract, both.region.pk)


def test_who_handed_in_is_written_by_the_database(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.contractor_manager.pk) as acting:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE contributions_contribution SET submitted_by_id = %s WHERE id = %s",
                [cast.contractor_manager.pk, line],
            )
        assert found(acting, line)[1].submitted_by_id == cast.contractor.pk


def test_the_page_says_why_and_has_no_buttons(both: Cast, browse: Any) -> None:
    line = hand_in(both, register(both))
    address = f"/inspanningen/{line}/beslissen"
    page = browse(both.contractor).get(address)
    assert page.status_code == 200
    assert "U werkte voor de opdrachtnemer aan deze regel." in page.content.decode()
    assert 'name="outcome"' not in page.content.decode()
    assert 'name="outcome"' in browse(both.team).get(address).content.decode()
    accepted(both, line)
    address = f"/inspanningen/{line}/heropenen"
    assert 'name="reason"' not in browse(both.contractor).get(address).content.decode()
    assert 'name="reason"' in browse(both.team).get(address).content.decode()

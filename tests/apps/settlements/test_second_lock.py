"""What could be tried with the application's role, past our code: no sum, no yes, no opening."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.agreements.actions import Sides, confirm, propose, take
from telmee.apps.agreements.choices import Kind
from telmee.apps.contracts.booking import waive
from telmee.apps.contracts.choices import Ground
from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.models import Correction, Statement
from telmee.apps.settlements.queries import proposals_of
from tests.apps.agreements.planning import begun
from tests.apps.agreements.planning import proposed as place_proposed
from tests.apps.contracts.test_amending import amended, wanted
from tests.apps.decisions.test_parts import running
from tests.apps.decisions.test_parts import take as decided
from tests.apps.decisions.test_questions import put
from tests.cast import Cast
from tests.money import booked
from tests.registering import hand_in, register
from tests.settling import TODAY, code_of, proposed, settled

_STATEMENT = """INSERT INTO settlements_statement
    (contract_id, organisation_id, version_id, due_on, closes_on)
    VALUES (%(contract)s, %(org)s, 10000000, '2027-02-01', '2026-12-31')"""
_CORRECTION = """INSERT INTO settlements_correction
    (contract_id, organisation_id, number, reason, key, user_id)
    VALUES (%(contract)s, %(org)s, 1, 'Zo is het.', gen_random_uuid(), %(me)s)"""


def sent(statement: str, **values: Any) -> str:
    """Send a statement, and give what refused it; nothing where it was taken."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("statement", [_STATEMENT, _CORRECTION])
def test_only_who_decides_on_a_contract_states_and_corrects(cast: Cast, statement: str) -> None:
    contract = register(cast)
    if statement == _CORRECTION:
        settled(cast, contract)
    tries = (
        ("contractor", cast.de_eem, False),
        ("contractor", cast.hilversum, False),
        ("subcontractor", cast.sub, False),
        ("auditor", cast.audit_office, False),
        ("reader", cast.hilversum, False),
        ("colleague", cast.huizen, False),
        ("adviser", cast.region, False),
        ("adviser", cast.hilversum, True),
        ("team", cast.region, True),
    )
    for who, organisation, may in tries:
        me = getattr(cast, who).pk
        with acting_as(me):
            refused = sent(statement, contract=contract, org=organisation.pk, me=me)
            assert ("row-level security" in refused) is not may, (who, refused)


def test_sums_are_written_by_the_database_whatever_is_sent(cast: Cast) -> None:
    contract = register(cast)
    assert code_of(waive, cast, contract, "adviser", **booked(5_00)) == "done"
    typed: dict[str, Any] = {"waived_cents": 99, "realised_cents": 99, "entries": 99, "hash": "x"}

    statement = Statement(
        contract_id=contract, organisation_id=cast.hilversum.pk, due_on=TODAY, closes_on=TODAY,
        **typed,
    )  # fmt: skip
    with acting_as(cast.adviser.pk) as acting:
        sides = Sides(contract, cast.hilversum.pk, cast.de_eem.pk)
        agreement = take(Kind.SETTLEMENT, sides)
        propose(
            acting, agreement, organisation_id=cast.hilversum.pk, key=uuid4(), content=statement
        )
        stands = proposals_of(contract)[0].statement
        stands.refresh_from_db()
        kept = (stands.waived_cents, stands.realised_cents, stands.entries, len(stands.hash))
    assert kept == (5_00, 0, 2, 64)


def test_a_settlement_without_a_statement_is_none(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        sides = Sides(contract, cast.hilversum.pk, cast.de_eem.pk)
        agreement = take(Kind.SETTLEMENT, sides)
        with pytest.raises(DatabaseError, match="not of its agreement"), transaction.atomic():
            propose(acting, agreement, organisation_id=cast.hilversum.pk, key=uuid4())


@pytest.mark.parametrize(
    ("by", "why"),
    [("waiting", "lines_wait"), ("booked", "books_changed"), ("amended", "contract_changed")],
)
def test_a_yes_to_other_books_is_refused(cast: Cast, by: str, why: str) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    if by == "waiting":
        hand_in(cast, contract)
    elif by == "amended":
        day = date(2026, 6, 30)
        amended(cast, contract, wanted(Ground.ENDED_EARLY, day, end=day))
    else:
        assert code_of(waive, cast, contract, "adviser", **booked(5_00)) == "done"
    with acting_as(cast.contractor.pk):
        version = proposals_of(contract)[0].version.pk
        answer = """INSERT INTO agreements_answer
            (version_id, contract_id, outcome, reason, organisation_id, user_id)
            VALUES (%(version)s, %(contract)s, 'confirmed', '', %(org)s, %(me)s)"""
        refused = sent(
            answer, version=version, contract=contract, org=cast.de_eem.pk, me=cast.contractor.pk
        )
    assert why in refused


@pytest.mark.usefixtures("own_database")
def test_a_correction_without_its_statement_does_not_stand(cast: Cast) -> None:
    contract = register(cast)
    settled(cast, contract)

    def open_it(*, closes: bool) -> None:
        with acting_as(cast.adviser.pk):
            correction = Correction.objects.create(
                contract_id=contract, organisation=cast.hilversum, number=1, reason="Zo is het.",
                user_id=cast.adviser.pk,
            )  # fmt: skip
            Contract.objects.filter(pk=contract).update(closed_on=None)
            if closes:
                Statement.objects.create(
                    contract_id=contract, organisation=cast.hilversum, correction=correction
                )

    with pytest.raises(DatabaseError, match="without its statement"):
        open_it(closes=False)
    with pytest.raises(DatabaseError, match="left the contract open"):
        open_it(closes=True)
    with acting_as(cast.adviser.pk):
        assert Contract.objects.get(pk=contract).closed_on is not None
        assert not Correction.objects.exists()
        opening = "UPDATE contracts_contract SET closed_on = NULL WHERE id = %(id)s"
        refused = sent(opening, id=contract)
    assert "contract_settled" in refused


@pytest.mark.usefixtures("own_database")
def test_not_even_the_owner_changes_what_was_settled(cast: Cast, as_owner: Any) -> None:
    settled(cast, register(cast))
    for deed in ("UPDATE {} SET contract_id = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        with pytest.raises(Exception, match="only grows"):
            as_owner(deed.format("settlements_statement"))


@pytest.mark.parametrize("state", ["submitted", "asked", "partly"])
def test_what_waits_for_a_decision_is_not_settled(cast: Cast, state: str) -> None:
    contract, line = running(cast)
    if state == "asked":
        put(cast, line)
    if state == "partly":
        decided(cast, line, Outcome.ACCEPTED)
    with acting_as(cast.adviser.pk):
        assert Contribution.objects.get(pk=line).state == state
        refused = sent(_STATEMENT, contract=contract, org=cast.hilversum.pk)
    assert "settlement_lines_wait" in refused


def test_what_was_agreed_about_something_else_settles_nothing(cast: Cast) -> None:
    contract = register(cast)
    version = place_proposed(cast, begun(cast, contract))
    with acting_as(cast.contractor.pk) as acting:
        confirm(acting, version, organisation_id=cast.de_eem.pk)
    statement = _STATEMENT.replace("10000000", str(version.pk))
    with acting_as(cast.adviser.pk):
        refused = sent(statement, contract=contract, org=cast.hilversum.pk)
    assert "a version that is there does not change" in refused

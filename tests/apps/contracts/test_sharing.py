"""A part of the obligation that a contractor passes on: agreed and seen by two, never too much."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.models import Agreement, Answer, Share, Version
from telmee.apps.agreements.queries import ShareVersion, share_versions
from telmee.apps.audit.queries import events_on_contract
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party, close_contract, remove_party
from telmee.apps.contracts.booking import waive
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.sharing import answer_share, left_cents, propose_share
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation
from telmee.apps.reports.shares import Delivery, deliveries
from telmee.core.errors import DomainError
from tests.apps.agreements.planning import planned
from tests.apps.contracts.test_takeover import amended, takeover
from tests.at_once import at_once
from tests.cast import Cast
from tests.mailing import mailed
from tests.money import accepted, booked
from tests.money import agree as agree_in_euros
from tests.registering import hand_in, register


def propose(
    cast: Cast,
    contract: int,
    euros: int,
    *,
    by: str = "contractor",
    to: Any = None,
    seen: int | None = None,
    key: UUID | None = None,
) -> str:
    """Propose as somebody, and give the code of what refused it."""
    partner = (to or cast.sub).pk
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            propose_share(
                contract_for(acting, contract),
                partner_id=partner,
                cents=euros * 100,
                note="",
                key=key or uuid4(),
                seen=seen,
            )
        except DomainError as error:
            return error.problems[0].code
    return "done"


def answer(cast: Cast, contract: int, by: str, *, agrees: bool = True, nth: int = 0) -> str:
    """Answer the latest version that somebody sees, or one before it."""
    with acting_as(cast.contractor.pk):
        version = share_versions(contract)[nth].version.pk
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            answer_share(contract_for(acting, contract), version, agrees=agrees)
        except DomainError as error:
            return error.problems[0].code
    return "done"


def agree(cast: Cast, contract: int, euros: int) -> None:
    assert propose(cast, contract, euros) == "done"
    assert answer(cast, contract, "subcontractor") == "done"


def seen_by(cast: Cast, contract: int, who: str) -> list[tuple[int, State]]:
    def short(one: ShareVersion) -> tuple[int, State]:
        return one.cents // 100, one.state

    with acting_as(getattr(cast, who).pk):
        return [short(one) for one in share_versions(contract)]


def left(cast: Cast, contract: int) -> int:
    with acting_as(cast.contractor.pk) as acting:
        return left_cents(contract_for(acting, contract), share_versions(contract)) // 100


def in_consortium(cast: Cast, contract: int, organisation: Organisation) -> None:
    """Let an organisation carry a contract out beside its contractor."""
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        add_party(access, organisation_id=organisation.pk, role=PartyRole.CONSORTIUM)


def test_a_part_holds_once_the_other_side_agrees(cast: Cast) -> None:
    contract = register(cast)
    assert propose(cast, contract, 30_000) == "done"
    assert left(cast, contract) == 100_000
    assert answer(cast, contract, "contractor") == "not_allowed"
    assert answer(cast, contract, "subcontractor") == "done"
    assert left(cast, contract) == 70_000
    assert seen_by(cast, contract, "subcontractor") == [(30_000, State.IN_FORCE)]
    agree(cast, contract, 0)
    assert left(cast, contract) == 100_000


def test_either_side_proposes_another_part_and_the_last_one_holds(cast: Cast) -> None:
    contract = register(cast)
    assert propose(cast, contract, 5, by="subcontractor") == "not_allowed", "not yet asked"
    agree(cast, contract, 30_000)
    assert propose(cast, contract, 20_000, by="subcontractor", seen=1) == "done"
    assert left(cast, contract) == 70_000
    assert answer(cast, contract, "subcontractor") == "not_allowed"
    assert answer(cast, contract, "contractor") == "done"
    assert left(cast, contract) == 80_000
    states = [State.IN_FORCE, State.SUPERSEDED]
    assert [state for _, state in seen_by(cast, contract, "contractor")] == states


def test_only_the_two_see_it(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        role = PartyRole.SUBCONTRACTOR
        add_party(access, organisation_id=cast.rival.pk, role=role)
    agree(cast, contract, 30_000)
    assert propose(cast, contract, 10_000, to=cast.rival) == "done"
    assert seen_by(cast, contract, "contractor") == [
        (10_000, State.PROPOSED),
        (30_000, State.IN_FORCE),
    ]
    assert seen_by(cast, contract, "subcontractor") == [(30_000, State.IN_FORCE)]
    assert seen_by(cast, contract, "competitor") == [(10_000, State.PROPOSED)]
    for who in ("adviser", "manager", "team", "auditor", "reader", "outsider", "operator"):
        with acting_as(getattr(cast, who).pk):
            rows = [model.objects.count() for model in (Agreement, Version, Answer, Share)]
            assert rows == [0, 0, 0, 0], who
            assert "agreement." not in " ".join(
                event.verb for event in events_on_contract(contract)
            )


def test_who_is_not_a_side_proposes_and_answers_nothing(cast: Cast) -> None:
    contract = register(cast)
    for who in ("adviser", "auditor", "team", "reader"):
        assert propose(cast, contract, 1, by=who) == "not_allowed", who
    assert propose(cast, contract, 1, to=cast.rival) == "not_allowed"
    assert propose(cast, contract, 1) == "done"
    for who in ("adviser", "auditor", "team", "reader"):
        assert answer(cast, contract, who) == "not_allowed", who


def test_parts_never_exceed_the_obligation(cast: Cast) -> None:
    contract = register(cast)
    in_consortium(cast, contract, cast.rival)
    agree(cast, contract, 60_000)
    assert propose(cast, contract, 40_001, to=cast.rival) == "share_out_of_range"
    assert propose(cast, contract, -1, to=cast.rival) == "share_out_of_range"
    assert propose(cast, contract, 40_000, to=cast.rival) == "done"
    # Who takes over does not know what is owed: his proposal is held against it when it is agreed.
    assert propose(cast, contract, 60_001, by="subcontractor", seen=1) == "done"
    assert answer(cast, contract, "competitor", nth=1) == "done"
    assert answer(cast, contract, "contractor") == "share_exceeds_obligation"
    assert propose(cast, contract, 60_000, by="subcontractor", seen=2) == "done"
    assert answer(cast, contract, "contractor") == "done"
    assert left(cast, contract) == 0


def test_the_database_refuses_too_much_by_itself(cast: Cast) -> None:
    contract = register(cast)
    assert propose(cast, contract, 60_000) == "done"
    with acting_as(cast.adviser.pk) as acting:
        agree_in_euros(
            contract_for(acting, contract),
            amount_cents=59_999_99,
            reason="Minder",
            key=uuid4(),
            effective_on=date(2025, 6, 1),
        )
    assert answer(cast, contract, "subcontractor") == "share_exceeds_obligation"
    with acting_as(cast.subcontractor.pk) as acting:
        version = share_versions(contract)[0].version
        with (
            pytest.raises(DatabaseError, match="share_exceeds_obligation"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "INSERT INTO agreements_answer (version_id, contract_id, outcome, organisation_id,"
                " user_id) VALUES (%s, %s, 'confirmed', %s, %s)",
                [version.pk, contract, cast.sub.pk, acting.user_id],
            )


def test_what_was_waived_since_is_passed_on_to_nobody(cast: Cast) -> None:
    contract = register(cast)
    assert propose(cast, contract, 60_000) == "done"
    with acting_as(cast.adviser.pk) as acting:
        waive(contract_for(acting, contract), **booked(40_000_01))
    assert answer(cast, contract, "subcontractor") == "share_exceeds_obligation"
    assert propose(cast, contract, 59_999, seen=1) == "done"
    assert answer(cast, contract, "subcontractor") == "done"


@pytest.mark.usefixtures("own_database")
def test_of_two_parts_that_are_agreed_at_once_no_more_is_passed_on_than_is_owed(
    cast: Cast,
) -> None:
    contract = register(cast)
    in_consortium(cast, contract, cast.rival)
    assert propose(cast, contract, 60_000) == "done"
    assert propose(cast, contract, 60_000, to=cast.rival) == "done"
    said: list[str] = []

    def agreeing(by: str, nth: int) -> None:
        said.append(answer(cast, contract, by, nth=nth))

    at_once(partial(agreeing, "subcontractor", 1), partial(agreeing, "competitor", 0))
    assert sorted(said) == ["done", "share_exceeds_obligation"]
    assert left(cast, contract) == 40_000


def test_of_two_who_propose_at_once_the_second_looks_again(cast: Cast) -> None:
    contract = register(cast)
    agree(cast, contract, 30_000)
    assert propose(cast, contract, 20_000, seen=1) == "done"
    assert propose(cast, contract, 10_000, by="subcontractor", seen=1) == "agreement_changed"
    assert answer(cast, contract, "contractor", agrees=False) == "done"
    assert answer(cast, contract, "subcontractor") == "agreement_changed"
    assert left(cast, contract) == 70_000


def test_the_same_form_twice_proposes_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    assert propose(cast, contract, 30_000, key=key) == "done"
    assert propose(cast, contract, 30_000, key=key) == "done"
    assert len(seen_by(cast, contract, "contractor")) == 1


def test_nothing_is_passed_on_of_a_closed_contract(cast: Cast) -> None:
    contract = register(cast)
    assert propose(cast, contract, 30_000) == "done"
    with acting_as(cast.adviser.pk) as acting:
        day = date(2026, 1, 1)
        close_contract(contract_for(acting, contract), on=day, reason="Klaar", today=day)
    assert propose(cast, contract, 20_000) == "contract_closed"
    assert answer(cast, contract, "subcontractor") == "contract_closed"


def test_the_other_side_is_told_in_its_own_language(cast: Cast) -> None:
    contract = register(cast)
    agree(cast, contract, 30_000)
    asked, *agreed = mailed()
    assert asked.to == [cast.subcontractor.email]
    assert "30.000,00" in str(asked.body)
    assert f"/opdrachten/{contract}/verdeling" in str(asked.body)
    answered = {address for mail in agreed for address in mail.to}
    assert answered == {cast.contractor.email, cast.contractor_manager.email}


def test_who_takes_a_part_over_is_not_taken_off_by_the_contractor(cast: Cast) -> None:
    contract = register(cast)
    agree(cast, contract, 30_000)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        party = next(p for p in access.parties if p.role == PartyRole.SUBCONTRACTOR)
        with pytest.raises(DomainError, match="party_has_share"):
            remove_party(access, party_id=party.pk, reason="Weg")
    agree(cast, contract, 0)
    with acting_as(cast.contractor.pk) as acting:
        remove_party(contract_for(acting, contract), party_id=party.pk, reason="Weg")


def test_what_each_did_stands_beside_his_part(cast: Cast) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    hand_in(cast, contract, by="subcontractor", kenmerk="S-1", persoon="S-1")
    planned(cast, contract, by="subcontractor", begin=date(2026, 1, 1), eind=date(2026, 6, 30))
    with acting_as(cast.contractor.pk):
        done = deliveries(contract, today=date(2025, 12, 31))
    half_year = 11_570_78
    assert done[cast.de_eem.pk].verified_cents == done[cast.de_eem.pk].delivered_cents == half_year
    assert done[cast.sub.pk] == Delivery(
        promised_cents=half_year,
        delivered_cents=half_year,
        undecided_cents=half_year,
        planned_cents=half_year,
        not_agreed_cents=half_year,
    )
    assert done[cast.sub.pk].expected_cents == 2 * half_year
    with acting_as(cast.subcontractor.pk):
        assert deliveries(contract, today=date(2025, 12, 31)) == {cast.sub.pk: done[cast.sub.pk]}


def test_what_who_went_proposed_is_agreed_on_no_more_after_a_takeover(cast: Cast) -> None:
    contract = register(cast)
    assert propose(cast, contract, 30_000) == "done"
    amended(cast, contract, takeover(cast.rival))
    assert answer(cast, contract, "subcontractor") == "not_allowed"
    assert seen_by(cast, contract, "subcontractor") == [(30_000, State.PROPOSED)]


def test_what_another_contractor_passed_on_takes_nothing_off_what_is_left(cast: Cast) -> None:
    """Who took the contract over passes on anew, up to all that is owed, and no more."""
    contract = register(cast)
    in_consortium(cast, contract, cast.sub)
    agree(cast, contract, 60_000)
    amended(cast, contract, takeover(cast.rival))
    assert propose(cast, contract, 100_001, by="competitor") == "share_out_of_range"
    assert propose(cast, contract, 100_000, by="competitor") == "done"
    with acting_as(cast.competitor.pk):
        (version,) = [one.version.pk for one in share_versions(contract)]
    with acting_as(cast.subcontractor.pk) as acting:
        answer_share(contract_for(acting, contract), version, agrees=True)
    with acting_as(cast.competitor.pk) as acting:
        assert left_cents(contract_for(acting, contract), share_versions(contract)) == 0

"""Turnover of a period: agreed by both sides, followed by the obligation, and nothing else is."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.models import Agreement, Resolution, Turnover, Version
from telmee.apps.agreements.queries import turnover_versions
from telmee.apps.contracts import turnover
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.amending import Wanted, amend, taken_over
from telmee.apps.contracts.chains import check_amendments
from telmee.apps.contracts.choices import Ground, Takeover
from telmee.apps.contracts.models import Amendment, Contract
from telmee.apps.ledger.queries import (
    check_ledger,
    figures_per_year,
    obligation_changes,
    positions,
)
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import choose_dispute_days
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.mailing import mailed
from tests.registering import register

TODAY = date(2028, 2, 1)
IN_2025, IN_2026 = date(2025, 1, 1), date(2026, 1, 1)


def by_turnover(cast: Cast, **changes: Any) -> int:
    """Register a contract of 2025 and 2026 that owes 5% of what is invoiced."""
    facts = {
        "scheme": "rotterdam-rijnmond",
        "agreed_cents": None,
        "percentage_reason": "",
        "over_turnover": True,
    }
    return register(cast, **facts | changes)


def propose(
    cast: Cast,
    contract: int,
    euros: int,
    *,
    period: date = IN_2025,
    by: str = "contractor",
    seen: int | None = None,
    key: UUID | None = None,
    today: date = TODAY,
) -> str:
    """Propose as somebody, and give the code of what refused it."""
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            turnover.propose_turnover(
                contract_for(acting, contract),
                period=period,
                cents=euros * 100,
                key=key or uuid4(),
                seen=seen,
                today=today,
            )
        except DomainError as error:
            return error.problems[0].code
    return "done"


def answer(cast: Cast, contract: int, by: str, deed: str = "confirm", **facts: Any) -> str:
    """Answer the latest version of all as somebody, and give the code of what refused it."""
    with acting_as(cast.adviser.pk):
        version = turnover_versions([contract])[contract][0].version.pk
    if deed == "dispute":
        facts = {"reason": "Er zijn creditnota's.", "today": TODAY} | facts
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            getattr(turnover, f"{deed}_turnover")(contract_for(acting, contract), version, **facts)
        except DomainError as error:
            return error.problems[0].code
    return "done"


def agree(cast: Cast, contract: int, euros: int, *, period: date = IN_2025) -> None:
    assert propose(cast, contract, euros, period=period) == "done"
    assert answer(cast, contract, "adviser") == "done"


def test_what_was_agreed_of_a_period_after_the_end_can_become_another_amount(cast: Cast) -> None:
    contract = by_turnover(cast)
    agree(cast, contract, 400_000)
    agree(cast, contract, 100_000, period=IN_2026)
    last = date(2025, 6, 30)
    early = Wanted(
        ground=Ground.ENDED_EARLY, effective_on=last, reason="Klaar.", facts={"end": last}
    )
    with acting_as(cast.adviser.pk) as acting:
        amend(contract_for(acting, contract), early, key=uuid4())
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract].owed_cents == 25_000_00
    agree(cast, contract, 0, period=IN_2026)
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract].owed_cents == 20_000_00
    assert propose(cast, contract, 5, period=date(2027, 1, 1)) == "period_not_of_contract"


def test_who_took_a_contract_over_says_anew_what_was_said_before(cast: Cast) -> None:
    """Of a period there is one turnover, whoever it was agreed with."""
    contract = by_turnover(cast)
    agree(cast, contract, 400_000)
    assert propose(cast, contract, 500_000, period=IN_2026, by="adviser") == "done"
    takeover = taken_over(
        cast.rival.pk, how=Takeover.MERGER, effective_on=date(2025, 6, 1), reason="Fusie."
    )
    with acting_as(cast.adviser.pk) as acting:
        amend(contract_for(acting, contract), takeover, key=uuid4())
    assert propose(cast, contract, 500_000, period=IN_2026, by="competitor", seen=1) == "done"
    assert [state for _, state in states(cast, contract)] == [
        State.PROPOSED, State.SUPERSEDED, State.IN_FORCE,
    ]  # fmt: skip
    with acting_as(cast.adviser.pk) as acting:
        older = turnover_versions([contract])[contract][1].version.pk
        with pytest.raises(DomainError, match="agreement_changed"):
            turnover.withdraw_turnover(contract_for(acting, contract), older)
    assert answer(cast, contract, "adviser") == "done"
    assert owed(cast, contract) == 45_000
    assert propose(cast, contract, 400_000, by="competitor", seen=1) == "turnover_unchanged"
    assert propose(cast, contract, 300_000, by="competitor", seen=1) == "done"
    assert answer(cast, contract, "adviser") == "done"
    assert owed(cast, contract) == 40_000
    assert propose(cast, contract, 400_000, by="competitor", seen=2) == "done"
    assert answer(cast, contract, "adviser") == "done"
    assert owed(cast, contract) == 45_000


def told(cast: Cast, contract: int) -> list[tuple[int, str, int]]:
    """The obligation as the books tell it: year, kind and euros of what stands."""
    with acting_as(cast.adviser.pk):
        changes = obligation_changes([contract])[contract].values()
        return [(c.effective_on.year, str(c.kind), c.amount_cents // 100) for c in changes]


def owed(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].owed_cents // 100


def states(cast: Cast, contract: int) -> list[tuple[int, State]]:
    with acting_as(cast.adviser.pk):
        return [(one.cents // 100, one.state) for one in turnover_versions([contract])[contract]]


def test_nothing_is_owed_before_turnover_is_agreed_and_that_is_no_exemption(cast: Cast) -> None:
    contract = by_turnover(cast)
    with acting_as(cast.adviser.pk):
        row = Contract.objects.get(pk=contract)
    assert (row.obligation_cents, row.no_obligation) == (0, "")
    assert told(cast, contract) == []
    assert propose(cast, contract, 600_000) == "done"
    assert owed(cast, contract) == 0, "a proposal is no agreement"


@pytest.mark.parametrize("proposes", ["contractor", "adviser", "team"])
def test_the_obligation_follows_what_both_agreed_whoever_proposed(
    cast: Cast, proposes: str
) -> None:
    contract = by_turnover(cast)
    answers = "adviser" if proposes == "contractor" else "contractor"
    assert propose(cast, contract, 600_000, by=proposes) == "done"
    assert answer(cast, contract, proposes) == "not_allowed"
    assert answer(cast, contract, answers) == "done"
    assert told(cast, contract) == [(2025, "obligation", 30_000)]
    agree(cast, contract, 400_000, period=IN_2026)
    assert told(cast, contract) == [(2025, "obligation", 30_000), (2026, "obligation", 20_000)]
    with acting_as(cast.adviser.pk):
        row = Contract.objects.get(pk=contract)
        assert row.obligation_cents == 50_000_00
        assert row.obligation_receipt is not None
        assert row.obligation_receipt.inputs["turnover_cents"] == 1_000_000_00
        last = Amendment.objects.get(contract=contract, number=2)
        assert (last.ground, last.effective_on) == ("turnover", IN_2026)


def test_another_amount_takes_the_place_of_what_was_agreed(cast: Cast) -> None:
    contract = by_turnover(cast)
    agree(cast, contract, 600_000)
    agree(cast, contract, 400_000, period=IN_2026)
    assert propose(cast, contract, 600_000) == "turnover_unchanged"
    assert propose(cast, contract, 500_000, by="adviser", seen=1) == "done"
    assert owed(cast, contract) == 50_000
    assert answer(cast, contract, "contractor") == "done"
    assert told(cast, contract) == [(2025, "obligation", 25_000), (2026, "obligation", 20_000)]


def test_turnover_of_nothing_is_agreed_as_well(cast: Cast) -> None:
    contract = by_turnover(cast)
    agree(cast, contract, 0)
    assert states(cast, contract) == [(0, State.IN_FORCE)]
    assert told(cast, contract) == []


def test_periods_that_are_agreed_and_amended_in_any_order_come_to_the_same(
    cast: Cast, own_database: str, server: Server
) -> None:
    """Against the order of their days, to the cent and per year; the proof of the books holds."""

    def turnover_of(period: date, euros: int) -> Any:
        return lambda contract: agree(cast, contract, euros, period=period)

    def offered(contract: int) -> None:
        facts = {"offered_bp": 7_50}
        wanted = Wanted(
            ground=Ground.SCHEME, effective_on=date(2025, 7, 1), reason="Bod.", facts=facts
        )
        with acting_as(cast.adviser.pk) as acting:
            amend(contract_for(acting, contract), wanted, key=uuid4())

    deeds = (turnover_of(IN_2025, 333_333), turnover_of(IN_2026, 111_117), offered)
    lives: list[tuple[Any, ...]] = []
    for order in permutations(deeds):
        contract = by_turnover(cast, reference=f"O-{len(lives)}")
        for deed in order:
            deed(contract)
        with acting_as(cast.adviser.pk):
            years = sorted(
                (year, stands.position.obligation_cents - stands.position.reduced_cents)
                for (_, _, year), stands in figures_per_year([contract]).items()
            )
        lives.append((owed(cast, contract), [row for row in years if row[1]]))
    whole = round((333_333_00 + 111_117_00) * 0.075)
    until_july = 2_499_998  # 24,999.975 euros: half a cent goes up
    assert lives == [(whole // 100, [(2025, until_july), (2026, whole - until_july)])] * 6
    with connected(server.owner_url, own_database):
        assert list(check_amendments()) == []
        assert check_ledger() == []


def test_a_correction_of_the_first_day_moves_the_turnover_along(cast: Cast) -> None:
    contract = by_turnover(cast)
    agree(cast, contract, 600_000)
    day = date(2025, 3, 1)
    wanted = Wanted(
        ground=Ground.CORRECTED, effective_on=day, reason="Tikfout.", facts={"start": day}
    )
    with acting_as(cast.adviser.pk) as acting:
        amend(contract_for(acting, contract), wanted, key=uuid4())
    assert told(cast, contract) == [(2025, "obligation", 30_000)]
    agree(cast, contract, 500_000)
    assert owed(cast, contract) == 25_000


# Disputes -----------------------------------------------------------------------------------------


def test_a_dispute_has_a_reason_a_term_and_moves_nothing(cast: Cast) -> None:
    contract = by_turnover(cast)
    propose(cast, contract, 600_000)
    assert answer(cast, contract, "adviser", "dispute", reason=" ") == "missing_explanation"
    assert answer(cast, contract, "contractor", "dispute") == "not_allowed"
    assert answer(cast, contract, "adviser", "dispute") == "done"
    assert answer(cast, contract, "adviser", "dispute") == "agreement_changed"
    assert states(cast, contract) == [(600_000, State.DISPUTED)]
    with acting_as(cast.contractor.pk):
        dispute = turnover_versions([contract])[contract][0].dispute
        assert dispute is not None
        assert (dispute.reason, dispute.until) == ("Er zijn creditnota's.", date(2028, 2, 29))
    assert owed(cast, contract) == 0


def test_the_term_is_that_of_the_client(cast: Cast) -> None:
    with acting_as(cast.manager.pk) as acting:
        choose_dispute_days(acting, organisation_id=cast.hilversum.pk, days=5)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(Http404):
        choose_dispute_days(acting, organisation_id=cast.hilversum.pk, days=100)
    contract = by_turnover(cast)
    propose(cast, contract, 600_000)
    answer(cast, contract, "adviser", "dispute")
    with acting_as(cast.contractor.pk):
        dispute = turnover_versions([contract])[contract][0].dispute
    assert dispute is not None
    assert dispute.until == date(2028, 2, 6)


def test_a_dispute_ends_by_another_amount_by_agreeing_after_all_or_by_withdrawing(
    cast: Cast,
) -> None:
    other, after_all, withdrawn = (by_turnover(cast, reference=f"D-{n}") for n in range(3))
    for contract in (other, after_all, withdrawn):
        propose(cast, contract, 600_000)
        answer(cast, contract, "adviser", "dispute")
    assert propose(cast, other, 550_000, by="adviser", seen=1) == "done"
    assert answer(cast, other, "contractor") == "done"
    assert states(cast, other) == [(550_000, State.IN_FORCE), (600_000, State.SUPERSEDED)]
    assert answer(cast, after_all, "adviser") == "done"
    assert owed(cast, after_all) == 30_000
    assert answer(cast, withdrawn, "contractor", "withdraw") == "done"
    assert states(cast, withdrawn) == [(600_000, State.WITHDRAWN)]
    assert [owed(cast, other), owed(cast, withdrawn)] == [27_500, 0]


def test_a_second_person_of_the_client_decides_where_the_contract_lets_him(cast: Cast) -> None:
    silent = by_turnover(cast)
    lets = by_turnover(cast, reference="L-1", client_decides=True)
    for contract in (silent, lets):
        propose(cast, contract, 700_000, by="adviser")
        assert answer(cast, contract, "second_adviser", "decide", reason="x") == "not_allowed"
        assert answer(cast, contract, "contractor", "dispute") == "done"
    facts = {"reason": "De facturen zijn geteld."}
    assert answer(cast, silent, "second_adviser", "decide", **facts) == "not_allowed"
    assert answer(cast, lets, "adviser", "decide", **facts) == "not_allowed", "his own"
    assert answer(cast, lets, "contractor", "decide", **facts) == "not_allowed"
    assert answer(cast, lets, "second_adviser", "decide", reason="") == "missing_explanation"
    assert answer(cast, lets, "second_adviser", "decide", **facts) == "done"
    assert (owed(cast, lets), owed(cast, silent)) == (35_000, 0)
    with acting_as(cast.contractor.pk):
        disputed, decided = turnover_versions([lets])[lets][0].replies
        assert disputed.user_id == cast.contractor.pk
        assert (decided.user_id, decided.reason) == (cast.second_adviser.pk, facts["reason"])


# What is refused ----------------------------------------------------------------------------------


def test_what_no_period_can_be_is_refused(cast: Cast) -> None:
    contract = by_turnover(cast)
    assert propose(cast, contract, 1, period=date(2027, 1, 1)) == "period_not_of_contract"
    assert propose(cast, contract, 1, period=date(2025, 4, 1)) == "period_not_of_contract"
    assert propose(cast, contract, 1, today=date(2025, 12, 31)) == "period_not_over"
    assert propose(cast, contract, 1, today=date(2026, 1, 1)) == "done"
    assert propose(cast, contract, -1) == "turnover_out_of_range"
    by_sum = by_turnover(cast, reference="S-1", over_turnover=False)
    assert propose(cast, by_sum, 1) == "not_allowed"
    in_euros = by_turnover(cast, reference="E-1", agreed_cents=1_00, percentage_reason="x")
    assert propose(cast, in_euros, 1) == "not_allowed", "an agreed amount follows nothing"


def test_periods_are_those_that_the_contract_says(cast: Cast) -> None:
    contract = by_turnover(cast, turnover_period="quarter")
    assert propose(cast, contract, 100_000, period=date(2025, 4, 1)) == "done"
    with acting_as(cast.adviser.pk) as acting:
        row = contract_for(acting, contract).contract
        periods = turnover.periods_by_contract([row], today=date(2025, 8, 1))[contract]
    assert [str(one.period) for one in periods][:3] == ["2025-K1", "2025-K2", "2025-K3"]
    assert [one.is_open for one in periods[:3]] == [True, True, False]


def test_of_two_who_propose_at_once_one_wins_and_the_other_sees_it(cast: Cast) -> None:
    contract = by_turnover(cast)
    key = uuid4()
    assert propose(cast, contract, 600_000, seen=0, key=key) == "done"
    assert propose(cast, contract, 600_000, seen=0, key=key) == "done"
    assert len(states(cast, contract)) == 1, "the same submit twice proposes once"
    assert propose(cast, contract, 500_000, by="adviser", seen=0) == "agreement_changed"
    assert propose(cast, contract, 500_000, by="adviser", seen=1) == "done"
    assert answer(cast, contract, "contractor") == "done"
    assert answer(cast, contract, "contractor") == "agreement_changed"


def test_nothing_is_agreed_on_a_closed_contract(cast: Cast) -> None:
    contract = by_turnover(cast)
    propose(cast, contract, 600_000)
    with acting_as(cast.adviser.pk) as acting:
        close_contract(
            contract_for(acting, contract), on=date(2025, 6, 1), reason="Klaar.", today=TODAY
        )
    assert answer(cast, contract, "adviser") == "contract_closed"
    assert propose(cast, contract, 500_000) == "contract_closed"


def test_each_side_is_told_what_the_other_did(cast: Cast) -> None:
    contract = by_turnover(cast)
    propose(cast, contract, 600_000)
    answer(cast, contract, "adviser", "dispute")
    propose(cast, contract, 550_000)
    answer(cast, contract, "adviser")
    subjects = [mail.subject for mail in mailed()]
    assert any("stelt de omzet over 2025 voor" in one for one in subjects)
    texts = "\n".join(str(mail.body) for mail in mailed())
    assert "Er zijn creditnota's." in texts
    assert "29-02-2028" in texts
    assert "27.500,00" in texts


# The second lock ----------------------------------------------------------------------------------


def refused_by_the_database(deed: Any) -> str:
    with pytest.raises(DatabaseError) as told, transaction.atomic():
        deed()
    return str(told.value)


def test_a_contractor_books_nothing_but_what_follows_from_agreed_turnover(cast: Cast) -> None:
    contract = by_turnover(cast)
    propose(cast, contract, 600_000, by="adviser")
    with acting_as(cast.contractor.pk):
        (version,) = Version.objects.filter(contract=contract)
        facts = {"turnover 2025-01-01": 600_000_00}

        def amendment(**changes: Any) -> Any:
            row = {
                "contract_id": contract,
                "number": 1,
                "effective_on": IN_2025,
                "ground": "turnover",
                "facts": facts,
                "version_id": version.pk,
                "user_id": cast.contractor.pk,
                "organisation_id": cast.de_eem.pk,
            }
            return lambda: Amendment.objects.create(**row | changes)

        assert "not agreed" in refused_by_the_database(amendment()), "it was only proposed"
        policy = "row-level security"
        other = amendment(ground="value", facts={"value_cents": 1}, reason="x", version_id=None)
        assert policy in refused_by_the_database(other)
    assert answer(cast, contract, "contractor") == "done"
    with acting_as(cast.contractor.pk):
        lower = {"turnover 2025-01-01": 1_00}
        again = amendment(number=2, facts=lower, version_id=version.pk)
        assert "not agreed" in refused_by_the_database(again)

        def change() -> None:
            if not Contract.objects.filter(pk=contract).update(obligation_cents=0):
                raise DatabaseError(policy)

        assert policy in refused_by_the_database(change)


def test_only_the_client_decides_and_only_on_a_dispute(cast: Cast) -> None:
    contract = by_turnover(cast, client_decides=True)
    propose(cast, contract, 600_000, by="adviser")
    with acting_as(cast.second_adviser.pk):
        (version,) = Version.objects.filter(contract=contract)

    def decided(who: str, organisation: str) -> Any:
        def deed() -> None:
            Resolution.objects.create(
                version=version,
                contract_id=contract,
                outcome="decided",
                organisation=getattr(cast, organisation),
                user_id=getattr(cast, who).pk,
                reason="Zo is het.",
            )

        return deed

    with acting_as(cast.second_adviser.pk):
        assert "no dispute" in refused_by_the_database(decided("second_adviser", "hilversum"))
    assert answer(cast, contract, "contractor", "dispute") == "done"
    with acting_as(cast.contractor.pk):
        assert "wrong side" in refused_by_the_database(decided("contractor", "de_eem"))
    with acting_as(cast.adviser.pk):
        assert "wrong side" in refused_by_the_database(decided("adviser", "hilversum"))


def test_turnover_is_between_the_client_and_the_contractor(cast: Cast) -> None:
    contract = by_turnover(cast)

    def begun(organisation: str, other: str, period: date | None = IN_2025) -> Any:
        return lambda: Agreement.objects.create(
            contract_id=contract,
            kind="turnover",
            organisation=getattr(cast, organisation),
            other=getattr(cast, other),
            period=period,
        )

    with acting_as(cast.subcontractor.pk):
        assert "row-level" in refused_by_the_database(begun("hilversum", "de_eem"))
    with acting_as(cast.contractor.pk):
        assert "row-level" in refused_by_the_database(begun("de_eem", "sub"))
        assert "turnover_has_period" in refused_by_the_database(begun("hilversum", "de_eem", None))
    with acting_as(cast.subcontractor.pk):
        assert not Turnover.objects.exists()


def test_a_proposal_without_an_amount_is_none(cast: Cast) -> None:
    contract = by_turnover(cast)
    propose(cast, contract, 600_000)
    with acting_as(cast.contractor.pk):
        (first,) = Version.objects.filter(contract=contract)

        def empty() -> None:
            Version.objects.create(
                agreement=first.agreement,
                contract_id=contract,
                number=2,
                organisation=cast.de_eem,
                addressee=cast.hilversum,
                user_id=cast.contractor.pk,
            )

        assert "not of its agreement" in refused_by_the_database(empty)
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("UPDATE agreements_turnover SET cents = 1")

"""A contract is amended: its facts on any day, what it owes, and what moves in the books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.amending import Wanted, amend, option_used, plan_amendment
from telmee.apps.contracts.booking import waive
from telmee.apps.contracts.chains import chains_of, check_amendments
from telmee.apps.contracts.choices import Form, Ground, NoObligation
from telmee.apps.contracts.models import Amendment, Contract
from telmee.apps.ledger.queries import (
    check_ledger,
    entries_of,
    figures_per_year,
    obligation_changes,
    positions,
)
from telmee.apps.organisations.acting import acting_as
from telmee.apps.schemes.queries import version_named
from telmee.core.errors import DomainError
from telmee.core.ledger import facts_on
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.mailing import mailed
from tests.money import booked
from tests.registering import register

MORE, LESS = "obligation", "reduced"
LATER = date(2025, 6, 1)


def by_the_rules(cast: Cast, **changes: Any) -> int:
    """Register a contract of 2 million that owes 5% of its sum by the rules."""
    facts = {"scheme": "rotterdam-rijnmond", "agreed_cents": None, "percentage_reason": ""}
    return register(cast, **facts | changes)


def wanted(ground: Ground, day: date, **facts: Any) -> Wanted:
    return Wanted(ground=ground, effective_on=day, reason="Afgesproken.", facts=facts)


def amended(cast: Cast, contract: int, *amendments: Wanted, by: str = "adviser") -> None:
    with acting_as(getattr(cast, by).pk) as acting:
        for one in amendments:
            amend(contract_for(acting, contract), one, key=uuid4())


def refused(cast: Cast, contract: int, one: Wanted) -> list[str]:
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as told:
        amend(contract_for(acting, contract), one, key=uuid4())
    return [problem.code for problem in told.value.problems]


def told(cast: Cast, contract: int) -> list[tuple[int, str, int]]:
    """The obligation as the books tell it: year, kind and euros of what stands."""
    with acting_as(cast.adviser.pk):
        changes = obligation_changes([contract])[contract].values()
        return [(c.effective_on.year, str(c.kind), c.amount_cents // 100) for c in changes]


def row(cast: Cast, contract: int) -> Contract:
    with acting_as(cast.adviser.pk):
        return Contract.objects.get(pk=contract)


SMALLER = wanted(Ground.VALUE, date(2026, 1, 1), value_cents=1_600_000_00)
LARGER = wanted(Ground.VALUE, date(2025, 7, 1), value_cents=2_400_000_00)
EARLY = wanted(Ground.ENDED_EARLY, date(2026, 3, 1), end=date(2026, 6, 30))
AGREED = wanted(Ground.AGREED, date(2026, 5, 1), agreed_cents=90_000_00, chosen_bp=None)


def test_a_contract_begins_with_its_registration(cast: Cast) -> None:
    contract = by_the_rules(cast, extension_count=2, extension_months=12)
    with acting_as(cast.adviser.pk):
        (first,) = Amendment.objects.filter(contract=contract)
        assert (first.number, first.ground, first.user_id) == (0, "registered", cast.adviser.pk)
        facts = facts_on(chains_of([contract])[contract])
    assert (facts["value_cents"], facts["extension_count"]) == (2_000_000_00, 2)
    assert told(cast, contract) == [(2025, MORE, 100_000)]


def test_another_sum_is_an_entry_of_the_day_from_which_it_counts(cast: Cast) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    now = row(cast, contract)
    assert (now.value_cents, now.obligation_cents, now.amended) == (1_600_000_00, 80_000_00, 1)
    assert told(cast, contract) == [(2025, MORE, 100_000), (2026, LESS, 20_000)]
    with acting_as(cast.adviser.pk):
        lowered = entries_of([contract])[-1]
        assert (lowered.amendment, lowered.reason) == (1, "Afgesproken.")
        assert lowered.receipt is not None
        assert (lowered.receipt.cents, lowered.receipt_id) == (
            80_000_00,
            now.obligation_receipt_id,
        )
        event = Event.objects.get(verb="contract.amended")
        assert event.details["value_cents"] == [2_000_000_00, 1_600_000_00]
        assert event.details["obligation_cents"] == [100_000_00, 80_000_00]


def test_an_amendment_back_in_time_moves_what_differs_and_nothing_else(cast: Cast) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    with acting_as(cast.adviser.pk):
        before = [entry.pk for entry in entries_of([contract])]
    amended(cast, contract, LARGER)
    assert told(cast, contract) == [
        (2025, MORE, 100_000), (2025, MORE, 20_000), (2026, LESS, 40_000)
    ]  # fmt: skip
    with acting_as(cast.adviser.pk):
        entries = entries_of([contract])
        assert [entry.pk for entry in entries][:2] == before
        reversal = next(entry for entry in entries if entry.reverses_id)
        assert (reversal.reverses_id, reversal.amendment) == (before[1], 2)
        assert (reversal.kind, reversal.amount_cents) == (LESS, -20_000_00)
    assert row(cast, contract).value_cents == 1_600_000_00


def test_recorded_in_any_order_a_contract_comes_to_the_same(
    cast: Cast, own_database: str, server: Server
) -> None:
    """The same amendments in every order, against the order of their days."""
    lives: list[tuple[Any, ...]] = []
    for order in permutations((LARGER, SMALLER, AGREED)):
        contract = by_the_rules(cast, reference=f"L-{len(lives)}")
        amended(cast, contract, *order)
        now = row(cast, contract)
        with acting_as(cast.adviser.pk):
            years = {
                (year, stands.position.obligation_cents, stands.position.reduced_cents)
                for (_, _, year), stands in figures_per_year([contract]).items()
            }
            chain = chains_of([contract])[contract]
            facts = [facts_on(chain, day) for day in (date(2025, 8, 1), date(2026, 2, 1), None)]
        lives.append((now.end, now.value_cents, now.obligation_cents, years, facts))
    assert all(life == lives[0] for life in lives)
    assert lives[0][:3] == (date(2026, 12, 31), 1_600_000_00, 90_000_00)
    with connected(server.owner_url, own_database):
        assert check_ledger() == []
        assert list(check_amendments()) == []


def test_what_was_known_at_a_moment_stays_readable(cast: Cast) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER, LARGER)
    with acting_as(cast.adviser.pk):
        chain = chains_of([contract])[contract]
        moments = dict(
            Amendment.objects.filter(contract=contract).values_list("number", "recorded_at")
        )
        assert moments[0] < moments[1] < moments[2]
        first = entries_of([contract])[0].booked_at
        assert positions([contract], as_of=first)[contract].imposed_cents == 100_000_00
    day = date(2025, 8, 1)
    assert facts_on(chain, day)["value_cents"] == 2_400_000_00
    assert facts_on(chain[:2], day)["value_cents"] == 2_000_000_00


# Its end ------------------------------------------------------------------------------------------


def test_an_option_is_used_and_then_the_contract_runs_on(cast: Cast) -> None:
    contract = by_the_rules(cast, extension_count=1, extension_months=12)
    assert refused(
        cast, contract, wanted(Ground.OVERRUN, date(2027, 1, 1), end=date(2027, 3, 31))
    ) == ["extension_left"]
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        amend(access, option_used(access.contract, reason="Optie."), key=uuid4())
    now = row(cast, contract)
    assert (now.end, now.extension_count) == (date(2027, 12, 31), 0)
    assert refused(cast, contract, option_used(now, reason="Nog een.")) == ["no_extension_left"]
    amended(cast, contract, wanted(Ground.OVERRUN, date(2028, 1, 1), end=date(2028, 3, 31)))
    assert row(cast, contract).end == date(2028, 3, 31)
    assert told(cast, contract) == [(2025, MORE, 100_000)]


@pytest.mark.parametrize(
    ("one", "codes"),
    [
        (wanted(Ground.VALUE, date(2024, 12, 31), value_cents=1), ["amendment_before_contract"]),
        (wanted(Ground.VALUE, date(2027, 1, 2), value_cents=1), ["amendment_after_end"]),
        (
            wanted(Ground.VALUE, date(2026, 1, 1), value_cents=2_000_000_00),
            ["amendment_changes_nothing"],
        ),
        (
            wanted(Ground.OVERRUN, date(2027, 1, 1), end=date(2026, 12, 31)),
            ["amendment_end_not_later", "amendment_changes_nothing"],
        ),
        (
            wanted(Ground.ENDED_EARLY, date(2026, 1, 1), end=date(2027, 6, 1)),
            ["amendment_end_not_earlier"],
        ),
        (
            wanted(Ground.ENDED_EARLY, date(2025, 1, 1), end=date(2024, 6, 1)),
            ["contract_end_before_start"],
        ),
        (wanted(Ground.AGREED, LATER, agreed_cents=-1), ["decision_amount_out_of_range"]),
        (wanted(Ground.VALUE, date(2025, 6, 1), value_cents=-1), ["contract_amount_out_of_range"]),
        (
            Wanted(ground=Ground.VALUE, effective_on=date(2026, 1, 1), reason=" ",
                   facts={"value_cents": 5}),
            ["missing_explanation"],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(cast: Cast, one: Wanted, codes: list[str]) -> None:
    contract = by_the_rules(cast)
    assert refused(cast, contract, one) == codes
    assert told(cast, contract) == [(2025, MORE, 100_000)]
    assert row(cast, contract).amended == 0


def test_a_ground_changes_what_it_is_about(cast: Cast) -> None:
    contract = by_the_rules(cast)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(ValueError, match="value_cents"):
        plan_amendment(
            contract_for(acting, contract).contract,
            wanted(Ground.ENDED_EARLY, date(2026, 1, 1), value_cents=1),
        )


# Which rules, and which amount --------------------------------------------------------------------


def test_other_rules_hold_from_the_day_on_which_they_do(cast: Cast) -> None:
    contract = by_the_rules(cast)
    with acting_as(cast.adviser.pk):
        other = version_named("sudwest-fryslan")
    amended(cast, contract, wanted(Ground.SCHEME, date(2026, 1, 1), scheme_id=other.pk))
    assert told(cast, contract) == [(2025, MORE, 100_000), (2026, LESS, 60_000)]
    assert row(cast, contract).scheme_id == other.pk


def test_rules_of_a_day_to_come_are_not_recorded_yet(cast: Cast) -> None:
    """The lines of now would go by them at once."""
    contract = by_the_rules(cast, end=today() + timedelta(days=400))
    with acting_as(cast.adviser.pk):
        other = version_named("sudwest-fryslan")
    later = wanted(Ground.SCHEME, today() + timedelta(days=1), scheme_id=other.pk)
    assert refused(cast, contract, later) == ["rules_to_come"]
    amended(cast, contract, wanted(Ground.SCHEME, today(), scheme_id=other.pk))
    first = today() + timedelta(days=30)
    begins = by_the_rules(cast, start=first, end=first + timedelta(days=400))
    amended(cast, begins, wanted(Ground.SCHEME, first, scheme_id=other.pk))


def test_an_agreed_amount_stands_until_the_rules_are_followed_again(cast: Cast) -> None:
    contract = by_the_rules(cast)
    day = date(2025, 2, 1)
    amended(cast, contract, wanted(Ground.AGREED, day, agreed_cents=70_000_00), LARGER, SMALLER)
    assert told(cast, contract) == [(2025, MORE, 100_000), (2025, LESS, 30_000)]
    amended(cast, contract, wanted(Ground.BY_THE_RULES, date(2026, 2, 1), agreed_cents=None))
    assert told(cast, contract)[2:] == [(2026, MORE, 10_000)]
    assert row(cast, contract).obligation_cents == 80_000_00


def test_what_the_rules_leave_open_is_asked_and_not_assumed(cast: Cast) -> None:
    contract = register(cast)
    day, back = date(2026, 1, 1), {"agreed_cents": None}
    assert refused(cast, contract, wanted(Ground.BY_THE_RULES, day, **back)) == [
        "no_obligation_percentage"
    ]
    amended(cast, contract, wanted(Ground.BY_THE_RULES, day, chosen_bp=3_00, **back))
    assert told(cast, contract) == [(2025, MORE, 100_000), (2026, LESS, 40_000)]


def test_a_contract_without_an_obligation_gets_one_and_loses_it(cast: Cast) -> None:
    why = {"no_obligation": NoObligation.LITTLE_LABOUR, "no_obligation_reason": "Levering."}
    contract = by_the_rules(cast, scheme="rijk", **why)
    assert told(cast, contract) == []
    none: dict[str, Any] = {"no_obligation": "", "no_obligation_reason": ""}
    amended(cast, contract, wanted(Ground.BY_THE_RULES, date(2026, 1, 1), **none))
    now = row(cast, contract)
    assert (now.obligation_cents, now.no_obligation) == (100_000_00, "")
    small = wanted(Ground.VALUE, date(2026, 6, 1), value_cents=1_000_00)
    amended(cast, contract, small)
    now = row(cast, contract)
    assert (now.obligation_cents, now.no_obligation) == (None, NoObligation.BELOW_THRESHOLD)
    assert told(cast, contract) == [(2026, MORE, 100_000), (2026, LESS, 100_000)]


def test_a_framework_agreement_is_amended_and_owes_nothing_itself(cast: Cast) -> None:
    contract = by_the_rules(cast, form=Form.FRAMEWORK)
    amended(cast, contract, SMALLER, EARLY)
    assert (row(cast, contract).end, told(cast, contract)) == (date(2026, 6, 30), [])
    assert refused(cast, contract, AGREED) == ["framework_owes_nothing"]


def test_no_less_is_imposed_than_was_waived(cast: Cast) -> None:
    contract = by_the_rules(cast)
    with acting_as(cast.adviser.pk) as acting:
        waive(contract_for(acting, contract), **booked(90_000_00))
    assert refused(cast, contract, SMALLER) == ["obligation_below_waived"]


# A mistake of the registration --------------------------------------------------------------------


def test_a_correction_takes_back_what_was_wrong_in_its_own_year(cast: Cast) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    right = wanted(Ground.CORRECTED, date(2025, 3, 1), value_cents=3_000_000_00,
                   start=date(2025, 3, 1))  # fmt: skip
    amended(cast, contract, right)
    assert told(cast, contract) == [(2025, MORE, 150_000), (2026, LESS, 70_000)]
    now = row(cast, contract)
    assert (now.start, now.value_cents) == (date(2025, 3, 1), 1_600_000_00)


# Twice, at once, and by whom ----------------------------------------------------------------------


def test_the_same_form_twice_amends_once(cast: Cast) -> None:
    contract, key = by_the_rules(cast), uuid4()
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            amend(contract_for(acting, contract), SMALLER, key=key, seen=0)
    assert row(cast, contract).amended == 1
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError, match="key_reused"):
        amend(contract_for(acting, contract), LARGER, key=key)


def test_who_looked_before_another_amended_sees_what_changed(cast: Cast) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    with acting_as(cast.second_adviser.pk) as acting, pytest.raises(DomainError) as told_:
        amend(contract_for(acting, contract), LARGER, key=uuid4(), seen=0)
    (problem,) = told_.value.problems
    assert (problem.code, problem.params) == (
        "contract_amended",
        {"number": 1, "day": date(2026, 1, 1)},
    )
    assert row(cast, contract).amended == 1


@pytest.mark.parametrize("who", ["contractor", "subcontractor", "auditor", "reader"])
def test_only_who_decides_amends(cast: Cast, who: str) -> None:
    contract = by_the_rules(cast)
    with acting_as(getattr(cast, who).pk) as acting, pytest.raises(DomainError, match="allowed"):
        amend(contract_for(acting, contract), SMALLER, key=uuid4())


@pytest.mark.usefixtures("own_database")
def test_a_figure_that_was_kept_is_not_calculated_again(
    cast: Cast, as_owner: Callable[..., Any]
) -> None:
    """An older engine imposed another amount: that stays, and what comes leans on it."""
    contract = by_the_rules(cast)
    for table in ("receipts_receipt", "ledger_entry", "contracts_contract"):
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner("UPDATE receipts_receipt SET cents = 9999900, engine = 0")
    as_owner("UPDATE ledger_entry SET amount_cents = 9999900")
    as_owner("UPDATE ledger_balance SET cents = 9999900")
    as_owner("UPDATE contracts_contract SET obligation_cents = 9999900")
    amended(cast, contract, SMALLER)
    with acting_as(cast.adviser.pk):
        assert not any(entry.reverses_id for entry in entries_of([contract]))
    assert told(cast, contract) == [(2025, MORE, 99_999), (2026, LESS, 19_999)]


BREAKS = {
    "amendment_missing": "DELETE FROM contracts_amendment WHERE number = 1",
    "amendment_fact_differs": "UPDATE contracts_contract SET value_cents = 7",
    "amendment_books_differ": "UPDATE contracts_amendment SET facts = '{\"value_cents\": 5}'"
    " WHERE number = 1",
}


@pytest.mark.parametrize("altered", ["obligation_receipt_id = NULL", "no_obligation = 'reserved'"])
def test_the_check_holds_how_the_obligation_came_about(
    cast: Cast,
    own_database: str,
    server: Server,
    as_owner: Callable[..., Any],
    altered: str,
) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    with connected(server.owner_url, own_database):
        as_owner(f"UPDATE contracts_contract SET {altered}")  # noqa: S608 - our own
        named = [(problem.code, problem.params["fact"]) for problem in check_amendments()]
    assert named == [("amendment_fact_differs", altered.split(maxsplit=1)[0])]


@pytest.mark.parametrize("code", BREAKS)
def test_the_check_folds_every_chain(
    cast: Cast, own_database: str, server: Server, as_owner: Callable[..., Any], code: str
) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    with connected(server.owner_url, own_database):
        assert list(check_amendments()) == []
        as_owner("ALTER TABLE contracts_amendment DISABLE TRIGGER USER")
        as_owner(BREAKS[code])
        assert code in {problem.code for problem in check_amendments()}


def test_who_carries_it_out_is_mailed_what_changed_and_who_amends_is_not(cast: Cast) -> None:
    contract = by_the_rules(cast)
    amended(cast, contract, SMALLER)
    mails = mailed()
    readers = {address for mail in mails for address in mail.to}
    assert readers == {cast.contractor.email, cast.contractor_manager.email}
    text = str(mails[0].body)
    assert "80.000,00" in text
    assert f"/opdrachten/{contract}/verloop" in text

"""Limits, amounts and days: the same cents wherever a line is valued, whatever the order."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import waive
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.actions import (
    submit_drafts,
)
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.contributions.uploads import add_upload, read_upload
from telmee.apps.decisions import entries
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.several import accept_lines
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.models import Receipt
from telmee.core.errors import DomainError
from telmee.core.periods import later_end
from tests.cast import Cast
from tests.money import (
    PERSON_CENTS,
    PROJECT,
    YEAR,
    YEAR_TO,
    accepted,
    agree,
    booked,
    decide,
    stands,
)
from tests.registering import found, hand_in, register, seen_cents

pytestmark = pytest.mark.usefixtures("walked")


def project(cast: Cast, contract: int, name: str, cents: int) -> int:
    return hand_in(cast, contract, **PROJECT, kenmerk=name, persoon="", bedrag=cents)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_cap_is_kept_in_whatever_order_lines_are_decided(
    cast: Cast, capped: int, order: tuple[int, ...]
) -> None:
    lines = [project(cast, capped, name, 400_01) for name in "ABC"]
    for number in order:
        accepted(cast, lines[number])
    assert stands(cast, capped).verified_cents == 1_000_00


def test_a_smaller_obligation_leaves_what_was_decided_and_nothing_for_what_follows(
    cast: Cast, capped: int
) -> None:
    first, second = (project(cast, capped, name, 900_00) for name in "AB")
    accepted(cast, first)
    with acting_as(cast.adviser.pk) as acting:
        agree(contract_for(acting, capped), **booked(1_000_00))
    assert accepted(cast, second).amount_cents == 0
    assert stands(cast, capped).verified_cents == 900_00


def test_the_clock_and_the_cap_of_a_person_run_over_contracts_of_one_client(
    cast: Cast, capped: int
) -> None:
    other = register(cast, reference="W-2", scheme="walk", agreed_cents=1_000_00)
    lines = [hand_in(cast, c, **YEAR_TO, toeslagen="start") for c in (capped, other)]
    # 10,001 and the bonus of 5,000, of which 12,000 fit.
    assert accepted(cast, lines[0]).amount_cents == PERSON_CENTS
    assert accepted(cast, lines[1]).amount_cents == 0


def test_a_story_names_the_lines_before_it_by_their_reference_and_contract(
    cast: Cast, capped: int
) -> None:
    other = register(cast, reference="W-2", scheme="walk", agreed_cents=1_000_00)
    _, last = [
        accepted(cast, hand_in(cast, contract, **YEAR_TO, toeslagen="start"))
        for contract in (other, capped)
    ]
    with acting_as(cast.adviser.pk):
        kept = Contribution.objects.select_related("decided").get(pk=last.contribution_id)
    steps = {} if kept.decided is None else {step["step"]: step for step in kept.decided.steps}
    named = [step["params"].get("reference", "") for step in steps.values() if "params" in step]
    assert any(name.endswith(" (W-2)") for name in named), steps


def test_a_bonus_is_given_once_over_contracts(cast: Cast, capped: int) -> None:
    other = register(cast, reference="W-2", scheme="walk", agreed_cents=1_000_00)
    half = {**YEAR, "eind": date(2025, 3, 31), "toeslagen": "start"}
    late = {**half, "begin": date(2025, 4, 1), "eind": date(2025, 6, 30)}
    made = [accepted(cast, hand_in(cast, c, **cells)) for c, cells in
            ((capped, late), (other, half))]  # fmt: skip
    assert sum(one.amount_cents for one in made) == 2_466_00 + 2_493_40 + 5_000_00


def test_an_amount_that_was_named_leaves_the_clock_to_the_cells(cast: Cast, capped: int) -> None:
    first = hand_in(cast, capped, **YEAR_TO)
    second = hand_in(cast, capped, **YEAR_TO, kenmerk="B")
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, first)
        why: dict[str, Any] = {"reason": DecisionReason.AGREEMENT, "text": "Afgesproken."}
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=1, **why)
    # The cells took 10,001 of the 12,000, whatever was booked for them.
    assert accepted(cast, second).amount_cents == PERSON_CENTS - 10_001_00


@pytest.mark.parametrize("cents", [0, 1, 10**11])
def test_what_a_person_judges_is_worth_what_he_says(cast: Cast, capped: int, cents: int) -> None:
    line = hand_in(
        cast, capped, bouwblok="custom", eind=None, uren_per_week=None, persoon="", kenmerk="M"
    )
    with pytest.raises(DomainError, match="decision_needs_amount"):
        accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        assert row.value_cents is None
        why: dict[str, Any] = {"reason": DecisionReason.AGREEMENT, "text": "Afgesproken."}
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=cents, **why)
    assert stands(cast, capped).verified_cents == cents


@pytest.mark.parametrize("cents", [0, 1, 999_99, 10**11])
def test_an_obligation_of_any_size_is_kept_to_the_cent(cast: Cast, cents: int) -> None:
    contract = register(cast, agreed_cents=cents, value_cents=max(1, cents))
    assert stands(cast, contract).open_cents == cents


def test_a_file_a_form_and_a_decision_come_to_the_same_cents(cast: Cast, capped: int) -> None:
    text = (
        "kenmerk;bouwblok;begin;eind;uren_per_week;bedrag;persoon\n"
        "A;pw;01-01-2025;2025-12-31;18,01;;P\n"
        'B;project;2025-01-01;;;"€ 1.234,56";\n'
        "C;project;2025-01-01;;;333.33;\n"
    )
    with acting_as(cast.contractor.pk) as acting:
        kept, _ = add_upload(contract_for(acting, capped), io.BytesIO(text.encode()), "a.csv")
    read_upload(kept.pk, cast.contractor.pk)
    with acting_as(cast.contractor.pk) as acting:
        drafts = drafts_of(contract_for(acting, capped)).order_by("reference")
        shown = {line.reference: line.value_cents for line in drafts}
        assert submit_drafts(contract_for(acting, capped), drafts).refused == {}
    with acting_as(cast.adviser.pk) as acting:
        lines = list(on_contract(contract_for(acting, capped)).order_by("reference"))
        assert {line.reference: line.value_cents for line in lines} == shown
        assert shown["B"] == 1_000_00
        assert shown["C"] == 0
        seen = {line.pk: Seen(line.version, line.value_cents) for line in lines}
        made = [a.decision.amount_cents for a in accept_lines(acting, seen, key=uuid4())
                if a.decision]  # fmt: skip
    assert made == [shown[name] for name in "ABC"]


# Time -----------------------------------------------------------------------------------------


def test_what_has_no_day_counts_in_the_year_of_its_dutch_day() -> None:
    eve = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # 0:30 on New Year's Day in the Netherlands
    line, bare = Contribution(submitted_at=eve), Receipt(cents=100, inputs={})
    vars(bare).update(first_day=None, last_day=None)  # as the database makes them of no days
    assert entries._years(Decision(receipt=bare), line) == [(date(2026, 1, 1), 100)]


@pytest.mark.parametrize(
    ("end", "months", "until"),
    [
        (date(2025, 6, 30), 6, date(2025, 12, 31)),
        (date(2025, 2, 28), 36, date(2028, 2, 29)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 1, 14), 12, date(2026, 1, 14)),
        (date(2025, 1, 30), 1, date(2025, 2, 28)),  # 31 February is the first day of March
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_an_extension_of_months_ends_with_the_month(end: date, months: int, until: date) -> None:
    assert later_end(end, months) == until


# The same form twice --------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_books_and_tells_once(cast: Cast) -> None:
    contract, once = register(cast), booked(1_00)
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            waive(contract_for(acting, contract), **once)
    with acting_as(cast.adviser.pk):
        assert Event.objects.filter(verb="contract.waived").count() == 1


def test_another_amount_with_the_same_form_is_refused(cast: Cast) -> None:
    contract, once = register(cast), booked(1_00)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        agree(access, **once)
        agree(access, **once)
        with pytest.raises(DomainError, match="ledger_key_reused"):
            agree(access, **once | {"amount_cents": 2_00})
    assert stands(cast, contract).imposed_cents == 1_00


def test_another_outcome_with_the_same_form_is_refused(cast: Cast) -> None:
    line, key = hand_in(cast, register(cast)), uuid4()
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ACCEPTED, key=key, seen_cents=seen_cents(access, row))
        why: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Toch niet."}
        with pytest.raises(DomainError, match="changed_meanwhile"):
            decide(access, row, outcome=Outcome.REJECTED, key=key, **why)


@pytest.mark.parametrize("cents", [-1, 10**11 + 1])
def test_an_obligation_out_of_range_is_refused(cast: Cast, cents: int) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        with pytest.raises(DomainError, match="decision_amount_out_of_range"):
            agree(access, **booked(cents))

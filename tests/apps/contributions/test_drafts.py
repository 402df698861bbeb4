"""Drafts: nothing typed is lost, nothing comes in twice, two people notice each other."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions import queries
from telmee.apps.contributions.actions import (
    remove_draft,
    save_draft,
    submit,
    submit_drafts,
    take_back,
)
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.copying import copy_lines, following_periods, next_period
from telmee.apps.contributions.references import references_after
from telmee.apps.contributions.valuing import split_of_value, value_drafts, value_line
from telmee.apps.decisions.choices import Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.core.money import half_up
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import PLACEMENT, found, hand_in, register

TODAY = date(2025, 10, 15)

pytestmark = pytest.mark.django_db


def refused(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_a_draft_may_lack_everything_but_its_block(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        line = save_draft(access, {"kenmerk": "A", "bouwblok": "pw_lt2"})
        assert (line.state, line.value_cents) == (State.DRAFT, None)
        with pytest.raises(DomainError) as error:
            submit(access, line)
        assert "missing_begin" in refused(error)
        line.refresh_from_db()
        assert line.state == State.DRAFT


def test_the_same_form_twice_is_one_draft(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        first, second = (
            save_draft(access, {**PLACEMENT, "kenmerk": "A"}, key=key) for _ in range(2)
        )
        assert first.pk == second.pk
        with pytest.raises(DomainError) as error:
            save_draft(access, {**PLACEMENT, "kenmerk": "A"}, key=uuid4())
        assert refused(error) == ["reference_used"]


def test_who_saves_last_is_told_what_changed_meanwhile(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        line = save_draft(access, {**PLACEMENT, "kenmerk": "A"})
        save_draft(access, {**PLACEMENT, "kenmerk": "A"}, line=line, version=1)
        with pytest.raises(DomainError) as error:
            save_draft(access, {**PLACEMENT, "kenmerk": "B"}, line=line, version=1)
        assert refused(error) == ["changed_meanwhile"]


@pytest.mark.parametrize("who", ["adviser", "auditor", "team"])
def test_only_who_delivers_makes_a_draft(cast: Cast, who: str) -> None:
    contract = register(cast)
    with acting_as(getattr(cast, who).pk) as acting:
        with pytest.raises(DomainError) as error:
            save_draft(contract_for(acting, contract), {**PLACEMENT, "kenmerk": "A"})
        assert refused(error) == ["not_allowed"]


def test_references_count_on_in_the_way_that_was_begun(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        assert references_after(access, 1) == ["001"]
        for reference in ("Q3-009", "Q3-010", "los"):
            save_draft(access, {"kenmerk": reference, "bouwblok": "pw_lt2"})
        assert references_after(access, 2) == ["Q3-011", "Q3-012"]


def test_a_draft_that_was_decided_on_cannot_be_thrown_away(cast: Cast) -> None:
    line_id = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        for outcome in (Outcome.REJECTED, Outcome.REOPENED):
            access, line = found(acting, line_id)
            reason: Any = "mistake"
            decide(access, line, outcome=outcome, key=uuid4(), reason=reason, text="Vergissing.")
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line_id))
        with pytest.raises(DomainError) as error:
            remove_draft(*found(acting, line_id))
        assert refused(error) == ["draft_has_history"]


def test_many_drafts_are_handed_in_together_as_far_as_they_can_be(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        good = save_draft(access, {**PLACEMENT, "kenmerk": "A"})
        bad = save_draft(access, {"kenmerk": "B", "bouwblok": "pw_lt2"})
        answer = submit_drafts(access, [good, bad])
        assert (answer.done, list(answer.refused)) == (1, [bad.pk])
        good.refresh_from_db()
        assert good.state == State.SUBMITTED
        alone = value_line(access.contract, good.organisation_id, {**PLACEMENT, "kenmerk": "A"})
        assert good.value_cents == alone.value_cents
        assert good.receipt is not None
        assert queries.drafts_of(access).count() == 1


def test_lines_valued_together_come_after_what_was_decided(cast: Cast) -> None:
    """A person counts 24 months at most; 18 were decided, so of 12 more 6 count.

    Also of those before them, which would have used the months first.
    """
    contract = register(cast, start=date(2024, 1, 1))
    accepted(
        cast,
        hand_in(cast, contract, kenmerk="eerst", begin=date(2025, 1, 1), eind=date(2026, 6, 30)),
    )
    before = {"begin": date(2024, 1, 1), "eind": date(2024, 12, 31), "kenmerk": "eerder"}
    after = {"begin": date(2026, 7, 1), "eind": date(2026, 12, 31), "kenmerk": "later"}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        drafts = [save_draft(access, {**PLACEMENT, **cells}) for cells in (before, after)]
        whole = value_drafts(access.contract, drafts[0].organisation_id, drafts)
        assert [one.value_cents for one in whole] == [draft.value_cents for draft in drafts]
        first, _second = whole
        assert first.displaced_cents > 0


def test_the_last_period_is_copied_to_the_next_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    hand_in(cast, contract, kenmerk="K-1")
    hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        following = following_periods(access, today=TODAY)
        assert [one.line.reference for one in following] == ["K-1", "K-2"]
        changes = [(one.line, {"begin": one.begin, "eind": one.end}) for one in following]
        made = copy_lines(access, changes, key=key)
        assert copy_lines(access, changes, key=key) == made
        assert [(one.reference, str(one.person)) for one in made] == [
            ("K-3", "P-1"),
            ("K-4", "P-2"),
        ]
        assert (made[0].begin, made[0].end) == (date(2025, 7, 1), date(2025, 12, 31))
        assert queries.drafts_of(access).count() == 2
        assert following_periods(access, today=TODAY) == [], (
            "there are drafts of the days that follow"
        )
        assert len(following_periods(access, today=TODAY, again=True)) == 2


def _goes_on(cast: Cast, contract: int) -> list[tuple[str, date, date | None, bool]]:
    with acting_as(cast.contractor.pk) as acting:
        following = following_periods(contract_for(acting, contract), today=TODAY)
    return [(one.line.reference, one.begin, one.end, one.likely) for one in following]


def _days(begin: date, end: date) -> dict[str, Any]:
    return {"begin": begin, "eind": end}


def test_each_person_goes_on_after_his_own_last_line(cast: Cast) -> None:
    contract = register(cast)
    first, second = (date(2025, 1, 1), date(2025, 3, 31)), (date(2025, 4, 1), date(2025, 6, 30))
    hand_in(cast, contract, kenmerk="A-1", persoon="A", **_days(*first))
    hand_in(cast, contract, kenmerk="A-2", persoon="A", **_days(*second))
    hand_in(cast, contract, kenmerk="B-1", persoon="B", **_days(*first))
    hand_in(cast, contract, kenmerk="C-1", persoon="C", **_days(first[0], date(2025, 12, 31)))
    assert _goes_on(cast, contract) == [
        ("B-1", date(2025, 4, 1), date(2025, 6, 30), False),
        ("A-2", date(2025, 7, 1), date(2025, 9, 30), True),
        ("C-1", date(2026, 1, 1), date(2026, 12, 31), True),
    ]


def test_a_draft_of_the_same_days_is_not_the_one_that_follows(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="A", persoon="A", **_days(date(2025, 1, 1), date(2025, 6, 30)))
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        days = _days(date(2025, 1, 1), date(2025, 6, 30))
        save_draft(access, {**PLACEMENT, "kenmerk": "B", "persoon": "A", **days})
    assert _goes_on(cast, contract) == [("A", date(2025, 7, 1), date(2025, 12, 31), True)]


def test_nothing_goes_on_after_the_end_of_the_contract(cast: Cast) -> None:
    contract = register(cast, end=date(2025, 8, 15))
    hand_in(cast, contract, kenmerk="A", persoon="A", **_days(date(2025, 1, 1), date(2025, 6, 30)))
    hand_in(cast, contract, kenmerk="B", persoon="B", **_days(date(2025, 1, 1), date(2025, 8, 15)))
    assert _goes_on(cast, contract) == [("A", date(2025, 7, 1), date(2025, 8, 15), True)]
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        (one,) = following_periods(access, today=TODAY)
        with pytest.raises(DomainError) as refused:
            copy_lines(access, [(one.line, {"eind": date(2025, 8, 16)})], key=uuid4())
        assert [(p.code, p.column) for p in refused.value.problems] == [
            ("copy_after_contract", f"eind-{one.line.pk}")
        ]
        assert queries.drafts_of(access).count() == 0


def test_what_goes_on_has_the_last_day_of_the_contract_too(cast: Cast) -> None:
    contract = register(cast, end=date(2025, 7, 1))
    hand_in(cast, contract, kenmerk="A", persoon="A", **_days(date(2025, 1, 1), date(2025, 6, 30)))
    assert _goes_on(cast, contract) == [("A", date(2025, 7, 1), date(2025, 7, 1), True)]


def test_a_person_goes_on_once_after_two_lines_of_one_month(cast: Cast) -> None:
    contract = register(cast)
    first, second = (date(2025, 8, 1), date(2025, 8, 14)), (date(2025, 8, 15), date(2025, 8, 28))
    hand_in(cast, contract, kenmerk="A-1", persoon="A", **_days(*first))
    hand_in(cast, contract, kenmerk="A-2", persoon="A", **_days(*second))
    assert _goes_on(cast, contract) == [("A-2", date(2025, 8, 29), date(2025, 9, 11), True)]


def test_the_invoices_of_the_latest_month_are_listed_but_not_ticked(cast: Cast) -> None:
    contract = register(cast)
    invoice: dict[str, Any] = {
        "bouwblok": "training",
        "bedrag": 1_250_00,
        "eind": None,
        "uren_per_week": None,
        "persoon": None,
    }
    for name, day in (("F-1", 3), ("F-2", 8), ("F-3", 8)):
        hand_in(cast, contract, **invoice, kenmerk=name, begin=date(2025, day, int(name[-1])))
    assert _goes_on(cast, contract) == [
        ("F-2", date(2025, 9, 2), None, False),
        ("F-3", date(2025, 9, 3), None, False),
    ]


def test_drafts_and_what_was_withdrawn_do_not_go_on(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_draft(access, {**PLACEMENT, "kenmerk": "concept"})
    assert _goes_on(cast, contract) == []


@pytest.mark.parametrize(
    ("period", "following"),
    [
        ((date(2026, 1, 31), date(2026, 1, 31)), (date(2026, 2, 28), date(2026, 2, 28))),
        ((date(2026, 1, 5), date(2026, 1, 9)), (date(2026, 1, 10), date(2026, 1, 14))),
        ((date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 3, 1), date(2026, 3, 31))),
        ((date(2026, 1, 31), None), (date(2026, 2, 28), None)),
    ],
)
def test_the_next_period_is_as_long_as_the_last(period: Any, following: Any) -> None:
    assert next_period(*period) == following


def test_the_value_of_today_is_split_into_what_was_done_and_what_is_to_come(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        valued = value_line(access.contract, cast.de_eem.pk, {**PLACEMENT, "persoon": None})
        none = value_line(access.contract, cast.de_eem.pk, {**PLACEMENT, "eind": None})
    cents = valued.value_cents
    assert cents
    done, to_come = split_of_value(valued, date(2025, 3, 31))
    assert (done, to_come) == (half_up(cents * 90, 181), cents - done)
    assert split_of_value(valued, date(2025, 6, 30)) == (cents, 0)
    assert split_of_value(valued, date(2024, 12, 31)) == (0, cents)
    assert split_of_value(none, date(2025, 3, 31)) == (0, 0)

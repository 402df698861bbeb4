"""Thousands of drafts handed in by the worker: all that can be, once, whoever kills it when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.choices import HandingInStatus, State
from telmee.apps.contributions.handing_in import (
    do_handing_in,
    give_up_handing_in,
    hand_in_later,
)
from telmee.apps.contributions.models import Contribution, HandingIn
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server
from tests.registering import PLACEMENT, register
from tests.working import kill_at_work, redo


def drafted(cast: Cast, contract: int, references: Iterable[str], **cells: Any) -> None:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        for reference in references:
            code = {"kenmerk": reference, "persoon": f"P-{reference}"}
            save_draft(access, {**PLACEMENT, **code, **cells})


def asked(cast: Cast, contract: int, key: UUID) -> int:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        return hand_in_later(access, drafts_of(access), key=key).pk


def outcome(cast: Cast, handing_in: int) -> HandingIn:
    with acting_as(cast.contractor.pk):
        return HandingIn.objects.get(pk=handing_in)


def states(cast: Cast, contract: int) -> dict[str, str]:
    with acting_as(cast.contractor.pk):
        lines = Contribution.objects.filter(contract=contract)
        return dict(lines.values_list("reference", "state"))


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        count: int = cursor.fetchone()[0]
    return count


def test_what_can_be_is_handed_in_and_the_rest_says_why(cast: Cast) -> None:
    contract = register(cast)
    drafted(cast, contract, "AB")
    drafted(cast, contract, "C", begin=None)
    handing_in = asked(cast, contract, uuid4())
    drafted(cast, contract, "D")
    assert set(states(cast, contract).values()) == {State.DRAFT}
    for _ in range(2):
        do_handing_in(handing_in, cast.contractor.pk)
    assert states(cast, contract) == {
        "A": State.SUBMITTED,
        "B": State.SUBMITTED,
        "C": State.DRAFT,
        "D": State.DRAFT,  # added after it was asked
    }
    found = outcome(cast, handing_in)
    assert (found.status, found.count, found.done) == (HandingInStatus.DONE, 3, 2)
    told = [(one["reference"], one["problem"]["code"]) for one in found.refused]
    assert told == [("C", "missing_begin")]


def test_the_same_form_twice_asks_once(cast: Cast) -> None:
    contract, key, before = register(cast), uuid4(), jobs()
    drafted(cast, contract, "A")
    assert asked(cast, contract, key) == asked(cast, contract, key)
    assert jobs() == before + 1


def test_what_fails_time_and_again_is_told_and_all_stay_drafts(cast: Cast) -> None:
    contract = register(cast)
    drafted(cast, contract, "A")
    handing_in = asked(cast, contract, uuid4())
    give_up_handing_in(handing_in, cast.contractor.pk)
    do_handing_in(handing_in, cast.contractor.pk)
    found = outcome(cast, handing_in)
    assert (found.status, found.done) == (HandingInStatus.FAILED, 0)
    assert [one["problem"]["code"] for one in found.refused] == ["handing_in_failed"]
    assert states(cast, contract) == {"A": State.DRAFT}


def test_a_contract_that_was_closed_meanwhile_takes_nothing(cast: Cast) -> None:
    contract = register(cast)
    drafted(cast, contract, "A")
    handing_in = asked(cast, contract, uuid4())
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        day = access.contract.start
        close_contract(access, on=day, reason="Klaar.", today=day)
    do_handing_in(handing_in, cast.contractor.pk)
    assert outcome(cast, handing_in).status == HandingInStatus.FAILED
    assert states(cast, contract) == {"A": State.DRAFT}
    with pytest.raises(DomainError) as refused:
        asked(cast, contract, uuid4())
    assert [problem.code for problem in refused.value.problems] == ["contract_closed"]


@pytest.mark.parametrize("somebody", ["adviser", "outsider", "subcontractor"])
def test_nobody_else_can_have_it_done(cast: Cast, somebody: str) -> None:
    contract = register(cast)
    drafted(cast, contract, "A")
    handing_in = asked(cast, contract, uuid4())
    do_handing_in(handing_in, getattr(cast, somebody).pk)
    assert states(cast, contract) == {"A": State.DRAFT}
    with acting_as(getattr(cast, somebody).pk):
        assert not HandingIn.objects.exists()


def test_a_worker_killed_at_its_work_leaves_nothing_and_the_next_does_it_all(
    own_database: str, cast: Cast, as_owner: Any, server: Server
) -> None:
    contract, many = register(cast), 600
    drafted(cast, contract, "A")
    with acting_as(cast.contractor.pk):
        first = Contribution.objects.get()
        copies = [
            Contribution(
                contract_id=contract,
                organisation_id=first.organisation_id,
                created_by_id=first.created_by_id,
                reference=f"K-{n}",
                block=first.block,
                begin=first.begin,
                end=first.end,
                weekly_hours=first.weekly_hours,
                fingerprint=str(n),
            )
            for n in range(1, many)
        ]
        Contribution.objects.bulk_create(copies)
    handing_in = asked(cast, contract, uuid4())
    kill_at_work(server, own_database, as_owner)
    assert set(states(cast, contract).values()) == {State.DRAFT}
    assert outcome(cast, handing_in).status == HandingInStatus.WAITING
    redo(as_owner)
    assert set(states(cast, contract).values()) == {State.SUBMITTED}
    found = outcome(cast, handing_in)
    assert (found.status, found.done) == (HandingInStatus.DONE, many)
    told = "SELECT count(*), count(DISTINCT object_id) FROM audit_event WHERE verb = %s"
    assert as_owner(told, "contribution.submitted") == [(many, many)]

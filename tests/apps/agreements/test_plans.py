"""A plan: a version per change, nothing lost, and what was promised as of any moment."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.agreements.models import PlanLine, Version
from telmee.apps.agreements.queries import plan_lines, plan_versions
from telmee.apps.audit.queries import events_on_contract
from telmee.apps.contracts.access import contract_for
from telmee.apps.ledger.queries import check_ledger, figures
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.journal import journal_of
from telmee.core.errors import DomainError
from tests.apps.agreements.planning import planned, unplanned
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.registering import register


def promised(cast: Cast, contract: int, **moment: Any) -> int:
    with acting_as(cast.adviser.pk):
        return figures([contract], **moment)[contract].promised_cents


def in_force(cast: Cast, contract: int, **moment: Any) -> list[tuple[int, int]]:
    """The lines that hold, each with how many times."""
    with acting_as(cast.adviser.pk):
        return [(line.line, line.number) for line in plan_lines(contract, **moment)]


def test_each_change_is_a_version_and_the_earlier_ones_stay_as_they_were(cast: Cast) -> None:
    contract = register(cast)
    one = planned(cast, contract, number=2)
    planned(cast, contract, uren_per_week=32_00)
    planned(cast, contract, line=one, number=5)
    unplanned(cast, contract, one)
    with acting_as(cast.auditor.pk):
        kept = {
            version.number: [
                (line.line, line.number) for line in version.plan_lines.order_by("line")
            ]
            for version in Version.objects.filter(contract=contract)
        }
    assert kept == {1: [(1, 2)], 2: [(1, 2), (2, 1)], 3: [(1, 5), (2, 1)], 4: [(2, 1)]}
    assert in_force(cast, contract) == [(2, 1)]


def test_promised_as_of_a_moment_is_the_version_in_force_then(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract, number=2)
    planned(cast, contract, line=line, number=5)
    planned(cast, contract, by="subcontractor")
    unplanned(cast, contract, line)
    with acting_as(cast.adviser.pk):
        moments = [v.proposed_at for v in Version.objects.filter(contract=contract).order_by("id")]
        one = plan_lines(contract)[0].value_cents
    assert one
    for moment, times in zip(moments, (2, 5, 6, 1), strict=True):
        assert promised(cast, contract, as_of=moment) == times * one
        assert sum(number for _, number in in_force(cast, contract, as_of=moment)) == times
    assert promised(cast, contract) == one


def test_who_saw_an_older_version_is_asked_to_look_again(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract, seen=0)
    planned(cast, contract, seen=1, line=line, number=2)
    for stale in (
        lambda: planned(cast, contract, seen=1, line=line, number=3),
        lambda: planned(cast, contract, seen=1),
        lambda: unplanned(cast, contract, line, seen=1),
    ):
        with pytest.raises(DomainError, match="agreement_changed"):
            stale()
    assert in_force(cast, contract) == [(1, 2)]


def test_a_line_that_was_removed_meanwhile_comes_back_when_it_is_saved_after_all(
    cast: Cast,
) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    unplanned(cast, contract, line, seen=1)
    with pytest.raises(DomainError, match="agreement_changed"):
        planned(cast, contract, line=line, number=3, seen=1)
    planned(cast, contract, line=line, number=3, seen=2)
    assert in_force(cast, contract) == [(1, 3)]


def test_the_same_form_twice_saves_once_and_other_words_are_not_lost(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    first = planned(cast, contract, key=key, seen=0)
    assert planned(cast, contract, key=key, seen=0) == first
    with pytest.raises(DomainError, match="agreement_changed"):
        planned(cast, contract, key=key, seen=0, number=4)
    planned(cast, contract, key=key, number=4)
    assert in_force(cast, contract) == [(1, 1), (2, 4)]


def test_saving_what_is_there_already_makes_no_version(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    assert planned(cast, contract, line=line) == line
    with acting_as(cast.adviser.pk):
        assert Version.objects.filter(contract=contract).count() == 1


def test_a_line_keeps_its_receipt_while_others_change(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract)
    other = planned(cast, contract, uren_per_week=32_00)
    planned(cast, contract, line=other, number=3)
    with acting_as(cast.adviser.pk):
        first = PlanLine.objects.filter(contract=contract, line=1)
        assert first.count() == 3
        assert first.values("receipt").distinct().count() == 1


def test_the_plan_of_another_organisation_is_not_there_to_change(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    with pytest.raises(DomainError, match="not_allowed"):
        planned(cast, contract, by="subcontractor", line=line)
    with pytest.raises(DomainError, match="not_allowed"):
        planned(cast, contract, by="adviser")
    with pytest.raises(Http404):
        planned(cast, contract, by="competitor")


def test_each_organisation_has_a_plan_of_its_own(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract, seen=0)
    planned(cast, contract, seen=0, by="subcontractor")
    with acting_as(cast.subcontractor.pk):
        assert [line.organisation_id for line in plan_lines(contract)] == [cast.sub.pk]
        assert len(plan_versions(contract)) == 1
    with acting_as(cast.adviser.pk):
        assert len(plan_versions(contract)) == 2


def test_a_version_says_what_it_changed_and_what_is_promised_since(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    planned(cast, contract, line=line, number=2)
    unplanned(cast, contract, line)
    with acting_as(cast.adviser.pk):
        found = plan_versions(contract)
        older = plan_versions(contract, limit=1, before=found[1].version.pk)
        one = PlanLine.objects.filter(contract=contract, number=1).get().value_cents or 0
    changed = [
        [(c.before and c.before.number, c.line.number, c.is_removed) for c in one.changes]
        for one in found
    ]
    assert changed == [[(2, 2, True)], [(1, 2, False)], [(None, 1, False)]]
    assert [v.promised_cents for v in found] == [0, 2 * one, one]
    assert [v.version.number for v in older] == [1]


def test_the_journal_tells_which_version_came(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    unplanned(cast, contract, line)
    with acting_as(cast.adviser.pk) as acting:
        told = journal_of(acting, events_on_contract(contract))[:2]
        versions = Version.objects.filter(contract=contract).order_by("-id")
        assert [entry.details["version"] for entry in told] == [v.pk for v in versions]
    assert [entry.verb for entry in told] == ["contract.plan_removed", "contract.plan_saved"]


# At once ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_database")
def test_of_two_who_change_what_they_both_saw_the_second_looks_again(cast: Cast) -> None:
    contract = register(cast)
    line = planned(cast, contract)
    deeds = [
        lambda n=number: planned(cast, contract, line=line, number=n, seen=1) for number in (2, 3)
    ]
    assert sorted(at_once(*deeds)) == ["agreement_changed", "done"]
    assert len(in_force(cast, contract)) == 1


def test_many_who_add_at_once_lose_nothing(cast: Cast, server: Server, own_database: str) -> None:
    contract = register(cast)
    hours = range(20_00, 36_00, 4_00)
    deeds = [lambda h=h: planned(cast, contract, uren_per_week=h) for h in hours]
    assert sorted(at_once(*deeds)) == ["done"] * len(hours)
    assert [line for line, _ in in_force(cast, contract)] == [1, 2, 3, 4]
    with acting_as(cast.contractor.pk) as acting:
        contract_for(acting, contract)
        numbers = Version.objects.filter(contract=contract).values_list("number", flat=True)
        assert sorted(numbers) == [1, 2, 3, 4]
    with connected(server.owner_url, own_database):
        assert check_ledger() == []

"""A colleague who was given some contracts sees nothing of the others, past all our code."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.models import Assignment, Restriction
from telmee.apps.contracts.restricting import give_contracts, given_to
from telmee.apps.contributions.access import contribution_for, contributions_of
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.entering import contracts_to_enter_on, drafts_by_contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.claims import unconfirmed
from telmee.apps.organisations.models import Membership
from telmee.core.errors import DomainError
from tests.apps.decisions.test_questions import put
from tests.apps.test_row_security import GUARDED, sql
from tests.cast import Cast, membership_of
from tests.mailing import mailed
from tests.registering import PLACEMENT, hand_in, register

pytestmark = pytest.mark.django_db


def give(cast: Cast, *contracts: int, to: str = "contractor") -> None:
    pk = membership_of(getattr(cast, to))
    with acting_as(cast.contractor_manager.pk) as acting:
        give_contracts(acting, pk, set(contracts))


@pytest.fixture(scope="module")
def both(module_cast: Cast) -> tuple[int, int]:
    """Two contracts with a line and a draft each, the first given to the contractor's worker."""
    cast = module_cast
    contracts = tuple(register(cast, reference=f"HIL-{number}") for number in (1, 2))
    for contract in contracts:
        hand_in(cast, contract, by="contractor_manager", kenmerk=f"K-{contract}")
        with acting_as(cast.contractor.pk) as acting:
            save_draft(contract_for(acting, contract), {**PLACEMENT, "kenmerk": f"D-{contract}"})
    give(cast, contracts[0])
    return contracts[0], contracts[1]


def test_no_table_shows_a_contract_that_was_not_given(cast: Cast, both: tuple[int, int]) -> None:
    given, other = both
    for table, column in GUARDED.items():
        # What he did himself he may read.
        own = " AND user_id IS DISTINCT FROM telmee_user()" if table == "audit_event" else ""
        query = f"SELECT count(*) FROM {table} WHERE {column} = %s{own}"  # noqa: S608 - names of ours
        with acting_as(cast.contractor.pk):
            assert sql(query, other) == [(0,)], table
            seen = sql(query, given)
        with acting_as(cast.contractor_manager.pk):
            whole = sql(query, other)
        if table not in {"contracts_assignment", "audit_event"}:
            assert seen == whole, table


def test_what_was_not_given_is_not_there_and_the_rest_is_as_before(
    cast: Cast, both: tuple[int, int]
) -> None:
    given, other = both
    with acting_as(cast.contractor_manager.pk) as acting:
        line = contributions_of(acting).get(reference=f"K-{other}").pk
    with acting_as(cast.contractor.pk) as acting:
        assert [one.pk for one in contracts_of(acting)] == [given]
        assert [one.pk for one in contracts_to_enter_on(acting)] == [given]
        assert [one.contract_id for one in drafts_by_contract(acting)] == [given]
        assert {one.contract_id for one in contributions_of(acting)} == {given}
        with pytest.raises(Http404):
            contract_for(acting, other)
        with pytest.raises(Http404):
            contribution_for(acting, line)
        assert contract_for(acting, given).delivering_for == cast.de_eem.pk
        assert unconfirmed(acting) == []


def test_nothing_can_be_written_on_a_contract_that_was_not_given(
    cast: Cast, both: tuple[int, int]
) -> None:
    given, other = both
    copied = (
        "INSERT INTO contributions_contribution (contract_id, organisation_id, key, state,"
        " reference, block, bonuses, supplier, certificate, note, value_status, fingerprint,"
        " version, created_at) VALUES (%s, %s, gen_random_uuid(), 'draft', 'X', 'pw_lt2', '', '',"
        " '', '', 'refused', '', 1, now())"
    )
    with acting_as(cast.contractor.pk):
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(copied, other, cast.de_eem.pk)
        sql(copied, given, cast.de_eem.pk)


def test_who_was_given_some_contracts_cannot_give_himself_more(
    cast: Cast, both: tuple[int, int]
) -> None:
    with acting_as(cast.contractor.pk) as acting:
        own = Restriction.objects.get()
        assert not Restriction.objects.all().delete()[0]
        with pytest.raises(DatabaseError), transaction.atomic():
            Assignment.objects.create(restriction=own, contract_id=both[1])
        with pytest.raises(Http404):
            give_contracts(acting, Membership.objects.get(user=acting.user_id).pk, None)
    for stranger in (cast.competitor, cast.adviser, cast.outsider):
        with acting_as(stranger.pk):
            assert not Restriction.objects.exists()
            with pytest.raises(DatabaseError), transaction.atomic():
                Restriction.objects.create(
                    user_id=cast.contractor.pk, organisation_id=cast.de_eem.pk
                )


def test_only_people_who_are_no_managers_and_of_no_client_are_given_some(cast: Cast) -> None:
    register(cast)
    for manager, other in (("contractor_manager", "contractor_manager"), ("manager", "adviser")):
        pk = membership_of(getattr(cast, other))
        with acting_as(getattr(cast, manager).pk) as acting, pytest.raises(Http404):
            give_contracts(acting, pk, set())
    with acting_as(cast.manager.pk), pytest.raises(DatabaseError), transaction.atomic():
        Restriction.objects.create(user_id=cast.adviser.pk, organisation_id=cast.hilversum.pk)


def test_a_contract_of_another_cannot_be_given(cast: Cast) -> None:
    pk, contract = membership_of(cast.contractor), register(cast)
    with acting_as(cast.contractor_manager.pk) as acting:
        with pytest.raises(DomainError) as error:
            give_contracts(acting, pk, {contract, contract + 1})
        assert [problem.code for problem in error.value.problems] == ["not_allowed"]


def test_all_can_be_given_back_and_the_journal_tells_each_change_once(
    cast: Cast, both: tuple[int, int]
) -> None:
    pk = membership_of(cast.contractor)
    with acting_as(cast.contractor_manager.pk) as acting:
        give_contracts(acting, pk, {both[0]})
        give_contracts(acting, pk, {both[1]})
        give_contracts(acting, pk, None)
        assert given_to(Membership.objects.get(pk=pk)) is None
        told = Event.objects.filter(verb="organisation.contracts_given").order_by("pk")
        assert [event.details["contracts"] for event in told] == [[both[0]], [both[1]], None]
    with acting_as(cast.contractor.pk) as acting:
        assert {one.pk for one in contracts_of(acting)} == set(both)


def test_who_leaves_and_comes_back_has_no_more_than_he_had(
    cast: Cast, both: tuple[int, int]
) -> None:
    with acting_as(cast.contractor_manager.pk):
        gone = Membership.objects.get(user=cast.contractor)
        gone.delete()
        assert Restriction.objects.filter(user=cast.contractor).exists()
    with acting_as(cast.contractor.pk) as acting:
        assert not contracts_of(acting).exists()
    assert both


def test_no_mail_tells_of_a_contract_that_was_not_given(cast: Cast, both: tuple[int, int]) -> None:
    for contract in both:
        with acting_as(cast.adviser.pk) as acting:
            line = contributions_of(acting).get(reference=f"K-{contract}").pk
        put(cast, line)
    mails = dict.fromkeys((cast.contractor.email, cast.contractor_manager.email), "")
    for mail in mailed():
        mails[mail.to[0]] += f"{mail.subject} {mail.body}"
    of_worker, of_manager = mails.values()
    assert ("HIL-1" in of_worker, "HIL-2" in of_worker) == (True, False)
    assert ("HIL-1" in of_manager, "HIL-2" in of_manager) == (True, True)

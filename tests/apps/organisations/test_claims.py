"""An organisation is claimed, never taken: a claim opens what it was made for until confirmed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for, contract_to_deliver, contracts_of
from telmee.apps.contracts.actions import add_party, register_contract
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contributions.actions import save_draft
from telmee.apps.organisations import access, actions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.claims import (
    confirm_claim,
    may_confirm,
    unconfirmed,
    waiting_claims,
)
from telmee.apps.organisations.models import (
    Confirmation,
    Invitation,
    Membership,
    Organisation,
    User,
)
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import PLACEMENT, facts, register

PASSWORD = "nog een lang en goed wachtwoord"  # noqa: S105 - of invented people
Capture = Callable[..., Any]
_LINK = re.compile(r"/uitnodiging/([\w-]+)")


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def contract_of(user: User, client: Organisation, contractor: Organisation, name: str) -> int:
    with acting_as(user.pk) as acting:
        return register_contract(
            acting,
            facts(reference=name),
            client_id=client.pk,
            contractor_id=contractor.pk,
        )


@dataclass(frozen=True)
class Claim:
    """An unknown contractor with a contract of each client; Hilversum's boss of it joined."""

    contractor: Organisation
    older: int
    made_for: int
    of_huizen: int
    boss: User
    pk: int


def seen_by(user: User) -> set[int]:
    """The contracts somebody sees: by `access`, and by SQL as the database shows them."""
    with acting_as(user.pk) as acting:
        by_access = set(contracts_of(acting).values_list("pk", flat=True))
        assert {row[0] for row in sql("SELECT id FROM contracts_contract")} == by_access
        assert {row[0] for row in sql("SELECT contract_id FROM contracts_party")} == by_access
        assert {row[0] for row in sql("SELECT contract_id FROM ledger_entry")} == by_access
    return by_access


def invite(capture: Capture, user: User, contractor: Organisation, **facts: Any) -> str:
    email = facts.pop("email", "baas@example.org")
    with capture(execute=True), acting_as(user.pk) as acting:
        actions.invite(
            acting, organisation_id=contractor.pk, email=email, role=Role.MANAGER, **facts
        )
    link = _LINK.search(str(mailed()[-1].body))
    assert link is not None
    return link[1]


def join(token: str) -> User:
    with acting_as(None) as nobody:
        return actions.accept_invitation(nobody, token=token, name="Baas", password=PASSWORD)


@pytest.fixture
def unknown(cast: Cast) -> Organisation:
    with acting_as(cast.adviser.pk) as acting:
        return actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")


@pytest.fixture
def claim(cast: Cast, unknown: Organisation, django_capture_on_commit_callbacks: Capture) -> Claim:
    of_huizen = contract_of(cast.colleague, cast.huizen, unknown, "HUI-1")
    older = contract_of(cast.adviser, cast.hilversum, unknown, "HIL-1")
    made_for = contract_of(cast.adviser, cast.hilversum, unknown, "HIL-2")
    token = invite(django_capture_on_commit_callbacks, cast.adviser, unknown, contract_id=made_for)
    boss = join(token)
    with acting_as(boss.pk):
        pk = Invitation.objects.get().pk
    return Claim(unknown, older, made_for, of_huizen, boss, pk)


def test_a_claim_opens_the_contract_that_it_was_made_for_alone(cast: Cast, claim: Claim) -> None:
    later = contract_of(cast.colleague, cast.huizen, claim.contractor, "HUI-2")
    assert seen_by(claim.boss) == {claim.made_for}
    for closed in (claim.older, claim.of_huizen, later):
        with acting_as(claim.boss.pk) as acting, pytest.raises(Http404):
            contract_for(acting, closed)


def test_on_that_contract_he_hands_in(claim: Claim) -> None:
    with acting_as(claim.boss.pk) as acting:
        side = contract_to_deliver(acting, claim.made_for)
        assert save_draft(side, {**PLACEMENT, "kenmerk": "K-1"}).pk


def test_whom_the_boss_invites_sees_no_more_than_he(
    claim: Claim, django_capture_on_commit_callbacks: Capture
) -> None:
    token = invite(
        django_capture_on_commit_callbacks, claim.boss, claim.contractor, email="c@example.org"
    )
    assert seen_by(join(token)) == {claim.made_for}


def test_each_client_confirms_for_its_own_contracts_also_later_ones(
    cast: Cast, claim: Claim
) -> None:
    with acting_as(cast.colleague.pk) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.huizen.pk)
        assert waiting_claims(acting) == []
    later = contract_of(cast.colleague, cast.huizen, claim.contractor, "HUI-2")
    assert seen_by(claim.boss) == {claim.made_for, claim.of_huizen, later}
    with acting_as(cast.manager.pk) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.hilversum.pk)
    assert seen_by(claim.boss) == {claim.made_for, claim.of_huizen, later, claim.older}


def test_an_operator_confirms_for_all(cast: Cast, claim: Claim) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        [waits] = waiting_claims(acting)
        assert (waits.email, waits.contracts) == ("baas@example.org", 2)
        confirm_claim(acting, claim_id=claim.pk, deciding_id=None)
        assert waiting_claims(acting) == []
    later = contract_of(cast.colleague, cast.huizen, claim.contractor, "HUI-2")
    assert seen_by(claim.boss) == {claim.made_for, claim.older, claim.of_huizen, later}


def test_who_decides_is_told_what_waits_and_how_much_it_opens(cast: Cast, claim: Claim) -> None:
    with acting_as(cast.colleague.pk) as acting:
        [waits] = waiting_claims(acting)
        assert may_confirm(acting)
    assert (waits.claim_id, waits.organisation, waits.contracts) == (claim.pk, "Nieuw BV", 1)
    assert (waits.email, waits.kvk) == ("baas@example.org", "30000099")
    assert (waits.deciding_id, waits.deciding) == (cast.huizen.pk, "Gemeente Huizen")
    assert waits.invited_at < waits.accepted_at


def test_who_invited_is_a_name_for_colleagues_and_an_organisation_for_others(
    cast: Cast, claim: Claim
) -> None:
    del claim
    told = {}
    for user in (cast.manager, cast.colleague):
        with acting_as(user.pk) as acting:
            [waits] = waiting_claims(acting)
            told[user] = waits.invited_by
    assert told == {cast.manager: "Adviser", cast.colleague: "Gemeente Hilversum"}


def test_a_second_click_confirms_nothing_more(cast: Cast, claim: Claim) -> None:
    with acting_as(cast.colleague.pk) as acting:
        for _ in range(2):
            confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.huizen.pk)
        assert Confirmation.objects.count() == 1
        assert Event.objects.filter(verb="organisation.claim_confirmed").count() == 1


def test_a_client_who_comes_after_the_operator_confirms_nothing_more(
    cast: Cast, claim: Claim
) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=None)
    with acting_as(cast.colleague.pk) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.huizen.pk)
        assert [row.confirmed_by_id for row in Confirmation.objects.all()] == [None]


def test_what_was_confirmed_for_all_is_known_to_those_who_would_have_confirmed_it(
    cast: Cast, claim: Claim
) -> None:
    with acting_as(cast.manager.pk) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.hilversum.pk)
    with acting_as(cast.colleague.pk):
        assert not Confirmation.objects.exists(), "that of another client"
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=None)
    seen = {}
    for name in ("colleague", "competitor", "contractor"):
        with acting_as(cast.users()[name].pk):
            seen[name] = list(Confirmation.objects.values_list("confirmed_by_id", flat=True))
    assert seen["colleague"] == [None]
    assert seen["competitor"] == seen["contractor"] == []


def test_a_claim_waits_for_nobody_as_long_as_it_would_open_nothing(
    cast: Cast, unknown: Organisation, django_capture_on_commit_callbacks: Capture
) -> None:
    contract_of(cast.adviser, cast.hilversum, unknown, "HIL-1")
    join(invite(django_capture_on_commit_callbacks, cast.adviser, unknown))
    for user in (cast.adviser, cast.operator):
        with acting_as(user.pk, is_operator=user == cast.operator) as acting:
            assert waiting_claims(acting) == []
    contract_of(cast.adviser, cast.hilversum, unknown, "HIL-2")
    with acting_as(cast.adviser.pk) as acting:
        assert [waits.contracts for waits in waiting_claims(acting)] == [1]


def test_what_a_team_confirmed_does_not_wait_for_its_client_too(cast: Cast, claim: Claim) -> None:
    with acting_as(cast.adviser.pk) as acting:
        side = contract_for(acting, claim.older)
        add_party(side, organisation_id=cast.region.pk, role=PartyRole.REGIONAL_TEAM)
    with acting_as(cast.team.pk) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.region.pk)
    assert seen_by(claim.boss) == {claim.made_for, claim.older}
    with acting_as(cast.adviser.pk) as acting:
        assert waiting_claims(acting) == []
    contract_of(cast.adviser, cast.hilversum, claim.contractor, "HIL-3")
    with acting_as(cast.adviser.pk) as acting:
        assert [waits.contracts for waits in waiting_claims(acting)] == [1]


def test_he_knows_for_which_organisation_nobody_confirmed_yet(cast: Cast, claim: Claim) -> None:
    with acting_as(claim.boss.pk) as acting:
        assert unconfirmed(acting) == [claim.contractor]
    with acting_as(cast.colleague.pk) as acting:
        confirm_claim(acting, claim_id=claim.pk, deciding_id=cast.huizen.pk)
    for user in (claim.boss, cast.contractor):
        with acting_as(user.pk) as acting:
            assert unconfirmed(acting) == []


@pytest.mark.parametrize(
    ("who", "for_whom"),
    [
        ("boss", None),
        ("boss", "own"),
        ("boss", "huizen"),
        ("adviser", "huizen"),
        ("adviser", None),
        ("reader", "hilversum"),
        ("competitor", "rival"),
        ("colleague", "hilversum"),
        ("operator", "huizen"),
    ],
)
def test_nobody_else_confirms(cast: Cast, claim: Claim, who: str, for_whom: str | None) -> None:
    user = claim.boss if who == "boss" else cast.users()[who]
    deciding = claim.contractor if for_whom == "own" else getattr(cast, for_whom or "", None)
    deciding_id = deciding.pk if deciding else None
    with acting_as(user.pk, is_operator=who == "operator") as acting:
        with pytest.raises(Http404):
            confirm_claim(acting, claim_id=claim.pk, deciding_id=deciding_id)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            sql(
                "INSERT INTO organisations_confirmation (claim_id, confirmed_by_id, user_id,"
                " confirmed_at) VALUES (%s, %s, %s, now())",
                claim.pk,
                deciding_id,
                user.pk,
            )


def test_a_role_of_another_organisation_of_his_lends_nothing_to_a_claim(
    cast: Cast, claim: Claim, django_capture_on_commit_callbacks: Capture
) -> None:
    token = invite(
        django_capture_on_commit_callbacks,
        cast.contractor_manager,
        cast.de_eem,
        email=claim.boss.email,
    )
    with acting_as(claim.boss.pk) as acting:
        actions.accept_invitation(acting, token=token)
    with acting_as(cast.colleague.pk) as acting:
        side = contract_for(acting, claim.of_huizen)
        add_party(side, organisation_id=cast.de_eem.pk, role=PartyRole.SUBCONTRACTOR)
    with acting_as(claim.boss.pk) as acting:
        side = contract_for(acting, claim.of_huizen)
        assert side.delivering_for == cast.de_eem.pk
        assert not side.sees_all
        assert side.leading_for is None
        assert not side.works_for(claim.contractor.pk)
        assert not contracts_of(acting, PartyRole.CONTRACTOR).filter(pk=side.contract.pk).exists()


def test_the_trace_of_a_claim_cannot_be_wiped_or_left_out(
    cast: Cast, unknown: Organisation, django_capture_on_commit_callbacks: Capture
) -> None:
    """With the application's role, past our code: joining writes the claim by itself."""
    contract_of(cast.adviser, cast.hilversum, unknown, "HIL-1")
    of_huizen = contract_of(cast.colleague, cast.huizen, unknown, "HUI-1")
    token = invite(
        django_capture_on_commit_callbacks, cast.adviser, unknown, email=cast.outsider.email
    )
    join_by_sql = (
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, %s, now())"
    )
    with acting_as(cast.competitor.pk):
        access.invitation_of(token)  # the link was passed on
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(join_by_sql, cast.competitor.pk, unknown.pk, "manager")
    with acting_as(cast.outsider.pk):
        access.invitation_of(token)
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(join_by_sql, cast.outsider.pk, unknown.pk, "reader")  # not the role it names
        sql(join_by_sql, cast.outsider.pk, unknown.pk, "manager")
        for column in ("accepted_at", "is_first", "contract_id"):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(f"UPDATE organisations_invitation SET {column} = NULL")  # noqa: S608
        with pytest.raises(DatabaseError), transaction.atomic():
            sql("UPDATE organisations_invitation SET withdrawn_at = now()")
    assert of_huizen not in seen_by(cast.outsider)


def test_of_two_first_invitations_one_is_used(
    cast: Cast, claim: Claim, django_capture_on_commit_callbacks: Capture, unknown: Organisation
) -> None:
    del claim
    with acting_as(cast.colleague.pk) as acting, pytest.raises(Http404):
        actions.invite(acting, organisation_id=unknown.pk, email="b@b.nl", role=Role.MANAGER)
    with acting_as(cast.adviser.pk) as acting:
        other = actions.find_or_add_contractor(acting, kvk="30000098", name="Ander BV")
    contract_of(cast.adviser, cast.hilversum, other, "HIL-9")
    contract_of(cast.colleague, cast.huizen, other, "HUI-9")
    first = invite(django_capture_on_commit_callbacks, cast.adviser, other, email="a@b.nl")
    second = invite(django_capture_on_commit_callbacks, cast.colleague, other, email="c@b.nl")
    join(first)
    with pytest.raises(DomainError) as error:
        join(second)
    assert [problem.code for problem in error.value.problems] == ["invitation_closed"]


def test_a_client_invites_for_a_contract_of_its_own_only(cast: Cast, unknown: Organisation) -> None:
    contract_of(cast.adviser, cast.hilversum, unknown, "HIL-1")
    of_huizen = contract_of(cast.colleague, cast.huizen, unknown, "HUI-1")
    with acting_as(cast.adviser.pk) as acting:
        with pytest.raises(Http404):
            actions.invite(
                acting,
                organisation_id=unknown.pk,
                email="a@b.nl",
                role=Role.MANAGER,
                contract_id=of_huizen,
            )
        for contract_id in (of_huizen, None):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                sql(
                    "INSERT INTO organisations_invitation (organisation_id, email, role,"
                    " token_hash, invited_by_id, is_first, needs_approval, contract_id, expires_at,"
                    " created_at) VALUES (%s, 'a@b.nl', 'manager', 'x', %s, true, false, %s, now(),"
                    " now())",
                    unknown.pk,
                    cast.adviser.pk,
                    contract_id,
                )


def test_an_operator_makes_himself_manager_of_nothing(cast: Cast, unknown: Organisation) -> None:
    row = (
        "INSERT INTO organisations_invitation (organisation_id, email, role, token_hash,"
        " invited_by_id, is_first, needs_approval, expires_at, created_at)"
        " VALUES (%s, %s, 'manager', 'x', %s, %s, false, now() + interval '1 day', now())"
    )
    me = cast.operator
    with acting_as(me.pk, is_operator=True) as acting:
        for organisation in (unknown, cast.hilversum):  # the second has people
            with pytest.raises(DomainError) as error:
                actions.invite(
                    acting, organisation_id=organisation.pk, email=me.email, role=Role.MANAGER
                )
            assert [problem.code for problem in error.value.problems] == ["invites_himself"]
        for values in (
            (cast.hilversum.pk, "x@b.nl", me.pk, True),
            (cast.hilversum.pk, "x@b.nl", me.pk, False),
            (unknown.pk, me.email, me.pk, True),
            (unknown.pk, me.email.upper(), me.pk, True),
        ):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                sql(row, *values)


def test_whom_an_operator_invites_is_confirmed_for_all(
    cast: Cast, unknown: Organisation, django_capture_on_commit_callbacks: Capture
) -> None:
    known = {
        contract_of(cast.adviser, cast.hilversum, unknown, "HIL-1"),
        contract_of(cast.colleague, cast.huizen, unknown, "HUI-1"),
    }
    with django_capture_on_commit_callbacks(execute=True):  # noqa: SIM117
        with acting_as(cast.operator.pk, is_operator=True) as acting:
            actions.invite(
                acting, organisation_id=unknown.pk, email="baas@example.org", role=Role.MANAGER
            )
    link = _LINK.search(str(mailed()[-1].body))
    assert link is not None
    assert seen_by(join(link[1])) == known


def test_a_competitor_named_as_subcontractor_opens_nothing(cast: Cast) -> None:
    contract_id = register(cast)
    rivals = contract_of(cast.colleague, cast.huizen, cast.rival, "HUI-1")
    with acting_as(cast.contractor_manager.pk) as acting:
        side = contract_for(acting, contract_id)
        add_party(side, organisation_id=cast.rival.pk, role=PartyRole.SUBCONTRACTOR)
        with pytest.raises(Http404):
            actions.invite(acting, organisation_id=cast.rival.pk, email="x@b.nl", role=Role.MANAGER)
        assert not Membership.objects.filter(organisation=cast.rival).exists()
    assert rivals not in seen_by(cast.contractor_manager)

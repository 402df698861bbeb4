"""An operator proposes a manager where there are people: a second person lets him in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.audit.models import Event
from telmee.apps.organisations import access, actions, queries
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Invitation, User
from telmee.core.errors import DomainError
from tests.at_once import at_once, meeting
from tests.cast import PASSWORD, Cast
from tests.mailing import mailed

Capture = Callable[..., Any]
NEW = "nieuwe.baas@example.org"
_LINK = re.compile(r"/uitnodiging/([\w-]+)")


def sql(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


@pytest.fixture(autouse=True)
def _own_database(own_database: str) -> None:
    """Another operator is made by the owner, who sees only what was committed."""


@pytest.fixture
def second(cast: Cast, as_owner: Any) -> User:
    as_owner(
        "INSERT INTO organisations_user (email, name, password, language, is_active, is_operator,"
        " gets_heads, created_at) SELECT 'second@example.org', 'Second', password, 'nl', true,"
        " true, true, now() FROM organisations_user WHERE id = %s",
        cast.operator.pk,
    )
    return User.objects.get(email="second@example.org")


@pytest.fixture
def left(cast: Cast, as_owner: Any) -> None:
    """Let the only manager of Hilversum leave."""
    as_owner("DELETE FROM organisations_membership WHERE user_id = %s", cast.manager.pk)


def propose(cast: Cast, capture: Capture, email: str = NEW) -> int:
    with capture(execute=True), acting_as(cast.operator.pk, is_operator=True) as acting:
        return actions.invite(
            acting, organisation_id=cast.hilversum.pk, email=email, role=Role.MANAGER
        ).pk


@pytest.fixture
def proposal(cast: Cast, left: None, django_capture_on_commit_callbacks: Capture) -> int:
    del left
    return propose(cast, django_capture_on_commit_callbacks)


def approve(user: User, proposal: int, capture: Capture) -> str:
    """Approve, and give the token of the link that is mailed then."""
    with capture(execute=True), acting_as(user.pk, is_operator=user.is_operator) as acting:
        actions.approve_manager(acting, invitation_id=proposal)
    link = _LINK.search(str(mailed()[-1].body))
    assert link is not None
    return link[1]


def test_everybody_is_told_where_there_is_no_manager_and_nobody_has_a_link_yet(
    cast: Cast, proposal: int
) -> None:
    people = [cast.adviser, cast.reader, cast.second_adviser]
    assert sorted(sent.to[0] for sent in mailed()) == [user.email for user in people]
    for sent in mailed():
        assert NEW in str(sent.body)
        assert f"/organisaties/{cast.hilversum.pk}" in str(sent.body)
        assert _LINK.search(str(sent.body)) is None
    with acting_as(cast.reader.pk) as acting:
        assert [i.pk for i in queries.open_invitations(acting, cast.hilversum.pk)] == [proposal]
        assert Event.objects.get(verb="organisation.manager_proposed").user_id == cast.operator.pk


def test_the_managers_are_told_where_there_are(
    cast: Cast, django_capture_on_commit_callbacks: Capture, as_owner: Any
) -> None:
    as_owner("UPDATE organisations_user SET language = 'en' WHERE id = %s", cast.manager.pk)
    propose(cast, django_capture_on_commit_callbacks)
    [sent] = mailed()
    assert sent.to == [cast.manager.email]
    assert str(sent.body).startswith("Hello")


def test_a_manager_whose_account_was_closed_is_none(
    cast: Cast, django_capture_on_commit_callbacks: Capture, as_owner: Any
) -> None:
    as_owner("UPDATE organisations_user SET is_active = false WHERE id = %s", cast.manager.pk)
    propose(cast, django_capture_on_commit_callbacks)
    assert cast.reader.email in [sent.to[0] for sent in mailed()]
    assert cast.manager.email not in [sent.to[0] for sent in mailed()]


def test_a_second_operator_lets_him_in(
    cast: Cast, second: User, proposal: int, django_capture_on_commit_callbacks: Capture
) -> None:
    token = approve(second, proposal, django_capture_on_commit_callbacks)
    assert mailed()[-1].to == [NEW]
    sent = len(mailed())
    with acting_as(second.pk, is_operator=True) as acting:  # a second click
        actions.approve_manager(acting, invitation_id=proposal)
    assert len(mailed()) == sent
    with acting_as(None) as nobody:
        boss = actions.accept_invitation(nobody, token=token, name="Baas", password=PASSWORD)
    with acting_as(boss.pk) as acting:
        assert acting.manages(cast.hilversum.pk)
        assert Event.objects.get(verb="organisation.manager_approved").user_id == second.pk


def test_a_manager_of_the_organisation_approves_too(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    proposal = propose(cast, django_capture_on_commit_callbacks)
    assert approve(cast.manager, proposal, django_capture_on_commit_callbacks)


def test_who_works_there_already_becomes_its_manager(
    cast: Cast, second: User, left: None, django_capture_on_commit_callbacks: Capture
) -> None:
    del left
    proposal = propose(cast, django_capture_on_commit_callbacks, cast.adviser.email)
    rise = "UPDATE organisations_membership SET role = 'manager' WHERE user_id = %s"
    with acting_as(cast.adviser.pk):
        assert not _sent(rise, cast.adviser.pk)
    token = approve(second, proposal, django_capture_on_commit_callbacks)
    with acting_as(cast.adviser.pk) as acting:
        actions.accept_invitation(acting, token=token)
        assert Invitation.objects.get(pk=proposal).accepted_at is not None
    with acting_as(cast.adviser.pk) as acting:
        assert acting.manages(cast.hilversum.pk)


@pytest.mark.parametrize("who", ["operator", "adviser", "colleague", "outsider", "proposed"])
def test_nobody_else_approves(
    cast: Cast,
    second: User,
    left: None,
    django_capture_on_commit_callbacks: Capture,
    who: str,
) -> None:
    """By `access`, and by SQL with the application's role: nor who proposed, nor who is meant."""
    del left
    email = second.email if who == "proposed" else NEW
    proposal = propose(cast, django_capture_on_commit_callbacks, email)
    user = second if who == "proposed" else cast.users()[who]
    with acting_as(user.pk, is_operator=user.is_operator) as acting:
        with pytest.raises(Http404):
            actions.approve_manager(acting, invitation_id=proposal)
        for as_whom in (user, second):
            assert _sent(
                "UPDATE organisations_invitation SET approved_by_id = %s, token_hash = 'y'"
                " WHERE id = %s",
                as_whom.pk,
                proposal,
            ) in {0, None}


def _sent(statement: str, *values: Any) -> int | None:
    """Send a statement and give how many rows it changed; nothing when it was refused."""
    try:
        with transaction.atomic():
            return sql(statement, *values)
    except DatabaseError:
        return None


def test_the_database_gives_no_link_without_a_second_person(
    cast: Cast, second: User, proposal: int
) -> None:
    """Who proposed can neither take a link, nor lengthen, nor become another proposer."""
    with acting_as(cast.operator.pk):
        for change in (
            "token_hash = 'y'",
            "expires_at = now() + interval '1 year'",
            "needs_approval = false",
            f"invited_by_id = {second.pk}",
            f"email = '{cast.operator.email}'",
            f"approved_by_id = {cast.operator.pk}",
        ):
            statement = f"UPDATE organisations_invitation SET {change} WHERE id = %s"  # noqa: S608
            assert _sent(statement, proposal) is None, change
    with acting_as(second.pk):
        approved = "UPDATE organisations_invitation SET approved_by_id = %s WHERE id = %s"
        assert _sent(approved, second.pk, proposal) == 1
        assert _sent(approved, None, proposal) is None  # it stays approved
        late = "UPDATE organisations_invitation SET token_hash = 'z' WHERE id = %s"
        assert _sent(late, proposal) is None


_INSERT = (
    "INSERT INTO organisations_invitation (organisation_id, email, role, token_hash,"
    " invited_by_id, is_first, needs_approval, approved_by_id, expires_at, created_at)"
    " VALUES (%s, %s, %s, 'x', %s, false, %s, %s, now() + interval '1 day', now())"
)


def test_the_database_takes_a_proposal_of_an_operator_in_his_own_name_only(
    cast: Cast, second: User
) -> None:
    me, there = cast.operator, cast.hilversum.pk
    for user, values in (
        (me, (there, NEW, "manager", second.pk, True, None)),
        (me, (there, NEW, "manager", me.pk, True, second.pk)),
        (me, (there, NEW, "worker", me.pk, True, None)),
        (me, (there, me.email.upper(), "manager", me.pk, True, None)),
        (me, (there, NEW, "manager", me.pk, False, None)),
        (cast.adviser, (there, NEW, "manager", cast.adviser.pk, True, None)),
        (cast.manager, (there, NEW, "manager", cast.adviser.pk, False, None)),
    ):
        with acting_as(user.pk):
            assert _sent(_INSERT, *values) is None, values
    with acting_as(me.pk):
        assert _sent(_INSERT, there, NEW, "manager", me.pk, True, None) == 1


def test_a_proposal_opens_nothing_by_itself(cast: Cast, proposal: int, as_owner: Any) -> None:
    """Not even for who knows its token, as who has the database could."""
    as_owner("UPDATE organisations_invitation SET email = %s", cast.outsider.email)
    as_owner("UPDATE organisations_invitation SET token_hash = %s", access.hash_of("geheim"))
    with acting_as(cast.outsider.pk):
        with pytest.raises(DomainError):
            access.invitation_of("geheim")
        assert Invitation.objects.filter(pk=proposal).exists()
        join = (
            "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
            " VALUES (%s, %s, 'manager', now())"
        )
        assert _sent(join, cast.outsider.pk, cast.hilversum.pk) is None


def test_who_may_approve_may_withdraw_it(cast: Cast, second: User, proposal: int) -> None:
    for user in (cast.adviser, cast.colleague):
        with acting_as(user.pk) as acting, pytest.raises(Http404):
            actions.withdraw_invitation(acting, invitation_id=proposal)
    with acting_as(second.pk, is_operator=True) as acting:
        assert [waits.pk for waits in queries.proposals(acting)] == [proposal]
        actions.withdraw_invitation(acting, invitation_id=proposal)
        with pytest.raises(Http404):
            actions.approve_manager(acting, invitation_id=proposal)
        assert not queries.proposals(acting)


def test_two_clicks_at_once_mail_one_link(cast: Cast, second: User, proposal: int) -> None:
    del cast
    sent = len(mailed())
    both_act = meeting(2)

    def press() -> None:
        with acting_as(second.pk, is_operator=True) as acting:
            both_act.wait()
            actions.approve_manager(acting, invitation_id=proposal)

    assert at_once(press, press) == ["done", "done"]
    assert len(mailed()) == sent + 1

"""The only way to get an organisation, and what belongs to it, for somebody who asks.

What does not exist and what is not his look alike: both raise `Http404`.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from telmee.apps.organisations.acting import Acting, show_invitation
from telmee.apps.organisations.models import Invitation, Membership, Organisation, Recognition, User
from telmee.core.errors import DomainError, Problem

_M = TypeVar("_M", bound=Model)


def organisation_for(acting: Acting, organisation_id: int) -> Organisation:
    """An organisation that he acts for; an operator may see any. Raises `Http404` otherwise."""
    _require(organisation_id in acting.roles or acting.is_operator)
    return _only(Organisation.objects.select_related("municipality"), organisation_id)


def client_for(acting: Acting, client_id: int, *, manages: bool = False) -> Organisation:
    """A client that he acts for, or that he manages: what it chose of its rules is his to see."""
    _require(acting.manages(client_id) if manages else client_id in acting.roles)
    return _only(Organisation.objects.filter(is_client=True), client_id)


def managed_organisation(acting: Acting, organisation_id: int) -> Organisation:
    """An organisation of which he may change the facts and the people."""
    _require(acting.manages(organisation_id) or acting.is_operator)
    return organisation_for(acting, organisation_id)


def inviting_organisation(acting: Acting, organisation_id: int) -> Organisation:
    """An organisation for which he may invite somebody.

    Besides its manager that is an operator and, as long as nobody belongs to it, who decides on a
    contract that it delivers on: that is how a contractor gets in. A client comes in by an
    operator alone, and who delivers invites nobody but his own people. For an organisation that
    has people an operator proposes a manager, whom somebody else approves.
    """
    organisation = _only(Organisation.objects.all(), organisation_id)
    _require(
        acting.manages(organisation_id)
        or acting.is_operator
        or bool(contracts_to_invite_on(organisation_id))
    )
    return organisation


def contracts_to_invite_on(organisation_id: int) -> list[int]:
    """The ids of the contracts for which he may invite the first person of who delivers on them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_invites_on(%s)", [organisation_id])
        return [int(contract_id) for contract_id in cursor.fetchone()[0]]


def has_people(organisation_id: int) -> bool:
    """Whether somebody belongs to an organisation; the database says so, and not who."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_has_members(%s)", [organisation_id])
        return bool(cursor.fetchone()[0])


def account_for(acting: Acting) -> User:
    """The account of who asks; `Http404` for a visitor."""
    return _only(User.objects.all(), acting.user_id or 0)  # nobody has the id 0


def membership_for(acting: Acting, membership_id: int) -> Membership:
    """Somebody's membership of an organisation that he manages."""
    membership = _only(Membership.objects.select_related("user", "organisation"), membership_id)
    _require(acting.manages(membership.organisation_id))
    return membership


def invitation_for(acting: Acting, invitation_id: int) -> Invitation:
    """An open invitation of an organisation that he manages, or that he sent himself.

    An operator gets what another operator proposed as well.
    """
    invitation = _only(still_open().select_related("organisation"), invitation_id)
    _require(may_withdraw(acting, invitation))
    return invitation


def proposal_for(acting: Acting, invitation_id: int) -> Invitation:
    """A proposed manager whom he may approve, or just did; locked until the transaction ends."""
    mine = Q(approved_by=None) | Q(approved_by=acting.user_id)
    waiting = still_open().filter(mine, needs_approval=True).select_related("organisation")
    proposal = _only(waiting.select_for_update(of=("self",)), invitation_id)
    _require(may_approve(acting, proposal))
    return proposal


def may_approve(acting: Acting, proposal: Invitation) -> bool:
    """Whether he may approve a proposed manager: not one whom he proposed, and not himself."""
    return (
        (acting.is_operator or acting.manages(proposal.organisation_id))
        and proposal.invited_by_id != acting.user_id
        and proposal.email != account_for(acting).email
    )


def may_withdraw(acting: Acting, invitation: Invitation) -> bool:
    """Whether he may withdraw an invitation; an operator also what another one proposed."""
    return (
        acting.manages(invitation.organisation_id)
        or invitation.invited_by_id == acting.user_id
        or (invitation.needs_approval and acting.is_operator)
    )


def recognition_for(acting: Acting, recognition_id: int) -> Recognition:
    """A recognition that an organisation he works for wrote down."""
    recognition = _only(Recognition.objects.select_related("organisation"), recognition_id)
    _require(recognition.checked_by_id in acting.working or acting.is_operator)
    return recognition


def invitation_of(token: str, *, locked: bool = False) -> Invitation:
    """The open invitation that a link is for, to whoever has the link.

    Raises `DomainError` `invitation_closed`: used, withdrawn, too old and unknown look alike.
    `locked` makes a second acceptance at the same moment wait, and then find it used.
    """
    hashed = hash_of(token)
    show_invitation(hashed)
    approved = Q(needs_approval=False) | Q(approved_by__isnull=False)
    invitations = still_open().filter(approved, token_hash=hashed)
    if locked:
        invitations = invitations.select_for_update()
    for invitation in invitations:
        return invitation
    raise DomainError(Problem("invitation_closed"))


def invited_account(acting: Acting, invitation: Invitation) -> User:
    """The account of who asks, when the invitation was sent to its address.

    Raises `DomainError` `invitation_of_another`: a link that was passed on lets nobody else in.
    """
    user = account_for(acting)
    if user.email != invitation.email:
        raise DomainError(Problem("invitation_of_another"))
    return user


def hash_of(token: str) -> str:
    """The hash of a link's token: all that is stored, so that a stolen table opens no link."""
    return hashlib.sha256(token.encode()).hexdigest()


def require_operator(acting: Acting) -> None:
    """Let only an operator go on."""
    _require(acting.is_operator)


def require_working(acting: Acting, organisation_id: int | None = None) -> None:
    """Let only somebody go on who may change something, for this or for any organisation."""
    _require(bool(acting.working) if organisation_id is None else organisation_id in acting.working)


def still_open() -> QuerySet[Invitation]:
    """The invitations that can still be accepted, whoever asks."""
    return Invitation.objects.filter(
        accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )


def _require(allowed: bool) -> None:  # noqa: FBT001 - the one question that is asked
    if not allowed:
        raise Http404


def _only(rows: QuerySet[_M], pk: int) -> _M:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row

"""Write organisations, their people, invitations and recognitions.

Each action owns its transaction, asks `access` whether it may, and writes the journal in it. The
journal of an organisation is every event of kind `organisation` about it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from telmee.apps.audit.actions import record
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations import access
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.choices import (
    ANSWER_DAYS_MAX,
    ANSWER_DAYS_MIN,
    RecognitionKind,
    Role,
)
from telmee.apps.organisations.models import (
    Invitation,
    Membership,
    Organisation,
    Recognition,
    User,
)
from telmee.apps.organisations.proposals import tell_of_proposal
from telmee.apps.organisations.turns import done_before, hold_row
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import CERTIFICATE, EMAIL, NAME, PERSON_NAME, URL, require_none
from telmee.integrations.identifiers import check_kvk, check_oin, check_rsin

INVITATION_DAYS = 14
_TOKEN_BYTES = 32
_CHECKS: Mapping[str, Callable[[str], str]] = {
    "kvk": check_kvk,
    "oin": check_oin,
    "rsin": check_rsin,
}


# Organisations ------------------------------------------------------------------------------


@transaction.atomic
def add_organisation(
    acting: Acting,
    *,
    name: str,
    kvk: str = "",
    oin: str = "",
    rsin: str = "",
    municipality: str = "",
    is_client: bool = False,
) -> Organisation:
    """Add an organisation; only an operator does.

    Raises `DomainError` for a number that cannot be right (`bad_kvk`, `bad_oin`, `bad_rsin`) or
    that another organisation has (`number_taken`), and without any number (`number_needed`).
    """
    access.require_operator(acting)
    numbers = _checked_numbers(kvk=kvk, oin=oin, rsin=rsin)
    require_none(NAME.problems("name", name))
    organisation = Organisation(
        name=name.strip(), municipality_id=municipality or None, is_client=is_client, **numbers
    )
    _save(organisation)
    _note(acting, "organisation.added", organisation)
    return organisation


@transaction.atomic
def find_or_add_contractor(acting: Acting, *, kvk: str, name: str) -> Organisation:
    """The organisation with this number; when there is none, a new one under this name.

    A client registers a contract before the contractor ever signed in. Raises `DomainError`
    `bad_kvk`, or `name_needed` when the number is new and there is no name.
    """
    access.require_working(acting)
    number = check_kvk(kvk)
    known = done_before(f"kvk {number}", Organisation.objects.filter(kvk=number))
    if known is not None:
        return known
    if not name.strip():
        raise DomainError(Problem("name_needed", "name"))
    require_none(NAME.problems("name", name))
    organisation = Organisation.objects.create(kvk=number, name=name.strip())
    _note(acting, "organisation.added", organisation)
    return organisation


@transaction.atomic
def change_organisation(
    acting: Acting,
    *,
    organisation_id: int,
    name: str,
    municipality: str = "",
    letter_language: str = "",
) -> None:
    """Change what an organisation may say about itself, and in which language it reads letters."""
    organisation = access.managed_organisation(acting, organisation_id)
    require_none(NAME.problems("name", name))
    _change(
        acting,
        organisation,
        name=name.strip(),
        municipality_id=municipality or None,
        letter_language=letter_language or organisation.letter_language,
    )


@transaction.atomic
def choose_rules(
    acting: Acting,
    *,
    organisation_id: int,
    accepts_ahead: bool,
    carries_surplus: bool,
    answer_days: int | None = None,
    objection_days: int | None = None,
) -> None:
    """Choose how a client reckons where its scheme leaves that to it.

    Whether it decides at once on effort that is still to come, whether surplus of one contract may
    go to another, how many days the other side has to answer a proposal, and how many it takes
    itself for an objection. Only its own manager does. Raises `DomainError` `not_allowed` and
    `answer_days_out_of_range`.
    """
    organisation = _own_client(acting, organisation_id)
    terms = {
        "answer_days": (answer_days, "organisation.answer_term_chosen"),
        "objection_days": (objection_days, "organisation.objection_term_chosen"),
    }
    require_none(_out_of_range({name: days for name, (days, _verb) in terms.items()}))
    for name, (days, verb) in terms.items():
        if (before := getattr(organisation, name)) != days:
            setattr(organisation, name, days)
            organisation.save(update_fields=[name])
            _note(acting, verb, organisation, days=[before, days])
    chosen = {
        "accepts_ahead": (
            accepts_ahead,
            "organisation.ahead_allowed" if accepts_ahead else "organisation.ahead_ended",
        ),
        "carries_surplus": (
            carries_surplus,
            "organisation.carrying_allowed" if carries_surplus else "organisation.carrying_ended",
        ),
    }
    for name, (chooses, verb) in chosen.items():
        if getattr(organisation, name) != chooses:
            setattr(organisation, name, chooses)
            organisation.save(update_fields=[name])
            _note(acting, verb, organisation)


def _out_of_range(terms: Mapping[str, int | None]) -> Iterator[Problem]:
    limits = {"minimum": ANSWER_DAYS_MIN, "maximum": ANSWER_DAYS_MAX}
    for name, days in terms.items():
        if days is not None and not ANSWER_DAYS_MIN <= days <= ANSWER_DAYS_MAX:
            yield Problem("answer_days_out_of_range", name, params=limits)


@transaction.atomic
def choose_dispute_days(acting: Acting, *, organisation_id: int, days: int | None) -> None:
    """Choose how long a dispute with a client may last; without a number the usual term holds.

    Only its own manager does. Raises `DomainError` `not_allowed`.
    """
    organisation = _own_client(acting, organisation_id)
    if organisation.dispute_days != days:
        before, organisation.dispute_days = organisation.dispute_days, days
        organisation.save(update_fields=["dispute_days"])
        _note(acting, "organisation.term_chosen", organisation, days=[before, days])


def _own_client(acting: Acting, organisation_id: int) -> Organisation:
    """A client that somebody manages himself. Raises `not_allowed`."""
    organisation = access.managed_organisation(acting, organisation_id)
    if not (organisation.is_client and acting.manages(organisation_id)):
        raise DomainError(Problem("not_allowed"))
    return organisation


@transaction.atomic
def change_registration(
    acting: Acting,
    *,
    organisation_id: int,
    kvk: str = "",
    oin: str = "",
    rsin: str = "",
    is_client: bool = False,
) -> None:
    """Change by which numbers an organisation is known, and whether it awards contracts.

    Only an operator does: contracts are addressed by these numbers, so whoever could choose his
    own would receive what is meant for another. Raises as `add_organisation` does.
    """
    access.require_operator(acting)
    organisation = access.organisation_for(acting, organisation_id)
    numbers = _checked_numbers(kvk=kvk, oin=oin, rsin=rsin)
    _change(acting, organisation, is_client=is_client, **numbers)


def _checked_numbers(**texts: str) -> dict[str, str | None]:
    numbers: dict[str, str | None] = {}
    problems: list[Problem] = []
    for column, text in texts.items():
        try:
            numbers[column] = _CHECKS[column](text) if text.strip() else None
        except DomainError as error:
            problems.extend(error.problems)
    if not problems and not any(numbers.values()):
        problems.append(Problem("number_needed", "kvk"))
    if not problems and numbers.get("rsin") and not numbers.get("kvk"):
        problems.append(Problem("rsin_without_kvk", "kvk"))
    if problems:
        raise DomainError(problems)
    return numbers


def _change(acting: Acting, organisation: Organisation, **facts: object) -> None:
    changed = [fact for fact, value in facts.items() if getattr(organisation, fact) != value]
    if not changed:
        return
    for fact in changed:
        setattr(organisation, fact, facts[fact])
    _save(organisation)
    _note(acting, "organisation.changed", organisation, changed=sorted(changed))


def _save(organisation: Organisation) -> None:
    """Save, or tell which of its numbers another organisation has."""
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        others = Organisation.objects.exclude(pk=organisation.pk)
        taken = [
            Problem("number_taken", column)
            for column in _CHECKS
            if (number := getattr(organisation, column))
            and others.filter(**{column: number}).exists()
        ]
        if not taken:
            raise
        raise DomainError(taken) from error


def _note(acting: Acting, verb: str, organisation: Organisation, **details: object) -> None:
    """Write in the journal of an organisation, where its own people read it."""
    record(acting, verb, organisation, organisation_id=organisation.pk, details=details)


# Invitations --------------------------------------------------------------------------------


@transaction.atomic
def invite(
    acting: Acting, *, organisation_id: int, email: str, role: str, contract_id: int | None = None
) -> Invitation:
    """Mail somebody a link that makes him a member, once, within two weeks.

    An earlier link for the same address stops working. A client invites for one contract:
    `contract_id`, or else the latest that the organisation delivers on. An operator proposes a
    manager where there are people: his link is mailed when somebody else approves
    (`approve_manager`). Raises `DomainError` `already_member`, `manager_first` when somebody from
    outside invites another than a manager, `council_of_client` for the council of who awards
    nothing, and `invites_himself` when he invites his own address.
    """
    organisation = access.inviting_organisation(acting, organisation_id)
    from_outside = not acting.manages(organisation_id)
    needs_approval = from_outside and access.has_people(organisation_id)
    is_first = from_outside and not needs_approval
    if from_outside and role != Role.MANAGER:
        raise DomainError(Problem("manager_first", "role"))
    if role == Role.COUNCIL and not organisation.is_client:
        raise DomainError(Problem("council_of_client", "role"))
    address = email.strip().lower()
    require_none(EMAIL.problems("email", address))
    if from_outside and access.account_for(acting).email == address:
        raise DomainError(Problem("invites_himself", "email"))
    members = Membership.objects.filter(organisation=organisation, user__email=address)
    if members.exists():
        raise DomainError(Problem("already_member", "email"))
    now = timezone.now()
    Invitation.objects.filter(
        organisation=organisation, email=address, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)  # of a proposal nobody gets to know it
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        role=Role(role),
        token_hash=access.hash_of(token),
        invited_by_id=acting.user_id,
        is_first=is_first,
        needs_approval=needs_approval,
        contract_id=_claimed_contract(organisation_id, contract_id) if is_first else None,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    verb = "organisation.manager_proposed" if needs_approval else "organisation.invited"
    _note(acting, verb, organisation, role=role, invitation=invitation.pk)
    if needs_approval:
        tell_of_proposal(invitation)
    else:
        _mail(invitation, token)
    return invitation


@transaction.atomic
def approve_manager(acting: Acting, *, invitation_id: int) -> None:
    """Let a proposed manager in: from now on he has a link, for two weeks.

    A second time changes nothing. Raises `Http404` for who may not approve him.
    """
    proposal = access.proposal_for(acting, invitation_id)
    if proposal.approved_by_id is not None:
        return
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    proposal.approved_by_id = acting.user_id
    proposal.token_hash = access.hash_of(token)
    proposal.expires_at = timezone.now() + timedelta(days=INVITATION_DAYS)
    proposal.save(update_fields=["approved_by", "token_hash", "expires_at"])
    _note(acting, "organisation.manager_approved", proposal.organisation, invitation=proposal.pk)
    _mail(proposal, token)


def _claimed_contract(organisation_id: int, wanted: int | None) -> int | None:
    """The id of the contract that a first invitation opens; None when an operator sends it."""
    known = access.contracts_to_invite_on(organisation_id)
    if wanted is not None and wanted not in known:
        raise Http404
    return wanted or max(known, default=None)


def _mail(invitation: Invitation, token: str) -> None:
    """Let the link be mailed, in the language of who gets it, as far as that is known."""
    languages = User.objects.filter(email=invitation.email).values_list("language", flat=True)
    language = languages.first() or settings.LANGUAGE_CODE
    facts = {
        "organisation": invitation.organisation.name,
        "role": invitation.role,
        "invited_by": str(invitation.invited_by),
        "expires_at": invitation.expires_at,
    }
    write_notice(
        "invitation",
        Reader(language=language, address=invitation.email),
        event=f"invitation {invitation.pk}",
        facts=facts,
        about=About(invitation_id=invitation.pk),
        link=settings.SITE_URL + reverse("invitation", args=[token]),
        until=invitation.expires_at,
    )


@transaction.atomic
def withdraw_invitation(acting: Acting, *, invitation_id: int) -> None:
    """Make a link that nobody used useless."""
    invitation = access.invitation_for(acting, invitation_id)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    _note(
        acting,
        "organisation.invitation_withdrawn",
        invitation.organisation,
        invitation=invitation.pk,
    )


@transaction.atomic
def accept_invitation(acting: Acting, *, token: str, name: str = "", password: str = "") -> User:
    """Make who has the link a member: the one who is signed in, else a new user.

    Gives the user. A new one gets the address that the link was mailed to, which proves it. Raises
    `DomainError` `invitation_closed` (a second time, too), `account_exists` when that address has
    an account, which has to sign in first, `invitation_of_another` when somebody else is signed
    in, and `already_member`; an approved manager who works there already gets that role.
    """
    invitation = access.invitation_of(token, locked=True)
    user = _who_accepts(acting, invitation, name, password)
    with acting_as(user.pk) as joining:
        organisation = invitation.organisation
        if invitation.is_first and access.has_people(organisation.pk):
            raise DomainError(Problem("invitation_closed"))
        # The database marks the invitation as used.
        if joining.is_of_council(organisation.pk):
            raise DomainError(Problem("already_member"))
        if organisation.pk not in joining.roles:
            Membership.objects.create(user=user, organisation=organisation, role=invitation.role)
        elif invitation.needs_approval and not joining.manages(organisation.pk):
            Membership.objects.filter(user=user, organisation=organisation).update(
                role=invitation.role
            )
        else:
            raise DomainError(Problem("already_member"))
        _note(joining, "organisation.joined", organisation, role=invitation.role)
    return user


def _who_accepts(acting: Acting, invitation: Invitation, name: str, password: str) -> User:
    if acting.user_id is not None:
        return access.invited_account(acting, invitation)
    if User.objects.filter(email=invitation.email).exists():
        raise DomainError(Problem("account_exists"))
    require_none(PERSON_NAME.problems("name", name))
    language = "en" if (get_language() or "nl").startswith("en") else "nl"
    return User.objects.create_user(
        invitation.email, password, name=name.strip(), language=language
    )


# People -------------------------------------------------------------------------------------


@transaction.atomic
def change_role(acting: Acting, *, membership_id: int, role: str) -> None:
    """Somebody gets another role in an organisation.

    Raises `DomainError` `last_manager`, and `council_apart` where he would go into the council or
    come out of it.
    """
    membership = access.membership_for(acting, membership_id)
    if (membership.role == Role.COUNCIL) is not (role == Role.COUNCIL):
        raise DomainError(Problem("council_apart", "role"))
    if role != Role.MANAGER:
        _require_other_manager(membership)
    membership.role = Role(role)
    membership.save(update_fields=["role"])
    user = membership.user_id
    _note(acting, "organisation.role_changed", membership.organisation, role=role, user=user)


@transaction.atomic
def remove_member(acting: Acting, *, membership_id: int) -> None:
    """End somebody's membership; his account stays.

    Raises `DomainError` `last_manager`, and `Http404` for who manages nobody there any more.
    """
    membership = access.membership_for(acting, membership_id)
    _require_other_manager(membership)
    membership.delete()
    user = membership.user_id
    _note(acting, "organisation.member_removed", membership.organisation, user=user)


def _require_other_manager(leaving: Membership) -> None:
    """Keep a manager; two who remove each other at once wait for one another here."""
    hold_row(Organisation.objects.all(), leaving.organisation_id)
    managers = Membership.objects.filter(organisation_id=leaving.organisation_id, role=Role.MANAGER)
    if not managers.exclude(pk=leaving.pk).exists():
        raise DomainError(Problem("last_manager"))


@transaction.atomic
def change_account(acting: Acting, *, name: str, language: str, gets_heads: bool = True) -> None:
    """Change how somebody is called, which language he reads, and whether heads are mailed."""
    user = access.account_for(acting)
    require_none(PERSON_NAME.problems("name", name))
    user.name, user.language, user.gets_heads = name.strip(), language, gets_heads
    user.save(update_fields=["name", "language", "gets_heads"])


# Recognitions -------------------------------------------------------------------------------


@transaction.atomic
def record_recognition(
    acting: Acting,
    *,
    checked_by: int,
    organisation_id: int,
    kind: str,
    valid_from: date,
    valid_until: date | None = None,
    level: str = "",
    number: str = "",
    source: str = "",
) -> Recognition:
    """Write down a certificate that a client has looked at: `checked_by`, today.

    Raises `DomainError` `recognition_backwards` when it ends before it begins, and
    `only_clients_recognise`.
    """
    access.require_working(acting, checked_by)
    if not Organisation.objects.filter(pk=checked_by, is_client=True).exists():
        raise DomainError(Problem("only_clients_recognise"))
    faults = [*CERTIFICATE.problems("level", level), *CERTIFICATE.problems("number", number)]
    faults += URL.problems("source", source)
    if valid_until is not None and valid_until < valid_from:
        faults.append(Problem("recognition_backwards", "valid_until"))
    require_none(faults)
    recognition = Recognition.objects.create(
        organisation=Organisation.objects.get(pk=organisation_id),
        kind=RecognitionKind(kind),
        level=level,
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
        source=source,
        checked_on=timezone.localdate(),
        checked_by_id=checked_by,
    )
    _note_recognition(acting, "organisation.recognised", recognition)
    return recognition


@transaction.atomic
def end_recognition(acting: Acting, *, recognition_id: int, last_day: date) -> None:
    """Say on which day a recognition ended. Raises `DomainError` `recognition_backwards`."""
    recognition = access.recognition_for(acting, recognition_id)
    if last_day < recognition.valid_from:
        raise DomainError(Problem("recognition_backwards", "valid_until"))
    recognition.valid_until = last_day
    recognition.save(update_fields=["valid_until"])
    _note_recognition(acting, "organisation.recognition_ended", recognition)


def _note_recognition(acting: Acting, verb: str, recognition: Recognition) -> None:
    """Write in the journal for the client that judged, about who was judged."""
    until = recognition.valid_until
    details = {
        "kind": recognition.kind,
        "recognition": recognition.pk,
        "valid_until": until and until.isoformat(),
    }
    record(
        acting,
        verb,
        recognition.organisation,
        organisation_id=recognition.checked_by_id,
        details=details,
    )

"""Read organisations, their people, and what they were recognised for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, F, Func, Q, QuerySet, When

from telmee.apps.organisations.access import still_open
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.models import (
    FormerName,
    Invitation,
    Membership,
    Municipality,
    Organisation,
    Recognition,
    User,
)
from telmee.apps.organisations.names import search_key
from telmee.apps.organisations.prepared import prepared

_MOST_NAMED = 20


def organisations_of(acting: Acting) -> QuerySet[Organisation]:
    """The organisations that he acts for, in whatever role, by name."""
    return Organisation.objects.filter(pk__in=acting.organisations).order_by("search_name")


def every_organisation() -> QuerySet[Organisation]:
    """All organisations, each with `has_people`: whether anybody acts for it. For operators."""
    has_people = Func(F("pk"), function="telmee_has_members", output_field=BooleanField())
    return Organisation.objects.select_related("municipality").annotate(has_people=has_people)


def known_contractors(
    search: str, *, within: QuerySet[Any, Any] | None = None
) -> list[Organisation]:
    """At most twenty organisations with a KvK number that begins so, or a name with every word.

    Names that begin with what was typed come first. Numbers of the trade register and the names
    under them are public; for whom somebody works is not told.
    """
    words = search_key(search).split()
    if not words:
        return []
    fitting = Organisation.objects.exclude(kvk=None)
    if within is not None:
        fitting = fitting.filter(pk__in=within)
    for word in words:
        fitting = fitting.filter(Q(search_name__contains=word) | Q(kvk__startswith=word))
    begins = Case(When(search_name__startswith=search_key(search), then=0), default=1)
    return list(fitting.order_by(begins, "search_name", "pk")[:_MOST_NAMED])


def organisation_numbered(kvk: str) -> Organisation | None:
    """The organisation with a KvK number, if Telmee knows it."""
    return Organisation.objects.filter(kvk=kvk).first()


def recognised_enterprises(search: str, day: date) -> list[Organisation]:
    """At most twenty enterprises that were recognised on a day, found as contractors are."""
    recognised = valid_on(Recognition.objects.all(), day).values("organisation")
    return known_contractors(search, within=recognised)


def colleagues(acting: Acting, organisation_id: int) -> QuerySet[Membership]:
    """Who acts for an organisation and as what; nobody for who does not act for it himself."""
    return members_of(acting, organisation_id).exclude(role=Role.COUNCIL)


def members_of(acting: Acting, organisation_id: int) -> QuerySet[Membership]:
    """The same with the members of its council, who do not act for it."""
    if organisation_id not in acting.roles:
        return Membership.objects.none()
    memberships = Membership.objects.filter(organisation_id=organisation_id).select_related("user")
    return memberships.order_by("user__name", "user__email")


def open_invitations(acting: Acting, organisation_id: int) -> QuerySet[Invitation]:
    """The invitations that can still be accepted, for who may withdraw them.

    A manager whom an operator proposed is shown to everybody who works there.
    """
    invitations = still_open().filter(organisation_id=organisation_id)
    if not acting.manages(organisation_id):
        invitations = invitations.filter(Q(invited_by=acting.user_id) | Q(needs_approval=True))
    return invitations.order_by("email")


def proposals(acting: Acting) -> QuerySet[Invitation]:
    """The proposed managers who wait for approval, oldest first; none for who is no operator."""
    if not acting.is_operator:
        return Invitation.objects.none()
    invitations = still_open().filter(needs_approval=True, approved_by=None)
    return invitations.select_related("organisation").order_by("created_at")


def organisations_named(organisations: QuerySet[Organisation], text: str) -> QuerySet[Organisation]:
    """Keep the organisations with a text in their name, or with this number."""
    number = "".join(text.split())
    return organisations.filter(
        Q(search_name__contains=search_key(text)) | Q(kvk=number) | Q(oin=number) | Q(rsin=number)
    )


def enterprises() -> QuerySet[Recognition]:
    """The register of recognised enterprises: each recognition with its organisation."""
    return Recognition.objects.select_related("organisation__municipality", "checked_by")


def enterprises_named(recognitions: QuerySet[Recognition], text: str) -> QuerySet[Recognition]:
    """Keep the recognitions of enterprises with a text in their name."""
    return recognitions.filter(organisation__search_name__contains=search_key(text))


def every_recognised_by(organisation_ids: Iterable[int], day: date) -> int:
    """How many enterprises some organisations recognised, of which that holds on a day."""
    rows = valid_on(Recognition.objects.filter(checked_by__in=listed(organisation_ids)), day)
    return rows.values("organisation").distinct().count()


def valid_on(recognitions: QuerySet[Recognition], day: date) -> QuerySet[Recognition]:
    """Keep what was valid on a day."""
    return recognitions.filter(_valid_on(day))


def not_valid_on(recognitions: QuerySet[Recognition], day: date) -> QuerySet[Recognition]:
    """Leave out what was valid on a day."""
    return recognitions.exclude(_valid_on(day))


def former_names(organisation_id: int) -> list[FormerName]:
    """What an organisation was called before, the latest first."""
    return list(FormerName.objects.filter(organisation=organisation_id).order_by("-until", "-pk"))


@prepared
def names_of(organisation_ids: Collection[int]) -> QuerySet[Organisation, tuple[int, str]]:
    """The ids and the names of organisations as they are called now."""
    rows = Organisation.objects.filter(pk__in=listed(organisation_ids))
    return rows.values_list("pk", "name")


def names_at(organisation_ids: Iterable[int], moment: datetime) -> dict[int, str]:
    """What organisations were called at a moment, by their ids. Runs two queries."""
    ids = list(organisation_ids)
    later = FormerName.objects.filter(organisation__in=listed(ids), until__gt=moment)
    # The last of these, which ended first after the moment, was the name then.
    return dict(names_of(ids)) | dict(
        later.order_by("-until", "-pk").values_list("organisation_id", "name")
    )


def recognitions_of(organisation_id: int) -> QuerySet[Recognition]:
    """What an organisation was recognised for, the latest first, with who looked at it."""
    recognitions = Recognition.objects.filter(organisation_id=organisation_id)
    return recognitions.select_related("checked_by").order_by("-valid_from", "-pk")


def municipalities() -> QuerySet[Municipality]:
    """The municipalities by name, for a list to choose from."""
    return Municipality.objects.order_by("name")


def account_with(email: str) -> User | None:
    """The account with exactly this address, if there is one."""
    return User.objects.filter(email=email).first()


def addresses_of(user_ids: Iterable[int]) -> dict[int, str]:
    """The addresses of accounts, by their ids."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "email"))


def _valid_on(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gte=day))

"""Being away: from when until when, and who looks after the work meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from telmee.apps.audit.actions import record
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.turns import wait_for_turn
from telmee.apps.relations.actions import require_working_for, works_there
from telmee.apps.relations.models import Absence
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_none


def absences_of(acting: Acting, *, today: date) -> QuerySet[Absence]:
    """Who is away now or later in the teams of somebody, the first to go first."""
    rows = Absence.objects.filter(organisation__in=listed(acting.organisations), last__gte=today)
    return rows.select_related("user", "replacement").order_by("first", "pk")


@prepared
def stands_in_for(acting: Acting, *, today: date) -> QuerySet[Absence]:
    """For whom somebody looks after the work today. One who stands in does so for one alone.

    Who is away does not hand on for whom he stood in himself.
    """
    rows = absences_of(acting, today=today).filter(first__lte=today, replacement=acting.user_id)
    return rows.filter(organisation__in=listed(acting.working))


@transaction.atomic
def set_absence(
    acting: Acting,
    *,
    organisation_id: int,
    user_id: int,
    replacement_id: int,
    first: date,
    last: date,
    today: date,
) -> Absence:
    """Say from when until when somebody is away, both days included, and who stands in.

    One says so oneself, or a manager does. The replacement is told. Who stands in is there himself:
    on no day are both away, whichever of the two absences was said first. Raises `not_allowed`,
    `not_a_colleague`, `absence_in_order`, `replacement_away`, `stands_in_then`, `absence_overlaps`.
    """
    require_working_for(acting, organisation_id)
    if user_id != acting.user_id and not acting.manages(organisation_id):
        raise DomainError(Problem("not_allowed"))
    wait_for_turn(f"absences {organisation_id}")
    absence = Absence(
        organisation_id=organisation_id,
        user_id=user_id,
        replacement_id=replacement_id,
        first=first,
        last=last,
    )
    require_none(_faults(absence, today))
    try:
        with transaction.atomic():
            absence.save(force_insert=True)
    except IntegrityError:
        raise DomainError(Problem("absence_overlaps", "first")) from None
    _record(acting, "organisation.absence_set", absence)
    _tell(acting, absence)
    return absence


def _faults(absence: Absence, today: date) -> Iterator[Problem]:
    organisation_id = absence.organisation_id
    if not works_there(absence.user_id, organisation_id):
        yield Problem("not_a_colleague", "user")
    if absence.user_id == absence.replacement_id or not works_there(
        absence.replacement_id, organisation_id
    ):
        yield Problem("not_a_colleague", "replacement")
    if absence.last < max(absence.first, today):
        yield Problem("absence_in_order", "last")
    then = Absence.objects.filter(
        organisation=organisation_id, first__lte=absence.last, last__gte=absence.first
    )
    if then.filter(user=absence.replacement_id).exists():
        yield Problem("replacement_away", "replacement")
    for other in then.filter(replacement=absence.user_id).select_related("user").order_by("first"):
        days = {"first": other.first, "last": other.last}
        yield Problem("stands_in_then", "first", params={"name": str(other.user), **days})


@transaction.atomic
def end_absence(acting: Acting, absence: Absence, *, today: date) -> None:
    """End an absence before its last day: somebody is back, or does not go after all.

    The days on which he was away stay. Raises `not_allowed`.
    """
    if absence.user_id != acting.user_id and not acting.manages(absence.organisation_id):
        raise DomainError(Problem("not_allowed"))
    if absence.first < today:
        yesterday = today - timedelta(days=1)
        Absence.objects.filter(pk=absence.pk, last__gte=today).update(last=yesterday)
    else:
        Absence.objects.filter(pk=absence.pk).delete()
    _record(acting, "organisation.absence_ended", absence)


def _record(acting: Acting, verb: str, absence: Absence) -> None:
    organisation = Organisation.objects.get(pk=absence.organisation_id)
    details = {"user": absence.user_id, "replacement": absence.replacement_id}
    record(acting, verb, organisation, organisation_id=organisation.pk, details=details)


def _tell(acting: Acting, absence: Absence) -> None:
    """Write to who stands in, unless he said so himself."""
    people = User.objects.in_bulk([absence.user_id, absence.replacement_id])
    replacement = people[absence.replacement_id]
    if replacement.pk == acting.user_id:
        return
    write_notice(
        "standing_in",
        Reader(user_id=replacement.pk, language=replacement.language),
        event=f"absence {absence.pk}",
        facts={
            "name": str(people[absence.user_id]),
            "first": str(absence.first),
            "last": str(absence.last),
            "url": settings.SITE_URL + reverse("today"),
        },
        about=About(organisation_id=absence.organisation_id),
    )

"""The journal of an object, with who did it.

A colleague is told by name. Somebody of another organisation is not: what one has to do with is the
organisation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from telmee.apps.audit.models import Event
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.models import User
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.queries import names_of

#: Who did it: a user, and the organisation that he did it for.
Doer = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One deed: when, what (a verb such as `contract.closed`), to which object, by whom and why.

    `who` is empty for what the system did by itself.
    """

    id: int
    at: datetime
    verb: str
    kind: str
    object_id: int
    who: str
    reason: str
    details: Mapping[str, object]


def journal_of(acting: Acting, events: Iterable[Event]) -> list[JournalEntry]:
    """What a journal says of each event. Runs two queries, and one that reads the events."""
    rows = list(events)
    names = doers(acting, ((event.user_id, event.organisation_id) for event in rows))
    return [_entry(event, names) for event in rows]


def done_by(acting: Acting, events: QuerySet[Event], text: str) -> QuerySet[Event]:
    """The events of whom the journal names with this text in it, whatever the capitals."""
    pairs = list(events.order_by().values_list("user_id", "organisation_id").distinct())
    of_one = Q(pk=None)
    for (user, organisation), name in doers(acting, pairs).items():
        if text.casefold() in name.casefold():
            of_one |= Q(user_id=user, organisation_id=organisation)
    return events.filter(of_one)


def doers(acting: Acting, wanted: Iterable[Doer]) -> dict[Doer, str]:
    """Name who did something: a colleague by his name, anybody else by his organisation."""
    pairs = set(wanted)
    known = {pair for pair in pairs if pair[1] in acting.roles or pair[0] == acting.user_id}
    users = {user for user, _ in known if user is not None}
    people = {one.pk: one for one in (_people(users) if users else ())}
    theirs = {org for _, org in pairs if org is not None}
    organisations = dict(names_of(theirs)) if theirs else {}
    return {
        (user, organisation): str(
            (people.get(user or 0) if (user, organisation) in known else None)
            or organisations.get(organisation or 0)
            or ""
        )
        for user, organisation in pairs
    }


@prepared
def _people(user_ids: Collection[int]) -> QuerySet[User]:
    return User.objects.filter(pk__in=listed(user_ids))


def _entry(event: Event, names: Mapping[Doer, str]) -> JournalEntry:
    return JournalEntry(
        id=event.pk,
        at=event.at,
        verb=event.verb,
        kind=event.kind,
        object_id=event.object_id,
        who=names[event.user_id, event.organisation_id],
        reason=event.reason,
        details=event.details,
    )

"""The only way to a person's row for somebody: he works for the contractor who chose the code."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.organisations.acting import Acting
from telmee.apps.people.models import Person


def people_of(acting: Acting) -> QuerySet[Person]:
    """List the people of the organisations that somebody works for, erased ones included."""
    return Person.objects.filter(organisation__in=acting.working)


def person_to_erase(acting: Acting, person_id: int) -> Person:
    """Get a person of an organisation whose people somebody manages. Raises `Http404`."""
    person = person_for(acting, person_id)
    if not acting.manages(person.organisation_id):
        raise Http404
    return person


def person_for(acting: Acting, person_id: int) -> Person:
    """Get a person of an organisation that somebody works for. Raises `Http404`."""
    person = people_of(acting).select_related("organisation").filter(pk=person_id).first()
    if person is None:
        raise Http404
    return person

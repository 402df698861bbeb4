"""Find the rows of people by their codes."""

from __future__ import annotations

from collections.abc import Iterable

from telmee.apps.people.models import Person


def people_by_code(organisation_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Give the ids of the people that a contractor knows by these codes; others are left out."""
    known = Person.objects.filter(organisation=organisation_id, code__in=list(codes))
    return {str(code): pk for code, pk in known.values_list("code", "pk")}


def erased_people(organisation_id: int) -> int:
    """Count the people of a contractor whose code was erased."""
    return Person.objects.filter(organisation=organisation_id, code=None).count()

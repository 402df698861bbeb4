"""Find the rows of people by their codes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, Subquery

from telmee.apps.organisations.many import listed
from telmee.apps.people.models import Person
from telmee.core.contributions.person_codes import person_key
from telmee.core.overlap.near_codes import near_forms


def people_by_code(organisation_id: int, codes: Iterable[str]) -> dict[str, int]:
    """The ids of the people that a contractor knows by these codes; others are left out.

    A code is known in any spelling, and comes back as it was asked.
    """
    keys = {code: person_key(code) for code in codes}
    known = Person.objects.filter(organisation=organisation_id, code_key__in={*keys.values()})
    ids = dict(known.values_list("code_key", "pk"))
    return {code: ids[key] for code, key in keys.items() if key in ids}


def near_people(organisation_ids: Iterable[int], code_keys: Iterable[str]) -> list[int]:
    """The ids of a contractor's people whose codes are near-equal to these, or the same."""
    forms = {form for key in code_keys for form in near_forms(key) if form}
    near = Q(near_parts__in=forms) | Q(near_whole__in=forms)
    people = Person.objects.filter(near, organisation__in=listed(organisation_ids))
    return list(people.values_list("pk", flat=True)) if forms else []


def erased_before(organisation_id: int, person_id: int | None = None) -> int:
    """Count the people of a contractor who may be this one, under a code that was erased.

    Those whose code was erased before this person's row was made: whether one of them is the same
    person is known no longer. `None` is somebody who has no row yet.
    """
    erased = Person.objects.filter(organisation=organisation_id, code=None)
    if person_id is not None:
        own = Person.objects.filter(pk=person_id, code__isnull=False).values("created_at")[:1]
        erased = erased.filter(erased_at__lte=Subquery(own))
    return erased.count()

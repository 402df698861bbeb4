"""Find the rows of people by their codes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Subquery

from telmee.apps.people.models import Person
from telmee.core.contributions.person_codes import person_key


def people_by_code(organisation_id: int, codes: Iterable[str]) -> dict[str, int]:
    """The ids of the people that a contractor knows by these codes; others are left out.

    A code is known in any spelling, and comes back as it was asked.
    """
    keys = {code: person_key(code) for code in codes}
    known = Person.objects.filter(organisation=organisation_id, code_key__in={*keys.values()})
    ids = dict(known.values_list("code_key", "pk"))
    return {code: ids[key] for code, key in keys.items() if key in ids}


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

"""Write who is known by which code."""

from __future__ import annotations

from collections.abc import Iterable

from telmee.apps.people.codes import fields_of
from telmee.apps.people.models import Person
from telmee.apps.people.queries import people_by_code

_BATCH = 1000


def people_named(organisation_id: int, codes: Iterable[str]) -> dict[str, int]:
    """The ids of the people behind a contractor's codes; a new code gets a row, a blank none.

    Spellings of one code are one person, who is shown by the spelling that came first.
    """
    wanted = {code for code in codes if code}
    known = people_by_code(organisation_id, wanted)
    if new := sorted(wanted - known.keys()):
        rows = [Person(organisation_id=organisation_id, **fields_of(code)) for code in new]
        # Somebody else may add the same code at the same moment.
        Person.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
        known |= people_by_code(organisation_id, new)
    return known

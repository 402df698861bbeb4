"""Write who is known by which code."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from telmee.apps.audit.actions import record
from telmee.apps.organisations.acting import Acting
from telmee.apps.people.codes import fields_of
from telmee.apps.people.models import Person
from telmee.apps.people.queries import people_by_code
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import CODE, require_none
from telmee.core.tables.contribution_columns import PERSON

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


def exchange_code(acting: Acting, person: Person, code: str) -> None:
    """Let a person be known by another code; lines, receipts and limits stay as they are.

    Raises `DomainError` `person_erased`, and `person_code_used` for a code of somebody else.
    """
    if person.code is None:
        raise DomainError(Problem("person_erased", PERSON))
    require_none(CODE.problems(PERSON, code))
    fields = fields_of(code.strip())
    for name, value in fields.items():
        setattr(person, name, value)
    try:
        with transaction.atomic():
            person.save(update_fields=[*fields])
    except IntegrityError:
        raise DomainError(Problem("person_code_used", PERSON)) from None
    record(acting, "person.exchanged", person, organisation_id=person.organisation_id)

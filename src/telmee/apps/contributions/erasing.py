"""Exchange or erase the code of a person, wherever it stands; every figure stays as it was.

A code stands in the row of the person alone: lines, receipts and decisions refer to that row. What
somebody typed beside it is free text, and there the old code is struck out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contributions.models import Contribution, HandingIn, Upload
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import hold_row
from telmee.apps.people.codes import fields_of
from telmee.apps.people.models import Person
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import CODE, require_none
from telmee.core.tables.contribution_columns import PERSON

#: What stands in a note where a code stood.
STRUCK_OUT = "[…]"
#: What is written of files and of what was handed in together. With the notes of lines this is all
#: that can change of what may hold a code; texts that are kept for ever are refused with one in it
#: (`telmee_refuse_codes`, organisations.0002).
DOCUMENTS: Mapping[type[Upload | HandingIn], tuple[str, ...]] = {
    Upload: ("file_name", "refused"),
    HandingIn: ("refused",),
}


@transaction.atomic
def erase_code(acting: Acting, person: Person) -> None:
    """Erase a code; twice does it once. Raises `not_allowed` for who manages nobody there.

    The limits of the person go on, by the number of his row. Who the row stands for is known to
    nobody from then on: a new line under the same code is another row, and says so.
    """
    if not acting.manages(person.organisation_id):
        raise DomainError(Problem("not_allowed"))
    row = hold_row(Person.objects.all(), person.pk)
    if row.code is None:
        return
    code = row.code
    row.erased_at, fields = timezone.now(), fields_of(None)
    for name in fields:
        setattr(row, name, None)
    row.save(update_fields=[*fields, "erased_at"])
    _strike_out(row, code)
    record(acting, "person.erased", row, organisation_id=row.organisation_id)


@transaction.atomic
def exchange_code(acting: Acting, person: Person, code: str) -> None:
    """Let a person be known by another code; lines, receipts and limits stay as they are.

    The old code is struck out of what somebody typed, since nobody could erase it there later on.
    Raises `DomainError` `person_erased`, and `person_code_used` for a code of somebody else.
    """
    row = hold_row(Person.objects.all(), person.pk)
    if row.code is None:
        raise DomainError(Problem("person_erased", PERSON))
    require_none(CODE.problems(PERSON, code))
    old, old_key, fields = row.code, row.code_key, fields_of(code.strip())
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=[*fields])
    except IntegrityError:
        raise DomainError(Problem("person_code_used", PERSON)) from None
    if row.code_key != old_key:
        _strike_out(row, old)
    record(acting, "person.exchanged", row, organisation_id=row.organisation_id)


def names_code(text: str, code: str | None) -> bool:
    """Whether a text names the code of a person, as a word of its own in any case and spacing."""
    return bool(code) and _word(str(code)).search(text) is not None


def require_no_code(line: Contribution, *texts: str) -> None:
    """Refuse the code of a line's person in a text that is kept for ever, such as a reason.

    Raises `DomainError` `text_names_person`.
    """
    said = [text for text in texts if text]
    code = line.person.code if said and line.person else None
    if any(names_code(text, code) for text in said):
        raise DomainError(Problem("text_names_person", "toelichting"))


def _word(code: str) -> re.Pattern[str]:
    spelled = r"\s+".join(map(re.escape, code.split()))
    return re.compile(rf"(?<!\w){spelled}(?!\w)", re.IGNORECASE)


def _strike_out(person: Person, code: str) -> None:
    _strike_out_of_notes(person, code)
    for model, names in DOCUMENTS.items():
        for row in model.objects.filter(organisation=person.organisation_id).iterator():
            struck = {name: _struck(getattr(row, name), _word(code)) for name in names}
            changed = [name for name in names if struck[name] != getattr(row, name)]
            for name in changed:
                setattr(row, name, struck[name])
            if changed:
                row.save(update_fields=changed)


def _strike_out_of_notes(person: Person, code: str) -> None:
    noted = Contribution.objects.filter(
        organisation=person.organisation_id, note__icontains=code.split(maxsplit=1)[0]
    ).only("note")
    changed = [line for line in noted if names_code(line.note, code)]
    for line in changed:
        line.note = _word(code).sub(STRUCK_OUT, line.note)
    Contribution.objects.bulk_update(changed, ["note"], batch_size=500)


def _struck(value: Any, code: re.Pattern[str]) -> Any:
    """Strike a code out of every text inside a document."""
    if isinstance(value, str):
        return code.sub(STRUCK_OUT, value)
    if isinstance(value, list):
        return [_struck(one, code) for one in value]
    if isinstance(value, dict):
        return {name: _struck(one, code) for name, one in value.items()}
    return value

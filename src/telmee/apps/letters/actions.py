"""Send a letter: what it says is fixed at once, and its paper is made in the background.

The request keeps the facts and a number in one transaction with the job that makes the paper. The
job is one transaction as well, with the notice to the reader: killed at any moment it leaves
nothing and is done again, and done, it is not done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404
from procrastinate.contrib.django import app

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.telling import tell_party
from telmee.apps.letters.access import letter_for
from telmee.apps.letters.choices import PRIVATE, Media
from telmee.apps.letters.models import Letter, Paper
from telmee.apps.letters.queries import house_of, template_of
from telmee.apps.letters.writing import around, fields_for, language_for, sender_of, text_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem
from telmee.integrations.typesetting import render_pdf
from telmee.integrations.word_templates import fill_template

#: The name under which the worker knows it.
MAKE_TASK = "letters:make_paper"


@holding()
def send_letter(
    access: ContractAccess,
    *,
    kind: str,
    facts: Mapping[str, Any],
    reader_id: int,
    key: UUID,
    today: date,
    subject_id: int | None = None,
) -> Letter:
    """Send a letter to a party of a contract; the same `key` twice sends one.

    `facts` are those that `kind` tells (`telmee.texts.letters`), in the language of
    `language_for`. Also on a closed contract. Raises `not_allowed`, `letter_no_reader` and
    `letter_sent_before`.
    """
    by = sender_of(access, kind)
    known = done_before(key, Letter.objects.filter(key=key, contract=access.contract))
    if known is not None:
        return known
    house = house_of(by)
    letter = Letter(
        contract=access.contract,
        organisation_id=by,
        reader_id=reader_id,
        kind=kind,
        subject_id=subject_id,
        prefix=house.prefix if house else "",
        year=today.year,
        dated=today,
        language=language_for(access, reader_id),
        facts={**facts, "around": around(access, by, reader_id)},
        house=house,
        template=template_of(by, kind),
        key=key,
        user_id=access.acting.user_id,
    )
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError as error:
        if "letter_once" not in str(error):
            raise
        raise DomainError(Problem("letter_sent_before")) from None
    letter.refresh_from_db(fields=["number"])
    details = {"letter": letter.mark, "kind": kind}
    record(
        access.acting,
        "contract.letter_sent",
        access.contract,
        organisation_id=by,
        # The journal of the contract is silent of what is between two of its parties.
        contract_id=None if kind in PRIVATE else access.contract.pk,
        details=details,
    )
    make_later(access, letter)
    return letter


def make_later(access: ContractAccess, letter: Letter) -> None:
    """Let the worker make the paper of a letter, in the name of who asks it."""
    job = {"letter_id": letter.pk, "contract_id": letter.contract_id}
    app.configure_task(MAKE_TASK).defer(user_id=access.acting.user_id, **job)


def make_paper(letter_id: int, contract_id: int, user_id: int) -> None:
    """Make the paper of a letter and tell its reader, by the worker; once, however often called.

    Who asked for it and may no longer send letters makes nothing: a colleague asks it anew.
    """
    with acting_as(user_id) as acting, suppress(Http404):
        access, letter = letter_for(acting, contract_id, letter_id)
        if letter.organisation_id not in acting.working:
            return
        papers = Paper.objects.filter(letter=letter, media=Media.PDF)
        if done_before(f"paper of letter {letter.pk}", papers):
            return
        content = render_pdf("letter", text_of(letter))
        papers.create(letter=letter, contract=access.contract, media=Media.PDF, content=content)
        _fill_template(access, letter)
        tell_party(
            access,
            letter.reader_id,
            "letter_sent",
            event=f"letter {letter.pk}",
            page="letter",
            args=[contract_id, letter.pk],
            facts={"by": letter.organisation.name, "mark": letter.mark, "kind": letter.kind},
        )


def _fill_template(access: ContractAccess, letter: Letter) -> None:
    """Make a letter in its sender's own template too; what keeps that from working keeps no letter.

    A template was tried when it was added, so this is rare: the journal says so.
    """
    if letter.template is None or letter.template.content is None:
        return
    try:
        content = fill_template(bytes(letter.template.content), fields_for(letter))
    except DomainError as error:
        record(
            access.acting,
            "contract.letter_template_failed",
            access.contract,
            organisation_id=letter.organisation_id,
            contract_id=access.contract.pk,
            details={"letter": letter.mark, "problem": error.problems[0].code},
        )
        return
    docx = Paper(letter=letter, contract=access.contract, media=Media.DOCX, content=content)
    docx.save(force_insert=True)

"""An organisation's own Word templates: tried with a letter or report of nobody before."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from telmee.apps.audit.actions import record
from telmee.apps.letters.choices import USUAL_COLOUR
from telmee.apps.letters.models import Template
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem
from telmee.integrations.word_templates import fill_template
from telmee.texts.letters import REPORT_KINDS, SPECIMENS, Sheet, example_fields, fields_of


def kinds_with_template() -> tuple[str, ...]:
    """The kinds of letters and of reports that a template can be tried for."""
    return (*SPECIMENS, *REPORT_KINDS)


def fields_for_kind(kind: str) -> dict[str, Any]:
    """The fields of a kind of letter or report, with what they are in one of nobody."""
    if kind in REPORT_KINDS:
        return example_fields()
    sheet = Sheet(
        language="nl",
        dated=date(2026, 1, 1),
        mark="2026-0001",
        sender="Gemeente Voorbeeld",
        signer="Anna Adviseur",
        reader="De Eem B.V.",
        contract="2025-001 Onderhoud gebouwen",
        colour=USUAL_COLOUR,
        address="Postbus 1",
        legal_basis="Artikel 1",
    )
    return fields_of(kind, SPECIMENS[kind]["nl"], sheet)


@transaction.atomic
def choose_template(acting: Acting, organisation_id: int, kind: str, content: bytes | None) -> None:
    """Let letters or reports of a kind be made in a template too, or no more; earlier ones stay.

    Raises `not_allowed`, and what is wrong with a template as `fill_template` does.
    """
    if not acting.manages(organisation_id) or kind not in kinds_with_template():
        raise DomainError(Problem("not_allowed"))
    if content is not None:
        fill_template(content, fields_for_kind(kind))
    template = Template.objects.create(
        organisation_id=organisation_id, kind=kind, content=content, user_id=acting.user_id
    )
    verb = (
        "organisation.letter_template_removed"
        if content is None
        else ("organisation.letter_template_chosen")
    )
    record(
        acting,
        verb,
        template.organisation,
        organisation_id=organisation_id,
        details={"kind": kind},
    )

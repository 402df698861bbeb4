"""Where a letter about something is, or can be sent: a link for other pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.letters.access import letters_on, sending_for


def letter_links(
    access: ContractAccess, kind: str, subject_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """A link for each thing, by its id: to the letter about it, or to the page that sends one.

    `mark` is the number of the letter. Who may not send one has links to those he may read.
    """
    if not subject_ids:
        return {}
    contract = access.contract.pk
    letters = letters_on(access).filter(kind=kind, subject_id__in=subject_ids)
    links = {
        int(letter.subject_id or 0): {
            "url": reverse("letter", args=[contract, letter.pk]),
            "mark": letter.mark,
        }
        for letter in letters
    }
    if sending_for(access, kind) is not None:
        for subject in subject_ids:
            new = {"url": reverse(f"send-{kind}", args=[contract, subject]), "mark": ""}
            links.setdefault(subject, new)
    return links

"""The proof on a contract: files that were kept, and what somebody saw and nobody kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.evidence import name_of
from telmee.apps.contributions.models import Evidence, Sighting


@dataclass(frozen=True, slots=True)
class Document:
    """One proof of one line: a file with its size, or a sighting with the day and who saw it."""

    line_id: int
    reference: str
    kind: str
    file_name: str
    size: int | None
    at: date | datetime
    user_id: int | None
    organisation_id: int


def documents_on(access: ContractAccess) -> list[Document]:
    """Every proof with the lines that somebody may see, the latest line first.

    Runs two queries.
    """
    return sorted([*_files(access), *_sightings(access)], key=lambda document: -document.line_id)


def _files(access: ContractAccess) -> Iterator[Document]:
    files = Evidence.objects.filter(contribution__in=on_contract(access), removed_at=None)
    for row in files.select_related("contribution").order_by("id"):
        yield Document(
            line_id=row.contribution_id,
            reference=row.contribution.reference,
            kind=row.kind,
            file_name=name_of(row.contribution, row),
            size=row.size,
            at=row.added_at,
            user_id=row.added_by_id,
            organisation_id=row.organisation_id,
        )


def _sightings(access: ContractAccess) -> Iterator[Document]:
    sightings = Sighting.objects.filter(contribution__in=on_contract(access))
    for row in sightings.select_related("contribution").order_by("id"):
        yield Document(
            line_id=row.contribution_id,
            reference=row.contribution.reference,
            kind=row.kind,
            file_name="",
            size=None,
            at=row.seen_on,
            user_id=row.seen_by_id,
            organisation_id=row.organisation_id,
        )

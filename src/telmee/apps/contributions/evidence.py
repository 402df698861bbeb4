"""Proof of a contribution: files that may be kept, and proof that was seen and not kept.

Proof about a person (a benefit letter, an employment contract) carries a name and a BSN, so for
those blocks no file is taken: who saw it and when is written down instead. Which blocks those are,
`telmee.core.valuation.asks` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import IO

import puremagic
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from procrastinate.contrib.django import app

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, hold, holding
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import locked
from telmee.apps.contributions.choices import UNDECIDED_STATES, State
from telmee.apps.contributions.file_names import clean_file_name
from telmee.apps.contributions.file_removal import discard_evidence
from telmee.apps.contributions.jobs import SEARCH_TASK
from telmee.apps.contributions.models import Contribution, Evidence, Sighting
from telmee.apps.organisations.acting import acting_as
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Text
from telmee.core.free_text import require_reason
from telmee.core.schemes.model import Scheme
from telmee.core.valuation.asks import asks_of
from telmee.integrations.evidence import (
    NoPicture,
    Searched,
    search_file,
    search_photo,
    without_metadata,
)
from telmee.integrations.files.private import Altered, Stored, contents_of, discard, store

#: What may be kept, by its ending: documents, pictures of one, and sheets that can be searched for
#: a BSN. No text files: they prove nothing that a sheet or a document does not prove better.
MEDIA_TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv",
}
#: While these last, proof can be added: before a decision, and when somebody looks again.
_ADDING = frozenset((State.DRAFT, *UNDECIDED_STATES, State.PARTLY, State.OBJECTION))
#: What the name of a file may be made of, on every system.
_NOT_IN_A_NAME = re.compile(r"[^\w-]+")
_FILES_MAX = 20
_KIND_MAX = 300
#: What is known of a picture before anybody recognised the text in it.
_PICTURE = Searched(holds_bsn=False, is_whole=False, has_pictures=True)


def kinds_of(access: ContractAccess, line: Contribution) -> tuple[Text, ...]:
    """List the proof that the scheme asks for with a line; nothing where it does not say."""
    return kinds_asked(rules_of(access.contract.scheme), line.block)


def kinds_asked(scheme: Scheme, block: str) -> tuple[Text, ...]:
    """List the proof that a scheme asks for with a block; nothing where it does not say."""
    try:
        return asks_of(scheme, block).evidence
    except DomainError:
        return ()  # a draft whose block is no longer known


def takes_files(access: ContractAccess, line: Contribution) -> bool:
    """Whether files may be stored with a line, or proof is only looked at elsewhere."""
    try:
        return asks_of(rules_of(access.contract.scheme), line.block).upload
    except DomainError:
        return False


def may_add_file(access: ContractAccess, line: Contribution) -> bool:
    """Whether somebody can add a file to a line now: his own, until it is decided."""
    own = access.works_for(line.organisation_id) and access.is_open
    return own and line.state in _ADDING and takes_files(access, line)


def may_remove_file(access: ContractAccess, line: Contribution) -> bool:
    """Whether somebody can take a file away: always his own, for it may hold a name."""
    return access.works_for(line.organisation_id)


def may_record_sighting(access: ContractAccess, line: Contribution) -> bool:
    """Whether somebody can write down that he saw proof of a line."""
    return access.may_decide and line.state != State.WITHDRAWN


# Files ---------------------------------------------------------------------------------------


def add_evidence(
    access: ContractAccess, line: Contribution, *, file: IO[bytes], name: str, kind: str
) -> Evidence:
    """Keep a file that proves a line; the same file as the same proof is kept once.

    Raises `not_allowed`, `evidence_not_kept`, `evidence_closed`, `bsn_in_file_name`,
    `evidence_kind`, `evidence_too_large`, `evidence_type`, `evidence_type_differs`,
    `evidence_with_bsn`, `evidence_too_many`, or what makes a file unreadable, such as
    `broken_workbook`, `pdf_encrypted` or `file_too_heavy`.
    """
    _require_room(access, line, kind)
    ending = PurePath(clean_file_name(name)).suffix.casefold()
    content = _content(file)
    _require_type(content, ending)
    content, searched = _cleaned(content, ending)
    later = bool(settings.PHOTO_LIBRARY) and searched.has_pictures
    stored = store(settings.EVIDENCE_FOLDER, [content])
    try:
        with transaction.atomic():
            (access,) = hold(access)
            line = locked(line, None)
            _require_room(access, line, kind)
            same = line.evidence.filter(sha256=stored.sha256, kind=kind, removed_at=None).first()
            if same is not None:
                discard(settings.EVIDENCE_FOLDER, stored.name)
                return same
            added = Evidence.objects.create(
                contribution=line,
                contract=access.contract,
                organisation_id=line.organisation_id,
                number=_next_number(line),
                kind=kind,
                media_type=MEDIA_TYPES[ending],
                is_searched=searched.is_whole,
                waits_for_search=later,
                size=stored.size,
                sha256=stored.sha256,
                stored_as=stored.name,
                added_by_id=access.acting.user_id,
            )
            _record(access, "contribution.evidence_added", line, details=_facts(added))
            if later:
                app.configure_task(SEARCH_TASK).defer(
                    evidence_id=added.pk, user_id=access.acting.user_id
                )
    except BaseException:
        discard(settings.EVIDENCE_FOLDER, stored.name)
        raise
    return added


def evidence_for(access: ContractAccess, line: Contribution, evidence_id: int) -> Evidence:
    """Get a file of a line that somebody may see. Raises `Http404`, also when it was removed.

    A photo that is still to be searched is seen by who added it alone.
    """
    evidence = line.evidence.filter(pk=evidence_id, removed_at=None).first()
    others = line.organisation_id not in access.acting.organisations
    if evidence is None or (evidence.waits_for_search and others):
        raise Http404
    return evidence


def name_of(line: Contribution, evidence: Evidence) -> str:
    """The name that a file is saved under: the line and its number, and nothing of anybody."""
    ending = next(one for one, media in MEDIA_TYPES.items() if media == evidence.media_type)
    reference = _NOT_IN_A_NAME.sub("-", line.reference).strip("-")
    return f"{reference}-bewijs-{evidence.number}{ending}"


def path_of(evidence: Evidence) -> Path:
    """Where a file is kept."""
    return Path(settings.EVIDENCE_FOLDER) / evidence.stored_as


def contents_for(access: ContractAccess, line: Contribution, evidence: Evidence) -> bytes:
    """The bytes of a file, if they are still what was put in.

    Raises `proof_altered` or `proof_missing` and has then written so in the journal, which
    stands when the transaction goes on.
    """
    stored = Stored(evidence.stored_as, evidence.size, evidence.sha256)
    try:
        return contents_of(Path(settings.EVIDENCE_FOLDER), stored)
    except Altered:
        verb, problem = "contribution.evidence_altered", Problem("proof_altered")
    except OSError:
        verb, problem = "contribution.evidence_missing", Problem("proof_missing")
    own = {party.organisation_id for party in access.parties} & {*access.acting.organisations}
    details = {"evidence": evidence.pk, "number": evidence.number}
    _record(access, verb, line, details=details, by=min(own))
    raise DomainError(problem)


@holding()
def remove_evidence(
    access: ContractAccess, line: Contribution, evidence: Evidence, *, reason: str = ""
) -> None:
    """Take a file away; that it was there stays, and so does its hash.

    Also on a closed contract. Raises `not_allowed`, and `missing_explanation` once the line was
    handed in.
    """
    line = locked(line, None)
    if not may_remove_file(access, line):
        raise DomainError(Problem("not_allowed"))
    require_reason(reason, required=line.state != State.DRAFT)
    now = timezone.now()
    if not line.evidence.filter(pk=evidence.pk, removed_at=None).update(removed_at=now):
        return
    verb = "contribution.evidence_removed"
    _record(access, verb, line, reason=reason, details=_facts(evidence))
    transaction.on_commit(partial(discard_evidence, [evidence.stored_as]))


def search_evidence(evidence_id: int, user_id: int) -> None:
    """Look for a BSN in a photo or a scan that waits for it; one that holds any is removed.

    Done once, however often it is called. A photo that takes too much stays, and is not searched.
    Where `user_id` may no longer work on the line, nothing is done: others never see the file.
    """
    with acting_as(user_id):
        waiting = Evidence.objects.filter(pk=evidence_id, waits_for_search=True, removed_at=None)
        photo = waiting.first()
    if photo is None:
        return
    try:
        searched = search_photo(path_of(photo), Path(settings.PHOTO_LIBRARY))
    except DomainError:
        searched = _PICTURE
    with acting_as(user_id) as acting, suppress(Http404):
        access, line = contribution_for(acting, photo.contribution_id)
        (access,) = hold(access)
        line = locked(line, None)
        if not access.works_for(line.organisation_id):
            return
        removed_at = timezone.now() if searched.holds_bsn else None
        changed = {"is_searched": searched.is_whole, "removed_at": removed_at}
        if not waiting.update(waits_for_search=False, **changed) or not searched.holds_bsn:
            return
        _record(access, "contribution.evidence_with_bsn", line, details=_facts(photo))
        transaction.on_commit(partial(discard_evidence, [photo.stored_as]))


def _require_room(access: ContractAccess, line: Contribution, kind: str) -> None:
    if not access.works_for(line.organisation_id):
        raise DomainError(Problem("not_allowed"))
    if not takes_files(access, line):
        raise DomainError(Problem("evidence_not_kept", "bestand"))
    if not may_add_file(access, line):
        raise DomainError(Problem("evidence_closed", "bestand"))
    if line.evidence.filter(removed_at=None).count() >= _FILES_MAX:
        raise DomainError(Problem("evidence_too_many", "bestand", params={"maximum": _FILES_MAX}))
    _require_kind(access, line, kind)


def _require_kind(access: ContractAccess, line: Contribution, kind: str) -> None:
    """Take a kind by its Dutch words, as the scheme has them, or none in particular."""
    if kind not in {"", *(known.nl[:_KIND_MAX] for known in kinds_of(access, line))}:
        raise DomainError(Problem("evidence_kind", "soort"))


def _next_number(line: Contribution) -> int:
    """Number a file on its line; a number that was removed does not come back."""
    last: int | None = line.evidence.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _content(file: IO[bytes]) -> bytes:
    content = file.read(settings.EVIDENCE_BYTES_MAX + 1)
    if len(content) > settings.EVIDENCE_BYTES_MAX:
        params = {"megabytes": settings.EVIDENCE_BYTES_MAX // 1024**2}
        raise DomainError(Problem("evidence_too_large", "bestand", params=params))
    if not content:
        raise DomainError(Problem("evidence_empty", "bestand"))
    return content


def _require_type(content: bytes, ending: str) -> None:
    """Refuse a file whose content is not what its name says."""
    if ending not in MEDIA_TYPES:
        allowed = ", ".join(sorted(known[1:] for known in MEDIA_TYPES))
        raise DomainError(Problem("evidence_type", "bestand", params={"allowed": allowed}))
    if not _is(content, ending):
        raise _differs(ending)


def _differs(ending: str) -> DomainError:
    return DomainError(Problem("evidence_type_differs", "bestand", params={"ending": ending[1:]}))


def _is(content: bytes, ending: str) -> bool:
    """Whether a file begins as its kind does; a CSV is any text, and begins as no other."""
    try:
        kinds = puremagic.magic_string(content, filename=f"bestand{ending}")
    except (puremagic.PureError, ValueError):
        kinds = []
    endings = {one.extension for one in kinds}
    if ending == ".csv":
        return b"\0" not in content and not endings & (MEDIA_TYPES.keys() | {".exe", ".html"})
    return bool(endings & ({".jpg", ".jpeg"} if ending in {".jpg", ".jpeg"} else {ending}))


def _cleaned(content: bytes, ending: str) -> tuple[bytes, Searched]:
    """A file without what must not be stored, and what came of searching it for a BSN.

    A picture loses what the camera wrote beside it. A file that holds a BSN is refused.
    """
    if MEDIA_TYPES[ending].startswith("image/"):
        try:
            return without_metadata(content, ending), _PICTURE
        except NoPicture:
            raise _differs(ending) from None
    with NamedTemporaryFile(suffix=ending) as copy:
        copy.write(content)
        copy.flush()
        searched = search_file(Path(copy.name), ending)
    if searched.holds_bsn:
        raise DomainError(Problem("evidence_with_bsn", "bestand"))
    return content, searched


# Seen, not kept ------------------------------------------------------------------------------


@holding()
def record_sighting(
    access: ContractAccess, line: Contribution, *, kind: str, seen_on: date
) -> Sighting:
    """Write down that who decides saw a proof, which stays with its owner.

    Who delivered a line says nothing with having seen its proof, so that side records none.
    Raises `not_allowed`, `contract_closed`, `evidence_kind` or `sighting_in_future`.
    """
    line = locked(line, None)
    organisation_id = access.deciding_for
    if organisation_id is None or line.state == State.WITHDRAWN:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    _require_kind(access, line, kind)
    if seen_on > timezone.localdate():
        raise DomainError(Problem("sighting_in_future", "gezien_op"))
    seen = Sighting.objects.create(
        contribution=line,
        contract=access.contract,
        organisation_id=organisation_id,
        kind=kind,
        seen_on=seen_on,
        seen_by_id=access.acting.user_id,
    )
    details = {"kind": kind, "seen_on": seen_on.isoformat()}
    _record(access, "contribution.sighted", line, details=details, by=organisation_id)
    return seen


def still_to_show(
    kinds: Iterable[Text], evidence: Iterable[Evidence], sightings: Iterable[Sighting]
) -> Iterator[Text]:
    """The proof that the scheme asks for and that nobody added or saw yet."""
    there = {one.kind for one in evidence} | {one.kind for one in sightings}
    return (kind for kind in kinds if kind.nl[:_KIND_MAX] not in there)


def _facts(evidence: Evidence) -> dict[str, object]:
    """What the journal says of a file, also once it was removed: the check holds its row to it."""
    return {"evidence": evidence.pk, "number": evidence.number, "sha256": evidence.sha256}


def _record(
    access: ContractAccess,
    verb: str,
    line: Contribution,
    *,
    reason: str = "",
    details: Mapping[str, object],
    by: int | None = None,
) -> None:
    """Write in the journal; with a draft it stays out of the contract's."""
    contract_id = None if line.state == State.DRAFT else access.contract.pk
    organisation_id = by or line.organisation_id
    record(
        access.acting,
        verb,
        line,
        organisation_id=organisation_id,
        contract_id=contract_id,
        reason=reason,
        details=details,
    )

"""A file of contributions on a contract: taken in by a request, read by the worker.

The request keeps the file and defers its reading in one transaction. The reading is one
transaction as well: killed at any moment, it leaves nothing, and is done again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from procrastinate.contrib.django import app

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, contract_for, hold
from telmee.apps.contributions.cells import cells_kept, fill, fingerprint, text_problems
from telmee.apps.contributions.choices import State, UploadStatus
from telmee.apps.contributions.file_names import clean_file_name
from telmee.apps.contributions.jobs import READ_TASK
from telmee.apps.contributions.kept_problems import ListedProblem, as_document
from telmee.apps.contributions.models import Contribution, Upload
from telmee.apps.contributions.suppliers import with_certificates
from telmee.apps.contributions.valuing import value_lines
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.turns import done_before
from telmee.apps.people.actions import people_named
from telmee.apps.people.queries import people_by_code
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError, Problem
from telmee.core.tables.contribution_columns import CONTRACT, PERSON, REFERENCE
from telmee.core.valuation import Status
from telmee.core.valuation.decided import ValuedAfter
from telmee.core.valuation.under_scheme import under_scheme
from telmee.integrations.files.private import Stored, discard, discard_old, store
from telmee.integrations.spreadsheets.apart import ContributionFile, read_contribution_file

#: More lines are no quarter of one contract, and would hold up the files of others.
LINES_MAX = 20_000
#: What a row of the database has room for.
#: A page can show so many; the rest is counted.
_LISTED_MAX = 500
_BATCH = 1000


def add_upload(access: ContractAccess, file: IO[bytes], name: str) -> tuple[Upload, bool]:
    """Take in a file and let the worker read it; gives also whether it is new.

    The same file twice is the same upload. Raises `not_allowed`, `contract_closed`,
    `bsn_in_file_name`, `upload_empty` or `upload_too_large`.
    """
    _require(access)
    file_name = clean_file_name(name)
    stored = store(settings.UPLOAD_FOLDER, _bounded(file))
    if not stored.size:
        discard(settings.UPLOAD_FOLDER, stored.name)
        raise DomainError(Problem("upload_empty", "bestand"))
    try:
        upload, is_new = _add(access, stored, file_name)
    except BaseException:
        discard(settings.UPLOAD_FOLDER, stored.name)
        raise
    if not is_new:
        discard(settings.UPLOAD_FOLDER, stored.name)
    return upload, is_new


@transaction.atomic
def _add(access: ContractAccess, stored: Stored, file_name: str) -> tuple[Upload, bool]:
    (access,) = hold(access)
    organisation_id = _require(access)
    about = (access.contract.pk, organisation_id, stored.sha256)
    same = Upload.objects.filter(contract=about[0], organisation=about[1], sha256=about[2])
    known = done_before(f"upload {about}", same)
    if known is not None:
        return known, False
    upload = Upload.objects.create(
        contract=access.contract,
        organisation_id=organisation_id,
        user_id=access.acting.user_id,
        file_name=file_name,
        sha256=stored.sha256,
        stored_as=stored.name,
    )
    record(access.acting, "upload.added", upload, organisation_id=organisation_id)
    app.configure_task(READ_TASK).defer(upload_id=upload.pk, user_id=access.acting.user_id)
    return upload, True


def _require(access: ContractAccess) -> int:
    if access.delivering_for is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    return access.delivering_for


def _bounded(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces of 64 kB; `upload_too_large` as soon as it weighs more than a file may."""
    left = settings.UPLOAD_BYTES_MAX
    while chunk := file.read(1 << 16):
        left -= len(chunk)
        if left < 0:
            params = {"megabytes": settings.UPLOAD_BYTES_MAX // 1024**2}
            raise DomainError(Problem("upload_too_large", "bestand", params=params))
        yield chunk


# Reading, by the worker -----------------------------------------------------------------------


def read_upload(upload_id: int, user_id: int) -> None:
    """Read a file that was taken in: drafts of its lines, and a list of what did not get in.

    Done once, however often it is called. Whoever uploaded it and may no longer do so gets nothing.
    The file is taken apart before anything is locked, for that may take as long as its maker likes.
    """
    with acting_as(user_id) as acting:
        upload = _own(acting, Upload.objects.all(), upload_id)
        if upload is None:
            return
    outcome = _taken_apart(upload)
    with acting_as(user_id) as acting, suppress(Http404):
        if not (waiting := _waiting(acting, upload_id)):
            return
        access, upload = waiting
        try:
            if isinstance(outcome, DomainError):
                raise outcome
            _take_in(access, upload, outcome)
        except DomainError as error:
            problems = [_with_name(problem, upload) for problem in error.problems]
            _finish(access, upload, UploadStatus.UNREADABLE, [ListedProblem(p) for p in problems])


def discard_left_uploads() -> None:
    """Throw away uploaded files that nobody read in a month; one that was read is gone already."""
    month = 30 * 24 * 60 * 60
    discard_old(Path(settings.UPLOAD_FOLDER), older_than=time.time() - month)


def _taken_apart(upload: Upload) -> ContributionFile | DomainError:
    """Read a file, or give why it cannot be read: that is written down with its upload."""
    path = Path(settings.UPLOAD_FOLDER) / upload.stored_as
    try:
        return read_contribution_file(path, lines_max=LINES_MAX)
    except DomainError as error:
        return error


def _waiting(acting: Acting, upload_id: int) -> tuple[ContractAccess, Upload] | None:
    """Take an upload that is still to be read for oneself, until the transaction ends."""
    upload = _own(acting, Upload.objects.select_for_update(), upload_id)
    return (contract_for(acting, upload.contract_id), upload) if upload else None


def _own(acting: Acting, uploads: QuerySet[Upload], upload_id: int) -> Upload | None:
    """Find an upload that is still to be read, of somebody who may still add it."""
    upload = uploads.filter(pk=upload_id, organisation__in=acting.working).first()
    return upload if upload and upload.status == UploadStatus.WAITING else None


def _with_name(problem: Problem, upload: Upload) -> Problem:
    """Name a file as its owner does, not as it is stored."""
    if "file" not in problem.params:
        return problem
    return replace(problem, params={**problem.params, "file": upload.file_name})


def _take_in(access: ContractAccess, upload: Upload, file: ContributionFile) -> None:
    (access,) = hold(access)
    _require(access)
    rules = rules_of(access.contract.scheme)
    reading = under_scheme(file.reading, rules)
    lines = reading.contributions
    codes = lines.person.names
    people = people_by_code(upload.organisation_id, codes)
    # Somebody who is new here has no number yet, and nothing was decided about him.
    numbers = tuple(str(people.get(code, f"={code}")) for code in codes)
    lines = replace(lines, person=replace(lines.person, names=numbers))
    lines = with_certificates(rules, lines)
    valued = value_lines(access.contract, upload.organisation_id, lines)
    known = _Known(access, upload, dict(zip(numbers, codes, strict=True)))
    cells_of_lines = [(one, known.cells_of(one, lines.contract[n])) for n, one in enumerate(valued)]
    taken = [(one, cells) for one, cells in cells_of_lines if cells is not None]
    drafts = _drafts(access, upload, taken, known)
    Contribution.objects.bulk_create(drafts, batch_size=_BATCH)
    upload.added, upload.known = len(drafts), known.count
    listed = [ListedProblem(p, notice=True) for p in reading.notices]
    listed += [ListedProblem(p, file.letters.get(p.column or "", "")) for p in known.refused]
    _finish(access, upload, UploadStatus.DONE, listed)


class _Known:
    """What is on the contract already, and what of a file gets in beside it.

    `codes` has the code of each person of the file by what the engine knew him as.
    """

    def __init__(self, access: ContractAccess, upload: Upload, codes: Mapping[str, str]) -> None:
        self.access, self.codes = access, codes
        self.count = 0
        self.refused: list[Problem] = []
        own = Contribution.objects.filter(
            contract=access.contract, organisation=upload.organisation_id
        ).exclude(state=State.WITHDRAWN)
        self._prints = dict(own.values_list("reference", "fingerprint"))

    def cells_of(self, valued: ValuedAfter, contract: str | None) -> dict[str, object] | None:
        """The cells of a line that becomes a draft; None where it is known, or refused."""
        row = int(valued.valuation.lines.row[valued.index])
        problems = list(valued.problems()) if valued.status is Status.REFUSED else []
        cells = cells_kept(valued.receipt().inputs)
        typed = cells | {PERSON: self.codes.get(str(cells.get(PERSON)))}
        problems += _unfit(typed, row, contract, self.access.contract.reference)
        there = None if problems else self._prints.get(str(cells[REFERENCE]))
        if there == fingerprint(cells):
            self.count += 1
            return None
        if there is not None:
            problems.append(Problem("reference_used", REFERENCE, row))
        self.refused += problems
        return None if problems else cells


def _drafts(
    access: ContractAccess,
    upload: Upload,
    taken: Sequence[tuple[ValuedAfter, Mapping[str, object]]],
    known: _Known,
) -> list[Contribution]:
    """Make the drafts of lines that get in, with a row for each person who is new."""
    people = people_named(
        upload.organisation_id,
        {known.codes[str(cells[PERSON])] for _, cells in taken if PERSON in cells},
    )
    drafts = []
    for valued, typed in taken:
        cells = dict(typed)
        if PERSON in cells:
            cells[PERSON] = str(people[known.codes[str(cells[PERSON])]])
        draft = Contribution(
            contract=access.contract,
            organisation_id=upload.organisation_id,
            upload=upload,
            created_by_id=access.acting.user_id,
            fingerprint=fingerprint(cells),
            value_cents=valued.value_cents,
            value_status=str(valued.status),
        )
        fill(draft, cells)
        drafts.append(draft)
    return drafts


def _unfit(
    cells: dict[str, object], row: int, contract: str | None, reference: str
) -> Iterator[Problem]:
    """What the register cannot take of a line, although the rules could: a contract or text."""
    if contract is not None and contract.casefold() != reference.casefold():
        yield Problem("other_contract", CONTRACT, row, {"reference": reference})
    yield from text_problems(cells, row)


def _finish(
    access: ContractAccess,
    upload: Upload,
    status: UploadStatus,
    listed: Iterable[ListedProblem],
) -> None:
    """Keep what came of a file; the file itself has done its work and goes."""
    problems = iter(listed)
    kept = list(islice(problems, _LISTED_MAX))
    if more := len(list(problems)):
        kept.append(ListedProblem(Problem("upload_problems_more", params={"count": more})))
    upload.refused = [as_document(one) for one in kept]
    upload.status, upload.read_at = status, timezone.now()
    upload.save(update_fields=["status", "added", "known", "refused", "read_at"])
    details = {"added": upload.added, "known": upload.known, "status": str(status)}
    organisation_id = upload.organisation_id
    record(access.acting, "upload.read", upload, organisation_id=organisation_id, details=details)
    transaction.on_commit(lambda: discard(settings.UPLOAD_FOLDER, upload.stored_as))

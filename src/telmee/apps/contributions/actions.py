"""Write contributions by the contractor: drafts, handing in, taking back, withdrawing.

Files are in `uploads` and `evidence`; deciding and objecting in `telmee.apps.decisions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from telmee.apps.audit.actions import Done, record, record_each
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contributions.cells import (
    Cells,
    cells_of,
    cells_to_value,
    fill,
    fingerprint,
    text_problems,
)
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.closed_parts import partner_problems
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.file_removal import discard_evidence
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.recording import record_on_line
from telmee.apps.contributions.suppliers import with_certificate
from telmee.apps.contributions.takeover import takeover_problems
from telmee.apps.contributions.telling import tell_of_handing_in
from telmee.apps.contributions.transitions import MOVED, Step, move, require_step
from telmee.apps.contributions.valuing import figure_of, value_drafts, value_line
from telmee.apps.organisations.turns import done_before
from telmee.apps.people.actions import people_named
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.figures import Figure
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import REASON, require_none, require_reason
from telmee.core.tables.contribution_columns import PERSON, REFERENCE
from telmee.core.valuation import Status
from telmee.core.valuation.decided import ValuedAfter

#: Rows in one statement.
_BATCH = 500


@holding()
def save_draft(
    access: ContractAccess,
    cells: Cells,
    *,
    note: str = "",
    key: UUID | None = None,
    line: Contribution | None = None,
    version: int | None = None,
) -> Contribution:
    """Add a draft, or change one; whatever it still lacks, nothing typed is lost.

    The same `key` with the same effort adds one draft; other effort is another draft. `version` is
    that of the line when it was opened. Raises `not_allowed`, `contract_closed`, `reference_used`,
    `changed_meanwhile` when somebody else saved it first, and what refuses a text.
    """
    organisation_id = access.delivering_for if line is None else line.organisation_id
    if organisation_id is None or organisation_id not in access.acting.working:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    require_none([*text_problems(cells), *REASON.problems("toelichting", note)])
    cells = with_certificate(rules_of(access.contract.scheme), cells, line)
    if line is None and key is not None:
        drafted = Contribution.objects.filter(key=key, organisation=organisation_id)
        known = done_before(key, drafted)
        if known is not None and _same_effort(cells_of(known), cells):
            return known
        if known is not None:
            key = None  # somebody went back in his browser and typed the next one
    try:
        with transaction.atomic():
            return _save(
                access, cells, organisation_id, note=note, key=key, line=line, version=version
            )
    except IntegrityError as error:
        if "reference_once" not in str(error):
            raise
        raise DomainError(Problem("reference_used", REFERENCE)) from None


def _same_effort(one: Cells, other: Cells) -> bool:
    """Whether two lines say the same but for their references, which the register may have set."""
    return {**one, REFERENCE: None} == {
        **{column: cell for column, cell in other.items() if cell not in (None, "")},
        REFERENCE: None,
    }


def _save(
    access: ContractAccess,
    cells: Cells,
    organisation_id: int,
    *,
    note: str,
    key: UUID | None,
    line: Contribution | None,
    version: int | None,
) -> Contribution:
    if line is None:
        row = Contribution(
            contract=access.contract,
            organisation_id=organisation_id,
            key=key or uuid4(),
            created_by_id=access.acting.user_id,
        )
    else:
        row = locked(line, version)
        if row.state != State.DRAFT:
            raise DomainError(Problem("wrong_state", params={"state": row.state}))
        row.version += 1
    cells = _with_person(organisation_id, cells, row)
    fill(row, cells)
    row.note = note
    row.fingerprint = fingerprint(cells)
    valued = value_line(access.contract, organisation_id, cells, line_id=row.pk)
    _value(row, valued)
    row.save()
    verb = "contribution.drafted" if line is None else "contribution.changed"
    # A draft is nobody else's: without the contract it stays out of the contract's journal.
    record(access.acting, verb, row, organisation_id=organisation_id)
    return row


def _with_person(organisation_id: int, cells: Cells, line: Contribution) -> Cells:
    """Put the number of a person's row where his code was typed.

    Where the code was erased nobody can type it: the line stays that person's.
    """
    code = str(cells.get(PERSON) or "")
    if code:
        return {**cells, PERSON: str(people_named(organisation_id, [code])[code])}
    if line.person is not None and line.person.code is None:
        return {**cells, PERSON: str(line.person_id)}
    return cells


def locked(line: Contribution, version: int | None) -> Contribution:
    """Take a line for oneself until the transaction ends, if it is still as it was seen.

    Raises `changed_meanwhile`, `line_gone` when it was taken back or thrown away, and
    `not_allowed` for who may read it and no more: the database locks nothing for him.
    """
    known = Contribution.objects.filter(pk=line.pk, contract=line.contract_id)
    row = known.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise DomainError(Problem("not_allowed" if known.exists() else "line_gone"))
    require_version(row, version)
    return row


def require_version(row: Contribution, version: int | None) -> None:
    """Refuse what somebody changed since it was seen."""
    if version is not None and row.version != version:
        raise DomainError(Problem("changed_meanwhile"))


@holding()
def submit(access: ContractAccess, line: Contribution, *, version: int | None = None) -> None:
    """Hand in a draft: it is valued once more, with a receipt, and stays as it is from here.

    Raises `DomainError` with everything that refuses the line; what a person must judge goes in.
    """
    row = locked(line, version)
    organisation_id = move(access, row, Step.SUBMIT)
    cells = cells_to_value(row)
    valued = value_line(access.contract, row.organisation_id, cells, line_id=row.pk)
    partners = partner_problems([row])[row.pk]
    require_none([*_refused(valued), *_too_late(access, row), *partners])
    _value(row, valued)
    (row.receipt,) = keep([_figure(row, valued)])
    row.save()
    details = {"cents": row.value_cents, "block": row.block}
    record_on_line(access, "contribution.submitted", row, organisation_id, details=details)
    tell_of_handing_in(access, [row], organisation_id)


def correct(access: ContractAccess, row: Contribution, cells: Cells, *, note: str) -> None:
    """Put other cells in a line that is handed in, as its client asked, with a figure of its own.

    The row is locked by who calls, and still to be saved. A cell that did not change leaves the
    figure as it was. Raises what refuses a text, and everything that refuses the line.
    """
    require_none([*text_problems(cells), *REASON.problems("toelichting", note)])
    require_no_code(row, note)
    cells = with_certificate(rules_of(access.contract.scheme), cells, row)
    before, days = cells_to_value(row), (row.begin, row.end)
    fill(row, _with_person(row.organisation_id, cells, row))
    row.note = note
    now = cells_to_value(row)
    if now == before:
        return
    row.fingerprint = fingerprint(now)
    valued = value_line(access.contract, row.organisation_id, now, line_id=row.pk)
    late = _too_late(access, row) if (row.begin, row.end) != days else []
    require_none([*_refused(valued), *late])
    _value(row, valued)
    (row.receipt,) = keep([_figure(row, valued)])


def require_value(valued: ValuedAfter) -> None:
    """Raise everything that refuses a line; a line that a person must judge passes."""
    require_none(_refused(valued))


def _refused(valued: ValuedAfter) -> list[Problem]:
    return list(valued.problems()) if valued.status is Status.REFUSED else []


def _too_late(access: ContractAccess, row: Contribution) -> list[Problem]:
    return takeover_problems(access, row.organisation_id, row.begin, row.end)


@holding()
def take_back(access: ContractAccess, line: Contribution, *, version: int | None = None) -> None:
    """Make a line that was handed in a draft again, to correct it before it is decided on."""
    _take(access, line, Step.TAKE_BACK, version=version)


@holding()
def withdraw(
    access: ContractAccess, line: Contribution, *, reason: str, version: int | None = None
) -> None:
    """Withdraw a line that was handed in; it stays to be seen and counts nowhere."""
    _take(access, line, Step.WITHDRAW, reason=reason, version=version)


@holding()
def remove_draft(access: ContractAccess, line: Contribution) -> None:
    """Throw a draft away, with the proof that was added to it.

    Raises `draft_has_history` for a line that was decided on and reopened, or about which somebody
    asked or wrote: that stays.
    """
    row = locked(line, None)
    organisation_id = require_step(access, row, Step.REMOVE)
    if row.decisions.exists() or row.questions.exists() or row.messages.exists():
        raise DomainError(Problem("draft_has_history"))
    record(access.acting, "contribution.removed", row, organisation_id=organisation_id)
    kept = list(row.evidence.filter(removed_at=None).values_list("stored_as", flat=True))
    row.evidence.all().delete()
    row.sightings.all().delete()
    row.delete()
    transaction.on_commit(partial(discard_evidence, kept))


@dataclass(frozen=True, slots=True)
class HandedIn:
    """How many drafts were handed in, and what refuses the others, by the id of the line."""

    done: int = 0
    refused: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)


@holding()
def submit_drafts(access: ContractAccess, drafts: Iterable[Contribution]) -> HandedIn:
    """Hand in many drafts of one organisation at once, as far as they can be.

    What is refused stays a draft. They are valued together, in a fixed number of queries. Raises
    `not_allowed` or `contract_closed`.
    """
    chosen = access.contract.contributions.filter(pk__in=[line.pk for line in drafts])
    rows = list(chosen.filter(state=State.DRAFT).select_for_update().order_by("id"))
    if not rows:
        return HandedIn()
    organisation_id = require_step(access, rows[0], Step.SUBMIT)
    own = [row for row in rows if row.organisation_id == organisation_id]
    valued, partners = value_drafts(access.contract, organisation_id, own), partner_problems(own)
    refused = {
        row.pk: problems
        for row, valued_line in zip(own, valued, strict=True)
        if (problems := (*_refused(valued_line), *_too_late(access, row), *partners[row.pk]))
    }
    ready = [(row, v) for row, v in zip(own, valued, strict=True) if row.pk not in refused]
    receipts = keep([_figure(row, valued_line) for row, valued_line in ready])
    for (row, valued_line), receipt in zip(ready, receipts, strict=True):
        _value(row, valued_line)
        row.receipt = receipt
        move(access, row, Step.SUBMIT)
    _write_submitted(access, [row for row, _ in ready], organisation_id)
    return HandedIn(len(ready), refused)


def _write_submitted(
    access: ContractAccess, rows: list[Contribution], organisation_id: int
) -> None:
    changed = ("value_cents", "value_status", *MOVED)
    Contribution.objects.bulk_update(rows, changed, batch_size=_BATCH)
    record_each(
        access.acting,
        "contribution.submitted",
        [
            Done(
                row,
                organisation_id,
                access.contract.pk,
                {"cents": row.value_cents, "block": row.block},
            )
            for row in rows
        ],
    )
    tell_of_handing_in(access, rows, organisation_id)


def _figure(row: Contribution, valued: ValuedAfter) -> Figure:
    return figure_of(valued, contract_id=row.contract_id, organisation_id=row.organisation_id)


def _value(row: Contribution, valued: ValuedAfter) -> None:
    row.value_cents, row.value_status = valued.value_cents, str(valued.status)


def _take(
    access: ContractAccess,
    line: Contribution,
    step: Step,
    *,
    reason: str = "",
    version: int | None,
) -> None:
    require_reason(reason, required=False)
    row = locked(line, version)
    require_no_code(row, reason)
    organisation_id = move(access, row, step)
    row.save(update_fields=MOVED)
    record_on_line(access, f"contribution.{_DONE[step]}", row, organisation_id, reason=reason)


_DONE = {Step.TAKE_BACK: "taken_back", Step.WITHDRAW: "withdrawn"}

"""Write in the books: post an entry, or take one back. Nothing else ever happens to them."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from telmee.apps.audit.actions import record
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.apps.receipts.models import Receipt
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import EntryKind

#: Keys that follow from other keys are made in this space.
_KEYS = UUID("5a1d6e52-8f1f-4b6e-9d5c-7c1a3b1f6a10")


def post(
    acting: Acting,
    *,
    organisation_id: int,
    contract_id: int,
    kind: EntryKind,
    amount_cents: int,
    effective_on: date,
    key: UUID,
    reason: str = "",
    contribution_id: int | None = None,
    decision_id: int | None = None,
    receipt: Receipt | None = None,
    transfer: UUID | None = None,
    amendment: int | None = None,
) -> int:
    """Post an entry and give its id; the same key posts once and gives the same id again.

    `organisation_id` is for whom the books are kept, `receipt` how the amount came about,
    `transfer` is the same for both entries of surplus that moves, and `amendment` the number of the
    amendment of the contract that this belongs to. Raises `DomainError`
    `ledger_key_reused` when the key stands for another entry. The database refuses what breaks an
    invariant.
    """
    entry = Entry(
        contract_id=contract_id,
        kind=str(kind),
        amount_cents=amount_cents,
        effective_on=effective_on,
        key=key,
        reason=reason,
        contribution_id=contribution_id,
        decision_id=decision_id,
        receipt=receipt,
        transfer=transfer,
        amendment=amendment,
        user_id=acting.user_id,
        organisation_id=organisation_id,
    )
    return _insert_once(acting, entry, "ledger.posted")


def reverse(
    acting: Acting,
    entry_id: int,
    *,
    organisation_id: int,
    reason: str,
    amendment: int | None = None,
) -> int:
    """Take an entry back by its mirror image and give that one's id; twice does it once.

    The mirror has the original's `effective_on`: it belongs to the same year. `amendment` is the
    number of the amendment of the contract for which it is taken back.
    """
    original = Entry.objects.get(pk=entry_id)
    mirror = Entry(
        contract_id=original.contract_id,
        kind=original.kind,
        amount_cents=-original.amount_cents,
        effective_on=original.effective_on,
        key=uuid5(_KEYS, f"reverse {original.key}"),
        reverses=original,
        reason=reason,
        contribution_id=original.contribution_id,
        decision_id=original.decision_id,
        receipt_id=original.receipt_id,
        transfer=original.transfer,
        amendment=amendment,
        user_id=acting.user_id,
        organisation_id=organisation_id,
    )
    return _insert_once(acting, mirror, "ledger.reversed")


def _insert_once(acting: Acting, entry: Entry, verb: str) -> int:
    """Insert an entry, or find the one that its key already stands for."""
    known = done_before(entry.key, Entry.objects.filter(key=entry.key))
    if known is not None:
        if _facts_of(known) != _facts_of(entry):
            raise DomainError(Problem("ledger_key_reused"))
        return known.pk
    entry.save(force_insert=True)
    record(
        acting,
        verb,
        entry,
        organisation_id=entry.organisation_id,
        contract_id=entry.contract_id,
        reason=entry.reason,
        details={"kind": entry.kind, "cents": entry.amount_cents},
    )
    return entry.pk


def _facts_of(entry: Entry) -> tuple[object, ...]:
    """The facts in which two entries must agree to be the same one sent twice."""
    return (
        entry.contract_id,
        entry.kind,
        entry.amount_cents,
        entry.effective_on,
        entry.reverses_id,
        entry.contribution_id,
        entry.decision_id,
        entry.receipt_id,
        entry.transfer,
    )

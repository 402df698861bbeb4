"""The sums of a settlement: each row opens to its entries, and old stands beside new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.core.ledger import EntryKind, Position
from telmee.web.contracts.sums import Row, Sum
from telmee.web.language import Words


@dataclass(frozen=True, slots=True)
class _Books:
    """The books that a settlement is about, as its rows open them; `until` is a day of them."""

    contract_id: int
    until: str

    def row(self, label: str, cents: int, kind: EntryKind | None, note: str = "") -> Row:
        """A figure that opens to its entries; without a kind, to all of them."""
        query = {"kind": str(kind)} if kind else {}
        address = reverse("contract-ledger", args=[self.contract_id])
        narrowed = query | ({"op": self.until} if self.until else {})
        return Row(label, cents, note, f"{address}?{urlencode(narrowed)}" if narrowed else address)


def settlement_sums(
    contract_id: int,
    position: Position,
    registered_cents: int,
    *,
    kinds: Mapping[str, Words],
    until: str = "",
) -> list[Sum]:
    """What is owed, what counts and what is left; `until` is a day of the books to open.

    `kinds` are the words of the entries of this contract.
    """
    books = _Books(contract_id, until)
    return [
        _owed(books, position, registered_cents),
        _counting(books, position),
        _left(position),
        _apart(books, position, str(kinds[EntryKind.PENALTY])),
    ]


def _owed(books: _Books, position: Position, registered_cents: int) -> Sum:
    changed = position.imposed_cents - registered_cents
    rows = (
        books.row(_("Imposed at the registration"), registered_cents, EntryKind.OBLIGATION),
        books.row(_("Changes of the contract"), changed, None),
        books.row(_("Waived"), -position.waived_cents, EntryKind.WAIVED),
    )
    return Sum(_("What is owed"), rows, Row(_("Owed"), position.owed_cents))


def _counting(books: _Books, position: Position) -> Sum:
    brought, pooled = position.carried_in_cents, position.pooled_cents
    taken = -position.carried_out_cents
    rows = (
        books.row(_("Verified"), position.verified_cents, EntryKind.REALISED),
        books.row(_("Brought from another contract"), brought, EntryKind.CARRIED_IN),
        books.row(_("Pooled from another contract"), pooled, EntryKind.POOLED),
        books.row(_("Transferred to another contract"), taken, EntryKind.CARRIED_OUT),
    )
    return Sum(_("What counts"), rows, Row(_("Counts together"), position.met_cents))


def _left(position: Position) -> Sum:
    rows = [
        Row(_("Owed"), position.owed_cents),
        Row(_("Counts together"), -position.met_cents),
    ]
    if position.surplus_cents:
        rows.append(Row(_("Surplus, beyond what is owed"), position.surplus_cents))
    return Sum(_("What is left"), tuple(rows), Row(_("Open"), position.open_cents))


def _apart(books: _Books, position: Position, sanction: str) -> Sum:
    fine = _("Money, which takes nothing off what is owed.")
    row = books.row(sanction, position.penalty_cents, EntryKind.PENALTY, fine)
    total = Row(_("To be paid or withheld"), position.penalty_cents)
    return Sum(_("Apart from what is owed"), (row,), total)


def old_beside_new(
    before: Position, after: Position, kinds: Mapping[str, Words]
) -> Iterator[dict[str, object]]:
    """What a correction changed, each figure as it was and as it is; what is left comes last."""
    for kind in EntryKind:
        name = f"{kind}_cents"
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield {"label": kinds[kind], "before": old, "after": new}
    for label, name in ((_("Open"), "open_cents"), (_("Surplus"), "surplus_cents")):
        old, new = getattr(before, name), getattr(after, name)
        if old or new:
            yield {"label": label, "before": old, "after": new}

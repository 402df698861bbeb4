"""The sums of a settlement: each row opens to its entries, and old stands beside new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.core.ledger import EntryKind, Position
from telmee.web.contracts.contract_words import Words
from telmee.web.contracts.sums import Row, Sum


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

    def row(label: str, cents: int, kind: EntryKind | None, note: str = "") -> Row:
        query = {"kind": str(kind)} if kind else {}
        address = reverse("contract-ledger", args=[contract_id])
        narrowed = query | ({"op": until} if until else {})
        return Row(label, cents, note, f"{address}?{urlencode(narrowed)}" if narrowed else address)

    changed = position.imposed_cents - registered_cents
    brought, pooled = position.carried_in_cents, position.pooled_cents
    sanction = str(kinds[EntryKind.PENALTY])
    fine = _("Money, which takes nothing off what is owed.")
    return [
        Sum(
            _("What is owed"),
            (
                row(_("Imposed at the registration"), registered_cents, EntryKind.OBLIGATION),
                row(_("Changes of the contract"), changed, None),
                row(_("Waived"), -position.waived_cents, EntryKind.WAIVED),
            ),
            Row(_("Owed"), position.owed_cents),
        ),
        Sum(
            _("What counts"),
            (
                row(_("Verified"), position.verified_cents, EntryKind.REALISED),
                row(_("Brought from another contract"), brought, EntryKind.CARRIED_IN),
                row(_("Pooled from another contract"), pooled, EntryKind.POOLED),
                row(
                    _("Transferred to another contract"),
                    -position.carried_out_cents,
                    EntryKind.CARRIED_OUT,
                ),
            ),
            Row(_("Counts together"), position.met_cents),
        ),
        Sum(
            _("What is left"),
            (
                Row(_("Owed"), position.owed_cents),
                Row(_("Counts together"), -position.met_cents),
                *(
                    [Row(_("Surplus, beyond what is owed"), position.surplus_cents)]
                    if position.surplus_cents
                    else []
                ),
            ),
            Row(_("Open"), position.open_cents),
        ),
        Sum(
            _("Apart from what is owed"),
            (row(sanction, position.penalty_cents, EntryKind.PENALTY, fine),),
            Row(_("To be paid or withheld"), position.penalty_cents),
        ),
    ]


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

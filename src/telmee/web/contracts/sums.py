"""How figures on a page come about from each other: what is added, what is taken off, and the sum.

Wherever figures stand beside each other of which one follows from others, such a sum stands below
them: what was waived, moved, not decided or decided otherwise is a row of it. A test over the
example region adds up each sum of each page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.reports.expected import Otherwise, Part
from telmee.apps.reports.portfolio import Totals
from telmee.core.ledger import EntryKind, Position
from telmee.web.contracts.contract_words import KINDS
from telmee.web.contracts.risk_words import not_counted
from telmee.web.language import Words
from telmee.web.templatetags.telmee import euros

#: The address of the lines behind a row; without one the row is no link.
Links = Callable[[Part], str]


def _no_link(_part: Part) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a sum; what is taken off is below zero."""

    label: str
    cents: int
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """What is added up, and what it comes to: `rows` together are the cents of `total`."""

    title: str
    rows: tuple[Row, ...]
    total: Row


def _sum(title: str, rows: Iterable[Row], total: Row) -> Sum:
    """A sum whose first row always stands there, and another only where it makes a difference."""
    first, *others = rows
    return Sum(title, (first, *(row for row in others if row.cents or row.note)), total)


def owed_sum(position: Position) -> Sum:
    """What is owed, from what was imposed."""
    rows = (
        Row(_("Imposed"), position.obligation_cents),
        Row(_("Lowered by a change of the contract"), -position.reduced_cents),
        Row(_("Waived"), -position.waived_cents),
    )
    return _sum(_("What is owed"), rows, Row(_("Owed"), position.owed_cents))


def position_sums(position: Position, kinds: Mapping[str, Words]) -> list[Sum]:
    """How owed and open follow from the books of a contract; owed only where some went off it."""
    went_off = position.owed_cents != position.obligation_cents
    return [*([owed_sum(position)] if went_off else []), open_sum(position, kinds)]


def open_sum(position: Position, kinds: Mapping[str, Words] = KINDS) -> Sum:
    """What is open, and what was done beyond what is owed; of one contract it is one of the two.

    `kinds` has the word for a sanction.
    """
    several = _("Surplus on one contract takes nothing off what is open on another.")
    surplus = Row(
        _("Surplus, beyond what is owed"),
        position.surplus_cents,
        several if position.beyond_cents else "",
    )
    text = _("Booked as well: %(sanction)s of %(amount)s. It is money, which takes nothing off.")
    sanction = str(kinds[EntryKind.PENALTY]).lower()
    booked = {"sanction": sanction, "amount": euros(position.penalty_cents)}
    note = text % booked if position.penalty_cents else ""
    total = Row(_("Open"), position.open_cents, note)
    return _sum(_("What is still open"), (*_settled(position), surplus), total)


def _settled(position: Position) -> tuple[Row, ...]:
    """What is owed, and what counts towards it."""
    return (
        Row(_("Owed"), position.owed_cents),
        Row(_("Verified"), -position.verified_cents),
        Row(_("Brought from another contract"), -position.carried_in_cents),
        Row(_("Pooled from another contract"), -position.pooled_cents),
        Row(_("Transferred to another contract"), position.carried_out_cents),
    )


def verified_sum(totals: Totals, otherwise: Otherwise | None = None) -> Sum:
    """What is verified, from what was delivered; `otherwise` says how decisions differ from it."""
    differs = totals.verified_cents - totals.delivered_cents + totals.undecided_cents
    waits = Row(_("Delivered, not decided"), -totals.undecided_cents)
    if otherwise is None:
        why = _(
            "Rejected, lowered or raised, or an amount by the client where the rules give none."
        )
        rows = [Row(_("Decided otherwise than delivered"), differs, why if differs else "")]
    else:
        rows = [
            Row(_("Rejected"), otherwise.rejected_cents),
            Row(_("Lowered by a decision"), otherwise.lowered_cents),
            Row(_("Raised by a decision"), otherwise.raised_cents),
            Row(_("Judged by the client: the rules give no amount"), otherwise.judged_cents),
        ]
    delivered = Row(_("Delivered"), totals.delivered_cents)
    total = Row(_("Verified"), totals.verified_cents)
    return _sum(_("From delivered to verified"), (delivered, waits, *rows), total)


def expected_sum(
    totals: Totals, url: Links = _no_link, *, unvalued: int = 0, beyond_cents: int = 0
) -> Sum:
    """What is expected at the end: what counts, what waits, and what is still to come.

    `beyond_cents` is what of a framework agreement does not count, as one call-off owes less.
    """
    position = totals.position
    note = ngettext(
        "%(count)s line waits without an amount: the client judges it.",
        "%(count)s lines wait without an amount: the client judges them.",
        unvalued,
    )
    waits = note % {"count": unvalued} if unvalued else ""
    rows = (
        Row(_("Verified"), totals.verified_cents, url=url(Part.VERIFIED)),
        Row(_("Brought from another contract"), position.carried_in_cents, url=url(Part.BROUGHT)),
        Row(_("Pooled from another contract"), position.pooled_cents, url=url(Part.POOLED)),
        Row(_("Transferred to another contract"), -position.carried_out_cents, url=url(Part.TAKEN)),
        Row(_("Delivered, not decided"), totals.undecided_cents, waits, url=url(Part.UNDECIDED)),
        Row(
            _("Not decided any more: the contract is closed"),
            totals.expected_undecided_cents - totals.undecided_cents,
        ),
        Row(_("Plan, still to come"), totals.planned_cents, url=url(Part.PLANNED)),
    )
    total = Row(_("Expected at the end"), totals.expected_cents, not_counted(beyond_cents))
    return _sum(_("What is expected at the end"), rows, total)

"""Effort that is entered in one place, on whichever contract: its beginning, and saving it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from telmee.apps.contracts.access import ContractAccess, parties_of
from telmee.apps.contracts.choices import DELIVERING_NOW, Form
from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.actions import save_draft, submit
from telmee.apps.contributions.cells import Cells, cells_of
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.copying import next_period
from telmee.apps.contributions.evidence import add_evidence
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.references import references_after
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import wait_for_turn
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import (
    AMOUNT,
    BEGIN,
    BLOCK,
    END,
    REFERENCE,
    SUPPLIER,
    WEEKLY_HOURS,
)

#: More contracts than a field to choose from has a use for.
OFFERED_MAX = 200
#: What the next line mostly has in common with the one before; its person and amount are others.
_REPEATED = (BLOCK, BEGIN, END, WEEKLY_HOURS, SUPPLIER)


def contracts_to_enter_on(acting: Acting) -> QuerySet[Contract]:
    """The open contracts on which somebody hands in effort, that of his latest line first."""
    delivering = parties_of(acting).filter(organisation__in=acting.working, role__in=DELIVERING_NOW)
    own = Q(contributions__organisation__in=acting.working)
    return (
        Contract.objects.filter(
            pk__in=delivering.values("contract"), closed_on=None, voided_on=None
        )
        .exclude(form=Form.FRAMEWORK)
        .annotate(latest=Max("contributions__pk", filter=own))
        .order_by(F("latest").desc(nulls_last=True), "-start", "pk")
    )


def begins_with(
    access: ContractAccess, scheme: Scheme, *, today: date, after: Contribution | None = None
) -> Cells:
    """The cells that a new line begins with: what it mostly has in common with the one before.

    That is `after`, where one was entered just now, and else the latest on the contract: then it
    is for the period that follows, as far as the contract goes.
    """
    if after is not None:
        cells = {name: cell for name, cell in cells_of(after).items() if name in _REPEATED}
        if any(block.key == after.block for block in scheme.blocks):
            return cells
        dates = {name: cell for name, cell in cells.items() if name in (BEGIN, END)}
        return {**_of_latest(access, today), **dates}
    return _of_latest(access, today)


def _of_latest(access: ContractAccess, today: date) -> dict[str, object]:
    own = Contribution.objects.filter(
        contract=access.contract, organisation=access.delivering_for
    ).exclude(state=State.WITHDRAWN)
    latest = own.order_by("-pk").first()
    if latest is None:
        return {}
    cells = {name: cell for name, cell in cells_of(latest).items() if name in _REPEATED}
    if latest.amount_cents is not None or latest.begin is None:
        return cells | {BEGIN: today} if BEGIN in cells else cells
    begin, end = next_period(latest.begin, latest.end)
    last = access.contract.end
    if begin > last:
        return cells
    return cells | {BEGIN: begin} | ({END: min(end, last)} if end else {})


def with_everything(line: Contribution, scheme: Scheme) -> Cells:
    """The cells of a line to enter once more on a contract with these rules, all but its reference.

    What the rules do not know is left out: a block, and what was claimed within it.
    """
    known = {block.key for block in scheme.blocks}
    cells = {name: cell for name, cell in cells_of(line).items() if name != REFERENCE}
    if line.block in known:
        return cells
    return {name: cell for name, cell in cells.items() if name in (BEGIN, END, AMOUNT, SUPPLIER)}


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that came with a line: its bytes, what it is called, and which proof it is."""

    file: IO[bytes]
    name: str
    kind: str = ""


@transaction.atomic
def enter_line(
    access: ContractAccess,
    cells: Mapping[str, object],
    *,
    key: UUID | None,
    note: str = "",
    proof: Proof | None = None,
    hands_in: bool = False,
) -> Contribution:
    """Save a new line with its proof and, where asked, hand it in: all of it or nothing.

    The same `key` with the same effort does so once, also when it comes from a device that had no
    connection and does not know what came through. Raises as `save_draft`,
    `add_evidence` and `submit` do.
    """
    wait_for_turn(f"references {access.contract.pk} {access.delivering_for}")
    numbered = {REFERENCE: references_after(access, 1)[0], **cells}
    line = save_draft(access, numbered, note=note, key=key)
    if line.state != State.DRAFT:
        return line  # it was sent before, and handed in since
    if proof is not None:
        add_evidence(access, line, file=proof.file, name=proof.name, kind=proof.kind)
    if hands_in:
        submit(access, line)
    return line


@dataclass(frozen=True, slots=True)
class DraftsOn:
    """What is still to hand in on a contract: how many drafts, and what they would be worth."""

    contract_id: int
    reference: str
    name: str
    count: int
    cents: int


def drafts_by_contract(acting: Acting) -> list[DraftsOn]:
    """One's own drafts that could be handed in, of each contract together. Runs one query."""
    rows = (
        Contribution.objects.filter(
            organisation__in=acting.working, state=State.DRAFT, contract__closed_on=None
        )
        .filter(contract__in=parties_of(acting).values("contract"))
        .order_by("contract__reference", "contract_id")
        .values_list("contract_id", "contract__reference", "contract__name")
        .annotate(count=Count("pk"), cents=Sum("value_cents"))
    )
    return [
        DraftsOn(pk, reference, name, count, int(cents or 0))
        for pk, reference, name, count, cents in rows
    ]


def total_of(drafts: Iterable[DraftsOn]) -> tuple[int, int]:
    """How many drafts there are on several contracts, and what they would be worth together."""
    some = list(drafts)
    return sum(one.count for one in some), sum(one.cents for one in some)

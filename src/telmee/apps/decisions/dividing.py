"""What is decided on a line for an initiative goes in parts to the contracts that take part.

In the transaction of the decision, around what it writes in the books (`decisions.entries`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import uuid5

from telmee.apps.contracts.access import ContractAccess, hold_by_id
from telmee.apps.contracts.booking import move
from telmee.apps.contracts.pooling import parts_on, pool_of
from telmee.apps.contracts.queries import is_settled
from telmee.apps.contracts.telling import tell_party
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Decision
from telmee.apps.ledger.actions import reverse
from telmee.apps.ledger.queries import parts_standing
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import EntryKind, InYear
from telmee.core.money import slice_of

#: The field of a form in which somebody says why he corrects what was settled.
CORRECTING = "correctie"


class PartnersSettledError(DomainError):
    """A part would change on contracts that were settled, which only a correction can do."""

    def __init__(self, settled: Iterable[ContractAccess]) -> None:
        """Name them; the ids are for who corrects them (`settlements.settled_partners`)."""
        contracts = [one.contract for one in settled]
        self.contracts = frozenset(contract.pk for contract in contracts)
        super().__init__(
            Problem("initiative_partner_settled", CORRECTING, params={"contract": one.reference})
            for one in contracts
        )


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """What comes of a line to another contract of its initiative, with a year."""

    day: date
    contract_id: int
    cents: int


@contextmanager
def parts_around(
    access: ContractAccess,
    line: Contribution,
    decision: Decision,
    years: Sequence[InYear],
    *,
    replaces: bool,
) -> Iterator[None]:
    """Around the booking of a decision: the parts on other contracts leave first, and come last.

    What was decided stays whole on the contract of the line, and counts once: the parts leave it.
    Parts that stay as they are do not move. Where the decision `replaces` an earlier one, the parts
    of that are taken back.
    """
    had = _parts_had(line) if replaces else []
    parts = _parts_wanted(line, years)
    if line.pool is None or had == parts:
        yield
        return
    # Not the words of the decision: others than whom they are for read the books of their part.
    name = pool_of(line.pool).name
    others = {part.contract_id for part in (*had, *parts)}
    held = hold_by_id(access.acting, {line.contract_id, *others}, alone=True)
    _require_open([held[pk] for pk in sorted(others)])
    if had:
        _take_back(access, line, held)
    yield
    _divide(line, decision, parts, held, name=name)
    _tell(line, decision, had, parts, held, name=name)


def _parts_had(line: Contribution) -> list[Part]:
    """The parts of a line that stand on other contracts, in their order."""
    if line.pool is None:
        return []
    return sorted(
        Part(entry.effective_on, entry.contract_id, entry.amount_cents)
        for entry in parts_standing(contribution_id=line.pk)
        if entry.kind == EntryKind.POOLED
    )


def _parts_wanted(line: Contribution, years: Sequence[InYear]) -> list[Part]:
    """The parts of what a decision counts for other contracts, in their order.

    Each contract has its part of the whole, and of that what comes with each year in that year. Who
    takes part goes by the last day that was decided on.
    """
    if line.pool is None or not years:
        return []
    whole = sum(year.cents for year in years)
    parts = parts_on(line.pool, years[-1].day, whole)
    if line.contract_id not in parts:
        raise DomainError(Problem("initiative_unknown"))
    got = {pk: cents for pk, cents in parts.items() if pk != line.contract_id}
    wanted: list[Part] = []
    before = 0
    for year in years:
        slices = {pk: slice_of(part, whole, before, year.cents) for pk, part in got.items()}
        wanted += [Part(year.day, pk, cents) for pk, cents in slices.items() if cents]
        before += year.cents
    return sorted(wanted)


def _require_open(others: Iterable[ContractAccess]) -> None:
    """Refuse to change parts of closed contracts; raise `PartnersSettledError` for settled ones."""
    closed = [one for one in others if not one.is_open]
    settled = [one for one in closed if is_settled(one.contract.pk)]
    if len(settled) < len(closed):
        raise DomainError(
            Problem("initiative_partner_closed", params={"contract": one.contract.reference})
            for one in closed
            if one not in settled
        )
    if settled:
        raise PartnersSettledError(settled)


def _take_back(
    access: ContractAccess, line: Contribution, held: Mapping[int, ContractAccess]
) -> None:
    """Take back what of a line went to the other contracts of its initiative, both halves of it."""
    for part in parts_standing(contribution_id=line.pk):
        by = held[part.contract_id].require_deciding()
        reverse(access.acting, part.pk, organisation_id=by, reason=part.reason)


def _divide(
    line: Contribution,
    decision: Decision,
    parts: Iterable[Part],
    held: Mapping[int, ContractAccess],
    *,
    name: str,
) -> None:
    """Bring to each other contract of an initiative its part of what was booked, as pairs."""
    for part in parts:
        move(
            held[line.contract_id],
            held[part.contract_id],
            EntryKind.POOLED,
            amount_cents=part.cents,
            reason=name,
            key=uuid5(decision.key, f"part {part.contract_id} {part.day.year}"),
            effective_on=part.day,
            contribution_id=line.pk,
        )


def _tell(
    line: Contribution,
    decision: Decision,
    had: Iterable[Part],
    got: Iterable[Part],
    held: Mapping[int, ContractAccess],
    *,
    name: str,
) -> None:
    """Write to the other contractors of an initiative what their parts became, and no more.

    Who delivered the line reads what was decided on it.
    """
    was, now = _by_contract(had), _by_contract(got)
    for pk in sorted({*was, *now}):
        if was[pk] == now[pk]:
            continue
        client, contractor = held[pk].client, held[pk].contractor
        if client is None or contractor is None:
            continue
        if contractor.organisation_id == line.organisation_id:
            continue
        facts = {
            "by": client.organisation.name,
            "name": name,
            "was_cents": was[pk],
            "cents": now[pk],
        }
        code = "part_booked" if pk in now else "part_taken_off"
        event = f"part {decision.key} {pk}"
        to = contractor.organisation_id
        tell_party(held[pk], to, code, event=event, page="contract-ledger", facts=facts)


def _by_contract(parts: Iterable[Part]) -> Counter[int]:
    sums: Counter[int] = Counter()
    for part in parts:
        sums[part.contract_id] += part.cents
    return sums

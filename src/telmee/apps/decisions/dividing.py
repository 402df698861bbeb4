"""What is decided on a line for an initiative goes in parts to the contracts that take part.

In the transaction of the decision and of nobody else: who decides calls these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import uuid5

from telmee.apps.contracts.access import ContractAccess, hold_by_id
from telmee.apps.contracts.booking import move
from telmee.apps.contracts.pooling import parts_on, pool_of
from telmee.apps.contracts.telling import tell_party
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Decision
from telmee.apps.ledger.actions import reverse
from telmee.apps.ledger.queries import parts_standing
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import EntryKind, InYear
from telmee.core.money import slice_of


def divide(
    access: ContractAccess, line: Contribution, decision: Decision, years: Sequence[InYear]
) -> dict[int, int]:
    """Bring to each other contract of an initiative its part of what was booked, as pairs.

    What was decided stays whole on the contract of the line, and counts once: the parts leave it.
    Each contract has its part of the whole, and of that what comes with each year in that year. Who
    takes part goes by the last day that was decided on. The parts come out, by the id of the
    contract.
    """
    if line.pool is None or not years:
        return {}
    whole = sum(year.cents for year in years)
    parts = parts_on(line.pool, years[-1].day, whole)
    if line.contract_id not in parts:
        raise DomainError(Problem("initiative_unknown"))
    held = _open_ones(access, {*parts})
    got = {pk: cents for pk, cents in parts.items() if pk != line.contract_id and cents}
    # Not the words of the decision: others than whom they are for read the books of their part.
    name = pool_of(line.pool).name
    before = 0
    for year in years:
        for pk, part in got.items():
            cents = slice_of(part, whole, before, year.cents)
            if not cents:
                continue
            move(
                held[line.contract_id],
                held[pk],
                EntryKind.POOLED,
                amount_cents=cents,
                reason=name,
                key=uuid5(decision.key, f"part {pk} {year.day.year}"),
                effective_on=year.day,
                contribution_id=line.pk,
            )
        before += year.cents
    return got


def take_parts_back(access: ContractAccess, line: Contribution) -> dict[int, int]:
    """Take back what of a line went to the other contracts of its initiative, both halves of it.

    What each of them had comes out, by its id.
    """
    parts = parts_standing(contribution_id=line.pk)
    held = _open_ones(access, {part.contract_id for part in parts})
    for part in parts:
        by = held[part.contract_id].deciding_for
        if by is None:
            raise DomainError(Problem("not_allowed"))
        reverse(access.acting, part.pk, organisation_id=by, reason=part.reason)
    had: Counter[int] = Counter()
    for part in parts:
        if part.kind == EntryKind.POOLED:
            had[part.contract_id] += part.amount_cents
    return had


def tell_of_parts(
    access: ContractAccess,
    line: Contribution,
    decision: Decision,
    had: Mapping[int, int],
    got: Mapping[int, int],
) -> None:
    """Write to the other contractors of an initiative what their parts became, and no more.

    Who delivered the line reads what was decided on it.
    """
    changed = {pk for pk in {*had, *got} if had.get(pk, 0) != got.get(pk, 0)}
    if line.pool is None or not changed:
        return
    name = pool_of(line.pool).name
    for pk, held in hold_by_id(access.acting, changed, alone=True).items():
        client, contractor = held.client, held.contractor
        if client is None or contractor is None:
            continue
        if contractor.organisation_id == line.organisation_id:
            continue
        facts = {
            "by": client.organisation.name,
            "name": name,
            "was_cents": had.get(pk, 0),
            "cents": got.get(pk, 0),
        }
        code = "part_booked" if pk in got else "part_taken_off"
        event = f"part {decision.key} {pk}"
        to = contractor.organisation_id
        tell_party(held, to, code, event=event, page="contract-ledger", facts=facts)


def _open_ones(access: ContractAccess, ids: set[int]) -> dict[int, ContractAccess]:
    """These contracts as they are held; each must be open for its part."""
    held = hold_by_id(access.acting, ids, alone=True)
    for one in held.values():
        if not one.is_open:
            params = {"contract": one.contract.reference}
            raise DomainError(Problem("initiative_partner_closed", params=params))
    return held

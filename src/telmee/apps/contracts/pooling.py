"""Let contracts of one client and one contractor serve each other's obligation, agreed by both.

Nothing counts twice: what one contract has beyond its own obligation leaves its books and comes to
those of another, as a pair. The product says which surplus goes where, and a person books it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID, uuid5

from django.db import transaction
from django.http import Http404

from telmee.apps.agreements.actions import Sides, confirm, dispute, propose, take, withdraw
from telmee.apps.agreements.choices import Kind, State
from telmee.apps.agreements.models import Pooling, Version
from telmee.apps.agreements.queries import PoolingVersion, pooling_versions
from telmee.apps.contracts.access import ContractAccess, hold_by_id, holding
from telmee.apps.contracts.booking import move, siblings, sides_of
from telmee.apps.contracts.choices import DECIDING_ROLES, Form, PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.contracts.telling import tell_party
from telmee.apps.ledger.queries import positions, was_transferred
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import NAME, PLAN_NOTE, require_reason
from telmee.core.ledger import EntryKind, Pooled, Position, Shift, shifts_between


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as somebody sees it: what was settled of each of its contracts, latest first."""

    key: UUID
    versions: tuple[PoolingVersion, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.versions[0].place.name

    @property
    def sides(self) -> tuple[int, int]:
        """The ids of its client and its contractor."""
        return self.versions[0].client_id, self.versions[0].contractor_id

    @property
    def holds(self) -> dict[int, PoolingVersion]:
        """What holds for each contract, by its id."""
        return {one.place.contract_id: one for one in self.versions if one.state is State.IN_FORCE}

    @property
    def waits(self) -> dict[int, PoolingVersion]:
        """What waits for an answer for each contract, by its id."""
        return {one.place.contract_id: one for one in self.versions if one.state is State.PROPOSED}

    def contracts_on(self, day: date) -> list[int]:
        """The ids of the contracts that are in it on a day, as both agreed."""
        return sorted(pk for pk, one in self.holds.items() if one.is_in(day))


def pool_of(key: UUID) -> Pool:
    """The pool of this key, as far as somebody sees its contracts. Raises `Http404`."""
    versions = pooling_versions(pool=key)
    if not versions:
        raise Http404
    return Pool(key, tuple(versions))


def place_of(contract_id: int) -> PoolingVersion | None:
    """The place of a contract in a pool: what holds or waits, else what last came to nothing.

    Runs one query.
    """
    versions = pooling_versions(contract_ids=[contract_id])
    lasting = (one for one in versions if one.state in {State.IN_FORCE, State.PROPOSED})
    return next(lasting, next(iter(versions), None))


def pools_among(contract_ids: Iterable[int]) -> list[Pool]:
    """The pools that hold or wait for an answer on these contracts, by name. Runs one query."""
    by_pool: dict[UUID, list[PoolingVersion]] = {}
    for one in pooling_versions(contract_ids=contract_ids):
        by_pool.setdefault(one.place.pool, []).append(one)
    pools = [Pool(key, tuple(versions)) for key, versions in by_pool.items()]
    return sorted((one for one in pools if one.holds or one.waits), key=lambda one: one.name)


def contracts_in(pool: Pool, day: date) -> list[int]:
    """The ids of the contracts that are in a pool on a day, still between the two that agreed.

    Who took a contract over since has agreed to nothing. Runs one query.
    """
    there = pool.contracts_on(day)
    roles = dict(zip((PartyRole.CLIENT, PartyRole.CONTRACTOR), pool.sides, strict=True))
    parties = Party.objects.filter(contract_id__in=there, role__in=roles)
    changed = {
        contract_id
        for contract_id, role, organisation_id in parties.values_list(
            "contract_id", "role", "organisation_id"
        )
        if roles[PartyRole(role)] != organisation_id
    }
    return [pk for pk in there if pk not in changed]


def can_join(access: ContractAccess, *, today: date) -> list[Contract]:
    """The contracts that can come in one pool with this one, without those in a pool."""
    others = siblings(access)
    taken = {
        one.place.contract_id
        for one in pooling_versions(contract_ids=[other.pk for other in others])
        if is_taken(one, today) and one.contractor_id == sides_of(access)[1]
    }
    return [other for other in others if other.pk not in taken]


def is_taken(one: PoolingVersion, day: date) -> bool:
    """Whether a version keeps its contract out of another pool: it waits, or still holds."""
    is_over = one.place.end is not None and one.place.end < day
    return one.state is State.PROPOSED or (one.state is State.IN_FORCE and not is_over)


def side_of(access: ContractAccess) -> int | None:
    """The side of a pool for which somebody works: the client, the contractor, or none."""
    client, contractor = sides_of(access)
    if access.deciding_for is not None:
        return client
    return contractor if contractor is not None and access.works_for(contractor) else None


@transaction.atomic
def propose_pool(
    acting: Acting,
    contract_ids: Iterable[int],
    *,
    pool: UUID,
    name: str,
    begin: date,
    note: str,
    key: UUID,
    today: date,
) -> None:
    """Propose to the contractor that contracts come in a pool from a day on, with the ground.

    Of a pool that is there others may come in; it keeps its name. The same `key` twice proposes
    once. Raises `not_allowed`, `contract_closed`, `framework_owes_nothing`, `other_parties`,
    `pool_already` for what is in a pool, and `pool_too_small` for what is alone in one.
    """
    ids = sorted(set(contract_ids))
    held = hold_by_id(acting, ids, alone=True)
    if done_before(key, Version.objects.filter(key__in=[uuid5(key, str(pk)) for pk in ids])):
        return
    there = pooling_versions(pool=pool)
    sides = _sides(held, there)
    faults = [*NAME.problems("naam", name), *PLAN_NOTE.problems("toelichting", note)]
    if not note.strip():
        faults.append(Problem("missing_explanation", "toelichting"))
    in_pool = {one.place.contract_id for one in there if is_taken(one, begin)}
    if len(in_pool | set(ids)) < 2:
        faults.append(Problem("pool_too_small", "opdrachten"))
    taken = {
        one.place.contract_id
        for one in pooling_versions(contract_ids=ids)
        if is_taken(one, today) and one.contractor_id == sides[1]
    }
    faults += [
        Problem("pool_already", "opdrachten", params={"contract": held[pk].contract.reference})
        for pk in sorted(taken)
    ]
    if faults:
        raise DomainError(faults)
    known = there[0].place.name if there else name.strip()
    for pk in ids:
        place = Pooling(pool=pool, name=known, begin=begin, note=note.strip())
        _propose(held[pk], place, sides[0], key=uuid5(key, str(pk)))
    _tell(held[ids[0]], sides[1], "pool_proposed", f"pool {key}", name=known)


@holding(alone=True)
def propose_leaving(
    access: ContractAccess, *, end: date, note: str, key: UUID, today: date, seen: int | None = None
) -> None:
    """Propose the last day of a contract in its pool, whichever side one is of.

    Raises `not_allowed`, `contract_closed`, `agreement_changed`, `missing_explanation` and
    `pool_end_too_early` before today or before it came in.
    """
    by = side_of(access)
    if by is None:
        raise DomainError(Problem("not_allowed"))
    if done_before(key, Version.objects.filter(key=key, contract=access.contract)) is not None:
        return
    access.require_open()
    sides = sides_of(access)
    versions = pooling_versions(contract_ids=[access.contract.pk])
    holds = next(
        (
            one
            for one in versions
            if one.state is State.IN_FORCE and (one.client_id, one.contractor_id) == sides
        ),
        None,
    )
    if holds is None:
        raise DomainError(Problem("agreement_changed"))
    faults = list(PLAN_NOTE.problems("toelichting", note))
    if not note.strip():
        faults.append(Problem("missing_explanation", "toelichting"))
    earliest = max(today, holds.place.begin)
    if end < earliest:
        faults.append(Problem("pool_end_too_early", "einde", params={"day": str(earliest)}))
    if faults:
        raise DomainError(faults)
    was = holds.place
    place = Pooling(pool=was.pool, name=was.name, begin=was.begin, end=end, note=note.strip())
    _propose(access, place, by, key=key, seen=seen)
    (other,) = {holds.client_id, holds.contractor_id} - {by}
    _tell(access, other, "pool_proposed", f"pool {key}", name=was.name)


@transaction.atomic
def answer_pool(
    acting: Acting, pool: UUID, version_ids: Iterable[int], *, agrees: bool, reason: str = ""
) -> None:
    """Agree with all that waits in a pool for one's side, or dispute it with a reason.

    `version_ids` are what was on the screen. Raises `not_allowed`, `contract_closed`,
    `missing_explanation`, and `agreement_changed` when something else waits by now.
    """
    held, waiting = _waiting(acting, pool, version_ids)
    for one in waiting:
        by = side_of(held[one.place.contract_id])
        if by is None or by != one.version.addressee_id:
            raise DomainError(Problem("not_allowed"))
        if agrees:
            confirm(acting, one.version, organisation_id=by)
        else:
            dispute(acting, one.version, organisation_id=by, reason=reason)
    first = waiting[0]
    code = "pool_agreed" if agrees else "pool_disputed"
    access, other = held[first.place.contract_id], first.version.organisation_id
    facts = {"name": first.place.name, "reason": reason.strip()}
    _tell(access, other, code, f"version {first.version.pk}", **facts)


@transaction.atomic
def withdraw_from_pool(acting: Acting, pool: UUID, version_ids: Iterable[int]) -> None:
    """Take back what one's side proposed for a pool. Raises as `answer_pool` does."""
    held, waiting = _waiting(acting, pool, version_ids)
    for one in waiting:
        by = side_of(held[one.place.contract_id])
        if by is None or by != one.version.organisation_id:
            raise DomainError(Problem("not_allowed"))
        withdraw(acting, one.version, organisation_id=by)


def shifts_of(
    contracts: Iterable[Contract | ListedContract], stands: Mapping[int, Position]
) -> tuple[Shift, ...]:
    """Which surplus of contracts in one pool goes where; what is closed gives and takes nothing.

    `stands` is where each stands in the books, by its id.
    """
    return shifts_between(
        Pooled(one.pk, one.end, stands[one.pk].open_cents, stands[one.pk].surplus_cents)
        for one in contracts
        if one.closed_on is None
    )


def seal_of(shifts: Iterable[Shift]) -> str:
    """What stands for a proposal that was on the screen: another one has another."""
    written = " ".join(f"{one.giver}>{one.taker}:{one.cents}" for one in shifts)
    return sha256(written.encode()).hexdigest()


@transaction.atomic
def balance_pool(
    acting: Acting, pool: UUID, *, seen: str, reason: str, effective_on: date, key: UUID
) -> None:
    """Book what surplus in a pool does for what is open in it, as it was proposed on the screen.

    `seen` is the seal of that proposal. All pairs stand or none. The same `key` twice books once.
    Raises `not_allowed`, `missing_explanation`, `pool_changed` when the books lead to another
    proposal by now, and `pool_nothing_to_move`.
    """
    held = hold_by_id(acting, pool_of(pool).contracts_on(effective_on), alone=True)
    if was_transferred(key):
        return
    now = pool_of(pool)
    if any(access.deciding_for is None for access in held.values()):
        raise DomainError(Problem("not_allowed"))
    require_reason(reason)
    in_it = [held[pk].contract for pk in contracts_in(now, effective_on) if pk in held]
    shifts = shifts_of(in_it, positions(held))
    if seal_of(shifts) != seen:
        raise DomainError(Problem("pool_changed"))
    if not shifts:
        raise DomainError(Problem("pool_nothing_to_move"))
    for number, shift in enumerate(shifts):
        move(
            held[shift.giver],
            held[shift.taker],
            EntryKind.POOLED,
            amount_cents=shift.cents,
            reason=reason,
            key=uuid5(key, str(number)) if number else key,
            effective_on=effective_on,
        )
    facts = {"name": now.name, "cents": sum(one.cents for one in shifts), "reason": reason.strip()}
    _tell(held[shifts[0].giver], now.sides[1], "pool_balanced", f"transfer {key}", **facts)


def _sides(held: Mapping[int, ContractAccess], there: list[PoolingVersion]) -> tuple[int, int]:
    """The client and the contractor that all these contracts have, and the pool that is there."""
    sides = {sides_of(access) for access in held.values()}
    sides |= {(one.client_id, one.contractor_id) for one in there}
    for access in held.values():
        if access.deciding_for is None:
            raise DomainError(Problem("not_allowed"))
        if access.contract.form == Form.FRAMEWORK:
            raise DomainError(Problem("framework_owes_nothing"))
        access.require_open()
    if len(sides) != 1:
        raise DomainError(Problem("other_parties", "opdrachten"))
    ((client, contractor),) = sides
    if client is None or contractor is None:
        raise DomainError(Problem("other_parties", "opdrachten"))
    return client, contractor


def _propose(
    access: ContractAccess, place: Pooling, by: int, *, key: UUID, seen: int | None = None
) -> None:
    client, contractor = sides_of(access)
    agreement = take(Kind.POOLING, Sides(access.contract.pk, client or 0, contractor or 0))
    place.contract, place.organisation_id = access.contract, by
    propose(access.acting, agreement, organisation_id=by, key=key, seen=seen, content=place)


def _waiting(
    acting: Acting, pool: UUID, version_ids: Iterable[int]
) -> tuple[dict[int, ContractAccess], list[PoolingVersion]]:
    """The proposals of a pool that somebody looked at, with their contracts, which are held.

    They are all that wait of the side that proposed them, or somebody has not seen what he answers.
    """
    seen = set(version_ids)
    held = hold_by_id(acting, pool_of(pool).waits)
    waiting = {one.version.pk: one for one in pool_of(pool).waits.values()}
    by = {waiting[pk].version.organisation_id for pk in seen if pk in waiting}
    of_them = {pk for pk, one in waiting.items() if one.version.organisation_id in by}
    if not seen or seen != of_them:
        raise DomainError(Problem("agreement_changed"))
    chosen = sorted((waiting[pk] for pk in seen), key=lambda one: one.place.contract_id)
    for one in chosen:
        held[one.place.contract_id].require_open()
    return held, chosen


def _tell(access: ContractAccess, to: int, code: str, event: str, **facts: object) -> None:
    """Write a notice to the other side of a pool; a client's regional team reads it too."""
    is_client = access.client is not None and to == access.client.organisation_id
    side = access.contractor if is_client else access.client
    by = side.organisation.name if side else ""
    teams = [
        party.organisation_id
        for party in access.parties
        if is_client and party.role in DECIDING_ROLES and party.organisation_id != to
    ]
    for reader in (to, *teams):
        tell_party(
            access, reader, code, event=event, page="contract-pool", facts={"by": by, **facts}
        )

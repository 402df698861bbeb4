"""Let contracts of one client and one contractor serve each other's obligation, agreed by both.

Nothing counts twice: what one contract has beyond its own obligation leaves its books and comes to
those of another, as a pair. The product says which surplus goes where, and a person books it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.contracts.telling import deciding_parties, tell_some
from telmee.apps.ledger.queries import positions, was_transferred
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import NAME, PLAN_NOTE, require_reason
from telmee.core.ledger import EntryKind, Pooled, Position, Shift, shifts_between
from telmee.core.money import WHOLE_BP, in_parts


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
    def is_initiative(self) -> bool:
        """Whether its contracts have parts, over which each line for it is divided."""
        return self.versions[0].place.part_bp is not None

    @property
    def client_id(self) -> int:
        """The id of its client: a pool never has another."""
        return self.versions[0].client_id

    @property
    def holds(self) -> dict[int, PoolingVersion]:
        """What holds for each contract since it was agreed last, by its id."""
        return self._latest(State.IN_FORCE)

    @property
    def waits(self) -> dict[int, PoolingVersion]:
        """What waits for an answer for each contract, by its id."""
        return self._latest(State.PROPOSED)

    def _latest(self, state: State) -> dict[int, PoolingVersion]:
        """Of each contract the latest in a state: who took it over has an agreement of his own."""
        earliest_first = reversed(self.versions)
        return {one.place.contract_id: one for one in earliest_first if one.state is state}

    def contracts_on(self, day: date) -> list[int]:
        """The ids of the contracts that are in it on a day, as both agreed."""
        return sorted({one.place.contract_id for one in self.versions if one.is_in(day)})


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


def places_in(pool: Pool, day: date) -> dict[int, PoolingVersion]:
    """The places of the contracts that are in a pool on a day, by id, in their order.

    A contract that another contractor took over since is left out: he has agreed to nothing. Runs
    one query.
    """
    roles = (PartyRole.CLIENT, PartyRole.CONTRACTOR)
    parties = Party.objects.filter(contract_id__in=pool.contracts_on(day), role__in=roles)
    now = {*parties.values_list("contract_id", "role", "organisation_id")}
    places = {
        one.place.contract_id: one
        for one in pool.versions
        if one.is_in(day)
        and {
            (one.place.contract_id, PartyRole.CLIENT, one.client_id),
            (one.place.contract_id, PartyRole.CONTRACTOR, one.contractor_id),
        }
        <= now
    }
    return dict(sorted(places.items()))


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
    parts: Mapping[int, int] | None = None,
) -> None:
    """Propose to the contractor that contracts come in a pool from a day on, with the ground.

    Of a pool that is there others may come in; it keeps its name. With `parts`, in basis points by
    the id of the contract, it is an initiative of several contractors: each is asked for his own,
    and other parts may be proposed later. The same `key` twice proposes once.

    Raises `not_allowed`, `contract_closed`, `framework_owes_nothing`, `other_parties`,
    `pool_already` for what is in a pool, `pool_too_small` for what is alone in one, and
    `parts_not_whole`.
    """
    ids = sorted(set(contract_ids))
    held = hold_by_id(acting, ids, alone=True)
    if done_before(key, Version.objects.filter(key__in=[uuid5(key, str(pk)) for pk in ids])):
        return
    there = pooling_versions(pool=pool)
    client = _client_of(held, there, is_initiative=parts is not None)
    faults = [
        *_pool_faults(name, note, parts),
        *_alone(ids, there, begin),
        *_taken(held, today, besides=None if parts is None else pool),
    ]
    if faults:
        raise DomainError(faults)
    called = there[0].place.name if there else name.strip()
    for pk in ids:
        place = Pooling(
            pool=pool, name=called, begin=begin, note=note.strip(), part_bp=(parts or {}).get(pk)
        )
        _propose(held[pk], place, client, key=uuid5(key, str(pk)))
    first = {sides_of(held[pk])[1]: held[pk] for pk in reversed(ids)}
    for access in first.values():
        _tell_contractor(access, "pool_proposed", f"pool {key}", name=called)


def _pool_faults(name: str, note: str, parts: Mapping[int, int] | None) -> Iterator[Problem]:
    """What is wrong with a pool as it was typed."""
    yield from NAME.problems("naam", name)
    yield from PLAN_NOTE.problems("toelichting", note)
    if not note.strip():
        yield Problem("missing_explanation", "toelichting")
    if parts is not None and (sum(parts.values()) != WHOLE_BP or min(parts.values()) <= 0):
        yield Problem("parts_not_whole", "delen")


def _alone(ids: Iterable[int], there: Iterable[PoolingVersion], begin: date) -> Iterator[Problem]:
    """That a contract would be in a pool by itself."""
    in_pool = {one.place.contract_id for one in there if is_taken(one, begin)}
    if len(in_pool.union(ids)) < 2:
        yield Problem("pool_too_small", "opdrachten")


def _taken(
    held: Mapping[int, ContractAccess], today: date, *, besides: UUID | None
) -> Iterator[Problem]:
    """The contracts that are in a pool already with who carries them out now.

    `besides` is an initiative that may be proposed anew, with other parts.
    """
    in_pool = {
        one.place.contract_id
        for one in pooling_versions(contract_ids=held)
        if is_taken(one, today)
        and one.contractor_id == sides_of(held[one.place.contract_id])[1]
        and one.place.pool != besides
    }
    for pk in sorted(in_pool):
        params = {"contract": held[pk].contract.reference}
        yield Problem("pool_already", "opdrachten", params=params)


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
    place = Pooling(
        pool=was.pool,
        name=was.name,
        begin=was.begin,
        end=end,
        note=note.strip(),
        part_bp=was.part_bp,
    )
    _propose(access, place, by, key=key, seen=seen)
    (other,) = {holds.client_id, holds.contractor_id} - {by}
    _tell(access, other, "pool_proposed", f"pool {key}", name=was.name)


@transaction.atomic
def answer_pool(
    acting: Acting, pool: UUID, version_ids: Iterable[int], *, agrees: bool, reason: str = ""
) -> None:
    """Agree with all that waits in a pool for one's side, or dispute it with a reason.

    `version_ids` are what was on the screen. Raises `not_allowed`, `missing_explanation`, and
    `agreement_changed` when something else waits by now.
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


def parts_on(pool: UUID, day: date, cents: int) -> dict[int, int]:
    """An amount divided over the contracts of an initiative on a day, by their ids.

    As far as somebody sees them: who does not see all of them divides nothing. Raises
    `initiative_not_agreed` where what was agreed is not the whole.
    """
    its = pool_of(pool)
    places = places_in(its, day)
    parts = [one.place.part_bp or 0 for one in places.values()]
    if sum(parts) != WHOLE_BP:
        raise DomainError(Problem("initiative_not_agreed", params={"name": its.name}))
    return dict(zip(places, in_parts(cents, parts), strict=True))


def contracts_beside(pool: UUID | None) -> set[int]:
    """The ids of the contracts that a line for an initiative is divided over, now or before."""
    if pool is None:
        return set()
    return {one.place.contract_id for one in pooling_versions(pool=pool)}


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
    """A short text for a proposal, so that the one on the screen is known from a newer one."""
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
    if now.is_initiative:
        raise DomainError(Problem("pool_nothing_to_move"))
    if any(access.deciding_for is None for access in held.values()):
        raise DomainError(Problem("not_allowed"))
    require_reason(reason)
    in_it = [held[pk].contract for pk in places_in(now, effective_on) if pk in held]
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
    _tell_contractor(held[shifts[0].giver], "pool_balanced", f"transfer {key}", **facts)


def _client_of(
    held: Mapping[int, ContractAccess], there: list[PoolingVersion], *, is_initiative: bool
) -> int:
    """The client of all these contracts, which of a pool have one contractor as well.

    Raises what keeps them from coming in one pool.
    """
    sides = {sides_of(access) for access in held.values()}
    sides |= {(one.client_id, one.contractor_id) for one in there}
    for access in held.values():
        if access.deciding_for is None:
            raise DomainError(Problem("not_allowed"))
        if access.contract.form == Form.FRAMEWORK:
            raise DomainError(Problem("framework_owes_nothing"))
        access.require_open()
    clients = {client for client, _contractor in sides}
    nobody = any(client is None or contractor is None for client, contractor in sides)
    if nobody or len(clients if is_initiative else sides) != 1:
        raise DomainError(Problem("other_parties", "opdrachten"))
    return next(client for client in clients if client is not None)


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
    On a contract that was closed meanwhile nothing waits, so that it does not hold up the others.
    """
    seen = set(version_ids)
    held = hold_by_id(acting, pool_of(pool).waits)
    waiting = {one.version.pk: one for pk, one in pool_of(pool).waits.items() if held[pk].is_open}
    by = {waiting[pk].version.organisation_id for pk in seen if pk in waiting}
    of_them = {pk for pk, one in waiting.items() if one.version.organisation_id in by}
    if not seen or seen != of_them:
        raise DomainError(Problem("agreement_changed"))
    return held, sorted((waiting[pk] for pk in seen), key=lambda one: one.place.contract_id)


def _tell_contractor(access: ContractAccess, code: str, event: str, **facts: object) -> None:
    if access.contractor is not None:
        _tell(access, access.contractor.organisation_id, code, event, **facts)


def _tell(access: ContractAccess, to: int, code: str, event: str, **facts: object) -> None:
    """Write a notice to the other side of a pool; a client's regional team reads it too."""
    is_client = access.client is not None and to == access.client.organisation_id
    side = access.contractor if is_client else access.client
    by = side.organisation.name if side else ""
    readers = deciding_parties(access) if is_client else [to]
    tell_some(access, readers, code, event=event, page="contract-pool", facts={"by": by, **facts})

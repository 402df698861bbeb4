"""The only way to a contract for somebody: what he may see of it, and for whom he may act.

"Not there" and "not yours" look alike: both raise `Http404`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from operator import attrgetter
from typing import Concatenate, ParamSpec, TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, DateField, Exists, Func, OuterRef, Q, QuerySet
from django.db.models.lookups import IsNull
from django.http import Http404

from telmee.apps.contracts.choices import (
    DECIDING_ROLES,
    DELIVERING_NOW,
    SEEING_ROLES,
    Form,
    PartyRole,
)
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.organisations.acting import Acting, seen_again
from telmee.apps.organisations.choices import ANSWER_DAYS
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.refusals import refusal_of
from telmee.core.errors import DomainError, Problem

_P = ParamSpec("_P")
_R = TypeVar("_R")
#: What the database says of a text that names somebody by his code (`organisations.0002`).
_NAMES_SOMEBODY = "text_names_person"


@dataclass(frozen=True, slots=True)
class ContractAccess:
    """A contract as one person meets it, with all its parties.

    `deciding_for`, `delivering_for` and `leading_for` name the organisation for which he may
    decide, hand in effort, or add a subcontractor; `None` where he may not.
    """

    contract: Contract
    parties: tuple[Party, ...]
    acting: Acting
    #: Whether it was read under the lock of the contract, which lasts as long as the transaction.
    is_held: bool = False
    #: The parties of an organisation of his that is open to him in part, that open the contract.
    opened: frozenset[int] = frozenset()

    @property
    def deciding_for(self) -> int | None:
        """The id of the client or regional team for which he decides; None when he does not."""
        return self._working_as(*DECIDING_ROLES)

    @property
    def delivering_for(self) -> int | None:
        """The id of who delivers for which he hands in effort; last that of who delivered."""
        return self._working_as(*DELIVERING_NOW) or self._working_as(PartyRole.FORMER)

    @property
    def leading_for(self) -> int | None:
        """The id of the contractor or partner for which he brings in subcontractors, if any."""
        return self._working_as(PartyRole.CONTRACTOR, PartyRole.CONSORTIUM)

    @property
    def sees_all(self) -> bool:
        """Whether he sees the books and everybody's lines; a subcontractor sees his own."""
        return self.has_role(*SEEING_ROLES)

    def has_role(self, *roles: PartyRole) -> bool:
        """Whether an organisation of his has one of these roles, also where he only reads."""
        own = set(self.acting.organisations)
        return any(
            p.organisation_id in own and p.role in roles and self._opens(p) for p in self.parties
        )

    @property
    def sees_lines_from(self) -> date | None:
        """The day from which he sees others' lines, as who took the contract over; None for all."""
        return self.sees_from(*SEEING_ROLES)

    def sees_from(self, *roles: PartyRole) -> date | None:
        """From which day he sees what these roles see: that of a takeover; None when all of it."""
        own = set(self.acting.organisations)
        days = [
            p.since if p.role == PartyRole.CONTRACTOR else None
            for p in self.parties
            if p.organisation_id in own and p.role in roles and self._opens(p)
        ]
        since = [day for day in days if day is not None]
        return min(since) if since and len(since) == len(days) else None

    @property
    def formers(self) -> dict[int, date]:
        """From which day who carried the contract out delivers on it no more, by his id."""
        still = {p.organisation_id for p in self.parties if p.role in DELIVERING_NOW}
        return {
            p.organisation_id: p.since
            for p in self.parties
            if p.role == PartyRole.FORMER and p.since and p.organisation_id not in still
        }

    @property
    def is_open(self) -> bool:
        """Whether anything can still change on the contract: it was not closed."""
        return self.contract.closed_on is None

    @property
    def closed(self) -> Problem | None:
        """Why nothing changes on the contract any more; None while it is open."""
        if self.is_open:
            return None
        return Problem("contract_closed" if self.contract.voided_on is None else "contract_voided")

    def require_open(self) -> None:
        """Raise `contract_closed`, or `contract_voided` for one that was registered by mistake."""
        if self.closed is not None:
            raise DomainError(self.closed)

    def require_deciding(self) -> int:
        """The organisation for which he decides. Raises `not_allowed` where he does not."""
        if self.deciding_for is None:
            raise DomainError(Problem("not_allowed"))
        return self.deciding_for

    def require_deciding_now(self) -> int:
        """The same on a contract that is open. Raises as `require_open` does too."""
        organisation_id = self.require_deciding()
        self.require_open()
        return organisation_id

    @property
    def may_decide(self) -> bool:
        """Whether he may now decide on the contract and book on it."""
        return self.deciding_for is not None and self.is_open

    @property
    def may_deliver(self) -> bool:
        """Whether he may now hand in effort and plans; a framework agreement takes none itself."""
        framework = self.contract.form == Form.FRAMEWORK
        return self.delivering_for is not None and self.is_open and not framework

    @property
    def client(self) -> Party | None:
        """The party that awarded the contract."""
        return self._party(PartyRole.CLIENT)

    @property
    def contractor(self) -> Party | None:
        """The party that carries it out; a framework agreement may not have one yet."""
        return self._party(PartyRole.CONTRACTOR)

    @property
    def accepts_ahead(self) -> bool:
        """Whether its client decides at once on effort that is still to come."""
        return self.client is not None and self.client.organisation.accepts_ahead

    @property
    def answer_days(self) -> int:
        """How many days the other side has to answer a proposal: as its client chose, else 28."""
        chosen = self.client.organisation.answer_days if self.client is not None else None
        return chosen or ANSWER_DAYS

    def name_of(self, organisation_id: int | None) -> str:
        """What a party is called; empty for who is none, or is none any more."""
        parties = (p for p in self.parties if p.organisation_id == organisation_id)
        return next((p.organisation.name for p in parties), "")

    def works_for(self, organisation_id: int) -> bool:
        """Whether an organisation is a party, and he may change something for it."""
        party = any(p.organisation_id == organisation_id and self._opens(p) for p in self.parties)
        return party and organisation_id in self.acting.working

    def removing_for(self, party: Party) -> int | None:
        """The id for which he may take a party off, if any; client and contractors always stay."""
        if party.role in {PartyRole.CLIENT, PartyRole.CONTRACTOR, PartyRole.FORMER}:
            return None
        led = party.role == PartyRole.SUBCONTRACTOR
        return self.deciding_for or (self.leading_for if led else None)

    def _party(self, role: PartyRole) -> Party | None:
        return next((p for p in self.parties if p.role == role), None)

    def _working_as(self, *roles: PartyRole) -> int | None:
        working = self.acting.working
        parties = (p for p in self.parties if p.role in roles and p.organisation_id in working)
        return next((p.organisation_id for p in parties if self._opens(p)), None)

    def _opens(self, party: Party) -> bool:
        """Whether this role of one of his organisations opens the contract to him."""
        return party.organisation_id not in self.acting.partly or party.pk in self.opened


def contracts_of(acting: Acting, *roles: PartyRole) -> QuerySet[Contract]:
    """The contracts that somebody may see, or those where he has one of these roles.

    What lists, counts and figures are made of, so without those that were voided.
    """
    return contracts_ever_of(acting, *roles).filter(voided_on=None)


def contracts_ever_of(acting: Acting, *roles: PartyRole) -> QuerySet[Contract]:
    """As `contracts_of`, and those that were voided: they stay to be read by themselves."""
    parties = parties_of(acting).filter(contract=OuterRef("pk"))
    if roles:
        parties = parties.filter(role__in=roles)
    return Contract.objects.filter(Exists(parties))


def parties_of(acting: Acting) -> QuerySet[Party]:
    """The parties to contracts that are his organisations, as far as those are open to him."""
    own = Party.objects.filter(organisation__in=listed(acting.organisations))
    if not acting.partly:
        return own
    opens = Func(
        "contract_id",
        "organisation_id",
        "role",
        function="telmee_opens",
        output_field=BooleanField(),
    )
    return own.alias(opens=opens).filter(~Q(organisation__in=listed(acting.partly)) | Q(opens=True))


def delivers_no_more() -> Q:
    """That a row of an organisation on a contract is of who carried that out until a takeover."""
    former_since = Func(
        "contract", "organisation", function="telmee_former_since", output_field=DateField()
    )
    return Q(IsNull(former_since, False))


def contracts_to_decide(acting: Acting) -> QuerySet[Contract]:
    """The contracts on which somebody may decide; who only reads for a client sees more."""
    parties = parties_of(acting).filter(
        contract=OuterRef("pk"),
        organisation__in=listed(acting.working),
        role__in=DECIDING_ROLES,
    )
    return Contract.objects.filter(Exists(parties), voided_on=None)


def decides_on_any(acting: Acting) -> bool:
    """Whether there is a contract on which somebody may decide."""
    return bool(_one_to_decide(acting))


@prepared
def _one_to_decide(acting: Acting) -> QuerySet[Contract, int]:
    return contracts_to_decide(acting).values_list("pk", flat=True)[:1]


def contract_for(acting: Acting, contract_id: int) -> ContractAccess:
    """Get a contract for somebody, in two queries, or three where not all is open to him.

    Raises `Http404`.

    Every page of a contract begins here. Its parties come with it and say whether it is his, so
    that the database is not asked that a second time.
    """
    access = next(iter(contracts_met(acting, [contract_id])), None)
    if access is None:
        raise Http404
    return access


def contracts_met(acting: Acting, contract_ids: Collection[int]) -> list[ContractAccess]:
    """Contracts as somebody meets them, however many in as many queries as `contract_for` runs.

    One that is not his is left out.
    """
    contracts = _by_id(contract_ids)
    opened = frozenset(_opened(acting, contract_ids) if acting.partly else ())
    parties: dict[int, list[Party]] = defaultdict(list)
    for party in sorted(_between(contract_ids), key=attrgetter("pk")):
        parties[party.contract_id].append(party)
    every = (
        ContractAccess(contract, tuple(parties[contract.pk]), acting, opened=opened)
        for contract in contracts
    )
    return [access for access in every if access.has_role(*PartyRole)]


@prepared
def _by_id(contract_ids: Collection[int]) -> QuerySet[Contract]:
    rows = Contract.objects.select_related("scheme", "cpv", "adviser").defer("scheme__document")
    return rows.filter(pk__in=listed(contract_ids))


@prepared
def _between(contract_ids: Collection[int]) -> QuerySet[Party]:
    parties = Party.objects.filter(contract__in=listed(contract_ids))
    return parties.select_related("organisation")


@prepared
def _opened(acting: Acting, contract_ids: Collection[int]) -> QuerySet[Party, int]:
    of_these = parties_of(acting).filter(contract__in=listed(contract_ids))
    return of_these.values_list("pk", flat=True)


def contract_seen_whole(acting: Acting, contract_id: int) -> ContractAccess:
    """Get a contract for somebody who sees its books and everybody's lines. Raises `Http404`."""
    access = contract_for(acting, contract_id)
    if not access.sees_all:
        raise Http404
    return access


def contract_to_decide(acting: Acting, contract_id: int) -> ContractAccess:
    """Get a contract for somebody who decides on it. Raises `Http404`."""
    access = contract_for(acting, contract_id)
    if access.deciding_for is None:
        raise Http404
    return access


def contract_to_deliver(acting: Acting, contract_id: int) -> ContractAccess:
    """Get a contract for somebody who delivers effort on it. Raises `Http404`."""
    access = contract_for(acting, contract_id)
    if access.delivering_for is None:
        raise Http404
    return access


# Holding ----------------------------------------------------------------------------------


def hold(*sides: ContractAccess, alone: bool = False) -> tuple[ContractAccess, ...]:
    """Take contracts until the transaction ends, and look again at each: terms, roles, closing.

    What somebody met when his page was made may be over when he writes. Several who write hold a
    contract together; who closes it, changes its terms or parties, or books against its position,
    holds it `alone`. Contracts are taken in one order, so that no two wait for each other. Raises
    `not_allowed` where somebody has no part in a contract any more.
    """
    if not sides or (not alone and all(side.is_held for side in sides)):
        return sides
    ids = [side.contract.pk for side in sides]
    held = hold_by_id(sides[0].acting, ids, alone=alone)
    return tuple(held[contract_id] for contract_id in ids)


def hold_by_id(
    acting: Acting, contract_ids: Iterable[int], *, alone: bool = False
) -> dict[int, ContractAccess]:
    """Take contracts as `hold` does, for who has not looked at them yet; each by its id."""
    ids = sorted(set(contract_ids))
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_hold_contracts(%s, %s)", [as_array(ids), alone])
    met = {access.contract.pk: access for access in contracts_met(seen_again(acting), ids)}
    if len(met) < len(ids):
        raise DomainError(Problem("not_allowed"))
    return {contract_id: replace(met[contract_id], is_held=True) for contract_id in ids}


def holding(
    *, alone: bool = False
) -> Callable[
    [Callable[Concatenate[ContractAccess, _P], _R]],
    Callable[Concatenate[ContractAccess, _P], _R],
]:
    """Let an action on a contract happen in a transaction that holds it, on what it is by then.

    Every action that writes on a contract has this, or calls `hold` itself. Raises
    `text_names_person` of a text that the database refuses for the code of somebody in it
    (`names_nobody`), so that a form keeps what was typed.
    """

    def around(
        action: Callable[Concatenate[ContractAccess, _P], _R],
    ) -> Callable[Concatenate[ContractAccess, _P], _R]:
        @wraps(action)
        def held(access: ContractAccess, /, *args: _P.args, **facts: _P.kwargs) -> _R:
            try:
                with transaction.atomic():
                    (now,) = hold(access, alone=alone)
                    return action(now, *args, **facts)
            except DatabaseError as failure:
                refused = refusal_of(failure)
                if refused is None or refused.code != _NAMES_SOMEBODY:
                    raise
                raise DomainError(Problem(refused.code, "toelichting")) from failure

        return held

    return around

"""Read contracts across tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from telmee.apps.contracts.access import (
    ContractAccess,
    contracts_ever_of,
    contracts_of,
    parties_of,
)
from telmee.apps.contracts.choices import DECIDING_ROLES, DELIVERING_ROLES, Form, Ground, PartyRole
from telmee.apps.contracts.models import Amendment, Contract, Party
from telmee.apps.organisations import access
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.core.tables.contribution_columns import OF_CONTRACT


class ListedContract(NamedTuple):
    """The columns of a contract that homes and lists show, and that its deadlines follow from.

    A home of a thousand contracts reads these rows: a model object of each, with its receipt and
    its texts, takes ten times as long.
    """

    pk: int
    reference: str
    name: str
    search_text: str
    category: str
    form: str
    lot: str
    published_on: date | None
    awarded_on: date | None
    start: date
    end: date
    closed_on: date | None
    value_cents: int
    scheme_id: int
    adviser_id: int | None

    def __str__(self) -> str:
        """Name the contract as its own pages do."""
        return f"{self.reference} {self.name}"


class PartyNames(NamedTuple):
    """Who a contract is between, by name; empty where there is none or nobody may say."""

    client: str = ""
    contractor: str = ""


@prepared
def delivered_among(
    acting: Acting, contract_ids: Collection[int]
) -> QuerySet[Contract, tuple[int, str, str]]:
    """Of some contracts those on which one delivers: the id, the number and the name of each."""
    delivered = contracts_of(acting, *DELIVERING_ROLES).filter(pk__in=listed(contract_ids))
    return delivered.order_by("reference", "pk").values_list("pk", "reference", "name")


def party_names(contract_ids: Iterable[int]) -> dict[int, PartyNames]:
    """The names of client and contractor of each contract, by its id. Runs one query."""
    ids = list(contract_ids)
    names = {(contract_id, role): name for contract_id, role, name in _names(ids)}
    return {
        pk: PartyNames(
            names.get((pk, PartyRole.CLIENT), ""), names.get((pk, PartyRole.CONTRACTOR), "")
        )
        for pk in ids
    }


@prepared
def _names(contract_ids: Collection[int]) -> QuerySet[Party, tuple[int, str, str]]:
    roles = (PartyRole.CLIENT, PartyRole.CONTRACTOR)
    parties = Party.objects.filter(contract_id__in=listed(contract_ids), role__in=roles)
    return parties.values_list("contract_id", "role", "organisation__name")


def owed_by(*contracts: Contract) -> dict[str, int]:
    """What contracts owe, for caps on a share of it, by the name that the engine knows them.

    One without an obligation is left out: a share of nothing would be a cap of zero, and the engine
    says "to check" where it does not know.
    """
    return {
        str(contract.pk): contract.obligation_cents
        for contract in contracts
        if contract.obligation_cents is not None
    }


def as_line(cells: Mapping[str, object], contract: Contract) -> dict[str, object]:
    """The cells of a line with what the contract says: a row for the engine."""
    of_contract = (str(contract.pk), contract.start, contract.end)
    return {**cells, **dict(zip(OF_CONTRACT, of_contract, strict=True))}


def framework_of(access: ContractAccess) -> Contract | None:
    """The framework agreement of a call-off; None where there is none that somebody may see."""
    if access.contract.parent_id is None:
        return None
    rows = contracts_ever_of(access.acting).filter(pk=access.contract.parent_id)
    return next(iter(rows), None)


def call_offs(access: ContractAccess) -> QuerySet[Contract]:
    """The call-offs under a framework agreement, as far as somebody may see them."""
    return contracts_of(access.acting).filter(parent_id=access.contract.pk)


def in_the_books_of(access: ContractAccess) -> list[int]:
    """The ids of the contracts whose entries are the books of one: its own, or its call-offs.

    Also call-offs that were voided: their entries were taken back, so they add nothing from then
    on, and the books as of an earlier day are what they were.
    """
    if access.contract.form != Form.FRAMEWORK:
        return [access.contract.pk]
    under = contracts_ever_of(access.acting).filter(parent_id=access.contract.pk)
    return list(under.values_list("pk", flat=True))


def voided_contracts(acting: Acting) -> QuerySet[Contract]:
    """The contracts of somebody that were voided, with `client` by name and `why`.

    Why is empty for who does not see the whole of the contract.
    """
    client = Party.objects.filter(contract=OuterRef("pk"), role=PartyRole.CLIENT)
    voiding = Amendment.objects.filter(contract=OuterRef("pk"), ground=Ground.VOIDED)
    return (
        contracts_ever_of(acting)
        .filter(voided_on__isnull=False)
        .annotate(
            client=Subquery(client.values("organisation__name")[:1]),
            why=Coalesce(Subquery(voiding.values("reason")[:1]), Value("")),
        )
    )


def why_voided(contract: Contract) -> str:
    """Why a contract was voided, as far as somebody may read it; empty where it was not."""
    voiding = Amendment.objects.filter(contract=contract, ground=Ground.VOIDED)
    return voiding.values_list("reason", flat=True).first() or ""


def is_settled(contract_id: int) -> bool:
    """Whether both sides agreed on the settlement of a contract: it is not opened again.

    Settlements are a room above this one; the database tells, as it holds the same rule.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_is_settled(%s)", [contract_id])
        return bool(cursor.fetchone()[0])


def lots(access: ContractAccess) -> QuerySet[Contract]:
    """The other lots of the same tender, as far as somebody may see them."""
    contract = access.contract
    if not contract.procurement:
        return Contract.objects.none()
    same = contracts_of(access.acting).filter(procurement=contract.procurement)
    return same.exclude(pk=contract.pk).order_by("lot", "reference")


def roles_among(acting: Acting) -> frozenset[str]:
    """What somebody's organisations are to the contracts that count. Runs one query."""
    return frozenset(_roles_among(acting))


@prepared
def _roles_among(acting: Acting) -> QuerySet[Party, str]:
    rows = parties_of(acting).filter(contract__voided_on=None).order_by()
    return rows.values_list("role", flat=True).distinct()


def names_among(acting: Acting) -> dict[str, list[str]]:
    """The clients and the contractors, by name, of the contracts of somebody. Runs one query."""
    names: dict[str, list[str]] = {PartyRole.CLIENT: [], PartyRole.CONTRACTOR: []}
    for role, name in _names_among(acting):
        names[role].append(name)
    return names


@prepared
def _names_among(acting: Acting) -> QuerySet[Party, tuple[str, str]]:
    parties = Party.objects.filter(
        contract__in=contracts_of(acting), role__in=(PartyRole.CLIENT, PartyRole.CONTRACTOR)
    )
    rows = parties.order_by("organisation__name").values_list("role", "organisation__name")
    return rows.distinct()


@dataclass(frozen=True, slots=True)
class RegisteringChoice:
    """A client for which somebody may register contracts, as its regional team or as itself."""

    client_id: int
    client_name: str
    team_id: int | None = None


def clients_to_register_for(acting: Acting) -> list[RegisteringChoice]:
    """The clients for which somebody may register contracts: his own, then those he serves."""
    own = _own_clients(acting)
    return own + _clients_served(acting, {choice.client_id for choice in own})


def may_register(acting: Acting) -> bool:
    """Whether there is any client for which somebody may register contracts."""
    return bool(_own_clients(acting) or _clients_served(acting, set()))


def _own_clients(acting: Acting) -> list[RegisteringChoice]:
    """The clients for which somebody works himself. Runs no query."""
    return [RegisteringChoice(client.id, client.name) for client in acting.clients]


def _clients_served(acting: Acting, own: set[int]) -> list[RegisteringChoice]:
    """The other clients, for which a regional team of his registers. Runs one query."""
    teams = parties_of(acting).filter(role=PartyRole.REGIONAL_TEAM, organisation__in=acting.working)
    served = (
        Party.objects.filter(role=PartyRole.CLIENT, contract__parties__in=teams)
        .exclude(organisation__in=own)
        .order_by("organisation__search_name")
        .values_list("organisation_id", "organisation__name", "contract__parties__organisation_id")
        .distinct()
    )
    return [RegisteringChoice(*row) for row in served]


def frameworks_of(acting: Acting, *client_ids: int) -> QuerySet[Contract]:
    """The open framework agreements of clients under which somebody may register call-offs."""
    return contracts_of(acting, *DECIDING_ROLES).filter(
        form=Form.FRAMEWORK,
        closed_on=None,
        parties__role=PartyRole.CLIENT,
        parties__organisation__in=client_ids,
    )


def with_reference(acting: Acting, *, client_id: int, reference: str, lot: str) -> Contract | None:
    """The latest contract of a client that has this reference and lot, whatever the capitals."""
    same = contracts_of(acting, *DECIDING_ROLES).filter(
        reference__iexact=reference.strip(),
        lot__iexact=lot,
        parties__role=PartyRole.CLIENT,
        parties__organisation=client_id,
    )
    return same.order_by("pk").last()


def contracts_to_invite_on(acting: Acting, organisation_id: int) -> QuerySet[Contract]:
    """The contracts for which somebody may invite the first person of an organisation.

    The latest comes first; a manager or an operator, who invites for no contract, gets none.
    """
    ids = access.contracts_to_invite_on(organisation_id) if acting.working else []
    return contracts_of(acting, *DECIDING_ROLES).filter(pk__in=ids).order_by("-pk")


def people_of_parties(contract_id: int) -> dict[int, int]:
    """Count the people of each organisation that is party to a contract, by its id.

    The database tells the number alone, to who may see the contract: who those people are is not
    for others to know.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_people_of(%s)", [contract_id])
        return dict(cursor.fetchall())

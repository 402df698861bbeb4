"""Register a contract with a contractor who may be new here, as one deed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import Http404

from telmee.apps.contracts.actions import register_contract
from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.contracts.queries import clients_to_register_for
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.actions import find_or_add_contractor, invite
from telmee.apps.organisations.choices import Role
from telmee.core.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContractor:
    """A contractor by his number in the trade register; a name and an address for who is new."""

    kvk: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """The contract, and whether an invitation went out; `None` where nobody asked for one."""

    contract_id: int
    invited: bool | None


@transaction.atomic
def register_with_contractor(
    acting: Acting, facts: ContractFacts, *, client_id: int, contractor: NewContractor | None
) -> Registered:
    """Register a contract, add its contractor where nobody knew him, and invite his first person.

    All of it stands or falls together, except for the invitation: an organisation that is in
    Telmee already invites its own people. Raises what `register_contract` and
    `find_or_add_contractor` raise.
    """
    served = clients_to_register_for(acting)
    team_id = next((c.team_id for c in served if c.client_id == client_id), None)
    company = None
    if contractor is not None:
        company = find_or_add_contractor(acting, kvk=contractor.kvk, name=contractor.name)
    contract_id = register_contract(
        acting,
        facts,
        client_id=client_id,
        contractor_id=None if company is None else company.pk,
        team_id=team_id,
    )
    if contractor is None or company is None or not contractor.email:
        return Registered(contract_id, None)
    return Registered(contract_id, _invited(acting, company.pk, contractor.email))


def _invited(acting: Acting, organisation_id: int, email: str) -> bool:
    try:
        invite(acting, organisation_id=organisation_id, email=email, role=Role.MANAGER)
    except (Http404, DomainError):
        return False
    return True

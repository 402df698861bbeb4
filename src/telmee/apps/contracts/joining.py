"""Telling that an organisation became party to a contract, and that somebody of it came in."""

from __future__ import annotations

from django.db import transaction

from telmee.apps.contracts.access import ContractAccess, contract_for, parties_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contracts.queries import people_of_parties
from telmee.apps.contracts.telling import deciding_parties, tell_some, who_looks_after
from telmee.apps.organisations.access import invitation_of
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.actions import accept_invitation
from telmee.apps.organisations.models import Invitation, User


def tell_of_party(access: ContractAccess, party: Party, by: int) -> None:
    """Write to an organisation that it is party to a contract, and of a subcontractor to others.

    A contractor tells his client whom he brings in, who invites somebody where nobody works there
    yet. A client tells the contractor.
    """
    pk, organisation_id = access.contract.pk, party.organisation_id
    event = f"party {party.pk}"
    facts = {"by": access.name_of(by), "name": party.organisation.name}
    tell_some(access, [organisation_id], "party_added", event=event, page="contract", facts=facts)
    if party.role != PartyRole.SUBCONTRACTOR:
        return
    deciding = deciding_parties(access)
    contractor = [access.contractor.organisation_id] if access.contractor is not None else []
    tell_some(
        access,
        contractor if by in deciding else deciding,
        "subcontractor_added",
        event=event,
        page="contract-people",
        people=who_looks_after(pk),
        facts={
            **facts,
            "invites": by not in deciding and not people_of_parties(pk).get(organisation_id),
        },
    )


@transaction.atomic
def join_by_invitation(acting: Acting, *, token: str, name: str = "", password: str = "") -> User:
    """Accept an invitation as `accept_invitation` does, and tell who waits for a subcontractor.

    That is the contractor, who can now agree with it on a part of the obligation.
    """
    invitation = invitation_of(token)
    user = accept_invitation(acting, token=token, name=name, password=password)
    if invitation.is_first:
        with acting_as(user.pk) as joined:
            own = parties_of(joined).filter(
                organisation=invitation.organisation_id, role=PartyRole.SUBCONTRACTOR
            )
            for contract_id in own.values_list("contract_id", flat=True):
                _tell_of_joining(contract_for(joined, contract_id), invitation)
    return user


def _tell_of_joining(access: ContractAccess, invitation: Invitation) -> None:
    if access.contractor is not None:
        tell_some(
            access,
            [access.contractor.organisation_id],
            "subcontractor_joined",
            event=f"invitation {invitation.pk} {access.contract.pk}",
            page="contract-shares",
            facts={"name": invitation.organisation.name},
        )

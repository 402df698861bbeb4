"""Pass a part of the obligation on to a subcontractor or partner, agreed by both.

The contractor owes his client the whole, whatever he passes on; the client sees nothing of it. What
each delivered is theirs to see, so that nobody has to guess afterwards who did not.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from telmee.apps.agreements.actions import Sides, confirm, propose, take, withdraw
from telmee.apps.agreements.choices import Kind, State
from telmee.apps.agreements.models import Agreement, Share, Version
from telmee.apps.agreements.queries import ShareVersion, share_versions
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contracts.telling import tell_party
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import PLAN_NOTE
from telmee.core.money import CENTS_MAX

#: Who can take over a part of what a contractor owes.
TAKING_OVER = (PartyRole.CONSORTIUM, PartyRole.SUBCONTRACTOR)


def partners_of(access: ContractAccess) -> list[Party]:
    """The parties that can take over a part, each organisation once."""
    parties = {p.organisation_id: p for p in access.parties if p.role in TAKING_OVER}
    return list(parties.values())


def is_shared(access: ContractAccess) -> bool:
    """Whether somebody delivers on a contract that has others to pass a part on to.

    Who delivers nothing has nothing to do with it: not the client either.
    """
    partners = partners_of(access)
    own = {party.organisation_id for party in partners} & {*access.acting.organisations}
    single = access.contract.form != Form.FRAMEWORK
    return single and bool(partners) and (sees_whole(access) or bool(own))


def sees_whole(access: ContractAccess) -> bool:
    """Whether somebody is of the contractor, who sees every part; another sees his own."""
    contractor = access.contractor
    return contractor is not None and contractor.organisation_id in access.acting.organisations


def shares_now(access: ContractAccess) -> list[ShareVersion]:
    """Every version of the shares on a contract, latest first, as far as somebody is a side of it.

    What a contractor passed on before another took the contract over is none of them any more.
    """
    contractor = access.contractor
    now = None if contractor is None else contractor.organisation_id
    return [one for one in share_versions(access.contract.pk) if one.contractor_id == now]


def may_propose(access: ContractAccess, partner_id: int, versions: list[ShareVersion]) -> bool:
    """Whether somebody may propose the part of a partner now; the contractor comes first.

    `versions` are those of that partner so far.
    """
    return access.is_open and is_proposer(access, partner_id, versions)


def is_proposer(access: ContractAccess, partner_id: int, versions: list[ShareVersion]) -> bool:
    """Whether the part of a partner is somebody's to propose; `versions` are of that partner."""
    if partner_id not in {p.organisation_id for p in partners_of(access)}:
        return False
    contractor = access.contractor
    leads = contractor is not None and access.works_for(contractor.organisation_id)
    return leads or (bool(versions) and access.works_for(partner_id))


def side_of(access: ContractAccess, proposed: ShareVersion) -> int | None:
    """The side of a share for which somebody works, if any."""
    sides = (proposed.contractor_id, proposed.partner_id)
    return next((side for side in sides if access.works_for(side)), None)


@holding()
def propose_share(
    access: ContractAccess,
    *,
    partner_id: int,
    cents: int,
    note: str,
    key: UUID,
    seen: int | None = None,
) -> None:
    """Propose which part of the obligation a partner takes over, whole; zero ends it.

    The contractor proposes first; after that either side can propose another amount. The same `key`
    twice proposes once. Raises `not_allowed`, `contract_closed`, `share_out_of_range` above what is
    owed and not passed on yet, and `agreement_changed` when there is a version after `seen`.
    """
    versions = shares_now(access)
    by, agreement = _agreement(access, partner_id, versions)
    if done_before(key, Version.objects.filter(key=key, agreement=agreement)) is not None:
        return
    faults = list(PLAN_NOTE.problems("opmerking", note))
    # What is owed is not the partner's to know: his proposal is held against it when it is agreed.
    left = CENTS_MAX if by == partner_id else left_cents(access, versions, besides=partner_id)
    if not 0 <= cents <= left:
        faults.append(Problem("share_out_of_range", "deel", params={"left_cents": left}))
    if faults:
        raise DomainError(faults)
    share = Share(contract=access.contract, organisation_id=by, cents=cents, note=note)
    propose(access.acting, agreement, organisation_id=by, key=key, seen=seen, content=share)
    _tell(access, share, "share_proposed")


@holding(alone=True)
def answer_share(access: ContractAccess, version_id: int, *, agrees: bool) -> None:
    """Agree with a proposal of the other side, or withdraw one's own.

    Who agrees on another part of the contract at this moment comes first: what is left is less.
    Raises `not_allowed`, `contract_closed`, `agreement_changed`, and `share_exceeds_obligation`
    where less is left to pass on than the proposal says.
    """
    versions = shares_now(access)
    proposed = next((one for one in versions if one.version.pk == version_id), None)
    by = None if proposed is None else side_of(access, proposed)
    if proposed is None or by is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    if not agrees:
        withdraw(access.acting, proposed.version, organisation_id=by)
        return
    if not _fits(version_id):
        raise DomainError(Problem("share_exceeds_obligation"))
    confirm(access.acting, proposed.version, organisation_id=by)
    _tell(access, proposed.version.share, "share_confirmed")


def left_cents(
    access: ContractAccess, versions: list[ShareVersion], *, besides: int | None = None
) -> int:
    """What a contractor can still pass on: owed, less what is passed on, but for one partner.

    `versions` are those of the contract, of all its shares.
    """
    return max(0, unshared_cents(access, versions, besides=besides))


def unshared_cents(
    access: ContractAccess, versions: list[ShareVersion], *, besides: int | None = None
) -> int:
    """What is owed less what is passed on: below zero where the obligation was lowered since.

    What two agreed stays agreed then, so that it is for them to agree on less.
    """
    shared = sum(
        one.cents for one in versions if one.state is State.IN_FORCE and one.partner_id != besides
    )
    return owed_cents(access) - shared


def owed_cents(access: ContractAccess) -> int:
    """What the contractor owes his client, as far as somebody sees the books."""
    return positions([access.contract.pk])[access.contract.pk].owed_cents


def _fits(version_id: int) -> bool:
    """Whether a proposal is within what is left; what that is, the database does not say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_share_fits(%s)", [version_id])
        return bool(cursor.fetchone()[0])


def _agreement(
    access: ContractAccess, partner_id: int, versions: list[ShareVersion]
) -> tuple[int, Agreement]:
    """Who proposes, and the share that it is about. Raises `not_allowed`, `contract_closed`."""
    access.require_open()
    own = [one for one in versions if one.partner_id == partner_id]
    contractor = access.contractor
    if not is_shared(access) or contractor is None or not may_propose(access, partner_id, own):
        raise DomainError(Problem("not_allowed"))
    leads = access.works_for(contractor.organisation_id)
    by = contractor.organisation_id if leads else partner_id
    sides = Sides(access.contract.pk, contractor.organisation_id, partner_id)
    return by, take(Kind.SHARE, sides)


def _tell(access: ContractAccess, share: Share, code: str) -> None:
    """Write a notice to the other side than the one that acts."""
    version = share.version
    agreement = version.agreement
    by = version.organisation_id if code == "share_proposed" else version.addressee_id
    (other,) = {agreement.organisation_id, agreement.other_id} - {by}
    tell_party(
        access,
        other,
        code,
        event=f"version {version.pk}",
        page="contract-shares",
        facts={"by": access.name_of(by), "cents": share.cents},
    )

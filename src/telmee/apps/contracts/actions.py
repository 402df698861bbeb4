"""Write contracts: register, change what turns on nothing, close, and parties.

Each action checks who acts, writes the journal and the books in its own transaction, and raises a
`DomainError` with everything that is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from telmee.apps.agreements.queries import shares_in_force
from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.amending import begin
from telmee.apps.contracts.carrying import parties_to_tell
from telmee.apps.contracts.chains import terms_of
from telmee.apps.contracts.choices import SIDES, PartyRole
from telmee.apps.contracts.facts import (
    TEXTS,
    ContractFacts,
    Owed,
    owed_of,
    registration_faults,
    text_faults,
    told_of,
    version_of,
)
from telmee.apps.contracts.joining import tell_of_party
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.queries import (
    clients_to_register_for,
    frameworks_of,
    is_settled,
    with_reference,
)
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.figures import obligation_figure
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_none, require_reason

_NO_RIGHT = Problem("not_allowed")
#: Facts that may be changed later without changing what is owed.
CHANGEABLE = frozenset(
    ("name", "procurement", "lot", "cpv_id", "adviser_id", "awarded_on", "percentage_reason")
)


def register_contract(
    acting: Acting,
    facts: ContractFacts,
    *,
    client_id: int,
    contractor_id: int | None,
    team_id: int | None = None,
) -> int:
    """Register a contract with its parties and impose its obligation; gives the contract's id.

    A client does so for itself, a regional team (`team_id`) for a client that it serves already.
    The same `facts.key` twice registers once. Raises `DomainError` for facts that contradict each
    other, and with what the rules leave open where nobody agreed on an amount.
    """
    organisation_id = _registering(acting, client_id, team_id)
    key = facts.key or uuid4()
    known = done_before(key, Contract.objects.filter(key=key))
    if known is not None:
        return known.pk
    _require(acting, facts, client_id, contractor_id, deciding=(client_id, team_id))
    version = version_of(facts)
    owed = owed_of(facts, version)
    with transaction.atomic():
        contract = _contract(facts, key, version, owed)
        deciding = {PartyRole.CLIENT: client_id, PartyRole.REGIONAL_TEAM: team_id}
        _insert(contract, deciding, contractor_id, owed, first=organisation_id)
        begin(acting, contract, terms_of(facts, version), organisation_id=organisation_id)
        record(
            acting,
            "contract.registered",
            contract,
            organisation_id=organisation_id,
            contract_id=contract.pk,
            details={
                "obligation_cents": owed.cents,
                "scheme": str(version),
                "parties": parties_to_tell(contract.parties.all()),
            },
        )
    return contract.pk


def _registering(acting: Acting, client_id: int, team_id: int | None) -> int:
    """The id of the client, or of the team for it, for which somebody registers a contract."""
    for choice in clients_to_register_for(acting):
        if choice.client_id == client_id and choice.team_id in {None, team_id}:
            return choice.team_id or client_id
    raise DomainError(_NO_RIGHT)


def _require(
    acting: Acting,
    facts: ContractFacts,
    client_id: int,
    contractor_id: int | None,
    *,
    deciding: tuple[int | None, ...],
) -> None:
    faults = list(registration_faults(has_contractor=contractor_id is not None, **told_of(facts)))
    faults += text_faults({name: getattr(facts, name) for name in TEXTS})
    if facts.parent_id is not None:
        known = {framework.pk for framework in frameworks_of(acting, client_id)}
        if facts.parent_id not in known:
            faults.append(Problem("unknown_framework", "raamovereenkomst"))
    if contractor_id is not None and contractor_id in deciding:
        faults.append(Problem("both_sides", "opdrachtnemer"))
    faults += _same_reference(acting, facts, client_id)
    if faults:
        raise DomainError(faults)


def _same_reference(acting: Acting, facts: ContractFacts, client_id: int) -> list[Problem]:
    if facts.reference_again:
        return []
    identity = {"reference": facts.reference, "lot": facts.lot}
    same = with_reference(acting, client_id=client_id, **identity)
    params = {"contract": str(same)}
    return [Problem("contract_reference_used", "kenmerk", params=params)] if same else []


def _contract(facts: ContractFacts, key: UUID, version: SchemeVersion, owed: Owed) -> Contract:
    return Contract(
        pk=_next_id(),
        key=key,
        reference=facts.reference.strip(),
        name=facts.name.strip(),
        category=facts.category,
        form=facts.form,
        parent_id=facts.parent_id,
        procurement=facts.procurement,
        lot=facts.lot,
        cpv_id=facts.cpv,
        published_on=facts.published_on,
        awarded_on=facts.awarded_on,
        start=facts.start,
        end=facts.end,
        extension_count=facts.extension_count,
        extension_months=facts.extension_months,
        value_cents=facts.value_cents,
        wages_cents=facts.wages_cents,
        labour_share_bp=facts.labour_share_bp,
        offered_bp=facts.offered_bp,
        chosen_bp=facts.chosen_bp,
        with_vat_cents=facts.with_vat_cents,
        eu_threshold_cents=facts.eu_threshold_cents,
        agreed_cents=facts.agreed_cents,
        over_turnover=facts.over_turnover,
        turnover_period=facts.turnover_period,
        client_decides=facts.client_decides,
        rules_client=facts.rules_client or "",
        scheme=version,
        obligation_cents=owed.cents,
        percentage_reason=facts.percentage_reason,
        no_obligation=owed.why_none,
        no_obligation_reason=facts.no_obligation_reason,
        adviser_id=facts.adviser_id,
    )


def _next_id() -> int:
    """Take the next id before the row is there: its parties come first, and let it in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('contracts_contract', 'id'))")
        return int(cursor.fetchone()[0])


def _insert(
    contract: Contract,
    deciding: Mapping[PartyRole, int | None],
    contractor_id: int | None,
    owed: Owed,
    *,
    first: int,
) -> None:
    """Insert who registers, who else decides, how the obligation came about, the contract itself.

    Last comes who delivers. Row security asks for this order: each lets in the next.
    """
    for role, organisation_id in sorted(deciding.items(), key=lambda party: party[1] != first):
        _add(contract, role, organisation_id)
    if owed.assessed is not None:
        figure = obligation_figure(owed.assessed, contract_id=contract.pk)
        (contract.obligation_receipt,) = keep([figure])
    contract.save(force_insert=True)
    _add(contract, PartyRole.CONTRACTOR, contractor_id)


def _add(contract: Contract, role: PartyRole, organisation_id: int | None) -> None:
    if organisation_id is not None:
        Party.objects.create(contract_id=contract.pk, organisation_id=organisation_id, role=role)


@holding(alone=True)
def change_contract(access: ContractAccess, changes: Mapping[str, object], *, reason: str) -> None:
    """Change facts that do not change what is owed; the journal keeps the old ones."""
    organisation_id = access.require_deciding_now()
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise ValueError(f"not changeable: {', '.join(sorted(unknown))}")
    require_none([*text_faults(changes), *reason_problems(reason, required=False)])
    contract = access.contract
    old = {name: getattr(contract, name) for name in changes}
    changed = {name: value for name, value in changes.items() if value != old[name]}
    if not changed:
        return
    for name, new in changed.items():
        setattr(contract, name, new)
    contract.save(update_fields=[*changed, "search_text"])
    details = {name: [str(old[name] or ""), str(changed[name] or "")] for name in changed}
    _record(access, "contract.changed", organisation_id, reason, details)


@holding(alone=True)
def close_contract(access: ContractAccess, *, on: date, reason: str, today: date) -> None:
    """Close a contract: nothing is handed in, planned, changed or decided on it after.

    Raises as `require_reason` does, `closed_before_start`, `closed_in_future`, `contract_closed`.
    """
    organisation_id = access.require_deciding_now()
    faults = reason_problems(reason)
    if on < access.contract.start:
        faults.append(Problem("closed_before_start", "datum"))
    if on > today:
        faults.append(Problem("closed_in_future", "datum"))
    if faults:
        raise DomainError(faults)
    access.contract.closed_on = on
    access.contract.save(update_fields=["closed_on"])
    _record(access, "contract.closed", organisation_id, reason, {"on": on.isoformat()})


@holding(alone=True)
def reopen_contract(access: ContractAccess, *, reason: str) -> None:
    """Open a closed contract again, with the reason why; one that was voided stays so.

    Raises as `require_reason` does, `contract_voided`, and `contract_settled`: what was settled is
    corrected.
    """
    organisation_id = access.require_deciding()
    if access.contract.voided_on is not None:
        access.require_open()
    require_reason(reason)
    if access.contract.closed_on is None:
        return
    if is_settled(access.contract.pk):
        raise DomainError(Problem("contract_settled"))
    details = {"on": access.contract.closed_on.isoformat()}
    access.contract.closed_on = None
    access.contract.save(update_fields=["closed_on"])
    _record(access, "contract.reopened", organisation_id, reason, details)


@holding(alone=True)
def add_party(access: ContractAccess, *, organisation_id: int, role: PartyRole) -> None:
    """Make an organisation party to a contract; a contractor may bring in subcontractors.

    Raises `not_allowed`, `party_known` and `both_sides`.
    """
    by = access.deciding_for
    if by is None and role == PartyRole.SUBCONTRACTOR:
        by = access.leading_for
    if by is None or role in {PartyRole.CLIENT, PartyRole.FORMER}:
        raise DomainError(_NO_RIGHT)
    access.require_open()
    has = {p.role for p in access.parties if p.organisation_id == organisation_id}
    if not any(has | {role} <= set(side) for side in SIDES):
        raise DomainError(Problem("both_sides", "organisatie"))
    try:
        with transaction.atomic():
            party = Party.objects.create(
                contract_id=access.contract.pk, organisation_id=organisation_id, role=role
            )
            details = {
                "organisation": organisation_id,
                "role": str(role),
                "parties": parties_to_tell([*access.parties, party]),
            }
            _record(access, "contract.party_added", by, "", details)
            tell_of_party(access, party, by)
    except IntegrityError:
        raise DomainError(Problem("party_known", "organisatie")) from None


@holding(alone=True)
def remove_party(access: ContractAccess, *, party_id: int, reason: str) -> None:
    """Take an organisation off a contract; what it handed in and what was decided stays.

    Raises `party_has_share` to a contractor who passed a part on to it: nobody else knows of that.
    """
    party = next((p for p in access.parties if p.pk == party_id), None)
    by = None if party is None else access.removing_for(party)
    if party is None or by is None:
        raise DomainError(_NO_RIGHT)
    access.require_open()
    require_reason(reason, required=False)
    if any(one.cents for one in shares_in_force(access.contract.pk, party.organisation_id)):
        raise DomainError(Problem("party_has_share"))
    left = parties_to_tell(other for other in access.parties if other.pk != party_id)
    details = {"organisation": party.organisation_id, "role": party.role, "parties": left}
    _record(access, "contract.party_removed", by, reason, details)
    party.delete()


def _record(
    access: ContractAccess,
    verb: str,
    organisation_id: int,
    reason: str,
    details: Mapping[str, object],
) -> None:
    record(
        access.acting,
        verb,
        access.contract,
        organisation_id=organisation_id,
        contract_id=access.contract.pk,
        reason=reason,
        details=details,
    )

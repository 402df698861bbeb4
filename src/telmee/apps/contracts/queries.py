"""Read contracts across tables."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, CpvCode, Party, PlanLine


def with_names(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    """Add `client_id`, `client_name`, `contractor_id` and `contractor_name` to contracts."""
    return contracts.annotate(
        client_id=_party(PartyRole.CLIENT, "organisation_id"),
        client_name=_party(PartyRole.CLIENT, "organisation__name"),
        contractor_id=_party(PartyRole.CONTRACTOR, "organisation_id"),
        contractor_name=_party(PartyRole.CONTRACTOR, "organisation__name"),
    )


def _party(role: PartyRole, column: str) -> Subquery:
    return Subquery(Party.objects.filter(contract=OuterRef("pk"), role=role).values(column)[:1])


def plan_lines(contract_id: int) -> list[PlanLine]:
    """Give the plan of a contract, in order of time."""
    lines = PlanLine.objects.filter(contract_id=contract_id).select_related("organisation")
    return list(lines.order_by("begin", "id"))


def call_offs(contract_id: int) -> list[Contract]:
    """Give the call-offs under a framework agreement that the asker may see."""
    return list(Contract.objects.filter(parent_id=contract_id).order_by("start", "id"))


def lots(contract: Contract) -> list[Contract]:
    """Give the other lots of the same tender that the asker may see."""
    if not contract.procurement:
        return []
    same = Contract.objects.filter(procurement=contract.procurement).exclude(pk=contract.pk)
    return list(same.order_by("lot", "reference"))


def cpv_codes(search: str) -> list[CpvCode]:
    """Find CPV codes by the start of the code or a word of the description; at most twenty."""
    found = CpvCode.objects.filter(code__startswith=search.strip()) if search.strip() else None
    if found is None or not found.exists():
        found = CpvCode.objects.filter(description__icontains=search.strip())
    return list(found.order_by("code")[:20])

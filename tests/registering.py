"""Contracts and lines for tests, made by the same actions as the pages use."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.actions import add_party, register_contract
from telmee.apps.contracts.amending import Wanted
from telmee.apps.contracts.choices import Category, Ground, PartyRole
from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import save_draft, submit
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.touched import amend_contract
from telmee.apps.contributions.valuing import value_line
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast

#: Half a year, 24 hours a week, somebody from the Participatiewet.
PLACEMENT = {
    "bouwblok": "pw_lt2",
    "begin": date(2025, 1, 1),
    "eind": date(2025, 6, 30),
    "uren_per_week": 24_00,
    "persoon": "P-1",
}
#: Of a social enterprise, by `hand_in`: what a placement has besides is left empty.
PURCHASE: dict[str, Any] = {
    "bouwblok": "sw_subcontract",
    "begin": date(2025, 3, 1),
    "eind": None,
    "uren_per_week": None,
    "persoon": None,
    "bedrag": 10_000_00,
}


def facts(**changes: Any) -> ContractFacts:
    """The facts of a contract, some of them changed."""
    usual: dict[str, Any] = {
        "reference": "HIL-2025-001",
        "name": "Onderhoud gebouwen",
        "category": Category.SERVICES,
        "scheme": "harlingen",
        "start": date(2025, 1, 1),
        "end": date(2026, 12, 31),
        "value_cents": 2_000_000_00,
        "agreed_cents": 100_000_00,
        "percentage_reason": "5%",
        "reference_again": True,
    } | changes
    return ContractFacts(**usual)


def register(cast: Cast, **changes: Any) -> int:
    """Register a contract of Hilversum with De Eem, with a subcontractor, a team and an auditor."""
    with acting_as(cast.adviser.pk) as acting:
        contract_id = register_contract(
            acting,
            facts(**changes),
            client_id=cast.hilversum.pk,
            contractor_id=cast.de_eem.pk,
        )
        access = contract_for(acting, contract_id)
        for organisation, role in (
            (cast.sub, PartyRole.SUBCONTRACTOR),
            (cast.audit_office, PartyRole.AUDITOR),
            (cast.region, PartyRole.REGIONAL_TEAM),
        ):
            add_party(access, organisation_id=organisation.pk, role=role)
    return contract_id


def end_early(user_id: int, contract_id: int, *, end: date, on: date) -> None:
    """Let a contract end sooner, by an amendment of a day; lines after its end are touched."""
    wanted = Wanted(
        ground=Ground.ENDED_EARLY, effective_on=on, reason="Gestopt.", facts={"end": end}
    )
    with acting_as(user_id) as acting:
        amend_contract(contract_for(acting, contract_id), wanted, key=uuid4())


def hand_in(cast: Cast, contract_id: int, *, by: str = "contractor", **cells: Any) -> int:
    """Hand in a line as the contractor; `PLACEMENT`, but for the cells that are named."""
    with acting_as(getattr(cast, by).pk) as acting:
        access = contract_for(acting, contract_id)
        line = save_draft(access, {**PLACEMENT, "kenmerk": "K-1", **cells})
        submit(access, line)
    return line.pk


def found(acting: Any, line_id: int) -> tuple[ContractAccess, Contribution]:
    """Get a line as somebody sees it."""
    return contribution_for(acting, line_id)


def seen_cents(access: ContractAccess, line: Contribution) -> int | None:
    """What the screen of who decides would show as the value of a line, now."""
    if line.state == State.PARTLY and line.decided is not None:
        return line.decided.amount_cents
    cells = cells_to_value(line)
    return value_line(access.contract, line.organisation_id, cells, line_id=line.pk).value_cents

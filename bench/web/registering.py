"""Contracts for a measurement that a region does not have: those that reckon over turnover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from telmee.apps.contracts.actions import register_contract
from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.organisations.acting import acting_as, acting_as_system
from telmee.apps.organisations.models import Organisation

if TYPE_CHECKING:
    from bench.web.people import Person


def some_contractors(count: int) -> list[int]:
    """The ids of the first contractors of a register."""
    rows = Organisation.objects.filter(is_client=False).order_by("pk")
    with acting_as_system():
        return list(rows.values_list("pk", flat=True)[:count])


def register(adviser: Person, references: Iterable[str], contractors: Sequence[int]) -> None:
    """Register contracts of 2025 that owe 5% of what is invoiced, with contractors in turn."""
    with acting_as(adviser.user) as acting:
        for number, reference in enumerate(references):
            facts = ContractFacts(
                reference=reference,
                name="Onderhoud",
                category=Category.SERVICES,
                scheme="harlingen",
                start=date(2025, 1, 1),
                end=date(2025, 12, 31),
                value_cents=500_000_00,
                chosen_bp=5_00,
                percentage_reason="Zoals in het bestek.",
                over_turnover=True,
            )
            register_contract(
                acting,
                facts,
                client_id=adviser.organisation,
                contractor_id=contractors[number % len(contractors)],
            )

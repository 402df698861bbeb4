"""Register the lots of one tender in one go: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction

from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.contracts.registering import (
    NewContractor,
    Registered,
    register_with_contractor,
)
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot: the contract, whose `key` is its own, and who carries it out."""

    facts: ContractFacts
    contractor: NewContractor | None


@transaction.atomic
def register_lots(acting: Acting, lots: Iterable[Lot], *, client_id: int) -> list[Registered]:
    """Register the lots of a tender, in their order. The same keys twice register once.

    Who carries out several lots is invited once. Raises what `register_with_contractor` does for
    all lots at once, each problem with the number of its lot as `row`, from 1 on.
    """
    registered: list[Registered] = []
    problems: list[Problem] = []
    invited: set[str] = set()
    for number, lot in enumerate(lots, start=1):
        contractor = lot.contractor
        if contractor is not None and contractor.kvk in invited:
            contractor = replace(contractor, email="")
        try:
            with transaction.atomic():
                registered.append(
                    register_with_contractor(
                        acting, lot.facts, client_id=client_id, contractor=contractor
                    )
                )
        except DomainError as error:
            problems += (replace(problem, row=number) for problem in error.problems)
        if contractor is not None and contractor.email:
            invited.add(contractor.kvk)
    if problems:
        raise DomainError(problems)
    return registered

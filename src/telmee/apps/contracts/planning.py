"""Change the plan of who delivers: each change is a version of it, and nothing is lost.

A plan is an agreement that asks nobody's yes (`telmee.apps.agreements`): what is saved stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from telmee.apps.agreements.actions import Sides, propose, take
from telmee.apps.agreements.choices import Kind as AgreementKind
from telmee.apps.agreements.models import Agreement, PlanLine, Version
from telmee.apps.agreements.queries import content_of, plan_fields
from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import as_line, owed_by
from telmee.apps.organisations.turns import done_before
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.choices import Kind
from telmee.apps.receipts.figures import line_figure
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import PLAN_NOTE, require_none
from telmee.core.tables.contribution_columns import PERSON, REFERENCE
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.receipt import receipt as receipt_of_line


@holding()
def save_plan_line(
    access: ContractAccess,
    cells: Mapping[str, object],
    *,
    number: int,
    note: str,
    line_id: int | None,
    key: UUID | None = None,
    seen: int | None = None,
) -> int:
    """Add a line to one's plan, or change one; its value is the engine's, times `number`.

    Gives the id of the line in the new version. `cells` are those of a contribution, by their Dutch
    names. The same `key` with the same line saves once. `line_id` is the line in any version of the
    plan; one that was removed meanwhile comes back. `seen` is the number of the version that was
    looked at: see `propose`. Raises `DomainError` with what keeps the line from having a value; a
    block that a person judges has none, and is kept.
    """
    old = None if line_id is None else plan_line_ever(access, line_id)
    sides = _sides(access, access.delivering_for if old is None else old.organisation_id)
    require_none(PLAN_NOTE.problems("opmerking", note))
    line = _valued(access.contract, cells, sides.organisation_id, number=number, note=note)
    if key is not None:
        known = done_before(key, Version.objects.filter(key=key, contract=access.contract))
        for same in known.plan_lines.all() if known else ():
            if content_of(same) == content_of(line):
                return same.pk
        if known is not None:
            key = None  # somebody went back in his browser and typed the next one
    plan = take(AgreementKind.PLAN, sides)
    lines = _lines_of(plan)
    line.line = _next_line(plan) if old is None else old.line
    if line.line in lines and content_of(lines[line.line]) == content_of(line):
        return lines[line.line].pk
    lines[line.line] = line
    details = {"block": line.block, "number": number, "cents": line.value_cents}
    version = _save(access, plan, lines, "contract.plan_saved", details, key=key, seen=seen)
    return version.plan_lines.values_list("pk", flat=True).get(line=line.line)


@holding()
def remove_plan_line(access: ContractAccess, line_id: int, *, seen: int | None = None) -> None:
    """Leave a line out of one's plan from now on; the versions that had it stay.

    Raises as `save_plan_line` does.
    """
    line = own_plan_line(access, line_id)
    plan = take(AgreementKind.PLAN, _sides(access, line.organisation_id))
    lines = _lines_of(plan)
    gone = lines.pop(line.line, None)
    if gone is None:
        return
    details = {"block": gone.block, "number": gone.number, "cents": gone.value_cents}
    _save(access, plan, lines, "contract.plan_removed", details, seen=seen)


def own_plan_line(access: ContractAccess, line_id: int) -> PlanLine:
    """A line of one's own plan as it is now, by its id in any version. Raises `not_allowed`."""
    old = plan_line_ever(access, line_id)
    now = PlanLine.objects.in_force([access.contract.pk])
    same = now.filter(organisation=old.organisation_id, line=old.line)
    line = same.select_related("version", "receipt").first()
    if line is None:
        raise DomainError(Problem("not_allowed"))
    return line


def plan_line_ever(access: ContractAccess, line_id: int) -> PlanLine:
    """A line of one's own plan in the version that it was saved in. Raises `not_allowed`."""
    own = PlanLine.objects.filter(
        pk=line_id, contract=access.contract, organisation__in=access.acting.working
    ).first()
    if own is None:
        raise DomainError(Problem("not_allowed"))
    return own


def plan_valuation(contract: Contract, cells: Mapping[str, object]) -> Valuation:
    """Value one of a plan line; what a person must judge has no value.

    Raises `DomainError` with everything that refuses it.
    """
    valuation = value(
        rules_of(contract.scheme),
        contributions_from([plan_row(contract, cells)]),
        obligations=owed_by(contract),
    )
    if valuation.status(0) == "refused":
        raise DomainError(valuation.problems(0))
    return valuation


def plan_row(contract: Contract, cells: Mapping[str, object]) -> dict[str, object]:
    """Add what the contract says to the cells of a plan line: a row for the engine.

    A plan is about nobody in particular yet.
    """
    of_plan = {name: cell for name, cell in cells.items() if name != PERSON}
    return as_line({**of_plan, REFERENCE: "plan"}, contract)


def _sides(access: ContractAccess, organisation_id: int | None) -> Sides:
    """Whose plan it is and who it is for. Raises `not_allowed` and `contract_closed`."""
    if organisation_id is None or access.delivering_for is None or access.client is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    return Sides(access.contract.pk, organisation_id, access.client.organisation_id)


def _valued(
    contract: Contract,
    cells: Mapping[str, object],
    organisation_id: int,
    *,
    number: int,
    note: str,
) -> PlanLine:
    """A line that is in no version yet, with its value and the receipt of that."""
    valued = plan_valuation(contract, cells)
    figure = line_figure(
        receipt_of_line(valued, 0),
        explain(valued, 0),
        valued.scheme,
        problems=valued.problems(0),
        contract_id=contract.pk,
        organisation_id=organisation_id,
        kind=Kind.PLAN,
        number=number,
    )
    (receipt,) = keep([figure])
    return PlanLine(
        contract=contract,
        organisation_id=organisation_id,
        number=number,
        note=note,
        value_cents=figure.cents,
        receipt=receipt,
        **plan_fields(cells),
    )


def _lines_of(plan: Agreement) -> dict[int, PlanLine]:
    """The lines of a plan as it is now, by their numbers."""
    lines = PlanLine.objects.in_force([plan.contract_id]).filter(version__agreement=plan)
    return {line.line: line for line in lines}


def _next_line(plan: Agreement) -> int:
    """The number of a line that no version had before."""
    last = PlanLine.objects.filter(version__agreement=plan).order_by("-line").first()
    return 1 if last is None else last.line + 1


def _save(
    access: ContractAccess,
    plan: Agreement,
    lines: Mapping[int, PlanLine],
    verb: str,
    details: Mapping[str, object],
    *,
    key: UUID | None = None,
    seen: int | None,
) -> Version:
    version = propose(
        access.acting,
        plan,
        organisation_id=plan.organisation_id,
        key=key or uuid4(),
        seen=seen,
        plan=lines.values(),
    )
    record(
        access.acting,
        verb,
        access.contract,
        organisation_id=plan.organisation_id,
        contract_id=access.contract.pk,
        details={**details, "version": version.pk},
    )
    return version

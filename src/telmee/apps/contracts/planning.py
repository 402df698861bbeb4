"""The plan of who delivers: changed line by line, proposed to the other side, agreed by both.

Each change is a version, and nothing is lost. What a contractor saves counts as promised by his own
word until the client agreed for the first time; from then on what both agreed counts, and a change
is a draft until it was proposed and agreed as well (decision 0030).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from telmee.apps.agreements.actions import Sides, comment, confirm, propose, say, take, withdraw
from telmee.apps.agreements.choices import Kind as AgreementKind
from telmee.apps.agreements.models import Agreement, Comment, PlanLine, Version
from telmee.apps.agreements.queries import Plan, content_of, lines_in, plan_fields, plans_of
from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import as_line, owed_by
from telmee.apps.contracts.telling import tell_party
from telmee.apps.organisations.turns import done_before
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.choices import Kind
from telmee.apps.receipts.figures import line_figure
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import PLAN_NOTE, require_none, require_reason
from telmee.core.tables.contribution_columns import PERSON, REFERENCE
from telmee.core.tables.plan_columns import EMPLOYMENT, EMPLOYMENTS, PLAN
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.line_receipt import receipt as receipt_of_line


@holding()
def save_plan_line(
    access: ContractAccess,
    cells: Mapping[str, object],
    *,
    number: int,
    note: str,
    line_id: int | None,
    plan_of: int | None = None,
    key: UUID | None = None,
    seen: int | None = None,
) -> int:
    """Add a line to a plan, or change one; its value is the engine's, times `number`.

    Gives the id of the line in the new version. `cells` are those of a contribution and of a plan,
    by their Dutch names. A new line is for the plan of the organisation `plan_of`, or one's own.
    The same `key` with the same line saves once. `line_id` is the line in any version of the plan;
    one that was removed meanwhile comes back. `seen` is the number of the version that was looked
    at: see `say`. Raises `DomainError` with what keeps the line from having a value; a block that a
    person judges has none, and is kept.
    """
    old = None if line_id is None else plan_line_ever(access, line_id)
    whose = (plan_of or access.delivering_for) if old is None else old.organisation_id
    by, sides = _sides(access, whose)
    require_none(_text_faults(cells, note))
    line = _valued(access.contract, cells, sides.organisation_id, number=number, note=note)
    if key is not None:
        known = done_before(key, Version.objects.filter(key=key, contract=access.contract))
        for same in known.plan_lines.all() if known else ():
            if content_of(same) == content_of(line):
                return same.pk
        if known is not None:
            key = None  # somebody went back in his browser and typed the next one
    plan = take(AgreementKind.PLAN, sides)
    lines = _on_the_table(plan)
    line.line = _next_line(plan) if old is None else old.line
    if line.line in lines and content_of(lines[line.line]) == content_of(line):
        return lines[line.line].pk
    lines[line.line] = line
    details = {"block": line.block, "number": number, "cents": line.value_cents}
    saved = _Saved("contract.plan_saved", details, by, key or uuid4(), seen)
    version = _save(access, plan, lines, saved)
    return version.plan_lines.values_list("pk", flat=True).get(line=line.line)


@holding()
def remove_plan_line(access: ContractAccess, line_id: int, *, seen: int | None = None) -> None:
    """Leave a line out of a plan from now on; the versions that had it stay.

    Raises as `save_plan_line` does.
    """
    line = plan_line_now(access, line_id)
    by, sides = _sides(access, line.organisation_id)
    plan = take(AgreementKind.PLAN, sides)
    lines = _on_the_table(plan)
    gone = lines.pop(line.line, None)
    if gone is None:
        return
    details = {"block": gone.block, "number": gone.number, "cents": gone.value_cents}
    _save(access, plan, lines, _Saved("contract.plan_removed", details, by, uuid4(), seen))


@holding()
def put_back_plan(access: ContractAccess, organisation_id: int, *, seen: int | None = None) -> None:
    """Put what both agreed on the table again, in the place of what was changed since.

    Raises as `save_plan_line` does, and `plan_not_agreed` where nothing was agreed.
    """
    by, sides = _sides(access, organisation_id)
    agreement = take(AgreementKind.PLAN, sides)
    plan = _plan(access, organisation_id)
    if plan.holds is None or not plan.is_agreed:
        raise DomainError(Problem("plan_not_agreed"))
    saved = _Saved("contract.plan_put_back", {}, by, uuid4(), seen)
    _save(access, agreement, lines_in(plan.holds.version), saved)


# Agreeing -----------------------------------------------------------------------------------


@holding()
def propose_plan(
    access: ContractAccess, organisation_id: int, *, key: UUID, seen: int | None = None
) -> None:
    """Propose what is on the table of a plan to the other side, whole.

    The same `key` twice proposes once. Raises `not_allowed`, `contract_closed`,
    `agreement_changed` when there is a version after `seen`, and `plan_nothing_new` where it is
    what both agreed or what waits for an answer already.
    """
    by, sides = _sides(access, organisation_id)
    agreement = take(AgreementKind.PLAN, sides)
    if done_before(key, Version.objects.filter(key=key, agreement=agreement)) is not None:
        return
    plan = _plan(access, organisation_id)
    if plan.table is None or not plan.is_open:
        raise DomainError(Problem("plan_nothing_new"))
    lines = lines_in(plan.table.version).values()
    version = propose(access.acting, agreement, organisation_id=by, key=key, seen=seen, plan=lines)
    _tell(access, sides, by, "plan_proposed", f"version {version.pk}")


@holding()
def answer_plan(access: ContractAccess, version_id: int, *, agrees: bool) -> None:
    """Agree with the plan that the other side proposed, or withdraw one's own proposal.

    Raises `not_allowed`, `contract_closed`, and `agreement_changed` when it waits no longer.
    """
    version = plan_version_on(access, version_id)
    by, sides = _sides(access, version.agreement.organisation_id)
    if not agrees:
        withdraw(access.acting, version, organisation_id=by)
        return
    confirm(access.acting, version, organisation_id=by)
    _tell(access, sides, by, "plan_agreed", f"version {version.pk}")


@holding()
def comment_on_plan(
    access: ContractAccess, version_id: int, *, text: str, key: UUID, line: int | None = None
) -> None:
    """Say something to the other side of a version of a plan, or of one line of it.

    The same `key` twice says it once. Raises `not_allowed`, `contract_closed`, and
    `missing_explanation`, `text_too_long` and `text_not_printable` of the text.
    """
    version = plan_version_on(access, version_id)
    by, sides = _sides(access, version.agreement.organisation_id)
    require_reason(text)
    if line is not None and not version.plan_lines.filter(line=line).exists():
        raise DomainError(Problem("not_allowed"))
    if done_before(key, Comment.objects.filter(key=key, version=version)) is not None:
        return
    said = comment(
        access.acting, version, organisation_id=by, text=text.strip(), key=key, line=line
    )
    _tell(access, sides, by, "plan_commented", f"comment {said.pk}")


# Reading ------------------------------------------------------------------------------------


def may_plan(access: ContractAccess, organisation_id: int) -> bool:
    """Whether somebody may now change the plan of an organisation, or answer what is proposed."""
    return access.is_open and is_of_plan(access, organisation_id)


def is_of_plan(access: ContractAccess, organisation_id: int) -> bool:
    """Whether somebody works for a side of the plan of an organisation."""
    return _side_of(access, organisation_id) is not None


def beginning_for(access: ContractAccess) -> int | None:
    """The organisation whose plan somebody begins.

    That for which he delivers now; for who decides it is the contractor, who answers a proposal.
    """
    if access.contract.form == Form.FRAMEWORK:
        return None
    own = access.delivering_for
    if own is not None:
        return None if own in access.formers else own
    contractor = access.contractor
    if access.deciding_for is None or access.client is None or contractor is None:
        return None
    return contractor.organisation_id


def plan_version_on(access: ContractAccess, version_id: int) -> Version:
    """A version of a plan on a contract. Raises `not_allowed`."""
    versions = Version.objects.filter(contract=access.contract, agreement__kind=AgreementKind.PLAN)
    version = versions.filter(pk=version_id).select_related("agreement").first()
    if version is None:
        raise DomainError(Problem("not_allowed"))
    return version


def plan_line_now(access: ContractAccess, line_id: int) -> PlanLine:
    """A line of a plan as it is on the table, by its id in any version. Raises `not_allowed`."""
    old = plan_line_ever(access, line_id)
    plan = _plan(access, old.organisation_id)
    line = lines_in(plan.table.version if plan.table else None).get(old.line)
    if line is None:
        raise DomainError(Problem("not_allowed"))
    return line


def plan_line_ever(access: ContractAccess, line_id: int) -> PlanLine:
    """A line of a plan that somebody may change, as it was saved. Raises `not_allowed`."""
    lines = PlanLine.objects.filter(pk=line_id, contract=access.contract)
    line = lines.select_related("receipt").first()
    if line is None or _side_of(access, line.organisation_id) is None:
        raise DomainError(Problem("not_allowed"))
    return line


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


def _side_of(access: ContractAccess, organisation_id: int) -> int | None:
    """The side of the plan of an organisation for which somebody works: that one, or the client.

    The plan of who carried the contract out before stays what it was.
    """
    if organisation_id in access.formers:
        return None
    if access.works_for(organisation_id):
        return organisation_id
    client = access.client
    return client.organisation_id if client and access.deciding_for is not None else None


def _sides(access: ContractAccess, organisation_id: int | None) -> tuple[int, Sides]:
    """For which side somebody acts, and both sides of a plan.

    Raises `not_allowed` and `contract_closed`.
    """
    by = None if organisation_id is None else _side_of(access, organisation_id)
    if organisation_id is None or by is None or access.client is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    return by, Sides(access.contract.pk, organisation_id, access.client.organisation_id)


def _plan(access: ContractAccess, organisation_id: int) -> Plan:
    """The plan of an organisation on a contract. Raises `not_allowed` where there is none."""
    plans = plans_of(access.contract.pk, organisation_id)
    if not plans:
        raise DomainError(Problem("not_allowed"))
    return plans[0]


def _text_faults(cells: Mapping[str, object], note: str) -> Iterator[Problem]:
    """What is wrong with what a plan line says in words, and a kind of employment nobody knows."""
    yield from PLAN_NOTE.problems("opmerking", note)
    for name, column in PLAN.items():
        if column.limit and name in cells:
            yield from column.limit.problems(name, str(cells[name]))
    employment = cells.get(EMPLOYMENT)
    if employment and employment not in EMPLOYMENTS:
        params = {"employment": str(employment), "known": ", ".join(EMPLOYMENTS)}
        yield Problem("unknown_employment", EMPLOYMENT, params=params)


def _valued(
    contract: Contract,
    cells: Mapping[str, object],
    organisation_id: int,
    *,
    number: int,
    note: str,
) -> PlanLine:
    """A line that is in no version yet, with its value and the receipt of that."""
    valued = plan_valuation(contract, {n: c for n, c in cells.items() if n not in PLAN})
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


def _on_the_table(agreement: Agreement) -> dict[int, PlanLine]:
    """The lines of what is worked on, by their numbers: those of the next version follow on it."""
    plans = plans_of(agreement.contract_id, agreement.organisation_id)
    table = plans[0].table if plans else None
    return lines_in(table.version if table else None)


def _next_line(plan: Agreement) -> int:
    """The number of a line that no version had before."""
    last = PlanLine.objects.filter(version__agreement=plan).order_by("-line").first()
    return 1 if last is None else last.line + 1


@dataclass(frozen=True, slots=True)
class _Saved:
    """What the journal says of a change, for which side it was made, and what was looked at."""

    verb: str
    details: Mapping[str, object]
    by: int
    key: UUID
    seen: int | None


def _save(
    access: ContractAccess, plan: Agreement, lines: Mapping[int, PlanLine], saved: _Saved
) -> Version:
    version = say(
        access.acting,
        plan,
        organisation_id=saved.by,
        key=saved.key,
        seen=saved.seen,
        plan=lines.values(),
    )
    record(
        access.acting,
        saved.verb,
        access.contract,
        organisation_id=saved.by if saved.by in access.acting.working else access.deciding_for,
        contract_id=access.contract.pk,
        details={**saved.details, "version": version.pk},
    )
    return version


def _tell(access: ContractAccess, sides: Sides, by: int, code: str, event: str) -> None:
    """Write a notice to the other side than the one that acts; the team of the client with it."""
    readers = [sides.organisation_id]
    if by == sides.organisation_id:
        teams = [p.organisation_id for p in access.parties if p.role == PartyRole.REGIONAL_TEAM]
        readers = [sides.other_id, *teams]
    facts = {"by": access.name_of(by)}
    for organisation_id in readers:
        tell_party(access, organisation_id, code, event=event, page="contract-plan", facts=facts)

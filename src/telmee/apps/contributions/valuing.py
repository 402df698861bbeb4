"""What a contribution is worth on its contract, with what was decided before.

Everybody who values a line asks here: the form while typing, the file, the submit and the decision.
Nothing is valued here to show what was: a figure that somebody acted on has its receipt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from django.db.models import F, Q

from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.queries import as_line, owed_by
from telmee.apps.contributions.cells import Cells, cells_kept, cells_to_value
from telmee.apps.contributions.choices import COUNTING_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import before_takeover
from telmee.apps.people.queries import erased_before, people_by_code
from telmee.apps.receipts.figures import Figure, line_figure
from telmee.apps.receipts.queries import split_of_steps
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from, together
from telmee.core.explain import Step, Value
from telmee.core.periods import day_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.columns import Coded
from telmee.core.tables.contribution_columns import PERSON, REFERENCE, Contributions
from telmee.core.valuation import value
from telmee.core.valuation.decided import ValuedAfter, blocks_shared_on_contract, value_after
from telmee.core.valuation.line import Line

#: What is read of a line that was decided: its receipt's cells, and of its contract what counts.
_OF_LINE = (
    *("contract", "organisation", "reference", "decided", "decided__inputs"),
    *(f"contract__{name}" for name in ("reference", "start", "end", "obligation_cents")),
)


def value_line(
    contract: Contract,
    organisation_id: int,
    cells: Cells,
    *,
    line_id: int | None = None,
) -> ValuedAfter:
    """Value one line after everything that was decided before it and that it must share with.

    Those are the decided lines of the same person of the same contractor, on this and other
    contracts of the same client under the same version, for the person's clock; and where the
    version caps what a contract or a day may bring, the decided lines of this contract under such a
    cap. `cells` are as the engine takes them, and `line_id` leaves a line itself out. Runs two
    queries, and one more where lines share a cap.
    """
    person = str(cells.get(PERSON) or "")
    before = _before(contract, organisation_id, {person} - {""}, line_id)
    line = contributions_from([as_line(_complete(cells), contract)])
    valued = value_after(before.scheme, before.lines, line, obligations=before.owed)
    return _with_checks(valued, organisation_id, _used_unseen(contract, before.scheme))


def _with_checks(
    valued: ValuedAfter, organisation_id: int, used_unseen: frozenset[str]
) -> ValuedAfter:
    """Say of a line what may have been used of its limits that is not among what was counted.

    Of a person under a code that was erased, and under a cap by who carried the contract out
    before, of whom who took it over sees no line.
    """
    lines, index = valued.valuation.lines, valued.index
    person, line = lines.person[index], Line.of(valued.valuation, index)
    if line is None:
        return valued
    checks = []
    if line.block.key in used_unseen:
        checks.append(Step("to_check", "used_before_takeover", "code", "column.bouwblok"))
    if person and line.block.max_months:
        erased = erased_before(organisation_id, int(person) if person.isdecimal() else None)
        facts: dict[str, Value] = {"count": erased}
        if erased:
            checks.append(Step("to_check", "person_erased", "code", "column.persoon", params=facts))
    return replace(valued, checks=tuple(checks)) if checks else valued


def _used_unseen(contract: Contract, scheme: Scheme) -> frozenset[str]:
    """The blocks that share a cap of which who asks does not see what was used before he came."""
    shared = blocks_shared_on_contract(scheme)
    if not shared:
        return shared
    used = {row.block for row in before_takeover(contract.pk) if row.verified_cents}
    return shared if used & shared else frozenset()


def typed_cells(organisation_id: int, cells: Cells) -> Cells:
    """Take cells with the code of a person as the engine takes them; nothing is written.

    A code that this contractor has not used before is somebody of whom nothing is known.
    """
    code = str(cells.get(PERSON) or "")
    if not code:
        return cells
    known = people_by_code(organisation_id, [code])
    return {**cells, PERSON: str(known.get(code, f"={code}"))}


def value_lines(
    contract: Contract, organisation_id: int, lines: Contributions
) -> list[ValuedAfter]:
    """Value many lines of a contract at once after everything that was decided before them.

    They share clocks and caps with each other as well, as they do in a file on the command line.
    Runs two queries and one valuation, however many lines there are. Only where they would take
    from decided lines, which cannot be laid at the door of one of them, each is valued by itself.
    """
    before = _before(contract, organisation_id, {*lines.person.names})
    lines = _on_contract(lines, contract)
    offset = len(before.lines)
    valuation = value(before.scheme, together(before.lines, lines), obligations=before.owed)
    own = sum(valuation.value_cents(offset + n) or 0 for n in range(len(lines)))
    decided = value(before.scheme, before.lines, obligations=before.owed).total_cents()
    if decided > valuation.total_cents() - own:
        valued = [
            value_after(before.scheme, before.lines, _alone(lines, n), obligations=before.owed)
            for n in range(len(lines))
        ]
    else:
        valued = [ValuedAfter(valuation, offset + n, 0) for n in range(len(lines))]
    unseen = _used_unseen(contract, before.scheme)
    if not unseen and not erased_before(organisation_id):
        return valued
    return [_with_checks(one, organisation_id, unseen) for one in valued]


def value_drafts(
    contract: Contract, organisation_id: int, drafts: Iterable[Contribution]
) -> list[ValuedAfter]:
    """Value the drafts of one organisation on a contract, as `value_lines` does."""
    rows = [as_line(cells_to_value(draft), contract) for draft in drafts]
    return value_lines(contract, organisation_id, contributions_from(rows))


def figure_of(valued: ValuedAfter, *, contract_id: int, organisation_id: int) -> Figure:
    """The figure of a valued line, with its receipt and story, to be stored."""
    return line_figure(
        valued.receipt(),
        valued.explain(),
        valued.valuation.scheme,
        problems=valued.problems(),
        contract_id=contract_id,
        organisation_id=organisation_id,
    )


def split_of_value(valued: ValuedAfter, today: date) -> tuple[int, int]:
    """Split the value of a line that is valued now: for days up to and including today, and after.

    As its receipt will be split; without a value nothing is done and nothing is to come.
    """
    return split_of_steps(valued.value_cents or 0, valued.explain(), valued.receipt().inputs, today)


def _complete(cells: Cells) -> dict[str, object]:
    """The cells of a line that is still being typed, with a reference, as the engine wants one."""
    return {REFERENCE: "concept", **{name: cell for name, cell in cells.items() if cell != ""}}


@dataclass(frozen=True, slots=True)
class _Before:
    """What new lines come after: the rules, the decided lines and what their contracts owe."""

    scheme: Scheme
    lines: Contributions
    owed: dict[str, int]


def _before(
    contract: Contract,
    organisation_id: int,
    persons: set[str],
    leave_out: int | None = None,
) -> _Before:
    scheme = rules_of(contract.scheme)
    shared = blocks_shared_on_contract(scheme)
    decided = _decided(contract, organisation_id, persons, shared, leave_out)
    owed = owed_by(contract, *(line.contract for line in decided))
    names = [_name(line, contract, organisation_id) for line in decided]
    lines = contributions_from(
        [{**_row(line), REFERENCE: name} for line, name in zip(decided, names, strict=True)]
    )
    return _Before(scheme, lines, owed)


def _on_contract(lines: Contributions, contract: Contract) -> Contributions:
    """Put lines on a contract, whatever their file says of one."""
    return replace(
        lines,
        contract=Coded.of([str(contract.pk)] * len(lines)),
        contract_begin=np.full(len(lines), day_of(contract.start), dtype=np.int32),
        contract_end=np.full(len(lines), day_of(contract.end), dtype=np.int32),
    )


def _alone(lines: Contributions, number: int) -> Contributions:
    """Take one line out of a batch."""
    columns: dict[str, Any] = {}
    for column in fields(Contributions):
        cells = getattr(lines, column.name)
        if isinstance(cells, Coded):
            columns[column.name] = replace(cells, codes=cells.codes[number : number + 1])
        elif column.name != "problems":
            columns[column.name] = cells[number : number + 1]
    problems = {0: lines.problems[number]} if number in lines.problems else {}
    return Contributions(**columns, problems=problems)


def _decided(
    contract: Contract,
    organisation_id: int,
    persons: set[str],
    shared: frozenset[str],
    line_id: int | None,
) -> list[Contribution]:
    """The decided lines that take their share of caps and clocks first, each as decided.

    A line that was adjusted may be of another block than its contractor said, so all of those come
    along where lines share a cap of their contract. Its person is the same.
    """
    client = Party.objects.filter(contract=contract, role=PartyRole.CLIENT)
    of_client = Party.objects.filter(
        role=PartyRole.CLIENT, organisation__in=client.values("organisation")
    )
    on_clock = Q(
        organisation=organisation_id,
        person__in=[int(person) for person in persons if person.isdecimal()],
    ) & (
        Q(contract=contract)
        | Q(contract__scheme=contract.scheme_id, contract__in=of_client.values("contract"))
    )
    under_cap = Q(contract=contract) & (Q(block__in=shared) | ~Q(state=State.ACCEPTED))
    which = Contribution.objects.filter(on_clock)
    if shared:
        # Two looks, each by its own index: what is on the clock, and what is under the cap.
        under = Contribution.objects.filter(under_cap)
        which = Contribution.objects.filter(pk__in=which.values("pk").union(under.values("pk")))
    counting = (
        which.filter(
            Q(verified_cents__gt=0) | Q(rest_cents__gt=0),
            state__in=COUNTING_STATES,
            decided__isnull=False,
        )
        .exclude(pk=line_id or 0)
        .select_related("contract", "decided")
        .only(*_OF_LINE)
        .order_by(F("decided_at").asc(nulls_last=True), "id")
    )
    return list(counting)


def _name(line: Contribution, contract: Contract, organisation_id: int) -> str | None:
    """What a story calls a decided line; one of another contractor is named to nobody.

    Of another contract it is told with the reference of that one.
    """
    if line.organisation_id != organisation_id:
        return None
    if line.contract_id == contract.pk:
        return line.reference
    return f"{line.reference} ({line.contract.reference})"


def _row(line: Contribution) -> dict[str, object]:
    """The row of a decided line, with its cells as they were decided; it must have been."""
    if line.decided is None:
        raise ValueError(f"line {line.pk} was not decided")
    return as_line(cells_kept(line.decided.inputs), line.contract)

"""Read agreements: what holds now or held at a moment, and every version with its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from telmee.apps.agreements.choices import Kind, Outcome, State
from telmee.apps.agreements.models import PlanLine, Share, Version, Versions
from telmee.core.tables.contribution_columns import CONTRIBUTION, OF_PLAN

_FIELDS = {name: CONTRIBUTION[name].row_field for name in OF_PLAN}
#: The content of a line of a plan. Its receipt follows from it.
_CONTENT = (*_FIELDS.values(), "number", "note", "value_cents")


def plan_cells(line: PlanLine) -> dict[str, object]:
    """The cells of a plan line by their Dutch names; an empty one is left out."""
    cells = {name: getattr(line, field) for name, field in _FIELDS.items()}
    return {name: cell for name, cell in cells.items() if cell not in (None, "")}


def plan_fields(cells: Mapping[str, object]) -> dict[str, object]:
    """The fields of a plan line that keep these cells; a column that is left out is empty."""
    return CONTRIBUTION.as_row(OF_PLAN, cells)


def plan_lines(contract_id: int, *, as_of: datetime | None = None) -> list[PlanLine]:
    """The plans on a contract as they hold, now or at a moment, in order of time."""
    lines = PlanLine.objects.in_force([contract_id], as_of)
    return list(lines.select_related("organisation", "version").order_by("begin", "line", "id"))


def states_of(agreement_id: int) -> dict[int, State]:
    """The state of each version of an agreement, by its id.

    What was proposed waits until it is answered, or until another version takes its place.
    """
    versions = Version.objects.filter(agreement=agreement_id).select_related("answer")
    states: dict[int, State] = {}
    waiting = holding = None
    for version in versions.order_by("number"):
        if waiting is not None:
            states[waiting] = State.SUPERSEDED
            waiting = None
        answer = getattr(version, "answer", None)
        if version.addressee_id is None or (answer and answer.outcome == Outcome.CONFIRMED):
            if holding is not None:
                states[holding] = State.SUPERSEDED
            holding, states[version.pk] = version.pk, State.IN_FORCE
        elif answer is not None:
            states[version.pk] = State(answer.outcome)
        else:
            waiting, states[version.pk] = version.pk, State.PROPOSED
    return states


@dataclass(frozen=True, slots=True)
class ShareVersion:
    """A version of a share with its state, and who passes on what to whom."""

    version: Version
    state: State
    cents: int
    note: str
    contractor_id: int
    partner_id: int
    partner: str


def share_versions(contract_id: int) -> list[ShareVersion]:
    """Every version of the shares on a contract that somebody is a side of, latest first.

    Runs one query, and one more for each share.
    """
    shares = Share.objects.filter(contract_id=contract_id).select_related(
        "version__agreement__other"
    )
    agreements = {share.version.agreement_id for share in shares}
    states = {pk: state for one in agreements for pk, state in states_of(one).items()}
    return [
        ShareVersion(
            share.version,
            states[share.version_id],
            share.cents,
            share.note,
            share.version.agreement.organisation_id,
            share.version.agreement.other_id,
            share.version.agreement.other.name,
        )
        for share in shares.order_by("-version_id")
    ]


def shares_in_force(contract_id: int, partner_id: int) -> list[Share]:
    """What a partner takes over on a contract, as far as somebody is a side of it."""
    shares = Share.objects.in_force([contract_id])
    return list(shares.filter(version__agreement__other=partner_id))


@dataclass(frozen=True, slots=True)
class Change:
    """What a version of a plan says of one line that the version before did not say.

    `line` is how the version has it, or how it was until it was removed; `before` how it was, if it
    was there.
    """

    line: PlanLine
    before: PlanLine | None
    is_removed: bool


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A version of a plan, what it changed, and what is promised since; in cents."""

    version: Version
    changes: tuple[Change, ...]
    promised_cents: int


def plan_versions(contract_id: int, *, limit: int, before: int | None = None) -> list[PlanVersion]:
    """The versions of the plans on a contract, latest first; `before` an id, at most `limit`.

    Runs three queries. A version is compared with the one before it, which is read for that.
    """
    versions = _plan_versions(contract_id)
    if before is not None:
        versions = versions.filter(pk__lt=before)
    return _compared(versions[:limit])


def plan_versions_since(contract_id: int, organisation_id: int, number: int) -> list[PlanVersion]:
    """The versions of the plan of an organisation that came after one, latest first."""
    versions = _plan_versions(contract_id)
    return _compared(versions.filter(organisation=organisation_id, number__gt=number))


def plan_number(contract_id: int, organisation_id: int) -> int:
    """The number of the latest version of the plan of an organisation; zero without a plan."""
    return _plan_versions(contract_id).filter(organisation=organisation_id).latest_number()


def _plan_versions(contract_id: int) -> Versions:
    versions = Version.objects.filter(contract_id=contract_id, agreement__kind=Kind.PLAN)
    return versions.order_by("-id")


def _compared(versions: Versions) -> list[PlanVersion]:
    shown = list(versions)
    lines = _with_lines(shown)
    return [_plan_version(version, lines) for version in shown]


_Lines = Mapping[tuple[int, int], Mapping[int, PlanLine]]


def _with_lines(shown: list[Version]) -> _Lines:
    """The lines of these versions and of those before them, by agreement and number."""
    agreements = {version.agreement_id for version in shown}
    numbers = {version.number - step for version in shown for step in (0, 1)}
    every = Version.objects.filter(agreement__in=agreements, number__in=numbers)
    lines = Prefetch("plan_lines", PlanLine.objects.order_by("begin", "line"))
    return {
        (version.agreement_id, version.number): {
            line.line: line for line in version.plan_lines.all()
        }
        for version in every.prefetch_related(lines)
    }


def _plan_version(version: Version, lines: _Lines) -> PlanVersion:
    now = lines[version.agreement_id, version.number]
    before = lines.get((version.agreement_id, version.number - 1), {})
    promised = sum(line.value_cents or 0 for line in now.values())
    return PlanVersion(version, tuple(changes(before, now)), promised)


def changes(before: Mapping[int, PlanLine], now: Mapping[int, PlanLine]) -> Iterator[Change]:
    """What differs between two versions of a plan, line by line, by the numbers of the lines."""
    for number in sorted({*before, *now}):
        old, new = before.get(number), now.get(number)
        if content_of(old) != content_of(new):
            yield Change(new or before[number], old, is_removed=new is None)


def content_of(line: PlanLine | None) -> dict[str, object]:
    """What a line says, by the names of its fields; of none, nothing."""
    return {} if line is None else {name: getattr(line, name) for name in _CONTENT}

"""Read agreements: what holds now or held at a moment, and every version with its state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from telmee.apps.agreements.choices import STANDING, Kind, Outcome, State
from telmee.apps.agreements.models import (
    Agreement,
    Answer,
    Comment,
    PlanLine,
    Pooling,
    Resolution,
    Share,
    Turnover,
    Version,
    Versions,
)
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.core.tables.contribution_columns import CONTRIBUTION, OF_PLAN
from telmee.core.tables.plan_columns import PLAN

_FIELDS = {name: CONTRIBUTION[name].row_field for name in OF_PLAN}
#: The content of a line of a plan. Its receipt follows from it.
_AGREED = {name: column.row_field for name, column in PLAN.items()}
_CONTENT = (*_FIELDS.values(), *_AGREED.values(), "number", "note", "value_cents")


def plan_cells(line: PlanLine) -> dict[str, object]:
    """The cells of a plan line by their Dutch names; an empty one is left out."""
    return _cells(line, _FIELDS)


def agreed_cells(line: PlanLine) -> dict[str, object]:
    """What a plan line agrees on how it is done, by the Dutch names; what is empty is left out."""
    return _cells(line, _AGREED)


def _cells(line: PlanLine, fields: Mapping[str, str]) -> dict[str, object]:
    cells = {name: getattr(line, field) for name, field in fields.items()}
    return {name: cell for name, cell in cells.items() if cell not in (None, "")}


def plan_fields(cells: Mapping[str, object]) -> dict[str, object]:
    """The fields of a plan line that keep these cells; a column that is left out is empty."""
    return CONTRIBUTION.as_row(OF_PLAN, cells) | PLAN.as_row(PLAN, cells)


def plan_lines(contract_id: int, *, as_of: datetime | None = None) -> list[PlanLine]:
    """The plans on a contract as they hold, now or at a moment, in order of time."""
    lines = PlanLine.objects.in_force([contract_id], as_of)
    return list(lines.select_related("organisation", "version").order_by("begin", "line", "id"))


def states_of(agreement_id: int) -> dict[int, State]:
    """The state of each version of an agreement, by its id.

    What was proposed waits until it is answered, or until another version takes its place; a draft
    takes the place of nothing.
    """
    versions = Version.objects.filter(agreement=agreement_id)
    return _states(versions.select_related("answer", "resolution").order_by("number"))


def _states(versions: Iterable[Version]) -> dict[int, State]:
    """The states of the versions of one agreement, which come in their order."""
    states: dict[int, State] = {}
    waiting = holding = None
    for version in versions:
        if version.is_draft:
            states[version.pk] = State.DRAFT
            continue
        if waiting is not None:
            states[waiting] = State.SUPERSEDED
            waiting = None
        if _came_to_stand(version):
            if holding is not None:
                states[holding] = State.SUPERSEDED
            holding, states[version.pk] = version.pk, State.IN_FORCE
        elif (answer := _answer_to(version)) is not None:
            states[version.pk] = State(answer.outcome)
        else:
            waiting, states[version.pk] = version.pk, State.PROPOSED
    return states


def _came_to_stand(version: Version) -> bool:
    """Whether a version is in force, or was until another took its place."""
    if version.addressee_id is None:
        return not version.is_draft
    answer = _answer_to(version)
    return answer is not None and answer.outcome in STANDING


def _answer_to(version: Version) -> Answer | Resolution | None:
    """What ended a proposal: of one that was disputed what that came to, else the answer."""
    answer: Answer | Resolution | None = getattr(version, "answer", None)
    return getattr(version, "resolution", answer)


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


def has_taken_part(user_id: int | None, version: Version) -> bool:
    """Whether somebody proposed a version or answered it: he does not decide on its dispute.

    He may work for both sides; the database holds the same rule (`agreements.0002`).
    """
    answer: Answer | None = getattr(version, "answer", None)
    return user_id == version.user_id or (answer is not None and user_id == answer.user_id)


@dataclass(frozen=True, slots=True)
class TurnoverVersion:
    """A version of the turnover of a period, with its state and what was answered to it."""

    version: Version
    state: State
    period: date
    cents: int
    note: str

    @property
    def replies(self) -> list[Answer | Resolution]:
        """What was answered to it, and what a dispute came to, in the order of time."""
        said = (getattr(self.version, name, None) for name in ("answer", "resolution"))
        return [reply for reply in said if reply is not None]

    @property
    def dispute(self) -> Answer | None:
        """That the other side does not agree, if it ever said so."""
        answer: Answer | None = getattr(self.version, "answer", None)
        return answer if answer is not None and answer.outcome == State.DISPUTED else None

    @property
    def waits(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in {State.PROPOSED, State.DISPUTED}


def turnover_versions(contract_ids: Iterable[int]) -> dict[int, list[TurnoverVersion]]:
    """Every version of the turnover of contracts by their id, latest first. Runs one query.

    Of a period there is one turnover: what is said with who took a contract over takes the place of
    what was said with who carried it out before.
    """
    rows = Turnover.objects.filter(contract_id__in=listed(contract_ids)).select_related(
        "version__agreement", "version__answer", "version__resolution"
    )
    by_period: dict[tuple[int, date], list[Turnover]] = defaultdict(list)
    for row in rows.order_by("version"):
        by_period[row.contract_id, row.version.agreement.period or date.min].append(row)
    versions: dict[int, list[TurnoverVersion]] = defaultdict(list)
    for (contract_id, period), together in by_period.items():
        states = _states(row.version for row in together)
        for number, row in enumerate(together, start=1):
            state = states[row.version_id]
            if state is State.DISPUTED and number < len(together):
                state = State.SUPERSEDED
            one = TurnoverVersion(row.version, state, period, row.cents, row.note)
            versions[contract_id].append(one)
    for of_contract in versions.values():
        of_contract.sort(key=lambda one: one.version.pk, reverse=True)
    return versions


@dataclass(frozen=True, slots=True)
class PoolingVersion:
    """A version of a contract's place in a pool, with its state and the two sides of the pool.

    What was agreed holds from its first day on. `replaced_from` is the day from which something
    that was agreed later holds instead; it is None for what never was agreed as well.
    """

    version: Version
    state: State
    place: Pooling
    client_id: int
    contractor_id: int
    replaced_from: date | None

    def is_in(self, day: date) -> bool:
        """Whether the contract is in the pool on a day by this version."""
        is_over = self.place.end is not None and self.place.end < day
        is_replaced = self.replaced_from is not None and self.replaced_from <= day
        return (
            _came_to_stand(self.version)
            and self.place.begin <= day
            and not is_over
            and not is_replaced
        )


def pooling_versions(
    *, pool: UUID | None = None, contract_ids: Iterable[int] | None = None
) -> list[PoolingVersion]:
    """What was settled of a pool, or of the pools of contracts, latest first. Runs one query.

    As far as somebody sees the contracts. A contract that left for another pool is superseded here.
    """
    ids = None if contract_ids is None else list(contract_ids)
    by_agreement: dict[int, list[Version]] = defaultdict(list)
    for version in _poolings(pool, ids):
        by_agreement[version.agreement_id].append(version)
    every = [
        PoolingVersion(
            version,
            states[version.pk],
            version.pooling,
            version.agreement.organisation_id,
            version.agreement.other_id,
            _replaced_from(version, versions),
        )
        for versions in by_agreement.values()
        for states in (_states(versions),)
        for version in versions
        if pool in (None, version.pooling.pool)
    ]
    return sorted(every, key=lambda one: one.version.pk, reverse=True)


def _replaced_from(version: Version, versions: Iterable[Version]) -> date | None:
    """The first day on which a place that was agreed later holds instead of this one."""
    later = (one for one in versions if one.number > version.number and _came_to_stand(one))
    return min((one.pooling.begin for one in later), default=None)


@prepared
def _poolings(pool: UUID | None, contract_ids: Collection[int] | None) -> QuerySet[Version]:
    places = Pooling.objects.order_by()
    if pool is not None:
        places = places.filter(pool=pool)
    if contract_ids is not None:
        places = places.filter(contract_id__in=listed(contract_ids))
    its = Version.objects.filter(agreement__in=places.values("version__agreement"))
    return its.select_related("agreement", "answer", "resolution", "pooling").order_by("number")


@dataclass(frozen=True, slots=True)
class Change:
    """What a version of a plan says of one line that another does not say.

    `line` is how the version has it, or how it was until it was removed; `before` how it was, if it
    was there.
    """

    line: PlanLine
    before: PlanLine | None
    is_removed: bool

    @property
    def cents(self) -> int:
        """By how much what is promised changes with it."""
        now = 0 if self.is_removed else self.line.value_cents or 0
        return now - (0 if self.before is None else self.before.value_cents or 0)


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A version of a plan: its state, its lines, and what it changed in the one that held before.

    `before` is the version that held when it was written, if any did.
    """

    version: Version
    state: State
    before: Version | None

    @property
    def lines(self) -> list[PlanLine]:
        """Its lines, in order of time."""
        return list(self.version.plan_lines.all())

    @property
    def changes(self) -> list[Change]:
        """What it changed, line by line."""
        return list(changes(lines_in(self.before), lines_in(self.version)))

    @property
    def promised_cents(self) -> int:
        """What it promises."""
        return sum(line.value_cents or 0 for line in self.lines)

    @property
    def is_agreed(self) -> bool:
        """Whether both agreed on it, now or until another took its place."""
        answer = getattr(self.version, "answer", None)
        return answer is not None and answer.outcome == Outcome.CONFIRMED


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one organisation on a contract, as far as somebody sees its versions.

    `holds` is what counts as promised, and `waits` the proposal that the other side has still to
    answer. On the `table` is what is worked on: the latest version that was not withdrawn. `number`
    is that of the latest version of all.
    """

    agreement: Agreement
    holds: PlanVersion | None
    waits: PlanVersion | None
    table: PlanVersion | None
    number: int

    @property
    def is_agreed(self) -> bool:
        """Whether both agreed on what holds; else it is what the organisation says itself."""
        return self.holds is not None and self.holds.is_agreed

    @property
    def is_open(self) -> bool:
        """Whether there is something on the table that could still be proposed."""
        if self.table is None:
            return False
        proposed = [one for one in (self.waits, self.holds if self.is_agreed else None) if one]
        same = any(
            not list(changes(lines_in(one.version), lines_in(self.table.version)))
            for one in proposed
        )
        return not same and bool(self.table.lines or proposed)


def plans_of(contract_id: int, organisation_id: int | None = None) -> list[Plan]:
    """The plans on a contract, or that of one organisation. Runs three queries."""
    plans = [_plan(its) for its in _versions_by_agreement(contract_id, organisation_id)]
    _fill(one for plan in plans for one in (plan.holds, plan.waits, plan.table) if one)
    return plans


def plan_versions(
    contract_id: int,
    organisation_id: int | None = None,
    *,
    limit: int | None = None,
    before: int | None = None,
) -> list[PlanVersion]:
    """The versions of the plans on a contract, latest first; `before` an id, at most `limit`.

    Each has its lines and its comments. Runs three queries.
    """
    agreements = _versions_by_agreement(contract_id, organisation_id)
    every = sorted((one for its in agreements for one in its), key=lambda one: -one.version.pk)
    shown = [one for one in every if before is None or one.version.pk < before][:limit]
    _fill(shown)
    return shown


def plan_version(contract_id: int, version_id: int) -> PlanVersion | None:
    """One version of a plan on a contract, as far as somebody sees it. Runs three queries."""
    agreements = _versions_by_agreement(contract_id, None)
    version = next((one for its in agreements for one in its if one.version.pk == version_id), None)
    if version is not None:
        _fill([version])
    return version


def plan_number(contract_id: int, organisation_id: int) -> int:
    """The number of the latest version of the plan of an organisation; zero without a plan."""
    own = _plan_versions(contract_id).filter(agreement__organisation=organisation_id)
    return own.latest_number()


def lines_in(version: Version | None) -> dict[int, PlanLine]:
    """The lines of a version by their numbers; of none, nothing."""
    return {} if version is None else {line.line: line for line in version.plan_lines.all()}


def _plan_versions(contract_id: int) -> Versions:
    return Version.objects.filter(contract_id=contract_id, agreement__kind=Kind.PLAN)


def _versions_by_agreement(
    contract_id: int, organisation_id: int | None
) -> list[list[PlanVersion]]:
    """The versions of each plan in their order, without what they say."""
    of_agreement: dict[int, list[Version]] = {}
    for version in _versions_of_plans(contract_id, organisation_id):
        of_agreement.setdefault(version.agreement_id, []).append(version)
    return [list(_followed(its)) for its in of_agreement.values()]


@prepared
def _versions_of_plans(contract_id: int, organisation_id: int | None) -> QuerySet[Version]:
    versions = _plan_versions(contract_id).select_related("agreement__organisation", "answer")
    if organisation_id is not None:
        versions = versions.filter(agreement__organisation=organisation_id)
    return versions.order_by("number")


def _followed(versions: list[Version]) -> Iterator[PlanVersion]:
    """The versions of one agreement in their order, each with the one that held before it."""
    states = _states(versions)
    before = None
    for version in versions:
        yield PlanVersion(version, states[version.pk], before)
        if _came_to_stand(version):
            before = version


def _plan(versions: list[PlanVersion]) -> Plan:
    def latest(*states: State) -> PlanVersion | None:
        return next((one for one in reversed(versions) if one.state in states), None)

    newest = versions[-1].version
    return Plan(
        newest.agreement,
        holds=latest(State.IN_FORCE),
        waits=latest(State.PROPOSED),
        table=latest(*(state for state in State if state is not State.WITHDRAWN)),
        number=newest.number,
    )


def _fill(versions: Iterable[PlanVersion]) -> None:
    """Read the lines and the comments of versions, and of those that held before them."""
    shown = list(versions)
    wanted = {one.version.pk: one.version for one in shown}
    wanted |= {one.before.pk: one.before for one in shown if one.before}
    lines = Prefetch("plan_lines", PlanLine.objects.order_by("begin", "line"))
    comments = Prefetch("comments", Comment.objects.order_by("pk"))
    prefetch_related_objects(list(wanted.values()), lines, comments)


def changes(before: Mapping[int, PlanLine], now: Mapping[int, PlanLine]) -> Iterator[Change]:
    """What differs between two versions of a plan, line by line, by the numbers of the lines."""
    for number in sorted({*before, *now}):
        old, new = before.get(number), now.get(number)
        if content_of(old) != content_of(new):
            yield Change(new or before[number], old, is_removed=new is None)


def content_of(line: PlanLine | None) -> dict[str, object]:
    """What a line says, by the names of its fields; of none, nothing."""
    return {} if line is None else {name: getattr(line, name) for name in _CONTENT}

"""Write agreements: propose a version, answer one of the other side, withdraw one's own.

Who calls holds the contract, passes both sides of it, and knows that they are its parties.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Model

from telmee.apps.agreements.choices import (
    COUNTS_UNAGREED,
    PRIVATE,
    Ending,
    Kind,
    Outcome,
    State,
)
from telmee.apps.agreements.models import (
    Agreement,
    Answer,
    Comment,
    PlanLine,
    Resolution,
    Version,
)
from telmee.apps.agreements.queries import has_taken_part, states_of
from telmee.apps.audit.actions import Done, record_each
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import as_array, listed
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_reason


@dataclass(frozen=True, slots=True)
class Sides:
    """A contract, an organisation that settles something on it, and the one it settles it with.

    Turnover is between the client and, as the other, the contractor, and of one `period`.
    """

    contract_id: int
    organisation_id: int
    other_id: int
    period: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an organisation proposes of an agreement, whole.

    `plan` are the lines of a plan, of which copies are written; `content` is what any other kind
    says. `seen` is the number of the version that somebody looked at when he made this one, zero
    for none.
    """

    agreement: Agreement
    organisation_id: int
    key: UUID
    seen: int | None = None
    plan: Sequence[PlanLine] = ()
    content: Model | None = None


def wait_for_agreements(contract_ids: Iterable[int]) -> None:
    """Let others who write agreements on these contracts wait until the transaction ends.

    What is read of the agreements after this is what their next versions follow on. It is the lock
    that the database takes for each version (`agreements.0002`), one for a contract: PostgreSQL has
    room for some thousands. Everybody takes them in one order, so that no two wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('telmee.agreements', contract))"
            " FROM unnest(%s::bigint[]) contract",
            [as_array(sorted(set(contract_ids)))],
        )


def take(kind: Kind, sides: Sides) -> Agreement:
    """The agreement of two sides, as `take_each` gives those of many."""
    return take_each(kind, [sides])[sides]


def take_each(kind: Kind, every: Collection[Sides]) -> dict[Sides, Agreement]:
    """The agreements of two sides each, begun where they are not there; others who write them wait.

    A new one says nothing until a version of it is proposed.
    """
    contract_ids = [sides.contract_id for sides in every]
    wait_for_agreements(contract_ids)
    known = {
        Sides(one.contract_id, one.organisation_id, one.other_id, one.period): one
        for one in Agreement.objects.filter(kind=kind, contract__in=listed(contract_ids))
    }
    new = {sides: Agreement(kind=kind, **asdict(sides)) for sides in every if sides not in known}
    Agreement.objects.bulk_create(new.values())
    return {sides: (known | new)[sides] for sides in every}


def propose(
    acting: Acting,
    agreement: Agreement,
    *,
    organisation_id: int,
    key: UUID,
    seen: int | None = None,
    plan: Iterable[PlanLine] = (),
    content: Model | None = None,
) -> Version:
    """Propose a version, whole, to the other side, as `propose_each` does several at once."""
    proposal = Proposal(
        agreement=agreement,
        organisation_id=organisation_id,
        key=key,
        seen=seen,
        plan=tuple(plan),
        content=content,
    )
    (version,) = propose_each(acting, [proposal])
    return version


def propose_each(acting: Acting, proposals: Sequence[Proposal]) -> list[Version]:
    """Propose versions of several agreements, each to its other side, in one go.

    Raises `agreement_changed` when another version of one came since it was `seen`: what somebody
    did not see he does not supersede. Its queries do not grow with the proposals.
    """
    versions = _next_versions(acting, proposals)
    for one, version in zip(proposals, versions, strict=True):
        (version.addressee_id,) = {one.agreement.organisation_id, one.agreement.other_id} - {
            one.organisation_id
        }
    _write(proposals, versions)
    by = _acting_for([(one.contract_id, one.organisation_id) for one in versions])
    _record_each(acting, "proposed", zip(versions, by, strict=True))
    return versions


def say(
    acting: Acting,
    agreement: Agreement,
    *,
    organisation_id: int,
    key: UUID,
    seen: int | None = None,
    plan: Iterable[PlanLine] = (),
) -> Version:
    """Write a version that asks the other side nothing, for a kind in `COUNTS_UNAGREED`.

    As long as nothing was agreed it stands at once for whose agreement it is; else it is a draft.
    It is told in the journal by who calls, in the words of its kind. Raises as `propose` does.
    """
    if agreement.kind not in COUNTS_UNAGREED:
        raise ValueError(f"{agreement.kind} says nothing without the other side")
    said = Proposal(
        agreement=agreement,
        organisation_id=organisation_id,
        key=key,
        seen=seen,
        plan=tuple(plan),
    )
    (version,) = _next_versions(acting, [said])
    version.is_draft = organisation_id != agreement.organisation_id or _is_agreed(agreement)
    _write([said], [version])
    return version


def comment(
    acting: Acting,
    version: Version,
    *,
    organisation_id: int,
    text: str,
    key: UUID,
    line: int | None = None,
) -> Comment:
    """Say something of a version, or of one line of its plan. Raises `not_allowed`."""
    by = _acts_for(version.contract_id, organisation_id)
    comment = Comment.objects.create(
        version=version,
        contract_id=version.contract_id,
        line=line,
        organisation_id=organisation_id,
        text=text,
        key=key,
        user_id=acting.user_id,
    )
    _record(acting, "commented", version, by)
    return comment


def _next_versions(acting: Acting, proposals: Sequence[Proposal]) -> list[Version]:
    """Versions that follow on the latest ones. Raises `agreement_changed` as `propose_each` does.

    Others who write on these contracts wait.
    """
    wait_for_agreements(one.agreement.contract_id for one in proposals)
    numbers = Version.objects.latest_numbers([one.agreement.pk for one in proposals])
    if any(one.seen not in {None, numbers.get(one.agreement.pk, 0)} for one in proposals):
        raise DomainError(Problem("agreement_changed"))
    return [
        Version(
            pk=pk,
            agreement=one.agreement,
            contract_id=one.agreement.contract_id,
            number=numbers.get(one.agreement.pk, 0) + 1,
            organisation_id=one.organisation_id,
            key=one.key,
            user_id=acting.user_id,
        )
        for pk, one in zip(_next_ids(len(proposals)), proposals, strict=True)
    ]


def _write(proposals: Iterable[Proposal], versions: Sequence[Version]) -> None:
    """Write versions with their content: that first, as the version itself closes it."""
    lines: list[PlanLine] = []
    contents: dict[type[Model], list[Model]] = defaultdict(list)
    for one, version in zip(proposals, versions, strict=True):
        lines += (_copied(line, version) for line in one.plan)
        if one.content is not None:
            one.content.version = version  # type: ignore[attr-defined]
            contents[type(one.content)].append(one.content)
    PlanLine.objects.bulk_create(lines)
    for model, rows in contents.items():
        model._default_manager.bulk_create(rows)  # noqa: SLF001 - public in all but name
    Version.objects.bulk_create(versions)


def _is_agreed(agreement: Agreement) -> bool:
    """Whether the two sides agreed on a version of it before."""
    agreed = Answer.objects.filter(version__agreement=agreement, outcome=Outcome.CONFIRMED)
    return agreed.exists()


def confirm(acting: Acting, version: Version, *, organisation_id: int) -> None:
    """Agree with what the other side proposed: from now on it is in force.

    Raises `not_allowed` for who is not the addressee and for who proposed it himself, and
    `agreement_changed` when it is no proposal any more.
    """
    _require_addressee(acting, version, organisation_id)
    _answer(acting, version, Outcome.CONFIRMED, organisation_id)


def dispute(
    acting: Acting,
    version: Version,
    *,
    organisation_id: int,
    reason: str,
    until: date | None = None,
) -> None:
    """Refuse what the other side proposed, and say why.

    `until` is the day until which the two try to come to something, where there is such a term.
    Raises as `confirm` and `require_reason` do.
    """
    require_reason(reason)
    _require_addressee(acting, version, organisation_id)
    _answer(acting, version, Outcome.DISPUTED, organisation_id, reason=reason.strip(), until=until)


def withdraw(acting: Acting, version: Version, *, organisation_id: int) -> None:
    """Take back what one's own side proposed. Raises as `confirm` does."""
    if organisation_id != version.organisation_id:
        raise DomainError(Problem("not_allowed"))
    _answer(acting, version, Outcome.WITHDRAWN, organisation_id)


def resolve(
    acting: Acting,
    version: Version,
    ending: Ending,
    *,
    organisation_id: int,
    reason: str = "",
) -> None:
    """End a dispute: agree after all, take back what was proposed, or decide that it holds.

    Who decides is of the side that proposed it, and neither proposed nor disputed it himself: one
    person may work for both sides. The database asks whether the contract lets that side. Raises
    `not_allowed`, and `agreement_changed` where the version is not disputed, or no longer the
    latest.
    """
    if ending is Ending.CONFIRMED:
        _require_addressee(acting, version, organisation_id)
    elif organisation_id != version.organisation_id:
        raise DomainError(Problem("not_allowed"))
    if ending is Ending.DECIDED and has_taken_part(acting.user_id, version):
        raise DomainError(Problem("not_allowed"))
    by = _acts_for(version.contract_id, organisation_id)
    wait_for_agreements([version.contract_id])
    numbers = Version.objects.latest_numbers([version.agreement_id])
    state = states_of(version.agreement_id)[version.pk]
    if state is not State.DISPUTED or version.number != numbers[version.agreement_id]:
        raise DomainError(Problem("agreement_changed"))
    Resolution.objects.create(
        version=version,
        contract_id=version.contract_id,
        outcome=ending,
        reason=reason,
        organisation_id=organisation_id,
        user_id=acting.user_id,
    )
    _record(acting, ending, version, by, reason)


def _require_addressee(acting: Acting, version: Version, organisation_id: int) -> None:
    if organisation_id != version.addressee_id or acting.user_id == version.user_id:
        raise DomainError(Problem("not_allowed"))


def _answer(
    acting: Acting,
    version: Version,
    outcome: Outcome,
    organisation_id: int,
    *,
    reason: str = "",
    until: date | None = None,
) -> None:
    by = _acts_for(version.contract_id, organisation_id)
    wait_for_agreements([version.contract_id])
    if states_of(version.agreement_id)[version.pk] is not State.PROPOSED:
        raise DomainError(Problem("agreement_changed"))
    Answer.objects.create(
        version=version,
        contract_id=version.contract_id,
        outcome=outcome,
        reason=reason,
        until=until,
        organisation_id=organisation_id,
        user_id=acting.user_id,
    )
    _record(acting, outcome, version, by, reason)


def _acts_for(contract_id: int, side_id: int) -> int:
    """As which organisation somebody acts for a side: that itself, or a regional team.

    Raises `not_allowed` for anybody else.
    """
    (by,) = _acting_for([(contract_id, side_id)])
    return by


def _acting_for(sides: Sequence[tuple[int, int]]) -> list[int]:
    """As which organisation somebody acts for each side of a contract, as `_acts_for` says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT telmee_acts_for(contract, side) FROM unnest(%s::bigint[], %s::bigint[])"
            " WITH ORDINALITY sides(contract, side, place) ORDER BY place",
            [as_array(side[place] for side in sides) for place in (0, 1)],
        )
        by = [organisation_id for (organisation_id,) in cursor]
    if None in by:
        raise DomainError(Problem("not_allowed"))
    return by


def _record(
    acting: Acting, deed: str, version: Version, organisation_id: int, reason: str = ""
) -> None:
    _record_each(acting, deed, [(version, organisation_id)], reason)


def _record_each(
    acting: Acting, deed: str, versions: Iterable[tuple[Version, int]], reason: str = ""
) -> None:
    """Write the journal; of what is between two of the parties, that of the contract is silent.

    Each version comes with the organisation that somebody acts as.
    """
    record_each(
        acting,
        f"agreement.{deed}",
        [
            Done(
                version.agreement,
                organisation_id,
                None if version.agreement.kind in PRIVATE else version.contract_id,
                {"agreement": version.agreement.kind, "version": version.pk},
                reason,
            )
            for version, organisation_id in versions
        ],
    )


def _copied(line: PlanLine, version: Version) -> PlanLine:
    """A line of a plan as a row of another version."""
    cells = {
        field.attname: getattr(line, field.attname)
        for field in PlanLine._meta.concrete_fields  # noqa: SLF001 - public in all but name
        if not field.primary_key
    }
    return PlanLine(**cells | {"version_id": version.pk})


def _next_ids(number: int) -> list[int]:
    """The ids of so many versions, which come after their content."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('agreements_version', 'id'))"
            " FROM generate_series(1, %s)",
            [number],
        )
        return [pk for (pk,) in cursor]

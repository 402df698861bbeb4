"""Write agreements: propose a version, answer one of the other side, withdraw one's own.

Who calls holds the contract, passes both sides of it, and knows that they are its parties.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
from telmee.apps.audit.actions import record
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before, wait_for_turn
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


def take(kind: Kind, sides: Sides) -> Agreement:
    """The agreement of two sides, begun where it is not there; others who change it wait.

    The turn lasts as long as the transaction: what is read of the agreement after this is what its
    next version follows on.
    """
    known = done_before(
        f"{kind} {sides.contract_id} {sides.organisation_id} {sides.other_id} {sides.period}",
        Agreement.objects.filter(
            kind=kind,
            contract_id=sides.contract_id,
            organisation_id=sides.organisation_id,
            other_id=sides.other_id,
            period=sides.period,
        ),
    )
    return begin(kind, sides) if known is None else known


def begin(kind: Kind, sides: Sides) -> Agreement:
    """A new agreement, which says nothing until a version of it is proposed."""
    return Agreement.objects.create(
        contract_id=sides.contract_id,
        kind=kind,
        organisation_id=sides.organisation_id,
        other_id=sides.other_id,
        period=sides.period,
    )


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
    """Propose a version, whole, to the other side.

    `plan` are the lines of a plan, of which copies are written; `content` is what any other kind
    says.
    `seen` is the number of the version that somebody looked at when he made this one, zero for
    none. Raises `agreement_changed` when another came since: what he did not see he does not
    supersede.
    """
    _take(agreement.pk)
    (other,) = {agreement.organisation_id, agreement.other_id} - {organisation_id}
    version = _next_version(agreement, organisation_id, key, acting, seen)
    version.addressee_id = other
    _write(version, plan, content)
    _record(acting, "proposed", version, _acts_for(version.contract_id, organisation_id))
    return version


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
    _take(agreement.pk)
    version = _next_version(agreement, organisation_id, key, acting, seen)
    version.is_draft = organisation_id != agreement.organisation_id or _is_agreed(agreement)
    _write(version, plan, None)
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


def _next_version(
    agreement: Agreement, organisation_id: int, key: UUID, acting: Acting, seen: int | None
) -> Version:
    """The version that follows on the latest one. Raises `agreement_changed` as `propose` says."""
    latest = Version.objects.filter(agreement=agreement).latest_number()
    if seen is not None and seen != latest:
        raise DomainError(Problem("agreement_changed"))
    return Version(
        pk=_next_id(),
        agreement=agreement,
        contract_id=agreement.contract_id,
        number=latest + 1,
        organisation_id=organisation_id,
        key=key,
        user_id=acting.user_id,
    )


def _write(version: Version, plan: Iterable[PlanLine], content: Model | None) -> None:
    """Write a version with its content: that first, as the version itself closes it."""
    PlanLine.objects.bulk_create([_copied(line, version) for line in plan])
    if content is not None:
        content.version = version  # type: ignore[attr-defined]
        content.save(force_insert=True)
    version.save(force_insert=True)


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
    _take(version.agreement_id)
    latest = Version.objects.filter(agreement=version.agreement_id).latest_number()
    state = states_of(version.agreement_id)[version.pk]
    if state is not State.DISPUTED or version.number != latest:
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


def _take(agreement_id: int) -> None:
    wait_for_turn(f"agreement {agreement_id}")


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
    _take(version.agreement_id)
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_acts_for(%s, %s)", [contract_id, side_id])
        by: int | None = cursor.fetchone()[0]
    if by is None:
        raise DomainError(Problem("not_allowed"))
    return by


def _record(
    acting: Acting, deed: str, version: Version, organisation_id: int, reason: str = ""
) -> None:
    """Write the journal; of what is between two of the parties, that of the contract is silent."""
    private = version.agreement.kind in PRIVATE
    record(
        acting,
        f"agreement.{deed}",
        version.agreement,
        organisation_id=organisation_id,
        contract_id=None if private else version.contract_id,
        reason=reason,
        details={"agreement": version.agreement.kind, "version": version.pk},
    )


def _copied(line: PlanLine, version: Version) -> PlanLine:
    """A line of a plan as a row of another version."""
    cells = {
        field.attname: getattr(line, field.attname)
        for field in PlanLine._meta.concrete_fields  # noqa: SLF001 - public in all but name
        if not field.primary_key
    }
    return PlanLine(**cells | {"version_id": version.pk})


def _next_id() -> int:
    """The id of a version that comes after its content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('agreements_version', 'id'))")
        return int(cursor.fetchone()[0])

"""Objections: received, given more time once, decided on by a second person, never forgotten.

Who objects gets a receipt with the last day of the client's term. What comes of it is a decision
with a ruling (`decisions.actions`). A term that is over is told to both sides and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.telling import deciding_parties, tell_some
from telmee.apps.contributions.actions import locked
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.recording import record_on_line
from telmee.apps.contributions.transitions import MOVED, Step, move
from telmee.apps.decisions.models import Decision, Extension, Objection
from telmee.apps.decisions.queries import objection_to
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_reason


@holding()
def object_to(
    access: ContractAccess, line: Contribution, *, reason: str, version: int | None = None
) -> None:
    """Object to a decision: somebody else at the client looks again. What was decided stands.

    Both sides are told until when the client has for it. Raises as `require_reason` and `move` do.
    """
    require_reason(reason)
    row = locked(line, version)
    require_no_code(row, reason)
    organisation_id = move(access, row, Step.OBJECT)
    objection = Objection.objects.create(
        contribution=row,
        contract_id=row.contract_id,
        decision=row.decisions.latest("number"),
        reason=reason.strip(),
        user_id=access.acting.user_id,
        organisation_id=organisation_id,
    )
    row.save(update_fields=MOVED)
    objection.refresh_from_db(fields=["due"])
    record_on_line(access, "contribution.objected_to", row, organisation_id, reason=reason)
    facts = {"by": row.organisation.name, "due": str(objection.due)}
    _tell(access, objection, [organisation_id], "objection_received", **facts)
    _tell(access, objection, deciding_parties(access), "objection_made", **facts)


@holding()
def extend(
    access: ContractAccess,
    line: Contribution,
    *,
    until: date,
    reason: str,
    version: int | None = None,
) -> None:
    """Take longer for an objection, once, with the reason: until when, who objected is told.

    Raises `missing_explanation` and what else refuses a text, `not_allowed`, `contract_closed`,
    `wrong_state`, `changed_meanwhile`, `extension_once`, `extension_too_late`, `extension_term`.
    """
    by = access.require_deciding_now()
    row = locked(line, version)
    require_no_code(row, reason)
    objection, faults = objection_to(row), list(reason_problems(reason))
    if objection is not None:
        faults += _extension_problems(objection, until)
    if faults:
        raise DomainError(faults)
    if objection is None:
        raise DomainError(Problem("wrong_state", params={"state": row.state}))
    Extension.objects.create(
        objection=objection,
        contribution=row,
        contract_id=row.contract_id,
        until=until,
        reason=reason.strip(),
        user_id=access.acting.user_id,
        organisation_id=by,
    )
    row.version += 1
    row.save(update_fields=["version"])  # the database writes the new last day in the line
    record_on_line(access, "contribution.objection_extended", row, by, reason=reason)
    _tell(access, objection, [row.organisation_id], "objection_extended", due=str(until))


def latest_extension(objection: Objection) -> date:
    """Until when the client can take at most: as long again as its term was."""
    return objection.due + (objection.due - timezone.localdate(objection.made_at))


def may_extend(access: ContractAccess, objection: Objection | None) -> bool:
    """Whether somebody can still take longer for an objection."""
    in_time = objection is not None and timezone.localdate() <= objection.due
    return access.may_decide and in_time and objection is not None and objection.longer is None


def is_late(objection: Objection | None) -> bool:
    """Whether the term of an objection is over."""
    return objection is not None and objection.last_day < timezone.localdate()


def _extension_problems(objection: Objection, until: date) -> Iterator[Problem]:
    last = latest_extension(objection)
    if objection.longer is not None:
        yield Problem("extension_once")
    elif timezone.localdate() > objection.due:
        yield Problem("extension_too_late", params={"due": objection.due})
    elif not objection.due < until <= last:
        yield Problem("extension_term", "termijn", params={"due": objection.due, "last": last})


def tell_of_ruling(access: ContractAccess, line: Contribution, decision: Decision) -> None:
    """A notice to who objected of what came of it, in the transaction of the decision."""
    objection = Objection.objects.filter(contribution=line).latest("pk")
    to = [line.organisation_id]
    _tell(access, objection, to, "objection_decided", ruling=decision.ruling)


def _tell(
    access: ContractAccess, objection: Objection, to: Iterable[int], code: str, **facts: str
) -> None:
    tell_some(
        access,
        to,
        code,
        event=f"objection {objection.pk}",
        page="contribution",
        args=(objection.contribution_id,),
        facts={"line": objection.contribution.reference, **facts},
        doer_too=code == "objection_received",
    )

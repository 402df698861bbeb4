"""The versions of a plan in words: who wrote one, when, what it changed and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.queries import (
    Change,
    PlanVersion,
    agreed_cells,
    plan_cells,
    plan_versions,
)
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.organisations.journal import doers
from telmee.apps.schemes.queries import rules_of
from telmee.core.schemes.model import Scheme
from telmee.web.addresses import number_in
from telmee.web.contracts.plan_form import plan_terms
from telmee.web.contributions.terms import cell_terms
from telmee.web.language import Words
from telmee.web.schemes.block_words import block_names
from telmee.web.templatetags.telmee import day, euros

if TYPE_CHECKING:
    from telmee.apps.agreements.models import PlanLine

#: How many versions the page of a plan shows at once.
_AT_ONCE = 10
_SAID = gettext_lazy("Not agreed")
_STATES: Mapping[State, tuple[Words, str]] = {
    State.DRAFT: (gettext_lazy("Draft"), ""),
    State.PROPOSED: (gettext_lazy("Proposed"), "info"),
    State.IN_FORCE: (gettext_lazy("Agreed"), "positive"),
    State.SUPERSEDED: (gettext_lazy("Replaced"), ""),
    State.DISPUTED: (gettext_lazy("Disputed"), "negative"),
    State.WITHDRAWN: (gettext_lazy("Withdrawn"), ""),
}
_NOTHING, _TIMES = "\N{EN DASH}", "\N{MULTIPLICATION SIGN}"


def versions_page(request: HttpRequest, access: ContractAccess) -> dict[str, object]:
    """What the page of a plan shows of its versions: the latest, or those before one of them."""
    before = number_in(request.GET.get("before"))
    versions = plan_versions(access.contract.pk, limit=_AT_ONCE + 1, before=before)
    shown = versions[:_AT_ONCE]
    return {
        "versions": in_words(access, shown),
        "older": shown[-1].version.pk if len(versions) > _AT_ONCE else None,
        "is_older": before is not None,
    }


def changed_since(
    access: ContractAccess, organisation_id: int, number: int
) -> list[dict[str, object]]:
    """What others saved of a plan after the version that somebody saw."""
    versions = plan_versions(access.contract.pk, organisation_id)
    return in_words(access, [one for one in versions if one.version.number > number])


def state_of(version: PlanVersion) -> tuple[Words, str]:
    """What has become of a version, as a word and its kind; a promise is agreed or it is not."""
    if version.state is State.IN_FORCE and not version.is_agreed:
        return _SAID, "warning"
    return _STATES[version.state]


def in_words(access: ContractAccess, versions: list[PlanVersion]) -> list[dict[str, object]]:
    """Versions as rows: who wrote one and when, what it changed, and what came of it."""
    scheme = rules_of(access.contract.scheme)
    by = ((one.version.user_id, one.version.organisation_id) for one in versions)
    names = doers(access.acting, by)
    return [
        {
            "id": one.version.pk,
            "number": one.version.number,
            "at": one.version.proposed_at,
            "who": names[one.version.user_id, one.version.organisation_id],
            "state": state_of(one),
            "changes": [change_in_words(scheme, change) for change in one.changes],
            "promised": one.promised_cents,
            "comments": len(one.version.comments.all()),
        }
        for one in versions
    ]


def change_in_words(scheme: Scheme, change: Change) -> dict[str, str]:
    """A change as what was done, to which line, and how."""
    line = change.line
    block = block_names(scheme).get(line.block, line.block)
    if change.is_removed:
        return {"deed": _("Removed"), "block": block, "how": short(line)}
    if change.before is None:
        return {"deed": _("Added"), "block": block, "how": short(line)}
    old, new = _facts(scheme, change.before), _facts(scheme, line)
    how = (
        f"{name}: {old.get(name) or _NOTHING} → {new.get(name) or _NOTHING}"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    )
    return {"deed": _("Changed"), "block": block, "how": "; ".join(how)}


def short(line: PlanLine) -> str:
    """How many times a line promises something, when, and what that is worth."""
    period = {"first": day(line.begin), "last": day(line.end or line.begin)}
    how = f"{line.number} {_TIMES}, " + _("%(first)s to %(last)s") % period
    return how if line.value_cents is None else f"{how}; {euros(line.value_cents)}"


def _facts(scheme: Scheme, line: PlanLine) -> dict[str, str]:
    """What a line says, by the names that the form has for it."""
    cells = cell_terms(scheme, plan_cells(line))
    value = None if line.value_cents is None else euros(line.value_cents)
    terms = {term["label"]: term["value"] for term in cells} | dict(plan_terms(agreed_cells(line)))
    return terms | {
        _("How many times"): str(line.number),
        _("Note"): line.note,
        _("Promised"): value or "",
    }

"""What the page of a decision shows of a line, beside its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.choices import State
from telmee.apps.decisions.queries import took_part
from telmee.core.explain import Text
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import REFERENCE
from telmee.web.contributions.line_words import STATE_KINDS
from telmee.web.contributions.terms import cell_terms
from telmee.web.language import active

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution
    from telmee.apps.decisions.models import Decision


def terms_of(line: Contribution, scheme: Scheme) -> list[dict[str, str]]:
    """What the contractor filled in; the reference stands above the page already."""
    cells = {column: cell for column, cell in cells_of(line).items() if column != REFERENCE}
    noted = {"label": _("Note of the contractor"), "value": line.note}
    return [*cell_terms(scheme, cells), *([noted] if line.note else [])]


def missing_in_words(kinds: tuple[Text, ...] | None) -> list[str]:
    """Say what is missing of the proof; without a kind there is none at all."""
    if kinds is None:
        return []
    words = [
        _("Proof is missing: %(kind)s") % {"kind": kind.in_language(active())} for kind in kinds
    ]
    return words or [_("There is no proof yet.")]


def earlier(lines: list[Any], labels: dict[str, str]) -> list[dict[str, object]]:
    """What was claimed before for the same person."""
    return [
        {
            "line": line,
            "delivered_to_come": line.delivered_to_come,
            "verified_to_come": line.verified_to_come,
            "label": labels.get(line.block, line.block),
            "word": State(line.state).label,
            "kind": STATE_KINDS[line.state],
        }
        for line in lines
    ]


def needs_somebody_else(
    access: ContractAccess, line: Contribution, decisions: list[Decision]
) -> bool:
    """Whether an objection is against a decision of who looks at it now."""
    mine = took_part(decisions, access.acting.user_id)
    return line.state == State.OBJECTION and mine

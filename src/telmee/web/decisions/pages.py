"""What the page of a decision shows of a line, beside its value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.choices import DecisionReason, Outcome, State
from telmee.core.contributions.cells import keys_of
from telmee.core.contributions.columns import COLUMNS
from telmee.core.schemes.model import Block, Scheme
from telmee.web.language import active
from telmee.web.schemes.words import label_of
from telmee.web.templatetags.telmee import day, euros, hundredths

OUTCOMES: dict[str, str] = {
    Outcome.ACCEPTED: "positive",
    Outcome.ADJUSTED: "warning",
    Outcome.REJECTED: "negative",
    Outcome.REOPENED: "info",
}
STATES: dict[str, str] = {
    State.ACCEPTED: "positive",
    State.ADJUSTED: "warning",
    State.REJECTED: "negative",
    State.OBJECTION: "warning",
    State.SUBMITTED: "info",
}
_HOURS = frozenset(("uren_per_week", "uren", "voltijd_uren_per_jaar"))
_UNSAID = frozenset(("kenmerk", "bouwblok"))


def cell_terms(line: Any, scheme: Scheme) -> list[dict[str, Any]]:
    """Tell what the contractor filled in, in the words of the screen."""
    return list(_cell_terms(line, scheme))


def _cell_terms(line: Any, scheme: Scheme) -> Iterator[dict[str, Any]]:
    block = block_of(scheme, line.block)
    label = block.label.in_language(active()) if block else line.block
    yield {"label": label_of("bouwblok"), "value": label}
    cells = cells_of(line)
    for column in COLUMNS:
        if column in cells and column not in _UNSAID:
            value = _written(column, cells[column], scheme)
            yield {"label": label_of(column, block), "value": value}
    if line.note:
        yield {"label": _("Note of the contractor"), "value": line.note}


def block_of(scheme: Scheme, key: str) -> Block | None:
    """Find a block; a scheme that no longer has it is not an error here."""
    return next((block for block in scheme.blocks if block.key == key), None)


def _written(column: str, cell: Any, scheme: Scheme) -> str:
    language = active()
    if isinstance(cell, date):
        return day(cell)
    if column == "bedrag":
        return euros(cell)
    if column in _HOURS:
        return hundredths(cell)
    if column == "toeslagen":
        labels = {bonus.key: bonus.label.in_language(language) for bonus in scheme.bonuses}
        return ", ".join(labels.get(key, key) for key in keys_of(str(cell)))
    if column == "certificaat":
        names = {found.key: found.label.in_language(language) for found in scheme.certificates}
        return names.get(str(cell), str(cell))
    return str(cell)


def history(decisions: list[Any]) -> list[dict[str, Any]]:
    """Tell what was decided before, the latest first."""
    return [
        {
            "decision": decision,
            "word": Outcome(decision.outcome).label,
            "kind": OUTCOMES[decision.outcome],
            "reason": DecisionReason(decision.reason).label if decision.reason else "",
            "counts": decision.outcome != Outcome.REOPENED,
        }
        for decision in decisions
    ]


def earlier(lines: list[Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Tell what was claimed before for the same person."""
    return [
        {
            "line": line,
            "label": labels.get(line.block, line.block),
            "word": State(line.state).label,
            "kind": STATES.get(line.state, ""),
        }
        for line in lines
    ]


def needs_somebody_else(access: ContractAccess, line: Any, decisions: list[Any]) -> bool:
    """Tell whether an objection is against a decision of who looks at it now."""
    mine = bool(decisions) and decisions[0].user_id == access.acting.user_id
    return line.state == State.OBJECTION and mine

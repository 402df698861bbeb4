"""Two schemes side by side: rows, counting rules, what comes on top, and what a contract owes."""

from __future__ import annotations

from telmee.cli.scheme_output import WIDTH
from telmee.cli.table import table
from telmee.core.schemes.model import Scheme
from telmee.texts import Language, phrase
from telmee.texts.scheme_comparison import (
    block_rows,
    bonus_rows,
    certificate_rows,
    owed_rows,
    rule_rows,
    warnings_beside,
)


def as_comparison(first: Scheme, second: Scheme, language: Language) -> str:
    """Write two schemes side by side, with the difference in euros where rows are alike."""
    names = [f"{scheme.id} ({scheme.version})" for scheme in (first, second)]
    headings = [phrase("compare.row", language), *names, phrase("compare.difference", language)]
    blocks = block_rows(first, second, language)
    rules = [*rule_rows(first, second, language), *owed_rows(first, second, language)]
    bonuses = [
        *bonus_rows(first, second, language),
        *certificate_rows(first, second, language),
    ]
    parts = [phrase("compare.title", language, first=names[0], second=names[1])]
    parts += warnings_beside(first, second, language)
    if blocks:
        parts += ["", table(headings, blocks, {3}, width=WIDTH)]
    if bonuses:
        parts += ["", table(headings, bonuses, {3}, width=WIDTH)]
    parts += ["", table(headings[:3], rules, set(), width=WIDTH)]
    if any(scheme.assumed for scheme in (first, second)):
        parts += ["", phrase("compare.assumed_note", language)]
    return "\n".join(parts)

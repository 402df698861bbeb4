"""What a contractor can take along to his sustainability report, and what not."""

from __future__ import annotations

from typing import Any

from telmee.apps.reports.figures import words
from telmee.apps.reports.results import Result
from telmee.apps.reports.sustainability import sustainability
from telmee.web.language import active
from telmee.web.reports.words import figure_text


def sustainability_shown(result: Result) -> dict[str, Any]:
    """The mapping with the figures of a year."""
    mapped, language = sustainability(), active()
    return {
        "version": mapped.version,
        "rows": [
            {
                "code": row.code,
                "name": row.name,
                "standard": row.source.upper(),
                "figure": _figure(row.figure, result),
                "covers": row.covers.in_language(language),
                "missing": row.missing.in_language(language),
            }
            for row in mapped.datapoints
        ],
        "outside": [
            {"figure": _figure(name, result), "why": why.in_language(language)}
            for name, why in mapped.outside.items()
        ],
        "standards": mapped.standards.values(),
    }


def _figure(name: str | None, result: Result) -> str:
    if name is None:
        return ""
    label = words().figures[name].label.in_language(active())
    return f"{label}: {figure_text(name, getattr(result, name))}"

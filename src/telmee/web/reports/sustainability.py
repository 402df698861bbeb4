"""What a contractor can take along to his sustainability report, and what not.

On his own page with the figures of today, in a statement with those that were published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from telmee.apps.reports.figure_words import words
from telmee.apps.reports.results import Result
from telmee.apps.reports.sustainability import as_facts
from telmee.web.language import active
from telmee.web.reports.report_words import figure_text, figure_words, in_words


def of_today(result: Result) -> dict[str, object]:
    """The mapping of now with the figures of a year."""

    def figure(name: str) -> str:
        label = words().figures[name].label.in_language(active())
        return f"{label}: {figure_text(name, getattr(result, name))}"

    return _shown(as_facts(), figure)


def of_statement(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The mapping as a statement has it, with its figures; None of another report."""
    year = document["years"][-1]

    def figure(name: str) -> str:
        label, value = figure_words(document, name), year[name]
        if value is None:
            return _("%(figure)s: the number is on your page of results") % {"figure": label}
        return f"{label}: {figure_text(name, value)}"

    facts = document.get("sustainability")
    return _shown(facts, figure) if facts else None


def _shown(facts: Mapping[str, Any], figure: Callable[[str], str]) -> dict[str, object]:
    return {
        "version": facts["version"],
        "rows": [
            {
                "code": row["code"],
                "name": row["name"],
                "standard": row["source"].upper(),
                "figure": figure(row["figure"]) if row["figure"] else "",
                "covers": _said(row["covers"]),
                "missing": _said(row["missing"]),
            }
            for row in facts["datapoints"]
        ],
        "outside": [
            {"figure": figure(name), "why": _said(why)} for name, why in facts["outside"].items()
        ],
        "standards": list(facts["standards"].values()),
    }


def _said(text: Mapping[str, str]) -> str:
    return in_words((text["nl"], text["en"]))

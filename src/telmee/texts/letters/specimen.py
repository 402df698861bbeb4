"""The facts of a letter that was never sent, to show a house style with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telmee.texts.formats import Language

_FACTS: Mapping[str, Any] = {
    "reference": "2026-12",
    "begin": "2026-01-01",
    "end": "2026-06-30",
    "delivered_cents": 8_000_00,
    "outcome": "adjusted",
    "counts_cents": 6_861_49,
    "until": None,
    "decided": "2026-09-14",
    "submitted": "2026-08-31",
    "ruling": "",
    "sum": [],
    "steps": [],
    "named_cents": None,
    "rules_cents": None,
    "scheme": "",
}
_DECISION: Mapping[Language, Mapping[str, Any]] = {
    "nl": {
        **_FACTS,
        "block": "Participatiewet, korter dan twee jaar",
        "why": "De uren kloppen niet",
        "text": "De urenstaat laat 24,5 uur per week zien.",
    },
    "en": {
        **_FACTS,
        "block": "Participation Act, shorter than two years",
        "why": "The hours do not fit",
        "text": "The time sheet shows 24.5 hours a week.",
    },
}
_QUESTION: Mapping[Language, Mapping[str, Any]] = {
    language: {**facts, "due": "2026-10-01"} for language, facts in _DECISION.items()
}
#: By the kind of letter and the language of who looks; only kinds that can have a template.
SPECIMENS: Mapping[str, Mapping[Language, Mapping[str, Any]]] = {
    "decision": _DECISION,
    "question": _QUESTION,
}

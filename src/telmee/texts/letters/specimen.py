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
_AGREED = {"version": 2, "proposed": "2026-09-01", "agreed": "2026-09-14"}
_PLAN = {
    **_AGREED,
    "promised_cents": 6_861_49,
    "lines": [
        {
            "block": "1",
            "begin": "2026-10-01",
            "end": "2027-03-31",
            "number": 1,
            "value_cents": 6_861_49,
        }
    ],
}
_TURNOVER = {
    **_AGREED,
    "begin": "2026-01-01",
    "end": "2026-12-31",
    "turnover_cents": 250_000_00,
    "note": "",
}
_SETTLEMENT = {
    **_AGREED,
    "obligation_cents": 20_000_00,
    "reduced_cents": 0,
    "realised_cents": 17_500_00,
    "waived_cents": 1_000_00,
    "carried_in_cents": 0,
    "carried_out_cents": 0,
    "pooled_cents": 0,
    "penalty_cents": 0,
    "owed_cents": 19_000_00,
    "met_cents": 17_500_00,
    "open_cents": 1_500_00,
    "surplus_cents": 0,
    "closes_on": "2026-12-31",
    "as_of": "2026-12-31",
    "entries": 12,
    "hash": "0" * 64,
}
_STEP = {
    "passed": 274,
    "days": 365,
    "owed_cents": 20_000_00,
    "due_cents": 15_013_70,
    "done_cents": 10_000_00,
    "behind_cents": 5_013_70,
    "late_since": "2026-08-12",
    "amount_cents": None,
    "rules_cents": None,
    "base_cents": 10_000_00,
    "factor": None,
    "reason": "Na de herinnering is er weinig gebeurd.",
    "counts_from": "2026-10-04",
    "given_days": 28,
    "until": "2026-11-01",
    "scheme": "Social return",
    "sanction": "fine",
}
_PENALTY = {**_STEP, "factor": "3/2", "rules_cents": 15_000_00, "amount_cents": 15_000_00}
_LENIENCY = {
    "of_all": False,
    "ground": "Crisis of overmacht",
    "reason": "Door de sluiting kon het werk niet doorgaan.",
    "first": "2026-03-15",
    "last": "2026-06-30",
    "cents": 2_500_00,
    "owed_before_cents": 20_000_00,
    "granted": "2026-03-12",
    "ended": None,
    "ended_why": "",
}
#: By the kind of letter and the language of who looks; only kinds that can have a template.
SPECIMENS: Mapping[str, Mapping[Language, Mapping[str, Any]]] = {
    "decision": _DECISION,
    "question": _QUESTION,
    "agreed_plan": {"nl": _PLAN, "en": _PLAN},
    "agreed_turnover": {"nl": _TURNOVER, "en": _TURNOVER},
    "settlement": {"nl": _SETTLEMENT, "en": _SETTLEMENT},
    "ladder_reminder": {"nl": _STEP, "en": _STEP},
    "ladder_signal": {"nl": _STEP, "en": _STEP},
    "ladder_default": {"nl": _STEP, "en": _STEP},
    "ladder_penalty": {"nl": _PENALTY, "en": _PENALTY},
    "ladder_leniency": {"nl": _LENIENCY, "en": {**_LENIENCY, "ground": "Crisis or force majeure"}},
}

"""Every kind of letter in both languages, from facts of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from telmee.core.obligations.sanctions import sanction_kind
from telmee.integrations.scheme_files import load_scheme, scheme_ids, scheme_versions
from telmee.texts import LANGUAGES, Language, phrase
from telmee.texts.letters import KINDS, SPECIMENS, Sheet, described, fields_of, letter_of
from telmee.texts.letters.fields import LISTS

_LINE: Mapping[str, Any] = {
    "reference": "K-1",
    "block": "Participatiewet",
    "begin": "2025-01-01",
    "end": "2025-06-30",
    "delivered_cents": 13_000_00,
}
_DECISION: Mapping[str, Any] = {
    **_LINE,
    "outcome": "adjusted",
    "counts_cents": 6_861_49,
    "until": None,
    "decided": "2026-02-01",
    "submitted": "2026-01-15",
    "text": "De urenstaat laat minder uren zien.",
    "why": "De uren kloppen niet",
    "ruling": "",
    "sum": [["€ 40.000 × 92/365 jaar", "€ 10.082,19"], ["=", "€ 6.861,49"]],
    "steps": ["Een", "Twee"],
    "named_cents": 6_861_49,
    "rules_cents": 13_000_00,
    "scheme": "Regeling",
}
#: The facts of each kind, once or in several shapes.
EXAMPLES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "decision": (
        _DECISION,
        *({**_DECISION, "outcome": outcome} for outcome in ("accepted", "rejected", "reopened")),
        {**_DECISION, "outcome": "partly", "until": "2025-03-31", "why": "", "text": ""},
        {**_DECISION, "sum": [], "steps": [], "named_cents": None, "begin": None, "end": None},
    ),
    "question": (
        {**_LINE, "text": "Hoeveel uur?", "due": "2026-03-01"},
        {**_LINE, "text": "Hoeveel uur?", "due": "2026-03-01", "delivered_cents": None},
    ),
    "agreed_plan": (SPECIMENS["agreed_plan"]["nl"],),
    "agreed_turnover": (
        SPECIMENS["agreed_turnover"]["nl"],
        {**SPECIMENS["agreed_turnover"]["nl"], "note": "Met de creditnota van juni."},
    ),
    "agreed_share": (
        {
            "version": 1,
            "proposed": "2026-09-01",
            "agreed": "2026-09-14",
            "cents": 8_000_00,
            "note": "",
        },
        {
            "version": 2,
            "proposed": "2026-10-01",
            "agreed": "2026-10-14",
            "cents": 0,
            "note": "Het werk is klaar.",
        },
    ),
    "ladder_reminder": (SPECIMENS["ladder_reminder"]["nl"],),
    "ladder_leniency": (
        SPECIMENS["ladder_leniency"]["nl"],
        {**SPECIMENS["ladder_leniency"]["nl"], "first": None, "last": None},
        {
            **SPECIMENS["ladder_leniency"]["nl"],
            "of_all": True,
            "cents": None,
            "owed_before_cents": None,
            "ended": "2026-05-01",
            "ended_why": "De sluiting is voorbij.",
        },
    ),
    "ladder_signal": (SPECIMENS["ladder_signal"]["nl"],),
    "ladder_default": (SPECIMENS["ladder_default"]["nl"],),
    "ladder_penalty": (
        SPECIMENS["ladder_penalty"]["nl"],
        {**SPECIMENS["ladder_penalty"]["nl"], "amount_cents": 5_000_00},
        {**SPECIMENS["ladder_penalty"]["nl"], "factor": None, "rules_cents": None},
    ),
    "settlement": (
        SPECIMENS["settlement"]["nl"],
        {**SPECIMENS["settlement"]["nl"], "open_cents": 0, "surplus_cents": 500_00},
        {**SPECIMENS["settlement"]["nl"], "open_cents": 0, "penalty_cents": 500_00},
    ),
}


def sheet(language: Language = "nl", **changes: Any) -> Sheet:
    usual: dict[str, Any] = {
        "language": language, "dated": date(2026, 11, 29), "mark": "SR-2026-0001",
        "sender": "Gemeente Hilversum", "signer": "Anna Adviseur", "reader": "De Eem B.V.",
        "contract": "HIL-1 Onderhoud", "colour": "#154273",
        "address": "Postbus 1\n1200 AA Hilversum",
        "legal_basis": "Artikel 3 van de overeenkomst",
    }  # fmt: skip
    return Sheet(**(usual | changes))


_SANCTIONS = ("fine", "withholding", "buy_out")


@pytest.mark.parametrize("scheme", scheme_ids())
def test_a_letter_calls_what_it_costs_by_the_word_of_its_scheme_and_by_no_other(
    scheme: str,
) -> None:
    for version in scheme_versions(scheme):
        rules = load_scheme(scheme, version)
        sanction = sanction_kind(rules)
        assert {rule.kind for rule in rules.obligation.sanctions} <= {sanction}
        for language in LANGUAGES:
            words = {one: phrase(f"obligation.kind.{one}", language).lower() for one in _SANCTIONS}
            for kind in ("ladder_default", "ladder_penalty", "settlement"):
                facts = {**SPECIMENS[kind][language], "sanction": sanction}
                facts["amount_cents"] = kind == "ladder_penalty" and 5_000_00
                facts["penalty_cents"] = 5_000_00
                said = str(letter_of(kind, facts, sheet(language))).lower()
                assert [one for one in _SANCTIONS if words[one] in said] == [sanction]


def told(value: Any) -> str:
    """All words of a letter, one after the other."""
    if isinstance(value, Mapping):
        return "\n".join(told(one) for name, one in value.items() if name not in ("is", "logo"))
    if isinstance(value, list | tuple):
        return "\n".join(map(told, value))
    return str(value)


def test_every_kind_has_an_example() -> None:
    assert KINDS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_kind_says_it_in_both_languages(kind: str, language: Language) -> None:
    for facts in EXAMPLES[kind]:
        words = told(letter_of(kind, facts, sheet(language)))
        assert "{" not in words
        assert "None" not in words
        assert "SR-2026-0001" in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_field_of_a_template_is_described(kind: str, language: Language) -> None:
    for facts in EXAMPLES[kind]:
        fields = fields_of(kind, facts, sheet(language))
        rows = described(fields, language)
        assert len(rows) == len(fields)
        assert all(isinstance(value, str | list) for value in fields.values())
        assert "€ " not in str(fields)
        for name, parts in LISTS.items():
            assert all(tuple(row) == parts for row in fields[name])


def test_what_is_tried_with_has_every_field() -> None:
    for kind, specimen in SPECIMENS.items():
        for language in LANGUAGES:
            tried = fields_of(kind, specimen[language], sheet(language))
            assert tried.keys() == fields_of(kind, EXAMPLES[kind][0], sheet(language)).keys()


def test_the_last_day_to_object_is_counted_from_the_date_of_the_letter() -> None:
    letter = letter_of(
        "decision", _DECISION, sheet(objection_days=42, objection_text="Ons beleid.")
    )
    words = told(letter)
    assert "tot en met 10-01-2027" in words
    assert "42 dagen" in words
    assert "Ons beleid." in words
    assert "tot en met" not in told(letter_of("decision", _DECISION, sheet()))


def test_a_question_says_nothing_of_objecting() -> None:
    assert "bezwaar" not in told(letter_of("question", EXAMPLES["question"][0], sheet()))


def test_a_penalty_is_objected_to_in_writing_and_not_with_a_line_of_effort() -> None:
    words = told(letter_of("ladder_penalty", EXAMPLES["ladder_penalty"][0], sheet()))
    assert "Schrijf ons waarom u het er niet mee eens bent" in words
    assert "inspanning" not in words
    until = told(
        letter_of("ladder_penalty", EXAMPLES["ladder_penalty"][0], sheet(objection_days=42))
    )
    assert "tot en met 10-01-2027" in until


def test_leniency_says_what_was_owed_before_and_after() -> None:
    both, euros, days = (
        told(letter_of("ladder_leniency", facts, sheet())) for facts in EXAMPLES["ladder_leniency"]
    )
    assert "Van 15-03-2026 tot en met 30-06-2026" in both
    assert "17.500,00" in both
    assert "geen stap" not in euros
    assert "17.500,00" in euros
    assert "stopte op 01-05-2026" in days
    assert "Uw opgave ervoor" not in days


def test_an_example_has_no_number_and_is_stamped() -> None:
    letter = letter_of("decision", _DECISION, sheet(mark=""))
    assert letter["stamp"] == "VOORBEELD"
    assert "volgt bij versturen" in told(letter)
    assert letter_of("decision", _DECISION, sheet())["stamp"] == ""

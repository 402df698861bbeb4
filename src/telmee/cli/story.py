"""The story of a figure, for reading: numbered steps, then sources, assumptions and checks.

Sources and assumptions recur from step to step, so they are notes below the story: `[1]` is a
page, `(a)` something that no page states.
"""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase

from telmee.core.explain import Step
from telmee.core.schemes.model import Scheme
from telmee.core.valuation.checks import is_general
from telmee.texts import Language, phrase, step_text


def title_of(scheme: Scheme, language: Language) -> str:
    """Name a scheme in one line: title, publisher, id and version."""
    return phrase(
        "value.title",
        language,
        title=scheme.title.in_language(language),
        publisher=scheme.publisher,
        id=scheme.id,
        version=scheme.version,
    )


def tell_story(steps: Iterable[Step], language: Language) -> list[str]:
    """Write steps as numbered lines with their notes; checks come last, the general ones apart."""
    sources: dict[str, str] = {}
    reasons: dict[str, str] = {}
    lines: list[str] = []
    own: dict[str, None] = {}
    general: dict[str, None] = {}
    for step in steps:
        text = step_text(step, language)
        if step.step == "to_check":
            (general if is_general(step) else own)[text] = None
            continue
        marks = [
            reasons.setdefault(reason.in_language(language), f"({_letter(len(reasons))})")
            for reason in step.assumed
        ]
        if step.source:
            marks.insert(0, sources.setdefault(step.source, f"[{len(sources) + 1}]"))
        lines.append(" ".join([f"{len(lines) + 1:>3}. {text}", *marks]))
    lines += _notes(phrase("sources", language), sources)
    lines += _notes(phrase("assumptions", language), reasons)
    lines += _bullets(phrase("checks", language), own)
    lines += _bullets(phrase("general_checks", language), general)
    return lines


def _bullets(title: str, texts: Iterable[str]) -> list[str]:
    listed = [f"  - {text}" for text in texts]
    return ["", title, *listed] if listed else []


def _notes(title: str, notes: dict[str, str]) -> list[str]:
    if not notes:
        return []
    return ["", f"{title}:", *(f"  {mark} {text}" for text, mark in notes.items())]


def _letter(number: int) -> str:
    """The letters of a numbered point: a, b, … z, aa, bb.

    >>> _letter(0), _letter(26)
    ('a', 'aa')
    """
    rounds, at = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[at] * (rounds + 1)

"""What one part of an obligation found out, and how its steps are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from telmee.core.errors import Param, Problem
from telmee.core.explain import Step, Text, Value
from telmee.core.schemes.model import Scheme

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Finding(Generic[Outcome]):
    """An outcome with its story; `None` where a person must judge, and `problems` say why."""

    outcome: Outcome | None
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()


def sourced_step(
    scheme: Scheme,
    step: str,
    value: Value,
    unit: str,
    rule: str,
    *,
    text: Text | None = None,
    source: str | None = None,
    **params: Value,
) -> Step:
    """Make a step, with where its rule is published and what of that rule was assumed."""
    return Step(
        step=step,
        value=value,
        unit=unit,
        rule=rule,
        source=source or scheme.source_of(rule),
        assumed=_reasons(scheme, rule),
        params=params,
        text=text,
    )


def to_check(scheme: Scheme, code: str, rule: str, text: Text | None = None) -> Step:
    """What only a person can check; `text` is the scheme's own condition, if it is one.

    No figure follows from it, so what was assumed of the rule is not repeated here.
    """
    return Step("to_check", code, "code", rule, scheme.source_of(rule), text=text)


def why(text: Text | None) -> dict[str, Param]:
    """A scheme's own words as the parameter `why`, without a full stop: part of a sentence."""
    text = text or Text("de bron zegt het niet", "the source does not say")
    return {"why": Text(text.nl.rstrip("."), text.en and text.en.rstrip("."))}


def _reasons(scheme: Scheme, rule: str) -> tuple[Text, ...]:
    """The scheme's reasons for assuming the rule, or any value inside it."""
    inside = f"{rule}."
    return tuple(
        reason for path, reason in scheme.assumed.items() if path == rule or path.startswith(inside)
    )

"""The explanation of a figure as facts, so that it can be kept and told again, word for word.

A figure that somebody acted on is kept with its steps. What is kept of a step holds no sentence:
numbers are exact, and a text of the scheme is named by its path in the published file, which never
changes. The words are added again when somebody reads it, in his own language.

A kept value is JSON: a whole number or a text as it is, a fraction as `[numerator, denominator]`,
a date as `{"day": "2025-06-30"}`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from telmee.core.errors import Param, Problem
from telmee.core.explain import Step, Text, Value
from telmee.core.schemes.model import Scheme

Facts = dict[str, Any]


def facts_of(steps: Iterable[Step], scheme: Scheme) -> list[Facts]:
    """Write steps as facts; what is empty is left out."""
    paths = {text: path for path, text in scheme.texts.items()}
    sources = {source.url: key for key, source in scheme.sources.items()}
    return [_facts(step, paths, sources) for step in steps]


def steps_from(kept: Iterable[Mapping[str, Any]], scheme: Scheme) -> Iterator[Step]:
    """Read steps back, with the texts and addresses of the version that they were written under."""
    addresses = {key: source.url for key, source in scheme.sources.items()}
    for facts in kept:
        source = facts.get("source")
        yield Step(
            step=facts["step"],
            value=_read(facts.get("value")),
            unit=facts["unit"],
            rule=facts["rule"],
            source=addresses.get(str(source), source),
            assumed=tuple(scheme.texts[path] for path in facts.get("assumed", ())),
            params={name: _read(value) for name, value in facts.get("params", {}).items()},
            text=scheme.texts[facts["text"]] if "text" in facts else None,
        )


def problems_as_facts(problems: Iterable[Problem], scheme: Scheme) -> list[Facts]:
    """Write what keeps a line from having a value; the row of a file says nothing later."""
    paths = {text: path for path, text in scheme.texts.items()}
    return [
        {
            "code": problem.code,
            "column": problem.column,
            "params": {name: _plain_param(fact, paths) for name, fact in problem.params.items()},
        }
        for problem in problems
    ]


def problems_from(kept: Iterable[Mapping[str, Any]], scheme: Scheme) -> Iterator[Problem]:
    """Read problems back, with the texts of the version that they were written under."""
    for facts in kept:
        params = {name: _read_param(fact, scheme) for name, fact in facts["params"].items()}
        yield Problem(facts["code"], facts["column"], params=params)


def content_hash(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a document of plain JSON, in hexadecimal: its identity.

    Keys are sorted and nothing is written between them, so that anybody can do it again.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _facts(step: Step, paths: Mapping[Text, str], sources: Mapping[str, str]) -> Facts:
    facts: Facts = {"step": step.step, "unit": step.unit, "rule": step.rule}
    optional: Facts = {
        "value": _plain(step.value),
        "source": step.source and sources.get(step.source, step.source),
        "assumed": [paths[reason] for reason in step.assumed],
        "params": {name: _plain(value) for name, value in step.params.items()},
        "text": None if step.text is None else paths[step.text],
    }
    return facts | {name: fact for name, fact in optional.items() if fact not in (None, [], {})}


def _plain(value: Value) -> Any:
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _plain_param(fact: Param, paths: Mapping[Text, str]) -> Any:
    if isinstance(fact, Text):
        return {"text": paths[fact]}
    if isinstance(fact, str | int | Fraction | date):
        return _plain(fact)
    raise TypeError(f"{fact!r} is no fact that can be kept")


def _read_param(kept: Any, scheme: Scheme) -> Any:
    if isinstance(kept, dict) and "text" in kept:
        return scheme.texts[kept["text"]]
    return _read(kept)


def _read(kept: Any) -> Value:
    if isinstance(kept, list):
        return Fraction(*kept)
    if isinstance(kept, dict):
        return date.fromisoformat(kept["day"])
    value: Value = kept
    return value

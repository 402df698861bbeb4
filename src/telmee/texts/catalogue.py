"""Find the sentence of a code and fill it in.

The catalogues are TOML files beside this module: `problems/*.toml` and `steps.toml` and
`phrases.toml`, one table per code with a key per language. A code without words is a fault in the
program and fails loudly; a tidy test keeps them complete.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from importlib import resources
from string import Formatter
from typing import Any

from telmee.core.errors import Param, Problem
from telmee.core.explain import Step, Text, Value
from telmee.texts.formats import Figure, Language, day, euros, number, shown

LANGUAGES: tuple[Language, ...] = ("nl", "en")

_UNIT_OF = {"amount": "cents", "percentage": "percentage"}


def problem_text(problem: Problem, language: Language) -> tuple[str, str]:
    """Two sentences on a problem: what happened, and what to do about it (maybe empty)."""
    words = problem_words()[problem.code]
    filled: dict[str, str | int] = {"column": problem.column or "", "row": problem.row or ""}
    filled |= {
        name: Figure.of(_written(v, language), is_one=v == 1) for name, v in problem.params.items()
    }
    filled |= {
        f"{name.removesuffix('_cents')}_euros": euros(cents, language)
        for name, cents in problem.params.items()
        if name.endswith("_cents") and isinstance(cents, int)
    }
    remedy = words.get(f"remedy_{language}", "")
    return words[language].format_map(filled), remedy.format_map(filled)


def step_text(step: Step, language: Language) -> str:
    """The sentence of an explanation step; what was assumed is the step's own `assumed`."""
    words = step_words()
    code = f"{step.step}.{step.value}" if step.step == "to_check" else step.step
    table = words.get(f"{code}.{step.params.get('how')}") or words[code]
    filled: dict[str, str] = {
        name: _parameter(name, value, language) for name, value in step.params.items()
    }
    filled["value"] = _figure(step.value, step.unit, language)
    filled["text"] = step.text.in_language(language) if isinstance(step.text, Text) else ""
    return str(table[language]).format_map(filled).strip()


def phrase(code: str, language: Language, **filled: object) -> str:
    """A fixed word or sentence of an interface, such as a column heading."""
    return str(_phrases()[code][language]).format_map(filled)


def _written(value: Param, language: Language) -> str | int:
    if isinstance(value, Fraction):
        return number(value, language)
    if isinstance(value, date):
        return day(value, language)
    return value if isinstance(value, str | int) else value.in_language(language)


def _parameter(name: str, value: Value, language: Language) -> Figure:
    """Write a parameter of a step; its name says its unit."""
    unit = "cents" if name.endswith("_cents") else _UNIT_OF.get(name, "count")
    return _figure(value, unit, language)


def _figure(value: Value, unit: str, language: Language) -> Figure:
    return Figure.of(shown(value, unit, language), is_one=value == 1)


@functools.cache
def problem_words() -> Mapping[str, Mapping[str, str]]:
    """The words of every problem, by its code, over all files of the catalogue."""
    tables: dict[str, Mapping[str, str]] = {}
    folder = resources.files("telmee.texts") / "problems"
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if entry.name.endswith(".toml"):
            tables.update(tomllib.loads(entry.read_text("utf-8")))
    return tables


def facts_of(code: str) -> frozenset[str] | None:
    """The names of the facts for which the words of a problem have a place; None of no problem."""
    words = problem_words().get(code)
    if words is None:
        return None
    return frozenset(
        name for text in words.values() for _, name, _, _ in Formatter().parse(text) if name
    )


@functools.cache
def step_words() -> Mapping[str, Mapping[str, str]]:
    """The words of every step, by `name`, `name.variant` or `to_check.code`."""
    tables: dict[str, Mapping[str, str]] = {}
    for name in (
        "steps.toml",
        "steps_blocks.toml",
        "steps_bounds.toml",
        "steps_obligations.toml",
    ):
        tables.update(words_in(name))
    return tables


@functools.cache
def _phrases() -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, Mapping[str, str]] = {}
    for name in (
        "phrases.toml",
        "phrases_obligations.toml",
        "phrases_system.toml",
        "phrases_ledger.toml",
        "phrases_sums.toml",
        "phrases_meaning.toml",
    ):
        tables.update(words_in(name))
    return tables


def words_in(name: str) -> Mapping[str, Any]:
    """The tables of one file of words beside this module."""
    entry = resources.files("telmee.texts") / name
    return tomllib.loads(entry.read_text("utf-8"))

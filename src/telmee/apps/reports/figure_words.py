"""How each figure of an account is counted, and by what its rows are told apart.

The words and the divisions stand in `figures.toml`: they are facts that a report repeats, and that
its reader can hold against their source.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from telmee.core.explain import Text
from telmee.core.schemes.model import Block

_FILE = Path(__file__).parent / "figures.toml"
#: The kinds of effort in which somebody works or learns, so that people are counted.
_WITH_PEOPLE = frozenset({"placement", "education", "work_experience"})
_WITH_INVOICE = frozenset({"social_procurement"})


class By(StrEnum):
    """What the rows of an account are told apart by."""

    BLOCK = "block"
    KIND = "kind"
    TARGET_GROUP = "target_group"
    FIELD = "field"
    ELEMENT = "element"
    CATEGORY = "category"
    DIVISION = "division"
    CLIENT = "client"
    REGION = "region"
    CONTRACTOR = "contractor"
    CONTRACT = "contract"

    @property
    def is_of_effort(self) -> bool:
        """Whether the block of a line says where it belongs; else its contract does."""
        return self in _OF_EFFORT


_OF_EFFORT = frozenset({By.BLOCK, By.KIND, By.TARGET_GROUP, By.FIELD, By.ELEMENT})


@dataclass(frozen=True, slots=True)
class Figure:
    """The words of one figure, and how it is counted."""

    key: str
    label: Text
    counted: Text


@dataclass(frozen=True, slots=True)
class Division:
    """A policy field or a national element: its words, and the kinds of effort that it has."""

    key: str
    label: Text
    effect: Text | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that a division was published in."""

    title: str
    publisher: str
    dated: str


@dataclass(frozen=True, slots=True)
class Words:
    """All that `figures.toml` says."""

    version: str
    figures: Mapping[str, Figure]
    kinds: Mapping[str, Text]
    groups: Mapping[str, Text]
    people: frozenset[str]
    divisions: Mapping[By, tuple[Division, ...]]
    origins: Mapping[By, Origin]


@cache
def words() -> Words:
    """The words and the divisions, read once."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    figures = (
        Figure(row["key"], Text(**row["label"]), Text(**row["counted"]))
        for row in document["figures"]
    )
    people, things = _texts(document["groups"]), _texts(document["things"])
    listed = {By.FIELD: "fields", By.ELEMENT: "elements"}
    return Words(
        version=document["version"],
        figures={figure.key: figure for figure in figures},
        kinds=_texts(document["kinds"]),
        groups=people | things,
        people=frozenset(people),
        divisions={by: tuple(map(_division, document[name])) for by, name in listed.items()},
        origins={by: Origin(**document[f"{name}_source"]) for by, name in listed.items()},
    )


def has_people(block: Block) -> bool:
    """Whether somebody works or learns in effort of this block."""
    return block.category in _WITH_PEOPLE


def has_invoice(block: Block) -> bool:
    """Whether effort of this block is a purchase from a social enterprise."""
    return block.category in _WITH_INVOICE


def key_of(block: Block, by: By) -> str:
    """The row that effort of a block stands in; empty where it belongs to none.

    The national groups of a block come together in one key, with a plus between them.
    """
    if by is By.BLOCK:
        return block.key
    if by is By.KIND:
        return block.category
    if by is By.TARGET_GROUP:
        return "+".join(group for group in block.groups if group in words().people)
    holds = (row.key for row in words().divisions[by] if block.category in row.kinds)
    return next(holds, "")


def label_of(key: str, by: By) -> Text | None:
    """The words of a row, where no table of the database has them."""
    if by is By.KIND:
        return words().kinds.get(key)
    if by is By.TARGET_GROUP:
        groups = words().groups
        return _joined([groups[group] for group in key.split("+") if group in groups])
    return next((row.label for row in words().divisions.get(by, ()) if row.key == key), None)


def _joined(labels: list[Text]) -> Text | None:
    if not labels:
        return None
    return Text(*("; ".join(label.in_language(language) for label in labels) for language in _TWO))


_TWO = ("nl", "en")


def _texts(table: Mapping[str, Any]) -> dict[str, Text]:
    return {key: Text(**text) for key, text in table.items()}


def _division(row: Mapping[str, Any]) -> Division:
    effect = Text(**row["effect"]) if "effect" in row else None
    return Division(row["key"], Text(**row["label"]), effect, tuple(row["kinds"]))

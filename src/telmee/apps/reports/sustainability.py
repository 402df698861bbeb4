"""Where a contractor meets his figures in the standards for sustainability reports.

The mapping is data with a version and sources (`sustainability.toml`), and says of each datapoint
what is not covered: a figure of social return is easily taken for more than it says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from telmee.core.explain import Text

_FILE = Path(__file__).parent / "sustainability.toml"


@dataclass(frozen=True, slots=True)
class Standard:
    """The document that datapoints stand in."""

    title: str
    publisher: str
    dated: str
    address: str


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One disclosure of a standard: what Telmee has for it, and what is missing.

    `figure` is the name that a `Result` has for it; None where no figure belongs there.
    """

    source: str
    code: str
    name: str
    figure: str | None
    covers: Text
    missing: Text


@dataclass(frozen=True, slots=True)
class Mapped:
    """A version of the mapping; `outside` has the figures that no datapoint asks for, and why."""

    version: str
    standards: Mapping[str, Standard]
    datapoints: tuple[Datapoint, ...]
    outside: Mapping[str, Text]


@cache
def sustainability() -> Mapped:
    """The mapping, read once."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return Mapped(
        version=document["version"],
        standards={key: Standard(**one) for key, one in document["sources"].items()},
        datapoints=tuple(
            Datapoint(
                source=row["source"],
                code=row["code"],
                name=row["name"],
                figure=row.get("figure"),
                covers=Text(**row["covers"]),
                missing=Text(**row["missing"]),
            )
            for row in document["datapoints"]
        ),
        outside={row["figure"]: Text(**row["why"]) for row in document["outside"]},
    )


def as_facts() -> dict[str, Any]:
    """The mapping as a statement keeps it: what a later version says changes none before."""
    return asdict(sustainability())

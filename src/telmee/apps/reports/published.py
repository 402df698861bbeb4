"""What public bodies published about their own results, each series with its source.

None of it comes out of the books here, and no page adds it to what does.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from telmee.core.explain import Text

_FILE = Path(__file__).parent / "published.toml"


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a series, in cents and percentages; `None` where the source gives no figure.

    `until` is the last day that the figures are about, where that is not the end of the year.
    """

    year: int
    realised_cents: int
    until: date | None = None
    target_percent: int | None = None
    achieved_percent: int | None = None
    workplaces: int | None = None
    workplaces_goal: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The results of one public body or region, and the document that they stand in."""

    publisher: str
    title: str
    dated: str
    note: Text
    years: tuple[Year, ...]


def published_results() -> tuple[Series, ...]:
    """Every series that comes along."""
    results = tomllib.loads(_FILE.read_text("utf-8"))["results"]
    return tuple(_series(result) for result in results)


def _series(result: dict[str, Any]) -> Series:
    source = result["source"]
    return Series(
        publisher=source["publisher"],
        title=source["title"],
        dated=source["dated"],
        note=Text(result["note_nl"], result["note_en"]),
        years=tuple(_year(year) for year in result["years"]),
    )


def _year(year: dict[str, Any]) -> Year:
    known: dict[str, Any] = {name: year[name] for name in Year.__dataclass_fields__ if name in year}
    return Year(realised_cents=year["realised_euros"] * 100, **known)

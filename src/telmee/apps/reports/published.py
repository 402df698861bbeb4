"""What public bodies published about their own results, each series with its source.

None of it comes out of the books here, and no page adds it to what does.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from telmee.apps.reports.choices import Measure
from telmee.core.explain import Text

_FILE = Path(__file__).parent / "published.toml"


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a series, in cents and percentages; `None` where the source gives no figure.

    `until` is the last day that the figures are about, where that is not the end of the year.
    `asked_percent` is the average share of contract sums that was asked. Where the source says
    "over" an amount it is `at_least` that.
    """

    year: int
    realised_cents: int
    until: date | None = None
    target_percent: int | None = None
    achieved_percent: int | None = None
    workplaces: int | None = None
    workplaces_goal: int | None = None
    people: int | None = None
    contract_value_cents: int | None = None
    social_spending_cents: int | None = None
    asked_percent: int | None = None
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Aim:
    """What the publisher wants to come to: from where, to what, and by which year if it says so.

    `most` is the other end where the source names two.
    """

    what: Text
    measure: Measure
    now: int
    aim: int
    most: int | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The results of one public body or region, and the document that they stand in.

    `area` is the municipality or the labour-market region that it is about, by its code.
    """

    area: str
    publisher: str
    title: str
    dated: str
    note: Text
    years: tuple[Year, ...]
    aims: tuple[Aim, ...] = ()


@dataclass(frozen=True, slots=True)
class OfASize:
    """What municipalities of a size answered: how many people a year came to work or experience.

    `answered` of them knew. Of those people `stayed_percent` still worked when the contract was
    over, as far as `stayed_answered` municipalities knew. All together have no number of
    inhabitants, and the largest no highest one.
    """

    answered: int
    people_mean: int
    people_least: int
    people_most: int
    stayed_answered: int
    stayed_percent: int
    inhabitants_from: int | None = None
    inhabitants_to: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What municipalities were asked, by their size and all together, and where that stands."""

    publisher: str
    title: str
    dated: str
    note: Text
    sizes: tuple[OfASize, ...]
    whole: OfASize


@cache
def _contents() -> dict[str, Any]:
    """The file, which every page of results needs: read once."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def published_survey() -> Survey:
    """What the country's municipalities answered when they were asked last."""
    survey = _contents()["survey"]
    return Survey(
        **survey["source"],
        note=Text(survey["note_nl"], survey["note_en"]),
        sizes=tuple(OfASize(**size) for size in survey["sizes"]),
        whole=OfASize(**survey["whole"]),
    )


def published_results() -> tuple[Series, ...]:
    """Every series that comes along."""
    return tuple(_series(result) for result in _contents()["results"])


def series_facts(series: Series) -> dict[str, Any]:
    """A series as plain facts, as a report keeps it."""
    return {
        "title": series.title,
        "publisher": series.publisher,
        "dated": series.dated,
        "note": [series.note.nl, series.note.en],
        "years": [_plain(year) for year in series.years],
        "aims": [{**_plain(aim), "what": [aim.what.nl, aim.what.en]} for aim in series.aims],
    }


def _plain(row: Year | Aim) -> dict[str, Any]:
    known = asdict(row)
    return {name: str(cell) if isinstance(cell, date) else cell for name, cell in known.items()}


def published_of(*areas: str) -> tuple[Series, ...]:
    """The series about some municipalities or regions, by their codes."""
    return tuple(series for series in published_results() if series.area in areas)


def _series(result: dict[str, Any]) -> Series:
    source = result["source"]
    return Series(
        area=result.get("municipality") or result["region"],
        publisher=source["publisher"],
        title=source["title"],
        dated=source["dated"],
        note=Text(result["note_nl"], result["note_en"]),
        years=tuple(_year(year) for year in result["years"]),
        aims=tuple(_aim(aim) for aim in result.get("aims", ())),
    )


def _year(year: dict[str, Any]) -> Year:
    known: dict[str, Any] = {name: year[name] for name in Year.__dataclass_fields__ if name in year}
    cents = {
        name: year[euros] * 100
        for name, euros in (
            ("realised_cents", "realised_euros"),
            ("contract_value_cents", "contract_value_euros"),
            ("social_spending_cents", "social_spending_euros"),
        )
        if euros in year
    }
    return Year(**known, **cents)


def _aim(aim: dict[str, Any]) -> Aim:
    return Aim(
        what=Text(aim["what_nl"], aim["what_en"]),
        measure=Measure(aim["measure"]),
        now=aim["now"],
        aim=aim["aim"],
        most=aim.get("most"),
        by=aim.get("by"),
    )

"""Counts of people held against what a contractor knows himself, and what he may state of it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.freezing import freeze, report_for
from telmee.apps.reports.sustainability import sustainability
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

_WHO = {
    ReportKind.ANNUAL: ("adviser", "hilversum"),
    ReportKind.REGIONAL: ("team", "region"),
    ReportKind.STATEMENT: ("contractor", "de_eem"),
}
Document = dict[str, Any]


def of_rival(cast: Cast) -> Cast:
    """The same people, with the competitor as the contractor."""
    return replace(cast, contractor=cast.competitor, de_eem=cast.rival)


def people(cast: Cast, contract: int, first: int, last: int, block: str = "pw_lt2") -> None:
    for number in range(first, last):
        cells = {"kenmerk": f"{block}-{number}", "persoon": f"P-{block}-{number}"}
        accepted(cast, hand_in(cast, contract, bouwblok=block, **cells))


def publish(cast: Cast, kind: ReportKind) -> Document:
    who, organisation = _WHO[kind]
    with acting_as(getattr(cast, who).pk) as acting:
        pk = freeze(acting, getattr(cast, organisation).pk, kind, 2025, key=uuid4())
        document: Document = json.loads(report_for(acting, pk).document)
    return document


def counts_of(document: Document) -> list[int | None]:
    """Every count of people and places of its year, the total first."""
    rows = [document["years"][-1], *(row for one in document["divisions"] for row in one["rows"])]
    return [row[name] for row in rows for name in ("people", "places")]


Both = tuple[int, int]


@pytest.fixture(scope="module")
def six_and_two(module_cast: Cast) -> Both:
    """Contracts of one client with two contractors, one with six people and one with two."""
    mine = register(module_cast)
    theirs = register(of_rival(module_cast), reference="HIL-2")
    people(module_cast, mine, 0, 6)
    people(of_rival(module_cast), theirs, 0, 2)
    return mine, theirs


@pytest.fixture
def six_and_six(cast: Cast, six_and_two: Both) -> Both:
    """The same with four more people of the other contractor."""
    people(of_rival(cast), six_and_two[1], 2, 6)
    return six_and_two


@pytest.mark.parametrize("people_of_it", [0, 3, 6])
def test_a_statement_names_no_people_however_many_there_are(cast: Cast, people_of_it: int) -> None:
    contract = register(cast)
    people(cast, contract, 0, people_of_it)
    document = publish(cast, ReportKind.STATEMENT)
    assert set(counts_of(document)) == {None}
    assert {one["by"] for one in document["divisions"]} == {
        "kind", "category", "division", "client"
    }  # fmt: skip
    year = document["years"][-1]
    assert (
        sum(row["verified_cents"] for row in document["divisions"][0]["rows"])
        == (year["verified_cents"])
    )


@pytest.mark.usefixtures("six_and_two")
@pytest.mark.parametrize("order", list(permutations(_WHO))[::2])
def test_whoever_publishes_first_nobody_learns_two_people_of_another_contractor(
    cast: Cast, order: tuple[ReportKind, ...]
) -> None:
    for kind in order:  # eight less the six that a contractor knows, or states
        assert set(counts_of(publish(cast, kind))) == {None}, kind


@pytest.mark.parametrize("kind", [ReportKind.ANNUAL, ReportKind.REGIONAL])
def test_what_came_in_since_is_not_told_to_who_knows_his_own_part_of_it(
    cast: Cast, six_and_six: Both, kind: ReportKind
) -> None:
    mine, theirs = six_and_six
    assert counts_of(publish(cast, kind))[0] == 12
    people(cast, mine, 6, 12)
    people(of_rival(cast), theirs, 6, 8)  # of the eight who came, he knows six
    assert set(counts_of(publish(cast, kind))) == {None}


def test_where_both_have_enough_people_they_are_told(cast: Cast, six_and_six: Both) -> None:
    mine, theirs = six_and_six
    for kind in (ReportKind.ANNUAL, ReportKind.REGIONAL):
        assert set(counts_of(publish(cast, kind))) == {12, None}  # by client there are euros alone
    people(cast, mine, 6, 12)
    people(of_rival(cast), theirs, 6, 12)
    assert counts_of(publish(cast, ReportKind.ANNUAL))[0] == 24


def test_two_rows_that_one_contractor_takes_apart_come_together(
    cast: Cast, six_and_six: Both
) -> None:
    """He has all of one row and most of another: the rest of that one is two people."""
    mine, theirs = six_and_six
    people(cast, mine, 0, 6, "wep")
    people(of_rival(cast), theirs, 0, 2, "wep")
    document = publish(cast, ReportKind.ANNUAL)
    kinds = next(one for one in document["divisions"] if one["by"] == "kind")
    assert [row["people"] for row in kinds["rows"]] == [None]
    assert document["years"][-1]["people"] == 20


@pytest.mark.usefixtures("six_and_two")
@pytest.mark.parametrize("first", list(ReportKind)[1:3])
def test_a_region_less_its_other_clients_is_not_told_to_who_has_most_of_one(
    cast: Cast, first: ReportKind
) -> None:
    """Fourteen, less six that the other client tells, less his own six: two of somebody else."""
    other = replace(of_rival(cast), adviser=cast.colleague, hilversum=cast.huizen)
    people(other, register(other, reference="HUI-1"), 10, 16)
    second = {ReportKind.ANNUAL: ReportKind.REGIONAL, ReportKind.REGIONAL: ReportKind.ANNUAL}[first]
    told = {ReportKind.ANNUAL: 6, ReportKind.REGIONAL: 14}
    assert counts_of(publish(other, first))[0] == told[first]
    assert set(counts_of(publish(other, second))) == {None}


def test_a_statement_keeps_the_mapping_as_it_was(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(cast)
    first = publish(cast, ReportKind.STATEMENT)["sustainability"]
    later = replace(sustainability(), version="2999-01")
    monkeypatch.setattr("telmee.apps.reports.sustainability.sustainability", lambda: later)
    second = publish(cast, ReportKind.STATEMENT)["sustainability"]
    assert first["version"] == sustainability().version
    assert second["version"] == "2999-01"
    assert "sustainability" not in publish(cast, ReportKind.ANNUAL)


@pytest.mark.parametrize("how_many", [1, 4, 5])
def test_a_group_of_whom_little_was_handed_in_is_named_when_they_are_five(
    cast: Cast, how_many: int
) -> None:
    contract = register(cast)
    people(cast, contract, 0, 6)
    for number in range(how_many):
        hand_in(cast, contract, bouwblok="wia_wao", kenmerk=f"W-{number}", persoon=f"P-W-{number}")
    document = publish(cast, ReportKind.ANNUAL)
    year = document["years"][-1]
    assert year["people"] == 6
    (groups,) = [one["rows"] for one in document["divisions"] if one["by"] == "target_group"]
    named = {row["key"] for row in groups}
    assert ("disability" in named) == (how_many == 5)
    assert (None in named) == (how_many < 5)
    assert sum(row["delivered_cents"] for row in groups) == year["delivered_cents"]


def test_a_statement_does_not_name_a_kind_of_effort_that_waits(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="W-1", persoon="P-W-1")
    document = publish(cast, ReportKind.STATEMENT)
    (row,) = document["divisions"][0]["rows"]
    assert (row["key"], row["delivered_cents"]) == (None, document["years"][-1]["delivered_cents"])

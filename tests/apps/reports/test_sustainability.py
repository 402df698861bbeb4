"""The mapping on standards for sustainability reports is checked as the data that it is."""

from __future__ import annotations

import re
from dataclasses import fields

from telmee.apps.reports.figure_words import words
from telmee.apps.reports.results import Result
from telmee.apps.reports.sustainability import sustainability


def test_it_has_a_version_and_each_standard_its_source_and_day() -> None:
    mapped = sustainability()
    assert re.fullmatch(r"20\d\d-\d\d", mapped.version)
    assert set(mapped.standards) == {row.source for row in mapped.datapoints}
    for standard in mapped.standards.values():
        assert standard.address.startswith("https://eur-lex.europa.eu/eli/")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", standard.dated)


def test_each_datapoint_is_of_its_standard_and_stands_there_once() -> None:
    shapes = {"esrs": r"S1-\d+", "vsme": r"[BC]\d+"}
    codes = [(row.source, row.code) for row in sustainability().datapoints]
    assert len(set(codes)) == len(codes)
    for source, code in codes:
        assert re.fullmatch(shapes[source], code), code


def test_each_says_what_is_not_covered_in_both_languages() -> None:
    for row in sustainability().datapoints:
        for text in (row.covers, row.missing):
            assert text.nl
            assert text.en
            assert text.nl != text.en


def test_it_names_only_figures_that_a_result_has_and_that_say_how_they_are_counted() -> None:
    mapped = sustainability()
    known = {field.name for field in fields(Result)} & words().figures.keys()
    used = {row.figure for row in mapped.datapoints if row.figure}
    assert used <= known
    assert mapped.outside.keys() <= known
    assert not used & mapped.outside.keys()


def test_no_figure_stands_at_persons_with_disabilities() -> None:
    (row,) = [row for row in sustainability().datapoints if row.code == "S1-12"]
    assert row.figure is None

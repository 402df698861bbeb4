"""A scheme reads what only it can: its labels, a part of its full time, an end it asks for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from telmee.core.contributions.effort_file import Reading, read_contributions
from telmee.core.schemes.model import Scheme
from telmee.core.tables.cells import Cell
from telmee.core.tables.table import Sheet, Table
from telmee.core.valuation import value
from telmee.core.valuation.under_scheme import under_scheme
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import problem_text

HEADINGS = ("kenmerk", "bouwblok", "begin", "eind", "uren_per_week", "toeslagen", "certificaat")
FIRST, LAST = "1-1-2024", "30-6-2024"


@pytest.fixture(scope="module")
def utrecht() -> Scheme:
    return load_scheme("utrecht-36h-v2", None)


def read(scheme: Scheme, *rows: Sequence[Cell], headings: Sequence[str] = HEADINGS) -> Reading:
    sheet = Sheet("Blad1", [headings, *rows])
    return under_scheme(read_contributions(Table("a.csv", sheet)), scheme)


def codes(reading: Reading, line: int = 0) -> list[str]:
    problems = reading.contributions.problems.get(line, ())
    assert all(all(problem_text(one, language)) for one in problems for language in ("nl", "en"))
    return [problem.code for problem in problems]


def test_a_label_in_any_case_is_its_key(utrecht: Scheme) -> None:
    block, bonus = utrecht.blocks[0], utrecht.bonuses[0]
    typed = [
        *(block.label.nl, block.label.nl.upper(), f"  {block.label.in_language('en')} "),
        *(block.key, block.key.upper()),
    ]
    rows = [(f"R{n}", one, FIRST, LAST, 36, bonus.label.nl) for n, one in enumerate(typed)]
    found = read(utrecht, *rows).contributions
    assert [found.block[line] for line in range(len(typed))] == [block.key] * len(typed)
    assert [found.bonuses[line] for line in range(len(typed))] == [bonus.key] * len(typed)
    assert value(utrecht, found).all_valued()


def test_labels_with_commas_stand_beside_keys_and_other_words_stay(utrecht: Scheme) -> None:
    first, second = utrecht.bonuses[:2]
    label = replace(first.label, nl="Ouder dan 50, of ziek; of beide")
    scheme = replace(utrecht, bonuses=(replace(first, label=label), *utrecht.bonuses[1:]))
    cell = f"{second.label.nl}, ouder dan 50,  of ZIEK ;of beide, iets anders"
    found = read(scheme, ("R", "pw", FIRST, LAST, 36, cell)).contributions
    assert found.bonuses[0] == f"{second.key},{first.key},iets_anders"


def test_a_label_that_two_blocks_have_is_no_key(utrecht: Scheme) -> None:
    one, other = utrecht.blocks[:2]
    blocks = (one, replace(other, label=one.label), *utrecht.blocks[2:])
    found = read(replace(utrecht, blocks=blocks), ("R", one.label.nl, FIRST, LAST, 36))
    assert found.contributions.block[0] not in {one.key, other.key}


def test_a_label_of_a_certificate_is_its_key() -> None:
    scheme = load_scheme("handreiking-2025", None)
    certificate = scheme.certificates[0]
    row = ("R", scheme.blocks[0].key, FIRST, LAST, 36, "", certificate.label.nl.upper())
    assert read(scheme, row).contributions.certificate[0] == certificate.key


@pytest.mark.parametrize(
    ("typed", "hours"),
    [("0,75 fte", 27_00), ("1 FTE", 36_00), ("0.67fte", 24_12), ("1,5 f.t.e.", 54_00)],
)
def test_a_part_of_full_time_is_that_part_of_the_basis(
    utrecht: Scheme, typed: str, hours: int
) -> None:
    found = read(utrecht, ("R", "pw", FIRST, LAST, typed), ("S", "pw", FIRST, LAST, typed))
    assert found.contributions.weekly_hours.tolist() == [hours, hours]
    assert not found.contributions.problems
    (notice,) = found.notices
    assert (notice.code, notice.params["rows"]) == ("full_time_assumed", "2, 3")
    assert "36 uur" in " ".join(problem_text(notice, "nl"))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("36 fte", "number_too_large"),
        ("0,875 fte", "ambiguous_number"),
        ("-1 fte", "negative_number"),
        ("fte", "bad_number"),
        ("0 fte", "zero_number"),
        ("80%", "percentage_as_number"),
        ("4 dagen", "bad_number"),
    ],
)
def test_what_is_no_part_of_full_time_is_refused(utrecht: Scheme, typed: str, code: str) -> None:
    found = read(utrecht, ("R", "pw", FIRST, LAST, typed))
    assert codes(found) == [code]
    assert found.notices == ()


def test_a_part_of_a_full_time_that_nobody_knows_is_refused(utrecht: Scheme) -> None:
    found = read(replace(utrecht, weekly_hours=None), ("R", "pw", FIRST, LAST, "0,75 fte"))
    assert codes(found) == ["part_of_full_time"]


def test_no_other_day_takes_the_place_of_one_that_was_not_read(utrecht: Scheme) -> None:
    headings = ("kenmerk", "bouwblok", "begin", "Datum einde", "uren_per_week", "bedrag")
    found = read(
        utrecht,
        ("R", "pw", FIRST, LAST, 36, ""),
        ("S", "pw", FIRST, "", 36, ""),
        ("T", "social_purchase", FIRST, LAST, "", 100),
        headings=headings,
    )
    assert codes(found) == ["end_not_read"]
    valuation = value(utrecht, found.contributions, until=int(found.contributions.begin[0]) + 400)
    assert [valuation.value_cents(line) is None for line in range(3)] == [True, False, False]
    assert [problem.code for problem in valuation.problems(0)] == ["end_not_read"]

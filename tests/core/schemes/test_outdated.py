"""Rules that no longer held on the day of a contract or a line: said, and nothing refused."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from telmee.core.obligations import assess
from telmee.core.schemes.model import Successor
from telmee.core.schemes.select import outdated_on
from telmee.core.valuation import value
from telmee.core.valuation.explanation import explain
from telmee.integrations.scheme_files import check_scheme_file, load_scheme
from tests.builders import contributions_of
from tests.core.obligations.published import FIVE, checks, contract_of, scheme_of
from tests.core.schemes import variants

NEXT = Successor("voorbeeld-2026", "2026-01-01", date(2026, 1, 1))
KEMPEN = load_scheme("kempen-2012")


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2018, 6, 8), []),
        (date(2018, 6, 9), ["scheme_ended"]),
        (date(2025, 12, 31), ["scheme_ended"]),
        (date(2026, 1, 1), ["scheme_ended", "newer_version"]),
    ],
)
def test_a_version_holds_up_to_its_last_day_and_until_the_next(on: date, codes: list[str]) -> None:
    scheme = replace(KEMPEN, successor=NEXT)
    assert [step.value for step in outdated_on(scheme, on)] == codes


def test_a_contract_goes_by_the_day_that_the_scheme_says() -> None:
    scheme = replace(scheme_of(FIVE), successor=NEXT)
    facts: dict[str, Any] = {"published": date(2025, 11, 1), "award": date(2026, 1, 15)}
    for moment, warned in (("publication", False), ("award", True), ("contract", True)):
        found = assess(replace(scheme, selected_by=moment), contract_of(100_000, **facts))
        assert found.owed_cents == 5_000_00
        assert ("newer_version" in checks(found)) == warned, moment


@pytest.mark.parametrize(
    ("begin", "contract_begin", "warned"),
    [
        (date(2025, 12, 31), None, False),
        (date(2026, 1, 1), None, True),
        (date(2026, 2, 1), date(2025, 12, 31), False),
        (date(2026, 2, 1), date(2026, 2, 1), True),
    ],
)
def test_a_line_goes_by_its_contract_where_that_is_known(
    begin: date, contract_begin: date | None, warned: bool
) -> None:
    scheme = variants.load("full-time-year")
    block = scheme.blocks[0].key
    cells = {"bouwblok": block, "begin": begin, "eind": date(2026, 12, 31), "uren_per_week": 36_00}
    if contract_begin:
        cells["contract_begin"] = contract_begin
    lines = contributions_of([cells])
    plain, known = value(scheme, lines), value(replace(scheme, successor=NEXT), lines)
    assert plain.value_cents(0) == known.value_cents(0)
    codes = [step.value for step in explain(known, 0) if step.step == "to_check"]
    assert ("newer_version" in codes) == warned


def test_the_next_version_is_found_in_the_folder_and_in_the_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = variants.file_of("ended").read_text("utf-8").replace("valid_to = 2018-06-08\n", "")
    for scheme_id, first, family in (
        ("a", "2012-05-29", ""),
        ("a", "2020-01-01", ""),
        ("b", "2026-01-01", 'family = "a"\n'),
        ("c", "2015-01-01", 'family = "other"\n'),
    ):
        (tmp_path / scheme_id).mkdir(exist_ok=True)
        own = text.replace("2012-05-29", first).replace(
            'id = "variant-ended"\n', f'id = "{scheme_id}"\n{family}'
        )
        (tmp_path / scheme_id / f"{first}.toml").write_text(own, "utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(tmp_path))
    assert load_scheme("a", "2012-05-29").successor == Successor(
        "a", "2020-01-01", date(2020, 1, 1)
    )
    assert load_scheme("a").successor == Successor("b", "2026-01-01", date(2026, 1, 1))
    assert load_scheme("b").successor is None
    assert load_scheme("c").successor is None


def test_a_scheme_of_another_family_says_which_it_comes_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = variants.file_of("ended").read_text("utf-8").replace("valid_to = 2018-06-08\n", "")
    after = 'follows = ["x", "old"]\nfollows_from = 2024-01-01\n'
    for scheme_id, version, follows in (
        ("old", "2012-05-29", ""),
        ("older", "2011-05-29", ""),
        ("new", "undated", after),
    ):
        (tmp_path / scheme_id).mkdir()
        own = text.replace('id = "variant-ended"', f'id = "{scheme_id}"')
        first = f"valid_from = {version}\n" if version != "undated" else ""
        own = own.replace("valid_from = 2012-05-29\n", first + follows)
        (tmp_path / scheme_id / f"{version}.toml").write_text(own, "utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(tmp_path))
    assert load_scheme("old").successor == Successor("new", "undated", date(2024, 1, 1))
    assert load_scheme("older").successor is None
    assert load_scheme("new").successor is None


def test_the_table_of_the_east_of_2023_is_followed_by_that_of_2026() -> None:
    for older in ("oost-nederland-v05-2023-04", "oost-nederland-2023-all-rows"):
        following = load_scheme(older).successor
        assert following == Successor("oost-nederland-2026", "undated", date(2026, 1, 1)), older
    assert load_scheme("oost-nederland-2026").successor is None


@pytest.mark.parametrize(
    "lacks", ['follows = ["a"]\n', "follows_from = 2024-01-01\n", "follows = []\n"]
)
def test_what_a_scheme_follows_and_from_when_stand_together(tmp_path: Path, lacks: str) -> None:
    text = variants.file_of("ended").read_text("utf-8")
    file = tmp_path / "2012-05-29.toml"
    file.write_text(text.replace("valid_from = 2012-05-29\n", f"valid_from = 2012-05-29\n{lacks}"))
    assert check_scheme_file(file)

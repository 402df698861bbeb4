"""The reference data that comes with the system is complete, and hangs together."""

import csv
import re
import tomllib
from collections import Counter
from typing import Any

import pytest

from tests.tidy import project

APPS = project.ROOT / "src/telmee/apps"


def rows(name: str) -> list[dict[str, str]]:
    with (APPS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


MUNICIPALITIES = rows("organisations/reference/municipalities.csv")
REGIONS = rows("organisations/reference/regions.csv")
CPV = rows("contracts/reference/cpv.csv")
PUBLISHED: list[dict[str, Any]] = tomllib.loads(
    project.read(project.ROOT / "src/telmee/apps/reports/published.toml")
)["results"]


@pytest.mark.parametrize(
    ("found", "count", "code"),
    [
        (MUNICIPALITIES, 342, r"GM\d{4}"),
        (REGIONS, 35, r"AM\d{2}"),
        (CPV, 9454, r"\d{8}-\d"),
    ],
    ids=["municipalities", "regions", "cpv"],
)
def test_a_list_is_whole_and_names_each_once(
    found: list[dict[str, str]], count: int, code: str
) -> None:
    codes = [row["code"] for row in found]
    assert len(codes) == len({*codes}) == count
    assert codes == sorted(codes)
    assert [written for written in codes if not re.fullmatch(code, written)] == []
    cells = [cell for row in found for cell in row.values()]
    assert all(cell and cell == cell.strip() for cell in cells)


@pytest.mark.parametrize("found", [MUNICIPALITIES, REGIONS], ids=["municipalities", "regions"])
def test_no_two_places_have_one_name(found: list[dict[str, str]]) -> None:
    names = Counter(row["name"] for row in found)
    assert [name for name, times in names.items() if times > 1] == []


def test_a_division_of_the_cpv_is_called_like_no_other_code() -> None:
    called = Counter(row["description_nl"] for row in CPV)
    divisions = [row for row in CPV if row["code"][2:8] == "000000"]
    assert len(divisions) == 45
    assert [row["code"] for row in divisions if called[row["description_nl"]] > 1] == []
    in_english = rows("contracts/reference/cpv_divisions.csv")
    assert [row["code"] for row in in_english] == [row["code"] for row in divisions]
    assert len({row["description_en"] for row in in_english}) == 45


def test_each_municipality_is_in_a_region_and_no_region_is_empty() -> None:
    assert {row["region"] for row in MUNICIPALITIES} == {row["code"] for row in REGIONS}


def test_the_demo_region_is_the_one_that_publishes_together() -> None:
    names = {row["name"] for row in MUNICIPALITIES if row["region"] == "AM12"}
    assert names == {
        *("Blaricum", "Eemnes", "Gooise Meren", "Hilversum", "Huizen", "Laren", "Wijdemeren")
    }


def test_a_cpv_code_is_for_one_kind_of_contract() -> None:
    assert {row["kind"] for row in CPV} == {"works", "services", "supplies"}
    works = {row["code"][:2] for row in CPV if row["kind"] == "works"}
    assert works == {"45"}, "division 45 is construction work, and nothing else is"


def test_what_was_published_says_by_whom_and_about_whom() -> None:
    places = {row["code"] for row in (*MUNICIPALITIES, *REGIONS)}
    for result in PUBLISHED:
        assert result["published"] is True
        assert {result.get("municipality"), result.get("region")} & places
        assert {"title", "publisher", "dated"} <= result["source"].keys()
        assert result["note_nl"]
        assert result["note_en"]


def test_what_was_published_is_what_the_documents_say() -> None:
    rotterdam, _, gooi = (result["years"] for result in PUBLISHED)
    told = [
        (row["year"], row["realised_euros"], row["target_percent"], row["achieved_percent"])
        for row in rotterdam
    ]
    assert told == [
        (2018, 34_323_138, 90, 103),
        (2019, 41_047_405, 90, 124),
        (2020, 31_558_409, 90, 99),
        (2021, 43_072_084, 90, 128),
        (2022, 37_804_398, 95, 99),
        (2023, 23_024_550, 95, 103),
    ]
    assert [str(row["until"]) for row in rotterdam if "until" in row] == ["2023-08-31"]
    (year,) = gooi
    assert (year["year"], year["realised_euros"]) == (2024, 1_120_000)
    assert (year["workplaces"], year["workplaces_goal"]) == (31, 26)
    assert (year["contract_value_euros"], year["social_spending_euros"]) == (77_000_000, 576_000)

"""Reading published schemes: from the database, once per process, and the version in force."""

from datetime import date
from typing import Any

import pytest

from telmee.apps.schemes import queries
from telmee.core.errors import DomainError
from telmee.core.schemes.model import Successor
from telmee.integrations.scheme_files import load_scheme

pytestmark = pytest.mark.usefixtures("db")


def refused(name: str, on: date) -> list[str]:
    with pytest.raises(DomainError) as caught:
        queries.version_for(name, on)
    return [problem.code for problem in caught.value.problems]


def test_a_version_from_the_database_is_the_scheme_of_its_file() -> None:
    for row in queries.versions():
        assert queries.scheme_of(row.pk) == load_scheme(row.scheme_id, row.version)


def test_a_version_is_parsed_once(django_assert_num_queries: Any) -> None:
    row = queries.version_named("kempen-2012")
    first = queries.scheme_of(row.pk)
    with django_assert_num_queries(1):
        assert queries.scheme_of(row.pk) is first
    with django_assert_num_queries(0):
        assert queries.rules_of(row) is first


def test_the_rules_of_a_version_that_was_never_read_are_read(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_PARSED", {})
    row = queries.version_named("kempen-2012")
    with django_assert_num_queries(2):  # its text, and what else was published
        assert queries.rules_of(row) == load_scheme("kempen-2012", row.version)


def test_many_unread_schemes_cost_three_queries(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_PARSED", {})
    ids = [row.pk for row in queries.versions()]
    with django_assert_num_queries(3):
        assert queries.schemes_of(ids).keys() == set(ids)


def test_no_text_is_read_for_a_list(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as captured:
        assert len(queries.versions()) >= 34
    assert '"document"' not in captured.captured_queries[0]["sql"]


def test_versions_of_one_family_are_together() -> None:
    utrecht = ["utrecht-36h-v1", "utrecht-36h-v2"]
    assert [row.scheme_id for row in queries.families()["utrecht"]] == utrecht
    assert [row.scheme_id for row in queries.family_of("utrecht-36h-v2")] == utrecht
    assert sum(map(len, queries.families().values())) == len(queries.versions())


def test_the_date_of_the_contract_selects_the_version() -> None:
    for on in (date(2011, 6, 7), date(2018, 6, 8)):
        assert queries.version_for("kempen-2012", on).version == "2012-05-29-2"
    for on in (date(2011, 6, 6), date(2018, 6, 9)):
        assert refused("kempen-2012", on) == ["no_version_in_force"]


def test_without_dates_the_named_scheme_holds_and_of_a_family_the_last() -> None:
    on = date(2024, 1, 1)
    assert queries.version_for("utrecht-36h-v1", on).scheme_id == "utrecht-36h-v1"
    assert queries.version_for("utrecht", on).scheme_id == "utrecht-36h-v2"


def test_an_unknown_scheme_is_refused() -> None:
    assert refused("utrechd-36h-v1", date(2024, 1, 1)) == ["unknown_scheme"]
    with pytest.raises(DomainError) as caught:
        queries.version_named("kempen-2012", "2019-01-01")
    (problem,) = caught.value.problems
    assert (problem.code, problem.params["versions"]) == (
        "unknown_version",
        "2012-05-29, 2012-05-29-2",
    )


def test_the_newest_version_bears_the_name_of_its_scheme() -> None:
    named = queries.named_versions()
    assert list(named) == sorted(named)
    assert {row.scheme_id for row in named.values()} == {
        row.scheme_id for row in queries.versions()
    }
    assert queries.version_named("utrecht-36h-v2") == named["utrecht-36h-v2"]


def test_a_version_in_the_register_knows_what_comes_after_it() -> None:
    older = queries.rules_of(queries.version_named("oost-nederland-v05-2023-04"))
    assert older.successor == Successor("oost-nederland-2026", "undated", date(2026, 1, 1))
    assert queries.rules_of(queries.version_named("oost-nederland-2026")).successor is None
    assert queries.rules_of(queries.version_named("harlingen")).successor is None

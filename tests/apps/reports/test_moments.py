"""A region and its client publish at different moments: what came in between is told by neither."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.many import as_array
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.freezing import contracts_to_report, freeze, report_for
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

_WHO = {ReportKind.ANNUAL: ("adviser", "hilversum"), ReportKind.REGIONAL: ("team", "region")}
_BOTH = [(ReportKind.ANNUAL, ReportKind.REGIONAL), (ReportKind.REGIONAL, ReportKind.ANNUAL)]


def people(cast: Cast, contract: int, first: int, last: int) -> None:
    for number in range(first, last):
        accepted(cast, hand_in(cast, contract, kenmerk=f"M-{number}", persoon=f"P-{number}"))


def counts_of(cast: Cast, kind: ReportKind) -> list[int | None]:
    """Every count of people and places that a report of now tells, its total first."""
    who, organisation = _WHO[kind]
    with acting_as(getattr(cast, who).pk) as acting:
        pk = freeze(acting, getattr(cast, organisation).pk, kind, 2025, key=uuid4())
        document: dict[str, Any] = json.loads(report_for(acting, pk).document)
    rows = [document["years"][-1], *(row for one in document["divisions"] for row in one["rows"])]
    return [row[name] for row in rows for name in ("people", "places")]


@pytest.mark.parametrize(("first", "second"), _BOTH)
def test_two_who_came_between_two_reports_are_told_by_neither(
    cast: Cast, first: ReportKind, second: ReportKind
) -> None:
    contract = register(cast)
    people(cast, contract, 0, 6)
    assert set(counts_of(cast, first)) == {6, None}
    people(cast, contract, 6, 8)
    assert set(counts_of(cast, second)) == {None}


@pytest.mark.parametrize(("first", "second"), _BOTH)
def test_where_enough_people_came_both_tell_them(
    cast: Cast, first: ReportKind, second: ReportKind
) -> None:
    contract = register(cast)
    people(cast, contract, 0, 6)
    counts_of(cast, first)
    assert set(counts_of(cast, second)) == {6, None}
    people(cast, contract, 6, 11)
    assert set(counts_of(cast, second)) == {11, None}
    assert set(counts_of(cast, first)) == {11, None}


def test_who_does_not_decide_on_a_contract_learns_of_no_account_about_it(cast: Cast) -> None:
    contract = register(cast)
    people(cast, contract, 0, 1)
    counts_of(cast, ReportKind.ANNUAL)
    for who in ("adviser", "team", "contractor", "colleague", "reader", "auditor", "council"):
        with acting_as(getattr(cast, who).pk), connection.cursor() as cursor:
            asked: list[Any] = [as_array([contract]), 2025]
            cursor.execute("SELECT * FROM telmee_accounts_about(%s, %s)", asked)
            assert len(cursor.fetchall()) == int(who in {"adviser", "team"})
            cursor.execute("SELECT * FROM reports_counted")
            assert len(cursor.fetchall()) == int(who == "adviser")


@pytest.mark.parametrize(
    ("who", "organisation", "kind"),
    [
        ("team", "region", ReportKind.REGIONAL),
        ("contractor", "de_eem", ReportKind.STATEMENT),
    ],
)
def test_a_region_or_a_contractor_is_not_told_by_who_sees_a_part_of_it(
    cast: Cast, who: str, organisation: str, kind: ReportKind
) -> None:
    contract = register(cast)
    own = getattr(cast, organisation).pk
    with acting_as(getattr(cast, who).pk) as acting:
        part = replace(acting, partly=frozenset({own}))
        assert contracts_to_report(acting, own, kind, 2025) == [contract]
        with pytest.raises(DomainError, match="report_of_a_part"):
            contracts_to_report(part, own, kind, 2025)


def test_what_a_client_awards_is_told_by_all_its_people(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        claimed = replace(acting, partly=frozenset({cast.hilversum.pk}))
        ids = contracts_to_report(claimed, cast.hilversum.pk, ReportKind.ANNUAL, 2025)
        assert ids == [contract]

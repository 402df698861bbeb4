"""A member of a council reads what its client published, and nothing that is behind it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.openness.queries import reports_by_year
from telmee.apps.organisations import actions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Membership
from telmee.apps.organisations.queries import colleagues, members_of
from telmee.apps.reports.choices import Measure, ReportKind
from telmee.apps.reports.freezing import report_for, reports_of
from telmee.apps.reports.goals import goals_of, set_goal
from telmee.apps.reports.results import contracts_in, results
from telmee.core.errors import DomainError
from tests.cast import Cast, membership_of
from tests.money import accepted
from tests.publishing import published
from tests.registering import hand_in, register
from tests.web.world import make_world


@pytest.fixture
def contract(cast: Cast) -> int:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    return contract


def codes(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_the_reports_and_goals_of_its_client_are_there_and_no_others(
    cast: Cast, contract: int
) -> None:
    assert contract
    report = published(cast.adviser, cast.hilversum)
    statement = published(cast.contractor_manager, cast.de_eem, ReportKind.STATEMENT)
    with acting_as(cast.manager.pk) as acting:
        facts: dict[str, Any] = {"measure": Measure.PEOPLE, "year": 2025, "amount": 30}
        set_goal(acting, cast.hilversum.pk, **facts, source="", key=uuid4())
    with acting_as(cast.council.pk) as acting:
        assert (acting.organisations, acting.own) == ((), ())
        assert [one.id for one in acting.councils] == [cast.hilversum.pk]
        assert list(reports_of(acting).values_list("pk", flat=True)) == [report]
        assert report_for(acting, report).year == 2025
        with pytest.raises(Http404):
            report_for(acting, statement)
        assert goals_of(cast.hilversum.pk, [2025])[2025][Measure.PEOPLE].amount == 30


def test_it_reads_the_last_report_about_a_year(cast: Cast, contract: int) -> None:
    assert contract
    published(cast.adviser, cast.hilversum, year=2025)
    earlier = published(cast.adviser, cast.hilversum, year=2024)
    last = published(cast.adviser, cast.hilversum, ReportKind.COUNCIL, year=2025)
    with acting_as(cast.council.pk):
        assert list(reports_by_year(cast.hilversum.pk).items()) == [(2025, last), (2024, earlier)]
        assert reports_by_year(cast.huizen.pk) == {}


def _rows_seen() -> dict[str, int]:
    """How many rows of each table the role of the application sees now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        counts = {}
        for table in tables:
            try:
                with transaction.atomic():
                    cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - of the catalogue
                    counts[table] = cursor.fetchone()[0]
            except DatabaseError:
                counts[table] = 0
        return counts


def test_it_sees_no_row_that_an_outsider_does_not_see_but_what_was_published(cast: Cast) -> None:
    make_world()
    with acting_as(cast.outsider.pk):
        outside = _rows_seen()
    with acting_as(cast.council.pk) as acting:
        seen = _rows_seen()
        more = {table for table, count in seen.items() if count > outside[table]}
        assert more == {"reports_report", "reports_paper", "organisations_membership"}
        assert seen["organisations_membership"] == 1  # his own
        assert contracts_in(acting, clients=[cast.hilversum.pk]) == []


def test_the_functions_of_the_database_give_it_no_figure(cast: Cast, contract: int) -> None:
    with acting_as(cast.adviser.pk):
        assert results([contract], [2025])[2025].verified_cents > 0
    with acting_as(cast.council.pk):
        assert results([contract], [2025])[2025].verified_cents == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organisations_membership SET role = 'reader' WHERE user_id = %(me)s",
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%(me)s, %(huizen)s, 'council', now())",
        "INSERT INTO reports_goal (organisation_id, measure, year, amount, source, key, user_id)"
        " VALUES (%(client)s, 'people', 2025, 5, '', gen_random_uuid(), %(me)s)",
        "INSERT INTO openness_opening (organisation_id, report_id, key, user_id)"
        " VALUES (%(client)s, %(report)s, gen_random_uuid(), %(me)s)",
        "UPDATE reports_report SET document = 'x' WHERE id = %(report)s",
        "INSERT INTO audit_event (at, user_id, organisation_id, verb, kind, object_id, reason,"
        " details) VALUES (now(), %(me)s, %(client)s, 'goal.set', 'goal', 1, '', '{}')",
    ],
)
def test_the_database_lets_it_write_nothing(cast: Cast, contract: int, statement: str) -> None:
    assert contract
    ids = {
        "me": cast.council.pk,
        "client": cast.hilversum.pk,
        "huizen": cast.huizen.pk,
        "report": published(cast.adviser, cast.hilversum),
    }
    with acting_as(cast.council.pk), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement, ids)
                changed = cursor.rowcount
        except DatabaseError:
            changed = 0
    assert changed == 0


# How he comes in ----------------------------------------------------------------------------


def test_a_manager_invites_and_removes_a_member_who_is_no_colleague(cast: Cast) -> None:
    with acting_as(cast.manager.pk) as acting:
        client, email = cast.hilversum.pk, cast.outsider.email
        actions.invite(acting, organisation_id=client, email=email, role=Role.COUNCIL)
        assert cast.council not in [one.user for one in colleagues(acting, client)]
        assert cast.council in [one.user for one in members_of(acting, client)]
        member = next(one.pk for one in members_of(acting, client) if one.user == cast.council)
        actions.remove_member(acting, membership_id=member)
    with acting_as(cast.council.pk) as acting:
        assert acting.councils == ()


def test_only_a_client_has_a_council(cast: Cast) -> None:
    facts: dict[str, Any] = {"email": "raad@example.org", "role": Role.COUNCIL}
    with acting_as(cast.contractor_manager.pk) as acting, pytest.raises(DomainError) as error:
        actions.invite(acting, organisation_id=cast.de_eem.pk, **facts)
    assert codes(error) == ["council_of_client"]


def test_who_works_there_becomes_no_member_nor_the_other_way_round(cast: Cast) -> None:
    adviser, member = membership_of(cast.adviser), membership_of(cast.council)
    with acting_as(cast.manager.pk) as acting:
        for who, role in ((adviser, Role.COUNCIL), (member, Role.WORKER)):
            with pytest.raises(DomainError) as error:
                actions.change_role(acting, membership_id=who, role=role)
            assert codes(error) == ["council_apart"]
            with pytest.raises(DatabaseError), transaction.atomic():
                Membership.objects.filter(pk=who).update(role=role)

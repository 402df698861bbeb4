"""What everybody may read is what a client opened, and nothing behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.openness.actions import open_report
from telmee.apps.openness.models import Opening
from telmee.apps.openness.queries import open_account, open_accounts, open_report_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.freezing import report_for
from telmee.apps.reports.models import Report
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import opened, published
from tests.registering import hand_in, register


@pytest.fixture(scope="module")
def report(module_cast: Cast) -> int:
    accepted(module_cast, hand_in(module_cast, register(module_cast)))
    return published(module_cast.adviser, module_cast.hilversum)


@pytest.fixture(scope="module")
def of_another(module_cast: Cast) -> int:
    """A report of another client."""
    cast = replace(
        module_cast,
        adviser=module_cast.colleague,
        hilversum=module_cast.huizen,
        contractor=module_cast.competitor,
        de_eem=module_cast.rival,
    )
    register(cast, reference="HUI-1")
    return published(cast.adviser, cast.huizen)


def test_nothing_is_open_by_itself_and_a_client_can_close_again(cast: Cast, report: int) -> None:
    with acting_as(None):
        assert open_accounts() == []
    client = opened(cast.manager, report)
    with acting_as(None):
        (account,) = open_accounts()
        assert (account.client_id, account.year) == (client, 2025)
    opened(cast.manager, report, is_open=False)
    with acting_as(None):
        assert open_account(client) is None
        assert open_accounts() == []


def test_each_client_has_its_own_account(cast: Cast, report: int, of_another: int) -> None:
    client = opened(cast.manager, report)
    with acting_as(None):
        assert open_account(cast.huizen.pk) is None
    opened(cast.colleague, of_another)
    with acting_as(None):
        account = open_account(client)
        assert account is not None
        assert account.client_id == client
        assert [one.client_id for one in open_accounts()] == [client, cast.huizen.pk]


def test_what_names_a_contract_or_quotes_somebody_is_left_out(cast: Cast, report: int) -> None:
    client = opened(cast.manager, report)
    with acting_as(None), connection.cursor() as cursor:
        cursor.execute("SELECT document FROM telmee_open_accounts(%s)", [client])
        (document,) = (json.loads(text) for (text,) in cursor.fetchall())
    assert "books" not in document
    kinds = {division["by"] for division in document["divisions"]}
    assert not {"contract", "contractor"} & kinds
    # One person is a small count: neither the total nor a row says it.
    year = next(row for row in document["years"] if row["year"] == 2025)
    assert year["people"] is None
    assert all(
        row["people"] is None or row["people"] >= 5 or row["people"] == 0
        for division in document["divisions"]
        if division["people"]
        for row in division["rows"]
    )


def test_the_last_choice_holds_and_another_report_takes_its_place(cast: Cast, report: int) -> None:
    letter = published(cast.adviser, cast.hilversum, ReportKind.COUNCIL)
    opened(cast.manager, report)
    client = opened(cast.manager, letter)
    with acting_as(cast.reader.pk):
        assert open_report_of(client) == letter
    with acting_as(None):
        account = open_account(client)
        assert account is not None
        assert account.document["kind"] == "council"


@pytest.mark.parametrize("by", ["adviser", "reader", "team", "colleague", "contractor"])
def test_only_who_manages_the_client_opens(cast: Cast, report: int, by: str) -> None:
    with acting_as(cast.adviser.pk) as acting:
        row = report_for(acting, report)
    with acting_as(getattr(cast, by).pk) as acting, pytest.raises(Http404):
        open_report(acting, row, is_open=True, key=uuid4())


def test_a_statement_of_a_contractor_is_never_for_everybody(cast: Cast, report: int) -> None:
    statement = published(cast.contractor_manager, cast.de_eem, ReportKind.STATEMENT)
    with acting_as(cast.contractor_manager.pk) as acting, pytest.raises(Http404):
        open_report(acting, report_for(acting, statement), is_open=True, key=uuid4())
    assert report


def test_the_same_form_twice_opens_once(cast: Cast, report: int) -> None:
    key = uuid4()
    with acting_as(cast.manager.pk) as acting:
        row = report_for(acting, report)
        open_report(acting, row, is_open=True, key=key)
        open_report(acting, row, is_open=True, key=key)
        assert Opening.objects.count() == 1


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("whose", ["another client", "a statement"])
def test_a_client_opens_no_report_that_is_not_its_own_account(
    cast: Cast, of_another: int, whose: str
) -> None:
    """The second lock: a report of the organisation itself, of a kind that can be opened."""
    client, manager, other = cast.hilversum, cast.manager, of_another
    if whose == "a statement":
        client, manager = cast.de_eem, cast.contractor_manager
        other = published(manager, client, ReportKind.STATEMENT)
    ids = {"client": client.pk, "report": other, "me": manager.pk}
    with (
        acting_as(manager.pk),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        cursor.execute(_OPEN, ids)


_OPEN = """INSERT INTO openness_opening (organisation_id, report_id, key, user_id)
    VALUES (%(client)s, %(report)s, gen_random_uuid(), %(me)s)"""


@pytest.mark.parametrize(
    ("by", "statement"),
    [
        ("adviser", _OPEN),
        ("reader", _OPEN),
        ("contractor_manager", _OPEN),
        ("colleague", _OPEN),
        ("colleague", _OPEN.replace("%(client)s", "%(huizen)s")),
        ("manager", _OPEN.replace("%(me)s", "%(other)s")),
        ("manager", "UPDATE openness_opening SET report_id = NULL"),
        ("manager", "DELETE FROM openness_opening"),
    ],
)
def test_the_database_refuses_what_the_pages_do_not_offer(
    cast: Cast, report: int, by: str, statement: str
) -> None:
    opened(cast.manager, report)
    ids: dict[str, Any] = {
        "client": cast.hilversum.pk,
        "huizen": cast.huizen.pk,
        "report": report,
        "me": getattr(cast, by).pk,
        "other": cast.adviser.pk,
    }
    with acting_as(getattr(cast, by).pk), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement, ids)
                changed = cursor.rowcount
        except DatabaseError:
            changed = 0
    assert changed == 0


def test_a_visitor_reads_no_report_and_no_choice_by_himself(cast: Cast, report: int) -> None:
    opened(cast.manager, report)
    with acting_as(None):
        assert not Report.objects.exists()
        assert not Opening.objects.exists()

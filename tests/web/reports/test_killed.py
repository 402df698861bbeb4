"""A worker that is killed leaves no half report and publishes none twice; others may be writing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.drafts import ask_for_draft
from telmee.apps.reports.freezing import report_for
from tests.cast import Cast
from tests.conftest import Server
from tests.publishing import frozen, wanted
from tests.registering import register
from tests.working import address, kill_at_work, redo

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_REPORTS = "SELECT count(*), count(DISTINCT key) FROM reports_report"
_PAPERS = "SELECT media, language FROM reports_paper ORDER BY 1, 2"


def test_a_publishing_is_killed_and_gone_on_with(
    server: Server, own_database: str, cast: Cast, as_owner: Any
) -> None:
    register(cast)
    wanted(cast.adviser, cast.hilversum)

    kill_at_work(server, own_database, as_owner, last="audit_event")
    assert as_owner(_REPORTS) == [(0, 0)]

    redo(as_owner)
    assert as_owner(_REPORTS) == [(1, 1)]
    assert as_owner(_PAPERS) == [("pdf", "en"), ("pdf", "nl")]


def test_a_draft_that_was_killed_is_made(
    server: Server, own_database: str, cast: Cast, as_owner: Any
) -> None:
    register(cast)
    with acting_as(cast.adviser.pk) as acting:
        ask_for_draft(acting, cast.hilversum.pk, ReportKind.ANNUAL, 2025)
    made = "SELECT document <> '' FROM reports_draft"

    kill_at_work(server, own_database, as_owner, last="reports_draft")
    assert as_owner(made) == [(False,)]

    redo(as_owner)
    assert as_owner(made) == [(True,)]


def test_a_report_is_of_a_moment_before_what_is_still_being_written(
    server: Server, own_database: str, cast: Cast
) -> None:
    """What is written then comes later, so that the moment comes out the same for ever."""
    register(cast)
    with psycopg.connect(address(server, own_database)) as writing:
        row = writing.execute("SELECT now(), pg_current_xact_id()").fetchone()
        began = row[0] if row else None
        during = frozen(cast.adviser, cast.hilversum)
    after = frozen(cast.adviser, cast.hilversum)
    with acting_as(cast.adviser.pk) as acting:
        assert report_for(acting, during).as_of == began
        assert report_for(acting, after).as_of > began

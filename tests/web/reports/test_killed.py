"""A worker that is killed while it publishes leaves no half report, and publishes none twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.publishing import wanted
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

    redo(address(server, own_database), as_owner)
    assert as_owner(_REPORTS) == [(1, 1)]
    assert as_owner(_PAPERS) == [("pdf", "en"), ("pdf", "nl")]

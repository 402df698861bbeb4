"""Drafts of reports: of one moment, for who asked, and gone after a week."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Membership
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.drafts import draft_for, make_draft, publish_draft, throw_away_drafts
from telmee.apps.reports.models import Counted, Draft, Report
from telmee.apps.reports.publishing import publish
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import drafted
from tests.registering import hand_in, register


@pytest.fixture
def contract(cast: Cast) -> int:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract, kenmerk="K-1"))
    return contract


def text(cast: Cast, draft: int) -> str:
    with acting_as(cast.adviser.pk) as acting:
        return draft_for(acting, draft).document


def test_a_draft_says_what_is_published_from_it(cast: Cast, contract: int) -> None:
    del contract
    draft = drafted(cast.adviser, cast.hilversum)
    with acting_as(cast.adviser.pk) as acting:
        publish(publish_draft(acting, draft).pk, cast.adviser.pk)
        told = json.loads(Report.objects.get().document)
    seen = json.loads(text(cast, draft))
    assert told.pop("books")
    assert seen.pop("as_of") <= told.pop("as_of")
    assert seen == told


def test_it_stays_as_it_stood(cast: Cast, contract: int) -> None:
    draft = drafted(cast.adviser, cast.hilversum)
    before = text(cast, draft)
    accepted(cast, hand_in(cast, contract, kenmerk="K-2"))
    make_draft(draft, cast.adviser.pk)  # a worker that was killed after it was done begins again
    assert text(cast, draft) == before
    later = text(cast, drafted(cast.adviser, cast.hilversum))
    assert json.loads(later)["years"] != json.loads(before)["years"]


def test_nothing_is_published_by_it(cast: Cast, contract: int) -> None:
    del contract
    drafted(cast.adviser, cast.hilversum, ReportKind.COUNCIL)
    with acting_as(cast.adviser.pk):
        assert not Report.objects.exists()
        assert not Counted.objects.exists()


def test_it_is_of_who_asked_alone(cast: Cast, contract: int) -> None:
    """The database says so, whatever a page asks it."""
    del contract
    drafted(cast.adviser, cast.hilversum)
    for user in cast.users().values():
        with acting_as(user.pk):
            assert Draft.objects.exists() == (user == cast.adviser)


def test_who_sees_a_part_of_a_region_by_now_does_not_open_it(cast: Cast, contract: int) -> None:
    del contract
    draft = drafted(cast.team, cast.region, ReportKind.REGIONAL)
    with acting_as(cast.team.pk) as acting:
        assert draft_for(acting, draft).document
        part = replace(acting, partly=frozenset({cast.region.pk}))
        with pytest.raises(DomainError, match="report_of_a_part"):
            draft_for(part, draft)


def test_who_works_there_no_more_gets_none(
    own_database: str, cast: Cast, contract: int, as_owner: Any
) -> None:
    del contract, own_database
    draft = drafted(cast.adviser, cast.hilversum)
    as_owner("UPDATE reports_draft SET document = ''")
    with acting_as(cast.manager.pk):
        own = Membership.objects.filter(user=cast.adviser.pk, organisation=cast.hilversum)
        own.update(role=Role.READER)
    make_draft(draft, cast.adviser.pk)
    assert as_owner("SELECT document FROM reports_draft") == [("",)]


def test_drafts_are_thrown_away_after_a_week(
    own_database: str, cast: Cast, contract: int, as_owner: Any
) -> None:
    del contract, own_database
    old, young = drafted(cast.adviser, cast.hilversum), drafted(cast.adviser, cast.hilversum)
    older = "UPDATE reports_draft SET asked_at = now() - %s * interval '1 hour' WHERE id = %s"
    as_owner(older, 7 * 24 + 1, old)
    as_owner(older, 7 * 24 - 1, young)
    throw_away_drafts()
    with acting_as(cast.adviser.pk):
        assert [draft.pk for draft in Draft.objects.all()] == [young]

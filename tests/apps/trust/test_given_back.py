"""Trust that was given back is so by somebody: the check holds it against journal and reviews."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from telmee.apps.contributions.access import contribution_for
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.access import lapse_to_lift, sample_to_review
from telmee.apps.trust.lapses import lift_lapse
from telmee.apps.trust.models import Lapse
from telmee.apps.trust.samples import review_line
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.registering import register
from tests.trusting import distrusted


def given_back_by_review(cast: Cast, lapse_id: int) -> None:
    with acting_as(cast.adviser.pk):
        review = Lapse.objects.select_related("review").get(pk=lapse_id).review
    with acting_as(cast.auditor.pk) as acting:
        sample = sample_to_review(acting, review.sample_id)
        _access, row = contribution_for(acting, review.contribution_id)
        review_line(acting, sample, row, right_cents=None, reason="Toch goed.", key=uuid4())


def given_back_by_hand(cast: Cast, lapse_id: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        lapse = lapse_to_lift(acting, lapse_id)
        lift_lapse(acting, lapse, reason="Gesproken.", today=timezone.localdate())


@pytest.mark.parametrize("give_back", [given_back_by_review, given_back_by_hand])
def test_trust_that_nobody_gave_back_is_named_by_the_check(
    cast: Cast, server: Server, own_database: str, as_owner: Any, give_back: Any
) -> None:
    def broken() -> list[str]:
        with connected(server.owner_url, own_database):
            return [problem.code for problem in check_ledger()]

    lapse_id = distrusted(cast, register(cast))["lapse"]
    assert broken() == []
    owner = "SET session_replication_role = replica; UPDATE trust_lapse SET"
    as_owner(f"{owner} lifted_at = now(), lifted_why = 'x'")
    assert broken() == ["ledger_row_untold"]
    as_owner(f"{owner} lifted_at = NULL, lifted_why = ''")
    give_back(cast, lapse_id)
    assert broken() == []


def test_a_line_that_was_right_after_all_gives_nothing_back_once_the_trust_is_back_by_itself(
    cast: Cast, server: Server, own_database: str, as_owner: Any
) -> None:
    lapse_id = distrusted(cast, register(cast))["lapse"]
    as_owner(
        "SET session_replication_role = replica;UPDATE trust_lapse SET until = created_at::date - 2"
    )
    given_back_by_review(cast, lapse_id)
    with acting_as(cast.adviser.pk):
        assert Lapse.objects.get().lifted_at is None
    with connected(server.owner_url, own_database):
        assert check_ledger() == []

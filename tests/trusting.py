"""Samples and rules of trust for tests, by the actions that the pages use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from telmee.apps.contributions.access import contribution_for
from telmee.apps.organisations.access import client_for
from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.access import drawing_for, sample_to_review
from telmee.apps.trust.deciding import weigh_waiting
from telmee.apps.trust.models import Lapse, Rule, Weighing
from telmee.apps.trust.rules import set_rule
from telmee.apps.trust.samples import Wanted, draw_sample, items_of, review_line
from telmee.core.trust import Terms
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in


def tomorrow() -> date:
    """The day on which what was decided today can be drawn from."""
    return timezone.localdate() + timedelta(days=1)


def sampled(user: Any, client: Any, own: Any, line: int) -> dict[str, int]:
    """Draw a sample with every line that a client decided on today, and a line in it."""
    today = timezone.localdate()
    with acting_as(user.pk) as acting:
        drawing = drawing_for(acting, client.pk, own.pk)
        wanted = Wanted(first=today, last=today, seed="vooraf", size=500)
        sample = draw_sample(acting, drawing, wanted, key=uuid4(), today=tomorrow())
    assert line in {item.line_id for item in items_of(sample)}
    return {"sample": sample.pk, "sampled": line}


#: A rule that one right line earns, for every placement.
USUAL: dict[str, Any] = {
    "least_lines": 1,
    "least_right_bp": 100_00,
    "months": 12,
    "most_cents": 50_000_00,
    "blocks": frozenset(("pw_lt2",)),
    "with_assumed": True,
    "without_proof": True,
}


def ruled(cast: Cast, *, is_on: bool = True, away_days: int = 30, **terms: Any) -> Rule:
    """Let Hilversum trust its contractors by a rule, set by its manager."""
    with acting_as(cast.manager.pk) as acting:
        client = client_for(acting, cast.hilversum.pk, manages=True)
        asked = Terms(**{**USUAL, **terms})
        return set_rule(
            acting, client, asked, is_on=is_on, away_days=away_days, reason="Proef", key=uuid4()
        )


def placed(cast: Cast, contract: int, reference: str, **cells: Any) -> int:
    """Hand in a placement of somebody new."""
    return hand_in(cast, contract, **{"kenmerk": reference, "persoon": reference, **cells})


def weighed(line: int, cast: Cast) -> tuple[str, ...] | None:
    """What the rule said of a line: nothing yet, accepted (empty), or why it was left."""
    with acting_as(cast.adviser.pk):
        found = Weighing.objects.filter(contribution=line).order_by("-pk").first()
        return None if found is None else tuple(found.doubts)


def found_wrong(cast: Cast, sample: int, line: int) -> None:
    """Let the auditor say of a line in a sample that it should not have counted."""
    with acting_as(cast.auditor.pk) as acting:
        one = sample_to_review(acting, sample)
        _access, row = contribution_for(acting, line)
        reason = "De uren kloppen niet."
        review_line(acting, one, row, right_cents=0, reason=reason, key=uuid4())


def distrusted(cast: Cast, contract: int) -> dict[str, int]:
    """Take the trust in De Eem away, by a line that was accepted by itself and was wrong."""
    accepted(cast, placed(cast, contract, "Eerste"))
    ruled(cast, least_right_bp=1)
    line = placed(cast, contract, "Vanzelf")
    weigh_waiting()
    assert weighed(line, cast) == ()
    ids = sampled(cast.auditor, cast.hilversum, cast.audit_office, line)
    found_wrong(cast, ids["sample"], line)
    with acting_as(cast.adviser.pk):
        return {"lapse": Lapse.objects.get(contractor=cast.de_eem).pk}

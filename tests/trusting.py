"""Samples and rules of trust for tests, by the actions that the pages use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.access import drawing_for
from telmee.apps.trust.samples import Wanted, draw_sample, items_of


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

"""Read the outbox, for operators."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from telmee.apps.notices.access import Asker, outbox_for
from telmee.apps.notices.choices import UNSETTLED, State
from telmee.apps.notices.models import Notice


def unsettled_notices(asker: Asker) -> QuerySet[Notice]:
    """What waits for a person, the latest first: nobody knows whether it was sent, or given up."""
    return outbox_for(asker).filter(state__in=UNSETTLED).order_by("-changed_at", "-pk")


def count_of_each_state(asker: Asker) -> dict[State, int]:
    """How many notices there are in each state; a state without any is there too."""
    counted = outbox_for(asker).order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(State, 0) | {State(state): count for state, count in counted}

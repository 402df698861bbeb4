"""The only way to get a notice for somebody who asks: the outbox is for operators.

What does not exist and what is not his look alike: both raise `Http404`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from django.db.models import Q, QuerySet
from django.http import Http404

from telmee.apps.audit.actions import Doer
from telmee.apps.notices.choices import UNSETTLED, State
from telmee.apps.notices.models import Notice


class Asker(Doer, Protocol):
    """Somebody who asks, as `organisations.acting` knows him."""

    @property
    def is_operator(self) -> bool:
        """Whether he runs the platform."""


def outbox_for(asker: Asker) -> QuerySet[Notice]:
    """All notices, for an operator."""
    if not asker.is_operator:
        raise Http404
    return Notice.objects.all()


def unsettled_notice(asker: Asker, notice_id: int, states: Collection[State] = UNSETTLED) -> Notice:
    """A notice that waits for a person, held until the end of the transaction."""
    waiting = outbox_for(asker).filter(state__in=states).select_for_update()
    notice = waiting.filter(pk=notice_id).first()
    if notice is None:
        raise Http404
    return notice


def unsettled_with(
    asker: Asker, notice: Notice, states: Collection[State] = UNSETTLED
) -> QuerySet[Notice]:
    """A notice that waits for a person, and all that were in the same mail and wait as well."""
    same = Q(mail=notice.mail) if notice.mail else Q(pk=notice.pk)
    return outbox_for(asker).filter(same, state__in=states)

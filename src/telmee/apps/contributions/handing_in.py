"""Many drafts that are handed in together: asked by a request, done by the worker.

A few hundred take a second and are done in the request (`actions.submit_drafts`). Thousands would
hold up everybody else who asks a page, so the request keeps which drafts are meant and defers the
work in one transaction. The work is one transaction as well: killed at any moment it leaves
nothing, and is done again; done, it is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from procrastinate.contrib.django import app

from telmee.apps.contracts.access import ContractAccess, contract_for, hold
from telmee.apps.contributions.actions import submit_drafts
from telmee.apps.contributions.choices import HandingInStatus
from telmee.apps.contributions.kept_problems import ListedProblem, as_document
from telmee.apps.contributions.models import Contribution, HandingIn, Upload
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem

#: The name under which the worker knows it.
HAND_IN_TASK = "contributions:hand_in_drafts"
#: So many take about a second on a small machine; nobody else waits longer than that for his page.
AT_ONCE_MAX = 500
#: A page can show so many; how many there are is told beside it.
_LISTED_MAX = 500


def hand_in_later(
    access: ContractAccess,
    drafts: Iterable[Contribution],
    *,
    key: UUID,
    upload: Upload | None = None,
) -> HandingIn:
    """Let the worker hand in these drafts; the same `key` twice asks it once.

    Raises `not_allowed` or `contract_closed`.
    """
    with transaction.atomic():
        (access,) = hold(access)
        if access.delivering_for is None:
            raise DomainError(Problem("not_allowed"))
        access.require_open()
        handed_in = HandingIn.objects.filter(key=key, organisation=access.delivering_for)
        known = done_before(key, handed_in)
        if known is not None:
            return known
        lines = [draft.pk for draft in drafts]
        handing_in = HandingIn.objects.create(
            contract=access.contract,
            organisation_id=access.delivering_for,
            user_id=access.acting.user_id,
            upload=upload,
            key=key,
            lines=lines,
            count=len(lines),
        )
        app.configure_task(HAND_IN_TASK).defer(
            handing_in_id=handing_in.pk, user_id=access.acting.user_id
        )
    return handing_in


def do_handing_in(handing_in_id: int, user_id: int) -> None:
    """Hand in the drafts that were asked for, by the worker; done once, however often called."""

    def hand_in(access: ContractAccess, handing_in: HandingIn) -> None:
        chosen = Contribution.objects.filter(pk__in=handing_in.lines)
        references = dict(chosen.values_list("pk", "reference"))
        try:
            outcome = submit_drafts(access, chosen.only("pk"))
        except DomainError as error:
            _finish(handing_in, HandingInStatus.FAILED, {0: tuple(error.problems)}, {})
            return
        _finish(handing_in, HandingInStatus.DONE, outcome.refused, references, done=outcome.done)

    _with_waiting(handing_in_id, user_id, hand_in)


def give_up_handing_in(handing_in_id: int, user_id: int) -> None:
    """Say that it failed time and again, so that nobody keeps waiting; all stayed drafts."""
    failed = {0: (Problem("handing_in_failed"),)}
    _with_waiting(
        handing_in_id,
        user_id,
        lambda _access, handing_in: _finish(handing_in, HandingInStatus.FAILED, failed, {}),
    )


def _with_waiting(
    handing_in_id: int, user_id: int, work: Callable[[ContractAccess, HandingIn], None]
) -> None:
    """Take what is still to be done for oneself, in one transaction with doing it.

    Whoever asked for it and may no longer do so gets nothing.
    """
    with acting_as(user_id) as acting, suppress(Http404):
        rows = HandingIn.objects.select_for_update(of=("self",)).filter(pk=handing_in_id)
        handing_in = rows.filter(organisation__in=acting.working).first()
        if handing_in is not None and handing_in.status == HandingInStatus.WAITING:
            work(contract_for(acting, handing_in.contract_id), handing_in)


def _finish(
    handing_in: HandingIn,
    status: HandingInStatus,
    refused: Mapping[int, tuple[Problem, ...]],
    references: Mapping[int, str],
    *,
    done: int = 0,
) -> None:
    """Keep what came of it: how many were handed in, and why the others were not."""
    listed = [
        {
            "line": pk,
            "reference": references.get(pk, ""),
            "problem": as_document(ListedProblem(problem)),
        }
        for pk, problems in refused.items()
        for problem in problems
    ]
    handing_in.status, handing_in.done, handing_in.finished_at = status, done, timezone.now()
    handing_in.refused = listed[:_LISTED_MAX]
    handing_in.save(update_fields=["status", "done", "finished_at", "refused"])

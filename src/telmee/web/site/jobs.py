"""The work of the worker, for an operator: what was given up and why, and what begins by itself."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contributions.handing_in import HAND_IN_TASK
from telmee.apps.contributions.jobs import READ_TASK, SEARCH_TASK
from telmee.apps.jobs.actions import try_again
from telmee.apps.jobs.queries import GivenUp, Seen, given_up, periodic_jobs
from telmee.apps.letters.actions import MAKE_TASK
from telmee.apps.notices.actions import SEND_TASK
from telmee.apps.reports.drafts import DRAFT_TASK
from telmee.apps.reports.freezing import PAPERS_TASK
from telmee.apps.reports.publishing import PUBLISH_TASK
from telmee.web.middleware import TelmeeRequest

_SHOWN_MAX = 100
#: What the worker does, in words; a task without words is shown by its name.
TASKS: Mapping[str, Promise] = {
    READ_TASK: _("Reading a file of lines"),
    HAND_IN_TASK: _("Handing in drafts"),
    MAKE_TASK: _("Making a letter"),
    DRAFT_TASK: _("Making a draft of a report"),
    PUBLISH_TASK: _("Publishing a report"),
    PAPERS_TASK: _("Making the files of a report"),
    SEARCH_TASK: _("Looking for a BSN in a photo or a scan"),
    "jobs:redo_abandoned": _("Giving back work of a worker that stopped"),
    "contributions:discard_left_uploads": _("Throwing away files that nobody read"),
    "contributions:sweep_evidence": _("Clearing away files of evidence that were removed"),
    "jobs:forget_done": _("Clearing away work that was done"),
    SEND_TASK: _("Sending notices"),
    "notices:read_bounces": _("Reading which mail came back"),
    "organisations:mail_heads": _("Mailing the seals to clients"),
    "reports:throw_away_drafts": _("Throwing away drafts of reports"),
    "reports:tell_of_terms": _("Telling of terms that end soon or have passed"),
    "trust:weigh": _("Weighing lines by the rules of trust"),
    "trust:tell": _("Telling of trust that was taken away"),
    "enforcement:leave": _("Letting contracts that caught up leave the ladder"),
    "audit:seal": _("Sealing the journal and the books"),
    "audit:seal_all": _("Sealing what was written late"),
}
#: When each begins, by its line of cron.
WHEN: Mapping[str, Promise] = {
    "* * * * * */20": _("three times a minute"),
    "* * * * *": _("every minute"),
    "*/10 * * * *": _("every ten minutes"),
    "5 0 * * *": _("each night"),
    "17 3 * * *": _("each night"),
    "27 3 * * *": _("each night"),
    "37 3 * * *": _("each night"),
    "30 5 * * *": _("each morning"),
    "40 5 * * *": _("each morning"),
    "10 6 * * *": _("each morning"),
}
#: Why it was given up: see `telmee.apps.jobs.queries`.
_REASONS: Mapping[str, Promise] = {
    "failed": _("The program failed on it. Look in the log of the worker for the number."),
    "aborted": _("The worker stopped while it was at it: killed, or out of memory."),
}


@login_required
@require_safe
def jobs(request: TelmeeRequest) -> HttpResponse:
    """List the work that was given up, and how the work that begins by itself fares."""
    count, aside = given_up(request.acting, _SHOWN_MAX)
    context = {
        "count": count,
        "shown_max": _SHOWN_MAX,
        "jobs": [_row(one) for one in aside],
        "periodic": [_periodic_row(seen) for seen in periodic_jobs(request.acting)],
    }
    return render(request, "site/jobs.html", context)


def _row(one: GivenUp) -> dict[str, object]:
    task, status = one.job.task_name, one.job.status
    return {"given_up": one, "task": TASKS.get(task, task), "reason": _REASONS[status]}


def _periodic_row(seen: Seen) -> dict[str, object]:
    return {"task": TASKS[seen.job.name], "when": WHEN[seen.job.when], "seen": seen}


@login_required
@require_POST
def again(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Let the worker try one anew."""
    try_again(request.acting, pk)
    messages.success(request, gettext("The worker tries it again."))
    return redirect("jobs")

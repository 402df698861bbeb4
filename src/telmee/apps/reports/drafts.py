"""Drafts of reports: asked for in a request, made by the worker, thrown away after a week.

Before somebody publishes he looks at what the report would say. That takes seconds, as publishing
does, and is done by the same function. What he saw stays as it stood then: who looks again asks
for a draft of now. Only who asked for it sees it: what it says is not published, and others may
see other contracts than he does.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404
from procrastinate.contrib.django import app

from telmee.apps.contributions.jobs import jobs_set_aside
from telmee.apps.organisations.acting import Acting, acting_as, acting_as_system
from telmee.apps.organisations.turns import wait_for_turn
from telmee.apps.reports.choices import Making, ReportKind
from telmee.apps.reports.freezing import contracts_to_report, drawn_up, require_making
from telmee.apps.reports.models import Draft, Publishing
from telmee.apps.reports.publishing import ask_for_report
from telmee.core.errors import DomainError, Problem
from telmee.integrations.apart import plain_problem, problem_of
from telmee.integrations.signatures import text_of

#: The name under which the worker knows it.
DRAFT_TASK = "reports:draft"


@transaction.atomic
def ask_for_draft(acting: Acting, organisation_id: int, kind: ReportKind, year: int) -> Draft:
    """Let the worker make a draft of a report; asked again while it is made, it is the same one.

    Raises as `contracts_to_report` does.
    """
    contracts_to_report(acting, organisation_id, kind, year)
    wait_for_turn(f"draft {acting.user_id} {organisation_id} {kind} {year}")
    about = {"organisation_id": organisation_id, "kind": kind, "year": year}
    unmade = drafts_of(acting).filter(**about, document="")
    known = next((draft for draft in unmade if draft_state(draft) == Making.WAITING), None)
    if known is not None:
        return known
    draft = Draft.objects.create(**about, user_id=acting.user_id)
    app.configure_task(DRAFT_TASK).defer(draft_id=draft.pk, user_id=acting.user_id)
    return draft


def make_draft(draft_id: int, user_id: int) -> None:
    """Make a draft that was asked for, by the worker, in the name of who asked it.

    Once, however often it is called. Who may no longer have it, or whose draft was thrown away by
    now, gets nothing. Nothing is written before the end, so that no report waits for its moment.
    """
    with acting_as(user_id) as acting:
        draft = drafts_of(acting).filter(pk=draft_id, document="").first()
        if draft is None:
            return
        try:
            drawn = drawn_up(acting, draft.organisation_id, ReportKind(draft.kind), draft.year)
            draft.document = text_of(drawn.document)
        except DomainError as error:
            draft.problems = [plain_problem(problem) for problem in error.problems]
        draft.save(update_fields=["document", "problems"])


def drafts_of(acting: Acting) -> QuerySet[Draft]:
    """The drafts that somebody asked for, the latest first, of organisations he still works for."""
    own = Draft.objects.filter(user_id=acting.user_id, organisation__in=acting.working)
    return own.select_related("organisation").order_by("-pk")


def draft_for(acting: Acting, draft_id: int) -> Draft:
    """A draft that somebody asked for. Raises `Http404`, or as `require_making` does."""
    draft = drafts_of(acting).filter(pk=draft_id).first()
    if draft is None:
        raise Http404
    require_making(acting, draft.organisation_id, ReportKind(draft.kind))
    return draft


def draft_state(draft: Draft) -> Making:
    """How far a draft is."""
    if draft.document:
        return Making.DONE
    given_up = jobs_set_aside().filter(task_name=DRAFT_TASK, args__draft_id=draft.pk)
    return Making.FAILED if draft.problems or given_up.exists() else Making.WAITING


def draft_problems(draft: Draft) -> list[Problem]:
    """Why a draft cannot be made, as far as that could be foreseen."""
    return [problem_of(kept) for kept in draft.problems]


def publish_draft(acting: Acting, draft_id: int) -> Publishing:
    """Let the worker publish the report of a draft, as it stands by then; twice asks it once.

    Raises `Http404`, or as `contracts_to_report` does.
    """
    draft = draft_for(acting, draft_id)
    kind = ReportKind(draft.kind)
    return ask_for_report(acting, draft.organisation_id, kind, draft.year, key=draft.key)


def throw_away_drafts() -> None:
    """Remove the drafts of more than a week ago, of everybody."""
    with acting_as_system(), connection.cursor() as cursor:
        cursor.execute("SELECT telmee_throw_away_drafts()")

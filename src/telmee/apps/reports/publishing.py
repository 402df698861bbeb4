"""Publishing a report: asked in a request, done by the worker.

The request keeps what is asked in one transaction with the job. The job is one transaction as well:
killed at any moment it leaves nothing and is done again, and done, it is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from procrastinate.contrib.django import app

from telmee.apps.audit.actions import record
from telmee.apps.contributions.jobs import jobs_set_aside
from telmee.apps.letters.choices import Media
from telmee.apps.letters.queries import template_of
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.turns import done_before
from telmee.apps.reports.choices import Making, ReportKind
from telmee.apps.reports.freezing import contracts_to_report, freeze, report_for
from telmee.apps.reports.models import Paper, Publishing, Report
from telmee.core.errors import DomainError
from telmee.integrations.word_templates import fill_template

#: The name under which the worker knows it.
PUBLISH_TASK = "reports:publish"
#: A paper by its kind of file and its language.
Papers = Mapping[tuple[Media, str], bytes]


@transaction.atomic
def ask_for_report(
    acting: Acting, organisation_id: int, kind: ReportKind, year: int, *, key: UUID
) -> Publishing:
    """Let the worker publish a report; the same `key` twice asks it once.

    Raises as `contracts_to_report` does.
    """
    known = done_before(key, Publishing.objects.filter(key=key, organisation=organisation_id))
    if known is not None:
        return known
    contracts_to_report(acting, organisation_id, kind, year)
    publishing = Publishing.objects.create(
        organisation_id=organisation_id, kind=kind, year=year, key=key, user_id=acting.user_id
    )
    app.configure_task(PUBLISH_TASK).defer(publishing_id=publishing.pk, user_id=acting.user_id)
    return publishing


def publish(publishing_id: int, user_id: int) -> None:
    """Publish what was asked for, by the worker, in the name of who asked it."""
    with acting_as(user_id) as acting:
        wanted = Publishing.objects.get(pk=publishing_id)
        freeze(acting, wanted.organisation_id, ReportKind(wanted.kind), wanted.year, key=wanted.key)


def publishing_for(acting: Acting, publishing_id: int) -> Publishing:
    """What somebody's organisation asked to publish. Raises `Http404`."""
    wanted = Publishing.objects.filter(pk=publishing_id, organisation__in=acting.organisations)
    publishing = wanted.select_related("organisation").first()
    if publishing is None:
        raise Http404
    return publishing


def state_of(publishing: Publishing) -> tuple[Making, int | None]:
    """How far the publishing of a report is, and the id of the report once it is there."""
    report = Report.objects.filter(
        key=publishing.key, organisation=publishing.organisation_id
    ).values_list("pk", flat=True)
    if done := report.first():
        return Making.DONE, done
    given_up = jobs_set_aside().filter(task_name=PUBLISH_TASK, args__publishing_id=publishing.pk)
    return Making.FAILED if given_up.exists() else Making.WAITING, None


def papers_of(report: Report) -> list[Paper]:
    """The papers of a report without their bytes."""
    return list(report.papers.defer("content").order_by("media", "language"))


def paper_content(report: Report, media: Media, language: str) -> bytes:
    """The bytes of a paper of a report. Raises `Http404` where there is none (yet)."""
    paper = report.papers.filter(media=media, language=language).first()
    if paper is None:
        raise Http404
    return bytes(paper.content)


def keep_papers(acting: Acting, report_id: int, make: Callable[[Report], Papers]) -> None:
    """Keep the papers of a report, made once, for who works for its organisation.

    Raises `Http404`.
    """
    report = report_for(acting, report_id)
    if report.organisation_id not in acting.working:
        return
    if done_before(f"papers of report {report.pk}", report.papers.all()):
        return
    for (media, language), content in make(report).items():
        Paper.objects.create(report=report, media=media, language=language, content=content)


def in_template(acting: Acting, report: Report, fields: Mapping[str, Any]) -> bytes | None:
    """A report in its client's own template, if there is one that works.

    A template was tried when it was added, so that it fails is rare: the journal says so, and the
    other papers are there.
    """
    template = template_of(report.organisation_id, report.kind)
    if template is None or template.content is None:
        return None
    try:
        return fill_template(bytes(template.content), fields)
    except DomainError as error:
        record(
            acting,
            "report.template_failed",
            report,
            organisation_id=report.organisation_id,
            details={"report": report.number, "problem": error.problems[0].code},
        )
        return None

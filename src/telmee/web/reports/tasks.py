"""Background work of reports that needs the words of pages: making their papers."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils import translation
from procrastinate import Blueprint, RetryStrategy

from telmee.apps.contributions.jobs import TRIES_MAX
from telmee.apps.letters.choices import LANGUAGES, Media
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.reports.publishing import Papers, in_template, keep_papers
from telmee.web.reports.fields import fields_of
from telmee.web.reports.files import LANGUAGE_OF_TEMPLATES, paper_file, sealed_file

if TYPE_CHECKING:
    from telmee.apps.reports.models import Report

tasks = Blueprint()
_WAIT_SECONDS = 3


@tasks.task(name="make_papers", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS))
def make_papers(*, report_id: int, user_id: int) -> None:
    """Make the papers of a report in every language, all or none; once, however often called."""
    with acting_as(user_id) as acting, suppress(Http404):
        keep_papers(acting, report_id, partial(_papers, acting))


def _papers(acting: Acting, report: Report) -> Papers:
    document = json.loads(report.document)
    papers: dict[tuple[Media, str], bytes] = {}
    for language, _name in LANGUAGES:
        with translation.override(language):
            papers[Media.PDF, language] = paper_file(report, document)
    with translation.override(LANGUAGE_OF_TEMPLATES):
        word = in_template(acting, report, fields_of(report, document))
    if word is not None:
        papers[Media.DOCX, LANGUAGE_OF_TEMPLATES] = sealed_file(report, word)
    return papers

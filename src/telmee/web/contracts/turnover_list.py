"""Turnover over all contracts: what waits for an answer, and a sheet with many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.agreements.choices import State
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.queries import PartyNames, party_names
from telmee.apps.contracts.turnover import confirm_turnover
from telmee.apps.contracts.turnover_sheet import (
    SheetPlan,
    SheetProposal,
    open_lines,
    plan_sheet,
    propose_sheet,
)
from telmee.apps.contracts.turnover_work import (
    TurnoverTask,
    owed_with,
    turnover_contracts,
    turnover_tasks,
)
from telmee.core.errors import DomainError, Problem
from telmee.core.tables.turnover_columns import TURNOVER_SHEET
from telmee.integrations.files.private import discard, store
from telmee.integrations.spreadsheets.apart import SheetFile, TurnoverLine, read_turnover_file
from telmee.web import exports
from telmee.web.addresses import numbers_in
from telmee.web.bodies import takes_file
from telmee.web.contracts.turnover_words import period_in_words
from telmee.web.form_pages import UNPROCESSABLE, tell, tell_problems
from telmee.web.forms import add_problems
from telmee.web.language import in_row
from telmee.web.middleware import TelmeeRequest

#: Proposals that a page shows at once; the others come when these were answered.
_SHOWN_MAX = 100
#: Lines of one sheet, and problems of it that a page shows.
_LINES_MAX, _PROBLEMS_MAX = 2_000, 500
_CHUNK = 1 << 16
#: Under which name a proposal is ticked, by the state in which it was on the screen.
_SEEN = {State.PROPOSED: "version", State.DISPUTED: "disputed"}
_SALT = "telmee.turnover.sheet"


class SheetForm(forms.Form):
    """A sheet with turnover."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An .xlsx, .ods or .csv file in the form of the template."),
        error_messages={"empty": gettext_lazy("There is nothing in this file.")},
    )


@login_required
@require_safe
def turnovers(request: TelmeeRequest) -> HttpResponse:
    """Show the proposals that wait, with what agreeing on each does, and the silent periods."""
    today = timezone.localdate()
    tasks = turnover_tasks(request.acting, today=today)
    waiting = [task for task in tasks if task.waiting is not None]
    silent = [task for task in tasks if task.waiting is None]
    shown = waiting[:_SHOWN_MAX]
    names = party_names({task.contract.pk for task in (*shown, *silent[:_SHOWN_MAX])})
    rows = [(task.mine, _row(task, owed, names)) for task, owed in _with_owed(shown)]
    context = {
        "mine": [row for is_mine, row in rows if is_mine],
        "theirs": [row for is_mine, row in rows if not is_mine],
        "more": len(waiting) - len(shown),
        "silent": [_silent(task, names) for task in silent[:_SHOWN_MAX]],
        "silent_count": len(silent),
        "silent_more": max(0, len(silent) - _SHOWN_MAX),
        "breadcrumbs": [{"label": _("Turnover"), "url": ""}],
    }
    return render(request, "contracts/turnovers.html", context)


@login_required
@require_POST
def agree(request: TelmeeRequest) -> HttpResponse:
    """Agree with the proposals that were ticked, each by itself."""
    chosen = {pk: state for state in _SEEN for pk in numbers_in(request.POST.getlist(_SEEN[state]))}
    tasks = turnover_tasks(request.acting, today=timezone.localdate())
    mine = {task.waiting.version.pk: task for task in tasks if task.mine and task.waiting}
    agreed = 0
    # Everybody takes contracts in one order, so that no two can wait for each other.
    for pk in sorted(mine.keys() & chosen.keys(), key=lambda pk: (mine[pk].contract.pk, pk)):
        task = mine[pk]
        try:
            with transaction.atomic():
                access = contract_for(request.acting, task.contract.pk)
                confirm_turnover(access, pk, seen=chosen[pk])
        except DomainError as error:
            tell_problems(request, error.problems, about=task.contract.reference)
        else:
            agreed += 1
    if chosen.keys() - mine.keys():
        tell_problems(request, [Problem("agreement_changed")])
    if agreed:
        done = ngettext(
            "You agreed with %(count)s proposal.", "You agreed with %(count)s proposals.", agreed
        )
        messages.success(request, done % {"count": agreed})
    elif not chosen:
        messages.info(request, _("You chose nothing."))
    return redirect("turnovers")


@takes_file
@login_required
def sheet(request: TelmeeRequest) -> HttpResponse:
    """Hand over a sheet with turnover, see what it would do, and propose it all at once."""
    if not turnover_contracts(request.acting):
        raise Http404
    if "proposals" in request.POST:
        return _propose(request)
    form = SheetForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {
        "form": form,
        "breadcrumbs": [
            {"label": _("Turnover"), "url": reverse("turnovers")},
            {"label": _("From a sheet"), "url": ""},
        ],
    }
    if form.is_bound and form.is_valid():
        try:
            file = _read(form.cleaned_data["file"])
        except DomainError as error:
            add_problems(form, error)
        else:
            return _preview(request, context, file)
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "contracts/turnover_sheet.html", context, status=status)


@login_required
@require_safe
def template(request: TelmeeRequest) -> HttpResponse:
    """Download the sheet to fill in, with a line for each period on which nothing was agreed."""
    kinds = ("text", "text", "money", "text")
    columns = [(name, kind) for name, kind in zip(TURNOVER_SHEET, kinds, strict=True)]
    lines = open_lines(request.acting, today=timezone.localdate())
    rows = [(reference, str(period), None, "") for reference, period in lines]
    return exports.answer("xlsx", _("Turnover"), columns, rows)


def _read(file: IO[bytes]) -> SheetFile[TurnoverLine]:
    """Read a sheet apart; it is thrown away at once."""
    folder = Path(settings.UPLOAD_FOLDER)
    stored = store(folder, iter(lambda: file.read(_CHUNK), b""))
    try:
        return read_turnover_file(folder / stored.name, lines_max=_LINES_MAX)
    finally:
        discard(folder, stored.name)


def _preview(
    request: TelmeeRequest, context: dict[str, object], file: SheetFile[TurnoverLine]
) -> HttpResponse:
    """What a sheet would do. With anything wrong in it, nothing can be proposed yet."""
    plan = plan_sheet(request.acting, file.lines, today=timezone.localdate())
    problems = sorted((*file.problems, *plan.problems), key=lambda one: one.row or 0)
    context |= {
        "plan": plan,
        "total_cents": sum(one.cents for one in plan.proposals),
        "problems": [in_row(one) for one in problems[:_PROBLEMS_MAX]],
        "problem_count": len(problems),
        "notices": file.notices,
        "proposals": "" if problems else _signed(request, plan),
    }
    return render(request, "contracts/turnover_sheet.html", context)


def _propose(request: TelmeeRequest) -> HttpResponse:
    """Propose what was looked at, all or nothing."""
    try:
        kept = signing.loads(request.POST["proposals"], salt=_salt(request))
    except signing.BadSignature:
        messages.error(request, _("Hand over the sheet again: what it would do was not kept."))
        return redirect("turnover-sheet")
    proposals = [
        SheetProposal(**one | {"period": date.fromisoformat(one["period"])}) for one in kept
    ]
    try:
        new = propose_sheet(request.acting, proposals, today=timezone.localdate())
    except DomainError as error:
        tell(request, error)
        return redirect("turnover-sheet")
    if new:
        done = ngettext(
            "%(count)s proposal was sent to the other side.",
            "%(count)s proposals were sent to the other side.",
            new,
        )
        messages.success(request, done % {"count": new})
    else:
        messages.info(request, _("You proposed this before. Nothing was proposed again."))
    return redirect("turnovers")


def _signed(request: TelmeeRequest, plan: SheetPlan) -> str:
    """What was looked at, for the form that proposes it: nobody else can send it, nor change it."""
    rows = [asdict(one) | {"period": one.period.isoformat()} for one in plan.proposals]
    return signing.dumps(rows, salt=_salt(request), compress=True)


def _salt(request: TelmeeRequest) -> str:
    return f"{_SALT} {request.acting.user_id}"


def _with_owed(tasks: Sequence[TurnoverTask]) -> list[tuple[TurnoverTask, int | None]]:
    owed = owed_with(tasks)
    return [(task, owed.get(task.waiting.version.pk) if task.waiting else None) for task in tasks]


def _row(
    task: TurnoverTask, owed: int | None, names: Mapping[int, PartyNames]
) -> dict[str, object]:
    waiting = task.waiting
    assert waiting is not None  # noqa: S101 - those without one are told apart
    return _about(task, names) | {
        "version": waiting.version.pk,
        "ticked_as": _SEEN[waiting.state],
        "cents": waiting.cents,
        "note": waiting.note,
        "agreed": task.one.agreed.cents if task.one.agreed else None,
        "owed_before": task.contract.obligation_cents,
        "owed": owed,
        "is_disputed": waiting.state is State.DISPUTED,
        "until": waiting.dispute.until if waiting.dispute else None,
    }


def _silent(task: TurnoverTask, names: Mapping[int, PartyNames]) -> dict[str, object]:
    url = reverse("turnover-propose", args=[task.contract.pk, str(task.one.period)])
    return _about(task, names) | {"propose_url": url}


def _about(task: TurnoverTask, names: Mapping[int, PartyNames]) -> dict[str, object]:
    return {
        "reference": task.contract.reference,
        "name": task.contract.name,
        "url": reverse("contract-turnover", args=[task.contract.pk]),
        "client": names[task.contract.pk].client,
        "contractor": names[task.contract.pk].contractor,
        "period": period_in_words(task.one.period),
    }

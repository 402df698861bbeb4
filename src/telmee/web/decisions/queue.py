"""The work list of who decides: what waits, accepting from the list, and taking that back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import contracts_to_decide, decides_on_any
from telmee.apps.contributions.counterparties import count_denials
from telmee.apps.contributions.queries import lines_in_queue
from telmee.apps.contributions.queries import queue as waiting
from telmee.apps.contributions.touched import count_reviews
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.several import Answer, accept_lines, take_back_lines
from telmee.apps.reports.dossier import missing_proof
from telmee.web.addresses import number_in
from telmee.web.decisions.line_facts import missing_in_words
from telmee.web.decisions.queue_list import next_to, read_queue, row_in_queue, with_query
from telmee.web.form_pages import key_in, tell_problems
from telmee.web.middleware import TelmeeRequest
from telmee.web.site.kept_filters import kept_on
from telmee.web.templatetags.telmee import day, euros

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution
    from telmee.apps.decisions.models import Decision

_UNDO, _UNPROVEN = "undo", "unproven"
_AT_ONCE_MAX = 100


@login_required
@require_safe
def queue(request: TelmeeRequest) -> HttpResponse:
    """Show what waits for a decision, the oldest first."""
    if "export" in request.GET and (answer := read_queue(request).file()):
        return answer
    may_decide = decides_on_any(request.acting)
    context = {
        "key": uuid4(),
        "may_decide": may_decide,
        "again_key": uuid4(),
        "accept_url": with_query(request, "queue-accept"),
        "keys": [
            {"key": "a", "label": _("accept the line at the value that is shown")},
        ],
        "breadcrumbs": [{"label": _("Work list")}],
        "unproven": request.session.pop(_UNPROVEN, None),
        "touched": count_reviews(request.acting),
        "denied": count_denials(request.acting),
    }
    listing = read_queue(request, with_buttons=may_decide)
    context |= {"listing": listing, "kept": kept_on(request.acting, "queue", listing)}
    return render(request, "decisions/queue.html", context | undo_of(request))


@login_required
@require_POST
def accept(request: TelmeeRequest) -> HttpResponse:
    """Accept the line whose button was pressed, or all that were chosen.

    Where proof is missing it asks once more, and accepts the others meanwhile.
    """
    one = request.POST.getlist("one")
    lines = _seen(one or request.POST.getlist("line"), on=_day(request.POST.get("on", "")))
    priced = ((pk, entry) for pk, entry in lines if entry.cents is not None)
    seen = dict(islice(priced, _AT_ONCE_MAX))
    key = key_in(request)
    if not seen or key is None:
        messages.warning(request, _("Choose at least one line."))
        return redirect(with_query(request, "queue"))
    unproven = [] if "without_proof" in request.POST else _ask_again(request, seen)
    sure = {pk: entry for pk, entry in seen.items() if pk not in unproven}
    # A question stands at the top of the page; else one goes on at the row that is next.
    going_on = None if unproven else next_to(request, {*sure})
    answers = accept_lines(request.acting, sure, key=key)
    tell_accepted(request, answers)
    _tell_problems(request, answers)
    return redirect(row_in_queue(request, going_on))


def _ask_again(request: TelmeeRequest, chosen: Mapping[int, Seen]) -> list[int]:
    """Ask on the next page about the lines whose proof is missing; those are not accepted yet."""
    waits = waiting(request.acting, timezone.localdate()).filter(pk__in=chosen)
    lines = lines_in_queue(request.acting, waits)
    missing = missing_proof(lines)
    unproven = [line for line in lines if line.pk in missing]
    if unproven:
        request.session[_UNPROVEN] = [
            {
                "line": line.pk,
                "seen": f"{line.pk}:{chosen[line.pk].version}:{chosen[line.pk].cents}",
                "reference": name,
                "missing": missing_in_words(missing[line.pk]),
            }
            for line, name in zip(unproven, _names_of(request, unproven), strict=True)
        ]
    return [line.pk for line in unproven]


@login_required
@require_POST
def undo(request: TelmeeRequest) -> HttpResponse:
    """Let lines wait again that were accepted by mistake."""
    seen = dict(islice(_seen(request.POST.getlist("line")), _AT_ONCE_MAX))
    key = key_in(request)
    if seen and key is not None:
        text = _("Taken back right after accepting.")
        answers = take_back_lines(request.acting, seen, key=key, text=text)
        done = [answer.line for answer in answers if answer.line and answer.decision]
        if done:
            sentence = _("Taken back: %(lines)s. What was booked is taken off the books again.")
            messages.success(request, sentence % {"lines": ", ".join(_names_of(request, done))})
        _tell_problems(request, answers)
    return redirect(with_query(request, "queue"))


def _names_of(request: TelmeeRequest, lines: Sequence[Contribution]) -> list[str]:
    """How lines are named together; of several contracts each with its own, as two can be alike."""
    ids = {line.contract_id for line in lines}
    if len(ids) <= 1:
        return [line.reference for line in lines]
    contracts = contracts_to_decide(request.acting).filter(pk__in=ids)
    references = dict(contracts.values_list("pk", "reference"))
    return [f"{line.reference} ({references.get(line.contract_id, '')})" for line in lines]


def tell_accepted(request: TelmeeRequest, answers: list[Answer]) -> None:
    """Say on the next page which lines were accepted, with a way back."""
    decided = [(a.line, a.decision) for a in answers if a.line and a.decision]
    done = [(line, decision) for line, decision in decided if not decision.before_cents]
    names = _names_of(request, [line for line, _decision in decided])
    for (_line, decision), name in zip(decided, names, strict=True):
        if decision.before_cents:
            tell_part(request, name, decision)
    if done:
        request.session[_UNDO] = {
            "lines": [f"{line.pk}:{line.version}:" for line, _decision in done],
            "references": _names_of(request, [line for line, _decision in done]),
            "cents": sum(decision.amount_cents for _line, decision in done),
            "rest": sum(line.rest_cents or 0 for line, _decision in done),
        }


def tell_part(request: HttpRequest, reference: str, decision: Decision) -> None:
    """Say on the next page what a decision on a part of a line counted, or one on its rest."""
    text = _("%(line)s is decided as a whole: %(amount)s more is verified.")
    if decision.until is not None:
        text = _(
            "%(line)s is decided up to and including %(day)s: %(amount)s is verified. The rest"
            " comes back when the effort is over."
        )
    facts = {"line": reference, "amount": euros(decision.amount_cents), "day": day(decision.until)}
    messages.success(request, text % facts)


def undo_of(request: HttpRequest) -> dict[str, object]:
    """What was just accepted, once, so that it can be taken back."""
    kept = request.session.pop(_UNDO, None)
    if not kept:
        return {}
    names = kept["references"]
    title = ngettext("%(lines)s is accepted.", "%(lines)s are accepted.", len(names))
    return {
        "undo": {
            "title": title % {"lines": ", ".join(names)},
            "cents": kept["cents"],
            "rest": kept["rest"],
            "lines": kept["lines"],
            "key": uuid4(),
            "url": with_query(request, "queue-undo"),
        }
    }


def _tell_problems(request: TelmeeRequest, answers: list[Answer]) -> None:
    lines = [answer.line for answer in answers if answer.line]
    names = dict(zip((line.pk for line in lines), _names_of(request, lines), strict=True))
    for answer in answers:
        about = names[answer.line.pk] if answer.line else ""
        tell_problems(request, answer.problems, about)


def _day(text: str) -> date | None:
    """Read the day on which a page was made, as the page wrote it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _seen(entries: list[str], *, on: date | None = None) -> Iterator[tuple[int, Seen]]:
    """Read lines as a page wrote them, each with its id; what is no line is no line."""
    for entry in entries:
        numbers = [number_in(text) for text in entry.split(":")]
        if len(numbers) == 3 and numbers[0] is not None and numbers[1] is not None:
            yield numbers[0], Seen(numbers[1], numbers[2], on)

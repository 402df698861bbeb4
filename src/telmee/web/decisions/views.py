"""The page on which somebody decides on one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.access import line_to_decide
from telmee.apps.contributions.cells import cells_of, cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.queries import evidence_of, sightings_of
from telmee.apps.contributions.transitions import Step, steps_for
from telmee.apps.contributions.valuing import split_of_value, value_line
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.judgement import Judgement
from telmee.apps.decisions.objections import is_late, may_extend
from telmee.apps.decisions.queries import decisions_on, objection_to
from telmee.apps.decisions.questions import USUAL_DAYS, ask, questions_on
from telmee.apps.decisions.reviewers import is_his_own
from telmee.apps.decisions.several import Answer
from telmee.apps.ledger.queries import figures
from telmee.apps.receipts.queries import split_of
from telmee.apps.relations.messages import messages_on
from telmee.apps.reports import dossier
from telmee.apps.reports.to_come import NOTHING_TO_COME, to_come
from telmee.apps.settlements.settled_partners import decide_with_partners
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import instalment_cents
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import PERSON, REFERENCE
from telmee.core.valuation.asks import asks_of
from telmee.core.valuation.decided import ValuedAfter
from telmee.web.contributions.counterparty import counterparty_part
from telmee.web.contributions.double_words import line_in_words
from telmee.web.contributions.line_parts import plan_fit_parts, proof_name, proof_note
from telmee.web.contributions.line_words import decision_terms
from telmee.web.decisions import line_facts
from telmee.web.decisions.forms import (
    AMOUNT,
    FIELDS,
    Once,
    QuestionForm,
    ReasonForm,
    RulingForm,
    adjust_form,
    with_correction,
)
from telmee.web.decisions.queue import tell_accepted, tell_part, undo_of
from telmee.web.decisions.queue_list import Place, place_of, row_in_queue, with_query
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import add_problems, succeeds
from telmee.web.language import active
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.promised import with_agreed
from telmee.web.schemes.block_words import block_names
from telmee.web.templatetags.telmee import day, euros
from telmee.web.to_come import with_to_come
from telmee.web.trust.trust_words import weighed_in_words
from telmee.web.value_forms import LineForm, ShownValue, kept_value, shown_value, typed_so_far

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution
    from telmee.apps.decisions.models import Decision

_STEPS = (Outcome.ADJUSTED, Outcome.REJECTED)
#: Asking is no decision, but stands beside the three.
_ASKED = "asked"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its contract and its value at this moment."""

    access: ContractAccess
    row: Contribution
    valued: ValuedAfter

    @property
    def is_contested(self) -> bool:
        """Whether somebody objected, so that a decision says what comes of that."""
        return self.row.state == State.OBJECTION

    @property
    def scheme(self) -> Scheme:
        """The rules of its contract."""
        return self.valued.valuation.scheme


def _find(request: TelmeeRequest, pk: int) -> _Line:
    """Get a line for somebody who may decide on it, and value it."""
    access, row = line_to_decide(request.acting, pk)
    cells = cells_to_value(row)
    valued = value_line(access.contract, row.organisation_id, cells, line_id=row.pk)
    return _Line(access, row, valued)


@login_required
def decide(request: HtmxRequest, pk: int) -> HttpResponse:
    """Show a line with all that a decision needs, and take the decision."""
    line = _find(request, pk)
    if request.method != "POST":
        return _page(request, line, _open_form(request, line))
    if {"fields", "calculate"} & request.POST.keys():  # no script: another block, or its value
        return _page(request, line, _adjusting(line, initial=typed_so_far(request.POST)))
    if request.POST.get("outcome") == _ASKED:
        return _send_question(request, line)
    return _decided(request, line)


def _open_form(request: TelmeeRequest, line: _Line) -> forms.BaseForm | None:
    """The form that the address asks for; without one there are only buttons."""
    step = request.GET.get("step")
    if step == Outcome.ADJUSTED:
        return _adjusting(line, initial=cells_of(line.row))
    if step == _ASKED:
        due = timezone.localdate() + timedelta(days=USUAL_DAYS)
        return QuestionForm(initial={"due": due})
    if step == Outcome.ACCEPTED and line.is_contested:
        return with_correction(RulingForm(), line.row)
    return _rejecting(line) if step == Outcome.REJECTED else None


def _rejecting(line: _Line, typed: QueryDict | None = None) -> ReasonForm:
    form = ReasonForm(typed, steps=line.valued.explain(), rules=line.is_contested)
    return with_correction(form, line.row)


def _adjusting(
    line: _Line, typed: QueryDict | None = None, initial: dict[str, object] | None = None
) -> LineForm:
    steps, rules = line.valued.explain(), line.is_contested
    form = adjust_form(line.scheme, steps, typed, initial or {}, rules=rules)
    return with_correction(form, line.row)


def _valuing(line: _Line, typed: QueryDict) -> LineForm:
    """Read what a value follows from; why it is adjusted may still have to be typed."""
    return adjust_form(line.scheme, (), typed, {}, with_reason=False)


def _decided(request: TelmeeRequest, line: _Line) -> HttpResponse:
    """Take the decision that was sent, and go on to the next line."""
    once, outcome = Once(request.POST), _outcome(request.POST.get("outcome", ""))
    if outcome is None or not once.is_valid():
        messages.error(request, _("The form was not complete. Nothing was decided."))
        return redirect(with_query(request, "decide", line.row.pk))
    form = _typed_form(request, line, outcome)
    place = place_of(request, line.row.pk)
    try:
        if not form.is_valid() or _asks_again(request, line, outcome):
            return _page(request, line, form)
        decision = _take(line, outcome, once, form)
    except DomainError as error:
        add_problems(form, error, FIELDS)
        return _page(request, line, form)
    _tell(request, line, decision)
    return _go_on(request, place)


def _send_question(request: TelmeeRequest, line: _Line) -> HttpResponse:
    """Send the question that was typed, and go on to the next line."""
    once, form = Once(request.POST), QuestionForm(request.POST)
    place = place_of(request, line.row.pk)

    def deed() -> None:
        typed, sent = form.cleaned_data, once.cleaned_data
        ask(line.access, line.row, **typed, key=sent["key"], version=sent["version"])

    if once.is_valid() and succeeds(form, deed, FIELDS):
        facts = {"line": line.row.reference, "day": day(form.cleaned_data["due"])}
        text = _("The question about %(line)s was sent. It can be answered until %(day)s.")
        messages.success(request, text % facts)
        return _go_on(request, place)
    return _page(request, line, form)


def _go_on(request: TelmeeRequest, place: Place | None) -> HttpResponse:
    """To the next line of the work list, or back to the list after the last."""
    if place is not None and place.next_id is not None:
        return redirect(with_query(request, "decide", place.next_id))
    return redirect(row_in_queue(request, place.previous_id if place else None))


def _asks_again(request: TelmeeRequest, line: _Line, outcome: Outcome) -> bool:
    """Whether to ask once more: the line is accepted, its proof is missing, and nobody said so."""
    accepts = outcome is Outcome.ACCEPTED and not line.is_contested
    accepts = accepts and "without_proof" not in request.POST
    return accepts and line.row.pk in dossier.missing_proof([line.row])


def _outcome(text: str) -> Outcome | None:
    """Read what was decided; reopening has a page of its own."""
    taken = (Outcome.ACCEPTED, *_STEPS)
    return Outcome(text) if text in taken else None


def _typed_form(request: TelmeeRequest, line: _Line, outcome: Outcome) -> forms.BaseForm:
    if outcome is Outcome.ADJUSTED:
        return _adjusting(line, request.POST)
    if outcome is Outcome.REJECTED:
        return _rejecting(line, request.POST)
    accepting = RulingForm if line.is_contested else forms.Form
    return with_correction(accepting(request.POST), line.row)


def _take(line: _Line, outcome: Outcome, once: Once, form: forms.BaseForm) -> Decision:
    """Hand what was typed to the action."""
    typed = form.cleaned_data
    reason, ruling = typed.get("reason"), typed.get("ruling")
    judgement = Judgement(
        outcome=outcome,
        reason=DecisionReason(reason) if reason else None,
        text=typed.get("text", ""),
        rule=typed.get("rule", ""),
        cells=_adjusted_cells(line, form) if isinstance(form, LineForm) else None,
        amount_cents=typed.get(AMOUNT),
        ruling=Ruling(ruling) if ruling else None,
    )
    return decide_with_partners(
        line.access,
        line.row,
        judgement,
        seen=once.as_seen(),
        key=once.cleaned_data["key"],
        correcting=typed.get("correcting", ""),
    )


def _adjusted_cells(line: _Line, form: LineForm) -> dict[str, object]:
    """The cells as they were changed; where no amount was named, one must differ."""
    cells = _cells(line, form)
    if form.cleaned_data.get(AMOUNT) is None and cells == cells_to_value(line.row):
        raise DomainError(Problem("decision_changes_nothing"))
    return cells


def _cells(line: _Line, form: LineForm) -> dict[str, object]:
    """The cells of the form as the engine takes them, with those that nobody changes here."""
    before = cells_to_value(line.row)
    kept = {name: before[name] for name in (REFERENCE, PERSON) if name in before}
    return kept | form.cells()


def _tell(request: TelmeeRequest, line: _Line, decision: Decision) -> None:
    if decision.outcome in {Outcome.ACCEPTED, Outcome.PARTLY} and not decision.reason:
        tell_accepted(request, [Answer(decision.contribution, decision)])
        return
    if decision.until is not None or decision.before_cents:
        tell_part(request, line.row.reference, decision)
        return
    words = {
        Outcome.ADJUSTED: _("%(line)s is adjusted: %(amount)s is verified."),
        Outcome.REJECTED: _("%(line)s is rejected."),
    }[Outcome(decision.outcome)]
    facts = {"line": line.row.reference, "amount": euros(decision.amount_cents)}
    messages.success(request, words % facts)


# The page --------------------------------------------------------------------------------------


def _page(request: TelmeeRequest, line: _Line, form: forms.BaseForm | None) -> HttpResponse:
    """Show the line; a form that was sent and is not right keeps what was typed."""
    failed = form is not None and form.is_bound
    if failed:  # what is shown now is the line as it is now
        line = _find(request, line.row.pk)
    of_today = shown_value(line.valued)
    context = {**_around(request, line), **_choices(request, line, form)}
    context |= {**_about(request, line, of_today), **_part(line, of_today)}
    status = UNPROCESSABLE if failed else 200
    return render(request, "decisions/decide.html", context | undo_of(request), status=status)


def _part(line: _Line, of_today: ShownValue) -> dict[str, object]:
    """The value to accept, what accepting counts of it now, and what it leaves for later.

    A line that was decided in part goes on by the figure that was kept.
    """
    row, kept, today = line.row, line.row.decided, timezone.localdate()
    if row.state == State.PARTLY and kept is not None:
        split, before, shown = split_of(kept, today), row.verified_cents or 0, kept_value(kept)
        value, follows = kept.amount_cents, True
    else:
        split, before, shown = split_of_value(line.valued, today), 0, of_today
        value, follows = line.valued.value_cents, False
    counts, rest = instalment_cents(*split, before, takes_all=line.access.accepts_ahead)
    return {
        "shown": shown,
        **plan_fit_parts(line.row),
        "seen_cents": value,
        "part": {"counts": counts, "rest": rest, "before": before, "follows": follows},
        "can_accept": value is not None and not (follows and rest and counts <= 0),
        "differs": not follows and value is not None and value != row.value_cents,
    }


def _around(request: TelmeeRequest, line: _Line) -> dict[str, object]:
    """The line itself, and where it stands in the queue."""
    place = place_of(request, line.row.pk)
    beside = {"next_url": "", "previous_url": ""}
    if place is not None:
        ids = {"next_url": place.next_id, "previous_url": place.previous_id}
        beside = {k: with_query(request, "decide", pk) if pk else "" for k, pk in ids.items()}
    return {
        "line": line.row,
        "contract": line.access.contract,
        "place": place,
        **beside,
        "queue_url": row_in_queue(request, line.row.pk),
        "breadcrumbs": [
            {"label": _("Work list"), "url": row_in_queue(request, line.row.pk)},
            {"label": line.row.reference},
        ],
    }


def _about(request: TelmeeRequest, line: _Line, of_today: ShownValue) -> dict[str, object]:
    """What somebody looks at: cells, proof, value, history and the contract's position."""
    row, scheme = line.row, line.scheme
    labels = block_names(scheme)
    files, sightings = evidence_of(row), sightings_of(row)
    missing = line_facts.missing_in_words(dossier.missing_of(row, scheme, files, sightings))
    evidence = asks_of(scheme, row.block).evidence if row.block in labels else ()
    return {
        "block_label": labels.get(row.block, row.block),
        "terms": line_facts.terms_of(row, scheme),
        "missing": missing,
        "attention": [*line_in_words(request.acting, row.pk), *of_today.checks, *missing],
        "weighed": weighed_in_words(row),
        "asked_evidence": [text.in_language(active()) for text in evidence],
        "evidence": [
            {"file": file, "label": proof_name(file.kind, evidence, file.number)}
            | {"note": proof_note(row, file)}
            for file in files
        ],
        "sightings": sightings,
        **counterparty_part(line.access, row),
        "earlier": line_facts.earlier(
            dossier.earlier_lines(request.acting, row, today=timezone.localdate()), labels
        ),
        "figures": _position(line),
        "days": (timezone.localdate() - timezone.localdate(row.submitted_at)).days
        if row.submitted_at
        else None,
    }


def _position(line: _Line) -> list[dict[str, object]]:
    pk = line.access.contract.pk
    booked = figures([pk])[pk]
    later = to_come([pk], today=timezone.localdate()).get(pk, NOTHING_TO_COME)
    delivered, verified = booked.delivered_cents, booked.position.verified_cents
    return [
        {"label": _("Owed"), "cents": booked.position.owed_cents},
        {
            "label": _("Promised"),
            "cents": booked.promised_cents,
            "note": with_agreed("", booked.promised_cents, booked.agreed_cents),
        },
        {
            "label": _("Delivered"),
            "cents": delivered,
            "note": with_to_come("", delivered, later.delivered_cents),
        },
        {
            "label": _("Verified"),
            "cents": verified,
            "note": with_to_come("", verified, later.verified_cents),
        },
        {"label": _("Open"), "cents": booked.position.open_cents, "strong": True},
    ]


def _choices(request: TelmeeRequest, line: _Line, form: forms.BaseForm | None) -> dict[str, object]:
    """What can be decided now, and the form that is open."""
    decisions = decisions_on(line.row)
    steps = set(steps_for(line.access, line.row))
    other = line_facts.needs_somebody_else(line.access, line.row, decisions)
    own = is_his_own(request.acting, line.row)
    adjusting, rejecting = isinstance(form, LineForm), isinstance(form, ReasonForm)
    asking = isinstance(form, QuestionForm)
    ruling = isinstance(form, RulingForm)
    accepting = form is not None and not (adjusting or rejecting or asking or ruling)
    objection = objection_to(line.row)
    page_url = with_query(request, "decide", line.row.pk)
    mark = "&" if "?" in page_url else "?"
    return {
        "form": form,
        "new": _new_value(line, request.POST) if adjusting else None,
        "adjusting": adjusting,
        "rejecting": rejecting,
        "asking": asking,
        "ruling": ruling,
        "accept_form": form if accepting else with_correction(forms.Form(), line.row),
        "asks_again": accepting and _asks_again(request, line, Outcome.ACCEPTED),
        "line_url": reverse("decide-value", args=[line.row.pk]),
        "key": uuid4(),
        "objection": objection,
        "objection_late": is_late(objection),
        "may_extend": may_extend(line.access, objection),
        "questions": questions_on(line.row),
        "message_count": messages_on(line.access).filter(contribution=line.row).count(),
        "can_ask": Step.ASK in steps and not own,
        "history": [decision_terms(decision, line.scheme) for decision in decisions],
        "can_decide": Step.REJECT in steps and not (other or own),
        "can_reopen": Step.REOPEN in steps and not own,
        "needs_somebody_else": other,
        "is_his_own": own,
        "page_url": page_url,
        "accept_url": f"{page_url}{mark}step={Outcome.ACCEPTED}",
        "adjust_url": f"{page_url}{mark}step={Outcome.ADJUSTED}",
        "reject_url": f"{page_url}{mark}step={Outcome.REJECTED}",
        "ask_url": f"{page_url}{mark}step={_ASKED}",
        "keys": [
            {"key": "a", "label": _("accept")},
            {"key": "w", "label": _("adjust")},
            {"key": "r", "label": _("reject")},
            {"key": "v", "label": _("ask a question")},
            {"key": "n", "label": _("next line without deciding")},
            {"key": "p", "label": _("line before this one")},
        ],
    }


@login_required
@require_POST
def new_value(request: HtmxRequest, pk: int) -> HttpResponse:
    """Value a line as it is being adjusted, for the page to show while typing."""
    line = _find(request, pk)
    context: dict[str, object] = {"line": line.row, "line_url": request.path, "line_post": True}
    if request.htmx.target == "line-fields":
        context["form"] = _adjusting(line, initial=typed_so_far(request.POST))
        context["without_about"] = True
        return render(request, "schemes/_line_fields.html", context)
    return render(request, "decisions/_new_value.html", context | _new_value(line, request.POST))


def _new_value(line: _Line, typed: QueryDict) -> dict[str, object]:
    """What the fields come to, and the amount that was named; before anything is typed, as it is.

    What cannot be valued yet has no value: the form then says why.
    """
    if not typed:
        return {"shown": shown_value(line.valued), "named": None}
    form = _valuing(line, typed)
    if not form.is_valid():
        return {"form": form, "shown": None, "named": None}
    contract, organisation_id = line.access.contract, line.row.organisation_id
    valued = value_line(contract, organisation_id, _cells(line, form), line_id=line.row.pk)
    return {
        "form": form,
        "shown": shown_value(valued),
        "named": form.cleaned_data[AMOUNT],
    }

"""Say what a purchase is: a contract of the register, still to be asked, or none for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from telmee.apps.contracts.choices import NoObligation
from telmee.apps.contracts.queries import party_names
from telmee.apps.coverage.access import contracts_of_client, covered_client, purchase_for
from telmee.apps.coverage.answering import (
    NewAnswer,
    answer_purchase,
    answers_of,
    confirm_proposals,
)
from telmee.apps.coverage.choices import Outcome, State
from telmee.apps.coverage.lists import reached_of
from telmee.apps.coverage.matching import alike, match_again
from telmee.apps.coverage.queries import state_of, surest_first, unanswered
from telmee.apps.organisations.journal import doers
from telmee.apps.schemes.queries import rules_of
from telmee.core.coverage import Likeness
from telmee.core.free_text import REFERENCE
from telmee.core.obligations import Category
from telmee.web.addresses import number_in
from telmee.web.coverage.purchase_words import SURENESS, signs_in_words, state_in_words
from telmee.web.coverage.views import crumbs
from telmee.web.form_pages import key_in, render_form
from telmee.web.forms import (
    KeyField,
    SafeTextArea,
    SafeTextField,
    offer,
    see_again,
    succeeds,
)
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.coverage.models import Purchase, PurchaseAnswer

_SHOWN_MAX = 100
_ANOTHER, _APPLY, _EXPLAIN, _REOPEN = "another", "apply", "explain", "reopen"
_FIELDS = {"toelichting": "reason", "grond": "ground", "contract": "choice"}


class AnswerForm(forms.Form):
    """What a purchase is: one of the contracts that are alike, another one, or none."""

    choice = forms.ChoiceField(label=gettext_lazy("What is it?"), widget=forms.RadioSelect)
    reference = SafeTextField(
        label=gettext_lazy("Reference of another contract"),
        max_length=REFERENCE.maximum,
        required=False,
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("Why no social return"),
        required=False,
    )
    reason = SafeTextArea(label=gettext_lazy("Explanation"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    key = KeyField()

    def __init__(self, choices: Iterable[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "choice", choices)
        offer(self, "ground", [("", _("Choose a reason")), *NoObligation.choices])


@login_required
def purchase(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show a purchase: its threshold, what it may be, what was said; and let somebody say it."""
    works = request.method == "POST"
    row = purchase_for(request.acting, pk, works=works)
    client = covered_client(request.acting, row.organisation_id, works=works)
    answers = list(answers_of(row))
    seen = answers[0].number if answers else 0
    candidates = list(_candidates(request, row, alike(request.acting, row)))
    form = AnswerForm(
        _choices(candidates, is_answered=bool(answers)),
        request.POST or None,
        initial={"seen": seen},
    )
    if succeeds(form, lambda: _answer(request, row, form), _FIELDS):
        messages.success(request, _("Your answer was kept."))
        return redirect("purchase", pk)
    see_again(form, seen=seen)
    context = {
        "client": client,
        "works": client in request.acting.clients,
        "purchase": row,
        "state": state_in_words(state_of(row)),
        "candidates": candidates,
        "answers": list(_answer_rows(request, answers)),
        **_threshold(row, client.name),
        "breadcrumbs": [
            *crumbs(client, "")[:1],
            {"label": _("Purchases"), "url": reverse("purchases", args=[client.id])},
            {"label": row.supplier, "url": ""},
        ],
    }
    return render_form(request, "coverage/purchase.html", form, context)


def _candidates(
    request: TelmeeRequest, row: Purchase, likely: Sequence[Likeness]
) -> Iterator[dict[str, object]]:
    """The contracts that a purchase may be, with what speaks for each."""
    ids = [one.contract_id for one in likely]
    own = contracts_of_client(request.acting, row.organisation_id)
    contracts = own.in_bulk(ids)
    names = party_names(ids)
    for one in likely:
        yield {
            "contract": contracts[one.contract_id],
            "contractor": names[one.contract_id].contractor,
            "sureness": SURENESS[one.sureness],
            "signs": signs_in_words(one.signs),
        }


def _choices(candidates: Iterable[dict[str, Any]], *, is_answered: bool) -> list[tuple[str, str]]:
    of_contract = _("It is contract %(reference)s, %(name)s (%(sureness)s: %(signs)s)")
    choices = [
        (
            f"contract-{one['contract'].pk}",
            of_contract
            % {
                "reference": one["contract"].reference,
                "name": one["contract"].name,
                "sureness": one["sureness"],
                "signs": one["signs"],
            },
        )
        for one in candidates
    ]
    choices += [
        (_ANOTHER, _("It is another contract of the register: its reference is below")),
        (_APPLY, _("Social return will still be asked (apply)")),
        (_EXPLAIN, _("No social return, for the reason below (explain)")),
    ]
    return [*choices, *([(_REOPEN, _("Take the answer back"))] if is_answered else [])]


def _answer(request: TelmeeRequest, row: Purchase, form: AnswerForm) -> None:
    typed = form.cleaned_data
    choice = typed["choice"]
    outcomes = {
        _APPLY: Outcome.APPLY,
        _EXPLAIN: Outcome.EXPLAINED,
        _REOPEN: Outcome.REOPENED,
    }
    outcome = outcomes.get(choice, Outcome.MATCHED)
    contract_id = None
    if choice == _ANOTHER:
        contract_id = _another(request, row, typed["reference"])
    elif outcome is Outcome.MATCHED:
        contract_id = int(choice.partition("-")[2])
    answer = NewAnswer(
        outcome=outcome,
        contract_id=contract_id,
        ground=typed["ground"] if outcome is Outcome.EXPLAINED else "",
        reason=typed["reason"],
        seen=typed["seen"],
    )
    answer_purchase(request.acting, row, answer, key=typed["key"])


def _another(request: TelmeeRequest, row: Purchase, reference: str) -> int | None:
    """The contract of the client with a reference; None where none or several bear it."""
    own = contracts_of_client(request.acting, row.organisation_id)
    ids = list(own.filter(reference__iexact=reference.strip()).values_list("pk", flat=True)[:2])
    return ids[0] if reference.strip() and len(ids) == 1 else None


def _answer_rows(
    request: TelmeeRequest, answers: Sequence[PurchaseAnswer]
) -> Iterator[dict[str, object]]:
    by = doers(request.acting, [(one.user_id, one.organisation_id) for one in answers])
    for one in answers:
        yield {
            "answer": one,
            "what": Outcome(one.outcome).label,
            "ground": NoObligation(one.ground).label if one.ground else "",
            "by": by[one.user_id, one.organisation_id],
        }


def _threshold(row: Purchase, client: str) -> dict[str, object]:
    """How the purchase stands to its threshold, step by step, by the version that was kept."""
    if row.version is None:
        return {}
    reached = reached_of(row.version, client, Category(row.category), row.cents, row.day)
    return {
        "steps": reached.steps,
        "scheme": rules_of(row.version),
        "threshold_problems": reached.problems,
    }


@login_required
def proposals(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what purchases may be, the surest first, and confirm those that are ticked."""
    client = covered_client(request.acting, pk, works=True)
    waiting = unanswered(pk).filter(state=State.PROPOSED)
    if request.method == "POST":
        chosen = dict(_pairs(request.POST.getlist("pair")[:_SHOWN_MAX]))
        key = key_in(request) or uuid4()
        count = confirm_proposals(request.acting, pk, chosen, waiting, key=key)
        done = ngettext(
            "%(count)s purchase is in the register.",
            "%(count)s purchases are in the register.",
            count,
        )
        tell = messages.success if count else messages.info
        tell(request, done % {"count": count} if count else _("You chose nothing."))
        return redirect("purchase-proposals", pk)
    rows = list(surest_first(waiting.select_related("proposed"))[:_SHOWN_MAX])
    names = party_names({row.proposed_id for row in rows})
    context = {
        "client": client,
        "key": uuid4(),
        "rows": [
            {
                "purchase": row,
                "contract": row.proposed,
                "contractor": names[row.proposed_id].contractor,
                "sureness": SURENESS[row.sureness],
                "pair": f"{row.pk}-{row.proposed_id}",
            }
            for row in rows
        ],
        "breadcrumbs": crumbs(client, _("Perhaps in the register")),
    }
    return render(request, "coverage/proposals.html", context)


def _pairs(values: Iterable[str]) -> Iterator[tuple[int, int]]:
    for value in values:
        purchase, _dash, contract = value.partition("-")
        purchase_id, contract_id = number_in(purchase), number_in(contract)
        if purchase_id is not None and contract_id is not None:
            yield purchase_id, contract_id


@login_required
@require_POST
def again(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Look again what purchases may be, as contracts were registered since."""
    covered_client(request.acting, pk, works=True)
    count = match_again(request.acting, pk, unanswered(pk))
    done = ngettext(
        "Of %(count)s purchase something else is likely now.",
        "Of %(count)s purchases something else is likely now.",
        count,
    )
    messages.info(request, done % {"count": count})
    return redirect("coverage", pk)

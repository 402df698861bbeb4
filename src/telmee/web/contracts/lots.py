"""Register the lots of one tender on one page: what they share once, and a row for each lot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BoundField
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.contracts.choices import Form, NoObligation
from telmee.apps.contracts.facts import ContractFacts, estimate_of, owed_of, version_of
from telmee.apps.contracts.lots import Lot, register_lots
from telmee.apps.contracts.queries import may_register
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem
from telmee.web.addresses import number_in
from telmee.web.contracts.register_form import FIELDS, RegisterForm
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import add_problems
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import euros

#: What each lot has of its own; the other fields of a contract are said once, for all lots.
_OWN = (
    *("lot", "reference", "reference_again", "name", "kvk", "contractor_name", "email"),
    *("start", "end", "value", "with_vat", "wages", "agreed"),
)
_LOTS_MIN, _LOTS_MAX = 2, 40


class LotForm(RegisterForm):
    """One lot: the form of a contract, of which the fields of `_OWN` have a number behind them."""

    def __init__(
        self,
        acting: Acting,
        number: int,
        data: QueryDict | None = None,
        initial: dict[str, object] | None = None,
    ) -> None:
        self.number = number
        super().__init__(acting, data, initial)
        self.enterprises = f"enterprises-{number}"
        self.fields["kvk"].widget.attrs["list"] = self.enterprises
        self.fields["lot"].required = self.fields["procurement"].required = True
        # A framework agreement has call-offs, and these are lots of no tender of their own.
        form = self.fields["form"]
        form.choices = [choice for choice in Form.choices if choice[0] != Form.CALL_OFF]  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        """The name of a field on the page."""
        return f"{field_name}-{self.number}" if field_name in _OWN else field_name

    def facts(self) -> ContractFacts:
        """The facts of this lot, under a key of its own."""
        facts = super().facts()
        if facts.key is None:
            return facts
        return replace(facts, key=uuid5(facts.key, f"lot {self.number}"))

    @property
    def own(self) -> list[BoundField]:
        """The fields of this lot alone; whether a reference is right is asked when it is used."""
        gone = () if self.asks_reference else ("reference_again",)
        return [self[name] for name in _OWN if name in self.fields and name not in gone]

    @property
    def wrong_fields(self) -> Iterator[BoundField]:
        """The fields with something wrong: of the first lot also those that all lots share."""
        for field in self:
            if field.errors and (self.number == 1 or field.name in _OWN):
                yield field


@dataclass(frozen=True, slots=True)
class Answer:
    """What one lot would owe, or why nothing, or why that is not known."""

    cents: int | None = None
    why: str = ""
    problems: tuple[Problem, ...] = ()
    is_known: bool = True


@login_required
def lots(request: TelmeeRequest) -> HttpResponse:
    """Fill in the lots of a tender, see what each will owe, and register them together."""
    if not may_register(request.acting):
        raise Http404
    if request.method != "POST" or "more" in request.POST:
        return _page(request, _blank(request))
    forms = [LotForm(request.acting, number, request.POST) for number in _filled(request)]
    # Every form is looked at, so that all that is wrong is said at once.
    are_right = [form.is_valid() for form in forms]
    if all(are_right) and "register" in request.POST and _registered(request, forms):
        return redirect("contracts")
    return _page(request, forms)


def _count(request: TelmeeRequest) -> int:
    """How many lots the page has."""
    count = number_in(request.POST.get("lots")) or 0
    return min(max(count, _LOTS_MIN), _LOTS_MAX)


def _filled(request: TelmeeRequest) -> Iterator[int]:
    """The numbers of the lots in which something was typed, and of the first ones always."""
    for number in range(1, _count(request) + 1):
        typed = (request.POST.get(f"{name}-{number}", "").strip() for name in _OWN)
        if number <= _LOTS_MIN or any(typed):
            yield number


def _blank(request: TelmeeRequest) -> list[LotForm]:
    """The forms with what was typed so far, of which nothing is wrong yet; one more if asked."""
    forms = []
    count = min(_count(request) + ("more" in request.POST), _LOTS_MAX)
    for number in range(1, count + 1):
        typed = {
            name: request.POST.get(f"{name}-{number}" if name in _OWN else name)
            for name in (*RegisterForm.base_fields, "rules_client", "offered", *_OWN)
        }
        initial: dict[str, object] = {"adviser": request.acting.user_id}
        initial |= {name: value for name, value in typed.items() if value is not None}
        forms.append(LotForm(request.acting, number, initial=initial))
    return forms


def _registered(request: TelmeeRequest, forms: list[LotForm]) -> bool:
    """Register the lots; where that cannot be done, each form says why."""
    lots = [Lot(form.facts(), form.contractor()) for form in forms]
    client_id = forms[0].cleaned_data["client"]
    try:
        done = register_lots(request.acting, lots, client_id=client_id)
    except DomainError as error:
        for place, form in enumerate(forms, start=1):
            problems = [one for one in error.problems if one.row == place]
            if problems:
                add_problems(form, DomainError(problems), FIELDS)
        return False
    text = ngettext("%(count)s lot is registered.", "%(count)s lots are registered.", len(done))
    messages.success(request, text % {"count": len(done)})
    if any(one.invited for one in done):
        messages.success(request, _("The invitations to the contractors are on their way."))
    return True


def _page(request: TelmeeRequest, forms: list[LotForm]) -> HttpResponse:
    is_wrong = any(form.errors for form in forms)
    answers = [_answer(form) for form in forms]
    context = {
        "forms": forms,
        "shared": forms[0],
        "wrong": [(form, field) for form in forms for field in form.wrong_fields],
        "general": [error for form in forms for error in form.non_field_errors()],
        "rows": list(zip(forms, answers, strict=True)) if forms[0].is_bound else [],
        "total_cents": _total(answers),
        "count": forms[-1].number,
        "may_add": forms[-1].number < _LOTS_MAX,
        "breadcrumbs": [
            {"label": _("Contracts"), "url": reverse("contracts")},
            {"label": _("Register the lots of a tender"), "url": ""},
        ],
    }
    status = UNPROCESSABLE if is_wrong else 200
    return render(request, "contracts/lots.html", context, status=status)


def _total(answers: list[Answer]) -> int | None:
    """What the lots will owe together; None as long as it is not known of each."""
    is_known = all(one.is_known for one in answers)
    return sum(one.cents or 0 for one in answers) if is_known else None


def _answer(form: LotForm) -> Answer:
    """What a lot would owe by what was filled in."""
    if not form.can_tell:
        return Answer(why=_("Too little was filled in to say."), is_known=False)
    facts = form.facts()
    if facts.form == Form.FRAMEWORK:
        return Answer(why=_("A framework agreement owes what its call-offs owe together."))
    try:
        version = version_of(facts)
        owed, estimate = owed_of(facts, version), estimate_of(facts, version)
    except DomainError as error:
        return Answer(problems=error.problems, is_known=False)
    if estimate is not None:
        cents = euros(estimate.owed_cents)
        text = _("Over turnover: an estimate of %(cents)s, and nothing in the books yet.")
        return Answer(owed.cents, text % {"cents": cents})
    why = str(NoObligation(owed.why_none).label) if owed.why_none else ""
    return Answer(owed.cents, why)

"""Entering effort in one place, line after line, on whichever contract; and handing it all in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from telmee.apps.contracts.access import ContractAccess, contract_to_deliver
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.queries import party_names
from telmee.apps.contributions.access import own_line
from telmee.apps.contributions.actions import submit_drafts
from telmee.apps.contributions.entering import (
    OFFERED_MAX,
    begins_with,
    contracts_to_enter_on,
    drafts_by_contract,
    enter_line,
    total_of,
    with_everything,
)
from telmee.apps.contributions.handing_in import AT_ONCE_MAX, hand_in_later
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.contributions.worth_where import worth_where
from telmee.apps.organisations.acting import Acting
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError
from telmee.core.tables.contribution_columns import BLOCK
from telmee.web.addresses import number_in
from telmee.web.bodies import takes_file
from telmee.web.contributions.entry_form import CONTRACT, NOTE, PHOTO, EntryForm, labels_of
from telmee.web.contributions.line_parts import RefusedLine
from telmee.web.contributions.line_values import value_beside_errors, value_typed
from telmee.web.form_pages import UNPROCESSABLE, key_in
from telmee.web.forms import add_problems
from telmee.web.language import active, in_words
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.schemes.block_words import STATUSES
from telmee.web.templatetags.telmee import euros
from telmee.web.value_forms import ShownValue, typed_so_far

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract
    from telmee.apps.contributions.models import Contribution

_HANDS_IN, _AND_ANOTHER, _WHERE = "indienen", "nog-een", "waar"
_AFTER, _AGAIN = "na", "kopie"
#: What `kept.js` says with a line that waited on a device for a connection.
_KEPT = "X-Telmee-Kept"
_LISTED_MAX = 200
_PARTS: Mapping[str, str] = {
    "value": "schemes/_value.html",
    "line-fields": "contributions/_entry_fields.html",
    "entry": "contributions/_entry.html",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What somebody enters on: his contracts, the chosen one, and the line before, if any.

    `again` is a line to enter once more, whole.
    """

    contracts: list[Contract]
    access: ContractAccess
    after: Contribution | None
    again: Contribution | None

    def choices(self) -> list[tuple[int, str]]:
        """The contracts to choose from, the chosen one always among them."""
        chosen = self.access.contract
        some = list(self.contracts)
        if all(one.pk != chosen.pk for one in some):
            some.insert(0, chosen)
        return _labels(some)

    def form(self, *args: Any, **options: Any) -> EntryForm:
        """The form of the chosen contract."""
        return EntryForm(rules_of(self.access.contract.scheme), self.choices(), *args, **options)

    def beginning(self) -> dict[str, object]:
        """What stands in the fields before somebody types."""
        scheme = rules_of(self.access.contract.scheme)
        if self.again is not None:
            cells = with_everything(self.again, scheme)
        else:
            today = timezone.localdate()
            cells = begins_with(self.access, scheme, today=today, after=self.after)
        return {**cells, CONTRACT: self.access.contract.pk}


@takes_file
@login_required
def enter(request: HtmxRequest) -> HttpResponse:
    """Enter a line on one of one's contracts, and another one after it."""
    entry = _entry(request)
    if entry is None:
        return render(request, "contributions/enter.html", {"title": _("Enter lines of effort")})
    if request.method != "POST":
        form = entry.form(initial=entry.beginning())
        if entry.after is not None:
            form.begin_at_first_empty()
        return _page(request, entry, form, None)
    doing = request.POST.get("doen", "")
    if "fields" in request.POST or request.htmx.target in {"line-fields", "entry"}:
        return _page(request, entry, entry.form(initial=_typed(request, entry)), None)
    if request.htmx.target == "value" or doing not in (_HANDS_IN, _AND_ANOTHER):
        form = entry.form(request.POST)
        valued = value_typed(entry.access, None, form)
        where = _where(entry, form) if doing == _WHERE and form.is_valid() else ()
        return _page(request, entry, form, valued, where=where)
    form = entry.form(request.POST, files=request.FILES, draft=doing != _HANDS_IN)
    return _saving(request, entry, form, hands_in=doing == _HANDS_IN)


def contracts_offered(acting: Acting) -> list[tuple[int, str]]:
    """The contracts on which somebody may enter effort, to choose from."""
    return _labels(_contracts(acting))


def _contracts(acting: Acting) -> list[Contract]:
    rows = contracts_to_enter_on(acting).select_related("scheme")
    return list(rows.defer("percentage_reason", "scheme__document")[:OFFERED_MAX])


def _labels(contracts: Sequence[Contract]) -> list[tuple[int, str]]:
    names = party_names(one.pk for one in contracts)
    return labels_of(contracts, {pk: one.client for pk, one in names.items()})


def _entry(request: HtmxRequest) -> _Entry | None:
    """What the address and the form choose, or else the contract of the latest line."""
    acting = request.acting
    contracts = _contracts(acting)
    before = {name: number_in(request.GET.get(name)) for name in (_AFTER, _AGAIN)}
    lines = {name: own_line(acting, pk)[1] for name, pk in before.items() if pk is not None}
    chosen = number_in(request.POST.get(CONTRACT) or request.GET.get(CONTRACT))
    if chosen is None:
        line = next(iter(lines.values()), None)
        chosen = line.contract_id if line else next((one.pk for one in contracts), None)
    if chosen is None:
        return None
    access = contract_to_deliver(acting, chosen)
    # What was typed before the contract was closed is told that, and stays.
    ended = request.method != "POST" and not access.is_open
    if ended or access.contract.form == Form.FRAMEWORK:
        raise Http404
    return _Entry(contracts, access, lines.get(_AFTER), lines.get(_AGAIN))


def _typed(request: HtmxRequest, entry: _Entry) -> dict[str, object]:
    """What was typed, in the form of a contract or block that was chosen since.

    A block that the contract does not know makes room for what it begins with.
    """
    typed = {name: value for name, value in typed_so_far(request.POST).items() if value}
    known = {block.key for block in rules_of(entry.access.contract.scheme).blocks}
    if typed.get(BLOCK) in known:
        return typed
    return {**entry.beginning(), **{name: typed[name] for name in typed if name != BLOCK}}


def _saving(
    request: HtmxRequest, entry: _Entry, form: EntryForm, *, hands_in: bool
) -> HttpResponse:
    if form.is_valid():
        try:
            line = enter_line(
                entry.access,
                form.cells(),
                key=key_in(request),
                note=form.cleaned_data[NOTE] or "",
                proof=form.proof(),
                hands_in=hands_in,
            )
        except DomainError as error:
            add_problems(form, error, {"bestand": PHOTO})
        else:
            if request.headers.get(_KEPT):
                return HttpResponse(status=204)
            messages.success(request, _done(line, hands_in=hands_in))
            return redirect(f"{reverse('contribution-enter')}?{_AFTER}={line.pk}")
    valued = value_beside_errors(entry.access, None, form)
    return _page(request, entry, form, valued, status=UNPROCESSABLE)


def _done(line: Contribution, *, hands_in: bool) -> str:
    facts = {"reference": line.reference, "value": euros(line.value_cents)}
    if hands_in:
        return _("%(reference)s was handed in: %(value)s.") % facts
    return _("%(reference)s was saved as a draft: %(value)s.") % facts


def _where(entry: _Entry, form: EntryForm) -> list[dict[str, object]]:
    """What the line would be worth on each of the contracts, for the page."""
    language = active()
    some = worth_where(entry.contracts, form.scheme, form.cells())
    names = party_names(one.contract.pk for one in some)
    return [
        {
            "contract": one.contract,
            "client": names[one.contract.pk].client,
            "block": one.block.label.in_language(language) if one.block else "",
            "cents": one.cents,
            "state": STATUSES[one.status] if one.status else None,
            "problems": [in_words(problem) for problem in one.problems],
            "bonuses": ", ".join(bonus.label.in_language(language) for bonus in one.bonuses),
            "rules_url": f"{reverse('scheme', args=[one.scheme.id])}?versie={one.scheme.version}",
        }
        for one in some
    ]


def _page(
    request: HtmxRequest,
    entry: _Entry,
    form: EntryForm,
    valued: ShownValue | None,
    *,
    status: int = 200,
    where: Sequence[Mapping[str, object]] = (),
) -> HttpResponse:
    template = _PARTS.get(request.htmx.target or "", "contributions/enter.html")
    context: dict[str, object] = {
        "title": _("Enter lines of effort"),
        "access": entry.access,
        "form": form,
        "shown": valued,
        "key": key_in(request) or uuid4(),
        "line_url": reverse("contribution-enter"),
        "fields_template": _PARTS["line-fields"],
        "where": where,
        "is_fresh": request.method != "POST",
    }
    if template == "contributions/enter.html":
        drafts = drafts_by_contract(request.acting)
        count, cents = total_of(drafts)
        done_key = entry.after.key if entry.after is not None else ""
        context |= {"done_key": done_key, "drafts": drafts, "count": count, "cents": cents}
    return render(request, template, context, status=status)


@login_required
@require_POST
def hand_in_all(request: TelmeeRequest) -> HttpResponse:
    """Hand in one's drafts on all contracts, as far as they can be; what stays says why."""
    done, refused = 0, list[RefusedLine]()
    key = key_in(request) or uuid4()
    for one in drafts_by_contract(request.acting):
        access = contract_to_deliver(request.acting, one.contract_id)
        drafts = list(drafts_of(access).only("id", "reference"))
        try:
            if len(drafts) > AT_ONCE_MAX:
                hand_in_later(access, drafts, key=key)
                continue
            outcome = submit_drafts(access, drafts)
        except DomainError as error:
            refused += [RefusedLine(0, one.reference, problem) for problem in error.problems]
            continue
        done += outcome.done
        references = {draft.pk: draft.reference for draft in drafts}
        refused += [
            RefusedLine(pk, references[pk], problem)
            for pk, problems in outcome.refused.items()
            for problem in problems
        ]
    if done:
        text = ngettext("%(n)d draft was handed in.", "%(n)d drafts were handed in.", done)
        messages.success(request, text % {"n": done})
    if not refused:
        return redirect("home")
    context = {
        "title": _("Drafts that are handed in"),
        "refused": [one.worded() for one in refused[:_LISTED_MAX]],
    }
    return render(request, "contributions/handed_in.html", context, status=UNPROCESSABLE)

"""Pages of trust: where it stands, the rule of a client, what it did, and trust given back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.organisations.access import client_for
from telmee.apps.organisations.acting import Own
from telmee.apps.organisations.choices import WORKING
from telmee.apps.organisations.journal import doers
from telmee.apps.organisations.queries import colleagues
from telmee.apps.schemes.queries import schemes_of
from telmee.apps.trust.access import drawings_for, lapse_to_lift
from telmee.apps.trust.lapses import lapses_of, lift_lapse
from telmee.apps.trust.queries import count_weighed, weighings_of
from telmee.apps.trust.rules import blocks_delivered, preview, rules_set, set_rule, terms_of
from telmee.web.contributions.line_column import line_column
from telmee.web.form_pages import form_page, render_form
from telmee.web.forms import succeeds
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import block_names
from telmee.web.trust.forms import LiftForm, RuleForm
from telmee.web.trust.trust_words import doubts_in_words, lapse_state

if TYPE_CHECKING:
    from telmee.apps.organisations.models import Organisation
    from telmee.apps.trust.models import Rule

_LAPSES_MAX = 100
#: What a rule could be, before a client has one of its own: off, and careful.
_USUAL = {
    "least_lines": 20,
    "least_right_bp": 95_00,
    "months": 12,
    "most_cents": 10_000_00,
    "away_days": 183,
}
_OUTCOMES = [
    ("automatic", gettext_lazy("Accepted automatically")),
    ("person", gettext_lazy("Left to a person")),
]


def _narrow(rows: QuerySet[Any, Any], which: str) -> QuerySet[Any, Any]:
    return rows.filter(decision__isnull=which == "person")


_WEIGHED = ListPage(
    name=gettext_lazy("Weighed by the rule"),
    columns=(
        line_column(),
        Column(
            "contribution__organisation__name",
            gettext_lazy("Contractor"),
            order="contribution__organisation__search_name",
        ),
        Column(
            "contribution__value_cents",
            gettext_lazy("Delivered"),
            kind="money",
            order="contribution__value_cents",
        ),
        Column(
            "decision",
            gettext_lazy("What came of it"),
            kind="status",
            words=lambda decision: (
                (_("Accepted automatically"), "positive")
                if decision
                else (_("Left to a person"), "info")
            ),
            under=Column(
                "doubts", gettext_lazy("Why a person"), kind="prose", words=doubts_in_words
            ),
        ),
        Column("rule__number", gettext_lazy("Version"), kind="count", on_phone=False),
        Column("weighed_at", gettext_lazy("Weighed on"), kind="date", order="weighed_at"),
    ),
    default="-weighed_at",
    filters=(Filter("outcome", gettext_lazy("What came of it"), lambda: _OUTCOMES, _narrow),),
)
_FIELDS = (
    *("pk", "contribution_id", "contribution__reference", "contribution__organisation__name"),
    *("contract__reference", "contribution__value_cents", "decision", "doubts"),
    *("rule__number", "weighed_at"),
)


@login_required
@require_safe
def trust(request: TelmeeRequest) -> HttpResponse:
    """Show the rules of one's clients, and where trust was taken away, to both sides."""
    today = timezone.localdate()
    lapses = list(lapses_of(request.acting)[:_LAPSES_MAX])
    context = {
        "clients": [_client(request, own) for own in request.acting.own if own.is_client],
        "lapses": [
            {
                "lapse": lapse,
                "state": lapse_state(lapse, today),
                "may_lift": lapse.organisation_id in request.acting.working
                and lapse.lifted_at is None
                and lapse.until >= today,
            }
            for lapse in lapses
        ],
        "has_samples": bool(drawings_for(request.acting)),
        "breadcrumbs": [{"label": _("Trust")}],
    }
    return render(request, "trust/trust.html", context)


def _client(request: TelmeeRequest, own: Own) -> dict[str, object]:
    """A client with its rule, and what that did."""
    rule = rules_set(own.id).first()
    automatic, weighed_lines = count_weighed(own.id)
    return {
        "own": own,
        "rule": rule,
        "automatic": automatic,
        "weighed": weighed_lines,
        "manages": request.acting.manages(own.id),
    }


@login_required
def rule(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the rule of a client with its versions, and let its manager set the next one."""
    client = client_for(request.acting, pk, manages=request.method == "POST")
    versions = list(rules_set(pk))
    labels = _labels(pk)
    initial = _initial(versions[0], labels) if versions else dict(_USUAL)
    form = RuleForm(list(labels.items()), request.POST or None, initial=initial)
    shown = None
    if request.POST.get("deed") == "preview":
        if form.is_valid():
            today = timezone.localdate()
            shown = preview(request.acting, pk, form.terms(), today=today)
    elif succeeds(form, lambda: _set(request, client, form), {"toelichting": "reason"}):
        messages.success(request, _("The rule holds from now on."))
        return redirect("trust-rule", pk)
    context = {
        "client": client,
        "manages": request.acting.manages(pk),
        "preview": shown,
        "versions": list(_versions(request, versions, labels)),
        "stands_still": any(one.is_on and not _has_hand(request, one) for one in versions[:1]),
        "breadcrumbs": [
            {"label": _("Trust"), "url": reverse("trust")},
            {"label": client.name},
        ],
    }
    if shown is not None:
        return render(request, "trust/rule.html", {**context, "form": form})
    return render_form(request, "trust/rule.html", form, context)


def _set(request: TelmeeRequest, client: Organisation, form: RuleForm) -> None:
    typed = form.cleaned_data
    set_rule(
        request.acting,
        client,
        form.terms(),
        is_on=typed["is_on"],
        away_days=typed["away_days"],
        reason=typed["reason"],
        key=typed["key"],
    )


def _labels(client_id: int) -> dict[str, str]:
    """The building blocks that were delivered to a client, in words; by key, the words in order."""
    pairs = blocks_delivered(client_id)
    schemes = schemes_of({scheme for scheme, _key in pairs})
    names = {scheme: block_names(rules) for scheme, rules in schemes.items()}
    labels = {block: names.get(scheme, {}).get(block, block) for scheme, block in pairs}
    return dict(sorted(labels.items(), key=lambda item: item[1].casefold()))


def _initial(rule_in_force: Rule, labels: dict[str, str]) -> dict[str, object]:
    terms = terms_of(rule_in_force)
    names = (
        "least_lines",
        "least_right_bp",
        "months",
        "most_cents",
        "with_assumed",
        "without_proof",
    )
    return {
        **{name: getattr(terms, name) for name in names},
        "is_on": rule_in_force.is_on,
        "away_days": rule_in_force.away_days,
        "blocks": [block for block in rule_in_force.blocks if block in labels],
    }


def _has_hand(request: TelmeeRequest, rule_in_force: Rule) -> bool:
    """Whether who set a rule still may decide for the client: it acts with his rights."""
    members = colleagues(request.acting, rule_in_force.organisation_id)
    working = members.filter(user=rule_in_force.user_id, role__in=WORKING)
    return working.exists()


def _versions(
    request: TelmeeRequest, versions: list[Rule], labels: dict[str, str]
) -> Iterator[dict[str, object]]:
    by = doers(request.acting, [(one.user_id, one.organisation_id) for one in versions])
    for one in versions:
        yield {
            "rule": one,
            "by": by[one.user_id, one.organisation_id],
            "blocks": ", ".join(labels.get(block, block) for block in one.blocks),
        }


@login_required
@require_safe
def weighed(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List what the rule of a client said of each line."""
    client = client_for(request.acting, pk)
    listing = _WEIGHED.read(request, weighings_of(pk).values(*_FIELDS))
    context = {
        "client": client,
        "listing": listing,
        "breadcrumbs": [
            {"label": _("Trust"), "url": reverse("trust")},
            {"label": client.name, "url": reverse("trust-rule", args=[pk])},
            {"label": _("Weighed by the rule")},
        ],
    }
    return listing.file() or render(request, "trust/weighed.html", context)


@login_required
def lift(request: TelmeeRequest, pk: int) -> HttpResponse:
    """The page on which trust is given back before its day."""
    lapse = lapse_to_lift(request.acting, pk)
    form = LiftForm(request.POST or None)

    def deed() -> None:
        today = timezone.localdate()
        lift_lapse(request.acting, lapse, reason=form.cleaned_data["reason"], today=today)

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("The trust was given back. Both sides are told."))
        return redirect("trust")
    return form_page(
        request,
        form,
        title=_("Give the trust back"),
        button=_("Give back"),
        back=("trust",),
        lead=lapse.contractor.name,
    )

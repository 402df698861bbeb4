"""Pages of samples: the list, drawing one, what came of it, and its files to repeat it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.organisations.journal import doers
from telmee.apps.trust.access import drawings_for, reviewing_for, sample_for, samples_of
from telmee.apps.trust.choices import Decided
from telmee.apps.trust.queries import Outcome, SampleLine, lines_of, outcome_of
from telmee.apps.trust.samples import Wanted, draw_sample, population_again
from telmee.core.errors import DomainError
from telmee.core.money import part_bp
from telmee.core.sampling import METHOD
from telmee.web.exports import answer
from telmee.web.form_pages import problems_page, render_form
from telmee.web.forms import succeeds
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import day
from telmee.web.trust.forms import DrawForm, choice_of

if TYPE_CHECKING:
    from telmee.apps.trust.models import Sample

_SAMPLES = ListPage(
    name=gettext_lazy("Samples"),
    columns=(
        Column(
            "number",
            gettext_lazy("Sample"),
            order="number",
            url=lambda row: reverse("sample", args=[row["pk"]]),
        ),
        Column(
            "organisation__name",
            gettext_lazy("Client"),
            order="organisation__search_name",
            under=Column("drawn_for__name", gettext_lazy("Drawn for"), on_phone=False),
        ),
        Column(
            "first",
            gettext_lazy("Decided from"),
            kind="date",
            order="first",
            under=Column("last", gettext_lazy("Until and including"), kind="date"),
        ),
        Column(
            "decided",
            gettext_lazy("Which decisions?"),
            words=lambda which: Decided(which).label,
        ),
        Column("lines", gettext_lazy("Drawn from"), kind="count", order="lines"),
        Column("drawn", gettext_lazy("Drawn"), kind="count"),
        Column("drawn_at", gettext_lazy("Drawn on"), kind="date", order="drawn_at"),
    ),
    default="-drawn_at",
)
_FIELDS = (
    *("pk", "number", "organisation__name", "drawn_for__name", "first", "last", "decided"),
    *("lines", "drawn", "drawn_at"),
)
#: What a review said of a line, with its look.
_VERDICTS = {
    "open": (gettext_lazy("To look at"), "info"),
    "right": (gettext_lazy("Right"), "positive"),
    "wrong": (gettext_lazy("Wrong"), "negative"),
}


@login_required
@require_safe
def samples(request: TelmeeRequest) -> HttpResponse:
    """List the samples that somebody sees."""
    listing = _SAMPLES.read(request, samples_of(request.acting).values(*_FIELDS))
    context = {
        "listing": listing,
        "may_draw": bool(drawings_for(request.acting)),
        "breadcrumbs": [_trust_crumb(), {"label": _("Samples")}],
    }
    return listing.file() or render(request, "trust/samples.html", context)


@login_required
def draw(request: TelmeeRequest) -> HttpResponse:
    """The page on which somebody draws a sample."""
    drawings = drawings_for(request.acting)
    if not drawings:
        raise Http404
    form = DrawForm(drawings, request.POST or None)
    drawn = []

    def deed() -> None:
        typed = form.cleaned_data
        drawing = next(one for one in drawings if choice_of(one) == typed["drawing"])
        names = ("first", "last", "seed", "size", "decided")
        wanted = Wanted(**{name: typed[name] for name in names})
        today = timezone.localdate()
        drawn.append(draw_sample(request.acting, drawing, wanted, key=typed["key"], today=today))

    if succeeds(form, deed):
        messages.success(request, _("The sample was drawn. It stays as it is."))
        return redirect("sample", drawn[0].pk)
    context = {"breadcrumbs": [*_above(), {"label": _("Draw a sample")}]}
    return render_form(request, "trust/draw.html", form, context)


@login_required
@require_safe
def sample(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show a sample: its lines, what came of it, and how to draw it again."""
    one = sample_for(request.acting, pk)
    lines = lines_of(one)
    outcome = outcome_of(lines)
    reviews = reviewing_for(request.acting, one) is not None
    listing = _items(pk, reviews=reviews).read(request, [_row(item) for item in lines])
    if export := listing.file():
        return export
    who = one.user_id, one.drawn_for_id
    context = {
        "sample": one,
        "decided": Decided(one.decided).label,
        "drawn_by": doers(request.acting, [who])[who],
        "listing": listing,
        "outcome": outcome,
        "figures": list(_figures(outcome)),
        "error_bp": part_bp(abs(outcome.projected_cents), one.total_cents)
        if one.total_cents
        else 0,
        "facts": list(_facts(one)),
        "breadcrumbs": [*_above(), {"label": _("Sample %(number)s") % {"number": one.number}}],
    }
    return render(request, "trust/sample.html", context)


@login_required
@require_safe
def file(request: TelmeeRequest, pk: int) -> HttpResponse:
    """All that is needed to draw a sample again: as JSON, or the lines drawn from as a table."""
    one = sample_for(request.acting, pk)
    try:
        population = population_again(one)
    except DomainError as error:
        return problems_page(request, error)
    pairs = zip(population.lines.tolist(), population.cents.tolist(), strict=True)
    if request.GET.get("soort") == "csv":
        hits = {line: count for line, _decision, _cents, count in one.items}
        columns = [(_("Line"), "count"), (_("Cents"), "count"), (_("Drawn cents"), "count")]
        rows = ([line, cents, hits.get(line, 0)] for line, cents in pairs)
        return answer("csv", f"{_('Sample')} {one.number}", columns, rows)
    document = {
        "method": METHOD,
        **{name: getattr(one, name) for name in ("seed", "size", "interval", "start", "hash")},
        "total_cents": one.total_cents,
        "days": [str(one.first), str(one.last)],
        "as_of": str(one.as_of),
        "decided": one.decided,
        "drawn": [
            {"line": line, "decision": decision, "cents": cents, "hits": count}
            for line, decision, cents, count in one.items
        ],
        "reviews": [_reviewed(item) for item in lines_of(one) if item.review],
        "population": list(pairs),
    }
    response = HttpResponse(json.dumps(document), content_type="application/json")
    name = f"steekproef-{one.number}-{one.organisation_id}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _reviewed(item: SampleLine) -> dict[str, object]:
    assert item.review is not None  # noqa: S101 - who calls looked
    return {
        "line": item.item.line_id,
        "right": item.review.is_right,
        "right_cents": item.review.right_cents,
        "projected_cents": item.projected_cents,
    }


def _above() -> Iterable[dict[str, str]]:
    return [_trust_crumb(), {"label": _("Samples"), "url": reverse("samples")}]


def _trust_crumb() -> dict[str, str]:
    return {"label": _("Trust"), "url": reverse("trust")}


def _items(pk: int, *, reviews: bool) -> ListPage:
    """The list of what was drawn; who reviews opens the page on which he says what he saw."""

    def url(row: Any) -> str | None:
        if row["reference"] is None:
            return None
        name, args = (
            ("sample-review", [pk, row["pk"]]) if reviews else ("contribution", [row["pk"]])
        )
        return reverse(name, args=args)

    return ListPage(
        name=gettext_lazy("Lines that were drawn"),
        columns=(
            Column(
                "reference",
                gettext_lazy("Line"),
                kind="code",
                order="reference",
                words=lambda text: text or "\N{EN DASH}",
                url=url,
                under=Column("contract", gettext_lazy("Contract"), kind="code"),
            ),
            Column("contractor", gettext_lazy("Contractor"), order="contractor"),
            Column("cents", gettext_lazy("Counts for"), kind="money", order="cents"),
            Column("right_cents", gettext_lazy("Should be"), kind="money"),
            Column("projected_cents", gettext_lazy("Stands for"), kind="money"),
            Column(
                "verdict",
                gettext_lazy("Looked at"),
                kind="status",
                order="verdict",
                words=lambda verdict: _VERDICTS[verdict],
            ),
        ),
        default="-cents",
        filters=(
            Filter("verdict", gettext_lazy("Looked at"), status_choices(_VERDICTS), "verdict"),
        ),
    )


def _row(one: SampleLine) -> dict[str, object]:
    line, review = one.line, one.review
    wrong = review is not None and not review.is_right
    return {
        "pk": one.item.line_id,
        "reference": line.reference if line else None,
        "contract": line.contract.reference if line else "",
        "contractor": line.organisation.name if line else "",
        "cents": one.item.cents,
        "right_cents": review.right_cents if review else None,
        "projected_cents": one.projected_cents if wrong else None,
        "verdict": "open" if review is None else "wrong" if wrong else "right",
    }


def _figures(outcome: Outcome) -> Iterator[dict[str, object]]:
    looked = _("%(reviewed)s of %(drawn)s")
    facts = {"reviewed": outcome.reviewed, "drawn": outcome.drawn}
    yield {"label": _("Looked at"), "text": looked % facts}
    yield {"label": _("Wrong"), "text": str(outcome.wrong)}
    if outcome.is_complete:
        yield {
            "label": _("Projected error"),
            "cents": outcome.projected_cents,
            "note": _("counted too much, less counted too little"),
            "strong": True,
        }
        yield {"label": _("Counted too much"), "cents": outcome.over_cents}
        yield {"label": _("Counted too little"), "cents": outcome.under_cents}


def _facts(one: Sample) -> Iterator[dict[str, object]]:
    yield {"label": _("Method"), "value": METHOD}
    yield {"label": _("Seed"), "value": one.seed}
    yield {"label": _("Decisions as they stood at the end of"), "value": day(one.as_of)}
    yield {"label": _("Check number of the lines"), "value": one.hash}
    yield {"label": _("Interval in cents"), "value": str(one.interval)}
    yield {"label": _("First cent that was drawn"), "value": str(one.start)}

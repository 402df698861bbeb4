"""Pages about schemes, for everybody: no page here asks who is there.

A calculation is a GET, so that it can be linked and kept; it holds no pseudonym.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from telmee.apps.schemes import queries
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError
from telmee.core.municipalities import all_names
from telmee.core.obligations import assess, holiday_years
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import (
    BLOCK,
    CONTRACT_BEGIN,
    CONTRACT_END,
    CONTRIBUTION,
    PERSON,
    SUPPLIER,
)
from telmee.core.valuation import Status, value
from telmee.integrations.holidays_nl import public_holidays
from telmee.integrations.spreadsheets.template import write_template
from telmee.texts.columns import sheet_messages
from telmee.texts.scheme_words import answers, title_with_reader, warnings_of
from telmee.web.exports import KINDS
from telmee.web.forms import add_problems
from telmee.web.language import active
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import HtmxRequest
from telmee.web.rule_words import version_in_words
from telmee.web.schemes.block_words import ANSWERS
from telmee.web.schemes.forms import CONTRACT_FIELDS, CompareForm, ContractForm
from telmee.web.schemes.scheme_page import SchemePage, assessment_page, comparison
from telmee.web.value_forms import LineForm, ShownValue, field_of, shown_value, typed_so_far

#: A pseudonym has no place in an address, and one line alone needs none.
_NOT_ASKED = (PERSON, SUPPLIER)


_LIST = ListPage(
    name=gettext_lazy("Schemes"),
    columns=(
        Column(
            "publisher",
            gettext_lazy("Publisher"),
            order="publisher",
            url=lambda row: reverse("scheme", args=[row["scheme_id"]]),
        ),
        Column("title", gettext_lazy("Scheme"), order="title"),
        Column(
            "version", gettext_lazy("Version"), kind="date", order="version", words=version_in_words
        ),
        Column("answers", gettext_lazy("Answers"), order="answers", words=lambda a: ANSWERS[a]),
        Column("blocks", gettext_lazy("Building blocks"), kind="count", order="blocks"),
    ),
    default="publisher",
    filters=(
        Filter("answers", gettext_lazy("Answers"), lambda: list(ANSWERS.items()), "answers"),
        Filter(
            "amounts",
            gettext_lazy("Amounts"),
            lambda: [("True", _("With amounts")), ("False", _("Without amounts"))],
            "amounts",
        ),
    ),
    search=("publisher", "title", "scheme_id", "applies_to"),
    search_label=gettext_lazy("Publisher, client or scheme"),
)


@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes, each in its newest version."""
    rows = [row for name, row in queries.named_versions().items() if name == row.scheme_id]
    rules = queries.schemes_of(row.pk for row in rows)
    listing = _LIST.read(request, [_row(rules[row.pk]) for row in rows])
    return listing.file() or render(request, "schemes/list.html", {"listing": listing})


def _row(scheme: Scheme) -> dict[str, object]:
    return {
        "scheme_id": scheme.id,
        "publisher": scheme.publisher,
        "title": title_with_reader(scheme, active()),
        "version": scheme.version,
        "answers": answers(scheme),
        "amounts": scheme.has_amounts,
        "blocks": len(scheme.blocks),
        "applies_to": ", ".join(name for client in scheme.applies_to for name in all_names(client)),
    }


@require_safe
def scheme_page(request: HttpRequest, scheme_id: str) -> HttpResponse:
    """Show one version of a scheme, readable for a council member."""
    scheme = _scheme(request, scheme_id)
    family = [
        {
            "label": f"{row.scheme_id}, {version_in_words(row.version)}",
            "url": _address("scheme", row.scheme_id, row.version),
            "current": (row.scheme_id, row.version) == (scheme.id, scheme.version),
        }
        for row in queries.family_of(scheme_id)
    ]
    context = {**_around(request, scheme, "scheme"), "page": SchemePage(scheme), "family": family}
    return render(request, "schemes/scheme.html", context)


@require_safe
def calculator(request: HtmxRequest, scheme_id: str) -> HttpResponse:
    """Value one line of effort: live while typing, or on submit."""
    scheme = _scheme(request, scheme_id)
    form = _line_form(request, scheme)
    context = {
        **_around(request, scheme, "scheme-calculator"),
        "form": form,
        "shown": _value_of(form),
        "line_url": request.path,
        "version": request.GET.get("versie", ""),
    }
    if request.htmx.target == "value":
        answer = render(request, "schemes/_value.html", context)
        return replace_url(answer, request.get_full_path()) if context["shown"] else answer
    if request.htmx.target == "line-fields":
        return render(request, "schemes/_line_fields.html", context)
    return render(request, "schemes/calculator.html", context)


def _line_form(request: HtmxRequest, scheme: Scheme) -> LineForm:
    """Take what was typed: to value it, or only to show the fields of another block."""
    typed = request.GET
    options: dict[str, Any] = {"leave_out": _NOT_ASKED, "extra_fields": _contract_fields()}
    choosing = "fields" in typed or request.htmx.target == "line-fields"
    if BLOCK not in typed or choosing:
        return LineForm(scheme, initial=typed_so_far(typed), **options)
    return LineForm(scheme, typed, **options)


def _contract_fields() -> dict[str, Field]:
    """Ask the dates of the contract, as only what lies within it counts."""
    return {
        name: field_of(CONTRIBUTION[name], required=False)
        for name in (CONTRACT_BEGIN, CONTRACT_END)
    }


def _value_of(form: LineForm) -> ShownValue | None:
    """Value what was filled in; what the engine refuses stands beside its field as well."""
    if not (form.is_bound and form.is_valid()):
        return None
    valued = shown_value(value(form.scheme, contributions_from([form.cells()])))
    if valued.status is Status.REFUSED:
        add_problems(form, DomainError(valued.problems))
    return valued


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Put two schemes side by side."""
    versions = queries.named_versions()
    labels = {
        name: f"{row.publisher} ({row.scheme_id}, {version_in_words(row.version)})"
        for name, row in versions.items()
    }
    by_publisher = dict(sorted(labels.items(), key=lambda entry: entry[1].casefold()))
    is_filled_in = any(request.GET.get(name) for name in ("a", "b"))
    form = CompareForm(by_publisher, request.GET if is_filled_in else None)
    context: dict[str, Any] = {"form": form, "breadcrumbs": _crumbs(_("Compare"))}
    if is_filled_in and form.is_valid():
        rows = [versions[form.cleaned_data[name]] for name in ("a", "b")]
        rules = queries.schemes_of(row.pk for row in rows)
        context["comparison"] = comparison(rules[rows[0].pk], rules[rows[1].pk])
    return render(request, "schemes/compare.html", context)


@require_safe
def obligation(request: HtmxRequest, scheme_id: str) -> HttpResponse:
    """Work out what a contract owes: live while typing, or on submit."""
    scheme = _scheme(request, scheme_id)
    form = ContractForm(scheme, request.GET if "category" in request.GET else None)
    context = {
        **_around(request, scheme, "scheme-obligation"),
        "form": form,
        "version": request.GET.get("versie", ""),
        "answer": _assessed(form),
    }
    if request.htmx.target == "answer":
        part = render(request, "schemes/_owed.html", context)
        return replace_url(part, request.get_full_path()) if context["answer"] else part
    return render(request, "schemes/obligation.html", context)


def _assessed(form: ContractForm) -> dict[str, object] | None:
    if not (form.is_bound and form.is_valid()):
        return None
    contract = form.contract()
    try:
        holidays = public_holidays(holiday_years(form.scheme, contract))
        assessment = assess(form.scheme, contract, holidays=holidays)
    except DomainError as error:
        add_problems(form, error, CONTRACT_FIELDS)
        return None
    return assessment_page(assessment)


@require_safe
def template(request: HttpRequest, scheme_id: str) -> HttpResponse:
    """The empty sheet of a scheme as a download, with its choices built in."""
    scheme = _scheme(request, scheme_id)
    if not scheme.has_amounts:
        raise Http404
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, scheme, active(), sheet_messages(CONTRIBUTION, active()))
        response = HttpResponse(path.read_bytes(), content_type=KINDS["xlsx"])
    name = f"{scheme.id}-{scheme.version}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# What every page of a scheme has ---------------------------------------------------------------


def _scheme(request: HttpRequest, scheme_id: str) -> Scheme:
    """Find the version that the address names, or the newest."""
    try:
        row = queries.version_named(scheme_id, request.GET.get("versie"))
    except DomainError as error:
        raise Http404 from error
    return queries.rules_of(row)


def _address(name: str, scheme_id: str, version: str = "") -> str:
    address = reverse(name, args=[scheme_id])
    return f"{address}?{urlencode({'versie': version})}" if version else address


def _crumbs(*labels: str) -> list[dict[str, str]]:
    top = {"label": _("Schemes"), "url": reverse("schemes")}
    return [top, *({"label": label, "url": ""} for label in labels)]


def _around(request: HttpRequest, scheme: Scheme, current: str) -> dict[str, object]:
    """What stands around every page of a scheme: its name, its parts and the way back."""
    version = request.GET.get("versie", "")
    names = {"scheme": _("The rules")}
    if scheme.has_amounts:
        names["scheme-calculator"] = _("What is it worth?")
    names["scheme-obligation"] = _("What does a contract owe?")
    parts = [
        {"label": label, "url": _address(name, scheme.id, version), "current": name == current}
        for name, label in names.items()
    ]
    return {
        "scheme": scheme,
        "warnings": warnings_of(scheme, active()),
        "title": scheme.title.in_language(active()),
        "parts": parts,
        "breadcrumbs": _crumbs(scheme.publisher),
        "template_url": _address("scheme-template", scheme.id, version),
        "compare_url": f"{reverse('scheme-compare')}?{urlencode({'a': scheme.id})}",
    }

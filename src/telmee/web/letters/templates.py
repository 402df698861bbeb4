"""An organisation's own Word templates, with the fields that each can use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.letters.access import sender_managed
from telmee.apps.letters.queries import template_of
from telmee.apps.letters.templates import choose_template, fields_for_kind, kinds_with_template
from telmee.apps.reports.choices import ReportKind
from telmee.integrations.word_templates import example_template
from telmee.texts.letters import described, example_blocks
from telmee.web.bodies import takes_file
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import only_when, succeeds
from telmee.web.language import active
from telmee.web.letters.letter_words import KINDS
from telmee.web.letters.letters import WORD, file_response
from telmee.web.middleware import TelmeeRequest

#: What a template can be made for, in words; the letters first.
_LABELS = {**KINDS, **{kind.value: kind.label for kind in ReportKind}}


class TemplateForm(forms.Form):
    """A template for a kind of letter or report, or that there is none any more."""

    template = forms.FileField(label=gettext_lazy("Template (.docx)"))
    remove = forms.BooleanField(
        label=gettext_lazy("Make this without a template from now on"), required=False
    )

    def __init__(self, *args: Any, has_one: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_one:
            only_when(self.fields["template"], gettext_lazy("needed, unless you take it away"))
        else:
            del self.fields["remove"]

    def clean(self) -> dict[str, object]:
        """One of the two has to be chosen."""
        typed: dict[str, object] = super().clean() or {}
        if not (typed.get("template") or typed.get("remove") or self.has_error("template")):
            self.add_error("template", _("Choose a file."))
        return typed


@takes_file
@login_required
def templates(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Choose a template for each kind of letter and of report."""
    organisation = sender_managed(request.acting, pk)
    sent = request.POST.get("kind", "")
    form = None
    if sent in kinds_with_template():
        form = TemplateForm(request.POST, request.FILES, has_one=bool(template_of(pk, sent)))
    if form is not None and succeeds(form, partial(_choose, request, pk, sent, form)):
        messages.success(request, _("The template was kept. It holds from now on."))
        return redirect("letter-templates", pk)
    context = {
        "organisation": organisation,
        "kinds": list(_kinds(pk, sent, form)),
        "breadcrumbs": [
            {"label": _("Organisations"), "url": reverse("organisations")},
            {"label": organisation.name, "url": reverse("organisation", args=[pk])},
            {"label": _("Templates of letters and reports")},
        ],
    }
    status = UNPROCESSABLE if form is not None else 200
    return render(request, "letters/templates.html", context, status=status)


@login_required
@require_safe
def kept(request: TelmeeRequest, pk: int, kind: str) -> HttpResponse:
    """The template that an organisation has for a kind now."""
    sender_managed(request.acting, pk)
    template = template_of(pk, kind)
    if template is None or template.content is None:
        raise Http404
    return file_response(bytes(template.content), f"sjabloon-{kind}.docx", WORD)


@login_required
@require_safe
def example(request: TelmeeRequest, kind: str) -> HttpResponse:
    """A template to begin with, in which every field has its place already."""
    del request  # an example is of nobody
    if kind not in kinds_with_template():
        raise Http404
    return file_response(example_template(example_blocks(kind)), f"voorbeeld-{kind}.docx", WORD)


def _choose(request: TelmeeRequest, pk: int, kind: str, form: TemplateForm) -> None:
    typed = form.cleaned_data
    content = None if typed.get("remove") else typed["template"].read()
    choose_template(request.acting, pk, kind, content)


def _kinds(pk: int, sent: str, form: TemplateForm | None) -> Iterator[dict[str, object]]:
    for kind in kinds_with_template():
        template = template_of(pk, kind)
        empty = TemplateForm(has_one=template is not None, auto_id=f"id_{kind}_%s")
        yield {
            "kind": kind,
            "label": _LABELS[kind],
            "form": form if form is not None and kind == sent else empty,
            "template": template,
            "fields": described(fields_for_kind(kind), active()),
        }

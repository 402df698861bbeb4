"""An organisation's own Word templates, with the fields that each can use."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.letters.access import sender_managed
from telmee.apps.letters.queries import template_of
from telmee.apps.letters.templates import choose_template, fields_for_kind, kinds_with_template
from telmee.apps.reports.choices import ReportKind
from telmee.texts.letters import described
from telmee.web.bodies import takes_file
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import only_when, succeeds
from telmee.web.language import active
from telmee.web.letters.letter_words import KINDS
from telmee.web.middleware import TelmeeRequest

#: What a template can be made for, in words; the letters first.
_LABELS = {**KINDS, **{kind.value: kind.label for kind in ReportKind}}


class TemplateForm(forms.Form):
    """A template for a kind of letter or report, or that there is none any more."""

    template = only_when(
        forms.FileField(label=gettext_lazy("Template (.docx)")),
        gettext_lazy("needed, unless you take it away"),
    )
    remove = forms.BooleanField(
        label=gettext_lazy("Make this without a template from now on"), required=False
    )

    def clean(self) -> dict[str, object]:
        """One of the two has to be chosen."""
        typed: dict[str, object] = super().clean() or {}
        if not typed.get("template") and not typed.get("remove"):
            self.add_error("template", _("Choose a file."))
        return typed


@takes_file
@login_required
def templates(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Choose a template for each kind of letter and of report."""
    organisation = sender_managed(request.acting, pk)
    sent = request.POST.get("kind", "")
    form = TemplateForm(request.POST, request.FILES) if sent in _LABELS else TemplateForm()

    def deed() -> None:
        file = form.cleaned_data["template"]
        content = None if form.cleaned_data["remove"] else file.read()
        choose_template(request.acting, pk, sent, content)

    if sent in _LABELS and succeeds(form, deed):
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
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "letters/templates.html", context, status=status)


def _kinds(pk: int, sent: str, form: TemplateForm) -> Iterator[dict[str, object]]:
    for kind in kinds_with_template():
        yield {
            "kind": kind,
            "label": _LABELS[kind],
            "form": form if kind == sent else TemplateForm(auto_id=f"id_{kind}_%s"),
            "template": template_of(pk, kind),
            "fields": described(fields_for_kind(kind), active()),
        }

"""How the letters of an organisation look, chosen beside a letter that shows it."""

from __future__ import annotations

import base64
from dataclasses import asdict

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from telmee.apps.letters.access import sender_managed
from telmee.apps.letters.choices import USUAL_COLOUR
from telmee.apps.letters.house_styles import (
    OBJECTION_DAYS_MAX,
    Chosen,
    choose_house_style,
    contrast_of,
    logo_from,
)
from telmee.apps.letters.queries import house_of
from telmee.apps.letters.writing import specimen_of
from telmee.core.errors import DomainError
from telmee.core.free_text import COLOUR, LETTER_LINE, LETTER_PREFIX
from telmee.integrations.typesetting import pages_of
from telmee.texts import number
from telmee.web.bodies import takes_file
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import CountField, SafeTextArea, SafeTextField, add_problems, succeeds
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest


class HouseStyleForm(forms.Form):
    """What a manager chooses for the letters of his organisation."""

    colour = SafeTextField(
        label=gettext_lazy("Colour of titles"),
        max_length=COLOUR.maximum,
        initial=USUAL_COLOUR,
        help_text=gettext_lazy("Such as #154273. It has to be dark enough to read on white."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy("PNG or SVG, up to 500 kB. Without a new file it stays as it is."),
    )
    without_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)
    address = SafeTextArea(
        label=gettext_lazy("Address"),
        required=False,
        help_text=gettext_lazy("As it stands at the top of a letter: address, telephone, mail."),
    )
    mark = SafeTextField(
        label=gettext_lazy("Before the number of a letter"),
        max_length=LETTER_PREFIX.maximum,
        required=False,
        help_text=gettext_lazy("With SR the first letter of a year is SR-2026-0001."),
    )
    legal_basis = SafeTextField(
        label=gettext_lazy("Legal basis"),
        max_length=LETTER_LINE.maximum,
        required=False,
        help_text=gettext_lazy("On which ground you write, such as an article of your contracts."),
    )
    objection_days = CountField(
        label=gettext_lazy("Days to object"),
        required=False,
        maximum=OBJECTION_DAYS_MAX,
        help_text=gettext_lazy("Empty: a letter says how one can object, and no last day."),
    )
    objection_text = SafeTextArea(
        label=gettext_lazy("What else there is to say about objecting"),
        required=False,
    )


@takes_file
@login_required
def house_style(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Choose the house style of an organisation, with a letter that shows it."""
    organisation = sender_managed(request.acting, pk)
    style = house_of(pk)
    initial = asdict(Chosen() if style is None else Chosen.of(style))
    initial["mark"] = initial.pop("prefix")
    form = HouseStyleForm(request.POST or None, request.FILES or None, initial=initial)

    def deed() -> None:
        choose_house_style(request.acting, pk, _chosen(form))

    if succeeds(form, deed, {"prefix": "mark"}):
        messages.success(request, _("The house style was kept. It holds for the next letter."))
        return redirect("house-style", pk)
    context = {
        "organisation": organisation,
        "form": form,
        "has_logo": style is not None and style.logo is not None,
        "breadcrumbs": [
            {"label": _("Organisations"), "url": reverse("organisations")},
            {"label": organisation.name, "url": reverse("organisation", args=[pk])},
            {"label": _("House style of letters")},
        ],
        **_specimen(pk, organisation.name, form),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "letters/house_style.html", context, status=status)


@takes_file
@login_required
@require_POST
def preview(request: TelmeeRequest, pk: int) -> HttpResponse:
    """A letter in the house style that is in the form now; nothing is kept."""
    organisation = sender_managed(request.acting, pk)
    form = HouseStyleForm(request.POST, request.FILES)
    context = {"form": form, **_specimen(pk, organisation.name, form)}
    return render(request, "letters/_specimen.html", context)


def _chosen(form: HouseStyleForm) -> Chosen:
    """What was filled in, as an action takes it."""
    typed = dict(form.cleaned_data)
    typed["prefix"] = typed.pop("mark")
    file = typed.pop("logo", None)
    logo = (file.name, file.read()) if file else None
    if file:
        file.seek(0)
    return Chosen(logo=logo, **typed)


def _specimen(pk: int, name: str, form: HouseStyleForm) -> dict[str, object]:
    """The pages of a letter in a house style as pictures, and the contrast of its colour.

    Of a form that is not right there is none, and what is wrong stands with its fields.
    """
    kept = house_of(pk)
    chosen = Chosen() if kept is None else Chosen.of(kept)
    logo = bytes(kept.logo or b"") if kept is not None else b""
    if form.is_bound:
        if not form.is_valid():
            return {"pages": []}
        chosen = _chosen(form)
        try:
            drawn = logo_from(chosen)
        except DomainError as error:
            add_problems(form, error)
            return {"pages": []}
        logo = b"" if chosen.without_logo else drawn or logo
    contrast = contrast_of(chosen.colour)
    if contrast is None:
        return {"pages": []}
    text = specimen_of(name, chosen, logo, active(), timezone.localdate())
    pages = [base64.b64encode(page).decode() for page in pages_of("letter", text)]
    return {"pages": pages, "contrast": number(contrast, active())}

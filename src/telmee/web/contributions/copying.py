"""The last period once more: choose its lines, with new dates filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.contracts.access import contract_to_deliver
from telmee.apps.contributions.cells import Cells
from telmee.apps.contributions.copying import Following, copy_lines, following_periods
from telmee.apps.schemes.queries import rules_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import BEGIN, END
from telmee.web.contributions.line_parts import contract_url, crumbs
from telmee.web.form_pages import key_in, render_form
from telmee.web.forms import DateField, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import block_names

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution


class CopyForm(forms.Form):
    """For each line of the last period: whether it goes on, and from when until when."""

    def __init__(self, following: list[Following], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = [one.line for one in following]
        for one in following:
            line, begin, end = one.line, one.begin, one.end
            self.fields[f"kies-{line.pk}"] = forms.BooleanField(
                label=line.reference, required=False, initial=one.likely
            )
            about = {"reference": line.reference}
            self.fields[f"begin-{line.pk}"] = DateField(
                label=_("First day of %(reference)s") % about, required=False, initial=begin
            )
            self.fields[f"eind-{line.pk}"] = DateField(
                label=_("Last day of %(reference)s") % about, required=False, initial=end
            )

    def clean(self) -> dict[str, object]:
        """At least one line is chosen."""
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"kies-{line.pk}") for line in self.lines):
            self.add_error(None, _("Choose at least one line."))
        return cleaned

    def changes(self) -> Iterator[tuple[Contribution, Cells]]:
        """The chosen lines, each with its new period."""
        for line in self.lines:
            if self.cleaned_data[f"kies-{line.pk}"]:
                dates = {name: self.cleaned_data[f"{name}-{line.pk}"] for name in (BEGIN, END)}
                yield line, dates

    def rows(self, scheme: Scheme) -> Iterator[dict[str, object]]:
        """What the page shows of each line: its block, and the fields of its new period."""
        blocks = block_names(scheme)
        for line in self.lines:
            yield {
                "line": line,
                "block": blocks.get(line.block, line.block),
                "chosen": self[f"kies-{line.pk}"],
                "begin": self[f"begin-{line.pk}"],
                "end": self[f"eind-{line.pk}"],
            }


@login_required
def copy(request: TelmeeRequest, contract_id: int) -> HttpResponse:
    """Choose the lines of the last period that go on, and make drafts of them."""
    access = contract_to_deliver(request.acting, contract_id)
    sent = request.method == "POST"
    following = following_periods(access, today=timezone.localdate(), again=sent)
    form = CopyForm(following, request.POST if sent else None)
    key = key_in(request) or uuid4()
    copies: list[Contribution] = []
    if succeeds(form, lambda: copies.extend(copy_lines(access, form.changes(), key=key))):
        text = ngettext("%(n)d draft was made.", "%(n)d drafts were made.", len(copies))
        messages.success(request, text % {"n": len(copies)})
        return redirect("contribution-drafts", access.contract.pk)
    title = _("Copy the last period")
    context = {
        "access": access,
        "title": title,
        "rows": list(form.rows(rules_of(access.contract.scheme))),
        "key": key,
        "back": contract_url(access),
        "breadcrumbs": crumbs(access, title),
    }
    return render_form(request, "contributions/copy.html", form, context)

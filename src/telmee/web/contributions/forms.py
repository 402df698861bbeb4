"""Forms about contributions: the line itself, a file of lines, proof, a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contributions.evidence import MEDIA_TYPES
from telmee.core.explain import Text
from telmee.core.free_text import NAME, PERSON_NAME
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import CONTRIBUTION, REFERENCE
from telmee.web.forms import (
    DateField,
    SafeEmailField,
    SafeTextArea,
    SafeTextField,
    choices_with_blank,
)
from telmee.web.language import active
from telmee.web.value_forms import LineForm, field_of

_KIND_MAX = 300
ANSWER = "antwoord"
CANNOT_READ = gettext_lazy(
    "Telmee cannot read the text in a photo or a scan. Is there a name or a BSN in it? Then do not"
    " add it: show it to the other party and record that it was seen."
)
SEARCHED_LATER = gettext_lazy(
    "The photo or scan is being searched for a BSN. Until then only your own organisation sees it;"
    " with a BSN in it, it is removed. Text that is hard to read can be missed, so look for"
    " yourself too."
)
NOT_SEARCHED = gettext_lazy(
    "Telmee could not read all of this file, for it is a photo or a scan. Look for yourself: is"
    " there a name or a BSN in it? Then remove it, show it to the other party and record that it"
    " was seen."
)


def effort_form(
    scheme: Scheme,
    data: Mapping[str, object] | None = None,
    initial: Mapping[str, object] | None = None,
    *,
    draft: bool = False,
    answers: bool = False,
) -> LineForm:
    """Make the form of one line on a contract: the block's own fields, a reference and a note.

    With `answers` it begins with the answer to the question that is open on the line.
    """
    first = {
        ANSWER: SafeTextArea(
            label=_("Your answer"),
            help_text=_("Change the line below where it is not right. No names and no BSN."),
        )
    }
    first[ANSWER].widget.attrs["autofocus"] = True
    extra = {
        REFERENCE: field_of(CONTRIBUTION[REFERENCE]),
        "note": SafeTextArea(
            label=_("Explanation for the client"),
            required=False,
            help_text=_("Only when it helps to decide. No names and no BSN."),
        ),
    }
    return LineForm(
        scheme,
        data,
        initial,
        first_fields=first if answers else None,
        extra_fields=extra,
        draft=draft,
    )


class FileForm(forms.Form):
    """A file of contributions."""

    bestand = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An .xlsx, .ods or .csv file in the form of the template."),
        error_messages={"empty": gettext_lazy("There is nothing in this file.")},
    )


class ReasonForm(forms.Form):
    """Why something is done; the other side reads it."""

    toelichting = SafeTextArea(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("The other party reads this. No names and no BSN."),
    )


class EvidenceForm(forms.Form):
    """A file that proves a line, and which proof it is."""

    def __init__(self, kinds: Iterable[Text], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["soort"] = kind_field(kinds)
        self.fields["bestand"] = forms.FileField(
            label=_("File"),
            help_text=format_html(
                "{} {}",
                _("%(kinds)s. No file with a name or a BSN of a person.")
                % {"kinds": ", ".join(sorted(ending[1:].upper() for ending in MEDIA_TYPES))},
                CANNOT_READ,
            ),
            error_messages={"empty": _("There is nothing in this file.")},
        )


class SightingForm(forms.Form):
    """Proof that somebody saw, and when."""

    def __init__(self, kinds: Iterable[Text], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["soort"] = kind_field(kinds)
        self.fields["gezien_op"] = DateField(
            label=_("Seen on"), help_text=_("For example 1-3-2026.")
        )


class AskForm(forms.Form):
    """Who outside is asked about a line, and for a purchase to which address."""

    who = SafeTextField(
        label=gettext_lazy("Who confirms"),
        max_length=NAME.maximum,
        help_text=gettext_lazy(
            "The name of the enterprise, school or desk. Not the name of a person."
        ),
    )
    address = SafeEmailField(
        label=gettext_lazy("Work e-mail address"),
        required=False,
        help_text=gettext_lazy("Leave this empty to forward the link yourself."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[("nl", "Nederlands"), ("en", "English")]
    )

    def __init__(self, *args: Any, mails: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not mails:
            del self.fields["address"]


class CounterpartyForm(forms.Form):
    """What somebody outside says of a line, with his own name and function."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Is this right?"),
        choices=[("yes", gettext_lazy("Yes, this is right")), ("no", gettext_lazy("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    reason = SafeTextArea(
        label=gettext_lazy("If not: what is not right?"),
        required=False,
        help_text=gettext_lazy("No name of somebody else and no BSN."),
    )
    name = SafeTextField(label=gettext_lazy("Your name"), max_length=PERSON_NAME.maximum)
    function = SafeTextField(label=gettext_lazy("Your function"), max_length=PERSON_NAME.maximum)

    def facts(self) -> dict[str, Any]:
        """What was filled in, as the action takes it."""
        typed = self.cleaned_data
        return {
            "confirms": typed["answer"] == "yes",
            "reason": typed["reason"],
            "name": typed["name"],
            "function": typed["function"],
        }


def kind_field(kinds: Iterable[Text]) -> forms.Field:
    """Let people choose from the proof that the scheme asks for, or none in particular."""
    choices = [(kind.nl[:_KIND_MAX], kind.in_language(active())) for kind in kinds]
    return forms.ChoiceField(
        label=_("Which proof?"),
        required=False,
        choices=choices_with_blank(choices, _("Other proof")),
    )

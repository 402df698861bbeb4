"""The form of a line that is entered in one place: what is mostly needed comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from telmee.apps.contributions.entering import Proof
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import AMOUNT, HOURS, PERSON, SUPPLIER
from telmee.web.contributions.forms import CANNOT_READ, kind_field
from telmee.web.forms import SafeTextArea
from telmee.web.value_forms import LineForm

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract

CONTRACT, PHOTO, PROOF_KIND, NOTE = "opdracht", "foto", "soort", "note"
#: Asked at once although the line can do without: they say of whom and from whom it is.
_SHORT = frozenset((PERSON, SUPPLIER, PHOTO, PROOF_KIND))


class EntryForm(LineForm):
    """One line on a contract that is chosen in the form itself, with a photo of its proof.

    On a phone only the fields stand there that a line of the block cannot do without.
    """

    def __init__(
        self,
        scheme: Scheme,
        contracts: Iterable[tuple[int, str]],
        *args: Any,
        **options: Any,
    ) -> None:
        chosen = forms.ChoiceField(label=_("Contract"), choices=list(contracts))
        proof = forms.FileField(
            label=_("Photo of the invoice or other proof"),
            required=False,
            help_text=CANNOT_READ,
            widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
            error_messages={"empty": _("There is nothing in this file.")},
        )
        note = SafeTextArea(
            label=_("Explanation for the client"),
            required=False,
            help_text=_("Only when it helps to decide. No names and no BSN."),
        )
        super().__init__(
            scheme,
            *args,
            first_fields={CONTRACT: chosen},
            extra_fields={NOTE: note, PHOTO: proof},
            **options,
        )
        if self.ask is None or not self.ask.upload:
            del self.fields[PHOTO]
        elif len(self.ask.evidence) > 1:
            self.fields[PROOF_KIND] = kind_field(self.ask.evidence)

    @property
    def short_fields(self) -> list[BoundField]:
        """The fields that are mostly filled in."""
        return [field for field in self.line_fields if self._is_short(field)]

    @property
    def more_fields(self) -> list[BoundField]:
        """The fields that a line can do without."""
        return [field for field in self.line_fields if not self._is_short(field)]

    @property
    def shows_more(self) -> bool:
        """Whether something stands in those fields already, or is wrong there."""
        return any(field.errors or field.value() for field in self.more_fields)

    def _is_short(self, field: BoundField) -> bool:
        return field.field.required or field.name in {AMOUNT, HOURS, *_SHORT}

    def begin_at_first_empty(self) -> None:
        """Let somebody who enters one line after another type at once."""
        for field in self.short_fields:
            if not field.value() and field.name not in (PHOTO, PROOF_KIND):
                field.field.widget.attrs["autofocus"] = True
                return

    def proof(self) -> Proof | None:
        """The photo that came along, with which proof it is; one kind needs no choosing."""
        file = self.cleaned_data.get(PHOTO)
        if file is None or self.ask is None:
            return None
        only = [text.nl for text in self.ask.evidence] if len(self.ask.evidence) == 1 else []
        return Proof(file, file.name, self.cleaned_data.get(PROOF_KIND) or "".join(only)[:300])


def labels_of(contracts: Iterable[Contract], clients: Mapping[int, str]) -> list[tuple[int, str]]:
    """Contracts to choose from, each with its client, for that tells most of them apart."""
    return [(one.pk, " · ".join(filter(None, (str(one), clients[one.pk])))) for one in contracts]

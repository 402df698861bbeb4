"""The form of a line of a plan: what is valued, how many times, and what is agreed on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.core.free_text import PLAN_NOTE
from telmee.core.schemes.model import Scheme
from telmee.core.tables.columns import Column, Kind
from telmee.core.tables.contribution_columns import ASKED, BEGIN, CONTRIBUTION, OF_PLAN
from telmee.core.tables.plan_columns import EMPLOYMENT, PLAN
from telmee.web.forms import CountField, KeyField, SafeTextField, choices_with_blank
from telmee.web.schemes.block_words import help_of, label_of
from telmee.web.templatetags.telmee import euros, hundredths
from telmee.web.value_forms import LineForm, field_of

#: A plan names nobody yet, and is valued without what only the effort itself will show.
_NOT_PLANNED = tuple(name for name in ASKED if name not in OF_PLAN)
_NUMBER_MAX = 10_000
#: What each type of employment is called.
_EMPLOYMENTS: Mapping[str, Promise] = {
    "permanent": gettext_lazy("Permanent contract"),
    "temporary": gettext_lazy("Temporary contract"),
    "agency": gettext_lazy("Agency work"),
    "secondment": gettext_lazy("Secondment"),
    "apprenticeship": gettext_lazy("Apprenticeship"),
    "work_experience": gettext_lazy("Work experience without a contract"),
}


class PlanForm(LineForm):
    """A line of effort with what a plan has besides: what is agreed on it is not valued."""

    def __init__(
        self,
        scheme: Scheme,
        data: QueryDict | None = None,
        initial: dict[str, object] | None = None,
    ) -> None:
        fields = _extra() | {name: _field(column) for name, column in PLAN.items()}
        super().__init__(scheme, data, initial, extra_fields=fields, leave_out=_NOT_PLANNED)

    def plan_cells(self) -> dict[str, object]:
        """What is agreed on how the line is done, by the Dutch names; what is empty is left out."""
        typed = {name: self.cleaned_data.get(name) for name in PLAN}
        return {name: cell for name, cell in typed.items() if cell not in (None, "")}

    @property
    def line_fields(self) -> list[BoundField]:
        """The fields below the block, without what is agreed besides."""
        return [field for field in super().line_fields if field.name not in PLAN]

    @property
    def plan_fields(self) -> list[BoundField]:
        """What can be agreed on how the line is done."""
        return [self[name] for name in PLAN]

    @property
    def agrees(self) -> bool:
        """Whether anything of that is filled in, or wrong."""
        return any(self[name].value() or self[name].errors for name in PLAN)


def plan_terms(cells: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is agreed on how a line is done, each with its label, as people read it."""
    for name, cell in cells.items():
        yield label_of(name), _written(PLAN[name], cell)


def _written(column: Column, cell: object) -> str:
    if column.name == EMPLOYMENT:
        return str(_EMPLOYMENTS.get(str(cell), cell))
    if isinstance(cell, int) and column.kind is Kind.CENTS:
        return euros(cell)
    if isinstance(cell, int) and column.kind is Kind.HOURS:
        return hundredths(cell)
    return str(cell)


def _field(column: Column) -> forms.Field:
    if column.kind.is_number:
        return field_of(column, required=False)
    if column.name == EMPLOYMENT:
        types = [(key, str(words)) for key, words in _EMPLOYMENTS.items()]
        choices = choices_with_blank(types, str(_("Not agreed")))
        return field_of(column, required=False, choices=choices)
    return SafeTextField(
        label=label_of(column.name),
        help_text=help_of(column.name),
        max_length=PLAN_NOTE.maximum,
        required=False,
    )


def _extra() -> dict[str, forms.Field]:
    """What a plan line has besides its block: a first day always, how many, and a note."""
    return {
        BEGIN: field_of(CONTRIBUTION[BEGIN]),
        "number": CountField(
            label=gettext_lazy("How many times"),
            help_text=gettext_lazy("The number of people, or of purchases of this kind."),
            maximum=_NUMBER_MAX,
            zero=False,
        ),
        "plan_note": SafeTextField(
            label=gettext_lazy("Note"),
            max_length=PLAN_NOTE.maximum,
            required=False,
            help_text=gettext_lazy("No names, no BSN."),
        ),
        "key": KeyField(),
    }

"""Effort that may be double, in words: on a line, beside a value and as a mark in a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.organisations.acting import Acting
from telmee.core.explain import Step
from telmee.texts import step_text
from telmee.web.language import active
from telmee.web.lists import Column
from telmee.web.templatetags.telmee import status
from telmee.web.value_forms import ShownValue

#: A page says of so many lines why they may be double; how many there are stands beside it.
_LISTED_MAX = 50


def in_words(steps: Iterable[Step]) -> list[str]:
    """Why a line may be double, a sentence each."""
    return [step_text(step, active()) for step in steps]


def line_in_words(acting: Acting, line_id: int) -> list[str]:
    """Why one line may be double, as far as who asks may know."""
    return in_words(doubles_of(acting, [line_id]).get(line_id, ()))


def beside(shown: ShownValue, steps: Iterable[Step]) -> ShownValue:
    """A value of today with what its line may be double with."""
    return replace(shown, doubles=tuple(in_words(steps)))


def several_in_words(
    references: Mapping[int, str], doubles: Mapping[int, Sequence[Step]]
) -> dict[str, object]:
    """Which of some lines may be double, by their references: how many, and why the first are."""
    first = [line for line in references if line in doubles][:_LISTED_MAX]
    return {
        "count": len(doubles),
        "lines": [
            {"pk": line, "reference": references[line], "reasons": in_words(doubles[line])}
            for line in first
        ],
        "more": len(doubles) - len(first),
    }


class DoubleMark(Column):
    """A mark in words on a row of which `double` holds; nothing on the others."""

    def cell(self, row: object) -> SafeString | str:
        """The mark, or nothing."""
        return status(_("Possibly double"), "warning") if self.value(row) else ""


def double_mark() -> DoubleMark:
    """The mark as it stands below another column of a list."""
    return DoubleMark(
        "double",
        gettext_lazy("Possibly double"),
        words=lambda is_double: _("yes") if is_double else _("no"),
    )

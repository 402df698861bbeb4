"""The forms of reports and goals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from telmee.apps.organisations.acting import Own
from telmee.apps.reports.choices import OF_A_REGION, Measure, ReportKind
from telmee.core.free_text import REASON
from telmee.web.forms import CountField, KeyField, SafeTextField, offer

#: How many years back a report can be about, and how many back or ahead a goal.
_YEARS = 6
_AMOUNT_MAX = 10_000_000_000


class MakeForm(forms.Form):
    """For which organisation, which kind, and about which year."""

    organisation = forms.TypedChoiceField(label=_("Of which organisation?"), coerce=int)
    kind = forms.ChoiceField(label=_("Which report?"), widget=forms.RadioSelect)
    year = forms.TypedChoiceField(label=_("Year"), coerce=int)

    def __init__(
        self,
        own: tuple[Own, ...],
        kinds: Mapping[int, Collection[ReportKind]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        now = timezone.localdate().year
        super().__init__(*args, **{"initial": {"year": now - 1}, **kwargs})
        offer(self, "year", [(str(year), str(year)) for year in range(now, now - _YEARS, -1)])
        offer(self, "organisation", [(str(one.id), one.name) for one in own if one.id in kinds])
        some = {kind for of_one in kinds.values() for kind in of_one}
        offer(self, "kind", [(kind.value, kind.label) for kind in ReportKind if kind in some])


class GoalForm(forms.Form):
    """What an organisation wants to reach in a year, and where that was decided."""

    organisation = forms.TypedChoiceField(label=_("Of which organisation?"), coerce=int)
    measure = forms.ChoiceField(label=_("About what?"))
    year = forms.TypedChoiceField(label=_("Year"), coerce=int)
    amount = CountField(
        label=_("Goal"),
        maximum=_AMOUNT_MAX,
        required=False,
        help_text=_(
            "In whole euros, percents or numbers. Leave it empty to take an earlier goal back."
        ),
    )
    source = SafeTextField(
        label=_("Where was it decided?"),
        max_length=REASON.maximum,
        required=False,
        help_text=_("For example the number of the council decision."),
    )
    key = KeyField()

    def __init__(self, own: tuple[Own, ...], *args: Any, **kwargs: Any) -> None:
        now = timezone.localdate().year
        super().__init__(*args, **{"initial": {"year": now}, **kwargs})
        ahead = range(now + _YEARS, now - _YEARS, -1)
        offer(self, "year", [(str(year), str(year)) for year in ahead])
        offer(self, "organisation", [(str(one.id), one.name) for one in own])
        measures = [
            measure
            for measure in Measure
            if measure not in OF_A_REGION or any(one.is_client for one in own)
        ]
        offer(self, "measure", [(measure.value, measure.label) for measure in measures])

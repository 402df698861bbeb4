"""The form of an amendment: what it asks follows from what changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.amending import (
    Wanted,
    agreed,
    corrected,
    option_used,
    registered_facts,
    taken_over,
)
from telmee.apps.contracts.choices import Category, Form, Ground, Takeover, TurnoverPeriods
from telmee.apps.schemes.queries import named_versions
from telmee.core.free_text import NAME
from telmee.core.ledger import Facts
from telmee.web.contracts.forms import ReasonForm
from telmee.web.contracts.taking_over import NextContractor
from telmee.web.enterprise_fields import EnterpriseField
from telmee.web.forms import CountField, DateField, KeyField, MoneyField, SafeTextField, offer
from telmee.web.language import Words
from telmee.web.rule_words import scheme_in_words
from telmee.web.schemes.block_words import UNKNOWN_CHOICE
from telmee.web.schemes.forms import PercentField

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract

#: What somebody can change, in his words, with what that asks beside a day and a reason.
KINDS: Mapping[Ground, tuple[Words, Words, tuple[str, ...]]] = {
    Ground.OPTION_USED: (
        gettext_lazy("An option is used"),
        gettext_lazy("The contract runs on as agreed in its options."),
        (),
    ),
    Ground.OVERRUN: (
        gettext_lazy("The contract runs on after its last option"),
        gettext_lazy("It ends later, and no option is left for that."),
        ("end",),
    ),
    Ground.ENDED_EARLY: (
        gettext_lazy("The contract ends earlier"),
        gettext_lazy("It was ended, or its work is done sooner."),
        ("end", "effective_on"),
    ),
    Ground.VALUE: (
        gettext_lazy("The contract sum becomes another"),
        gettext_lazy("More or less work, or other prices."),
        ("value", "with_vat", "wages", "percentage", "offered", "effective_on"),
    ),
    Ground.CONTENT: (
        gettext_lazy("The work becomes another kind"),
        gettext_lazy("Another category, or another share of labour in it."),
        ("category", "labour_share", "percentage", "offered", "effective_on"),
    ),
    Ground.SCHEME: (
        gettext_lazy("Other rules hold"),
        gettext_lazy(
            "Another version of the rules for social return. The obligation follows them from a"
            " day on. Every line that is decided on after this goes by them, also one of before."
        ),
        ("scheme", "percentage", "offered", "effective_on"),
    ),
    Ground.AGREED: (
        gettext_lazy("An obligation in euros is agreed"),
        gettext_lazy("From then on it does not follow the contract sum any more."),
        ("agreed", "effective_on"),
    ),
    Ground.BY_THE_RULES: (
        gettext_lazy("The obligation follows the rules again"),
        gettext_lazy("An agreed amount ends, or there is an obligation after all."),
        ("percentage", "offered", "effective_on"),
    ),
    Ground.TAKEN_OVER: (
        gettext_lazy("Another organisation carries the contract out"),
        gettext_lazy("After a merger or a transfer, or the contract was taken over."),
        ("kvk", "contractor_name", "takeover", "effective_on"),
    ),
    Ground.CORRECTED: (
        gettext_lazy("The registration was wrong"),
        gettext_lazy("It is put right from the first day on."),
        ("category", "value", "with_vat", "wages", "labour_share", "percentage", "offered",
         "over_turnover", "turnover_period", "client_decides", "start", "end", "extension_count",
         "extension_months"),
    ),
}  # fmt: skip
#: What a framework agreement, which owes nothing itself, has no use for.
_NO_FRAMEWORK = frozenset({Ground.AGREED, Ground.BY_THE_RULES})
#: The name that a contract has for what a field asks.
_FACTS: Mapping[str, str] = {
    "end": "end",
    "start": "start",
    "value": "value_cents",
    "with_vat": "with_vat_cents",
    "wages": "wages_cents",
    "labour_share": "labour_share_bp",
    "percentage": "chosen_bp",
    "offered": "offered_bp",
    "over_turnover": "over_turnover",
    "turnover_period": "turnover_period",
    "client_decides": "client_decides",
    "category": "category",
    "extension_count": "extension_count",
    "extension_months": "extension_months",
}
#: The field of each column that a problem of an amendment names.
FIELDS: Mapping[str, str] = {
    "vanaf": "effective_on",
    "eind": "end",
    "begin": "start",
    "bedrag": "agreed",
    "afgesproken": "agreed",
    "opdrachtwaarde": "value",
    "waarde_met_btw": "with_vat",
    "loonsom": "wages",
    "arbeidsdeel": "labour_share",
    "percentage": "percentage",
    "aangeboden": "offered",
    "omzetperiode": "turnover_period",
    "toelichting": "reason",
    "organisatie": "kvk",
    "name": "contractor_name",
}
_DAY = timedelta(days=1)


def kinds_for(contract: Contract) -> dict[Ground, tuple[Words, Words]]:
    """What can be changed on a contract now, with what that means."""
    kinds = {ground: (label, meaning) for ground, (label, meaning, _) in KINDS.items()}
    gone = Ground.OVERRUN if contract.extension_count else Ground.OPTION_USED
    none = _NO_FRAMEWORK if contract.form == Form.FRAMEWORK else frozenset()
    return {ground: words for ground, words in kinds.items() if ground not in none | {gone}}


class AmendForm(ReasonForm):
    """One amendment: what becomes another, from which day, and why."""

    category = forms.ChoiceField(
        label=gettext_lazy("What the contract is about"),
        choices=Category.choices,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    value = MoneyField(
        label=gettext_lazy("Contract sum in euros"),
        help_text=gettext_lazy("The whole sum from then on, without VAT."),
    )
    with_vat = MoneyField(label=gettext_lazy("The same sum with VAT"), required=False)
    wages = MoneyField(label=gettext_lazy("Wages in it, in euros"), required=False)
    labour_share = PercentField(label=gettext_lazy("Share of labour"), required=False)
    scheme = forms.TypedChoiceField(
        label=gettext_lazy("Which rules"),
        coerce=int,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    percentage = PercentField(
        label=gettext_lazy("Percentage"),
        required=False,
        help_text=gettext_lazy("Only where the rules leave it to you."),
    )
    offered = PercentField(
        label=gettext_lazy("Percentage that the bidder offered"),
        required=False,
        help_text=gettext_lazy("Only when that is more than was asked."),
    )
    over_turnover = forms.BooleanField(
        label=gettext_lazy("The contract reckons over the invoiced turnover"), required=False
    )
    turnover_period = forms.ChoiceField(
        label=gettext_lazy("Turnover is agreed per"),
        required=False,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    client_decides = forms.BooleanField(
        label=gettext_lazy("The client decides when both do not agree on turnover"),
        required=False,
    )
    agreed = MoneyField(
        label=gettext_lazy("New obligation in euros"),
        help_text=gettext_lazy("The whole amount that is owed from then on, not the difference."),
    )
    kvk = EnterpriseField(
        label=gettext_lazy("Who takes the contract over"),
        help_text=gettext_lazy("The KvK number, or a name to choose from the list."),
    )
    contractor_name = SafeTextField(
        label=gettext_lazy("Name of that organisation"),
        max_length=NAME.maximum,
        required=False,
        help_text=gettext_lazy("Only needed when the organisation is not in Telmee yet."),
    )
    takeover = forms.ChoiceField(
        label=gettext_lazy("How it was taken over"),
        choices=Takeover.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    start = DateField(label=gettext_lazy("First day of the contract"))
    end = DateField(label=gettext_lazy("Last day of the contract"))
    extension_count = CountField(label=gettext_lazy("Extensions as registered"), required=False)
    extension_months = CountField(label=gettext_lazy("Months of each"), required=False)
    effective_on = DateField(
        label=gettext_lazy("From which day"),
        help_text=gettext_lazy("The books show the difference on this day."),
    )
    key = KeyField()
    seen = forms.IntegerField(widget=forms.HiddenInput)
    ground = forms.ChoiceField(
        choices=Ground.choices,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    field_order = (
        "kvk", "contractor_name", "takeover",
        "category", "value", "with_vat", "wages", "labour_share", "scheme", "percentage",
        "offered", "over_turnover", "turnover_period", "client_decides", "agreed", "start", "end",
        "extension_count", "extension_months", "effective_on", "reason",
    )  # fmt: skip

    def __init__(self, contract: Contract, ground: Ground, data: QueryDict | None = None) -> None:
        self._contract, self._ground = contract, ground
        facts = _facts_of(contract, ground)
        initial = {field: facts[fact] for field, fact in _FACTS.items()} | {
            "seen": contract.amended,
            "ground": ground,
            "effective_on": min(max(timezone.localdate(), contract.start), contract.end),
            "scheme": contract.scheme_id,
        }
        super().__init__(data, initial=initial)
        shown = {"reason", "key", "seen", "ground", *KINDS[ground][2]}
        if initial["with_vat"] is None:  # its rules do not reckon with VAT
            shown -= {"with_vat"}
        for name in self.fields.keys() - shown:
            del self.fields[name]
        if ground is Ground.TAKEN_OVER:
            day = _("From then on it carries the contract out. Not a day that is still to come.")
            self.fields["effective_on"].help_text = day
        if "turnover_period" in shown:
            silent = _("The contract does not say: calendar year is assumed")
            offer(self, "turnover_period", [("", silent), *TurnoverPeriods.choices])
        if "scheme" in shown:
            versions = sorted(named_versions().values(), key=lambda row: row.title)
            offer(self, "scheme", [(row.pk, scheme_in_words(row)) for row in versions])

    @property
    def next_contractor(self) -> NextContractor | None:
        """Who takes the contract over, if it is about that."""
        if self._ground is not Ground.TAKEN_OVER:
            return None
        typed = self.cleaned_data
        return NextContractor(typed["kvk"], typed["contractor_name"])

    def wanted(self, contractor_id: int | None = None) -> Wanted:
        """The amendment that was filled in; who takes the contract over goes by its id."""
        typed, reason = self.cleaned_data, self.cleaned_data["reason"]
        if contractor_id is not None:
            return taken_over(
                contractor_id,
                how=Takeover(typed["takeover"]),
                effective_on=typed["effective_on"],
                reason=reason,
            )
        if self._ground is Ground.OPTION_USED:
            return option_used(self._contract, reason=reason)
        if self._ground is Ground.AGREED:
            return agreed(
                amount_cents=typed["agreed"], effective_on=typed["effective_on"], reason=reason
            )
        for count in {"extension_count", "extension_months"} & typed.keys():
            typed[count] = typed[count] or 0
        facts = self._facts(typed)
        if self._ground is Ground.SCHEME:
            facts["scheme_id"] = typed["scheme"]
        if self._ground is Ground.BY_THE_RULES:
            facts |= {"agreed_cents": None, "no_obligation": "", "no_obligation_reason": ""}
        if self._ground is Ground.CORRECTED:
            return corrected(self._contract, facts, reason=reason)
        # What runs on counts from the day after the end of now.
        day = typed.get("effective_on") or self._contract.end + _DAY
        return Wanted(ground=self._ground, effective_on=day, reason=reason, facts=facts)

    def _facts(self, typed: Mapping[str, object]) -> dict[str, object]:
        """What changes: what it is about in the first place, and what else was typed anew."""
        first = KINDS[self._ground][2][:1]
        return {
            fact: typed[field]
            for field, fact in _FACTS.items()
            if field in typed and (field in first or typed[field] != self.initial[field])
        }


def _facts_of(contract: Contract, ground: Ground) -> Facts:
    """The facts that a form begins with: those of now, or those of the registration."""
    if ground is Ground.CORRECTED:
        return registered_facts(contract)
    return {fact: getattr(contract, fact) for fact in _FACTS.values()}

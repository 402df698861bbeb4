"""The forms of the scheme pages: which two to compare, and the facts of a contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.core.errors import Problem
from telmee.core.money import WHOLE_BP
from telmee.core.obligations import Basis, Category, Contract, HeldCertificate
from telmee.core.obligations.clients import clients_of
from telmee.core.schemes.model import Scheme
from telmee.texts import phrase
from telmee.web.forms import DateField, HoursField, MoneyField, choices_with_blank, offer
from telmee.web.language import active
from telmee.web.schemes.block_words import UNKNOWN_CHOICE
from telmee.web.value_forms import LiveForm


class CompareForm(forms.Form):
    """Which two schemes to put beside each other, by their names in an address."""

    a = forms.ChoiceField(
        label=gettext_lazy("First scheme"), error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )
    b = forms.ChoiceField(
        label=gettext_lazy("Second scheme"), error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )

    def __init__(
        self, labels: Mapping[str, str], data: Mapping[str, object] | None = None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        for name in self.fields:
            offer(self, name, choices_with_blank(labels.items(), _("Choose a scheme")))


class PercentField(HoursField):
    """A percentage, with or without its sign; gives basis points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(maximum=WHOLE_BP, **options)

    def _parse(self, text: str) -> int | Problem | None:
        return super()._parse(text.strip().removesuffix("%"))


class ContractForm(LiveForm):
    """The facts of a contract that its obligation turns on, as far as this scheme asks them."""

    category = forms.ChoiceField(label=gettext_lazy("What is the contract?"))
    value = MoneyField(
        label=gettext_lazy("Value of the contract in euros"), help_text=gettext_lazy("Without VAT.")
    )
    start = DateField(
        label=gettext_lazy("First day of the contract"),
        help_text=gettext_lazy("For example 1-3-2026."),
    )
    end = DateField(
        label=gettext_lazy("Last day of the contract"),
        help_text=gettext_lazy("The last day counts."),
    )

    def __init__(
        self, scheme: Scheme, data: Mapping[str, object] | None = None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.scheme = scheme
        choices = [(str(name), phrase(f"category.{name}", active())) for name in Category]
        offer(self, "category", choices_with_blank(choices, _("Choose")))
        self.fields |= dict(_fields_of_facts(scheme))

    def contract(self) -> Contract:
        """The contract that was filled in, as the rules of obligations take it."""
        typed = self.cleaned_data
        until = typed.get("certificates_until")
        held = tuple(HeldCertificate(key, until) for key in typed.get("certificates") or ())
        return Contract(
            category=Category(typed["category"]),
            value_cents=typed["value"],
            start=typed["start"],
            end=typed["end"],
            wages_cents=typed.get("wages"),
            labour_share_bp=typed.get("labour_share"),
            bid=typed.get("bid"),
            award=typed.get("award"),
            final_award=typed.get("final_award"),
            completion=typed.get("completion"),
            client=typed.get("client") or None,
            basis=Basis.WAGES if typed.get("over_wages") else Basis.SUM,
            offered_bp=typed.get("offered"),
            chosen_bp=typed.get("percentage"),
            eu_threshold_cents=typed.get("eu_threshold"),
            with_vat_cents=typed.get("with_vat"),
            published=typed.get("published"),
            certificates=held,
            realised_cents=typed.get("realised") or 0,
        )


#: The field of each fact that core names in a problem.
CONTRACT_FIELDS: Mapping[str, str] = {
    "opdrachtwaarde": "value",
    "begin": "start",
    "eind": "end",
    "loonsom": "wages",
    "arbeidsdeel": "labour_share",
    "opdrachtgever": "client",
    "aangeboden": "offered",
    "percentage": "percentage",
    "eu_drempel": "eu_threshold",
    "waarde_met_btw": "with_vat",
    "publicatie": "published",
    "inschrijving": "bid",
    "gunning": "award",
    "definitieve_gunning": "final_award",
    "oplevering": "completion",
    "gerealiseerd": "realised",
    "certificaat": "certificates_until",
}


def _fields_of_facts(scheme: Scheme) -> Iterator[tuple[str, forms.Field]]:
    """The fields of the facts that some rule of the scheme turns on; others are not asked."""
    yield from _fields_of_clients(scheme)
    yield from _fields_of_percentages(scheme)
    yield from amounts_of_scheme(scheme).items()
    if any(rule.eu_amount for rule in scheme.obligation.thresholds):
        help_text = _("Of the tender. It decides which European threshold holds.")
        yield "published", DateField(required=False, label=_("Published on"), help_text=help_text)
    yield from _fields_of_deadlines(scheme)
    if scheme.obligation.discounts:
        yield "certificates", _certificates(scheme)
        label = _("Certificates valid until")
        yield "certificates_until", DateField(required=False, label=label)
    if scheme.obligation.sanctions:
        label = _("What has been verified, in euros")
        help_text = _("As far as the client has verified it.")
        yield "realised", MoneyField(required=False, label=label, help_text=help_text)


def amounts_of_scheme(scheme: Scheme) -> dict[str, forms.Field]:
    """The fields of the amounts that only some schemes turn on."""
    rules, fields = scheme.obligation, dict[str, forms.Field]()
    if any(rule.eu_threshold and rule.eu_amount is None for rule in rules.thresholds):
        label = _("European threshold in euros")
        help_text = _("The scheme names this threshold without an amount.")
        fields["eu_threshold"] = MoneyField(required=False, label=label, help_text=help_text)
    if rules.with_vat:
        label, help_text = _("Value with VAT in euros"), _("The scheme reckons with VAT.")
        fields["with_vat"] = MoneyField(required=False, label=label, help_text=help_text)
    return fields


def _fields_of_clients(scheme: Scheme) -> Iterator[tuple[str, forms.Field]]:
    rules = scheme.obligation
    scopes = [row.clients for row in rules.thresholds] + [row.clients for row in rules.percentages]
    if any(clients is not None for clients in scopes):
        names = [(name, name) for name in clients_of(scheme)]
        yield (
            "client",
            forms.ChoiceField(
                required=False,
                label=_("Client"),
                choices=choices_with_blank(names, _("Choose a client")),
                error_messages={"invalid_choice": UNKNOWN_CHOICE},
            ),
        )


def _fields_of_percentages(scheme: Scheme) -> Iterator[tuple[str, forms.Field]]:
    rules = scheme.obligation.percentages
    if any(rule.basis == "wage_sum" for rule in rules):
        label = _("Wage sum of the contract in euros")
        yield "wages", MoneyField(required=False, label=label)
        label = _("The parties agreed to reckon over the wage sum")
        yield "over_wages", forms.BooleanField(required=False, label=label)
    bounds = ((rule.labour_share_min_bp, rule.labour_share_below_bp) for rule in rules)
    if any(bound is not None for both in bounds for bound in both):
        label = _("Share of labour in the contract, in percent")
        yield "labour_share", PercentField(required=False, label=label)
    label = _("Percentage that the bidder offers")
    help_text = _("Only when that is more than was asked.")
    yield "offered", PercentField(required=False, label=label, help_text=help_text)
    yield (
        "percentage",
        PercentField(
            required=False,
            label=_("Percentage in the tender documents"),
            help_text=_("Only where the scheme leaves the percentage open."),
        ),
    )


def _fields_of_deadlines(scheme: Scheme) -> Iterator[tuple[str, forms.Field]]:
    labels = {
        "bid": _("Date of the bid"),
        "award": _("Date of the award"),
        "final_award": _("Date of the final award"),
        "completion": _("Date of completion"),
    }
    moments = {deadline.moment for deadline in scheme.obligation.deadlines}
    if any(discount.valid == "tender" for discount in scheme.obligation.discounts):
        moments.add("bid")
    for moment, label in labels.items():
        if moment in moments:
            yield moment, DateField(required=False, label=label)


def _certificates(scheme: Scheme) -> forms.Field:
    labels = {
        certificate.key: certificate.label.in_language(active())
        for certificate in scheme.certificates
    }
    keys = sorted({key for rule in scheme.obligation.discounts for key in rule.certificates})
    return forms.MultipleChoiceField(
        required=False,
        label=_("Certificates of the contractor"),
        choices=[(key, labels.get(key, key)) for key in keys],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )

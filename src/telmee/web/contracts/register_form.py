"""The form of a new contract: who, what, when, and what it owes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.choices import Category, Form, NoObligation, TurnoverPeriods
from telmee.apps.contracts.facts import ContractFacts, registration_faults
from telmee.apps.contracts.queries import (
    RegisteringChoice,
    clients_to_register_for,
    frameworks_of,
)
from telmee.apps.contracts.registering import NewContractor
from telmee.apps.organisations.acting import Acting
from telmee.apps.schemes.queries import families, rules_of
from telmee.core.errors import DomainError
from telmee.core.free_text import LOT, NAME, REFERENCE
from telmee.core.obligations.clients import clients_of, same_client
from telmee.core.schemes.model import Scheme
from telmee.web.contracts.forms import CpvField, adviser_choices
from telmee.web.enterprise_fields import EnterpriseField
from telmee.web.forms import (
    CountField,
    DateField,
    KeyField,
    MoneyField,
    ReferenceField,
    SafeEmailField,
    SafeTextArea,
    SafeTextField,
    add_problems,
    choices_with_blank,
    offer,
    only_when,
)
from telmee.web.schemes.block_words import UNKNOWN_CHOICE
from telmee.web.schemes.forms import PercentField, amounts_of_scheme
from telmee.web.value_forms import LiveForm

#: The field of each fact that a problem names.
FIELDS: Mapping[str, str] = {
    "opdrachtnemer": "kvk",
    "kenmerk": "reference",
    "naam": "name",
    "aanbesteding": "procurement",
    "perceel": "lot",
    "name": "contractor_name",
    "raamovereenkomst": "parent",
    "toelichting": "no_obligation_reason",
    "reden_percentage": "percentage_reason",
    "opdrachtwaarde": "value",
    "begin": "start",
    "eind": "end",
    "loonsom": "wages",
    "arbeidsdeel": "labour_share",
    "opdrachtgever": "rules_client",
    "aangeboden": "offered",
    "percentage": "percentage",
    "inschrijving": "published_on",
    "gunning": "awarded_on",
    "afgesproken": "agreed",
    "eu_drempel": "eu_threshold",
    "waarde_met_btw": "with_vat",
    "publicatie": "published_on",
}
#: What has to be known before anything can be said about what is owed.
NEEDED = ("scheme", "category", "value", "start", "end")
_EXTENSIONS_MAX, _MONTHS_MAX = 20, 120
_UNKNOWN = {"invalid_choice": UNKNOWN_CHOICE}


class RegisterForm(LiveForm):
    """A new contract. What the chosen scheme turns on is asked as soon as it is chosen."""

    key = KeyField()
    client = forms.TypedChoiceField(
        label=gettext_lazy("Client"), coerce=int, error_messages=_UNKNOWN
    )
    kvk = EnterpriseField(
        label=gettext_lazy("Contractor"),
        help_text=gettext_lazy("The KvK number, or a name to choose from the list."),
    )
    contractor_name = SafeTextField(
        label=gettext_lazy("Name of the contractor"),
        max_length=NAME.maximum,
        required=False,
        help_text=gettext_lazy("Only needed when the contractor is not in Telmee yet."),
    )
    email = SafeEmailField(
        label=gettext_lazy("E-mail address of somebody at the contractor"),
        required=False,
        help_text=gettext_lazy(
            "Gets an invitation, unless somebody of the contractor signs in already."
        ),
    )
    adviser = forms.TypedChoiceField(
        label=gettext_lazy("Adviser"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages=_UNKNOWN,
    )
    reference = ReferenceField(label=gettext_lazy("Reference"), max_length=REFERENCE.maximum)
    reference_again = forms.BooleanField(
        label=gettext_lazy("It is another contract: the reference is right"), required=False
    )
    name = SafeTextField(label=gettext_lazy("Name"), max_length=NAME.maximum)
    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        choices=Form.choices,
        initial=Form.SINGLE,
        widget=forms.RadioSelect,
        error_messages=_UNKNOWN,
    )
    parent = forms.TypedChoiceField(
        label=gettext_lazy("Framework agreement"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy("Only for a call-off."),
        error_messages=_UNKNOWN,
    )
    category = forms.ChoiceField(
        label=gettext_lazy("What is the contract?"), error_messages=_UNKNOWN
    )
    procurement = ReferenceField(
        label=gettext_lazy("Reference of the tender"),
        max_length=REFERENCE.maximum,
        required=False,
        help_text=gettext_lazy("Lots of one tender have the same reference."),
    )
    lot = SafeTextField(label=gettext_lazy("Lot"), max_length=LOT.maximum, required=False)
    cpv = CpvField(
        label=gettext_lazy("CPV code"),
        max_length=330,
        required=False,
        help_text=gettext_lazy("Type a code, or a word such as schilderwerk."),
    )
    published_on = DateField(
        label=gettext_lazy("Published on"),
        required=False,
        help_text=gettext_lazy("Of the tender. It decides which European threshold holds."),
    )
    awarded_on = DateField(label=gettext_lazy("Awarded on"), required=False)
    start = DateField(
        label=gettext_lazy("First day of the contract"),
        help_text=gettext_lazy("For example 1-3-2026."),
    )
    end = DateField(
        label=gettext_lazy("Last day of the contract"),
        help_text=gettext_lazy("The last day counts."),
    )
    extension_count = CountField(
        label=gettext_lazy("How often it can be extended"),
        required=False,
        maximum=_EXTENSIONS_MAX,
    )
    extension_months = CountField(
        label=gettext_lazy("By how many months each time"), required=False, maximum=_MONTHS_MAX
    )
    value = MoneyField(
        label=gettext_lazy("Value of the contract in euros"),
        help_text=gettext_lazy("Without VAT. Of a framework agreement: with all its options."),
    )
    wages = MoneyField(label=gettext_lazy("Wages in it, in euros"), required=False)
    labour_share = PercentField(
        label=gettext_lazy("Share of labour in the contract, in percent"), required=False
    )
    scheme = forms.ChoiceField(
        label=gettext_lazy("Scheme"),
        help_text=gettext_lazy("The date of the contract picks the version."),
        error_messages=_UNKNOWN,
    )
    owes = forms.ChoiceField(
        label=gettext_lazy("What does it owe?"),
        choices=(
            ("rules", gettext_lazy("What follows from the scheme")),
            ("percentage", gettext_lazy("A percentage, as the scheme leaves it open")),
            ("agreed", gettext_lazy("An amount that was agreed")),
            ("none", gettext_lazy("Nothing, for a reason that is recorded")),
        ),
        initial="rules",
        widget=forms.RadioSelect,
        error_messages=_UNKNOWN,
    )
    agreed = only_when(
        MoneyField(label=gettext_lazy("The agreed amount in euros")),
        gettext_lazy("only when an amount was agreed"),
    )
    percentage = only_when(
        PercentField(label=gettext_lazy("Percentage in the tender documents")),
        gettext_lazy("only when the scheme leaves it open"),
    )
    offered = PercentField(
        label=gettext_lazy("Percentage that the bidder offered"),
        required=False,
        help_text=gettext_lazy(
            "Only when the bidder offered more than was asked. The obligation follows it, also when"
            " the value of the contract becomes another."
        ),
    )
    over_turnover = forms.BooleanField(
        label=gettext_lazy("The contract reckons over the invoiced turnover"),
        required=False,
        help_text=gettext_lazy(
            "Not needed where the rules do. Then the obligation follows the turnover on which both"
            " sides agree; until then there is only an estimate."
        ),
    )
    turnover_period = forms.ChoiceField(
        label=gettext_lazy("Turnover is agreed per"), required=False, error_messages=_UNKNOWN
    )
    client_decides = forms.BooleanField(
        label=gettext_lazy("The client decides when both do not agree on turnover"),
        required=False,
        help_text=gettext_lazy("Only where the contract says so."),
    )
    percentage_reason = only_when(
        SafeTextArea(label=gettext_lazy("Reason for the percentage or the amount")),
        gettext_lazy("needed when somebody chose a percentage or an amount"),
    )
    no_obligation = only_when(
        forms.ChoiceField(
            label=gettext_lazy("Why there is no obligation"), error_messages=_UNKNOWN
        ),
        gettext_lazy("only when nothing is owed"),
    )
    no_obligation_reason = only_when(
        SafeTextArea(label=gettext_lazy("Explanation")),
        gettext_lazy("needed when nothing is owed"),
    )

    def __init__(
        self,
        acting: Acting,
        data: QueryDict | None = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.clients = clients_to_register_for(acting)
        offer(self, "client", _clients(self.clients))
        if len(self.clients) == 1:
            self.fields["client"].initial = self.clients[0].client_id
        offer(self, "parent", _frameworks(acting, self.clients))
        teams = {choice.team_id or choice.client_id for choice in self.clients}
        self.fields["kvk"].required = self["form"].value() != Form.FRAMEWORK
        offer(self, "adviser", adviser_choices(acting, sorted(teams)))
        offer(self, "category", [("", _("Choose")), *Category.choices])
        offer(self, "scheme", choices_with_blank(_schemes(), _("Choose a scheme")))
        reasons = [("", _("Choose a reason")), *NoObligation.choices]
        offer(self, "no_obligation", reasons)
        silent = _("The contract does not say: calendar year is assumed")
        offer(self, "turnover_period", [("", silent), *TurnoverPeriods.choices])
        self.rules = self._rules()
        if self.rules is not None:
            self.fields |= _fields_of_scheme(self.rules)
            if "rules_client" in self.fields:
                self.fields["rules_client"].initial = self._own_rules(self.rules)

    def _own_rules(self, scheme: Scheme) -> str | None:
        """The rules that a scheme has for the client itself, if it has any."""
        chosen = str(self["client"].value() or "")
        names = {str(choice.client_id): choice.client_name for choice in self.clients}
        return same_client(scheme, names[chosen]) if chosen in names else None

    def _rules(self) -> Scheme | None:
        """The newest version of the scheme that was chosen: what it asks is asked here."""
        chosen = str(self["scheme"].value() or "")
        rows = [
            row for versions in families().values() for row in versions if row.scheme_id == chosen
        ]
        return rules_of(rows[-1]) if rows else None

    def clean(self) -> dict[str, object]:
        """Add how the facts contradict each other to everything else that is wrong."""
        typed = super().clean() or self.cleaned_data
        owes = typed.get("owes")
        for answer, name in (
            ("percentage", "percentage"),
            ("agreed", "agreed"),
            ("none", "no_obligation"),
        ):
            if owes == answer and typed.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        faults = registration_faults(
            form=typed.get("form"),
            start=typed.get("start"),
            end=typed.get("end"),
            has_contractor=bool(typed.get("kvk")) or "kvk" in self.errors,
            parent_id=typed.get("parent"),
            no_obligation=typed.get("no_obligation") if owes == "none" else None,
            no_obligation_reason=typed.get("no_obligation_reason") or "",
            agreed_cents=typed.get("agreed") if owes == "agreed" else None,
            chosen_bp=typed.get("percentage") if owes == "percentage" else None,
            percentage_reason=typed.get("percentage_reason") or "",
        )
        if problems := list(faults):
            add_problems(self, DomainError(problems), FIELDS)
        return typed

    @property
    def can_tell(self) -> bool:
        """Whether enough was filled in to say what is owed."""
        if not self.is_bound:
            return False
        return not any(name in self.errors for name in (*NEEDED, *_field_names(self.rules)))

    def facts(self) -> ContractFacts:
        """The facts that were filled in, as far as they were."""
        typed = self.cleaned_data
        owes = typed.get("owes")
        return ContractFacts(
            key=typed.get("key"),
            reference=typed.get("reference", ""),
            name=typed.get("name", ""),
            category=Category(typed["category"]),
            form=Form(typed.get("form") or Form.SINGLE),
            parent_id=typed.get("parent") if typed.get("form") == Form.CALL_OFF else None,
            procurement=typed.get("procurement", ""),
            lot=typed.get("lot", ""),
            cpv=typed.get("cpv"),
            published_on=typed.get("published_on"),
            awarded_on=typed.get("awarded_on"),
            start=typed["start"],
            end=typed["end"],
            extension_count=typed.get("extension_count") or 0,
            extension_months=typed.get("extension_months") or 0,
            value_cents=typed["value"],
            wages_cents=typed.get("wages"),
            labour_share_bp=typed.get("labour_share"),
            offered_bp=typed.get("offered"),
            chosen_bp=typed.get("percentage") if owes == "percentage" else None,
            rules_client=typed.get("rules_client") or None,
            eu_threshold_cents=typed.get("eu_threshold"),
            with_vat_cents=typed.get("with_vat"),
            scheme=typed["scheme"],
            agreed_cents=typed.get("agreed") if owes == "agreed" else None,
            over_turnover=bool(typed.get("over_turnover")),
            turnover_period=typed.get("turnover_period") or "",
            client_decides=bool(typed.get("client_decides")),
            percentage_reason=typed.get("percentage_reason", ""),
            no_obligation=NoObligation(typed["no_obligation"])
            if owes == "none" and typed.get("no_obligation")
            else None,
            no_obligation_reason=typed.get("no_obligation_reason", ""),
            adviser_id=typed.get("adviser"),
            reference_again=typed.get("reference_again", False),
        )

    def contractor(self) -> NewContractor | None:
        """The contractor, if one was filled in."""
        typed = self.cleaned_data
        if not typed["kvk"]:
            return None
        return NewContractor(kvk=typed["kvk"], name=typed["contractor_name"], email=typed["email"])

    @property
    def asks_reference(self) -> bool:
        """Whether the reference is in use already, so that is asked whether it is right."""
        problems = self.errors.as_data().get("reference", [])
        ticked = self["reference_again"].value()
        return bool(ticked) or any(
            problem.code == "contract_reference_used" for problem in problems
        )

    @property
    def asks_turnover(self) -> bool:
        """Whether somebody said something of turnover, so that what he said stays in sight."""
        return any(self[name].value() for name in ("over_turnover", "turnover_period")) or bool(
            self["client_decides"].value()
        )

    @property
    def scheme_fields(self) -> list[forms.BoundField]:
        """List the fields that the chosen scheme asks."""
        return [self[name] for name in _field_names(self.rules)]


def _clients(choices: list[RegisteringChoice]) -> list[tuple[Any, str]]:
    options = [(choice.client_id, choice.client_name) for choice in choices]
    return options if len(options) == 1 else [("", _("Choose a client")), *options]


def _frameworks(acting: Acting, choices: list[RegisteringChoice]) -> list[tuple[Any, str]]:
    frameworks = frameworks_of(acting, *(choice.client_id for choice in choices))
    options = [
        (row.pk, str(row)) for row in frameworks.only("reference", "name").order_by("reference")
    ]
    return [("", _("No framework agreement")), *options]


def _schemes() -> list[tuple[str, str]]:
    """Name each family of versions by the newest of its schemes."""
    newest = [rows[-1] for rows in families().values()]
    options = [(row.scheme_id, f"{row.publisher}: {row.title}") for row in newest]
    return sorted(options, key=lambda choice: choice[1].casefold())


def _field_names(scheme: Scheme | None) -> list[str]:
    return [] if scheme is None else list(_fields_of_scheme(scheme))


def _fields_of_scheme(scheme: Scheme) -> dict[str, forms.Field]:
    """The fields of the facts that only some schemes turn on."""
    rules = scheme.obligation
    fields: dict[str, forms.Field] = {}
    scopes = [rule.clients for rule in rules.thresholds]
    scopes += [rule.clients for rule in rules.percentages]
    if any(clients is not None for clients in scopes):
        names = [(name, name) for name in clients_of(scheme)]
        fields["rules_client"] = forms.ChoiceField(
            label=_("Whose rules of the scheme hold"),
            choices=choices_with_blank(names, _("Choose a client")),
            error_messages={**_UNKNOWN, "required": _("Choose whose rules hold.")},
        )
    return fields | amounts_of_scheme(scheme)

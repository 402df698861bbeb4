"""The forms about a contract that exists: its facts, its obligation, its parties, its end."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.cpv import cpv_codes, cpv_named
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.queries import colleagues
from telmee.core.errors import Problem
from telmee.core.free_text import LOT, NAME, REFERENCE
from telmee.web.contracts.contract_words import ROLES
from telmee.web.enterprise_fields import EnterpriseField
from telmee.web.forms import (
    DateField,
    ReferenceField,
    SafeTextArea,
    SafeTextField,
    as_validation_error,
    choices_with_blank,
    offer,
)
from telmee.web.schemes.block_words import UNKNOWN_CHOICE

_CODES_TOLD = 5


class CpvField(SafeTextField):
    """A CPV code, typed as a code or chosen from the list; gives the code or nothing.

    Without script somebody types a word, and the message names the codes that have it. One in ten
    codes passes for a BSN with its check digit: what is a code is no BSN.
    """

    widget = forms.TextInput(attrs={"list": "cpv-codes", "autocomplete": "off"})

    def clean(self, value: object) -> str | None:
        """Find the one code that was meant."""
        cpv = cpv_named(str(value or ""))
        if cpv is not None and str(value).strip() in {str(cpv), cpv.code, cpv.code[:8]}:
            return cpv.code
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        if cpv is not None:
            return cpv.code
        near = [str(code) for code in cpv_codes(text)[:_CODES_TOLD]]
        params = {"codes": "; ".join(near)}
        raise as_validation_error(
            Problem("cpv_choice", params=params) if near else Problem("unknown_cpv")
        )


def adviser_choices(acting: Acting, organisations: Iterable[int]) -> list[tuple[str, str]]:
    """List the colleagues who can be the adviser of a contract."""
    advisers = {
        str(member.user_id): str(member.user)
        for organisation in organisations
        for member in colleagues(acting, organisation)
    }
    return choices_with_blank(advisers.items(), _("Nobody in particular"))


class ReasonForm(forms.Form):
    """Why something is done; everybody who sees the contract can read it."""

    reason = SafeTextArea(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Everybody who sees this contract can read this. No names, no BSN."),
    )


class CloseForm(ReasonForm):
    """Which day is the last of a contract that is closed, and why."""

    on = DateField(label=gettext_lazy("Last day"))
    sure = forms.BooleanField(
        label=gettext_lazy("I am sure: after this nothing is handed in, planned or decided")
    )
    field_order = ("on", "reason", "sure")


class ChangeForm(ReasonForm):
    """The facts of a contract that do not change what it owes."""

    name = SafeTextField(label=gettext_lazy("Name"), max_length=NAME.maximum)
    procurement = ReferenceField(
        label=gettext_lazy("Reference of the tender"), max_length=REFERENCE.maximum, required=False
    )
    lot = SafeTextField(label=gettext_lazy("Lot"), max_length=LOT.maximum, required=False)
    cpv = CpvField(label=gettext_lazy("CPV code"), max_length=330, required=False)
    awarded_on = DateField(label=gettext_lazy("Awarded on"), required=False)
    percentage_reason = SafeTextArea(
        label=gettext_lazy("Reason for the percentage"), required=False
    )
    adviser = forms.TypedChoiceField(
        label=gettext_lazy("Adviser"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    field_order = (
        "name", "procurement", "lot", "cpv", "awarded_on", "percentage_reason", "adviser", "reason",
    )  # fmt: skip

    def __init__(self, access: ContractAccess, data: QueryDict | None = None) -> None:
        contract = access.contract
        initial = {
            "name": contract.name,
            "procurement": contract.procurement,
            "lot": contract.lot,
            "cpv": str(contract.cpv) if contract.cpv else "",
            "awarded_on": contract.awarded_on,
            "percentage_reason": contract.percentage_reason,
            "adviser": contract.adviser_id or "",
        }
        super().__init__(data, initial=initial)
        own = [access.deciding_for] if access.deciding_for is not None else []
        choices = adviser_choices(access.acting, own)
        if contract.adviser_id and str(contract.adviser_id) not in dict(choices):
            choices.append((str(contract.adviser_id), _("The adviser of now")))
        offer(self, "adviser", choices)

    def changes(self) -> dict[str, object]:
        """The facts by the names that the contract has for them."""
        typed = dict(self.cleaned_data)
        typed.pop("reason")
        return {
            **{name: value for name, value in typed.items() if name not in {"cpv", "adviser"}},
            "cpv_id": typed["cpv"],
            "adviser_id": typed["adviser"],
        }


class PartyForm(forms.Form):
    """Which organisation becomes a party, and in which role."""

    kvk = EnterpriseField(
        label=gettext_lazy("Organisation"),
        help_text=gettext_lazy("The KvK number, or a name to choose from the list."),
    )
    name = SafeTextField(
        label=gettext_lazy("Name of the organisation"),
        max_length=NAME.maximum,
        required=False,
        help_text=gettext_lazy("Only needed when the organisation is not in Telmee yet."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )

    def __init__(self, access: ContractAccess, data: QueryDict | None = None) -> None:
        super().__init__(data)
        roles = addable_roles(access)
        offer(self, "role", [(role, ROLES[role]) for role in roles])
        if len(roles) == 1:
            self.fields["role"].initial = roles[0]


def addable_roles(access: ContractAccess) -> list[PartyRole]:
    """The roles in which this visitor may bring in an organisation."""
    if access.deciding_for is not None:
        taken = {PartyRole.CLIENT, PartyRole.FORMER}
        if access.contractor:
            taken.add(PartyRole.CONTRACTOR)
        return [role for role in PartyRole if role not in taken]
    return [PartyRole.SUBCONTRACTOR] if access.leading_for is not None else []

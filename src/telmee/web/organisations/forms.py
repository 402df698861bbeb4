"""The forms about organisations, people and recognitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telmee.apps.organisations import queries
from telmee.apps.organisations.choices import (
    OBJECTION_DAYS,
    USUAL_DISPUTE_DAYS,
    RecognitionKind,
    Role,
)
from telmee.core.free_text import CERTIFICATE, NAME, PERSON_NAME
from telmee.web.forms import (
    CountField,
    DateField,
    SafeEmailField,
    SafeTextField,
    SafeURLField,
    choices_with_blank,
    offer,
)

Choices = Iterable[tuple[int | str, str]]

#: What a member may do, in words that tell the difference.
ROLES = (
    (Role.MANAGER, _("Manager: does everything, and manages people")),
    (Role.WORKER, _("Worker: works on contracts")),
    (Role.READER, _("Reader: sees everything, changes nothing")),
)
_COUNCIL = (Role.COUNCIL, _("Council member: reads what was published, and nothing else"))


def _municipalities() -> Choices:
    places = [(place.code, place.name) for place in queries.municipalities()]
    return choices_with_blank(places, gettext("No municipality"))


class OrganisationForm(forms.Form):
    """What an organisation says about itself."""

    name = SafeTextField(label=_("Name"), max_length=NAME.maximum)
    municipality = forms.ChoiceField(
        label=_("Municipality"),
        choices=_municipalities,
        required=False,
        help_text=_("The municipality that the organisation is, or where it has its seat."),
    )


class OwnForm(OrganisationForm):
    """What an organisation says about itself, and how it is written to."""

    letter_language = forms.ChoiceField(
        label=_("Language of letters to your organisation"),
        choices=(("nl", _("Dutch")), ("en", _("English"))),
        required=False,
    )


class ClientForm(OwnForm):
    """What a client says about itself, and how it decides."""

    accepts_ahead = forms.BooleanField(
        label=_("Accept effort that is still to come at once, for its whole value"),
        required=False,
        help_text=_(
            "This is for contracts that your organisation awards. Without it a decision counts the"
            " effort up to and including today, and the rest comes back in the work list when the"
            " effort is over."
        ),
    )
    dispute_days = CountField(
        label=_("Days to come to something after a dispute"),
        required=False,
        maximum=365,
        help_text=format_lazy(
            _("When one side does not agree with turnover. Empty: {days} days."),
            days=USUAL_DISPUTE_DAYS,
        ),
    )
    carries_surplus = forms.BooleanField(
        label=_("Surplus of one contract may go to another contract of the same contractor"),
        required=False,
        help_text=_("Choose this where your own rules say so. Without it nothing is carried over."),
    )
    answer_days = CountField(
        label=_("Days to answer a proposal"),
        required=False,
        help_text=_("Such as a settlement. Empty is 28 days. Silence settles nothing by itself."),
    )
    objection_days = CountField(
        label=_("Days to decide on an objection"),
        required=False,
        help_text=format_lazy(
            _("Your own term, counted from the day it was received. Empty: {days} days (6 weeks)."),
            days=OBJECTION_DAYS,
        ),
    )


class RegistrationForm(forms.Form):
    """By which numbers an organisation is known, and whether it awards contracts."""

    kvk = forms.CharField(label=_("KvK number"), max_length=30, required=False)
    oin = forms.CharField(
        label=_("OIN"),
        max_length=40,
        required=False,
        help_text=_("Twenty digits, of a public body."),
    )
    rsin = forms.CharField(
        label=_("RSIN"),
        max_length=30,
        required=False,
        help_text=_(
            "Nine digits, of an organisation: it stands in the trade register with the KvK number,"
            " so fill that in too. A BSN of a person looks the same and must not be here."
        ),
    )
    is_client = forms.BooleanField(
        label=_("Awards contracts, or decides on them for who does"), required=False
    )


class AdditionForm(OrganisationForm, RegistrationForm):
    """A new organisation, and its first manager where he is known."""

    email = SafeEmailField(
        label=_("E-mail address of the first manager"),
        required=False,
        help_text=_("We mail an invitation. You can also do this later."),
    )
    field_order = ("name", "municipality", "kvk", "oin", "rsin", "is_client", "email")


class InvitationForm(forms.Form):
    """Who is invited, and to do what; the first person of a contractor for which contract."""

    contract_id = forms.TypedChoiceField(
        label=_("Contract"),
        coerce=int,
        help_text=_(
            "Who you invite sees this contract and no other, until you confirm that he works for"
            " this contractor."
        ),
    )
    email = SafeEmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.RadioSelect)

    def __init__(
        self,
        *arguments: Any,
        first: bool,
        is_client: bool,
        contracts: Mapping[int, str],
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        if is_client:
            offer(self, "role", (*ROLES, _COUNCIL))
        if first:
            offer(self, "role", ROLES[:1])
            self.fields["role"].initial = Role.MANAGER
        if contracts:
            offer(self, "contract_id", contracts.items())
        else:
            del self.fields["contract_id"]


class RoleForm(forms.Form):
    """What somebody may do."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.RadioSelect)


class NewAccountForm(forms.Form):
    """What somebody chooses who comes in by an invitation."""

    name = SafeTextField(
        label=_("Your name"),
        max_length=PERSON_NAME.maximum,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=lazystr(password_validators_help_text_html),
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, object]:
        """Hold the password to the rules, and to what was typed a second time."""
        typed = super().clean() or {}
        password = typed.get("password", "")
        if password and "again" in typed and password != typed["again"]:
            self.add_error("again", gettext("The two passwords are not the same."))
        elif password:
            try:
                validate_password(password)
            except ValidationError as error:
                self.add_error("password", error)
        return typed


class AccountForm(forms.Form):
    """How somebody is called, and which language he reads."""

    name = SafeTextField(
        label=_("Your name"),
        max_length=PERSON_NAME.maximum,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    gets_heads = forms.BooleanField(
        label=_("Mail me the check number of the books each day"),
        help_text=_("Only for managers of a client."),
        required=False,
    )


class RecognitionForm(forms.Form):
    """A certificate that somebody looked at."""

    checked_by = forms.TypedChoiceField(label=_("Checked for"), coerce=int)
    kvk = forms.CharField(label=_("KvK number of the enterprise"), max_length=30)
    name = SafeTextField(
        label=_("Name of the enterprise"),
        max_length=NAME.maximum,
        required=False,
        help_text=_("Only needed when the enterprise is not in Telmee yet."),
    )
    kind = forms.ChoiceField(
        label=_("Recognition"), choices=RecognitionKind.choices, widget=forms.RadioSelect
    )
    level = SafeTextField(
        label=_("Level"),
        max_length=CERTIFICATE.maximum,
        required=False,
        help_text=_("For PSO the step, such as 3."),
    )
    number = SafeTextField(
        label=_("Number of the certificate"), max_length=CERTIFICATE.maximum, required=False
    )
    valid_from = DateField(label=_("First day"))
    valid_until = DateField(
        label=_("Last day"), required=False, help_text=_("Leave it empty when there is no end.")
    )
    source = SafeURLField(label=_("Where it can be looked up"), required=False)

    def __init__(self, *arguments: Any, clients: Choices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        known = list(clients)
        offer(self, "checked_by", known)
        if len(known) == 1:
            self.fields["checked_by"].initial = known[0][0]


class EndForm(forms.Form):
    """The day on which a recognition ended."""

    valid_until = DateField(label=_("Last day"))

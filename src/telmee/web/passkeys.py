"""The forms of passkeys, whose name has a label in the reader's language.

The library leaves that label to Django, which makes it of the name of the field, in English.
"""

from __future__ import annotations

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    name = forms.CharField(label=_("Name of this passkey"), required=False)


class EditPasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name of this passkey"))

"""Make an operator, on the connection of the owner of the tables: the application may not."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation

from telmee.apps.organisations.models import User
from telmee.core.errors import DomainError, Problem
from telmee.texts import Language


def new_account(email: str, name: str, language: Language) -> User:
    """The account to be, checked and not saved yet.

    Raises `DomainError` `email_invalid`, or `operator_email_known`: who works for an organisation
    has another account than who runs the platform.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise DomainError(Problem("operator_email_invalid", "EMAIL")) from None
    if User.objects.filter(email=address).exists():
        raise DomainError(Problem("operator_email_known", "EMAIL", params={"email": address}))
    return User(email=address, name=(name.strip() or address)[:120], language=language)


def require_strong(password: str, account: User) -> None:
    """Raise `DomainError` `password_refused` with every reason, in the language of the account."""
    try:
        with translation.override(account.language):
            validate_password(password, account)
    except ValidationError as error:
        reasons = " ".join(error.messages)
        raise DomainError(Problem("password_refused", params={"reasons": reasons})) from None


@transaction.atomic
def save(account: User, password: str | None) -> None:
    """Save an operator; without a password he cannot sign in until he used his link."""
    account.is_operator = True
    account.set_password(password)
    account.save()


def link_for(account: User) -> str:
    """The address on which he chooses a password; used or too old it opens nothing."""
    key = f"{user_pk_to_url_str(account)}-{default_token_generator.make_token(account)}"
    return str(get_adapter().get_reset_password_from_key_url(key))

"""What the library for signing in mails is a notice of ours, with words of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import allauth
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from telmee.apps.notices.models import Notice
from telmee.apps.notices.wording import words_of
from telmee.web.account_notices import CHANGES, RESET, tell_of_account
from telmee.web.notices.views import NOTICES
from tests.cast import PASSWORD, Cast
from tests.mailing import mailed

#: Mails of pages that do not exist here: nobody signs up, changes his address or disconnects a
#: sign-in by himself, and nobody signs in by a code that is mailed.
NEVER = {
    f"account/email/{name}"
    for name in (
        *("account_already_exists", "unknown_account", "login_code", "password_reset_code"),
        *("email_changed", "email_confirm", "email_confirmation", "email_confirmation_signup"),
        "email_deleted",
    )
} | {"socialaccount/email/account_disconnected"}
_MAILS = settings.SOURCE / "web" / "templates" / "notices" / "mail"


def test_every_mail_of_the_library_is_a_notice_or_never_sent() -> None:
    place = Path(allauth.__file__).parent / "templates"
    mails = {
        str(path.relative_to(place)).removesuffix("_subject.txt")
        for path in place.glob("**/email/*_subject.txt")
    }
    assert mails == {*CHANGES, RESET} | NEVER


def test_every_notice_has_a_name_and_words() -> None:
    subjects = {path.name.removesuffix("_subject.txt") for path in _MAILS.glob("*_subject.txt")}
    assert subjects == set(NOTICES)
    assert {path.name for path in _MAILS.glob("*.txt")} == {
        f"{code}{part}.txt" for code in NOTICES for part in ("", "_subject")
    }


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_change_is_told_in_a_sentence_of_its_own(language: str) -> None:
    sentences = set()
    for change in CHANGES.values():
        facts = {"change": change, "at": timezone.now().isoformat()}
        notice = Notice(code="account_changed", facts=facts, language=language, message_id="<1@x>")
        sentences.add(words_of(notice).text.splitlines()[2])
    assert "" not in sentences
    assert len(sentences) == len(CHANGES)


def test_who_changes_his_password_is_told_in_his_own_language(
    cast: Cast, own_database: str, as_owner: Any, browse: Any
) -> None:
    del own_database
    as_owner("UPDATE organisations_user SET language = 'en' WHERE id = %s", cast.adviser.pk)
    browser = browse()
    browser.post("/accounts/login/", {"login": cast.adviser.email, "password": PASSWORD})
    new = "een ander lang wachtwoord"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    browser.post(reverse("account_change_password"), typed)
    [mail] = mailed()
    assert mail.to == [cast.adviser.email]
    assert "The password of your account was changed." in str(mail.body)


def test_what_the_library_tells_after_its_transaction_is_told_too(
    cast: Cast, own_database: str
) -> None:
    del own_database
    tell_of_account("mfa/email/totp_activated", cast.adviser.email, {})
    [mail] = mailed()
    assert "authenticatie-app" in str(mail.body)


@pytest.mark.django_db
def test_an_unknown_address_is_told_nothing() -> None:
    tell_of_account(RESET, "nobody@example.org", {"password_reset_url": "x"})
    assert mailed() == []

"""Signing in: with a password, a passkey; and out again."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.journeys.conftest import SignIn
from tests.journeys.pages import follow, look_at_both, press, send_password


def code_of(secret: str, moment: float) -> str:
    """Compute a code as an app on a phone does (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(moment) // 30), "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def confirm_password(page: Page) -> None:
    """Type the password once more, where a page asks that before it changes how one signs in."""
    if "/reauthenticate" in page.url:
        page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button").first.click()
        page.wait_for_url(lambda url: "/reauthenticate" not in url)


def sign_out(page: Page) -> None:
    """Press the button at the top."""
    page.get_by_role("banner").get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Inloggen")).to_be_visible()


def test_a_code_is_set_up_and_then_asked(sign_in: SignIn) -> None:
    page = sign_in("manager")
    page.goto("/mijn-account")
    look_at_both(page, "my-account")
    follow(page, "Inloggen in twee stappen, en herstelcodes")
    page.get_by_role("main").get_by_role("link", name="Zet aan").click()
    confirm_password(page)
    secret = page.locator("#authenticator_secret, [name=secret]").first.input_value()
    look_at_both(page, "totp-set-up")
    began = time.time()
    page.get_by_label("code", exact=False).last.fill(code_of(secret, began))
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("herstelcodes", re.IGNORECASE))
    look_at_both(page, "recovery-codes")
    sign_out(page)

    page.goto("/accounts/login/")
    send_password(page, "manager@example.org", PASSWORD)
    expect(page).to_have_url(re.compile("2fa/authenticate"))
    look_at_both(page, "second-step")
    page.get_by_label("code", exact=False).first.fill("000000")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page).to_have_url(re.compile("2fa/authenticate"))
    # A code works once, so this is a later one: the next, or that of now when much time went by.
    later = max(began + 30, time.time())
    page.get_by_label("code", exact=False).first.fill(code_of(secret, later))
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_text("U bent ingelogd als Manager.")).to_be_visible()


def test_a_passkey_is_added_and_opens_the_account(sign_in: SignIn) -> None:
    page = sign_in("competitor")
    with_authenticator(page)
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.get_by_role("main").get_by_role("textbox").first.fill("Laptop")
    passwordless = page.get_by_role("checkbox")
    if passwordless.count():
        passwordless.first.check()
    look_at_both(page, "passkey-add")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(lambda url: "/webauthn/add" not in url)
    sign_out(page)
    page.goto("/accounts/login/")
    press(page, "Inloggen met een passkey")
    expect(page.get_by_text("U bent ingelogd als Competitor.")).to_be_visible()


def with_authenticator(page: Page) -> None:
    """Put a fingerprint reader that always agrees in the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_signing_out_ends_the_session_everywhere_it_was_copied(sign_in: SignIn) -> None:
    page = sign_in("contractor")
    kept = page.context.cookies()
    sign_out(page)
    page.context.add_cookies(kept)  # type: ignore[arg-type]  # playwright's own, read back
    page.goto("/opdrachten")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.go_back()
    expect(page.get_by_text("Bouwbedrijf De Eem")).to_have_count(0)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_language_that_was_chosen_stays(sign_in: SignIn, language: str) -> None:
    page = sign_in(None, language=language)
    page.goto("/regelingen")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="Schemes", level=1)).to_be_visible()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("team@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto("/opdrachten")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Nederlands").click()
    expect(page.get_by_role("heading", name="Opdrachten", level=1)).to_be_visible()

"""Guessing a password, on a site of its own: its wrong tries count for everybody at one address."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.journeys.conftest import SignIn
from tests.journeys.pages import look_at_both, send_password, sign_in_as

_TRIES_MAX = 10


def test_who_keeps_guessing_has_to_wait_even_with_the_right_password(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.goto("/accounts/login/")
    slowed = page.get_by_text("te vaak geprobeerd")
    refused = page.get_by_label("E-mailadres").and_(page.locator("[value='reader@example.org']"))
    for _ in range(_TRIES_MAX):
        send_password(page, "reader@example.org", "een heel verkeerd wachtwoord")
        expect(refused).to_be_visible()
        if slowed.count():
            break
    look_at_both(page, "sign-in-slowed")
    send_password(page, "reader@example.org", PASSWORD)
    expect(slowed.first).to_be_visible()
    sign_in_as(page, "auditor@example.org")  # somebody else is not kept out

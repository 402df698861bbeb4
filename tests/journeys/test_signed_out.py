"""A page stands open while its session ends: nothing typed is lost, or sent in another name."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.models import Message
from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.pages import broken_rules, look_at_both, press, sideways, sign_in_as
from tests.registering import register

_LATER = timedelta(hours=2, minutes=1)
_OUT = "U bent uitgelogd. Wat u invulde, staat hier nog en is niet verstuurd."


@pytest.fixture
def typed(cast: Cast, sign_in: SignIn) -> tuple[Page, str]:
    """An adviser who typed a message and did not send it."""
    code = uuid4().hex[:8]
    contract = register(cast, reference=code)
    page = sign_in("adviser")
    page.clock.install()
    page.goto(f"/opdrachten/{contract}/berichten")
    page.get_by_label("Uw bericht").fill(f"Bericht {code}")
    return page, f"Bericht {code}"


def _writers(cast: Cast, text: str) -> list[int | None]:
    with acting_as(cast.adviser.pk):
        return list(Message.objects.filter(text=text).values_list("user_id", flat=True))


def _end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")
    page.clock.fast_forward(int(_LATER.total_seconds() * 1000))


def test_what_was_typed_is_sent_after_signing_in_in_another_tab(
    cast: Cast, typed: tuple[Page, str]
) -> None:
    page, text = typed
    _end_session(page)
    expect(page.get_by_text(_OUT)).to_be_visible()
    look_at_both(page, "signed-out")
    assert broken_rules(page) == []
    assert sideways(page) == 0
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Log in in een nieuw tabblad").click()
    tab = opened.value
    tab.wait_for_url("**/accounts/login/**")
    sign_in_as(tab, "adviser@example.org")
    page.get_by_role("button", name="Verder", exact=True).click()
    expect(page.get_by_text(_OUT)).to_be_hidden()
    press(page, "Bericht versturen")
    expect(page.get_by_role("listitem").get_by_text(text)).to_be_visible()
    assert _writers(cast, text) == [cast.adviser.pk]


def test_nothing_is_sent_in_the_name_of_who_signed_in_meanwhile(
    cast: Cast, typed: tuple[Page, str]
) -> None:
    page, text = typed
    page.context.clear_cookies(name="sessionid")
    sign_in_as(page.context.new_page(), "manager@example.org")
    page.clock.fast_forward(9 * 60_000)
    press(page, "Bericht versturen")
    expect(page.get_by_text("In deze browser is nu iemand anders ingelogd.")).to_be_visible()
    assert _writers(cast, text) == []

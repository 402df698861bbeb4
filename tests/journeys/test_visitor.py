"""A visitor, who has not signed in, looks at the schemes and lets one calculate."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import SignIn
from tests.journeys.pages import broken_rules, look, sideways

_PAGES = ("/", "/regelingen", "/regelingen/harlingen", "/toegankelijkheid", "/accounts/login/")


@pytest.mark.parametrize("phone", [False, True])
def test_public_pages_can_be_read_by_everybody(sign_in: SignIn, phone: bool) -> None:
    page = sign_in(None, phone=phone)
    for path in _PAGES:
        page.goto(path)
        look(page, f"visitor{path.replace('/', '-')}{'-phone' if phone else ''}")
        assert broken_rules(page) == []
        assert sideways(page) == 0

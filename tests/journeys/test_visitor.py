"""A visitor who has not signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import broken_rules, look, sideways


@pytest.mark.parametrize("phone", [False, True])
def test_public_pages_can_be_read_by_everybody(sign_in: Callable[..., Page], phone: bool) -> None:
    page = sign_in(None, phone=phone)
    for path in ("/", "/regelingen", "/regelingen/harlingen", "/toegankelijkheid", "/accounts/login/"):
        page.goto(path)
        look(page, f"visitor{path.replace('/', '-')}{'-phone' if phone else ''}")
        assert broken_rules(page) == []
        assert sideways(page) == 0

"""One world for all tests of a module that walk through the whole web application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.conftest import Server, connected


@pytest.fixture(scope="session")
def kept_world(server: Server, django_db_blocker: Any) -> Iterator[tuple[str, Any]]:
    """Make a world in a database that modules copy, as it takes hundreds of pages' time.

    Once for each worker, which would make it again for each module otherwise.
    """
    from tests.web.world import make_world  # noqa: PLC0415 - Django is ready by now

    with django_db_blocker.unblock():
        name = server.copy()
        with connected(server.app_url, name), transaction.atomic():
            world = make_world()
        yield name, world
        server.drop(name)


@pytest.fixture(scope="module")
def world(server: Server, kept_world: tuple[str, Any], django_db_blocker: Any) -> Iterator[Any]:
    """A world in a database of its own; everything happens in one transaction, undone."""
    kept, first = kept_world
    browsers = {part: _same(browser) for part, browser in first.browsers.items()}
    with django_db_blocker.unblock():
        name = server.copy(kept)
        with connected(server.app_url, name), transaction.atomic():
            yield replace(first, browsers=browsers)
            transaction.set_rollback(True)
        server.drop(name)


def _same(browser: Client) -> Client:
    """A browser with the cookies of another one."""
    same = Client()
    same.cookies = SimpleCookie(browser.cookies)
    return same

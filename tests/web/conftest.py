"""One world for all tests of a module that walk through the whole web application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.test import Client, client

from tests.conftest import Server, connected

_as_always = vars(client)["store_rendered_templates"]


def _nothing_kept(*_told: Any, **_more: Any) -> None:
    """Leave it: of a thousand pages few tests look at more than the answer."""


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
        with connected(server.app_url, name), transaction.atomic(), _looked_into(_nothing_kept):
            yield replace(first, browsers=browsers)
            transaction.set_rollback(True)
        server.drop(name)


@pytest.fixture
def contexts(world: Any) -> Iterator[None]:  # noqa: ARG001 - within it
    """Let answers have a `context`, which costs a copy for each part of a page."""
    with _looked_into(_as_always):
        yield


def _looked_into(how: Any) -> Any:
    """What becomes of all that templates were rendered with, for a while."""
    return patch.object(client, "store_rendered_templates", how)


def _same(browser: Client) -> Client:
    """A browser with the cookies of another one."""
    same = Client()
    same.cookies = SimpleCookie(browser.cookies)
    return same

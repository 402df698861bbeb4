"""One world for all tests of a module that walk through the whole web application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import Server, connected


@pytest.fixture(scope="module")
def world(server: Server, django_db_blocker: Any) -> Iterator[Any]:
    """Make a world in a database of its own; everything happens in one transaction, undone."""
    from tests.web.world import make_world  # noqa: PLC0415 - Django is ready by now

    with django_db_blocker.unblock():
        name = server.copy()
        with connected(server.app_url, name), transaction.atomic():
            yield make_world()
            transaction.set_rollback(True)
        server.drop(name)

"""What tests of organisations need besides the cast."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection

from tests.conftest import Server, connected


@pytest.fixture
def as_owner_role(server: Server) -> Callable[[], AbstractContextManager[None]]:
    """Let Django itself act as owner in the test's own database, as setting up does."""

    @contextmanager
    def switched() -> Iterator[None]:
        with connected(server.owner_url, connection.settings_dict["NAME"]):
            yield

    return switched

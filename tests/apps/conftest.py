"""A database in which every limit can be reached."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.money import (
    publish,
)
from tests.registering import register


@pytest.fixture
def walked(server: Server, own_database: str) -> str:
    publish(server, own_database)
    return own_database


@pytest.fixture
def capped(walked: str, cast: Cast) -> int:
    del walked
    return register(cast, reference="W-1", scheme="walk", agreed_cents=10_000_00)

"""A worker that is killed in a run of letters leaves none half, and makes none twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.lettering import asked_letter
from tests.money import accepted
from tests.registering import hand_in, register
from tests.working import address, kill_at_work, redo

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_PAPERS = "SELECT letter_id, count(*) FROM letters_paper GROUP BY letter_id ORDER BY letter_id"
_NOTICES = (
    "SELECT count(*), count(DISTINCT message_id) FROM notices_notice WHERE code = 'letter_sent'"
)


def test_a_run_of_letters_is_killed_and_gone_on_with(
    server: Server, own_database: str, cast: Cast, as_owner: Any
) -> None:
    contract = register(cast)
    letters = []
    for number in range(3):
        line = hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}")
        decision = accepted(cast, line).pk
        letters.append(asked_letter(cast.adviser, contract, "decision", decision).pk)

    kill_at_work(server, own_database, as_owner, last="notices_notice")
    assert as_owner(_PAPERS) == []

    redo(address(server, own_database), as_owner)
    assert as_owner(_PAPERS) == [(letter, 1) for letter in letters]
    # Two people work for the contractor.
    assert as_owner(_NOTICES) == [(6, 6)]

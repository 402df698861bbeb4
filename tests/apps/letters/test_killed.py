"""A worker that is killed in a run of letters leaves none half, and makes none twice."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from telmee.apps.letters.actions import make_paper
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import Server
from tests.lettering import asked_letter
from tests.money import accepted
from tests.registering import hand_in, register
from tests.working import kill_at_work, redo

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

    redo(as_owner)
    assert as_owner(_PAPERS) == [(letter, 1) for letter in letters]
    # Two people work for the contractor.
    assert as_owner(_NOTICES) == [(6, 6)]


@pytest.mark.usefixtures("own_database")
def test_workers_who_have_the_same_letter_make_one_paper(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    decision = accepted(cast, hand_in(cast, contract)).pk
    letter = asked_letter(cast.adviser, contract, "decision", decision).pk

    deed = partial(make_paper, letter, contract, cast.adviser.pk)
    assert at_once(deed, deed, deed) == ["done"] * 3
    assert as_owner(_PAPERS) == [(letter, 1)]
    assert as_owner(_NOTICES) == [(2, 2)]

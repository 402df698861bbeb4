"""What the database alone refuses has its facts with it, so that a page can say it in words.

Of two who do something at the same moment the second passed every look before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from telmee.apps.contracts.models import Amendment
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements import actions
from telmee.texts import facts_of
from tests.apps.contracts.test_takeover import DAY, amended, takeover
from tests.cast import Cast
from tests.initiatives import handed_in, world
from tests.registering import hand_in, register
from tests.settling import proposed


def refused(act: Callable[[], object], code: str) -> dict[str, Any]:
    """The facts with which the database refuses something; its words need no others."""
    with pytest.raises(DatabaseError, match=f"telmee: {code}") as failure, transaction.atomic():
        act()
    cause: Any = failure.value.__cause__
    facts: dict[str, Any] = json.loads(cause.diag.message_detail)
    assert facts.keys() == facts_of(code)
    return facts


def test_effort_for_days_after_a_takeover(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    amended(cast, contract, takeover(cast.rival))
    monkeypatch.setattr("telmee.apps.contributions.actions.takeover_problems", lambda *_: [])
    late: dict[str, Any] = {"kenmerk": "B", "persoon": "B", "begin": DAY, "eind": DAY}
    facts = refused(lambda: hand_in(cast, contract, **late), "line_after_takeover")
    assert date.fromisoformat(facts["day"]) == DAY


def test_an_amendment_after_another(cast: Cast) -> None:
    contract = register(cast)
    amended(cast, contract, takeover(cast.rival))
    with acting_as(cast.adviser.pk):
        latest = Amendment.objects.filter(contract=contract).latest("number")

        def again() -> None:
            latest.pk, latest.key = None, uuid4()
            latest.save(force_insert=True)

        facts = refused(again, "contract_amended")
    assert (facts["number"], date.fromisoformat(facts["day"])) == (latest.number, DAY)


def test_a_settlement_while_lines_wait_here_and_elsewhere(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = world(cast)
    handed_in(cast, its.contracts[0])
    monkeypatch.setattr(actions, "_require_decided", lambda *_: None)

    def counted() -> int:
        facts = refused(lambda: proposed(cast, its.contracts[2]), "settlement_lines_wait")
        return int(facts["lines"])

    assert counted() == 1
    hand_in(cast, its.contracts[2], kenmerk="C", persoon="C")
    assert counted() == 2

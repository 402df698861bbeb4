"""Who is cut off halfway leaves nothing: not in a settlement, not in many periods of turnover."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from telmee.apps.agreements import actions as agreements
from telmee.apps.agreements.choices import State
from telmee.apps.contracts import turnover_sheet
from telmee.apps.settlements import actions
from tests.apps.contracts.test_turnover import by_turnover
from tests.apps.contracts.test_turnover_sheet import planned, read, said
from tests.apps.contracts.test_turnover_sheet import proposed as proposed_sheet
from tests.apps.decisions.test_initiative_waits import proved
from tests.apps.settlements.test_settling import closed, states
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register
from tests.settling import answered, corrected, proposed

__all__ = ["proved"]
pytestmark = pytest.mark.usefixtures("proved")
#: All that such a deed writes, as the owner counts it.
_WRITTEN = """
    SELECT (SELECT count(*) FROM agreements_version), (SELECT count(*) FROM agreements_answer),
           (SELECT count(*) FROM settlements_statement),
           (SELECT count(*) FROM settlements_correction), (SELECT count(*) FROM ledger_entry),
           (SELECT count(*) FROM audit_event), (SELECT count(*) FROM notices_notice),
           (SELECT count(*) FROM contracts_amendment),
           (SELECT count(*) FROM contracts_contract WHERE closed_on IS NOT NULL)
"""


def cut_off(*_args: Any, **_facts: Any) -> None:
    """End the connection, as when the machine stops: what was written so far was not committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def killed_in(
    monkeypatch: pytest.MonkeyPatch, module: Any, last: str, deed: Callable[[], object]
) -> None:
    """Do something of which the last step does not come to an end."""
    with monkeypatch.context() as patch:
        patch.setattr(module, last, cut_off)
        with pytest.raises(OperationalError):
            deed()
    connection.close()


def test_a_settlement_that_is_cut_off_leaves_nothing_and_is_done_once_after(
    cast: Cast, as_owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    for deed, last in ((proposed, "_tell"), (answered, "_answered"), (corrected, "_tell")):
        stood = as_owner(_WRITTEN)
        killed_in(monkeypatch, actions, last, partial(deed, cast, contract))
        assert as_owner(_WRITTEN) == stood, deed.__name__
        assert deed(cast, contract) == "done"
    assert states(cast, contract) == [State.IN_FORCE]
    assert closed(cast, contract) is not None


def test_a_sheet_that_is_cut_off_proposes_nothing_and_once_after(
    cast: Cast, as_owner: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    contracts = [by_turnover(cast, reference=f"O-{number}") for number in range(3)]
    lines = [f"O-{number};2025;{number + 1}00.000" for number in range(3)]
    plan = planned(cast, read(tmp_path, *lines))
    stood = as_owner(_WRITTEN)
    for module, last in ((agreements, "_record_each"), (turnover_sheet, "tell_together")):
        killed_in(monkeypatch, module, last, lambda: proposed_sheet(cast, plan))
        assert as_owner(_WRITTEN) == stood, last
    assert proposed_sheet(cast, plan) == 3
    assert [len(said(cast, contract)) for contract in contracts] == [1, 1, 1]

"""Settling a contract in tests, by the same actions as the pages use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.booking import waive
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.actions import answer_settlement, correct, propose_settlement
from telmee.apps.settlements.queries import books_now, proposals_of
from telmee.core.errors import DomainError
from tests.cast import Cast

TODAY = date(2027, 1, 15)
REASON = "De factuur van december was vergeten."


def code_of(action: Callable[..., None], cast: Cast, contract: int, who: str, **facts: Any) -> str:
    """Do something on a contract as somebody, and give the code of what refused it."""
    with acting_as(getattr(cast, who).pk) as acting:
        try:
            action(contract_for(acting, contract), **facts)
        except DomainError as error:
            return error.problems[0].code
    return "done"


def proposed(cast: Cast, contract: int, *, by: str = "adviser", **facts: Any) -> str:
    """Propose a settlement as it is on the screen now."""
    with acting_as(cast.auditor.pk):
        seen = books_now(contract).hash
    asked = {"seen": seen, "key": uuid4(), "today": TODAY, **facts}
    return code_of(propose_settlement, cast, contract, by, **asked)


def answered(
    cast: Cast, contract: int, *, by: str = "contractor", agrees: bool = True, **facts: Any
) -> str:
    """Answer the latest settlement that was proposed."""
    with acting_as(cast.auditor.pk):
        version = proposals_of(contract)[0].version.pk
    answer = {"version_id": version, "agrees": agrees, **facts}
    return code_of(answer_settlement, cast, contract, by, **answer)


def settled(cast: Cast, contract: int) -> None:
    """Settle a contract: both sides agree."""
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract) == "done"


def forgiving(cents: int = 1_00) -> Callable[[ContractAccess], None]:
    """A deed that waives some of what is open."""
    return partial(
        waive, amount_cents=cents, reason=REASON, key=uuid4(), effective_on=date(2026, 12, 31)
    )


def corrected(
    cast: Cast,
    contract: int,
    deed: Callable[[ContractAccess], object] | None = None,
    *,
    by: str = "adviser",
    **facts: Any,
) -> str:
    """Correct what was settled, by waiving a euro where nothing else is asked."""
    with acting_as(cast.auditor.pk):
        seen = books_now(contract).hash
    asked = {"deed": deed or forgiving(), "reason": REASON, "key": uuid4(), "seen": seen, **facts}
    return code_of(correct, cast, contract, by, **asked)

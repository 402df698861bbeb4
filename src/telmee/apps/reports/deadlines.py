"""By when something is due on contracts: what their schemes ask, on many contracts at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.schemes.queries import schemes_of
from telmee.core.explain import Text
from telmee.core.obligations import Category, holiday_years
from telmee.core.obligations import Contract as CoreContract
from telmee.core.obligations.deadlines import deadlines_of
from telmee.core.schemes.model import Scheme
from telmee.integrations.holidays_nl import public_holidays


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of one thing that the scheme of a contract asks."""

    key: str
    what: Text
    due: date


_Key = tuple[int, date | None, date | None, date, date]
#: What follows from a version and four dates never changes, so it is kept for the process.
_KNOWN: dict[_Key, tuple[Deadline, ...]] = {}
_KNOWN_MAX = 20_000


def deadlines(contracts: Iterable[Contract | ListedContract]) -> dict[int, tuple[Deadline, ...]]:
    """The dated deadlines of contracts by id, the first one first. Runs two queries at most.

    They are those that `telmee.core.obligations.assess` gives for the same contract.
    """
    rows = list(contracts)
    schemes = schemes_of({contract.scheme_id for contract in rows})
    return {contract.pk: _of(contract, schemes[contract.scheme_id]) for contract in rows}


def next_deadline(dated: Iterable[Deadline], today: date) -> Deadline | None:
    """The first deadline that has not passed."""
    return next((deadline for deadline in dated if deadline.due >= today), None)


def _of(contract: Contract | ListedContract, scheme: Scheme) -> tuple[Deadline, ...]:
    dates = (contract.published_on, contract.awarded_on, contract.start, contract.end)
    key = (contract.scheme_id, *dates)
    if key not in _KNOWN:
        if len(_KNOWN) >= _KNOWN_MAX:
            _KNOWN.clear()
        _KNOWN[key] = _reckoned(scheme, contract)
    return _KNOWN[key]


def _reckoned(scheme: Scheme, contract: Contract | ListedContract) -> tuple[Deadline, ...]:
    core = CoreContract(
        category=Category(contract.category),
        value_cents=contract.value_cents,
        start=contract.start,
        end=contract.end,
        bid=contract.published_on,
        award=contract.awarded_on,
    )
    dues = deadlines_of(scheme, core, public_holidays(holiday_years(scheme, core)))
    dated = (Deadline(due.key, due.what, due.due) for due in dues if due.due is not None)
    return tuple(sorted(dated, key=lambda deadline: deadline.due))

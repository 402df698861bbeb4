"""The words of the periods of turnover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.chains import estimate_now
from telmee.apps.contracts.choices import TurnoverPeriods
from telmee.apps.contracts.turnover import has_turnover, periods_by_contract
from telmee.apps.contracts.turnover_work import TurnoverTask
from telmee.core.obligations.turnover import PeriodKind, TurnoverPeriod
from telmee.web.language import Words

PERIOD_KINDS: Mapping[str, Words] = dict(TurnoverPeriods.choices)


def period_in_words(period: TurnoverPeriod) -> str:
    """A period as people say it: 2026, the first half of 2026, a quarter, a month."""
    facts = {"number": period.number, "year": period.first.year}
    if period.kind is PeriodKind.YEAR:
        return str(period.first.year)
    if period.kind is PeriodKind.HALF_YEAR:
        return _("half %(number)s of %(year)s") % facts
    if period.kind is PeriodKind.QUARTER:
        return _("quarter %(number)s of %(year)s") % facts
    return date_format(period.first, "F Y")


def turnover_now(access: ContractAccess, today: date) -> dict[str, object] | None:
    """How far the turnover of a contract was agreed; None where that is no question."""
    contract = access.contract
    if contract.voided_on is not None or not has_turnover(access):
        return None
    periods = periods_by_contract([contract], today=today)[contract.pk]
    open_count = sum(one.is_open for one in periods)
    return {
        "estimate": estimate_now(contract),
        "open_count": open_count,
        "kind": "warning" if open_count else "info",
    }


def turnover_left(access: ContractAccess, today: date) -> int:
    """On how many periods the two sides have still to agree: nothing agreed, or a change waits."""
    if not has_turnover(access):
        return 0
    periods = periods_by_contract([access.contract], today=today)[access.contract.pk]
    return sum(one.agreed is None or one.waiting is not None for one in periods)


def turnover_figures(tasks: Sequence[TurnoverTask]) -> Iterator[dict[str, object]]:
    """What is to be done about turnover, as figures that lead to the list; else none."""
    if not tasks:
        return
    url = reverse("turnovers")
    mine = sum(task.mine for task in tasks)
    silent = sum(task.waiting is None for task in tasks)
    yield {"label": _("Turnover that waits for you"), "text": str(mine), "url": url}
    yield {"label": _("Periods without agreed turnover"), "text": str(silent), "url": url}

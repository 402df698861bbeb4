"""What was reported on the periods of a contract, for the pages of both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.reports.reporting import Report, reports_on
from telmee.web.contracts.turnover_words import period_in_words
from telmee.web.templatetags.telmee import day

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract
    from telmee.apps.contracts.queries import ListedContract

#: So many of the latest reports stand on the page of a contract.
_SHOWN = 4


def reports_of_contract(access: ContractAccess, today: date) -> list[dict[str, object]]:
    """What was reported on a contract, the latest period first, as both its sides see it."""
    if not access.sees_all or access.contract.voided_on is not None:
        return []
    may_say = access.leading_for is not None and access.is_open
    rows = list(reports_on([access.contract.pk], today=today))[-_SHOWN:]
    return [_row(one, today, may_say=may_say) for one in reversed(rows)]


def reports_to_come(
    contracts: Iterable[Contract | ListedContract], today: date
) -> Iterator[dict[str, object]]:
    """The reports that contractors still owe on contracts, the first due first."""
    known = {contract.pk: contract for contract in contracts}
    for one in reports_on(known, today=today) if known else ():
        if one.is_open:
            contract = known[one.contract_id]
            yield {
                **_row(one, today, may_say=True),
                "label": str(contract),
                "url": reverse("contract", args=[contract.pk]),
            }


def _row(one: Report, today: date, *, may_say: bool) -> dict[str, object]:
    is_late = one.is_open and one.term.due < today
    word, kind = _("Handed in"), "positive"
    if one.nothing_on is not None:
        word = _("Nothing to report, said on %(day)s") % {"day": day(one.nothing_on)}
        kind = "info"
    elif one.is_open:
        word = _("Due by %(day)s") % {"day": day(one.term.due)}
        kind = "negative" if is_late else "warning"
    if is_late:
        word = _("Was due by %(day)s") % {"day": day(one.term.due)}
    return {
        "label": "",
        "url": "",
        "period": period_in_words(one.period),
        "first": one.period.first.isoformat(),
        "word": word,
        "kind": kind,
        "contract_id": one.contract_id,
        "may_say": may_say and one.is_open,
    }

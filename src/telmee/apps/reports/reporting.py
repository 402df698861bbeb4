"""The reports that clients ask on periods of their contracts, and what came of each.

A report is no paper: it is the lines about a period, or the word that there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from telmee.apps.organisations.many import as_array
from telmee.core.obligations.reporting import ReportTerm, reports_asked
from telmee.core.obligations.turnover import PeriodKind, TurnoverPeriod


@dataclass(frozen=True, slots=True)
class Report:
    """What a contractor reported on a period of a contract, or did not yet.

    With lines about the period the word that there was nothing no longer counts.
    """

    contract_id: int
    term: ReportTerm
    has_lines: bool
    said_at: datetime | None

    @property
    def period(self) -> TurnoverPeriod:
        """The period that it is about."""
        return self.term.period

    @property
    def is_open(self) -> bool:
        """Whether it is still to come."""
        return not self.has_lines and self.said_at is None

    @property
    def nothing_on(self) -> date | None:
        """The day on which the contractor said that there is nothing, where that holds."""
        if self.has_lines or self.said_at is None:
            return None
        return timezone.localdate(self.said_at)


def reports_on(contract_ids: Iterable[int] | None, *, today: date) -> list[Report]:
    """The reports that were asked on contracts by a day, the first due first. Runs two queries.

    For the system those on all contracts, without ids.
    """
    ids = None if contract_ids is None else as_array(contract_ids)
    terms = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_reporting(%s::bigint[], %s)", [ids, today])
        for contract_id, start, end, kind, since in cursor.fetchall():
            facts = {"since": since, "start": start, "end": end, "today": today}
            terms += [(contract_id, one) for one in reports_asked(PeriodKind(kind), **facts)]
    known = _reported(terms) if terms else {}
    every = [Report(pk, term, *known[pk, term.period.first]) for pk, term in terms]
    return sorted(every, key=lambda one: (one.term.due, one.contract_id))


def open_report(contract_id: int, first: date, *, today: date) -> Report | None:
    """The report on the period of a contract that begins on a day, while it is to come."""
    every = reports_on([contract_id], today=today)
    return next((one for one in every if one.is_open and one.period.first == first), None)


def _reported(
    terms: list[tuple[int, ReportTerm]],
) -> dict[tuple[int, date], tuple[bool, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM telmee_reported(%s::bigint[], %s::date[], %s::date[])",
            [
                [pk for pk, _term in terms],
                [term.period.first for _pk, term in terms],
                [term.last for _pk, term in terms],
            ],
        )
        return {
            (pk, first): (has_lines, said_at) for pk, first, has_lines, said_at in cursor.fetchall()
        }

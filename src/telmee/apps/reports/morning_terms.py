"""Every term that is told by itself: looked for each morning, in one transaction for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

from django.db import connection
from django.utils import timezone

from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.terms import Term, tell_of, terms_by
from telmee.apps.organisations.acting import acting_as_system
from telmee.apps.organisations.many import each_apart
from telmee.apps.reports.deadlines import deadlines
from telmee.apps.reports.reporting import reports_on
from telmee.apps.reports.today import ENDING_DAYS

#: What others have to act on as well is told earlier.
_CERTIFICATE_DAYS, _DEADLINE_DAYS = 30, 14
#: What passed longer ago is no news, on an installation that begins with contracts of years ago.
_PAST_DAYS = 30
#: Who answers for what a scheme asks, and who holds him to it.
_BOTH_SIDES = (*DECIDING_ROLES, PartyRole.CONTRACTOR, PartyRole.CONSORTIUM)
_COLUMNS = (
    *("id", "scheme_id", "category", "value_cents"),
    *("published_on", "awarded_on", "start", '"end"'),
)


def tell_of_terms(today: date | None = None) -> None:
    """A notice of every term that ends soon or is over, each once.

    What goes wrong with one kind stops no other, and is raised at the end.
    """
    day = today or timezone.localdate()

    def tell(terms: Callable[[date], Iterable[Term]]) -> None:
        with acting_as_system():
            tell_of(terms(day))

    each_apart(tell, _KINDS, "terms that were not told")


def _of_schemes(today: date) -> Iterator[Term]:
    """What the schemes of contracts ask; whether it was done only people know."""
    for contract_id, dated in deadlines(_contracts(today)).items():
        for one in dated:
            if -_PAST_DAYS <= (one.due - today).days < _DEADLINE_DAYS:
                yield Term(
                    "deadline_missed" if one.due < today else "deadline_near",
                    f"contract {contract_id} {one.key} {one.due}",
                    contract_id,
                    one.due,
                    _BOTH_SIDES,
                    None,
                    {"what": one.what},
                    "contract",
                    contract_id,
                )


def _contracts(today: date) -> list[Contract]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM telmee_dated_contracts(%s)",  # noqa: S608
            [today],
        )
        names = [name.strip('"') for name in _COLUMNS]
        return [Contract(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _of_reports(today: date) -> Iterator[Term]:
    """The reports that contractors still owe; told to both sides once they are late."""
    for report in reports_on(None, today=today):
        late = (today - report.term.due).days
        if report.is_open and late <= _PAST_DAYS:
            yield Term(
                "report_missed" if late > 0 else "report_due",
                f"contract {report.contract_id} {report.period}",
                report.contract_id,
                report.term.due,
                _BOTH_SIDES if late > 0 else (PartyRole.CONTRACTOR, PartyRole.CONSORTIUM),
                None,
                {"first_on": str(report.period.first), "last_on": str(report.term.last)},
                "contract",
                report.contract_id,
            )


_KINDS: tuple[Callable[[date], Iterable[Term]], ...] = (
    partial(terms_by, "telmee_line_terms"),
    partial(terms_by, "telmee_agreement_terms"),
    partial(terms_by, "telmee_settlement_terms"),
    partial(terms_by, "telmee_certificate_terms", days=_CERTIFICATE_DAYS),
    partial(terms_by, "telmee_line_certificate_terms", days=_CERTIFICATE_DAYS),
    partial(terms_by, "telmee_ending_terms", days=ENDING_DAYS),
    _of_schemes,
    _of_reports,
)

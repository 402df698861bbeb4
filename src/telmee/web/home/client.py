"""The first page of who decides: what needs him today, and how the contracts fare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.contracts.access import contracts_to_decide
from telmee.apps.contracts.queries import PartyNames, party_names
from telmee.apps.contracts.turnover_work import turnover_tasks
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.counterparties import count_denials
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.claims import waiting_claims
from telmee.apps.reports import work
from telmee.apps.reports.deadlines import Deadline
from telmee.apps.reports.pace import WINDOW_DAYS, Pace, pace
from telmee.apps.reports.portfolio import Standing, Totals, standings_on, totals
from telmee.apps.reports.today import ENDING_DAYS, asked_within, ended_unsettled, ending_open
from telmee.apps.settlements.queries import Proposal
from telmee.core.ledger import Risk
from telmee.web.charts import Chart, Series
from telmee.web.contracts.listing import DECIDES
from telmee.web.contracts.risk_words import RISKS, reasons_in_short
from telmee.web.contracts.sums import open_sum, verified_sum
from telmee.web.contracts.turnover_words import turnover_figures
from telmee.web.decisions.queue_list import line_url
from telmee.web.enforcement.figures import enforced_part
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest
from telmee.web.promised import with_agreed
from telmee.web.site.kept_filters import kept_by
from telmee.web.templatetags.telmee import day, euros
from telmee.web.to_come import with_to_come

#: What a row of a short list shows: `label`, `url`, `note` and `day`, or where to invite.
Row = dict[str, object]

_E = TypeVar("_E")

_SOON_DAYS = 30
#: So many rows of a short list are in sight, and so many are on the page at most.
_SHOWN, _MOST = 8, 50
#: What needs somebody, the greatest concern first.
_CONCERNS = (Risk.OVERDUE, Risk.AT_RISK, Risk.BEHIND)


@dataclass(frozen=True, slots=True)
class _Some(Generic[_E]):
    """What needs somebody as a short list: a row is made of what is on the page, and no more.

    `url` is where all of it stands, if anywhere.
    """

    entries: Sequence[_E]
    row: Callable[[_E], Row]
    url: str = ""

    @property
    def first(self) -> list[Row]:
        """The rows that are in sight."""
        return list(map(self.row, self.entries[:_SHOWN]))

    @property
    def rest(self) -> list[Row]:
        """The rows behind how many there are."""
        return list(map(self.row, self.entries[_SHOWN:_MOST]))

    @property
    def more(self) -> int:
        """How many there are beside those in sight."""
        return len(self.entries) - _SHOWN

    @property
    def most(self) -> int:
        """How many are on the page where that is not all; else none."""
        return _MOST if len(self.entries) > _MOST else 0


@dataclass(frozen=True)
class _Scope:
    """Whose contracts are shown: one's own as adviser, or all of one's organisations."""

    mine: bool
    standings: list[Standing]
    today: date
    #: The ids of these contracts and of those that were closed: what enforcement did, it did.
    ever: list[int]
    #: The ids of those of these contracts on which he may decide; who only reads has none.
    deciding: frozenset[int]

    @cached_property
    def ids(self) -> list[int]:
        """The ids of the contracts of the section."""
        return [standing.contract.pk for standing in self.standings]

    @cached_property
    def risks(self) -> Counter[str]:
        """How many contracts have each risk."""
        return Counter(str(one.risk) for one in self.standings)

    def contracts_url(self, **narrowed: str) -> str:
        """The address of the list of contracts, narrowed to these and to something more."""
        query = {**narrowed, **({"adviser": "True"} if self.mine else {})}
        return _address("contracts", {"side": DECIDES, **query})

    def queue_url(self, **narrowed: str) -> str:
        """The address of the work list, narrowed to these contracts and to something more."""
        query = {**narrowed, **({"adviser": "me"} if self.mine else {})}
        return _address("queue", query)


def _address(name: str, query: dict[str, str]) -> str:
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


def client_home(request: TelmeeRequest, today: date) -> dict[str, object]:
    """Everything of the section; the number of queries does not depend on the contracts."""
    scope = _scope(request, today)
    waiting = work.waiting(scope.ids, today=scope.today, few=_SHOWN)
    expiring = work.expiring(scope.ids, today=today)
    claims = len(waiting_claims(request.acting))
    denials = count_denials(request.acting)
    turnover = turnover_tasks(request.acting, today=today)
    due = _due(scope)
    ending = ending_open(scope.standings, today=today)
    unsettled = ended_unsettled(scope.standings, today=today)
    risks = list(_risks(scope))
    concerns = _concerns(scope)
    sums = totals(scope.standings)
    names = party_names(entry.contract.pk for entry in (*concerns, *ending[:_MOST]))
    recent, months = pace(scope.ids, today=today)
    return {
        "is_mine": scope.mine,
        "count": len(scope.standings),
        "tasks": [
            *_tasks(scope, waiting, len(due), len(ending), claims),
            *_denials(denials),
            *turnover_figures(turnover),
            {"label": _("Ended, not settled"), "text": str(len(unsettled)), "url": "#unsettled"},
        ],
        "oldest": _oldest(scope, waiting),
        "queue_url": scope.queue_url(),
        "concerns": _rows(concerns, names),
        "concerns_url": scope.contracts_url(),
        "kept": kept_by(request.acting),
        "enforced": enforced_part(scope.ever, today=today),
        "due": _Some(due, _deadline),
        "expiring": _Some(expiring, _certificate),
        "without_users": _Some(list(_without_users(scope)), dict),
        "ending": _Some(ending, partial(_last_days, names), scope.contracts_url(sort="end")),
        "unsettled": _Some(
            unsettled, partial(_ended, today), scope.contracts_url(status="ended", sort="end")
        ),
        "figures": _figures(sums),
        "sums": [open_sum(sums.position), verified_sum(sums)],
        "chart": _risk_chart(risks),
        "risks": risks,
        "pace": recent,
        "pace_chart": _pace_chart(months),
        "pace_days": WINDOW_DAYS,
        "waiting": waiting,
    }


def _scope(request: TelmeeRequest, today: date) -> _Scope:
    """Read whose contracts are asked for; without a choice one's own, if there are any."""
    acting, wanted = request.acting, request.GET.get("scope")
    known = work.decided_contracts(acting)
    own = [row for row in known if row[1] == acting.user_id]
    is_mine = wanted == "mine" or (wanted != "all" and any(row[2] is None for row in own))
    chosen = own if is_mine else known
    current = [pk for pk, _adviser, closed_on in chosen if closed_on is None]
    stands = standings_on(current, today=today)
    ever = [pk for pk, *_ in chosen]
    return _Scope(is_mine, stands, today, ever, _to_decide(acting, current))


def _to_decide(acting: Acting, contract_ids: list[int]) -> frozenset[int]:
    """On which contracts of his he may decide: on all, but for those that he only reads."""
    if acting.working.issuperset(acting.organisations):
        return frozenset(contract_ids)
    decides = contracts_to_decide(acting).values_list("pk", flat=True)
    return frozenset(contract_ids) & frozenset(decides)


def _tasks(
    scope: _Scope, waiting: work.Waiting, due: int, ending: int, claims: int
) -> Iterator[dict[str, object]]:
    """What needs somebody today as figures, each with the list behind it."""
    days = (scope.today - timezone.localdate(waiting.since)).days if waiting.since else 0
    oldest = ngettext("the oldest waits %(days)s day", "the oldest waits %(days)s days", days)
    yield {
        "label": _("Lines that wait for you"),
        "text": str(waiting.lines),
        "note": oldest % {"days": days} if waiting.lines else "",
        "url": scope.queue_url(),
        "strong": True,
    }
    yield {
        "label": _("Objections"),
        "text": str(waiting.objections),
        "note": _late(waiting.late),
        "url": scope.queue_url(only="objections"),
    }
    if claims:
        yield {
            "label": _("Contractors to confirm"),
            "text": str(claims),
            "url": reverse("claims"),
        }
    for risk in (Risk.AT_RISK, Risk.OVERDUE):
        label = RISKS[risk][0]
        yield {
            "label": label,
            "text": str(scope.risks[risk]),
            "url": scope.contracts_url(risk=str(risk)),
        }
    yield {
        "label": _("Deadlines within %(days)s days") % {"days": _SOON_DAYS},
        "text": str(due),
        "url": "#deadlines",
    }
    yield {
        "label": _("Ending soon, still open"),
        "text": str(ending),
        "note": _("within %(days)s days") % {"days": ENDING_DAYS},
        "url": "#ending",
    }


def _denials(count: int) -> Iterator[dict[str, object]]:
    if count:
        yield {
            "label": _("Denied by a counterparty"),
            "text": str(count),
            "url": reverse("queue-denied"),
        }


def _late(objections: int) -> str:
    words = ngettext("%(late)s past its term", "%(late)s past their term", objections)
    return words % {"late": objections} if objections else ""


def _oldest(scope: _Scope, waiting: work.Waiting) -> list[dict[str, object]]:
    """The lines that wait longest for a decision; who may not decide reads them."""
    return [
        {
            "line": line,
            "url": line_url(line.pk, may_decide=line.contract_id in scope.deciding),
            "days": (scope.today - timezone.localdate(line.submitted_at)).days,
            "is_objection": line.state == State.OBJECTION,
        }
        for line in waiting.oldest
    ]


def _concerns(scope: _Scope) -> list[Standing]:
    """The contracts that need somebody, the greatest concern and amount first."""
    worst = [entry for entry in scope.standings if entry.risk in _CONCERNS]
    worst.sort(key=lambda entry: (_CONCERNS.index(entry.risk), -entry.open_cents))
    return worst[:_SHOWN]


def _due(scope: _Scope) -> list[tuple[Standing, Deadline]]:
    """What the schemes ask within some days, the first day first."""
    by_id = {entry.contract.pk: entry for entry in scope.standings}
    contracts = [entry.contract for entry in scope.standings]
    due = [
        (by_id[pk], one) for pk, one in asked_within(contracts, today=scope.today, days=_SOON_DAYS)
    ]
    return sorted(due, key=lambda pair: (pair[1].due, str(pair[0].contract)))


def _deadline(entry: tuple[Standing, Deadline]) -> Row:
    standing, deadline = entry
    return {
        "label": str(standing.contract),
        "url": reverse("contract", args=[standing.contract.pk]),
        "note": deadline.what.in_language(active()),
        "day": deadline.due,
    }


def _last_days(names: Mapping[int, PartyNames], entry: Standing) -> Row:
    contract = entry.contract
    still_open = _("%(amount)s open") % {"amount": euros(entry.open_cents)}
    return {
        "label": str(contract),
        "url": reverse("contract", args=[contract.pk]),
        "note": f"{names[contract.pk].contractor} · {still_open}",
        "day": contract.end,
    }


def _certificate(entry: work.Expiring) -> Row:
    return {
        "label": entry.contract or entry.holder,
        "url": reverse("contract", args=[entry.contract_id]) if entry.contract_id else "",
        "note": " · ".join(filter(None, (entry.contract and entry.holder, entry.certificate))),
        "day": entry.until,
    }


def _without_users(scope: _Scope) -> Iterator[Row]:
    """Who delivers and cannot sign in yet; who decides on a contract of his invites him."""
    rows = work.without_users(scope.ids)
    ids = [pk for pk in scope.ids if pk in scope.deciding]
    his = dict(rows if len(ids) == len(scope.ids) else work.without_users(ids))
    for pk, name in rows:
        url = reverse("organisation-invite", args=[pk]) if pk in his else ""
        yield {"label": name, "url": "", "note": "", "day": None, "invite_url": url}


def _ended(today: date, entry: tuple[Standing, Proposal | None]) -> Row:
    standing, proposal = entry
    return {
        "label": str(standing.contract),
        "url": reverse("contract-settlement", args=[standing.contract.pk]),
        "note": _settlement_note(proposal, today),
        "day": standing.contract.end,
    }


def _settlement_note(proposal: Proposal | None, today: date) -> str:
    if proposal is None:
        return _("No settlement waits for an answer.")
    due = day(proposal.statement.due_on)
    if proposal.is_silent(today):
        return _("The contractor did not answer by %(day)s.") % {"day": due}
    return _("The contractor answers by %(day)s at the latest.") % {"day": due}


def _rows(contracts: list[Standing], names: Mapping[int, PartyNames]) -> list[dict[str, Any]]:
    """What a row of a table shows of each contract."""
    return [
        {
            "standing": entry,
            "contractor": names[entry.contract.pk].contractor,
            "word": RISKS[entry.risk][0],
            "kind": RISKS[entry.risk][1],
            "why": reasons_in_short(entry.outlook),
        }
        for entry in contracts
    ]


def _figures(sums: Totals) -> list[dict[str, object]]:
    return [
        {"label": _("Owed"), "cents": sums.owed_cents},
        {
            "label": _("Promised"),
            "cents": sums.promised_cents,
            "note": with_agreed(_("in plans"), sums.promised_cents, sums.agreed_cents),
        },
        {
            "label": _("Delivered"),
            "cents": sums.delivered_cents,
            "note": with_to_come(
                _("as contractors say"), sums.delivered_cents, sums.to_come.delivered_cents
            ),
        },
        {
            "label": _("Verified"),
            "cents": sums.verified_cents,
            "note": with_to_come(
                _("decided by the client"), sums.verified_cents, sums.to_come.verified_cents
            ),
        },
        {"label": _("Open"), "cents": sums.position.open_cents, "strong": True},
    ]


def _risks(scope: _Scope) -> Iterator[dict[str, object]]:
    """Each risk with how many contracts have it, and the address of their list."""
    for risk, (word, kind) in RISKS.items():
        if risk and risk != Risk.CLOSED:
            url = scope.contracts_url(risk=str(risk))
            yield {"word": word, "kind": kind, "count": scope.risks[risk], "url": url}


def _risk_chart(risks: list[dict[str, Any]]) -> Chart:
    return Chart(
        title=_("Contracts by risk"),
        description=_("How many contracts are met, on course, behind, at risk or overdue."),
        labels=[str(entry["word"]) for entry in risks],
        series=[Series(_("Contracts"), [entry["count"] for entry in risks])],
        first_heading=_("Risk"),
    )


def _pace_chart(months: dict[date, Pace]) -> Chart | None:
    if not months:
        return None
    return Chart(
        title=_("Working days from handing in to the first decision, per month"),
        description=_("Half of the lines, and 90% of them, were decided within these days."),
        labels=[date_format(month, "F Y") for month in months],
        series=[
            Series(_("Half within"), [pace.median_working_days for pace in months.values()]),
            Series(_("90% within"), [pace.most_working_days for pace in months.values()]),
        ],
        first_heading=_("Month of the decision"),
    )

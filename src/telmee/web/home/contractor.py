"""The first page of who delivers: one place over all clients and lots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from telmee.apps.contracts.pooling import pools_among
from telmee.apps.contracts.queries import delivered_among, party_names
from telmee.apps.contracts.turnover_work import turnover_tasks
from telmee.apps.organisations.claims import unconfirmed
from telmee.apps.organisations.names import search_key
from telmee.apps.relations.messages import unread_messages
from telmee.apps.reports import work
from telmee.apps.reports.deadlines import Deadline, deadlines, next_deadline
from telmee.apps.reports.portfolio import Standing, Totals, standings_answered_for, totals
from telmee.apps.reports.today import Urgency, asked_of
from telmee.apps.schemes.queries import rules_of
from telmee.apps.settlements.queries import under_way
from telmee.web.contracts.risk_words import RISKS, reasons_in_short
from telmee.web.contracts.sums import expected_sum, open_sum, verified_sum
from telmee.web.contracts.turnover_words import turnover_figures
from telmee.web.contributions.line_words import decision_terms
from telmee.web.home.today import KINDS, more_of, url_of
from telmee.web.language import Words, active
from telmee.web.lists import Column, Filter, Listing, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_reports import reports_to_come
from telmee.web.promised import not_agreed_column, with_agreed
from telmee.web.searching import with_every_word
from telmee.web.templatetags.telmee import day, more_by_decisions
from telmee.web.to_come import to_come_column, with_to_come

if TYPE_CHECKING:
    from telmee.apps.decisions.models import Decision

_DRAFTS_MAX, _ASKED_MAX = 8, 20
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ContractorList:
    """One's contracts as a list, and where they stand."""

    listing: Listing
    standings: list[Standing]


def contractor_home(request: TelmeeRequest, today: date, roles: frozenset[str]) -> dict[str, Any]:
    """Everything of the section; the number of queries does not depend on the contracts."""
    contracts = contractor_list(request, today)
    drafts = work.drafts(request.acting)
    to_do = [*_written(request), *_todo_rows(request, contracts.standings, today)]
    total = totals(contracts.standings)
    objections = work.own_objections(request.acting)
    questions = work.open_questions(request.acting)
    return {
        "listing": contracts.listing,
        "has_contracts": bool(contracts.standings),
        "unconfirmed": unconfirmed(request.acting),
        "asked": to_do[:_ASKED_MAX],
        "more_asked": len(to_do) > _ASKED_MAX,
        "settlements": list(_settlements(contracts.standings, today)),
        "pools": list(_pools(request, contracts.standings)),
        "reports": list(reports_to_come((entry.contract for entry in contracts.standings), today))[
            :_ASKED_MAX
        ],
        "figures": list(_figures(total)),
        "turnover": list(turnover_figures(turnover_tasks(request.acting, today=today))),
        "sums": [open_sum(total.position), verified_sum(total), expected_sum(total)],
        "questions": questions[:_ASKED_MAX],
        "more_questions": len(questions) > _ASKED_MAX,
        "objections": objections[:_ASKED_MAX],
        "more_objections": len(objections) > _ASKED_MAX,
        "today": today,
        "drafts": drafts[:_DRAFTS_MAX],
        "more_drafts": len(drafts) > _DRAFTS_MAX,
        "decided": list(_decided(work.decided_lately(request.acting))),
        "parts": work.subcontracted(request.acting, today=today)
        if roles & {*work.WITH_A_PART}
        else [],
    }


def _written(request: TelmeeRequest) -> Iterator[dict[str, Any]]:
    """The contracts with messages that he did not read, also where he has a part of the work."""
    unread = unread_messages(request.acting)
    delivered = delivered_among(request.acting, list(unread)) if unread else []
    for pk, reference, name in delivered:
        count = unread[pk].messages
        yield {
            "label": ngettext("%(count)s message to read", "%(count)s messages to read", count)
            % {"count": count},
            "url": reverse("contract-messages", args=[pk]),
            "note": f"{reference} {name}",
            "day": None,
        }


def _todo_rows(
    request: TelmeeRequest, stands: list[Standing], today: date
) -> Iterator[dict[str, object]]:
    """What the other side proposed, what the rules ask soon, and what runs out."""
    late = _("Was to be done by %(day)s")
    for todo in asked_of(request.acting, stands, today=today):
        what = " · ".join(filter(None, (str(KINDS[todo.kind]), more_of(todo))))
        yield {
            "label": what,
            "url": url_of(todo),
            "note": str(todo.contract or ""),
            "day": None if todo.is_since else todo.day,
            "late": late % {"day": day(todo.day)} if todo.urgency is Urgency.LATE else "",
        }


def _settlements(stands: list[Standing], today: date) -> Iterator[dict[str, Any]]:
    """The settlements that wait for an answer, the one that is due first at the top."""
    contracts = {entry.contract.pk: entry.contract for entry in stands}
    waiting = under_way(contracts)
    for pk, proposal in sorted(waiting.items(), key=lambda one: (one[1].statement.due_on, one[0])):
        due = proposal.statement.due_on
        late = _("Was to be answered by %(day)s") % {"day": day(due)}
        is_late = proposal.is_silent(today)
        yield {
            "label": str(contracts[pk]),
            "url": reverse("contract-settlement", args=[pk]),
            "note": "" if is_late else _("Answer by"),
            "day": due,
            "late": late if is_late else "",
        }


def _pools(request: TelmeeRequest, stands: list[Standing]) -> Iterator[dict[str, object]]:
    """The pools of one's contracts, and whether something of them waits for an answer of his."""
    for pool in pools_among(entry.contract.pk for entry in stands):
        count = len({*pool.holds, *pool.waits})
        note = ngettext("%(count)s contract", "%(count)s contracts", count) % {"count": count}
        addressees = {one.version.addressee_id for one in pool.waits.values()}
        if addressees & request.acting.working:
            note = _("%(contracts)s; waits for your answer") % {"contracts": note}
        url = reverse("contract-pool", args=[min({*pool.holds, *pool.waits})])
        yield {"label": pool.name, "url": url, "note": note}


def _decided(decisions: list[Decision]) -> Iterator[dict[str, Any]]:
    """The latest decisions, each with its line."""
    for decision in decisions:
        line = decision.contribution
        yield {**decision_terms(decision, rules_of(line.contract.scheme)), "line": line}


def contractor_list(request: TelmeeRequest, today: date) -> ContractorList:
    """Read the contracts of which somebody answers for the effort, as the address sorts them."""
    stands = standings_answered_for(request.acting, today=today)
    due = deadlines(entry.contract for entry in stands)
    clients = party_names(entry.contract.pk for entry in stands)
    rows = [
        _row(entry, clients[entry.contract.pk].client, due[entry.contract.pk], today)
        for entry in stands
    ]
    return ContractorList(_page(rows).read(request, rows), stands)


def _row(entry: Standing, client: str, due: Iterable[Deadline], today: date) -> Row:
    contract, position = entry.contract, entry.position
    first = next_deadline(due, today)
    return {
        "id": contract.pk,
        "reference": contract.reference,
        "name": contract.name,
        "client": client,
        "lot": contract.lot,
        "owed": position.owed_cents,
        "promised": entry.figures.promised_cents,
        "not_agreed": entry.figures.not_agreed_cents,
        "delivered": entry.figures.delivered_cents,
        "delivered_to_come": entry.to_come.delivered_cents,
        "verified": position.verified_cents,
        "more": more_by_decisions(position.verified_cents, entry.figures.delivered_cents),
        "verified_to_come": entry.to_come.verified_cents,
        "open": position.open_cents,
        "expected": entry.expected_cents,
        "due": first.due if first else contract.end if contract.end >= today else None,
        "what": first.what.in_language(active())
        if first
        else _("End of the contract")
        if contract.end >= today
        else "",
        "risk": str(entry.risk),
        "why": reasons_in_short(entry.outlook),
        "search": search_key(f"{contract.reference} {contract.name} {client}"),
    }


def _page(rows: list[Row]) -> ListPage:
    clients = sorted({row["client"] for row in rows})
    chosen = (Filter("client", gettext_lazy("Client"), lambda: _as_list(clients), "client"),)
    return ListPage(
        name=gettext_lazy("Your contracts"),
        columns=(
            Column(
                "reference",
                gettext_lazy("Contract"),
                kind="code",
                order="reference",
                url=_url,
                under=Column(
                    "name",
                    gettext_lazy("Name"),
                    order="name",
                    under=Column("lot", gettext_lazy("Lot")),
                ),
            ),
            Column("client", gettext_lazy("Client"), order="client"),
            Column(
                "risk",
                gettext_lazy("Risk"),
                kind="status",
                words=RISKS.__getitem__,
                under=Column("why", gettext_lazy("Why this risk")),
            ),
            _figure("owed", gettext_lazy("Owed"), on_phone=False),
            _figure(
                "promised", gettext_lazy("Promised"), under=not_agreed_column(), on_phone=False
            ),
            _figure(
                "delivered",
                gettext_lazy("Delivered"),
                under=to_come_column("delivered_to_come"),
                on_phone=False,
            ),
            _figure(
                "verified",
                gettext_lazy("Verified"),
                under=Column(
                    "more",
                    gettext_lazy("More than delivered"),
                    under=to_come_column("verified_to_come"),
                ),
                on_phone=False,
            ),
            _figure("open", gettext_lazy("Open")),
            _figure("expected", gettext_lazy("Expected"), on_phone=False),
            Column(
                "due",
                gettext_lazy("Next deadline"),
                kind="date",
                order="due",
                under=Column("what", gettext_lazy("For what")),
            ),
            Column("id", gettext_lazy("Effort"), kind="action", words=_enter, url=_enter_url),
        ),
        default="due",
        filters=chosen if len(clients) > 1 else (),
        search=with_every_word,
        search_label=gettext_lazy("Contract or client"),
        last_order="id",
    )


def _figure(
    key: str, label: Words, *, under: Column | None = None, on_phone: bool = True
) -> Column:
    return Column(key, label, kind="money", order=key, under=under, on_phone=on_phone)


def _as_list(names: list[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names if name]


def _url(row: Row) -> str:
    return reverse("contract", args=[row["id"]])


def _enter(_pk: int) -> str:
    return _("Enter effort")


def _enter_url(row: Row) -> str:
    return reverse("contribution-new", args=[row["id"]])


def _figures(total: Totals) -> Iterator[dict[str, object]]:
    yield {"label": _("Owed"), "cents": total.owed_cents}
    yield {
        "label": _("Promised"),
        "cents": total.promised_cents,
        "note": with_agreed(_("in your plans"), total.promised_cents, total.agreed_cents),
    }
    yield {
        "label": _("Delivered"),
        "cents": total.delivered_cents,
        "note": with_to_come(
            _("handed in by you"), total.delivered_cents, total.to_come.delivered_cents
        ),
    }
    yield {
        "label": _("Verified"),
        "cents": total.verified_cents,
        "note": with_to_come(
            _("decided by the client"), total.verified_cents, total.to_come.verified_cents
        ),
    }
    yield {"label": _("Open"), "cents": total.position.open_cents, "strong": True}
    yield {
        "label": _("Expected at the end"),
        "cents": total.expected_cents,
        "note": _("if all comes true"),
    }

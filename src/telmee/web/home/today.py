"""What somebody has to do today over all his contracts, in one list; each row leads to the deed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from telmee.apps.agreements.choices import Kind as AgreementKind
from telmee.apps.contracts.access import contracts_to_decide
from telmee.apps.contracts.queries import party_names
from telmee.apps.organisations.prepared import prepared
from telmee.apps.relations.absences import stands_in_for
from telmee.apps.reports.portfolio import standings_on
from telmee.apps.reports.today import Kind, Todo, Urgency, todos
from telmee.web.language import Words, active
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.site.kept_filters import kept_on
from telmee.web.templatetags.telmee import day as written_day

if TYPE_CHECKING:
    from telmee.apps.contracts.queries import PartyNames
    from telmee.apps.organisations.acting import Acting
    from telmee.apps.relations.models import Absence

Row = dict[str, object]

_MINE, _ALL, _NOBODY = "mine", "all", "nobody"
_SCOPES: Mapping[str, Words] = {
    _MINE: gettext_lazy("My own work"),
    _ALL: gettext_lazy("Of the whole team"),
    _NOBODY: gettext_lazy("Of nobody yet"),
}
_URGENCIES = {
    Urgency.LATE: (gettext_lazy("Overdue"), "warning"),
    Urgency.NOW: (gettext_lazy("Today"), "info"),
    Urgency.SOON: (gettext_lazy("Soon"), ""),
}
#: What there is to do, in words.
KINDS: Mapping[Kind, Words] = {
    Kind.OBJECTION: gettext_lazy("Objection"),
    Kind.ANSWERED: gettext_lazy("Question answered"),
    Kind.UNANSWERED: gettext_lazy("Question not answered"),
    Kind.MESSAGE: gettext_lazy("Messages to read"),
    Kind.LINES: gettext_lazy("Lines to decide on"),
    Kind.REST: gettext_lazy("The rest of a line"),
    Kind.PLAN: gettext_lazy("Plan to answer"),
    Kind.TURNOVER: gettext_lazy("Turnover to answer"),
    Kind.SHARE: gettext_lazy("Share to answer"),
    Kind.POOL: gettext_lazy("Pool to answer"),
    Kind.DISPUTE: gettext_lazy("Disagreement"),
    Kind.SETTLEMENT: gettext_lazy("Settlement without an answer"),
    Kind.TASK: gettext_lazy("Task"),
    Kind.FIRST_CONTACT: gettext_lazy("First contact"),
    Kind.CONTACT: gettext_lazy("Contact"),
    Kind.DEADLINE: gettext_lazy("Term of the scheme"),
    Kind.CERTIFICATE: gettext_lazy("Certificate that runs out"),
    Kind.ENDING: gettext_lazy("Ends with something open"),
    Kind.UNSETTLED: gettext_lazy("Ended, not settled"),
}
_OF_LINES = frozenset((Kind.OBJECTION, Kind.ANSWERED, Kind.UNANSWERED, Kind.LINES, Kind.REST))
_IN_TOUCH = frozenset((Kind.FIRST_CONTACT, Kind.CONTACT))
#: The page of a contract where what this is about is done.
_PAGES: Mapping[Kind, str] = {
    Kind.MESSAGE: "contract-messages",
    Kind.PLAN: "contract-plan",
    Kind.TURNOVER: "contract-turnover",
    Kind.SHARE: "contract-shares",
    Kind.POOL: "contract-pool",
    Kind.SETTLEMENT: "contract-settlement",
    Kind.UNSETTLED: "contract-settlement",
    Kind.FIRST_CONTACT: "conversation-new",
    Kind.CONTACT: "conversation-new",
}
#: What two sides can disagree on: the page of a contract where they settle it, and its name.
DISPUTED: Mapping[str, tuple[str, Words]] = {
    AgreementKind.PLAN: ("contract-plan", gettext_lazy("Plan")),
    AgreementKind.TURNOVER: ("contract-turnover", gettext_lazy("Turnover")),
    AgreementKind.SHARE: ("contract-shares", gettext_lazy("Share of a subcontractor")),
    AgreementKind.POOLING: ("contract-pool", gettext_lazy("Pool")),
    AgreementKind.SETTLEMENT: ("contract-settlement", gettext_lazy("Settlement")),
}


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose work is shown, and for whom who asks stands in today."""

    scope: str
    absences: Sequence[Absence]
    me: int | None

    @property
    def people(self) -> set[int] | None:
        """The ids of whose work it is; nothing where it is that of the whole team."""
        if self.scope == _ALL:
            return None
        if self.scope == _NOBODY or self.me is None:
            return set()
        return {self.me, *(absence.user_id for absence in self.absences)}


@login_required
@require_safe
def today(request: TelmeeRequest) -> HttpResponse:
    """Show what is to be done today, what is late first."""
    acting = request.acting
    if not acting.is_of_client:
        raise Http404
    day = timezone.localdate()
    absences = stands_in_for(acting, today=day)
    scope = request.GET.get("scope", _MINE)
    whose = _Whose(scope if scope in _SCOPES else _MINE, absences, acting.user_id)
    advisers = dict(_advisers(acting))
    listing = _page(whose).read(request, _rows(acting, whose, advisers, day))
    context: dict[str, object] = {
        "listing": listing,
        "kept": kept_on(acting, "today", listing),
        "day": day,
        "scopes": [
            {"url": f"?scope={key}", "label": words, "is_current": key == whose.scope}
            for key, words in _SCOPES.items()
        ],
        "absences": absences,
        "unassigned": sum(adviser is None for adviser in advisers.values()),
        "may_work": bool(acting.working),
        "keys": [
            {"key": "d", "label": _("say that the task is done")},
            {"key": "t", "label": _("new task")},
        ],
    }
    if (file := listing.file()) is not None:
        return file
    tasks = (row["task"] for row in listing.shown if row["task"] is not None)
    context["first_task"] = next(tasks, None)
    return render(request, "home/today.html", context)


@prepared
def _advisers(acting: Acting) -> QuerySet[Any, tuple[int, int | None]]:
    """Who looks after each contract on which somebody decides and that is open."""
    contracts = contracts_to_decide(acting).filter(closed_on=None)
    return contracts.values_list("pk", "adviser_id")


def _rows(
    acting: Acting, whose: _Whose, advisers: Mapping[int, int | None], day: date
) -> list[Row]:
    """Every row of the list, in its order; the number of queries does not depend on them."""
    people = whose.people
    wanted: Collection[int | None] | None = {None} if whose.scope == _NOBODY else people
    ids = [pk for pk, adviser in advisers.items() if wanted is None or adviser in wanted]
    beside = advisers.keys() - set(ids) if whose.scope == _MINE else ()
    to_do = todos(acting, standings_on(ids, today=day), people, today=day, beside=beside)
    names = party_names({todo.contract.pk for todo in to_do if todo.contract is not None})
    away = {absence.user_id: str(absence.user) for absence in whose.absences}
    return [_row(place, todo, names, away) for place, todo in enumerate(to_do)]


def _row(place: int, todo: Todo, names: Mapping[int, PartyNames], away: Mapping[int, str]) -> Row:
    contract, what = todo.contract, _what(todo)
    owner = todo.owner_id if todo.kind is Kind.TASK else getattr(contract, "adviser_id", None)
    return {
        "place": place,
        "urgency": todo.urgency,
        "day": todo.day,
        "is_since": todo.is_since,
        "kind": todo.kind,
        "what": what,
        "more": more_of(todo),
        "contract": contract.reference if contract else "",
        "name": contract.name if contract else "",
        "contractor": names[contract.pk].contractor if contract else "",
        "cents": todo.cents,
        "for_whom": away.get(owner or 0, ""),
        "todo": todo,
        "task": todo.about if todo.kind is Kind.TASK else None,
        "search": f"{what} {contract or ''}",
    }


def _what(todo: Todo) -> str:
    """What there is to do, as the name of the row."""
    return str(todo.what) if todo.kind is Kind.TASK else str(KINDS[todo.kind])


def more_of(todo: Todo) -> str:
    """What is to be known beside it."""
    if todo.kind is Kind.TASK:
        return str(KINDS[Kind.TASK])
    if todo.kind is Kind.DISPUTE:
        return str(DISPUTED[todo.agreement][1])
    if todo.kind is Kind.MESSAGE:
        messages = ngettext("%(count)s message", "%(count)s messages", todo.count)
        return messages % {"count": todo.count}
    if todo.kind in _OF_LINES:
        lines = ngettext("%(count)s line", "%(count)s lines", todo.count)
        lines %= {"count": todo.count}
        return (
            _("%(lines)s, a colleague decides") % {"lines": lines} if todo.by_colleague else lines
        )
    return todo.what if isinstance(todo.what, str) else todo.what.in_language(active())


def url_of(todo: Todo) -> str:
    """Where it is done: the first line of several, which leads to the next."""
    if todo.kind is Kind.TASK:
        return reverse("task-change", args=[todo.about])
    if todo.contract is None:
        return reverse("enterprises")
    if todo.kind in _OF_LINES:
        of_contract = urlencode({"contract": todo.contract.reference})
        return f"{reverse('decide', args=[todo.about])}?{of_contract}"
    page = DISPUTED[todo.agreement][0] if todo.kind is Kind.DISPUTE else _PAGES.get(todo.kind)
    url = reverse(page or "contract", args=[todo.contract.pk])
    return f"{url}?terug=vandaag" if todo.kind in _IN_TOUCH else url


class _Day(Column):
    """By when something is to be done, or since when it waits."""

    def cell(self, row: Any) -> SafeString | str:
        """The day, with which of the two it is."""
        words = _("since %(day)s") if row["is_since"] else _("by %(day)s")
        return words % {"day": written_day(row["day"])}


class _Done(Column):
    """A button that says that a task is done; other things are done on their own page."""

    def cell(self, row: Any) -> SafeString | str:
        """The button of a task; it belongs to the form above the list."""
        if row["task"] is None:
            return ""
        return format_html(
            '<button class="nl-button nl-button--secondary nl-button--small" form="finish"'
            ' formaction="{}" name="done" value="1" data-key="d">{}'
            '<span class="visually-hidden"> {}</span></button>',
            reverse("task-finish", args=[row["task"]]),
            _("Done"),
            row["what"],
        )


def _page(whose: _Whose) -> ListPage:
    stands_in = Column("for_whom", gettext_lazy("For"), order="for_whom")
    return ListPage(
        name=gettext_lazy("Today"),
        columns=(
            Column(
                "urgency",
                gettext_lazy("When"),
                kind="status",
                order="place",
                words=lambda key: _URGENCIES[key],
                under=_Day("day", gettext_lazy("Day"), kind="date", order="day"),
            ),
            Column(
                "what",
                gettext_lazy("What"),
                order="what",
                url=lambda row: url_of(row["todo"]),
                under=Column("more", gettext_lazy("About")),
            ),
            Column(
                "contract",
                gettext_lazy("Contract"),
                kind="code",
                order="contract",
                under=Column("name", gettext_lazy("Name")),
            ),
            Column("contractor", gettext_lazy("Contractor"), kind="name", order="contractor"),
            Column("cents", gettext_lazy("Amount"), kind="money", order="cents", on_phone=False),
            *((stands_in,) if whose.absences else ()),
            _Done("task", gettext_lazy("Deed"), kind="action"),
        ),
        default="urgency",
        last_order="place",
        filters=(
            Filter("kind", gettext_lazy("What"), KINDS.items, "kind"),
            Filter(
                "scope",
                gettext_lazy("Whose work"),
                _SCOPES.items,
                lambda rows, _scope: rows,
                is_hidden=True,
            ),
        ),
        search=("search", "contractor"),
        search_label=gettext_lazy("What, contract or contractor"),
    )

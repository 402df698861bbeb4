"""Everything of a contract in order of time, on one page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.audit.queries import events_on_contract
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.organisations.journal import doers
from telmee.apps.relations.access import contract_in_touch, tasks_of
from telmee.apps.relations.messages import messages_on
from telmee.apps.relations.queries import conversations_on
from telmee.apps.reports.timeline import Part, timeline
from telmee.web.contracts.frame import around
from telmee.web.contracts.journal import deeds
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.relations.contact_words import KINDS

Row = dict[str, Any]

_PARTS: Mapping[Part, Words] = {
    Part.CONVERSATION: gettext_lazy("Conversations and notes"),
    Part.MESSAGE: gettext_lazy("Messages"),
    Part.TASK: gettext_lazy("Tasks"),
    Part.CONTRIBUTION: gettext_lazy("Effort and decisions"),
    Part.AGREEMENT: gettext_lazy("Agreements"),
    Part.LEDGER: gettext_lazy("Books"),
    Part.CONTRACT: gettext_lazy("The contract"),
}


@login_required
@require_safe
def contract_timeline(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what happened on a contract, the latest first."""
    access = contract_in_touch(request.acting, pk)
    page = _page(access)
    listing = page.read(request, timeline(access), prepare=partial(_rows, access))
    context = around(access, "contract-contact", here=_("Timeline")) | {"listing": listing}
    return listing.file() or render(request, "relations/timeline.html", context)


def _rows(access: ContractAccess, keys: Iterable[Row]) -> list[Row]:
    """What each row of one page says; of a part that is not on it nothing is asked."""
    wanted = list(keys)
    ids: dict[str, set[int]] = defaultdict(set)
    for key in wanted:
        ids[_source(key["part"])].add(key["row"])
    texts: _Texts = {}
    for source, of_source in ids.items():
        texts |= _WRITERS[source](access, of_source)
    return [
        {"when": key["when"], "part": key["part"], **texts[_source(key["part"]), key["row"]]}
        for key in wanted
    ]


_Texts = dict[tuple[str, int], Row]


def _source(part: str) -> str:
    return part if part in _WRITERS else ""


def _conversations(access: ContractAccess, ids: set[int]) -> _Texts:
    rows = list(conversations_on(access).filter(pk__in=ids))
    names = doers(access.acting, ((row.user_id, row.organisation_id) for row in rows))
    url = reverse("contract-contact", args=[access.contract.pk])
    return {
        (Part.CONVERSATION, row.pk): {
            "what": KINDS[row.kind],
            "who": names[row.user_id, row.organisation_id],
            "text": row.text,
            "about": "",
            "url": url,
        }
        for row in rows
    }


def _messages(access: ContractAccess, ids: set[int]) -> _Texts:
    """Each message, with its line; of one that was taken back, that it was."""
    rows = list(messages_on(access).filter(pk__in=ids))
    names = doers(access.acting, ((row.user_id, row.organisation_id) for row in rows))
    return {
        (Part.MESSAGE, row.pk): {
            "what": _("Message withdrawn") if hasattr(row, "withdrawal") else _("Message"),
            "who": names[row.user_id, row.organisation_id],
            "text": "" if hasattr(row, "withdrawal") else row.text,
            "about": row.contribution.reference if row.contribution else "",
            "url": reverse("contribution", args=[row.contribution_id])
            if row.contribution_id
            else reverse("contract-messages", args=[access.contract.pk]),
        }
        for row in rows
    }


def _tasks(access: ContractAccess, ids: set[int]) -> _Texts:
    rows = tasks_of(access.acting).filter(pk__in=ids).select_related("owner")
    return {
        (Part.TASK, row.pk): {
            "what": _("Task done") if row.done_at else _("Task to do"),
            "who": str(row.owner),
            "text": row.text,
            "about": "",
            "url": reverse("task-change", args=[row.pk])
            if row.organisation_id in access.acting.working
            else None,
        }
        for row in rows
    }


def _events(access: ContractAccess, ids: set[int]) -> _Texts:
    """What the journal says, in the words of the journal."""
    events = events_on_contract(access.contract.pk).filter(pk__in=ids)
    return {
        ("", row["id"]): {
            "what": row["what"],
            "who": row["who"],
            "text": "; ".join(filter(None, (row["details"], row["why"]))),
            "about": row["about"],
            "url": row["url"],
        }
        for row in deeds(access, access.acting, events)
    }


#: Where the text of a row is; that of every other part in the journal.
_WRITERS: Mapping[str, Callable[[ContractAccess, set[int]], _Texts]] = {
    Part.CONVERSATION: _conversations,
    Part.MESSAGE: _messages,
    Part.TASK: _tasks,
    "": _events,
}


def _page(access: ContractAccess) -> ListPage:
    return ListPage(
        name=gettext_lazy("Timeline"),
        columns=(
            Column("when", gettext_lazy("When"), kind="date", order="when"),
            Column(
                "what",
                gettext_lazy("What"),
                url=lambda row: row["url"],
                under=Column("about", gettext_lazy("About")),
            ),
            Column("text", gettext_lazy("What was said or why")),
            Column("who", gettext_lazy("Who")),
            Column("part", gettext_lazy("Part"), words=lambda part: _PARTS[Part(part)]),
        ),
        default="-when",
        last_order="-row",
        filters=(
            Filter(
                "part",
                gettext_lazy("Part"),
                lambda: [(str(part), words) for part, words in _PARTS.items()],
                lambda _rows, part: timeline(access, Part(part)),
            ),
        ),
    )

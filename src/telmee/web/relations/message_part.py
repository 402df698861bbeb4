"""The part of a page with messages: those there are, and the form to write one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy

from telmee.apps.organisations.journal import doers
from telmee.apps.relations.messages import messages_on, writing_for
from telmee.web.forms import KeyField, SafeTextArea

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.contracts.access import ContractAccess
    from telmee.apps.contributions.models import Contribution
    from telmee.apps.relations.models import Message

#: Messages on one page; the older ones are a page further.
_SHOWN = 30


class MessageForm(forms.Form):
    """What somebody writes to the other side."""

    text = SafeTextArea(
        label=gettext_lazy("Your message"),
        help_text=gettext_lazy(
            "Nothing about a person who was placed: no name, no health, no BSN."
        ),
    )
    key = KeyField()


def messages_shown(access: ContractAccess, rows: QuerySet[Message]) -> dict[str, object]:
    """The latest of some messages, for `relations/_messages.html`."""
    latest = list(rows[: _SHOWN + 1])
    shown = latest[:_SHOWN]
    pairs = [(row.user_id, row.organisation_id) for row in shown]
    taken = [row.withdrawal for row in shown if hasattr(row, "withdrawal")]
    names = doers(access.acting, [*pairs, *((row.user_id, row.organisation_id) for row in taken)])
    return {
        "written": [
            {
                "row": row,
                "who": names[row.user_id, row.organisation_id],
                "line": row.contribution,
                "taken_back": getattr(row, "withdrawal", None),
                "may_withdraw": not hasattr(row, "withdrawal")
                and access.works_for(row.organisation_id),
            }
            for row in shown
        ],
        "unread": [row.pk for row in shown if row.is_new],  # type: ignore[attr-defined]
        "older": shown[-1].pk if len(latest) > _SHOWN else None,
    }


def messages_part(
    access: ContractAccess, line: Contribution, form: MessageForm | None = None
) -> dict[str, object]:
    """The messages of one line and the form to write one, for the page of the line."""
    may_write = writing_for(access, line) is not None
    return messages_shown(access, messages_on(access).filter(contribution=line)) | {
        "message_form": (form or MessageForm(auto_id="message_%s")) if may_write else None,
    }

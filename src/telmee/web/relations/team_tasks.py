"""Tasks of a team: a list, and giving, changing and doing one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import contract_to_decide
from telmee.apps.organisations.choices import WORKING
from telmee.apps.organisations.queries import colleagues
from telmee.apps.relations import actions
from telmee.apps.relations.access import task_for, tasks_of
from telmee.core.free_text import TASK
from telmee.web.contracts.frame import form_page as contract_form_page
from telmee.web.form_pages import form_page
from telmee.web.forms import DateField, KeyField, SafeTextField, offer, succeeds
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import UNKNOWN_CHOICE
from telmee.web.site.kept_filters import kept_on

if TYPE_CHECKING:
    from telmee.apps.organisations.acting import Acting
    from telmee.apps.relations.models import Task

_FIELDS = {"toelichting": "text"}
_MINE, _OVERDUE = "mine", "overdue"
_OPEN, _DONE = "open", "done"
_STATES = {
    "late": (gettext_lazy("Overdue"), "warning"),
    _OPEN: (gettext_lazy("To do"), "info"),
    _DONE: (gettext_lazy("Done"), "positive"),
}


class TaskForm(forms.Form):
    """What has to be done, by when, and by whom."""

    text = SafeTextField(label=gettext_lazy("What has to be done"), max_length=TASK.maximum)
    due_on = DateField(label=gettext_lazy("Due on"))
    owner = forms.TypedChoiceField(
        label=gettext_lazy("Who does it"),
        coerce=int,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    key = KeyField()

    def __init__(
        self, acting: Acting, organisation_id: int, data: QueryDict | None = None, **initial: object
    ) -> None:
        super().__init__(data, initial={"owner": acting.user_id, **initial})
        offer(self, "owner", workers(acting, organisation_id))

    def facts(self) -> dict[str, Any]:
        """What was filled in, by the names of the action."""
        typed = dict(self.cleaned_data)
        return typed | {"owner_id": typed.pop("owner")}


def workers(acting: Acting, organisation_id: int) -> list[tuple[str, str]]:
    """The colleagues who can do something for an organisation, as choices."""
    people = colleagues(acting, organisation_id).filter(role__in=WORKING)
    return [(str(one.user_id), str(one.user)) for one in people]


# The list -----------------------------------------------------------------------------------


@login_required
@require_safe
def tasks(request: TelmeeRequest) -> HttpResponse:
    """List what one's team has to do, what is due first; at first what is not done."""
    today = timezone.localdate()
    rows = tasks_of(request.acting).select_related("contract", "owner")
    if "state" not in request.GET:
        rows = rows.filter(done_at=None)
    listing = _page(request.acting, today).read(request, rows)
    context: dict[str, Any] = {
        "listing": listing,
        "kept": kept_on(request.acting, "tasks", listing),
        "may_add": bool(request.acting.clients),
        "breadcrumbs": [{"label": _("Tasks")}],
    }
    return listing.file() or render(request, "relations/tasks.html", context)


class _Finish(Column):
    """A button that says that a task is done, or that it is not after all."""

    def cell(self, row: Any) -> SafeString | str:
        """The button of one row; it belongs to the form above the list."""
        label = _("Not done after all") if row.done_at else _("Done")
        return format_html(
            '<button class="nl-button nl-button--secondary nl-button--small" form="finish"'
            ' formaction="{}" name="done" value="{}" data-key="d">{}'
            '<span class="visually-hidden"> {}</span></button>',
            reverse("task-finish", args=[row.pk]),
            "" if row.done_at else "1",
            label,
            row.text,
        )


def _page(acting: Acting, today: date) -> ListPage:
    def state(row_state: tuple[object, date]) -> tuple[Words, str]:
        done_at, due_on = row_state
        return _STATES[_DONE if done_at else "late" if due_on < today else _OPEN]

    return ListPage(
        name=gettext_lazy("Tasks"),
        columns=(
            Column("due_on", gettext_lazy("Due on"), kind="date", order="due_on"),
            Column(
                "text",
                gettext_lazy("What has to be done"),
                order="text",
                url=lambda row: _task_url(acting, row),
            ),
            Column("contract", gettext_lazy("Contract"), order="contract__reference"),
            Column("owner", gettext_lazy("Who does it"), order="owner__name"),
            _State("done_at", gettext_lazy("Status"), kind="status", words=state),
            *((_Finish("pk", gettext_lazy("Done"), kind="action"),) if acting.working else ()),
        ),
        default="due_on",
        filters=(
            Filter(
                "state",
                gettext_lazy("Status"),
                lambda: [(key, words) for key, (words, _kind) in _STATES.items()],
                lambda rows, wanted: _in_state(rows, wanted, today),
            ),
            Filter(
                "owner",
                gettext_lazy("Who does it"),
                lambda: [(_MINE, _("My own tasks")), *_owners(acting)],
                lambda rows, wanted: rows.filter(
                    owner=acting.user_id if wanted == _MINE else int(wanted)
                ),
            ),
        ),
        search=("text__icontains", "contract__search_text__icontains"),
        search_label=gettext_lazy("Task or contract"),
    )


def _task_url(acting: Acting, row: Task) -> str | None:
    """Where a task is changed; who only reads for its team has no such page."""
    own = row.organisation_id in acting.working
    return reverse("task-change", args=[row.pk]) if own else None


class _State(Column):
    """Whether a task is done, and else whether its day is over."""

    def value(self, row: Any) -> object:
        """What the words are made of: both days."""
        return row.done_at, row.due_on


def _owners(acting: Acting) -> list[tuple[str, str]]:
    people = dict(pair for own in acting.own for pair in workers(acting, own.id))
    return sorted(people.items(), key=lambda pair: pair[1].casefold())


def _in_state(rows: QuerySet[Any, Any], wanted: str, today: date) -> QuerySet[Any, Any]:
    if wanted == _DONE:
        return rows.exclude(done_at=None)
    late = Q(due_on__lt=today) if wanted == "late" else Q(due_on__gte=today)
    return rows.filter(late, done_at=None)


# One task -----------------------------------------------------------------------------------


@login_required
def add(request: TelmeeRequest) -> HttpResponse:
    """Ask what somebody of one's team has to do, apart from any contract."""
    acting = request.acting
    if not acting.clients:
        raise Http404
    organisation_id = acting.clients[0].id
    form = TaskForm(acting, organisation_id, request.POST or None)

    def deed() -> None:
        actions.add_task(acting, organisation_id=organisation_id, **form.facts())

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The task is added."))
        return redirect("tasks")
    return form_page(request, form, title=_("New task"), button=_("Save"), back=("tasks",))


@login_required
def add_on_contract(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask what somebody of one's team has to do for a contract."""
    access = contract_to_decide(request.acting, pk)
    organisation_id = access.deciding_for
    assert organisation_id is not None  # noqa: S101 - who decides does so for one
    form = TaskForm(request.acting, organisation_id, request.POST or None)

    def deed() -> None:
        actions.add_task(
            request.acting, organisation_id=organisation_id, access=access, **form.facts()
        )

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The task is added."))
        return redirect("contract-contact", pk)
    return contract_form_page(
        request,
        access,
        form,
        title=_("New task"),
        button=_("Save"),
        section="contract-contact",
        back=reverse("contract-contact", args=[pk]),
    )


@login_required
def change(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Change whose a task is, what it asks, and by when."""
    task = task_for(request.acting, pk)
    now = {"text": task.text, "due_on": task.due_on, "owner": task.owner_id}
    form = TaskForm(request.acting, task.organisation_id, request.POST or None, **now)

    def deed() -> None:
        facts = form.facts()
        del facts["key"]
        actions.change_task(request.acting, task, **facts)

    back = ("contract-contact", task.contract_id) if task.contract_id else ("tasks",)
    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The task is changed."))
        return redirect(*back)
    lead = str(task.contract) if task.contract_id else ""
    return form_page(
        request, form, title=_("Change a task"), button=_("Save"), back=back, lead=lead
    )


@login_required
@require_POST
def finish(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Say that a task is done, or that it is not after all; and go back to where one was."""
    task = task_for(request.acting, pk)
    is_done = bool(request.POST.get("done"))
    actions.finish_task(request.acting, task, done=is_done)
    messages.success(request, _("The task is done.") if is_done else _("The task is open again."))
    if request.POST.get("back") == "contract" and task.contract_id:
        return redirect("contract-contact", task.contract_id)
    return redirect("today" if request.POST.get("back") == "today" else "tasks")

"""The list of what waits: its columns, its filters, and the place of a line in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from telmee.apps.contributions.choices import State
from telmee.apps.contributions.counterparties import denied
from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.contributions.queries import (
    lines_in_queue,
    queue,
    queue_of,
    queue_of_questions,
)
from telmee.apps.decisions.reviewers import his_own
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.reports.dossier import Facets, facets_of_queue, to_check
from telmee.apps.schemes.queries import schemes_of
from telmee.core.valuation import Status
from telmee.web.addresses import asked_in
from telmee.web.contributions.double_words import double_mark
from telmee.web.decisions.line_filters import (
    Lines,
    adviser_filter,
    contract_filter,
    search_lines,
)
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, Listing, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_column import period_column
from telmee.web.schemes.block_words import block_names
from telmee.web.templatetags.telmee import day
from telmee.web.to_come import rest_column, to_come_column

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution

_FLAGS: dict[str, tuple[Words, str]] = {
    "denied": (gettext_lazy("Denied by the counterparty"), "negative"),
    "objection": (gettext_lazy("Objection"), "warning"),
    "late": (gettext_lazy("Objection, term over"), "negative"),
    "rest": (gettext_lazy("The rest"), "info"),
    "asked": (gettext_lazy("Not answered"), "warning"),
    "open": (gettext_lazy("Question open"), "info"),
    "judge": (gettext_lazy("Amount needed"), "info"),
    "waiting": (gettext_lazy("Submitted"), "info"),
}

#: The choice that shows what was asked about, also what does not wait for a decision yet.
_ASKED = "asked"


class QueueListing(Listing):
    """What waits, with the block, period and checks of each line in words."""

    def __init__(
        self, page: ListPage, request: TelmeeRequest, rows: QuerySet[Any, Any], facets: _Facets
    ) -> None:
        super().__init__(page, request, rows, self._with_words)
        self._acting = request.acting
        self._facets = facets

    def _with_words(self, lines: Iterable[Contribution]) -> list[Any]:
        """Put beside each line what a page tells of it. Runs eight queries at most."""
        rows = lines_in_queue(self._acting, lines)
        checks, own = to_check(rows), his_own(self._acting, rows)
        doubles, refuted = doubles_of(self._acting, (line.pk for line in rows)), denied(rows)
        for line in rows:
            line.block_label = self._facets.labels.of(line.contract.scheme_id, line.block)
            line.period = period(line)
            line.double = line.pk in doubles
            line.checks = checks[line.pk] + len(doubles.get(line.pk, ()))
            line.flag = "denied" if line.pk in refuted else _flag(line)
            line.can_accept = line.may_decide and line.pk not in own | refuted and _has_amount(line)
        return rows

    @cached_property
    def total(self) -> int:
        """Count the lines that fit; all of them were counted for the filters."""
        return super().total if self.is_narrowed else len(self._facets.lines)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in the queue as it was filtered, and which lines stand beside it."""

    number: int
    total: int
    next_id: int | None
    previous_id: int | None


def read_queue(request: TelmeeRequest, *, with_buttons: bool = False) -> QueueListing:
    """Read what waits for who asks, as the address filters and sorts it."""
    facets = _Facets(request)
    page = _page(request, facets, with_clients=len(facets.clients()) > 1)
    if with_buttons:
        buttons = (
            _Choose("pk", gettext_lazy("Choose"), kind="action"),
            *page.columns,
            _Accept("pk", gettext_lazy("Decision"), kind="action"),
        )
        page = replace(page, columns=buttons)
    return QueueListing(page, request, queue_of(facets.lines), facets)


def _lines(request: TelmeeRequest) -> Lines:
    """What the queue is cut out of: what waits, or what an open question is about."""
    if _is_of_questions(request):
        return queue_of_questions(request.acting)
    return queue(request.acting, timezone.localdate())


def _is_of_questions(request: TelmeeRequest) -> bool:
    return request.GET.get("only") == _ASKED


def place_of(request: TelmeeRequest, line_id: int) -> Place | None:
    """Find a line in the queue, in two queries; `None` when it does not wait (any more)."""
    ids = _ids(request)
    if line_id not in ids:
        return None
    at = ids.index(line_id)
    return Place(
        number=at + 1,
        total=len(ids),
        next_id=ids[at + 1] if at + 1 < len(ids) else None,
        previous_id=ids[at - 1] if at else None,
    )


def line_url(line_id: int, *, may_decide: bool) -> str:
    """The page on which somebody decides on a line, or where he only reads it."""
    return reverse("decide" if may_decide else "contribution", args=[line_id])


def next_to(request: TelmeeRequest, gone: Collection[int]) -> int | None:
    """The line that takes the place of those that leave the queue: the next, else the one before.

    In two queries; `None` where no other line waits.
    """
    ids = _ids(request)
    last = max((at for at, pk in enumerate(ids) if pk in gone), default=-1)
    stay = [pk for pk in ids[last + 1 :] if pk not in gone]
    before = [pk for pk in ids[: last + 1] if pk not in gone]
    return stay[0] if stay else before[-1] if before else None


def _ids(request: TelmeeRequest) -> list[int]:
    """The lines of the queue as it is filtered and sorted, in their order."""
    page = _page(request, _Facets(request), with_clients=True)
    rows = page.read(request, _lines(request)).rows
    assert isinstance(rows, QuerySet)  # noqa: S101 - the queue is one
    return list(rows.values_list("pk", flat=True))


def row_in_queue(request: HttpRequest, line_id: int | None) -> str:
    """The address of the queue, at the row of a line, so that one goes on from there."""
    return with_query(request, "queue") + (f"#row-{line_id}" if line_id else "")


def with_query(request: HttpRequest, name: str, *args: int) -> str:
    """An address with how the queue is filtered and sorted, so that one comes back to it so."""
    return reverse(name, args=args) + _queue_query(request)


def _queue_query(request: HttpRequest) -> str:
    query_of_list = asked_in(request)
    for key in ("step", "export"):
        query_of_list.pop(key, None)
    return f"?{query}" if (query := query_of_list.urlencode()) else ""


def period(line: Contribution) -> str:
    """Write the period of a line: two days, one, or none."""
    days = [line.begin, line.end] if line.end != line.begin else [line.begin]
    return " \N{EN DASH} ".join(day(entry) for entry in days if entry) or day(None)


def _flag(line: Contribution) -> str:
    if line.state == State.OBJECTION:
        is_over = line.answer_by is not None and line.answer_by < timezone.localdate()
        return "late" if is_over else "objection"
    if line.state == State.PARTLY:
        return "rest"
    if line.state == State.ASKED:
        return "asked" if (line.answer_by or date.max) < timezone.localdate() else "open"
    return "judge" if line.value_status == Status.NEEDS_JUDGEMENT else "waiting"


def _days(since: datetime) -> int:
    return (timezone.localdate() - timezone.localdate(since)).days


def _has_amount(line: Contribution) -> bool:
    """Whether a line can be accepted without opening it: its amount is known.

    An objection is read first.
    """
    known = line.state == State.SUBMITTED and line.value_cents is not None
    return known or line.state == State.PARTLY


# The columns -----------------------------------------------------------------------------------


class _Choose(Column):
    """A box to choose a line with; it belongs to the form that accepts."""

    def cell(self, row: Any) -> SafeString | str:
        """The box to choose a line with; empty where it cannot be accepted from here."""
        if not row.can_accept:
            return ""
        return format_html(
            '<input class="utrecht-checkbox utrecht-checkbox--html-input" type="checkbox" '
            'form="accept" name="line" value="{}" aria-label="{}">',
            seen_of(row),
            _("Choose %(reference)s") % {"reference": row.reference},
        )


class _Accept(Column):
    """A button that accepts one line."""

    def cell(self, row: Any) -> SafeString | str:
        """The button that accepts a line; empty where it cannot be accepted from here."""
        if not row.can_accept:
            return ""
        return format_html(
            '<button class="nl-button nl-button--secondary nl-button--small" form="accept" '
            'name="one" value="{}" data-key="a" aria-label="{}">{}</button>',
            seen_of(row),
            _("Accept %(reference)s") % {"reference": row.reference},
            pgettext("decision", "Accept"),
        )


def seen_of(line: Contribution) -> str:
    """Write what somebody sees of a line, for the form that accepts it; of a rest, the whole."""
    cents = line.value_cents
    if line.state == State.PARTLY:
        cents = (line.verified_cents or 0) + (line.rest_cents or 0)
    return f"{line.pk}:{line.version}:{cents}"


def _page(request: TelmeeRequest, facets: _Facets, *, with_clients: bool) -> ListPage:
    client = Column("client_name", gettext_lazy("Client"), order="client_name", on_phone=False)
    query = _queue_query(request)
    contract = Column(
        "contract__reference",
        gettext_lazy("Contract"),
        kind="code",
        order="contract__reference",
    )
    return ListPage(
        name=gettext_lazy("Waiting for a decision"),
        columns=(
            Column(
                "submitted_at",
                gettext_lazy("Days waiting"),
                kind="count",
                order="submitted_at",
                words=_days,
            ),
            Column(
                "reference",
                gettext_lazy("Line"),
                kind="code",
                order="reference",
                url=lambda row: line_url(row.pk, may_decide=row.may_decide) + query,
                under=contract,
            ),
            Column(
                "organisation__name",
                gettext_lazy("Contractor"),
                order="organisation__name",
                under=client if with_clients else None,
            ),
            Column("block_label", gettext_lazy("Building block"), order="block"),
            period_column(on_phone=False),
            Column(
                "value_cents",
                gettext_lazy("Delivered"),
                kind="money",
                order="value_cents",
                under=replace(to_come_column("to_come"), under=rest_column()),
            ),
            Column("checks", gettext_lazy("Points to check"), kind="count"),
            Column(
                "flag",
                gettext_lazy("Status"),
                kind="status",
                order="state",
                words=lambda flag: _FLAGS[flag],
                under=double_mark(),
            ),
        ),
        default="submitted_at",
        has_anchors=True,
        filters=tuple(_filters(facets, request.acting, with_clients=with_clients)),
        search=search_lines,
        search_label=gettext_lazy("Line, contract or contractor"),
    )


def _filters(facets: _Facets, acting: Acting, *, with_clients: bool) -> Iterable[Filter]:
    if with_clients:
        yield Filter("client", gettext_lazy("Client"), facets.clients, "client_name")
    yield contract_filter()
    yield Filter("contractor", gettext_lazy("Contractor"), facets.contractors, "organisation_id")
    yield Filter("block", gettext_lazy("Building block"), facets.blocks, "block")
    yield adviser_filter(acting)
    yield Filter("only", gettext_lazy("Only"), _narrowings, partial(_narrow, acting))


def _narrowings() -> list[tuple[str, str]]:
    return [
        ("objections", _("Objections")),
        (_ASKED, _("With an open question")),
        ("nothing_to_check", _("Nothing to check")),
        ("amount_needed", _("Amount needed")),
        ("double", _("Possibly double")),
    ]


def _narrow(acting: Acting, lines: Lines, which: str) -> Lines:
    if which == _ASKED:
        return lines.filter(state=State.ASKED)
    if which == "objections":
        return lines.filter(state=State.OBJECTION)
    if which == "amount_needed":
        return lines.filter(value_cents=None)
    rows = lines_in_queue(acting, lines)
    doubles = doubles_of(acting, (line.pk for line in rows))
    if which == "double":
        return lines.filter(pk__in=listed(doubles))
    counts = to_check(rows)
    return lines.filter(
        pk__in=listed(pk for pk, count in counts.items() if not count and pk not in doubles)
    )


class _Facets:
    """What the filters offer: only what occurs in the queue. Runs two queries when asked."""

    def __init__(self, request: TelmeeRequest) -> None:
        self._acting = request.acting
        self._with_question = _is_of_questions(request)

    @cached_property
    def _known(self) -> Facets:
        today = timezone.localdate()
        return facets_of_queue(self._acting, today, with_question=self._with_question)

    @property
    def lines(self) -> Sequence[int]:
        """The ids of the lines that wait."""
        return self._known.lines

    def clients(self) -> list[tuple[str, str]]:
        """The clients that have lines here, as choices of a filter."""
        return _in_order((name, name) for name in self._known.clients)

    def contractors(self) -> list[tuple[str, str]]:
        """The organisations that delivered lines here, as choices of a filter."""
        return _in_order((str(pk), name) for pk, name in self._known.contractors.items())

    def blocks(self) -> list[tuple[str, str]]:
        """The building blocks that occur, each in the words of the latest scheme that has it."""
        words = {block: self.labels.of(scheme, block) for scheme, block in self._known.blocks}
        return _in_order(words.items())

    @cached_property
    def labels(self) -> BlockLabels:
        """The names of the blocks that occur, by scheme."""
        return BlockLabels({scheme for scheme, _block in self._known.blocks})


def _in_order(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices by what people read; those that read the same, by their keys."""
    return sorted(choices, key=lambda choice: (choice[1].casefold(), choice[0]))


class BlockLabels:
    """The names of blocks in the active language. Runs one query."""

    def __init__(self, scheme_ids: Iterable[int]) -> None:
        self._names = {pk: block_names(scheme) for pk, scheme in schemes_of(scheme_ids).items()}

    def of(self, scheme_id: int, block: str) -> str:
        """The name of a block; of one that does not exist, its key."""
        return self._names.get(scheme_id, {}).get(block, block)

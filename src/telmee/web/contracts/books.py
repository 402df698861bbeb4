"""The books of a contract: its entries with the position after each, now or as of any day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import ContractAccess, contract_seen_whole
from telmee.apps.contracts.booking import REVERSIBLE
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.queries import in_the_books_of
from telmee.apps.contributions.queries import references_of
from telmee.apps.ledger.places import Place, places_of, without
from telmee.apps.ledger.queries import books_of, other_sides, position_together
from telmee.apps.organisations.journal import Doer, doers
from telmee.apps.reports.to_come import to_come
from telmee.core.ledger import EntryKind, Position
from telmee.web.contracts.contract_words import KINDS, kinds_of_days, kinds_on
from telmee.web.contracts.frame import around
from telmee.web.contracts.sums import position_sums
from telmee.web.forms import DateField
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, Listing, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import moment
from telmee.web.to_come import with_to_come
from telmee.web.value_forms import kept_value

if TYPE_CHECKING:
    from telmee.apps.ledger.queries import Booked

Row = dict[str, Any]


class AsOfForm(forms.Form):
    """The day of which to show the books."""

    op = DateField(
        label=gettext_lazy("Show the books as they stood on"),
        required=False,
        help_text=gettext_lazy("For example 31-12-2025. Empty is now."),
    )


@login_required
@require_safe
def ledger(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the entries of a contract and where it stood after each."""
    access = contract_seen_whole(request.acting, pk)
    form = AsOfForm(request.GET if "op" in request.GET else None)
    day = form.cleaned_data["op"] if form.is_bound and form.is_valid() else None
    books = _Books(access, day)
    listing = _page(access, request.GET.get("op", "") if day else "").read(
        request, books.entries, prepare=books.page
    )
    if (file := listing.file()) is not None:
        return file
    position = books.position
    editable = access.may_decide and access.contract.form != Form.FRAMEWORK and day is None
    beside = books.beside(listing)
    context = around(access, "contract-ledger") | {
        "listing": listing,
        "form": form,
        "day": day,
        "figures": list(_figures(position, _later(books.contract_ids) if day is None else 0)),
        "sums": position_sums(position, books.kinds),
        "corrections": list(_corrections(beside)),
        "is_framework": access.contract.form == Form.FRAMEWORK,
        "buttons": list(_buttons(access)) if editable else [],
        "reversible": _reversible(beside) if editable else [],
    }
    return render(request, "contracts/ledger.html", context)


@login_required
@require_safe
def entry(request: TelmeeRequest, pk: int, entry_id: int) -> HttpResponse:
    """Show one entry: what was booked, why, and the story of its amount as it was kept."""
    access = contract_seen_whole(request.acting, pk)
    books = _Books(access, None)
    rows = books.rows(books.entries.filter(pk=entry_id, contract_id=pk).select_related("receipt"))
    if not rows:
        raise Http404
    (row,) = rows
    title = _("Entry no. %(number)s") % {"number": row["number"]}
    context = around(access, "contract-ledger", here=title) | {
        "title": title,
        "row": row,
        "partner": next(iter(books.rows(books.entries.filter(pk=row["partner_id"]))), None),
        "shown": kept_value(row["entry"].receipt),
    }
    return render(request, "contracts/entry.html", context)


def _buttons(access: ContractAccess) -> Iterator[dict[str, Any]]:
    pk = access.contract.pk
    yield {"label": _("Book something else"), "url": reverse("book", args=[pk])}
    url = reverse("contract-amend", args=[pk])
    yield {"label": _("Change the contract"), "url": url}


def _reversible(beside: list[Row]) -> list[Row]:
    """The entries that can be taken back by hand; the others go by their own decision."""
    return [row for row in beside if row["partner_id"] is None]


def end_of(day: date) -> datetime:
    """The last moment of a day in the Netherlands."""
    midnight = datetime.combine(day + timedelta(days=1), time.min)
    return timezone.make_aware(midnight) - timedelta(microseconds=1)


class _Books:
    """The books of a contract, now or as of a day: the rows of a page are made for that page."""

    def __init__(self, access: ContractAccess, day: date | None) -> None:
        self._acting = access.acting
        self._as_of = None if day is None else end_of(day)
        self.contract_ids = in_the_books_of(access)
        self._contract = access.contract
        self.kinds = kinds_on(access.contract)
        self.entries = books_of(self.contract_ids, as_of=self._as_of)
        self._beside: list[Row] = []

    @property
    def position(self) -> Position:
        """Where all entries together lead to."""
        return position_together(self.contract_ids, as_of=self._as_of)

    def page(self, entries: Iterable[Booked]) -> list[Row]:
        """The rows of a page, made together with those beside it, so that each is asked once."""
        shown = list(entries)
        rows = self.rows([*shown, *self._corrected_or_by_hand])
        self._beside = rows[len(shown) :]
        return rows[: len(shown)]

    def beside(self, listing: Listing) -> list[Row]:
        """What was corrected, and what can be taken back by hand, beside the rows of a page."""
        list(listing.shown)  # the rows of the page are made first, and these along with them
        return self._beside

    @cached_property
    def _corrected_or_by_hand(self) -> list[Booked]:
        """The entries that were taken back and their mirrors, and those taken back by hand."""
        beside = ~Q(partner=None) | Q(kind__in=REVERSIBLE)
        return list(self.entries.filter(beside).order_by("turn"))

    def rows(self, entries: Iterable[Booked]) -> list[Row]:
        """Some entries as a page shows them, each with the position that it led to."""
        shown = list(entries)
        if not shown:
            return []
        known = _Known(
            names=doers(self._acting, ((one.user_id, one.organisation_id) for one in shown)),
            lines=references_of({one.contribution_id for one in shown}),
            others=other_sides(shown),
            places=self._places(shown),
            kinds=kinds_of_days(self._contract, _days_of_sanctions(shown)),
        )
        return [_row(one, known) for one in shown]

    def _places(self, entries: list[Booked]) -> dict[int, Place]:
        ids = {pk for one in entries for pk in (one.pk, one.partner) if pk is not None}
        return places_of(ids, self.contract_ids, as_of=self._as_of)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows of a page say besides the entries themselves."""

    names: dict[Doer, str]
    lines: dict[int, str]
    others: dict[int, tuple[int, str]]
    places: dict[int, Place]
    kinds: Mapping[date, Mapping[str, Words]]


def _days_of_sanctions(entries: Iterable[Booked]) -> set[date]:
    return {entry.effective_on for entry in entries if entry.kind == EntryKind.PENALTY}


def _row(entry: Booked, known: _Known) -> Row:
    place, partner_id = known.places[entry.pk], entry.partner
    partner = None if partner_id is None else known.places[partner_id].number
    return {
        "entry": entry,
        "id": entry.pk,
        "contract": entry.contract_id,
        "number": place.number,
        "booked": entry.booked_at,
        "effective": entry.effective_on,
        "kind": known.kinds.get(entry.effective_on, KINDS)[entry.kind],
        "amount": entry.amount_cents,
        "owed": place.after.owed_cents,
        "verified": place.after.verified_cents,
        "open": place.after.open_cents,
        "open_before": without(place.after, entry).open_cents,
        "partner": partner,
        "partner_id": partner_id,
        "pair": _pair(entry.reverses_id, partner),
        "is_mirror": entry.reverses_id is not None,
        "why": _why(entry, known.lines),
        "who": known.names[entry.user_id, entry.organisation_id],
        "line": entry.contribution_id,
        **_subject(entry, known.lines, known.others),
    }


def _why(entry: Booked, lines: dict[int, str]) -> str:
    """Why it was booked; of effort that somebody does not see, the books say the amount alone."""
    hidden = entry.contribution_id is not None and entry.contribution_id not in lines
    return "" if hidden else entry.reason


def _subject(
    entry: Booked, lines: dict[int, str], others: dict[int, tuple[int, str]]
) -> dict[str, Any]:
    """What an entry is about, and where that stands: the effort, or the other contract."""
    if entry.contribution_id in lines:
        url = reverse("contribution", args=[entry.contribution_id])
        return {"about": lines[entry.contribution_id], "about_url": url}
    if entry.pk in others:
        pk, reference = others[entry.pk]
        return {"about": reference, "about_url": reverse("contract-ledger", args=[pk])}
    if entry.kind == EntryKind.POOLED:
        url = reverse("contract-pool", args=[entry.contract_id])
        return {"about": str(KINDS[entry.kind]), "about_url": url}
    if entry.kind == EntryKind.OBLIGATION:
        url = reverse("contract-obligation", args=[entry.contract_id])
        return {"about": str(KINDS[entry.kind]), "about_url": url}
    return {"about": "", "about_url": None}


def _pair(reverses: int | None, partner: int | None) -> str:
    """Say which entry an entry takes back, or by which it was taken back."""
    if partner is None:
        return ""
    text = _("takes back no. %(number)s") if reverses else _("taken back by no. %(number)s")
    return text % {"number": partner}


def _later(contract_ids: list[int]) -> int:
    """What of the verified amount is for days after today."""
    later = to_come(contract_ids, today=timezone.localdate())
    return sum(one.verified_cents for one in later.values())


def _figures(position: Position, later_cents: int) -> Iterator[dict[str, object]]:
    """The position; how its figures come about stands in the sums below it."""
    yield {"label": _("Owed"), "cents": position.owed_cents}
    verified = position.verified_cents
    yield {
        "label": _("Verified"),
        "cents": verified,
        "note": with_to_come("", verified, later_cents),
    }
    yield {"label": _("Open"), "cents": position.open_cents, "strong": True}
    if position.surplus_cents:
        yield {"label": _("Surplus"), "cents": position.surplus_cents}


def _corrections(beside: list[Row]) -> Iterator[Row]:
    """Each entry that was taken back together with its mirror image, and why."""
    rows = [row for row in beside if row["partner_id"] is not None]
    by_number = {row["number"]: row for row in rows}
    for row in rows:
        if row["is_mirror"]:
            yield {"original": by_number[row["partner"]], "mirror": row, "kind": row["kind"]}


def _about_url(row: Row) -> str | None:
    return row["about_url"]  # type: ignore[no-any-return]


def _entry_url(row: Row) -> str:
    return reverse("entry", args=[row["contract"], row["id"]])


_COLUMNS = (
    Column("number", gettext_lazy("No."), kind="count", order="turn", url=_entry_url),
    Column(
        "booked",
        gettext_lazy("Booked"),
        order="booked_at",
        words=moment,
        kind="date",
        under=Column("effective", gettext_lazy("About the day"), kind="date", order="effective_on"),
    ),
    Column(
        "kind",
        gettext_lazy("Kind"),
        order="kind",
        under=Column("pair", gettext_lazy("Correction")),
    ),
    Column("about", gettext_lazy("About"), kind="code", order="contribution_id", url=_about_url),
    Column("amount", gettext_lazy("Amount"), kind="money", order="amount_cents"),
    Column("owed", gettext_lazy("Owed after it"), kind="money"),
    Column("verified", gettext_lazy("Verified after it"), kind="money"),
    Column("open", gettext_lazy("Open after it"), kind="money"),
    Column("who", gettext_lazy("By"), under=Column("why", gettext_lazy("Why"))),
)


def _page(access: ContractAccess, op: str) -> ListPage:
    """Declare the list; the day that was typed goes along in every link and file."""
    first, last = access.contract.start.year, timezone.localdate().year

    def days() -> list[tuple[str, str]]:
        ends = [f"31-12-{year}" for year in range(first, last)]
        return [(day, day) for day in dict.fromkeys([*ends, *([op] if op else [])])]

    return ListPage(
        name=_("Books of %(contract)s") % {"contract": access.contract.reference},
        columns=_COLUMNS,
        default="number",
        filters=(
            # The books are those of that day before they get here.
            Filter("op", "", days, lambda entries, _day: entries, is_hidden=True),
            Filter("kind", gettext_lazy("Kind"), kinds_on(access.contract).items, "kind"),
            Filter(
                "stands",
                gettext_lazy("Corrections"),
                lambda: [
                    ("stands", _("Only what stands")),
                    ("corrected", _("Only what was taken back")),
                ],
                lambda entries, chosen: entries.filter(partner__isnull=chosen == "stands"),
            ),
        ),
        counts_along=True,
    )

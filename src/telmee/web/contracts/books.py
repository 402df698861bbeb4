"""The books of a contract: its entries with the position after each, now or as of any day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import ContractAccess, contract_seen_whole
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.queries import call_offs
from telmee.apps.contributions.queries import references_of
from telmee.apps.ledger.queries import entries_of, other_sides
from telmee.apps.organisations.journal import doers
from telmee.apps.reports.to_come import to_come
from telmee.core.ledger import EntryKind, Position, position_of
from telmee.web.contracts.contract_words import KINDS
from telmee.web.contracts.frame import around
from telmee.web.contracts.sums import position_sums
from telmee.web.forms import DateField
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import moment
from telmee.web.to_come import with_to_come
from telmee.web.value_forms import kept_value

if TYPE_CHECKING:
    from telmee.apps.ledger.models import Entry

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
    rows, position = _rows(access, day)
    listing = _page(access, request.GET.get("op", "") if day else "").read(request, rows)
    editable = access.may_decide and access.contract.form != Form.FRAMEWORK and day is None
    context = around(access, "contract-ledger") | {
        "listing": listing,
        "form": form,
        "day": day,
        "figures": list(_figures(position, _later(access, rows) if day is None else 0)),
        "sums": position_sums(position),
        "corrections": list(_corrections(rows)),
        "is_framework": access.contract.form == Form.FRAMEWORK,
        "buttons": list(_buttons(access)) if editable else [],
        "reversible": [row for row in rows if _is_reversible(row)] if editable else [],
    }
    return listing.file() or render(request, "contracts/ledger.html", context)


@login_required
@require_safe
def entry(request: TelmeeRequest, pk: int, entry_id: int) -> HttpResponse:
    """Show one entry: what was booked, why, and the story of its amount as it was kept."""
    access = contract_seen_whole(request.acting, pk)
    rows, _position = _rows(access, None)
    row = next((one for one in rows if (one["id"], one["contract"]) == (entry_id, pk)), None)
    if row is None:
        raise Http404
    title = _("Entry no. %(number)s") % {"number": row["number"]}
    context = around(access, "contract-ledger", here=title) | {
        "title": title,
        "row": row,
        "partner": next((one for one in rows if one["id"] == row["partner_id"]), None),
        "shown": kept_value(row["entry"].receipt),
    }
    return render(request, "contracts/entry.html", context)


def _buttons(access: ContractAccess) -> Iterator[dict[str, Any]]:
    pk = access.contract.pk
    yield {"label": _("Book something else"), "url": reverse("book", args=[pk])}
    yield {"label": _("Adjust the obligation"), "url": reverse("contract-adjust", args=[pk])}


def _is_reversible(row: Row) -> bool:
    """Whether an entry can be taken back by hand; the others go by their own decision."""
    return row["stands"] == "stands" and row["kind"] in {EntryKind.WAIVED, EntryKind.PENALTY}


def end_of(day: date) -> datetime:
    """The last moment of a day in the Netherlands."""
    midnight = datetime.combine(day + timedelta(days=1), time.min)
    return timezone.make_aware(midnight) - timedelta(microseconds=1)


def _rows(access: ContractAccess, day: date | None) -> tuple[list[Row], Position]:
    """The entries in the order of booking, each with the position it led to."""
    ids = [access.contract.pk]
    if access.contract.form == Form.FRAMEWORK:
        ids = list(call_offs(access).values_list("pk", flat=True))
    entries = entries_of(ids, as_of=None if day is None else end_of(day))
    names = doers(access.acting, ((entry.user_id, entry.organisation_id) for entry in entries))
    lines = references_of({entry.contribution_id for entry in entries})
    others = other_sides(entries)
    numbers = {entry.pk: number for number, entry in enumerate(entries, start=1)}
    taken_back = {entry.reverses_id: entry.pk for entry in entries if entry.reverses_id}
    sums: dict[str, int] = {}
    position = Position()
    rows = []
    for entry in entries:
        before = position
        sums[entry.kind] = sums.get(entry.kind, 0) + entry.amount_cents
        position = position_of(sums)
        partner = entry.reverses_id or taken_back.get(entry.pk)
        rows.append(
            {
                "entry": entry,
                "id": entry.pk,
                "contract": entry.contract_id,
                "number": numbers[entry.pk],
                "booked": entry.booked_at,
                "effective": entry.effective_on,
                "kind": entry.kind,
                "kind_word": KINDS[entry.kind],
                "amount": entry.amount_cents,
                "owed": position.owed_cents,
                "verified": position.verified_cents,
                "open": position.open_cents,
                "open_before": before.open_cents,
                "partner": numbers.get(partner or 0),
                "partner_id": partner,
                "pair": _pair(entry.reverses_id, numbers.get(partner or 0)),
                "stands": "stands" if partner is None else "corrected",
                "is_mirror": entry.reverses_id is not None,
                "why": entry.reason,
                "who": names[entry.user_id, entry.organisation_id],
                "line": entry.contribution_id,
                **_subject(entry, lines, others),
            }
        )
    return rows, position


def _subject(
    entry: Entry, lines: dict[int, str], others: dict[int, tuple[int, str]]
) -> dict[str, Any]:
    """What an entry is about, and where that stands: the effort, or the other contract."""
    if entry.contribution_id in lines:
        url = reverse("contribution", args=[entry.contribution_id])
        return {"about": lines[entry.contribution_id], "about_url": url}
    if entry.pk in others:
        pk, reference = others[entry.pk]
        return {"about": reference, "about_url": reverse("contract-ledger", args=[pk])}
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


def _later(access: ContractAccess, rows: list[Row]) -> int:
    """What of the verified amount is for days after today."""
    ids = {access.contract.pk, *(row["contract"] for row in rows)}
    later = to_come(ids, today=timezone.localdate())
    return sum(one.verified_cents for one in later.values())


def _figures(position: Position, later_cents: int) -> Iterator[dict[str, Any]]:
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


def _corrections(rows: list[Row]) -> Iterator[Row]:
    """Each entry that was taken back together with its mirror image, and why."""
    by_number = {row["number"]: row for row in rows}
    for row in rows:
        if row["is_mirror"]:
            yield {"original": by_number[row["partner"]], "mirror": row, "kind": KINDS[row["kind"]]}


def _about_url(row: Row) -> str | None:
    return row["about_url"]  # type: ignore[no-any-return]


def _entry_url(row: Row) -> str:
    return reverse("entry", args=[row["contract"], row["id"]])


_COLUMNS = (
    Column("number", gettext_lazy("No."), kind="count", order="number", url=_entry_url),
    Column(
        "booked",
        gettext_lazy("Booked"),
        order="booked",
        words=moment,
        kind="date",
        under=Column("effective", gettext_lazy("About the day"), kind="date", order="effective"),
    ),
    Column(
        "kind",
        gettext_lazy("Kind"),
        order="kind",
        words=KINDS.__getitem__,
        under=Column("pair", gettext_lazy("Correction")),
    ),
    Column("about", gettext_lazy("About"), kind="code", order="about", url=_about_url),
    Column("amount", gettext_lazy("Amount"), kind="money", order="amount"),
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
            # The books are read as of that day before they get here.
            Filter("op", "", days, lambda rows, _day: rows, is_hidden=True),
            Filter("kind", gettext_lazy("Kind"), KINDS.items, "kind"),
            Filter(
                "stands",
                gettext_lazy("Corrections"),
                lambda: [
                    ("stands", _("Only what stands")),
                    ("corrected", _("Only what was taken back")),
                ],
                "stands",
            ),
        ),
    )

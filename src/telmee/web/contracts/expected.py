"""What is expected at the end of a contract, line by line, each with where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import ContractAccess, contract_seen_whole
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.queries import call_offs
from telmee.apps.reports.course import course_of
from telmee.apps.reports.expected import (
    ExpectedLine,
    Otherwise,
    Part,
    decided_otherwise,
    expected_lines,
)
from telmee.apps.reports.portfolio import Standing, Totals, standing_of, totals_of
from telmee.apps.schemes.queries import rules_of
from telmee.web.contracts.contract_words import kinds_on
from telmee.web.contracts.forecast import forecast_chart, forecast_of
from telmee.web.contracts.frame import around
from telmee.web.contracts.sums import Sum, expected_sum, position_sums, verified_sum
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_column import period_column
from telmee.web.schemes.block_words import block_names
from telmee.web.templatetags.telmee import euros

Row = dict[str, object]
_PARTS: Mapping[str, Words] = {
    Part.VERIFIED: gettext_lazy("Verified"),
    Part.BROUGHT: gettext_lazy("Brought from another contract"),
    Part.POOLED: gettext_lazy("Pooled from another contract"),
    Part.TAKEN: gettext_lazy("Transferred to another contract"),
    Part.UNDECIDED: gettext_lazy("Delivered, not decided"),
    Part.PLANNED: gettext_lazy("Plan, still to come"),
}
_PLACE = {part: place for place, part in enumerate(Part)}


@login_required
@require_safe
def expected(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List what is expected to count at the end of a contract, and add it up."""
    access = contract_seen_whole(request.acting, pk)
    title = _("Expected at the end")
    context = around(access, here=title)
    today: date = context["today"]
    stands = standing_of(access.contract, today=today)
    whole, outlook = totals_of(stands), stands.outlook
    lines = expected_lines(counted_ids(access), today=today)
    lines += list(_before_takeover(access, whole, lines))
    listing = _page(access).read(request, _rows(access, lines))
    unvalued = sum(line.cents is None for line in lines)
    course = course_of(access.contract, counted_ids(access), outlook, today)
    forecast = forecast_of(outlook, course.met_on)
    owed = stands.position.owed_cents
    context |= {
        "title": title,
        "listing": listing,
        "forecast": forecast,
        "drawing": forecast_chart(access, course, owed, today) if forecast else None,
        "sums": [
            expected_sum(
                whole,
                lambda part: f"?part={part}",
                unvalued=unvalued,
                beyond_cents=outlook.beyond_expected_cents,
            )
        ],
    }
    return listing.file() or render(request, "contracts/expected.html", context)


def counted_ids(access: ContractAccess) -> list[int]:
    """The ids of the contracts whose lines make up the figures: its own, or those of call-offs."""
    if access.contract.form == Form.FRAMEWORK:
        return list(call_offs(access).values_list("pk", flat=True))
    return [access.contract.pk]


def sums_of(access: ContractAccess, stands: Standing) -> list[Sum]:
    """How the figures of a contract come about from each other, each with its lines."""
    url = reverse("contract-expected", args=[access.contract.pk])
    whole = totals_of(stands)
    otherwise: Otherwise = decided_otherwise(counted_ids(access))
    return [
        *position_sums(stands.position, kinds_on(access.contract)),
        # How decisions differ is told by kind to who sees every line.
        verified_sum(whole, otherwise if access.sees_lines_from is None else None),
        expected_sum(
            whole,
            lambda part: f"{url}?part={part}",
            unvalued=otherwise.unvalued,
            beyond_cents=stands.outlook.beyond_expected_cents,
        ),
    ]


def _before_takeover(
    access: ContractAccess, whole: Totals, lines: list[ExpectedLine]
) -> Iterator[ExpectedLine]:
    """What counts of before a takeover: who took over sees what it comes to, and no line of it."""
    if access.sees_lines_from is None:
        return
    sums = {
        Part.VERIFIED: whole.verified_cents,
        Part.UNDECIDED: whole.expected_undecided_cents,
    }
    for part, cents in sums.items():
        rest = cents - sum(line.cents or 0 for line in lines if line.part is part)
        if rest:
            yield ExpectedLine(part, access.contract.pk, None, rest)


def _rows(access: ContractAccess, lines: list[ExpectedLine]) -> list[Row]:
    names = block_names(rules_of(access.contract.scheme))
    return [
        {
            "id": place,
            "object": line.object_id,
            "contract": line.contract_id,
            "part": line.part,
            "is_part": line.is_part,
            "place": _PLACE[line.part],
            "what": _what(line) or names.get(line.block, line.block) or _PARTS[line.part],
            "block": names.get(line.block, line.block) if line.reference else "",
            "begin": line.begin,
            "end": line.end,
            "cents": line.cents,
            "how": _how(line),
        }
        for place, line in enumerate(lines)
    ]


def _what(line: ExpectedLine) -> str:
    is_hidden = line.object_id is None and not line.is_part
    return _("Before the takeover") if is_hidden else line.reference


def _how(line: ExpectedLine) -> str:
    """What an amount is a part of, or why there is none yet."""
    if line.cents is None:
        return _("The client judges it: the rules give no amount.")
    if line.is_part:
        return _("Of an initiative: the part of this contract.")
    if line.part is not Part.PLANNED:
        return ""
    text = _("%(ahead)s of %(days)s days, of %(whole)s")
    if not line.is_agreed:
        text = _("%(ahead)s of %(days)s days, of %(whole)s; not agreed")
    return text % {"ahead": line.ahead, "days": line.days, "whole": euros(line.whole_cents)}


def _url(row: Row) -> str:
    """Where a line stands by itself; a line of a plan stands in its plan."""
    if row["part"] is Part.PLANNED:
        return reverse("contract-plan", args=[row["contract"]])
    if row["object"] is None and row["is_part"]:
        return reverse("contract-pool", args=[row["contract"]])
    if row["object"] is None:
        return reverse("contract-contributions", args=[row["contract"]])
    if row["part"] in (Part.VERIFIED, Part.UNDECIDED):
        return reverse("contribution", args=[row["object"]])
    return reverse("entry", args=[row["contract"], row["object"]])


def _page(access: ContractAccess) -> ListPage:
    return ListPage(
        name=_("Expected at the end of %(contract)s") % {"contract": access.contract.reference},
        columns=(
            Column("part", gettext_lazy("Why it counts"), order="place", words=_PARTS.__getitem__),
            Column(
                "what",
                gettext_lazy("Line"),
                order="what",
                url=_url,
                under=Column("block", gettext_lazy("Building block")),
            ),
            period_column(),
            Column("cents", gettext_lazy("Counts for"), kind="money", order="cents"),
            Column("how", gettext_lazy("How")),
        ),
        default="part",
        filters=(Filter("part", gettext_lazy("Why it counts"), _PARTS.items, "part"),),
        search=("what", "block"),
        search_label=gettext_lazy("Reference or building block"),
    )

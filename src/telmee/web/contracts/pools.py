"""A pool of contracts: where they stand together and each by itself, and what is settled of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.agreements.queries import PoolingVersion, pooling_versions
from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import (
    ContractAccess,
    contract_seen_whole,
    contract_to_decide,
    contracts_ever_of,
    contracts_of,
    contracts_to_decide,
)
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.pooling import Pool
from telmee.apps.contributions.initiatives import lines_for
from telmee.apps.ledger.queries import parts_of_lines
from telmee.apps.organisations.journal import doers
from telmee.apps.reports.expected import parts_waiting
from telmee.apps.reports.portfolio import Standing, Totals, standings, totals
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import Shift
from telmee.web.addresses import numbers_in
from telmee.web.contracts.contract_words import AGREEMENT_STATES
from telmee.web.contracts.frame import around, form_page
from telmee.web.contracts.pool_forms import (
    BalanceForm,
    DisputeForm,
    InitiativeForm,
    LeavingForm,
    PoolForm,
)
from telmee.web.contributions.line_words import STATES as LINE_STATES
from telmee.web.form_pages import UNPROCESSABLE, tell
from telmee.web.forms import see_again, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import block_names

if TYPE_CHECKING:
    from telmee.apps.agreements.models import Pooling

_FIELDS = {
    "naam": "name",
    "opdrachten": "contracts",
    "toelichting": "note",
    "einde": "end",
}
Row = dict[str, object]
#: So many proposals are answered at once.
_IDS_MAX = 1000


@dataclass(frozen=True, slots=True)
class _Seen:
    """A pool as somebody sees it today: where its contracts stand, and which take part."""

    access: ContractAccess
    pool: Pool
    today: date
    stands: dict[int, Standing]
    #: What waits for an answer: on a contract that is closed nobody answers any more.
    waits: dict[int, PoolingVersion]
    #: Those of which surplus can move now: in the pool today, and open.
    taking_part: dict[int, PoolingVersion]
    deciding: frozenset[int]

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """What surplus can do now for what is open."""
        contracts = [self.stands[pk].contract for pk in sorted(self.taking_part)]
        positions = {pk: one.position for pk, one in self.stands.items()}
        return pooling.shifts_of(contracts, positions)

    @property
    def together(self) -> Totals:
        """Where those that take part stand together."""
        return totals(self.stands[pk] for pk in sorted(self.taking_part))

    @property
    def may_book(self) -> bool:
        """Whether somebody decides on each contract that takes part."""
        all_of_them = bool(self.taking_part) and self.taking_part.keys() <= self.deciding
        return all_of_them and not self.pool.is_initiative


@login_required
@require_safe
def pool(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the pool of a contract, and what can be done with it."""
    return _page(request, _seen(request, pk))


@login_required
@require_POST
def balance(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Book what the page proposes."""
    seen = _seen(request, pk)
    if not seen.may_book:
        raise Http404
    form = BalanceForm(request.POST)

    def deed() -> None:
        facts = _typed(form, "effective_on", "reason", "seen")
        pooling.balance_pool(request.acting, seen.pool.key, **facts)

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("Booked. Both sides of each amount stand in the books."))
        return redirect("contract-pool", pk)
    see_again(form, seen=pooling.seal_of(seen.shifts))
    return _page(request, seen, form)


@login_required
def propose(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Propose a pool of a contract with others, or that others come in the pool that it is in."""
    access, today = _proposing(request, pk), timezone.localdate()
    place, there = _place_now(pk, today)
    if there is not None and there.part_bp is not None:
        raise Http404
    others = pooling.can_join(access, today=today)
    form = PoolForm(others, request.POST or None, is_new=there is None, initial={"begin": today})

    def deed() -> None:
        typed = form.cleaned_data
        pooling.propose_pool(
            request.acting,
            [*([] if there else [pk]), *map(int, typed["contracts"])],
            # A form that is sent twice makes one pool.
            pool=there.pool if there else typed["key"],
            name=typed.get("name", ""),
            today=today,
            **_typed(form, "begin", "note"),
        )

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The proposal was sent to the contractor."))
        return redirect("contract-pool", pk)
    none_left = _("There is no other open contract of this contractor that is not in a pool.")
    return form_page(
        request,
        access,
        form,
        title=_("More contracts in the pool") if there else _("Put in a pool with other contracts"),
        button=_("Propose"),
        back=reverse("contract" if place is None else "contract-pool", args=[pk]),
        lead=_(
            "In a pool what one contract does beyond its own obligation can count for another. It"
            " holds once the contractor agrees."
        ),
        warnings=[] if others else [none_left],
    )


@login_required
def initiative(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Propose an initiative of several contractors, or other parts of the one that there is."""
    access, today = _proposing(request, pk), timezone.localdate()
    _place, there = _place_now(pk, today)
    if there is not None and there.part_bp is None:
        raise Http404
    initial = {"begin": today, "contract-1": access.contract.reference}
    if there is not None:
        initial |= {"name": there.name, "note": there.note, "begin": there.begin}
        initial |= _parts_now(request, pooling.pool_of(there.pool))
    form = InitiativeForm(request.POST or None, initial=initial)

    def deed() -> None:
        parts = _parts(request, form)
        pooling.propose_pool(
            request.acting,
            parts,
            pool=there.pool if there else form.cleaned_data["key"],
            today=today,
            parts=parts,
            **_typed(form, "name", "begin", "note"),
        )

    if succeeds(form, deed, _FIELDS | {"opdrachten": "contract-1", "delen": "part-1"}):
        messages.success(request, _("Each contractor was asked for his part."))
        return redirect("contract-pool", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Other parts of the initiative")
        if there
        else _("An initiative of several contractors"),
        button=_("Propose"),
        back=reverse("contract", args=[pk]),
        lead=_(
            "Effort for an initiative is handed in once, by one of the contractors. What you decide"
            " is divided over the contracts by these parts, once each contractor agreed."
        ),
    )


def _proposing(request: TelmeeRequest, pk: int) -> ContractAccess:
    """A contract that can come in a pool or an initiative, for who decides on it."""
    access = contract_to_decide(request.acting, pk)
    # What was typed before the contract was closed is told that, and stays.
    ended = request.method != "POST" and not access.is_open
    if ended or access.contract.form == Form.FRAMEWORK:
        raise Http404
    return access


def _place_now(pk: int, today: date) -> tuple[PoolingVersion | None, Pooling | None]:
    """The latest place of a contract, if any, and what it holds as long as that keeps it."""
    place = pooling.place_of(pk)
    return place, place.place if place is not None and pooling.is_taken(place, today) else None


def _parts_now(request: TelmeeRequest, its: Pool) -> dict[str, object]:
    """The parts that were agreed or proposed last, as the form has them."""
    places = {pk: one.place.part_bp for pk, one in (its.holds | its.waits).items()}
    known = contracts_to_decide(request.acting).filter(pk__in=places).order_by("reference")
    initial: dict[str, object] = {}
    for number, (pk, reference) in enumerate(known.values_list("pk", "reference"), start=1):
        initial |= {f"contract-{number}": reference, f"part-{number}": places[pk]}
    return initial


def _parts(request: TelmeeRequest, form: InitiativeForm) -> dict[int, int]:
    """The parts by the id of the contract. Raises `initiative_contract_unknown`."""
    typed = form.parts()
    known = contracts_to_decide(request.acting).filter(reference__in=[name for name, _bp in typed])
    ids = dict(known.values_list("reference", "pk"))
    faults = [
        Problem("initiative_contract_unknown", f"contract-{number}", params={"contract": name})
        for number, (name, _bp) in enumerate(typed, start=1)
        if name not in ids
    ]
    if faults or len(ids) != len(typed):
        raise DomainError(faults or [Problem("parts_not_whole", "delen")])
    return {ids[name]: bp for name, bp in typed}


@login_required
def leave(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Propose the last day of a contract in its pool."""
    seen = _seen(request, pk)
    access, its = seen.access, seen.pool
    ended = request.method != "POST" and not access.is_open  # else it is told, as above
    if pk not in its.holds or pooling.side_of(access) is None or ended:
        raise Http404
    latest = max(one.version.number for one in its.versions if one.place.contract_id == pk)
    form = LeavingForm(request.POST or None, initial={"end": seen.today, "seen": latest})

    def deed() -> None:
        facts = _typed(form, "end", "note", "seen")
        pooling.propose_leaving(access, today=seen.today, **facts)

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The proposal was sent to the other side."))
        return redirect("contract-pool", pk)
    see_again(form, seen=latest)
    return form_page(
        request,
        access,
        form,
        title=_("Let the contract leave the pool"),
        button=_("Propose"),
        back=reverse("contract-pool", args=[pk]),
        lead=_("It holds once the other side agrees. What was moved before stays in the books."),
        facts=[(_("Pool"), its.name)],
    )


@login_required
@require_POST
def answer(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Agree with what waits, or withdraw what one's own side proposed."""
    seen = _seen(request, pk)
    agrees = request.POST.get("answer") == "agree"
    key, ids = seen.pool.key, _ids(request)
    if not _was_asked(seen, ids, to_answer=agrees):
        raise Http404
    try:
        if agrees:
            pooling.answer_pool(request.acting, key, ids, agrees=True)
        else:
            pooling.withdraw_from_pool(request.acting, key, ids)
    except DomainError as error:
        tell(request, error)
    else:
        done = _("You agreed on the pool.") if agrees else _("The proposal was withdrawn.")
        messages.success(request, done)
    return redirect("contract-pool", pk)


@login_required
def dispute(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Say why one does not agree with what waits."""
    seen = _seen(request, pk)
    waits, _own = _waiting(seen)
    now = ",".join(str(one.version.pk) for one in waits)
    form = DisputeForm(request.POST or None, initial={"seen": now})
    ids = numbers_in(request.POST.get("seen", "").split(","))[:_IDS_MAX]
    if not (_was_asked(seen, ids, to_answer=True) if request.method == "POST" else waits):
        raise Http404

    def deed() -> None:
        reason = form.cleaned_data["reason"]
        pooling.answer_pool(request.acting, seen.pool.key, ids, agrees=False, reason=reason)

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("The other side reads why you do not agree."))
        return redirect("contract-pool", pk)
    if waits:
        see_again(form, seen=now)
    return form_page(
        request,
        seen.access,
        form,
        title=_("Dispute the pool"),
        button=_("Dispute"),
        back=reverse("contract-pool", args=[pk]),
        lead=_("Nothing changes by it: what holds now goes on."),
        facts=[(_("Contract"), str(seen.stands[one.place.contract_id].contract)) for one in waits],
    )


def _typed(form: BaseForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in (*names, "key")}


def _ids(request: TelmeeRequest) -> list[int]:
    """The proposals that were on the screen; what is no number was not."""
    return numbers_in(request.POST.getlist("version"))[:_IDS_MAX]


def _was_asked(seen: _Seen, ids: Collection[int], *, to_answer: bool) -> bool:
    """Whether what was on the screen was somebody's to answer, or to take back.

    Also where it was replaced by another pool meanwhile: he reads that.
    """
    before = pooling_versions(contract_ids=[seen.access.contract.pk])
    every = {one.version.pk: one for one in (*before, *seen.pool.versions)}
    incoming, own = _of_ones_side(seen, [every[pk] for pk in ids if pk in every])
    return bool(incoming if to_answer else own)


def _seen(request: TelmeeRequest, pk: int) -> _Seen:
    """The pool of a contract as somebody sees it. Raises `Http404`, also where there is none."""
    access = contract_seen_whole(request.acting, pk)
    place = pooling.place_of(pk)
    if place is None:
        raise Http404
    its = pooling.pool_of(place.place.pool)
    today = timezone.localdate()
    ids = [*{one.place.contract_id: None for one in its.versions}]
    stands = standings(contracts_of(request.acting).filter(pk__in=ids), today=today)
    open_ones = {one.contract.pk for one in stands if one.contract.closed_on is None}
    deciding = contracts_to_decide(request.acting).filter(pk__in=ids, closed_on=None)
    return _Seen(
        access,
        its,
        today,
        {one.contract.pk: one for one in stands},
        {pk: one for pk, one in its.waits.items() if pk in open_ones},
        {pk: one for pk, one in pooling.places_in(its, today).items() if pk in open_ones},
        frozenset(deciding.values_list("pk", flat=True)),
    )


def _waiting(seen: _Seen) -> tuple[list[PoolingVersion], list[PoolingVersion]]:
    """What waits for an answer of somebody's side, and what his side proposed itself."""
    return _of_ones_side(seen, seen.waits.values())


def _of_ones_side(
    seen: _Seen, versions: Collection[PoolingVersion]
) -> tuple[list[PoolingVersion], list[PoolingVersion]]:
    """Which of these were proposed to somebody's side, and which by it, whatever became of them."""
    sides = set(seen.access.acting.working)
    if {one.place.contract_id for one in versions} & seen.deciding:
        sides.add(seen.pool.client_id)
    incoming = [one for one in versions if one.version.addressee_id in sides]
    return incoming, [one for one in versions if one.version.organisation_id in sides]


def _page(request: TelmeeRequest, seen: _Seen, form: BalanceForm | None = None) -> HttpResponse:
    """The page of a pool, with the form for what can be booked in it."""
    its = seen.pool
    incoming, own = _waiting(seen)
    shifts = seen.shifts if seen.may_book else ()
    if form is None and shifts:
        seal = pooling.seal_of(shifts)
        form = BalanceForm(initial={"seen": seal, "effective_on": seen.today})
    whole = {its.client_id} | ({its.versions[0].contractor_id} if not its.is_initiative else set())
    is_party = whole & {*request.acting.organisations}
    heading = _("Initiative") if its.is_initiative else _("Pool")
    context = {
        **around(seen.access, here=heading),
        "heading": heading,
        "pool": its,
        "is_whole": bool(is_party),
        "rows": list(_rows(seen)),
        "figures": list(_figures(seen)) if seen.taking_part and not its.is_initiative else [],
        "lines": list(_lines(seen)) if its.is_initiative else [],
        "schemes": len({one.contract.scheme_id for one in seen.stands.values()}),
        "shifts": [_shift(seen, one) for one in shifts],
        "form": form,
        "incoming": [_proposal(seen, one) for one in incoming],
        "own": [_proposal(seen, one) for one in own],
        "may_propose": seen.access.may_decide,
        "lacking": list(_lacking(seen)),
        "versions": list(_history(request, seen)),
    }
    status = UNPROCESSABLE if form is not None and form.is_bound else 200
    return render(request, "contracts/pool.html", context, status=status)


def _figures(seen: _Seen) -> Iterator[Row]:
    """Where the contracts that take part stand as one."""
    together = seen.together
    position = replace(together.position, beyond_cents=0)  # here surplus is for each other
    yield {"label": _("Owed together"), "cents": together.owed_cents}
    yield {"label": _("Verified together"), "cents": together.verified_cents}
    yield {
        "label": _("Open together"),
        "cents": position.open_cents,
        "note": _("Owed together, less what counts on all of them."),
        "strong": True,
    }
    if position.surplus_cents:
        yield {"label": _("Surplus together"), "cents": position.surplus_cents}
    yield {
        "label": _("Expected at the end"),
        "cents": together.expected_cents,
        "note": _("If all that was delivered and promised comes true."),
    }
    yield {
        "label": _("Still missing then"),
        "cents": max(0, together.owed_cents - together.expected_cents),
    }


def _rows(seen: _Seen) -> Iterator[Row]:
    """Each contract with its own figures, whether it takes part, and what waits."""
    holds, waits = seen.pool.holds, seen.pool.waits
    working = seen.access.acting.working
    works = seen.deciding | {pk for pk in holds if holds[pk].contractor_id in working}
    for pk, stands in sorted(seen.stands.items(), key=lambda one: one[1].contract.reference):
        if pk not in holds and pk not in waits:
            continue
        place = (seen.taking_part.get(pk) or holds.get(pk) or waits[pk]).place
        word, kind = _state(seen, pk)
        yield {
            "pk": pk,
            "contract": stands.contract,
            "place": place,
            "position": stands.position,
            "expected": stands.expected_cents,
            "word": word,
            "kind": kind,
            "may_leave": pk in works and pk in seen.taking_part and pk not in waits,
        }


def _lines(seen: _Seen) -> Iterator[Row]:
    """What was handed in for an initiative, and what of it counts on the contracts one sees."""
    lines = lines_for(seen.pool.key)
    parts = parts_of_lines(line.id for line in lines)
    waits: dict[int, int] = defaultdict(int)
    for one in parts_waiting(seen.stands):
        waits[one.object_id or 0] += one.cents or 0
    names = block_names(rules_of(seen.access.contract.scheme))
    for line in lines:
        word, kind = LINE_STATES[line.state]
        yield {
            "line": line,
            "block": names.get(line.block, line.block),
            "word": word,
            "kind": kind,
            "part": parts.get(line.id),
            "waits": waits.get(line.id),
        }


def _state(seen: _Seen, pk: int) -> tuple[str, str]:
    if pk in seen.taking_part:
        return (_("Leaving proposed"), "warning") if pk in seen.waits else (_("In"), "info")
    if seen.stands[pk].contract.closed_on is not None:
        return _("Closed, takes no part"), ""
    if pk not in seen.pool.holds:
        return _("Proposed"), "warning"
    if seen.pool.holds[pk].place.begin > seen.today:
        return _("Not yet in"), ""
    return _("Out"), ""


def _proposal(seen: _Seen, one: PoolingVersion) -> Row:
    contract = seen.stands[one.place.contract_id].contract
    return {"version": one.version.pk, "contract": contract, "place": one.place}


def _shift(seen: _Seen, shift: Shift) -> Row:
    return {
        "giver": seen.stands[shift.giver].contract,
        "taker": seen.stands[shift.taker].contract,
        "cents": shift.cents,
    }


def _lacking(seen: _Seen) -> Iterator[Row]:
    """Contracts that gave surplus away and lack it by now: a decision was opened again, say."""
    for pk in sorted(seen.taking_part):
        position = seen.stands[pk].position
        if position.open_cents and position.carried_out_cents:
            yield {
                "contract": seen.stands[pk].contract,
                "cents": min(position.open_cents, position.carried_out_cents),
                "url": reverse("contract-ledger", args=[pk]) + "?kind=carried_out",
            }


def _history(request: TelmeeRequest, seen: _Seen) -> Iterator[Row]:
    versions = seen.pool.versions
    answers = [getattr(one.version, "answer", None) for one in versions]
    by = doers(
        request.acting,
        [
            (one.user_id, one.organisation_id)
            for one in (*(each.version for each in versions), *filter(None, answers))
        ],
    )
    ids = {one.place.contract_id for one in versions}
    known = contracts_ever_of(request.acting).filter(pk__in=ids)  # also what was voided since
    references = dict(known.values_list("pk", "reference"))
    for one, its_answer in zip(versions, answers, strict=True):
        yield {
            "reference": references.get(one.place.contract_id, ""),
            "place": one.place,
            "state": AGREEMENT_STATES[one.state],
            "by": by[one.version.user_id, one.version.organisation_id],
            "at": one.version.proposed_at,
            "answered_by": by[its_answer.user_id, its_answer.organisation_id] if its_answer else "",
            "answered_at": its_answer.answered_at if its_answer else None,
            "reason": its_answer.reason if its_answer else "",
        }

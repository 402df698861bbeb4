"""The overview of a contract: where it stands, what comes next, and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telmee.apps.agreements.choices import State as AgreementState
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.facts import assess_contract
from telmee.apps.contracts.frameworks import misfits
from telmee.apps.contracts.pooling import place_of
from telmee.apps.contracts.queries import (
    call_offs,
    framework_of,
    is_settled,
    lots,
    why_voided,
)
from telmee.apps.reports.course import Course, course_of
from telmee.apps.reports.portfolio import Standing, standing_of
from telmee.core.errors import DomainError
from telmee.web.charts import Chart, Series
from telmee.web.contracts.contract_words import AGREEMENT_STATES, CATEGORIES, FORMS
from telmee.web.contracts.expected import counted_ids, sums_of
from telmee.web.contracts.forecast import course_chart, described, forecast_of, of_call_offs
from telmee.web.contracts.frame import around, effort_buttons
from telmee.web.contracts.risk_words import RISKS, comparisons, not_counted, risk_meaning
from telmee.web.contracts.turnover_words import turnover_now
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_reports import reports_of_contract
from telmee.web.promised import with_agreed
from telmee.web.rule_words import version_in_words
from telmee.web.schemes.scheme_page import assessment_page
from telmee.web.templatetags.telmee import basis_points, day, euros
from telmee.web.to_come import with_to_come

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.contracts.models import Contract

_NEXT = 4


@login_required
@require_safe
def overview(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show where a contract stands and what comes next."""
    access = contract_for(request.acting, pk)
    context = around(access, "contract")
    context |= _stands(access, context["today"])
    context |= {
        "turnover": turnover_now(access, context["today"]),
        "reports": reports_of_contract(access, context["today"]),
        "facts": list(_facts(access)),
        "lots": _rows(lots(access)),
        "call_offs": _rows(call_offs(access)) if access.contract.form == Form.FRAMEWORK else [],
        "misfits": misfits(access.contract) if access.contract.form == Form.FRAMEWORK else [],
        "changes": list(_changes(access)),
        "buttons": list(effort_buttons(access)),
    }
    return render(request, "contracts/overview.html", context)


def _stands(access: ContractAccess, today: date) -> dict[str, Any]:
    """Where a contract stands, as far as somebody sees it; one that was voided stands nowhere."""
    if access.contract.voided_on is not None:
        return {"why_voided": why_voided(access.contract)}
    stands = standing_of(access.contract, today=today)
    if access.sees_all:
        return _whole(access, stands, today)
    return {"figures": _own_figures(access, stands)}


def _whole(access: ContractAccess, stands: Standing, today: date) -> dict[str, Any]:
    """What somebody sees who sees all of the contract."""
    word, kind = RISKS[stands.risk]
    course = None
    if stands.owes:
        course = course_of(access.contract, counted_ids(access), stands.outlook, today)
    assessed = deadlines_of(access, stands, today)
    return {
        "figures": list(_figures(access, stands)),
        "charts": list(_charts(access, stands, course, today)) if course else [],
        "forecast": forecast_of(stands.outlook, course.met_on) if course else None,
        "risk_word": word,
        "risk_kind": kind,
        "risk_meaning": risk_meaning(stands.outlook),
        "sums": sums_of(access, stands),
        "comparisons": list(comparisons(stands.outlook, of_call_offs=of_call_offs(access))),
        "deadlines": _coming(assessed["deadlines"], access.contract.end, today),
        "sanctions": assessed["sanctions"] if stands.position.open_cents else [],
    }


def deadlines_of(access: ContractAccess, stands: Standing, today: date) -> dict[str, Any]:
    """The deadlines and sanctions of the scheme for this contract, in words."""
    contract = access.contract
    if contract.form == Form.FRAMEWORK or not stands.owes:
        return {"deadlines": [], "sanctions": [], "meaning": {}}
    try:
        assessment = assess_contract(
            contract, stands.position, expected_cents=stands.expected_cents, today=today
        )
    except DomainError:  # the facts do not suit the rules: then these name no dates either
        return {"deadlines": [], "sanctions": [], "meaning": {}}
    return assessment_page(assessment)


def _coming(
    deadlines: Iterable[dict[str, Any]], last_day: date, today: date
) -> list[dict[str, object]]:
    """The next days that matter, the last day of the contract among them."""
    end = {"what": _("Last day of the contract"), "day": last_day, "notes": [], "source": ""}
    dated = [row for row in (*deadlines, end) if row["day"] and row["day"] >= today]
    return sorted(dated, key=lambda row: row["day"])[:_NEXT]


def _figures(access: ContractAccess, stands: Standing) -> Iterator[dict[str, object]]:
    """The figures, each with what it is and where its lines are."""
    position = stands.position

    def url(name: str, query: str = "") -> str:
        return reverse(name, args=[access.contract.pk]) + query

    owed = _("Imposed, less what was waived.")
    if access.contract.form == Form.FRAMEWORK:
        owed = _("What the call-offs owe together.")
    yield _figure(_("Owed"), position.owed_cents, owed, url("contract-obligation"))
    figures = stands.figures
    promised = with_agreed(
        _("The plan of the contractor"), figures.promised_cents, figures.agreed_cents
    )
    yield _figure(_("Promised"), figures.promised_cents, promised, url("contract-plan"))
    yield _figure(
        _("Delivered, not decided"),
        stands.figures.undecided_cents,
        with_to_come(
            _("Handed in; the client has still to decide."),
            stands.figures.undecided_cents,
            stands.to_come.undecided_cents,
        ),
        url("contract-contributions", "?state=undecided"),
    )
    verified = with_to_come(
        _("Decided by the client."), position.verified_cents, stands.to_come.verified_cents
    )
    books = url("contract-ledger", "?kind=realised")
    yield _figure(_("Verified"), position.verified_cents, verified, books)
    if position.surplus_cents:
        more = _("Verified beyond what is owed.")
        yield _figure(_("Surplus"), position.surplus_cents, more, url("contract-ledger"))
    if position.open_cents or not position.surplus_cents:
        still = _("Owed, less what counts in the books.")
        yield _figure(_("Open"), position.open_cents, still, url("contract-ledger"), strong=True)
    beyond = not_counted(stands.outlook.beyond_expected_cents)
    expected = _("If all that was delivered and promised comes true.")
    note = " ".join(filter(None, (expected, beyond)))
    lines = url("contract-expected")
    yield _figure(_("Expected at the end"), stands.expected_cents, note, lines)


def _figure(
    label: str, cents: int, note: str, url: str, *, strong: bool = False
) -> dict[str, object]:
    return {"label": label, "cents": cents, "note": note, "url": url, "strong": strong}


def _own_figures(access: ContractAccess, stands: Standing) -> list[dict[str, object]]:
    """The figures of a subcontractor's own lines; row security leaves no others."""
    pk = access.contract.pk
    return [
        _figure(
            _("Delivered by you"),
            stands.figures.delivered_cents,
            with_to_come(
                _("What you handed in, decided or not."),
                stands.figures.delivered_cents,
                stands.to_come.delivered_cents,
            ),
            reverse("contract-contributions", args=[pk]),
        ),
        _figure(
            _("Promised by you"),
            stands.figures.promised_cents,
            with_agreed(
                _("Your own lines of the plan"),
                stands.figures.promised_cents,
                stands.figures.agreed_cents,
            ),
            reverse("contract-plan", args=[pk]),
        ),
    ]


def _charts(
    access: ContractAccess, stands: Standing, course: Course, today: date
) -> Iterator[Chart]:
    """How far the contract is, as figures that are never added up, and how it came there."""
    position = stands.position
    yield Chart(
        title=_("How far this contract is"),
        description=described(
            access,
            _(
                "What is owed, and below it what counts so far, what waits for a decision and what"
                " is expected at the end."
            ),
        ),
        labels=[
            _("Owed"),
            _("Counts so far"),
            _("Delivered, not decided"),
            _("Counts at the end") if of_call_offs(access) else _("Expected at the end"),
        ],
        series=[
            Series(
                _("Amount"),
                [
                    position.owed_cents,
                    position.met_to_count_cents,
                    stands.figures.undecided_cents,
                    stands.outlook.expected_to_count_cents,
                ],
            )
        ],
        unit="cents",
        first_heading=_("Figure"),
    )
    yield course_chart(course, position.owed_cents, today)


def _facts(access: ContractAccess) -> Iterator[dict[str, Any]]:
    """The facts that somebody filled in; what nobody did is left out."""
    contract = access.contract
    yield {
        "label": _("What it is"),
        "value": f"{FORMS[contract.form]}, {CATEGORIES[contract.category]}",
    }
    yield {"label": _("Runs"), "value": _period(contract.start, contract.end)}
    if contract.extension_count:
        text = _("%(count)s times, by %(months)s months") % {
            "count": contract.extension_count,
            "months": contract.extension_months,
        }
        yield {"label": _("Can still be extended"), "value": text}
    if framework := framework_of(access):
        yield {
            "label": _("Framework agreement"),
            "value": str(framework),
            "url": reverse("contract", args=[framework.pk]),
        }
    if access.contractor is not None and access.contractor.since is not None:
        yield {"label": _("Taken over on"), "value": day(access.contractor.since)}
    if access.sees_all:
        yield from _pool(access)
        yield from _worth(contract)
    facts = {
        _("Tender"): contract.procurement,
        _("Lot"): contract.lot,
        _("CPV code"): contract.cpv_id and str(contract.cpv),
        _("Published"): contract.published_on and day(contract.published_on),
        _("Awarded"): contract.awarded_on and day(contract.awarded_on),
        _("Last day"): "" if contract.voided_on else contract.closed_on and day(contract.closed_on),
        _("Void since"): contract.voided_on and day(contract.voided_on),
    }
    yield from ({"label": label, "value": value} for label, value in facts.items() if value)
    yield {
        "label": _("Scheme"),
        "value": f"{contract.scheme.publisher} ({version_in_words(contract.scheme.version)})",
        "url": scheme_url(access),
    }
    client = access.client
    if contract.adviser is not None and client and client.organisation_id in access.acting.roles:
        yield {"label": _("Adviser"), "value": str(contract.adviser)}


def _pool(access: ContractAccess) -> Iterator[dict[str, object]]:
    """The pool that the contract is in or was proposed for, or how to put it in one."""
    if (place := place_of(access.contract.pk)) is not None:
        url = reverse("contract-pool", args=[access.contract.pk])
        agreed = place.state is AgreementState.IN_FORCE
        said = "" if agreed else f" ({AGREEMENT_STATES[place.state]})"
        yield {"label": _("Pool"), "value": f"{place.place.name}{said}", "url": url}
    elif access.may_decide and access.contract.form != Form.FRAMEWORK:
        url = reverse("pool-propose", args=[access.contract.pk])
        yield {"label": _("Pool"), "value": _("Put in a pool with other contracts"), "url": url}
        url = reverse("initiative-propose", args=[access.contract.pk])
        value = _("Begin one with several contractors")
        yield {"label": _("Initiative"), "value": value, "url": url}


def _worth(contract: Contract) -> Iterator[dict[str, object]]:
    """What the obligation is reckoned over, which a subcontractor does not see."""
    yield {"label": _("Value"), "value": euros(contract.value_cents)}
    if contract.wages_cents is not None:
        yield {"label": _("Wages in it"), "value": euros(contract.wages_cents)}
    if contract.labour_share_bp is not None:
        yield {"label": _("Share of labour"), "value": basis_points(contract.labour_share_bp)}
    if contract.offered_bp is not None:
        yield {"label": _("Offered percentage"), "value": basis_points(contract.offered_bp)}


def scheme_url(access: ContractAccess) -> str:
    """The address of the version of the scheme that a contract is under."""
    version = access.contract.scheme
    return f"{reverse('scheme', args=[version.scheme_id])}?versie={version.version}"


def _period(start: date, end: date) -> str:
    return _("%(start)s up to and including %(end)s") % {"start": day(start), "end": day(end)}


def _rows(contracts: QuerySet[Contract]) -> list[dict[str, object]]:
    return [
        {
            "label": f"{contract.reference} {contract.name}",
            "note": " · ".join(filter(None, (contract.lot, _period(contract.start, contract.end)))),
            "url": reverse("contract", args=[contract.pk]),
        }
        for contract in contracts
    ]


def _changes(access: ContractAccess) -> Iterator[dict[str, Any]]:
    """What this visitor can do with the contract, as buttons."""
    pk, contract = access.contract.pk, access.contract
    if access.may_decide:
        url = reverse("contract-amend", args=[pk])
        yield {"label": _("Change the contract"), "url": url}
        if contract.form == Form.FRAMEWORK:
            address = f"{reverse('contract-new')}?parent={pk}"
            yield {"label": _("Register a call-off"), "url": address}
        yield {"label": _("Close the contract"), "url": reverse("contract-close", args=[pk])}
        yield {"label": _("Void the contract"), "url": reverse("contract-void", args=[pk])}
    elif access.deciding_for is not None and contract.voided_on is None and not is_settled(pk):
        yield {"label": _("Open again"), "url": reverse("contract-reopen", args=[pk])}

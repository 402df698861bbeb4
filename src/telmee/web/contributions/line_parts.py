"""What the pages of contributions share: the way back, and what a form came with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.apps.agreements.queries import agreed_cells
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.evidence import name_of
from telmee.apps.contributions.plan_fit import plan_fit
from telmee.core.errors import Problem
from telmee.core.explain import Text
from telmee.web.addresses import number_in
from telmee.web.contracts.plan_form import plan_terms
from telmee.web.language import active, in_two
from telmee.web.templatetags.telmee import day

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution, Evidence

_VERSION_MAX = 2**31 - 1


def crumbs(access: ContractAccess, *labels: str, line: Contribution | None = None) -> list[object]:
    """The way back: the contracts, the contract, its line, and labels without an address."""
    steps = [
        {"label": _("Contracts"), "url": reverse("contracts")},
        {"label": access.contract.name, "url": contract_url(access)},
    ]
    if line is not None:
        steps.append({"label": line.reference, "url": reverse("contribution", args=[line.pk])})
    return [*steps, *({"label": label, "url": ""} for label in labels)]


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that stayed a draft, and one thing that keeps it from being handed in."""

    line_id: int
    reference: str
    problem: Problem

    def worded(self) -> dict[str, str]:
        """What a page shows of it, in the active language; no address for a line of a file."""
        text, remedy = in_two(self.problem)
        url = reverse("contribution-edit", args=[self.line_id]) if self.line_id else ""
        return {"reference": self.reference, "url": url, "text": text, "remedy": remedy}


def plan_fit_parts(line: Contribution) -> dict[str, object]:
    """What a page shows of the plan beside a line: what was agreed, and how the line differs."""
    fit = plan_fit(line)
    settled = dict.fromkeys(tuple(plan_terms(agreed_cells(one))) for one in fit.lines)
    terms = [[{"label": label, "value": value} for label, value in one] for one in settled if one]
    return {"plan_says": terms, "departures": fit.departures}


def contract_url(access: ContractAccess) -> str:
    """The address of the page of the contract that somebody looks at."""
    return reverse("contract", args=[access.contract.pk])


def version_in(request: HttpRequest) -> int | None:
    """Take the version of a line that its page showed."""
    return number_in(request.POST.get("version"), _VERSION_MAX)


def proof_name(kind: str, kinds: Iterable[Text], number: int) -> str:
    """Name a file of a line on a page: which proof it is, and its number there."""
    facts = {"kind": kind_in_words(kind, kinds), "number": number}
    return _("%(kind)s (proof %(number)s)") % facts


def proof_note(line: Contribution, file: Evidence) -> str:
    """What kind of file it is, since when it is here, and if it could not be searched."""
    ending = name_of(line, file).rpartition(".")[2].upper()
    note = _("%(format)s, added on %(day)s") % {"format": ending, "day": day(file.added_at)}
    if file.waits_for_search:
        return f"{note} · {_('being searched for a BSN')}"
    unsearched = _("not searched for a BSN")
    return note if file.is_searched else f"{note} · {unsearched}"


def kind_in_words(kind: str, kinds: Iterable[Text]) -> str:
    """A kind of proof in the active language; one that the scheme no longer has, as it is."""
    known = (text.in_language(active()) for text in kinds if text.nl[: len(kind)] == kind)
    return next(known, kind) if kind else _("Other proof")

"""A contract that another organisation takes over: who that is, what it does, what stays behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.amending import Planned
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.queries import call_offs
from telmee.apps.contributions.queries import before_takeover
from telmee.apps.contributions.takeover import lines_that_stay
from telmee.apps.organisations.actions import find_or_add_contractor
from telmee.apps.organisations.queries import contractor_with, names_at
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import CONTRACTOR, carriers_of, formers_of
from telmee.web.contributions.line_words import STATES
from telmee.web.schemes.block_words import block_names

if TYPE_CHECKING:
    from telmee.apps.organisations.acting import Acting

#: The id of an organisation that is not in Telmee yet, for as long as nothing is recorded.
NEW = 0
_LINES_MAX = 200


@dataclass(frozen=True, slots=True)
class NextContractor:
    """Who takes a contract over, as it was typed."""

    kvk: str
    name: str

    def known_id(self) -> int:
        """Its id, or `NEW`; nothing is written. Raises `name_needed` for a new one without name."""
        known = contractor_with(self.kvk)
        if known is None and not self.name.strip():
            raise DomainError(Problem("name_needed", "name"))
        return NEW if known is None else known.pk

    def id_in(self, acting: Acting) -> int:
        """Its id; a new organisation is added. Raises as `find_or_add_contractor` does."""
        return find_or_add_contractor(acting, kvk=self.kvk, name=self.name).pk


def named(
    facts: Iterable[Mapping[str, Any]], *, new: str = "", moment: Any = None
) -> list[dict[str, Any]]:
    """Facts of contracts with who carries them out by name, where they say so.

    `new` names an organisation that is not in Telmee yet, and `moment` is that of the names.
    """
    rows = [dict(one) for one in facts]
    ids = {pk for row in rows for pk in _ids(row.get(CONTRACTOR))}
    names = (names_at(ids, moment or timezone.now()) if ids else {}) | {NEW: new}
    for row in rows:
        if isinstance(pair := row.get(CONTRACTOR), tuple):
            row[CONTRACTOR] = tuple(names.get(pk, "") for pk in pair)
        elif pair is not None:
            row[CONTRACTOR] = names.get(pair, "")
    return rows


def _ids(fact: Any) -> set[int]:
    facts = fact if isinstance(fact, tuple) else (fact,)
    return {pk for pk in facts if isinstance(pk, int)}


def takeover_preview(access: ContractAccess, planned: Planned) -> dict[str, Any]:
    """What a takeover does to who sees what, and the lines of after its day that stay behind."""
    formers = formers_of(carriers_of(planned.chain))
    names = names_at(formers, timezone.now())
    lines = lines_that_stay(access, planned)
    return {
        "formers": [
            {"name": names.get(organisation_id, ""), "since": since}
            for organisation_id, since in formers.items()
        ],
        "lines": [
            {
                "reference": line.reference,
                "who": line.organisation.name,
                "begin": line.begin,
                "end": line.end,
                "state": STATES[line.state],
                "value": line.value_cents,
                "verified": line.verified_cents,
                "url": reverse("contribution", args=[line.pk]),
            }
            for line in lines[:_LINES_MAX]
        ],
        "count": len(lines),
        "call_offs": _call_offs(access),
    }


def _call_offs(access: ContractAccess) -> list[dict[str, str]]:
    """The open call-offs of a framework agreement, which are taken over each by itself."""
    if access.contract.form != Form.FRAMEWORK:
        return []
    return [
        {"label": str(one), "note": "", "url": reverse("contract", args=[one.pk])}
        for one in call_offs(access).filter(closed_on=None).order_by("reference")[:_LINES_MAX]
    ]


def sums_before(access: ContractAccess) -> list[dict[str, Any]]:
    """What was delivered before the contract was taken over, for who did so: sums and no line."""
    if access.sees_lines_from is None:
        return []
    names = block_names(rules_of(access.contract.scheme))
    return [
        {
            "block": names.get(row.block, row.block),
            "year": row.year or _("No year"),
            "lines": row.lines,
            "delivered": row.delivered_cents,
            "verified": row.verified_cents,
        }
        for row in before_takeover(access.contract.pk)
    ]

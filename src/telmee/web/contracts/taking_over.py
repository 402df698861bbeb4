"""A contract that another organisation takes over: who that is, what it does, what stays behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.agreements.choices import State
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.amending import Planned
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.pooling import place_of
from telmee.apps.contracts.queries import call_offs
from telmee.apps.contracts.sharing import partners_of
from telmee.apps.contracts.turnover import periods_by_contract
from telmee.apps.contributions.queries import before_takeover
from telmee.apps.contributions.takeover import lines_that_stay
from telmee.apps.organisations.actions import find_or_add_contractor
from telmee.apps.organisations.queries import names_at, organisation_numbered
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
        known = organisation_numbered(self.kvk)
        if known is None and not self.name.strip():
            raise DomainError(Problem("name_needed", "name"))
        return NEW if known is None else known.pk

    def id_in(self, acting: Acting) -> int:
        """Its id; a new organisation is added. Raises as `find_or_add_contractor` does."""
        return find_or_add_contractor(acting, kvk=self.kvk, name=self.name).pk


def with_names(
    facts: Iterable[Mapping[str, Any]], *, new: str = "", moment: datetime | None = None
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


def _ids(fact: object) -> set[int]:
    facts = fact if isinstance(fact, tuple) else (fact,)
    return {pk for pk in facts if isinstance(pk, int)}


def takeover_preview(access: ContractAccess, planned: Planned) -> dict[str, object]:
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
        "ends": list(_what_ends(access, planned)),
    }


def _what_ends(access: ContractAccess, planned: Planned) -> Iterator[str]:
    """What becomes of all that was settled with who carries the contract out now, or is open.

    Nothing where it goes on with the same organisation. Of a share nobody but its two sides knows
    whether it is there, so what would become of it is said wherever one can be.
    """
    now, then = access.contractor, carriers_of(planned.chain)[-1].organisation
    if now is None or then == now.organisation_id:
        return
    name = now.organisation.name
    if partners_of(access):
        yield _(
            "What {name} passed on of the obligation stays between {name} and those who took it"
            " over. Who takes over the contract settles parts of his own."
        ).format(name=name)
    yield from _turnover_that_waits(access, name)
    yield from _place_that_ends(access, name)


def _turnover_that_waits(access: ContractAccess, name: str) -> Iterator[str]:
    periods = periods_by_contract([access.contract], today=timezone.localdate())
    waiting = [one.waiting for one in periods.get(access.contract.pk, ()) if one.waiting]
    client = access.client.organisation_id if access.client is not None else None
    of_client = sum(one.version.organisation_id == client for one in waiting)
    if of_client:
        yield ngettext(
            "{count} proposal of turnover waits for {name}, who can no longer answer it. It is"
            " proposed again, to who takes over.",
            "{count} proposals of turnover wait for {name}, who can no longer answer them. They are"
            " proposed again, to who takes over.",
            of_client,
        ).format(count=of_client, name=name)
    if of_other := len(waiting) - of_client:
        yield ngettext(
            "{count} proposal of turnover by {name} waits for you. You can still answer it.",
            "{count} proposals of turnover by {name} wait for you. You can still answer them.",
            of_other,
        ).format(count=of_other, name=name)


def _place_that_ends(access: ContractAccess, name: str) -> Iterator[str]:
    """What becomes of the contract's place in a pool or an initiative, or of a proposal for one."""
    place = place_of(access.contract.pk)
    if place is None or access.contractor is None:
        return
    if place.contractor_id != access.contractor.organisation_id:
        return
    if place.state is State.PROPOSED and place.version.organisation_id == place.client_id:
        sentence = _(
            "The proposal about {pool} can no longer be answered by {name}. Withdraw it, and"
            " propose it again."
        )
    elif place.state not in {State.IN_FORCE, State.PROPOSED}:
        return
    elif place.place.part_bp is None:
        sentence = _(
            "The place in the pool {pool} ends, until who takes over agrees to one. What moved"
            " between the contracts stays as it is."
        )
    else:
        sentence = _(
            "The part in the initiative {pool} ends, until who takes over agrees to one. Nothing is"
            " decided on lines for it before the parts are the whole again."
        )
    yield sentence.format(pool=place.place.name, name=name)


def _call_offs(access: ContractAccess) -> list[dict[str, str]]:
    """The open call-offs of a framework agreement, which are taken over each by itself."""
    if access.contract.form != Form.FRAMEWORK:
        return []
    return [
        {"label": str(one), "note": "", "url": reverse("contract", args=[one.pk])}
        for one in call_offs(access).filter(closed_on=None).order_by("reference")[:_LINES_MAX]
    ]


def sums_before(access: ContractAccess) -> list[dict[str, object]]:
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

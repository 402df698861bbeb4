"""A contract as it was known at a moment: its facts, what it owed and its figures, as then told.

What counts from a day and what was known on a day are two things: somebody who reads an old letter
wants the second. It follows from what was recorded until then, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from telmee.apps.audit.models import Event
from telmee.apps.audit.queries import events_on
from telmee.apps.contracts.access import ContractAccess, contracts_ever_of
from telmee.apps.contracts.chains import as_change
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contracts.models import Amendment
from telmee.apps.ledger.queries import Figures, figures, figures_together
from telmee.apps.organisations.queries import names_at
from telmee.core.ledger import CONTRACTOR, FIRST_CONTRACTOR, Facts, facts_on, with_contractor

#: What a contract is called, which changes without an amendment: the journal has what it was.
_CALLED = ("name", "procurement", "lot")


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of a contract: its facts on a day, what was recorded, and its figures.

    `called` has its name, tender and lot, and `parties` what its parties of now were called then,
    by the id of the organisation; `contractor` is who carried it out on that day. `ended` says how
    it was closed by then: a verb of the journal, or nothing while it was open.
    """

    facts: Facts
    amendments: tuple[Amendment, ...]
    called: dict[str, str]
    parties: dict[int, str]
    contractor: int | None
    ended: str
    figures: Figures


def known_at(access: ContractAccess, moment: datetime, day: date) -> Known | None:
    """What was known at a moment of how a contract stood on a day; None before it was registered.

    Runs six queries, seven where it was amended since, and one more for a framework agreement.
    """
    recorded = Amendment.objects.filter(contract=access.contract, recorded_at__lte=moment)
    rows = tuple(recorded.order_by("number"))
    if not rows:
        return None
    events = list(events_on("contract", access.contract.pk).order_by("at", "pk"))
    contracts = _standing(access, moment)
    facts = facts_on(with_contractor(map(as_change, rows)), day)
    contractor = _carried_out_by(access, facts, rows)
    organisations = {party.organisation_id for party in access.parties} | {contractor or 0}
    return Known(
        facts=facts,
        amendments=rows,
        called=_called(access, (event for event in events if event.at > moment)),
        parties=names_at(organisations, moment),
        contractor=contractor,
        ended=_ended(rows, (event.verb for event in events if event.at <= moment)),
        figures=figures_together(figures(contracts, as_of=moment).values()),
    )


def _carried_out_by(
    access: ContractAccess, facts: Facts, rows: tuple[Amendment, ...]
) -> int | None:
    """Who carried a contract out by what was known; before any takeover was recorded the first."""
    said = facts.get(CONTRACTOR)
    if isinstance(said, int):
        return said
    if access.contract.amended > rows[-1].number:
        later = Amendment.objects.filter(contract=access.contract, ground=Ground.TAKEN_OVER)
        first = later.order_by("number").first()
        if first is not None:
            return int(first.facts[FIRST_CONTRACTOR])
    return None if access.contractor is None else access.contractor.organisation_id


def _standing(access: ContractAccess, moment: datetime) -> list[int]:
    """The contracts whose figures are those of a contract: of a framework, its call-offs then."""
    contract = access.contract
    if contract.form != Form.FRAMEWORK:
        return [contract.pk]
    counted = Q(voided_on=None) | Q(voided_on__gt=timezone.localdate(moment))
    under = contracts_ever_of(access.acting).filter(counted, parent_id=contract.pk)
    return list(under.values_list("pk", flat=True))


def _called(access: ContractAccess, later: Iterable[Event]) -> dict[str, str]:
    """What a contract was called before these changes: the earliest of each says what it was."""
    called = {name: str(getattr(access.contract, name)) for name in _CALLED}
    for event in reversed([event for event in later if event.verb == "contract.changed"]):
        called |= {name: event.details[name][0] for name in _CALLED if name in event.details}
    return called


def _ended(rows: Iterable[Amendment], verbs: Iterable[str]) -> str:
    if any(row.ground == Ground.VOIDED for row in rows):
        return "contract.voided"
    last = ""
    for verb in verbs:
        if verb in {"contract.closed", "contract.settled", "contract.reopened"}:
            last = verb
    return "" if last == "contract.reopened" else last

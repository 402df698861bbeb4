"""Contracts of the region that changed: another sum or amount half way, or another contractor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from django.core.serializers.json import DjangoJSONEncoder

from telmee.apps.contracts.carrying import parties_to_tell, takeover_facts
from telmee.apps.contracts.choices import Ground, Takeover
from telmee.apps.contracts.models import Party
from telmee.apps.ledger.choices import Kind
from telmee.apps.receipts.figures import obligation_figure
from telmee.core.ledger import FIRST_CONTRACTOR, Whole, changes_of
from telmee.core.obligations import Assessment, assess
from telmee.demo.agreements import Agreement
from telmee.demo.books import Books, Event
from telmee.demo.lines import Work
from telmee.demo.people import Contractor, moment
from telmee.demo.receipts import Receipts
from telmee.demo.tables import Tables

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Amended:
    """An amendment that is to be written: what changes, and what is owed before and after."""

    effective_on: date
    when: datetime
    reason: str
    ground: Ground
    facts: Mapping[str, int]
    before: Assessment
    after: Assessment

    @property
    def row(self) -> dict[str, object]:
        """The fields of the contract that are others by it."""
        return {**self.facts, "obligation_cents": self.after.owed_cents, "amended": 1}


def amendment_of(agreement: Agreement, imposed: Assessment | None, day: date) -> Amended | None:
    """What changes a contract half way between its first day and today, if anything does."""
    percent = agreement.sum_percent
    if imposed is None or percent == _WHOLE or agreement.start >= day:
        return None
    contract = imposed.contract
    fact = "value_cents" if contract.agreed_cents is None else "agreed_cents"
    cents = getattr(contract, fact) * percent // _WHOLE
    effective_on = agreement.start + timedelta(days=(day - agreement.start).days // 2)
    smaller = percent < _WHOLE
    return Amended(
        effective_on=effective_on,
        when=moment(effective_on, Random(0)),  # noqa: S311 - the same region each time
        reason="Een deel van het werk vervalt." if smaller else "Er komt werk bij.",
        ground=Ground.VALUE if fact == "value_cents" else Ground.AGREED,
        facts={fact: cents},
        before=imposed,
        after=assess(imposed.scheme, replace(contract, **{fact: cents})),
    )


def takeover_day(day: date) -> date:
    """From when another carries a contract out, where that is so on a day: since three weeks."""
    return day - timedelta(weeks=3)


def write_takeover(
    tables: Tables,
    books: Books,
    *,
    work: Work,
    taken_by: Contractor,
    parties: Iterable[Party],
    day: date,
    key: object,
) -> None:
    """Write that another carries a contract out, with its event. Nothing is booked."""
    agreement, since = work.agreement, takeover_day(day)
    when = moment(since, Random(0))  # noqa: S311 - the same region each time
    reason = "De onderneming is met personeel en werk overgegaan."
    facts: dict[str, object] = {**takeover_facts(taken_by.id, Takeover.BUSINESS)}
    tables.amendments.add(
        contract_id=work.id,
        number=1,
        effective_on=since,
        ground=str(Ground.TAKEN_OVER),
        reason=reason,
        facts=json.dumps({**facts, FIRST_CONTRACTOR: agreement.contractor.id}),
        key=uuid5(UUID(str(key)), "taken over"),
        user_id=agreement.adviser,
        organisation_id=books.deciding(agreement),
        recorded_at=when,
    )
    details = {
        "amendment": 1,
        "ground": str(Ground.TAKEN_OVER),
        "effective_on": f"{since}",
        "parties": parties_to_tell(parties),
    }
    books.tell(Event("contract.amended", work.id, when, reason, details), work.id, agreement)


def write_amendment(
    tables: Tables,
    books: Books,
    receipts: Receipts,
    *,
    work: Work,
    amended: Amended,
    key: object,
) -> int:
    """Write an amendment with its entry and its event, and give the receipt of what is owed."""
    agreement, when = work.agreement, amended.when
    tables.amendments.add(
        contract_id=work.id,
        number=1,
        effective_on=amended.effective_on,
        ground=str(amended.ground),
        reason=amended.reason,
        facts=json.dumps(amended.facts, cls=DjangoJSONEncoder),
        key=uuid5(UUID(str(key)), "amended"),
        user_id=agreement.adviser,
        organisation_id=books.deciding(agreement),
        recorded_at=when,
    )
    figure = obligation_figure(amended.after, contract_id=work.id)
    receipt = receipts.keep(figure, work.version, when)
    owed = [amended.before.owed_cents or 0, amended.after.owed_cents or 0]
    details = {"amendment": 1, "ground": str(amended.ground), "obligation_cents": owed}
    event = Event("contract.amended", work.id, when, amended.reason, details)
    books.tell(event, work.id, agreement)
    days = (agreement.start, amended.effective_on)
    for change in changes_of(map(Whole, days, owed))[1:]:
        books.post(
            work.id,
            agreement,
            Kind(change.kind),
            change.amount_cents,
            on=change.effective_on,
            when=when,
            reason=amended.reason,
            receipt_id=receipt,
            amendment=1,
        )
    return receipt

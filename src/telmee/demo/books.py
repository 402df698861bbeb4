"""Entries and events of contracts, as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from uuid import UUID, uuid5

from django.core.serializers.json import DjangoJSONEncoder

from telmee.apps.contracts.choices import TERMS, Ground
from telmee.apps.ledger.choices import Kind
from telmee.core.obligations import Assessment
from telmee.demo.agreements import Agreement
from telmee.demo.people import Contractor, Region
from telmee.demo.tables import Tables, as_json

#: What an agreement of the region leaves open of the facts of a contract.
_TERMS: Mapping[str, object] = {
    **dict.fromkeys(TERMS),
    **dict.fromkeys(
        ("rules_client", "no_obligation", "no_obligation_reason", "turnover_period"), ""
    ),
    **dict.fromkeys(("over_turnover", "client_decides"), False),
}


@dataclass(frozen=True, slots=True)
class Event:
    """What an event says: what was done with which thing, and when."""

    verb: str
    thing: int
    when: datetime
    reason: str
    details: Mapping[str, object]


class Books:
    """Writes what the books and the journal say, as the actions of the pages would."""

    def __init__(self, tables: Tables, region: Region, rng: Random) -> None:
        self._tables, self._region, self._rng = tables, region, rng
        self._team = {region.users["adviseur"], region.users["tweede.adviseur"]}

    def with_team(self, agreement: Agreement) -> bool:
        """Whether the regional team does the work of the client on this contract."""
        return agreement.client.has_team and agreement.adviser in self._team

    def deciding(self, agreement: Agreement) -> int:
        """The id of the organisation for which is decided: the team, else the client."""
        return self._region.parts["team"] if self.with_team(agreement) else agreement.client.id

    def key(self) -> str:
        """A key of 32 hexadecimal digits, the same in each load of the same region."""
        return f"{self._rng.getrandbits(128):032x}"

    def begin(
        self,
        contract: int,
        agreement: Agreement,
        row: Mapping[str, object],
        imposed: Assessment | None,
        when: datetime,
    ) -> None:
        """Write the registration of a contract as the first of its amendments.

        `row` are its fields. It was imposed with its award, also where that is still to come.
        """
        facts = {**_TERMS} | {name: row[name] for name in TERMS if name in row}
        if imposed is not None:
            facts["awarded_on"] = imposed.contract.award
        self._tables.amendments.add(
            contract_id=contract,
            number=0,
            effective_on=agreement.start,
            ground=str(Ground.REGISTERED),
            facts=json.dumps(facts, cls=DjangoJSONEncoder),
            key=uuid5(UUID(str(row["key"])), "registered"),
            user_id=agreement.adviser,
            organisation_id=self.deciding(agreement),
            recorded_at=when,
        )

    def post(
        self,
        contract: int,
        agreement: Agreement,
        kind: Kind,
        cents: int,
        *,
        on: date,
        when: datetime,
        tell: bool = True,
        **more: object,
    ) -> int:
        """Post an entry, and give its id."""
        entry = self._tables.entries.add(
            contract_id=contract,
            kind=str(kind),
            amount_cents=cents,
            effective_on=on,
            booked_at=when,
            key=self.key(),
            user_id=agreement.adviser,
            organisation_id=self.deciding(agreement),
            **more,
        )
        if tell:
            verb = "ledger.reversed" if "reverses_id" in more else "ledger.posted"
            details = {"kind": str(kind), "cents": cents}
            self.tell(
                Event(verb, entry, when, str(more.get("reason", "")), details), contract, agreement
            )
        return entry

    def tell(
        self, event: Event, contract: int, agreement: Agreement, *, doer: Contractor | None = None
    ) -> None:
        """Write an event in the journal: of the adviser, or of who delivers."""
        self._tables.events.add(
            at=event.when,
            user_id=doer.user if doer else agreement.adviser,
            organisation_id=doer.id if doer else self.deciding(agreement),
            verb=event.verb,
            kind=event.verb.partition(".")[0],
            object_id=event.thing,
            contract_id=contract,
            reason=event.reason,
            details=as_json(event.details),
        )

"""Pools of contracts as rows: the place of each contract, proposed by its client and agreed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from telmee.apps.agreements.choices import Kind, Outcome
from telmee.demo.agreements import POOL_DAYS
from telmee.demo.books import Books, Event
from telmee.demo.lines import Work
from telmee.demo.tables import Tables

#: How many days ago the contractor agreed with the pool that its client proposed.
_AGREED = 50


class Pools:
    """Writes which pool a contract is in, if any."""

    def __init__(self, tables: Tables, books: Books, day: date) -> None:
        self._tables, self._books = tables, books
        self._now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    def write(self, work: Work) -> None:
        """Write the place of a contract in its pool; one that waits is not answered."""
        name, waits = work.agreement.pool, work.agreement.pool_waits
        if not name:
            return
        client, contractor = work.agreement.client, work.agreement.contractor
        agreement = self._tables.agreements.add(
            contract_id=work.id,
            kind=str(Kind.POOLING),
            organisation_id=client.id,
            other_id=contractor.id,
        )
        when = self._now - timedelta(days=POOL_DAYS if not waits else 3)
        version = self._tables.versions.add(
            agreement_id=agreement,
            contract_id=work.id,
            number=1,
            organisation_id=client.id,
            addressee_id=contractor.id,
            key=uuid5(NAMESPACE_URL, f"pool {agreement}").hex,
            user_id=work.agreement.adviser,
            proposed_at=when,
        )
        self._tables.places.add(
            version_id=version,
            contract_id=work.id,
            organisation_id=client.id,
            pool=work.agreement.pool_key.hex,
            part_bp=work.agreement.part_bp,
            name=name,
            begin=when.date(),
            note="Dezelfde mensen werken op beide opdrachten."
            if work.agreement.part_bp is None
            else "Werkplekken in het stadhuis, waar beide bedrijven schoonmaken.",
        )
        self._tell(work, "proposed", agreement, version, when)
        if not waits:
            agreed = self._now - timedelta(days=_AGREED)
            self._tables.answers.add(
                version_id=version,
                contract_id=work.id,
                outcome=str(Outcome.CONFIRMED),
                organisation_id=contractor.id,
                user_id=contractor.user,
                answered_at=agreed,
            )
            self._tell(work, "confirmed", agreement, version, agreed)

    def _tell(self, work: Work, deed: str, agreement: int, version: int, when: datetime) -> None:
        details = {"agreement": str(Kind.POOLING), "version": version}
        event = Event(f"agreement.{deed}", agreement, when, "", details)
        doer = work.agreement.contractor if deed == "confirmed" else None
        self._books.tell(event, work.id, work.agreement, doer=doer)

"""Contracts with all that belongs to them, written as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid5

from telmee.apps.contracts.carrying import parties_to_tell
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contributions.choices import State
from telmee.apps.ledger.choices import Kind
from telmee.apps.organisations.names import search_key
from telmee.apps.people.codes import fields_of
from telmee.apps.receipts.figures import obligation_figure
from telmee.core.obligations import Assessment
from telmee.core.tables.contribution_columns import PERSON
from telmee.demo.agreements import Agreement
from telmee.demo.amended import amendment_of, takeover_day, write_amendment, write_takeover
from telmee.demo.books import Books, Event
from telmee.demo.effort import Line, Working
from telmee.demo.imposing import Imposing
from telmee.demo.lines import Handed, Lines, Work
from telmee.demo.people import Contractor, Region, moment
from telmee.demo.plans import Plans
from telmee.demo.pools import Pools
from telmee.demo.profiles import Profile
from telmee.demo.receipts import Receipts
from telmee.demo.tables import Tables
from telmee.demo.valuing import Batch

#: The two sides of surplus that moves have the same reason, and from it the same name.
_TRANSFERS = UUID("0c9d1a52-6a0f-4d0e-8b53-0f6f2a4f7c11")
#: How much of what it owes a contract comes to with its plan, in percent.
_PLANNED_PERCENT = (80, 100, 115, 125, 140, 150)
#: The most people that one line of a plan is for.
_TIMES_MAX = 20
#: Who carries a contract out now, and who did until it was taken over.
_CARRYING = (PartyRole.CONTRACTOR, PartyRole.FORMER)
_Batches = dict[tuple[int, str], Batch]


class Booking:
    """Writes contracts, a number of them at a time."""

    def __init__(
        self, tables: Tables, region: Region, profile: Profile, day: date, rng: Random
    ) -> None:
        self._tables, self._region, self._profile = tables, region, profile
        self._day, self._rng = day, rng
        self._imposing = Imposing()
        # Nothing was done or decided later than yesterday: today is the visitor's.
        self._working = Working(day - timedelta(days=1), rng)
        self._books = Books(tables, region, rng)
        self._receipts = Receipts(tables)
        self._lines = Lines(tables, self._books, self._receipts, day, rng)
        self._plans = Plans(tables, self._books, self._receipts, day)
        self._pools = Pools(tables, self._books, day)
        self._frameworks: dict[str, int] = {}
        self._number = 0

    def write(self, agreements: Iterable[Agreement]) -> list[Handed]:
        """Value the lines of these contracts, and write all that there is about them.

        Gives the lines that were handed in.
        """
        batches: _Batches = {}
        works = [self._begin(agreement, batches) for agreement in agreements]
        return [handed for work in works for handed in self._contract(work)]

    def _begin(self, agreement: Agreement, batches: _Batches) -> Work:
        """A contract with its number and its rules; each of its lines has a place in a batch."""
        number = self._tables.contracts.reserve()
        version, scheme = self._imposing.version(agreement)
        claimed, decided = (
            batches.setdefault((version, name), Batch(scheme)) for name in ("claimed", "decided")
        )
        start, end, count = agreement.start, agreement.end, agreement.lines
        lines = self._working.lines(scheme, start, end, count=count, contract=number)
        self._people(agreement, lines)
        for line in lines:
            line.at = claimed.add(line.cells, number, start, end)
            if line.adjusted is not None:
                line.adjusted_at = decided.add(line.adjusted, number, start, end)
        drawn = (self._working.plan(scheme, start, end) for _ in range(agreement.plan))
        running = [plan for plan in drawn if plan is not None and end >= self._day]
        plans = [(claimed.add(cells, number, start, end), cells, n) for cells, n in running]
        return Work(number, agreement, version, claimed, decided, lines, plans)

    def _people(self, agreement: Agreement, lines: Iterable[Line]) -> None:
        """Let each line be delivered by somebody, and give the people in them a row."""
        known: dict[object, tuple[Contractor, str]] = {}
        for line in lines:
            code = line.cells.get(PERSON)
            if code not in known:
                doer = self._lines.doer(agreement)
                person = ""
                if code is not None:
                    created = moment(line.handed_in, self._rng)
                    person = str(
                        self._tables.people.add(
                            organisation_id=doer.id, **fields_of(str(code)), created_at=created
                        )
                    )
                known[code] = doer, person
            line.doer, person = known.pop(None) if code is None else known[code]
            if code is not None:
                line.cells[PERSON] = person
                if line.adjusted is not None:
                    line.adjusted[PERSON] = person

    def _contract(self, work: Work) -> list[Handed]:
        agreement = work.agreement
        imposed, facts = self._imposing.impose(agreement, self._due(work), self._day)
        owed = None if imposed is None else imposed.owed_cents
        registered = moment(agreement.start - timedelta(days=20), self._rng)
        registered = min(registered, moment(self._day - timedelta(days=1), self._rng))
        receipt = None
        if imposed is not None:
            figure = obligation_figure(imposed, contract_id=work.id)
            receipt = self._receipts.keep(figure, work.version, registered)
        row = self._row(work, facts) | {"obligation_receipt_id": receipt, "created_at": registered}
        self._books.begin(work.id, agreement, row, imposed, registered)
        begun = parties_to_tell(self._parties_of(work, agreement.contractor))
        details = {"obligation_cents": owed, "parties": begun}
        event = Event("contract.registered", work.id, registered, "", details)
        self._books.tell(event, work.id, agreement)
        self._size_plans(work, owed or 0)
        self._plans.write(work, registered)
        if owed is not None:
            self._books.post(
                work.id,
                agreement,
                Kind.OBLIGATION,
                owed,
                on=agreement.start,
                when=registered,
                receipt_id=receipt,
                amendment=0,
            )
        self._tables.contracts.add(**row | self._amended(work, imposed, row["key"]))
        self._close(work, row["closed_on"], registered)
        self._pools.write(work)
        for kind, cents, reason in agreement.transfers:
            when = max(registered, moment(self._day - timedelta(days=40), self._rng))
            moves = kind in {Kind.CARRIED_IN, Kind.CARRIED_OUT, Kind.POOLED}
            self._books.post(
                work.id,
                agreement,
                kind,
                cents,
                on=when.date(),
                when=when,
                reason=reason,
                transfer=uuid5(_TRANSFERS, reason) if moves else None,
            )
        untold = len(work.lines) - self._profile.told_lines
        written = [
            self._lines.write(work, line, tell=place >= untold)
            for place, line in enumerate(work.lines)
        ]
        self._receipts.forget()
        return [handed for handed in written if handed.state != State.DRAFT]

    def _amended(self, work: Work, imposed: Assessment | None, key: object) -> dict[str, object]:
        """Write what changed the contract half way, and give the fields that are others by it."""
        if work.agreement.taken_by is not None:
            parties = self._parties_of(work, work.agreement.taken_by)
            write_takeover(
                self._tables, self._books, work=work, taken_by=work.agreement.taken_by,
                parties=parties, day=self._day, key=key,
            )  # fmt: skip
            self._add_parties(parties)
            return {"amended": 1}
        self._add_parties(self._parties_of(work, work.agreement.contractor))
        amended = amendment_of(work.agreement, imposed, self._day)
        if amended is None:
            return {}
        receipt = write_amendment(
            self._tables, self._books, self._receipts, work=work, amended=amended, key=key
        )
        return amended.row | {"obligation_receipt_id": receipt}

    def _row(self, work: Work, facts: Mapping[str, object]) -> dict[str, object]:
        """The fields of a contract, with what was imposed on it."""
        agreement = work.agreement
        return {
            "id": work.id,
            "key": self._books.key(),
            "category": str(agreement.category),
            "form": str(agreement.form),
            "procurement": agreement.tender,
            "lot": agreement.lot,
            "cpv_id": agreement.cpv,
            "start": agreement.start,
            "end": agreement.end,
            "extension_count": agreement.extensions,
            "extension_months": 12 if agreement.extensions else 0,
            "scheme_id": work.version,
            "adviser_id": agreement.adviser,
            "closed_on": min(agreement.end + timedelta(days=40), self._day)
            if agreement.closed
            else None,
            **self._with_reference(work),
            **facts,
        }

    def _close(self, work: Work, on: object, registered: datetime) -> None:
        """Write in the journal that a contract was closed, on its day or before today."""
        if isinstance(on, date):
            noon = datetime.combine(
                min(on, self._day - timedelta(days=1)), time(12), registered.tzinfo
            )
            event = Event(
                "contract.closed",
                work.id,
                max(noon, registered),
                "De opdracht is klaar.",
                {"on": on.isoformat()},
            )
            self._books.tell(event, work.id, work.agreement)

    def _due(self, work: Work) -> int:
        """The cents that a contract is to owe, by what was done and how well that is to do."""
        agreement = work.agreement
        done = sum(work.claimed.cents(line.at) or 0 for line in work.lines)
        days = (agreement.end - agreement.start).days
        passed = min(1.0, max(0.25, (self._day - agreement.start).days / days))
        if not done:
            return int(self._rng.lognormvariate(11.0, 0.7)) * 100
        return int(done / passed / max(agreement.met, 0.1))

    def _size_plans(self, work: Work, owed: int) -> None:
        """Let a plan promise about what is still to be done: some too little, some more."""
        done = sum(work.claimed.cents(line.at) or 0 for line in work.lines)
        to_do = max(0, owed * self._rng.choice(_PLANNED_PERCENT) // 100 - done)
        sized = []
        for place, cells, times in work.plans:
            one = work.claimed.cents(place)
            wanted = round(to_do / len(work.plans) / one) if one else times
            sized.append((place, cells, min(max(1, wanted), _TIMES_MAX)))
        work.plans = sized

    def _with_reference(self, work: Work) -> dict[str, object]:
        """The fields with a contract's reference; a call-off's begins with its framework's."""
        agreement = work.agreement
        self._number += 1
        reference = f"{agreement.start:%Y}-{self._number:05}"
        parent = None
        if agreement.form == Form.FRAMEWORK:
            reference = agreement.framework
            self._frameworks[reference] = work.id
        if agreement.form == Form.CALL_OFF:
            reference = f"{agreement.framework}/{self._number:03}"
            parent = self._frameworks[agreement.framework]
        return {
            "reference": reference,
            "parent_id": parent,
            "name": agreement.name,
            "search_text": search_key(f"{reference} {agreement.name} {agreement.lot}"),
        }

    def _parties_of(self, work: Work, contractor: Contractor) -> list[Party]:
        """Who is party to a contract while somebody carries it out."""
        agreement = work.agreement
        taken_over = contractor is not agreement.contractor
        roles = [(agreement.client.id, PartyRole.CLIENT), (contractor.id, PartyRole.CONTRACTOR)]
        if taken_over:
            roles.append((agreement.contractor.id, PartyRole.FORMER))
        if self._books.with_team(agreement):
            roles.append((self._region.parts["team"], PartyRole.REGIONAL_TEAM))
        roles.extend((helper.id, PartyRole.SUBCONTRACTOR) for helper in agreement.helpers)
        since = takeover_day(self._day) if taken_over else None
        return [
            Party(
                contract_id=work.id,
                organisation_id=organisation,
                role=str(role),
                since=since if role in _CARRYING else None,
            )
            for organisation, role in (*roles, *agreement.parties)
        ]

    def _add_parties(self, parties: Iterable[Party]) -> None:
        for party in parties:
            self._tables.parties.add(
                contract_id=party.contract_id,
                organisation_id=party.organisation_id,
                role=party.role,
                since=party.since,
            )

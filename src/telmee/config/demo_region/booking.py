"""Contracts with their effort, decisions and books, written as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contributions.cells import FIELDS, fingerprint
from telmee.apps.contributions.cells import as_json as json_cells
from telmee.apps.contributions.choices import DecisionReason, Outcome, State
from telmee.apps.ledger.choices import Kind
from telmee.apps.organisations.names import search_key
from telmee.config.demo_region.agreements import Agreement
from telmee.config.demo_region.effort import WORDS, Cells, Line, Working
from telmee.config.demo_region.imposing import Imposing
from telmee.config.demo_region.people import Contractor, Region, moment
from telmee.config.demo_region.profiles import DEMO, Profile
from telmee.config.demo_region.tables import Tables, as_json
from telmee.config.demo_region.valuing import Batch
from telmee.core.schemes.model import Block

_PROMISED = (
    ("begin", "begin"),
    ("end", "eind"),
    ("weekly_hours", "uren_per_week"),
)


@dataclass(slots=True)
class Work:
    """A contract on its way: its id, its lines, and where they are valued."""

    id: int
    agreement: Agreement
    version: int
    claimed: Batch
    decided: Batch
    lines: list[Line]
    plans: list[tuple[int, Cells, int]]


@dataclass(frozen=True, slots=True)
class Handed:
    """A line that was handed in, by its ids."""

    id: int
    reference: str
    contract_id: int
    organisation_id: int
    user_id: int
    deciding_id: int
    adviser_id: int
    block: Block
    state: State
    handed_in: date


class Booking:
    """Writes contracts, a number of them at a time."""

    def __init__(
        self, tables: Tables, region: Region, profile: Profile, day: date, rng: Random
    ) -> None:
        self._tables, self._region, self._profile = tables, region, profile
        self._day, self._rng = day, rng
        self._imposing = Imposing()
        self._working = Working(day, rng)
        self._frameworks: dict[str, int] = {}
        self._number = 0
        #: Lines that proof can be added to, where somebody will look at them.
        self.handed_in: list[Handed] = []

    def write(self, agreements: Iterable[Agreement]) -> None:
        """Value the lines of these contracts, and write all that there is about them."""
        batches: dict[tuple[int, str], Batch] = {}
        works = [self._begin(agreement, batches) for agreement in agreements]
        for work in works:
            self._contract(work)

    def _begin(self, agreement: Agreement, batches: dict[tuple[int, str], Batch]) -> Work:
        """Give a contract its number and its rules, and its lines a place in a batch."""
        self._tables.contracts.last_id += 1
        number = self._tables.contracts.last_id
        version, scheme = self._imposing.version(agreement)
        claimed, decided = (
            batches.setdefault((version, batch), Batch(scheme)) for batch in ("claimed", "decided")
        )
        start, end = agreement.start, agreement.end
        count = agreement.lines
        lines = self._working.lines(scheme, start, end, count=count, contract=number)
        for line in lines:
            line.at = claimed.add(line.cells, number, start, end)
            if line.adjusted is not None:
                line.adjusted_at = decided.add(line.adjusted, number, start, end)
        drawn = (self._working.plan(scheme, start, end) for _ in range(agreement.plan))
        running = [plan for plan in drawn if plan is not None and end >= self._day]
        plans = [(claimed.add(cells, number, start, end), cells, n) for cells, n in running]
        return Work(number, agreement, version, claimed, decided, lines, plans)

    # Contracts --------------------------------------------------------------------------------

    def _contract(self, work: Work) -> None:
        agreement = work.agreement
        owed, facts = self._imposing.impose(agreement, self._due(work), self._day)
        self._number += 1
        reference = agreement.framework or f"{agreement.start:%Y}-{self._number:05}"
        if agreement.form == Form.CALL_OFF:
            reference = f"{agreement.framework}/{self._number:03}"
        registered = moment(agreement.start - timedelta(days=20), self._rng)
        parent = self._frameworks.get(agreement.framework)
        if agreement.form == Form.FRAMEWORK:
            self._frameworks[agreement.framework] = work.id
        self._tables.contracts.last_id = work.id - 1
        self._tables.contracts.add(
            key=self._key(),
            reference=reference,
            name=agreement.name,
            search_text=search_key(f"{reference} {agreement.name} {agreement.lot}"),
            category=str(agreement.category),
            form=str(agreement.form),
            parent_id=parent,
            procurement=agreement.tender,
            lot=agreement.lot,
            cpv_id=agreement.cpv,
            start=agreement.start,
            end=agreement.end,
            extension_count=agreement.extensions,
            extension_months=12 if agreement.extensions else 0,
            scheme_id=work.version,
            adviser_id=agreement.adviser,
            closed_on=agreement.end + timedelta(days=40) if agreement.closed else None,
            created_at=registered,
            **facts,
        )
        self._event(
            registered,
            "contract.registered",
            work.id,
            work,
            details={"obligation_cents": owed},
        )
        self._parties(work)
        if owed is not None:
            self._post(work, Kind.OBLIGATION, owed, agreement.start, registered)
            self._transfers(work, registered)
        self._plans(work)
        told = len(work.lines) - self._profile.told_lines
        for number, line in enumerate(work.lines):
            self._line(work, line, tell=number >= told)

    def _due(self, work: Work) -> int:
        """Give what a contract is to owe, from what was done on it and how well that meets it."""
        agreement = work.agreement
        done = sum(work.claimed.cents(line.at) or 0 for line in work.lines)
        days = (agreement.end - agreement.start).days
        passed = min(1.0, max(0.25, (self._day - agreement.start).days / days))
        usual = self._rng.lognormvariate(11.0, 0.7) * 100
        return max(int(done / passed / max(agreement.met, 0.1)) if done else int(usual), 500_00)

    def _parties(self, work: Work) -> None:
        agreement, named = work.agreement, self._region.named
        found = [(agreement.client.id, PartyRole.CLIENT)]
        if self._with_team(agreement):
            found.append((named["team"], PartyRole.REGIONAL_TEAM))
        if agreement.contractor is not None:
            found.append((agreement.contractor.id, PartyRole.CONTRACTOR))
        found.extend((helper.id, PartyRole.SUBCONTRACTOR) for helper in agreement.helpers)
        for organisation, role in (*found, *agreement.parties):
            self._tables.parties.add(
                contract_id=work.id, organisation_id=organisation, role=str(role)
            )

    def _with_team(self, agreement: Agreement) -> bool:
        """Tell whether the regional team does the work of the client."""
        return agreement.adviser in {
            self._region.users["adviseur"],
            self._region.users["tweede.adviseur"],
        }

    def _deciding(self, agreement: Agreement) -> int:
        """Give the organisation for which is decided."""
        return self._region.named["team"] if self._with_team(agreement) else agreement.client.id

    def _plans(self, work: Work) -> None:
        contractor = work.agreement.contractor
        if contractor is None:
            return
        for place, cells, times in work.plans:
            each = work.claimed.cents(place)
            self._tables.plans.add(
                contract_id=work.id,
                organisation_id=contractor.id,
                block=cells["bouwblok"],
                number=times,
                value_cents=None if each is None else each * times,
                **{name: cells.get(column) for name, column in _PROMISED},
            )

    # Lines ------------------------------------------------------------------------------------

    def _line(self, work: Work, line: Line, *, tell: bool) -> None:
        agreement, rng = work.agreement, self._rng
        doer = self._doer(agreement)
        handed_in = moment(line.handed_in, rng)
        moments = [max(moment(day, rng), handed_in) for day in line.decided]
        moments = [when + timedelta(minutes=7 * n) for n, when in enumerate(moments)]
        draft = line.state == State.DRAFT
        cents = work.claimed.cents(line.at)
        kept = None if draft else as_json(work.claimed.receipt(line.at))
        amounts = [self._amount(work, line, outcome) for outcome in line.outcomes]
        number = self._tables.contributions.add(
            contract_id=work.id,
            organisation_id=doer.id,
            key=self._key(),
            state=str(line.state),
            value_cents=cents,
            value_status=work.claimed.status(line.at),
            verified_cents=amounts[-1] if amounts and line.state != State.SUBMITTED else None,
            receipt=kept,
            fingerprint=fingerprint(line.cells),
            version=1 + (not draft) + len(line.outcomes),
            created_by_id=doer.user,
            created_at=handed_in - timedelta(hours=rng.randrange(1, 90)),
            submitted_at=None if draft else handed_in,
            decided_at=moments[-1] if moments and line.state != State.SUBMITTED else None,
            **{name: line.cells[column] for column, name in FIELDS.items() if column in line.cells},
        )
        if tell and not draft:
            details = {"cents": cents, "block": line.block.key}
            self._event(
                handed_in, "contribution.submitted", number, work, doer=doer, details=details
            )
        standing = None
        for step, (outcome, cents, when) in enumerate(
            zip(line.outcomes, amounts, moments, strict=True), start=1
        ):
            decision = self._decide(work, line, number, step, outcome, cents, when, kept)
            if tell:
                self._event(
                    when,
                    f"contribution.{outcome}",
                    number,
                    work,
                    reason=self._reason(line, outcome)[1],
                    details={"cents": cents, "reason": self._reason(line, outcome)[0]},
                )
            standing = self._book(work, line, number, decision, outcome, cents, when, standing, tell=tell)
        if not draft and self._profile is DEMO:
            self.handed_in.append(self._handed(work, line, number, doer))

    def _handed(self, work: Work, line: Line, number: int, doer: Contractor) -> Handed:
        agreement = work.agreement
        return Handed(
            id=number,
            reference=str(line.cells["kenmerk"]),
            contract_id=work.id,
            organisation_id=doer.id,
            user_id=doer.user,
            deciding_id=self._deciding(agreement),
            adviser_id=agreement.adviser or agreement.client.adviser,
            block=line.block,
            state=line.state,
            handed_in=line.handed_in,
        )

    def _doer(self, agreement: Agreement) -> Contractor:
        """Give who delivers a line: mostly the contractor himself."""
        assert agreement.contractor is not None
        if agreement.helpers and self._rng.random() < 0.3:
            return self._rng.choice(agreement.helpers)
        return agreement.contractor

    def _amount(self, work: Work, line: Line, outcome: Outcome) -> int:
        """Give what a decision counts."""
        if outcome in (Outcome.REJECTED, Outcome.REOPENED):
            return 0
        if outcome == Outcome.ADJUSTED and line.adjusted is not None:
            found = work.decided.cents(line.adjusted_at)
        else:
            found = work.claimed.cents(line.at)
        if found is None:  # a person judged it
            found = self._rng.randrange(10, 80) * 100_00
        return found

    def _reason(self, line: Line, outcome: Outcome) -> tuple[str, str]:
        """Give why an outcome is another than accepted, and the words with it."""
        if outcome == Outcome.ACCEPTED:
            return "", ""
        reason = DecisionReason.MISTAKE if outcome == Outcome.REOPENED else line.reason
        reason = reason or DecisionReason.AGREEMENT
        return str(reason), WORDS[reason]

    def _decide(
        self,
        work: Work,
        line: Line,
        contribution: int,
        step: int,
        outcome: Outcome,
        cents: int,
        when: datetime,
        kept: str | None,
    ) -> int:
        changed = outcome == Outcome.ADJUSTED and line.adjusted is not None
        cells = line.adjusted if changed and line.adjusted is not None else line.cells
        if changed:
            kept = as_json(work.decided.receipt(line.adjusted_at))
        reason, text = self._reason(line, outcome)
        return self._tables.decisions.add(
            contribution_id=contribution,
            contract_id=work.id,
            number=step,
            outcome=str(outcome),
            amount_cents=cents,
            reason=reason,
            text=text,
            rule=f"blocks.{line.block.key}" if reason else "",
            cells=as_json(json_cells(cells)),
            receipt=kept if outcome in (Outcome.ACCEPTED, Outcome.ADJUSTED) else None,
            key=self._key(),
            user_id=self._judge(work.agreement, step),
            organisation_id=self._deciding(work.agreement),
            decided_at=when,
        )

    def _judge(self, agreement: Agreement, step: int) -> int:
        """Give who decides: the adviser, and another person where it is decided again."""
        first = agreement.adviser or agreement.client.adviser
        return first if step == 1 else agreement.client.second

    # Books ------------------------------------------------------------------------------------

    def _book(
        self,
        work: Work,
        line: Line,
        contribution: int,
        decision: int,
        outcome: Outcome,
        cents: int,
        when: datetime,
        standing: tuple[int, int, int] | None,
        *,
        tell: bool,
    ) -> tuple[int, int, int] | None:
        """Take back what stands, and post what a decision counts; gives what stands now."""
        own = {"contribution_id": contribution, "reason": self._reason(line, outcome)[1]}
        on = self._effective_on(line, outcome)
        if standing is not None:
            entry, amount, earlier = standing
            self._post(
                work,
                Kind.REALISED,
                -amount,
                self._effective_on(line, Outcome.ACCEPTED),
                when,
                tell=tell,
                reverses_id=entry,
                decision_id=earlier,
                **own,
            )
        if not cents:
            return None
        entry = self._post(
            work, Kind.REALISED, cents, on, when, tell=tell, decision_id=decision, **own
        )
        return entry, cents, decision

    def _effective_on(self, line: Line, outcome: Outcome) -> date:
        cells: Mapping[str, object] = line.cells
        if outcome == Outcome.ADJUSTED and line.adjusted is not None:
            cells = line.adjusted
        day = cells.get("eind") or cells.get("begin")
        return day if isinstance(day, date) else line.handed_in

    def _transfers(self, work: Work, registered: datetime) -> None:
        """Post what a contract has in its books beside obligation and effort."""
        when = max(registered, moment(self._day - timedelta(days=40), self._rng))
        for kind, cents, reason in work.agreement.transfers:
            self._post(work, kind, cents, when.date(), when, reason=reason)

    def _post(
        self,
        work: Work,
        kind: Kind,
        cents: int,
        on: date,
        when: datetime,
        *,
        tell: bool = True,
        **more: object,
    ) -> int:
        entry = self._tables.entries.add(
            contract_id=work.id,
            kind=str(kind),
            amount_cents=cents,
            effective_on=on,
            booked_at=when,
            key=self._key(),
            user_id=work.agreement.adviser,
            organisation_id=self._deciding(work.agreement),
            **more,
        )
        if tell:
            verb = "ledger.reversed" if "reverses_id" in more else "ledger.posted"
            details = {"kind": str(kind), "cents": cents}
            self._event(when, verb, entry, work, details=details)
        return entry

    def _event(
        self,
        when: datetime,
        verb: str,
        thing: int,
        work: Work,
        *,
        doer: Contractor | None = None,
        reason: str = "",
        details: Mapping[str, object],
    ) -> None:
        agreement = work.agreement
        self._tables.events.add(
            at=when,
            user_id=doer.user if doer else agreement.adviser,
            organisation_id=doer.id if doer else self._deciding(agreement),
            verb=verb,
            kind=verb.partition(".")[0],
            object_id=thing,
            contract_id=work.id,
            reason=reason,
            details=as_json(details),
        )

    def _key(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"

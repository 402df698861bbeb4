"""Agree with the other side what was invoiced in a period, and let the books follow that.

Where the rules or the contract reckon over turnover, the obligation is a percentage of what both
sides agreed and of nothing else: a period that nobody agreed on counts for nothing, and is shown.
What was agreed is a fact of the contract's chain, from the first day of its period on
(docs/decisions/0026), so the books are the same in whatever order periods are agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from telmee.apps.agreements.actions import (
    Proposal,
    Sides,
    confirm,
    dispute,
    propose_each,
    resolve,
    take_each,
    wait_for_agreements,
    withdraw,
)
from telmee.apps.agreements.choices import Ending, Kind, State
from telmee.apps.agreements.models import Turnover, Version
from telmee.apps.agreements.queries import TurnoverVersion, has_taken_part, turnover_versions
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.amending import Planned, Wanted, amend_turnover, plan_amendment
from telmee.apps.contracts.chains import turnover_fact
from telmee.apps.contracts.choices import Ground, PartyRole
from telmee.apps.contracts.facts import reckons_over
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.telling import tell_party
from telmee.apps.organisations.choices import USUAL_DISPUTE_DAYS
from telmee.apps.organisations.many import listed
from telmee.core.errors import DomainError, Param, Problem
from telmee.core.free_text import PLAN_NOTE, require_none, require_reason
from telmee.core.money import CENTS_MAX
from telmee.core.obligations.turnover import (
    ASSUMED_KIND,
    PeriodKind,
    TurnoverPeriod,
    periods_of,
)


@dataclass(frozen=True, slots=True)
class PeriodTurnover:
    """What was said of one period, latest first, and whether it is over."""

    period: TurnoverPeriod
    versions: tuple[TurnoverVersion, ...]
    is_over: bool

    @property
    def agreed(self) -> TurnoverVersion | None:
        """What holds, if anything was agreed."""
        return next((one for one in self.versions if one.state is State.IN_FORCE), None)

    @property
    def waiting(self) -> TurnoverVersion | None:
        """What one side proposed and the other did not agree with yet."""
        return next((one for one in self.versions if one.waits), None)

    @property
    def is_open(self) -> bool:
        """Whether it is over and nothing was agreed: it counts for nothing until then."""
        return self.is_over and self.agreed is None


def period_kind(contract: Contract) -> PeriodKind:
    """For which periods the turnover of a contract is agreed; by assumption where it is silent."""
    return PeriodKind(contract.turnover_period) if contract.turnover_period else ASSUMED_KIND


def periods_by_contract(
    contracts: Sequence[Contract], *, today: date
) -> dict[int, list[PeriodTurnover]]:
    """The periods of each contract that reckons over turnover, the earliest first, by its id.

    A period in which the contract no longer runs is there as far as something was said of it. Runs
    two queries; none where nobody reckons over turnover.
    """
    over = [contract for contract in contracts if reckons_over(contract)]
    if not over:
        return {}
    versions = turnover_versions(contract.pk for contract in over)
    return {one.pk: _periods(one, versions.get(one.pk, []), today) for one in over}


def _periods(
    contract: Contract, versions: Iterable[TurnoverVersion], today: date
) -> list[PeriodTurnover]:
    kind = period_kind(contract)
    said: dict[date, list[TurnoverVersion]] = {}
    for one in versions:
        said.setdefault(one.period, []).append(one)
    of_contract = periods_of(kind, contract.start, contract.end)
    other = said.keys() - {period.first for period in of_contract}
    periods = sorted([*of_contract, *(TurnoverPeriod.starting(first, kind) for first in other)])
    return [
        PeriodTurnover(period, tuple(said.get(period.first, ())), _is_over(contract, period, today))
        for period in periods
    ]


def _is_over(contract: Contract, period: TurnoverPeriod, today: date) -> bool:
    return min(period.last, contract.end) < today


def has_turnover(access: ContractAccess) -> bool:
    """Whether turnover is agreed on a contract, for somebody who sees its books."""
    return access.sees_all and reckons_over(access.contract)


def unchanged(contract: Contract, versions: Iterable[TurnoverVersion], cents: int) -> list[Problem]:
    """That what is proposed of a period holds already; `versions` are all of that period."""
    kind = period_kind(contract)
    return [
        Problem(
            "turnover_unchanged",
            "omzet",
            params={
                "period": str(TurnoverPeriod.starting(one.period, kind)),
                "turnover_cents": cents,
            },
        )
        for one in versions
        if one.state is State.IN_FORCE and one.cents == cents
    ]


# Who says what ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Speaker:
    """For which organisation somebody acts, and for which side of the agreement that speaks."""

    organisation_id: int
    side_id: int


def speaker_of(access: ContractAccess) -> Speaker | None:
    """For which side somebody speaks: the client, also by the team that works for it; else None."""
    client, contractor = access.client, access.contractor
    if client is not None and access.deciding_for is not None:
        return Speaker(access.deciding_for, client.organisation_id)
    if contractor is not None and access.works_for(contractor.organisation_id):
        return Speaker(contractor.organisation_id, contractor.organisation_id)
    return None


def speaking(access: ContractAccess) -> Speaker:
    """For which side somebody speaks who does: `is_speaker` says so."""
    speaker = speaker_of(access)
    assert speaker is not None  # noqa: S101 - who calls has made sure
    return speaker


def is_speaker(access: ContractAccess) -> bool:
    """Whether somebody speaks for one of two sides that agree on turnover."""
    both = access.client is not None and access.contractor is not None
    return both and has_turnover(access) and speaker_of(access) is not None


def may_propose(access: ContractAccess) -> bool:
    """Whether somebody may say now what was invoiced on a contract."""
    return access.is_open and is_speaker(access)


def is_asked(access: ContractAccess, one: TurnoverVersion) -> bool:
    """Whether the answer to a proposal is somebody's, whatever became of it meanwhile."""
    speaker = speaker_of(access)
    ours = speaker is not None and speaker.side_id == one.version.addressee_id
    return ours and one.version.user_id != access.acting.user_id


def may_answer(access: ContractAccess, one: TurnoverVersion) -> bool:
    """Whether a proposal waits for somebody: it is of the other side, and not of himself."""
    return is_asked(access, one) and one.waits and access.is_open


def is_proposer(access: ContractAccess, one: TurnoverVersion) -> bool:
    """Whether a proposal is of somebody's own side."""
    speaker = speaker_of(access)
    return speaker is not None and speaker.side_id != one.version.addressee_id


def may_withdraw(access: ContractAccess, one: TurnoverVersion) -> bool:
    """Whether a proposal is of somebody's own side and can still be taken back."""
    return is_proposer(access, one) and one.waits and access.is_open


def is_decider(access: ContractAccess, one: TurnoverVersion) -> bool:
    """Whether somebody decides for the client on what it proposed, where the contract lets it.

    He is another person than who proposed or disputed it.
    """
    return (
        access.deciding_for is not None
        and access.contract.client_decides
        and is_proposer(access, one)
        and not has_taken_part(access.acting.user_id, one.version)
    )


def may_decide(access: ContractAccess, one: TurnoverVersion) -> bool:
    """Whether somebody may decide on a proposal now: the contractor disputes it."""
    waits = one.state is State.DISPUTED and one.waits and access.is_open
    return waits and is_decider(access, one)


# Deeds --------------------------------------------------------------------------------------------


@holding()
def propose_turnover(
    access: ContractAccess,
    *,
    period: date,
    cents: int,
    note: str = "",
    key: UUID,
    seen: int | None = None,
    today: date,
) -> None:
    """Say what was invoiced in a period, whole; it holds once the other side agrees.

    `period` is its first day. The same `key` twice proposes once. Raises `not_allowed`,
    `contract_closed`, `turnover_out_of_range`, `period_not_of_contract`, `period_not_over`,
    `turnover_unchanged`, and `agreement_changed` when more was said of the period than the `seen`
    versions that were on the screen.
    """
    one = Proposed(access=access, period=period, cents=cents, note=note, key=key, seen=seen)
    for said in propose_quietly([one], today=today):
        _tell(access, said, "turnover_proposed", by=speaking(access))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What somebody says was invoiced on a contract in a period, as `propose_turnover` takes it.

    `row` is where it stands in a sheet.
    """

    access: ContractAccess
    period: date
    cents: int
    note: str = ""
    key: UUID
    seen: int | None = None
    row: int | None = None


def propose_quietly(every: Sequence[Proposed], *, today: date) -> list[Turnover]:
    """Propose on contracts that are held, all or none, for who tells the other side; gives the new.

    Raises what is wrong with any, each at its row, as `propose_turnover` does. Its queries do not
    grow with the proposals.
    """
    may = [one for one in every if may_propose(one.access)]
    problems = [(_why_not(one.access), one) for one in every if not may_propose(one.access)]
    ids = [one.access.contract.pk for one in may]
    wait_for_agreements(ids)
    keys = Version.objects.filter(key__in=[one.key for one in may], contract__in=listed(ids))
    done = set(keys.values_list("key", flat=True))
    new = [one for one in may if one.key not in done]
    said = turnover_versions(one.access.contract.pk for one in new)
    for one in new:
        faults = _faults(one, said.get(one.access.contract.pk, []), today)
        problems += ((fault, one) for fault in faults)
    placed = [replace(problem, row=one.row) for problem, one in problems]
    require_none(sorted(placed, key=lambda problem: problem.row or 0))
    return _propose(new) if new else []


def _propose(every: Sequence[Proposed]) -> list[Turnover]:
    """Write what may be proposed, as the next versions of what was agreed of these periods."""
    agreements = take_each(Kind.TURNOVER, [_sides(one) for one in every])
    turnovers = [
        Turnover(
            contract=one.access.contract,
            organisation_id=speaking(one.access).side_id,
            cents=one.cents,
            note=one.note,
        )
        for one in every
    ]
    proposals = [
        Proposal(
            agreement=agreements[_sides(one)],
            organisation_id=turnover.organisation_id,
            key=one.key,
            content=turnover,
        )
        for one, turnover in zip(every, turnovers, strict=True)
    ]
    propose_each(every[0].access.acting, proposals)
    return turnovers


def _sides(one: Proposed) -> Sides:
    """Between whom the turnover of a period is agreed, the client first."""
    client, contractor = one.access.client, one.access.contractor
    assert client is not None  # noqa: S101 - `may_propose` has just made sure
    assert contractor is not None  # noqa: S101
    contract = one.access.contract
    return Sides(contract.pk, client.organisation_id, contractor.organisation_id, one.period)


@holding(alone=True)
def confirm_turnover(access: ContractAccess, version_id: int, *, seen: str | None = None) -> None:
    """Agree with what the other side proposed: the obligation follows it at once, in the books.

    `seen` is the state in which it was on the screen: who did not see that a colleague disputed it
    does not end that. Raises `not_allowed`, `contract_closed`, `agreement_changed`, and as
    `plan_amendment` does.
    """
    speaker, one = _answering(access, version_id)
    if seen is not None and seen != one.state:
        raise DomainError(Problem("agreement_changed"))
    _end(access, one, Ending.CONFIRMED, by=speaker)
    planned = _book(access, one, by=speaker, reason="")
    _tell(access, one.version.turnover, "turnover_confirmed", by=speaker, planned=planned)


@holding()
def dispute_turnover(access: ContractAccess, version_id: int, *, reason: str, today: date) -> None:
    """Say why one does not agree; both see it, and until when they try to come to something.

    Raises as `confirm_turnover` does, and as `require_reason`.
    """
    speaker, one = _answering(access, version_id)
    require_reason(reason)
    until = today + timedelta(days=dispute_days(access))
    dispute(
        access.acting,
        one.version,
        organisation_id=speaker.side_id,
        reason=reason.strip(),
        until=until,
    )
    said = one.version.turnover
    _tell(access, said, "turnover_disputed", by=speaker, why=reason, ends_on=until.isoformat())


@holding()
def withdraw_turnover(access: ContractAccess, version_id: int) -> None:
    """Take back what one's own side proposed. Raises as `confirm_turnover` does."""
    speaker, one = _answering(access, version_id)
    _end(access, one, Ending.WITHDRAWN, by=speaker)
    _tell(access, one.version.turnover, "turnover_withdrawn", by=speaker)


@holding(alone=True)
def decide_turnover(access: ContractAccess, version_id: int, *, reason: str) -> None:
    """Decide for the client that its disputed proposal holds, and let the books follow it.

    Raises as `confirm_turnover` does, and as `require_reason`.
    """
    speaker, one = _answering(access, version_id)
    if not may_decide(access, one):
        raise DomainError(Problem("not_allowed"))
    require_reason(reason)
    _end(access, one, Ending.DECIDED, by=speaker, reason=reason.strip())
    planned = _book(access, one, by=speaker, reason=reason.strip())
    said = one.version.turnover
    _tell(access, said, "turnover_decided", by=speaker, planned=planned, why=reason)


def hand_turnover_on(access: ContractAccess, *, key: UUID, today: date) -> None:
    """Propose to who took a contract over what its client proposed to who went, and still waits.

    The obligation is of the contract, so who carries it out now answers for every period; who went
    sees its books no more. `key` is that of the takeover.
    """
    client, contractor = access.client, access.contractor
    here = {party.organisation_id for party in (client, contractor) if party is not None}
    every = _said(access)
    for one in every:
        went = one.waits and one.version.addressee_id not in here
        if went and not _out_of_place(access.contract, every, one.period, one.cents, today):
            propose_turnover(
                access,
                period=one.period,
                cents=one.cents,
                note=one.note,
                key=uuid5(key, f"turnover {one.version.pk}"),
                today=today,
            )


def plan_turnover(contract: Contract, period: date, cents: int) -> Planned:
    """What agreeing on the turnover of a period would do; nothing is written."""
    return plan_amendment(contract, _wanted(period, cents))


def dispute_days(access: ContractAccess) -> int:
    """How many days a dispute may last: as the client chose, or as usual."""
    chosen = access.client.organisation.dispute_days if access.client is not None else None
    return chosen or USUAL_DISPUTE_DAYS


def _why_not(access: ContractAccess) -> Problem:
    """Why somebody may not propose anything on a contract."""
    return Problem("not_allowed" if access.is_open else "contract_closed")


def _faults(one: Proposed, every: Sequence[TurnoverVersion], today: date) -> list[Problem]:
    """What is wrong with a proposal; `every` is all that was proposed on its contract."""
    contract = one.access.contract
    said = [version for version in every if version.period == one.period]
    faults = [
        *_out_of_place(contract, every, one.period, one.cents, today),
        *PLAN_NOTE.problems("toelichting", one.note),
    ] or unchanged(contract, said, one.cents)
    if not faults and one.seen not in {None, len(said)}:
        faults.append(Problem("agreement_changed"))
    return faults


def _answering(access: ContractAccess, version_id: int) -> tuple[Speaker, TurnoverVersion]:
    """Who answers, and to what. Raises `contract_closed`, `not_allowed`, `agreement_changed`."""
    one = next((one for one in _said(access) if one.version.pk == version_id), None)
    speaker = speaker_of(access)
    if one is None or speaker is None:
        raise DomainError(Problem("not_allowed"))
    if not access.is_open:
        raise DomainError(Problem("contract_closed"))
    if not one.waits:
        raise DomainError(Problem("agreement_changed"))
    return speaker, one


def _said(access: ContractAccess) -> list[TurnoverVersion]:
    return turnover_versions([access.contract.pk]).get(access.contract.pk, [])


def _end(
    access: ContractAccess, one: TurnoverVersion, ending: Ending, *, by: Speaker, reason: str = ""
) -> None:
    """Confirm or withdraw a proposal; of one that is disputed it is the end of the dispute."""
    if one.dispute is not None:
        resolve(access.acting, one.version, ending, organisation_id=by.side_id, reason=reason)
    elif ending is Ending.CONFIRMED:
        confirm(access.acting, one.version, organisation_id=by.side_id)
    else:
        withdraw(access.acting, one.version, organisation_id=by.side_id)


def _out_of_place(
    contract: Contract,
    said: Iterable[TurnoverVersion],
    period: date,
    cents: int,
    today: date,
) -> list[Problem]:
    """What is wrong with an amount of a period; `said` is all that was proposed on the contract.

    Of a period after the contract was ended, what was agreed before still holds until the two agree
    on something else.
    """
    if not 0 <= cents <= CENTS_MAX:
        return [Problem("turnover_out_of_range", "omzet")]
    its = next((one for one in _periods(contract, said, today) if one.period.first == period), None)
    if its is None:
        name = str(TurnoverPeriod.of_day(period, period_kind(contract)))
        params: dict[str, Param] = {"period": name, "start": contract.start, "end": contract.end}
        return [Problem("period_not_of_contract", "periode", params=params)]
    if not its.is_over:
        ends = min(its.period.last, contract.end)
        last: dict[str, Param] = {"period": str(its.period), "last": ends}
        return [Problem("period_not_over", "periode", params=last)]
    return []


def _wanted(period: date, cents: int, *, reason: str = "", version_id: int | None = None) -> Wanted:
    return Wanted(
        ground=Ground.TURNOVER,
        effective_on=period,
        reason=reason,
        facts={turnover_fact(period): cents},
        version_id=version_id,
    )


def _book(access: ContractAccess, one: TurnoverVersion, *, by: Speaker, reason: str) -> Planned:
    wanted = _wanted(one.period, one.cents, reason=reason, version_id=one.version.pk)
    key = uuid5(one.version.key, "agreed")
    return amend_turnover(access, wanted, key=key, by=by.organisation_id)


def _tell(
    access: ContractAccess,
    said: Turnover,
    code: str,
    *,
    by: Speaker,
    planned: Planned | None = None,
    **facts: str,
) -> None:
    """Write a notice to the other side, for a client to the team as well that works for it."""
    period = TurnoverPeriod.starting(
        said.version.agreement.period or date.min, period_kind(access.contract)
    )
    moved: Mapping[str, int] = {} if planned is None else {"owed_cents": planned.owed_cents}
    for organisation_id in others_of(access, by):
        tell_party(
            access,
            organisation_id,
            code,
            event=f"version {said.version_id}",
            page="contract-turnover",
            facts={
                "by": access.name_of(by.organisation_id),
                "period": str(period),
                "cents": said.cents,
                **moved,
                **facts,
            },
        )


def others_of(access: ContractAccess, by: Speaker) -> list[int]:
    """The organisations on the other side than `by`: the contractor, or who decides."""
    contractor = access.contractor
    if contractor is not None and by.side_id != contractor.organisation_id:
        return [contractor.organisation_id]
    deciding = {PartyRole.CLIENT, PartyRole.REGIONAL_TEAM}
    return [party.organisation_id for party in access.parties if party.role in deciding]

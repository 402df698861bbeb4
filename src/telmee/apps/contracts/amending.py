"""Amend a contract: what its facts are from a day on, and what it then owes.

Whatever changes what is owed goes through here. The page that shows what an amendment would do
asks `plan_amendment`, and `amend` does exactly that (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from telmee.apps.agreements.queries import turnover_versions
from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.carrying import (
    first_carrier,
    follow_chain,
    parties_to_tell,
    takeover_facts,
    takeover_faults,
)
from telmee.apps.contracts.chains import (
    Reckoned,
    as_change,
    chains_of,
    reckon,
    turnover_in,
    whole_of,
)
from telmee.apps.contracts.choices import TERMS, TERMS_OF, Form, Ground, PartyRole, Takeover
from telmee.apps.contracts.models import Amendment, Contract, Party
from telmee.apps.contracts.telling import tell_party
from telmee.apps.ledger.actions import post, reverse
from telmee.apps.ledger.queries import has_verified, obligation_changes, positions
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.figures import obligation_figure
from telmee.apps.receipts.models import Receipt
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import REASON, reason_problems
from telmee.core.ledger import (
    FIRST_CONTRACTOR,
    Change,
    Facts,
    Whole,
    changes_of,
    facts_on,
    moves_between,
    stages_of,
    with_contractor,
)
from telmee.core.ledger import Amendment as ChainLink
from telmee.core.money import CENTS_MAX
from telmee.core.periods import later_end

_DAY = timedelta(days=1)
#: Grounds of which the day follows from how the contract stands.
_FOLLOWING = frozenset({Ground.OPTION_USED, Ground.OVERRUN, Ground.CORRECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An amendment that somebody wants: on which ground, from which day, why, and what changes.

    `facts` are the new values by the names in `TERMS`. A correction holds from the registration;
    its day is the one from which the contract then counts. Turnover that both sides agreed names
    the `version_id` of its agreement.
    """

    ground: Ground
    effective_on: date
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    version_id: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What an amendment would do: the facts before and after it, and what moves in the books.

    `chain` is all that is then recorded, and `reckoned` what is owed from each day on. `back` are
    the entries that are taken back by id, `posts` those that come; where one leans on a figure that
    is not kept yet, its receipt is the place of that figure, counted back from -1.
    """

    number: int
    before: Facts
    after: Facts
    owed_before_cents: int
    reckoned: tuple[Reckoned, ...]
    back: tuple[tuple[int, Change], ...]
    posts: tuple[Change, ...]
    chain: tuple[ChainLink, ...]

    @property
    def owed_cents(self) -> int:
        """The whole obligation after it."""
        return self.reckoned[-1].owed.cents or 0

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """The facts of the whole chain that become others: from what, into what."""
        return {
            name: (self.before.get(name), fact)
            for name, fact in self.after.items()
            if fact != self.before.get(name)
        }

    @property
    def changed_terms(self) -> dict[str, Any]:
        """What the row of the contract is to say, of the facts that become others."""
        return {name: fact for name, (_, fact) in self.changed.items() if name in TERMS}


def option_used(contract: Contract, *, reason: str) -> Wanted:
    """The next option of a contract, from the day after its end."""
    end = later_end(contract.end, contract.extension_months)
    return Wanted(
        ground=Ground.OPTION_USED,
        effective_on=contract.end + _DAY,
        reason=reason,
        facts={"end": end},
    )


def agreed(*, amount_cents: int, effective_on: date, reason: str) -> Wanted:
    """An obligation in euros that the parties agreed, whatever the rules say."""
    facts = {"agreed_cents": amount_cents, "chosen_bp": None}
    none = {"no_obligation": "", "no_obligation_reason": ""}
    return Wanted(
        ground=Ground.AGREED, effective_on=effective_on, reason=reason, facts=facts | none
    )


def taken_over(organisation_id: int, *, how: Takeover, effective_on: date, reason: str) -> Wanted:
    """Another organisation carries the contract out from a day on."""
    return Wanted(
        ground=Ground.TAKEN_OVER,
        effective_on=effective_on,
        reason=reason,
        facts=takeover_facts(organisation_id, how),
    )


def registered_facts(contract: Contract) -> Facts:
    """The facts from the first day of a contract on: as registered, and corrected since."""
    return stages_of(chains_of([contract.pk])[contract.pk])[0].facts


def corrected(contract: Contract, facts: Facts, *, reason: str) -> Wanted:
    """A correction of the registration: the contract counts from its award, or its first day."""
    first = stages_of(chains_of([contract.pk])[contract.pk])[0]
    moved = first.effective_on == first.facts["start"]
    day: Any = facts.get("start") if moved else None
    return Wanted(
        ground=Ground.CORRECTED,
        effective_on=day or first.effective_on,
        reason=reason,
        facts=facts,
    )


def as_amended(contract: Contract, planned: Planned) -> Contract:
    """A contract as it would be after an amendment; it is not to be saved."""
    after = Contract(
        **{
            field.attname: getattr(contract, field.attname)
            for field in Contract._meta.concrete_fields  # noqa: SLF001 - public in all but name
        }
    )
    for name, fact in planned.changed_terms.items():
        setattr(after, name, fact)
    after.obligation_cents = planned.reckoned[-1].owed.cents
    return after


def plan_amendment(contract: Contract, wanted: Wanted) -> Planned:
    """What an amendment would do to a contract and its books; nothing is written.

    Raises `DomainError` with what is wrong with it: facts that contradict each other on any day
    of the chain, what the rules leave open, and `obligation_below_waived`.
    """
    chain = chains_of([contract.pk])[contract.pk]
    row = _row(contract, wanted, number=len(chain))
    *chain, link = with_contractor([*chain, as_change(row)])
    faults = [*_faults(contract, chain, link, wanted)]
    if faults:
        raise DomainError(faults)
    reckoned = reckon(contract, [*chain, link])
    standing = obligation_changes([contract.pk])[contract.pk]
    wanted_changes = changes_of(
        whole_of(one, one.receipt, place=None if one.owed.assessed is None else -place)
        for place, one in enumerate(reckoned, start=1)
    )
    back, posts = moves_between(standing, wanted_changes)
    planned = Planned(
        number=link.number,
        before=facts_on(chain),
        after=facts_on([*chain, link]),
        owed_before_cents=contract.obligation_cents or 0,
        reckoned=tuple(reckoned),
        back=tuple((entry, standing[entry]) for entry in back),
        posts=tuple(posts),
        chain=(*chain, link),
    )
    if planned.owed_cents < positions([contract.pk])[contract.pk].waived_cents:
        # Owed would be below zero, and show as surplus that nobody delivered.
        raise DomainError(Problem("obligation_below_waived", "bedrag"))
    return planned


@holding(alone=True)
def amend(
    access: ContractAccess, wanted: Wanted, *, key: UUID, seen: int | None = None
) -> Planned | None:
    """Amend a contract: its facts, what it owes, and its books, all or nothing; gives what it did.

    `seen` is the number of the last amendment that somebody looked at. Raises `contract_amended`
    when another came since, `ledger_key_reused` when the key stands for another amendment, and as
    `plan_amendment` does. The same `key` twice amends once, and gives None the second time.
    """
    by = access.require_deciding_now()
    contract = access.contract
    row = _row(contract, wanted, number=contract.amended + 1)
    known = done_before(key, Amendment.objects.filter(key=key))
    if known is not None:
        if _said(known) != _said(row):
            raise DomainError(Problem("ledger_key_reused"))
        return None
    if seen is not None and seen != contract.amended:
        latest = Amendment.objects.get(contract=contract, number=contract.amended)
        params: dict[str, Any] = {"number": latest.number, "day": latest.effective_on}
        raise DomainError(Problem("contract_amended", params=params))
    planned = plan_amendment(contract, wanted)
    row.key = key
    changed = _write(access, row, planned, by=by)
    if wanted.ground is Ground.TAKEN_OVER:
        _tell_takeover(access, row, changed)
    else:
        _tell(access, row, planned)
    return planned


def amend_turnover(access: ContractAccess, wanted: Wanted, *, key: UUID, by: int) -> Planned:
    """Let the books follow turnover that both sides agreed, for the side that agreed last.

    Who calls holds the contract alone, and has written that it is agreed. Raises as
    `plan_amendment` does.
    """
    planned = plan_amendment(access.contract, wanted)
    row = _row(access.contract, wanted, number=planned.number)
    row.key = key
    _write(access, row, planned, by=by)
    return planned


def _write(access: ContractAccess, row: Amendment, planned: Planned, *, by: int) -> list[Party]:
    """Write an amendment, its receipts, what moves in the books, the row, and who takes over.

    Gives the parties of which that changed the part.
    """
    contract = access.contract
    row.user_id, row.organisation_id = access.acting.user_id, by
    row.save(force_insert=True)
    receipts = _keep(contract, planned)
    for entry, _ in planned.back:
        reverse(
            access.acting,
            entry,
            organisation_id=by,
            reason=row.reason,
            amendment=row.number,
        )
    _post(access.acting, row, planned.posts, receipts, reason=row.reason)
    _update(contract, planned, receipts)
    taken_over = row.ground == Ground.TAKEN_OVER
    changed = follow_chain(contract, planned.chain) if taken_over else []
    _record(access.acting, contract, row, planned)
    return changed


def begin(acting: Acting, contract: Contract, terms: Facts, *, organisation_id: int) -> None:
    """Write the registration of a contract as the first of its amendments, with its obligation.

    Who calls registers it, in the same transaction.
    """
    row = Amendment(
        contract=contract,
        number=0,
        effective_on=contract.awarded_on or contract.start,
        ground=Ground.REGISTERED,
        facts=dict(terms),
        key=uuid5(contract.key, "registered"),
        user_id=acting.user_id,
        organisation_id=organisation_id,
    )
    row.save(force_insert=True)
    receipt = contract.obligation_receipt
    place = None if receipt is None else receipt.pk
    owed = changes_of([Whole(row.effective_on, contract.obligation_cents or 0, place)])
    receipts = {} if receipt is None else {receipt.pk: receipt}
    _post(acting, row, owed, receipts, reason=contract.percentage_reason)


# What may be amended ------------------------------------------------------------------------------


def _faults(
    contract: Contract, chain: list[ChainLink], link: ChainLink, wanted: Wanted
) -> Iterator[Problem]:
    of_turnover = wanted.ground is Ground.TURNOVER
    yield from reason_problems(wanted.reason, required=not of_turnover)
    own = set(map(str, wanted.facts)) - TERMS_OF.get(wanted.ground, frozenset())
    if own and not (of_turnover and own.isdisjoint(TERMS)):
        raise ValueError(f"{wanted.ground} does not change {', '.join(sorted(wanted.facts))}")
    if link.corrects and has_verified(contract.pk):
        yield Problem("registration_decided_on")
    if contract.form == Form.FRAMEWORK and wanted.ground in {Ground.AGREED, Ground.BY_THE_RULES}:
        yield Problem("framework_owes_nothing")
    amount: Any = wanted.facts.get("agreed_cents")
    if amount is not None and not 0 <= amount <= CENTS_MAX:
        yield Problem("decision_amount_out_of_range", "bedrag")
    yield from _of_turnover(contract, chain, wanted)
    if wanted.ground is Ground.TAKEN_OVER:
        yield from takeover_faults(contract, [*chain, link], link.facts, link.effective_on)
    if wanted.ground is Ground.SCHEME and link.effective_on > max(
        timezone.localdate(), contract.start
    ):  # a contract has one version for its effort, which would go by rules of later at once
        yield Problem("rules_to_come", "vanaf")
    after = stages_of([*chain, link])
    first = after[0].effective_on
    if any(one.effective_on < first for one in (*chain, link) if _has_own_day(one)):
        yield Problem("amendment_before_contract", "vanaf", params={"day": first})
    elif _has_own_day(link):
        yield from _untimely(chain, wanted)
    if any(_left(stage.facts) < 0 for stage in after):
        yield Problem("no_extension_left")
    day = max(first, wanted.effective_on)
    if facts_on(chain, day) == facts_on([*chain, link], day):
        yield Problem("amendment_changes_nothing")


def _of_turnover(contract: Contract, chain: list[ChainLink], wanted: Wanted) -> Iterator[Problem]:
    """That the periods become others, where something was said of one: both would count."""
    now = facts_on(chain)["turnover_period"]
    if wanted.facts.get("turnover_period", now) != now and turnover_versions([contract.pk]):
        yield Problem("turnover_period_in_use", "omzetperiode")


def _has_own_day(link: ChainLink) -> bool:
    """Whether somebody chose the day: not of a beginning, and not of a period of turnover.

    A period counts from the first day of the contract where it begins before that.
    """
    return not link.is_beginning and not turnover_in(link.facts)


def _untimely(chain: list[ChainLink], wanted: Wanted) -> Iterator[Problem]:
    """What is wrong with the day of an amendment, and with the end that it gives the contract."""
    facts: Any = facts_on(chain, wanted.effective_on)
    if wanted.effective_on > facts["end"] + _DAY:
        yield Problem("amendment_after_end", "vanaf", params={"day": facts["end"]})
    end = wanted.facts.get("end", facts["end"])
    later = wanted.ground is Ground.OVERRUN or (
        wanted.ground is Ground.OPTION_USED and _left(facts) > 0
    )
    if later and end <= facts["end"]:
        yield Problem("amendment_end_not_later", "eind", params={"day": facts["end"]})
    if wanted.ground is Ground.ENDED_EARLY and end >= facts["end"]:
        yield Problem("amendment_end_not_earlier", "eind", params={"day": facts["end"]})
    if wanted.ground is Ground.OVERRUN and _left(facts):
        yield Problem("extension_left", "eind")


def _left(facts: Facts) -> int:
    left: Any = facts["extension_count"]
    return int(left)


# Writing ------------------------------------------------------------------------------------------


def _row(contract: Contract, wanted: Wanted, *, number: int) -> Amendment:
    before = first_carrier(contract) if wanted.ground is Ground.TAKEN_OVER else {}
    return Amendment(
        contract=contract,
        number=number,
        effective_on=wanted.effective_on,
        ground=wanted.ground,
        reason=wanted.reason.strip()[: REASON.maximum],
        facts={**wanted.facts, **before},
        version_id=wanted.version_id,
    )


def _said(row: Amendment) -> tuple[object, ...]:
    """What two amendments must agree in to be the same one sent twice.

    What follows from how the contract stood is none of it: that is another by the second time.
    """
    facts = {} if row.ground == Ground.OPTION_USED else dict(as_change(row).facts)
    facts.pop(FIRST_CONTRACTOR, None)
    day = None if row.ground in _FOLLOWING else row.effective_on
    return row.contract_id, row.ground, day, facts


def _keep(contract: Contract, planned: Planned) -> dict[int, Receipt]:
    """The receipt of each figure that the books lean on, by its id or its place in the plan."""
    kept = {one.receipt.pk: one.receipt for one in planned.reckoned if one.receipt is not None}
    places = [
        (-place, one.owed.assessed)
        for place, one in enumerate(planned.reckoned, start=1)
        if one.owed.assessed is not None
    ]
    figures = [obligation_figure(assessed, contract_id=contract.pk) for _, assessed in places]
    return kept | dict(zip((place for place, _ in places), keep(figures), strict=True))


def _post(
    acting: Acting,
    row: Amendment,
    changes: Iterable[Change],
    receipts: Mapping[int, Receipt],
    *,
    reason: str,
) -> None:
    for change in changes:
        post(
            acting,
            organisation_id=row.organisation_id or 0,
            contract_id=row.contract_id,
            kind=change.kind,
            amount_cents=change.amount_cents,
            effective_on=change.effective_on,
            key=uuid5(row.key, f"{change.effective_on} {change.kind}"),
            reason=reason,
            receipt=None if change.receipt is None else receipts[change.receipt],
            amendment=row.number,
        )


def _update(contract: Contract, planned: Planned, receipts: Mapping[int, Receipt]) -> None:
    """Let the row of the contract say what its whole chain comes to."""
    last = planned.reckoned[-1]
    for name, fact in planned.changed_terms.items():
        setattr(contract, name, fact)
    contract.amended = planned.number
    contract.obligation_cents = last.owed.cents
    contract.no_obligation = last.owed.why_none
    place = -len(planned.reckoned)
    contract.obligation_receipt = last.receipt or receipts.get(place)
    contract.save(
        update_fields=[
            *planned.changed_terms,
            "amended",
            "no_obligation",
            "obligation_cents",
            "obligation_receipt",
        ]
    )


def _record(acting: Acting, contract: Contract, row: Amendment, planned: Planned) -> None:
    obligation = {"obligation_cents": [planned.owed_before_cents, planned.owed_cents]}
    moved = planned.owed_before_cents != planned.owed_cents
    taken_over = row.ground == Ground.TAKEN_OVER
    record(
        acting,
        "contract.amended",
        contract,
        organisation_id=row.organisation_id,
        contract_id=contract.pk,
        reason=row.reason,
        details={
            "amendment": row.number,
            "ground": str(row.ground),
            "effective_on": row.effective_on.isoformat(),
            **{name: [_plain(old), _plain(new)] for name, (old, new) in planned.changed.items()},
            **(obligation if moved else {}),
            **({"parties": parties_to_tell(contract.parties.all())} if taken_over else {}),
        },
    )


def _tell(access: ContractAccess, row: Amendment, planned: Planned) -> None:
    """A notice to who carries the contract out: that it changed, and what it owes now."""
    if access.contractor is None:
        return
    moved = planned.owed_before_cents != planned.owed_cents
    tell_party(
        access,
        access.contractor.organisation_id,
        "contract_amended",
        event=f"contract {row.contract_id} amendment {row.number}",
        page="contract-history",
        facts={
            "by": access.name_of(row.organisation_id),
            "why": row.reason,
            "cents": planned.owed_cents if moved else None,
        },
    )


def _tell_takeover(access: ContractAccess, row: Amendment, changed: Iterable[Party]) -> None:
    """A notice to each whose part changed: from when he carries the contract out, or no more."""
    for party in changed:
        carries = party.role == PartyRole.CONTRACTOR
        tell_party(
            access,
            party.organisation_id,
            "takeover_begins" if carries else "takeover_ends",
            event=f"contract {row.contract_id} amendment {row.number} {party.role}",
            page="contract",
            facts={
                "by": access.name_of(row.organisation_id),
                "why": row.reason,
                "day": party.since.isoformat() if party.since else None,
            },
        )


def _plain(fact: Any) -> Any:
    return fact.isoformat() if isinstance(fact, date) else fact

"""The chain of amendments of a contract: the facts it comes to, and what is owed from each day on.

A figure that was kept is not calculated again: from a day with the same facts the same receipt
holds, also after the engine changed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from telmee.apps.audit.models import Event
from telmee.apps.contracts.choices import TERMS, Form, Ground, NoObligation, PartyRole
from telmee.apps.contracts.facts import (
    OF_TENDER,
    ContractFacts,
    Owed,
    estimate_of,
    owed_of,
    own_inputs,
)
from telmee.apps.contracts.models import Amendment, Contract, Party
from telmee.apps.ledger.queries import obligation_changes
from telmee.apps.organisations.many import batches, listed
from telmee.apps.receipts.choices import Kind
from telmee.apps.receipts.models import Receipt
from telmee.apps.schemes.models import SchemeVersion
from telmee.apps.schemes.queries import rules_of, schemes_of
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import (
    CONTRACTOR,
    Facts,
    Stage,
    Whole,
    carriers_of,
    changes_of,
    facts_on,
    stages_of,
    with_contractor,
)
from telmee.core.ledger import Amendment as Change
from telmee.core.obligations import Status
from telmee.core.schemes.model import Scheme

_BATCH = 500
#: What a contract says beside its amendments: its award may be filled in by itself, and why there
#: is no obligation is what came out.
_OF_THE_ROW = frozenset({"awarded_on", "no_obligation"})
#: Events that may tell of the award; the latest of them says which day it is.
_TELL_OF_AWARD = ("contract.changed", "contract.amended")
_EMPTY = {"rules_client": "", "no_obligation": ""}
#: A receipt by the version and the facts of the contract itself. What its framework agreement was
#: at that moment is in the receipt, and changes nothing of what was imposed.
_Kept = Mapping[tuple[int, str], Receipt]


def terms_of(facts: ContractFacts, version: SchemeVersion) -> dict[str, Any]:
    """The facts with which a contract is registered, as its first amendment has them."""
    registered = {name: getattr(facts, name) for name in TERMS if name != "scheme_id"}
    emptied = {name: registered[name] or empty for name, empty in _EMPTY.items()}
    return registered | emptied | {"scheme_id": version.pk}


def facts_as(contract: Contract, terms: Facts) -> ContractFacts:
    """What is told of a contract, by the facts of a day of its chain."""
    facts: dict[str, Any] = {
        name: fact for name, fact in terms.items() if name in _FIELDS and name != "scheme_id"
    }
    facts |= {name: facts[name] or None for name in _EMPTY}
    return ContractFacts(
        reference=contract.reference,
        name=contract.name,
        form=Form(contract.form),
        parent_id=contract.parent_id,
        scheme="",
        turnover_cents=sum(turnover_in(terms).values()),
        framework=_framework_at_hand(contract),
        **facts,
    )


def _framework_at_hand(contract: Contract) -> Contract | None:
    """The framework agreement of a call-off where it was read along with it."""
    is_there = contract.parent_id and Contract.parent.is_cached(contract)
    return contract.parent if is_there else None


def estimate_now(contract: Contract) -> int | None:
    """What a contract would come to owe if its sum were invoiced, as it stands now; in cents.

    None where it reckons over no turnover, and where its rules leave that open.
    """
    facts = facts_as(contract, {name: getattr(contract, name) for name in TERMS})
    try:
        estimate = estimate_of(facts, contract.scheme)
    except DomainError:
        return None
    return None if estimate is None else estimate.owed_cents


def chains_of(contract_ids: Iterable[int], *, using: str = "default") -> dict[int, list[Change]]:
    """The chain of each contract by its id, in the order of recording. Runs one query."""
    rows = Amendment.objects.using(using).filter(contract_id__in=listed(contract_ids))
    chains: dict[int, list[Change]] = defaultdict(list)
    for row in rows.order_by("contract_id", "number"):
        chains[row.contract_id].append(as_change(row))
    return defaultdict(list, {pk: with_contractor(chain) for pk, chain in chains.items()})


def as_change(row: Amendment) -> Change:
    """An amendment as the rules of a chain see it; dates are dates again."""
    return Change(
        number=row.number,
        effective_on=row.effective_on,
        facts={
            name: _FIELDS[name].to_python(fact) if name in _FIELDS else fact
            for name, fact in row.facts.items()
        },
        corrects=row.ground == Ground.CORRECTED,
        uses_option=row.ground == Ground.OPTION_USED,
        voids=row.ground == Ground.VOIDED,
    )


_FIELDS: Mapping[str, Any] = {
    name: Contract._meta.get_field(name)  # noqa: SLF001 - public in all but name
    for name in TERMS
}
#: Before the first day of a period, in the name of the fact of its turnover. Each period is a fact
#: of its own, so that periods can be agreed in any order.
TURNOVER_FACT = "turnover "


def turnover_fact(period: date) -> str:
    """The name of the fact of what both sides agreed of a period, which its first day names."""
    return f"{TURNOVER_FACT}{period.isoformat()}"


def turnover_in(facts: Facts) -> dict[date, int]:
    """The agreed turnover among facts, in cents, by the first day of the period."""
    return {
        date.fromisoformat(name.removeprefix(TURNOVER_FACT)): cents
        for name, cents in facts.items()
        if name.startswith(TURNOVER_FACT) and isinstance(cents, int)
    }


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a contract owes from a day on, with the receipt where this was kept before."""

    stage: Stage
    owed: Owed
    receipt: Receipt | None = None


def owed_after(proposals: Sequence[tuple[Contract, date, int]]) -> list[int | None]:
    """What contracts would owe with turnover of a period that is agreed; each by itself, in cents.

    None where the rules leave it open. Runs three queries, however many there are.
    """
    ids = {contract.pk for contract, _, _ in proposals}
    chains, kept = chains_of(ids), _kept(ids)
    stages = [
        stages_of([*chain, Change(len(chain), period, {turnover_fact(period): cents})])
        for contract, period, cents in proposals
        if (chain := chains[contract.pk])
    ]
    versions = _versions(stage for of_one in stages for stage in of_one)
    owed: list[int | None] = []
    for (contract, _, _), of_one in zip(proposals, stages, strict=True):
        try:
            last = _reckoned(contract, of_one[-1], kept[contract.pk], versions)
            owed.append(last.owed.cents or 0)
        except DomainError:
            owed.append(None)
    return owed


def reckon(contract: Contract, chain: Iterable[Change]) -> list[Reckoned]:
    """What a contract owes from each day of its chain on, the earliest first.

    Raises `DomainError` for facts of a day that contradict each other, and with what the rules
    leave open.
    """
    stages = stages_of(chain)
    versions = _versions(stages)
    kept = _kept([contract.pk])[contract.pk]
    return [_reckoned(contract, stage, kept, versions) for stage in stages]


def _versions(stages: Iterable[Stage]) -> dict[Any, SchemeVersion]:
    """The scheme versions that stages name, by their id."""
    ids = {stage.facts["scheme_id"] for stage in stages}
    return SchemeVersion.objects.defer("document").in_bulk(ids)


@dataclass(frozen=True, slots=True)
class History:
    """The facts of a contract on a day, and all that was ever recorded of it."""

    facts: Facts
    amendments: tuple[Amendment, ...]


def history_of(contract: Contract, day: date) -> History:
    """How a contract stood on a day, and each of its amendments in the order of recording."""
    rows = tuple(Amendment.objects.filter(contract=contract).order_by("number"))
    return History(facts_on(with_contractor(map(as_change, rows)), day), rows)


def rules_on(contract: Contract, days: Iterable[date]) -> dict[date, Scheme]:
    """The rules of a contract on each of some days.

    The contract itself has those of its whole chain, also where they hold only from a later day on:
    who does not see its amendments has only these. Runs no query where nothing was amended, and
    else two.
    """
    chain = chains_of([contract.pk])[contract.pk] if contract.amended else []
    if not chain:
        return dict.fromkeys(days, rules_of(contract.scheme))
    versions: dict[date, Any] = {day: facts_on(chain, day)["scheme_id"] for day in days}
    rules = schemes_of(set(versions.values()))
    return {day: rules[version] for day, version in versions.items()}


def _reckoned(
    contract: Contract, stage: Stage, kept: _Kept, versions: Mapping[Any, SchemeVersion]
) -> Reckoned:
    version = versions[stage.facts["scheme_id"]]
    known = _as_kept(contract, stage, kept, rules_of(version))
    if known is not None:
        return known
    return Reckoned(stage, owed_of(facts_as(contract, stage.facts), version))


def _as_kept(contract: Contract, stage: Stage, kept: _Kept, rules: Scheme) -> Reckoned | None:
    """What is owed from a day on where no rule has to be asked again; None where one has."""
    facts = facts_as(contract, stage.facts)
    if facts.form == Form.FRAMEWORK:
        return Reckoned(stage, Owed(None))
    if facts.no_obligation is not None:
        return Reckoned(stage, Owed(None, facts.no_obligation))
    version: Any = stage.facts["scheme_id"]
    receipt = kept.get((version, _written(own_inputs(facts, rules))))
    if receipt is None:
        return None
    if receipt.status == Status.NOTHING_OWED and facts.agreed_cents is None:
        return Reckoned(stage, Owed(None, NoObligation.BELOW_THRESHOLD), receipt)
    return Reckoned(stage, Owed(receipt.cents), receipt)


def _kept(
    contract_ids: Iterable[int], *, using: str = "default"
) -> dict[int, dict[tuple[int, str], Receipt]]:
    """The receipts of the obligations of contracts, by contract and by their facts."""
    rows = Receipt.objects.using(using).filter(
        contract_id__in=listed(contract_ids), kind=Kind.OBLIGATION, named_cents=None
    )
    kept: dict[int, dict[tuple[int, str], Receipt]] = defaultdict(dict)
    for row in rows.defer("steps").order_by("pk"):
        own = {name: fact for name, fact in row.inputs.items() if name not in OF_TENDER}
        kept[row.contract_id].setdefault((row.scheme_id, _written(own)), row)
    return kept


def _written(inputs: Mapping[str, Any]) -> str:
    return json.dumps(inputs, sort_keys=True)


# The check ----------------------------------------------------------------------------------------


def check_amendments(using: str = "default") -> Iterator[Problem]:
    """Fold every chain, and compare what it comes to with the contract and with its books.

    Asks for the owner's connection, as the check of the books does.
    """
    contracts = Contract.objects.using(using).order_by("pk").iterator(_BATCH)
    for batch in batches(contracts, _BATCH):
        ids = [contract.pk for contract in batch]
        chains, kept = chains_of(ids, using=using), _kept(ids, using=using)
        rules = schemes_of(_schemes_named(chains.values()))
        standing = obligation_changes(ids, using=using)
        awards = _awards_told(ids, using=using)
        parties = Party.objects.using(using).filter(contract__in=ids, role=PartyRole.CONTRACTOR)
        carrying = dict(parties.values_list("contract_id", "organisation_id"))
        for contract in batch:
            chain = chains[contract.pk]
            contract_id: dict[str, int] = {"contract": contract.pk}
            numbers = [change.number for change in chain]
            if numbers != list(range(contract.amended + 1)):
                yield Problem("amendment_missing", params=contract_id)
                continue
            yield from _differing_facts(contract, facts_on(chain))
            if contract.awarded_on != awards.get(contract.pk, facts_on(chain)["awarded_on"]):
                yield Problem(
                    "amendment_fact_differs", params={**contract_id, "fact": "awarded_on"}
                )
            carriers = carriers_of(chain)
            if carriers and carriers[-1].organisation != carrying.get(contract.pk):
                yield Problem("amendment_fact_differs", params={**contract_id, "fact": CONTRACTOR})
            if chain[-1].voids != (contract.voided_on is not None):
                yield Problem("amendment_fact_differs", params={**contract_id, "fact": "voided_on"})
            stages = [
                _as_kept(contract, stage, kept[contract.pk], rules[_scheme_of(stage)])
                for stage in stages_of(chain)
            ]
            wholes = [whole_of(one, one.receipt) for one in stages if one is not None]
            changes = Counter(() if chain[-1].voids else changes_of(wholes))
            if any(one is None for one in stages) or changes != Counter(
                standing[contract.pk].values()
            ):
                yield Problem("amendment_books_differ", params=contract_id)
            else:
                yield from _differing_outcome(contract, stages[-1])


def _awards_told(contract_ids: Iterable[int], *, using: str) -> dict[int, date | None]:
    """The day of the award as the journal last said, of contracts where it did."""
    events = Event.objects.using(using).filter(
        contract_id__in=listed(contract_ids), verb__in=_TELL_OF_AWARD, details__has_key="awarded_on"
    )
    rows = events.order_by("at", "pk").values_list("contract_id", "details__awarded_on__1")
    return {contract or 0: date.fromisoformat(day) if day else None for contract, day in rows}


def _scheme_of(stage: Stage) -> int:
    version: Any = stage.facts["scheme_id"]
    return int(version)


def _schemes_named(chains: Iterable[Iterable[Change]]) -> set[Any]:
    links = (link for chain in chains for link in chain)
    return {link.facts["scheme_id"] for link in links if "scheme_id" in link.facts}


def whole_of(reckoned: Reckoned, receipt: Receipt | None, *, place: int | None = None) -> Whole:
    """The obligation from a day on; `place` stands for a receipt that is not kept yet."""
    number = place if receipt is None else receipt.pk
    return Whole(reckoned.stage.effective_on, reckoned.owed.cents or 0, number)


def _differing_facts(contract: Contract, facts: Facts) -> Iterator[Problem]:
    for name in sorted(facts.keys() & _FIELDS.keys() - _OF_THE_ROW):
        if getattr(contract, name) != facts[name]:
            yield Problem("amendment_fact_differs", params={"contract": contract.pk, "fact": name})


def _differing_outcome(contract: Contract, last: Reckoned | None) -> Iterator[Problem]:
    """What the row says of how it came to owe this, where its chain came to something else."""
    if last is None:
        return
    receipt = None if last.receipt is None else last.receipt.pk
    outcome = {"obligation_receipt_id": receipt, "no_obligation": last.owed.why_none or ""}
    for name, came_to in outcome.items():
        if getattr(contract, name) != came_to:
            yield Problem("amendment_fact_differs", params={"contract": contract.pk, "fact": name})

"""What is told of a new contract, and what it owes by the rules of its scheme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from inspect import signature
from typing import Any
from uuid import UUID

from telmee.apps.contracts.choices import Category, Form, NoObligation
from telmee.apps.contracts.models import Contract
from telmee.apps.schemes.models import SchemeVersion
from telmee.apps.schemes.queries import rules_of, version_for, version_named
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import LOT, NAME, REASON, REFERENCE, FreeText
from telmee.core.ledger import Position
from telmee.core.obligations import Assessment, Basis, Status, assess, holiday_years
from telmee.core.obligations import Category as CoreCategory
from telmee.core.obligations import Contract as CoreContract
from telmee.core.obligations.obligation_receipt import inputs_of
from telmee.core.obligations.percentages import reckons_over_turnover, reckons_with_vat
from telmee.core.periods import later_end
from telmee.core.schemes.model import Scheme
from telmee.core.schemes.select import day_of_contract
from telmee.integrations.holidays_nl import public_holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """A contract as it is registered: amounts in cents, shares in basis points.

    `scheme` names a family of versions; the contract's own date picks one. With `no_obligation`
    the contract owes nothing and says why; with `agreed_cents` it owes what the parties wrote
    down; else what follows from the rules. `rules_client` is the key of the client within the
    scheme, where that asks for one, `eu_threshold_cents` the European threshold where the scheme
    does not say which of them it means, and `with_vat_cents` the value where it reckons with VAT.
    `over_turnover`, `turnover_period` and `client_decides` are what the contract itself says of
    turnover, and `turnover_cents` what both sides agreed of it so far. `framework` is the framework
    agreement of a call-off, where it is at hand.
    `reference_again` says that another contract of the client has this reference too, and that
    this is no mistake.
    """

    reference: str
    name: str
    category: Category
    scheme: str
    start: date
    end: date
    value_cents: int
    form: Form = Form.SINGLE
    procurement: str = ""
    lot: str = ""
    cpv: str | None = None
    published_on: date | None = None
    awarded_on: date | None = None
    extension_count: int = 0
    extension_months: int = 0
    wages_cents: int | None = None
    labour_share_bp: int | None = None
    offered_bp: int | None = None
    chosen_bp: int | None = None
    rules_client: str | None = None
    eu_threshold_cents: int | None = None
    with_vat_cents: int | None = None
    agreed_cents: int | None = None
    over_turnover: bool = False
    turnover_period: str = ""
    turnover_cents: int = 0
    client_decides: bool = False
    percentage_reason: str = ""
    no_obligation: NoObligation | None = None
    no_obligation_reason: str = ""
    parent_id: int | None = None
    adviser_id: int | None = None
    reference_again: bool = False
    key: UUID | None = None
    framework: Contract | None = None


def registration_faults(
    *,
    form: str | None,
    start: date | None,
    end: date | None,
    has_contractor: bool,
    parent_id: int | None,
    no_obligation: str | None,
    no_obligation_reason: str,
    agreed_cents: int | None,
    chosen_bp: int | None,
    percentage_reason: str,
) -> Iterator[Problem]:
    """How the facts of a new contract contradict each other; None means "not said yet".

    A page asks this while facts are still missing, so that everything is told at once.
    """
    if start is not None and end is not None and end < start:
        yield Problem("contract_end_before_start", "eind")
    if not has_contractor and form != Form.FRAMEWORK:
        yield Problem("missing_contractor", "opdrachtnemer")
    if form == Form.CALL_OFF and parent_id is None:
        yield Problem("missing_framework", "raamovereenkomst")
    if no_obligation and not no_obligation_reason.strip():
        yield Problem("missing_explanation", "toelichting")
    somebody_chose = agreed_cents is not None or chosen_bp is not None
    if somebody_chose and not percentage_reason.strip():
        yield Problem("missing_percentage_reason", "reden_percentage")


#: The facts that people type in words: what each is, and the column of its problems.
TEXTS: Mapping[str, tuple[FreeText, str]] = {
    "reference": (REFERENCE, "kenmerk"),
    "name": (NAME, "naam"),
    "procurement": (REFERENCE, "aanbesteding"),
    "lot": (LOT, "perceel"),
    "percentage_reason": (REASON, "reden_percentage"),
    "no_obligation_reason": (REASON, "toelichting"),
}


def text_faults(facts: Mapping[str, object]) -> Iterator[Problem]:
    """What is wrong with the facts that are typed in words: too long, or with unseen signs."""
    for name, (kind, column) in TEXTS.items():
        if name in facts:
            yield from kind.problems(column, str(facts[name]))


def told_of(facts: ContractFacts) -> dict[str, Any]:
    """The arguments of `registration_faults` from facts that are complete."""
    names = signature(registration_faults).parameters.keys() - {"has_contractor"}
    return {name: getattr(facts, name) for name in names}


def version_of(facts: ContractFacts) -> SchemeVersion:
    """Pick the scheme version by the contract's own date: the one that the scheme says.

    A scheme that does not say which date is read as: publication, else award, else start. Raises
    `DomainError` `no_version_in_force` or `unknown_scheme`.
    """
    days = {"publication": facts.published_on, "award": facts.awarded_on}
    newest = rules_of(version_named(facts.scheme))
    return version_for(facts.scheme, day_of_contract(newest, days, facts.start))


def assess_facts(facts: ContractFacts, version: SchemeVersion) -> Assessment:
    """What the contract owes. Raises `DomainError` with every fault of the facts."""
    scheme = rules_of(version)
    return _assessed(scheme, replace(_own(facts, scheme), **_of_tender(facts)))


def estimate_of(facts: ContractFacts, version: SchemeVersion) -> Assessment | None:
    """What a contract would come to owe if its sum were invoiced; None where that is no question.

    It stands in no books: a percentage of turnover follows what both sides agree. Raises as
    `assess_facts` does.
    """
    scheme = rules_of(version)
    own = _own(facts, scheme)
    if own.turnover_cents is None or facts.no_obligation is not None:
        return None
    return _assessed(scheme, replace(own, turnover_cents=None, **_of_tender(facts)))


def _assessed(scheme: Scheme, contract: CoreContract) -> Assessment:
    return assess(scheme, contract, holidays=_holidays(scheme, contract))


@dataclass(frozen=True, slots=True)
class Owed:
    """What a contract owes in cents, or why nothing, and how that came about."""

    cents: int | None
    why_none: str = ""
    assessed: Assessment | None = None


def owed_of(facts: ContractFacts, version: SchemeVersion) -> Owed:
    """What a contract owes by these facts; a framework agreement owes nothing itself.

    Raises `DomainError` with every fault of the facts, and with what the rules leave open.
    """
    if facts.form == Form.FRAMEWORK:
        return Owed(None)
    if facts.no_obligation is not None:
        return Owed(None, facts.no_obligation)
    assessment = assess_facts(facts, version)
    if assessment.owed_cents is None:
        raise DomainError(assessment.problems or Problem("obligation_needs_judgement"))
    if assessment.status is Status.NOTHING_OWED and facts.agreed_cents is None:
        return Owed(None, NoObligation.BELOW_THRESHOLD, assessment)
    return Owed(assessment.owed_cents, assessed=assessment)


#: What the rules are told of the tender, beside the facts of the contract itself.
OF_TENDER = frozenset({"published", "framework_cents", "framework_start", "framework_end"})


def own_inputs(facts: ContractFacts, scheme: Scheme) -> dict[str, Any]:
    """The facts of a contract itself as a receipt has them: nothing of its framework agreement."""
    return inputs_of(_own(facts, scheme))


def _own(facts: ContractFacts, scheme: Scheme) -> CoreContract:
    """The facts as the rules see them, with the agreed turnover where they reckon over that."""
    contract = CoreContract(
        category=CoreCategory(facts.category),
        value_cents=facts.value_cents,
        start=facts.start,
        end=facts.end,
        wages_cents=facts.wages_cents,
        labour_share_bp=facts.labour_share_bp,
        bid=facts.published_on,
        award=facts.awarded_on,
        client=facts.rules_client,
        eu_threshold_cents=facts.eu_threshold_cents,
        with_vat_cents=facts.with_vat_cents,
        basis=Basis.TURNOVER if facts.over_turnover else Basis.SUM,
        offered_bp=facts.offered_bp,
        chosen_bp=facts.chosen_bp,
        agreed_cents=facts.agreed_cents,
    )
    if not reckons_over_turnover(scheme, contract):
        return contract
    return replace(contract, turnover_cents=facts.turnover_cents)


def _of_tender(facts: ContractFacts) -> dict[str, Any]:
    """What is known of the tender: for a call-off that of the framework, which decides whether."""
    framework = facts.framework
    if framework is None and facts.parent_id:
        framework = Contract.objects.filter(pk=facts.parent_id).first()
    if framework is None:
        return {"published": facts.published_on}
    return {
        "published": framework.published_on or facts.published_on,
        "framework_cents": framework.value_cents,
        "framework_start": framework.start,
        "framework_end": last_day_of(framework),
    }


def last_day_of(contract: Contract) -> date:
    """The last day of a contract when every extension option that is left is used."""
    return later_end(contract.end, contract.extension_count * contract.extension_months)


def assess_contract(
    contract: Contract,
    position: Position,
    *,
    expected_cents: int | None = None,
    today: date,
    rules: Scheme | None = None,
) -> Assessment:
    """By when what is due on a contract, and what a shortfall costs.

    What it owes is what stands in the books: the rules had their say when it was imposed. Without
    `expected_cents` the shortfall is what is open today, and without `rules` those count that the
    contract has at the end of its chain.
    """
    scheme = rules or rules_of(contract.scheme)
    facts = replace(
        _facts_of(contract),
        agreed_cents=position.owed_cents,
        turnover_cents=_turnover_of(contract),
        realised_cents=position.met_cents,
        expected_cents=None if expected_cents is None else max(expected_cents, position.met_cents),
        as_of=today,
    )
    return assess(scheme, facts, holidays=_holidays(scheme, facts))


def reckons_over(contract: Contract) -> bool:
    """Whether what a contract owes is a percentage of its turnover, as it stands now."""
    if contract.form == Form.FRAMEWORK or contract.no_obligation:
        return False
    return reckons_over_turnover(rules_of(contract.scheme), _with_rate(contract))


def _turnover_of(contract: Contract) -> int | None:
    """The agreed turnover of which the books hold a percentage; None where they follow none."""
    if contract.obligation_receipt_id is None or not reckons_over(contract):
        return None
    receipt: Any = contract.obligation_receipt
    turnover: int | None = receipt.inputs.get("turnover_cents")
    return turnover


def is_with_vat(contract: Contract) -> bool:
    """Whether the turnover of a contract is agreed with VAT: only where its rules reckon so."""
    return reckons_with_vat(rules_of(contract.scheme), _with_rate(contract))


def _with_rate(contract: Contract) -> CoreContract:
    """What a contract is, with all that its percentage turns on."""
    return _facts_of(
        contract,
        client=contract.rules_client or None,
        basis=Basis.TURNOVER if contract.over_turnover else Basis.SUM,
        offered_bp=contract.offered_bp,
        chosen_bp=contract.chosen_bp,
        agreed_cents=contract.agreed_cents,
        with_vat_cents=contract.with_vat_cents,
    )


def _facts_of(contract: Contract, **more: Any) -> CoreContract:
    return CoreContract(
        category=CoreCategory(contract.category),
        value_cents=contract.value_cents,
        start=contract.start,
        end=contract.end,
        wages_cents=contract.wages_cents,
        labour_share_bp=contract.labour_share_bp,
        bid=contract.published_on,
        award=contract.awarded_on,
        **more,
    )


def _holidays(scheme: Scheme, contract: CoreContract) -> frozenset[date]:
    return public_holidays(holiday_years(scheme, contract))

"""What is told of a new contract, and what it owes by the rules of its scheme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from telmee.apps.contracts.choices import Category, Form, NoObligation
from telmee.apps.schemes.models import SchemeVersion
from telmee.apps.schemes.queries import scheme_of, version_for, version_named
from telmee.core.obligations import Assessment, assess, holiday_years
from telmee.core.obligations import Category as CoreCategory
from telmee.core.obligations import Contract as CoreContract
from telmee.core.schemes.model import Scheme
from telmee.integrations.holidays_nl import public_holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """A contract as it is registered: amounts in cents, shares in basis points.

    `scheme` names a family of versions; the contract's own date picks one. With `no_obligation`
    the contract owes nothing and says why; with `agreed_cents` it owes what the parties wrote
    down; else what follows from the rules. `rules_client` is the key of the client within the
    scheme, where that asks for one.
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
    rules_client: str | None = None
    agreed_cents: int | None = None
    percentage_reason: str = ""
    no_obligation: NoObligation | None = None
    no_obligation_reason: str = ""
    parent_id: int | None = None
    adviser_id: int | None = None
    key: UUID | None = None


def version_of(facts: ContractFacts) -> SchemeVersion:
    """Pick the scheme version by the contract's own date: the one that the scheme says.

    A scheme that does not say which date is read as: publication, else award, else start. Raises
    `DomainError` `no_version_in_force` or `unknown_scheme`.
    """
    moments = {
        "publication": facts.published_on,
        "award": facts.awarded_on,
        "contract": facts.start,
    }
    newest = scheme_of(version_named(facts.scheme).pk)
    moment = moments.get(newest.selected_by or "")
    return version_for(
        facts.scheme, moment or facts.published_on or facts.awarded_on or facts.start
    )


def assess_facts(facts: ContractFacts, version: SchemeVersion) -> Assessment:
    """Tell what the contract owes. Raises `DomainError` with every fault of the facts."""
    scheme = scheme_of(version.pk)
    contract = _as_core(facts)
    return assess(scheme, contract, holidays=_holidays(scheme, contract))


def _as_core(facts: ContractFacts) -> CoreContract:
    return CoreContract(
        category=CoreCategory(facts.category),
        value_cents=facts.value_cents,
        start=facts.start,
        end=facts.end,
        wages_cents=facts.wages_cents,
        labour_share_bp=facts.labour_share_bp,
        bid=facts.published_on,
        award=facts.awarded_on,
        client=facts.rules_client,
        offered_bp=facts.offered_bp,
        agreed_cents=facts.agreed_cents,
    )


def _holidays(scheme: Scheme, contract: CoreContract) -> frozenset[date]:
    return public_holidays(holiday_years(scheme, contract))


def extended_end(end: date, months: int) -> date:
    """Give the last day after an extension by whole months."""
    month = end.month - 1 + months
    year, month = end.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=end.day - 1), following - timedelta(days=1))

"""The receipt of an obligation and of a sanction: the facts that they follow from.

A contract leans on no other contract, so its own facts and the scheme are enough to do it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from telmee.core.obligations.assess import Assessment, assess
from telmee.core.obligations.contract import Basis, Category, Contract, HeldCertificate
from telmee.core.schemes.model import Scheme

#: How a fact is read back; amounts, shares and keys are kept as they are.
_READ: Mapping[str, Callable[[Any], Any]] = {
    "category": Category,
    "basis": Basis,
    "certificates": lambda kept: tuple(_certificate(one) for one in kept),
    **dict.fromkeys(
        (
            *("start", "end", "framework_start", "framework_end", "published"),
            *("bid", "award", "final_award", "completion", "as_of"),
        ),
        date.fromisoformat,
    ),
}


def inputs_of(contract: Contract) -> dict[str, Any]:
    """Write the facts of a contract as JSON: dates in ISO, and nothing that was not told."""
    facts = asdict(contract)
    facts["certificates"] = [_plain_facts(one) for one in facts["certificates"]]
    return _plain_facts(facts)


def contract_from(inputs: Mapping[str, Any]) -> Contract:
    """Read the facts of a contract back."""
    return Contract(**{name: _READ.get(name, _as_it_is)(fact) for name, fact in inputs.items()})


def recompute_assessment(scheme: Scheme, inputs: Mapping[str, Any]) -> Assessment:
    """Assess a contract again from the facts in a receipt.

    Holidays move only deadlines, and no amount, so they are left out.
    """
    return assess(scheme, contract_from(inputs))


def _plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(fact) for name, fact in facts.items() if fact not in (None, [])}


def _plain(fact: Any) -> Any:
    return fact.isoformat() if isinstance(fact, date) else fact


def _certificate(kept: Mapping[str, Any]) -> HeldCertificate:
    until = kept.get("valid_until")
    return HeldCertificate(kept["key"], until and date.fromisoformat(until))


def _as_it_is(fact: Any) -> Any:
    return fact

"""Figures that are about to be kept: what the rules said, in the shape of a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from telmee.apps.receipts.choices import Kind
from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.obligations import ENGINE_VERSION as OBLIGATIONS_VERSION
from telmee.core.obligations import Assessment
from telmee.core.obligations.obligation_receipt import inputs_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import PERSON
from telmee.core.valuation.line_receipt import Receipt as LineReceipt


@dataclass(frozen=True, slots=True)
class Named:
    """An amount that a person named in place of the engine's: how much, who and why."""

    cents: int
    user_id: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure on a contract with everything it follows from; amounts in whole cents.

    `problems` say why a line has no value. `organisation_id` is who delivers, `person_id` the row
    of the person it is about.
    """

    kind: Kind
    scheme: Scheme
    engine: int
    inputs: Mapping[str, Any]
    status: str
    cents: int | None
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...] = ()
    used: Mapping[str, Any] = field(default_factory=dict)
    contract_id: int
    organisation_id: int | None = None
    person_id: int | None = None
    named: Named | None = None

    def named_by(self, named: Named | None) -> Figure:
        """The same figure with the amount that a person named beside it, if one did."""
        return replace(self, named=named)


def line_figure(
    receipt: LineReceipt,
    steps: tuple[Step, ...],
    scheme: Scheme,
    *,
    problems: Iterable[Problem],
    contract_id: int,
    organisation_id: int,
    kind: Kind = Kind.CONTRIBUTION,
    number: int = 1,
) -> Figure:
    """Make the figure of a line of effort, or of a line of a plan that is promised `number` times.

    The engine knew the person by the number of his row: that is what `persoon` holds.
    """
    person = receipt.inputs.get(PERSON)
    used = {
        "end": receipt.end,
        "limit_end": receipt.limit_end,
        "withheld": list(receipt.withheld),
        "taken_off": dict(receipt.taken_off),
    }
    plan = {"number": number} if kind is Kind.PLAN else {}
    cents = receipt.value_cents
    return Figure(
        kind=kind,
        scheme=scheme,
        engine=receipt.engine,
        inputs=receipt.inputs,
        status=receipt.status,
        cents=None if cents is None else cents * number,
        steps=steps,
        problems=tuple(problems),
        used={name: fact for name, fact in (used | plan).items() if fact},
        contract_id=contract_id,
        organisation_id=organisation_id,
        person_id=None if person is None else int(person),
    )


def obligation_figure(assessed: Assessment, *, contract_id: int) -> Figure:
    """Make the figure of what a contract owes."""
    return Figure(
        kind=Kind.OBLIGATION,
        scheme=assessed.scheme,
        engine=OBLIGATIONS_VERSION,
        inputs=inputs_of(assessed.contract),
        status=str(assessed.status),
        cents=assessed.owed_cents,
        steps=assessed.explanation,
        contract_id=contract_id,
    )


def sanction_figure(assessed: Assessment, key: str, *, contract_id: int) -> Figure:
    """Make the figure of one sanction of the scheme, by its key there."""
    sanction = next(rule for rule in assessed.sanctions if rule.key == key)
    return Figure(
        kind=Kind.SANCTION,
        scheme=assessed.scheme,
        engine=OBLIGATIONS_VERSION,
        inputs=inputs_of(assessed.contract),
        used={"sanction": key},
        status=str(assessed.status),
        cents=sanction.amount_cents,
        steps=sanction.explanation,
        contract_id=contract_id,
    )

"""What the part that is not realised costs.

The shortfall expected at the end counts when it is known, else what is open today; times the
published factor, rounded half up once. Without a published factor there is no amount. All
sanctions of a scheme are shown side by side: which one follows, and whether, a person decides
after the recovery period and the exceptions that stand with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from telmee.core.explain import Step, Text
from telmee.core.money import half_up
from telmee.core.obligations.finding import sourced_step, to_check
from telmee.core.obligations.standing import Position
from telmee.core.schemes.model import Sanction, Scheme


@dataclass(frozen=True, slots=True)
class Consequence:
    """One sanction of the scheme, worked out for this contract.

    `amount_cents` is `None` where `reason` says so: `no_factor` (a person decides; `judgement` has
    the scheme's words) or `owed_unknown`.
    """

    key: str
    kind: str
    factor: Fraction | None
    base_cents: int | None
    amount_cents: int | None
    reason: str | None
    recovery_days: int | None
    recovery: Text | None
    steps: tuple[Text, ...]
    exception: Text | None
    judgement: Text | None
    source: str | None
    explanation: tuple[Step, ...]


def sanctions_of(scheme: Scheme, position: Position | None) -> tuple[Consequence, ...]:
    """Every sanction of the scheme; without a position none has an amount."""
    return tuple(_consequence(scheme, rule, position) for rule in scheme.obligation.sanctions)


def sanction_kind(scheme: Scheme) -> str:
    """What a scheme calls what a shortfall costs: a `fine` where it names nothing or several.

    A letter that calls a withholding a fine says something that the scheme does not know.
    """
    kinds = {rule.kind for rule in scheme.obligation.sanctions}
    return kinds.pop() if len(kinds) == 1 else "fine"


def _consequence(scheme: Scheme, rule: Sanction, position: Position | None) -> Consequence:
    factor = rule.factor
    base = None if position is None else position.unrealised_cents
    amount = None
    if factor is not None and base is not None:
        amount = half_up(base * factor.numerator, factor.denominator)
    return Consequence(
        key=rule.key,
        kind=rule.kind,
        factor=factor,
        base_cents=base,
        amount_cents=amount,
        reason="no_factor" if factor is None else "owed_unknown" if base is None else None,
        recovery_days=rule.recovery_days,
        recovery=rule.recovery,
        steps=rule.steps,
        exception=rule.exception,
        judgement=rule.judgement,
        source=rule.source,
        explanation=tuple(_steps(scheme, rule, position, amount)),
    )


def _steps(
    scheme: Scheme, rule: Sanction, position: Position | None, amount: int | None
) -> Iterator[Step]:
    path = f"sanctions.{rule.key}"
    if position is not None:
        at_end = position.shortfall_cents is not None
        name = "unrealised_at_end" if at_end else "unrealised_today"
        base = position.unrealised_cents
        yield sourced_step(scheme, name, base, "cents", "convention.unrealised")
    if rule.factor is None:
        yield sourced_step(scheme, "factor_unstated", None, "text", path, text=rule.judgement)
    else:
        yield sourced_step(scheme, "factor", rule.factor, "count", path)
    if amount is not None:
        yield sourced_step(scheme, f"sanction_{rule.kind}", amount, "cents", path)
    if rule.factor is not None and rule.judgement is not None:
        yield to_check(scheme, "sanction_judgement", path, rule.judgement)
    if rule.exception is not None:
        yield to_check(scheme, "sanction_exception", path, rule.exception)

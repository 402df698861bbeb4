"""A receipt stands alone: from it, without the other lines, the same cents come out."""

from dataclasses import replace

import pytest

from telmee.core.errors import DomainError
from telmee.core.periods import day_of
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.receipt import receipt, recompute
from telmee.integrations.scheme_files import load_scheme
from tests import strategies
from tests.builders import contributions_of


def valuations(seed: int, count: int) -> list[Valuation]:
    dice = strategies.Thrown(seed)
    found = []
    for _ in range(count):
        case = strategies.a_case(dice, strategies.a_scheme(dice), lines=12)
        found.append(
            value(
                case.scheme,
                contributions_of(case.rows),
                until=None if case.until is None else day_of(case.until),
                obligations=case.obligations,
            )
        )
    return found


def test_every_line_comes_to_the_same_cents_from_its_receipt_alone() -> None:
    valued = capped = withheld = limited = 0
    for valuation in valuations(seed=7, count=300):
        for line in range(len(valuation)):
            kept = receipt(valuation, line)
            if kept.status == "valued":
                assert (
                    recompute(valuation.scheme, kept)
                    == kept.value_cents
                    == valuation.value_cents(line)
                )
                valued += 1
                capped += any(kept.taken_off.values())
                withheld += bool(kept.withheld)
                limited += kept.limit_end is not None
            else:
                assert kept.value_cents is None
    assert min(valued, capped, withheld, limited) > 20, "the cases must lean on other lines"


def test_a_receipt_of_other_rules_is_refused() -> None:
    (valuation,) = valuations(seed=1, count=1)
    kept = receipt(valuation, 0)
    with pytest.raises(DomainError) as told:
        recompute(replace(valuation.scheme, sha256="other"), kept)
    assert told.value.problems[0].code == "receipt_of_another"


def test_a_receipt_names_the_bytes_of_the_scheme() -> None:
    scheme = load_scheme("harlingen")
    lines = contributions_of([{"kenmerk": "A", "bouwblok": "custom"}])
    kept = receipt(value(scheme, lines), 0)
    assert (kept.scheme_id, kept.scheme_sha256) == ("harlingen", scheme.sha256)
    assert kept.inputs == {"kenmerk": "A", "bouwblok": "custom"}
    assert (kept.status, kept.value_cents) == ("needs_judgement", None)

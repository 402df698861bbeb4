"""The engine against a second valuation that shares nothing with it but the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.periods import NO_DAY, date_of, day_of
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.faults import faults_in
from telmee.integrations.scheme_files import load_scheme, scheme_ids, scheme_versions
from tests import oracle
from tests.builders import contributions_of
from tests.strategies import Case, Thrown, a_case, a_scheme, cases

PUBLISHED = [
    scheme
    for scheme in (load_scheme(i, version) for i in scheme_ids() for version in scheme_versions(i))
    if scheme.has_amounts
]


def by_engine(case: Case) -> Valuation:
    return value(
        case.scheme,
        contributions_of(case.rows, case.unread),
        until=None if case.until is None else day_of(case.until),
        obligations=case.obligations,
    )


def by_oracle(case: Case) -> list[oracle.Verdict]:
    return oracle.valued(
        case.rows,
        case.scheme,
        until=case.until,
        obligations=case.obligations,
        unread=case.unread,
    )


def told_by_engine(valuation: Valuation, line: int) -> dict[str, Any]:
    columns, scheme = valuation.columns, valuation.scheme
    status = str(valuation.status(line))
    told: dict[str, Any] = {
        "status": status,
        "faults": {fault.code for fault in faults_in(int(columns.fault[line]))},
        "value": valuation.value_cents(line),
    }
    if status == "valued":
        bonuses = {scheme.bonuses[n].key: column for n, column in columns.bonus_cents.items()}
        block = scheme.blocks[int(columns.block[line])]
        first, end = int(columns.counted_from[line]), int(columns.counted_end[line])
        told |= {
            "base": int(columns.base_cents[line]),
            "bonuses": amounts({key: int(column[line]) for key, column in bonuses.items()}),
            "caps": amounts({key: int(column[line]) for key, column in columns.cap_cents.items()}),
            "untested": {key for key, column in columns.cap_unknown.items() if column[line]},
            "first": None if first == NO_DAY else date_of(first),
            "last": date_of(end - 1) if block.unit.counts_time else None,
        }
    return told


def told_by_oracle(verdict: oracle.Verdict) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": verdict.status,
        "faults": verdict.faults,
        "value": verdict.value_cents,
    }
    if verdict.status == "valued":
        timed = oracle.sure(verdict.block).unit.counts_time
        told |= {
            "base": verdict.base,
            "bonuses": amounts(verdict.bonuses),
            "caps": amounts(verdict.caps),
            "untested": verdict.untested_caps,
            "first": verdict.counted_from,
            "last": verdict.counted_to if timed else None,
        }
    return told


def amounts(cents: Mapping[str, int]) -> dict[str, int]:
    """Leave out what is nothing: whether a column exists is not the question."""
    return {key: amount for key, amount in cents.items() if amount}


def assert_both_agree(case: Case) -> None:
    valuation, verdicts = by_engine(case), by_oracle(case)
    for line, verdict in enumerate(verdicts):
        told = told_by_engine(valuation, line)
        assert told == told_by_oracle(verdict), (case.rows[line], verdict.block)
    assert valuation.total_cents() == oracle.total_cents(verdicts)
    assert valuation.all_valued() == all(verdict.status == "valued" for verdict in verdicts)


def test_there_are_published_schemes() -> None:
    assert PUBLISHED


@settings(max_examples=150)
@given(cases())
def test_both_agree_on_random_schemes(case: Case) -> None:
    assert_both_agree(case)


@pytest.mark.parametrize("seed", range(4))
def test_both_agree_on_many_random_schemes(seed: int) -> None:
    """More and longer batches than Hypothesis has the time for; persons come back often."""
    dice = Thrown(seed)
    for _ in range(100):
        assert_both_agree(a_case(dice, a_scheme(dice), dice.between(1, 40)))


@settings(max_examples=50)
@given(st.sampled_from(PUBLISHED).flatmap(cases))
def test_both_agree_on_published_schemes(case: Case) -> None:
    assert_both_agree(case)


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda s: f"{s.id}-{s.version}")
def test_both_agree_on_many_lines(scheme: Scheme) -> None:
    assert_both_agree(a_case(Thrown(20_251_014), scheme, 5_000))

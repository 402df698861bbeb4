"""The sum on one line, read again: its factors multiply to the cents that stand beside it."""

import dataclasses
import re
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.explain import Step
from telmee.core.money import half_up
from telmee.core.obligations import assess
from telmee.core.periods import day_of
from telmee.core.receipts import facts_of, steps_from
from telmee.core.schemes.model import DayCount, Scheme, Unit
from telmee.core.valuation import Status, value
from telmee.core.valuation.explanation import explain
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import LANGUAGES, Language, SumLine, sum_of
from telmee.texts.formats import percentage
from tests.builders import contributions_of
from tests.core.obligations.strategies import PUBLISHED, contracts
from tests.strategies import Case, block_of, bonus_of, cases, scheme_of

UTRECHT = load_scheme("utrecht-36h-v2")
NOUN = re.compile(
    r" (?:jaar|uur|maand(?:en)?|medewerkers?|years?|hours?|months?|employees?"
    r"|dagdel?en|dagdeel|dag(?:en)?|days?|part-days?|stageperiodes?|internship periods?)$"
)


def number(text: str, language: Language) -> Fraction:
    """Read a number as a person does, with the marks of the language."""
    thousands, comma = (".", ",") if language == "nl" else (",", ".")
    plain = text.replace(thousands, "").replace(comma, ".")
    return Fraction(plain) if "/" not in plain else Fraction(*map(Fraction, plain.split("/")))


def cents(text: str, language: Language) -> Fraction:
    """Read euros as cents."""
    return number(text.replace("€", "").replace(" ", ""), language) * 100


def factor(text: str, language: Language) -> Fraction:
    """Read one factor: euros, a percentage, or what is counted."""
    text = NOUN.sub("", text)
    if text.startswith("€"):
        return cents(text, language)
    if text.endswith("%"):
        return number(text[:-1], language) / 100
    inside, _, by = text.partition(")") if text.startswith("(") else (text, "", "")
    summed = sum((number(part, language) for part in inside.strip("(").split(" + ")), Fraction(0))
    return summed / number(by[1:], language) if by else summed


def product(line: SumLine, language: Language) -> int:
    """What the factors of a line come to, rounded once, half a cent upwards."""
    result = Fraction(1)
    for text in line.factors:
        result *= factor(text, language)
    return half_up(result.numerator, result.denominator)


def check(steps: tuple[Step, ...], value_cents: int, language: Language) -> None:
    """Read a sum again: every line multiplies, and together they are the value."""
    lines = sum_of(steps, language)
    for line in lines:
        if line.factors:
            assert product(line, language) == cents(line.result, language), str(line)
    signs = {"": 1, "+": 1, "\N{MINUS SIGN}": -1, "=": 0}
    assert sum(signs[line.sign] * cents(line.result, language) for line in lines) == value_cents
    if len(lines) > 1:
        assert lines[-1].sign == "="
        assert cents(lines[-1].result, language) == value_cents


@given(cases())
def test_the_factors_of_a_sum_multiply_to_its_cents(case: Case) -> None:
    lines = contributions_of(case.rows, case.unread)
    until = None if case.until is None else day_of(case.until)
    valued = value(case.scheme, lines, until=until, obligations=case.obligations)
    for line in range(len(valued)):
        steps, worth = explain(valued, line), valued.value_cents(line)
        for language in LANGUAGES:
            if valued.status(line) is Status.VALUED:
                assert worth is not None
                check(steps, worth, language)
            else:
                assert sum_of(steps, language) == ()


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
@settings(max_examples=5)
@given(data=st.data())
def test_what_a_contract_owes_has_a_sum_as_well(scheme: Scheme, data: st.DataObject) -> None:
    owed = assess(scheme, data.draw(contracts(scheme)))
    for language in LANGUAGES:
        told = {step.step for step in owed.explanation}
        if "obligation_cents" in told and owed.owed_cents is not None:
            check(owed.explanation, owed.owed_cents, language)
        else:
            assert sum_of(owed.explanation, language) == ()


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
@settings(max_examples=5)
@given(data=st.data(), chosen_bp=st.integers(0, 10_000))
def test_so_has_what_follows_from_a_percentage_that_a_person_gave(
    scheme: Scheme, data: st.DataObject, chosen_bp: int
) -> None:
    contract = dataclasses.replace(data.draw(contracts(scheme)), chosen_bp=chosen_bp)
    owed, refused = None, []
    try:
        owed = assess(scheme, contract)
    except DomainError as error:
        refused = [problem.code for problem in error.problems]
    assert refused in ([], ["percentage_not_open"])
    if owed is None or not owed.owed_cents:
        return
    for language in LANGUAGES:
        check(owed.explanation, owed.owed_cents, language)
        first = sum_of(owed.explanation, language)[0]
        assert percentage(Fraction(chosen_bp, 100), language) in first.factors


def story(scheme: Scheme, **row: Any) -> tuple[Step, ...]:
    return explain(value(scheme, contributions_of([row])), 0)


HALF_TIME = {
    "bouwblok": "pw",
    "begin": date(2025, 1, 1),
    "eind": date(2025, 4, 2),
    "uren_per_week": Fraction(49, 2),
}


def test_a_sum_is_one_line() -> None:
    (line,) = sum_of(story(UTRECHT, **HALF_TIME), "nl")
    assert str(line) == "€ 40.000 × 92/365 jaar × 24,5/36 uur = € 6.861,49"
    (line,) = sum_of(story(UTRECHT, **HALF_TIME), "en")
    assert str(line) == "€40,000 × 92/365 year × 24.5/36 hours = €6,861.49"


def test_a_sum_goes_on_with_bonuses_and_what_comes_off() -> None:
    scheme = scheme_of(
        weekly_hours=36_00,
        blocks=(block_of("b", Unit.PIECE, amount_cents=100_00),),
        bonuses=(
            bonus_of("plus", ["b"], amount_cents=10_00),
            bonus_of("once", ["b"], amount_cents=5_50, once=True),
        ),
    )
    told = sum_of(story(scheme, bouwblok="b", aantal=3, toeslagen="plus,once"), "nl")
    assert [str(line) for line in told] == [
        "€ 100 × 3 = € 300,00",
        "+ plus: € 10 × 3 = € 30,00",
        "+ once, één keer: € 5,50",
        "= € 335,50",
    ]


@pytest.mark.parametrize(
    ("day_count", "end", "factor"),
    [
        ("anniversary", date(2025, 12, 31), "1 jaar"),
        ("anniversary", date(2026, 1, 31), "(1 + 31/365) jaar"),
        ("months", date(2025, 5, 15), "(4 + 15/31)/12 jaar"),
        ("months", date(2025, 4, 30), "4/12 jaar"),
        ("months", date(2025, 1, 15), "(15/31)/12 jaar"),
        ("days_365", date(2026, 1, 31), "396/365 jaar"),
        ("weeks_52", date(2025, 5, 16), "136/364 jaar"),
    ],
)
def test_a_part_of_a_year_is_written_as_it_was_counted(
    day_count: str, end: date, factor: str
) -> None:
    block = block_of("b", Unit.PERSON_YEAR, day_count=DayCount(day_count))
    told = story(scheme_of(blocks=(block,)), bouwblok="b", begin=date(2025, 1, 1), eind=end)
    assert sum_of(told, "nl")[0].factors[1] == factor


def test_a_kept_story_has_the_same_sum() -> None:
    steps = story(UTRECHT, **HALF_TIME)
    kept = tuple(steps_from(facts_of(steps, UTRECHT), UTRECHT))
    assert sum_of(kept, "nl") == sum_of(steps, "nl")

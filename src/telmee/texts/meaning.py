"""What an obligation means beside its contract, in short sentences."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from telmee.core.money import half_up
from telmee.core.obligations.proportion import Comparison, Proportion, Work
from telmee.texts.catalogue import phrase
from telmee.texts.formats import Figure, Language, number, percentage

_PER_CENT = 100


def meaning_of(proportion: Proportion, language: Language) -> tuple[str, ...]:
    """Which part of the contract and of its labour an obligation is, and how much work."""
    return tuple(_sentences(proportion, language))


def comparison_of(comparison: Comparison, language: Language, *, of_region: bool = False) -> str:
    """What comparable contracts owe: how many there are, from where to where, and the middle.

    `of_region` where they are those of the other clients of the region.
    """
    whose = "meaning.region" if of_region else "meaning.comparison"
    alike = comparison.lowest_bp == comparison.highest_bp
    return phrase(
        f"{whose}_alike" if alike else whose,
        language,
        count=Figure.of(comparison.count, is_one=comparison.count == 1),
        lowest=_percentage(comparison.lowest_bp, language),
        highest=_percentage(comparison.highest_bp, language),
        median=_percentage(comparison.median_bp, language),
    )


def _sentences(proportion: Proportion, language: Language) -> Iterator[str]:
    if proportion.of_value_bp is not None:
        part = _percentage(proportion.of_value_bp, language)
        whole = "meaning.of_turnover" if proportion.is_of_turnover else "meaning.of_value"
        yield phrase(whole, language, percentage=part)
    if proportion.of_labour_bp is None:
        yield phrase("meaning.labour_unknown", language)
    else:
        part = _percentage(proportion.of_labour_bp, language)
        yield phrase("meaning.of_labour", language, percentage=part)
    for work in proportion.works:
        if work.people:
            yield _work(work, language)


def _work(work: Work, language: Language) -> str:
    """How many people for how long, in tenths of a month: nobody plans by the day."""
    tenths = Fraction(half_up(work.months.numerator * 10, work.months.denominator), 10)
    code = "meaning.work_each" if work.people > 1 else "meaning.work"
    return phrase(
        "meaning.work_short" if work.months < 1 else code,
        language,
        people=Figure.of(work.people, is_one=work.people == 1),
        months=Figure.of(number(tenths, language), is_one=tenths == 1),
        block=work.block.label.in_language(language),
    )


def _percentage(basis_points: int, language: Language) -> str:
    return percentage(Fraction(basis_points, _PER_CENT), language)

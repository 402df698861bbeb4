"""Two schemes side by side, in words: rows of cells that an interface lays out.

Each row has a name, what the first scheme says and what the second says; where amounts can be
compared, the difference. A cell may hold several lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from telmee.core.explain import Text
from telmee.core.schemes.compare import (
    Pair,
    is_assumed,
    matched_keys,
    pair_blocks,
    rules_side_by_side,
)
from telmee.core.schemes.model import Block, Scheme
from telmee.texts.catalogue import phrase
from telmee.texts.formats import Language, euros, number, percentage
from telmee.texts.scheme_words import (
    bonus_worth,
    cap_text,
    certificate_worth,
    months,
    percentage_text,
    threshold_text,
    warnings_of,
    with_reader,
)


def warnings_beside(first: Scheme, second: Scheme, language: Language) -> list[str]:
    """What has to be known of both tables before their amounts are set beside each other."""
    said = [
        f"{scheme.id}: {text}"
        for scheme in (first, second)
        for text in warnings_of(scheme, language)
    ]
    if any(pair.is_of_other_hours for pair in pair_blocks(first, second)):
        said.append(phrase("compare.hours_differ", language))
    return said


def block_rows(first: Scheme, second: Scheme, language: Language) -> list[list[str]]:
    """Put the rows of both tables beside each other, with the difference in euros."""
    return [_pair_row(pair, first, second, language) for pair in pair_blocks(first, second)]


def _pair_row(pair: Pair, first: Scheme, second: Scheme, language: Language) -> list[str]:
    labels = [block.label for block in (pair.first, pair.second) if block]
    return [
        _both(labels, language),
        _side(pair.first, first, language),
        _side(pair.second, second, language),
        _signed(pair.difference_cents, language),
    ]


def _both(labels: list[Text], language: Language) -> str:
    """The label, or both where the two schemes call a row by another name."""
    texts = {text.casefold(): text for text in (one.in_language(language) for one in labels)}
    return "\n/ ".join(texts.values())


def _side(block: Block | None, scheme: Scheme, language: Language) -> str:
    """Say a row in few words, so that two fit beside each other."""
    if block is None:
        return "-"
    code = "certificate" if block.needs_certificate else str(block.unit)
    amount = (
        phrase("page.no_amount", language)
        if block.amount_cents is None
        else euros(block.amount_cents, language)
    )
    part = percentage(Fraction(block.percentage_bp, 100), language)
    text = phrase(f"short.{code}", language, amount=amount, percentage=part)
    if block.max_months:
        text = f"{text}, {months(block.max_months, language)}"
        if block.from_last_benefit_day:
            text = f"{text} {phrase('compare.after_benefit', language)}"
    path = f"blocks.{block.key}"
    leans = any(
        is_assumed(scheme, f"{path}{name}")
        for name in ("", ".amount", ".unit", ".percentage", ".max_months", ".months_from")
    )
    return _marked(text, language, assumed=leans)


def _marked(text: str, language: Language, *, assumed: bool) -> str:
    return f"{text} ({phrase('compare.assumed', language)})" if assumed else text


def _signed(cents: int | None, language: Language) -> str:
    if cents is None:
        return ""
    return f"{'+' if cents > 0 else ''}{euros(cents, language)}"


def rule_rows(first: Scheme, second: Scheme, language: Language) -> Iterator[list[str]]:
    """Put the counting rules beside each other."""
    for rule in rules_side_by_side(first, second):
        sides = [
            _marked(_figures(figures, language, in_hours=rule.in_hours), language, assumed=assumed)
            for figures, assumed in zip(rule.figures, rule.assumed, strict=True)
        ]
        yield [phrase(f"compare.{rule.name}", language), *sides]


def _figures(figures: tuple[int, ...], language: Language, *, in_hours: bool) -> str:
    shown = [number(Fraction(figure, 100 if in_hours else 1), language) for figure in figures]
    separator = f" {phrase('compare.or', language)} "
    return separator.join(shown) or phrase("compare.silent", language)


def owed_rows(first: Scheme, second: Scheme, language: Language) -> Iterator[list[str]]:
    """Put what differs in words beside each other: caps, percentages and thresholds."""
    sides = {
        "caps": [[cap_text(cap, s, language) for cap in s.caps] for s in (first, second)],
        "percentages": [
            [
                _marked(
                    with_reader(percentage_text(rule, language), rule.source, s, language),
                    language,
                    assumed=any(
                        is_assumed(s, f"obligation.percentages.{rule.key}{name}")
                        for name in ("", ".percentage", ".basis")
                    ),
                )
                for rule in s.obligation.percentages
            ]
            for s in (first, second)
        ],
        "thresholds": [
            [
                with_reader(threshold_text(rule, language), rule.source, s, language)
                for rule in s.obligation.thresholds
            ]
            for s in (first, second)
        ],
    }
    silent = phrase("compare.silent", language)
    for name, texts in sides.items():
        yield [phrase(f"compare.{name}", language), *("\n".join(side) or silent for side in texts)]


def bonus_rows(first: Scheme, second: Scheme, language: Language) -> Iterator[list[str]]:
    """Put the bonuses beside each other, with the difference where both have an amount."""
    for pair in matched_keys(first.bonuses, second.bonuses):
        amounts = [
            bonus.amount_cents if bonus and not bonus.actual_cost else None for bonus in pair
        ]
        alike = all(pair) and len({bonus.once for bonus in pair if bonus}) == 1
        both = alike and None not in amounts
        yield [
            _both([bonus.label for bonus in pair if bonus], language),
            *("-" if bonus is None else bonus_worth(bonus, language) for bonus in pair),
            _signed((amounts[1] or 0) - (amounts[0] or 0) if both else None, language),
        ]


def certificate_rows(first: Scheme, second: Scheme, language: Language) -> Iterator[list[str]]:
    """Put the certificates of suppliers beside each other."""
    for pair in matched_keys(first.certificates, second.certificates):
        sides = zip(pair, (first, second), strict=True)
        yield [
            _both([certificate.label for certificate in pair if certificate], language),
            *(
                "-"
                if certificate is None
                else _marked(
                    certificate_worth(certificate, scheme, language),
                    language,
                    assumed=is_assumed(scheme, f"certificates.{certificate.key}"),
                )
                for certificate, scheme in sides
            ),
            "",
        ]

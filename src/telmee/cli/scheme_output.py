"""Schemes written for people: the list, the page of one scheme, and two side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction

from telmee.cli.table import table
from telmee.core.explain import Text
from telmee.core.schemes.compare import Pair, pair_blocks, rules_side_by_side
from telmee.core.schemes.model import Block, Bonus, Note, Percentage, Scheme, Threshold
from telmee.texts import Language, day, euros, number, percentage, phrase


def as_list(schemes: Sequence[Scheme], language: Language) -> str:
    """List schemes: id, version, publisher, and what each can answer."""
    headings = [phrase(f"schemes.{name}", language) for name in ("id", "version", "publisher")]
    headings += [phrase(f"schemes.{name}", language) for name in ("blocks", "bonuses", "answers")]
    rows = [
        [
            scheme.id,
            scheme.version,
            scheme.publisher,
            str(len(scheme.blocks)),
            str(len(scheme.bonuses)),
            phrase(f"schemes.answers.{_answers(scheme)}", language),
        ]
        for scheme in schemes
    ]
    return table(headings, rows, {3, 4})


def _answers(scheme: Scheme) -> str:
    if scheme.standing == "proposal":
        return "proposal"
    obligation = bool(scheme.obligation.percentages)
    if scheme.has_amounts:
        return "both" if obligation else "value"
    return "obligation" if obligation else "rules"


def as_page(scheme: Scheme, language: Language) -> str:
    """Write one scheme as a page: what counts, what is owed, what is assumed, what is not known."""
    sections = (
        _head(scheme, language),
        _blocks(scheme, language),
        _bonuses(scheme, language),
        _counting(scheme, language),
        _owed(scheme, language),
        _times(scheme, language),
        _notes(scheme, language),
        _assumed(scheme, language),
        _gaps(scheme, language),
        _sources(scheme, language),
    )
    return "\n\n".join("\n".join(map(_wrapped, lines)) for lines in map(list, sections) if lines)


def _wrapped(line: str) -> str:
    """Break a long sentence of the page; tables and titles have lines of their own."""
    if "\n" in line:
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, 100, subsequent_indent=indent, break_on_hyphens=False)


def _head(scheme: Scheme, language: Language) -> Iterator[str]:
    yield scheme.title.in_language(language)
    yield f"{scheme.publisher} · {scheme.id} · {scheme.version}"
    if scheme.standing == "proposal":
        yield phrase("proposal", language)
    yield phrase("page.applies_to", language, clients=", ".join(scheme.applies_to))
    for name in ("valid_from", "valid_to", "retroactive_to"):
        value = getattr(scheme, name)
        if value is not None:
            yield phrase(f"page.{name}", language, date=day(value, language))
    if scheme.selected_by:
        yield phrase(f"page.selected_by.{scheme.selected_by}", language)
    if scheme.version_note:
        yield scheme.version_note.in_language(language)


def _title(code: str, language: Language) -> str:
    title = phrase(code, language)
    return f"{title}\n{'=' * len(title)}"


def _blocks(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.blocks:
        return
    yield _title("page.blocks", language)
    headings = [phrase(f"page.{name}", language) for name in ("what", "key", "worth", "counts")]
    rows = [
        [
            block.label.in_language(language),
            block.key,
            worth(block, scheme, language),
            _limit(block, language),
        ]
        for block in scheme.blocks
    ]
    yield table(headings, rows, set())


def worth(block: Block, scheme: Scheme, language: Language) -> str:
    """Say what a row is worth, in words: `€ 35.000,00 per voltijdjaar van 36 uur per week`."""
    filled = {
        "amount": phrase("page.no_amount", language)
        if block.amount_cents is None
        else euros(block.amount_cents, language),
        "hours": number(Fraction(scheme.weekly_hours or 0, 100), language),
        "percentage": percentage(Fraction(block.percentage_bp, 100), language),
    }
    code = f"unit.{block.unit}"
    if block.needs_certificate:
        code = "unit.certificate"
    words = phrase(code, language, **filled)
    return f"{words} {phrase('unit.or_cost', language)}" if block.or_actual_cost else words


def _limit(block: Block, language: Language) -> str:
    if not block.unit.counts_time:
        return ""
    if block.max_months is None:
        return phrase("page.no_limit", language)
    return phrase("page.limit", language, months=block.max_months)


def _bonuses(scheme: Scheme, language: Language) -> Iterator[str]:
    if scheme.bonuses:
        yield _title("page.bonuses", language)
        headings = [phrase(f"page.{name}", language) for name in ("what", "key", "worth", "with")]
        yield table(headings, [_bonus_row(scheme, b, language) for b in scheme.bonuses], set())
    if scheme.certificates:
        yield ("\n" if scheme.bonuses else "") + _title("page.certificates", language)
        for certificate in scheme.certificates:
            part = (
                phrase("page.no_percentage", language)
                if certificate.percentage_bp is None
                else percentage(Fraction(certificate.percentage_bp, 100), language)
            )
            yield f"- {certificate.label.in_language(language)} ({certificate.key}): {part}"


def _bonus_row(scheme: Scheme, bonus: Bonus, language: Language) -> list[str]:
    blocks = [block.key for block in scheme.blocks if block.key in bonus.blocks]
    with_all = len(blocks) == len(scheme.blocks)
    code = "actual_cost" if bonus.actual_cost else "once" if bonus.once else "as_base"
    amount = None if bonus.amount_cents is None else euros(bonus.amount_cents, language)
    return [
        bonus.label.in_language(language),
        bonus.key,
        phrase(f"bonus.{code}", language, amount=amount or phrase("page.no_amount", language)),
        phrase("page.every_block", language) if with_all else ", ".join(blocks),
    ]


def _counting(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.blocks:
        return
    yield _title("page.counting", language)
    figures = {
        "weekly_hours": number(Fraction(scheme.weekly_hours or 0, 100), language),
        "default_max_months": scheme.default_max_months,
        "gap_months": scheme.gap_months,
        "look_back_months": scheme.look_back_months,
    }
    for name, figure in figures.items():
        if getattr(scheme, name) is not None:
            yield "- " + phrase(f"page.rule.{name}", language, figure=figure)
    yield "- " + phrase(f"page.day_count.{scheme.day_count}", language)
    yield from _minimums(scheme, language)
    for cap in scheme.caps:
        figure = (
            percentage(Fraction(cap.share_bp or 0, 100), language)
            if cap.per == "contract"
            else euros(cap.amount_cents or 0, language)
        )
        blocks = ", ".join(block.key for block in scheme.blocks if block.key in cap.blocks)
        yield "- " + phrase(f"page.cap.{cap.per}", language, figure=figure, blocks=blocks)


def _minimums(scheme: Scheme, language: Language) -> Iterator[str]:
    """Say the minimums: one sentence when every row has the same, else one per row."""
    timed = [block for block in scheme.blocks if block.unit.counts_time]
    for name in ("min_weekly_hours", "min_months"):
        figures = {getattr(block, name) for block in timed}
        for figure in sorted(figure for figure in figures if figure is not None):
            keys = [block.key for block in timed if getattr(block, name) == figure]
            shown = number(
                Fraction(figure, 100) if name == "min_weekly_hours" else figure, language
            )
            blocks = "" if len(figures) == 1 else f" ({', '.join(keys)})"
            yield "- " + phrase(f"page.rule.{name}", language, figure=shown) + blocks


def _owed(scheme: Scheme, language: Language) -> Iterator[str]:
    rules = scheme.obligation
    if not (rules.percentages or rules.thresholds or rules.cap_cents or rules.notes):
        return
    yield _title("page.owed", language)
    for rule in rules.percentages:
        yield f"- {_scope(rule, language)}{_percentage(rule, language)}"
    for threshold in rules.thresholds:
        yield f"- {_scope(threshold, language)}{_threshold(threshold, language)}"
    if rules.cap_cents is not None:
        yield "- " + phrase("page.owed.cap", language, amount=euros(rules.cap_cents, language))
    if rules.yearly_minimum is not None:
        yield f"- {rules.yearly_minimum.text.in_language(language)}"
    for discount in rules.discounts:
        names = ", ".join(sorted(discount.certificates))
        part = (
            phrase("page.no_percentage", language)
            if discount.percentage_bp is None
            else percentage(Fraction(discount.percentage_bp, 100), language)
        )
        yield "- " + phrase("page.owed.discount", language, certificates=names, part=part)
    yield from _bullets(rules.notes, language)


def _scope(rule: Percentage | Threshold, language: Language) -> str:
    parts = sorted(rule.clients or ())
    parts += [phrase(f"category.{name}", language) for name in sorted(rule.categories or ())]
    return f"{', '.join(parts)}: " if parts else ""


def _percentage(rule: Percentage, language: Language) -> str:
    basis = phrase(f"basis.{rule.basis}", language)
    if rule.percentage_bp is not None:
        part = percentage(Fraction(rule.percentage_bp, 100), language)
        told = [phrase("page.owed.percentage", language, part=part, basis=basis)]
    elif rule.offered_max_bp is not None:
        least, most = (
            percentage(Fraction(bp or 0, 100), language)
            for bp in (rule.offered_above_bp, rule.offered_max_bp)
        )
        told = [phrase("page.owed.offered", language, least=least, most=most, basis=basis)]
    else:
        told = [phrase("page.owed.no_percentage", language, basis=basis)]
    for name in ("labour_share_min_bp", "labour_share_below_bp"):
        share = getattr(rule, name)
        if share is not None:
            part = percentage(Fraction(share, 100), language)
            told.append(phrase(f"page.owed.{name}", language, part=part))
    if rule.value_above_cents is not None:
        amount = euros(rule.value_above_cents, language)
        told.append(phrase("page.owed.value_above", language, amount=amount))
    told += [text.in_language(language) for text in (rule.condition, rule.judgement) if text]
    return " · ".join(told)


def _threshold(rule: Threshold, language: Language) -> str:
    told = []
    if rule.amount_cents is not None:
        code = "page.owed.above" if rule.strictly_above else "page.owed.from"
        told.append(phrase(code, language, amount=euros(rule.amount_cents, language)))
    if rule.eu_threshold:
        told.append(phrase("page.owed.eu_threshold", language))
    if rule.min_duration_months is not None:
        months = rule.min_duration_months
        told.append(phrase("page.owed.min_duration", language, months=months))
    told += [text.in_language(language) for text in (rule.note, rule.judgement) if text]
    return " · ".join(told)


def _times(scheme: Scheme, language: Language) -> Iterator[str]:
    rules = scheme.obligation
    if rules.deadlines:
        yield _title("page.deadlines", language)
    for deadline in rules.deadlines:
        moment = phrase(f"moment.{deadline.moment}", language)
        when = moment
        if deadline.days is not None:
            code = "page.working_days" if deadline.working else "page.days"
            when = phrase(code, language, days=deadline.days, moment=moment)
        note = f" · {deadline.note.in_language(language)}" if deadline.note else ""
        yield f"- {deadline.what.in_language(language)}: {when}{note}"
    if rules.sanctions:
        yield ("\n" if rules.deadlines else "") + _title("page.sanctions", language)
    for sanction in rules.sanctions:
        told = [phrase(f"obligation.kind.{sanction.kind}", language)]
        if sanction.factor is not None:
            factor = number(sanction.factor, language)
            told.append(phrase("page.factor", language, factor=factor))
        texts = (sanction.recovery, *sanction.steps, sanction.exception, sanction.judgement)
        told += [text.in_language(language) for text in texts if text]
        yield f"- {' · '.join(told)}"


def _notes(scheme: Scheme, language: Language) -> Iterator[str]:
    notes = [*scheme.eligibility, *scheme.limit_exceptions, *scheme.notes]
    if scheme.reference_moment is not None:
        notes.insert(0, scheme.reference_moment)
    if notes:
        yield _title("page.notes", language)
        yield from _bullets(notes, language)


def _bullets(notes: Sequence[Note], language: Language) -> Iterator[str]:
    return (f"- {note.text.in_language(language)}" for note in notes)


def _assumed(scheme: Scheme, language: Language) -> Iterator[str]:
    if scheme.assumed:
        yield _title("page.assumed", language)
        for path, reason in scheme.assumed.items():
            yield f"- {path}: {reason.in_language(language)}"


def _gaps(scheme: Scheme, language: Language) -> Iterator[str]:
    if scheme.gaps:
        yield _title("page.gaps", language)
        yield from (f"- {gap.in_language(language)}" for gap in scheme.gaps)


def _sources(scheme: Scheme, language: Language) -> Iterator[str]:
    yield _title("page.sources", language)
    for source in scheme.sources.values():
        read = phrase(f"read.{source.read}", language)
        says = f" · {source.says.in_language(language)}" if source.says else ""
        yield f"- {source.url} ({read}){says}"


def as_comparison(first: Scheme, second: Scheme, language: Language) -> str:
    """Write two schemes side by side, with the difference in euros where rows are alike."""
    names = [f"{scheme.id} ({scheme.version})" for scheme in (first, second)]
    headings = [phrase("compare.row", language), *names, phrase("compare.difference", language)]
    rows = [_pair_row(pair, language) for pair in pair_blocks(first, second)]
    parts = [
        phrase("compare.title", language, first=names[0], second=names[1]),
        "",
        table(headings, rows, {3}),
        "",
        table(headings[:3], _rule_rows(first, second, language), set()),
    ]
    bonuses = _bonus_rows(first, second, language)
    if bonuses:
        parts += ["", table(headings, bonuses, {3})]
    return "\n".join(parts)


def _pair_row(pair: Pair, language: Language) -> list[str]:
    block = pair.first or pair.second
    label = block.label if block else Text("")
    return [
        label.in_language(language),
        _side(pair.first, language),
        _side(pair.second, language),
        _signed(pair.difference_cents, language),
    ]


def _side(block: Block | None, language: Language) -> str:
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
    limit = block.max_months
    return f"{text}, {phrase('short.limit', language, months=limit)}" if limit else text


def _signed(cents: int | None, language: Language) -> str:
    if cents is None:
        return ""
    return f"{'+' if cents > 0 else ''}{euros(cents, language)}"


def _rule_rows(first: Scheme, second: Scheme, language: Language) -> list[list[str]]:
    rows = []
    for name, one, other in rules_side_by_side(first, second):
        sides = [
            phrase("compare.silent", language)
            if figure is None
            else number(Fraction(figure, 100) if name == "weekly_hours" else figure, language)
            for figure in (one, other)
        ]
        rows.append([phrase(f"compare.{name}", language), *sides])
    return rows


def _bonus_rows(first: Scheme, second: Scheme, language: Language) -> list[list[str]]:
    sides = [{bonus.key: bonus for bonus in scheme.bonuses} for scheme in (first, second)]
    rows = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        found = [side.get(key) for side in sides]
        amounts = [bonus.amount_cents if bonus else None for bonus in found]
        both = amounts[0] is not None and amounts[1] is not None
        label = next(bonus.label for bonus in found if bonus)
        rows.append(
            [
                label.in_language(language),
                *("-" if amount is None else euros(amount, language) for amount in amounts),
                _signed((amounts[1] or 0) - (amounts[0] or 0) if both else None, language),
            ]
        )
    return rows

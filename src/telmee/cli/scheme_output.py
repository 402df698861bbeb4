"""Schemes written for people: the list, and the page of one scheme."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction

from telmee.cli.table import table
from telmee.core.explain import Text
from telmee.core.schemes.model import (
    Block,
    Bonus,
    Cap,
    Certificate,
    Deadline,
    Note,
    Percentage,
    Sanction,
    Scheme,
    Threshold,
)
from telmee.texts import Language, day, euros, number, percentage, phrase

#: How wide a page is: what fits on a laptop and on paper.
WIDTH = 100
#: Parts of a scheme that have rows with a label, and so a name of their own.
_LABELLED = ("blocks", "bonuses", "certificates")
#: The last part of a path under `assumed` that has a name in words.
_NAMED = {
    "amount", "basis", "blocks", "bonus_adding", "bonus_pro_rata", "day_count", "default_client",
    "gap_months", "group", "look_back_months", "max_months", "percentage", "pro_rata", "rounding",
    "unit", "valid_from", "weekly_hours", "yearly_minimum",
}  # fmt: skip


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
    return table(headings, rows, {3, 4}, width=120)


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
        _block_details(scheme, language),
        _bonuses(scheme, language),
        _certificates(scheme, language),
        _counting(scheme, language),
        _owed(scheme, language),
        _times(scheme, language),
        _sanctions(scheme, language),
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
    indent = "  " if line.startswith("- ") else "      " if line.startswith("    ") else ""
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def months(count: int, language: Language) -> str:
    """Write `1 maand` or `24 maanden`."""
    return phrase("months.one" if count == 1 else "months.many", language, count=count)


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
    yield table(headings, rows, set(), width=WIDTH)


def _block_details(scheme: Scheme, language: Language) -> Iterator[str]:
    """Tell for whom each row is, under which conditions, and with what evidence."""
    details = [_details(block, language) for block in scheme.blocks]
    if not any(details):
        return
    yield _title("page.block_details", language)
    several = len(details) > 1
    shared = [line for line in details[0] if several and all(line in told for told in details)]
    if shared:
        yield "- " + phrase("page.every_row", language)
        yield from shared
    for block, told in zip(scheme.blocks, details, strict=True):
        own = [line for line in told if line not in shared]
        if own:
            yield f"- {block.label.in_language(language)}"
            yield from own


def _details(row: Block | Bonus, language: Language) -> list[str]:
    texts: list[tuple[str, Text | None]] = [("condition", text) for text in row.conditions]
    if isinstance(row, Block):
        texts.insert(0, ("target_group", row.target_group))
        texts += [("evidence", text) for text in row.evidence]
        texts.append(("judgement", row.judgement))
    texts.append(("note", row.note))
    return [
        "    " + phrase(f"page.detail.{kind}", language, text=text.in_language(language))
        for kind, text in texts
        if text is not None
    ]


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
    return phrase("page.limit", language, months=months(block.max_months, language))


def _bonuses(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.bonuses:
        return
    yield _title("page.bonuses", language)
    headings = [phrase(f"page.{name}", language) for name in ("what", "key", "worth", "with")]
    rows = [_bonus_row(scheme, bonus, language) for bonus in scheme.bonuses]
    yield table(headings, rows, set(), width=WIDTH)
    details = [(bonus, _details(bonus, language)) for bonus in scheme.bonuses]
    if any(lines for _, lines in details):
        yield ""
    for bonus, lines in details:
        if lines:
            yield f"- {bonus.label.in_language(language)}"
            yield from lines


def _certificates(scheme: Scheme, language: Language) -> Iterator[str]:
    if not scheme.certificates:
        return
    yield _title("page.certificates", language)
    for certificate in scheme.certificates:
        part = share(certificate.percentage_bp, language)
        yield f"- {certificate.label.in_language(language)} ({certificate.key}): {part}"


def share(basis_points: int | None, language: Language) -> str:
    """Write a percentage, or that the source does not name it."""
    if basis_points is None:
        return phrase("page.no_percentage", language)
    return percentage(Fraction(basis_points, 100), language)


def _bonus_row(scheme: Scheme, bonus: Bonus, language: Language) -> list[str]:
    blocks = [block.key for block in scheme.blocks if block.key in bonus.blocks]
    with_all = len(blocks) == len(scheme.blocks)
    return [
        bonus.label.in_language(language),
        bonus.key,
        bonus_worth(bonus, language),
        phrase("page.every_block", language) if with_all else ", ".join(blocks),
    ]


def bonus_worth(bonus: Bonus, language: Language) -> str:
    """Say what a bonus is worth, in words: `€ 5.000,00 naar rato van het bouwblok`."""
    code = "actual_cost" if bonus.actual_cost else "once" if bonus.once else "as_base"
    amount = None if bonus.amount_cents is None else euros(bonus.amount_cents, language)
    part = percentage(Fraction(bonus.percentage_bp, 100), language)
    amount = amount or phrase("page.no_amount", language)
    return phrase(f"bonus.{code}", language, amount=amount, percentage=part)


def _counting(scheme: Scheme, language: Language) -> Iterator[str]:
    told = [*_counting_rules(scheme, language)]
    if told:
        yield _title("page.counting", language)
        yield from (f"- {line}" for line in told)


def _counting_rules(scheme: Scheme, language: Language) -> Iterator[str]:
    if scheme.weekly_hours is not None:
        hours = number(Fraction(scheme.weekly_hours, 100), language)
        yield phrase("page.rule.weekly_hours", language, figure=hours)
    for name in ("default_max_months", "gap_months", "look_back_months"):
        figure = getattr(scheme, name)
        if figure is not None:
            yield phrase(f"page.rule.{name}", language, figure=months(figure, language))
    if scheme.limit_counted_in == "worked_time":
        yield phrase("page.rule.worked_time", language)
    timed = any(block.unit.counts_time for block in scheme.blocks)
    if timed or scheme.source_of("time.day_count") is not None:
        yield phrase(f"page.day_count.{scheme.day_count}", language)
    for block in scheme.blocks:
        if block.unit.counts_time and block.day_count is not scheme.day_count:
            own = phrase(f"page.day_count.{block.day_count}", language)
            yield f"{block.label.in_language(language)} ({block.key}): {own}"
    yield from _minimums(scheme, language)
    yield from (cap_text(cap, scheme, language) for cap in scheme.caps)


def cap_text(cap: Cap, scheme: Scheme, language: Language) -> str:
    """Say what lines of some blocks may be worth together."""
    known = cap.share_bp if cap.per == "contract" else cap.amount_cents
    figure = phrase("page.no_amount", language)
    if known is not None:
        figure = share(known, language) if cap.per == "contract" else euros(known, language)
    keys = [block.key for block in scheme.blocks if block.key in cap.blocks]
    every = len(keys) == len(scheme.blocks)
    blocks = phrase("page.every_block", language) if every else ", ".join(keys)
    return phrase(f"page.cap.{cap.per}", language, figure=figure, blocks=blocks)


def _minimums(scheme: Scheme, language: Language) -> Iterator[str]:
    """Say the minimums: one sentence when every row has the same, else one per row."""
    timed = [block for block in scheme.blocks if block.unit.counts_time]
    for name in ("min_weekly_hours", "min_months"):
        figures = {getattr(block, name) for block in timed}
        for figure in sorted(figure for figure in figures if figure is not None):
            keys = [block.key for block in timed if getattr(block, name) == figure]
            by_hours = name == "min_weekly_hours"
            hours = number(Fraction(figure, 100), language)
            shown = hours if by_hours else months(figure, language)
            blocks = "" if len(figures) == 1 else f" ({', '.join(keys)})"
            yield phrase(f"page.rule.{name}", language, figure=shown) + blocks


def _owed(scheme: Scheme, language: Language) -> Iterator[str]:
    rules = scheme.obligation
    if not (rules.percentages or rules.thresholds or rules.cap_cents or rules.notes):
        return
    yield _title("page.owed", language)
    for rule in rules.percentages:
        yield f"- {percentage_text(rule, language)}"
    for threshold in rules.thresholds:
        yield f"- {threshold_text(threshold, language)}"
    if rules.cap_cents is not None:
        yield "- " + phrase("page.owed.cap", language, amount=euros(rules.cap_cents, language))
    if rules.yearly_minimum is not None:
        yield f"- {rules.yearly_minimum.text.in_language(language)}"
    for discount in rules.discounts:
        names = ", ".join(sorted(discount.certificates))
        part = share(discount.percentage_bp, language)
        told = [phrase("page.owed.discount", language, certificates=names, part=part)]
        if discount.valid is not None:
            told.append(phrase(f"page.owed.valid.{discount.valid}", language))
        texts = (*discount.conditions, discount.judgement)
        told += [text.in_language(language) for text in texts if text]
        yield f"- {' · '.join(told)}"
    yield from _bullets(rules.notes, language)


def _scope(rule: Percentage | Threshold, language: Language) -> str:
    parts = sorted(rule.clients or ())
    parts += [phrase(f"category.{name}", language) for name in sorted(rule.categories or ())]
    return f"{', '.join(parts)}: " if parts else ""


def percentage_text(rule: Percentage, language: Language) -> str:
    """Say how large an obligation is, and of which contracts."""
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
    return _scope(rule, language) + " · ".join(told)


def threshold_text(rule: Threshold, language: Language) -> str:
    """Say from where a contract owes anything."""
    told = []
    if rule.amount_cents is not None:
        code = "page.owed.above" if rule.strictly_above else "page.owed.from"
        told.append(phrase(code, language, amount=euros(rule.amount_cents, language)))
    if rule.eu_threshold:
        told.append(phrase("page.owed.eu_threshold", language))
    if rule.min_duration_months is not None:
        least = months(rule.min_duration_months, language)
        told.append(phrase("page.owed.min_duration", language, months=least))
    told += [text.in_language(language) for text in (rule.note, rule.judgement) if text]
    return _scope(rule, language) + " · ".join(told)


def _times(scheme: Scheme, language: Language) -> Iterator[str]:
    deadlines = scheme.obligation.deadlines
    if deadlines:
        yield _title("page.deadlines", language)
    for deadline in deadlines:
        note = f" · {deadline.note.in_language(language)}" if deadline.note else ""
        yield f"- {deadline.what.in_language(language)}: {_when(deadline, language)}{note}"


def _when(deadline: Deadline, language: Language) -> str:
    if deadline.days is None:
        return phrase(f"page.at.{deadline.moment}", language)
    kind = "working_days" if deadline.working else "days"
    count = abs(deadline.days)
    shown = phrase(f"{kind}.one" if count == 1 else f"{kind}.many", language, count=count)
    moment = phrase(f"moment.{deadline.moment}", language)
    code = "page.days_before" if deadline.days < 0 else "page.days"
    return phrase(code, language, days=shown, moment=moment)


def _sanctions(scheme: Scheme, language: Language) -> Iterator[str]:
    sanctions = scheme.obligation.sanctions
    if sanctions:
        yield _title("page.sanctions", language)
        yield from (f"- {_sanction(sanction, language)}" for sanction in sanctions)


def _sanction(sanction: Sanction, language: Language) -> str:
    told = [phrase(f"obligation.kind.{sanction.kind}", language)]
    if sanction.factor is not None:
        factor = number(sanction.factor, language)
        code = "page.factor_one" if sanction.factor == 1 else "page.factor"
        told.append(phrase(code, language, factor=factor))
    if sanction.recovery_days is not None:
        told.append(phrase("obligation.recovery_days", language, days=sanction.recovery_days))
    texts = (sanction.recovery, *sanction.steps, sanction.exception, sanction.judgement)
    told += [text.in_language(language) for text in texts if text]
    return " · ".join(told)


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
            name = rule_name(path, scheme, language)
            named = name if name == path else f"{name} ({path})"
            yield f"- {named}: {reason.in_language(language)}"


def rule_name(path: str, scheme: Scheme, language: Language) -> str:
    """Name the rule at a dotted path in words: the label of its row, and what of that row."""
    part, *rest = path.split(".")
    labels: list[str] = []
    if part in _LABELLED and rest:
        rows: Sequence[Block | Bonus | Certificate] = getattr(scheme, part)
        labels = [row.label.in_language(language) for row in rows if row.key == rest[0]]
        rest = rest[1:]
        if not rest:
            return labels[0] if labels else path
    named = [name for name in reversed([part, *rest]) if name in _NAMED]
    return ": ".join([*labels, *(phrase(f"rule.{name}", language) for name in named[:1])]) or path


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

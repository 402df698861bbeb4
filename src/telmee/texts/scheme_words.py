"""A scheme in words: what a row is worth, what a contract owes, what was assumed.

Every interface says these things, so the sentences are made here and only laid out there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from telmee.core.explain import Text
from telmee.core.schemes.model import (
    Block,
    Bonus,
    Cap,
    Certificate,
    DayCount,
    Deadline,
    Discount,
    Note,
    Percentage,
    Sanction,
    Scheme,
    Threshold,
    Unit,
)
from telmee.core.schemes.secondary import has_secondary_amounts, is_secondary
from telmee.texts.catalogue import phrase
from telmee.texts.formats import Language, euros, number, percentage

_Row = Block | Bonus | Cap | Certificate | Deadline | Discount | Percentage | Sanction | Threshold
#: The parts of a scheme that have rows, each by the name that it has in a path.
_ROWS: Mapping[str, Callable[[Scheme], Sequence[_Row]]] = {
    "blocks": lambda scheme: scheme.blocks,
    "bonuses": lambda scheme: scheme.bonuses,
    "certificates": lambda scheme: scheme.certificates,
    "caps": lambda scheme: scheme.caps,
    "thresholds": lambda scheme: scheme.obligation.thresholds,
    "percentages": lambda scheme: scheme.obligation.percentages,
    "discounts": lambda scheme: scheme.obligation.discounts,
    "deadlines": lambda scheme: scheme.obligation.deadlines,
    "sanctions": lambda scheme: scheme.obligation.sanctions,
}
#: The parts of a path that have a name in words; of several, the last one names the rule.
_NAMED = {
    "amount", "basis", "blocks", "bonus_adding", "bonus_pro_rata", "cap", "day_count",
    "default_client", "eligibility", "exceptions", "follows_from", "gap_months", "group",
    "look_back", "max_hours", "max_months", "max_weekly_hours", "months_from", "notes",
    "percentage", "pro_rata", "reference_date", "rounding", "standing", "unit", "valid_from",
    "weekly_hours", "yearly_amount", "yearly_minimum",
}  # fmt: skip


def answers(scheme: Scheme) -> str:
    """What a scheme can answer: `value`, `both`, `obligation`, `rules`, or a `proposal`."""
    if scheme.standing == "proposal":
        return "proposal"
    obligation = bool(scheme.obligation.percentages)
    if scheme.has_amounts:
        return "both" if obligation else "value"
    return "obligation" if obligation else "rules"


def warnings_of(scheme: Scheme, language: Language) -> list[str]:
    """What has to be known of a scheme before any of its figures: it stands above each of them."""
    codes = {
        "proposal": scheme.standing == "proposal",
        "secondary": has_secondary_amounts(scheme),
    }
    return [phrase(code, language) for code, holds in codes.items() if holds]


def title_with_reader(scheme: Scheme, language: Language) -> str:
    """The title of a scheme in a list, with a warning where its amounts are read elsewhere."""
    title = scheme.title.in_language(language)
    if not has_secondary_amounts(scheme):
        return title
    return f"{title} {phrase('schemes.secondary', language)}"


def clients_text(scheme: Scheme, language: Language) -> str:
    """Say which clients a scheme is for, or that its source does not say so."""
    if not scheme.applies_to:
        return phrase("page.applies_to.unknown", language)
    return phrase("page.applies_to", language, clients=", ".join(scheme.applies_to))


def months(count: int, language: Language) -> str:
    """Write `1 maand` or `24 maanden`."""
    return phrase("months.one" if count == 1 else "months.many", language, count=count)


def details(row: Block | Bonus, language: Language) -> list[str]:
    """Say for whom a row is, under which conditions, and with what evidence."""
    texts: list[tuple[str, Text | None]] = [("condition", text) for text in row.conditions]
    if isinstance(row, Block):
        texts.insert(0, ("target_group", row.target_group))
        texts += [("evidence", text) for text in row.evidence]
        texts.append(("judgement", row.judgement))
    texts += [("published", row.published), ("note", row.note)]
    return [
        phrase(f"page.detail.{kind}", language, text=text.in_language(language))
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
    words = phrase(_unit_code(block, scheme), language, **filled)
    return f"{words} {phrase('unit.or_cost', language)}" if block.or_actual_cost else words


def _unit_code(block: Block, scheme: Scheme) -> str:
    """The code of the words for a block's unit, and for what the source leaves open of it."""
    if block.needs_certificate:
        return "unit.certificate"
    if block.unit is Unit.NOT_STATED and block.amount_cents is None:
        return "page.no_amount"
    if block.unit is Unit.FULL_TIME_YEAR and block.day_count is DayCount.WORKED_HOURS:
        return "unit.worked_hours"
    if block.unit is Unit.FULL_TIME_YEAR and scheme.weekly_hours is None:
        return "unit.no_hours_basis"
    return f"unit.{block.unit}"


def limit(block: Block, language: Language) -> str:
    """Say how long a person counts in a row, or for how many hours; nothing where that is open."""
    if not block.unit.counts_time:
        return ", ".join(_limits(block, language))
    if block.max_months is None:
        return phrase("page.no_limit", language)
    code = "page.limit_after_benefit" if block.from_last_benefit_day else "page.limit"
    return phrase(code, language, months=months(block.max_months, language))


def _limits(block: Block, language: Language) -> Iterator[str]:
    """The limits of a row of hours or costs: in months, in hours a week and in hours together."""
    if block.max_months is not None:
        yield phrase("page.limit", language, months=months(block.max_months, language))
    if block.max_weekly_hours is not None:
        hours = number(Fraction(block.max_weekly_hours, 100), language)
        yield phrase("page.limit.weekly_hours", language, hours=hours)
    if block.max_hours is not None:
        hours = number(Fraction(block.max_hours, 100), language)
        yield phrase("page.limit.hours", language, hours=hours)


def share(basis_points: int | None, language: Language) -> str:
    """Write a percentage, or that the source does not name it."""
    if basis_points is None:
        return phrase("page.no_percentage", language)
    return percentage(Fraction(basis_points, 100), language)


def certificate_worth(certificate: Certificate, scheme: Scheme, language: Language) -> str:
    """Say what part of an invoice a certificate makes count, where blocks differ by block."""
    takers = [block for block in scheme.blocks if block.needs_certificate]
    own = [
        f"{block.label.in_language(language)}: {share(here.percentage_bp, language)}"
        for block in takers
        if block.own_certificates
        for here in block.certificates
        if here.key == certificate.key
    ]
    if own and all(block.own_certificates for block in takers):
        return "; ".join(own)
    return "; ".join([share(certificate.percentage_bp, language), *own])


def bonus_worth(bonus: Bonus, language: Language) -> str:
    """Say what a bonus is worth, in words: `€ 5.000,00, voor hetzelfde deel als het bouwblok`."""
    code = "actual_cost" if bonus.actual_cost else "once" if bonus.once else "as_base"
    code = "yearly_amount" if bonus.yearly_amount else code
    amount = None if bonus.amount_cents is None else euros(bonus.amount_cents, language)
    part = percentage(Fraction(bonus.percentage_bp, 100), language)
    amount = amount or phrase("page.no_amount", language)
    return phrase(f"bonus.{code}", language, amount=amount, percentage=part)


def counting_rules(scheme: Scheme, language: Language) -> Iterator[str]:
    """Say how time is counted, from the week of full time to the caps, a sentence each."""
    if scheme.weekly_hours is not None:
        hours = number(Fraction(scheme.weekly_hours, 100), language)
        yield phrase("page.rule.weekly_hours", language, figure=hours)
    elif any(_unit_code(block, scheme) == "unit.no_hours_basis" for block in scheme.blocks):
        yield phrase("page.rule.no_weekly_hours", language)
    for name in ("default_max_months", "gap_months", "look_back_months"):
        figure, code = getattr(scheme, name), f"page.rule.{name}"
        if name == "default_max_months" and scheme.limit_from_last_benefit_day:
            code = "page.rule.months_after_benefit"
        if figure is not None:
            yield phrase(code, language, figure=months(figure, language))
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
    if cap.label is not None:
        blocks = cap.label.in_language(language)
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


def _scope(rule: Percentage | Threshold, language: Language) -> list[str]:
    """The clients and kinds of contracts that a rule is for; none where it is for all."""
    kinds = [phrase(f"category.{name}", language) for name in sorted(rule.categories or ())]
    return [*sorted(rule.clients or ()), *kinds]


def _scoped(rule: Percentage | Threshold, sentences: Sequence[str], language: Language) -> str:
    """Join what a rule says, after what it is for."""
    scope, said = ", ".join(_scope(rule, language)), " · ".join(sentences)
    return f"{scope}: {said}" if scope else said


def _stated(*choices: tuple[str, str | None], language: Language) -> list[str]:
    """What a rule says of the value that it is about, where it says anything."""
    return [phrase(f"page.owed.{key}.{said}", language) for key, said in choices if said]


def percentage_text(rule: Percentage, language: Language) -> str:
    """Say how large an obligation is, and of which contracts."""
    basis = phrase(f"basis.{rule.basis}", language)
    if rule.percentage_bp is not None:
        part = percentage(Fraction(rule.percentage_bp, 100), language)
        sentences = [phrase("page.owed.percentage", language, part=part, basis=basis)]
    elif rule.offered_max_bp is not None:
        least, most = (
            percentage(Fraction(bp or 0, 100), language)
            for bp in (rule.offered_above_bp, rule.offered_max_bp)
        )
        sentences = [phrase("page.owed.offered", language, least=least, most=most, basis=basis)]
    else:
        sentences = [phrase("page.owed.no_percentage", language, basis=basis)]
    for name in ("labour_share_min_bp", "labour_share_below_bp"):
        share = getattr(rule, name)
        if share is not None:
            part = percentage(Fraction(share, 100), language)
            sentences.append(phrase(f"page.owed.{name}", language, part=part))
    if rule.value_above_cents is not None:
        amount = euros(rule.value_above_cents, language)
        sentences.append(phrase("page.owed.value_above", language, amount=amount))
    sentences += _stated(("vat", rule.vat), language=language)
    sentences += [text.in_language(language) for text in (rule.condition, rule.judgement) if text]
    return _scoped(rule, sentences, language)


def threshold_text(rule: Threshold, language: Language) -> str:
    """Say from where a contract owes anything."""
    sentences = []
    if rule.amount_cents is not None:
        code = "page.owed.above" if rule.strictly_above else "page.owed.from"
        sentences.append(phrase(code, language, amount=euros(rule.amount_cents, language)))
    if rule.eu_amount is not None:
        above = phrase(
            "page.owed.above" if rule.strictly_above else "page.owed.from",
            language,
            amount=phrase(f"page.owed.eu.{rule.eu_amount}", language),
        )
        sentences.append(above)
    elif rule.eu_threshold:
        sentences.append(phrase("page.owed.eu_threshold", language))
    if rule.min_duration_months is not None:
        least = months(rule.min_duration_months, language)
        sentences.append(phrase("page.owed.min_duration", language, months=least))
    sentences += _stated(("vat", rule.vat), ("call_offs", rule.call_offs), language=language)
    sentences += [text.in_language(language) for text in (rule.note, rule.judgement) if text]
    return _scoped(rule, sentences, language)


def owed_sentences(scheme: Scheme, language: Language) -> list[str]:
    """Say what a contract owes, rule by rule; what somebody else reports says so."""
    rules = scheme.obligation
    said = [(percentage_text(rule, language), rule.source) for rule in rules.percentages]
    said += [(threshold_text(rule, language), rule.source) for rule in rules.thresholds]
    if rules.cap_cents is not None:
        said.append((most_owed(rules.cap_cents, language), scheme.source_of("obligation.cap")))
    notes = rules.notes if rules.yearly_minimum is None else (rules.yearly_minimum, *rules.notes)
    said += [(discount_text(rule, language), rule.source) for rule in rules.discounts]
    said += [(note.text.in_language(language), note.source) for note in notes]
    return [with_reader(text, source, scheme, language) for text, source in said]


def with_reader(text: str, source: str | None, scheme: Scheme, language: Language) -> str:
    """A published rule in words, with a warning where it was read with somebody else."""
    if not is_secondary(scheme, source):
        return text
    return f"{text} ({phrase('read.secondary', language)})"


def most_owed(cents: int, language: Language) -> str:
    """Say the most that one contract can owe."""
    return phrase("page.owed.cap", language, amount=euros(cents, language))


def discount_text(discount: Discount, language: Language) -> str:
    """Say what a certificate takes off the obligation."""
    names = ", ".join(sorted(discount.certificates))
    part = share(discount.percentage_bp, language)
    sentences = [phrase("page.owed.discount", language, certificates=names, part=part)]
    if discount.valid is not None:
        sentences.append(phrase(f"page.owed.valid.{discount.valid}", language))
    texts = (*discount.conditions, discount.judgement)
    sentences += [text.in_language(language) for text in texts if text]
    return " · ".join(sentences)


def bonus_blocks(bonus: Bonus, scheme: Scheme, language: Language) -> str:
    """Name the rows that a bonus goes with."""
    keys = [block.key for block in scheme.blocks if block.key in bonus.blocks]
    with_all = len(keys) == len(scheme.blocks)
    return phrase("page.every_block", language) if with_all else ", ".join(keys)


def notes_of(scheme: Scheme) -> list[Note]:
    """List the published rules that only a person can apply."""
    moment = [] if scheme.reference_moment is None else [scheme.reference_moment]
    return [*moment, *scheme.eligibility, *scheme.limit_exceptions, *scheme.notes]


def due(deadline: Deadline, language: Language) -> str:
    """Say when something must be done: `binnen 14 dagen na de gunning`."""
    if deadline.days is None:
        return phrase(f"page.at.{deadline.moment}", language)
    kind = "working_days" if deadline.working else "days"
    count = abs(deadline.days)
    shown = phrase(f"{kind}.one" if count == 1 else f"{kind}.many", language, count=count)
    moment = phrase(f"moment.{deadline.moment}", language)
    code = "page.days_before" if deadline.days < 0 else "page.days"
    return phrase(code, language, days=shown, moment=moment)


def sanction_text(sanction: Sanction, language: Language) -> str:
    """Say what happens with the part that was not realised."""
    sentences = [phrase(f"obligation.kind.{sanction.kind}", language)]
    if sanction.factor is not None:
        factor = number(sanction.factor, language)
        code = "page.factor_one" if sanction.factor == 1 else "page.factor"
        sentences.append(phrase(code, language, factor=factor))
    if sanction.recovery_days is not None:
        sentences.append(phrase("obligation.recovery_days", language, days=sanction.recovery_days))
    texts = (sanction.recovery, *sanction.steps, sanction.exception, sanction.judgement)
    sentences += [text.in_language(language) for text in texts if text]
    return " · ".join(sentences)


def rule_name(path: str, scheme: Scheme, language: Language) -> str:
    """Name the rule at a dotted path in words: the label of its row, and what of that row."""
    part, *rest = path.removeprefix("obligation.").split(".")
    labels: list[str] = []
    if part in _ROWS and rest:
        label = next((row for row in _ROWS[part](scheme) if row.key == rest[0]), None)
        labels = [] if label is None else [_row_name(part, label, language)]
        if len(rest) == 1:
            return labels[0] if labels else path
        part, rest = "", rest[1:]
    names = [name for name in reversed([part, *rest]) if name in _NAMED]
    return ": ".join([*labels, *(phrase(f"rule.{name}", language) for name in names[:1])]) or path


def _row_name(part: str, row: _Row, language: Language) -> str:
    """The label of a row; one without a label is named by what it is of."""
    if isinstance(row, Block | Bonus | Certificate):
        return row.label.in_language(language)
    if isinstance(row, Deadline):
        return row.what.in_language(language)
    if isinstance(row, Cap) and row.label is not None:
        return row.label.in_language(language)
    if isinstance(row, Cap):
        return phrase(f"rule.caps.{row.per}", language)
    if isinstance(row, Sanction):
        return phrase(f"obligation.kind.{row.kind}", language)
    name = phrase(f"rule.{part}", language)
    scope = ", ".join(_scope(row, language)) if isinstance(row, Threshold | Percentage) else ""
    return f"{name} ({scope})" if scope else name

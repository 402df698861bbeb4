"""Make a `Scheme` from the checked contents of a scheme file.

Numbers arrive as `int` or `Decimal` and leave as whole cents, basis points or hundredths; the
check has made sure that nothing is lost in that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

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
    ObligationRules,
    Percentage,
    Sanction,
    Scheme,
    Source,
    Threshold,
    Unit,
)

Table = Mapping[str, Any]

#: What holds where a scheme that values effort says nothing, by the path it would be stated at.
CONVENTIONS = ("time.day_count", "pro_rata", "rounding", "bonus_pro_rata", "bonus_adding")
#: What holds where a row that takes a cost names no percentage of it, by its name in conventions.
_WHOLE_COST, _COST = "percentage", str(Unit.ACTUAL_COST)
#: How many bonuses a scheme must have before a convention about them says anything.
_BONUSES_FOR_CONVENTION = {"bonus_pro_rata": 1, "bonus_adding": 2}


def build_scheme(
    document: Table, *, version: str, sha256: str, conventions: Mapping[str, Text]
) -> Scheme:
    """Make the scheme of a document that `check_document` found no fault in.

    `conventions` gives the reason for each of `CONVENTIONS` that the document neither states nor
    assumes in its own words, so that silence is never mistaken for a published rule; and for the
    percentage of a cost, which is of a row.
    """
    time, limit, minimum = (document.get(name, {}) for name in ("time", "limit", "minimum"))
    dates = document.get("version", {})
    assumed = _assumed(document, conventions)
    return Scheme(
        id=document["id"],
        version=version,
        sha256=sha256,
        family=document.get("family", document["id"]),
        publisher=document["publisher"],
        applies_to=tuple(document["applies_to"]),
        title=_text(document["title"]),
        standing=document["standing"],
        sources={key: _source(table) for key, table in document["sources"].items()},
        assumed=assumed,
        weekly_hours=_hundredths(time.get("weekly_hours")),
        day_count=DayCount(time.get("day_count", DayCount.ANNIVERSARY)),
        gap_months=limit.get("gap_months"),
        look_back_months=document.get("look_back", {}).get("months"),
        default_max_months=limit.get("max_months"),
        limit_from_last_benefit_day=limit.get("months_from") == "last_benefit_day",
        limit_counted_in=limit.get("counted_in", "calendar"),
        blocks=tuple(_blocks(document, time, limit, minimum)),
        bonuses=tuple(_bonuses(document)),
        caps=tuple(_caps(document)),
        certificates=tuple(_certificates(document)),
        obligation=_obligation(document),
        reference_moment=_reference(document),
        limit_exceptions=tuple(_notes(document, limit.get("exceptions", {}))),
        eligibility=tuple(_notes(document, document.get("eligibility", {}))),
        notes=tuple(_notes(document, document.get("notes", {}))),
        version_note=_optional_text(dates.get("note")),
        gaps=tuple(_text(gap) for gap in document.get("gaps", ())),
        valid_from=_date(dates.get("valid_from")),
        valid_to=_date(dates.get("valid_to")),
        retroactive_to=_date(dates.get("retroactive_to")),
        selected_by=dates.get("selected_by"),
        rule_sources=dict(rule_sources(document)),
        texts={
            **dict(texts_of(document)),
            **{f"assumed.{path}": reason for path, reason in assumed.items()},
        },
    )


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    """List every text of a document with its dotted path; a place in a list is its number.

    A table with the key `nl` is one text in two languages. A published document never changes, so
    a path stands for its words for ever.
    """
    if isinstance(value, str) or (isinstance(value, Mapping) and "nl" in value):
        yield path, _text(value)
    elif isinstance(value, Mapping | list):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            yield from texts_of(item, f"{path}.{key}" if path else str(key))


def rule_sources(table: Table, path: str = "") -> Iterator[tuple[str, str]]:
    """The path of every table that names its source, with that source's key."""
    if path and isinstance(table.get("source"), str):
        yield path, table["source"]
    for key, value in table.items():
        if isinstance(value, Mapping) and not (path == "" and key in ("sources", "assumed")):
            yield from rule_sources(value, f"{path}.{key}" if path else key)


def in_scope(document: Table, rule: Table) -> frozenset[str]:
    """The keys of the blocks that a bonus or cap applies to: those it names, or every block."""
    blocks: Table = document.get("blocks", {})
    if "blocks" not in rule and "categories" not in rule:
        return frozenset(blocks)
    by_category = {
        key for key, block in blocks.items() if block.get("category") in rule.get("categories", ())
    }
    return frozenset(by_category | set(rule.get("blocks", ())))


def _text(value: str | Table) -> Text:
    return Text(value) if isinstance(value, str) else Text(value["nl"], value.get("en"))


def _optional_text(value: str | Table | None) -> Text | None:
    return None if value is None else _text(value)


def _texts(values: Any) -> tuple[Text, ...]:
    return tuple(_text(value) for value in values or ())


def _hundredths(value: int | Decimal | None) -> int | None:
    """Whole hundredths: cents of euros, basis points of percent, hundredths of hours."""
    return None if value is None else int(value * 100)


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _source(table: Table) -> Source:
    return Source(table["url"], table["read"], _optional_text(table.get("says")))


def _url(document: Table, table: Table) -> str | None:
    key = table.get("source")
    return None if key is None else str(document["sources"][key]["url"])


def _set(table: Table, key: str) -> frozenset[str] | None:
    return frozenset(table[key]) if key in table else None


def _notes(document: Table, tables: Table) -> Iterator[Note]:
    for table in tables.values():
        yield Note(_text(table["text"]), _url(document, table))


def _reference(document: Table) -> Note | None:
    table = document.get("reference_date")
    if table is None:
        return None
    return Note(_text(table.get("text", table["moment"])), _url(document, table))


def _assumed(document: Table, conventions: Mapping[str, Text]) -> dict[str, Text]:
    assumed = {path: _text(reason) for path, reason in document.get("assumed", {}).items()}
    if document.get("blocks"):
        for path in CONVENTIONS:
            table, _, field = path.partition(".")
            stated = field in document.get(table, {}) if field else table in document
            bonuses_needed = _BONUSES_FOR_CONVENTION.get(path, 0)
            if len(document.get("bonuses", ())) < bonuses_needed:
                continue
            if not stated and path not in assumed:
                assumed[path] = conventions[path]
        for path in _whole_costs(document):
            assumed.setdefault(path, conventions[_WHOLE_COST])
    return assumed


def _whole_costs(document: Table) -> Iterator[str]:
    """The paths of percentages that a row of costs does not name, so that the whole cost counts."""
    for table in ("blocks", "bonuses"):
        for key, t in document.get(table, {}).items():
            by_cost = t.get("actual_cost") or t.get("unit") == _COST
            by_certificate = t.get("needs_certificate") or "certificates" in t
            if by_cost and not by_certificate and "percentage" not in t:
                yield f"{table}.{key}.percentage"


def _blocks(document: Table, time: Table, limit: Table, minimum: Table) -> Iterator[Block]:
    for key, t in document.get("blocks", {}).items():
        unit = Unit(t["unit"])
        max_months = t.get("max_months", limit.get("max_months") if unit.counts_time else None)
        months_from = t.get("months_from", limit.get("months_from"))
        timed = unit.counts_time
        limited = max_months not in (None, "none")
        yield Block(
            key=key,
            label=_text(t["label"]),
            category=t["category"],
            unit=unit,
            amount_cents=_hundredths(t.get("amount")),
            percentage_bp=_hundredths(t.get("percentage", 100)) or 0,
            day_count=DayCount(t.get("day_count", time.get("day_count", DayCount.ANNIVERSARY))),
            max_months=max_months if limited else None,
            min_months=t.get("min_months", minimum.get("months")) if timed else None,
            min_weekly_hours=(
                _hundredths(t.get("min_weekly_hours", minimum.get("weekly_hours")))
                if timed
                else None
            ),
            max_weekly_hours=_hundredths(t.get("max_weekly_hours")),
            max_hours=_hundredths(t.get("max_hours")),
            from_last_benefit_day=timed and limited and months_from == "last_benefit_day",
            certificates=tuple(_certificates_of_block(document, t)),
            own_certificates="certificates" in t,
            or_actual_cost=t.get("or_actual_cost", False),
            published=_optional_text(t.get("published")),
            target_group=_optional_text(t.get("target_group")),
            groups=tuple(t.get("groups", ())),
            conditions=_texts(t.get("conditions")),
            evidence=_texts(t.get("evidence")),
            note=_optional_text(t.get("note")),
            judgement=_optional_text(t.get("judgement")),
            unlimited=timed and max_months == "none",
            source=_url(document, t),
        )


def _certificates(document: Table) -> Iterator[Certificate]:
    for key, t in document.get("certificates", {}).items():
        percentage_bp = _hundredths(t.get("percentage"))
        yield Certificate(key, _text(t["label"]), percentage_bp, _url(document, t))


def _certificates_of_block(document: Table, block: Table) -> Iterator[Certificate]:
    """The certificates that a block names itself, or every one where it asks for any."""
    own = block.get("certificates")
    if own is None and not block.get("needs_certificate"):
        return
    for certificate in _certificates(document):
        if own is None:
            yield certificate
        elif certificate.key in own:
            here = own[certificate.key]
            percentage_bp = None if here == "not_stated" else _hundredths(here)
            source = _url(document, block)
            yield replace(certificate, percentage_bp=percentage_bp, source=source)


def _bonuses(document: Table) -> Iterator[Bonus]:
    for key, t in document.get("bonuses", {}).items():
        yield Bonus(
            key=key,
            label=_text(t["label"]),
            amount_cents=_hundredths(t.get("amount")),
            actual_cost=t.get("actual_cost", False),
            percentage_bp=_hundredths(t.get("percentage", 100)) or 0,
            blocks=in_scope(document, t),
            group=t.get("group"),
            once=t.get("once", False) or t.get("yearly_amount", False),
            yearly_amount=t.get("yearly_amount", False),
            published=_optional_text(t.get("published")),
            conditions=_texts(t.get("conditions")),
            note=_optional_text(t.get("note")),
            source=_url(document, t),
        )


def _caps(document: Table) -> Iterator[Cap]:
    for key, t in document.get("caps", {}).items():
        yield Cap(
            key=key,
            per=t["per"],
            amount_cents=_hundredths(t.get("amount")),
            share_bp=_hundredths(t.get("share")),
            blocks=in_scope(document, t),
            label=_optional_text(t.get("label")),
            source=_url(document, t),
        )


def _obligation(document: Table) -> ObligationRules:
    table = document.get("obligation", {})
    minimum = table.get("yearly_minimum")
    return ObligationRules(
        default_client=table.get("default_client"),
        notes=tuple(_notes(document, table.get("notes", {}))),
        thresholds=tuple(_thresholds(document, table.get("thresholds", {}))),
        percentages=tuple(_percentages(document, table.get("percentages", {}))),
        cap_cents=_hundredths(table.get("cap", {}).get("amount")),
        yearly_minimum=minimum
        and Note(_text(minimum.get("text", minimum["rule"])), _url(document, minimum)),
        discounts=tuple(_discounts(document, table.get("discounts", {}))),
        deadlines=tuple(_deadlines(document)),
        sanctions=tuple(_sanctions(document)),
    )


def _thresholds(document: Table, tables: Table) -> Iterator[Threshold]:
    for key, t in tables.items():
        yield Threshold(
            key=key,
            categories=_set(t, "categories"),
            clients=_set(t, "clients"),
            amount_cents=_hundredths(t.get("amount")),
            strictly_above=t.get("strictly_above", False),
            eu_threshold=bool(t.get("eu_threshold", False)),
            eu_amount=_eu_amount(t),
            vat=t.get("vat"),
            call_offs=t.get("call_offs"),
            min_duration_months=t.get("min_duration_months"),
            note=_optional_text(t.get("note")),
            judgement=_optional_text(t.get("judgement")),
            source=_url(document, t),
        )


def _eu_amount(threshold: Table) -> str | None:
    """Which European amount a threshold refers to; None where it is not said, or none is."""
    key = threshold.get("eu_threshold")
    return key if isinstance(key, str) else None


def _percentages(document: Table, tables: Table) -> Iterator[Percentage]:
    for key, t in tables.items():
        yield Percentage(
            key=key,
            categories=_set(t, "categories"),
            clients=_set(t, "clients"),
            percentage_bp=_hundredths(t.get("percentage")),
            basis=t["basis"],
            labour_share_min_bp=_hundredths(t.get("labour_share_min")),
            labour_share_below_bp=_hundredths(t.get("labour_share_below")),
            offered_above_bp=_hundredths(t.get("offered_above")),
            offered_max_bp=_hundredths(t.get("offered_max")),
            value_above_cents=_hundredths(t.get("value_above")),
            vat=t.get("vat"),
            condition=_optional_text(t.get("condition")),
            judgement=_optional_text(t.get("judgement")),
            source=_url(document, t),
        )


def _discounts(document: Table, tables: Table) -> Iterator[Discount]:
    for key, t in tables.items():
        yield Discount(
            key=key,
            certificates=frozenset(t["certificates"]),
            percentage_bp=_hundredths(t.get("percentage")),
            valid=t.get("valid"),
            conditions=_texts(t.get("conditions")),
            judgement=_optional_text(t.get("judgement")),
            source=_url(document, t),
        )


def _deadlines(document: Table) -> Iterator[Deadline]:
    for key, t in document.get("deadlines", {}).items():
        yield Deadline(
            key=key,
            what=_text(t["what"]),
            moment=t["moment"],
            days=t.get("days"),
            working=t.get("working", False),
            note=_optional_text(t.get("note")),
            source=_url(document, t),
        )


def _sanctions(document: Table) -> Iterator[Sanction]:
    for key, t in document.get("sanctions", {}).items():
        factor = t.get("factor")
        yield Sanction(
            key=key,
            kind=t["kind"],
            factor=None if factor is None else Fraction(factor),
            recovery_days=t.get("recovery_days"),
            recovery=_optional_text(t.get("recovery")),
            steps=_texts(t.get("steps")),
            exception=_optional_text(t.get("exception")),
            judgement=_optional_text(t.get("judgement")),
            source=_url(document, t),
        )

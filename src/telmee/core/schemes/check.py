"""Every fault in the contents of a scheme, beyond what its JSON Schema can say.

The checks read a document that may also break the schema, so they look before they leap: a
writer is told all faults in one go, not one per attempt. Each check is one published promise of
docs/scheme-format.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from telmee.core.errors import Problem
from telmee.core.schemes.build import CONVENTIONS, in_scope
from telmee.core.schemes.model import Unit

Table = Mapping[str, Any]

#: Bonuses are bits of one int64 per line.
BONUSES_MAX = 60

_HUNDREDTH = Decimal("0.01")
#: No published number comes near; beyond it a Decimal has no cents left to look at.
_NUMBER_MAX = 10**15
#: The dates of `version`.
_VERSION_DATES = ("valid_from", "valid_to", "retroactive_to")

_TIME_UNITS = {unit for unit in Unit if unit.counts_time}
#: Units whose base already takes the column `bedrag`.
_COST_UNITS = {Unit.ACTUAL_COST, Unit.DAY_MAXIMUM}
_YEARLY_UNITS = {Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR}
_AMOUNTLESS_UNITS = {Unit.ACTUAL_COST, Unit.AGREEMENT}
#: Keys of a block that mean something for some units only.
_BLOCK_KEYS_BY_UNIT: Mapping[str, set[Unit]] = {
    "amount": set(Unit) - _AMOUNTLESS_UNITS,
    "published": set(Unit) - {Unit.ACTUAL_COST, Unit.AGREEMENT},
    "percentage": {Unit.ACTUAL_COST},
    "needs_certificate": {Unit.ACTUAL_COST},
    "certificates": {Unit.ACTUAL_COST},
    "or_actual_cost": {Unit.HOUR},
    "day_count": _YEARLY_UNITS,
    "max_months": _TIME_UNITS | {Unit.HOUR, Unit.ACTUAL_COST},
    "max_weekly_hours": {Unit.HOUR},
    "max_hours": {Unit.HOUR},
    "months_from": _TIME_UNITS,
    "min_months": _TIME_UNITS,
    "min_weekly_hours": _TIME_UNITS,
}
#: What limits the hours of a block, or the time in which they count.
_LIMITS = ("max_months", "max_weekly_hours", "max_hours")
#: Tables that hold published values and so must name a source or be assumed.
_RULE_TABLES = (
    "time", "pro_rata", "rounding", "bonus_pro_rata", "bonus_adding", "limit", "minimum",
    "look_back", "reference_date", "obligation.cap", "obligation.yearly_minimum",
)  # fmt: skip
_KEYED_RULE_TABLES = (
    "limit.exceptions", "blocks", "bonuses", "caps", "certificates", "eligibility",
    "obligation.thresholds", "obligation.percentages", "obligation.discounts",
    "obligation.notes", "deadlines", "sanctions", "notes",
)  # fmt: skip


#: Values of a table that stands there, which a reason may be given for although they are absent.
_MAY_BE_SILENT = {
    "amount", "basis", "blocks", "categories", "clients", "day_count", "factor", "gap_months",
    "group", "max_hours", "max_months", "max_weekly_hours", "min_months", "min_weekly_hours",
    "months", "once", "percentage", "rule",
    "selected_by", "share", "unit", "valid", "valid_from", "weekly_hours",
}  # fmt: skip


def check_document(document: Table) -> tuple[Problem, ...]:
    """Every fault of a scheme's contents, all at once; empty means that it can be used.

    `column` of a problem is the dotted path of the value.
    """
    checks = (
        _check_sources,
        _check_assumed,
        _check_decimals,
        _check_version,
        _check_blocks,
        _check_bonuses,
        _check_caps,
        _check_obligation,
        _check_discounts,
        _check_clients,
    )
    return tuple(problem for check in checks for problem in check(document))


def value_at(document: Table, path: str) -> Any:
    """What stands at a dotted path such as `blocks.wwb.amount`; None where nothing does."""
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _tables(document: Table, path: str) -> Iterator[tuple[str, Table]]:
    """The sub-tables at a path with their own paths; what is no table the schema reports."""
    parent = value_at(document, path)
    if isinstance(parent, Mapping):
        for key, table in parent.items():
            if isinstance(table, Mapping):
                yield f"{path}.{key}", table


def _check_sources(document: Table) -> Iterator[Problem]:
    sources = document.get("sources")
    known = set(sources) if isinstance(sources, Mapping) else set()
    rules = [(path, value_at(document, path)) for path in (*_RULE_TABLES, "version")]
    rules += [rule for path in _KEYED_RULE_TABLES for rule in _tables(document, path)]
    for path, table in rules:
        if not isinstance(table, Mapping):
            continue
        source = table.get("source")
        if isinstance(source, str) and source not in known:
            params = {"source": source, "known": ", ".join(sorted(known))}
            yield Problem("unknown_source", f"{path}.source", params=params)
        elif source is None and path != "version":
            yield from _check_unsourced(document, path, table)


def _check_unsourced(document: Table, path: str, table: Table) -> Iterator[Problem]:
    """A value without a source must be assumed, so that nothing passes it off as published."""
    assumed = document.get("assumed")
    reasons = set(assumed) if isinstance(assumed, Mapping) else set()
    if path in reasons:
        return
    for key, value in table.items():
        if isinstance(value, int | Decimal) and f"{path}.{key}" not in reasons:
            yield Problem("no_source", f"{path}.{key}")
        if key == "certificates" and isinstance(value, Mapping):
            yield from _check_unsourced(document, f"{path}.{key}", value)


def _check_assumed(document: Table) -> Iterator[Problem]:
    assumed = document.get("assumed")
    for path in assumed if isinstance(assumed, Mapping) else ():
        parent, _, field = path.rpartition(".")
        stands = value_at(document, path) is not None
        silent = field in _MAY_BE_SILENT and parent not in _KEYED_RULE_TABLES
        on_silence = silent and isinstance(value_at(document, parent), Mapping)
        if path not in CONVENTIONS and not stands and not on_silence:
            yield Problem("assumed_nothing", f"assumed.{path}", params={"path": path})


def _check_decimals(document: Table, path: str = "") -> Iterator[Problem]:
    for key, value in document.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _check_decimals(value, here)
        elif isinstance(value, Decimal) and _has_many_decimals(value):
            yield Problem("scheme_decimals", here, params={"value": str(value)})


def _has_many_decimals(value: Decimal) -> bool:
    near = value.is_finite() and abs(value) < _NUMBER_MAX
    return near and value != value.quantize(_HUNDREDTH)


def _check_version(document: Table) -> Iterator[Problem]:
    version = document.get("version")
    if not isinstance(version, Mapping):
        return
    written = {key: version[key] for key in _VERSION_DATES if isinstance(version.get(key), str)}
    for key, text in written.items():
        if not _is_date(text):
            yield Problem("no_such_date", f"version.{key}", params={"value": text[:60]})
    first, last = written.get("valid_from"), written.get("valid_to")
    if first and last and last < first:
        yield Problem("ends_before_start", "version.valid_to")
    retroactive = written.get("retroactive_to")
    if retroactive and (not first or retroactive > first):
        yield Problem("retroactive_after_start", "version.retroactive_to")


def _is_date(text: str) -> bool:
    """Whether a text is a day of the calendar; the schema looks at its shape only."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_blocks(document: Table) -> Iterator[Problem]:
    for path, block in _tables(document, "blocks"):
        unit = block.get("unit")
        if not isinstance(unit, str) or unit not in set(Unit):
            continue
        for key, units in _BLOCK_KEYS_BY_UNIT.items():
            if key in block and unit not in units:
                yield Problem("no_use_for_unit", f"{path}.{key}", params={"unit": unit})
        for key in _LIMITS if block.get("or_actual_cost") is True else ():
            if key in block and block[key] != "none":
                yield Problem("limit_with_invoice", f"{path}.{key}")
        if "months_from" in block and _counts_without_end(document, block):
            yield Problem("months_from_without_limit", f"{path}.months_from")
        yield from _check_certificates(document, path, block)
        if "judgement" in block and ("amount" in block or unit == Unit.ACTUAL_COST):
            yield Problem("judgement_with_value", f"{path}.judgement")
        if "published" in block and "amount" in block and unit != Unit.NOT_STATED:
            yield Problem("published_with_value", f"{path}.published")


def _counts_without_end(document: Table, block: Table) -> bool:
    return block.get("max_months", value_at(document, "limit.max_months")) in (None, "none")


def _check_certificates(document: Table, path: str, block: Table) -> Iterator[Problem]:
    """What a block says of the certificates of suppliers, and what that leaves out."""
    certificates, own = document.get("certificates"), block.get("certificates")
    known = set(certificates) if isinstance(certificates, Mapping) else set()
    if block.get("needs_certificate") and not known:
        yield Problem("no_certificates", f"{path}.needs_certificate")
    if (block.get("needs_certificate") or own) and "percentage" in block:
        yield Problem("two_percentages", f"{path}.percentage")
    if own and block.get("needs_certificate") is False:
        yield Problem("certificates_not_needed", f"{path}.certificates")
    for key in own if isinstance(own, Mapping) else ():
        if key not in known:
            params = {"certificate": key, "known": ", ".join(sorted(known)) or "-"}
            yield Problem("unknown_certificate_in_block", f"{path}.certificates", params=params)


def _check_scope(document: Table, path: str, rule: Table) -> Iterator[Problem]:
    blocks = document.get("blocks")
    known = set(blocks) if isinstance(blocks, Mapping) else set()
    for key in _listed(rule, "blocks"):
        if key not in known:
            yield Problem("unknown_block_in_scope", f"{path}.blocks", params={"block": key})
    used = {str(block.get("category")) for _, block in _tables(document, "blocks")}
    for category in _listed(rule, "categories"):
        if category not in used:
            params = {"category": category}
            yield Problem("empty_category", f"{path}.categories", params=params)


def _check_bonuses(document: Table) -> Iterator[Problem]:
    bonuses = list(_tables(document, "bonuses"))
    if len(bonuses) > BONUSES_MAX:
        yield Problem("too_many_bonuses", "bonuses", params={"max": BONUSES_MAX})
    for path, bonus in bonuses:
        yield from _check_scope(document, path, bonus)
        costs = bonus.get("actual_cost") is True
        if costs and ("amount" in bonus or bonus.get("once")):
            yield Problem("bonus_amount_and_cost", path)
        if "percentage" in bonus and not costs:
            yield Problem("bonus_percentage_without_cost", f"{path}.percentage")
        by_year = bonus.get("yearly_amount") is True
        if by_year and (costs or "amount" in bonus):
            yield Problem("bonus_with_two_amounts", path)
        if "published" in bonus and (costs or by_year or "amount" in bonus):
            yield Problem("published_with_value", f"{path}.published")
        in_reach = list(_blocks_in_scope(document, bonus))
        if costs:
            yield from _check_cost_bonus(path, in_reach)
        if by_year:
            yield from _check_yearly_bonus(path, in_reach)


def _blocks_in_scope(document: Table, rule: Table) -> Iterator[tuple[str, Table]]:
    tables = {path.rpartition(".")[2]: table for path, table in _tables(document, "blocks")}
    for key in sorted(in_scope({"blocks": tables}, _listed_scope(rule))):
        if key in tables:
            yield key, tables[key]


def _check_cost_bonus(path: str, blocks: Iterable[tuple[str, Table]]) -> Iterator[Problem]:
    """A bonus that takes `bedrag` may not sit on a block that takes the same euros."""
    for key, block in blocks:
        if block.get("unit") in list(_COST_UNITS) or block.get("or_actual_cost"):
            yield Problem("bonus_takes_same_cost", path, params={"block": key})


def _check_yearly_bonus(path: str, blocks: Iterable[tuple[str, Table]]) -> Iterator[Problem]:
    """A bonus of the amount for a year needs blocks whose amount is for a year."""
    for key, block in blocks:
        if block.get("unit") not in list(_YEARLY_UNITS):
            yield Problem("bonus_without_year", path, params={"block": key})


def _listed_scope(rule: Table) -> Table:
    """Keep of a rule's scope what has the right shape; the schema tells about the rest."""
    keys = [key for key in ("blocks", "categories") if isinstance(rule.get(key), list)]
    return {key: _listed(rule, key) for key in keys}


def _listed(rule: Table, key: str) -> list[str]:
    """The texts of a list; whatever else stands there is for the schema to report."""
    items = rule.get(key)
    return [item for item in items if isinstance(item, str)] if isinstance(items, list) else []


def _check_caps(document: Table) -> Iterator[Problem]:
    for path, cap in _tables(document, "caps"):
        yield from _check_scope(document, path, cap)
        wanted, other = ("share", "amount") if cap.get("per") == "contract" else ("amount", "share")
        if wanted not in cap:
            yield Problem("cap_without_figure", path, params={"wanted": wanted})
        if other in cap:
            yield Problem("cap_with_other_figure", f"{path}.{other}", params={"wanted": wanted})


def _check_obligation(document: Table) -> Iterator[Problem]:
    for path, rule in _tables(document, "obligation.percentages"):
        offered = "offered_above" in rule or "offered_max" in rule
        if offered and "percentage" in rule:
            yield Problem("percentage_and_offer", path)
        if not offered and "percentage" not in rule and "judgement" not in rule:
            yield Problem("percentage_without_figure", path)
        if "vat" in rule and rule.get("basis") == "wage_sum":
            yield Problem("vat_of_wages", f"{path}.vat")
        for low, high in (
            ("offered_above", "offered_max"),
            ("labour_share_min", "labour_share_below"),
        ):
            least, most = rule.get(low), rule.get(high)
            if not (isinstance(least, int | Decimal) and isinstance(most, int | Decimal)):
                continue
            if least >= most:
                yield Problem("empty_range", f"{path}.{high}", params={"low": low, "high": high})
    for path, rule in _tables(document, "obligation.thresholds"):
        if not {"amount", "eu_threshold", "judgement", "min_duration_months"} & set(rule):
            yield Problem("threshold_without_figure", path)
        if "amount" in rule and isinstance(rule.get("eu_threshold"), str):
            yield Problem("threshold_twice", f"{path}.amount")
    for path, rule in _tables(document, "sanctions"):
        if "factor" not in rule and "judgement" not in rule:
            yield Problem("sanction_without_figure", path)


def _check_discounts(document: Table) -> Iterator[Problem]:
    certificates = document.get("certificates")
    known = set(certificates) if isinstance(certificates, Mapping) else set()
    for path, rule in _tables(document, "obligation.discounts"):
        for key in _listed(rule, "certificates"):
            if key not in known:
                params = {"certificate": key}
                yield Problem("unknown_certificate_in_discount", path, params=params)
        if "percentage" not in rule and "judgement" not in rule:
            yield Problem("discount_without_figure", path)


def _check_clients(document: Table) -> Iterator[Problem]:
    """A rule for a client that the scheme does not name would never hold for anybody."""
    known = _listed(document, "applies_to")
    keys = [
        (f"{path}.clients", client)
        for part in ("thresholds", "percentages")
        for path, rule in _tables(document, f"obligation.{part}")
        for client in _listed(rule, "clients")
    ]
    default = value_at(document, "obligation.default_client")
    if isinstance(default, str):
        keys.append(("obligation.default_client", default))
    for path, client in keys:
        if client not in known:
            params = {"client": client, "known": ", ".join(known)}
            yield Problem("unknown_client_in_rule", path, params=params)

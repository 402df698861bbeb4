"""The obligation rules of some published schemes, as far as a test needs them, and two builders."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

from telmee.core.obligations import Assessment, Category, Contract, assess
from telmee.core.schemes.build import build_scheme
from telmee.core.schemes.check import check_document
from telmee.core.schemes.model import Scheme

_HEAD = """
format = 1
id = "example"
publisher = "Gemeente Voorbeeld"
applies_to = {clients}
title = "Voorbeeld"
standing = "published"
[sources.page]
url = "https://example.nl/social-return"
read = "full"
"""
#: Rules that ask 5% of the contract sum of everybody.
FIVE = """
[obligation.percentages.all]
percentage = 5
basis = "contract_sum"
"""


def scheme_of(rules: str, clients: tuple[str, ...] = ("Gemeente Voorbeeld",)) -> Scheme:
    """Build a scheme of rules in TOML; `source = "page"` may be left out of every table."""
    head = _HEAD.format(clients=list(clients)).replace("'", '"')
    document = tomllib.loads(head + rules, parse_float=Decimal)
    for tables in _rule_tables(document):
        tables.setdefault("source", "page")
    assert check_document(document) == ()
    return build_scheme(document, version="undated", sha256="0" * 64, conventions={})


def _rule_tables(document: dict[str, Any]) -> list[dict[str, Any]]:
    rules = document.get("obligation", {})
    keyed = [rules.get(name, {}) for name in ("thresholds", "percentages", "discounts", "notes")]
    keyed += [document.get(name, {}) for name in ("deadlines", "sanctions", "certificates")]
    single = [rules[name] for name in ("cap", "yearly_minimum") if name in rules]
    return [table for tables in keyed for table in tables.values()] + single


def contract_of(euros: int | str, **facts: Any) -> Contract:
    """Make a contract of so many euros: services, one year from 1 January 2026, unless said."""
    facts.setdefault("category", Category.SERVICES)
    facts.setdefault("start", date(2026, 1, 1))
    facts.setdefault("end", date(2026, 12, 31))
    return Contract(value_cents=int(Decimal(euros) * 100), **facts)


def owed(scheme: Scheme, euros: int | str, **facts: Any) -> int | None:
    """What a contract owes in cents."""
    return assess(scheme, contract_of(euros, **facts)).owed_cents


def codes(found: Assessment) -> list[str]:
    """The codes of what needs judgement."""
    return [problem.code for problem in found.problems]


def steps(found: Assessment) -> dict[str, Any]:
    """The value of each step by its name; the last one of a name stands."""
    return {step.step: step.value for step in found.explanation if step.step != "to_check"}


def checks(found: Assessment) -> list[Any]:
    """The codes of what a person should check."""
    return [step.value for step in found.explanation if step.step == "to_check"]


SCHIEDAM = scheme_of(
    """
    [obligation.thresholds.services]
    categories = ["services"]
    amount = 125000
    [obligation.thresholds.supplies]
    categories = ["supplies"]
    amount = 125000
    [obligation.thresholds.works]
    categories = ["works"]
    amount = 225000
    [obligation.percentages.all]
    percentage = 5
    basis = "contract_sum"
    condition = "minimum"
    [deadlines.consent]
    what = "written consent to the clause"
    moment = "bid"
    """
)
RIJK = scheme_of(
    """
    [obligation.thresholds.works_services]
    categories = ["works", "services"]
    amount = 250000
    min_duration_months = 6
    [obligation.percentages.sum]
    categories = ["works", "services"]
    percentage = 5
    basis = "contract_sum"
    condition = "aim"
    [obligation.percentages.wages]
    categories = ["works", "services"]
    percentage = 7
    basis = "wage_sum"
    """
)
BLOEMENDAAL = scheme_of(
    """
    [obligation.thresholds.works_services]
    categories = ["works", "services"]
    amount = 200000
    [obligation.percentages.works_services]
    categories = ["works", "services"]
    percentage = 5
    basis = "contract_sum"
    [obligation.percentages.supplies]
    categories = ["supplies"]
    percentage = 5
    basis = "contract_sum"
    labour_share_min = 30
    """
)
HAAGLANDEN = scheme_of(
    """
    [obligation.thresholds.den_haag]
    clients = ["Den Haag"]
    amount = 215000
    [obligation.thresholds.rijswijk]
    clients = ["Rijswijk"]
    eu_threshold = true
    strictly_above = true
    [obligation.percentages.den_haag]
    clients = ["Den Haag"]
    percentage = 5
    basis = "contract_sum"
    [obligation.percentages.leidschendam]
    clients = ["Leidschendam-Voorburg"]
    categories = ["works", "services"]
    percentage = 5
    basis = "contract_sum"
    [obligation.percentages.leidschendam_low_labour]
    clients = ["Leidschendam-Voorburg"]
    percentage = 2
    basis = "contract_sum"
    labour_share_below = 30
    """,
    ("Delft", "Den Haag", "Leidschendam-Voorburg", "Rijswijk"),
)
NOORD_HOLLAND = scheme_of(
    """
    [obligation.thresholds.works]
    categories = ["works"]
    amount = 150000
    [obligation.thresholds.services]
    categories = ["services"]
    amount = 214000
    [obligation.thresholds.newer]
    categories = ["works", "services"]
    eu_threshold = true
    strictly_above = true
    [deadlines.advice]
    what = "contact the team"
    moment = "final_award"
    days = 7
    working = true
    """
)
SUDWEST_FRYSLAN = scheme_of(
    """
    [obligation.percentages.minimum]
    percentage = 2
    basis = "contract_sum"
    [obligation.percentages.offered]
    basis = "contract_sum"
    offered_above = 2
    offered_max = 5
    [obligation.cap]
    amount = 300000
    [obligation.yearly_minimum]
    rule = "spread_evenly"
    text = "The offered percentage sets the minimum value per year."
    """
)
TILBURG = scheme_of(
    """
    [certificates.pso_2]
    label = "PSO 2"
    [certificates.pso_3]
    label = "PSO 3"
    [obligation.percentages.sum]
    percentage = 5
    basis = "contract_sum"
    [obligation.percentages.wages]
    percentage = 7
    basis = "wage_sum"
    [obligation.percentages.large]
    basis = "contract_sum"
    value_above = 1000000
    judgement = "may deviate"
    [obligation.discounts.pso]
    certificates = ["pso_2", "pso_3"]
    percentage = 100
    """
)
BRABANT = scheme_of(
    """
    [sanctions.fine]
    kind = "fine"
    factor = 1.5
    """
)
AV_REGIO = scheme_of(
    """
    [certificates.pso]
    label = "PSO"
    [obligation.percentages.invented]
    percentage = 5
    basis = "contract_sum"
    [obligation.discounts.pso]
    certificates = ["pso"]
    valid = "whole_contract"
    judgement = "percentages not on the page"
    """
)

"""Each rule variant at work: lines and contracts beside the fixture, worked out by hand."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from telmee.core.obligations import Basis, Category, Contract, HeldCertificate, assess
from telmee.core.obligations.deadlines import holiday_years
from telmee.core.valuation import value
from telmee.integrations.holidays_nl import public_holidays
from telmee.integrations.scheme_files import load_scheme_file
from tests.builders import contributions_of

FIXTURES = Path(__file__).parent / "fixtures" / "schemes"
CASES = sorted(FIXTURES.glob("*/case.toml"))


def cases(kind: str) -> list[Path]:
    return [path for path in CASES if kind in tomllib.loads(path.read_text("utf-8"))]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)


def scheme_beside(path: Path) -> Any:
    (file,) = path.parent.glob("[u0-9]*.toml")
    return load_scheme_file(file)


@pytest.mark.parametrize("path", cases("lines"), ids=lambda path: path.parent.name)
def test_a_line_is_worth_what_was_worked_out_by_hand(path: Path) -> None:
    case = read(path)
    owed = {name: int(euros * 100) for name, euros in case.get("owed", {}).items()}
    lines = contributions_of([line["row"] for line in case["lines"]])
    found = value(scheme_beside(path), lines, obligations=owed)
    for at, line in enumerate(case["lines"]):
        assert str(found.status(at)) == line["status"], line
        assert found.value_cents(at) == line.get("value_cents"), line


@pytest.mark.parametrize("path", cases("obligations"), ids=lambda path: path.parent.name)
def test_a_contract_owes_what_was_worked_out_by_hand(path: Path) -> None:
    scheme = scheme_beside(path)
    for case in read(path)["obligations"]:
        contract = contract_of(case["contract"])
        holidays = public_holidays(holiday_years(scheme, contract))
        found = assess(scheme, contract, holidays=holidays)
        assert str(found.status) == case["status"], case
        assert found.owed_cents == case.get("owed_cents"), case
        if "due" in case:
            assert {due.key: due.due for due in found.deadlines if due.due} == case["due"], case
        if "sanction_cents" in case:
            amounts = {s.key: s.amount_cents for s in found.sanctions if s.amount_cents is not None}
            assert amounts == case["sanction_cents"], case
        if "per_year_cents" in case:
            assert [part.cents for part in found.per_year] == case["per_year_cents"], case


def contract_of(table: dict[str, Any]) -> Contract:
    named = dict(table)
    facts: dict[str, Any] = {
        "category": Category(named.pop("category")),
        "basis": Basis(named.pop("basis", "sum")),
        "certificates": tuple(HeldCertificate(**held) for held in named.pop("certificates", ())),
    }
    for name, field in (
        ("value", "value_cents"),
        ("wages", "wages_cents"),
        ("realised", "realised_cents"),
        ("expected", "expected_cents"),
        ("eu_threshold", "eu_threshold_cents"),
        ("with_vat", "with_vat_cents"),
        ("framework", "framework_cents"),
        ("labour_share", "labour_share_bp"),
        ("offered", "offered_bp"),
    ):
        if name in named:
            facts[field] = int(named.pop(name) * 100)
    for name in [name for name, fact in named.items() if isinstance(fact, date | str)]:
        facts[name] = named.pop(name)
    assert not named, f"a fact this test does not know: {sorted(named)}"
    return Contract(**facts)

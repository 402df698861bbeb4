"""What comparable contracts owe: only those on which somebody decides, of one kind and size."""

from __future__ import annotations

from datetime import date
from typing import Any

from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.comparing import comparable_shares
from telmee.apps.contracts.models import CpvCode
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import register

HALF_A_MILLION = 500_000_00


def a_contract(cast: Cast, agreed: int = 25_000_00, **changes: Any) -> int:
    usual = {"value_cents": HALF_A_MILLION, "agreed_cents": agreed, "end": date(2025, 12, 31)}
    return register(cast, **{**usual, **changes})


def shares(user: Any, **facts: Any) -> list[int]:
    asked = {"category": "services", "value_cents": HALF_A_MILLION, "cpv": None, **facts}
    with acting_as(user.pk) as acting:
        return sorted(comparable_shares(acting, **asked))


def test_of_the_same_kind_and_of_half_to_twice_the_value(cast: Cast) -> None:
    itself = a_contract(cast)
    a_contract(cast, 20_000_00, value_cents=250_000_00)
    a_contract(cast, 20_000_00, value_cents=1_000_000_00)
    a_contract(cast, 20_000_00, value_cents=249_999_99)
    a_contract(cast, 20_000_00, value_cents=1_000_000_01)
    a_contract(cast, 40_000_00, category=Category.WORKS)
    a_contract(cast, 0)
    assert shares(cast.adviser) == [200, 500, 800]
    assert shares(cast.adviser, besides=itself) == [200, 800]
    assert shares(cast.adviser, category="works") == [800]
    assert shares(cast.adviser, value_cents=0) == []


def test_only_who_decides_compares(cast: Cast) -> None:
    a_contract(cast)
    assert shares(cast.adviser) == shares(cast.team) == [500]
    for name in ("contractor", "auditor", "subcontractor", "competitor", "outsider", "operator"):
        assert shares(getattr(cast, name)) == [], name


def test_of_the_same_division_of_the_cpv_where_enough_are(cast: Cast) -> None:
    with acting_as(cast.adviser.pk):
        codes = CpvCode.objects.filter(code__startswith="45").values_list("code", flat=True)[:5]
        painting = list(codes)
    a_contract(cast, 5_000_00, cpv=None)
    for code in painting[:4]:
        a_contract(cast, cpv=code)
    assert shares(cast.adviser, cpv=painting[4]) == [100, 500, 500, 500, 500]
    a_contract(cast, cpv=painting[4])
    assert shares(cast.adviser, cpv=painting[4]) == [500] * 5

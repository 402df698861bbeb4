"""What comparable contracts owe: only those on which somebody decides, of one kind and size."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.comparing import Alike, comparable_shares, regional_shares
from telmee.apps.contracts.models import CpvCode
from telmee.apps.organisations.acting import acting_as
from telmee.web.contracts.comparison import beside_others
from tests.apps.contracts.test_turnover import agree, by_turnover
from tests.cast import Cast
from tests.registering import register

HALF_A_MILLION = 500_000_00


def a_contract(cast: Cast, agreed: int = 25_000_00, **changes: Any) -> int:
    usual = {"value_cents": HALF_A_MILLION, "agreed_cents": agreed, "end": date(2025, 12, 31)}
    return register(cast, **{**usual, **changes})


def shares(user: Any, besides: int | None = None, **facts: Any) -> list[int]:
    with acting_as(user.pk) as acting:
        return sorted(comparable_shares(acting, alike(**facts), besides=besides))


def alike(**facts: Any) -> Alike:
    usual = {"category": "services", "value_cents": HALF_A_MILLION, "cpv": None}
    return Alike(**{**usual, **facts})


def of_region(user: Any, client: Any, **facts: Any) -> list[int]:
    with acting_as(user.pk):
        return regional_shares(client.pk, alike(**facts))


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


def test_what_was_agreed_of_turnover_so_far_says_nothing_of_others(cast: Cast) -> None:
    a_contract(cast)
    partly = by_turnover(cast, value_cents=HALF_A_MILLION)
    agree(cast, partly, 10_000)
    assert shares(cast.adviser) == [500]


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


@pytest.fixture
def region(cast: Cast, own_database: str, as_owner: Any) -> list[int]:  # noqa: ARG001
    """Five contracts in the region of Hilversum, of 1% to 5%, of three other clients."""
    contracts = [a_contract(cast, percent * 5_000_00) for percent in range(1, 6)]
    (place,), *others = as_owner(
        "SELECT municipality_id FROM organisations_regionmembership WHERE region_id ="
        " (SELECT region_id FROM organisations_regionmembership GROUP BY 1"
        "  HAVING count(*) > 3 ORDER BY 1 LIMIT 1) ORDER BY 1"
    )
    live_in = "UPDATE organisations_organisation SET municipality_id = %s WHERE id = %s"
    as_owner(live_in, place, cast.hilversum.pk)
    clients = (cast.huizen.pk, cast.region.pk, cast.audit_office.pk)
    for client, (municipality,) in zip(clients, others, strict=False):
        as_owner(live_in, municipality, client)
    for at, contract in enumerate(contracts):
        give(as_owner, contract, clients[at % 3])
    return contracts


def give(as_owner: Any, contract: int, client: int) -> None:
    """Let a contract be that of another client."""
    as_owner(
        "DELETE FROM contracts_party WHERE contract_id = %s AND organisation_id = %s"
        " AND role <> 'client'",
        contract,
        client,
    )
    as_owner(
        "UPDATE contracts_party SET organisation_id = %s WHERE contract_id = %s"
        " AND role = 'client'",
        client,
        contract,
    )


@pytest.mark.usefixtures("region")
def test_what_the_other_clients_of_the_region_ask_is_known_without_them(
    cast: Cast, as_owner: Any
) -> None:
    percents = [100, 200, 300, 400, 500]
    assert shares(cast.adviser) == []
    partly = by_turnover(cast, value_cents=HALF_A_MILLION)
    agree(cast, partly, 10_000)
    give(as_owner, partly, cast.huizen.pk)
    assert of_region(cast.adviser, cast.hilversum) == percents
    assert of_region(cast.adviser, cast.hilversum, category="works") == []
    assert of_region(cast.adviser, cast.hilversum, value_cents=200_000_00) == []
    for name in ("contractor", "auditor", "reader", "competitor", "outsider", "operator"):
        assert of_region(getattr(cast, name), cast.hilversum) == [], name
    # Own contracts are no part of it, and nothing is said of a client that is not his.
    a_contract(cast, 40_000_00)
    assert of_region(cast.adviser, cast.hilversum) == percents
    assert of_region(cast.adviser, cast.huizen) == []
    # Nothing outside the region counts: with one less there are too few.
    as_owner(
        "UPDATE organisations_organisation SET municipality_id = NULL WHERE id = %s",
        cast.huizen.pk,
    )
    assert of_region(cast.adviser, cast.hilversum) == []


def test_of_two_clients_nothing_is_said(cast: Cast, region: list[int], as_owner: Any) -> None:
    for contract in region:
        give(as_owner, contract, cast.huizen.pk)
    assert of_region(cast.adviser, cast.hilversum) == []
    give(as_owner, region[0], cast.audit_office.pk)
    assert of_region(cast.adviser, cast.hilversum) == []
    give(as_owner, region[1], cast.region.pk)
    assert of_region(cast.adviser, cast.hilversum) == [100, 200, 300, 400, 500]


@pytest.mark.usefixtures("region")
def test_the_region_is_said_beside_the_own_contracts(cast: Cast) -> None:
    with acting_as(cast.adviser.pk) as acting:
        page = beside_others(acting, alike(), client_id=cast.hilversum.pk, owed_cents=40_000_00)
    assert page is not None
    (sentence,) = page.sentences
    assert "3%" in sentence
    assert [one.code for one in page.oddities] == ["obligation_far_above_others"]


def test_a_contract_is_of_a_size_with_half_of_it_and_twice_it_to_the_cent() -> None:
    assert Alike("works", 300_01, None).sizes == (150_01, 600_02)
    assert Alike("works", 300_00, None).sizes == (150_00, 600_00)

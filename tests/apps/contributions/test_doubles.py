"""What may be double is said over lines, contracts and clients, and tells no client of another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft, withdraw
from telmee.apps.contributions.doubles import doubles_of, doubles_of_cells
from telmee.apps.contributions.valuing import typed_cells
from telmee.apps.organisations.acting import acting_as
from telmee.apps.people.models import Person
from telmee.core.explain import Step
from tests.cast import Cast
from tests.registering import PLACEMENT, found, hand_in, register

pytestmark = pytest.mark.django_db

WINTER: dict[str, Any] = {"begin": date(2026, 1, 1), "eind": date(2026, 3, 31)}


@pytest.fixture(scope="module")
def contract(module_cast: Cast) -> int:
    return register(module_cast)


def of_huizen(cast: Cast) -> int:
    """A contract of another client with the same contractor; Hilversum sees nothing of it."""
    others = replace(cast, hilversum=cast.huizen, adviser=cast.colleague)
    return register(others, reference="HUI-2025-001", name="Wegen")


def codes(steps: tuple[Step, ...]) -> dict[str, object]:
    return {
        str(step.value).removeprefix("double_"): step.params.get("references", step.params["how"])
        for step in steps
    }


def seen(cast: Cast, who: str, *lines: int) -> list[dict[str, object]]:
    with acting_as(getattr(cast, who).pk) as acting:
        doubles = doubles_of(acting, lines)
        return [codes(doubles.get(line, ())) for line in lines]


def test_both_lines_say_with_which_other_they_are_double(cast: Cast, contract: int) -> None:
    one = hand_in(cast, contract)
    other = hand_in(cast, contract, kenmerk="K-2", bouwblok="wia_wao", eind=date(2025, 3, 31))
    apart = hand_in(cast, contract, kenmerk="K-3", **WINTER)
    assert seen(cast, "adviser", one, other, apart) == [
        {"over_full_time": "K-2", "two_groups": "K-2"},
        {"over_full_time": "K-1", "two_groups": "K-1, K-3"},
        {"two_groups": "K-2"},
    ]


def test_another_contract_of_the_client_is_named(cast: Cast, contract: int) -> None:
    second = register(cast, reference="HIL-2025-002")
    one = hand_in(cast, contract, uren_per_week=12_00)
    other = hand_in(cast, second, uren_per_week=12_00, bouwblok="ww_gt1")
    assert seen(cast, "adviser", one, other) == [
        {"overlap": "K-1 (HIL-2025-002)", "two_groups": "K-1 (HIL-2025-002)"},
        {"overlap": "K-1 (HIL-2025-001)", "two_groups": "K-1 (HIL-2025-001)"},
    ]


def test_of_another_client_only_that_there_is_one_is_said(cast: Cast, contract: int) -> None:
    one = hand_in(cast, contract)
    there = hand_in(cast, of_huizen(cast))
    for who, own, other in (("adviser", one, there), ("colleague", there, one)):
        assert seen(cast, who, own, other) == [{"overlap": "elsewhere"}, {}]
    for who in ("contractor", "team"):  # who sees both of them is told which
        assert seen(cast, who, one) == [
            {"same_period": "K-1 (HUI-2025-001)", "over_full_time": "K-1 (HUI-2025-001)"}
        ]


def test_an_invoice_for_two_clients_is_said_to_both(cast: Cast, contract: int) -> None:
    bill: dict[str, Any] = {
        "bouwblok": "training",
        "bedrag": 1_000_00,
        **dict.fromkeys(("uren_per_week", "eind", "persoon")),
    }
    one = hand_in(cast, contract, **bill)
    there = hand_in(cast, of_huizen(cast), **bill)
    twice = hand_in(cast, contract, **bill, kenmerk="K-2")
    assert seen(cast, "colleague", there) == [{"same_invoice": "elsewhere"}]
    with acting_as(cast.adviser.pk) as acting:
        steps = doubles_of(acting, [one])[one]
    assert [step.params["how"] for step in steps] == ["line", "elsewhere"]
    assert seen(cast, "adviser", twice)[0]["same_invoice"] == "elsewhere"


def test_invoices_of_two_suppliers_are_not_the_same(cast: Cast, contract: int) -> None:
    bill: dict[str, Any] = {"bouwblok": "training", "bedrag": 1_000_00}
    bill |= dict.fromkeys(("uren_per_week", "eind", "persoon"))
    one = hand_in(cast, contract, **bill, leverancier="30000004")
    other = hand_in(cast, contract, **bill, leverancier="30000005", kenmerk="K-2")
    there = hand_in(cast, of_huizen(cast), **bill, leverancier="30000005")
    assert seen(cast, "adviser", one, other) == [{}, {"same_invoice": "elsewhere"}]
    assert seen(cast, "contractor", there) == [{"same_invoice": "K-2 (HIL-2025-001)"}]


def test_near_equal_codes_are_said_of_one_contractor_alone(cast: Cast, contract: int) -> None:
    one = hand_in(cast, contract, persoon="K-020")
    near = hand_in(cast, contract, persoon="k 20", kenmerk="K-2", **WINTER)
    of_sub = hand_in(cast, contract, by="subcontractor", persoon="K-20", kenmerk="K-3", **WINTER)
    assert seen(cast, "adviser", one, near, of_sub) == [
        {"near_code": "K-2"},
        {"near_code": "K-1"},
        {},
    ]


def test_what_counts_nowhere_is_not_double(cast: Cast, contract: int) -> None:
    one, other = hand_in(cast, contract), hand_in(cast, contract, kenmerk="K-2")
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*found(acting, other), reason="Dubbel ingevuld")
    assert seen(cast, "adviser", one, other) == [{}, {}]


def test_a_client_is_not_told_of_drafts(cast: Cast, contract: int) -> None:
    one = hand_in(cast, contract)
    with acting_as(cast.contractor.pk) as acting:
        draft = save_draft(contract_for(acting, contract), {**PLACEMENT, "kenmerk": "K-2"})
    assert seen(cast, "adviser", one) == [{}]
    assert seen(cast, "contractor", draft.pk) == [{"same_period": "K-1", "over_full_time": "K-1"}]


def test_a_line_is_looked_at_while_it_is_typed(cast: Cast, contract: int) -> None:
    hand_in(cast, contract, persoon="K-020")

    def typed(code: str, line: int | None = None, **changes: Any) -> dict[str, object]:
        with acting_as(cast.contractor.pk) as acting:
            access = contract_for(acting, contract)
            cells = typed_cells(cast.de_eem.pk, {**PLACEMENT, "persoon": code, **changes})
            steps = doubles_of_cells(acting, access.contract, cast.de_eem.pk, cells, line_id=line)
            return codes(steps)

    assert typed(" k-020 ") == {"same_period": "K-1", "over_full_time": "K-1"}
    assert typed("K20", **WINTER) == {"near_code": "K-1"}
    assert typed("K-21") == {}
    line = hand_in(cast, contract, persoon="K-99", kenmerk="K-2")
    assert typed("K-99", line, **WINTER) == {}
    hand_in(cast, contract, persoon="K-1-02", kenmerk="K-3")
    assert typed("K102", **WINTER) == {"near_code": "K-3"}  # the same without its signs
    assert typed("K1-2", **WINTER) == {"near_code": "K-3"}  # the same in its parts


def test_an_invoice_is_looked_at_while_it_is_typed(cast: Cast, contract: int) -> None:
    bill: dict[str, Any] = {"bouwblok": "training", "bedrag": 1_000_00}
    bill |= dict.fromkeys(("uren_per_week", "eind", "persoon"))
    hand_in(cast, contract, **bill)

    def typed(**changes: Any) -> dict[str, object]:
        cells = {**PLACEMENT, **bill, "kenmerk": "K-2", **changes}
        cells = {column: cell for column, cell in cells.items() if cell is not None}
        with acting_as(cast.contractor.pk) as acting:
            access = contract_for(acting, contract)
            return codes(doubles_of_cells(acting, access.contract, cast.de_eem.pk, cells))

    assert typed() == {"same_invoice": "K-1"}
    assert typed(bedrag=1_000_01) == typed(begin=date(2025, 2, 2)) == {}


def test_spellings_of_a_code_are_one_person(cast: Cast, contract: int) -> None:
    for number, code in enumerate(("P1", " p1 ", "p1")):
        hand_in(cast, contract, persoon=code, kenmerk=f"K-{number}")
    with acting_as(cast.contractor.pk):
        assert [person.code for person in Person.objects.all()] == ["P1"]


@pytest.mark.parametrize(
    "who", ["contractor", "subcontractor", "auditor", "competitor", "outsider", "colleague"]
)
def test_nobody_but_who_decides_is_answered_by_the_database(
    cast: Cast, contract: int, who: str
) -> None:
    """The attack: ask straight away about lines of which one is not the client."""
    lines = [hand_in(cast, contract), hand_in(cast, of_huizen(cast))]
    asked = "SELECT line, kind FROM telmee_double_elsewhere(%s)"
    with acting_as(getattr(cast, who).pk), connection.cursor() as cursor:
        cursor.execute(asked, [lines])
        assert cursor.fetchall() == ([(lines[1], "overlap")] if who == "colleague" else [])


@pytest.mark.parametrize("who", ["competitor", "outsider", "colleague", "subcontractor"])
def test_lines_to_lay_beside_are_those_that_who_asks_may_see(
    cast: Cast, contract: int, who: str
) -> None:
    """The attack: ask straight away for what is beside a line, or beside a code and an invoice."""
    line = hand_in(cast, contract, persoon="K-020")
    asked = "SELECT telmee_lines_beside(%s, %s, NULL, %s, %s, %s)"
    typed = [cast.de_eem.pk, ["k20", "k20"], date(2025, 1, 1), 1_000_00]
    for who_asks, expected in ((who, []), ("contractor", [(line,)])):
        for lines, beside in (([line], [None] * 4), ([], typed)):
            with acting_as(getattr(cast, who_asks).pk), connection.cursor() as cursor:
                cursor.execute(asked, [lines, *beside])
                assert cursor.fetchall() == expected

from datetime import date
from typing import Any

import pytest

from telmee.core.errors import DomainError
from telmee.core.obligations import Basis, HeldCertificate, assess
from tests.core.obligations.published import HAAGLANDEN, contract_of, scheme_of, steps

FIVE = scheme_of('[obligation.percentages.all]\npercentage = 5\nbasis = "contract_sum"')


def faults(euros: int = 100, **facts: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(DomainError) as refused:
        assess(FIVE, contract_of(euros, **facts))
    return [(problem.code, problem.column) for problem in refused.value.problems]


def test_all_faults_are_told_at_once() -> None:
    assert faults(
        10**9 + 1,
        start=date(2026, 1, 2),
        end=date(2026, 1, 1),
        basis=Basis.WAGES,
        labour_share_bp=10_001,
        client="Nergens",
        award=date(1899, 12, 31),
        certificates=(HeldCertificate("pso", date(2200, 1, 1)),),
        realised_cents=2,
        expected_cents=1,
    ) == [
        ("contract_amount_out_of_range", "opdrachtwaarde"),
        ("contract_share_out_of_range", "arbeidsdeel"),
        ("contract_date_out_of_range", "gunning"),
        ("contract_date_out_of_range", "certificaat"),
        ("contract_end_before_start", "eind"),
        ("missing_wages", "loonsom"),
        ("expected_below_realised", "verwacht"),
        ("unknown_client", "opdrachtgever"),
    ]


@pytest.mark.parametrize(
    ("column", "facts"),
    [
        ("loonsom", {"wages_cents": -1}),
        ("eu_drempel", {"eu_threshold_cents": -1}),
        ("gerealiseerd", {"realised_cents": -1}),
        ("geleverd", {"delivered_cents": -1}),
        ("verwacht", {"expected_cents": 10**11 + 1}),
    ],
)
def test_an_impossible_amount_is_named(column: str, facts: dict[str, int]) -> None:
    assert faults(**facts) == [("contract_amount_out_of_range", column)]


def test_the_largest_contract_is_a_thousand_million() -> None:
    assert assess(FIVE, contract_of(10**9)).owed_cents == 50_000_000_00


def test_one_day_is_a_contract() -> None:
    one_day = {"start": date(2026, 1, 1), "end": date(2026, 1, 1)}
    assert assess(FIVE, contract_of(100, **one_day)).owed_cents == 5_00


def test_a_client_is_known_by_its_name_in_any_clothes() -> None:
    found = assess(HAAGLANDEN, contract_of(1_000_000, client=" GEMEENTE Den  haag "))
    assert (found.client, steps(found)["client"]) == ("Den Haag", "Den Haag")


def test_an_unknown_client_is_told_the_known_ones() -> None:
    with pytest.raises(DomainError) as refused:
        assess(HAAGLANDEN, contract_of(100, client="Utrecht"))
    (problem,) = refused.value.problems
    known = "Delft, Den Haag, Leidschendam-Voorburg, Rijswijk"
    assert problem.params == {"client": "Utrecht", "known": known}


def test_the_default_client_is_said_to_be_assumed() -> None:
    scheme = scheme_of(
        """
        [obligation]
        default_client = "Den Haag"
        [obligation.percentages.den_haag]
        clients = ["Den Haag"]
        percentage = 5
        basis = "contract_sum"
        [assumed]
        "obligation.default_client" = "The page is of Den Haag."
        """,
        ("Delft", "Den Haag"),
    )
    found = assess(scheme, contract_of(100))
    assert (found.client, found.owed_cents) == ("Den Haag", 5_00)
    first = found.explanation[0]
    assert (first.step, first.value, first.source) == ("client_assumed", "Den Haag", None)
    assert [reason.nl for reason in first.assumed] == ["The page is of Den Haag."]
    named = assess(scheme, contract_of(100, client="Delft"))
    assert named.owed_cents is None


def test_facts_of_a_framework_or_with_vat_may_not_contradict_the_rest() -> None:
    assert faults(100, with_vat_cents=99_99) == [("with_vat_below_value", "waarde_met_btw")]
    assert faults(framework_end=date(2026, 1, 1)) == [
        ("framework_without_value", "waarde_raamovereenkomst")
    ]
    days: dict[str, Any] = {"framework_start": date(2026, 1, 2), "framework_end": date(2026, 1, 1)}
    assert faults(framework_cents=1, **days) == [
        ("contract_end_before_start", "eind_raamovereenkomst")
    ]


def test_a_scheme_of_unknown_clients_takes_any_and_asks_whether_it_holds() -> None:
    scheme = scheme_of('[obligation.percentages.all]\npercentage = 5\nbasis = "contract_sum"', ())
    for client in (None, "Leiden"):
        found = assess(scheme, contract_of(100, client=client))
        assert (found.owed_cents, found.client) == (5_00, client)
        assert "clients_unknown" in [s.value for s in found.explanation if s.step == "to_check"]

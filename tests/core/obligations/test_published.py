"""What contracts owe by published rules, worked out by hand from the pages."""

from datetime import date

import pytest

from telmee.core.obligations import Basis, Category, HeldCertificate, Status, assess
from telmee.core.schemes.model import Scheme
from tests.core.obligations.published import (
    AV_REGIO,
    BLOEMENDAAL,
    BRABANT,
    HAAGLANDEN,
    NOORD_HOLLAND,
    RIJK,
    SCHIEDAM,
    SUDWEST_FRYSLAN,
    TILBURG,
    checks,
    codes,
    contract_of,
    owed,
    scheme_of,
    steps,
)


def test_the_example_of_schiedam() -> None:
    """The page prints "1 miljard" with this answer; only a million fits."""
    assert owed(SCHIEDAM, 1_000_000) == 50_000_00


def test_the_chain_of_rotterdam() -> None:
    """5% of about 800 million is imposed, 85% of that is the aim: 34 million."""
    rotterdam = scheme_of('[obligation.percentages.all]\npercentage = 5\nbasis = "contract_sum"')
    imposed = assess(rotterdam, contract_of(800_000_000, expected_cents=34_000_000_00))
    assert imposed.owed_cents == 40_000_000_00
    assert imposed.position is not None
    assert imposed.position.shortfall_cents == 6_000_000_00
    assert imposed.owed_cents * 85 == 34_000_000_00 * 100


def test_the_realisation_rate_of_rotterdam_in_2018() -> None:
    """25.2 million against 22.5 million is 112%: a surplus, and nothing open."""
    rotterdam = scheme_of('[obligation.percentages.all]\npercentage = 5\nbasis = "contract_sum"')
    found = assess(rotterdam, contract_of(450_000_000, realised_cents=25_200_000_00))
    assert found.owed_cents == 22_500_000_00
    assert found.position is not None
    assert (found.position.open_cents, found.position.surplus_cents) == (0, 2_700_000_00)
    assert found.owed_cents * 112 == 25_200_000_00 * 100


@pytest.mark.parametrize(
    ("category", "euros", "cents"),
    [
        (Category.SERVICES, 125_000, 6_250_00),
        (Category.SERVICES, 124_999, 0),
        (Category.SUPPLIES, 125_000, 6_250_00),
        (Category.WORKS, 225_000, 11_250_00),
        (Category.WORKS, 224_999, 0),
    ],
)
def test_schiedam_has_a_threshold_per_category(category: Category, euros: int, cents: int) -> None:
    assert owed(SCHIEDAM, euros, category=category) == cents


def test_a_category_without_a_threshold_owes_and_says_that_none_was_found() -> None:
    found = assess(SCHIEDAM, contract_of(1_000, category=Category.HIRE))
    assert found.owed_cents == 50_00
    assert "threshold_not_found" in checks(found)


@pytest.mark.parametrize(
    ("end", "cents"),
    [
        (date(2026, 6, 30), 12_500_00),  # six months to the day
        (date(2026, 6, 29), 0),
    ],
)
def test_the_rijk_wants_six_months_as_well(end: date, cents: int) -> None:
    assert owed(RIJK, 250_000, end=end) == cents
    assert owed(RIJK, 249_999, end=end) == 0


def test_the_wages_of_the_rijk_are_an_alternative() -> None:
    wages = {"wages_cents": 120_000_00}
    assert owed(RIJK, 300_000, **wages) == 15_000_00
    assert owed(RIJK, 300_000, **wages, basis=Basis.WAGES) == 8_400_00


def test_the_rijk_is_silent_about_supplies() -> None:
    found = assess(RIJK, contract_of(1_000_000, category=Category.SUPPLIES))
    assert (found.status, found.owed_cents) == (Status.NEEDS_JUDGEMENT, None)
    assert codes(found) == ["no_percentage_for_contract"]


@pytest.mark.parametrize(
    ("labour_share_bp", "cents", "found_codes"),
    [
        (3000, 5_000_00, []),
        (2999, 0, []),
        (None, None, ["labour_share_unknown"]),
    ],
)
def test_supplies_in_bloemendaal_need_a_labour_share_of_30(
    labour_share_bp: int | None, cents: int | None, found_codes: list[str]
) -> None:
    contract = contract_of(100_000, category=Category.SUPPLIES, labour_share_bp=labour_share_bp)
    found = assess(BLOEMENDAAL, contract)
    assert (found.owed_cents, codes(found)) == (cents, found_codes)


def test_a_labour_share_that_is_too_low_is_the_reason_given() -> None:
    contract = contract_of(100_000, category=Category.SUPPLIES, labour_share_bp=1000)
    assert steps(assess(BLOEMENDAAL, contract))["labour_share_too_low"] == 30


def test_services_in_bloemendaal_need_no_labour_share() -> None:
    assert owed(BLOEMENDAAL, 200_000) == 10_000_00


@pytest.mark.parametrize(
    ("client", "euros", "cents"),
    [
        ("Den Haag", 215_000, 10_750_00),
        ("gemeente  den haag", 214_999, 0),
        ("Delft", 500_000, None),
    ],
)
def test_haaglanden_differs_per_client(client: str, euros: int, cents: int | None) -> None:
    assert owed(HAAGLANDEN, euros, client=client) == cents


def test_a_client_with_little_labour_has_its_own_percentage() -> None:
    leidschendam = {"client": "Leidschendam-Voorburg"}
    assert owed(HAAGLANDEN, 100_000, **leidschendam, labour_share_bp=2999) == 2_000_00
    assert owed(HAAGLANDEN, 100_000, **leidschendam, labour_share_bp=3000) == 5_000_00
    unknown = assess(HAAGLANDEN, contract_of(100_000, **leidschendam))
    assert codes(unknown) == ["labour_share_unknown"]


def test_nobody_guesses_the_client() -> None:
    found = assess(HAAGLANDEN, contract_of(1_000_000))
    assert (found.owed_cents, codes(found)) == (None, ["client_needed"])


@pytest.mark.parametrize(
    ("euros", "eu_threshold", "found_codes"),
    [
        (100_000, None, ["eu_threshold_unknown", "no_obligation_percentage"]),
        (100_000, 221_000, []),  # below on both pages: nothing owed
        (213_999, 221_000, []),  # not quite either
        (214_000, 221_000, ["thresholds_disagree", "no_obligation_percentage"]),
        (221_000, 221_000, ["thresholds_disagree", "no_obligation_percentage"]),  # not above
        (221_001, 221_000, ["no_obligation_percentage"]),
    ],
)
def test_two_pages_of_noord_holland_must_agree(
    euros: int, eu_threshold: int | None, found_codes: list[str]
) -> None:
    cents = None if eu_threshold is None else eu_threshold * 100
    found = assess(NOORD_HOLLAND, contract_of(euros, eu_threshold_cents=cents))
    assert codes(found) == found_codes
    assert found.owed_cents == (None if found_codes else 0)


def test_the_cap_of_sudwest_fryslan() -> None:
    """2% of 15 million is the cap of 300,000 exactly; above it the rest comes off."""
    assert owed(SUDWEST_FRYSLAN, 15_000_000) == 300_000_00
    found = assess(SUDWEST_FRYSLAN, contract_of(20_000_000))
    assert found.owed_cents == 300_000_00
    assert steps(found)["cap_reduction_cents"] == 100_000_00


def test_an_offer_in_sudwest_fryslan_takes_the_place_of_the_minimum() -> None:
    assert owed(SUDWEST_FRYSLAN, 1_000_000) == 20_000_00
    assert owed(SUDWEST_FRYSLAN, 1_000_000, offered_bp=350) == 35_000_00
    assert owed(SUDWEST_FRYSLAN, 1_000_000, offered_bp=500) == 50_000_00


def test_the_minimum_per_year_in_sudwest_fryslan() -> None:
    two_years = {"end": date(2027, 12, 31)}
    found = assess(SUDWEST_FRYSLAN, contract_of(1_000_000, **two_years, offered_bp=400))
    assert [(part.year, part.cents) for part in found.per_year] == [(1, 20_000_00), (2, 20_000_00)]
    without_offer = assess(SUDWEST_FRYSLAN, contract_of(1_000_000, **two_years))
    assert without_offer.per_year == ()
    assert "yearly_minimum" in checks(without_offer)


def test_pso_is_an_exemption_in_tilburg() -> None:
    certificates = (HeldCertificate("pso_2"),)
    found = assess(TILBURG, contract_of(500_000, certificates=certificates))
    assert (found.status, found.owed_cents) == (Status.NOTHING_OWED, 0)
    assert steps(found)["exemption"] == 100
    assert owed(TILBURG, 500_000) == 25_000_00


def test_above_a_million_a_person_decides_in_tilburg() -> None:
    assert owed(TILBURG, 1_000_000) == 50_000_00
    for basis in Basis:
        contract = contract_of(1_000_001, basis=basis, wages_cents=500_000_00)
        assert codes(assess(TILBURG, contract)) == ["percentage_needs_judgement"]
    certificates = (HeldCertificate("pso_3"),)
    assert owed(TILBURG, 5_000_000, certificates=certificates) == 0  # exempt whatever it would be


def test_a_certificate_that_lapses_during_the_contract_gives_nothing_in_av_regio() -> None:
    lapsing = (HeldCertificate("pso", date(2026, 12, 30)),)
    found = assess(AV_REGIO, contract_of(100_000, certificates=lapsing))
    assert found.owed_cents == 5_000_00
    assert steps(found)["certificate_lapsed_whole_contract"] == date(2026, 12, 30)
    lasting = (HeldCertificate("pso", date(2026, 12, 31)),)
    found = assess(AV_REGIO, contract_of(100_000, certificates=lasting))
    assert (found.owed_cents, codes(found)) == (None, ["discount_needs_judgement"])


@pytest.mark.parametrize(
    "scheme", [SCHIEDAM, RIJK, BLOEMENDAAL, NOORD_HOLLAND, SUDWEST_FRYSLAN, TILBURG]
)
def test_every_rule_in_a_story_says_where_it_is_published(scheme: Scheme) -> None:
    for step in assess(scheme, contract_of(300_000)).explanation:
        published = not step.rule.startswith(("contract.", "convention."))
        assert (step.source is not None) == published, step


def test_what_the_parties_agreed_on_holds_and_the_fine_follows_from_it() -> None:
    """Noordoost-Brabant publishes a fine of one and a half times, and no percentage."""
    found = assess(
        BRABANT, contract_of(1_000_000, agreed_cents=30_000_00, realised_cents=10_000_00)
    )
    assert (found.status, found.owed_cents, codes(found)) == (Status.OWED, 30_000_00, [])
    story = [(step.step, step.rule) for step in found.explanation]
    assert story[1:3] == [
        ("agreed_cents", "contract.afgesproken"),
        ("owed_cents", "convention.agreed"),
    ]
    (fine,) = found.sanctions
    assert fine.amount_cents == 30_000_00  # 20,000 not realised, times 1.5


def test_an_agreed_obligation_of_nothing_is_nothing_owed() -> None:
    found = assess(SCHIEDAM, contract_of(1_000_000, agreed_cents=0))
    assert (found.status, found.owed_cents) == (Status.NOTHING_OWED, 0)

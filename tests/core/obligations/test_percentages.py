from fractions import Fraction

import pytest

from telmee.core.errors import DomainError
from telmee.core.explain import Text
from telmee.core.obligations import Basis, Category, Status, assess
from telmee.core.obligations.percentages import reckons_over_turnover, reckons_with_vat
from tests.core.obligations.published import (
    FIVE,
    SUDWEST_FRYSLAN,
    checks,
    codes,
    contract_of,
    owed,
    scheme_of,
    steps,
)


def test_a_scheme_without_a_percentage_is_never_filled_in() -> None:
    found = assess(scheme_of(""), contract_of(1_000_000))
    assert (found.owed_cents, found.position) == (None, None)
    assert codes(found) == ["no_obligation_percentage"]
    assert not {"percentage", "obligation_cents", "owed_cents"} & steps(found).keys()


def test_a_blank_percentage_gives_the_words_of_the_scheme() -> None:
    scheme = scheme_of(
        '[obligation.percentages.all]\nbasis = "turnover"\njudgement = "set per contract."'
    )
    found = assess(scheme, contract_of(1_000_000))
    assert codes(found) == ["percentage_needs_judgement"]
    assert found.problems[0].params["why"] == Text("set per contract")
    assert "percentage_unstated" in steps(found)


def test_a_percentage_that_a_person_must_confirm_is_shown_and_not_used() -> None:
    scheme = scheme_of(FIVE + 'judgement = "an aim"')
    found = assess(scheme, contract_of(1_000_000))
    assert codes(found) == ["percentage_needs_judgement"]
    assert steps(found)["percentage_contested"] == 5
    assert found.owed_cents is None


def test_a_condition_is_left_to_check_and_holds_nothing_back() -> None:
    found = assess(scheme_of(FIVE + 'condition = "comply or explain"'), contract_of(100))
    assert found.owed_cents == 5_00
    assert "percentage_condition" in checks(found)


def test_the_more_specific_row_wins() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.percentages.works]
        categories = ["works"]
        percentage = 4
        basis = "contract_sum"
        [obligation.percentages.large]
        value_above = 1000000
        percentage = 3
        basis = "contract_sum"
        [obligation.percentages.larger]
        value_above = 5000000
        percentage = 2
        basis = "contract_sum"
        [obligation.percentages.little_labour]
        labour_share_below = 30
        percentage = 1
        basis = "contract_sum"
        """
    )
    much = {"labour_share_bp": 3000}
    assert owed(scheme, 1_000_000, **much) == 50_000_00
    assert owed(scheme, 1_000_000, **much, category=Category.WORKS) == 40_000_00
    assert owed(scheme, 2_000_000, **much, category=Category.WORKS) == 60_000_00
    assert owed(scheme, 6_000_000, **much) == 120_000_00
    assert owed(scheme, 6_000_000, labour_share_bp=2999) == 60_000_00


def test_the_named_client_goes_before_every_other_difference() -> None:
    scheme = scheme_of(
        """
        [obligation.percentages.little_labour]
        labour_share_below = 30
        percentage = 1
        basis = "contract_sum"
        [obligation.percentages.delft]
        clients = ["Delft"]
        percentage = 5
        basis = "contract_sum"
        """,
        ("Delft", "Rijswijk"),
    )
    assert owed(scheme, 100, client="Delft", labour_share_bp=0) == 5_00
    assert owed(scheme, 100, client="Rijswijk", labour_share_bp=0) == 1_00
    assert owed(scheme, 100, client="Delft") == 5_00  # the labour share makes no difference


def test_equally_specific_rows_that_differ_are_for_a_person() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.percentages.also_all]
        percentage = 7
        basis = "contract_sum"
        """
    )
    found = assess(scheme, contract_of(100))
    assert codes(found) == ["percentages_disagree"]
    assert found.problems[0].params == {"rules": "all, also_all"}
    contested = [s.value for s in found.explanation if s.step == "percentage_contested"]
    assert contested == [5, 7]


def test_equally_specific_rows_that_agree_are_one() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.percentages.also_all]
        percentage = 5
        basis = "turnover"
        """
    )
    assert owed(scheme, 100) == 5_00


def test_ranges_of_labour_that_only_overlap_are_equally_specific() -> None:
    scheme = scheme_of(
        """
        [obligation.percentages.low]
        labour_share_below = 40
        percentage = 2
        basis = "contract_sum"
        [obligation.percentages.middle]
        labour_share_min = 30
        labour_share_below = 50
        percentage = 3
        basis = "contract_sum"
        """
    )
    assert owed(scheme, 100, labour_share_bp=2999) == 2_00
    assert codes(assess(scheme, contract_of(100, labour_share_bp=3500))) == ["percentages_disagree"]
    assert owed(scheme, 100, labour_share_bp=4000) == 3_00
    above_all = assess(scheme, contract_of(100, labour_share_bp=5000))
    assert codes(above_all) == ["no_percentage_for_contract"]


def test_a_hole_between_two_ranges_is_no_exemption() -> None:
    scheme = scheme_of(
        """
        [obligation.percentages.low]
        labour_share_below = 10
        percentage = 2
        basis = "contract_sum"
        [obligation.percentages.high]
        labour_share_min = 30
        percentage = 5
        basis = "contract_sum"
        """
    )
    hole = assess(scheme, contract_of(100, labour_share_bp=2000))
    assert codes(hole) == ["no_percentage_for_contract"]
    assert codes(assess(scheme, contract_of(100))) == ["labour_share_unknown"]


def test_a_labour_share_that_makes_no_difference_is_not_asked_for() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.percentages.much_labour]
        labour_share_min = 80
        percentage = 5
        basis = "contract_sum"
        """
    )
    assert owed(scheme, 100) == 5_00


def test_all_of_labour_is_within_a_minimum_of_all() -> None:
    scheme = scheme_of(FIVE + "labour_share_min = 100")
    assert owed(scheme, 100, labour_share_bp=10_000) == 5_00
    assert owed(scheme, 100, labour_share_bp=9_999) == 0


def test_the_turnover_is_the_value_given() -> None:
    scheme = scheme_of(FIVE.replace("contract_sum", "turnover"))
    assert steps(assess(scheme, contract_of(100)))["base_turnover"] == 100_00


def test_without_a_wage_rule_the_wages_give_no_figure() -> None:
    found = assess(scheme_of(FIVE), contract_of(100, basis=Basis.WAGES, wages_cents=50_00))
    assert (found.owed_cents, codes(found)) == (None, ["no_wage_rule"])


def test_two_percentages_of_the_wages_are_for_a_person_and_the_sum_is_not() -> None:
    """Heerde: 5% of the wage sum or the value on one page, 7% of the wage sum on another."""
    scheme = scheme_of(
        FIVE
        + """
        [obligation.percentages.wages]
        percentage = 5
        basis = "wage_sum"
        [obligation.percentages.other_page]
        percentage = 7
        basis = "wage_sum"
        """
    )
    assert owed(scheme, 100, wages_cents=50_00) == 5_00
    wages = contract_of(100, basis=Basis.WAGES, wages_cents=50_00)
    assert codes(assess(scheme, wages)) == ["percentages_disagree"]


def test_wages_above_the_value_are_left_to_check() -> None:
    scheme = scheme_of(FIVE.replace("contract_sum", "wage_sum"))
    found = assess(scheme, contract_of(100, basis=Basis.WAGES, wages_cents=200_00))
    assert found.owed_cents == 10_00
    assert "wages_above_value" in checks(found)


@pytest.mark.parametrize("offered_bp", [0, 200, 501, 10_000])
def test_an_offer_outside_the_range_is_refused(offered_bp: int) -> None:
    with pytest.raises(DomainError) as refused:
        assess(SUDWEST_FRYSLAN, contract_of(100, offered_bp=offered_bp))
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["above"]) == ("offer_out_of_range", 2)
    assert problem.params["most"] == 5


def test_an_offer_above_what_was_asked_takes_its_place_and_follows_the_sum() -> None:
    scheme = scheme_of(FIVE)
    assert [owed(scheme, euros, offered_bp=750) for euros in (100, 300)] == [7_50, 22_50]
    told = steps(assess(scheme, contract_of(100, offered_bp=750)))
    assert (told["percentage"], told["offered_above"]) == (5, Fraction(15, 2))


def test_an_offer_that_is_not_above_what_was_asked_is_refused() -> None:
    for offered_bp in (0, 499, 500):
        with pytest.raises(DomainError) as refused:
            assess(scheme_of(FIVE), contract_of(100, offered_bp=offered_bp))
        (problem,) = refused.value.problems
        assert (problem.code, problem.params["above"]) == ("offer_out_of_range", 5)


def test_an_offer_above_the_percentage_of_the_tender_documents_takes_its_place() -> None:
    scheme = scheme_of(FIVE + 'judgement = "an aim"')
    assert owed(scheme, 100, chosen_bp=200, offered_bp=350) == 3_50
    assert codes(assess(scheme, contract_of(100, offered_bp=350))) == ["percentage_needs_judgement"]
    with pytest.raises(DomainError) as refused:
        assess(scheme, contract_of(100, chosen_bp=200, offered_bp=200))
    assert [problem.code for problem in refused.value.problems] == ["offer_out_of_range"]


def test_an_offer_makes_no_obligation_where_the_rules_ask_for_none() -> None:
    assert owed(scheme_of(FIVE + "labour_share_min = 30"), 100, labour_share_bp=1000,
                offered_bp=900) == 0  # fmt: skip


def test_a_percentage_of_turnover_is_of_what_was_agreed_and_of_nothing_else() -> None:
    scheme = scheme_of(FIVE.replace("contract_sum", "turnover"))
    told = steps(assess(scheme, contract_of(100, turnover_cents=40_00)))
    assert (told["base_turnover_agreed"], told["owed_cents"]) == (40_00, 2_00)
    assert owed(scheme, 100, turnover_cents=40_00, offered_bp=600) == 2_40
    none_yet = assess(scheme, contract_of(100, turnover_cents=0))
    assert (none_yet.owed_cents, none_yet.status) == (0, Status.OWED), "it is owed, and follows"


def test_agreed_turnover_changes_nothing_where_nobody_reckons_over_it() -> None:
    scheme = scheme_of(FIVE)
    assert owed(scheme, 100, turnover_cents=40_00) == 5_00
    by_contract = contract_of(100, turnover_cents=40_00, basis=Basis.TURNOVER)
    assert assess(scheme, by_contract).owed_cents == 2_00
    assert steps(assess(scheme, contract_of(100, basis=Basis.TURNOVER)))["base_turnover"] == 100_00


def test_turnover_with_vat_is_agreed_with_vat() -> None:
    rules = FIVE.replace("contract_sum", "turnover") + 'vat = "included"'
    assert owed(scheme_of(rules), 100, turnover_cents=121_00) == 6_05
    assert codes(assess(scheme_of(rules), contract_of(100))) == ["value_with_vat_unknown"]
    assert reckons_with_vat(scheme_of(rules), contract_of(100))
    without = FIVE.replace("contract_sum", "turnover")
    assert not reckons_with_vat(scheme_of(without), contract_of(100))


def test_a_scheme_with_offers_only_asks_for_the_offer() -> None:
    scheme = scheme_of(
        """
        [obligation.percentages.offered]
        basis = "contract_sum"
        offered_above = 2.5
        offered_max = 5
        """
    )
    assert codes(assess(scheme, contract_of(100))) == ["offer_needed"]
    with pytest.raises(DomainError) as refused:
        assess(scheme, contract_of(100, offered_bp=250))
    params = refused.value.problems[0].params
    assert params["above"] == Fraction(5, 2)
    assert owed(scheme, 100, offered_bp=251) == 2_51


_OPEN = {
    "": "base_contract_sum",
    '[obligation.percentages.all]\nbasis = "turnover"\njudgement = "by contract."': "base_turnover",
    FIVE + 'judgement = "an aim"': "base_contract_sum",
    FIVE + 'categories = ["works"]': "base_contract_sum",
}


@pytest.mark.parametrize("rules", _OPEN)
def test_a_person_gives_the_percentage_that_the_scheme_leaves_open(rules: str) -> None:
    scheme = scheme_of(rules)
    assert assess(scheme, contract_of(1_000_000)).owed_cents is None
    chosen = assess(scheme, contract_of(1_000_000, chosen_bp=250))
    assert (chosen.owed_cents, chosen.problems) == (25_000_00, ())
    assert steps(chosen)["chosen_percentage"] == Fraction(5, 2)
    assert _OPEN[rules] in steps(chosen)


def test_a_percentage_over_the_wages_that_the_scheme_does_not_know_is_taken_of_the_wages() -> None:
    contract = contract_of(1_000_000, basis=Basis.WAGES, wages_cents=100_000_00, chosen_bp=700)
    assert assess(scheme_of(FIVE), contract).owed_cents == 7_000_00


@pytest.mark.parametrize(
    "rules",
    [
        FIVE,
        FIVE + "labour_share_min = 30",
        '[obligation.percentages.offered]\nbasis = "contract_sum"\noffered_max = 5',
    ],
)
def test_a_percentage_that_the_scheme_knows_or_would_know_is_not_replaced(rules: str) -> None:
    with pytest.raises(DomainError) as refused:
        assess(scheme_of(rules), contract_of(100, chosen_bp=500))
    assert [problem.code for problem in refused.value.problems] == ["percentage_not_open"]


def test_an_agreed_amount_beside_a_percentage_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        assess(scheme_of(""), contract_of(100, chosen_bp=500, agreed_cents=1))
    assert [problem.code for problem in refused.value.problems] == ["percentage_beside_amount"]


def test_half_a_cent_goes_up() -> None:
    assert assess(scheme_of(FIVE), contract_of("0.10")).owed_cents == 1  # half a cent
    assert assess(scheme_of(FIVE), contract_of("0.09")).owed_cents == 0
    assert assess(scheme_of(FIVE), contract_of("0.30")).owed_cents == 2


WITH_VAT = FIVE + 'vat = "included"\n'


def test_a_base_with_vat_is_the_value_with_vat_and_no_rate_is_filled_in() -> None:
    scheme = scheme_of(WITH_VAT)
    found = assess(scheme, contract_of(100_000, with_vat_cents=109_000_00))
    assert found.owed_cents == 5_450_00
    (base,) = (step for step in found.explanation if step.step == "base_contract_sum")
    assert base.params["how"] == "vat_included"
    assert codes(assess(scheme, contract_of(100_000))) == ["value_with_vat_unknown"]


def test_a_person_may_not_fill_in_a_percentage_where_only_the_vat_is_missing() -> None:
    with pytest.raises(DomainError) as refused:
        assess(scheme_of(WITH_VAT), contract_of(100_000, chosen_bp=300))
    assert [problem.code for problem in refused.value.problems] == ["percentage_not_open"]


def test_the_same_percentage_with_and_without_vat_are_two_rules() -> None:
    rules = WITH_VAT + FIVE.replace(".all]", ".other]")
    found = assess(scheme_of(rules), contract_of(100_000, with_vat_cents=121_000_00))
    assert codes(found) == ["percentages_disagree"]


def test_a_percentage_is_of_turnover_where_the_rule_says_so_and_else_where_the_contract_does() -> (
    None
):
    of_sum, of_turnover = FIVE, FIVE.replace('"contract_sum"', '"turnover"')
    over = contract_of(100, basis=Basis.TURNOVER)
    assert [
        reckons_over_turnover(scheme_of(rules), contract)
        for rules, contract in (
            (of_turnover, contract_of(100)),
            (of_sum, contract_of(100)),
            (of_sum, over),  # the rule is for another basis, so that it does not hold
            ("", over),  # the scheme says nothing
            ("", contract_of(100)),
        )
    ] == [True, False, True, True, False]
    assert not reckons_over_turnover(scheme_of(of_turnover), contract_of(100, agreed_cents=5_00))

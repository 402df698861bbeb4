from datetime import date
from typing import Any

import pytest

from telmee.core.errors import DomainError
from telmee.core.obligations import HeldCertificate, Status, assess
from telmee.core.schemes.model import Scheme
from tests.core.obligations.published import checks, codes, contract_of, owed, scheme_of, steps

LAST = date(2026, 12, 31)


def with_discount(rules: str) -> Scheme:
    return scheme_of(
        """
        [certificates.pso_1]
        label = "PSO 1"
        [certificates.pso_2]
        label = "PSO 2"
        [certificates.code]
        label = "Code"
        [obligation.percentages.all]
        percentage = 5
        basis = "contract_sum"
        """
        + rules
    )


HALF = """
[obligation.discounts.half]
certificates = ["pso_1", "pso_2"]
percentage = 50
"""


def holding(*certificates: tuple[str, date | None]) -> dict[str, Any]:
    return {"certificates": tuple(HeldCertificate(key, until) for key, until in certificates)}


def test_a_discount_comes_off_the_obligation() -> None:
    found = assess(with_discount(HALF), contract_of(100_000, **holding(("pso_1", LAST))))
    assert found.owed_cents == 2_500_00
    assert steps(found)["discount"] == 50
    assert steps(found)["discount_cents"] == 2_500_00


def test_what_remains_is_rounded_half_up() -> None:
    assert owed(with_discount(HALF), "0.20", **holding(("pso_1", LAST))) == 1  # half of one cent


def test_the_cap_comes_after_the_discount() -> None:
    scheme = with_discount(HALF + "[obligation.cap]\namount = 3000")
    found = assess(scheme, contract_of(100_000, **holding(("pso_1", LAST))))
    assert found.owed_cents == 2_500_00
    assert "cap_reduction_cents" not in steps(found)
    assert owed(scheme, 200_000, **holding(("pso_1", LAST))) == 3_000_00


@pytest.mark.parametrize(
    ("valid", "until", "facts", "cents"),
    [
        ("whole_contract", LAST, {}, 2_500_00),
        ("whole_contract", date(2026, 12, 30), {}, 5_000_00),
        ("tender", date(2025, 11, 1), {"bid": date(2025, 11, 1)}, 2_500_00),
        ("tender", date(2025, 10, 31), {"bid": date(2025, 11, 1)}, 5_000_00),
        ("tender", date(2025, 10, 31), {"award": date(2025, 11, 1)}, 5_000_00),
        ("tender", date(2026, 1, 1), {}, 2_500_00),  # after the start, so at the tender too
        ("tender", date(2025, 12, 31), {}, None),  # nobody knows
        (None, date(2026, 1, 1), {}, 2_500_00),
        (None, date(2025, 12, 31), {}, 5_000_00),
    ],
)
def test_the_scheme_says_when_a_certificate_must_hold(
    valid: str | None, until: date, facts: dict[str, Any], cents: int | None
) -> None:
    scheme = with_discount(HALF + (f'valid = "{valid}"' if valid else ""))
    found = assess(scheme, contract_of(100_000, **facts, **holding(("pso_1", until))))
    assert found.owed_cents == cents
    assert codes(found) == ([] if cents else ["tender_date_unknown"])


def test_a_lapsed_certificate_is_named_with_its_last_day() -> None:
    scheme = with_discount(HALF + 'valid = "tender"')
    lapsed = date(2025, 1, 1)
    contract = contract_of(100_000, bid=date(2025, 11, 1), **holding(("pso_1", lapsed)))
    assert steps(assess(scheme, contract))["certificate_lapsed_tender"] == lapsed


def test_a_certificate_without_a_last_day_holds_and_is_left_to_check() -> None:
    found = assess(with_discount(HALF), contract_of(100_000, **holding(("pso_1", None))))
    assert found.owed_cents == 2_500_00
    assert "certificate_until_unknown" in checks(found)
    assert "certificate_moment_unstated" in checks(found)


@pytest.mark.parametrize(
    ("valid", "until", "is_told"),
    [
        (None, date(2026, 12, 30), True),
        (None, LAST, False),
        ("tender", date(2026, 12, 30), False),
    ],
)
def test_that_the_scheme_names_no_moment_is_told_where_it_matters(
    valid: str | None, until: date, is_told: bool
) -> None:
    scheme = with_discount(HALF + (f'valid = "{valid}"' if valid else ""))
    found = assess(scheme, contract_of(100_000, **holding(("pso_1", until))))
    assert found.owed_cents == 2_500_00
    assert ("certificate_moment_unstated" in checks(found)) is is_told


def test_the_highest_discount_counts_once() -> None:
    scheme = with_discount(
        HALF
        + """
        [obligation.discounts.more]
        certificates = ["pso_2"]
        percentage = 75
        """
    )
    both = holding(("pso_1", LAST), ("pso_2", LAST))
    assert owed(scheme, 100_000, **both) == 1_250_00


def test_a_discount_without_a_figure_is_for_a_person() -> None:
    scheme = with_discount(
        HALF
        + """
        [obligation.discounts.unstated]
        certificates = ["pso_2"]
        judgement = "the source names no percentage"
        """
    )
    found = assess(scheme, contract_of(100_000, **holding(("pso_2", LAST))))
    assert (found.owed_cents, codes(found)) == (None, ["discount_needs_judgement"])
    assert steps(found)["obligation_cents"] == 5_000_00  # what is sure is still shown
    assert owed(scheme, 100_000, **holding(("pso_1", LAST))) == 2_500_00
    assert owed(scheme, 100_000) == 5_000_00


def test_an_exemption_is_sure_whatever_else_is_not() -> None:
    scheme = scheme_of(
        """
        [certificates.pso_2]
        label = "PSO 2"
        [obligation.discounts.exempt]
        certificates = ["pso_2"]
        percentage = 100
        conditions = ["step 2 or higher"]
        [obligation.discounts.other]
        certificates = ["pso_2"]
        judgement = "not stated"
        """
    )
    found = assess(scheme, contract_of(100_000, **holding(("pso_2", LAST))))
    assert (found.status, found.problems) == (Status.NOTHING_OWED, ())
    assert "discount_condition" in checks(found)


def test_a_certificate_of_no_discount_is_seen_and_takes_nothing_off() -> None:
    found = assess(with_discount(HALF), contract_of(100_000, **holding(("code", LAST))))
    assert found.owed_cents == 5_000_00
    assert steps(found)["certificate_without_discount"] == "code"


def test_a_certificate_that_the_scheme_does_not_know_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        assess(with_discount(HALF), contract_of(100_000, **holding(("pso_9", LAST))))
    (problem,) = refused.value.problems
    assert problem.code == "unknown_held_certificate"
    assert problem.params == {"certificate": "pso_9", "known": "pso_1, pso_2, code"}


def test_a_scheme_without_certificates_refuses_none() -> None:
    scheme = scheme_of('[obligation.percentages.all]\npercentage = 5\nbasis = "contract_sum"')
    assert owed(scheme, 100_000, **holding(("pso_9", LAST))) == 5_000_00

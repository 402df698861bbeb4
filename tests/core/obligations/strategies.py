"""Any contract at all, and any rules at all."""

import dataclasses
from datetime import date

from hypothesis import strategies as st

from telmee.core.money import CENTS_MAX
from telmee.core.obligations import Basis, Category, Contract, HeldCertificate
from telmee.core.obligations.clients import clients_of
from telmee.core.obligations.european import European
from telmee.core.schemes.model import ObligationRules, Percentage, Scheme, Threshold
from telmee.integrations.scheme_files import load_scheme, scheme_ids, scheme_versions
from tests.core.obligations.published import scheme_of

PUBLISHED = [
    load_scheme(name, version) for name in scheme_ids() for version in scheme_versions(name)
]

cents = st.integers(0, CENTS_MAX)
shares = st.integers(0, 10_000)
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@st.composite
def contracts(draw: st.DrawFn, scheme: Scheme) -> Contract:
    """Any contract that could be put to the scheme, the offer included if it asks for one."""
    start, end = sorted((draw(days), draw(days)))
    basis = draw(st.sampled_from(Basis))
    keys = [certificate.key for certificate in scheme.certificates] or ["pso_2"]
    held = st.builds(HeldCertificate, st.sampled_from(keys), st.none() | days)
    realised, value = draw(cents), draw(cents)
    framework = draw(st.none() | cents)
    in_framework = st.none() if framework is None else st.none() | days
    first, last = draw(in_framework), draw(in_framework)
    if first and last and last < first:
        first, last = last, first
    return Contract(
        category=draw(st.sampled_from(Category)),
        value_cents=value,
        with_vat_cents=draw(st.none() | st.integers(value, CENTS_MAX)),
        framework_cents=framework,
        framework_start=first,
        framework_end=last,
        published=draw(st.none() | days),
        start=start,
        end=end,
        wages_cents=draw(cents if basis is Basis.WAGES else st.none() | cents),
        labour_share_bp=draw(st.none() | shares),
        bid=draw(st.none() | days),
        award=draw(st.none() | days),
        final_award=draw(st.none() | days),
        completion=draw(st.none() | days),
        client=draw(st.none() | st.sampled_from(clients_of(scheme) or ["Somewhere"])),
        basis=basis,
        eu_threshold_cents=draw(st.none() | cents),
        certificates=tuple(draw(st.lists(held, max_size=3))),
        realised_cents=realised,
        delivered_cents=draw(st.none() | cents),
        expected_cents=draw(st.none() | st.integers(realised, CENTS_MAX)),
        as_of=draw(st.none() | days),
    )


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """A scheme with any rows at all: overlapping, blank, contradictory."""
    percentages = st.builds(
        Percentage,
        key=st.sampled_from("abc"),
        categories=st.none() | st.frozensets(st.sampled_from(Category), min_size=1),
        clients=st.none() | st.frozensets(st.sampled_from(["X", "Y"]), min_size=1),
        percentage_bp=st.none() | st.integers(1, 10_000),
        basis=st.sampled_from(["contract_sum", "wage_sum", "turnover"]),
        labour_share_min_bp=st.none() | st.integers(1, 10_000),
        labour_share_below_bp=st.none() | st.integers(1, 10_000),
        value_above_cents=st.none() | st.integers(1, CENTS_MAX),
        vat=st.none() | st.sampled_from(["included", "excluded"]),
    )
    thresholds = st.builds(
        Threshold,
        key=st.sampled_from("abc"),
        categories=st.none() | st.frozensets(st.sampled_from(Category), min_size=1),
        clients=st.none() | st.frozensets(st.sampled_from(["X", "Y"]), min_size=1),
        amount_cents=st.none() | st.integers(1, CENTS_MAX),
        strictly_above=st.booleans(),
        eu_threshold=st.booleans(),
        eu_amount=st.none() | st.sampled_from(European),
        vat=st.none() | st.sampled_from(["included", "excluded"]),
        call_offs=st.none() | st.sampled_from(["framework", "each"]),
        min_duration_months=st.none() | st.integers(1, 60),
    )
    rules = ObligationRules(
        thresholds=tuple(draw(st.lists(thresholds, max_size=3))),
        percentages=tuple(draw(st.lists(percentages, max_size=4))),
        cap_cents=draw(st.none() | st.integers(1, CENTS_MAX)),
    )
    return dataclasses.replace(scheme_of("", ("X", "Y")), obligation=rules)

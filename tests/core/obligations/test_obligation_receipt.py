"""The receipt of an obligation: its facts come back as they were, and to the same cents."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.obligations import assess
from telmee.core.obligations.obligation_receipt import (
    contract_from,
    inputs_of,
    recompute_assessment,
)
from telmee.core.receipts import facts_of, steps_from
from telmee.core.schemes.model import Scheme
from tests.core.obligations.strategies import PUBLISHED, contracts


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
@settings(max_examples=10)
@given(data=st.data())
def test_a_contract_is_assessed_again_from_its_receipt(scheme: Scheme, data: st.DataObject) -> None:
    contract = data.draw(contracts(scheme))
    first = assess(scheme, contract)
    inputs = json.loads(json.dumps(inputs_of(contract)))
    again = recompute_assessment(scheme, inputs)
    assert contract_from(inputs) == contract
    assert (again.owed_cents, again.sanctions) == (first.owed_cents, first.sanctions)


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
@settings(max_examples=10)
@given(data=st.data())
def test_the_story_of_an_obligation_is_read_back_from_its_facts(
    scheme: Scheme, data: st.DataObject
) -> None:
    told = assess(scheme, data.draw(contracts(scheme)))
    steps = (*told.explanation, *(step for s in told.sanctions for step in s.explanation))
    kept = json.loads(json.dumps(facts_of(steps, scheme)))
    assert tuple(steps_from(kept, scheme)) == steps

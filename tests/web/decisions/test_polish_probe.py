"""The work list: who sees what, accepting from it, several at once, and taking it back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from telmee.apps.contributions.actions import object_to
from telmee.apps.contributions.choices import DecisionReason, Outcome
from telmee.apps.contributions.deciding import decide
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import found, hand_in, register
from tests.web.deciding import multiply_contracts, multiply_lines

PLUS = date(2025, 9, 30)
QUEUE, ACCEPT, UNDO = "/werklijst", "/werklijst/accepteren", "/werklijst/terugdraaien"


@pytest.mark.usefixtures("own_database")
def test_ten_lines_and_a_thousand_cost_the_same_queries(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    counts = []
    for times in (9,):
        if times > 9:
            multiply_contracts(as_owner, contract, 9)
        multiply_lines(as_owner, line, times, name=f"{times}-")
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as queries:
            client.get(QUEUE)
        counts.append(len(queries))
    for q in queries: print("Q>", q["sql"][:220])

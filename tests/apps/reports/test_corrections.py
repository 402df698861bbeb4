"""What was put right is told apart from what came in later, whatever was booked in between."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.corrections import Booked, booked_since, righted
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import found, hand_in, register

_MOMENT = timedelta(microseconds=1)
_ENTRIES = st.lists(
    st.builds(
        Booked,
        year=st.sampled_from([2024, 2025]),
        kind=st.sampled_from(["obligation", "reduced", "realised"]),
        cents=st.integers(-5, 5),
        reason=st.sampled_from(["", "a", "b"]),
        contract_id=st.integers(1, 2),
        contribution_id=st.sampled_from([None, 1, 2]),
        undoes_published=st.booleans(),
    ),
    max_size=12,
)


@given(_ENTRIES)
def test_all_that_was_booked_on_what_was_told_before_is_put_right_and_nothing_else(
    entries: list[Booked],
) -> None:
    """Reckoned again thing by thing: a line, or what a contract owes."""
    sums: Counter[tuple[int, str]] = Counter()
    for thing in {(one.figure, one.of) for one in entries}:
        own = [one for one in entries if (one.figure, one.of) == thing]
        if any(one.undoes_published for one in own):
            for one in own:
                sums[one.year, one.figure] += -one.cents if one.kind == "reduced" else one.cents
    put = righted(entries)
    assert {place: right.cents for place, right in put.items()} == {
        place: cents for place, cents in sums.items() if cents
    }
    for (year, figure), right in put.items():
        own = [each for each in entries if (each.year, each.figure) == (year, figure)]
        reasons = {each.reason for each in own}
        assert set(right.reasons) <= reasons - {""}
        assert len(set(right.reasons)) == len(right.reasons)


def test_an_entry_belongs_to_the_account_of_its_own_moment(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    accepted(cast, line)
    why: dict[str, Any] = {"reason": DecisionReason.MISTAKE, "text": "Dubbel", "key": uuid4()}
    with acting_as(cast.adviser.pk) as acting:
        decide(*found(acting, line), outcome=Outcome.REOPENED, **why)
        contract = Contribution.objects.get(pk=line).contract_id
        booked = Entry.objects.get(contract=contract, kind="realised", reverses=None).booked_at
        undone = Entry.objects.get(contract=contract, kind="realised", reverses__isnull=False)
        before, after = booked - _MOMENT, undone.booked_at + _MOMENT
        assert [one.cents > 0 for one in booked_since([contract], before, booked)] == [True]
        assert [one.undoes_published for one in booked_since([contract], booked, after)] == [True]
        both = list(booked_since([contract], before, after))
        assert [one.undoes_published for one in both] == [False, False]

"""What was put right is told apart from what came in later, whatever was booked in between."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from telmee.apps.reports.corrections import Booked, righted

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
        reasons = {each.reason for each in entries if (each.year, each.figure) == (year, figure)}
        assert set(right.reasons) <= reasons - {""}
        assert len(set(right.reasons)) == len(right.reasons)

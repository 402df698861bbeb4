"""What of a part comes with some of the whole: slices of all of it are the part."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from telmee.core.money import slice_of


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=6), st.fractions(0, 1))
def test_slices_add_up_to_the_part_and_follow_the_whole(amounts: list[int], of: Fraction) -> None:
    whole = sum(amounts)
    part = int(of * whole)
    if not whole:
        return
    slices = [slice_of(part, whole, sum(amounts[:at]), cents) for at, cents in enumerate(amounts)]
    assert sum(slices) == part
    for cents, its in zip(amounts, slices, strict=True):
        assert 0 <= its <= cents + 1
        assert abs(its * whole - part * cents) <= whole

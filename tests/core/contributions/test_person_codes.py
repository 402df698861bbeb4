"""Which spellings of a code are one person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.contributions.person_codes import person_key, persons_of
from telmee.core.tables.columns import Coded


@pytest.mark.parametrize(
    "other",
    ["P1", " p1", "p1\t", "P\N{FULLWIDTH DIGIT ONE}"],
)
def test_case_width_and_outer_space_do_not_matter(other: str) -> None:
    assert person_key(other) == person_key("p1")


@pytest.mark.parametrize("other", ["x  7", "X 7", "x\N{NO-BREAK SPACE}7", "x\n7", "x \t 7"])
def test_white_space_is_folded(other: str) -> None:
    assert person_key(other) == person_key("x 7")


@pytest.mark.parametrize(("one", "other"), [("K-020", "K-20"), ("x 7", "x7"), ("a", "b")])
def test_what_is_only_alike_is_another_person(one: str, other: str) -> None:
    assert person_key(one) != person_key(other)


@given(st.text())
def test_the_compared_form_is_its_own(code: str) -> None:
    assert person_key(person_key(code)) == person_key(code)


SPELLINGS = st.one_of(
    st.text(min_size=1),
    st.sampled_from(
        ["p1", "P1", " p1", "p 1", "p\n1", "ﬁ", "fi", "Straße", "STRASSE", "\u0301", "e"]
    ),
)


@given(st.lists(st.none() | SPELLINGS))
def test_a_column_has_one_number_for_each_compared_form(codes: list[str | None]) -> None:
    persons = persons_of(Coded.of(codes))
    keys = [None if not code else person_key(code) for code in codes]
    names = [None if n < 0 else persons.names[n] for n in persons.codes.tolist()]
    assert names == keys
    assert len(set(persons.names)) == len(persons.names)

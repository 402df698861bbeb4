"""A refusal is about an address only where its server says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.refusals import is_wrong_address


@pytest.mark.parametrize(
    "answers",
    [
        ("5.1.1",),
        ("5.1.1 (no such user)", "550"),
        ("5.1.2",),
        ("5.1.10", "556 takes no mail"),
        ("5.2.1 mailbox disabled",),
        ("5.4.1", "550 5.4.1 Recipient address rejected"),
        ("5.0.0",),
        ("550 no such user",),
        ("550-5.1.1 The account does not exist",),
        ("", "550 5.1.1 <a@example.org>: unknown"),
        ("550 refused by 5.7.1.9 for this user",),
    ],
)
def test_the_address_is_wrong(answers: tuple[str, ...]) -> None:
    assert is_wrong_address(*answers)


@pytest.mark.parametrize(
    "answers",
    [
        ("",),
        ("unknown user",),
        ("4.1.1",),
        ("2.1.5 delivered",),
        ("5.2.2",),
        ("552 mailbox full",),
        ("552-5.2.2 over quota",),
        ("5.7.1", "550 5.7.1 blocked"),
        ("5.0.0", "550 5.7.26 not who he says"),
        ("5.6.0",),
        ("5.3.4",),
        ("4.4.7", "550 5.1.1 said by another"),
        ("450 5.1",),
        ("421 busy",),
    ],
)
def test_nothing_is_said_of_the_address(answers: tuple[str, ...]) -> None:
    assert not is_wrong_address(*answers)


@given(st.integers(0, 999), st.integers(0, 999), st.text(max_size=40))
def test_what_passes_is_never_held_against_an_address(subject: int, detail: int, text: str) -> None:
    for kind in (2, 4):
        assert not is_wrong_address(f"{kind}.{subject or 1}.{detail}", text)


@given(st.lists(st.text(max_size=60), max_size=3))
def test_whatever_a_server_says_is_read(answers: list[str]) -> None:
    assert is_wrong_address(*answers) in {True, False}

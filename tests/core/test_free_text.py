"""What can be read, by the signs that a text holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.free_text import FreeText, can_be_read, require_reason

#: Overrides, embeddings, isolates and marks of direction; signs without width; controls; fillers.
HIDDEN = (
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2028\u2029",
    *"\x00\x07\x1b\x7f\x85\ue000\ufff9\u3164\uffa0\u115f\u2800\u034f",
    "\U000e0041",
)
#: What people of the Netherlands write.
SHOWN = st.text(
    st.sampled_from(
        "abcXYZ 0123456789äëïöüéèêçñßœŁşğ€%&@#/(),.;:!?'\"-…“”²½\u2013\u2018\u2019\u00a0\u202f😀👍"
    ),
    max_size=200,
)


@given(SHOWN)
def test_what_people_write_can_be_read(text: str) -> None:
    assert can_be_read(text)
    assert can_be_read(f"{text}\r\n\t{text}\n", lines=True)


@given(SHOWN, SHOWN, st.sampled_from(HIDDEN), st.booleans())
def test_one_hidden_sign_anywhere_is_refused(
    before: str, after: str, sign: str, lines: bool
) -> None:
    assert not can_be_read(before + sign + after, lines=lines)


@given(st.text(st.sampled_from(HIDDEN), min_size=1))
def test_a_text_of_hidden_signs_alone_is_refused(text: str) -> None:
    assert not can_be_read(text, lines=True)


@pytest.mark.parametrize("text", ["\u0301", "\ufe0f", " \u0301 \ufe0f"])
def test_marks_without_a_letter_are_nothing_to_the_eye(text: str) -> None:
    assert not can_be_read(text)


@pytest.mark.parametrize("text", ["Μαρία", "Дарья", "محمد", "王芳", "नमस्ते", "e\u0301"])
def test_every_script_can_be_read(text: str) -> None:
    assert can_be_read(text)


@given(SHOWN.filter(bool))
def test_one_line_is_one_line(text: str) -> None:
    assert not can_be_read(f"{text}\n{text}")


def test_all_that_is_wrong_is_told_at_once() -> None:
    kind = FreeText(3)
    wrong = kind.problems("naam", "abc\u202e", 7)
    told = [(p.code, p.column, p.row, dict(p.params)) for p in wrong]
    assert told == [
        ("text_too_long", "naam", 7, {"maximum": 3}),
        ("text_not_printable", "naam", 7, {}),
    ]
    assert list(kind.problems("naam", "abc")) == []


def test_a_reason_is_there_fits_and_can_be_read() -> None:
    require_reason("Zo is het afgesproken.\nPer brief.")
    require_reason("", required=False)
    for reason, codes in (
        (" ", ["missing_explanation"]),
        ("x" * 2001, ["text_too_long"]),
        ("x" * 2001 + "\u200b", ["text_too_long", "text_not_printable"]),
    ):
        with pytest.raises(DomainError) as refused:
            require_reason(reason)
        assert [problem.code for problem in refused.value.problems] == codes

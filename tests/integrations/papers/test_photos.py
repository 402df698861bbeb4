"""A photo is searched for a BSN by the text in it, with a library that stands in its own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from telmee.core.errors import DomainError
from telmee.integrations.papers import search_photo
from tests.integrations.papers.making import kept, png, recogniser


@pytest.mark.parametrize(
    ("lines", "holds_bsn"),
    [
        ("Factuur 17\nBSN 123456782", True),
        ("Bouwbedrijf\n123456\n782", True),
        ("Factuur 17\nIBAN NL91ABNA0417164300", False),
        ("", False),
    ],
)
def test_a_bsn_in_a_photo_is_seen(tmp_path: Path, lines: str, holds_bsn: bool) -> None:
    photo = kept(tmp_path, png(), ".png")
    assert search_photo(photo, recogniser(tmp_path, lines)) is holds_bsn


def test_a_photo_that_takes_too_much_ends_its_process_alone(tmp_path: Path) -> None:
    photo = kept(tmp_path, png(), ".png")
    greedy = recogniser(tmp_path, "", before="bytearray(1 << 40)")
    with pytest.raises(DomainError) as error:
        search_photo(photo, greedy)
    assert error.value.problems[0].code == "file_too_heavy"


def test_a_folder_without_the_library_is_a_fault_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ModuleNotFoundError"):
        search_photo(kept(tmp_path, png(), ".png"), tmp_path)

"""A photo is searched for a BSN by the text in it, with a library that stands in its own folder."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from telmee.core.errors import DomainError
from telmee.integrations.evidence import Searched, search_file, search_photo
from tests.integrations.evidence.making import kept, pdf, png, recogniser, scan


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
    searched = search_photo(photo, recogniser(tmp_path, lines))
    assert searched == Searched(holds_bsn, is_whole=True)


def test_a_photo_that_takes_too_much_ends_its_process_alone(tmp_path: Path) -> None:
    photo = kept(tmp_path, png(), ".png")
    greedy = recogniser(tmp_path, "", before="bytearray(1 << 40)")
    with pytest.raises(DomainError) as error:
        search_photo(photo, greedy)
    assert error.value.problems[0].code == "file_too_heavy"


def test_a_folder_without_the_library_is_a_fault_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ModuleNotFoundError"):
        search_photo(kept(tmp_path, png(), ".png"), tmp_path)


# Pictures in a PDF ----------------------------------------------------------------------------

#: Reads in a picture what its width says, so that a test knows which pictures were read.
_BY_WIDTH = """lines = {300: "Factuur 17", 301: "BSN 123456782", 302: "123456\\n782"}
        self.txts = lines[max(path.size)].splitlines(); return self"""


@pytest.mark.parametrize("mode", ["RGB", "L", "1"])
@pytest.mark.parametrize(
    ("widths", "holds_bsn"), [((300,), False), ((300, 301), True), ((302,), True)]
)
def test_a_bsn_in_a_scan_is_seen(
    tmp_path: Path, mode: str, widths: tuple[int, ...], *, holds_bsn: bool
) -> None:
    path = kept(tmp_path, scan(*widths, mode=mode), ".pdf")
    assert search_file(path, ".pdf") == Searched(False, is_whole=False, has_pictures=True)
    searched = search_photo(path, recogniser(tmp_path, "", before=_BY_WIDTH))
    assert searched == Searched(holds_bsn, is_whole=True)


def test_a_scan_that_a_change_took_off_its_page_is_searched_too(tmp_path: Path) -> None:
    writer = PdfWriter(BytesIO(scan(301)), incremental=True)
    empty = DecodedStreamObject()
    empty.set_data(b"")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(empty)
    writer.pages[0][NameObject("/Resources")] = DictionaryObject()
    out = BytesIO()
    writer.write(out)
    path = kept(tmp_path, out.getvalue(), ".pdf")
    assert search_file(path, ".pdf").has_pictures
    assert search_photo(path, recogniser(tmp_path, "", before=_BY_WIDTH)).holds_bsn


def test_what_cannot_be_opened_is_said_not_to_be_searched(tmp_path: Path) -> None:
    """A page without text or picture, and a picture that is none."""
    library = recogniser(tmp_path, "", before=_BY_WIDTH)
    drawn = kept(tmp_path, pdf("Factuur", ""), ".pdf")
    assert search_photo(drawn, library) == Searched(False, is_whole=False)
    broken = scan(300).replace(b"DCTDecode", b"JPXDecode")
    assert search_photo(kept(tmp_path, broken, ".pdf"), library) == Searched(False, is_whole=False)

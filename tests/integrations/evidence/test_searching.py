"""A BSN is found in every place of a paper that has text; a paper without one passes."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.integrations.evidence import Searched, search_file
from telmee.integrations.evidence.searching import search_there
from tests.core.numbers import a_bsn, bsns, no_bsns
from tests.integrations.evidence import making

_SEPARATORS = st.sampled_from(["", " ", ".", "-", ". ", "/", "_", ",", ":", "+", "|", "'", ")("])
_GROUPS = st.sampled_from([(9,), (3, 3, 3), (4, 2, 3)])
_IN_ONE_GO = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@st.composite
def spelled(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> str:
    """Write a number in one of the usual ways."""
    number, separator, groups = draw(numbers), draw(_SEPARATORS), draw(_GROUPS)
    ends = [sum(groups[: place + 1]) for place in range(len(groups))]
    pieces = [number[end - length : end] for end, length in zip(ends, groups, strict=True)]
    return separator.join(pieces)


def _found(folder: Path, content: bytes, ending: str) -> bool:
    return search_there(making.kept(folder, content, ending), ending)[0]


@pytest.mark.parametrize("place", making.IN_PDF)
@_IN_ONE_GO
@given(yes=spelled(bsns), no=spelled(no_bsns))
def test_it_is_found_in_every_place_of_a_pdf(tmp_path: Path, place: str, yes: str, no: str) -> None:
    make = making.IN_PDF[place]
    assert _found(tmp_path, make(f"BSN {yes} ."), ".pdf")
    assert not _found(tmp_path, make("nummer " + no.replace("'", "-")), ".pdf") or _by_chance(no)


@pytest.mark.parametrize("place", making.IN_WORKBOOK)
@_IN_ONE_GO
@given(yes=bsns, no=no_bsns)
def test_it_is_found_in_every_part_of_a_workbook(
    tmp_path: Path, place: str, yes: str, no: str
) -> None:
    assert _found(tmp_path, making.workbook(place, f"b{yes}"), ".xlsx")
    assert not _found(tmp_path, making.workbook(place, f"b{no}"), ".xlsx")


@pytest.mark.parametrize("place", making.IN_OPENDOCUMENT)
@_IN_ONE_GO
@given(yes=spelled(bsns), no=no_bsns)
def test_it_is_found_in_every_part_of_an_opendocument_sheet(
    tmp_path: Path, place: str, yes: str, no: str
) -> None:
    assert _found(tmp_path, making.opendocument(place, yes), ".ods")
    assert not _found(tmp_path, making.opendocument(place, no), ".ods")


def _by_chance(text: str) -> bool:
    """Whether a part of the number, read in another way, passes the check after all."""
    return len("".join(filter(str.isdigit, text))) != 9


@pytest.mark.parametrize(
    "line",
    [
        "btw-nummer NL123456782B01", "btw NL 1234.56.782.B.01", "12-03-2026 1 stuk",
        "2026-03-12 8 uur", "2 75,00 150,00", "1.234.567,82", "KvK 12345678", "tel. 06-12345678",
        "IBAN NL91 ABNA 0417 1643 00",
    ],
)  # fmt: skip
def test_an_ordinary_invoice_passes(tmp_path: Path, line: str) -> None:
    assert not _found(tmp_path, making.pdf(line), ".pdf")
    assert not _found(tmp_path, f"omschrijving\n{line}\n".encode(), ".csv")


def test_it_is_found_through_the_process_that_reads(tmp_path: Path) -> None:
    def search(content: bytes, ending: str) -> Searched:
        return search_file(making.kept(tmp_path, content, ending), ending)

    assert search(making.pdf("Factuur"), ".pdf") == Searched(holds_bsn=False, is_whole=True)
    assert search(making.pdf(a_bsn()), ".pdf").holds_bsn
    assert search(making.workbook(), ".xlsx") == Searched(holds_bsn=False, is_whole=True)
    assert search(f"a;b\nx;{a_bsn()}\n".encode(), ".csv").holds_bsn
    # A scan beside a page with text: nothing is found, and that is said.
    assert search(making.pdf("Factuur", ""), ".pdf") == Searched(holds_bsn=False, is_whole=False)


def _with_password() -> bytes:
    return making.changed(lambda writer: writer.encrypt("geheim", algorithm="AES-256"))


def _with_attachment() -> bytes:
    return making.changed(lambda writer: writer.add_attachment("f.zip", b"PK\x03\x04\xff\xfe"))


def _with_embedding() -> bytes:
    out = BytesIO(making.workbook())
    with ZipFile(out, "a") as archive:
        archive.writestr("xl/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0")
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "ending", "code"),
    [
        (_with_password, ".pdf", "pdf_encrypted"),
        (_with_attachment, ".pdf", "paper_holds_file"),
        (_with_embedding, ".xlsx", "paper_holds_file"),
        (lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", ".pdf", "pdf_unreadable"),
        (lambda: making.pdf("x") + b"\n%%EOF" * 30, ".pdf", "pdf_unreadable"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_a_reason(
    tmp_path: Path, make: Callable[[], bytes], ending: str, code: str
) -> None:
    with pytest.raises(DomainError) as error:
        search_there(making.kept(tmp_path, make(), ending), ending)
    assert [problem.code for problem in error.value.problems] == [code]

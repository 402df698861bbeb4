"""Files that carry a signature: whole they hold, and with one changed byte they do not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from telmee.integrations.signatures import (
    envelope,
    mark_of,
    public_key_of,
    seal_faults,
    sealed,
    signed,
    signer_of,
    unsealed,
)

KEY, OTHER = "a" * 50, "b" * 50
FACTS = {"report": "0" * 64, "number": 3}


def package() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("xl/sheet.xml", "<cell>1.120.000</cell>")
    return whole.getvalue()


CONTENTS = [b"%PDF-1.7\nwords\n%%EOF\n", package()]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_sealed_file_holds_and_gives_back_what_it_was(content: bytes) -> None:
    file = sealed(content, FACTS, KEY)
    opened = unsealed(file)
    assert opened is not None
    assert opened[0] == content
    assert opened[1].facts["number"] == 3
    assert seal_faults(file, [public_key_of(KEY)]) == []
    assert seal_faults(file, [public_key_of(OTHER)]) == ["seal_key_unknown"]
    assert seal_faults(content, [public_key_of(KEY)]) == ["seal_missing"]


@pytest.mark.parametrize(
    "file",
    [
        *(sealed(content, FACTS, KEY) for content in CONTENTS),
        envelope('{"year":2025}', *signed(b'{"year":2025}', KEY)[::-1]),
    ],
)
def test_every_changed_bit_is_seen(file: bytes) -> None:
    """Also those that base64 leaves over, in which nothing is said."""
    known = [public_key_of(KEY)]
    assert seal_faults(file, known) == []
    for at in range(len(file)):
        for bit in range(8):
            changed = file[:at] + bytes([file[at] ^ 1 << bit]) + file[at + 1 :]
            assert seal_faults(changed, known) != [], (at, bit)
    assert seal_faults(file[:-5], known) != []
    for more in (b"x", b" ", b"\n"):
        assert seal_faults(file + more, known) != [], more


def test_who_signs_anew_with_a_key_of_his_own_is_not_believed() -> None:
    forged = sealed(CONTENTS[0].replace(b"words", b"WORDS"), FACTS, OTHER)
    assert seal_faults(forged, [public_key_of(KEY)]) == ["seal_key_unknown"]


def test_a_seal_is_not_taken_from_another_file() -> None:
    one, other = (sealed(content, FACTS, KEY) for content in (CONTENTS[0], CONTENTS[0] + b"2"))
    mark = b"\n%telmee-seal "
    mixed = one.partition(mark)[0] + mark + other.partition(mark)[2]
    assert seal_faults(mixed, [public_key_of(KEY)]) == ["seal_file_changed"]


def test_a_sealed_package_still_opens(tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    file.write_bytes(sealed(package(), FACTS, KEY))
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None


def test_a_document_in_an_envelope_holds_and_no_other_does() -> None:
    key, signature = signed(b'{"year":2025}', KEY)
    file = envelope('{"year":2025}', signature, key)
    assert seal_faults(file, [key]) == []
    assert seal_faults(file, []) == ["seal_key_unknown"]
    assert signer_of(file) == key
    # The same document in another dress is not the file that was given.
    assert seal_faults(file + b"\n", [key]) == ["seal_file_changed"]
    assert seal_faults(file.replace(b"{", b'{"more":1,', 1), [key]) == ["seal_file_changed"]
    for at in range(len(file)):
        changed = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
        assert seal_faults(changed, [key]) != [], at


def test_only_a_pdf_or_a_package_is_sealed() -> None:
    for content in (b"text", sealed(package(), FACTS, KEY)):
        with pytest.raises(ValueError, match="neither"):
            sealed(content, FACTS, KEY)


def test_the_key_is_one_for_each_secret_and_has_a_mark() -> None:
    assert signed(b"x", KEY) == signed(b"x", KEY)
    assert public_key_of(KEY) != public_key_of(OTHER)
    assert len(mark_of(public_key_of(KEY))) == 19

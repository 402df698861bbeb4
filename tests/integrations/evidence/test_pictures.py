"""A picture keeps what it shows and loses what it says of its making."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.integrations.evidence import NoPicture, without_metadata
from tests.integrations.evidence.making import exif, jpg, png, segment

_SAID = b"Jansen 123456782 52.09,5.12"


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"prVt"])
def test_a_png_keeps_no_text(name: bytes) -> None:
    assert without_metadata(png((name, _SAID)) + _SAID, ".png") == png()


def test_a_png_keeps_how_it_is_shown() -> None:
    shown = png((b"gAMA", bytes(4)), (b"pHYs", bytes(9)))
    assert without_metadata(shown, ".png") == shown


@pytest.mark.parametrize("marker", [*range(0xE1, 0xEE), 0xEF, 0xFE])
def test_a_jpeg_keeps_no_text(marker: int) -> None:
    told = segment(marker, b"Photoshop 3.0\0" + _SAID)
    assert without_metadata(jpg(told, told, behind=_SAID), ".jpg") == jpg()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_stays_turned_as_it_was(turned: int, order: str) -> None:
    shown = without_metadata(jpg(exif(turned, _SAID, order)), ".jpeg")
    assert _SAID not in shown
    upright = jpg()
    if turned == 1:
        assert shown == upright
    else:
        entry = struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0)
        tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
        assert shown == jpg(segment(0xE1, b"Exif\0\0" + tiff))
        assert without_metadata(shown, ".jpg") == shown


def test_a_small_picture_of_before_goes_and_the_colours_stay() -> None:
    adobe = segment(0xEE, b"Adobe\0d\0\0\0\0\x01")
    whole = jpg(adobe)
    thumbnail = segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01" + b"abc")
    old = whole[:2] + thumbnail + whole[20:]
    assert without_metadata(old, ".jpg") == whole


@given(st.integers(0, 200), st.sampled_from([jpg(), png()]))
def test_a_picture_that_breaks_off_is_none(place: int, whole: bytes) -> None:
    ending = ".jpg" if whole.startswith(b"\xff\xd8") else ".png"
    cut = whole[: min(place, len(whole) - 1)]
    with pytest.raises(NoPicture):
        without_metadata(cut, ending)


def test_a_chunk_with_a_wrong_sum_is_no_picture() -> None:
    whole = bytearray(png())
    whole[20] ^= 1
    with pytest.raises(NoPicture):
        without_metadata(bytes(whole), ".png")


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_picture_or_refused(noise: bytes) -> None:
    for begin, ending in ((b"\xff\xd8", ".jpg"), (b"\x89PNG\r\n\x1a\n", ".png")):
        try:
            shown = without_metadata(begin + noise, ending)
        except NoPicture:
            continue
        assert without_metadata(shown, ending) == shown

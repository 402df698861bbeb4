"""A logo is drawn anew: what comes out is dots, whatever went in."""

from __future__ import annotations

import struct

import pytest

from telmee.core.errors import DomainError
from telmee.integrations.typesetting import as_logo
from tests.integrations.typesetting.logos import SVG, png, svg


def _sides(picture: bytes) -> tuple[int, int]:
    wide, high = struct.unpack(">II", picture[16:24])
    return wide, high


@pytest.mark.parametrize(
    ("content", "ending", "sides"),
    [
        (SVG, ".svg", (480, 240)),
        (png(400, 100), ".png", (960, 240)),
        (png(1000, 10), ".png", (960, 10)),
    ],
)
def test_it_is_fitted_in_its_place(content: bytes, ending: str, sides: tuple[int, int]) -> None:
    picture = as_logo(content, ending)
    assert picture.startswith(b"\x89PNG")
    assert _sides(picture) == sides


def test_nothing_beside_the_picture_stays() -> None:
    assert b"Jan Jansen" not in as_logo(png(40, 20, more=b"Jan Jansen"), ".png")


_ELSEWHERE = "http://127.0.0.1:9/x.png"


@pytest.mark.parametrize(
    ("content", "ending", "code"),
    [
        (svg("<script>alert(1)</script>"), ".svg", "logo_with_more"),
        (svg('<rect width="9" height="9" onload="alert(1)"/>'), ".svg", "logo_with_more"),
        (svg(f'<image href="{_ELSEWHERE}" width="9" height="9"/>'), ".svg", "logo_with_more"),
        (svg(f'<image xlink:href="{_ELSEWHERE}"/>'), ".svg", "logo_with_more"),
        (svg('<image href="file:///etc/passwd"/>'), ".svg", "logo_with_more"),
        (svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>'), ".svg", "logo_with_more"),
        (svg(f'<rect fill="url({_ELSEWHERE}#a)"/>'), ".svg", "logo_with_more"),
        (svg("<foreignObject><p>x</p></foreignObject>"), ".svg", "logo_with_more"),
        (svg("<style>@import url(http://x);</style>"), ".svg", "logo_with_more"),
        (svg("", before='<?xml-stylesheet href="http://x"?>'), ".svg", "logo_with_more"),
        (
            svg("&a;", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
            ".svg",
            "logo_with_more",
        ),
        (b"<svg", ".svg", "logo_unreadable"),
        (b"GIF89a", ".png", "logo_unreadable"),
        (png(40, 20)[:60], ".png", "logo_unreadable"),
        (png(30_000, 30_000, rows=1), ".png", "logo_unreadable"),
        (SVG, ".html", "logo_type"),
        (b"x" * 500_001, ".svg", "logo_too_large"),
    ],
)
def test_it_refuses_what_is_no_logo(content: bytes, ending: str, code: str) -> None:
    with pytest.raises(DomainError) as error:
        as_logo(content, ending)
    assert [problem.code for problem in error.value.problems] == [code]


def test_it_takes_a_drawing_with_references_inside_it() -> None:
    inner = '<defs><rect id="a" width="9" height="9"/></defs><use href="#a" fill="url(#b)"/>'
    assert as_logo(svg(inner), ".svg").startswith(b"\x89PNG")

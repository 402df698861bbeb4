"""A logo is drawn anew: what comes out is dots, whatever went in."""

from __future__ import annotations

import base64
import gzip
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from telmee.core.errors import DomainError
from telmee.integrations.typesetting import as_logo
from tests.integrations.typesetting.logos import PICTURE, SVG, chunk, png, svg


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
_BOMB = base64.b64encode(png(30_000, 30_000, rows=1)).decode()
_COPIES = (
    '<defs><g id="a0"><path d="M0 0"/></g>'
    + "".join(f'<g id="a{at}">' + f'<use href="#a{at - 1}"/>' * 10 + "</g>" for at in range(1, 9))
    + '</defs><use href="#a8"/>'
)


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
        (svg("<text>Gemeente</text>"), ".svg", "logo_with_text"),
        (svg(f"<style>a{{fill:URL({_ELSEWHERE})}}</style>"), ".svg", "logo_with_more"),
        (svg(f"<style>a{{fill:ur<!-- -->l({_ELSEWHERE})}}</style>"), ".svg", "logo_with_more"),
        (svg(f'<image href="data:image/png;base64,{_BOMB}"/>'), ".svg", "file_too_heavy"),
        (svg(_COPIES), ".svg", "logo_unreadable"),
        (svg("<g>" * 50_000 + "</g>" * 50_000), ".svg", "logo_unreadable"),
        (gzip.compress(SVG), ".svg", "logo_unreadable"),
        (SVG, ".png", "logo_unreadable"),
        (PICTURE, ".svg", "logo_unreadable"),
        (b"", ".png", "logo_unreadable"),
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


@pytest.mark.parametrize("more", [b"<script>alert(1)</script>", b"PK\x03\x04" + b"x" * 100])
def test_what_comes_behind_a_picture_is_left_behind(more: bytes) -> None:
    assert as_logo(PICTURE + more, ".png") == as_logo(PICTURE, ".png")


def test_the_first_picture_of_a_moving_one_is_drawn() -> None:
    moving = chunk(b"acTL", struct.pack(">II", 1_000_000, 0))
    assert as_logo(png(20, 10, chunks=moving), ".png") == as_logo(PICTURE, ".png")


def _huge_profile() -> bytes:
    return b"x\0\0" + zlib.compress(b"\0" * 300_000_000)


@pytest.mark.parametrize("words", [lambda: b"\xff" * 50, _huge_profile], ids=["odd", "huge"])
def test_a_profile_of_colours_that_is_odd_or_huge_is_refused_or_passed_over(
    words: Callable[[], bytes],
) -> None:
    content = png(20, 10, chunks=chunk(b"iCCP", words()))
    with suppress(DomainError):
        assert as_logo(content, ".png") == as_logo(PICTURE, ".png")


def test_a_drawing_is_read_as_utf_8_whatever_it_says_of_itself() -> None:
    assert as_logo(svg("", before='<?xml version="1.0" encoding="utf-7"?>'), ".svg")


def test_a_style_may_point_at_what_is_in_the_drawing() -> None:
    style = "<style>.a{fill:url(#g)} .b{fill:url('#g')}</style>"
    assert as_logo(svg(f'{style}<rect class="a" width="9" height="9"/>'), ".svg")


def test_it_takes_a_drawing_with_references_inside_it() -> None:
    inner = '<defs><rect id="a" width="9" height="9"/></defs><use href="#a" fill="url(#b)"/>'
    assert as_logo(svg(inner), ".svg").startswith(b"\x89PNG")

"""What the figures on a page say: sums with their rows, boxes, and links that count something."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SumOnPage:
    """A sum as a reader sees it: each row with its cents, and what they come to."""

    title: str
    rows: dict[str, int]
    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class CountedLink:
    """A link with the number that stands in it or in its box."""

    text: str
    url: str
    count: int


def words(markup: str) -> str:
    """What a reader sees of a piece of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def cents_of(text: str) -> int | None:
    """The cents of an amount as a page writes it in Dutch; None for what is no amount."""
    amount = re.fullmatch(r"(-?)€ ([\d.]+),(\d\d)", text)
    if amount is None:
        return None
    minus, whole, rest = amount.groups()
    cents = int(whole.replace(".", "")) * 100 + int(rest)
    return -cents if minus else cents


def sums_on(page: str) -> Iterator[SumOnPage]:
    """Each sum on a page."""
    for table in re.findall(r'<table class="[^"]*\bsums">(.*?)</table>', page, re.DOTALL):
        (title,) = re.findall(r"<caption[^>]*>(.*?)</caption>", table, re.DOTALL)
        *rows, (label, cents) = _rows(table)
        assert len(dict(rows)) == len(rows), f"two rows with one name: {rows}"
        yield SumOnPage(words(title), dict(rows), label, cents)


def _rows(table: str) -> Iterator[tuple[str, int]]:
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        name, amount = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        cents = cents_of(words(amount))
        assert cents is not None, f"no amount: {words(row)}"
        yield words(re.sub(r"<div.*?</div>", "", name, flags=re.DOTALL)), cents


def boxes_on(page: str) -> dict[str, str]:
    """What stands in each box of figures, by its label."""
    return {label: text for label, _url, text in _boxes(page)}


def _boxes(page: str) -> Iterator[tuple[str, str, str]]:
    for boxes in re.findall(r'<dl class="figures">(.*?)</dl>', page, re.DOTALL):
        for label, text in re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", boxes, re.DOTALL):
            url = re.search(r'href="([^"]+)"', label)
            yield words(label), html.unescape(url[1]) if url else "", words(text)


def counted_links(page: str) -> Iterator[CountedLink]:
    """Each link of which the text, or the box that it names, says how many there are.

    The pages of a list have numbers that count nothing.
    """
    for label, url, text in _boxes(page):
        if url and text.isdecimal():
            yield CountedLink(label, url, int(text))
    (main,) = re.findall(r"<main.*?</main>", page, re.DOTALL)
    for url, markup in re.findall(r'<a\s[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', main, re.DOTALL):
        text = words(markup)
        number = re.search(r"\((\d+)\)$|\balle (\d+) |^(?:en nog|naar de) (\d+)\b", text.lower())
        if number:
            count = next(int(group) for group in number.groups() if group)
            yield CountedLink(text, html.unescape(url), count)

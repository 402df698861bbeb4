"""What a page shows can be used: no link or button of it is refused for lack of right.

Each part walks from its first page along every link, and presses every button in what it meets,
filled in as well as a form can be without knowing what it is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from django.urls import Resolver404, resolve

from telmee import texts
from telmee.core.errors import Problem
from tests.web.world import World, drained, undone

#: Pages of one address that are looked at: of a line there is one in each state.
_OF_A_LINE, _OF_ANYTHING_ELSE = 8, 2
_LINES = ("contribution?", "decide?")
_NOT_WALKED = ("/accounts/", "/language/", "/static/", "/.well-known/")
#: Fields that are new on each page, and say nothing of what is sent.
_OF_ONE_PAGE = {"csrfmiddlewaretoken", "key"}
_REFUSALS = ("not_allowed", "contract_closed", "own_line", "second_reviewer_needed", "wrong_state")


@dataclass
class _Form:
    """A form that is posted: where to, what is in it, and its buttons."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Page(HTMLParser):
    """The links and the forms of a page, as a browser has them."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self._url = url
        self._forms: dict[str, _Form] = {}
        self._form: _Form | None = None
        self._select = ""
        self._loose: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        for name, marks in self._loose:
            if form := self._forms.get(marks["form"]):
                self._add(form, name, marks)

    @property
    def forms(self) -> list[_Form]:
        """The forms that are posted."""
        return list(self._forms.values())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a link, a form, or what belongs to a form."""
        marks = {name: value or "" for name, value in attrs}
        if tag == "a" and marks.get("href", "").startswith(("/", "?")):
            self.links.append(self._address(marks["href"]))
        if tag == "form" and marks.get("method") == "post":
            self._form = _Form(self._address(marks.get("action", "")))
            self._forms[marks.get("id", f"form {len(self._forms)}")] = self._form
        if tag == "option" and self._form and self._select and marks.get("value"):
            self._form.fields.setdefault(self._select, [marks["value"]])
        if tag in {"input", "select", "textarea", "button"}:
            self._select = marks.get("name", "") if tag == "select" else self._select
            if "form" in marks:
                self._loose.append((tag, marks))
            elif self._form:
                self._add(self._form, tag, marks)

    def handle_endtag(self, tag: str) -> None:
        """Leave a form or a choice."""
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""

    def _address(self, reference: str) -> str:
        """Where a browser goes for an address on this page, without the place within a page."""
        return urldefrag(urljoin(self._url, reference)).url

    def _add(self, form: _Form, tag: str, marks: dict[str, str]) -> None:
        name, value = marks.get("name", ""), marks.get("value", "")
        if tag == "button":
            if marks.get("type", "submit") == "submit":
                form.buttons.append((name, value))
        elif name and tag != "select" and marks.get("type") not in {"file", "submit"}:
            if marks.get("type") in {"checkbox", "radio"}:
                form.fields.setdefault(name, [value or "on"])
            else:
                form.fields.setdefault(name, [value or _typed(name)])


def _typed(name: str) -> str:
    """Something that a field of this name takes."""
    if re.search(r"dag|datum|_op$|begin|eind|^on$|until|from|effective", name):
        return "1-1-2026"
    return "1" if re.search(r"amount|bedrag|uren|aantal|number", name) else "Zo is het afgesproken"


def _kind(url: str) -> str:
    """The address without what differs from row to row."""
    path, _, query = url.partition("?")
    try:
        name = resolve(path).view_name or path
    except Resolver404:
        name = path
    return name + "?" + ",".join(sorted(re.findall(r"(?:^|&)(\w+)=", query)))


@dataclass
class _Walk:
    """What one part meets on its way."""

    world: World
    part: str
    _tried: set[str] = field(default_factory=set)

    def failures(self) -> Iterator[str]:
        """Every link and button that was shown and did not work."""
        todo, seen, kinds = ["/"], {"/"}, Counter[str]()
        while todo:
            url = todo.pop(0)
            answer = drained(self._browser.get(url))
            if answer.status_code not in {200, 302}:
                yield f"{answer.status_code} GET {url}"
            if not str(answer.headers.get("Content-Type")).startswith("text/html"):
                continue
            page = _Page(url, answer.content.decode())
            yield from self._pressed(url, page)
            for link in page.links:
                kind = _kind(link)
                most = _OF_A_LINE if kind in _LINES else _OF_ANYTHING_ELSE
                if link not in seen and kinds[kind] < most and not link.startswith(_NOT_WALKED):
                    kinds[kind] += 1
                    seen.add(link)
                    todo.append(link)

    def _pressed(self, url: str, page: _Page) -> Iterator[str]:
        for form in page.forms:
            if form.action.startswith(_NOT_WALKED):
                continue
            for name, value in form.buttons or [("", "")]:
                data = {**form.fields, **({name: [value]} if name else {})}
                if not self._is_new(form.action, data):
                    continue
                with undone(self._browser):
                    answer = drained(self._browser.post(form.action, data, follow=True))
                    if answer.status_code not in {200, 422}:
                        yield f"{answer.status_code} POST {form.action} on {url}"
                    elif refused := _refusal(answer):
                        yield f"{refused}: POST {form.action} on {url}"

    def _is_new(self, action: str, data: dict[str, list[str]]) -> bool:
        """Whether this was not sent from another page: what it did there is undone."""
        sent = f"{action} {sorted((n, v) for n, v in data.items() if n not in _OF_ONE_PAGE)}"
        is_new = sent not in self._tried
        self._tried.add(sent)
        return is_new

    @property
    def _browser(self) -> Any:
        return self.world.browsers[self.part]


def _refusal(answer: Any) -> str:
    """The code with which a page says that somebody may not; empty when it does not."""
    if not str(answer.headers.get("Content-Type")).startswith("text/html"):
        return ""
    text = answer.content.decode()
    for code in _REFUSALS:
        words = texts.problem_text(Problem(code, params={"state": "accepted"}), "nl")[0]
        if words.split("{")[0] in text:
            return code
    return ""


@pytest.mark.parametrize("part", ["reader", "subcontractor", "contractor", "adviser", "auditor"])
def test_no_shown_link_or_button_is_refused(world: World, part: str) -> None:
    assert list(_Walk(world, part).failures()) == []

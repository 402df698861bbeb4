"""Somebody at work whose every click and key is counted, with the time that each takes a person.

The pace is that of the keystroke-level model, rounded up: three seconds for a click, with the look
for its place and the page that follows; one for a key that does something; six for a date or a
code; thirty for a sentence that he thinks of and types; twenty to read a line or a decision. A
sheet that is pasted is not counted: people have it before they begin.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

_CLICK, _KEY, _FIELD, _SENTENCE, _READING = 3, 1, 6, 30, 20


class Counted:
    """Somebody at a page: how often he clicks or presses, and the seconds that it takes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.seconds = 0

    def _count(self, seconds: int) -> None:
        self.clicks += 1
        self.seconds += seconds

    def read(self) -> None:
        """Read what is on the page before going on."""
        self.seconds += _READING

    def fill(self, label: str, text: str) -> None:
        """Go to a field, which is a click, and type in it."""
        self._count(_FIELD)
        self.page.get_by_label(label).fill(text)

    def write(self, text: str) -> None:
        """Type a sentence where the page put the cursor."""
        self._count(_SENTENCE)
        expect(self.page.locator("textarea:focus")).to_be_visible()
        self.page.keyboard.type(text)

    def paste(self, text: str) -> None:
        """Paste where the page put the cursor."""
        self._count(_CLICK)
        expect(self.page.locator("textarea:focus")).to_be_visible()
        self.page.keyboard.insert_text(text)

    def type_here(self, text: str) -> None:
        """Type where the page put the cursor, and press Enter."""
        self._count(_FIELD)
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, label: str, choice: str) -> None:
        """Choose from a list, and wait for the fields that belong to it."""
        self._count(_FIELD)
        with self.page.expect_response(lambda answer: "hx-target" in answer.request.headers):
            self.page.get_by_label(label, exact=True).select_option(label=choice)
        settling = "#entry.htmx-settling, #line-fields.htmx-settling, .htmx-request"
        expect(self.page.locator(settling)).to_have_count(0)

    def press(self, label: str | re.Pattern[str]) -> None:
        """Press a button or follow a link, and wait for the page that follows."""
        self._count(_CLICK)
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_text(label).first.click()

    def key(self, key: str, *, goes_on: bool = True) -> None:
        """Press a key, and wait for the page that follows where one does."""
        self._count(_KEY)
        if not goes_on:
            self.page.keyboard.press(key)
            return
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def home(self) -> None:
        """Go to the first page, by the menu."""
        self._count(_CLICK)
        self.page.goto("/")

    def back(self) -> None:
        """Go back to where he was."""
        self._count(_CLICK)
        self.page.go_back()

    def keys_to(self, name: str) -> None:
        """Go on with Tab until a button of this name has the focus, and press it."""
        for _ in range(40):
            self._count(_KEY)
            self.page.keyboard.press("Tab")
            focused = self.page.locator("*:focus")
            if focused.count() and name in focused.first.inner_text():
                self.key("Enter")
                return
        raise AssertionError(f"Tab does not reach {name}")

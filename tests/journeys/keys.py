"""Somebody who uses the keyboard and nothing else."""

from __future__ import annotations

from playwright.sync_api import Page


class Keys:
    """The keyboard of somebody who uses nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as soon as the scripts of the page listen.

        A page can be seen before that. Nothing waits for what a key brings about: the next line of
        a test names something that was not there before.
        """
        self.page.wait_for_load_state()
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str) -> None:
        """Go on with Tab until something by this name has the focus."""
        for _ in range(80):
            self.press("Tab")
            focused = self.page.locator("*:focus")
            if focused.count() and name in focused.first.aria_snapshot():
                return
        raise AssertionError(f"Tab does not reach {name}")

    def choose(self, name: str, option: str) -> None:
        """Choose an option of a field by typing its first letters."""
        self.tab_to(name)
        self.page.keyboard.type(option)

    def type(self, name: str, text: str) -> None:
        """Replace what stands in a field."""
        self.tab_to(name)
        self.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

"""What is looked at on every page: axe, the width, a picture; and how people sign in."""

from __future__ import annotations

import os

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.cast import PASSWORD

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
#: The narrowest that WCAG asks for (1.4.10), which is also a desktop enlarged four times.
PHONE: ViewportSize = {"width": 320, "height": 800}
#: What axe is asked: WCAG 2.2 up to AA, and what it calls good practice.
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
#: What of it depends on how wide a page is, and takes axe little time.
_RULES_OF_WIDTH = {**_RULES, "runOnly": ["target-size", "scrollable-region-focusable"]}
#: Draws the page in a face as wide as DejaVu Sans and Verdana, in bold too; or in ours again.
_STRETCH = """async stretched => {
    const sheet = document.styleSheets[0], token = "--basis-text-font-family-default";
    if (!stretched) {
        document.documentElement.style.removeProperty(token);
        return;
    }
    if (!Array.from(document.fonts).some(face => face.family === "Stretched")) {
        const ours = Array.from(sheet.cssRules).filter(rule => rule instanceof CSSFontFaceRule);
        for (const face of ours) {
            const text = face.cssText.replace(/font-family:[^;]*;/, "font-family: Stretched;");
            sheet.insertRule(text.replace("}", "; size-adjust: 122%; }"));
        }
    }
    document.documentElement.style.setProperty(token, "Stretched");
    const faces = ["1em Stretched", "bold 1em Stretched"].map(face => document.fonts.load(face));
    if ((await Promise.all(faces)).some(loaded => !loaded.length)) throw Error("no typeface");
}"""

#: Marks the rows that are drawn as one above them: the same tags, classes and attributes, and words
#: in the same places. To reckon the contrast of fifty of them takes most of the time of axe.
_MARK_TWINS = """() => {
    const valued = ["class", "role", "type", "scope", "lang", "dir", "style"];
    const drawn = element => [
        element.tagName,
        ...Array.from(element.attributes, ({name, value}) =>
            valued.includes(name) ? `${name}=${value}` : name).sort(),
        Array.from(element.childNodes, node => node.nodeType === 3 && node.data.trim() !== ""),
        ...Array.from(element.children, drawn),
    ].join(" ");
    let twins = 0;
    for (const body of document.querySelectorAll("tbody")) {
        const seen = new Set();
        for (const row of body.rows) {
            row.toggleAttribute("data-twin", seen.has(drawn(row)));
            seen.add(drawn(row));
            twins += row.hasAttribute("data-twin");
        }
    }
    return twins;
}"""

_CUT_OFF = """Array.from(document.querySelectorAll(".table-region"))
    .filter(region => region.scrollWidth > region.clientWidth)
    .map(region => region.getAttribute("aria-label") || region.id || "a table")"""

#: Makes a paragraph of what stands below a name or a status, as somebody may have typed it.
_LENGTHEN = """() => {
    const cells = ".list :is(td:not(.is-amount, .is-date, .is-status), th)";
    const names = `${cells} > .below:not(.is-code, .is-date)`;
    for (const words of document.querySelectorAll(`${names}, .list .is-prose`))
        if (!words.childElementCount)
            words.textContent = "Volgens de urenstaat is er minder gewerkt. ".repeat(5);
}"""


def fill_in(page: Page, **values: str) -> None:
    """Type in the fields of the page, each by its label (with _ for a space)."""
    for label, value in values.items():
        page.get_by_label(label.replace("_", " ")).fill(value)


def press(page: Page, label: str) -> None:
    """Press the button of the page that says this, and let the page that follows be whole."""
    page.get_by_role("main").get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


def follow(page: Page, label: str) -> None:
    """Follow the link of the page that says this, and let that page be whole."""
    page.get_by_role("main").get_by_role("link", name=label, exact=True).click()
    page.wait_for_load_state()


def choose_block(page: Page, name: str) -> None:
    """Choose what kind of effort it is, and wait for the fields that it asks."""
    page.wait_for_load_state()  # a link brings a page that can be seen before its scripts listen
    with page.expect_response(lambda answer: "hx-target" in answer.request.headers):
        page.get_by_label("Bouwblok").select_option(name)
    expect(page.locator("#line-fields")).to_contain_text("Voor wie")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def sign_in_as(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in with a password, and wait until there is something else to see."""
    page.goto("/accounts/login/")
    send_password(page, email, password)
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def send_password(page: Page, email: str, password: str) -> None:
    """Fill in the form of signing in, and send it."""
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord", exact=True).fill(password)
    press(page, "Inloggen")


def broken_rules(page: Page, *, only_of_width: bool = False) -> list[str]:
    """Say what axe finds on a page: the rule and where; of rows that are alike, in the first."""
    rules = _RULES_OF_WIDTH if only_of_width else _RULES
    but = {"exclude": ["[data-twin]"]} if page.evaluate(_MARK_TWINS) else None
    found = Axe().run(page, context=but, options=rules).response["violations"]
    return [
        f"{page.url}: {rule['id']} at {', '.join(str(node['target'][0]) for node in rule['nodes'])}"
        for rule in found
    ]


def sideways(page: Page) -> int:
    """How many pixels a page is wider than its window, in our typeface or in a wide one.

    A browser that gets no typeface takes one of its own. To need no font of this machine, the wide
    one is ours, stretched.
    """
    with_ours = _pixels_too_many(page)
    page.evaluate(_STRETCH, True)
    with_a_wide_one = _pixels_too_many(page)
    page.evaluate(_STRETCH, False)
    return max(with_ours, with_a_wide_one)


def _pixels_too_many(page: Page) -> int:
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, int(width))


def tables_cut_off(page: Page) -> list[str]:
    """The tables of which a part can only be seen by scrolling sideways, by their names.

    What people type is as long in every one of them, whatever they typed in the example.
    """
    page.evaluate(_LENGTHEN)
    names: list[str] = page.evaluate(_CUT_OFF)
    return names


def look(page: Page, name: str) -> None:
    """Keep a picture when `TELMEE_PICTURES` names a folder; tests do without."""
    if folder := os.environ.get("TELMEE_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def look_at_both(page: Page, name: str) -> None:
    """Keep pictures of the page at desktop and phone width; neither may scroll sideways."""
    for size, word in ((PHONE, "phone"), (DESKTOP, "desktop")):
        page.set_viewport_size(size)
        look(page, f"{name}-{word}")
        assert sideways(page) == 0, f"{page.url} scrolls sideways on a {word}"

"""A page looks the same on every machine, and can be read without our typeface as well."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import SignIn

_OURS = "IBM Plex Sans Variable"
#: The families that were loaded, after all that the page asks for has come or failed.
_LOADED = """async () => {
    await document.fonts.ready;
    const loaded = Array.from(document.fonts).filter(face => face.status === "loaded");
    return loaded.map(face => face.family.replaceAll('"', ""));
}"""
#: How wide a text is, in one weight.
_WIDTH = """([text, weight]) => {
    const measured = document.querySelector("main").appendChild(document.createElement("span"));
    measured.style.fontWeight = weight;
    measured.className = "amount";
    measured.textContent = text;
    const {width} = measured.getBoundingClientRect();
    measured.remove();
    return width;
}"""


def width(page: Page, text: str, weight: int = 400) -> float:
    """Measure a text on the page."""
    return round(float(page.evaluate(_WIDTH, [text, weight])), 2)


def test_a_page_is_drawn_in_our_typeface_and_fetches_it_once(sign_in: SignIn) -> None:
    page = sign_in(None)
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(asked.url) if "woff2" in asked.url else None)
    page.goto("/regelingen/harlingen")
    assert set(page.evaluate(_LOADED)) == {_OURS}
    assert len(fetched) == 1
    assert width(page, "Hoog", 400) < width(page, "Hoog", 600) == width(page, "Hoog", 700)


def test_amounts_stand_under_each_other(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.goto("/")
    page.evaluate(_LOADED)
    for weight in (400, 700):
        assert len({width(page, digit * 3, weight) for digit in "0123456789"}) == 1


def test_without_the_typeface_everything_can_be_read(sign_in: SignIn) -> None:
    page = sign_in(None, phone=True)
    page.route("**/*.woff2", lambda asked: asked.fulfill(status=200, content_type="font/woff2"))
    page.goto("/regelingen/harlingen")
    assert page.evaluate(_LOADED) == []
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert width(page, "leesbaar") > 0

"""A contractor enters effort with few clicks, and where the connection comes and goes."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from telmee.apps.contributions.models import Contribution, Evidence
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.integrations.evidence.making import jpg
from tests.journeys.conftest import SignIn
from tests.journeys.counting import Counted
from tests.journeys.pages import broken_rules, look_at_both, press, sign_in_as
from tests.registering import register

_ENTER = "/inspanningen/invoeren"
#: Twelve lines on three contracts: of the 107 clicks that this once took, a third.
_CLICKS_MAX = 36


@pytest.fixture
def contracts(cast: Cast) -> list[str]:
    """Three contracts of the contractor, the last of which is his alone in this test."""
    made = [f"Site {uuid4().hex[:6]}" for _ in range(3)]
    for name in made:
        register(cast, reference=name[-6:], name=name)
    return [f"{name[-6:]} {name} · Gemeente Hilversum" for name in made]


def _begin(page: Page, contract: str) -> Counted:
    page.goto(_ENTER)
    who = Counted(page)
    who.choose("Opdracht", contract)
    who.choose("Bouwblok", "<2 jaar in Participatiewet")
    for label, text in (
        ("Eerste dag", "1-1-2025"),
        ("Laatste dag", "30-6-2025"),
        ("Uren per week", "24"),
    ):
        who.fill(label, text)
    return who


def _hold_back_what_was_kept(route: Route) -> None:
    if "x-telmee-kept" in route.request.headers:
        route.fulfill(status=401)
    else:
        route.continue_()


def _saved(cast: Cast, code: str) -> int:
    with acting_as(cast.contractor.pk):
        return Contribution.objects.filter(person__code=code).count()


def test_twelve_lines_on_three_contracts_take_a_third_of_the_clicks(
    cast: Cast, contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor")
    who = _begin(page, contracts[0])
    for place, contract in enumerate(contracts):
        if place:
            who.choose("Opdracht", contract)
            expect(page.get_by_label("Eerste dag")).to_have_value("01-01-2025")
        for number in range(4):
            if number == 0:
                page.get_by_label("Code van de persoon").focus()
                who.clicks += 1
            who.type_here(f"{contract[:6]}-{number}")
            expect(page.get_by_text("bewaard als concept")).to_be_visible()
    who.press(re.compile(r"Alle \d+ concepten indienen"))
    expect(page.get_by_text(re.compile(r"Er zijn \d+ concepten ingediend"))).to_be_visible()
    assert who.clicks <= _CLICKS_MAX, who.clicks
    assert [_saved(cast, f"{contract[:6]}-3") for contract in contracts] == [1, 1, 1]


def test_what_stands_in_the_fields_from_the_start_has_its_value(
    contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor")
    _begin(page, contracts[0])
    press(page, "Bewaren en nog een")
    expect(page.get_by_text("bewaard als concept")).to_be_visible()
    expect(page.get_by_label("Eerste dag")).to_have_value("01-01-2025")
    expect(page.locator("#value")).to_contain_text("Gewaardeerd")


def test_the_page_is_right_for_a_thumb(contracts: list[str], sign_in: SignIn) -> None:
    page = sign_in("contractor", phone=True)
    _begin(page, contracts[0])
    expect(page.get_by_text("Open deze pagina dan vooraf")).to_be_visible()
    for button in ("Bewaren en nog een", "Meteen indienen"):
        box = page.get_by_role("button", name=button).bounding_box()
        assert box is not None
        assert box["height"] >= 48
    assert broken_rules(page) == []
    look_at_both(page, "contribution-enter")


def test_what_was_typed_without_a_connection_is_sent_once_and_survives_a_reload(
    cast: Cast, contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor", phone=True)
    _begin(page, contracts[0])
    code = f"OFF-{uuid4().hex[:6]}"
    page.get_by_label("Code van de persoon").fill(code)
    page.context.set_offline(True)
    press(page, "Bewaren en nog een")
    kept = page.get_by_role("region", name="Op dit apparaat bewaard, nog niet verstuurd")
    expect(kept).to_contain_text(code)
    expect(page.get_by_text("Geen verbinding.").first).to_be_visible()
    look_at_both(page, "contribution-kept")
    assert broken_rules(page) == []
    assert _saved(cast, code) == 0
    page.get_by_label("Code van de persoon").fill(f"{code}-2")
    press(page, "Bewaren en nog een")
    expect(kept.get_by_role("listitem")).to_have_count(2)

    page.context.set_offline(False)
    page.reload()
    page.wait_for_function(_KEEPS_NOTHING)
    assert [_saved(cast, code), _saved(cast, f"{code}-2")] == [1, 1]


def test_what_waits_is_sent_in_the_order_in_which_it_was_typed(
    cast: Cast, contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor", phone=True)
    _begin(page, contracts[0])
    codes = [f"ORDER-{uuid4().hex[:6]}-{number}" for number in range(5)]
    rows = page.get_by_role("region", name="nog niet verstuurd").get_by_role("listitem")
    page.context.set_offline(True)
    for number, code in enumerate(codes, 1):
        page.get_by_label("Code van de persoon").fill(code)
        press(page, "Bewaren en nog een")
        expect(rows).to_have_count(number)
    expect(rows).to_contain_text(codes)
    page.context.set_offline(False)
    page.wait_for_function(_KEEPS_NOTHING)
    with acting_as(cast.contractor.pk):
        lines = Contribution.objects.filter(person__code__in=codes).order_by("pk")
        assert list(lines.values_list("person__code", flat=True)) == codes


def test_what_was_refused_when_the_connection_came_back_says_so_and_opens_with_why(
    cast: Cast, contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor", phone=True)
    code = f"REFUSED-{uuid4().hex[:6]}"
    _begin(page, contracts[0])
    page.context.set_offline(True)
    page.get_by_label("Code van de persoon").fill(code)
    page.get_by_label("Laatste dag").fill("1-12-2024")
    press(page, "Meteen indienen")
    said = page.get_by_role("paragraph")
    away = said.filter(has_text="Geen verbinding. De inspanning staat")
    expect(away).to_be_visible()
    page.context.set_offline(False)
    expect(said.filter(has_text="Een inspanning die op dit apparaat wachtte")).to_be_visible()
    expect(away).to_be_hidden()
    look_at_both(page, "contribution-refused")
    page.get_by_role("button", name="Openen").click()
    expect(page.get_by_label("Code van de persoon")).to_have_value(code)
    assert _saved(cast, code) == 0


def test_what_waits_after_signing_out_says_so_when_the_connection_is_back(
    contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor", phone=True)
    _begin(page, contracts[0])
    page.context.set_offline(True)
    page.get_by_label("Code van de persoon").fill(f"OUT-{uuid4().hex[:6]}")
    press(page, "Bewaren en nog een")
    expect(page.get_by_text("Geen verbinding.").first).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    expect(page.get_by_text("Er is verbinding, maar u bent uitgelogd.").last).to_be_visible()


def test_a_line_that_is_opened_after_the_session_ended_stays_on_the_device(
    cast: Cast, contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor", phone=True)
    code = f"LATER-{uuid4().hex[:6]}"
    _begin(page, contracts[0])
    page.context.set_offline(True)
    page.get_by_label("Code van de persoon").fill(code)
    press(page, "Bewaren en nog een")
    kept = page.get_by_role("region", name="nog niet verstuurd")
    expect(kept).to_contain_text(code)
    # The page tries by itself to send it: here it is opened before that gets anywhere.
    page.route(f"**{_ENTER}", _hold_back_what_was_kept)
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    # A part of the form that was under way may say it first: then the dialog lies over the button,
    # and a press that was on its way still comes to it.
    page.get_by_role("button", name="Openen").dispatch_event("click")
    out = page.get_by_role("dialog").filter(has_text="U bent uitgelogd.")
    expect(out).to_be_visible()
    expect(page.get_by_label("Eerste dag")).to_have_value("1-1-2025")
    assert code in page.evaluate(_KEPT)
    sign_in_as(page.context.new_page(), "contractor@example.org")
    out.get_by_role("button", name="Verder").click()
    expect(out).to_be_hidden()
    press(page, "Openen")
    expect(page.get_by_label("Code van de persoon")).to_have_value(code)
    press(page, "Bewaren en nog een")
    expect(page.get_by_text("bewaard als concept")).to_be_visible()
    assert _saved(cast, code) == 1


def test_what_was_typed_and_not_saved_is_there_again_with_its_photo(
    cast: Cast, contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor", phone=True)
    page.goto(_ENTER)
    who = Counted(page)
    who.choose("Opdracht", contracts[0])
    who.choose("Bouwblok", "Opleidingskosten")
    page.get_by_label("Bedrag").fill("250")
    picture = {"name": "bon.jpg", "mimeType": "image/jpeg", "buffer": jpg()}
    page.get_by_label("Foto van de factuur").set_input_files(picture)  # type: ignore[arg-type]
    page.wait_for_timeout(600)

    page.reload()
    expect(page.get_by_text("Dit had u ingevuld en nog niet bewaard.", exact=True)).to_be_visible()
    expect(page.get_by_label("Bedrag")).to_have_value("250")
    photo = page.get_by_label("Foto van de factuur")
    assert photo.evaluate("box => box.files[0].name") == "bon.jpg"
    page.context.set_offline(True)
    press(page, "Bewaren en nog een")
    kept = page.get_by_role("region", name="Op dit apparaat bewaard, nog niet verstuurd")
    expect(kept).to_contain_text("250")
    page.context.set_offline(False)
    expect(kept).to_be_hidden()
    with acting_as(cast.contractor.pk):
        line = Contribution.objects.get(contract__reference=contracts[0][:6])
        assert Evidence.objects.filter(contribution=line).count() == 1


def test_a_bsn_is_not_kept_on_the_device_and_signing_out_leaves_nothing(
    contracts: list[str], sign_in: SignIn
) -> None:
    page = sign_in("contractor")
    _begin(page, contracts[0])
    page.get_by_label("Code van de persoon").fill("123456782")
    page.context.set_offline(True)
    press(page, "Bewaren en nog een")
    expect(page.get_by_text("er lijkt een BSN in de inspanning te staan").first).to_be_visible()
    assert "123456782" not in page.evaluate(_KEPT)
    page.get_by_label("Code van de persoon").fill("P-veilig")
    press(page, "Bewaren en nog een")
    expect(page.get_by_role("region", name="nog niet verstuurd")).to_contain_text("P-veilig")
    page.context.set_offline(False)
    page.wait_for_timeout(0)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_role("link", name="Inloggen").first).to_be_visible()
    assert page.evaluate(_KEPT) == "[]"


#: All that the device keeps.
_KEPT = """() => new Promise(resolve => {
    const request = indexedDB.open("telmee-kept", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", {keyPath: "id"});
    request.onsuccess = () => {
        const all = request.result.transaction("entries").objectStore("entries").getAll();
        all.onsuccess = () => resolve(JSON.stringify(all.result));
    };
})"""

#: Whether nothing waits on the device: looked at again and again, also after the page came anew.
_KEEPS_NOTHING = f"""() => {{
    ({_KEPT})().then(kept => {{ window.keptNow = kept; }});
    return window.keptNow === "[]";
}}"""

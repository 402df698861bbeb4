"""Changing a contract: the books as of a day, once for the same form, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from telmee.apps.agreements.queries import plan_lines
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import hand_in, register


def send(browser: Any, url: str, form_of: Any, **changes: str) -> Any:
    return browser.post(url, {**form_of(browser.get(url)), **changes})


def owed(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].owed_cents


def test_an_entry_tells_the_story_of_its_amount_as_it_was_kept(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser = browse(cast.contractor)
    with acting_as(cast.contractor.pk):
        entries = entries_of([contract])
    listed = browser.get(reverse("contract-ledger", args=[contract])).content.decode()
    assert {entry.kind for entry in entries} == {"obligation", "realised"}
    for number, entry in enumerate(entries, start=1):
        url = reverse("entry", args=[contract, entry.pk])
        assert f'href="{url}"' in listed
        page = browser.get(url)
        assert page.context["row"]["number"] == number
        assert entry.receipt is not None
        assert page.context["shown"].kept_at == entry.receipt.kept_at
        assert page.context["shown"].steps
    back = next(entry for entry in entries if entry.reverses_id)
    page = browser.get(reverse("entry", args=[contract, back.pk])).content.decode()
    assert reverse("entry", args=[contract, back.reverses_id]) in page
    assert browser.get(reverse("entry", args=[contract, 10**9])).status_code == 404


def test_the_books_as_of_yesterday_hold_nothing_and_the_file_says_the_same(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser, url = browse(cast.contractor), reverse("contract-ledger", args=[contract])
    today = timezone.localdate()
    yesterday = f"{today - timedelta(days=1):%d-%m-%Y}"
    assert browser.get(url).context["listing"].total == 4
    assert browser.get(url, {"op": f"{today:%d-%m-%Y}"}).context["listing"].total == 4
    assert browser.get(url, {"op": yesterday}).context["listing"].total == 0
    file = browser.get(url, {"op": yesterday, "export": "csv"}).content.decode("utf-8-sig")
    assert len(file.splitlines()) == 1
    assert f"op={yesterday}" in browser.get(url, {"op": yesterday}).context["listing"].link()


def test_a_day_that_cannot_be_read_is_told_beside_its_field(
    cast: Cast, contract: int, browse: Any
) -> None:
    page = browse(cast.adviser).get(reverse("contract-ledger", args=[contract]), {"op": "gisteren"})
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"op"}


def test_an_entry_and_its_mirror_are_shown_together(cast: Cast, contract: int, browse: Any) -> None:
    page = browse(cast.auditor).get(reverse("contract-ledger", args=[contract]))
    (pair,) = page.context["corrections"]
    assert pair["original"]["amount"] == -pair["mirror"]["amount"] > 0


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    "name", ["contract-ledger", "contract-contributions", "contract-plan", "contract-journal"]
)
def test_each_list_is_a_file_too(
    cast: Cast, contract: int, browse: Any, name: str, kind: str
) -> None:
    answer = browse(cast.auditor).get(reverse(name, args=[contract]), {"export": kind})
    assert answer.status_code == 200
    assert answer.content[:2] == (b"PK" if kind == "xlsx" else b"\xef\xbb")


def test_a_closed_contract_takes_nothing_until_it_is_opened_again(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    browser, url = browse(cast.adviser), reverse("contract-close", args=[contract])
    ahead = f"{timezone.localdate() + timedelta(days=2):%d-%m-%Y}"
    page = send(browser, url, form_of, on=ahead, reason="Klaar", sure="on")
    assert set(page.context["form"].errors) == {"on"}
    assert send(browser, url, form_of, reason="Klaar").status_code == 422
    assert send(browser, url, form_of, reason="Klaar", sure="on").status_code == 302
    adjusting = reverse("contract-amend", args=[contract]) + "?ground=agreed"
    later = {"agreed": "1,00", "reason": "Toch", "confirm": "1"}
    page = send(browser, adjusting, form_of, **later)
    assert page.status_code == 422
    assert owed(cast, contract) == 100_000_00
    reopening = reverse("contract-reopen", args=[contract])
    assert browser.post(reopening, {"reason": "Vergissing"}).status_code == 302
    assert send(browser, adjusting, form_of, **later).status_code == 302


def test_facts_change_and_the_journal_keeps_the_old_ones(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    browser, url = browse(cast.adviser), reverse("contract-change", args=[contract])
    assert send(browser, url, form_of, name="Nieuw", reason="Naam was fout").status_code == 302
    text = browser.get(reverse("contract-journal", args=[contract])).content.decode()
    assert "Onderhoud gebouwen → Nieuw" in text
    page = send(browser, url, form_of, name="123456782", reason="x")
    assert set(page.context["form"].errors) == {"name"}


def test_a_contractor_brings_in_a_subcontractor_and_nobody_else(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser, url = browse(cast.contractor), reverse("party-add", args=[contract])
    auditor = {"kvk": str(cast.rival.kvk), "name": "", "role": "auditor"}
    assert set(browser.post(url, auditor).context["form"].errors) == {"role"}
    for status in (302, 422):
        assert browser.post(url, {**auditor, "role": "subcontractor"}).status_code == status
    with acting_as(cast.competitor.pk) as acting:
        access = contract_for(acting, contract)
        party = next(p for p in access.parties if p.organisation_id == cast.rival.pk)
        assert party.role == PartyRole.SUBCONTRACTOR
    remove = reverse("party-remove", args=[contract, party.pk])
    assert browser.post(remove, {"reason": "Niet nodig"}).status_code == 302
    assert browse(cast.competitor).get(reverse("contract", args=[contract])).status_code == 404


def test_a_client_and_a_contractor_cannot_be_taken_off(
    cast: Cast, contract: int, browse: Any
) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
    for party in (access.client, access.contractor):
        assert party is not None
        url = reverse("party-remove", args=[contract, party.pk])
        assert browse(cast.adviser).post(url, {"reason": "x"}).status_code == 404


LINE = {
    "bouwblok": "pw_lt2",
    "begin": "1-1-2026",
    "eind": "30-6-2026",
    "uren_per_week": "24",
    "number": "3",
    "plan_note": "",
}


def test_a_plan_line_is_planned_once_valued_changed_and_removed(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    browser, url = browse(cast.contractor), reverse("plan-line-new", args=[contract])
    form = {**form_of(browser.get(url)), **LINE}
    live = browser.post(url, form, headers={"HX-Request": "true", "HX-Target": "value"})
    valued = live.context["valued"]
    assert valued.total_cents == 3 * valued.shown.cents > 0
    for _ in range(2):
        assert browser.post(url, form).status_code == 302
    with acting_as(cast.contractor.pk):
        line = plan_lines(contract)[-1]
        assert len(plan_lines(contract)) == 2
    assert line.value_cents == valued.total_cents
    change = reverse("plan-line", args=[contract, line.pk])
    assert send(browser, change, form_of, number="1").status_code == 302
    assert browser.post(reverse("plan-line-remove", args=[contract, line.pk])).status_code == 302
    with acting_as(cast.contractor.pk):
        assert len(plan_lines(contract)) == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("plan_note", "Jan 123456782"),
        ("number", "0"),
        ("eind", "1-1-2025"),
        ("begin", ""),
        ("bouwblok", "bestaat_niet"),
    ],
)
def test_what_is_wrong_in_a_plan_line_is_told(  # noqa: PLR0917 - field and text are the case
    cast: Cast, contract: int, browse: Any, form_of: Any, field: str, text: str
) -> None:
    browser, url = browse(cast.contractor), reverse("plan-line-new", args=[contract])
    page = browser.post(url, {**form_of(browser.get(url)), **LINE, field: text})
    assert page.status_code == 422
    assert field in page.context["form"].errors


def test_a_plan_line_of_another_is_not_there(cast: Cast, contract: int, browse: Any) -> None:
    with acting_as(cast.contractor.pk):
        line = plan_lines(contract)[0]
    for name in ("plan-line", "plan-line-remove"):
        url = reverse(name, args=[contract, line.pk])
        assert browse(cast.subcontractor).get(url).status_code == 404
        assert browse(cast.subcontractor).post(url).status_code == 404


def test_closing_names_what_waits_and_leaves_no_button_behind(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, kenmerk="WACHT-1")
    browser, url = browse(cast.adviser), reverse("contract-close", args=[contract])
    page = browser.get(url).content.decode()
    assert "WACHT-1" in page
    assert reverse("decide", args=[line]) in page
    closed = send(browser, url, form_of, on="1-2-2026", reason="Klaar", sure="on")
    assert closed.status_code == 302
    shown = browser.get(reverse("contribution", args=[line])).content.decode()
    assert reverse("decide", args=[line]) not in shown
    assert reverse("sighting-add", args=[line]) not in shown
    decided = browser.get(reverse("decide", args=[line])).content.decode()
    assert 'value="accepted"' not in decided
    own = browse(cast.contractor).get(reverse("contribution", args=[line])).content.decode()
    for name in ("contribution-withdraw", "contribution-take-back"):
        assert reverse(name, args=[line]) not in own

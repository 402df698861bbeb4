"""The work list: who sees what, accepting from it, several at once, and taking it back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from telmee.apps.contributions.evidence import record_sighting
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import decide
from tests.registering import found, hand_in, register
from tests.web.deciding import multiply_contracts, multiply_lines

PLUS = date(2025, 9, 30)
QUEUE, ACCEPT, UNDO = "/werklijst", "/werklijst/accepteren", "/werklijst/terugdraaien"


def verified(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].verified_cents


def seen(cast: Cast, line: int) -> str:
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        return f"{row.pk}:{row.version}:{row.value_cents}"


@pytest.mark.usefixtures("cast")
def test_a_visitor_is_asked_to_sign_in(browse: Any) -> None:
    assert browse().get(QUEUE).headers["Location"].startswith("/accounts/login")


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("adviser", True),
        ("second_adviser", True),
        ("team", True),
        ("colleague", False),
        ("contractor", False),
        ("competitor", False),
        ("subcontractor", False),
        ("auditor", False),
        ("outsider", False),
        ("operator", False),
    ],
)
def test_only_who_decides_finds_a_line_in_his_work_list(
    cast: Cast, browse: Any, who: str, sees: bool
) -> None:
    line = hand_in(cast, register(cast), kenmerk="ZIE-MIJ")
    page = browse(getattr(cast, who)).get(QUEUE).content.decode()
    assert ("ZIE-MIJ" in page) is sees
    assert (f"/inspanningen/{line}/beslissen" in page) is sees


def test_a_row_works_by_keyboard(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    page = browse(cast.adviser).get(QUEUE).content.decode()
    row = page[page.index("<tr data-row") :]
    assert f'href="/inspanningen/{line}/beslissen" data-key="Enter"' in row
    assert f'form="accept" name="one" value="{seen(cast, line)}" data-key="a"' in row
    assert "data-keys" in page


def test_accepting_in_the_row_books_and_can_be_undone(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    sent = {"key": str(uuid4()), "one": seen(cast, line), "without_proof": "1"}
    form = [client.post(ACCEPT, sent, follow=True).content.decode() for _ in range(2)][1]
    assert verified(cast, contract) > 0
    undo = dict(re.findall(r'name="(key|line)" value="([^"]+)"', form[form.index(UNDO) :]))
    page = client.post(UNDO, undo, follow=True)
    assert verified(cast, contract) == 0
    assert "K-1" in page.content.decode()


def test_several_lines_are_accepted_and_each_is_told(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    lines = [hand_in(cast, contract, kenmerk=name, persoon=name) for name in ("A-1", "B-1")]
    chosen = [seen(cast, line) for line in lines]
    chosen[1] = chosen[1].rpartition(":")[0] + ":1"  # another value than the line has
    sent = {"key": str(uuid4()), "line": chosen, "without_proof": "1"}
    page = browse(cast.adviser).post(ACCEPT, sent, follow=True)
    told = page.content.decode()
    assert "A-1 is geaccepteerd." in told
    assert "B-1: De waarde is nu anders dan op uw scherm stond." in told


def test_a_line_without_proof_is_asked_about_once_more(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    shown = hand_in(cast, contract, kenmerk="GETOOND")
    bare = hand_in(cast, contract, kenmerk="KAAL", persoon="P-2")
    with acting_as(cast.adviser.pk) as acting:
        record_sighting(*found(acting, shown), kind="", seen_on=date(2025, 9, 1))
    client = browse(cast.adviser)
    sent = {"key": str(uuid4()), "line": [seen(cast, line) for line in (shown, bare)]}
    answer = client.post(ACCEPT, sent)
    assert answer.headers["Location"] == QUEUE
    asked = client.get(QUEUE).content.decode()
    assert "GETOOND is geaccepteerd." in asked
    assert "Er ontbreekt bewijs" in asked
    assert f'data-about-row="row-{bare}"' in asked
    form = asked[asked.index("Er ontbreekt bewijs") : asked.index("data-key-help-open")]
    again = dict(re.findall(r'name="(key|line|without_proof)" value="([^"]+)"', form))
    assert "KAAL is geaccepteerd." in client.post(ACCEPT, again, follow=True).content.decode()


def test_lines_of_several_contracts_are_told_with_their_contract(cast: Cast, browse: Any) -> None:
    lines = [
        hand_in(cast, register(cast, reference=name), persoon=name) for name in ("HIL-1", "HIL-2")
    ]
    client = browse(cast.adviser)
    sent = {"key": str(uuid4()), "line": [seen(cast, line) for line in lines]}
    asked = client.post(ACCEPT, sent, follow=True).text
    for reference in ("HIL-1", "HIL-2"):
        assert f"K-1 ({reference}):" in asked
    form = client.post(ACCEPT, {**sent, "without_proof": "1"}, follow=True).text
    assert "K-1 (HIL-1), K-1 (HIL-2) zijn geaccepteerd." in form
    undo = form[form.index(UNDO) :]
    key = re.findall(r'name="key" value="([^"]+)"', undo)[0]
    back = {"key": key, "line": re.findall(r'name="line" value="([^"]+)"', undo)[:2]}
    page = client.post(UNDO, back, follow=True).text
    assert "Teruggedraaid: K-1 (HIL-1), K-1 (HIL-2)." in page


def test_who_accepts_in_the_list_goes_on_at_the_row_that_takes_its_place(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    names = ("A", "B", "C")
    first, second, third = (hand_in(cast, contract, kenmerk=n, persoon=n) for n in names)
    client, query = browse(cast.adviser), "?sort=reference"
    page = client.get(f"{QUEUE}{query}").content.decode()
    assert f'<tr data-row id="row-{second}">' in page
    for line, place in ((second, f"#row-{third}"), (third, f"#row-{first}"), (first, "")):
        sent = {"key": str(uuid4()), "one": seen(cast, line), "without_proof": "1"}
        answer = client.post(f"{ACCEPT}{query}", sent)
        assert answer.headers["Location"] == f"{QUEUE}{query}{place}"


def test_nothing_to_check_can_be_chosen(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="GEWOON")
    hand_in(cast, contract, kenmerk="TOESLAG", persoon="P-2", toeslagen="age50")
    page = browse(cast.adviser).get(f"{QUEUE}?only=nothing_to_check").content.decode()
    assert "GEWOON" in page
    assert "TOESLAG" not in page


def test_an_objection_and_a_line_without_value_are_opened_first(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.second_adviser.pk) as acting:
        access, row = found(acting, line)
        reason = DecisionReason.OTHER
        decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), reason=reason, text="Nee.")
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Jawel.")
    page = browse(cast.adviser).get(f"{QUEUE}?only=objections").content.decode()
    assert "K-1" in page
    assert 'data-key="a"' not in page


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"key": "no key", "one": "1:1:1"},
        {"one": "'; DROP TABLE ledger_entry; --"},
        {"one": "1:1:"},
        {"line": ["9" * 30 + ":1:1", "-1:1:1", "1:1:1:1", "²:1:1"]},
        {"one": "999999:1:100"},
    ],
)
def test_what_is_no_line_decides_nothing(cast: Cast, browse: Any, sent: dict[str, Any]) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    page = browse(cast.adviser).post(ACCEPT, {"key": str(uuid4())} | sent, follow=True)
    assert page.status_code == 200
    assert verified(cast, contract) == 0


@pytest.mark.parametrize("who", ["contractor", "competitor", "colleague", "auditor", "reader"])
def test_nobody_else_accepts_by_knowing_the_address(cast: Cast, browse: Any, who: str) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(getattr(cast, who))
    for url in (ACCEPT, UNDO):
        client.post(url, {"key": str(uuid4()), "line": seen(cast, line)})
    assert verified(cast, contract) == 0


def test_filters_search_sort_and_export_show_the_same_lines(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="EERSTE")
    hand_in(cast, contract, kenmerk="TWEEDE", persoon="P-2", eind=PLUS)
    client = browse(cast.adviser)
    for query in ("q=eerste", "only=nothing_to_check&q=TWEEDE", "contract=0", "block=%00"):
        page = client.get(f"{QUEUE}?{query}")
        assert page.status_code == 200
    page = client.get(f"{QUEUE}?q=eerste&export=csv")
    assert b"EERSTE" in page.content
    assert b"TWEEDE" not in page.content
    first, second = (
        client.get(f"{QUEUE}?sort={sort}").content.decode()
        for sort in ("value_cents", "-value_cents")
    )
    assert (first.index("EERSTE") < first.index("TWEEDE")) is not (
        second.index("EERSTE") < second.index("TWEEDE")
    )


@pytest.mark.usefixtures("own_database")
def test_ten_lines_and_a_thousand_cost_the_same_queries(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    counts = []
    for times in (9, 99):
        if times > 9:
            multiply_contracts(as_owner, contract, 9)
        multiply_lines(as_owner, line, times, name=f"{times}-")
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as queries:
            client.get(QUEUE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 23


def test_what_may_be_double_is_marked_and_can_be_chosen(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="EEN", persoon="K-7")
    hand_in(cast, contract, kenmerk="TWEE", persoon="k-7 ")
    hand_in(cast, contract, kenmerk="DRIE", persoon="K-8")
    client = browse(cast.adviser)
    page = client.get(QUEUE).content.decode()
    assert page.count(">Mogelijk dubbel</span>") == 2
    for only, expected in (("double", {"EEN", "TWEE"}), ("nothing_to_check", {"DRIE"})):
        chosen = client.get(f"{QUEUE}?only={only}").content.decode()
        assert {line for line in ("EEN", "TWEE", "DRIE") if line in chosen} == expected

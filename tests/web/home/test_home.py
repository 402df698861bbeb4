"""The first page: each of the cast sees his own, the sums are those of the books, at any size."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party, register_contract
from telmee.apps.contracts.choices import Category, PartyRole
from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.contracts.planning import propose_plan, save_plan_line
from telmee.apps.contributions.actions import save_draft
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import find_or_add_contractor
from tests.cast import Cast
from tests.money import decide
from tests.registering import PLACEMENT, found, hand_in, register, seen_cents
from tests.settling import proposed
from tests.web.deciding import multiply_contracts, multiply_lines

NAME = "Onderhoud gebouwen"


def decided(cast: Cast, line: int, outcome: Outcome, **more: Any) -> int:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        seen = seen_cents(access, row)
        return decide(
            access, row, outcome=outcome, key=uuid4(), seen_cents=seen, **more
        ).amount_cents


def text_of(page: Any) -> str:
    return str(page.content.decode().replace("\xa0", " "))


@pytest.mark.usefixtures("cast")
def test_a_visitor_reads_what_telmee_is_and_where_to_go(browse: Any) -> None:
    page = text_of(browse().get("/"))
    assert "/accounts/login" in page
    assert "/regelingen" in page


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("adviser", True),
        ("reader", True),
        ("team", True),
        ("contractor", True),
        ("auditor", True),
        ("subcontractor", True),
        ("colleague", False),
        ("competitor", False),
        ("outsider", False),
        ("operator", False),
    ],
)
def test_everybody_sees_his_own_contracts_only(
    cast: Cast, browse: Any, who: str, sees: bool
) -> None:
    end = timezone.localdate() + timedelta(days=20)
    register(cast, end=end)
    page = browse(getattr(cast, who)).get("/")
    assert page.status_code == 200
    assert (NAME in text_of(page)) is sees


def test_the_sums_are_those_of_the_books_and_stay_apart(cast: Cast, browse: Any) -> None:
    contracts = [register(cast, reference=f"C-{n}") for n in range(3)]
    lines = [hand_in(cast, contract) for contract in contracts]
    decided(cast, lines[0], Outcome.ACCEPTED)
    decided(
        cast,
        lines[1],
        Outcome.ADJUSTED,
        amount_cents=1_111_11,
        reason=DecisionReason.AGREEMENT,
        text="Afgesproken.",
    )
    with acting_as(cast.adviser.pk) as acting:
        books = positions(contracts).values()
        delivered = sum(found(acting, line)[1].value_cents or 0 for line in lines)
    for who in (cast.adviser, cast.contractor):
        page = text_of(browse(who).get("/"))
        for cents in (
            sum(book.owed_cents for book in books),
            sum(book.verified_cents for book in books),
            sum(book.open_cents for book in books),
            delivered,
        ):
            euros, rest = divmod(cents, 100)
            assert f"€ {euros:,}".replace(",", ".") + f",{rest:02d}" in page


def test_mine_are_the_contracts_whose_adviser_i_am(cast: Cast, browse: Any) -> None:
    end = timezone.localdate() + timedelta(days=10)
    register(cast, reference="VAN-MIJ", end=end, adviser_id=cast.adviser.pk)
    register(cast, reference="VAN-ANDER", end=end, adviser_id=cast.second_adviser.pk)
    client = browse(cast.adviser)
    for query, others in (("", False), ("?scope=mine", False), ("?scope=all", True)):
        page = text_of(client.get(f"/{query}"))
        assert "VAN-MIJ" in page
        assert ("VAN-ANDER" in page) is others
    assert "VAN-ANDER" in text_of(browse(cast.manager).get("/"))


@pytest.mark.usefixtures("own_database")
def test_what_waits_runs_out_and_lacks_somebody_is_told(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    end = timezone.localdate() + timedelta(days=15)
    line = hand_in(cast, register(cast, end=end))
    as_owner("DELETE FROM organisations_membership WHERE organisation_id = %s", cast.de_eem.pk)
    as_owner(
        "INSERT INTO organisations_recognition (organisation_id, kind, level, number, valid_from, "
        "valid_until, source) VALUES (%s, 'pso', 'trede 2', '', now() - interval '1 year', "
        "now() + interval '20 days', '')",
        cast.de_eem.pk,
    )
    page = text_of(browse(cast.adviser).get("/"))
    assert f"/inspanningen/{line}/beslissen" in page
    assert "PSO trede 2" in page
    assert f"/organisaties/{cast.de_eem.pk}/uitnodigen" in page
    assert 'id="ending"' in page
    assert f"{end:%d-%m-%Y}" in page[page.index('id="ending"') :]


def test_how_long_decisions_take_is_told(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    client = browse(cast.adviser)
    assert "is niets besloten" in text_of(client.get("/"))
    decided(cast, hand_in(cast, contract), Outcome.ACCEPTED)
    page = text_of(client.get("/"))
    assert "over 1 inspanningen voor het eerst beslist" in page
    assert "binnen 0 werkdagen" in page


def test_a_contractor_sees_drafts_and_why_something_was_decided(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    reason = {"reason": DecisionReason.PERIOD, "text": "De periode valt buiten de opdracht."}
    decided(cast, line, Outcome.REJECTED, rule="blocks.pw_lt2", **reason)
    with acting_as(cast.contractor.pk) as acting:
        save_draft(contract_for(acting, contract), {**PLACEMENT, "kenmerk": "CONCEPT-1"})
    page = text_of(browse(cast.contractor).get("/"))
    for text in ("CONCEPT-1", "De periode valt buiten de opdracht.", "jaar in Participatiewet"):
        assert text in page
    assert f"/opdrachten/{contract}/inspanningen/nieuw" in page
    assert "CONCEPT-1" not in text_of(browse(cast.adviser).get("/"))
    assert "CONCEPT-1" not in text_of(browse(cast.subcontractor).get("/"))


def test_a_subcontractor_sees_his_part_and_not_the_books(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    own = hand_in(cast, contract, by="subcontractor", kenmerk="ONDER")
    hand_in(cast, contract, kenmerk="BOVEN", uren_per_week=36_00, persoon="P-9")
    verified = decided(cast, own, Outcome.ACCEPTED)
    page = text_of(browse(cast.subcontractor).get("/"))
    euros = f"{verified // 100:,}".replace(",", ".")
    assert f"€ {euros}" in page
    assert "100.000,00" not in page
    assert "BOVEN" not in page


def test_who_is_client_and_contractor_sees_both(cast: Cast, browse: Any) -> None:
    register(cast)
    with acting_as(cast.colleague.pk) as acting:
        facts = ContractFacts(
            reference="HUI-1",
            name="Groenonderhoud",
            category=Category.SERVICES,
            scheme="harlingen",
            start=timezone.localdate(),
            end=timezone.localdate() + timedelta(days=100),
            value_cents=2_000_000_00,
            agreed_cents=50_000_00,
            percentage_reason="5%",
        )
        register_contract(acting, facts, client_id=cast.huizen.pk, contractor_id=cast.hilversum.pk)
    page = text_of(browse(cast.adviser).get("/"))
    assert "Wat vandaag uw aandacht vraagt" in page
    assert "HUI-1" in page[page.index("Wat u levert") :]


def test_the_list_of_a_contractor_sorts_searches_and_exports(cast: Cast, browse: Any) -> None:
    register(cast, reference="C-1")
    register(cast, reference="C-2", name="Wegen")
    client = browse(cast.contractor)
    searched = text_of(client.get("/?q=wegen"))
    assert "C-1" not in searched[searched.index("<table") :]  # above it is what is asked of him
    for query in ("?sort=-owed", "?sort=zzz", "?q=%00'--", "?page=-1", "?scope=%27", "?client=x"):
        assert client.get(f"/{query}").status_code == 200
    exported = client.get("/?export=csv&q=wegen").content
    assert b"C-2" in exported
    assert b"C-1" not in exported
    assert browse(cast.adviser).get("/?export=csv").status_code == 200


@pytest.mark.parametrize("who", ["adviser", "contractor", "subcontractor", "auditor"])
@pytest.mark.usefixtures("own_database")
def test_ten_contracts_and_a_hundred_cost_the_same_queries(
    cast: Cast, browse: Any, as_owner: Any, who: str
) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    line = hand_in(cast, contract)
    client = browse(getattr(cast, who))
    counts = []
    for more in (9, 90):
        multiply_contracts(as_owner, contract, more)
        multiply_lines(as_owner, line, 2, name=f"{more}-")
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_what_is_more_than_fits_opens_below_its_own_count(cast: Cast, browse: Any) -> None:
    end = timezone.localdate() + timedelta(days=20)
    for number in range(10):
        register(cast, reference=f"E-{number}", adviser_id=cast.adviser.pk, end=end)
    page = browse(cast.adviser).get("/").content.decode()
    shown, _, rest = page[page.index('id="ending"') :].partition("<details>")
    assert [f"E-{number} " in shown for number in range(10)] == [True] * 8 + [False] * 2
    assert "en nog 2" in rest
    assert "E-9 " in rest


@pytest.mark.usefixtures("own_database")
def test_a_page_has_fifty_rows_of_a_short_list_and_where_the_rest_is(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    end = timezone.localdate() - timedelta(days=20)
    contract = register(cast, adviser_id=cast.adviser.pk, end=end)
    multiply_contracts(as_owner, contract, 59)
    page = text_of(browse(cast.adviser).get("/"))
    page = page[page.index('id="unsettled"') : page.index('id="certificates"')]
    assert page.count("<li>") == 50
    assert "en nog 52" in page
    assert "Hier staan de eerste 50." in page
    assert "status=ended" in page


def test_who_only_reads_is_not_sent_to_what_he_may_not_do(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    page = browse(cast.reader).get("/").content.decode()
    assert reverse("contribution", args=[line]) in page
    assert reverse("decide", args=[line]) not in page


def test_the_contractor_sees_what_is_asked_of_him_before_his_figures(
    cast: Cast, browse: Any
) -> None:
    soon = timezone.localdate() + timedelta(days=20)
    contract = register(cast, end=soon)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        first, last = access.contract.start, access.contract.start + timedelta(days=89)
        cells = {**PLACEMENT, "begin": first, "eind": last}
        cells.pop("persoon")
        save_plan_line(access, cells, number=1, note="", line_id=None, plan_of=cast.de_eem.pk)
        propose_plan(contract_for(acting, contract), cast.de_eem.pk, key=uuid4())
    page = text_of(browse(cast.contractor).get("/"))
    asked = page[page.index("Dit wordt van u gevraagd") : page.index("Uw opdrachten")]
    assert reverse("contract-plan", args=[contract]) in asked
    assert "Loopt af met iets open" in asked
    assert f"{soon:%d-%m-%Y}" in asked
    assert "Dit wordt van u gevraagd" not in text_of(browse(cast.adviser).get("/"))


@pytest.mark.parametrize(("ago", "late"), [(10, False), (100, True)])
def test_a_settlement_past_its_term_is_marked_late_for_who_has_to_answer(
    cast: Cast, browse: Any, ago: int, *, late: bool
) -> None:
    on = timezone.localdate()
    contract = register(cast, start=on - timedelta(days=400), end=on - timedelta(days=120))
    assert proposed(cast, contract, today=on - timedelta(days=ago)) == "done"
    page = text_of(browse(cast.contractor).get("/"))
    words = ("Antwoord was nodig tot en met", "Antwoord uiterlijk")
    assert [word in page for word in words] == [late, not late]


def test_a_subcontractor_whom_the_contractor_brings_in_is_for_the_client_to_invite(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        new = find_or_add_contractor(acting, kvk="90000005", name="Stukadoors Nieuw")
        add_party(
            contract_for(acting, contract), organisation_id=new.pk, role=PartyRole.SUBCONTRACTOR
        )
    client = browse(cast.adviser)
    invites = reverse("organisation-invite", args=[new.pk])
    page = text_of(client.get("/"))
    assert invites in page
    assert "Stukadoors Nieuw" in page
    assert client.get(invites).status_code == 200
    for other in (cast.contractor, cast.colleague):
        assert invites not in text_of(browse(other).get("/"))

"""The one page of a member of a council."""

from __future__ import annotations

import io
import json
from datetime import date
from re import search
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from telmee.apps.contracts.choices import NoObligation
from telmee.apps.coverage.access import purchase_for
from telmee.apps.coverage.answering import NewAnswer, answer_purchase
from telmee.apps.coverage.choices import Outcome
from telmee.apps.decisions.choices import DecisionReason
from telmee.apps.decisions.choices import Outcome as Decided
from telmee.apps.openness.queries import account_of, open_account
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.freezing import report_for
from telmee.apps.reports.goals import set_goal
from telmee.web.templatetags.telmee import euros
from tests.apps.agreements.planning import planned
from tests.buying import bought, line
from tests.cast import Cast
from tests.money import accepted, decide
from tests.publishing import opened, published
from tests.registering import found, hand_in, register
from tests.web.openness.test_openness_pages import text


@pytest.fixture
def contract(cast: Cast) -> int:
    contract = register(cast, name="Geheime opdracht")
    accepted(cast, hand_in(cast, contract, kenmerk="K-1", persoon="P-1"))
    return contract


def test_he_comes_in_on_the_answers_of_the_last_report(
    cast: Cast, browse: Any, contract: int
) -> None:
    assert contract
    council = browse(cast.council)
    assert council.get("/").url == reverse("results")
    assert "Er is nog geen verslag gepubliceerd" in text(council.get(reverse("results")))
    published(cast.adviser, cast.hilversum, year=2024)
    report = published(cast.adviser, cast.hilversum)
    page = text(council.get(reverse("results")))
    assert "Social return in 2025" in page
    assert reverse("report", args=[report]) in page
    assert "Social return in 2024" in text(council.get(reverse("results"), {"jaar": "2024"}))
    for hidden in ("Geheime opdracht", "De Eem", "P-1", "K-1", "/opdrachten", "/werklijst"):
        assert hidden not in page


def test_he_and_everybody_read_what_was_put_right_and_not_what_was_written_about_it(
    cast: Cast, browse: Any, contract: int
) -> None:
    line = hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    accepted(cast, line)
    first = told(cast, published(cast.adviser, cast.hilversum))
    with acting_as(cast.adviser.pk) as acting:
        why: dict[str, Any] = {
            "reason": DecisionReason.AGREEMENT,
            "text": "De baan liep af.",
        }
        decide(*found(acting, line), outcome=Decided.REOPENED, key=uuid4(), **why)
    report = published(cast.adviser, cast.hilversum)
    second = told(cast, report)
    client = opened(cast.manager, report)
    said = f"Geverifieerd 2025 (verslag 1) was {first} en is nu {second}: dat is hersteld."
    everybody = browse(None).get(reverse("open-account", args=[client]))
    for page in (browse(cast.council).get(reverse("results")), everybody):
        assert said in text(page)
        assert "liep af" not in text(page)
    with acting_as(None):
        account = open_account(client)
        assert account is not None
        (kept,) = account.document["corrections"]
    assert kept.keys() == {"year", "figure", "report", "before_cents", "now_cents"}
    with acting_as(cast.adviser.pk) as acting:
        assert account_of(report_for(acting, report)).document == account.document


def told(cast: Cast, report: int) -> str:
    with acting_as(cast.adviser.pk) as acting:
        document = json.loads(report_for(acting, report).document)
    return euros(document["years"][-1]["verified_cents"]).replace("\N{NO-BREAK SPACE}", " ")


def test_he_reads_how_much_of_the_buying_power_is_used(
    cast: Cast, browse: Any, contract: int
) -> None:
    council = browse(cast.council)
    published(cast.adviser, cast.hilversum)
    assert "geen lijst van inkopen aangeleverd" in text(council.get(reverse("results")))
    lines = [
        line(2, cents=3_000_000_00),
        *(line(n, supplier=f"Geheime {n}", kvk="", cents=500_000_00) for n in (3, 4)),
    ]
    (known, reasoned, _open) = bought(cast.adviser, cast.hilversum, *lines, scheme="lekstroom")
    with acting_as(cast.adviser.pk) as acting:
        said = {
            known: NewAnswer(outcome=Outcome.MATCHED, contract_id=contract),
            reasoned: NewAnswer(
                outcome=Outcome.EXPLAINED, ground=NoObligation.MARKET, reason="Eén."
            ),
        }
        for purchase, what in said.items():
            answer_purchase(acting, purchase_for(acting, purchase, works=True), what, key=uuid4())
    report = published(cast.adviser, cast.hilversum)
    pages = [council.get(reverse("results")), council.get(reverse("report", args=[report]))]
    answers, whole = map(text, pages)
    assert "In 2025 waren er 3 inkopen boven de drempel, samen € 4.000.000,00" in answers
    assert "Bij 1 daarvan, € 3.000.000,00, is social return gevraagd" in answers
    assert "Zo is 75% van de inkoopkracht benut" in answers
    assert "Bij 1, voor € 500.000,00, is uitgelegd waarom niet" in answers
    assert "Bij 1, voor € 500.000,00, is nog geen social return gevraagd" in answers
    for page in (answers, whole):
        assert "Hoeveel van de inkoopkracht is benut" in page
        for hidden in ("Geheime", "De Eem", "Inkopen 2025", reverse("coverage", args=[1])[:-1]):
            assert hidden not in page


def test_a_goal_says_what_was_reached(cast: Cast, browse: Any, contract: int) -> None:
    assert contract
    with acting_as(cast.adviser.pk) as acting:
        for measure, amount in ((Measure.PERCENTAGE, 95_00), (Measure.PLACES, 1)):
            facts: dict[str, Any] = {"year": 2025, "source": "Raadsbesluit", "key": uuid4()}
            set_goal(acting, cast.hilversum.pk, measure=measure, amount=amount, **facts)
    published(cast.adviser, cast.hilversum)
    page = text(browse(cast.council).get(reverse("results")))
    assert search(
        r"Geverifieerd, van wat is gevraagd: [\d,]+%\. Het doel van 95% is niet gehaald", page
    )
    assert "Werkplekken: het doel is 1. Wat ervan kwam, staat er niet bij." in page
    # Before he reads whether a goal was reached, he reads what was asked and what came of it.
    asked, came, goal = map(
        page.index,
        (
            "Van opdrachtnemers is € 100.000,00 aan social return gevraagd, bij 1 opdracht.",
            "Geverifieerd is wat de opdrachtgever heeft bekeken en goedgekeurd: €",
            "Het doel van 95%",
        ),
    )
    assert asked < came < goal


def test_he_reads_what_is_wanted_and_promised_of_the_years_to_come(
    cast: Cast, browse: Any, contract: int
) -> None:
    council = browse(cast.council)
    published(cast.adviser, cast.hilversum)
    page = text(council.get(reverse("results")))
    assert "Voor de jaren na 2025 is nog geen doel gesteld." in page
    assert "toegezegd." not in page
    with acting_as(cast.adviser.pk) as acting:
        for year, amount in ((2026, 50), (2028, 80)):
            facts: dict[str, Any] = {"source": "Raadsbesluit", "key": uuid4()}
            set_goal(
                acting, cast.hilversum.pk, measure=Measure.PLACES, year=year, amount=amount, **facts
            )
    planned(cast, contract, begin=date(2026, 1, 5), eind=date(2026, 8, 31))
    report = published(cast.adviser, cast.hilversum)
    pages = (council.get(reverse("results")), council.get(reverse("report", args=[report])))
    for page in map(text, pages):
        said = page[page.index("jaren hierna") :]
        assert search(r"Voor 2026 is al € [\d.,]+ toegezegd\.", said)
        assert search(r"Doel 2026\b.*Doel 2028\b.*Werkplekken\b.*\b50\b.*\b80\b", said)
        assert "nog geen doel gesteld" not in page
    file = council.get(reverse("report-file", args=[report]), {"soort": "xlsx"}).content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name("De jaren hierna")
    heads, *rows = sheet.to_python()
    wanted = heads.index("Doel: Werkplekken")
    assert [(row[0], row[wanted]) for row in rows] == [
        (2026, 50),
        (2027, "\N{EN DASH}"),
        (2028, 80),
    ]
    assert [row[heads.index("Toegezegd")] != 0 for row in rows] == [True, False, False]


def test_no_number_of_a_report_opens_to_its_lines(cast: Cast, browse: Any, contract: int) -> None:
    assert contract
    report = published(cast.adviser, cast.hilversum)
    lines = reverse("report-lines", args=[report])
    assert lines in text(browse(cast.adviser).get(reverse("report", args=[report])))
    council = browse(cast.council)
    page = text(council.get(reverse("report", args=[report])))
    assert lines not in page
    assert reverse("report-opening", args=[report]) not in page
    number = text(council.get(lines))  # a link in a published paper leads here
    assert "staan bij Gemeente Hilversum" in number
    for hidden in ("Geheime opdracht", "K-1", "P-1"):
        assert hidden not in number
    assert council.get(reverse("report-file", args=[report])).status_code == 200


def test_he_reads_goals_and_sets_none(cast: Cast, browse: Any) -> None:
    page = text(browse(cast.council).get(reverse("goals")))
    assert "Gemeente Hilversum" in page
    assert "<form class=" not in page.split("<main", 1)[1]


def test_a_manager_sees_him_among_the_people_without_a_role_to_change(
    cast: Cast, browse: Any
) -> None:
    page = text(browse(cast.manager).get(reverse("organisation", args=[cast.hilversum.pk])))
    assert "Raadslid" in page
    invite = text(
        browse(cast.manager).get(reverse("organisation-invite", args=[cast.hilversum.pk]))
    )
    assert "Raadslid: leest wat gepubliceerd is" in invite

"""Five questions, answered for everybody on a page without a menu of somebody."""

from __future__ import annotations

from re import search
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.goals import set_goal
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import opened, published
from tests.registering import hand_in, register


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(scope="module")
def report(module_cast: Cast) -> int:
    cast = module_cast
    with acting_as(cast.adviser.pk) as acting:
        set_goal(
            acting,
            cast.hilversum.pk,
            measure=Measure.PERCENTAGE,
            year=2025,
            amount=9_000,
            source="Raadsvoorstel",
            key=uuid4(),
        )
    contract = register(cast, name="Geheime opdracht")
    for number in range(2):
        accepted(cast, hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}"))
    return published(cast.adviser, cast.hilversum)


def test_a_visitor_reads_five_answers_and_nothing_of_a_contract(
    cast: Cast, browse: Any, report: int
) -> None:
    visitor, address = browse(), reverse("open-account", args=[cast.hilversum.pk])
    assert visitor.get(address).status_code == 404
    opened(cast.manager, report)
    answer = visitor.get(address)
    page = text(answer)
    for question in ("Liggen we op koers?", "Waar ging het geld heen?", "Wie is ermee bereikt?",
                     "Wat gaat er niet goed", "Hoe is dit geteld?"):  # fmt: skip
        assert question in page
    assert search(
        r"Geverifieerd, van wat is gevraagd: [\d,]+%\. Het doel van 90% is niet gehaald", page
    )
    assert "Toegezegd" in page
    assert "het kan naar iemand wijzen" in page
    assert "niet geverifieerd." in page
    assert "procentpunt minder dan het doel" in page
    assert "minder dan vijf mensen" in page
    assert "Groepen die samen staan" in page
    for secret in ("Geheime opdracht", "HIL-2025-001", "De Eem", "P-0", "K-0"):
        assert secret not in page
    assert "Gemeente Hilversum" in text(visitor.get(reverse("open-accounts")))


def test_a_visitor_comes_to_an_account_from_the_first_page(
    cast: Cast, browse: Any, report: int
) -> None:
    opened(cast.manager, report)
    visitor, accounts = browse(), reverse("open-accounts")
    assert f'href="{accounts}"' in text(visitor.get("/"))
    account = reverse("open-account", args=[cast.hilversum.pk])
    assert f'href="{account}"' in text(visitor.get(accounts))


@pytest.mark.parametrize("chart", ["euros_chart", "where_chart"])
def test_the_figures_of_a_chart_are_there_as_a_file_for_everybody(
    cast: Cast, browse: Any, report: int, chart: str
) -> None:
    opened(cast.manager, report)
    visitor, address = browse(), reverse("open-account", args=[cast.hilversum.pk])
    page = visitor.get(address).content.decode()
    assert f"?tabel={chart}&amp;export=csv" in page
    file = visitor.get(address, {"tabel": chart, "export": "csv"})
    assert file["Content-Type"].startswith("text/csv")
    heads, *rows = file.content.decode("utf-8-sig").splitlines()
    assert len(heads.split(";")) == 2
    assert all(row.split(";")[0] in page for row in rows)
    assert visitor.get(address, {"tabel": chart, "export": "xlsx"}).content[:2] == b"PK"
    for wrong in ({"tabel": "account", "export": "csv"}, {"tabel": chart, "export": "exe"}):
        assert visitor.get(address, wrong).status_code == 404


def test_a_manager_sees_it_first_opens_it_and_closes_it(
    cast: Cast, browse: Any, report: int
) -> None:
    manager, address = browse(cast.manager), reverse("report-opening", args=[report])
    assert "Alleen voor uw eigen mensen" in text(manager.get(address))
    done = manager.post(address, {"deed": "open", "key": str(uuid4())}, follow=True)
    assert "Open voor iedereen" in text(done)
    open_page = reverse("open-account", args=[cast.hilversum.pk])
    assert browse().get(open_page).status_code == 200
    manager.post(address, {"deed": "close", "key": str(uuid4())})
    assert browse().get(open_page).status_code == 404
    journal = text(manager.get(reverse("organisation", args=[cast.hilversum.pk])))
    assert "Liet iedereen een verslag lezen" in journal


def test_who_works_for_the_client_sees_it_and_is_offered_no_button(
    cast: Cast, browse: Any, report: int
) -> None:
    address = reverse("report-opening", args=[report])
    for who in (cast.adviser, cast.reader):
        page = text(browse(who).get(address))
        assert "Liggen we op koers?" in page
        assert "Zet open voor iedereen" not in page
        refused = browse(who).post(address, {"deed": "open", "key": str(uuid4())})
        assert refused.status_code == 404


def test_the_page_asks_the_same_few_queries(
    cast: Cast, browse: Any, report: int, django_assert_max_num_queries: Any
) -> None:
    client = opened(cast.manager, report)
    visitor = browse()
    visitor.get(reverse("open-account", args=[client]))
    with django_assert_max_num_queries(5):
        visitor.get(reverse("open-account", args=[client]))

"""What others published is told apart, with its source."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from telmee.apps.reports.choices import Measure
from telmee.apps.reports.figure_words import By, words
from telmee.apps.reports.published import published_of, published_results, published_survey


def test_every_series_names_its_source() -> None:
    assert all(one.publisher and one.title and one.dated for one in published_results())


def test_the_table_of_the_letter_from_rotterdam_comes_out_as_it_was_published() -> None:
    letter, news = published_of("GM0599")
    rows = [
        (row.year, row.realised_cents // 100, row.target_percent, row.achieved_percent)
        for row in letter.years
    ]
    assert rows == [
        (2018, 34_323_138, 90, 103),
        (2019, 41_047_405, 90, 124),
        (2020, 31_558_409, 90, 99),
        (2021, 43_072_084, 90, 128),
        (2022, 37_804_398, 95, 99),
        (2023, 23_024_550, 95, 103),
    ]
    assert letter.years[-1].until == date(2023, 8, 31)
    (whole,) = news.years
    assert (whole.realised_cents, whole.at_least, whole.people) == (35_000_000_00, True, 3_000)
    aims = {(aim.measure, aim.now, aim.aim) for aim in news.aims}
    assert aims == {
        (Measure.PARTNERS, 10, 20),
        (Measure.VERIFIED, 7_000_000_00, 25_000_000_00),
        (Measure.ENTERPRISES, 50, 100),
    }


def test_the_summary_of_gooi_en_vechtstreek_comes_out_as_it_was_published() -> None:
    (notice,) = published_of("AM12")
    (year,) = notice.years
    assert (year.workplaces, year.workplaces_goal) == (31, 26)
    assert (year.realised_cents, year.contract_value_cents) == (1_120_000_00, 77_000_000_00)
    assert (year.social_spending_cents, year.asked_percent) == (576_000_00, 3)
    aims = [(aim.aim, aim.most, aim.by) for aim in notice.aims]
    assert aims == [
        (50, None, 2025),
        (80, 100, 2028),
        (5_000_000_00, None, 2027),
        (10_000_000_00, None, 2029),
    ]


def test_its_policy_fields_stand_in_their_order_with_their_effect() -> None:
    fields = words().divisions[By.FIELD]
    assert [(field.label.nl, field.effect.nl if field.effect else "") for field in fields] == [
        ("Werk en Inkomen",
         "Creëren van banen voor mensen met een afstand tot de arbeidsmarkt"),
        ("Onderwijs en Leren",
         "Leren in de praktijk (leerwerkplekken, stages), samenwerking met Leerwerkloket"),
        ("Inkoop", "Maatschappelijk verantwoord opdrachtgeven en inkopen"),
        ("Economie", "Stimulering van sociaal ondernemerschap"),
        ("Sociaal Domein", "Inclusie en participatie van kwetsbare inwoners"),
        ("Duurzaamheid",
         "Synergie met circulaire economie, hergebruik en extra inzet op sociaal-duurzame"
         " processen"),
        ("ICT / Digitalisering",
         "Digitale leertrajecten, ondersteuning bij IT-banen voor kansarme doelgroepen"),
    ]  # fmt: skip


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_anybody_sees_them(browse: Any, language: str) -> None:
    visitor = browse()
    visitor.cookies["django_language"] = language
    page = visitor.get("/gepubliceerde-resultaten").content.decode()
    amount = "34.323.138" if language == "nl" else "34,323,138"
    assert amount in page
    assert "Gemeente Rotterdam" in page


@pytest.mark.usefixtures("db")
def test_the_page_says_all_that_was_published_and_what_is_wanted(browse: Any) -> None:
    page = browse().get("/gepubliceerde-resultaten").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())
    for said in (
        *("103%", "124%", "tot en met 31-08-2023", "ruim € 35.000.000,00", "3.000"),
        *("van 10 naar 20", "van € 7.000.000,00 naar € 25.000.000,00", "van 50 naar 100"),
        *("€ 1.120.000,00", "31 (doel 26)", "€ 77.000.000,00", "3%", "€ 576.000,00"),
        *("van 31 naar 50 in 2025", "van 31 naar 80\N{EN DASH}100 in 2028"),
        *("naar € 5.000.000,00 in 2027", "naar € 10.000.000,00 in 2029"),
    ):
        assert said in text, said


def test_the_survey_of_all_municipalities_is_that_of_its_source() -> None:
    """Its own tables agree with each other: the mean of all follows from the means of the sizes."""
    survey = published_survey()
    whole, sizes = survey.whole, survey.sizes
    assert [one.people_mean for one in sizes] == [4, 7, 42, 48, 130, 574]
    assert [one.stayed_percent for one in sizes] == [79, 38, 52, 53, 63, 75]
    assert sum(one.answered for one in sizes) == whole.answered == 68
    assert sum(one.stayed_answered for one in sizes) == whole.stayed_answered == 32
    assert sum(one.answered * one.people_mean for one in sizes) // 68 == whole.people_mean == 75
    assert min(one.people_least for one in sizes) == whole.people_least
    assert max(one.people_most for one in sizes) == whole.people_most
    bounds = [(one.inhabitants_from, one.inhabitants_to) for one in sizes]
    assert all(before[1] == after[0] for before, after in pairwise(bounds))


@pytest.mark.usefixtures("db")
def test_the_page_shows_what_all_municipalities_answered(browse: Any) -> None:
    page = browse().get("/gepubliceerde-resultaten").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Meer dan 250.000 5 574 50 1.200 75% 1 antwoord" in text
    assert "Alle samen 68 75 0 1.200 54% 32 antwoorden" in text

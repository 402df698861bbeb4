"""Dashboards: each figure is that of the books, told for who asks, and opens to its lines."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.ledger.queries import figures_per_year
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.goals import set_goal
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register
from tests.web.contracts.test_taking_over import taken

YEAR = 2025


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def page(browser: Any, **chosen: Any) -> Any:
    return browser.get(reverse("results"), {"jaar": YEAR, **chosen})


@pytest.fixture(scope="module")
def contract(module_cast: Cast) -> int:
    """A contract with a line that was accepted and one that waits."""
    number = register(module_cast)
    accepted(module_cast, hand_in(module_cast, number, kenmerk="K-1", persoon="P-1"))
    hand_in(module_cast, number, kenmerk="K-2", persoon="P-2")
    return number


def test_a_year_says_what_the_books_say(cast: Cast, browse: Any, contract: int) -> None:
    answer = page(browse(cast.adviser))
    with acting_as(cast.adviser.pk):
        of_year = [
            figures
            for (_contract, _organisation, year), figures in figures_per_year([contract]).items()
            if year == YEAR
        ]
    result = answer.context["result"]
    assert result.verified_cents == sum(one.position.verified_cents for one in of_year) > 0
    assert result.imposed_cents == sum(one.position.imposed_cents for one in of_year) > 0
    assert result.delivered_cents == sum(one.delivered_cents for one in of_year)
    assert result.delivered_cents > result.verified_cents
    assert "1 mensen werkten of leerden" in text(answer)


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("adviser", "Gemeente Hilversum"),
        ("team", "Regionaal team Gooi, alle opdrachtgevers"),
        ("auditor", "Rekenkamer Gooi, wat zij controleert"),
        ("contractor", "Bouwbedrijf De Eem, als opdrachtnemer"),
    ],
)
@pytest.mark.usefixtures("contract")
def test_each_side_sees_its_own(cast: Cast, browse: Any, who: str, name: str) -> None:
    answer = page(browse(getattr(cast, who)))
    assert answer.context["scope"].name == name
    assert answer.context["result"].verified_cents > 0


@pytest.mark.parametrize("who", ["adviser", "team", "auditor", "competitor"])
def test_the_bars_of_a_year_are_its_figures_for_who_sees_all_and_who_sees_a_part(
    cast: Cast, browse: Any, who: str
) -> None:
    taken(cast)
    answer = page(browse(getattr(cast, who)))
    year = answer.context["result"]
    chart = answer.context["charts"][0]["chart"]
    place = chart.labels.index(str(YEAR))
    shown = [series.values[place] for series in chart.series]
    assert any(shown)
    assert shown == [
        *(year.imposed_cents, year.promised_cents, year.delivered_cents, year.verified_cents)
    ]


@pytest.mark.usefixtures("contract")
def test_who_has_nothing_to_do_with_it_learns_nothing(cast: Cast, browse: Any) -> None:
    for who in (cast.colleague, cast.competitor, cast.outsider, cast.subcontractor):
        answer = page(browse(who), van=f"opdrachtgever-{cast.hilversum.pk}")
        assert "Er is nog geen opdracht" in text(answer)
        assert browse(who).get(reverse("results-lines")).status_code == 404


def test_a_figure_opens_to_the_lines_that_make_it(cast: Cast, browse: Any, contract: int) -> None:
    adviser = browse(cast.adviser)
    answer = page(adviser)
    groups = next(
        one for one in answer.context["charts"] if "target_group" in one["downloads"]["csv"]
    )
    behind = adviser.get(groups["lines"][0]["url"])
    shown = behind.context["listing"].shown
    assert {row["reference"] for row in shown} == {"K-1", "K-2"}
    assert sum(row["verified_in_year"] for row in shown) == (
        answer.context["result"].verified_cents
    )
    assert adviser.get(reverse("contribution", args=[shown[0]["pk"]])).status_code == 200
    assert contract


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.usefixtures("contract")
def test_every_chart_has_its_file(cast: Cast, browse: Any, kind: str) -> None:
    adviser = browse(cast.adviser)
    for part in page(adviser).context["charts"]:
        file = adviser.get(reverse("results") + part["downloads"][kind])
        assert file.status_code == 200
        assert "attachment" in file["Content-Disposition"]
    for odd in ({"tabel": "x", "export": "csv"}, {"tabel": "jaren", "export": "exe"}):
        assert page(adviser, **odd).status_code == 404


@pytest.mark.usefixtures("contract")
def test_an_address_that_makes_no_sense_shows_this_year(cast: Cast, browse: Any) -> None:
    answer = page(browse(cast.adviser), jaar="9999", van="opdrachtgever-0")
    assert answer.status_code == 200
    assert answer.context["year"] == date.today().year  # noqa: DTZ011 - the year of the page


def test_more_lines_cost_no_more_queries(
    cast: Cast, browse: Any, contract: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        hand_in(cast, contract, kenmerk=f"M-{number}", persoon=f"P-{number + 10}")
    adviser = browse(cast.adviser)
    page(adviser)
    with django_assert_max_num_queries(30):
        page(adviser)


# Goals and partners ---------------------------------------------------------------------------


def goal(user: Any, organisation: Any, measure: Measure, amount: int) -> None:
    with acting_as(user.pk) as acting:
        facts: dict[str, Any] = {"measure": measure, "year": YEAR, "amount": amount}
        set_goal(acting, organisation.pk, **facts, source="", key=uuid4())


@pytest.mark.usefixtures("contract")
def test_a_goal_stands_beside_what_came_of_it_and_can_be_downloaded(
    cast: Cast, browse: Any
) -> None:
    goal(cast.adviser, cast.hilversum, Measure.PERCENTAGE, 90_00)
    goal(cast.adviser, cast.hilversum, Measure.PLACES, 26)
    adviser = browse(cast.adviser)
    shown = text(page(adviser))
    assert "Doel en resultaat: Werkplekken" in shown
    assert "Geverifieerd als deel van wat is opgelegd" not in shown  # its chart is that of the goal
    answer = page(adviser, tabel="doel-places", export="csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0].split(";") == ["Jaar", "Resultaat", "Doel"]
    assert f"{YEAR};1;26" in rows
    assert page(adviser, tabel="doel-people", export="csv").status_code == 404


@pytest.mark.usefixtures("contract")
def test_a_region_sees_each_partner_with_its_own_goal(cast: Cast, browse: Any) -> None:
    goal(cast.adviser, cast.hilversum, Measure.VERIFIED, 25_000_00)
    goal(cast.team, cast.region, Measure.PARTNERS, 20)
    goal(cast.team, cast.region, Measure.ENTERPRISES, 100)
    answer = page(browse(cast.team))
    shown = text(answer)
    (partner,) = answer.context["partners"]["rows"]
    assert partner.name == "Gemeente Hilversum"
    assert partner.result.verified_cents == answer.context["result"].verified_cents
    assert "€ 25.000,00" in shown
    assert "1 partner heeft cijfers in dit jaar. Het doel voor dit jaar is 20." in shown
    assert "0 ondernemingen zijn vandaag erkend" in shown
    assert "Het doel voor dit jaar is 100." in shown
    assert page(browse(cast.adviser)).context["partners"] is None


@pytest.mark.usefixtures("contract")
def test_a_contractor_alone_takes_figures_along_to_a_sustainability_report(
    cast: Cast, browse: Any
) -> None:
    answer = page(browse(cast.contractor))
    shown = text(answer)
    assert "ESRS S1-12" in shown
    assert "VSME B8" in shown
    assert "Wat ontbreekt" in shown
    rows = {row["code"]: row["figure"] for row in answer.context["sustainability"]["rows"]}
    assert rows["S1-6"] == f"Mensen: {answer.context['result'].people}"
    assert rows["S1-12"] == ""
    assert page(browse(cast.adviser)).context["sustainability"] is None


def test_lines_behind_a_row_say_which_row_that_is(cast: Cast, browse: Any, contract: int) -> None:
    browser = browse(cast.team)
    asked = {"per": "client", "rij": str(cast.hilversum.pk)}
    main = browser.get(reverse("results-lines"), asked).content.decode().partition("<main")[2]
    assert "per opdrachtgever: Gemeente Hilversum" in main
    assert 'class="filters filters--order"' in main
    whole = browser.get(reverse("results-lines")).content.decode().partition("<main")[2]
    assert "per opdrachtgever" not in whole
    assert contract


@pytest.mark.parametrize("row", ["x", "0", "-1", "9" * 30, "NL\0", "1|2"])
def test_a_row_that_is_nothing_has_no_lines(
    cast: Cast, browse: Any, contract: int, row: str
) -> None:
    assert contract
    for by in ("client", "region", "division", "kind", "target_group"):
        answer = browse(cast.team).get(reverse("results-lines"), {"per": by, "rij": row})
        assert answer.status_code in (200, 404), (by, row)
        assert answer.status_code == 404 or not answer.context["listing"].shown

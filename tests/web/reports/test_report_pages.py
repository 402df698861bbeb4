"""Pages and files of reports: looked at first, published, opened to its lines, and checked."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

from telmee.apps.letters.house_styles import Chosen, choose_house_style
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.drafts import make_draft
from telmee.apps.reports.models import Draft
from telmee.apps.reports.publishing import publish
from telmee.integrations.signatures import public_key_of
from telmee.web.reports.tasks import make_papers
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import frozen, published, wanted
from tests.registering import hand_in, register

_PROGRESS = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "progress"}


def page(browser: Any, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def looked_at(browser: Any, cast: Cast, *, made: bool = True) -> str:
    """Ask for a draft of the report of this year, as its page does; gives its address."""
    data = {"organisation": cast.hilversum.pk, "kind": "annual", "year": date.today().year}  # noqa: DTZ011 - the year that the form offers
    answer = browser.post("/verslagen/maken", data)
    assert answer.status_code == 302
    if made:
        make_draft(int(answer.url.rpartition("/")[2]), cast.adviser.pk)
    return str(answer.url)


def test_a_report_is_looked_at_before_it_is_published(cast: Cast, browse: Any) -> None:
    register(cast)
    browser = browse(cast.adviser)
    draft = looked_at(browser, cast)
    assert "100.000,00" in page(browser, draft)
    assert "verslag 1" not in page(browser, "/verslagen").casefold()
    done = browser.post(f"{draft}/publiceren")
    assert done.status_code == 302
    assert browser.post(f"{draft}/publiceren").url == done.url
    assert "wordt gemaakt" in page(browser, done.url)  # the answer waits for nothing
    assert "verslag 1" not in page(browser, "/verslagen").casefold()
    publish(int(done.url.rpartition("/")[2]), cast.adviser.pk)
    assert "Verslag 1" in page(browser, "/verslagen")
    there = browser.get(done.url)
    assert "Verslag 1" in page(browser, there.url)
    assert browser.get(done.url, **_PROGRESS)["HX-Refresh"] == "true"


def test_a_draft_is_made_by_the_worker_and_kept_for_who_asked(cast: Cast, browse: Any) -> None:
    register(cast)
    browser = browse(cast.adviser)
    data = {"organisation": cast.hilversum.pk, "kind": "annual", "year": date.today().year}  # noqa: DTZ011
    draft = browser.post("/verslagen/maken", data).url
    assert browser.post("/verslagen/maken", data).url == draft  # asked twice, it is made once
    waits = page(browser, draft)
    assert "Het concept wordt gemaakt" in waits
    assert "Publiceer" not in waits
    part = browser.get(draft, **_PROGRESS)
    assert (part.status_code, "HX-Refresh" in part.headers) == (200, False)
    make_draft(int(draft.rpartition("/")[2]), cast.adviser.pk)
    assert browser.get(draft, **_PROGRESS)["HX-Refresh"] == "true"
    made = page(browser, draft)
    assert "Als u publiceert, wordt het verslag opnieuw gemaakt." in made
    assert "100.000,00" in made
    assert draft in page(browser, "/verslagen/maken")
    assert draft not in page(browse(cast.manager), "/verslagen/maken")
    assert browse(cast.manager).get(draft).status_code == 404
    assert browser.post("/verslagen/maken", data).url != draft  # what is there is as of its moment


def test_a_draft_that_cannot_be_made_says_why_and_is_asked_again(cast: Cast, browse: Any) -> None:
    register(cast)
    browser = browse(cast.adviser)
    first = looked_at(browser, cast, made=False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert "Het concept kon niet worden gemaakt" in page(browser, first)
    assert browser.get(first, **_PROGRESS)["HX-Refresh"] == "true"
    assert looked_at(browser, cast) != first
    with acting_as(cast.adviser.pk):
        facts = {"organisation": cast.hilversum, "kind": "annual", "year": 2999}
        early = Draft.objects.create(**facts, user_id=cast.adviser.pk).pk
    make_draft(early, cast.adviser.pk)
    assert "report_year" in page(browser, f"/verslagen/concept/{early}")


def test_a_report_that_could_not_be_made_says_so(cast: Cast, browse: Any) -> None:
    register(cast)
    asked_for = f"/verslagen/maken/{wanted(cast.adviser, cast.hilversum)}"
    browser = browse(cast.adviser)
    assert "wordt gemaakt" in page(browser, asked_for)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert "kon niet worden gemaakt" in page(browser, asked_for)
    assert browse(cast.colleague).get(asked_for).status_code == 404


def test_the_files_of_a_report_are_made_once_and_stay_what_they_were(
    cast: Cast, browse: Any
) -> None:
    register(cast)
    report = frozen(cast.adviser, cast.hilversum)
    browser, file = browse(cast.adviser), f"/verslagen/{report}/bestand?soort=pdf"
    assert browser.get(file).status_code == 404
    assert "bestand?soort=pdf" not in page(browser, f"/verslagen/{report}")
    assert browser.post(f"/verslagen/{report}/bestanden-maken").status_code == 302
    make_papers(report_id=report, user_id=cast.colleague.pk)  # who has no such report makes nothing
    assert browser.get(file).status_code == 404
    make_papers(report_id=report, user_id=cast.adviser.pk)
    first = browser.get(file).content
    with acting_as(cast.manager.pk) as acting:
        choose_house_style(acting, cast.hilversum.pk, Chosen(colour="#5a0000"))
    make_papers(report_id=report, user_id=cast.adviser.pk)
    assert browser.get(file).content == first


def test_people_of_an_earlier_year_are_said_to_be_of_its_own_report(
    cast: Cast, browse: Any
) -> None:
    """They stay what was told then, so that what is there now does not stand behind them."""
    contract = register(cast)
    for number in range(6):
        accepted(cast, hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}"))
    published(cast.adviser, cast.hilversum)
    words = "zijn die uit het verslag over dat jaar."
    first = page(browse(cast.adviser), f"/verslagen/{frozen(cast.adviser, cast.hilversum)}")
    assert words not in first
    assert "cijfer=people&amp;jaar=2025" in first
    late = frozen(cast.adviser, cast.hilversum, year=2026)
    second = page(browse(cast.adviser), f"/verslagen/{late}")
    assert words in second
    assert "cijfer=verified_cents&amp;jaar=2025" in second
    assert "cijfer=people&amp;jaar=2025" not in second
    assert "cijfer=people&amp;jaar=2026" in second


def test_a_kind_that_an_organisation_does_not_make_is_refused(cast: Cast, browse: Any) -> None:
    register(cast)
    data = {"organisation": cast.de_eem.pk, "kind": "annual", "year": 2025, "key": str(uuid4())}
    answer = browse(cast.contractor).post("/verslagen/maken", data)
    assert answer.status_code == 422


def test_the_key_is_there_for_everybody(browse: Any, cast: Cast) -> None:
    del cast
    assert public_key_of(settings.SECRET_KEY).replace("+", "&#x2B;")[:8] in page(
        browse(), "/verslagen/sleutel"
    )


def test_a_goal_stands_on_its_page_and_in_the_next_report(cast: Cast, browse: Any) -> None:
    register(cast)
    browser = browse(cast.adviser)
    data = {"organisation": cast.hilversum.pk, "measure": "percentage_bp", "amount": "95"}
    data |= {"source": "Raad 12", "key": str(uuid4()), "year": date.today().year}  # noqa: DTZ011
    assert browser.post("/doelen", data).status_code == 302
    assert "95%" in page(browser, "/doelen")
    done = published(cast.adviser, cast.hilversum, year=date.today().year)  # noqa: DTZ011
    assert "doel 95%" in page(browser, f"/verslagen/{done}")


def test_goals_of_a_region_are_not_for_who_awards_nothing(cast: Cast, browse: Any) -> None:
    contractor = browse(cast.contractor)
    data = {"organisation": cast.de_eem.pk, "amount": "20", "year": date.today().year}  # noqa: DTZ011 - the year that the form offers
    for measure in ("partners", "enterprises"):
        assert measure in page(browse(cast.team), "/doelen")
        assert measure not in page(contractor, "/doelen")
        answer = contractor.post("/doelen", {**data, "measure": measure, "key": str(uuid4())})
        assert answer.status_code == 422
    assert contractor.post("/doelen", {**data, "measure": "people", "key": str(uuid4())}).url


def test_a_report_is_offered_to_who_has_a_contract_to_tell_of(cast: Cast, browse: Any) -> None:
    register(cast)
    for somebody, kinds in (
        (cast.adviser, {"council", "annual"}),
        (cast.team, {"regional"}),
        (cast.contractor, {"statement"}),
    ):
        browser = browse(somebody)
        assert "/verslagen/maken" in page(browser, "/verslagen")
        form = page(browser, "/verslagen/maken")
        assert {kind for kind in ReportKind.values if f'value="{kind}"' in form} == kinds
    for somebody in (cast.auditor, cast.reader, cast.outsider):  # they read, or have no contract
        browser = browse(somebody)
        assert "/verslagen/maken" not in page(browser, "/verslagen")
        assert browser.get("/verslagen/maken").status_code == 404

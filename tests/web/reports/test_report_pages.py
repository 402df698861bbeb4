"""Pages and files of reports: looked at first, published, opened to its lines, and checked."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.conf import settings
from django.db import connection
from python_calamine import CalamineWorkbook

from telmee.apps.letters.house_styles import Chosen, choose_house_style
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.figures import words
from telmee.apps.reports.publishing import publish
from telmee.integrations.signatures import public_key_of, seal_faults
from telmee.web.reports.tasks import make_papers
from telmee.web.reports.words import YEAR_FIGURES
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import frozen, published, wanted
from tests.registering import hand_in, register


@pytest.fixture
def report(cast: Cast) -> int:
    contract = register(cast)
    for number in range(6):
        accepted(cast, hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}"))
    return published(cast.adviser, cast.hilversum, ReportKind.COUNCIL)


def page(browser: Any, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_report_is_looked_at_before_it_is_published(cast: Cast, browse: Any) -> None:
    register(cast)
    browser = browse(cast.adviser)
    data = {"organisation": cast.hilversum.pk, "kind": "annual", "key": str(uuid4())}
    data["year"] = date.today().year  # noqa: DTZ011 - the year that the form offers
    seen = browser.post("/verslagen/maken", data)
    assert "100.000,00" in seen.content.decode()
    assert "verslag 1" not in page(browser, "/verslagen").casefold()
    done = browser.post("/verslagen/maken", {**data, "publish": "1"})
    assert done.status_code == 302
    assert browser.post("/verslagen/maken", {**data, "publish": "1"}).url == done.url
    assert "wordt gemaakt" in page(browser, done.url)  # the answer waits for nothing
    assert "verslag 1" not in page(browser, "/verslagen").casefold()
    publish(int(done.url.rpartition("/")[2]), cast.adviser.pk)
    assert "Verslag 1" in page(browser, "/verslagen")
    there = browser.get(done.url)
    assert "Verslag 1" in page(browser, there.url)
    progress = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "progress"}
    assert browser.get(done.url, **progress)["HX-Refresh"] == "true"


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


def test_a_kind_that_an_organisation_does_not_make_is_refused(cast: Cast, browse: Any) -> None:
    register(cast)
    data = {"organisation": cast.de_eem.pk, "kind": "annual", "year": 2025, "key": str(uuid4())}
    answer = browse(cast.contractor).post("/verslagen/maken", data)
    assert answer.status_code == 422


_NUMBER = r'href="(/verslagen/\d+/(?:inspanningen|opdrachten)\?[^"]+)"'


def test_each_number_opens_to_a_line_or_a_contract_within_three_clicks(
    cast: Cast, report: int, browse: Any
) -> None:
    browser = browse(cast.adviser)
    letter = page(browser, f"/verslagen/{report}")
    numbers = {one.replace("&amp;", "&") for one in re.findall(_NUMBER, letter)}
    asked = {part for one in numbers for part in one.partition("?")[2].split("&")}
    assert {f"cijfer={figure}" for figure in YEAR_FIGURES} <= asked
    assert {"per=kind", "rij=placement", "per=category"} <= asked
    for number in numbers:
        behind = page(browser, number)
        assert "Volledig tot en met" in behind
        if "promised_cents" in number or "purchase_cents" in number:
            continue  # nothing was promised or bought, so nothing stands behind it
        thing = re.search(r'href="(/(?:inspanningen|opdrachten)/\d+)"', behind)
        assert thing is not None, number
        assert browser.get(thing[1]).status_code == 200
    lines = page(browser, f"/verslagen/{report}/inspanningen?per=kind&rij=placement")
    assert "K-5" in lines


def test_a_number_says_what_the_report_has_and_how_it_was_counted(
    cast: Cast, report: int, browse: Any
) -> None:
    browser, own = browse(cast.adviser), f"/verslagen/{report}"
    imposed = page(browser, f"{own}/opdrachten?cijfer=imposed_cents&jaar=2025")
    assert "100.000,00" in imposed
    assert words().figures["imposed_cents"].counted.nl in imposed
    people = page(browser, f"{own}/inspanningen?cijfer=people&jaar=2025&per=kind&rij=placement")
    assert words().figures["people"].counted.nl in people
    for wrong in ("cijfer=x", "jaar=1999", "jaar=x", "cijfer=hidden"):
        assert browser.get(f"{own}/inspanningen?{wrong}").status_code == 404


def test_a_row_that_is_not_there_opens_to_nothing_and_breaks_nothing(
    cast: Cast, report: int, browse: Any
) -> None:
    browser = browse(cast.adviser)
    for asked in ("per=kind&rij=x", "per=x&rij=1", "per=category&rij="):
        assert browser.get(f"/verslagen/{report}/inspanningen?{asked}").status_code == 200
    for asked in ("per=client&rij=x", "per=category&rij=%00", "per=contract&rij=" + "9" * 30):
        assert browser.get(f"/verslagen/{report}/inspanningen?{asked}").status_code in (400, 404)
    assert browser.get(f"/verslagen/{report}/bestand?soort=exe").status_code == 404


def test_every_file_is_signed_and_a_changed_one_does_not_hold(
    cast: Cast, report: int, browse: Any
) -> None:
    browser, key = browse(cast.adviser), public_key_of(settings.SECRET_KEY)
    for kind in ("json", "xlsx", "pdf"):
        answer = browser.get(f"/verslagen/{report}/bestand?soort={kind}")
        assert answer.status_code == 200
        file = answer.content
        assert seal_faults(file, [key]) == []
        half = len(file) // 2
        changed = file[:half] + bytes([file[half] ^ 1]) + file[half + 1 :]
        assert seal_faults(changed, [key]) != []


def test_the_paper_can_be_read_aloud(cast: Cast, report: int, browse: Any) -> None:
    file = browse(cast.adviser).get(f"/verslagen/{report}/bestand?soort=pdf").content
    with pikepdf.open(io.BytesIO(file)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "nl"
        tree = str(pdf.Root.StructTreeRoot.K)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "Raadsbrief" in metadata["dc:title"]
    assert tree


def test_a_workbook_has_the_figures_as_figures(cast: Cast, report: int, browse: Any) -> None:
    file = browse(cast.adviser).get(f"/verslagen/{report}/bestand?soort=xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    rows = book.get_sheet_by_index(1).to_python()
    assert len(rows) == 2
    assert isinstance(rows[1][4], float)
    assert rows[1][6] == "6"


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

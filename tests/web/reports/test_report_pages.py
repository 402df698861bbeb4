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
from python_calamine import CalamineWorkbook

from telmee.apps.reports.choices import ReportKind
from telmee.integrations.signatures import public_key_of, seal_faults
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import published
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
    assert "Verslag 1" in page(browser, "/verslagen")


def test_a_kind_that_an_organisation_does_not_make_is_refused(cast: Cast, browse: Any) -> None:
    register(cast)
    data = {"organisation": cast.de_eem.pk, "kind": "annual", "year": 2025, "key": str(uuid4())}
    answer = browse(cast.contractor).post("/verslagen/maken", data)
    assert answer.status_code == 422


def test_each_number_opens_to_a_line_within_three_clicks(
    cast: Cast, report: int, browse: Any
) -> None:
    browser = browse(cast.adviser)
    letter = page(browser, f"/verslagen/{report}")
    row = re.search(r'href="(/verslagen/\d+/inspanningen\?per=kind&amp;rij=placement)"', letter)
    assert row is not None
    lines = page(browser, row[1].replace("&amp;", "&"))
    line = re.search(r'href="(/inspanningen/\d+)"', lines)
    assert line is not None
    assert "K-" in page(browser, line[1])
    assert "K-5" in page(browser, f"/verslagen/{report}/inspanningen")


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

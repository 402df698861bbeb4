"""A contractor's statement: no numbers of people, and what it means for a sustainability report."""

from __future__ import annotations

import io
from typing import Any

from django.urls import reverse
from python_calamine import CalamineWorkbook

from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.sustainability import sustainability
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import frozen
from tests.registering import hand_in, register


def test_its_page_and_its_workbook_say_what_is_covered_and_name_no_people(
    cast: Cast, browse: Any
) -> None:
    accepted(cast, hand_in(cast, register(cast)))
    statement = frozen(cast.contractor, cast.de_eem, ReportKind.STATEMENT)
    browser = browse(cast.contractor)
    page = browser.get(reverse("report", args=[statement])).content.decode()
    assert "een verklaring noemt geen aantallen mensen" in page
    assert "Inspanning waarin mensen werken of leren, samen" in page
    assert "Wie het heeft bereikt" not in page
    for row in sustainability().datapoints:
        assert row.code in page
        assert row.missing.nl in page
    assert f"Versie {sustainability().version} van dit overzicht" in page
    file = browser.get(reverse("report-file", args=[statement]), {"soort": "xlsx"}).content
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    rows = book.get_sheet_by_name("CSRD VSME").to_python()
    people = [row for row in rows if "Mensen" in str(row[2])]
    assert [str(row[1]).split()[0] for row in people] == ["S1-6", "B8"]
    assert {row[2] for row in people} == {"Mensen: het aantal staat op uw pagina Resultaten"}
    opening = reverse("report-opening", args=[statement])  # it is never for everybody
    assert opening not in page
    assert browser.get(opening).status_code == 404

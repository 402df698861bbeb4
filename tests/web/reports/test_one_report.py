"""One published report: its numbers open to lines, and its files are signed and can be read."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pikepdf
import pytest
from django.conf import settings
from django.utils import translation
from python_calamine import CalamineWorkbook

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.figure_words import By, words
from telmee.apps.reports.freezing import report_for
from telmee.integrations.signatures import public_key_of, seal_faults
from telmee.web.reports.paper import facts_of
from telmee.web.reports.report_words import YEAR_FIGURES
from telmee.web.templatetags.telmee import day, moment
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import frozen, published
from tests.registering import hand_in, register

_NUMBER = r'href="(/verslagen/\d+/(?:inspanningen|opdrachten)\?[^"]+)"'


@pytest.fixture(scope="module")
def report(module_cast: Cast) -> int:
    """Publish it once: thirteen deeds and a paper take longer than all that is asked of it."""
    contract = register(module_cast)
    for number in range(6):
        line = hand_in(module_cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}")
        accepted(module_cast, line)
    return published(module_cast.adviser, module_cast.hilversum, ReportKind.COUNCIL)


def page(browser: Any, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


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


@pytest.mark.parametrize("which", ["inspanningen", "opdrachten"])
def test_every_way_on_from_a_number_stays_with_that_number(
    cast: Cast, report: int, browse: Any, which: str
) -> None:
    """Another order, a search, a file or all of it again: the number that is told stays."""
    browser, own = browse(cast.adviser), f"/verslagen/{report}/{which}"
    asked = {"cijfer": "verified_cents", "jaar": "2025", "per": "kind", "rij": "placement"}
    first = page(browser, f"{own}?{urlencode(asked)}")
    nothing = page(browser, f"{own}?{urlencode(asked)}&sort=reference&q=niets")
    links = [unescape(one) for one in re.findall(rf'href="({own}[^"]*)"', first + nothing)]
    assert any("sort=" in one for one in links)
    assert any("export=" in one for one in links)
    if which == "inspanningen":  # what nothing fits in can be seen whole again
        assert f"{own}?{urlencode(asked)}" in links
    for link in links:
        assert set(asked.items()) <= set(parse_qsl(link.partition("?")[2])), link
    for name, value in asked.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in first


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


def test_a_council_that_follows_a_number_reads_it_and_no_line(
    cast: Cast, report: int, browse: Any
) -> None:
    council, own = browse(cast.council), f"/verslagen/{report}"
    for what in ("opdrachten", "inspanningen"):
        number = page(council, f"{own}/{what}?cijfer=imposed_cents&jaar=2025")
        assert "100.000,00" in number
        assert words().figures["imposed_cents"].counted.nl in number
        assert "staan bij Gemeente Hilversum" in number
        for hidden in ("K-1", "/opdrachten/", "Aanleg", "De Eem"):
            assert hidden not in number
        assert council.get(f"{own}/{what}?cijfer=hidden").status_code == 404
    assert browse(cast.outsider).get(f"{own}/opdrachten?jaar=2025").status_code == 404


def test_the_workbook_says_when_it_was_in_dutch_time(cast: Cast, report: int, browse: Any) -> None:
    file = browse(cast.council).get(f"/verslagen/{report}/bestand?soort=xlsx").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name("Waar het op rust")
    stands = {row[0]: row[1] for row in sheet.to_python()}
    with acting_as(cast.adviser.pk) as acting:
        row = report_for(acting, report)
    assert stands["Stand van"] == moment(row.as_of)
    assert stands["Volledig tot en met"] == day(json.loads(row.document)["complete_until"])


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


def test_each_number_on_paper_leads_to_what_its_page_leads_to(
    cast: Cast, report: int, browse: Any
) -> None:
    browser = browse(cast.adviser)
    letter = page(browser, f"/verslagen/{report}")
    numbers = {one.replace("&amp;", "&") for one in re.findall(_NUMBER, letter)}
    file = browser.get(f"/verslagen/{report}/bestand?soort=pdf").content
    with pikepdf.open(io.BytesIO(file)) as pdf:
        notes = [note for one in pdf.pages for note in one.get("/Annots", [])]
        links = {str(note.A.URI) for note in notes}
        assert all(str(note.get("/Contents", "")) for note in notes)  # read aloud as words
    own = settings.SITE_URL.rstrip("/")
    assert {link.removeprefix(own) for link in links if "?" in link} <= numbers
    asked = {part for link in links for part in link.partition("?")[2].split("&")}
    assert {f"cijfer={figure}" for figure in YEAR_FIGURES} <= asked
    assert {"rij=placement", "per=field"} <= asked


def test_each_sentence_of_results_leads_to_what_stands_behind_its_number(
    cast: Cast, report: int
) -> None:
    with acting_as(cast.adviser.pk) as acting, translation.override("nl"):
        letter = report_for(acting, report)
        facts = facts_of(letter, json.loads(letter.document), "key")
    headed = [block["text"] for block in facts["blocks"] if block["is"] == "heading"]
    assert headed[:4] == [
        *("Doelen en resultaten", "Wat er is gedaan", "Wie het heeft bereikt", "Beleidsterreinen")
    ]  # what a council asks
    sentences = next(block for block in facts["blocks"] if block["is"] == "list")["sentences"]
    leading = {one["url"].partition("cijfer=")[2]: one["text"] for one in sentences}
    assert list(leading) == [
        f"{figure}&jaar={letter.year}"
        for figure in (
            *("verified_cents", "percentage_bp", "places", "people", "purchase_cents"),
            "imposed_cents",
        )
    ]
    assert (
        "is €\N{NO-BREAK SPACE}100.000,00 opgelegd" in leading[f"imposed_cents&jaar={letter.year}"]
    )


def test_a_workbook_has_the_figures_as_numbers(cast: Cast, report: int, browse: Any) -> None:
    with acting_as(cast.adviser.pk) as acting:
        document = json.loads(report_for(acting, report).document)
    file = browse(cast.adviser).get(f"/verslagen/{report}/bestand?soort=xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    names, *years = book.get_sheet_by_name("Jaren").to_python()
    (last,) = [row for row in years if row[0] == document["year"]]
    in_report = document["years"][-1]
    for key in YEAR_FIGURES:
        heading = document["figures"][key]["label"][0] + (" (%)" if key.endswith("_bp") else "")
        shift = 100 if key.endswith(("_cents", "_bp")) else 1
        assert last[names.index(heading)] == in_report[key] / shift, key
    heads, row = book.get_sheet_by_name("Wat er is gedaan").to_python()
    (kind,) = [one for one in document["divisions"] if one["by"] == By.KIND]
    (placement,) = kind["rows"]
    assert row[-2:] == [6, 6]
    assert row[heads.index("Geleverd")] == placement["delivered_cents"] / 100
    assert "Opgelegd" not in heads  # of what is done nothing is imposed apart


def test_a_workbook_is_of_the_moment_of_its_report_whenever_it_is_fetched(
    cast: Cast, report: int, browse: Any
) -> None:
    with acting_as(cast.adviser.pk) as acting:
        moment = report_for(acting, report).frozen_at.astimezone(UTC)
    file = browse(cast.adviser).get(f"/verslagen/{report}/bestand?soort=xlsx").content
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        said = package.read("docProps/core.xml").decode()
    moments = set(re.findall(r"W3CDTF\">([^<]+)<", said))
    assert moments == {moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_a_number_that_is_hidden_is_a_dash_in_a_workbook_and_says_what_that_means(
    cast: Cast, browse: Any
) -> None:
    accepted(cast, hand_in(cast, register(cast)))
    alone = published(cast.adviser, cast.hilversum, ReportKind.COUNCIL)
    file = browse(cast.adviser).get(f"/verslagen/{alone}/bestand?soort=xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    names, *years = book.get_sheet_by_name("Jaren").to_python()
    assert {row[names.index("Mensen")] for row in years} == {"\N{EN DASH}"}
    *_, last = book.get_sheet_by_name("Hoe er is geteld").to_python()
    assert last[0] == "\N{EN DASH}"
    assert "minder dan vijf mensen" in str(last[1])


@pytest.mark.usefixtures("own_database")
def test_a_workbook_has_what_was_published_before_as_numbers_with_their_source(
    cast: Cast, as_owner: Any, browse: Any
) -> None:
    of_hilversum = "UPDATE organisations_organisation SET municipality_id = 'GM0402' WHERE id = %s"
    as_owner(of_hilversum, cast.hilversum.pk)
    register(cast)
    reports = {
        cast.adviser: frozen(cast.adviser, cast.hilversum),
        cast.team: frozen(
            cast.team, cast.region, ReportKind.REGIONAL
        ),  # and who is no municipality
    }
    for reader, report in reports.items():
        _require_published(browse(reader), report)


def _require_published(browser: Any, report: int) -> None:
    file = browser.get(f"/verslagen/{report}/bestand?soort=xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    names, *rows = book.get_sheet_by_name("Eerder gepubliceerd").to_python()
    (year,) = [row for row in rows if str(row[0]).startswith("2024")]
    assert year[names.index("Werkplekken")] == 31
    assert year[names.index("Doel: Werkplekken")] == 26
    assert 77_000_000 in year
    assert "Gooi" in str(year[-1])

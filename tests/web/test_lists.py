import csv
import io
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from telmee.web import lists
from telmee.web.lists import Column, Filter, Listing, ListPage

STATES = {"open": ("Open", "info"), "done": ("Klaar", "positive")}
LIST = ListPage(
    name="Contracten",
    columns=(
        Column("ref", "Kenmerk", order="ref", url=lambda row: f"/c/{row['ref']}"),
        Column("name", "Naam", order="name"),
        Column("owed", "Opgave", kind="money", order="owed"),
        Column("state", "Stand", kind="status", words=STATES.__getitem__),
    ),
    default="-owed",
    filters=(Filter("state", "Stand", lambda: [(k, w) for k, (w, _) in STATES.items()], "state"),),
    search=("ref", "name"),
    page_size=10,
)
ROWS: list[dict[str, Any]] = [
    {
        "ref": f"C{number:02d}",
        "name": "=1+1" if number == 7 else f"Naam <{number}>",
        "owed": None if number == 3 else number * 100,
        "state": "done" if number % 2 else "open",
    }
    for number in range(1, 26)
]


def _listing(query: str = "", rows: Any = None) -> Listing:
    request = RequestFactory().get(f"/c?{query}")
    return LIST.read(request, ROWS if rows is None else rows)


def _refs(listing: Listing) -> list[str]:
    return [row["ref"] for row in listing.shown]


def _file(query: str) -> HttpResponse:
    found = _listing(query).file()
    assert found is not None
    return found


def test_a_list_shows_its_first_page_in_its_own_order() -> None:
    listing = _listing()
    assert _refs(listing)[:2] == ["C25", "C24"]
    assert (listing.first, listing.last, listing.total, listing.pages) == (1, 10, 25, 3)


def test_nothing_comes_last_both_ways() -> None:
    assert _refs(_listing("page=3"))[-1] == "C03"
    assert _refs(_listing("sort=owed&page=3"))[-1] == "C03"


def test_search_filter_and_order_work_together_and_stay_in_links() -> None:
    listing = _listing("q=c1&state=open&sort=ref")
    assert _refs(listing) == ["C10", "C12", "C14", "C16", "C18"]
    assert listing.link(page=2) == "/c?q=c1&state=open&sort=ref&page=2"
    headings = {str(entry["label"]): entry for each in listing.headings for entry in each["labels"]}
    assert headings["Kenmerk"]["order"] == "ascending"
    assert headings["Kenmerk"]["url"] == "/c?q=c1&state=open&sort=-ref"
    assert headings["Stand"]["url"] == ""


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=²", "page=-1", "sort=nee", "sort=--ref", "sort=state",
              "state=nee", "export=exe", "q=%00", "page=" + "9" * 5000]
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_falls_back(query: str) -> None:
    listing = _listing(query)
    assert listing.file() is None
    assert listing.total == 25
    assert listing.shown


def test_a_page_after_the_last_is_the_last() -> None:
    assert _listing("page=99").number == 3


def test_a_file_holds_all_pages_with_the_same_filter_and_order() -> None:
    response = _file("state=done&sort=ref&export=csv")
    assert response["Content-Disposition"].startswith('attachment; filename="contracten-')
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == ["Kenmerk", "Naam", "Opgave", "Stand"]
    assert rows[1] == ["C01", "Naam <1>", "1,00", "Klaar"]
    assert rows[2][2] == ""
    assert len(rows) == 14


def test_no_file_runs_what_somebody_typed() -> None:
    assert "'=1+1" in _file("q=C07&export=csv").content.decode("utf-8-sig")
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(_file("q=C07&export=xlsx").content))
    assert workbook.get_sheet_by_index(0).to_python()[1] == ["C07", "=1+1", 7.0, "Klaar"]


def test_the_page_says_it_all_in_words_and_escapes_what_people_typed() -> None:
    with override("nl"):
        page = render_to_string("components/list.html", {"listing": _listing("q=c0")})
    assert "Naam &lt;1&gt;" in page
    assert "Naam <1>" not in page
    assert '<th scope="row" class="" data-label="Kenmerk"><a href="/c/C09"' in page
    assert 'aria-sort="descending"' in page
    assert "1 tot en met 9 van 9" in page
    assert "style=" not in page


def test_a_column_below_shares_the_cell_and_is_apart_in_files() -> None:
    name = Column("name", "Naam", order="name")
    shared = ListPage(
        name="Contracten",
        columns=(
            Column("ref", "Kenmerk", order="ref", under=name),
            Column("state", "Kies", kind="action"),
        ),
        default="ref",
    )
    listing = shared.read(RequestFactory().get("/c?sort=name"), ROWS[:1])
    assert [heading["order"] for heading in listing.headings] == ["ascending", ""]
    assert '<div class="below " data-label="Naam">Naam &lt;1&gt;</div>' in listing.body
    answer = shared.read(RequestFactory().get("/c?export=csv"), ROWS[:1]).file()
    assert answer is not None
    assert answer.content.decode("utf-8-sig").splitlines() == ["Kenmerk;Naam", "C01;Naam <1>"]


def test_a_search_that_is_a_function_has_its_box() -> None:
    found = ListPage(
        "L", (Column("ref", "R", order="ref"),), "ref", search=lambda rows, _text: rows
    )
    page = render_to_string(
        "components/list.html", {"listing": found.read(RequestFactory().get("/c"), ROWS)}
    )
    assert 'type="search"' in page


def test_an_empty_list_says_what_to_do() -> None:
    with override("nl"):
        nothing = {
            "listing": _listing(rows=[]),
            "empty_text": "Nog geen.",
            "empty_url": "/nieuw",
            "empty_label": "Toevoegen",
        }
        page = render_to_string("components/list.html", nothing)
        narrowed = render_to_string("components/list.html", {"listing": _listing("q=zzz")})
    assert "Nog geen." in page
    assert 'href="/nieuw"' in page
    assert "Toevoegen" in page
    assert "Er is niets dat bij deze zoekvraag past." in narrowed


def test_page_numbers_leave_out_what_is_far() -> None:
    many = [ROWS[0] | {"ref": f"D{number}"} for number in range(300)]
    assert _listing("page=15", many).numbers == [1, None, 13, 14, 15, 16, 17, None, 30]


KINDS = ListPage(
    name="Soorten",
    columns=(
        Column("model", "Model", order="model"),
        Column("app_label", "App", order="app_label"),
    ),
    default="model",
    filters=(Filter("app", "App", lambda: [("auth", "Toegang")], "app_label"),),
    search=("model__icontains", "app_label__icontains"),
    page_size=3,
)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "q=a", "app=auth&sort=-model", "page=2"])
@pytest.mark.parametrize("as_values", [True, False])
def test_a_queryset_costs_two_queries(
    query: str, as_values: bool, django_assert_num_queries: Any
) -> None:
    kinds = ContentType.objects.all()
    rows: Any = kinds.values("pk", "model", "app_label") if as_values else kinds
    with django_assert_num_queries(2):
        listing = KINDS.read(RequestFactory().get(f"/k?{query}"), rows)
        render_to_string("components/list.html", {"listing": listing})
    assert 0 < len(listing.shown) <= 3


@pytest.mark.django_db
def test_a_file_of_a_queryset_is_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        rows = ContentType.objects.values("pk", "model", "app_label")
        response = KINDS.read(RequestFactory().get("/k?app=auth&export=csv"), rows).file()
    assert response is not None
    assert b"permission;auth" in response.content


@pytest.mark.django_db
def test_only_the_rows_of_a_page_are_prepared_and_of_a_file_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "_CHUNK", 4)
    sizes: list[int] = []

    def prepare(rows: Any) -> list[Any]:
        prepared = [{**row, "model": row["model"].upper()} for row in rows]
        sizes.append(len(prepared))
        return prepared

    rows = ContentType.objects.values("pk", "model", "app_label")
    page = KINDS.read(RequestFactory().get("/k?app=auth"), rows, prepare=prepare)
    assert {row["model"] for row in page.shown} <= {"USER", "GROUP", "PERMISSION"}
    assert sizes == [len(page.shown)]
    sizes.clear()
    file = KINDS.read(RequestFactory().get("/k?export=csv"), rows, prepare=prepare).file()
    assert file is not None
    assert b"auth;PERMISSION" in file.content or b"PERMISSION;auth" in file.content
    assert sum(sizes) == rows.count()
    assert max(sizes) == 4

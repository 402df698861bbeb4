"""What careless people and attackers send: refused beside its field, and never a failure."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlparse
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import encode_multipart
from django.urls import reverse
from django.utils.html import escape
from psycopg.sql import SQL, Identifier
from python_calamine import CalamineWorkbook

import telmee.web
from telmee.apps.organisations.acting import acting_as
from tests.cast import PASSWORD
from tests.web.cases import Case
from tests.web.routes import ROUTES
from tests.web.world import CSV, PDF, World, changed_since, drained, undone, writes

BSN = "111222333"
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd()"
#: What is typed, and whether it has to stay to be seen when it is refused.
HOSTILE = {
    "long": "x" * 10_000,
    "nul": "a\0b",
    "surrogate": "a\ud800b",
    "right_to_left": "\u202eabc\u202c",
    "no_width": "a\u200bb\ufeff",
    "emoji": "👩‍👩‍👧‍👦" * 50,
    "infinite": "1e309",
    "not_a_number": "NaN",
    "negative": "-1",
    "enormous": "1" + "0" * 30,
    "digits": "9" * 5000,
    "grouped_wrongly": "1.234,5",
    "no_such_day": "31-02-2026",
    "year_0": "01-01-0000",
    "year_9999": "31-12-9999",
    "arabic_digits": "١٢",
    "sql": "'; DROP TABLE contracts_contract; --",
    "template": "{{ request }}{% debug %}%(name)s{0.__class__}",
    "script": SCRIPT,
    "header": "a\r\nX-Evil: 1",
    "path": "../../../../etc/passwd",
    "empty": "",
    "blank": "\u00a0 \t",
}
#: The fields of our forms in which people write freely.
_FREE = {
    "contract-new": (
        "reference", "name", "contractor_name", "procurement", "lot", "cpv",
        "percentage_reason", "no_obligation_reason", "email",
    ),
    "contract-amend": ("reason",),
    "contract-messages": ("text",),
    "contract-change": ("name", "procurement", "lot", "cpv", "percentage_reason", "reason"),
    "contract-close": ("reason",),
    "contract-reopen": ("reason",),
    "plan-line-new": ("plan_note",),
    "plan-line": ("plan_note",),
    "party-add": ("name",),
    "party-remove": ("reason",),
    "contribution-new": ("kenmerk", "persoon", "note"),
    "contribution-edit": ("kenmerk", "persoon", "note"),
    "contribution-withdraw": ("toelichting",),
    "contribution-object": ("toelichting",),
    "evidence-remove": ("toelichting",),
    "book": ("reason",),
    "take-back": ("reason",),
    "decide": ("text",),
    "reopen": ("text",),
    "organisation-change": ("name",),
    "organisation-invite": ("email",),
    "organisation-add": ("name", "email"),
    "recognition-record": ("name", "level", "number", "source"),
    "my-account": ("name",),
}  # fmt: skip
_KEPT = ("key", "end_seen")


_FORMS = [name for name, cases in ROUTES.items() if cases[0].post]


def _case(world: World, name: str) -> tuple[Case, str, Any]:
    """A page that takes a form, its address, and the browser of somebody who may."""
    case = ROUTES[name][0]
    ids = {key: world.own.get(of, "harlingen") for key, of in case.ids.items()}
    part = min(case.changing or case.post or (), key=lambda one: (one == "visitor", one))
    return case, reverse(name, kwargs=ids), world.browsers[part]


def _shown(answer: Any, typed: str) -> bool:
    page = answer.content.decode()
    return str(escape(typed)) in page or typed in page


# Forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _FORMS)
def test_a_form_without_its_token_does_nothing(world: World, name: str) -> None:
    case, url, browser = _case(world, name)
    strict: Any = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies.copy()
    with undone(browser):
        before = writes()
        answer = strict.post(url, case.data(world))
        assert answer.status_code == 403
        assert changed_since(before) == {}


@pytest.mark.parametrize("name", _FORMS)
def test_a_form_full_of_nonsense_is_no_failure(world: World, name: str) -> None:
    case, url, browser = _case(world, name)
    fields = [
        field
        for field, value in (dict.fromkeys(_FREE.get(name, ())) | case.data(world)).items()
        if field not in _KEPT and not hasattr(value, "read")
    ]
    # A form that asks nothing is the same one whatever is typed.
    for which in HOSTILE if fields else ["empty"]:
        _sent(browser, url, case.data(world) | dict.fromkeys(fields, HOSTILE[which]), which)


@pytest.mark.parametrize("name", _FORMS)
def test_one_wrong_field_at_a_time_is_no_failure(world: World, name: str) -> None:
    case, url, browser = _case(world, name)
    for field in dict.fromkeys((*case.data(world), *_FREE.get(name, ()))):
        data = case.data(world)
        if not hasattr(data.get(field), "read"):
            for which in ("nul", "surrogate", "digits"):
                _sent(browser, url, data | {field: HOSTILE[which]}, f"{field}: {which}")
            _sent(browser, url, data | {field: ["a\0", "1", "x"]}, f"{field}: a list")


def _sent(browser: Any, url: str, data: dict[str, Any], which: str) -> None:
    with undone(browser):
        answer = browser.post(url, _encodable(data))
        assert answer.status_code < 500, f"{which}: {answer.status_code} {url}"
        assert "X-Evil" not in answer.headers, which


def _encodable(data: dict[str, Any]) -> dict[str, Any]:
    """Send half a character as the three bytes that a careless program sends.

    Each value stands in a list, since the test client would send bytes one by one.
    """

    def one(value: Any) -> Any:
        return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value

    return {
        name: [one(entry) for entry in (value if isinstance(value, list) else [value])]
        for name, value in data.items()
    }


def test_what_is_sent_arrives_as_it_was_typed() -> None:
    sent = encode_multipart("limit", _encodable({"a": "x\0y", "b": ["é", "\ud800"], "c": 7}))
    assert sent.count(b"name=") == 4
    for typed in (b"\r\nx\0y\r\n", "\r\né\r\n".encode(), b"\r\n\xed\xa0\x80\r\n", b"\r\n7\r\n"):
        assert typed in sent


@pytest.mark.parametrize(
    ("name", "field"),
    [pytest.param(n, field, id=f"{n}-{field}") for n, fields in _FREE.items() for field in fields],
)
@pytest.mark.usefixtures("contexts")
def test_a_bsn_is_refused_beside_its_field_and_kept_nowhere(
    world: World, name: str, field: str
) -> None:
    case, url, browser = _case(world, name)
    typed = f"{BSN}@example.org" if field == "email" else f"zie 1112.22.333 en {BSN}"
    typed = f"https://example.org/{BSN}" if field == "source" else typed
    data = case.data(world) | {field: typed}
    if field in {"name", "contractor_name"} and "kvk" in data and name != "organisation-add":
        data["kvk"] = "30000077"  # somebody new, whose name is asked
    with undone(browser):
        before = writes()
        answer = browser.post(url, data)
        assert answer.status_code in {200, 422}, answer.status_code
        assert changed_since(before) == {}
        assert field in answer.context["form"].errors
        page = answer.content.decode()
        assert page.count(BSN) == page.count(f'value="{escape(typed)}"') + page.count(
            f"{escape(typed)}</textarea>"
        )
        assert BSN not in str(dict(browser.session.items()))


@pytest.mark.parametrize("typed", [BSN, "1112.22.333", "Jansen 111/222/333"])
@pytest.mark.parametrize("path", ["/opdrachten", "/werklijst"])
def test_a_bsn_is_not_searched_for_repeated_or_logged(
    world: World, caplog: pytest.LogCaptureFixture, path: str, typed: str
) -> None:
    browser = world.browsers["adviser"]
    with undone(browser), caplog.at_level("DEBUG"):
        page = browser.get(path, {"q": typed}).content.decode()
        browser.get("/bestaat-niet", {"q": typed})
    assert "Hier staat een BSN" in page
    assert "Hier staat een BSN" in page
    assert typed not in page
    assert quote(typed) not in page
    assert typed not in caplog.text
    assert quote(typed, safe="") not in caplog.text


@pytest.mark.parametrize("name", ["upload-new", "evidence-add"])
@pytest.mark.parametrize("file", [f"{BSN}.csv", "brief 1112.22.333.pdf", f"a_{BSN}_b.png"])
def test_a_bsn_in_the_name_of_a_file_is_refused_and_not_repeated(
    world: World, name: str, file: str
) -> None:
    _case_of, url, browser = _case(world, name)
    with undone(browser):
        before = writes()
        answer = browser.post(url, {"bestand": SimpleUploadedFile(file, PDF), "soort": ""})
        assert answer.status_code == 422
        assert changed_since(before) == {}
        assert file not in answer.content.decode()
        assert BSN not in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "field", "typed"),
    [
        ("contract-amend", "agreed", "1.2.3,4"),
        ("contract-close", "on", "31-02-2026"),
        ("contract-change", "awarded_on", "01-13-2026"),
        ("contract-new", "value", "veel"),
        ("contribution-new", "begin", "31-02-2026"),
        ("plan-line-new", "number", "-1"),
        ("book", "amount", "NaN"),
        ("sighting-add", "gezien_op", "32-1-2026"),
        ("recognition-record", "valid_from", "gisteren"),
        ("organisation-add", "kvk", "12"),
    ],
)
def test_nothing_typed_is_lost(world: World, name: str, field: str, typed: str) -> None:
    case, url, browser = _case(world, name)
    data = case.data(world) | {field: typed}
    with undone(browser):
        answer = browser.post(url, data)
        assert answer.status_code == 422
        assert _shown(answer, typed)
        lost = [
            one
            for one, value in data.items()
            if one not in {"key", "again", "password"} and value and not _shown(answer, str(value))
        ]
        assert lost == []


# Twice and too late -------------------------------------------------------------------------

_ONCE = (
    "contract-new", "contribution-new", "plan-line-new", "book", "contract-amend",
    "contract-close", "decide", "reopen", "queue-accept", "take-back",
    "contribution-copy", "contribution-withdraw", "contribution-submit", "upload-new",
    "party-add", "party-remove", "invitation-withdraw",
)  # fmt: skip


@pytest.mark.parametrize("name", _ONCE)
def test_the_same_form_sent_twice_does_it_once(world: World, name: str) -> None:
    case, url, browser = _case(world, name)
    data = case.data(world)
    with undone(browser):
        assert browser.post(url, data).status_code == 302
        counted = _rows(world)
        for value in data.values():
            if hasattr(value, "seek"):
                value.seek(0)
        answer = browser.post(url, data)
        assert answer.status_code < 500
        assert _rows(world) == counted


_TABLES = (
    "contracts_contract", "contracts_party", "agreements_planline", "decisions_decision",
    "contributions_contribution", "contributions_upload", "contributions_evidence",
    "ledger_entry", "organisations_membership", "audit_event",
)  # fmt: skip


def _rows(world: World) -> list[int]:
    """Count the rows that the parties of the contract see together, table by table."""
    found = []
    for who in (world.cast.manager, world.cast.contractor, world.cast.subcontractor):
        with acting_as(who.pk), connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
                found.append(cursor.fetchone()[0])
    return found


@pytest.mark.parametrize(
    ("name", "version"),
    [("decide", "1"), ("reopen", "1"), ("contribution-edit", "0"), ("contribution-withdraw", "1")],
)
def test_who_saw_an_older_version_changes_nothing(world: World, name: str, version: str) -> None:
    case, url, browser = _case(world, name)
    with undone(browser):
        before = writes()
        answer = browser.post(url, case.data(world) | {"version": version})
        assert answer.status_code == 422
        assert changed_since(before) == {}


# Addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["head", "put", "patch", "delete", "options", "trace"])
def test_no_other_method_changes_or_breaks_anything(world: World, method: str) -> None:
    before = writes()
    for name in ROUTES:
        case = ROUTES[name][0]
        ids = {key: world.own.get(of, "harlingen") for key, of in case.ids.items()}
        for part in ("adviser", "contractor", "manager"):
            browser = world.browsers[part]
            with undone(browser):
                answer = drained(getattr(browser, method)(reverse(name, kwargs=ids)))
            assert answer.status_code < 500, f"{method} {name}"
            assert (method == "head") or answer.status_code == 405, f"{method} {name}"
    assert changed_since(before) == {}, method


_EVIL = (
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
    "javascript:alert(1)", "https:evil.example", "/\t/evil.example", "//evil.example%2f..",
    "/ok\r\nX-Evil: 1",
)  # fmt: skip


@pytest.mark.parametrize("there", _EVIL)
def test_nobody_is_sent_to_another_site(world: World, there: str) -> None:
    adviser = world.browsers["adviser"]
    visitor: Any = Client()
    told = {"login": world.cast.reader.email, "password": PASSWORD, "next": there}
    with undone(adviser):
        for answer in (
            adviser.post("/language/setlang/", {"language": "en", "next": there}),
            visitor.post("/accounts/login/", told),
            adviser.get("/accounts/login/", {"next": there}),
            adviser.post("/accounts/logout/", {"next": there}),
        ):
            assert "X-Evil" not in answer.headers
            if answer.status_code == 302:
                assert not urlparse(answer.url.replace("\\", "/")).netloc, answer.url


_QUERIES = (
    "page=-1", "page=abc", "page=" + "9" * 5000, "page=0", "sort=nothing", "sort=-", "sort=pk",
    "sort=password", "q=%00", "q=%ED%A0%80", "q=%25%5C_", "q=" + "a" * 50_000, "export=exe",
    "export=xlsx&page=-1&sort=x", "state=nothing", "op=31-02-2025", "op=0000", "step=nothing",
    "bestand=" + "9" * 30, "bestand=x", "parent=" + "9" * 30, "versie=x", "versie=%00",
    "a=x&b=%00", "bouwblok=x", "cpv=%00", "from=2&from=3", "&".join(["q=1"] * 900),
    "client=%F0%9F%98%80", "name__startswith=x", "fields=1", "bouwblok=%00&bedrag=1e309",
)  # fmt: skip


#: Pages that read their address.
_READING = frozenset(
    (
        "queue", "decide", "contracts", "contract-new", "cpv-search", "contract-contributions",
        "contract-plan", "contract-ledger", "contract-documents", "contract-journal",
        "contribution-drafts", "home", "schemes", "scheme-compare", "scheme",
        "scheme-calculator", "scheme-obligation", "scheme-template", "enterprises",
        "all-organisations", "contractor-search", "supplier-search",
    )
)  # fmt: skip


def test_a_page_that_reads_its_address_is_in_the_table() -> None:
    assert set(ROUTES) >= _READING


@pytest.mark.parametrize("query", _QUERIES, ids=lambda query: query[:30])
def test_no_query_breaks_a_page(world: World, query: str) -> None:
    for name, (case, *_more) in ROUTES.items():
        if case.get and name in _READING:
            ids = {key: world.own.get(of, "harlingen") for key, of in case.ids.items()}
            part = min(case.get, key=lambda one: (one == "visitor", one))
            browser = world.browsers[part]
            with undone(browser):
                answer = drained(browser.get(f"{reverse(name, kwargs=ids)}?{query}"))
                assert answer.status_code < 500, f"{name}?{query[:40]}"


@pytest.mark.parametrize("value", ["9" * 5000, "²", "٣", "-1"], ids=ascii)
def test_no_number_in_an_address_breaks_a_page(world: World, value: str) -> None:
    """Whatever any page reads of its address is asked of every page at once."""
    query = "&".join(f"{name}={quote(value)}" for name in sorted(_names_in_addresses()))
    for name, (case, *_more) in ROUTES.items():
        if case.get:
            ids = {key: world.own.get(of, "harlingen") for key, of in case.ids.items()}
            browser = world.browsers[min(case.get, key=lambda one: (one == "visitor", one))]
            with undone(browser):
                answer = drained(browser.get(f"{reverse(name, kwargs=ids)}?{query}"))
                assert answer.status_code < 500, name


def _names_in_addresses() -> set[str]:
    """What views read of the address, by what stands in their sources."""
    asked = re.compile(r'GET\.(?:get|getlist)\("(\w+)"')
    sources = Path(telmee.web.__path__[0]).rglob("*.py")
    names = {name for source in sources for name in asked.findall(source.read_text("utf-8"))}
    assert len(names) > 15
    return names


@pytest.mark.parametrize("language", ["xx", "../nl", "en\r\nX: 1", "é", "a" * 4000, "nl-NL-x"])
@pytest.mark.usefixtures("world")
def test_a_language_that_is_none_is_no_failure(language: str) -> None:
    browser = Client()
    browser.cookies["django_language"] = language
    with undone(browser):
        answer = browser.get("/regelingen", headers={"accept-language": language[:900]})
        assert answer.status_code == 200
        browser.post("/language/setlang/", {"language": language})


def test_a_path_that_climbs_is_no_page(world: World) -> None:
    browser = world.browsers["adviser"]
    for path in (
        "/regelingen/../../etc/passwd", "/regelingen/..%2f..%2fetc", "/regelingen/%00",
        "/regelingen/.toml", "/uitnodiging/..%2f", "/uitnodiging/%00", "/uitnodiging/%ED%A0%80",
        "/uitnodiging/" + "a" * 5000, "/bestanden/-1", "/opdrachten/1%00", "/opdrachten/+1",
        "/inspanningen/1/bewijs/..%2f1", "/regelingen/harlingen/sjabloon.xlsx/..",
    ):  # fmt: skip
        with undone(browser):
            assert browser.get(path).status_code == 404, path


# Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.pdf",
        "..\\..\\win.pdf",
        "a; filename=b.exe.pdf",
        "\u202efdp.exe.pdf",
        "<script>.pdf",
        "é😀.pdf",
        "Jansen, K. (uitkering).pdf",
    ],
)
def test_a_name_of_a_file_goes_nowhere(world: World, name: str) -> None:
    _case_of, url, browser = _case(world, "evidence-add")
    line = world.own["purchase"]
    with undone(browser):
        file = io.BytesIO(PDF + name.encode())
        file.name = name
        answer = browser.post(url, {"bestand": file, "soort": ""})
        assert answer.status_code in {302, 422}
        page = browser.get(reverse("contribution", args=[line])).content.decode()
        last = name.replace("\\", "/").rpartition("/")[2]
        assert last not in page
        assert str(escape(last)) not in page
        links = sorted(set(_links(page, line)))
        assert len(links) == 1 + (answer.status_code == 302)
        for number, found in enumerate(links, start=1):
            told = browser.get(found).headers["Content-Disposition"]
            assert told == f'attachment; filename="L-inkoop-bewijs-{number}.pdf"'


def _links(page: str, line: int) -> list[str]:
    return re.findall(rf'href="(/inspanningen/{line}/bewijs/\d+)"', page)


# Text in pages and in spreadsheets ------------------------------------------------------------


def _with_texts(world: World, text: str) -> None:
    """Write a text wherever somebody can."""
    adviser, contractor = world.browsers["adviser"], world.browsers["contractor"]
    own = world.own
    sent: tuple[tuple[Any, str, list[int], dict[str, Any]], ...] = (
        (adviser, "contract-change", [own["contract"]], {
            "name": text, "lot": text, "procurement": text, "percentage_reason": text,
            "reason": text}),
        (adviser, "book", [own["contract"]], {
            **ROUTES["book"][0].data(world), "reason": text}),
        (adviser, "decide", [own["submitted"]], {
            **ROUTES["decide"][0].data(world), "text": text}),
        (contractor, "plan-line", [own["contract"], own["plan_line"]], {
            **ROUTES["plan-line"][0].data(world), "plan_note": text}),
        (contractor, "contribution-object", [own["rejected"]], {"toelichting": text}),
        # After the objection: that may not name anybody by his code.
        (contractor, "contribution-edit", [own["draft"]], {
            **ROUTES["contribution-edit"][0].data(world),
            "kenmerk": text, "persoon": text, "note": text}),
        (world.browsers["manager"], "organisation-change", [own["organisation"]], {"name": text}),
        (adviser, "my-account", [], {"name": text, "language": "nl"}),
    )  # fmt: skip
    for browser, name, ids, data in sent:
        answer = browser.post(reverse(name, args=ids), data)
        assert answer.status_code == 302, f"{name}: {answer.status_code}"


def test_a_text_is_never_read_as_html(world: World) -> None:
    browsers = [world.browsers[part] for part in ("adviser", "contractor", "manager", "auditor")]
    seen = 0
    with undone(*browsers):
        _with_texts(world, SCRIPT)
        for name, (case, *_more) in ROUTES.items():
            ids = {key: world.own.get(of, "harlingen") for key, of in case.ids.items()}
            for browser in browsers:
                answer = drained(browser.get(reverse(name, kwargs=ids)))
                if answer.headers.get("Content-Type", "").startswith("text/html"):
                    page = answer.content.decode()
                    assert SCRIPT not in page, name
                    assert "&amp;lt;script" not in page, f"escaped twice: {name}"
                    seen += str(escape(SCRIPT)) in page
    assert seen > 40


@pytest.mark.parametrize(
    "name", ["contracts", "contract-contributions", "contract-plan", "contract-journal", "queue"]
)
def test_a_formula_is_text_in_a_file(world: World, name: str) -> None:
    case = ROUTES[name][0]
    ids = {key: world.own[of] for key, of in case.ids.items()}
    contractor, adviser = world.browsers["contractor"], world.browsers["adviser"]
    with undone(contractor, adviser, world.browsers["manager"]):
        _with_texts(world, FORMULA)
        contractor.post(reverse("contribution-submit", args=[world.own["draft"]]))
        text = adviser.get(reverse(name, kwargs=ids), {"export": "csv"}).content.decode("utf-8-sig")
        assert FORMULA in text
        cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(";")]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-c"))]
        book = adviser.get(reverse(name, kwargs=ids), {"export": "xlsx"}).content
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
        assert any(FORMULA in str(cell) for row in sheet.to_python() for cell in row)
        assert b"<f>" not in _sheet_of(book)


def _sheet_of(book: bytes) -> bytes:
    with ZipFile(io.BytesIO(book)) as folder:
        return b"".join(
            folder.read(name) for name in folder.namelist() if "worksheets/sheet" in name
        )


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    browser = world.browsers["adviser"]
    with undone(browser):
        answer = browser.post("/mijn-account", {"name": "x" * 3_000_000, "language": "nl"})
        assert answer.status_code in {400, 413}
        many = {f"f{number}": "1" for number in range(2000)}
        assert browser.post("/mijn-account", many).status_code == 400


def test_a_body_that_is_no_form_is_refused(world: World) -> None:
    browser = world.browsers["contractor"]
    url = reverse("upload-new", args=[world.own["contract"]])
    with undone(browser):
        for body, kind in (
            (b"\xff\xfe\0", "multipart/form-data; boundary=x"),
            (
                b"--x\r\nContent-Disposition: form-data; name=bestand",
                "multipart/form-data; boundary=x",
            ),
            (b"{}", "application/json"),
            (b"%", "application/x-www-form-urlencoded"),
            (CSV, "multipart/form-data"),
        ):  # fmt: skip
            answer = browser.post(url, body, content_type=kind)
            assert answer.status_code < 500, kind

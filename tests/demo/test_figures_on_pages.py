"""On every page of the example region the figures add up, and a count has as many rows."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from telmee.apps.organisations.models import User
from tests.demo.reading_pages import (
    CountedLink,
    boxes_on,
    cents_of,
    counted_links,
    sums_on,
    words,
)

pytestmark = pytest.mark.usefixtures("region")
#: Boxes and the last row of a sum that are one figure.
_SAME = ("Opgave", "Geverifieerd", "Geleverd", "Open", "Verwacht aan het eind")


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=f"{name}@telmee.example"))
    return client


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def rows_of(client: Client, url: str) -> list[dict[str, str]]:
    """The rows of a list, all pages of it, as its file holds them."""
    answer = client.get(f"{url}{'&' if '?' in url else '?'}export=csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def cents_in(row: dict[str, str], column: str) -> int:
    """The cents of an amount in a file."""
    return round(float(row[column].replace(",", ".") or 0) * 100)


def contracts_of(client: Client) -> list[str]:
    """The addresses of all contracts that somebody sees."""
    found: list[str] = []
    for number in range(1, 100):
        page = client.get(f"/opdrachten?page={number}")
        found += re.findall(r'href="(/opdrachten/\d+)"', page.content.decode())
        if number >= page.context["listing"].pages:
            return found
    raise AssertionError("more pages than anybody reads")


def check_sums(page: str, url: str) -> dict[str, int]:
    """Add up each sum of a page, and hold it against its box; gives what each comes to."""
    boxes = {label: cents_of(text) for label, text in boxes_on(page).items()}
    came_to = {}
    for found in sums_on(page):
        assert sum(found.rows.values()) == found.cents, f"{url}: {found}"
        came_to[found.label] = found.cents
        for label, cents in {**found.rows, found.label: found.cents}.items():
            if label in _SAME and label in boxes:
                assert abs(cents) == boxes[label], f"{url}: {label} of {found}"
    return came_to


@pytest.mark.parametrize("who", ["adviseur", "opdrachtnemer", "rekenkamer"])
def test_what_stands_on_a_contract_adds_up(who: str) -> None:
    client = signed_in(who)
    seen = set()
    for url in _some(contracts_of(client)):
        page = page_of(client, url)
        came_to = check_sums(page, url)
        if not came_to:
            assert f"{url}/boekingen" not in page, f"no sums for who sees the books of {url}"
            continue
        lines = rows_of(client, f"{url}/verwacht")
        assert (
            sum(cents_in(line, "Telt voor") for line in lines) == came_to["Verwacht aan het eind"]
        ), url
        seen |= {row for found in sums_on(page) for row in found.rows}
    # The region has a contract of each kind of which the figures do not simply add up.
    if who == "adviseur":
        assert seen >= {
            "Kwijtgescholden",
            "Meegenomen van een andere opdracht",
            "Overgedragen aan een andere opdracht",
            "Geleverd, nog geen besluit",
            "Afgekeurd",
            "Verlaagd door een besluit",
            "Overrealisatie, boven de opgave",
            "Beoordeeld door de opdrachtgever: de regels geven geen bedrag",
        }


def _some(urls: list[str]) -> list[str]:
    """The contracts that were written out by hand, with all that can happen, and some others."""
    numbers = {url: int(url.rpartition("/")[2]) for url in urls}
    return [url for url, number in numbers.items() if number <= 40 or number % 4 == 0]


def test_a_line_of_a_sum_leads_to_the_lines_that_it_adds_up() -> None:
    client = signed_in("adviseur")
    for url in contracts_of(client)[::12]:
        page = page_of(client, f"{url}/verwacht")
        (whole,) = sums_on(page)
        for part, label in re.findall(r'<a href="\?part=(\w+)">\s*(.*?)\s*</a>', page):
            rows = rows_of(client, f"{url}/verwacht?part={part}")
            assert sum(cents_in(row, "Telt voor") for row in rows) == whole.rows[words(label)], url


@pytest.mark.parametrize("section", ["opgave", "boekingen", "verwacht"])
def test_each_section_of_a_contract_adds_up(section: str) -> None:
    client = signed_in("adviseur")
    for url in contracts_of(client)[::6]:
        page = page_of(client, f"{url}/{section}")
        assert check_sums(page, url), f"no sum on {url}/{section}"


def test_the_plan_of_a_contract_is_the_sum_of_its_lines() -> None:
    client = signed_in("adviseur")
    for url in contracts_of(client)[::9]:
        total = boxes_on(page_of(client, f"{url}/plan")).get("Toegezegd", "€ 0,00")
        rows = rows_of(client, f"{url}/plan")
        assert sum(cents_in(row, "Toegezegd") for row in rows) == cents_of(total), url


def test_a_framework_is_the_sum_of_its_call_offs() -> None:
    client = signed_in("adviseur")
    page = page_of(client, next(url for url in contracts_of(client) if _is_framework(client, url)))
    call_offs = html.unescape(page[page.index('id="call-offs"') :])
    urls = set(re.findall(r'href="(/opdrachten/\d+)"', call_offs.split("</section>")[0]))
    assert urls
    boxes = [boxes_on(page_of(client, url)) for url in urls]
    for label in ("Opgave", "Toegezegd", "Geverifieerd", "Verwacht aan het eind"):
        parts = [cents_of(found[label]) or 0 for found in boxes]
        assert sum(parts) == cents_of(boxes_on(page)[label]), label


def _is_framework(client: Client, url: str) -> bool:
    return 'id="call-offs"' in page_of(client, url)


@pytest.mark.parametrize(
    ("who", "url"),
    [
        ("adviseur", "/?scope=mine"),
        ("adviseur", "/?scope=all"),
        ("gemeente", "/?scope=all"),
        ("opdrachtnemer", "/"),
    ],
)
def test_the_figures_of_a_home_add_up_and_are_those_of_its_contracts(who: str, url: str) -> None:
    client = signed_in(who)
    page = page_of(client, url)
    assert check_sums(page, url)
    if who == "opdrachtnemer":
        rows = rows_of(client, "/")
    else:
        mine = "&adviser=True" if "mine" in url else ""
        rows = rows_of(client, f"/opdrachten?side=decides{mine}")
        rows = [row for row in rows if row["Status"] != "Afgesloten"]
    frameworks = {
        row["Kenmerk"] for row in rows_of(signed_in("adviseur"), "/opdrachten") if _owes_twice(row)
    }
    for label in ("Opgave", "Geverifieerd", "Open"):
        cents = sum(
            cents_in(row, label)
            for row in rows
            if row.get("Kenmerk", row.get("Opdracht")) not in frameworks
        )
        assert cents == cents_of(boxes_on(page)[label]), label


def _owes_twice(row: dict[str, str]) -> bool:
    """Whether a row is of a framework, whose figures are those of its call-offs."""
    return row["Kenmerk"] == "GM-RO-WEGEN"


# Counts and their lists ------------------------------------------------------------------------

_HOMES = ("/", "/?scope=mine", "/?scope=all", "/opdrachten", "/werklijst", "/organisaties")
_OF_OPERATOR = ("/beheer/organisaties", "/beheer/taken", "/beheer/berichten", "/aanspraken")


def all_counted(client: Client, urls: tuple[str, ...]) -> Iterator[tuple[str, CountedLink]]:
    for url in urls:
        answer = client.get(url)
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            for link in counted_links(answer.content.decode()):
                yield url, link


def part_behind(client: Client, here: str, url: str) -> str:
    """The part of a page that a link on it leads to."""
    page = page_of(client, here)
    return page[page.index(f'id="{url[1:]}"') :].split("</section>")[0]


def rows_behind(client: Client, here: str, url: str) -> int:
    """Count what a link leads to: rows of a list on all its pages, or of a part of this page."""
    if url.startswith("#"):
        return part_behind(client, here, url).count("<li>")
    answer = client.get(url)
    assert answer.status_code == 200, url
    if "listing" not in (answer.context or {}):
        (table,) = re.findall(r"<tbody>(.*?)</tbody>", answer.content.decode(), re.DOTALL)
        return str(table).count("<tr>")
    pages = answer.context["listing"].pages
    join = "&" if "?" in url else "?"
    return sum(
        page_of(client, f"{url}{join}page={number}").count("<tr data-row")
        for number in range(1, pages + 1)
    )


@pytest.mark.parametrize(
    ("who", "at_least"),
    [
        ("adviseur", 15),
        ("tweede.adviseur", 5),
        ("gemeente", 5),
        ("lezer", 5),
        ("opdrachtnemer", 0),
        ("rekenkamer", 1),
        ("platform", 0),
    ],
)
def test_a_count_leads_to_as_many_rows(who: str, at_least: int) -> None:
    client = signed_in(who)
    counted = list(all_counted(client, (*_HOMES, *_OF_OPERATOR)))
    assert len(counted) >= at_least
    for here, link in counted:
        rows = rows_behind(client, here, link.url)
        if rows < link.count and link.url.startswith("#"):  # a long list says where it ends
            part = words(part_behind(client, here, link.url))
            assert f"Hier staan de eerste {rows}." in part, f"{link} on {here}"
            continue
        assert rows == link.count, f"{link} on {here}"


@pytest.mark.parametrize("who", ["adviseur", "gemeente"])
def test_what_waits_is_as_much_as_the_work_list_holds(who: str) -> None:
    client = signed_in(who)
    waits = boxes_on(page_of(client, "/?scope=all"))["Inspanningen die op u wachten"]
    assert len(rows_of(client, "/werklijst")) == int(waits) > 0

"""Rows that are copied from a sheet and pasted in a page are read as a file is."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution, Upload
from telmee.apps.contributions.uploads import read_upload
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import register

pytestmark = pytest.mark.django_db

URL = reverse("contribution-paste")
HEAD = "kenmerk\tbouwblok\tbegin\teind\turen_per_week\tcontract"
BSN = "111222333"


def row(reference: str, contract: str = "", begin: str = "1-7-2025") -> str:
    return f"{reference}\tpw_lt2\t{begin}\t31-12-2025\t24,0\t{contract}"


def text(*rows: str, head: str = HEAD) -> str:
    """What a browser sends of cells that were pasted."""
    return "\r\n".join([head, *rows, ""])


@pytest.fixture
def two(cast: Cast) -> tuple[int, int]:
    """Two contracts, of two clients."""
    return register(cast), register(cast, reference="B-2")


def paste(browser: Any, rows: str, contract: int | str = "") -> Any:
    return browser.post(URL, {"rijen": rows, "opdracht": str(contract)})


def read_all(cast: Cast) -> None:
    """Let the worker read what waits."""
    with acting_as(cast.contractor.pk):
        waiting = list(Upload.objects.values_list("pk", flat=True))
    for pk in waiting:
        read_upload(pk, cast.contractor.pk)


def drafts(cast: Cast) -> dict[str, int]:
    """On which contract each draft is, by its reference."""
    with acting_as(cast.contractor.pk):
        return dict(Contribution.objects.values_list("reference", "contract_id"))


def reference_of(cast: Cast, pk: int) -> str:
    with acting_as(cast.contractor.pk) as acting:
        return contract_for(acting, pk).contract.reference


def test_rows_of_several_contracts_are_pasted_and_handed_in_together(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    browser = browse(cast.contractor)
    one, other = (reference_of(cast, pk) for pk in two)
    rows = text(
        row("P-1", one), row("P-2", other.lower()), row("P-3", f" {one} "), row("P-4", other)
    )
    sent = paste(browser, rows)
    assert sent.status_code == 302
    assert 'id="progress"' in browser.get(sent.url).content.decode()
    read_all(cast)
    assert drafts(cast) == {"P-1": two[0], "P-3": two[0], "P-2": two[1], "P-4": two[1]}
    page = browser.get(sent.url).content.decode()
    assert "Alle 4 concepten indienen" in page
    browser.post(reverse("contribution-hand-in-all"))
    with acting_as(cast.adviser.pk):
        assert Contribution.objects.filter(state=State.SUBMITTED, contract=two[0]).count() == 2


def test_rows_that_name_no_contract_are_on_the_chosen_one(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    browser = browse(cast.contractor)
    refused = paste(browser, text(row("P-1")))
    assert refused.status_code == 422
    assert "P-1" in refused.content.decode()
    assert paste(browser, text(row("P-1")), two[1]).status_code == 302
    read_all(cast)
    assert drafts(cast) == {"P-1": two[1]}


def test_what_is_wrong_is_told_at_once_by_the_row_that_was_pasted(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    browser = browse(cast.contractor)
    one, other = (reference_of(cast, pk) for pk in two)
    rows = text(
        row("P-1", one),
        row("P-2", other, "31-6-2025"),
        row("P-3", other),
        row("P-4", one, "3/4/25x"),
    )
    sent = paste(browser, rows)
    read_all(cast)
    page = browser.get(sent.url).content.decode()
    assert set(drafts(cast)) == {"P-1", "P-3"}
    for number in (3, 5):
        assert f">{number}</td>" in page
    assert f">{2}</td>" not in page


def test_nothing_is_added_where_one_row_has_no_place(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    browser = browse(cast.contractor)
    one = reference_of(cast, two[0])
    refused = paste(browser, text(row("P-1", one), row("P-2", "X-404"), row("P-3")))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "X-404" in page
    assert ">3</td>" in page
    assert ">4</td>" in page
    with acting_as(cast.contractor.pk):
        assert not Upload.objects.exists()


def test_a_contract_of_somebody_else_is_as_one_that_does_not_exist(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    one = reference_of(cast, two[0])
    answers = [
        paste(browse(cast.competitor), text(row("P-1", name)), contract).content.decode()
        for name, contract in ((one, ""), ("X-404", ""))
    ]
    assert answers[0].replace(one, "X-404").count("X-404") == answers[1].count("X-404")
    assert paste(browse(cast.competitor), text(row("P-1")), two[0]).status_code == 422


@pytest.mark.parametrize(
    "rows",
    [
        text(row("P-1"), head=HEAD.replace("bouwblok", "kolom")),
        "P-1\tpw_lt2\t1-7-2025",
        HEAD,
        text(row('"P-1'), row('P-2"')),
        text(row("P-1").replace("\t24,0", '\t"24'), row("P-2").replace("24,0", '24"')),
    ],
)
def test_rows_that_run_into_each_other_or_have_no_headings_are_refused(
    cast: Cast, browse: Any, two: tuple[int, int], rows: str
) -> None:
    assert paste(browse(cast.contractor), rows, two[0]).status_code == 422
    with acting_as(cast.contractor.pk):
        assert not Upload.objects.exists()


def test_a_cell_with_lines_in_it_is_one_cell(cast: Cast, browse: Any, two: tuple[int, int]) -> None:
    rows = text(
        'P-1\tpw_lt2\t1-7-2025\t31-12-2025\t24\t\t"eerste regel\r\ntweede ""regel"""',
        "P-2\tpw_lt2\t1-7-2025\t31-12-2025\t24\t\tgewoon",
        head=f"{HEAD}\topmerking",
    )
    assert paste(browse(cast.contractor), rows, two[0]).status_code == 302
    read_all(cast)
    assert set(drafts(cast)) == {"P-1", "P-2"}


def test_a_bsn_in_pasted_rows_is_refused_and_not_shown_again(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    rows = text(f"P-1\tpw_lt2\t1-7-2025\t31-12-2025\t24\t\t{BSN}", head=f"{HEAD}\tpersoon")
    refused = paste(browse(cast.contractor), rows, two[0])
    assert refused.status_code == 422
    assert BSN not in refused.content.decode()
    with acting_as(cast.contractor.pk):
        assert not Upload.objects.exists()


def test_the_same_rows_twice_are_added_once(cast: Cast, browse: Any, two: tuple[int, int]) -> None:
    browser = browse(cast.contractor)
    for _time in range(2):
        assert paste(browser, text(row("P-1")), two[0]).status_code == 302
        read_all(cast)
    assert drafts(cast) == {"P-1": two[0]}


def test_what_came_of_rows_is_seen_by_who_pasted_them(
    cast: Cast, browse: Any, two: tuple[int, int]
) -> None:
    sent = paste(browse(cast.contractor), text(row("P-1")), two[0])
    assert browse(cast.contractor).get(sent.url).status_code == 200
    for user in (cast.competitor, cast.adviser):
        assert browse(user).get(sent.url).status_code == 404
    for query in ("ook=", "ook=x", "ook=99999999"):
        address = f"{sent.url.partition('?')[0]}?{query}"
        assert browse(cast.contractor).get(address).status_code == 404


def test_more_than_fits_in_a_page_is_a_file(cast: Cast, browse: Any, two: tuple[int, int]) -> None:
    answer = paste(browse(cast.contractor), text("x" * 1_000_001), two[0])
    assert answer.status_code == 422
    assert "upload" in answer.content.decode()

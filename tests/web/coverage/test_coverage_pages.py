"""Coverage in a browser: a list is handed over, what it says is answered, each figure opens."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import waive
from telmee.apps.coverage.models import Purchase, PurchaseList
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.results import money
from telmee.web.templatetags.telmee import basis_points, euros
from tests.buying import bought, line
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

_HEAD = "leveranciersnaam;kvk;bedrag;soort;datum;kenmerk\r\n"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def handed_over(browser: Any, cast: Cast, *rows: str, head: str = _HEAD) -> Any:
    content = (head + "".join(f"{row}\r\n" for row in rows)).encode()
    typed = {
        "name": "Inkopen 2025",
        "scheme": "lekstroom",
        "file": SimpleUploadedFile("x.csv", content),
        "key": str(uuid4()),
    }
    return browser.post(reverse("purchases-add", args=[cast.hilversum.pk]), typed, follow=True)


def test_a_list_is_read_and_what_cannot_be_read_is_said_with_its_row(
    cast: Cast, browse: Any
) -> None:
    adviser = browse(cast.adviser)
    done = text(
        handed_over(
            adviser,
            cast,
            "Groen & Zo;;150.000,00;diensten;1-2-2025;P-1",
            "Zonder Datum;;10,00;diensten;;",
            "Vreemd;;10,00;cadeaus;1-2-2025;",
            "Dicht;1234;10,00;Externe inhuur;1-2-2025;",
        )
    )
    assert "Er is 1 inkoop opgenomen, voor € 150.000,00" in done
    for said in ("“cadeaus” is geen soort opdracht", "datum", "Regels die zijn afgevallen"):
        assert said in done
    with acting_as(cast.adviser.pk):
        assert Purchase.objects.get().supplier == "Groen & Zo"


def test_what_is_read_otherwise_than_it_looks_is_said_and_stays_said(
    cast: Cast, browse: Any
) -> None:
    adviser = browse(cast.adviser)
    bad = [f"Fout {number};;niets;diensten;1-2-2025;" for number in range(250)]
    head = _HEAD.replace("kvk", "KvK-nummer")
    done = handed_over(adviser, cast, "Groen;30000003;10,00;diensten;1-2-2025;", *bad, head=head)
    with acting_as(cast.adviser.pk):
        kept = PurchaseList.objects.get()
        assert (kept.left_out, len(kept.refused)) == (250, 200)
    later = text(adviser.get(reverse("purchase-list", args=[kept.pk])))
    for page in (text(done), later):
        assert "250 regels konden niet worden gelezen, en tellen nergens mee." in page
        assert "dit zijn de eerste 200 fouten" in page
        assert "Goed om te weten" in page
        assert "KvK-nummer" in page  # the column that was not read


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["Vreemd;;10,00;cadeaus;1-2-2025;"], "is geen soort opdracht"),
        (["Jan 111222333;;10,00;diensten;1-2-2025;"], "BSN"),
        (["Naam\u202e;;10,00;diensten;1-2-2025;"], "tekens"),
    ],
)
def test_a_list_with_nothing_to_take_in_keeps_what_was_typed(
    cast: Cast, browse: Any, rows: list[str], said: str
) -> None:
    answer = handed_over(browse(cast.adviser), cast, *rows)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Inkopen 2025" in text(answer)
    with acting_as(cast.adviser.pk):
        assert not PurchaseList.objects.exists()


def test_a_purchase_is_answered_and_shows_who_said_what(cast: Cast, browse: Any) -> None:
    register(cast)
    (purchase,) = bought(cast.adviser, cast.hilversum)
    adviser, address = browse(cast.adviser), reverse("purchase", args=[purchase])
    page = text(adviser.get(address))
    assert "HIL-2025-001" in page
    assert "bijna zeker: hetzelfde KvK-nummer, dezelfde naam, hetzelfde bedrag" in page
    typed = {"choice": "explain", "seen": "0", "key": str(uuid4())}
    refused = adviser.post(address, typed)
    assert refused.status_code == 422
    assert "waarom u hier geen social return vraagt" in text(refused)
    typed |= {"ground": "little_labour", "reason": "Alleen licenties."}
    done = text(adviser.post(address, typed, follow=True))
    assert "Zonder, met uitleg" in done
    assert "Alleen licenties." in done
    assert "Adviser" in done
    another = {"choice": "another", "reference": "hil-2025-001", "seen": "1", "key": str(uuid4())}
    assert "Met een opgave" in text(adviser.post(address, another, follow=True))
    late = {**typed, "key": str(uuid4())}
    assert "Iemand anders gaf intussen aan" in text(adviser.post(address, late))
    unknown = {**another, "reference": "nergens", "seen": "2", "key": str(uuid4())}
    assert adviser.post(address, unknown).status_code == 422


def test_each_figure_opens_to_the_purchases_that_make_it(cast: Cast, browse: Any) -> None:
    rows = [
        line(2, supplier="Groot", kvk="", cents=300_000_00),
        line(3, supplier="Klein", kvk="", cents=3_000_00),
    ]
    bought(cast.adviser, cast.hilversum, *rows, scheme="lekstroom")
    adviser = browse(cast.adviser)
    page = adviser.get(reverse("coverage", args=[cast.hilversum.pk]))
    (year,) = page.context["years"]
    assert year["year"].room.cents == 300_000_00
    behind = adviser.get(year["urls"]["room"])
    assert [row["supplier"] for row in behind.context["listing"].shown] == ["Groot"]
    everything = adviser.get(reverse("purchases", args=[cast.hilversum.pk]))
    assert everything.context["listing"].total == 2
    file = adviser.get(f"{year['urls']['room']}&export=csv")
    assert b"Groot" in b"".join(file) if file.streaming else b"Groot" in file.content
    odd = adviser.get(reverse("purchases", args=[cast.hilversum.pk]) + "?year=x&list=9e9")
    assert odd.status_code == 200


def test_what_is_ticked_is_confirmed_and_nothing_is_ticked_beforehand(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    (purchase,) = bought(cast.adviser, cast.hilversum)
    adviser, address = browse(cast.adviser), reverse("purchase-proposals", args=[cast.hilversum.pk])
    assert "checked" not in text(adviser.get(address))
    assert "U hebt niets gekozen" in text(adviser.post(address, {}, follow=True))
    pair = {"pair": [f"{purchase}-{contract}", "x-y", "0-9"], "key": str(uuid4())}
    assert "1 inkoop staat in het register" in text(adviser.post(address, pair, follow=True))
    assert "Er wacht geen inkoop" in text(adviser.get(address))


def test_a_list_is_withdrawn_with_a_reason(cast: Cast, browse: Any) -> None:
    bought(cast.adviser, cast.hilversum)
    with acting_as(cast.adviser.pk):
        pk = PurchaseList.objects.get().pk
    adviser = browse(cast.adviser)
    assert adviser.post(reverse("purchases-withdraw", args=[pk]), {"reason": ""}).status_code == 422
    done = adviser.post(
        reverse("purchases-withdraw", args=[pk]), {"reason": "Verkeerd jaar"}, follow=True
    )
    assert "De lijst is ingetrokken" in text(done)
    assert "Verkeerd jaar" in text(adviser.get(reverse("purchase-list", args=[pk])))
    assert adviser.get(reverse("purchases-withdraw", args=[pk])).status_code == 404
    journal = text(browse(cast.manager).get(reverse("organisation", args=[cast.hilversum.pk])))
    assert "Trok een inkooplijst in" in journal


def test_the_template_has_the_columns_that_are_read(cast: Cast, browse: Any) -> None:
    answer = browse(cast.adviser).get(reverse("coverage-template"))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert sheet.to_python()[0] == _HEAD.strip().split(";")


def test_who_only_reads_sees_no_form(cast: Cast, browse: Any) -> None:
    (purchase,) = bought(cast.adviser, cast.hilversum)
    reader = browse(cast.reader)
    page = text(reader.get(reverse("purchase", args=[purchase])))
    assert "Bewaar dit antwoord" not in page
    overview = text(reader.get(reverse("coverage", args=[cast.hilversum.pk])))
    assert "Inkooplijst aanleveren" not in overview


def test_what_came_of_the_obligations_is_what_the_results_say(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    with acting_as(cast.adviser.pk) as acting:
        waive(
            contract_for(acting, contract),
            effective_on=date(2025, 3, 1),
            amount_cents=40_000_00,
            reason="Geen werk meer.",
            key=uuid4(),
        )
        sums = money([contract], [2025])[2025]
    assert sums.imposed_cents is not None
    assert sums.waived_cents == 40_000_00
    bought(cast.adviser, cast.hilversum)
    page = text(browse(cast.adviser).get(reverse("coverage", args=[cast.hilversum.pk])))
    left = sums.imposed_cents - sums.waived_cents - sums.verified_cents
    for words, said in (
        ("Opgelegd", euros(sums.imposed_cents)),
        ("Kwijtgescholden", euros(sums.waived_cents)),
        ("Geverifieerd", euros(sums.verified_cents)),
        ("Behaald", basis_points(sums.percentage_bp)),
        ("Nog niet geverifieerd", euros(left)),
    ):
        assert f'data-label="{words}">{said}<'.replace("\N{NO-BREAK SPACE}", " ") in page

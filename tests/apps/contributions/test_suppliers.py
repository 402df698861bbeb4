"""Who names the supplier of a purchase need not type the certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.suppliers import with_certificate, with_certificates
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import find_or_add_contractor, record_recognition
from telmee.apps.organisations.choices import RecognitionKind
from telmee.apps.schemes.queries import rules_of, version_named
from telmee.core.schemes.model import Scheme
from tests.apps.contributions.test_uploads import a_file, add, read
from tests.builders import contributions_of
from tests.cast import Cast
from tests.registering import register

pytestmark = pytest.mark.django_db
KVK = "40000001"
SCHEME = "handreiking-2025"
INVOICE: dict[str, Any] = {
    "bouwblok": "purchase",
    "begin": date(2025, 6, 1),
    "bedrag": 10_000_00,
    "leverancier": KVK,
}


def recognise(cast: Cast, kind: RecognitionKind, level: str = "", **days: date | None) -> None:
    with acting_as(cast.manager.pk) as acting:
        enterprise = find_or_add_contractor(acting, kvk=KVK, name="Sociaal Werk BV")
        facts: dict[str, Any] = {"valid_from": date(2025, 1, 1), "valid_until": date(2025, 12, 31)}
        record_recognition(
            acting,
            organisation_id=enterprise.pk,
            checked_by=cast.hilversum.pk,
            kind=str(kind),
            level=level,
            number="",
            source="",
            **facts | days,
        )


def rules() -> Scheme:
    return rules_of(version_named(SCHEME))


def certificate(cast: Cast, **cells: Any) -> tuple[Any, Any]:
    with acting_as(cast.contractor.pk):
        known = with_certificate(rules(), {**INVOICE, **cells})
    return known.get("certificaat"), known.get("certificaat_tot")


@pytest.mark.parametrize(
    ("kind", "level", "key"),
    [
        (RecognitionKind.PSO, "3", "pso_3"),
        (RecognitionKind.PSO, "Trede 2", "pso_2"),
        (RecognitionKind.PSO, "30+", "pso_30plus"),
        (RecognitionKind.CODE, "", "code"),
    ],
)
def test_the_certificate_follows_from_the_register(
    cast: Cast, kind: RecognitionKind, level: str, key: str
) -> None:
    recognise(cast, kind, level)
    assert certificate(cast) == (key, date(2025, 12, 31))


def test_what_counts_for_most_is_taken(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "1")
    recognise(cast, RecognitionKind.PSO, "30+")
    recognise(cast, RecognitionKind.PSO, "2")
    assert certificate(cast)[0] == "pso_30plus"


def test_of_two_that_count_the_same_the_one_without_an_end_is_taken(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    recognise(cast, RecognitionKind.PSO, "3", valid_until=None)
    assert certificate(cast) == ("pso_3", None)


@pytest.mark.parametrize(
    "cells",
    [
        {"begin": date(2024, 12, 31)},
        {"begin": date(2026, 1, 1)},
        {"begin": None},
        {"leverancier": "40000002"},
        {"leverancier": None},
    ],
)
def test_nothing_follows_from_no_recognition_of_that_day(cast: Cast, cells: Any) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    assert certificate(cast, **cells) == (None, None)


def test_a_recognition_that_the_scheme_does_not_know_gives_nothing(cast: Cast) -> None:
    recognise(cast, RecognitionKind.LOCAL)
    assert certificate(cast) == (None, None)


def test_a_scheme_that_knows_no_steps_takes_the_recognition_as_it_is(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    with acting_as(cast.contractor.pk):
        known = with_certificate(rules_of(version_named("av-regio")), {**INVOICE, "bouwblok": None})
    assert known["certificaat"] == "pso"


def test_what_was_typed_stays(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    assert certificate(cast, certificaat="code") == ("code", None)


def test_the_lines_of_a_file_get_the_same(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    rows = [
        INVOICE,
        {**INVOICE, "certificaat": "code"},
        {**INVOICE, "begin": date(2026, 1, 1)},
        {**INVOICE, "leverancier": None},
    ]
    lines = contributions_of([{**row, "kenmerk": str(n)} for n, row in enumerate(rows)])
    with acting_as(cast.contractor.pk):
        known = with_certificates(rules(), lines)
        assert with_certificates(rules(), replace(lines, supplier=known.certificate)) is not None
    assert [known.certificate[n] for n in range(4)] == ["pso_3", "code", None, None]


def test_a_file_that_names_suppliers_needs_no_certificates(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    contract = register(cast, scheme=SCHEME, start=date(2025, 11, 1))
    head = "kenmerk;bouwblok;begin;bedrag;leverancier\n"
    content = a_file(
        f"F-1;purchase;1-12-2025;10.000;{KVK}\n",
        "F-2;purchase;1-12-2025;10.000;40000002\n",
        head=head,
    )
    read(cast, add(cast, contract, content))
    with acting_as(cast.contractor.pk):
        drafts = Contribution.objects.order_by("reference")
        assert [(d.reference, d.supplier, d.certificate, d.value_cents) for d in drafts] == [
            ("F-1", KVK, "pso_3", 5_000_00)
        ]


def test_a_draft_keeps_its_supplier_and_what_followed(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    contract = register(cast, scheme=SCHEME, start=date(2025, 11, 1))
    bought = {**INVOICE, "begin": date(2025, 12, 1), "kenmerk": "F-1"}
    with acting_as(cast.contractor.pk) as acting:
        line = save_draft(contract_for(acting, contract), bought)
    assert (line.supplier, line.certificate) == (KVK, "pso_3")
    assert line.value_cents == 5_000_00


def test_the_same_form_sent_twice_adds_one_draft(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    contract, key = register(cast, scheme=SCHEME, start=date(2025, 11, 1)), uuid4()
    bought = {**INVOICE, "begin": date(2025, 12, 1), "kenmerk": "F-1"}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        first, again = (save_draft(access, bought, key=key) for _ in range(2))
    assert first == again


def test_the_certificate_goes_with_the_supplier_that_it_followed_from(cast: Cast) -> None:
    recognise(cast, RecognitionKind.PSO, "3")
    contract = register(cast, scheme=SCHEME, start=date(2025, 11, 1))
    bought = {**INVOICE, "begin": date(2025, 12, 1), "kenmerk": "F-1"}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        line = save_draft(access, bought)
        shown = cells_of(line) | {"leverancier": "40000002"}
        changed = save_draft(access, shown, line=line, version=line.version)
        assert (changed.supplier, changed.certificate, changed.value_cents) == (
            "40000002",
            "",
            None,
        )
        kept = cells_of(save_draft(access, bought, line=changed, version=changed.version))
        typed = kept | {"leverancier": "40000002", "certificaat": "code"}
        own = save_draft(access, typed, line=changed, version=changed.version + 1)
    assert own.certificate == "code"


def test_a_certificate_that_was_typed_stays_when_a_supplier_is_named(cast: Cast) -> None:
    contract = register(cast, scheme=SCHEME, start=date(2025, 11, 1))
    typed = {**INVOICE, "kenmerk": "F-1", "leverancier": None, "certificaat": "code"}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        line = save_draft(access, typed)
        shown = cells_of(line) | {"leverancier": "40000002"}
        named = save_draft(access, shown, line=line, version=line.version)
    assert (named.supplier, named.certificate) == ("40000002", "code")


def test_the_form_takes_a_supplier_from_the_list_and_no_certificate(
    cast: Cast, browse: Any
) -> None:
    recognise(cast, RecognitionKind.PSO, "3", valid_until=date.max.replace(year=2099))
    contract = register(cast, scheme=SCHEME, start=date(2025, 11, 1))
    client = browse(cast.contractor)
    offered = client.get(reverse("supplier-search"), {"leverancier": "sociaal"}).content.decode()
    assert f'value="{KVK} Sociaal Werk BV"' in offered
    typed = {
        "bouwblok": "purchase",
        "begin": "1-12-2025",
        "bedrag": "10.000",
        "leverancier": f"{KVK} Sociaal Werk BV",
        "kenmerk": "F-1",
        "note": "",
        "doen": "indienen",
    }
    answer = client.post(reverse("contribution-new", args=[contract]), typed)
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert f"{KVK} Sociaal Werk BV" in page
    assert "5.000,00" in page
    unknown = client.post(
        reverse("contribution-new", args=[contract]),
        typed | {"leverancier": "40000077", "kenmerk": "F-2"},
    )
    assert (unknown.status_code, list(unknown.context["form"].errors)) == (422, ["certificaat"])

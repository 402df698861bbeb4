"""A client's own template makes a report in Word too, and is tried before it is kept."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import translation

from telmee.apps.audit.models import Event
from telmee.apps.letters.models import Template
from telmee.apps.letters.templates import choose_template
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import Measure, ReportKind
from telmee.apps.reports.freezing import report_for
from telmee.apps.reports.goals import set_goal
from telmee.core.errors import DomainError
from telmee.integrations.signatures import public_key_of, seal_faults
from telmee.texts.letters import described, example_fields
from telmee.web.reports.fields import fields_of
from tests.apps.agreements.planning import planned
from tests.buying import bought, line
from tests.cast import Cast
from tests.integrations.word_templates.making import template, words_of
from tests.money import accepted
from tests.publishing import published
from tests.registering import hand_in, register


def _chosen(cast: Cast, content: bytes, kind: str = "council") -> None:
    with acting_as(cast.manager.pk) as acting:
        choose_template(acting, cast.hilversum.pk, kind, content)


def _report(cast: Cast) -> int:
    contract = register(cast)
    for number in range(6):
        accepted(cast, hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}"))
    return published(cast.adviser, cast.hilversum, ReportKind.COUNCIL)


def test_a_report_is_made_in_the_template_of_its_client_too(cast: Cast, browse: Any) -> None:
    rows = "{% for rij in doelgroepen %}{{ rij.naam }} {{ rij.personen }}{% endfor %}"
    _chosen(cast, template("{{ titel }} van {{ afzender }}: {{ opgelegd }}", rows))
    report = _report(cast)
    file = browse(cast.adviser).get(f"/verslagen/{report}/bestand?soort=docx").content
    words = words_of(file)
    assert "Raadsbrief over 2025 van Gemeente Hilversum: €\u00a0100.000,00" in words
    assert " 6" in words
    assert seal_faults(file, [public_key_of(settings.SECRET_KEY)]) == []


def test_a_report_fills_every_field_that_is_listed_and_no_other(cast: Cast) -> None:
    report = _report(cast)
    with acting_as(cast.adviser.pk) as acting, translation.override("nl"):
        row = report_for(acting, report)
        fields = fields_of(row, json.loads(row.document))
    example = example_fields()
    assert fields.keys() == example.keys()
    for name, rows in example.items():
        if isinstance(rows, list):
            assert all(row.keys() == rows[0].keys() for row in fields[name]), name
        else:
            assert isinstance(fields[name], str), name
    assert len(described(example, "nl")) == len(example)


def test_its_goals_are_also_those_of_the_years_to_come(cast: Cast) -> None:
    with acting_as(cast.adviser.pk) as acting:
        for year, amount in ((2025, 26), (2027, 50)):
            facts: dict[str, Any] = {"source": "Raadsbesluit", "key": uuid4()}
            set_goal(
                acting, cast.hilversum.pk, measure=Measure.PLACES, year=year, amount=amount, **facts
            )
    report = _report(cast)
    with acting_as(cast.adviser.pk) as acting, translation.override("nl"):
        row = report_for(acting, report)
        goals = fields_of(row, json.loads(row.document))["doelen"]
    said = [(one["jaar"], one["doel"], one["bereikt"]) for one in goals]
    assert said == [("2025", "26", "6"), ("2027", "50", "\N{EN DASH}")]


def test_it_has_what_was_bought_promised_and_published_before(
    own_database: str, cast: Cast, as_owner: Any
) -> None:
    assert own_database
    lives_in = "UPDATE organisations_organisation SET municipality_id = 'GM0599' WHERE id = %s"
    as_owner(lives_in, cast.hilversum.pk)
    bought(cast.adviser, cast.hilversum, line(2, cents=3_000_000_00), scheme="lekstroom")
    planned(cast, register(cast), begin=date(2026, 1, 5), eind=date(2026, 8, 31))
    report = published(cast.adviser, cast.hilversum, ReportKind.COUNCIL)
    with acting_as(cast.adviser.pk) as acting, translation.override("nl"):
        row = report_for(acting, report)
        fields = fields_of(row, json.loads(row.document))
    (year,) = [one for one in fields["dekking"] if one["jaar"] == "2025"]
    assert year["ingekocht"] == "€\u00a03.000.000,00 (1 inkoop)"
    assert year["met_opgave"] == "€\u00a00,00 (0 inkopen)"
    assert year["zonder_opgave"] == "€\u00a03.000.000,00 (1 inkoop)"
    assert year["benut"] == "0%"
    assert [one["jaar"] for one in fields["vooruit"]] == ["2026"]
    assert fields["effecten"][0].keys() == {"beleidsveld", "effect", "bron"}
    assert {one["jaar"] for one in fields["gepubliceerd"]} >= {"2018", "2022"}
    example = example_fields()
    for name in ("vooruit", "dekking", "effecten", "gepubliceerd"):
        assert fields[name][0].keys() == example[name][0].keys(), name


def test_it_has_what_its_region_published_and_wants_to_come_to(
    own_database: str, cast: Cast, as_owner: Any
) -> None:
    assert own_database
    lives_in = "UPDATE organisations_organisation SET municipality_id = 'GM0402' WHERE id = %s"
    as_owner(lives_in, cast.hilversum.pk)
    report = _report(cast)
    with acting_as(cast.adviser.pk) as acting, translation.override("nl"):
        row = report_for(acting, report)
        fields = fields_of(row, json.loads(row.document))
    (year,) = [one for one in fields["gepubliceerd"] if one["jaar"].startswith("2024")]
    assert year["inkoop"] == "€\u00a0576.000,00"
    assert year["bereikt"] == "31 (doel 26)"
    assert "2028" in " ".join(one["tekst"] for one in fields["paden"])
    assert fields["paden"][0].keys() == example_fields()["paden"][0].keys()


def test_an_unknown_field_is_named_before_a_report_is_made(cast: Cast) -> None:
    wrong = "{{ burgernummer }}{% for rij in doelgroepen %}{{ rij.naam }}{{ rij.bsn }}{% endfor %}"
    with pytest.raises(DomainError) as error:
        _chosen(cast, template(wrong))
    (problem,) = error.value.problems
    assert problem.params["fields"] == "burgernummer, rij.bsn"


def test_a_kind_that_no_client_publishes_has_no_template(cast: Cast) -> None:
    with pytest.raises(DomainError) as error:
        _chosen(cast, template("{{ titel }}"), "statement")
    assert error.value.problems[0].code == "not_allowed"


def test_a_template_that_fails_on_a_report_keeps_no_paper(cast: Cast, browse: Any) -> None:
    with acting_as(cast.manager.pk) as acting:
        Template.objects.create(
            organisation_id=cast.hilversum.pk, kind="council", content=template("{{ weg }}"),
            user_id=acting.user_id,
        )  # fmt: skip
    report, browser = _report(cast), browse(cast.adviser)
    assert browser.get(f"/verslagen/{report}/bestand?soort=pdf").status_code == 200
    assert browser.get(f"/verslagen/{report}/bestand?soort=docx").status_code == 404
    with acting_as(cast.adviser.pk):
        event = Event.objects.get(verb="report.template_failed")
    assert event.details == {"report": 1, "problem": "template_unknown_fields"}

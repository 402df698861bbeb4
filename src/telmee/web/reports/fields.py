"""A report in the fields of a client's own template: what its pages say, by names in Dutch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from telmee.apps.reports.choices import Measure, ReportKind
from telmee.apps.reports.figure_words import By
from telmee.integrations.signatures import mark_of
from telmee.web.reports.report_words import (
    ahead_of,
    changes_of,
    complete_until,
    corrections_of,
    counted_of,
    coverage_of,
    divisions_of,
    effects_of,
    effects_source,
    figure_text,
    moment_of,
    published_of,
    source_of,
    years_of,
)
from telmee.web.reports.tables import bought, would_owe
from telmee.web.templatetags.telmee import day, euros, moment

if TYPE_CHECKING:
    from telmee.apps.reports.models import Report

#: The figures of a row or of a year, each by the name of its field.
_FIGURES = {
    "opgelegd": "imposed_cents",
    "toegezegd": "promised_cents",
    "geleverd": "delivered_cents",
    "geverifieerd": "verified_cents",
    "inkoop": "purchase_cents",
    "personen": "people",
    "plaatsen": "places",
}
_OF_A_YEAR = {
    **_FIGURES,
    "percentage": "percentage_bp",
    "opdrachten": "contracts",
    "opdrachtsom": "value_cents",
}
_COVERED = {
    "ingekocht": "above",
    "met_opgave": "covered",
    "uitgelegd": "explained",
    "zonder_opgave": "room",
    "onzeker": "unsure",
}
_LISTS: Mapping[str, By] = {
    "inzet": By.KIND,
    "doelgroepen": By.TARGET_GROUP,
    "beleidsvelden": By.FIELD,
    "elementen": By.ELEMENT,
    "soorten": By.CATEGORY,
    "sectoren": By.DIVISION,
    "opdrachtgevers": By.CLIENT,
}


def fields_of(report: Report, document: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says, for `telmee.texts.letters.reports`, in the language of this moment."""
    kind = str(ReportKind(document["kind"]).label)
    year = document["years"][-1]
    divisions = {one["by"]: one["rows"] for one in divisions_of(document, report.pk)}
    return {
        "titel": _("%(kind)s on %(year)s") % {"kind": kind, "year": document["year"]},
        "soort": kind,
        "jaar": str(document["year"]),
        "nummer": str(report.number),
        "datum": day(report.frozen_at),
        "afzender": document["organisation"]["name"],
        "stand": moment(moment_of(document)),
        "volledig_tot": day(complete_until(document)),
        "wachtend": str(document["waiting_lines"]),
        **_figures(year, _OF_A_YEAR),
        "controlegetal": report.sha256,
        "sleutel": mark_of(report.public_key),
        "jaren": list(_years(document)),
        "doelen": list(_goals(document)),
        **{name: [_row(row) for row in divisions.get(by, ())] for name, by in _LISTS.items()},
        "correcties": list(_corrections(document)),
        "veranderd": [
            {
                "naam": row["label"],
                "jaar": str(row["year"]),
                "was": figure_text(row["figure"], row["before_cents"]),
                "nu": figure_text(row["figure"], row["now_cents"]),
            }
            for row in changes_of(document)
        ],
        "vooruit": [
            {"jaar": str(row["year"]), "toegezegd": euros(row["promised_cents"])}
            for row in ahead_of(document)
        ],
        "dekking": list(_coverage(document)),
        "effecten": [
            {"beleidsveld": field, "effect": effect, "bron": effects_source(document)}
            for field, effect in effects_of(document)
        ],
        "gepubliceerd": list(_published(document)),
        "paden": [
            {"tekst": aim, "bron": source_of(series)}
            for series in published_of(document)
            for aim in series["aims"]
        ],
        "telwijze": [
            {"naam": row["label"], "uitleg": row["counted"]} for row in counted_of(document)
        ],
    }


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    return {"naam": row["label"], **_figures(row, _FIGURES)}


def _figures(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {name: figure_text(key, row[key]) for name, key in names.items()}


def _years(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    shown = set(years_of(document))
    for row in document["years"]:
        if row["year"] in shown:
            yield {"naam": str(row["year"]), **_figures(row, _OF_A_YEAR)}


def _goals(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for row in (*document["years"], *ahead_of(document)):
        for key, (amount, source) in row["goals"].items():
            yield {
                "naam": str(Measure(key).label),
                "jaar": str(row["year"]),
                "doel": figure_text(key, amount),
                "bereikt": figure_text(key, row.get(key)),
                "bron": source,
            }


def _coverage(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for year in coverage_of(document) or ():
        yield {
            "jaar": str(year["year"]),
            **{name: bought(*year[part]).on_paper for name, part in _COVERED.items()},
            "benut": figure_text("used_bp", year["used_bp"]),
            "zou_opgelegd": would_owe(year).on_paper,
        }


def _published(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for series in published_of(document):
        for row in series["rows"]:
            yield {
                "jaar": row["name"],
                "gerealiseerd": row["realised"],
                "doel": row["target"],
                "behaald": row["achieved"],
                "gevraagd": row["asked"],
                "bereikt": row["places"],
                "opdrachtsom": row["value"],
                "inkoop": row["spent"],
                "bron": source_of(series),
            }


def _corrections(document: Mapping[str, object]) -> Iterator[dict[str, str]]:
    for row in corrections_of(document):
        yield {
            "naam": row["label"],
            "jaar": str(row["year"]),
            "was": figure_text(row["figure"], row["before_cents"]),
            "nu": figure_text(row["figure"], row["now_cents"]),
            "hersteld": figure_text(row["figure"], row["corrected_cents"]),
            "later": figure_text(row["figure"], row["later_cents"]),
            "reden": row["why"],
        }

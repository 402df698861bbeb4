"""A day stands on one line in a page, and is nothing but its words in a mail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, override

from telmee.core.errors import Problem
from telmee.web.language import in_words
from telmee.web.templatetags.telmee import euros, problems
from tests.cast import Cast

_EXAMPLE = 'Bijvoorbeeld <span class="unbroken">1-3-2026</span>.'
_DAY, _MOMENT = date(2026, 11, 21), datetime(2026, 11, 21, 8, 5, tzinfo=UTC)


def written(template: str) -> str:
    with override("nl"):
        context = Context({"day": _DAY, "moment": _MOMENT, "none": None, "who": "<b>"})
        return Template("{% load i18n telmee %}" + template).render(context)


@pytest.mark.parametrize(
    ("template", "words"),
    [("{{ day|day }}", "21-11-2026"), ("{{ moment|moment }}", "21-11-2026 09:05")],
)
def test_a_day_in_a_page_is_kept_on_one_line_and_in_a_mail_has_no_marks(
    template: str, words: str
) -> None:
    assert written(template) == f'<span class="unbroken">{words}</span>'
    assert written("{% autoescape off %}" + template + "{% endautoescape %}") == words


def test_a_day_within_a_sentence_keeps_its_marks_and_the_rest_is_escaped() -> None:
    start, end = "{% blocktranslate with when=day|day %}", "{% endblocktranslate %}"
    assert (
        written(start + "{{ who }}: {{ when }}" + end)
        == '&lt;b&gt;: <span class="unbroken">21-11-2026</span>'
    )


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("01-03-2025 & later", '<span class="unbroken">01-03-2025</span> &amp; later'),
        ("26-001", "26-001"),
        ("Bijvoorbeeld 1-3-2026.", _EXAMPLE),
        (gettext_lazy("For example 1-3-2026."), _EXAMPLE),
        ("123-3-2026", "123-3-2026"),
        ("1-3-20261", "1-3-20261"),
        ("<b>", "&lt;b&gt;"),
        (SafeString("<i>01-03-2025</i>"), "<i>01-03-2025</i>"),
        (None, "None"),
        (7, "7"),
    ],
)
def test_the_days_of_any_text_are_kept_and_markup_is_left_alone(text: object, markup: str) -> None:
    with override("nl"):
        context = Context({"text": text})
        assert Template("{% load telmee %}{{ text|unbroken }}").render(context) == markup


def test_no_day_is_a_dash() -> None:
    assert written("{{ none|day }}{{ none|moment }}") == "\N{EN DASH}" * 2


@pytest.mark.parametrize("amount", [0, -1, 1_234_56, 100_000_00])
def test_what_is_wrong_breaks_no_amount_off_from_its_sign(amount: int) -> None:
    problem = Problem("waived_too_much", params={"open_cents": amount})
    with override("nl"):
        assert euros(amount) in in_words(problem)
        assert "€ " not in in_words(problem)


def test_what_is_wrong_keeps_its_days_on_a_page() -> None:
    problem = Problem("amendment_after_end", "vanaf", params={"day": date(2026, 11, 21)})
    with override("nl"):
        page = render_to_string("components/problems.html", problems(problem))
    assert '<span class="unbroken">21-11-2026</span>' in page


def test_the_hint_of_a_field_keeps_its_days(browse: Any, cast: Cast) -> None:
    page = browse(cast.adviser).get(reverse("contract-new")).content.decode()
    assert _EXAMPLE in page


def test_what_is_wrong_in_a_form_keeps_its_days_above_it_and_at_the_field() -> None:
    class Form(forms.Form):
        day = forms.CharField()

    form = Form({"day": "x"})
    form.add_error("day", "Kies een dag na 21-11-2026.")
    kept = 'na <span class="unbroken">21-11-2026</span>.'
    assert kept in render_to_string("forms/summary.html", {"form": form})
    assert kept in render_to_string("forms/notes.html", {"field": form["day"]})

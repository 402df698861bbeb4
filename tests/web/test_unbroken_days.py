"""A day stands on one line in a page, and is nothing but its words in a mail."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override

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


def test_no_day_is_a_dash() -> None:
    assert written("{{ none|day }}{{ none|moment }}") == "\N{EN DASH}" * 2

"""Figures, statuses and the parts of a page, for templates: `{% load telmee %}`.

Amounts and dates are written by telmee.texts, so that a screen, an export and the command line
never write the same figure in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from html import escape
from typing import Any

import ua_parser
from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from telmee import texts
from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Step, Text
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import ENGINE_VERSION
from telmee.web import charts
from telmee.web.addresses import asked_in
from telmee.web.language import active, in_two
from telmee.web.rule_words import rule_in_words, version_in_words

register = template.Library()

#: A day as Dutch writes it; a browser breaks it at its hyphens.
_DAYS = re.compile(r"(\b[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}\b)")
#: What django.contrib.messages calls a level, and how an alert looks.
_ALERT_KINDS = {"success": "ok", "warning": "warning", "error": "error"}
_STATUS_KINDS = frozenset({"info", "positive", "warning", "negative"})
_NOTHING = "\N{EN DASH}"


@register.filter
def euros(cents: int | str | None) -> str:
    """Write cents as euros that stay on one line; nothing is a dash, not zero."""
    if cents in {None, ""}:  # a template gives "" for what is not there
        return _NOTHING
    return texts.with_amounts_whole(texts.euros(int(cents or 0), active()))


@register.filter
def browser(user_agent: str) -> str:
    """The browser and the system of a device, of what its browser calls itself."""
    device = ua_parser.parse(user_agent)
    name = device.user_agent.family if device.user_agent else _("Unknown browser")
    return f"{name}, {device.os.family}" if device.os else name


@register.filter
def after_today(cents: int) -> SafeString:
    """What of an amount above it is for days after today; nothing where there is none."""
    if not cents:
        return SafeString("")
    text = _("%(amount)s after today") % {"amount": euros(cents)}
    return format_html('<span class="after-today quiet small">{}</span>', text)


@register.filter
def more_by_decisions(verified_cents: int, delivered_cents: int) -> str:
    """Why more is verified than was delivered; nothing where it is not more.

    A decision raised a line, or gave one an amount for which the rules have none.
    """
    if verified_cents <= delivered_cents:
        return ""
    text = _("%(amount)s more than delivered, by decisions")
    return text % {"amount": euros(verified_cents - delivered_cents)}


def day(value: date | str | None) -> str:
    """Write a date, also as a notice keeps it; of a moment, the date it had in the Netherlands."""
    if not value:
        return _NOTHING
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = timezone.localdate(value)
    return texts.day(value, active())


def moment(value: datetime | None) -> str:
    """Write a date with its time of day in the Netherlands."""
    if not value:
        return _NOTHING
    return f"{day(value)} {timezone.localtime(value):%H:%M}"


@register.filter("day", needs_autoescape=True)
def day_on_a_line(value: date | str | None, *, autoescape: bool = True) -> str:
    """A date in a page, which a narrow screen would break at its hyphens."""
    return _on_a_line(day(value), autoescape=autoescape)


@register.filter("moment", needs_autoescape=True)
def moment_on_a_line(value: datetime | None, *, autoescape: bool = True) -> str:
    """A date with its time of day in a page, where neither breaks."""
    return _on_a_line(moment(value), autoescape=autoescape)


@register.filter
def unbroken(text: object) -> object:
    """A text in which each day stays on one line; markup of ours has its days in it already."""
    if isinstance(text, Promise):  # words that wait for the language of the page
        text = str(text)
    if not isinstance(text, str) or isinstance(text, SafeString):
        return text
    # A day has nothing to escape, and escaping makes no day: so both are done at once.
    return SafeString(_DAYS.sub(r'<span class="unbroken">\1</span>', escape(text)))


def _on_a_line(written: str, *, autoescape: bool) -> str:
    """What stands together in a page; a mail, where nothing is escaped, has no such thing."""
    if not autoescape or written == _NOTHING:
        return written
    return SafeString(f'<span class="unbroken">{written}</span>')


@register.filter
def hundredths(value: int | None) -> str:
    """Write hundredths, such as hours, as a number with its decimals: 3650 is 36,5."""
    return _NOTHING if value is None else texts.number(Fraction(value, 100), active())


@register.filter
def grouped(count: int) -> str:
    """Write how many there are, in groups of three figures: 3000 is 3.000."""
    return texts.count(count, active())


@register.filter
def basis_points(value: int | None) -> str:
    """Write basis points as a percentage: 525 is 5,25%."""
    return _NOTHING if value is None else texts.percentage(Fraction(value, 100), active())


@register.filter
def alert_kind(level: str) -> str:
    """The look of an alert for a level of django.contrib.messages."""
    return _ALERT_KINDS.get(level, "info")


@register.filter
def address(request: HttpRequest) -> str:
    """The address of this page with its query, to come back to."""
    query = asked_in(request).urlencode()
    return f"{request.path}?{query}" if query else request.path


@register.simple_tag
def status(word: str, kind: str = "") -> SafeString:
    """Show a status: always the word; `kind` is info, positive, warning, negative or nothing."""
    extra = f" status--{kind}" if kind in _STATUS_KINDS else ""
    badge = f'<span class="nl-data-badge status{extra}">{conditional_escape(word)}</span>'
    return SafeString(badge)  # a list has a hundred of them, which `format_html` writes slowly


@register.simple_tag
def short_rows(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """Write the rows of a short list; a home has hundreds, and a template takes ten times as long.

    Each has a `label`, its `url` and a `note`, as far as there are, and beside these what makes it
    `late`, its `day`, or where to invite (`invite_url`).
    """
    return SafeString("".join(map(_short_row, rows)))


def _short_row(row: Mapping[str, Any]) -> str:
    label, url, note = conditional_escape(row["label"]), row.get("url"), row.get("note")
    name = f'<a href="{conditional_escape(url)}">{label}</a>' if url else label
    below = f'<br><span class="quiet small">{conditional_escape(note)}</span>' if note else ""
    beside = ""
    if late := row.get("late"):
        beside = status(late, "warning")
    elif on := row.get("day"):
        beside = f'<span class="amount">{day_on_a_line(on)}</span>'
    elif invite := row.get("invite_url"):
        words = f'{_("Invite")}<span class="visually-hidden"> {label}</span>'
        beside = f'<a href="{conditional_escape(invite)}">{words}</a>'
    return f"<li><span>{name}{below}</span>{beside}</li>"


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", *, urgent: bool = False) -> str:
    """Frame a message: info, ok, warning or error; `urgent` is read out at once."""
    return render_to_string(
        "components/alert.html",
        {"content": mark_safe(content), "kind": kind, "title": title, "urgent": urgent},  # noqa: S308 - rendered by the template
    )


@register.simple_block_tag
def part(content: str) -> str:
    """Name a part of a page (`as`), so that what stands there more than once is made once."""
    return content


@register.simple_block_tag
def table_region(content: str, label: str) -> SafeString:
    """Let a wide table scroll by itself, also by keyboard; `label` says what it holds."""
    return format_html(
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">{}</div>',
        label,
        mark_safe(content),  # noqa: S308 - rendered by the template
    )


@register.inclusion_tag("components/problems.html")
def problems(
    faults: DomainError | Problem | Iterable[Problem], kind: str = "error"
) -> dict[str, object]:
    """What is wrong, the remedy and the code, for each problem."""
    if isinstance(faults, DomainError):
        faults = faults.problems
    listed = (faults,) if isinstance(faults, Problem) else faults
    return {"problems": [_worded(problem) for problem in listed], "kind": kind}


def _worded(problem: Problem) -> Mapping[str, str]:
    text, remedy = in_two(problem)
    return {"text": text, "remedy": remedy, "code": problem.code}


@register.inclusion_tag("components/figures.html")
def figures(entries: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Show amounts beside each other: label, cents or text, note, url, strong."""
    return {"figures": entries}


@register.inclusion_tag("components/sums.html")
def sums(entries: Iterable[Any]) -> dict[str, object]:
    """Show how figures come about: sums of telmee.web.contracts.sums, beside each other."""
    return {"sums": list(entries)}


@register.inclusion_tag("components/terms.html")
def terms(entries: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """Show a list of terms: label, value, url."""
    return {"terms": entries}


@register.inclusion_tag("components/tabs.html")
def tabs(entries: Iterable[Mapping[str, object]], name: str) -> dict[str, object]:
    """Show the sections of one object: label, url, current, count; `name` says of what."""
    return {"tabs": entries, "name": name}


@register.inclusion_tag("components/explanation.html")
def explanation(steps: Iterable[Step], scheme: Scheme) -> dict[str, object]:
    """The story of a figure from its steps; what was assumed is said once."""
    said: set[Text] = set()
    words = []
    for step in steps:
        reasons = [reason for reason in step.assumed if reason not in said]
        said.update(reasons)
        words.append(_step_in_words(step, scheme, reasons))
    return {"steps": words}


def _step_in_words(step: Step, scheme: Scheme, reasons: Iterable[Text]) -> dict[str, object]:
    """One step; an amount stands beside it only where the sentence does not say it."""
    text, value = texts.step_text(step, active()), texts.shown(step.value, step.unit, active())
    return {
        "text": texts.with_amounts_whole(text),
        "value": value if step.unit == "cents" and value not in text else "",
        "rule": rule_in_words(step.rule, scheme),
        "assumed": [reason.in_language(active()) for reason in reasons],
    }


@register.inclusion_tag("components/sum.html")
def sum_in_lines(lines: Iterable[texts.SumLine]) -> dict[str, object]:
    """Show the sum of a value: each factor stays on one line, the sum breaks between them."""
    return {"lines": lines}


@register.filter
def version_word(version: str) -> str:
    """Write a version of a scheme: the day from which it holds, or that the source names none."""
    return version_in_words(version)


@register.simple_tag
def chart(drawing: charts.Chart) -> SafeString:
    """Draw a chart with its table."""
    return charts.draw(drawing)


@register.simple_tag
def version() -> int:
    """The version of the calculation engine, as receipts name it."""
    return ENGINE_VERSION

"""Forms in the look of NL Design System, and fields that read as a contribution file is read.

What people type in a field goes through the same functions as a cell of their spreadsheet
(`telmee.core.tables.cells`): what can be read in two ways is refused, never guessed, and
the same mistake gets the same words. What was typed stays in the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import django.forms
from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict

from telmee.core.bsn import find_bsn, passing_numbers
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import EMAIL, REASON, URL, can_be_read
from telmee.core.periods import NO_DAY, date_of
from telmee.core.tables.cells import parse_date, parse_number
from telmee.core.tables.columns import NOTHING, Column
from telmee.core.tables.contribution_columns import AMOUNT, BEGIN, CONTRIBUTION, COUNT, HOURS
from telmee.web.language import Words, in_words

_TEMPLATES = Path(__file__).parent / "templates"
_TEXTBOX = "utrecht-textbox utrecht-textbox--html-input"
#: The class of a widget, by the template that draws it; what is not here has a template of ours.
_CLASSES = {
    "select": "utrecht-select utrecht-select--html-select",
    "checkbox": "utrecht-checkbox utrecht-checkbox--html-input",
} | dict.fromkeys(
    (
        "date",
        "email",
        "number",
        "password",
        "reference",
        "search",
        "tel",
        "text",
        "textarea",
        "url",
    ),
    _TEXTBOX,
)

_Field = TypeVar("_Field", bound=forms.Field)
#: A problem's column is the name of its field.
_AS_COLUMNS: Mapping[str, str] = {}


class NLRenderer(DjangoTemplates):
    """Draw every form, also those of libraries, with our templates and classes."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    @cached_property
    def engine(self) -> Any:
        """Look in our folder first, then in Django's; the widgets are Django's own."""
        built_in = Path(django.forms.__file__).parent / "templates"
        return self.backend(
            {
                "APP_DIRS": False,
                "DIRS": [_TEMPLATES, built_in],
                "NAME": "forms",
                "OPTIONS": {"libraries": {"telmee": "telmee.web.templatetags.telmee"}},
            }
        )

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Render a form, a field, or a widget with the class of its kind."""
        if "widget" in context:
            _dress(context["widget"], Path(template_name).stem)
        return str(super().render(template_name, context, request))


def _dress(widget: dict[str, Any], kind: str) -> None:
    """A widget gets the class of its kind, and only attributes that help."""
    attributes = widget["attrs"]
    attributes.pop("placeholder", None)  # it goes when somebody types; label and help stay
    if css_class := _CLASSES.get(kind):
        attributes["class"] = f"{css_class} {attributes.get('class', '')}".strip()


def as_validation_error(problem: Problem) -> ValidationError:
    """A problem as the error of a field: what is wrong, then what to do."""
    return ValidationError(in_words(problem), code=problem.code)


def add_problems(
    form: forms.BaseForm, error: DomainError, fields: Mapping[str, str] = _AS_COLUMNS
) -> None:
    """Put the problems of an action beside the fields they are about.

    `fields` maps a problem's column to a field of the form, where that has another name; what is
    about no field stands above the form.
    """
    for problem in error.problems:
        field = fields.get(problem.column or "", problem.column)
        form.add_error(field if field in form.fields else None, as_validation_error(problem))


def understood(form: forms.Form) -> list[tuple[str, str]]:
    """How what was typed is read, with the label of its field, where it was written differently."""
    if not form.is_bound:
        return []
    readings = []
    for bound in form:
        field, typed = bound.field, bound.data
        if isinstance(field, _ParsedField) and isinstance(typed, str) and not bound.errors:
            readings.append((str(bound.label), field.reading_of(typed)))
    return [(label, reading) for label, reading in readings if reading is not None]


def succeeds(
    form: forms.BaseForm, deed: Callable[[], object], fields: Mapping[str, str] = _AS_COLUMNS
) -> bool:
    """Do what a right form asks; when it cannot be done, say so beside its fields."""
    if not form.is_valid():
        return False
    try:
        deed()
    except DomainError as error:
        add_problems(form, error, fields)
        return False
    return True


def see_again(form: forms.BaseForm, **seen: object) -> None:
    """Let a form that was refused say what its page shows now, as `seen` by who sends it again.

    Else he would be refused for what came in between each time that he looks and sends it.
    """
    if form.is_bound:
        data = QueryDict(mutable=True)
        data.update(form.data)
        for name, value in seen.items():
            data[name] = str(value)
        form.data = data


class KeyField(forms.UUIDField):
    """The key of one form that was opened: sent twice, it does what it does once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.HiddenInput, initial=uuid4, **options)


#: Digits with a comma for decimals, or a date as it is asked: nothing to misunderstand.
_PLAIN = re.compile(r"[0-9]+(?:,[0-9]{1,2})?|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}")


class _ParsedField(forms.Field):
    """A text box whose text the core reads; a value that was read is shown as people write it."""

    widget = forms.TextInput

    def _parse(self, text: str) -> object:
        raise NotImplementedError

    def _written(self, value: Any) -> str:
        raise NotImplementedError

    def to_python(self, value: object) -> object:
        """Read what was typed; raises a `ValidationError` with the words of the problem."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        parsed = self._parse(value) if isinstance(value, str) else value
        if isinstance(parsed, Problem):
            raise as_validation_error(parsed)
        return parsed

    def prepare_value(self, value: object) -> object:
        """Show a stored value as text; leave what somebody typed exactly as it is."""
        return value if value is None or isinstance(value, str) else self._written(value)

    def reading_of(self, typed: str) -> str | None:
        """How a text was understood, where that was written differently; else nothing.

        "30.000" is shown as 30.000,00 and "1 juli 2022" as 01-07-2022; what stands there in plain
        digits needs no echo.
        """
        value = self.to_python(typed)
        if value is None or _PLAIN.fullmatch(typed.strip()):
            return None
        written = self._written(value)
        return None if typed.strip().removeprefix("€").strip() == written else written

    def has_changed(self, initial: object, data: object) -> bool:
        """Compare what the text means, not how it is written."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


class DateField(_ParsedField):
    """A date, typed as 21-11-2026 or 2026-11-21; gives a `date`."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        """Ask for digits on a phone, and leave room for one date."""
        return super().widget_attrs(widget) | {
            "inputmode": "text",
            "autocomplete": "off",
            "class": "is-short",
        }

    def _parse(self, text: str) -> date | Problem | None:
        day = parse_date(text, BEGIN)
        if isinstance(day, Problem):
            return day
        return None if day == NO_DAY else date_of(day)

    def _written(self, value: date) -> str:
        return f"{value:%d-%m-%Y}"


class NumberField(_ParsedField):
    """A number in the unit of a column of a contribution file, by default that of its class."""

    column: Column

    def __init__(
        self,
        *,
        column: Column | None = None,
        maximum: int | None = None,
        zero: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        column = column or self.column
        self.column = replace(column, zero=zero, maximum=maximum or column.maximum)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        """Ask for digits on a phone."""
        return super().widget_attrs(widget) | {
            "inputmode": "decimal",
            "autocomplete": "off",
            "class": "is-short",
        }

    def _parse(self, text: str) -> int | Problem | None:
        number = parse_number(text, self.column)
        return None if number == NOTHING else number

    def _written(self, value: int) -> str:
        shift = self.column.kind.decimals
        whole, rest = divmod(value, 10**shift)
        decimals = f",{rest:0{shift}d}" if shift else ""
        grouped = f"{whole:,}".replace(",", ".") if decimals else str(whole)
        return grouped + decimals


class MoneyField(NumberField):
    """An amount in euros, such as € 1.234,56; gives whole cents."""

    column = CONTRIBUTION[AMOUNT]


class HoursField(NumberField):
    """A number of hours with at most two decimals; gives hundredths."""

    column = CONTRIBUTION[HOURS]


class CountField(NumberField):
    """A whole number of pieces."""

    column = CONTRIBUTION[COUNT]


class _Guarded(forms.CharField):
    """What is typed is refused when it holds a BSN; it is never repeated elsewhere."""

    lines = False

    def clean(self, value: object) -> object:
        """Refuse a BSN and what cannot be read, before anything else is said about the text."""
        if isinstance(value, str):
            self._look_for_bsn(value)
            if not can_be_read(value.strip(), lines=self.lines):
                raise as_validation_error(Problem("text_not_printable"))
        return super().clean(value)

    def _look_for_bsn(self, value: str) -> None:
        if find_bsn(value):
            raise as_validation_error(Problem("bsn_typed"))


class SafeTextField(_Guarded):
    """A text on one line, without a BSN and without signs that cannot be seen."""


class _ReferenceText(str):
    """A reference as it was typed, and whether somebody said that its number is no BSN."""

    __slots__ = ("is_no_bsn",)
    is_no_bsn: bool


class _ReferenceInput(forms.TextInput):
    """A text box that asks, once a number that passes for a BSN is in it, whether it is one."""

    template_name = "django/forms/widgets/reference.html"

    def get_context(
        self, name: str, value: Any, attrs: dict[str, object] | None
    ) -> dict[str, object]:
        """Add the question; what was kept before was answered before."""
        context = super().get_context(name, value, attrs)
        context["widget"]["asks"] = len(passing_numbers(value or "")) == 1
        context["widget"]["is_no_bsn"] = getattr(value, "is_no_bsn", True)
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The text that was typed, which carries whether somebody said that it is no BSN."""
        typed = super().value_from_datadict(data, files, name)
        if typed is None:
            return None
        text = _ReferenceText(typed)
        text.is_no_bsn = f"{name}-no-bsn" in data
        return text


class ReferenceField(_Guarded):
    """A reference of one's own choice, in which a number may pass for a BSN by chance.

    One in eleven numbers of nine digits does. Where there is one, who types it is asked, as with a
    file: with the box "This is not a BSN" ticked it is kept. Two of them are refused.
    """

    widget = _ReferenceInput

    def _look_for_bsn(self, value: str) -> None:
        count = len(passing_numbers(value))
        if count > 1:
            raise as_validation_error(Problem("bsn_typed"))
        if count == 1 and not getattr(value, "is_no_bsn", False):
            raise as_validation_error(Problem("bsn_asked"))


class SafeEmailField(_Guarded, forms.EmailField):
    """An e-mail address, with the same guard."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=EMAIL.maximum, **options)


class SafeURLField(_Guarded, forms.URLField):
    """An address on the web, with the same guard."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=URL.maximum, assume_scheme="https", **options)


class SafeTextArea(_Guarded):
    """A reason or a note of several lines, with the same guard."""

    lines = True
    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=REASON.maximum, **options)


def only_when(field: _Field, when: Words) -> _Field:
    """Say beside the label of a field in which case it is needed.

    It may be left out of what is sent, but it is not optional where that case is the one.
    """
    field.required = False
    field.when = when  # type: ignore[attr-defined]
    return field


def choices_with_blank(choices: Iterable[tuple[str, str]], blank: str) -> list[tuple[str, str]]:
    """Put a first choice that chooses nothing, in words, before the others."""
    return [("", blank), *choices]


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Let a field offer choices that are known only when the form is made."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field to choose in")
    field.choices = list(choices)

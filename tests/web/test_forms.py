from datetime import date
from typing import Any

import pytest
from django import forms as django_forms
from django.http import QueryDict
from django.utils.translation import override

from telmee.core.errors import DomainError, Problem
from telmee.web import forms


class Everything(django_forms.Form):
    """A form with each kind of field."""

    name = forms.SafeTextField(label="Naam", help_text="Zoals u hem kent.")
    reference = forms.ReferenceField(label="Kenmerk", required=False)
    begin = forms.DateField(label="Begin")
    amount = forms.MoneyField(label="Bedrag")
    hours = forms.HoursField(label="Uren", required=False)
    kind = django_forms.ChoiceField(
        label="Soort", widget=django_forms.RadioSelect, choices=[("a", "A"), ("b", "B")]
    )
    seen = django_forms.BooleanField(label="Gezien")


GOOD = {
    "name": "Groen",
    "begin": "1-3-2026",
    "amount": "€ 1.234,56",
    "hours": "36,5",
    "kind": "a",
    "seen": "on",
}


def _form(**changes: str) -> Everything:
    with override("nl"):
        form = Everything({**GOOD, **changes})
        form.is_valid()
    return form


def test_what_people_type_becomes_cents_hundredths_and_dates() -> None:
    found = _form().cleaned_data
    assert (found["amount"], found["hours"], found["begin"]) == (123456, 3650, date(2026, 3, 1))
    assert _form(begin="2026-03-01", amount="1234.56", hours="").cleaned_data["amount"] == 123456


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("amount", "1,234", "ambiguous_number"),
        ("amount", "-5", "negative_number"),
        ("amount", "veel", "bad_number"),
        ("hours", "1,234", "ambiguous_number"),
        ("begin", "1-3/2026", "bad_date"),
        ("begin", "31-02-2026", "impossible_date"),
        ("begin", "1-3-26", "two_digit_year"),
        ("name", "ref 123456782", "bsn_typed"),
        ("name", "", "required"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_and_kept(
    field: str, typed: str, code: str
) -> None:
    form = _form(**{field: typed})
    (error,) = form.errors.as_data()[field]
    assert error.code == code
    with override("nl"):
        shown = form[field].as_field_group()
    assert f'value="{typed}"' in shown or not typed
    assert 'aria-invalid="true"' in shown
    assert f'id="id_{field}_error"' in shown
    assert f"id_{field}_error" in shown.split('aria-describedby="')[1].split('"')[0]


_BOX = 'name="reference-no-bsn"'


@pytest.mark.parametrize(
    ("typed", "answered", "code"),
    [
        ("HIL-2026", False, None),
        ("opdracht 123456782", False, "bsn_asked"),
        ("opdracht 123456782", True, None),
        ("123456782 en 111222333", False, "bsn_typed"),
        ("123456782 en 111222333", True, "bsn_typed"),
        ("123456782 en 123456782", True, None),
    ],
)
def test_one_number_in_a_reference_is_asked_about_and_two_are_refused(
    typed: str, answered: bool, code: str | None
) -> None:
    box = {"reference-no-bsn": "on"} if answered else {}
    form = _form(reference=typed, **box)
    errors = form.errors.as_data().get("reference", [])
    assert [error.code for error in errors] == ([code] if code else [])
    shown = str(form["reference"])
    asks = len({"123456782", "111222333"} & set(typed.split())) == 1
    assert (_BOX in shown) == asks
    assert ("checked" in shown) == (asks and answered)
    if not code:
        assert form.cleaned_data["reference"] == typed


def test_what_was_answered_before_stays_answered() -> None:
    form = Everything(initial={"reference": "opdracht 123456782"})
    assert "checked" in str(form["reference"])
    assert _BOX not in str(Everything(initial={"reference": "HIL-2026"})["reference"])


def test_a_stored_value_is_shown_as_people_write_it() -> None:
    initial: dict[str, Any] = {"amount": 123456700, "hours": 3650, "begin": date(2026, 3, 1)}
    form = Everything(initial=initial)
    assert 'value="1.234.567,00"' in str(form["amount"])
    assert 'value="36,50"' in str(form["hours"])
    assert 'value="01-03-2026"' in str(form["begin"])
    same = Everything({**GOOD, "amount": "1234567", "hours": "36,5"}, initial=initial)
    assert not {"amount", "hours", "begin"} & set(same.changed_data)


def test_the_summary_links_to_each_field_that_is_wrong() -> None:
    form = _form(name="", kind="", seen="")
    with override("nl"):
        page = str(form)
    assert "3 dingen kloppen nog niet" in page
    for target in ("id_name", "id_kind_0", "id_seen"):
        assert f'href="#{target}"' in page
        assert f'id="{target}"' in page


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    shown = Everything()["kind"].as_field_group()
    assert shown.startswith("<fieldset")
    assert "<legend" in shown
    assert "style=" not in str(Everything())


def test_problems_of_an_action_stand_beside_their_field_or_above() -> None:
    form = _form()
    problems = (Problem("bsn_typed", "omschrijving"), Problem("bsn_typed", "elders"))
    with override("nl"):
        forms.add_problems(form, DomainError(problems), {"omschrijving": "name"})
    assert form.errors.keys() == {"name", "__all__"}


@pytest.mark.parametrize(
    ("field", "typed", "reading"),
    [
        ("amount", "30.000", "30.000,00"),
        ("amount", "30.000,-", "30.000,00"),
        ("amount", "€ 253.500", "253.500,00"),
        ("hours", "24,5 uur", "24,50"),
        ("hours", "12.5", "12,50"),
        ("begin", "1 juli 2022", "01-07-2022"),
        ("begin", "2022-07-01", "01-07-2022"),
        ("amount", "30000", None),
        ("amount", "€ 1.234,50", None),
        ("hours", "36,5", None),
        ("begin", "1-7-2022", None),
        ("begin", "", None),
        ("amount", "veel", None),
    ],
)
def test_what_was_written_in_another_way_is_echoed(
    field: str, typed: str, reading: str | None
) -> None:
    readings = dict(forms.understood(_form(**{field: typed})))
    assert readings.get(str(_form()[field].label)) == reading


def test_a_form_that_was_refused_keeps_what_was_typed_and_says_what_is_seen_now() -> None:
    typed = QueryDict("chosen=1&chosen=2&why=Dubbel&seen=1")
    form = django_forms.Form(typed)
    forms.see_again(form, seen=2)
    data: Any = form.data
    assert data.getlist("chosen") == ["1", "2"]
    assert data.getlist("why") == ["Dubbel"]
    assert data.getlist("seen") == ["2"]
    assert typed["seen"] == "1"


def test_a_form_that_was_not_sent_stays_one_that_was_not() -> None:
    form = django_forms.Form()
    forms.see_again(form, seen=2)
    assert not form.is_bound
    assert "seen" not in form.data

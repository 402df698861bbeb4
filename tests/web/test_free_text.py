"""What people type is held by every form: a limit, no BSN, and nothing that cannot be seen."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.core.exceptions import ValidationError

import telmee.web
from telmee.apps.organisations.acting import acting_as
from telmee.apps.people.models import Person
from telmee.core.free_text import REASON
from telmee.web.forms import SafeEmailField, SafeTextArea, SafeTextField, SafeURLField, _Guarded
from telmee.web.value_forms import PersonField
from tests.cast import Cast
from tests.registering import hand_in, register

#: Fields of numbers, which have a check of their own, of passwords, which nobody sees, and of rows
#: of a sheet, of which each cell is checked as it is in a file.
_CHECKED = {"kvk", "oin", "rsin", "password", "again", "rijen"}
#: Its forms ask for the digits of a second step, and keep nothing.
_SIGN_IN = "telmee.web.sign_in"
_CODES = [SafeTextField, SafeTextArea, SafeEmailField, SafeURLField, PersonField]


def _forms_of_telmee() -> Iterator[type[forms.Form]]:
    for module in pkgutil.walk_packages(telmee.web.__path__, "telmee.web."):
        for value in vars(importlib.import_module(module.name)).values():
            ours = isinstance(value, type) and value.__module__.startswith("telmee.")
            if ours and issubclass(value, forms.Form) and value.__module__ != _SIGN_IN:
                yield value


def test_every_text_of_a_form_is_guarded_and_has_a_limit() -> None:
    free = {
        f"{form.__name__}.{name}": field
        for form in _forms_of_telmee()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, forms.UUIDField | forms.RegexField)
        and name not in _CHECKED
    }
    assert len(free) > 10
    assert [name for name, field in free.items() if not isinstance(field, _Guarded)] == []
    assert [name for name, field in free.items() if not field.max_length] == []


@pytest.mark.parametrize("field", _CODES)
@pytest.mark.parametrize("text", ["ab\u202ecd", "\u200b", "\u2066x\u2069", "a\u200fb", "x\x07"])
def test_hidden_signs_are_refused_in_each_kind_of_field(
    field: type[forms.CharField], text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        field(required=False).clean(text)
    assert refused.value.code == "text_not_printable"


def test_lines_belong_in_a_text_area_alone() -> None:
    assert SafeTextArea().clean("Eén\r\n\r\ntwee 👍") == "Eén\r\n\r\ntwee 👍"
    with pytest.raises(ValidationError):
        SafeTextField().clean("Eén\ntwee")


def _booking(reason: str) -> dict[str, str]:
    kind = {"kind": "penalty", "amount": "1", "effective_on": "1-6-2025"}
    return {**kind, "reason": reason, "key": str(uuid4())}


@pytest.mark.parametrize(
    ("reason", "told"),
    [("x" * 100_000, "2000"), ("Akkoord\u202e", "leesrichting"), ("\u200b\u200b", "leesrichting")],
)
def test_a_booking_with_such_a_reason_is_refused_on_its_page(
    cast: Cast, browse: Any, reason: str, told: str
) -> None:
    contract = register(cast)
    page = browse(cast.adviser).post(f"/opdrachten/{contract}/boeken", _booking(reason))
    assert page.status_code == 422
    assert told in page.content.decode()
    fits = _booking("x" * REASON.maximum)
    assert browse(cast.adviser).post(f"/opdrachten/{contract}/boeken", fits).status_code == 302


def test_the_code_of_a_person_and_a_name_show_all_that_they_are(cast: Cast, browse: Any) -> None:
    hand_in(cast, register(cast))
    with acting_as(cast.contractor_manager.pk):
        person = Person.objects.get()
    client = browse(cast.contractor_manager)
    page = client.post(f"/personen/{person.pk}/andere-code", {"code": "P\u200b1"})
    assert page.status_code == 422
    page = client.post(
        f"/organisaties/{cast.de_eem.pk}/wijzigen", {"name": "De\u202eEem", "municipality": ""}
    )
    assert page.status_code == 422

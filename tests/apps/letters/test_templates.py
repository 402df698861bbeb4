"""A client's own template makes a letter in Word too, and is tried before it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from telmee.apps.audit.models import Event
from telmee.apps.letters.choices import Media
from telmee.apps.letters.models import Paper, Template
from telmee.apps.letters.queries import content_of
from telmee.apps.letters.templates import choose_template
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.integrations.word_templates.making import template, words_of
from tests.lettering import sent_letter
from tests.money import accepted
from tests.registering import hand_in, register


def _chosen(cast: Cast, content: bytes | None, who: str = "manager") -> None:
    with acting_as(getattr(cast, who).pk) as acting:
        choose_template(acting, cast.hilversum.pk, "decision", content)


def _letter(cast: Cast, reference: str = "HIL-2025-001", **cells: Any) -> Any:
    contract = register(cast, reference=reference)
    decision = accepted(cast, hand_in(cast, contract, **cells)).pk
    return sent_letter(cast.adviser, contract, "decision", decision)


def test_a_letter_is_made_in_the_template_of_its_sender_too(cast: Cast) -> None:
    _chosen(cast, template("{{ kenmerk }} aan {{ ontvanger }}", "{{ inspanning }}: {{ telt_mee }}"))
    letter = _letter(cast)
    _chosen(cast, None)
    without = _letter(cast, "HIL-2025-002")
    with acting_as(cast.contractor.pk):
        words = words_of(content_of(letter, Media.DOCX))
        kinds = set(Paper.objects.filter(letter=without).values_list("media", flat=True))
    assert f"{letter.mark} aan {cast.de_eem.name}" in words
    assert "K-1: €\xa0" in words
    assert kinds == {Media.PDF}


def test_an_unknown_field_is_named_before_a_letter_is_made(cast: Cast) -> None:
    with pytest.raises(DomainError) as error:
        _chosen(cast, template("{{ kenmerk }} {{ burgernummer }}"))
    (problem,) = error.value.problems
    assert (problem.code, problem.params["fields"]) == ("template_unknown_fields", "burgernummer")
    with acting_as(cast.manager.pk):
        assert not Template.objects.exists()


@pytest.mark.parametrize("who", ["adviser", "contractor_manager", "colleague", "reader"])
def test_a_template_is_its_managers(cast: Cast, who: str) -> None:
    with pytest.raises(DomainError) as error:
        _chosen(cast, template("{{ kenmerk }}"), who)
    assert error.value.problems[0].code == "not_allowed"


def test_a_template_that_fails_on_a_letter_keeps_no_letter(cast: Cast) -> None:
    _chosen(cast, template("{{ kenmerk }}"))
    with acting_as(cast.manager.pk) as acting:
        Template.objects.create(
            organisation_id=cast.hilversum.pk, kind="decision", content=template("{{ weg }}"),
            user_id=acting.user_id,
        )  # fmt: skip
    letter = _letter(cast)
    with acting_as(cast.adviser.pk):
        assert list(Paper.objects.filter(letter=letter).values_list("media", flat=True)) == ["pdf"]
        event = Event.objects.get(verb="contract.letter_template_failed")
    assert event.details == {"letter": letter.mark, "problem": "template_unknown_fields"}

"""Every text that people fill in has a limit: in the action, and in the table itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DataError, connection, models, transaction

from telmee.apps.agreements.queries import plan_lines
from telmee.apps.contracts import actions as contracts
from telmee.apps.contracts import booking
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contributions import actions as contributions
from telmee.apps.contributions.counterparties import answer_by, ask_counterparty
from telmee.apps.contributions.erasing import exchange_code
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import extend as take_longer
from telmee.apps.decisions.objections import object_to
from telmee.apps.organisations import actions as organisations
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.choices import RecognitionKind
from telmee.apps.organisations.models import Organisation
from telmee.apps.people.models import Person
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import agree, decide, extend
from tests.registering import PLACEMENT, found, hand_in, register

LONG, HIDDEN = "x" * 100_000, "Akkoord\u202e"
DAY = date(2025, 6, 1)
#: Written by the program alone: documents of schemes and reports, and names of columns.
_PROGRAMS = {
    "schemes_schemeversion.document",
    "reports_report.document",
    "reports_draft.document",
    *(f"people_person.{name}" for name in ("code_key", "near_parts", "near_whole")),
}
_REJECTED = {"outcome": Outcome.REJECTED, "reason": DecisionReason.OTHER}

Deed = Callable[[Acting, dict[str, Any], str], object]


def _on(action: Callable[..., object], name: str = "reason", **facts: Any) -> Deed:
    """Do something to the contract, with the text as one of its facts."""
    return lambda acting, ids, text: action(
        contract_for(acting, ids["contract"]), **{**facts, name: text}
    )


def _line(action: Callable[..., object], name: str = "reason", **facts: Any) -> Deed:
    return lambda acting, ids, text: action(*found(acting, ids["line"]), **{**facts, name: text})


def _fact(**facts: Any) -> dict[str, Any]:
    return {"key": uuid4(), "effective_on": DAY, "amount_cents": 1, **facts}


def _change(name: str) -> Deed:
    return lambda acting, ids, text: contracts.change_contract(
        contract_for(acting, ids["contract"]), {name: text}, reason="Zo is het."
    )


def _register(name: str) -> Deed:
    return lambda _, ids, text: register(ids["cast"], **{"reference": "NEW-1", name: text})


def _draft(name: str) -> Deed:
    return lambda acting, ids, text: contributions.save_draft(
        contract_for(acting, ids["contract"]), {**PLACEMENT, "kenmerk": "K-9", name: text}
    )


_PLAN = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
DEEDS: tuple[tuple[str, Deed], ...] = (
    ("adviser", _on(booking.waive, **_fact())),
    ("adviser", _on(booking.penalise, **_fact())),
    ("adviser", _on(booking.take_back, entry_id=1)),
    ("adviser", _on(extend)),
    ("adviser", _on(contracts.close_contract, on=DAY, today=DAY)),
    ("adviser", _on(contracts.reopen_contract)),
    ("adviser", _on(agree, **_fact())),
    ("adviser", _change("name")),
    ("adviser", _change("procurement")),
    ("adviser", _change("lot")),
    ("adviser", _change("percentage_reason")),
    ("adviser", _on(contracts.change_contract, changes={"name": "Ander"})),
    *(
        ("adviser", _register(name))
        for name in (
            "reference", "name", "procurement", "lot", "percentage_reason", "no_obligation_reason",
        )
    ),
    ("adviser", _line(decide, "text", key=uuid4(), **_REJECTED)),
    ("adviser", _line(decide, "rule", key=uuid4(), text="Nee.", **_REJECTED)),
    ("contractor", _line(object_to)),
    ("contractor", _line(ask_counterparty, "who", key=uuid4())),
    ("contractor", _line(ask_counterparty, "address", who="ROC", key=uuid4())),
    *(
        ("contractor", lambda _acting, _ids, text, name=name: answer_by(
            "x", **{"confirms": False, "name": "N", "function": "F", "reason": "R", name: text}
        ))
        for name in ("name", "function", "reason")
    ),
    ("adviser", _line(take_longer, until=DAY)),
    ("contractor", _line(contributions.withdraw)),
    ("contractor", _on(
        save_plan_line, "note", cells=_PLAN, number=1, line_id=None
    )),
    *(
        ("contractor", _draft(name))
        for name in ("kenmerk", "bouwblok", "toeslagen", "persoon", "certificaat")
    ),
    ("contractor", _on(contributions.save_draft, "note", cells=PLACEMENT)),
    ("contractor", lambda a, _, text: exchange_code(a, Person.objects.get(), text)),
    ("contractor", lambda a, _, text: organisations.change_account(a, name=text, language="nl")),
    ("operator", lambda a, _, text: organisations.add_organisation(a, name=text, kvk="69599084")),
    ("contractor_manager", lambda a, ids, text: organisations.change_organisation(
        a, organisation_id=ids["cast"].de_eem.pk, name=text
    )),
    *(
        ("adviser", lambda a, ids, text, name=name: organisations.record_recognition(
            a,
            checked_by=ids["cast"].hilversum.pk,
            organisation_id=ids["cast"].de_eem.pk,
            kind=RecognitionKind.PSO,
            valid_from=DAY,
            **{name: text},
        ))
        for name in ("level", "number", "source")
    ),
)  # fmt: skip


def _codes(cast: Cast, who: str, deed: Deed, ids: dict[str, Any], text: str) -> set[str]:
    with acting_as(getattr(cast, who).pk, is_operator=who == "operator") as acting:
        try:
            with transaction.atomic():
                deed(acting, ids, text)
        except DomainError as error:
            return {problem.code for problem in error.problems}
    return set()


def test_no_action_takes_a_text_beyond_its_limit_or_that_cannot_be_read(cast: Cast) -> None:
    contract = register(cast)
    ids = {"cast": cast, "contract": contract, "line": hand_in(cast, contract)}
    for number, (who, deed) in enumerate(DEEDS):
        assert "text_too_long" in _codes(cast, who, deed, ids, LONG), number
        assert "text_not_printable" in _codes(cast, who, deed, ids, HIDDEN), number
    with acting_as(cast.adviser.pk):
        assert list(plan_lines(contract)) == []


def test_every_text_in_a_table_has_a_limit_there() -> None:
    unlimited = {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("telmee.")
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField) and not field.max_length
    }
    assert unlimited == _PROGRAMS


@pytest.mark.django_db
def test_the_table_refuses_what_an_action_would_let_through() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND character_maximum_length > 1000"
        )
        known = {tuple(row) for row in cursor.fetchall()}
    assert known >= {
        ("audit_event", "reason"),
        ("contracts_contract", "no_obligation_reason"),
        ("contracts_contract", "percentage_reason"),
        ("contributions_contribution", "note"),
        ("decisions_decision", "text"),
        ("contributions_counterpartyanswer", "reason"),
        ("decisions_extension", "reason"),
        ("decisions_objection", "reason"),
        ("ledger_entry", "reason"),
        ("receipts_receipt", "named_why"),
    }


def test_the_longest_name_of_signs_that_fall_apart_is_kept(cast: Cast) -> None:
    name = "\ufdfa" * 200  # one sign of Arabic that is eighteen when it falls apart
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        made = organisations.add_organisation(acting, name=name, kvk="69599084")
    assert Organisation.objects.get(pk=made.pk).name == name
    register(cast, reference="ß" * 60, name="ß" * 200, lot="ß" * 80)


def test_a_limit_of_the_table_is_an_error_and_no_cut(cast: Cast) -> None:
    cast.de_eem.name = "x" * 201
    with pytest.raises(DataError), transaction.atomic():
        cast.de_eem.save()

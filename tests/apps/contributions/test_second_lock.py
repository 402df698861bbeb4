"""What is drawn up and handed in, past all our code: the database keeps it as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.questions import ask, reply
from telmee.apps.organisations.acting import acting_as
from tests.apps.contracts.test_takeover import DAY, amended, takeover
from tests.cast import Cast
from tests.days import today
from tests.registering import PLACEMENT, found, hand_in, register


@pytest.fixture(scope="module")
def contract(module_cast: Cast) -> int:
    return register(module_cast)


def drafted(cast: Cast, contract: int) -> Contribution:
    with acting_as(cast.contractor.pk) as acting:
        cells = {**PLACEMENT, "kenmerk": "D-1", "persoon": "D-1"}
        return save_draft(contract_for(acting, contract), cells)


def receipt_of(cast: Cast, line: int) -> int:
    with acting_as(cast.adviser.pk) as acting:
        receipt = found(acting, line)[1].receipt_id
    assert receipt is not None
    return receipt


def changed(cast: Cast, line: int, match: str, **facts: Any) -> None:
    """Change a line as its contractor, which has to be refused."""
    with (
        acting_as(cast.contractor.pk),
        pytest.raises(IntegrityError, match=match),
        transaction.atomic(),
    ):
        Contribution.objects.filter(pk=line).update(**facts)


def test_what_was_handed_in_keeps_its_receipt(cast: Cast, contract: int) -> None:
    line = hand_in(cast, contract)
    other = receipt_of(cast, hand_in(cast, contract, kenmerk="K-2", persoon="P-2"))
    changed(cast, line, "handed in does not change", receipt_id=other)


def test_no_line_is_handed_in_with_the_receipt_of_another_party(cast: Cast, contract: int) -> None:
    theirs = receipt_of(cast, hand_in(cast, contract, by="subcontractor"))
    own = receipt_of(cast, hand_in(cast, contract, kenmerk="K-2", persoon="P-2"))
    draft = drafted(cast, contract).pk
    changed(cast, draft, "a receipt of its own", state="submitted", receipt_id=theirs)
    with acting_as(cast.contractor.pk):
        rows = Contribution.objects.filter(pk=draft)
        assert rows.update(state="submitted", receipt_id=own) == 1


def test_a_draft_begins_with_no_figure_and_nobody_who_handed_it_in(
    cast: Cast, contract: int
) -> None:
    receipt = receipt_of(cast, hand_in(cast, contract))
    draft = drafted(cast, contract)
    draft.pk, draft.key, draft.reference = None, uuid4(), "D-2"
    draft.receipt_id = draft.decided_id = receipt
    draft.submitted_by_id = draft.created_by_id = cast.contractor_manager.pk
    draft.verified_cents = draft.rest_cents = 5
    draft.version = 9
    with acting_as(cast.contractor.pk):
        draft.save(force_insert=True)
        kept = Contribution.objects.filter(pk=draft.pk)
        figures: Any = kept.values_list("receipt", "decided", "verified_cents", "rest_cents").get()
        facts: Any = kept.values_list("version", "created_by_id", "submitted_by_id").get()
    assert figures == (None, None, None, None)
    assert facts == (1, cast.contractor.pk, None)


def test_an_answer_moves_no_day_past_a_takeover(
    cast: Cast, contract: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = hand_in(cast, contract)
    amended(cast, contract, takeover(cast.rival))
    with acting_as(cast.adviser.pk) as acting:
        due = today() + timedelta(days=7)
        ask(*found(acting, pk), text="Klopt dit?", due=due, key=uuid4())
    monkeypatch.setattr("telmee.apps.contributions.actions.takeover_problems", lambda *_: [])
    with acting_as(cast.contractor.pk) as acting:
        access, line = found(acting, pk)
        for end in (DAY, date(2025, 12, 31)):
            moved = {**cells_to_value(line), "persoon": "P-1", "eind": end}
            with pytest.raises(DatabaseError, match="line_after_takeover"), transaction.atomic():
                reply(access, line, text="Langer.", cells=moved)

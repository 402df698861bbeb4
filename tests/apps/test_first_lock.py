"""The first lock by itself: the database shows what another may see, and `access` still refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.access import contribution_for, on_contract
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.relations.messages import messages_on, unread_on, write_message
from tests.cast import Cast
from tests.registering import hand_in, register


@contextmanager
def behind_an_open_second_lock(cast: Cast, who: str) -> Iterator[Acting]:
    """Somebody, while the database shows what the adviser of the client sees."""
    with acting_as(getattr(cast, who).pk) as acting:
        pass
    with acting_as(cast.adviser.pk):
        yield acting


@pytest.mark.parametrize("who", ["competitor", "colleague", "outsider", "operator"])
def test_a_contract_of_others_is_not_there(cast: Cast, who: str) -> None:
    contract = register(cast)
    with behind_an_open_second_lock(cast, who) as acting, pytest.raises(Http404):
        contract_for(acting, contract)


def test_a_subcontractor_sees_his_own_lines_and_what_is_written_about_them(cast: Cast) -> None:
    contract = register(cast)
    lines = {
        who: hand_in(cast, contract, by=who, kenmerk=who) for who in ("contractor", "subcontractor")
    }
    with acting_as(cast.adviser.pk) as acting:
        write_message(contract_for(acting, contract), text="Over de opdracht", key=uuid4())
        for who, line in lines.items():
            access, row = contribution_for(acting, line)
            write_message(access, line=row, text=f"Aan de {who}", key=uuid4())
    with behind_an_open_second_lock(cast, "subcontractor") as acting:
        access = contract_for(acting, contract)
        assert [row.reference for row in on_contract(access)] == ["subcontractor"]
        assert [row.text for row in messages_on(access)] == ["Aan de subcontractor"]
        assert unread_on(access) == 1
    with behind_an_open_second_lock(cast, "auditor") as acting:
        assert not messages_on(contract_for(acting, contract))

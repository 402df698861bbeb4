"""The lots of one tender are registered together, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.lots import Lot, register_lots
from telmee.apps.contracts.queries import lots
from telmee.apps.contracts.registering import NewContractor
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import facts


def lot(cast: Cast, number: int, **changes: Any) -> Lot:
    told = {
        "reference": "T-1",
        "lot": f"Perceel {number}",
        "procurement": "T-1",
        "agreed_cents": number * 10_000_00,
        "reference_again": False,
        "key": uuid4(),
    }
    contractor = changes.pop("contractor", NewContractor(kvk=str(cast.de_eem.kvk)))
    return Lot(facts(**told | changes), contractor)


def registered(cast: Cast, several: list[Lot], *, by: str = "adviser") -> list[int]:
    with acting_as(getattr(cast, by).pk) as acting:
        done = register_lots(acting, several, client_id=cast.hilversum.pk)
    return [one.contract_id for one in done]


def known(cast: Cast) -> list[int]:
    with acting_as(cast.adviser.pk) as acting:
        return [one.pk for one in contracts_of(acting).order_by("pk")]


def test_each_lot_is_a_contract_that_leads_to_the_others(cast: Cast) -> None:
    ids = registered(cast, [lot(cast, 1), lot(cast, 2), lot(cast, 3)])
    with acting_as(cast.contractor.pk) as acting:
        assert [positions([pk])[pk].owed_cents for pk in ids] == [
            10_000_00, 20_000_00, 30_000_00
        ]  # fmt: skip
        others = lots(contract_for(acting, ids[1]))
        assert [(one.pk, one.lot) for one in others] == [
            (ids[0], "Perceel 1"), (ids[2], "Perceel 3")
        ]  # fmt: skip


def test_sent_twice_they_are_registered_once(cast: Cast) -> None:
    several = [lot(cast, 1), lot(cast, 2)]
    assert registered(cast, several) == registered(cast, several) == known(cast)


def test_what_is_wrong_with_each_lot_is_said_at_once_and_none_is_registered(cast: Cast) -> None:
    several = [
        lot(cast, 1, end=date(2020, 1, 1)),
        lot(cast, 2),
        lot(cast, 2, percentage_reason=""),
        lot(cast, 4, agreed_cents=None, chosen_bp=None),
    ]
    with pytest.raises(DomainError) as refused:
        registered(cast, several)
    assert [(problem.row, problem.code) for problem in refused.value.problems] == [
        (1, "contract_end_before_start"),
        (3, "missing_percentage_reason"),
        (3, "contract_reference_used"),
        (4, "no_obligation_percentage"),
    ]
    assert known(cast) == []


def test_a_new_contractor_of_several_lots_is_added_and_invited_once(cast: Cast) -> None:
    new = NewContractor(kvk="30009993", name="Nieuw bedrijf", email="nieuw@example.org")
    before = len(mailed())
    registered(cast, [lot(cast, 1, contractor=new), lot(cast, 2, contractor=new)])
    with acting_as(cast.adviser.pk):
        assert Organisation.objects.filter(kvk="30009993").count() == 1
    assert [message.to for message in mailed()[before:]] == [["nieuw@example.org"]]


def test_only_who_registers_for_the_client_does(cast: Cast) -> None:
    with pytest.raises(DomainError, match="not_allowed"):
        registered(cast, [lot(cast, 1), lot(cast, 2)], by="contractor")

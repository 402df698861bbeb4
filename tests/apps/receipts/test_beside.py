"""A row that shows a figure says in its columns what its receipt was made of, and else is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import penalise
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contributions.actions import save_draft
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.beside import ROWS_THAT_DIFFER
from telmee.core.tables.columns import Kind
from telmee.core.tables.contribution_columns import (
    CONTRIBUTION,
    OF_LINE,
    OF_PLAN,
    PERSON,
    REFERENCE,
)
from tests.cast import Cast
from tests.conftest import Server
from tests.money import booked, decide
from tests.registering import PLACEMENT, PURCHASE, found, hand_in, register

LINES, PLANS, ENTRIES = "contributions_contribution", "agreements_planline", "ledger_entry"
#: Another cell than any that the tests fill in.
_OTHER: dict[Kind, object] = dict.fromkeys(Kind, "x") | {
    Kind.DATE: date(2024, 12, 31),
    **dict.fromkeys((Kind.HOURS, Kind.CENTS, Kind.COUNT), 7),
}
Named = tuple[str, str]
Differing = Callable[..., set[Named]]
WHY: dict[str, Any] = {"reason": DecisionReason.AGREEMENT, "text": "Zo is het afgesproken."}


@pytest.fixture(scope="module")
def filled(module_cast: Cast) -> None:
    """Make a row of every kind of figure; one line was decided otherwise than it was handed in."""
    cast = module_cast
    contract = register(cast)
    line = hand_in(cast, contract)
    hand_in(cast, contract, kenmerk="K-2", **PURCHASE)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=5_785_39, **WHY)
        penalise(contract_for(acting, contract), **booked(1_000_00))
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        cells = {name: cell for name, cell in PLACEMENT.items() if name != PERSON}
        save_plan_line(access, cells, number=3, note="", line_id=None)
        save_draft(access, {**PLACEMENT, REFERENCE: "K-3"})


@pytest.fixture
def differing(filled: None, own_database: str, server: Server) -> Differing:  # noqa: ARG001 - in it
    """What is named after the owner altered a row of a table, which is undone again."""

    def differing(table: str = LINES, where: str = "true", **columns: object) -> set[Named]:
        with psycopg.connect(server.owner_url, dbname=own_database) as owner:
            owner.execute("SET session_replication_role = replica")
            for name, value in columns.items():
                altered = owner.execute(
                    f'UPDATE {table} SET "{name}" = %s WHERE id ='  # noqa: S608 - our own names
                    f" (SELECT min(id) FROM {table} WHERE {where})",
                    [value],
                )
                assert altered.rowcount == 1
            named = owner.execute(ROWS_THAT_DIFFER).fetchall()
            owner.rollback()
        return {(row[0], row[4]) for row in named}

    assert differing(where="state = 'draft'", reference="x") == set()
    return differing


def test_every_cell_of_a_line_and_of_a_plan_is_held(differing: Differing) -> None:
    for table, names in ((LINES, OF_LINE), (PLANS, OF_PLAN)):
        for name in {*names} - {PERSON}:
            column = CONTRIBUTION[name]
            named = differing(table, **{column.row_field: _OTHER[column.kind]})
            assert named == {(table, name)}


def test_what_a_row_says_beside_its_cells_is_held(differing: Differing) -> None:
    for table, columns in {
        LINES: ("contract_id", "organisation_id", "value_cents", "value_status"),
        PLANS: ("contract_id", "organisation_id", "value_cents", "number"),
        "decisions_decision": ("contract_id",),
    }.items():
        for column in columns:
            assert differing(table, **{column: 10**6}) == {(table, column)}
    assert differing(LINES, person_id=None) == {(LINES, PERSON)}


def test_an_entry_is_held_against_its_receipt(differing: Differing) -> None:
    for kind in ("obligation", "realised", "penalty"):
        of_kind = f"kind = '{kind}'"
        assert differing(ENTRIES, of_kind, contract_id=10**6) == {(ENTRIES, "contract_id")}
        ((_, columns),) = differing(ENTRIES, of_kind, receipt_id=10**6)
        assert {"kind", "contract_id"} <= {*columns.split(", ")}
    assert differing(ENTRIES, "kind = 'penalty'", amount_cents=7) == {(ENTRIES, "amount_cents")}


def test_a_receipt_of_something_else_or_of_nothing_is_named(differing: Differing) -> None:
    for table in (LINES, PLANS):
        ((place, columns),) = differing(table, receipt_id=10**6)
        assert place == table
        assert {"kind", "contract_id", "value_cents", "begin"} <= {*columns.split(", ")}

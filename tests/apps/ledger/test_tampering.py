"""What the owner of the tables alters, with every guard switched off, and how it is found."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from telmee.apps.audit.seals import Head, check_seals, head_faults, latest_head, seal_rows
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import change_contract
from telmee.apps.contracts.booking import carry_over, penalise, take_back, waive
from telmee.apps.contracts.chains import check_amendments
from telmee.apps.contracts.choices import Form
from telmee.apps.contributions import evidence
from telmee.apps.contributions.actions import remove_draft, save_draft
from telmee.apps.contributions.evidence_check import check_evidence
from telmee.apps.coverage.access import lists_of
from telmee.apps.coverage.lists import withdraw_list
from telmee.apps.decisions.choices import Outcome
from telmee.apps.enforcement.leniency import end_leniency
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import record_recognition
from tests.apps.agreements.planning import begun, planned, proposed
from tests.buying import bought, line
from tests.cast import Cast, find_cast
from tests.conftest import Server, connected
from tests.enforcing import lenient
from tests.money import decide
from tests.registering import PLACEMENT, found, hand_in, register, seen_cents
from tests.web.world import PDF, PURCHASE

pytestmark = pytest.mark.usefixtures("module_database")  # which `own_database` begins as

ON = date(2025, 3, 1)
#: Everything that a row of an entry needs, of the contract that is altered.
_ENTRY = (
    "INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason)"
    " SELECT id, '{kind}', {cents}, '2025-03-01', gen_random_uuid(), 'x' FROM contracts_contract"
    " WHERE reference = '{contract}'"
)
_BALANCES = (
    "DELETE FROM ledger_balance;"
    " INSERT INTO ledger_balance (contract_id, organisation_id, year, kind, cents)"
    " SELECT * FROM telmee_balances();"
    "DELETE FROM ledger_linebalance;"
    " INSERT INTO ledger_linebalance (contract_id, year, contribution_id,"
    "                                 delivered_cents, undecided_cents, verified_cents)"
    " SELECT * FROM telmee_line_balances("
    "ARRAY(SELECT id FROM contracts_contract), 'infinity', '-infinity', 'infinity')"
)


def _false(kind: str, cents: int = 500, contract: str = "HIL-2025-001") -> str:
    return _ENTRY.format(kind=kind, cents=cents, contract=contract)


#: What the owner does, and by which name it is found. Balances are made to fit after each.
ALTERATIONS: dict[str, tuple[str, set[str]]] = {
    "an entry deleted": (
        "DELETE FROM ledger_entry WHERE kind = 'realised'",
        {"seal_row_missing", "ledger_decision_unbooked", "ledger_line_differs"},
    ),
    "an obligation lowered": (
        "UPDATE ledger_entry SET amount_cents = amount_cents - 1 WHERE kind = 'obligation'",
        {"seal_row_changed", "ledger_obligation_differs", "ledger_entry_untold"},
    ),
    "an obligation lowered with its contract": (
        "UPDATE ledger_entry SET amount_cents = 100 WHERE kind = 'obligation';"
        "UPDATE contracts_contract SET obligation_cents = 100",
        {"seal_row_changed", "ledger_entry_untold"},
    ),
    "an obligation deleted": (
        "DELETE FROM ledger_entry WHERE kind = 'obligation'",
        {"seal_row_missing", "ledger_obligation_differs"},
    ),
    "entry, decision, balance and line changed together": (
        "UPDATE ledger_entry SET amount_cents = 7 WHERE kind = 'realised';"
        "UPDATE decisions_decision SET amount_cents = 7;"
        "UPDATE contributions_contribution SET verified_cents = 7 WHERE state = 'accepted'",
        {"seal_row_changed", "ledger_instalment_differs"},
    ),
    "a part of a decision that follows on nothing": (
        "UPDATE decisions_decision SET amount_cents = amount_cents - 5, before_cents = 5",
        {"seal_row_changed", "ledger_instalment_differs", "ledger_decision_differs"},
    ),
    "the story of a decision under another line": (
        "UPDATE contributions_contribution SET decided_id ="
        " (SELECT max(id) FROM receipts_receipt) WHERE state = 'accepted'",
        {"ledger_line_differs"},
    ),
    "a moment at which nobody handed in": (
        "UPDATE contributions_contribution SET submitted_at = submitted_at - interval '2 days'",
        {"ledger_submission_untold"},
    ),
    "a moment at which nobody decided": (
        "UPDATE contributions_contribution SET decided_at = decided_at - interval '1 day'",
        {"ledger_line_differs"},
    ),
    "a term for an answer that nobody asked for": (
        "UPDATE contributions_contribution SET answer_by = '2025-03-01' WHERE state = 'accepted'",
        {"ledger_line_differs"},
    ),
    "a line without the receipt that it was handed in with": (
        "UPDATE contributions_contribution SET receipt_id = NULL WHERE state = 'accepted'",
        {"ledger_figure_differs"},
    ),
    "a rest of a line that was decided whole": (
        "UPDATE contributions_contribution SET rest_cents = 5 WHERE state = 'accepted'",
        {"ledger_line_differs"},
    ),
    "a false waiver": (_false("waived"), {"ledger_entry_untold"}),
    "a false penalty": (_false("penalty"), {"ledger_entry_untold"}),
    "surplus from nowhere": (
        _false("carried_in"),
        {"ledger_transfer_one_sided", "ledger_entry_untold"},
    ),
    "surplus pooled from nowhere": (
        _false("pooled"),
        {"ledger_transfer_one_sided", "ledger_pooled_unagreed"},
    ),
    "one side of a transfer deleted": (
        "DELETE FROM ledger_entry WHERE kind = 'carried_out'",
        {"ledger_transfer_one_sided", "seal_row_missing"},
    ),
    "one side of a transfer changed": (
        "UPDATE ledger_entry SET amount_cents = amount_cents + 1 WHERE kind = 'carried_in'",
        {"ledger_transfer_one_sided", "seal_row_changed"},
    ),
    "a second standing obligation": (
        _false("obligation", 0).replace("2025-03-01", "2025-01-01"),  # the day it was imposed
        {"ledger_obligation_twice", "ledger_entry_untold"},
    ),
    "an entry in another year": (
        "UPDATE ledger_entry SET effective_on = effective_on - 365 WHERE kind = 'realised'",
        {"seal_row_changed"},
    ),
    "an entry on another contract": (
        "UPDATE ledger_entry SET contract_id = (SELECT id FROM contracts_contract"
        " WHERE reference = 'S-1') WHERE kind = 'waived'",
        {"seal_row_changed", "ledger_entry_untold"},
    ),
    "a realised entry on another contract": (
        "UPDATE ledger_entry SET contract_id = (SELECT id FROM contracts_contract"
        " WHERE reference = 'S-1') WHERE kind = 'realised'",
        {"seal_row_changed", "ledger_decision_unbooked"},
    ),
    "a decision deleted": (
        "DELETE FROM decisions_decision",
        {"seal_row_missing", "ledger_decision_differs", "ledger_line_differs"},
    ),
    "decision and entry deleted": (
        "DELETE FROM ledger_entry WHERE kind = 'realised'; DELETE FROM decisions_decision;"
        "UPDATE contributions_contribution SET state = 'submitted', verified_cents = NULL",
        {"seal_row_missing"},
    ),
    "another reason under a decision": (
        "UPDATE decisions_decision SET user_id = 1, text = 'anders'",
        {"seal_row_changed"},
    ),
    "the journal emptied": ("TRUNCATE audit_event", {"seal_row_missing", "ledger_entry_untold"}),
    "the journal under another name": (
        "UPDATE audit_event SET user_id = user_id + 1",
        {"seal_row_changed"},
    ),
    "the state of a line": (
        "UPDATE contributions_contribution SET state = 'rejected' WHERE state = 'accepted'",
        {"ledger_line_differs"},
    ),
    "the verified amount of a line": (
        "UPDATE contributions_contribution SET verified_cents = verified_cents + 1",
        {"ledger_line_differs"},
    ),
    "the obligation on the contract": (
        "UPDATE contracts_contract SET obligation_cents = obligation_cents + 1",
        {"ledger_obligation_differs"},
    ),
    "a receipt with other cells": (
        "UPDATE receipts_receipt SET inputs = '{}'",
        {"seal_row_changed"},
    ),
    "a published scheme changed": (
        "UPDATE schemes_schemeversion SET title = 'x'",
        {"seal_row_changed"},
    ),
    "a line of a plan": (
        "UPDATE agreements_planline SET number = number + 1",
        {"seal_row_changed", "ledger_figure_differs"},
    ),
    "what a plan promises": (
        "UPDATE agreements_planline SET value_cents = value_cents + 1 WHERE line = 1",
        {"seal_row_changed", "ledger_movement_differs", "ledger_figure_differs"},
    ),
    "a version of a plan deleted": (
        "DELETE FROM agreements_version WHERE addressee_id IS NULL AND number = 2",
        {"seal_row_missing", "ledger_movement_differs"},
    ),
    "a version of a plan from nowhere": (
        "INSERT INTO agreements_version"
        " (agreement_id, contract_id, number, organisation_id, is_draft, key)"
        " SELECT agreement_id, contract_id, 3, organisation_id, false, gen_random_uuid()"
        " FROM agreements_version WHERE addressee_id IS NULL AND number = 2",
        {"ledger_agreement_untold", "ledger_movement_differs"},
    ),
    "a confirmation that nobody gave": (
        "INSERT INTO agreements_answer"
        " (version_id, contract_id, outcome, reason, organisation_id, user_id)"
        " SELECT id, contract_id, 'confirmed', '', addressee_id, 1 FROM agreements_version"
        " WHERE addressee_id IS NOT NULL",
        {"ledger_agreement_untold"},
    ),
    "a call-off under another framework": (
        "UPDATE contracts_contract SET parent_id = parent_id - 1 WHERE reference = 'R-1/1'",
        {"seal_row_changed"},
    ),
    "a call-off that stands by itself": (
        "UPDATE contracts_contract SET form = 'single', parent_id = NULL WHERE reference = 'R-1/1'",
        {"seal_row_changed"},
    ),
    "days of leniency": (
        "UPDATE enforcement_leniency SET last = last + 300",
        {"seal_row_changed"},
    ),
    "leniency deleted": ("DELETE FROM enforcement_leniency", {"seal_row_missing"}),
    "the level of a recognition": (
        "UPDATE organisations_recognition SET level = 'Trede 3'",
        {"seal_row_changed"},
    ),
    "another enterprise under a recognition": (
        "UPDATE organisations_recognition SET organisation_id = checked_by_id",
        {"seal_row_changed"},
    ),
    "the sum of a purchase": (
        "UPDATE coverage_purchase SET cents = cents + 1",
        {"seal_row_changed"},
    ),
    "a purchase below its threshold": (
        "UPDATE coverage_purchase SET reach = 'below', owed_cents = NULL",
        {"seal_row_changed"},
    ),
    "a purchase deleted": ("DELETE FROM coverage_purchase", {"seal_row_missing"}),
    "a purchase of another list": (
        "UPDATE coverage_purchase SET list_id = list_id + 9",
        {"seal_row_changed"},
    ),
    "a list of purchases under other rules": (
        "UPDATE coverage_purchaselist SET scheme = 'x'",
        {"seal_row_changed"},
    ),
    # Of our own kinds.
    "two entries swapped": (
        "UPDATE ledger_entry e SET amount_cents = o.amount_cents, reason = o.reason"
        " FROM ledger_entry o WHERE (e.kind, o.kind) IN (('waived', 'penalty'),"
        " ('penalty', 'waived'))",
        {"seal_row_changed"},
    ),
    "moments shifted": (
        "UPDATE ledger_entry SET booked_at = booked_at - interval '1 day'",
        {"seal_row_changed"},
    ),
    "a seal deleted": ("DELETE FROM audit_seal WHERE number = 1", {"seal_chain_broken"}),
    "two seals swapped": (
        "UPDATE audit_seal SET number = -number; UPDATE audit_seal SET number = CASE number"
        " WHEN -1 THEN 2 WHEN -2 THEN 1 ELSE -number END",
        {"seal_chain_broken"},
    ),
    "a row with its hash in the seal": (
        "DELETE FROM ledger_entry WHERE kind = 'realised';"
        "UPDATE audit_seal SET hashes = hashes[2:]"
        " WHERE table_name = 'ledger_entry'",
        {"seal_chain_broken", "seal_row_changed"},
    ),
    "a moment of a seal": (
        "UPDATE audit_seal SET at = at - interval '1 second' WHERE number = 2",
        {"seal_chain_broken"},
    ),
    "a row under an old number": (
        "UPDATE audit_seal SET at = at - interval '3 days';"
        "INSERT INTO audit_event (id, verb, kind, object_id, reason, details)"
        " VALUES (0, 'x.y', 'x', 1, '', '{}'); SELECT telmee_seal(true)",
        {"seal_row_late"},
    ),
    "a guard switched off": (
        "ALTER TABLE ledger_entry DISABLE TRIGGER only_grows",
        {"seal_guard_missing"},
    ),
    "a guard taken away": ("DROP TRIGGER only_grows ON audit_event", {"seal_guard_missing"}),
    "a guard that refuses nothing": (
        "CREATE OR REPLACE FUNCTION telmee_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NULL; END $$",
        {"seal_guard_missing"},
    ),
    "proof removed": (
        "UPDATE contributions_evidence SET removed_at = now()",
        {"ledger_row_untold"},
    ),
    "proof deleted": ("DELETE FROM contributions_evidence", {"ledger_row_untold"}),
    "removed proof back": (
        "UPDATE contributions_evidence SET removed_at = NULL",
        {"ledger_row_untold"},
    ),
    "leniency ended": (
        "UPDATE enforcement_leniency SET ended_on = last - 9, ended_why = 'x'"
        " WHERE ended_on IS NULL",
        {"ledger_row_untold"},
    ),
    "the end of leniency taken away": (
        "UPDATE enforcement_leniency SET ended_on = NULL, ended_why = ''",
        {"ledger_row_untold"},
    ),
    "leniency that nobody granted": (
        "INSERT INTO enforcement_leniency"
        " (organisation_id, contract_id, ground, first, last, reason, key, ended_why)"
        " SELECT organisation_id, contract_id, ground, first, last, reason, gen_random_uuid(), ''"
        " FROM enforcement_leniency LIMIT 1",
        {"ledger_row_untold"},
    ),
    "a recognition that goes on": (
        "UPDATE organisations_recognition SET valid_until = '2030-01-01'",
        {"ledger_row_untold"},
    ),
    "a recognition that nobody gave": (
        "INSERT INTO organisations_recognition (organisation_id, kind, level, number, valid_from,"
        " source) SELECT organisation_id, kind, '', '', valid_from, ''"
        " FROM organisations_recognition LIMIT 1",
        {"ledger_row_untold"},
    ),
    "a list of purchases withdrawn": (
        "UPDATE coverage_purchaselist SET withdrawn_at = now(), withdrawn_why = 'x'",
        {"ledger_row_untold"},
    ),
    "a withdrawn list of purchases back": (
        "UPDATE coverage_purchaselist SET withdrawn_at = NULL, withdrawn_why = ''",
        {"ledger_row_untold"},
    ),
    "a party in another role": (
        "UPDATE contracts_party SET role = 'consortium' WHERE role = 'subcontractor'",
        {"ledger_parties_untold"},
    ),
    "another organisation as auditor": (
        "UPDATE contracts_party SET organisation_id = organisation_id + 1"
        " WHERE role = 'auditor' AND contract_id ="
        " (SELECT min(id) FROM contracts_contract)",
        {"ledger_parties_untold"},
    ),
    "a party of a later day": (
        "UPDATE contracts_party SET since = '2025-02-01' WHERE role = 'contractor'",
        {"ledger_parties_untold"},
    ),
    "a party that nobody added": (
        "INSERT INTO contracts_party (contract_id, organisation_id, role)"
        " SELECT contract_id, organisation_id, 'consortium' FROM contracts_party"
        " WHERE role = 'subcontractor'",
        {"ledger_parties_untold"},
    ),
    "a party deleted": (
        "DELETE FROM contracts_party WHERE role = 'regional_team'",
        {"ledger_parties_untold"},
    ),
    "all parties of a contract deleted": (
        "DELETE FROM contracts_party WHERE contract_id ="
        " (SELECT id FROM contracts_contract WHERE reference = 'R-1')",
        {"ledger_parties_untold"},
    ),
    "a day of the award": (
        "UPDATE contracts_contract SET awarded_on = '2024-06-01' WHERE reference = 'S-1'",
        {"amendment_fact_differs"},
    ),
    "another day of an award that was filled in": (
        "UPDATE contracts_contract SET awarded_on = awarded_on - 30",
        {"amendment_fact_differs"},
    ),
    "the day of an award taken away": (
        "UPDATE contracts_contract SET awarded_on = NULL",
        {"amendment_fact_differs"},
    ),
    "proof on another line": (
        "UPDATE contributions_evidence SET contribution_id ="
        " (SELECT min(id) FROM contributions_contribution)",
        {"ledger_row_untold"},
    ),
    "proof and its hash changed": (
        "UPDATE contributions_evidence SET sha256 = repeat('0', 64)",
        {"ledger_row_untold", "evidence_altered"},
    ),
}


@dataclass
class World:
    """Books with something of everything, sealed, and their owner."""

    server: Server
    name: str
    as_owner: Callable[..., Any]
    folder: Path

    def codes(self) -> set[str]:
        with connected(self.server.owner_url, self.name):
            faults = [*check_ledger(), *check_amendments(), *check_seals().faults]
            faults += check_evidence(self.folder)
        return {fault.code for fault in faults}

    def alter(self, *statements: str) -> None:
        done = "; ".join(("SET session_replication_role = replica", *statements, _BALANCES))
        self.as_owner(done)


@pytest.fixture(scope="module")
def kept_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder for the proof in the books that the tests of this module copy."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def module_database(module_database: str, kept_files: Path) -> str:
    """Make books with something of everything, sealed, which each test copies and alters."""
    settings.EVIDENCE_FOLDER, before = kept_files, settings.EVIDENCE_FOLDER
    _fill_the_books()
    settings.EVIDENCE_FOLDER = before
    return module_database


def _fill_the_books() -> None:
    with acting_as(None):
        cast = find_cast()
    contract, surplus = register(cast), register(cast, reference="S-1", agreed_cents=0)
    lines = [hand_in(cast, contract), hand_in(cast, surplus, kenmerk="B-2")]
    proven = hand_in(cast, contract, bouwblok="training", **_purchase())
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        proved = found(acting, proven)[1]
        evidence.add_evidence(access, proved, file=io.BytesIO(PDF), name="f.pdf", kind="")
        wrong = evidence.add_evidence(
            access, proved, file=io.BytesIO(PDF + b"\n"), name="g.pdf", kind=""
        )
        evidence.remove_evidence(access, proved, wrong, reason="Verkeerd bestand.")
        cells = {**PLACEMENT, "bouwblok": "training", **_purchase(), "kenmerk": "B-4"}
        draft = save_draft(access, cells)
        evidence.add_evidence(access, draft, file=io.BytesIO(PDF), name="h.pdf", kind="")
        remove_draft(access, draft)
    planned(cast, contract)
    planned(cast, contract, uren_per_week=32_00)
    proposed(cast, begun(cast, contract))
    for line_id in lines:
        with acting_as(cast.adviser.pk) as acting:
            access, row = found(acting, line_id)
            decide(
                access,
                row,
                outcome=Outcome.ACCEPTED,
                key=uuid4(),
                seen_cents=seen_cents(access, row),
            )
    with acting_as(cast.adviser.pk) as acting:
        one, other = contract_for(acting, surplus), contract_for(acting, contract)
        facts: dict[str, Any] = {"reason": "r", "effective_on": ON}
        waive(other, amount_cents=500, key=uuid4(), **facts)
        penalise(other, amount_cents=700, key=uuid4(), **facts)
        carry_over(one, other, amount_cents=900, key=uuid4(), **facts)
    _fill_beside_the_books(cast, contract)
    seal_rows()


def _fill_beside_the_books(cast: Cast, contract: int) -> None:
    """Make what else a figure or a right stands on: call-offs, leniency, a mark, purchases."""
    framework = register(
        cast, reference="R-1", form=Form.FRAMEWORK, agreed_cents=None, percentage_reason=""
    )
    register(cast, reference="R-1/1", form=Form.CALL_OFF, parent_id=framework)
    days = {"first": date(2025, 4, 1), "last": date(2025, 5, 1)}
    lenient(cast, contract, **days)
    ended = lenient(cast, contract, **days)
    bought(cast.adviser, cast.hilversum, line())
    bought(cast.adviser, cast.hilversum, line(cents=7))
    with acting_as(cast.adviser.pk) as acting:
        withdraw_list(acting, lists_of(cast.hilversum.pk).latest("pk"), reason="Met btw.")
        end_leniency(acting, ended, reason="Weer open.", today=days["first"])
        access = contract_for(acting, contract)
        change_contract(access, {"awarded_on": date(2024, 12, 1)}, reason="")
        record_recognition(
            acting,
            checked_by=cast.hilversum.pk,
            organisation_id=cast.de_eem.pk,
            kind="pso",
            valid_from=date(2025, 1, 1),
            level="Trede 1",
        )


@pytest.fixture
def world(
    own_database: str,
    server: Server,
    kept_files: Path,
    as_owner: Callable[..., Any],
    tmp_path: Path,
) -> Iterator[World]:
    folder = tmp_path / "evidence"
    shutil.copytree(kept_files, folder)
    settings.EVIDENCE_FOLDER, before = folder, settings.EVIDENCE_FOLDER
    found_world = World(server, own_database, as_owner, folder)
    assert found_world.codes() == set()
    yield found_world
    settings.EVIDENCE_FOLDER = before


def _purchase() -> dict[str, Any]:
    return {
        **dict.fromkeys(("eind", "uren_per_week", "persoon")),
        **{k: v for k, v in PURCHASE.items() if k != "bouwblok"},
        "kenmerk": "B-3",
    }


@pytest.mark.parametrize("what", ALTERATIONS)
def test_what_the_owner_alters_is_found_by_name(world: World, what: str) -> None:
    statements, names = ALTERATIONS[what]
    world.alter(statements)
    assert names <= world.codes()


def test_files_that_are_altered_gone_or_left_are_found(world: World) -> None:
    (kept,) = world.folder.iterdir()
    content = kept.read_bytes()
    kept.write_bytes(b"%PDF other")
    assert world.codes() == {"evidence_altered"}
    kept.unlink()
    assert world.codes() == {"evidence_missing"}
    kept.write_bytes(content)
    left = world.folder / "left"
    left.write_bytes(b"x")
    assert world.codes() == set(), "a file that was just written waits for its row"
    os.utime(left, (0, 0))
    assert world.codes() == {"evidence_left"}


_ANEW = "TRUNCATE audit_seal; SELECT telmee_seal(true)"


def kept_head() -> Head:
    head = latest_head()
    assert head is not None
    return head


def test_a_chain_that_is_made_anew_is_seen_only_with_a_head_that_was_kept(world: World) -> None:
    head = kept_head()
    assert head_faults(head) == []
    world.alter("UPDATE audit_event SET reason = 'x'", _ANEW)
    assert world.codes() == set()
    assert [fault.code for fault in head_faults(head)] == ["seal_head_differs"]


def test_the_last_batch_cut_off_is_seen_with_a_head_that_was_kept(world: World) -> None:
    head = kept_head()
    world.alter("DELETE FROM audit_seal WHERE number = (SELECT max(number) FROM audit_seal)")
    assert world.codes() == set()
    with connected(world.server.owner_url, world.name):
        assert check_seals().waiting > 0, "said, but no fault: rows wait every minute"
    assert [fault.code for fault in head_faults(head)] == ["seal_head_missing"]


def test_a_clock_set_back_does_not_turn_the_check_red(world: World, cast: Cast) -> None:
    contract = world.as_owner("SELECT min(id) FROM contracts_contract")[0][0]
    world.alter(
        "UPDATE ledger_entry SET booked_at = now() + interval '3 hours' WHERE kind = 'waived'",
        _ANEW,
    )
    ((entry,),) = world.as_owner("SELECT id FROM ledger_entry WHERE kind = 'waived'")
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, contract), entry, reason="terug")
    assert world.codes() == set()

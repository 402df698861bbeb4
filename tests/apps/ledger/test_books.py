"""The books: they only grow, keep their own rules, and prove themselves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from telmee.apps.decisions.choices import Outcome
from telmee.apps.ledger.actions import post, reverse
from telmee.apps.ledger.invariants import CHECKS
from telmee.apps.ledger.models import Balance, Entry
from telmee.apps.ledger.queries import (
    check_ledger,
    entries_of,
    obligation_changes,
    positions,
    standing_entries,
)
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.core.errors import DomainError
from telmee.core.ledger import EntryKind
from tests.apps.agreements.planning import planned
from tests.cast import Cast
from tests.conftest import connected
from tests.money import accepted, agree, booked, decide
from tests.registering import found, hand_in, register, seen_cents
from tests.settling import corrected, settled

ON = date(2025, 3, 1)


def posted(acting: Acting, cast: Cast, contract: int, cents: int, **more: Any) -> int:
    facts: dict[str, Any] = {"kind": EntryKind.WAIVED, "effective_on": ON, "key": uuid4()} | more
    return post(
        acting,
        organisation_id=cast.hilversum.pk,
        contract_id=contract,
        amount_cents=cents,
        **facts,
    )


def test_the_same_key_posts_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    with acting_as(cast.adviser.pk) as acting:
        first = posted(acting, cast, contract, 500, key=key)
        assert posted(acting, cast, contract, 500, key=key) == first
        assert positions([contract])[contract].waived_cents == 500


def test_a_key_stands_for_one_entry_only(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    with acting_as(cast.adviser.pk) as acting:
        posted(acting, cast, contract, 500, key=key)
        with pytest.raises(DomainError) as refused:
            posted(acting, cast, contract, 501, key=key)
    assert [p.code for p in refused.value.problems] == ["ledger_key_reused"]


def test_taking_an_entry_back_twice_does_it_once(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        entry = posted(acting, cast, contract, 500)
        mirrors = {
            reverse(acting, entry, organisation_id=cast.hilversum.pk, reason="fout")
            for _ in range(2)
        }
        assert len(mirrors) == 1
        assert positions([contract])[contract].waived_cents == 0
        assert {e.effective_on for e in entries_of([contract]) if e.kind == "waived"} == {ON}


def test_what_stands_is_the_entry_that_was_not_taken_back(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        (first,) = standing_entries(contribution_id=line)
        ((imposed, change),) = obligation_changes([contract])[contract].items()
        assert (first.reverses_id, change.amount_cents) == (None, 100_000_00)
        for entry in (first.pk, imposed):
            reverse(acting, entry, organisation_id=cast.hilversum.pk, reason="fout")
        assert standing_entries(contribution_id=line) == []
        assert obligation_changes([contract]) == {}


def mirror_of(original: Entry, **changes: Any) -> Entry:
    facts = {
        "contract_id": original.contract_id,
        "kind": original.kind,
        "amount_cents": -original.amount_cents,
        "effective_on": original.effective_on,
        "reverses": original,
        "user_id": original.user_id,
        "organisation_id": original.organisation_id,
        "key": uuid4(),
    }
    return Entry(**facts | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_cents": -499},
        {"amount_cents": 500},
        {"kind": "penalty"},
        {"effective_on": date(2025, 3, 2)},
    ],
)
def test_the_database_refuses_a_mirror_that_differs(cast: Cast, changes: dict[str, Any]) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        original = Entry.objects.get(pk=posted(acting, cast, contract, 500))
        with pytest.raises(IntegrityError), transaction.atomic():
            mirror_of(original, **changes).save()


def test_the_database_refuses_a_mirror_of_a_mirror(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        original = posted(acting, cast, contract, 500)
        taken_back = reverse(acting, original, organisation_id=cast.hilversum.pk, reason="fout")
        with pytest.raises(IntegrityError, match="reversal_differs"), transaction.atomic():
            mirror_of(Entry.objects.get(pk=taken_back)).save()


def test_the_database_refuses_a_mirror_that_names_another_line(cast: Cast) -> None:
    contract = register(cast)
    decisions = [
        accepted(cast, hand_in(cast, contract, kenmerk=name, persoon=name)) for name in ("A", "B")
    ]
    with acting_as(cast.adviser.pk):
        one, other = (Entry.objects.get(decision_id=decision.pk) for decision in decisions)
        assert (one.amount_cents, one.effective_on) == (other.amount_cents, other.effective_on)
        names = {"contribution_id": other.contribution_id, "decision_id": other.decision_id}
        receipt = {"receipt_id": other.receipt_id}
        with pytest.raises(IntegrityError, match="reversal_differs"), transaction.atomic():
            mirror_of(one, **names, **receipt).save()


def test_the_database_refuses_a_negative_entry_and_one_without_decision(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        for cents, kind in ((-1, EntryKind.WAIVED), (100, EntryKind.REALISED)):
            with pytest.raises(IntegrityError), transaction.atomic():
                posted(acting, cast, contract, cents, kind=kind)


def test_nobody_chooses_the_moment_of_booking(cast: Cast) -> None:
    contract = register(cast)
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    with acting_as(cast.adviser.pk) as acting:
        entry = Entry.objects.get(pk=posted(acting, cast, contract, 500))
        late = mirror_of(entry, booked_at=long_ago)
        late.save()
        late.refresh_from_db()
        assert late.booked_at > long_ago + timedelta(days=5000)


@pytest.mark.usefixtures("own_database")
def test_a_position_as_of_then_does_not_change_by_what_was_booked_since(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        posted(acting, cast, contract, 500)
    with acting_as(cast.adviser.pk):
        then = max(entry.booked_at for entry in entries_of([contract]))
    with acting_as(cast.adviser.pk) as acting:
        posted(acting, cast, contract, 700)
        assert positions([contract], as_of=then)[contract].waived_cents == 500
        assert positions([contract])[contract].waived_cents == 1200


def test_balances_are_the_sums_of_the_entries_whatever_happens(cast: Cast) -> None:
    contract, draw = register(cast), random.Random(7)  # noqa: S311 - a test's dice
    with acting_as(cast.adviser.pk) as acting:
        standing: list[int] = []
        for _ in range(60):
            if standing and draw.random() < 0.3:
                entry = standing.pop(draw.randrange(len(standing)))
                reverse(acting, entry, organisation_id=cast.hilversum.pk, reason="terug")
            else:
                kind = draw.choice([EntryKind.WAIVED, EntryKind.REDUCED, EntryKind.PENALTY])
                standing.append(posted(acting, cast, contract, draw.randrange(10**9), kind=kind))
        kept: Counter[str] = Counter()
        for name, cents in Balance.objects.values_list("kind", "cents"):
            kept[name] += cents
        sums: dict[str, int] = {}
        for booked in entries_of([contract]):
            sums[booked.kind] = sums.get(booked.kind, 0) + booked.amount_cents
    assert kept == sums


#: How somebody past all rules (the owner, with the triggers off) breaks each invariant.
BREAKS = {
    "ledger_entry_below_zero": "UPDATE ledger_entry SET amount_cents = -5 WHERE kind = 'waived'",
    "ledger_movement_differs": "UPDATE ledger_movement SET cents = cents + 1",
    "ledger_reversal_differs": "UPDATE ledger_entry SET amount_cents = -499 WHERE reverses_id > 0",
    "ledger_reversed_early": (
        "UPDATE ledger_entry SET booked_at = '2001-01-01' WHERE reverses_id > 0"
    ),
    "ledger_reversal_reversed": (
        "INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason,"
        " reverses_id) SELECT contract_id, kind, -amount_cents, effective_on, gen_random_uuid(),"
        " '', id FROM ledger_entry WHERE reverses_id > 0"
    ),
    "ledger_balance_differs": "UPDATE ledger_balance SET cents = cents + 1",
    "ledger_line_balance_differs": "UPDATE ledger_linebalance SET undecided_cents = 1",
    "ledger_sum_below_zero": (
        "UPDATE ledger_entry SET amount_cents = -9999999 WHERE kind = 'carried_in'"
    ),
    "ledger_decision_differs": "UPDATE ledger_entry SET amount_cents = 1 WHERE kind = 'realised'",
    "ledger_framework_has_entries": "UPDATE contracts_contract SET form = 'framework'",
    "ledger_realised_twice": (
        "INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason,"
        " contribution_id, decision_id) SELECT contract_id, kind, amount_cents, effective_on,"
        " gen_random_uuid(), '', contribution_id, decision_id FROM ledger_entry"
        " WHERE kind = 'realised'"
    ),
    "ledger_instalment_differs": "UPDATE decisions_decision SET before_cents = 1",
    "ledger_obligation_twice": (
        "INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason)"
        " SELECT contract_id, kind, 0, effective_on, gen_random_uuid(), '' FROM ledger_entry"
        " WHERE kind = 'obligation'"
    ),
    "ledger_obligation_differs": "UPDATE contracts_contract SET obligation_cents = 1",
    "ledger_transfer_one_sided": "DELETE FROM ledger_entry WHERE kind = 'carried_out'",
    "ledger_pooled_unagreed": "UPDATE ledger_entry SET kind = 'pooled' WHERE kind = 'carried_in'",
    "ledger_part_differs": (
        "UPDATE ledger_entry SET kind = 'pooled', contribution_id = 7 WHERE kind = 'carried_in'"
    ),
    "ledger_decision_unbooked": "DELETE FROM ledger_entry WHERE kind = 'realised'",
    "ledger_line_differs": "UPDATE contributions_contribution SET verified_cents = 1",
    "ledger_figure_differs": "UPDATE contributions_contribution SET weekly_hours = 1",
    "ledger_entry_untold": "UPDATE ledger_entry SET kind = 'penalty' WHERE kind = 'waived'",
    "ledger_agreement_untold": "UPDATE agreements_version SET user_id = user_id + 1",
    "ledger_turnover_unbooked": (
        "INSERT INTO agreements_turnover (version_id, contract_id, organisation_id, cents, note)"
        " SELECT id, contract_id, organisation_id, 1, '' FROM agreements_version"
        " WHERE addressee_id IS NULL"
    ),
    "ledger_amendment_untold": "UPDATE contracts_amendment SET user_id = user_id + 1",
    "ledger_closing_untold": "UPDATE contracts_contract SET closed_on = '2025-03-01'",
    "ledger_settlement_differs": "UPDATE settlements_statement SET waived_cents = 1",
    "ledger_settled_changed": "UPDATE contracts_contract SET closed_on = NULL",
    "ledger_correction_untold": "UPDATE settlements_correction SET user_id = user_id + 1",
    "ledger_submission_untold": "UPDATE contributions_contribution SET submitted_by_id = NULL",
    "ledger_counterparty_untold": (
        "INSERT INTO contributions_counterpartyanswer (link_id, contribution_id, contract_id,"
        " confirms, reason, name, function, answered_at) SELECT 1, id, contract_id, true, '', 'N',"
        " 'F', now() FROM contributions_contribution"
    ),
    "ledger_row_untold": (
        "INSERT INTO contributions_evidence (contribution_id, contract_id, organisation_id, kind,"
        " number, is_searched, media_type, size, sha256, stored_as, added_at) SELECT id,"
        " contract_id, organisation_id, '', 1, true, 'application/pdf', 1, '', 'f', now()"
        " FROM contributions_contribution"
    ),
    "ledger_parties_untold": "DELETE FROM contracts_party WHERE role = 'auditor'",
    "ledger_reversed_twice": (
        "INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason,"
        " reverses_id) SELECT contract_id, kind, amount_cents, effective_on, gen_random_uuid(),"
        " '', reverses_id FROM ledger_entry WHERE reverses_id > 0"
    ),
}
_LOOSEN = (
    "ALTER TABLE ledger_entry DISABLE TRIGGER USER;"
    "ALTER TABLE ledger_movement DISABLE TRIGGER USER;"
    "ALTER TABLE agreements_version DISABLE TRIGGER USER;"
    "ALTER TABLE agreements_turnover DISABLE TRIGGER USER;"
    "ALTER TABLE contracts_contract DISABLE TRIGGER USER;"
    "ALTER TABLE contracts_amendment DISABLE TRIGGER USER;"
    "ALTER TABLE decisions_decision DISABLE TRIGGER USER;"
    "ALTER TABLE contributions_contribution DISABLE TRIGGER USER;"
    "ALTER TABLE settlements_statement DISABLE TRIGGER USER;"
    "ALTER TABLE settlements_correction DISABLE TRIGGER USER;"
    "ALTER TABLE ledger_entry DROP CONSTRAINT entry_sign;"
    "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_reverses_id_key;"
    "ALTER TABLE contracts_contract DROP CONSTRAINT apply_or_explain;"
    "ALTER TABLE contributions_counterpartyanswer DISABLE TRIGGER ALL"
)


def test_every_check_has_its_break() -> None:
    assert CHECKS.keys() == BREAKS.keys()


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for step in plan.get("Plans", ()):
        yield from _steps(step)


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(CHECKS))
def test_a_check_reads_no_table_anew_for_each_row(as_owner: Callable[..., Any], code: str) -> None:
    """Where there are a million lines it would not end: what it looks for is joined."""
    ((plan,),) = as_owner(f"EXPLAIN (FORMAT JSON) {CHECKS[code]}")
    for_each = [s for s in _steps(plan[0]["Plan"]) if s.get("Parent Relationship") == "SubPlan"]
    assert [part for step in for_each for part in _steps(step) if "Relation Name" in part] == []


@pytest.fixture(scope="module")
def in_order(module_cast: Cast) -> None:
    """Make books with something of everything that a check looks at."""
    cast = module_cast
    contract = register(cast)
    line = hand_in(cast, contract)
    planned(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(
            access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen_cents(access, row)
        )
        posted(acting, cast, contract, 500)
        agree(access, **booked(90_000_00))
        surplus, key = register(cast, reference="S-1"), uuid4()
        posted(acting, cast, surplus, 500, kind=EntryKind.CARRIED_OUT, transfer=key)
        posted(acting, cast, contract, 500, kind=EntryKind.CARRIED_IN, transfer=key)
        wrong = posted(acting, cast, contract, 500, kind=EntryKind.PENALTY)
    with acting_as(cast.adviser.pk) as acting:
        reverse(acting, wrong, organisation_id=cast.hilversum.pk, reason="fout")
    settled(cast, surplus)
    assert corrected(cast, surplus) == "done"


@pytest.mark.usefixtures("in_order")
def test_the_books_are_in_order_before_they_are_broken(own_database: str, server: Any) -> None:
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize("code", sorted(BREAKS))
def test_the_check_names_what_was_broken(
    own_database: str, server: Any, as_owner: Callable[..., Any], code: str
) -> None:
    with connected(server.owner_url, own_database):
        for statement in _LOOSEN.split(";"):
            as_owner(statement)
        as_owner(BREAKS[code])
        told = check_ledger()
        assert code in {problem.code for problem in told}


def test_a_key_of_a_reversal_follows_from_the_original(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        entry = posted(acting, cast, contract, 500, key=UUID(int=1))
        reverse(acting, entry, organisation_id=cast.hilversum.pk, reason="fout")
        keys = {e.key for e in entries_of([contract])}
    assert len(keys) == 3

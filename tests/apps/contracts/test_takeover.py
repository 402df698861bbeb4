"""A contract is taken over: who carries it out on which day, who sees what, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.agreements.models import PlanLine
from telmee.apps.agreements.queries import plans_of
from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for, contract_to_deliver
from telmee.apps.contracts.actions import add_party, register_contract, remove_party
from telmee.apps.contracts.amending import Wanted, amend, plan_amendment, taken_over
from telmee.apps.contracts.chains import chains_of, check_amendments, history_of
from telmee.apps.contracts.choices import Ground, PartyRole, Takeover
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contracts.pooling import pool_of
from telmee.apps.contributions.access import contribution_for, contributions_of, on_contract
from telmee.apps.contributions.actions import save_draft, submit, submit_drafts
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.models import Contribution, Evidence
from telmee.apps.contributions.queries import before_takeover
from telmee.apps.contributions.takeover import lines_that_stay
from telmee.apps.contributions.touched import amend_contract
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.models import Decision, Objection
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.questions import ask, reply
from telmee.apps.ledger.queries import check_ledger, entries_of, figures_per_year, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation
from telmee.apps.people.models import Person
from telmee.apps.receipts.models import Receipt
from telmee.apps.relations.actions import add_contact, write_conversation
from telmee.apps.relations.choices import ConversationKind
from telmee.apps.relations.models import Conversation
from telmee.apps.relations.queries import contacts_on, conversations_on
from telmee.apps.reports.known import known_at
from telmee.apps.reports.portfolio import standing_of
from telmee.apps.reports.shares import deliveries
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import still_runs
from tests.mailing import mailed
from tests.money import accepted, decide
from tests.pooling import TODAY, answered, code_of, pooled, proposed
from tests.registering import PLACEMENT, facts, hand_in, register

DAY = date(2025, 9, 1)


def takeover(by: Organisation, day: date = DAY, how: Takeover = Takeover.MERGER) -> Wanted:
    return taken_over(by.pk, how=how, effective_on=day, reason="Fusie.")


def amended(cast: Cast, contract: int, *amendments: Wanted) -> None:
    with acting_as(cast.adviser.pk) as acting:
        for one in amendments:
            amend_contract(contract_for(acting, contract), one, key=uuid4())


def refused(cast: Cast, contract: int, one: Wanted, by: str = "adviser") -> list[str]:
    with acting_as(getattr(cast, by).pk) as acting, pytest.raises(DomainError) as raised:
        amend(contract_for(acting, contract), one, key=uuid4())
    return [problem.code for problem in raised.value.problems]


def roles(cast: Cast, contract: int) -> dict[tuple[str, str | None], date | None]:
    """Who carries the contract out and who did, each since when."""
    with acting_as(cast.adviser.pk):
        rows = Party.objects.filter(contract=contract, role__in=("contractor", "former"))
        return {(row.role, row.organisation.kvk): row.since for row in rows}


def seen(cast: Cast, contract: int, who: str) -> set[str]:
    """The references of the lines that somebody sees, which both locks must agree on."""
    with acting_as(getattr(cast, who).pk) as acting:
        by_contract = set(on_contract(contract_for(acting, contract)).values_list("pk", flat=True))
        of_all = set(
            contributions_of(acting).filter(contract=contract).values_list("pk", flat=True)
        )
        rows = dict(Contribution.objects.filter(contract=contract).values_list("pk", "reference"))
        assert by_contract == of_all == set(rows)
        return set(rows.values())


@pytest.fixture(scope="module")
def taken(module_cast: Cast) -> int:
    """A contract that Rival took over, with lines of before and after of all who delivered."""
    cast = module_cast
    contract = register(cast)
    accepted(cast, hand_in(cast, contract, kenmerk="A-1", persoon="A-1"))
    hand_in(cast, contract, kenmerk="A-2", persoon="A-2", begin=date(2025, 10, 1),
            eind=date(2025, 12, 31))  # fmt: skip
    hand_in(cast, contract, by="subcontractor", kenmerk="S-1", persoon="S-1")
    amended(cast, contract, takeover(cast.rival))
    hand_in(cast, contract, by="subcontractor", kenmerk="S-2", persoon="S-2",
            begin=date(2025, 10, 1), eind=date(2025, 12, 31))  # fmt: skip
    hand_in(cast, contract, by="competitor", kenmerk="B-1", persoon="B-1",
            begin=date(2025, 9, 1), eind=date(2025, 12, 31))  # fmt: skip
    return contract


_OTHER_PARTY = "UPDATE contracts_party SET organisation_id = {org} WHERE role = 'contractor'"
_HAND_IN = (
    "UPDATE contributions_contribution SET state = 'submitted', receipt_id = {receipt}"
    " WHERE id = {line}"
)
#: What neither contractor writes.
_ATTACKS = (
    "INSERT INTO contracts_amendment (contract_id, number, effective_on, ground, reason, facts,"
    " key, user_id, organisation_id) VALUES ({c}, 2, '2025-02-01', 'taken_over', 'x', '{{}}',"
    " gen_random_uuid(), {me}, {own})",
    "UPDATE contracts_party SET since = NULL WHERE contract_id = {c}",
    "INSERT INTO contracts_party (contract_id, organisation_id, role)"
    " VALUES ({c}, {own}, 'consortium')",
    "DELETE FROM contracts_party WHERE contract_id = {c} AND role = 'former'",
)


def sent(statement: str) -> int:
    """Send a statement and give how many rows it changed; 0 when it was refused."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
    except DatabaseError:
        return 0


# Who carries it out -------------------------------------------------------------------------


def test_another_carries_it_out_from_a_day_and_the_obligation_stays(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk):
        before = [(e.pk, e.amount_cents) for e in entries_of([contract])]
    amended(cast, contract, takeover(cast.rival))
    assert roles(cast, contract) == {("contractor", "30000004"): DAY, ("former", "30000003"): DAY}
    with acting_as(cast.adviser.pk):
        assert [(e.pk, e.amount_cents) for e in entries_of([contract])] == before
        event = Event.objects.get(verb="contract.amended")
        assert event.details["contractor"] == [cast.de_eem.pk, cast.rival.pk]
        row = Contract.objects.get(pk=contract)
        on = {day: history_of(row, day).facts["contractor"] for day in (DAY, date(2025, 8, 31))}
    assert on == {DAY: cast.rival.pk, date(2025, 8, 31): cast.de_eem.pk}


def test_what_was_known_says_who_it_was_then(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk):
        moment = timezone.now()
    amended(cast, contract, takeover(cast.rival))
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        then, now = (known_at(access, at, DAY) for at in (moment, timezone.now()))
    assert then is not None
    assert now is not None
    assert (then.contractor, now.contractor) == (cast.de_eem.pk, cast.rival.pk)
    assert then.parties[cast.de_eem.pk] == "Bouwbedrijf De Eem"


def test_in_any_order_it_comes_to_the_same_contractor_obligation_and_positions(
    cast: Cast, own_database: str, server: Server
) -> None:
    """Two takeovers and another sum, in every order."""
    more = Wanted(ground=Ground.AGREED, effective_on=date(2025, 6, 1), reason="Meer.",
                  facts={"agreed_cents": 120_000_00, "chosen_bp": None})  # fmt: skip
    changes = (takeover(cast.rival), takeover(cast.sub, date(2026, 3, 1)), more)
    lives: list[tuple[object, ...]] = []
    for order in permutations(changes):
        contract = register(cast, reference=f"L-{len(lives)}")
        accepted(cast, hand_in(cast, contract))
        amended(cast, contract, *order)
        with acting_as(cast.adviser.pk):
            row = Contract.objects.get(pk=contract)
            days = [history_of(row, date(2025, month, 2)).facts["contractor"] for month in (3, 10)]
            positions_now = positions([contract])[contract]
            years = {key[1:]: one for key, one in figures_per_year([contract]).items()}
        lives.append((roles(cast, contract), days, positions_now, years))
    assert all(life == lives[0] for life in lives)
    assert lives[0][0] == {
        ("contractor", "30000005"): date(2026, 3, 1),
        ("former", "30000004"): date(2026, 3, 1),
        ("former", "30000003"): DAY,
    }
    with connected(server.owner_url, own_database):
        assert list(check_amendments()) == []
        assert list(check_ledger()) == []


def test_a_takeover_recorded_by_mistake_is_undone_and_leaves_nobody_behind(cast: Cast) -> None:
    contract = register(cast)
    amended(cast, contract, takeover(cast.rival), takeover(cast.de_eem, how=Takeover.MISTAKE))
    assert roles(cast, contract) == {("contractor", "30000003"): None}
    with acting_as(cast.competitor.pk) as acting, pytest.raises(Http404):
        contract_for(acting, contract)


def test_who_was_recorded_by_mistake_keeps_what_he_handed_in(cast: Cast) -> None:
    contract = register(cast)
    amended(cast, contract, takeover(cast.rival))
    hand_in(cast, contract, by="competitor", kenmerk="B-1", begin=DAY, eind=date(2025, 12, 31))
    amended(cast, contract, takeover(cast.de_eem, how=Takeover.MISTAKE))
    assert roles(cast, contract) == {
        ("contractor", "30000003"): None,
        ("former", "30000004"): date(2025, 1, 1),
    }
    assert seen(cast, contract, "competitor") == {"B-1"}
    assert seen(cast, contract, "contractor") == {"B-1"}


def test_a_day_that_was_wrong_is_put_right_and_contact_persons_stay(cast: Cast) -> None:
    contract, sooner = register(cast), date(2025, 8, 1)
    for who, name in (("contractor", "Sam Smit"), ("competitor", "Robin Bos")):
        if who == "competitor":
            amended(cast, contract, takeover(cast.rival))
        with acting_as(getattr(cast, who).pk) as acting:
            add_contact(contract_for(acting, contract), name=name, email=f"{who}@example.org")
    amended(cast, contract, takeover(cast.rival, sooner))
    assert roles(cast, contract) == {
        ("contractor", "30000004"): sooner,
        ("former", "30000003"): sooner,
    }
    with acting_as(cast.adviser.pk) as acting:
        kept = [one.name for one in contacts_on(contract_for(acting, contract))]
    assert kept == ["Robin Bos"]


def test_who_takes_over_reads_what_was_shared_from_then_on(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        for text, day in (("Van voor", date(2025, 8, 31)), ("Van na", DAY)):
            write_conversation(access, kind=ConversationKind.CALL, held_on=day, text=text,
                               is_shared=True, key=uuid4())  # fmt: skip
    amended(cast, contract, takeover(cast.rival))
    for who, texts in (("adviser", 2), ("competitor", 1), ("contractor", 0)):
        with acting_as(getattr(cast, who).pk) as acting:
            assert Conversation.objects.filter(contract=contract).count() == texts
            assert len(conversations_on(contract_for(acting, contract))) == texts


def test_what_cannot_be_is_refused(cast: Cast) -> None:
    contract = register(cast, end=still_runs())
    ahead = timezone.localdate() + timedelta(days=1)
    assert refused(cast, contract, takeover(cast.de_eem)) == ["takeover_by_itself"]
    assert refused(cast, contract, takeover(cast.hilversum)) == ["both_sides"]
    assert refused(cast, contract, takeover(cast.audit_office)) == ["both_sides"]
    assert refused(cast, contract, takeover(cast.rival, ahead)) == ["takeover_to_come"]
    assert refused(cast, contract, takeover(cast.rival, date(2024, 12, 31))) == [
        "amendment_before_contract"
    ]
    for who in ("contractor", "auditor", "reader"):
        assert refused(cast, contract, takeover(cast.rival), by=who) == ["not_allowed"]
    assert roles(cast, contract) == {("contractor", "30000003"): None}


def test_the_same_form_twice_takes_over_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        assert amend(access, takeover(cast.rival), key=key) is not None
        assert amend(access, takeover(cast.rival), key=key) is None
        with pytest.raises(DomainError, match="ledger_key_reused"):
            amend(access, takeover(cast.sub), key=key)
    assert ("contractor", "30000004") in roles(cast, contract)


def test_the_check_names_a_contractor_that_the_chain_does_not_name(
    cast: Cast, own_database: str, server: Server, as_owner: Callable[[str], None]
) -> None:
    contract = register(cast)
    amended(cast, contract, takeover(cast.rival))
    with connected(server.owner_url, own_database):
        as_owner(_OTHER_PARTY.format(org=cast.sub.pk))
        assert [p.params["fact"] for p in check_amendments()] == ["contractor"]


# What stays ---------------------------------------------------------------------------------


def test_the_lines_of_after_the_day_stay_with_who_delivered_them(cast: Cast) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract, kenmerk="A-1", persoon="A-1"))
    later = hand_in(cast, contract, kenmerk="A-2", persoon="A-2", begin=date(2025, 8, 1),
                    eind=date(2025, 9, 1))  # fmt: skip
    accepted(cast, later)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        planned = plan_amendment(access.contract, takeover(cast.rival))
        assert [line.reference for line in lines_that_stay(access, planned)] == ["A-2"]
    with acting_as(cast.adviser.pk):
        before = positions([contract])[contract]
    amended(cast, contract, takeover(cast.rival))
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract] == before
        line = Contribution.objects.get(pk=later)
        assert (line.organisation_id, line.state) == (cast.de_eem.pk, "accepted")


def test_what_who_carried_it_out_still_promised_is_expected_no_more(cast: Cast) -> None:
    contract, today = register(cast), date(2025, 9, 15)
    cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
    ahead = {"begin": date(2026, 1, 1), "eind": date(2026, 6, 30)}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_plan_line(access, {**cells, **ahead}, number=1, note="", line_id=None)

    def planned() -> tuple[int, int, int]:
        with acting_as(cast.adviser.pk):
            row = Contract.objects.get(pk=contract)
            stands = standing_of(row, today=today)
            own = deliveries(contract, today=today).get(cast.de_eem.pk)
            promised = stands.figures.promised_cents
            return promised, stands.outlook.planned_cents, own.planned_cents if own else 0

    promised, before, own = planned()
    assert promised == before == own > 0
    amended(cast, contract, takeover(cast.rival))
    assert planned() == (promised, 0, 0)
    with acting_as(cast.competitor.pk):
        assert plans_of(contract) == []
        assert not PlanLine.objects.filter(contract=contract).exists()
        assert not Event.objects.filter(verb__startswith="contract.plan").exists()
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        assert [plan.agreement.organisation_id for plan in plans_of(contract)] == [cast.de_eem.pk]
        assert Event.objects.filter(verb__startswith="contract.plan").exists()
        with pytest.raises(DomainError, match="not_allowed"):
            save_plan_line(access, {**cells, **ahead}, number=2, note="", line_id=None)


# Who sees what ------------------------------------------------------------------------------


def test_who_takes_over_sees_what_begins_from_then_on_and_no_line_of_before(
    cast: Cast, taken: int
) -> None:
    assert seen(cast, taken, "competitor") == {"S-2", "B-1"}
    assert seen(cast, taken, "contractor") == {"A-1", "A-2"}
    assert seen(cast, taken, "subcontractor") == {"S-1", "S-2"}
    for who in ("adviser", "team", "auditor"):
        assert seen(cast, taken, who) == {"A-1", "A-2", "S-1", "S-2", "B-1"}


def test_the_first_lock_holds_by_itself(
    cast: Cast, taken: int, own_database: str, server: Server
) -> None:
    """As the owner, whom row security does not bind."""
    wanted = {
        "competitor": {"S-2", "B-1"},
        "contractor": {"A-1", "A-2"},
        "adviser": {"A-1", "A-2", "S-1", "S-2", "B-1"},
    }
    for who, references in wanted.items():
        with connected(server.owner_url, own_database), acting_as(getattr(cast, who).pk) as acting:
            lines = on_contract(contract_for(acting, taken))
            assert {line.reference for line in lines} == references
            every = contributions_of(acting).filter(contract=taken)
            assert {line.reference for line in every} == references


def test_who_takes_over_sees_the_books_and_sums_of_before(cast: Cast, taken: int) -> None:
    with acting_as(cast.competitor.pk) as acting:
        assert contract_for(acting, taken).sees_all
        assert {e.kind for e in entries_of([taken])} == {"obligation", "realised"}
        rows = before_takeover(taken)
        known = {line.value_cents for line in on_contract(contract_for(acting, taken))}
    assert [(row.block, row.year, row.lines) for row in rows] == [("pw_lt2", 2025, 3)]
    with acting_as(cast.adviser.pk) as acting:
        lines = on_contract(contract_for(acting, taken)).filter(reference__in=("A-1", "A-2", "S-1"))
        assert rows[0].delivered_cents == sum(line.value_cents or 0 for line in lines)
        assert rows[0].verified_cents == sum(line.verified_cents or 0 for line in lines)
        assert before_takeover(taken) == []
    assert known
    with acting_as(cast.contractor.pk) as acting:
        assert not contract_for(acting, taken).sees_all
        assert entries_of([taken]) == []
        assert before_takeover(taken) == []


#: What each of two is not to read with the application's role, past all our code.
_HIDDEN = {
    "competitor": """
        SELECT 'line', count(*) FROM contributions_contribution
            WHERE contract_id = {c} AND reference IN ('A-1', 'A-2', 'S-1')
        UNION ALL SELECT 'person', count(*) FROM people_person WHERE code IN ('A-1', 'A-2', 'S-1')
        UNION ALL SELECT 'decision', count(*) FROM decisions_decision d WHERE contract_id = {c}
        UNION ALL SELECT 'receipt', count(*) FROM receipts_receipt
            WHERE contract_id = {c} AND organisation_id = {de_eem}
        UNION ALL SELECT 'journal', count(*) FROM audit_event
            WHERE contract_id = {c} AND kind = 'contribution'
            AND organisation_id IN ({de_eem}, {hilversum})
        UNION ALL SELECT 'booked', count(*) FROM audit_event
            WHERE contract_id = {c} AND kind = 'ledger' AND details->>'kind' = 'realised'
        UNION ALL SELECT 'upload', count(*) FROM contributions_upload
        UNION ALL SELECT 'handing in', count(*) FROM contributions_handingin""",
    "contractor": """
        SELECT 'line', count(*) FROM contributions_contribution
            WHERE contract_id = {c} AND reference IN ('B-1', 'S-1', 'S-2')
        UNION ALL SELECT 'person', count(*) FROM people_person WHERE code IN ('B-1', 'S-1', 'S-2')
        UNION ALL SELECT 'books', count(*) FROM ledger_entry WHERE contract_id = {c}
        UNION ALL SELECT 'balance', count(*) FROM ledger_balance WHERE contract_id = {c}
        UNION ALL SELECT 'movement', count(*) FROM ledger_movement WHERE contract_id = {c}
        UNION ALL SELECT 'amendment', count(*) FROM contracts_amendment WHERE contract_id = {c}
        UNION ALL SELECT 'receipt', count(*) FROM receipts_receipt
            WHERE contract_id = {c} AND organisation_id IS DISTINCT FROM {de_eem}
        UNION ALL SELECT 'journal', count(*) FROM audit_event
            WHERE contract_id = {c} AND organisation_id <> {de_eem}""",
}


@pytest.mark.parametrize("who", sorted(_HIDDEN))
def test_neither_reads_what_is_the_others_past_our_code(cast: Cast, taken: int, who: str) -> None:
    names = {name: getattr(cast, name).pk for name in ("de_eem", "hilversum")}
    with acting_as(getattr(cast, who).pk), connection.cursor() as cursor:
        cursor.execute(_HIDDEN[who].format(c=taken, **names))
        assert {kind: count for kind, count in cursor.fetchall() if count} == {}


def test_a_line_of_the_other_looks_as_if_it_is_not_there(cast: Cast, taken: int) -> None:
    with acting_as(cast.adviser.pk):
        ids = dict(Contribution.objects.filter(contract=taken).values_list("reference", "pk"))
    for who, reference in (("competitor", "A-1"), ("contractor", "B-1")):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            contribution_for(acting, ids[reference])


# Who may do what ----------------------------------------------------------------------------


def test_who_carried_it_out_hands_in_days_of_before_and_none_after(cast: Cast, taken: int) -> None:
    hand_in(cast, taken, kenmerk="A-3", persoon="A-3", begin=date(2025, 7, 1),
            eind=date(2025, 8, 31))  # fmt: skip
    with pytest.raises(DomainError, match="line_after_takeover"):
        hand_in(cast, taken, kenmerk="A-4", persoon="A-4", begin=date(2025, 7, 1),
                eind=date(2025, 9, 1))  # fmt: skip


def test_of_drafts_that_go_in_together_those_days_stay_behind(cast: Cast, taken: int) -> None:
    cells = {**PLACEMENT, "begin": date(2025, 7, 1), "eind": date(2025, 8, 31)}
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, taken)
        early = save_draft(access, {**cells, "kenmerk": "A-8", "persoon": "A-8"})
        late = save_draft(access, {**cells, "kenmerk": "A-9", "persoon": "A-9", "eind": DAY})
        done = submit_drafts(access, [early, late])
    assert (done.done, {pk: one[0].code for pk, one in done.refused.items()}) == (
        1,
        {late.pk: "line_after_takeover"},
    )


def test_a_question_is_answered_and_moves_no_day_past_the_takeover(cast: Cast) -> None:
    contract = register(cast)
    early = hand_in(cast, contract, kenmerk="A-1", persoon="A-1")
    later = hand_in(cast, contract, kenmerk="A-2", persoon="A-2", begin=DAY, eind=DAY)
    amended(cast, contract, takeover(cast.rival))
    for line in (early, later):
        with acting_as(cast.adviser.pk) as acting:
            due = timezone.localdate() + timedelta(days=7)
            access, row = contribution_for(acting, line)
            ask(access, row, text="Klopt dit?", due=due, key=uuid4())
    with acting_as(cast.contractor.pk) as acting:
        access, row = contribution_for(acting, early)
        moved = {**cells_to_value(row), "persoon": "A-1", "eind": DAY}
        with pytest.raises(DomainError, match="line_after_takeover"):
            reply(access, row, text="Langer.", cells=moved)
        fewer = {**cells_to_value(row), "persoon": "A-1", "uren_per_week": 20_00}
        reply(access, row, text="Minder uren.", cells=fewer)
        # Of a takeover back in time: the days were there before it, and stay his.
        access, row = contribution_for(acting, later)
        fewer = {**cells_to_value(row), "persoon": "A-2", "uren_per_week": 20_00}
        reply(access, row, text="Minder uren.", cells=fewer)
    with acting_as(cast.adviser.pk):
        states = Contribution.objects.filter(pk__in=(early, later)).values_list("state", flat=True)
        assert set(states) == {"submitted"}


def test_who_takes_over_can_bring_the_contract_in_a_pool_of_his_own(cast: Cast) -> None:
    others = replace(cast, de_eem=cast.rival, contractor=cast.competitor)
    mine, other = register(cast, reference="A-1"), register(cast, reference="A-2")
    own = register(others, reference="B-1")
    pooled(cast, mine, other)
    assert code_of(proposed, cast, mine, own) == "other_parties"
    amended(cast, mine, takeover(cast.rival))
    pool = proposed(cast, mine, own)
    answered(cast, pool, by="competitor")
    with acting_as(cast.adviser.pk):
        assert pool_of(pool).contracts_on(TODAY) == sorted((mine, own))


def test_the_database_refuses_such_days_as_well(cast: Cast, taken: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, taken)
        cells = {**PLACEMENT, "kenmerk": "A-5", "persoon": "A-5", "begin": date(2025, 7, 1),
                 "eind": date(2025, 8, 31)}  # fmt: skip
        line = save_draft(access, cells)
        submit(access, line)
        late = save_draft(access, {**cells, "kenmerk": "A-6", "eind": date(2025, 9, 1)})
        early = save_draft(access, {**cells, "kenmerk": "A-7"})
        receipt = Receipt.objects.filter(organisation_id=cast.de_eem.pk).latest("pk").pk
        assert sent(_HAND_IN.format(receipt=receipt, line=late.pk)) == 0
        assert sent(_HAND_IN.format(receipt=receipt, line=early.pk)) == 1


def test_who_carried_it_out_still_objects_and_nothing_else_is_his(cast: Cast, taken: int) -> None:
    with acting_as(cast.adviser.pk):
        line = Contribution.objects.get(contract=taken, reference="A-2").pk
    with acting_as(cast.adviser.pk) as acting:
        access, row = contribution_for(acting, line)
        why: Any = {"reason": DecisionReason.OTHER, "text": "Niet goed."}
        decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), **why)
    with acting_as(cast.contractor.pk) as acting:
        access, row = contribution_for(acting, line)
        object_to(access, row, reason="Het klopt wel.")
        assert Objection.objects.filter(contribution=line).exists()
        assert access.leading_for is None
        assert access.deciding_for is None
        assert contract_to_deliver(acting, taken).formers == {cast.de_eem.pk: DAY}
    with acting_as(cast.competitor.pk):
        assert not Objection.objects.filter(contribution=line).exists()
        assert not Decision.objects.filter(contribution=line).exists()
        assert not Evidence.objects.filter(contribution=line).exists()
        assert not Person.objects.filter(code="A-2").exists()


def test_both_are_told_each_what_is_his_and_nobody_of_a_person(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    amended(cast, contract, takeover(cast.rival))
    mails = {address: str(mail.body) for mail in mailed() for address in mail.to}
    assert "vanaf 01-09-2025" in mails[cast.competitor.email]
    assert "Een andere organisatie" in mails[cast.contractor.email]
    assert "Een andere organisatie" not in mails[cast.competitor.email]
    assert not any("P-1" in text for text in mails.values())
    assert cast.subcontractor.email not in mails


def test_nobody_makes_somebody_a_former_contractor_by_hand(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        with pytest.raises(DomainError, match="not_allowed"):
            add_party(access, organisation_id=cast.rival.pk, role=PartyRole.FORMER)
    amended(cast, contract, takeover(cast.rival))
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        former = next(p for p in access.parties if p.role == PartyRole.FORMER)
        with pytest.raises(DomainError, match="not_allowed"):
            remove_party(access, party_id=former.pk, reason="Weg.")


def test_a_contract_without_contractor_is_not_taken_over(cast: Cast) -> None:
    with acting_as(cast.adviser.pk) as acting:
        contract = register_contract(
            acting,
            facts(form="framework", agreed_cents=None, percentage_reason=""),
            client_id=cast.hilversum.pk,
            contractor_id=None,
        )
    assert refused(cast, contract, takeover(cast.rival)) == ["takeover_of_nobody"]


def test_nobody_but_who_decides_writes_a_takeover_past_our_code(cast: Cast, taken: int) -> None:
    for who, own in (("contractor", cast.de_eem), ("competitor", cast.rival)):
        me = getattr(cast, who).pk
        with acting_as(me):
            through = [one for one in _ATTACKS if sent(one.format(c=taken, me=me, own=own.pk))]
        assert through == []
    with acting_as(cast.adviser.pk):
        assert set(chains_of([taken])[taken][1].facts) == {"contractor", "takeover"}

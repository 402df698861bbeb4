"""Figures over many contracts: the same as of one, and nothing counted twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.choices import Category, Form
from telmee.apps.contracts.facts import ContractFacts, assess_facts
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contracts.queries import as_line
from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.queries import lines_in_queue, queue
from telmee.apps.decisions.choices import Outcome
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.deadlines import deadlines, next_deadline
from telmee.apps.reports.dossier import earlier_lines, facets_of_queue, to_check
from telmee.apps.reports.pace import pace
from telmee.apps.reports.portfolio import standings, totals
from telmee.apps.reports.work import subcontracted, waiting
from telmee.apps.schemes.queries import scheme_of, version_for
from telmee.core.contributions.lines import contributions_from
from telmee.core.valuation import value
from telmee.core.valuation.explanation import explain
from tests.cast import Cast
from tests.days import today
from tests.money import decide
from tests.registering import PLACEMENT, found, hand_in, register, seen_cents

TODAY = date(2025, 7, 1)


def accept(cast: Cast, line: int) -> int:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        return decide(
            access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen_cents(access, row)
        ).amount_cents


def test_a_framework_stands_where_its_call_offs_stand_and_counts_once(cast: Cast) -> None:
    framework = register(cast, reference="RAAM", form=Form.FRAMEWORK, agreed_cents=None)
    calls = [
        register(cast, reference=f"NOK-{n}", form=Form.CALL_OFF, parent_id=framework)
        for n in range(2)
    ]
    verified = accept(cast, hand_in(cast, calls[0]))
    with acting_as(cast.adviser.pk) as acting:
        found_ = {s.contract.pk: s for s in standings(contracts_of(acting), today=TODAY)}
        books = positions(calls)
    whole = found_[framework]
    assert whole.position.owed_cents == sum(b.owed_cents for b in books.values()) == 200_000_00
    assert whole.position.verified_cents == verified
    total = totals(found_.values())
    assert (total.contracts, total.owed_cents, total.verified_cents) == (2, 200_000_00, verified)


def test_promised_delivered_and_verified_are_three_figures(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        cells = {k: v for k, v in PLACEMENT.items() if k != "persoon"}
        access = contract_for(acting, contract)
        save_plan_line(access, cells, number=3, note="", line_id=None)
    verified = accept(cast, hand_in(cast, contract, kenmerk="A"))
    hand_in(cast, contract, kenmerk="B", persoon="P-2")
    with acting_as(cast.adviser.pk) as acting:
        stands = standings(contracts_of(acting), today=TODAY)
    total = totals(stands)
    assert total.verified_cents == verified
    assert total.delivered_cents == 2 * verified
    assert total.promised_cents == 3 * verified
    assert total.position.open_cents == 100_000_00 - verified


def test_deadlines_are_those_of_the_assessment(cast: Cast) -> None:
    facts: dict[str, Any] = {
        "scheme": "amersfoort",
        "published_on": date(2025, 1, 6),
        "awarded_on": date(2025, 4, 1),
        "start": date(2025, 5, 1),
    }
    contract = register(cast, **facts)
    with acting_as(cast.adviser.pk):
        rows = list(Contract.objects.filter(pk=contract))
        given = deadlines(rows)[contract]
        told = ContractFacts(
            reference="x",
            name="x",
            category=Category(rows[0].category),
            end=rows[0].end,
            value_cents=rows[0].value_cents,
            agreed_cents=100_000_00,
            **facts,
        )
        assessed = assess_facts(told, version_for(facts["scheme"], facts["published_on"]))
    dues = sorted(due.due for due in assessed.deadlines if due.due)
    assert [deadline.due for deadline in given] == dues
    assert dues
    first = next_deadline(given, dues[0])
    assert first is not None
    assert first.due == dues[0]
    assert next_deadline(given, dues[-1] + timedelta(days=1)) is None


@pytest.mark.usefixtures("own_database")
def test_the_pace_counts_first_decisions_in_working_days(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    friday = datetime(2026, 4, 24, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))
    line = 0
    for number, days in enumerate((3, 4, 11, 31)):  # 27 April and 5 May are holidays
        line = hand_in(cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}")
        as_owner(
            "INSERT INTO decisions_decision (contribution_id, contract_id, number, outcome, "
            "amount_cents, reason, text, rule, key, submitted_at, decided_at) "
            "VALUES (%s, %s, 1, 'rejected', 0, 'other', 'Nee.', '', %s, %s, %s)",
            line,
            contract,
            uuid4(),
            friday,
            friday + timedelta(days=days),
        )
    # A second decision on a line, much later: who was first is counted, and once.
    as_owner(
        "INSERT INTO decisions_decision (contribution_id, contract_id, number, outcome, "
        "amount_cents, reason, text, rule, key, decided_at) "
        "VALUES (%s, %s, 2, 'rejected', 0, 'other', 'Nee.', '', %s, %s)",
        line,
        contract,
        uuid4(),
        friday + timedelta(days=36),
    )
    with acting_as(cast.adviser.pk):
        whole, months = pace([contract], today=date(2026, 6, 1))
        assert pace([], today=date(2026, 6, 1)) == (whole.__class__(), {})
    assert (whole.decided, whole.median_days, whole.most_days) == (4, 4, 31)
    assert whole.median_working_days == 1
    assert [(month, found_.decided) for month, found_ in months.items()] == [
        (date(2026, 4, 1), 2),
        (date(2026, 5, 1), 2),
    ]


def test_what_waits_is_counted_once_and_objections_by_themselves(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="A")
    accept(cast, hand_in(cast, contract, kenmerk="B", persoon="P-2"))
    with acting_as(cast.adviser.pk) as acting:
        told = waiting([contract], today=date(2025, 7, 1))
        cents = sum(
            line.value_cents or 0 for line in lines_in_queue(acting, queue(acting, today()))
        )
    assert (told.lines, told.objections, told.claimed_cents) == (1, 0, cents)
    assert told.since is not None
    assert timezone.localdate(told.since) == timezone.localdate()


def test_points_to_check_are_those_of_the_line_itself(cast: Cast) -> None:
    contract = register(cast)
    plain = hand_in(cast, contract)
    line = hand_in(cast, contract, kenmerk="TOESLAG", toeslagen="age50", persoon="P-2")
    with acting_as(cast.adviser.pk) as acting:
        rows = lines_in_queue(acting, queue(acting, today()))
        counted, again = to_check(rows), to_check(rows)
        row = found(acting, line)[1]
        scheme = scheme_of(row.contract.scheme_id)
        valued = value(scheme, contributions_from([as_line(cells_of(row), row.contract)]))
    checks = [step.value for step in explain(valued, 0) if step.step == "to_check"]
    assert "target_group" in checks  # it holds for every line of the block
    assert counted == again == {plain: 0, line: 2}  # the bonus, and its condition


def test_earlier_lines_are_of_the_same_person_of_the_same_contractor(cast: Cast) -> None:
    first, second = register(cast, reference="C-1"), register(cast, reference="C-2")
    same = hand_in(cast, first, kenmerk="ZELFDE")
    hand_in(cast, first, kenmerk="ANDER", persoon="P-2")
    hand_in(cast, first, by="subcontractor", kenmerk="ANDERE-ORGANISATIE")
    line = hand_in(cast, second, kenmerk="NU")
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        assert [entry.pk for entry in earlier_lines(acting, row, today=date(2025, 7, 1))] == [same]


def test_lines_can_be_chosen_by_what_occurs(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="A")
    hand_in(cast, contract, kenmerk="B", persoon="P-2")
    with acting_as(cast.adviser.pk) as acting:
        facets = facets_of_queue(acting, today())
    (contractor,) = facets.contractors.values()
    (block,) = facets.blocks
    (client,) = facets.clients
    assert (len(facets.lines), client) == (2, "Gemeente Hilversum")
    assert (contractor, block[1]) == ("Bouwbedrijf De Eem", "pw_lt2")


def test_a_subcontractors_part_adds_up_his_own_lines(cast: Cast) -> None:
    contract = register(cast)
    own = hand_in(cast, contract, by="subcontractor", kenmerk="ONDER")
    hand_in(cast, contract, by="subcontractor", kenmerk="WACHT", persoon="P-2")
    hand_in(cast, contract, kenmerk="BOVEN", persoon="P-3")
    verified = accept(cast, own)
    with acting_as(cast.subcontractor.pk) as acting:
        (part,) = subcontracted(acting, today=date(2025, 7, 1))
    assert (part.contract_id, part.waiting_lines, part.verified_cents) == (contract, 1, verified)
    assert part.delivered_cents == 2 * verified

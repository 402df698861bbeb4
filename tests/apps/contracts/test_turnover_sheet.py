"""Turnover from a sheet: looked at first, proposed all at once or not, and the same sheet once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.queries import turnover_versions
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.restricting import give_contracts
from telmee.apps.contracts.turnover_sheet import (
    SheetPlan,
    open_lines,
    plan_sheet,
    propose_sheet,
)
from telmee.apps.contracts.turnover_work import owed_with, turnover_tasks
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.integrations.spreadsheets.apart import SheetFile, TurnoverLine, read_turnover_file
from telmee.texts import problem_text
from tests.apps.contracts.test_turnover import agree, by_turnover, owed, propose
from tests.apps.decisions.test_initiative_waits import proved
from tests.apps.test_row_security import sql
from tests.at_once import at_once
from tests.cast import Cast, membership_of
from tests.mailing import mailed

__all__ = ["proved"]
LOCKED = re.compile(r"pg_advisory_xact_lock.*unnest\('{(.*)}'")
TODAY = date(2028, 2, 1)
HEAD = "contract;periode;omzet;toelichting"


def read(folder: Path, *lines: str, lines_max: int = 10) -> SheetFile[TurnoverLine]:
    path = folder / "omzet.csv"
    path.write_text("\r\n".join((HEAD, *lines)), "utf-8")
    return read_turnover_file(path, lines_max=lines_max)


def planned(cast: Cast, file: SheetFile[TurnoverLine], by: str = "adviser") -> SheetPlan:
    with acting_as(getattr(cast, by).pk) as acting:
        return plan_sheet(acting, file.lines, today=TODAY)


def proposed(cast: Cast, plan: SheetPlan, by: str = "adviser") -> int:
    with acting_as(getattr(cast, by).pk) as acting:
        return propose_sheet(acting, plan.proposals, today=TODAY)


def said(cast: Cast, contract: int) -> list[tuple[int, int, State]]:
    with acting_as(cast.adviser.pk):
        versions = turnover_versions([contract]).get(contract, [])
        return [(one.period.year, one.cents // 100, one.state) for one in versions]


def test_a_sheet_proposes_for_each_contract_and_period_and_the_same_sheet_does_it_once(
    cast: Cast, tmp_path: Path
) -> None:
    one, two = by_turnover(cast, reference="A-1"), by_turnover(cast, reference="B-2")
    lines = ("a-1;2025;600.000,00;Volgens de facturen", "B-2;2025;1000", "B-2;2026;0")
    plan = planned(cast, read(tmp_path, *lines))
    assert (len(plan.proposals), plan.known, plan.problems) == (3, 0, ())
    assert proposed(cast, plan) == 3
    assert proposed(cast, plan) == 0, "a double click proposes once"
    again = planned(cast, read(tmp_path, *lines))
    assert (again.proposals, again.known) == ((), 3)
    assert said(cast, one) == [(2025, 600_000, State.PROPOSED)]
    assert [row[:2] for row in said(cast, two)] == [(2026, 0), (2025, 1000)]
    mails = [mail for mail in mailed() if "stelt de omzet van 2 opdrachten voor" in mail.subject]
    assert len(mails) == len({mail.to[0] for mail in mails}) > 0, "one for each reader"


def test_everything_that_is_wrong_is_said_at_once_with_its_row(cast: Cast, tmp_path: Path) -> None:
    by_turnover(cast, reference="A-1")
    by_turnover(cast, reference="SOM", over_turnover=False)
    for lot in ("1", "2"):
        by_turnover(cast, reference="PERCEEL", lot=lot)
    file = read(
        tmp_path,
        "WEG;2025;1",
        "SOM;2025;1",
        "PERCEEL;2025;1",
        "A-1;2025-K1;1",
        "A-1;2031;1",
        "A-1;2025;1",
        "A-1;2025;2",
        "A-1;2026;1,234",
        ";2025;1",
    )
    assert [(p.code, p.row) for p in file.problems] == [
        ("ambiguous_number", 9),
        ("missing_value", 10),
    ]
    plan = planned(cast, file)
    assert [(p.code, p.row) for p in plan.problems] == [
        ("turnover_contract_unknown", 2),
        ("turnover_not_asked", 3),
        ("turnover_contract_ambiguous", 4),
        ("period_unreadable", 5),
        ("period_not_of_contract", 6),
        ("turnover_twice", 8),
    ]


def test_a_line_with_two_faults_says_both(cast: Cast, tmp_path: Path) -> None:
    by_turnover(cast, reference="A-1")
    file = read(tmp_path, "WEG;2025;1,234", "A-1;2031;1,234", "A-1;;1,234", "A-1;2025;1,234")
    plan = planned(cast, file)
    both = sorted((p.row or 0, p.code) for p in (*file.problems, *plan.problems))
    assert both == [
        (2, "ambiguous_number"),
        (2, "turnover_contract_unknown"),
        (3, "ambiguous_number"),
        (3, "period_not_of_contract"),
        (4, "ambiguous_number"),
        (4, "missing_value"),
        (5, "ambiguous_number"),
    ]
    assert not plan.proposals


def test_a_sheet_is_proposed_whole_or_not_at_all(cast: Cast, tmp_path: Path) -> None:
    one, two = by_turnover(cast, reference="A-1"), by_turnover(cast, reference="B-2")
    plan = planned(cast, read(tmp_path, "A-1;2025;1000", "B-2;2025;2000"))
    assert propose(cast, two, 5) == "done", "meanwhile the contractor said something"
    with pytest.raises(DomainError) as refused:
        proposed(cast, plan)
    assert [(p.code, p.row) for p in refused.value.problems] == [("agreement_changed", 3)]
    assert said(cast, one) == []


def test_all_that_is_wrong_by_then_is_said_at_once_with_its_row(cast: Cast, tmp_path: Path) -> None:
    ids = [by_turnover(cast, reference=f"O-{number}") for number in range(4)]
    lines = [f"O-{number};2025;{number + 1}.000" for number in (3, 2, 1, 0)]
    plan = planned(cast, read(tmp_path, *lines))
    assert propose(cast, ids[2], 5) == "done"
    agree(cast, ids[1], 2_000)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, ids[0])
        close_contract(access, on=date(2026, 12, 31), reason="Klaar.", today=TODAY)
    with pytest.raises(DomainError) as refused:
        proposed(cast, plan)
    assert [(p.code, p.row) for p in refused.value.problems] == [
        ("agreement_changed", 3),
        ("turnover_unchanged", 4),
        ("contract_closed", 5),
    ]
    assert said(cast, ids[3]) == []
    with pytest.raises(DomainError, match="not_allowed"):
        proposed(cast, plan, by="competitor")
    with pytest.raises(DomainError) as refused:
        proposed(cast, plan, by="auditor")
    assert sorted(p.code for p in refused.value.problems)[1:] == ["not_allowed"] * 3


def test_a_sheet_asks_as_much_and_takes_one_lock_a_contract_however_long_it_is(
    cast: Cast, tmp_path: Path
) -> None:
    asked: dict[int, int] = {}
    for count in (2, 12):
        for number in range(count):
            by_turnover(cast, reference=f"S-{count}-{number}")
        of = reversed(range(count))
        lines = [f"S-{count}-{number};{year};7" for number in of for year in (2025, 2026)]
        plan = planned(cast, read(tmp_path, *lines, lines_max=24))
        before = locks()
        with CaptureQueriesContext(connection) as queries:
            assert proposed(cast, plan) == 2 * count
        asked[count] = len(queries)
        assert locks() - before == count
        (taken,) = {ids for one in queries for ids in LOCKED.findall(one["sql"])}
        assert taken.split(",") == sorted(taken.split(","), key=int), "all in one order"
    assert asked[2] == asked[12]


def locks() -> int:
    """How many locks this transaction has that have a name of ours."""
    rows = sql(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    )
    return int(rows[0][0])


@pytest.mark.usefixtures("proved")
def test_of_two_sheets_at_once_in_another_order_one_is_proposed_and_once(
    cast: Cast, tmp_path: Path
) -> None:
    ids = [by_turnover(cast, reference=f"O-{number}") for number in range(6)]
    lines = [f"O-{number};2025;{number + 1}.000" for number in range(6)]
    one, other = (planned(cast, read(tmp_path, *rows)) for rows in (lines, reversed(lines)))
    same = at_once(lambda: proposed(cast, one), lambda: proposed(cast, one))
    assert same == ["done", "done"]
    assert [len(said(cast, contract)) for contract in ids] == [1] * 6
    higher = [replace(row, cents=row.cents + 1, seen=1) for row in other.proposals]
    theirs = SheetPlan(tuple(higher), 0, ())
    others = [replace(row, cents=row.cents + 1) for row in reversed(higher)]
    ours = SheetPlan(tuple(others), 0, ())
    came = at_once(
        lambda: proposed(cast, theirs, by="contractor"), lambda: proposed(cast, ours, by="adviser")
    )
    assert sorted(came) == ["agreement_changed", "done"]
    assert [len(said(cast, contract)) for contract in ids] == [2] * 6


@pytest.mark.usefixtures("own_database")
def test_each_reader_is_told_once_of_the_contracts_that_are_his(
    cast: Cast, as_owner: Any, tmp_path: Path
) -> None:
    as_owner(
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'worker', now())",
        cast.adviser.pk,
        cast.de_eem.pk,
    )
    ids = [by_turnover(cast, reference=f"O-{number}") for number in range(3)]
    give_contracts_of(cast, ids[0])
    plan = planned(cast, read(tmp_path, *(f"O-{number};2025;7" for number in range(3))))
    assert proposed(cast, plan) == 3
    counts = {mail.to[0]: mail.subject for mail in mailed() if "stelt de omzet" in mail.subject}
    assert "van 1 opdracht voor" in counts[cast.contractor.email]
    assert "van 3 opdrachten voor" in counts[cast.contractor_manager.email]
    assert cast.adviser.email not in counts, "he did it himself"


def give_contracts_of(cast: Cast, contract: int) -> None:
    """Leave the worker of the contractor one contract."""
    pk = membership_of(cast.contractor)
    with acting_as(cast.contractor_manager.pk) as acting:
        give_contracts(acting, pk, {contract})


def test_a_line_for_a_contract_of_others_is_as_one_that_is_not_there(
    cast: Cast, tmp_path: Path
) -> None:
    by_turnover(cast, reference="A-1")
    plan = planned(cast, read(tmp_path, "A-1;2025;1000"), by="competitor")
    assert [p.code for p in plan.problems] == ["turnover_contract_unknown"]
    for who in ("auditor", "subcontractor"):
        assert planned(cast, read(tmp_path, "A-1;2025;1000"), by=who).proposals == ()


def test_a_sheet_with_a_bsn_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        read(tmp_path, "A-1;2025;1000;123456782")
    assert refused.value.problems[0].code.startswith("bsn_found")


def test_the_template_has_the_periods_on_which_nothing_was_agreed(cast: Cast) -> None:
    contract = by_turnover(cast, reference="A-1")
    agree(cast, contract, 1)
    with acting_as(cast.adviser.pk) as acting:
        lines = [(name, str(period)) for name, period in open_lines(acting, today=TODAY)]
    assert lines == [("A-1", "2026")]


def test_the_work_of_each_side_says_what_agreeing_does(cast: Cast) -> None:
    contract = by_turnover(cast, reference="A-1")
    propose(cast, contract, 600_000)
    tasks: dict[str, list[tuple[str, bool, bool]]] = {}
    for who in ("adviser", "team", "contractor", "auditor", "competitor"):
        with acting_as(getattr(cast, who).pk) as acting:
            work = turnover_tasks(acting, today=TODAY)
            tasks[who] = [(str(t.one.period), t.mine, t.waiting is not None) for t in work]
            assert all(cents == 30_000_00 for cents in owed_with(work).values())
    theirs: list[Any] = [("2025", True, True), ("2026", False, False)]
    assert tasks["adviser"] == tasks["team"] == theirs
    assert tasks["contractor"] == [("2025", False, True), ("2026", False, False)]
    assert tasks["auditor"] == tasks["competitor"] == []
    assert owed(cast, contract) == 0


def test_what_was_agreed_is_not_proposed_again_while_another_amount_waits(
    cast: Cast, tmp_path: Path
) -> None:
    contract = by_turnover(cast, reference="A-1")
    agree(cast, contract, 1_000)
    assert propose(cast, contract, 2_000) == "done"
    plan = planned(cast, read(tmp_path, "A-1;2025;1000"))
    assert [(p.code, p.row) for p in plan.problems] == [("turnover_unchanged", 2)]
    (problem,) = plan.problems
    assert "€ 1.000,00" in problem_text(problem, "nl")[0]
    assert (plan.proposals, plan.known) == ((), 0)
    assert planned(cast, read(tmp_path, "A-1;2025;2000")).known == 1


def test_a_contract_that_is_closed_is_called_so(cast: Cast, tmp_path: Path) -> None:
    contract = by_turnover(cast, reference="A-1")
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        close_contract(access, on=date(2026, 12, 31), reason="Klaar.", today=TODAY)
    lines = read(tmp_path, "A-1;2025;1000")
    assert [p.code for p in planned(cast, lines).problems] == ["contract_closed"]
    by_turnover(cast, reference="a-1", over_turnover=False)
    assert [p.code for p in planned(cast, lines).problems] == ["turnover_not_asked"]
    by_turnover(cast, reference="A-1")
    assert planned(cast, lines).problems == ()

"""A figure is kept with its story: what happens beside it later changes nothing in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from telmee.apps.agreements.models import PlanLine
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import penalise
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import to_come as sum_to_come
from telmee.apps.contributions.valuing import value_line
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import entries_of, standing_entries
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.checking import check_receipts
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import content_of, problems_of, split_of, story_of
from telmee.apps.schemes.queries import scheme_of
from telmee.core.errors import Problem
from telmee.core.receipts import content_hash
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.money import YEAR_TO, accepted, agree, booked, decide
from tests.registering import PLACEMENT, found, hand_in, register

WHY: dict[str, Any] = {"reason": DecisionReason.AGREEMENT, "text": "Zo is het afgesproken."}


def reopen(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), **WHY)


def told_cents(receipt: Receipt | None) -> object:
    """The last figure of a story."""
    assert receipt is not None
    return [step.value for step in story_of(receipt) if step.step == "value_cents"][-1]


def test_a_story_stays_when_a_line_of_the_same_person_is_reopened(cast: Cast, capped: int) -> None:
    half = YEAR_TO | {"eind": date(2025, 6, 30)}
    later = YEAR_TO | {"begin": date(2025, 7, 1), "eind": date(2026, 6, 30)}
    first = hand_in(cast, capped, kenmerk="A", **half)
    second = hand_in(cast, capped, kenmerk="B", **later)
    accepted(cast, first)
    booked_cents = accepted(cast, second).amount_cents
    reopen(cast, first)
    alone = hand_in(cast, capped, kenmerk="C", **later | {"persoon": "P-2"})
    with acting_as(cast.adviser.pk):
        line = Contribution.objects.get(pk=second)
        assert Contribution.objects.get(pk=alone).value_cents != booked_cents
        (entry,) = standing_entries(contribution_id=second)
        assert line.verified_cents == entry.amount_cents == booked_cents
        assert told_cents(line.decided) == booked_cents
        assert entry.receipt_id == line.decided_id


def test_an_amount_that_somebody_named_stands_beside_the_engines(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        made = decide(
            access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=5_785_39, **WHY
        )
        receipt = made.receipt
    assert receipt is not None
    assert receipt.cents == row.value_cents != 5_785_39
    assert (receipt.amount_cents, receipt.named_cents) == (5_785_39, 5_785_39)
    assert (receipt.named_by, receipt.named_why) == (cast.adviser.pk, WHY["text"])
    assert told_cents(receipt) == receipt.cents


def test_why_the_rules_gave_no_figure_is_kept_beside_the_amount_that_was_named(cast: Cast) -> None:
    line = hand_in(cast, register(cast), bouwblok="custom", bedrag=None)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        made = decide(
            access, row, outcome=Outcome.ADJUSTED, key=uuid4(), amount_cents=5_785_39, **WHY
        )
        receipt = made.receipt
        assert receipt is not None
        valued = value_line(access.contract, row.organisation_id, cells_to_value(row), line_id=line)
        expected = [(p.code, p.column, dict(p.params)) for p in valued.problems()]
        assert (receipt.cents, receipt.named_cents, bool(expected)) == (None, 5_785_39, True)
        assert [(p.code, p.column, dict(p.params)) for p in problems_of(receipt)] == expected


def test_a_line_accepted_as_it_was_handed_in_leans_on_one_receipt(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    made = accepted(cast, line)
    with acting_as(cast.adviser.pk):
        row = Contribution.objects.get(pk=line)
    assert row.receipt_id == row.decided_id == made.receipt_id


def test_no_page_of_a_decided_line_calculates_again(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = hand_in(cast, register(cast))
    made = accepted(cast, line)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a decided figure was calculated again")

    monkeypatch.setattr("telmee.web.contributions.detail.value_line", never)
    monkeypatch.setattr("telmee.core.valuation.engine.value", never)
    for user in (cast.adviser, cast.contractor):
        page = browse(user).get(f"/inspanningen/{line}").content.decode()
        assert f"{made.amount_cents // 100:,}".replace(",", ".") in page
        assert "verandert niet meer" in page


def test_what_a_draft_is_worth_is_a_figure_of_today(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.contractor)
    client.post(f"/inspanningen/{line}/terugnemen", {"version": 2})
    assert "waarde van vandaag" in client.get(f"/inspanningen/{line}").content.decode()


@pytest.mark.parametrize("days", [-400, 0, 1, 59, 60, 61, 180, 181, 400])
def test_done_and_to_come_add_up_to_the_cent(cast: Cast, days: int) -> None:
    line = hand_in(cast, register(cast))
    made = accepted(cast, line)
    assert made.receipt is not None
    first, last = PLACEMENT["begin"], PLACEMENT["eind"]
    assert isinstance(first, date)
    assert isinstance(last, date)
    today = first + timedelta(days=days)
    done, to_come = split_of(made.receipt, today)
    assert done + to_come == made.amount_cents
    assert (done == 0) == (days < 0)
    assert (to_come == 0) == (today >= last)
    with acting_as(cast.adviser.pk):
        row = Contribution.objects.annotate(later=sum_to_come("verified_cents", "decided", today))
        assert row.get(pk=line).later == to_come


def test_an_obligation_its_adjustment_a_plan_and_a_fine_have_receipts(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        imposed = Contract.objects.get(pk=contract).obligation_receipt
        access = contract_for(acting, contract)
        agree(access, **booked(80_000_00))
        penalise(contract_for(acting, contract), **booked(1_000_00))
        adjusted = Contract.objects.get(pk=contract).obligation_receipt
        entries = entries_of([contract])
    with acting_as(cast.contractor.pk) as acting:
        cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
        plan = save_plan_line(
            contract_for(acting, contract), cells, number=3, note="", line_id=None
        )
        promised = PlanLine.objects.get(pk=plan)
    assert imposed is not None
    assert adjusted is not None
    assert (imposed.cents, imposed.named_cents) == (100_000_00, None)
    assert (adjusted.cents, adjusted.named_cents) == (80_000_00, None)
    told = [(entry.kind, entry.amount_cents, entry.receipt_id) for entry in entries[:2]]
    assert told == [
        ("obligation", 100_000_00, imposed.pk),
        ("reduced", 20_000_00, adjusted.pk),
    ]
    assert promised.receipt.cents == promised.value_cents
    assert promised.receipt.used["number"] == 3


_ALTERATIONS = {
    "cents": "UPDATE receipts_receipt SET cents = cents + 1",
    "named": "UPDATE receipts_receipt SET named_cents = 1, named_by = 1, named_why = 'x'",
    "a step": "UPDATE receipts_receipt SET steps = steps - 0",
    "an input": """UPDATE receipts_receipt SET inputs = inputs || '{"eind": "2026-06-30"}'""",
    "what was used": """UPDATE receipts_receipt SET used = used || '{"limit_end": "2025-02-01"}'""",
    "a problem": """UPDATE receipts_receipt SET problems = '[{"code": "no_amount"}]'""",
    "status": "UPDATE receipts_receipt SET status = 'refused'",
    "person": "UPDATE receipts_receipt SET person_id = NULL",
    "contract": "UPDATE receipts_receipt SET contract_id = contract_id + 1",
    "engine": "UPDATE receipts_receipt SET engine = engine + 1",
}


@pytest.fixture
def kept(server: Server, own_database: str, cast: Cast) -> Callable[[], list[Problem]]:
    """Accept a line beside a plan for three, and give a way to run the check over the receipts."""
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    cells = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
    with acting_as(cast.contractor.pk) as acting:
        save_plan_line(contract_for(acting, contract), cells, number=3, note="", line_id=None)

    def checked() -> list[Problem]:
        with connected(server.owner_url, own_database):
            return list(check_receipts())

    return checked


def rewrite(server: Server, as_owner: Any, **changes: Any) -> Receipt:
    """Change the receipt of the line, with a hash that fits."""
    as_owner("ALTER TABLE receipts_receipt DISABLE TRIGGER USER")
    with connected(server.owner_url, connection.settings_dict["NAME"]):
        receipt = Receipt.objects.get(kind="contribution")
        for name, change in changes.items():
            setattr(receipt, name, change(getattr(receipt, name)))
        receipt.hash = content_hash(content_of(receipt, scheme_of(receipt.scheme_id)))
        receipt.save()
    return receipt


@pytest.mark.parametrize("alteration", _ALTERATIONS)
def test_the_check_sees_what_the_owner_altered(
    kept: Callable[[], list[Problem]], as_owner: Any, alteration: str
) -> None:
    assert kept() == []
    as_owner("ALTER TABLE receipts_receipt DISABLE TRIGGER USER")
    as_owner(f"{_ALTERATIONS[alteration]} WHERE kind = 'contribution'")
    assert [problem.code for problem in kept()] == ["receipt_altered"]


@pytest.mark.parametrize(("older", "code"), [(0, "receipt_differs"), (1, "receipt_older")])
def test_a_receipt_that_comes_to_something_else_is_named(
    kept: Callable[[], list[Problem]], server: Server, as_owner: Any, older: int, code: str
) -> None:
    """With a hash that fits, as an older engine or a fault of ours would have left it."""
    receipt = rewrite(
        server, as_owner, cents=lambda cents: cents + 1, engine=lambda engine: engine - older
    )
    (problem,) = kept()
    assert problem.code == code
    assert problem.params == {
        "receipt": receipt.pk,
        "contract": receipt.contract_id,
        "cents": receipt.cents,
        "engine": receipt.engine,
        "again_cents": (receipt.cents or 0) - 1,
    }


def test_a_receipt_that_had_cents_and_comes_to_none_is_told_as_zero(
    kept: Callable[[], list[Problem]], server: Server, as_owner: Any
) -> None:
    receipt = rewrite(server, as_owner, inputs=lambda cells: {**cells, "bouwblok": "nothing"})
    (problem,) = kept()
    assert problem.params["cents"] == receipt.cents != 0
    assert problem.params["again_cents"] == 0


def test_a_receipt_that_had_no_cents_is_told_as_zero(
    kept: Callable[[], list[Problem]], server: Server, as_owner: Any
) -> None:
    again = rewrite(server, as_owner).cents
    rewrite(server, as_owner, cents=lambda _cents: None)
    (problem,) = kept()
    assert problem.params["cents"] == 0
    assert problem.params["again_cents"] == again

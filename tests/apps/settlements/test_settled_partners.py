"""A line for an initiative is decided on also where a partner was settled, with a correction."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.judgement import Judgement, Seen
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.several import take_back_lines
from telmee.apps.ledger.queries import check_ledger, entries_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.deeds import decided_again, partners_of
from telmee.apps.settlements.queries import books_now, corrections_of
from telmee.apps.settlements.settled_partners import decide_with_partners, settled_beside
from telmee.core.errors import DomainError
from telmee.core.money import in_parts
from tests.apps.settlements.test_parts_first import adjusted
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.initiatives import THIRDS, World, counts, handed_in, world
from tests.mailing import mailed
from tests.registering import found
from tests.settling import TODAY, answered, corrected, proposed

REASON = "De gemeente gaf gelijk in het bezwaar."


def settled_with(cast: Cast, contract: int, who: str) -> None:
    """Settle a contract with the contractor that carries it out."""
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract, by=who) == "done"


def contested(cast: Cast, *, settle: tuple[int, ...] = (1,)) -> tuple[World, int]:
    """An adjusted line with an objection, of which partners were settled before it came."""
    its = world(cast)
    line = handed_in(cast, its.contracts[0])
    adjusted(cast, line)
    for at in settle:
        settled_with(cast, its.contracts[at], ("contractor", "competitor", "contractor")[at])
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Alle uren zijn gewerkt.")
    return its, line


def ruled(
    cast: Cast,
    line: int,
    cents: int = 2_000_00,
    *,
    correcting: str = REASON,
    key: UUID | None = None,
    **facts: Any,
) -> str:
    """Decide on the objection for another amount, as a second person of the client."""
    asked: dict[str, Any] = {
        "outcome": Outcome.ADJUSTED, "reason": DecisionReason.HOURS, "text": "Het bezwaar klopt.",
        "amount_cents": cents, "ruling": Ruling.UPHELD,
    }  # fmt: skip
    with acting_as(cast.second_adviser.pk) as acting:
        try:
            decide_with_partners(
                *found(acting, line), Judgement(**(asked | facts)), seen=Seen(),
                key=key or uuid4(), correcting=correcting,
            )  # fmt: skip
        except DomainError as error:
            return error.problems[0].code
    return "done"


def _rejected(text: str) -> Judgement:
    return Judgement(
        outcome=Outcome.REJECTED, reason=DecisionReason.HOURS, text=text, ruling=Ruling.PARTLY
    )


def prove_settled(cast: Cast, contract: int, corrections: int) -> None:
    """What the settlement of a contract says is what stands in its books, and it is closed."""
    with acting_as(cast.adviser.pk) as acting:
        after = corrections_of(contract)
        assert len(after) == corrections
        assert not contract_for(acting, contract).is_open
        if after:
            assert after[0].hash == books_now(contract).hash


@pytest.mark.parametrize("settle", [(1,), (2,), (1, 2)])
def test_an_objection_is_decided_over_each_contract_to_the_cent(
    cast: Cast, settle: tuple[int, ...]
) -> None:
    its, line = contested(cast, settle=settle)
    assert ruled(cast, line) == "done"
    assert counts(cast, its.contracts) == list(in_parts(2_000_00, THIRDS))
    for at in (1, 2):
        if at in settle:
            prove_settled(cast, its.contracts[at], 1)
    with acting_as(cast.competitor.pk):
        for one in corrections_of(its.contracts[1]):
            assert one.correction is not None
            assert one.correction.reason == REASON


def test_without_a_reason_nothing_is_decided_and_every_settlement_is_named(cast: Cast) -> None:
    its, line = contested(cast, settle=(1, 2))
    before = counts(cast, its.contracts)
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        assert [one.reference for one in settled_beside(row)] == ["I-2", "I-3"]
    with acting_as(cast.second_adviser.pk) as acting, pytest.raises(DomainError) as refused:
        decide_with_partners(
            *found(acting, line), _rejected("Nee."), seen=Seen(), key=uuid4(), correcting=" ",
        )  # fmt: skip
    assert [(one.code, one.params) for one in refused.value.problems] == [
        ("initiative_partner_settled", {"contract": "I-2"}),
        ("initiative_partner_settled", {"contract": "I-3"}),
    ]
    assert counts(cast, its.contracts) == before


def test_what_stands_after_an_objection_leaves_settlements_as_they_are(cast: Cast) -> None:
    its, line = contested(cast)
    with acting_as(cast.competitor.pk):
        before = books_now(its.contracts[1])
    told = len(mailed())
    dismissed: dict[str, Any] = {"ruling": Ruling.DISMISSED, "stands": True, "amount_cents": None}
    assert ruled(cast, line, correcting="", **dismissed) == "done"
    with acting_as(cast.competitor.pk):
        assert books_now(its.contracts[1]) == before
    prove_settled(cast, its.contracts[1], 0)
    assert counts(cast, its.contracts) == list(in_parts(1_000_00, THIRDS))
    assert {address for one in mailed()[told:] for address in one.to} == {
        cast.contractor.email, cast.contractor_manager.email
    }  # fmt: skip


def test_the_same_key_decides_and_corrects_once(cast: Cast) -> None:
    its, line = contested(cast)
    key = uuid4()
    assert ruled(cast, line, key=key) == "done"
    assert ruled(cast, line, key=key) == "done"
    prove_settled(cast, its.contracts[1], 1)
    with acting_as(cast.adviser.pk):
        assert Decision.objects.filter(contribution_id=line).count() == 2


def test_every_contract_is_held_in_one_order_before_anything_is_tried(cast: Cast) -> None:
    """What is tried gives its locks back, and the corrections after it begin with one partner."""
    its, line = contested(cast)
    with CaptureQueriesContext(connection) as asked:
        assert ruled(cast, line) == "done"
    said = [query["sql"] for query in asked]
    undone = {sql.split()[-1] for sql in said if sql.startswith("ROLLBACK TO SAVEPOINT")}
    tried = min(said.index(f"SAVEPOINT {name}") for name in undone)
    held = [re.search(r"telmee_hold_contracts\('{(.*)}', true\)", sql) for sql in said[:tried]]
    assert [one[1] for one in held if one] == [",".join(map(str, sorted(its.contracts)))]


def test_a_partner_that_was_only_closed_is_opened_first(cast: Cast) -> None:
    its, line = contested(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, its.contracts[2])
        close_contract(access, on=TODAY, reason="Klaar.", today=TODAY)
    assert ruled(cast, line) == "initiative_partner_closed"
    prove_settled(cast, its.contracts[1], 0)


def test_what_was_settled_itself_is_corrected_with_its_settled_partners(cast: Cast) -> None:
    its = world(cast)
    line = handed_in(cast, its.contracts[0])
    adjusted(cast, line)
    for contract, who in zip(
        its.contracts, ("contractor", "competitor", "contractor"), strict=True
    ):
        settled_with(cast, contract, who)
    key = UUID(int=7)
    deed = decided_again(line, 1_500_00, reason=REASON, key=key)
    with acting_as(cast.adviser.pk) as acting:
        beside = partners_of(acting, line)
    assert beside == {*its.contracts}
    for _twice in range(2):
        assert corrected(cast, its.contracts[0], deed, key=key, beside=beside) == "done"
    assert counts(cast, its.contracts) == list(in_parts(1_500_00, THIRDS))
    for contract in its.contracts:
        prove_settled(cast, contract, 1)


def test_many_lines_at_once_leave_one_that_corrects_a_settlement(cast: Cast) -> None:
    its = world(cast)
    line = handed_in(cast, its.contracts[0])
    adjusted(cast, line)
    settled_with(cast, its.contracts[1], "competitor")
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        seen = {line: Seen(row.version)}
        (answer,) = take_back_lines(acting, seen, key=uuid4(), text="Vergissing.")
    assert [one.code for one in answer.problems] == ["initiative_partner_settled"]


def test_the_books_are_in_order_after_it(cast: Cast, own_database: str, server: Server) -> None:
    its, line = contested(cast, settle=(1, 2))
    assert ruled(cast, line, 2_345_67) == "done"
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Nog steeds te weinig.")
    with acting_as(cast.adviser.pk) as acting:
        decide_with_partners(
            *found(acting, line), _rejected("Toch niet."), seen=Seen(), key=uuid4(),
            correcting=REASON,
        )  # fmt: skip
    assert counts(cast, its.contracts) == [0, 0, 0]
    prove_settled(cast, its.contracts[1], 2)
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_the_pages_ask_why_the_settlement_changes_and_both_sides_read_it(
    cast: Cast, browse: Any
) -> None:
    its, line = contested(cast)
    adviser = browse(cast.second_adviser)
    address = reverse("decide", args=[line])
    page = adviser.get(address, {"step": "rejected"}).content.decode()
    assert 'name="correcting"' in page
    assert "(nodig als een deel verandert)" in page
    assert (
        "niet verplicht"
        not in page.partition("Waarom de eindafrekening")[2].partition("</label")[0]
    )
    assert "I-2" in page
    with acting_as(cast.second_adviser.pk) as acting:
        _access, row = found(acting, line)
    sent = {
        "outcome": "rejected", "key": uuid4(), "version": row.version, "reason": "hours",
        "text": "Het bezwaar klopt niet.", "ruling": "partly", "on": "",
    }  # fmt: skip
    refused = adviser.post(address, sent)
    assert refused.status_code == 422
    assert "Opdracht I-2 is afgerekend" in refused.content.decode()
    assert adviser.post(address, sent | {"correcting": REASON}).status_code == 302
    assert counts(cast, its.contracts) == [0, 0, 0]
    settlement = reverse("contract-settlement", args=[its.contracts[1]])
    for who in (cast.adviser, cast.competitor):
        page = browse(who).get(settlement).content.decode()
        assert REASON in page
        assert "Het bezwaar klopt niet." not in page
    with acting_as(cast.competitor.pk):
        assert {one.reason for one in entries_of([its.contracts[1]]) if one.kind == "pooled"} == {
            "Park"
        }

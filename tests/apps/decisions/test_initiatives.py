"""One initiative of several contractors: handed in once, counted once, divided to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.booking import move, take_back
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import save_draft, submit, submit_drafts, withdraw
from telmee.apps.contributions.initiatives import give_to_initiative, lines_for
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.several import accept_lines
from telmee.apps.ledger.queries import check_ledger, entries_of, parts_of_lines
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.core.ledger import EntryKind
from telmee.web.templatetags.telmee import euros
from tests.apps.contracts.test_takeover import amended, takeover
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.initiatives import THIRDS, World, agree, counts, drafted, handed_in, shared, world
from tests.mailing import mailed
from tests.money import accept_as_seen, accepted, decide, stands
from tests.pooling import REASON, TODAY, answered, code_of, left, proposed
from tests.registering import PLACEMENT, found, register, seen_cents


def test_a_line_counts_once_and_is_divided_to_the_cent(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    whole = accepted(cast, line).amount_cents
    got = counts(cast, its.contracts)
    assert sum(got) == whole
    assert all(
        abs(cents * 100_00 - whole * part) < 100_00 for cents, part in zip(got, THIRDS, strict=True)
    )
    verified = [stands(cast, pk).verified_cents for pk in its.contracts]
    assert verified == [whole, 0, 0]


@pytest.mark.parametrize("lead", [0, 1])
def test_any_contractor_hands_in_and_the_parts_are_the_same(cast: Cast, lead: int) -> None:
    its = world(cast, (10_00, 20_00, 70_00))
    by = ("contractor", "competitor")[lead]
    whole = accepted(cast, handed_in(cast, its.contracts[lead], by=by)).amount_cents
    got = counts(cast, its.contracts)
    assert sum(got) == whole
    assert [round(10 * cents / whole) for cents in got] == [1, 2, 7]


def test_who_opens_the_decision_takes_every_part_back(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[1], by="competitor")
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Vergissing.")  # fmt: skip
    assert counts(cast, its.contracts) == [0, 0, 0]
    whole = accepted(cast, line).amount_cents
    assert sum(counts(cast, its.contracts)) == whole


def test_other_decisions_divide_what_they_count(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), reason=DecisionReason.OTHER,
               text="Deels.", amount_cents=100)  # fmt: skip
    assert counts(cast, its.contracts) == [33, 33, 34]
    with acting_as(cast.competitor.pk):
        assert {one.reason for one in entries_of([its.contracts[1]]) if one.kind == "pooled"} == {
            "Park"
        }


def test_many_lines_at_once_are_divided_too(cast: Cast, its: World) -> None:
    lines = [
        handed_in(cast, its.contracts[0], kenmerk="A", persoon="P-A"),
        handed_in(cast, its.contracts[1], by="competitor", kenmerk="B", persoon="P-B"),
    ]
    with acting_as(cast.adviser.pk) as acting:
        seen = {}
        for pk in lines:
            access, row = found(acting, pk)
            seen[pk] = Seen(row.version, seen_cents(access, row))
        answers = accept_lines(acting, seen, key=uuid4())
    whole = sum(one.decision.amount_cents for one in answers if one.decision)
    assert sum(counts(cast, its.contracts)) == whole > 0


def test_nothing_is_decided_until_all_agreed_on_the_whole(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    left(cast, its.contracts[1])
    answered(cast, its.pool, by="competitor")
    first, _second, third = its.contracts
    with acting_as(cast.adviser.pk):
        places = pooling.pool_of(its.pool)
    assert places.is_initiative
    shared(cast, {first: 50_00, third: 50_00}, pool=its.pool)
    agree(cast, its.pool)
    assert code_of(accepted, cast, line) == "initiative_not_agreed"


def test_other_parts_hold_for_what_is_decided_after_them(cast: Cast, its: World) -> None:
    before = accepted(cast, handed_in(cast, its.contracts[0])).amount_cents
    parts = dict(zip(its.contracts, (50_00, 25_00, 25_00), strict=True))
    shared(cast, parts, pool=its.pool)
    agree(cast, its.pool)
    assert sum(counts(cast, its.contracts)) == before
    line = handed_in(cast, its.contracts[0], kenmerk="I-2", persoon="P-2")
    earlier = counts(cast, its.contracts)
    whole = accepted(cast, line).amount_cents
    more = [now - then for now, then in zip(counts(cast, its.contracts), earlier, strict=True)]
    assert sum(more) == whole
    assert abs(more[0] - whole / 2) < 1


@pytest.mark.parametrize("parts", [(50_00, 25_00, 24_99), (0, 50_00, 50_00)])
def test_parts_that_are_not_the_whole_are_refused(cast: Cast, parts: tuple[int, ...]) -> None:
    assert code_of(world, cast, parts) == "parts_not_whole"


def test_a_contract_of_another_client_takes_no_part(cast: Cast) -> None:
    ours = register(cast)
    huizen = replace(
        cast, adviser=cast.colleague, hilversum=cast.huizen, contractor=cast.competitor,
        de_eem=cast.rival,
    )  # fmt: skip
    theirs = register(huizen, reference="HUI-1")
    assert code_of(shared, cast, {ours: 50_00, theirs: 50_00}) == "not_allowed"


def test_a_part_goes_back_with_its_decision_alone(cast: Cast, its: World) -> None:
    accepted(cast, handed_in(cast, its.contracts[0]))
    with acting_as(cast.adviser.pk) as acting:
        (part,) = (one for one in entries_of([its.contracts[1]]) if one.kind == "pooled")
        access = contract_for(acting, its.contracts[1])
        assert code_of(take_back, access, part.pk, reason="Zomaar.") == "not_reversible"


def test_a_closed_contract_gets_no_part(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, its.contracts[2])
        close_contract(access, on=TODAY, reason="Klaar.", today=timezone.localdate())
    assert code_of(accepted, cast, line) == "initiative_partner_closed"
    assert counts(cast, its.contracts) == [0, 0, 0]


def test_who_hands_in_hears_that_a_part_has_nowhere_to_go(cast: Cast, its: World) -> None:
    """By the rule of the decision: the draft stays, and can be for its own contract alone."""
    line = drafted(cast, its.contracts[0])
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, its.contracts[1])
        close_contract(access, on=TODAY, reason="Klaar.", today=timezone.localdate())
    with acting_as(cast.contractor.pk) as acting:
        access, draft = found(acting, line)
        with pytest.raises(DomainError) as refused:
            submit(access, draft)
        assert [one.code for one in refused.value.problems] == ["initiative_part_closed"]
        assert refused.value.problems[0].params == {"organisation": cast.rival.name}
        (problems,) = submit_drafts(access, [draft]).refused.values()
        assert problems == tuple(refused.value.problems)
        give_to_initiative(access, draft, gives=False)
        submit(*found(acting, line))
    assert counts(cast, its.contracts) == [0, 0, 0]
    assert accepted(cast, line).amount_cents > 0


def test_a_closed_contract_that_took_no_part_any_more_keeps_nothing_back(
    cast: Cast, its: World
) -> None:
    left(cast, its.contracts[1], end=date(2025, 1, 2), today=date(2025, 1, 2))
    answered(cast, its.pool, by="competitor")
    line = drafted(cast, its.contracts[0])
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, its.contracts[1])
        close_contract(access, on=TODAY, reason="Klaar.", today=timezone.localdate())
    with acting_as(cast.contractor.pk) as acting:
        submit(*found(acting, line))


def test_each_sees_his_own_part_and_nobody_a_person(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    whole = accepted(cast, line).amount_cents
    with acting_as(cast.competitor.pk):
        (seen,) = lines_for(its.pool)
        assert seen.verified_cents == whole
        assert "P-1" not in repr(seen)
        part = parts_of_lines([line])[line]
    assert part == stands(cast, its.contracts[1]).pooled_cents
    with acting_as(cast.contractor.pk):
        assert parts_of_lines([line])[line] == whole - part
    drafted(cast, its.contracts[0], kenmerk="I-2")
    withdrawn = handed_in(cast, its.contracts[0], kenmerk="I-3")
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*contribution_for(acting, withdrawn), reason="Vergissing.")
    with acting_as(cast.competitor.pk):
        assert [one.id for one in lines_for(its.pool)] == [line]
    for who in ("colleague", "outsider", "subcontractor"):
        with acting_as(getattr(cast, who).pk):
            assert lines_for(its.pool) == []


def test_a_line_is_for_an_initiative_of_its_own_contract_while_it_is_a_draft(
    cast: Cast, its: World
) -> None:
    alone = register(cast, reference="ALONE")
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, alone)
        draft = save_draft(access, {**PLACEMENT, "kenmerk": "X"})
        assert code_of(give_to_initiative, access, draft, gives=True) == "initiative_unknown"
    # Other parts that are only proposed keep nobody from it.
    shared(cast, dict(zip(its.contracts, (50_00, 25_00, 25_00), strict=True)), pool=its.pool)
    line = handed_in(cast, its.contracts[0])
    # Who took a contract over agreed to none.
    amended(cast, its.contracts[2], takeover(cast.rival))
    assert code_of(handed_in, cast, its.contracts[2], by="competitor") == "initiative_unknown"
    with acting_as(cast.contractor.pk) as acting:
        access, row = contribution_for(acting, line)
        assert code_of(give_to_initiative, access, row, gives=False) == "wrong_state"


def mails_to(cast: Cast, who: str) -> list[str]:
    """The subjects and words of what somebody was mailed of parts, in their order."""
    return [
        f"{one.subject} {one.body}" for one in mailed()
        if one.to == [getattr(cast, who).email] and "initiatief" in one.subject
        and "stelt" not in one.subject
    ]  # fmt: skip


def test_the_other_contractors_are_told_of_their_part_and_of_nothing_else(
    cast: Cast, its: World
) -> None:
    mailed()
    line = handed_in(cast, its.contracts[0], kenmerk="GEHEIM")
    accepted(cast, line)
    part = str(euros(stands(cast, its.contracts[1]).pooled_cents))
    (booked,) = mails_to(cast, "competitor")
    assert part in booked
    assert "I-2" in booked
    assert not {word for word in ("GEHEIM", "P-1", "I-1", "I-3", "De Eem") if word in booked}
    assert mails_to(cast, "contractor") == [], "he delivered it and reads the decision"
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Een vergissing.")  # fmt: skip
    (_booked, back) = mails_to(cast, "competitor")
    assert part in back
    assert "telt niet meer" in back
    assert "vergissing" not in back


def test_who_keeps_the_same_part_hears_nothing_of_another_whole(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    why: dict[str, Any] = {"outcome": Outcome.ADJUSTED, "reason": DecisionReason.OTHER}
    with acting_as(cast.adviser.pk) as acting:
        decide(*found(acting, line), **why, key=uuid4(), text="Deels.", amount_cents=99)
    assert counts(cast, its.contracts) == [33, 33, 33]
    heard = mails_to(cast, "competitor")
    assert len(heard) == 1
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Dat klopt niet")
    more: dict[str, Any] = {"ruling": Ruling.UPHELD, "text": "Het was meer.", "amount_cents": 100}
    with acting_as(cast.second_adviser.pk) as acting:
        decide(*found(acting, line), **(why | more), key=uuid4())
    assert counts(cast, its.contracts) == [33, 33, 34]
    assert mails_to(cast, "competitor") == heard


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("more", [0, 1])
def test_the_database_books_no_other_part_than_was_agreed(
    cast: Cast, its: World, more: int
) -> None:
    line = handed_in(cast, its.contracts[0])
    accepted(cast, line)
    part = stands(cast, its.contracts[1]).pooled_cents
    with acting_as(cast.adviser.pk):
        day = next(e.effective_on for e in entries_of([its.contracts[1]]) if e.kind == "pooled")

    def again(**facts: Any) -> None:
        with acting_as(cast.adviser.pk) as acting:
            sides = contract_for(acting, its.contracts[0]), contract_for(acting, its.contracts[1])
            move(*sides, EntryKind.POOLED, reason=REASON, key=uuid4(), effective_on=day, **facts)

    with pytest.raises(IntegrityError, match="ledger_pooled_unagreed"):
        again(amount_cents=part + 1 + more, contribution_id=line)
    with pytest.raises(IntegrityError, match="ledger_pooled_unagreed"):
        again(amount_cents=part)


def test_the_books_of_an_initiative_are_in_order(
    cast: Cast, its: World, own_database: str, server: Server
) -> None:
    accepted(cast, handed_in(cast, its.contracts[0]))
    line = handed_in(cast, its.contracts[1], by="competitor", kenmerk="B", persoon="P-B")
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Vergissing.")  # fmt: skip
        accept_as_seen(acting, line)
    shared(cast, dict(zip(its.contracts, (1, 1, 99_98), strict=True)), pool=its.pool)
    agree(cast, its.pool)
    accepted(cast, handed_in(cast, its.contracts[0], kenmerk="C", persoon="P-C"))
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_a_contract_without_a_part_comes_in_no_initiative(cast: Cast) -> None:
    first, second, alone = (register(cast, reference=name) for name in ("A-1", "A-2", "A-3"))
    pool = shared(cast, {first: 50_00, second: 50_00})
    answered(cast, pool)
    with pytest.raises(IntegrityError, match="a pool of other sides"):
        proposed(cast, alone, pool=pool)

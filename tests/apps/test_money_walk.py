"""The money, whoever does what in whatever order: an oracle adds everything up again.

A walk takes every step that both sides can take. Time and again the books, the lines and the sums
on pages are made again from what was decided and booked, and nothing of before may have changed.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.agreements.queries import turnover_versions
from telmee.apps.audit.models import Event
from telmee.apps.contracts import pooling, turnover
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.actions import (
    close_contract,
    reopen_contract,
)
from telmee.apps.contracts.amending import Wanted
from telmee.apps.contracts.booking import carry_over, penalise, waive
from telmee.apps.contracts.booking import take_back as take_entry_back
from telmee.apps.contracts.choices import Ground
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contributions.access import contribution_for, on_contract
from telmee.apps.contributions.actions import save_draft, submit, submit_drafts, take_back, withdraw
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.initiatives import give_to_initiative
from telmee.apps.contributions.models import Contribution, Upload
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.contributions.touched import amend_contract, review, waiting_reviews
from telmee.apps.contributions.uploads import add_upload, read_upload
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.models import Entry
from telmee.apps.ledger.queries import check_ledger, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.queries import split_of
from telmee.apps.settlements.actions import answer_settlement, correct, propose_settlement
from telmee.apps.settlements.deeds import decided_again, waived
from telmee.apps.settlements.queries import books_now, proposals_of
from telmee.core.errors import DomainError
from telmee.core.ledger import Position
from telmee.core.money import WHOLE_BP
from tests.apps.contracts.test_takeover import takeover
from tests.apps.money_oracle import prove, prove_past
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.initiatives import THIRDS, handed_in, shared
from tests.initiatives import agree as agree_on
from tests.money import (
    accepted,
    agree,
    booked,
    decide,
    extend,
)
from tests.pooling import answer_some, balance_now, balanced, pooled
from tests.registering import hand_in, register, seen_cents

TODAY = date(2025, 9, 1)
#: The day on which the decisions of a walk are taken.
HALFWAY = 30


class Walk:
    """Everybody's steps on a few contracts, at random but the same each time."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.chance = cast, random.Random(seed)  # noqa: S311 - no secret
        end = today() + timedelta(days=400)
        self.contracts = [
            register(cast, reference="W-1", scheme="walk", agreed_cents=50_000_01, end=end),
            register(cast, reference="W-2", scheme="walk", agreed_cents=3_000_00, end=end),
            register(cast, reference="W-3", scheme="harlingen", extension_count=2,
                     extension_months=6, end=end),
            register(cast, reference="W-4", scheme="harlingen", agreed_cents=None, chosen_bp=5_00,
                     over_turnover=True, turnover_period="month", end=end),
        ]  # fmt: skip
        self.owed_at_most = {self.contracts[0]: 50_000_01, self.contracts[1]: 3_000_00}
        self.remembered: list[tuple[datetime, dict[int, Any]]] = []
        self.done: Counter[str] = Counter()
        self.number = 0
        self.pool = uuid4()
        self.initiative: list[int] = []
        self.park = uuid4()

    def mistake(self) -> None:
        """A contract that nobody wanted: it counts until it is void, and then nowhere."""
        pk = register(self.cast, reference="W-9", agreed_cents=7_000_00)
        hand_in(self.cast, pk, persoon="Q")
        self.contracts.append(pk)
        prove(self)
        with acting_as(self.cast.adviser.pk) as acting:
            waive(contract_for(acting, pk), **booked(1_00))
            void_contract(contract_for(acting, pk), reason="Dubbel.", key=uuid4(), today=today())
            assert positions([pk])[pk] == Position()
        self.contracts.remove(pk)
        prove(self)

    def together(self) -> None:
        """A pool of what is far beyond its obligation with what may be open: its surplus moves."""
        rich = register(self.cast, reference="W-8", agreed_cents=1_00)
        accepted(self.cast, hand_in(self.cast, rich, persoon="R"))
        poor = register(self.cast, reference="W-7", agreed_cents=50_000_00)
        self.contracts += [rich, poor]
        self.pool = pooled(self.cast, rich, poor)
        balanced(self.cast, self.pool)
        with acting_as(self.cast.adviser.pk):
            assert positions([poor])[poor].pooled_cents > 0
        prove(self)

    def beside_others(self) -> None:
        """An initiative with another contractor: what is handed in for it counts in parts."""
        theirs = replace(self.cast, de_eem=self.cast.rival)
        self.initiative = [
            register(cast, reference=f"P-{number}", agreed_cents=5_000_00)
            for number, cast in enumerate((self.cast, theirs, self.cast))
        ]
        self.contracts += self.initiative
        self.park = shared(self.cast, dict(zip(self.initiative, THIRDS, strict=True)))
        agree_on(self.cast, self.park)
        handed_in(self.cast, self.initiative[0], kenmerk="P", persoon="P-P")
        accepted(self.cast, handed_in(self.cast, self.initiative[1], by="competitor"))
        with acting_as(self.cast.adviser.pk):
            now = positions(self.initiative)
        assert [one.pooled_cents > 0 for one in now.values()] == [True, False, True]
        prove(self)

    def look(self) -> None:
        """End a contract earlier than its lines: what was decided waits for a look, and stays."""
        pk = self.contracts[0]
        with acting_as(self.cast.adviser.pk) as acting:
            access = contract_for(acting, pk)
            if not access.is_open:
                reopen_contract(access, reason="Nog iets.")
            before = positions(self.contracts)
            earlier = Wanted(
                ground=Ground.ENDED_EARLY,
                effective_on=date(2025, 2, 1),
                reason="Gestopt.",
                facts={"end": date(2025, 2, 2)},
            )
            amend_contract(contract_for(acting, pk), earlier, key=uuid4())
            waiting = {row.contribution_id: row.decided_cents for row in waiting_reviews(acting)}
            decided = Contribution.objects.filter(contract=pk, verified_cents__gt=0)
            in_time = decided.filter(end__gt=date(2025, 2, 2))
            assert waiting.keys() >= {*in_time.values_list("pk", flat=True)}
            for line_id, cents in waiting.items():
                access, line = contribution_for(acting, line_id)
                assert line.verified_cents == cents
                review(access, line)
            assert not waiting_reviews(acting).exists()
            assert positions(self.contracts) == before
        prove(self)

    def take(self) -> None:
        """Take one step, and prove what it left."""
        step = self.chance.choice(STEPS)
        who = self.chance.choice(step.who)
        before = self._events()
        try:
            with acting_as(getattr(self.cast, who).pk) as acting:
                step.do(self, acting)
            self.done[step.do.__name__] += 1
        except (DomainError, Http404):
            assert self._events() == before, f"{step.do.__name__} was refused, and left an event"
            return
        told = set(self._events()) - set(before)
        user = getattr(self.cast, who).pk
        assert told, f"{step.do.__name__} is in no journal"
        assert {by for _, by in told} == {user}

    def _events(self) -> list[tuple[int, int]]:
        rows: set[tuple[int, int]] = set()
        for who in ("adviser", "contractor", "competitor", "subcontractor"):
            with acting_as(getattr(self.cast, who).pk):
                rows |= {(event.pk, event.user_id or 0) for event in Event.objects.all()}
        return sorted(rows)

    def access(self, acting: Any) -> ContractAccess:
        return contract_for(acting, self.chance.choice(self.contracts))

    def a_line(self, acting: Any, *states: State) -> tuple[ContractAccess, Contribution]:
        lines = Contribution.objects.filter(contract__in=self.contracts, state__in=states)
        ids = list(lines.order_by("id").values_list("id", flat=True))
        if not ids:
            raise Http404
        return contribution_for(acting, self.chance.choice(ids))

    def cells(self, access: ContractAccess) -> dict[str, Any]:
        """Make a line that leans on others: few persons, periods and days."""
        self.number += 1
        pick = self.chance.choice
        begin = date(2025, pick((1, 4, 7)), 1)
        period = {"begin": begin, "eind": date(2025 + pick((0, 0, 1)), pick((9, 10, 12)), 30)}
        if pick((False, False, True)):  # an effort that runs on after today
            days = timedelta(days=pick((1, 30, 200)))
            period = {"begin": today() - days, "eind": today() + timedelta(days=pick((1, 90)))}
        walk: dict[str, dict[str, Any]] = {
            "pw": {**period, "uren_per_week": pick((36_00, 18_01)), "persoon": pick("PQ"),
                   "toeslagen": pick(("", "start"))},
            "project": {"begin": begin, "bedrag": pick((1, 333_33, 4_000_00))},
            "hours": {"begin": begin, "uren": pick((1, 800, 1500))},
            "custom": {"begin": begin},
        }  # fmt: skip
        placed: dict[str, Any] = {**period, "uren_per_week": 24_00, "persoon": pick("PQ")}
        known = walk if access.contract.scheme.scheme_id == "walk" else {"pw_lt2": placed}
        block = pick(sorted(known))
        return {"kenmerk": f"K{self.number}", "bouwblok": block, **known[block]}


def draft(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    save_draft(access, walk.cells(access), key=uuid4())


def edit(walk: Walk, acting: Any) -> None:
    access, line = walk.a_line(acting, State.DRAFT)
    save_draft(access, walk.cells(access), line=line, version=line.version)


def hand_over(walk: Walk, acting: Any) -> None:
    submit(*walk.a_line(acting, State.DRAFT))


def hand_over_all(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    count = drafts_of(access).count()
    refused = submit_drafts(access, drafts_of(access)).refused
    if count == len(refused):
        raise Http404


def upload(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    walk.number += 2
    row = "F{0};{1};1-7-2025;31-12-2025;24;P\n"
    block = "pw" if access.contract.scheme.scheme_id == "walk" else "pw_lt2"
    text = "kenmerk;bouwblok;begin;eind;uren_per_week;persoon\n"
    text += "".join(row.format(walk.number + n, block) for n in (0, 1))
    kept, _is_new = add_upload(access, io.BytesIO(text.encode()), "lijst.csv")
    read_upload(kept.pk, acting.user_id)
    assert Upload.objects.get(pk=kept.pk).added == 2


def fetch_back(walk: Walk, acting: Any) -> None:
    take_back(*walk.a_line(acting, State.SUBMITTED))


def pull(walk: Walk, acting: Any) -> None:
    withdraw(*walk.a_line(acting, State.SUBMITTED), reason="Vervalt.")


def ruled(line: Contribution) -> dict[str, Any]:
    """What somebody says of an objection, where there is one."""
    if line.state != State.OBJECTION:
        return {}
    return {"ruling": Ruling.PARTLY, "text": "Zo is het."}


def accept(walk: Walk, acting: Any) -> None:
    states = (State.SUBMITTED, State.OBJECTION, State.PARTLY)
    access, line = walk.a_line(acting, *states)
    seen, day = seen_cents(access, line), today() - timedelta(days=walk.chance.choice((0, 0, 3)))
    options: dict[str, Any] = {"seen_cents": seen, "seen_on": day, **ruled(line)}
    made = decide(access, line, outcome=Outcome.ACCEPTED, key=uuid4(), **options)
    assert made.receipt is not None
    assert seen == made.receipt.amount_cents
    left = split_of(made.receipt, day)[1] if made.outcome == Outcome.PARTLY else 0
    assert made.before_cents + made.amount_cents == (seen or 0) - left


def otherwise(walk: Walk, acting: Any, outcome: Outcome, *states: State, **more: Any) -> None:
    access, line = walk.a_line(acting, *states)
    why: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Zo is het."}
    cells = {**cells_to_value(line), **more.pop("cells", {})}
    why |= ruled(line)
    decide(access, line, outcome=outcome, key=uuid4(), cells=cells, **why, **more)


def adjust_cells(walk: Walk, acting: Any) -> None:
    cells = {"begin": date(2025, walk.chance.choice((2, 3, 5)), 1)}
    states = (State.SUBMITTED, State.OBJECTION, State.PARTLY)
    otherwise(walk, acting, Outcome.ADJUSTED, *states, cells=cells)


def adjust_amount(walk: Walk, acting: Any) -> None:
    cents = walk.chance.choice((0, 1, 7_777_77))
    otherwise(walk, acting, Outcome.ADJUSTED, State.SUBMITTED, amount_cents=cents)


def reject(walk: Walk, acting: Any) -> None:
    states = (State.SUBMITTED, State.OBJECTION, State.PARTLY)
    otherwise(walk, acting, Outcome.REJECTED, *states)


def reopen(walk: Walk, acting: Any) -> None:
    decided = (State.PARTLY, State.ACCEPTED, State.ADJUSTED, State.REJECTED)
    otherwise(walk, acting, Outcome.REOPENED, *decided)


def contest(walk: Walk, acting: Any) -> None:
    states = (State.PARTLY, State.ADJUSTED, State.REJECTED)
    object_to(*walk.a_line(acting, *states), reason="Niet eens.")


def oblige(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    pk = access.contract.pk
    cents = positions([pk])[pk].waived_cents + walk.chance.choice((0, 1, 2_500_00, 60_000_00))
    agree(access, **booked(cents))
    walk.owed_at_most[pk] = max(walk.owed_at_most.get(pk, 0), cents)


def forgive(walk: Walk, acting: Any) -> None:
    waive(walk.access(acting), **booked(walk.chance.choice((1, 500_00, 40_000_00))))


def fine(walk: Walk, acting: Any) -> None:
    penalise(walk.access(acting), **booked(walk.chance.choice((1, 99_99))))


def bring(walk: Walk, acting: Any) -> None:
    one, other = walk.access(acting), walk.access(acting)
    surplus = positions([one.contract.pk])[one.contract.pk].surplus_cents
    cents = walk.chance.choice((1, surplus, surplus + 1))
    carry_over(one, other, **booked(cents))


def answer_for_pool(walk: Walk, acting: Any) -> None:
    if not answer_some(acting, walk.pool, walk.chance):
        raise Http404


def balance(walk: Walk, acting: Any) -> None:
    balance_now(acting, walk.pool, TODAY)


def give(walk: Walk, acting: Any) -> None:
    """Make a line for the initiative and hand it in, or take it out of the initiative again."""
    if not walk.initiative:
        raise Http404
    access = contract_for(acting, walk.chance.choice(walk.initiative))
    line = save_draft(access, walk.cells(access), key=uuid4())
    give_to_initiative(access, line, gives=True)
    line.refresh_from_db()
    if walk.chance.random() < 0.2:
        give_to_initiative(access, line, gives=False)
    else:
        submit(access, line)


def other_parts(walk: Walk, acting: Any) -> None:
    """Propose other parts, of all three contracts or of two of them."""
    if not walk.initiative:
        raise Http404
    cut = walk.chance.choice((1, 33_33, 99_00))
    ids = walk.initiative[: walk.chance.choice((2, 3, 3))]
    parts = dict(zip(ids, (cut, WHOLE_BP - cut - (len(ids) - 2), 1), strict=False))
    facts: dict[str, Any] = {"pool": walk.park, "name": "Park", "note": "Anders.", "key": uuid4()}
    begin = date(2025, 1, 1)
    pooling.propose_pool(acting, ids, begin=begin, today=TODAY, parts=parts, **facts)


def answer_parts(walk: Walk, acting: Any) -> None:
    if not walk.initiative or not answer_some(acting, walk.park, walk.chance):
        raise Http404


def hand_on(walk: Walk, acting: Any) -> None:
    """Let another carry out a contract of the initiative from a day on."""
    if not walk.initiative or walk.chance.random() < 0.5:
        raise Http404
    day, by = date(2025, walk.chance.choice((2, 8)), 1), walk.chance.choice(("rival", "de_eem"))
    wanted = takeover(getattr(walk.cast, by), day)
    amend_contract(contract_for(acting, walk.chance.choice(walk.initiative)), wanted, key=uuid4())


def go_out(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    pooling.propose_leaving(access, end=TODAY, note="Genoeg.", key=uuid4(), today=TODAY)


def unbook(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    stands = Entry.objects.filter(contract=access.contract, reversed_by=None, reverses=None)
    ids = list(stands.order_by("id").values_list("id", flat=True))
    if not ids:
        raise Http404
    take_entry_back(access, walk.chance.choice(ids), reason="Vergissing.")


def prolong(walk: Walk, acting: Any) -> None:
    extend(walk.access(acting), reason="Optie.")


def close(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    if access.contract.closed_on or walk.chance.random() < 0.9:
        raise Http404
    close_contract(access, on=TODAY, reason="Klaar.", today=TODAY)


def open_again(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    if access.contract.closed_on is None:
        raise Http404
    reopen_contract(access, reason="Toch niet klaar.")


def offer_settlement(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    seen = books_now(access.contract.pk).hash
    propose_settlement(access, seen=seen, key=uuid4(), today=TODAY)


def answer_it(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    waits = [one for one in proposals_of(access.contract.pk) if one.answer is None]
    if not waits or access.contract.reference == "W-1":
        raise Http404
    agrees = walk.chance.random() < 0.5
    answer_settlement(access, waits[0].version.pk, agrees=agrees, reason="Klopt niet.")


def put_right(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    pk, key, reason = access.contract.pk, uuid4(), "Vergeten factuur."
    lines = [line.pk for line in on_contract(access).filter(state=State.ACCEPTED).order_by("id")]
    deeds = [waived(walk.chance.choice((1, 40_000_00)), reason=reason, key=key)]
    if lines:
        cents = walk.chance.choice((0, 1_000_01))
        line = walk.chance.choice(lines)
        deeds.append(decided_again(line, cents, reason=reason, key=key))
    deed = walk.chance.choice(deeds)
    correct(access, deed, reason=reason, key=key, seen=books_now(pk).hash)


def plan(walk: Walk, acting: Any) -> None:
    access = walk.access(acting)
    cells = {k: v for k, v in walk.cells(access).items() if k not in ("kenmerk", "toeslagen")}
    save_plan_line(access, cells, number=walk.chance.choice((1, 3)), note="", line_id=None)


def say(walk: Walk, acting: Any) -> None:
    month, cents = walk.chance.choice((1, 2, 3)), walk.chance.choice((0, 333_33, 90_000_01))
    access = contract_for(acting, walk.contracts[3])
    turnover.propose_turnover(
        access, period=date(2025, month, 1), cents=cents, key=uuid4(), today=TODAY
    )


def answer(walk: Walk, acting: Any) -> None:
    access = contract_for(acting, walk.contracts[3])
    said = turnover_versions([access.contract.pk]).get(access.contract.pk, [])
    waiting = [one.version.pk for one in said if one.waits]
    if not waiting:
        raise Http404
    pk, deed = walk.chance.choice(waiting), walk.chance.choice("aaadw")
    if deed == "d":
        turnover.dispute_turnover(access, pk, reason="Niet eens.", today=TODAY)
    elif deed == "w":
        turnover.withdraw_turnover(access, pk)
    else:
        turnover.confirm_turnover(access, pk)


class Step:
    """Something that somebody does."""

    def __init__(self, do: Callable[[Walk, Any], None], *who: str) -> None:
        self.do, self.who = do, who


_CLIENT, _CONTRACTOR = ("adviser", "second_adviser", "team"), ("contractor", "subcontractor")
STEPS = (
    *(Step(do, *_CONTRACTOR) for do in (draft, draft, draft, edit, hand_over, hand_over, plan)),
    *(Step(do, *_CONTRACTOR) for do in (hand_over_all, upload, fetch_back, pull, contest, contest)),
    *(Step(do, *_CLIENT) for do in (accept, accept, accept, adjust_cells, adjust_amount, reject)),
    *(Step(do, *_CLIENT) for do in (reopen, oblige, forgive, fine, bring, balance, unbook)),
    *(Step(do, "contractor", *_CLIENT) for do in (answer_for_pool, go_out)),
    *(Step(do, *_CLIENT) for do in (prolong, close, open_again, open_again)),
    *(Step(do, "contractor", *_CLIENT) for do in (say, say, answer, answer)),
    *(Step(give, "contractor", "competitor") for _again in range(3)),
    *(Step(answer_parts, "contractor", "competitor") for _again in range(4)),
    *(Step(do, *_CLIENT) for do in (other_parts, other_parts, hand_on)),
    *(Step(do, *_CLIENT) for do in (offer_settlement, offer_settlement, put_right, put_right)),
    *(Step(do, *_CONTRACTOR) for do in (answer_it, answer_it)),
)


@pytest.mark.parametrize("seed", [1, 3])
def test_whatever_is_done_everything_adds_up(
    walked: str, server: Server, cast: Cast, seed: int
) -> None:
    walk = Walk(cast, seed)
    for number in range(130):
        walk.take()
        if number % 5 == 0:
            prove(walk)
        if number == HALFWAY:
            walk.mistake()
            walk.together()
            walk.beside_others()
    prove(walk)
    walk.look()
    prove_past(walk)
    with connected(server.owner_url, walked):
        assert check_ledger() == []
    assert len(walk.done) > len(STEPS) // 3, walk.done

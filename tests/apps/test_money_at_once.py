"""Money at once: two who book, decide or send a form together, and no deadlock."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from telmee.apps.agreements.models import PlanLine
from telmee.apps.audit.models import Event
from telmee.apps.contracts import booking
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import (
    change_contract,
    close_contract,
    register_contract,
)
from telmee.apps.contracts.booking import carry_over, penalise, waive
from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.contributions.actions import (
    remove_draft,
    save_draft,
    submit,
    submit_drafts,
    take_back,
    withdraw,
)
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.evidence import add_evidence, record_sighting
from telmee.apps.contributions.models import Upload
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.contributions.uploads import add_upload, read_upload
from telmee.apps.decisions import entries
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.several import accept_lines
from telmee.apps.ledger.models import Entry
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.queries import proposals_of
from telmee.core.errors import DomainError, Problem
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.integrations.evidence.making import pdf
from tests.money import (
    PERSON_CENTS,
    PROJECT,
    SHARE,
    YEAR,
    YEAR_TO,
    accept_as_seen,
    accepted,
    agree,
    booked,
    decide,
    extend,
    stands,
)
from tests.patience import wait_until
from tests.registering import PLACEMENT, found, hand_in, register, seen_cents
from tests.settling import answered, proposed

# At once --------------------------------------------------------------------------------------


@pytest.fixture
def slow_posting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who has posted wait a moment, so that two who post do meet."""

    def slowed(post: Callable[..., int]) -> Callable[..., int]:
        def posted(*args: Any, **facts: Any) -> int:
            made = post(*args, **facts)
            sleep(0.2)
            return made

        return posted

    for module in (entries, booking):
        monkeypatch.setattr(module, "post", slowed(module.post))


@pytest.fixture
def proved(server: Server, own_database: str) -> Iterator[None]:
    """Prove the books when a test is over."""
    yield
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def with_surplus(cast: Cast) -> tuple[int, int]:
    both = [register(cast, reference=name, agreed_cents=1_00) for name in ("R-1", "R-2")]
    for number, contract in enumerate(both):
        accepted(cast, hand_in(cast, contract, kenmerk="S", persoon=f"S{number}"))
    return both[0], both[1]


def doing(cast: Cast, who: str, deed: Callable[[Any], object]) -> Callable[[], object]:
    def act() -> object:
        with acting_as(getattr(cast, who).pk) as acting:
            return deed(acting)

    return act


def accepting(cast: Cast, who: str, line: int) -> Callable[[], object]:
    return lambda: accepted(cast, line, by=who)


@pytest.mark.usefixtures("proved", "slow_posting")
def test_surplus_can_go_both_ways_at_once(cast: Cast) -> None:
    one, other = with_surplus(cast)

    def carry(source: int, to: int) -> Callable[[Any], None]:
        return lambda acting: carry_over(
            contract_for(acting, source), contract_for(acting, to), **booked(10)
        )

    answers = at_once(
        doing(cast, "adviser", carry(one, other)), doing(cast, "second_adviser", carry(other, one))
    )
    assert answers == ["done", "done"]


@pytest.mark.usefixtures("proved", "slow_posting")
def test_lines_are_accepted_while_surplus_moves(cast: Cast) -> None:
    one, other = with_surplus(cast)
    lines = [hand_in(cast, c, kenmerk="Z", persoon=f"Z{c}") for c in (other, one)]

    def accept_all(acting: Any) -> None:
        seen = {
            pk: Seen(row.version, seen_cents(access, row))
            for pk in lines
            for access, row in [found(acting, pk)]
        }
        assert not any(a.problems for a in accept_lines(acting, seen, key=uuid4()))

    def carry(acting: Any) -> None:
        carry_over(contract_for(acting, one), contract_for(acting, other), **booked(10))

    assert at_once(
        doing(cast, "adviser", accept_all), doing(cast, "second_adviser", carry)
    ) == ["done", "done"]  # fmt: skip


@pytest.mark.usefixtures("proved", "slow_posting")
def test_a_yes_and_a_booking_at_once_leave_one_of_them(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    answers = at_once(
        doing(cast, "adviser", lambda a: waive(contract_for(a, contract), **booked(5))),
        lambda: settling(answered(cast, contract)),
    )
    assert sorted(answers) in (
        ["contract_closed", "done"],
        ["done", "settlement_books_changed"],
    )


@pytest.mark.usefixtures("proved")
def test_of_a_yes_and_another_proposal_one_comes_first(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    with acting_as(cast.auditor.pk):
        first = proposals_of(contract)[0].version.pk
    answers = at_once(
        lambda: settling(answered(cast, contract, version_id=first)),
        lambda: settling(proposed(cast, contract, by="second_adviser")),
    )
    assert answers in (["done", "contract_closed"], ["agreement_changed", "done"])


def settling(code: str) -> None:
    """Raise what refused it, for who waits for an answer."""
    if code != "done":
        raise DomainError(Problem(code))


@pytest.mark.usefixtures("proved", "slow_posting")
def test_a_decision_and_every_booking_on_its_contract_wait_for_each_other(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    answers = at_once(
        accepting(cast, "adviser", line),
        doing(cast, "second_adviser", lambda a: waive(contract_for(a, contract), **booked(5))),
        doing(
            cast,
            "team",
            lambda a: agree(contract_for(a, contract), **booked(200_000_00)),
        ),
        doing(cast, "adviser", lambda a: penalise(contract_for(a, contract), **booked(7))),
    )
    assert answers == ["done"] * 4
    assert stands(cast, contract).penalty_cents == 7


@pytest.mark.usefixtures("proved", "slow_posting")
def test_two_who_waive_what_is_open_waive_it_once(cast: Cast) -> None:
    contract = register(cast)

    def waive_all(acting: Any) -> None:
        waive(contract_for(acting, contract), **booked(100_000_00))

    answers = at_once(*(doing(cast, who, waive_all) for who in ("adviser", "second_adviser")))
    assert sorted(answers) == ["done", "waived_too_much"]


@pytest.mark.usefixtures("proved", "slow_posting")
def test_two_lines_of_one_person_are_decided_at_once_within_his_limit(
    cast: Cast, capped: int
) -> None:
    lines = [hand_in(cast, capped, **YEAR_TO, kenmerk=name) for name in "AB"]
    answers = at_once(
        accepting(cast, "adviser", lines[0]), accepting(cast, "second_adviser", lines[1])
    )
    assert answers == ["done", "done"]
    assert stands(cast, capped).verified_cents == PERSON_CENTS


# Who waits for whom ---------------------------------------------------------------------------


class Beside:
    """Accept a line on a connection of its own, while another transaction is still open."""

    def __init__(self, cast: Cast, *lines: int) -> None:
        self.answers: list[str] = []
        self._thread = threading.Thread(target=self._accept, args=(cast, lines))
        self._thread.start()

    def _accept(self, cast: Cast, lines: tuple[int, ...]) -> None:
        self.answers += at_once(lambda: accept_in_one_go(cast, "second_adviser", lines))

    def waits(self) -> bool:
        """Whether it comes to wait for who has a lock; it is done if not."""
        wait_until(lambda: not self._thread.is_alive() or self._is_held_up(), "it waits or is done")
        return self._thread.is_alive()

    def _is_held_up(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
            )
            return bool(cursor.fetchone()[0])

    def done(self) -> list[str]:
        self._thread.join()
        return self.answers


def accept_in_one_go(cast: Cast, who: str, lines: Iterable[int]) -> None:
    with acting_as(getattr(cast, who).pk) as acting:
        seen = {
            pk: Seen(row.version, seen_cents(access, row))
            for pk in lines
            for access, row in [found(acting, pk)]
        }
        problems = [p for a in accept_lines(acting, seen, key=uuid4()) for p in a.problems]
        if problems:
            raise DomainError(problems)


@pytest.mark.usefixtures("proved")
def test_who_shares_no_person_and_no_cap_does_not_wait(cast: Cast) -> None:
    one, other = (register(cast, reference=name) for name in ("R-1", "R-2"))
    first = hand_in(cast, one, persoon="P-1")
    others = [hand_in(cast, other, kenmerk=f"K-{n}", persoon=f"P-{n}") for n in (2, 3)]
    with acting_as(cast.adviser.pk) as acting:
        accept_as_seen(acting, first)
        beside = Beside(cast, *others)
        assert not beside.waits()
    assert beside.done() == ["done"]


@pytest.mark.usefixtures("proved")
def test_one_person_on_two_contracts_is_decided_on_one_after_the_other(
    walked: str, cast: Cast
) -> None:
    del walked
    both = [register(cast, reference=name, scheme="walk") for name in ("W-1", "W-2")]
    lines = [hand_in(cast, contract, **YEAR_TO, persoon="P-1") for contract in both]
    with acting_as(cast.adviser.pk) as acting:
        accept_as_seen(acting, lines[0])
        beside = Beside(cast, lines[1])
        assert beside.waits()
    # When it was its turn, less was left under the cap of that person than had been seen.
    assert beside.done() == ["decision_value_changed"]
    accepted(cast, lines[1])
    assert sum(stands(cast, contract).verified_cents for contract in both) == PERSON_CENTS


@pytest.mark.usefixtures("proved")
def test_a_cap_of_a_contract_is_reached_once(cast: Cast, capped: int) -> None:
    lines = [
        hand_in(cast, capped, **PROJECT, kenmerk=name, bedrag=800_00, persoon=f"P-{name}")
        for name in "AB"
    ]
    with acting_as(cast.adviser.pk) as acting:
        accept_as_seen(acting, lines[0])
        beside = Beside(cast, lines[1])
        assert beside.waits()
    assert beside.done() == ["decision_value_changed"]
    accepted(cast, lines[1])
    assert stands(cast, capped).verified_cents == 10_000_00 * SHARE // 100


@pytest.mark.usefixtures("proved", "slow_posting")
def test_two_who_accept_the_same_persons_the_other_way_round_do_not_hang(
    walked: str, cast: Cast
) -> None:
    del walked
    both = [register(cast, reference=name, scheme="walk") for name in ("W-1", "W-2")]
    january = {**YEAR, "eind": date(2025, 1, 31)}
    lines = {
        (contract, name): hand_in(cast, contract, kenmerk=name, **january, persoon=name)
        for contract in both
        for name in "AB"
    }
    one = [lines[both[0], "A"], lines[both[1], "B"]]
    other = [lines[both[0], "B"], lines[both[1], "A"]]
    assert at_once(
        lambda: accept_in_one_go(cast, "adviser", one),
        lambda: accept_in_one_go(cast, "second_adviser", reversed(other)),
    ) == ["done", "done"]


def fetch_back(line: int, acting: Any) -> None:
    take_back(*found(acting, line))


@pytest.mark.usefixtures("proved")
def test_a_line_is_accepted_or_taken_back_never_both(cast: Cast) -> None:
    contract = register(cast)
    for number in range(4):
        line = hand_in(cast, contract, kenmerk=f"T{number}", persoon=f"T{number}")
        answers = at_once(
            accepting(cast, "adviser", line),
            doing(cast, "contractor", partial(fetch_back, line)),
        )
        with acting_as(cast.contractor.pk) as acting:
            row = found(acting, line)[1]
            state = State.ACCEPTED if answers[0] == "done" else State.DRAFT
            assert row.state == state, answers
            assert answers.count("done") == 1, answers


@pytest.mark.usefixtures("proved")
def test_one_key_in_two_tabs_decides_and_books_once(cast: Cast) -> None:
    line, key = hand_in(cast, register(cast)), uuid4()

    def accept_it(acting: Any) -> None:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ACCEPTED, key=key, seen_cents=seen_cents(access, row))

    both = [doing(cast, "adviser", accept_it) for _ in range(2)]
    assert at_once(*both) == ["done", "done"]
    with acting_as(cast.adviser.pk):
        assert Entry.objects.filter(kind="realised").count() == 1


def test_one_file_in_two_tabs_is_one_upload(walked: str, cast: Cast, capped: int) -> None:
    del walked
    text = b"kenmerk;bouwblok;begin;bedrag\nA;project;1-1-2025;100\n"

    def add(acting: Any) -> None:
        add_upload(contract_for(acting, capped), io.BytesIO(text), "a.csv")

    assert at_once(*(doing(cast, "contractor", add) for _ in range(2))) == ["done", "done"]
    with acting_as(cast.contractor.pk):
        uploads = list(Upload.objects.values_list("pk", flat=True))
    assert len(uploads) == 1
    reading = [lambda: read_upload(uploads[0], cast.contractor.pk)] * 2
    assert at_once(*reading) == ["done", "done"]
    with acting_as(cast.contractor.pk) as acting:
        assert drafts_of(contract_for(acting, capped)).count() == 1


@pytest.mark.usefixtures("proved")
def test_a_form_that_is_sent_twice_at_once_makes_one(walked: str, cast: Cast, capped: int) -> None:
    del walked
    keys = [uuid4() for _ in range(3)]
    facts = ContractFacts(
        reference="X-1",
        name="Onderhoud",
        category=Category.SERVICES,
        scheme="walk",
        start=date(2025, 1, 1),
        end=date(2025, 12, 31),
        value_cents=100_00,
        agreed_cents=5_00,
        percentage_reason="5%",
        key=keys[0],
    )
    parties = {"client_id": cast.hilversum.pk, "contractor_id": cast.de_eem.pk}
    cells = {**YEAR_TO, "kenmerk": "A"}

    def plan_it(acting: Any) -> None:
        access = contract_for(acting, capped)
        save_plan_line(access, cells, number=1, note="", line_id=None, key=keys[1])
        sleep(0.2)

    def draft_it(acting: Any) -> None:
        save_draft(contract_for(acting, capped), cells, key=keys[2])
        sleep(0.2)

    def register_it(acting: Any) -> None:
        register_contract(acting, facts, **parties)
        sleep(0.2)

    for who, deed in (("adviser", register_it), ("contractor", plan_it), ("contractor", draft_it)):
        assert at_once(*[doing(cast, who, deed)] * 2) == ["done", "done"]
    with acting_as(cast.contractor.pk) as acting:
        assert Contract.objects.filter(reference="X-1").count() == 1
        assert PlanLine.objects.in_force([capped]).count() == 1
        assert drafts_of(contract_for(acting, capped)).count() == 1


# Closed meanwhile -----------------------------------------------------------------------------


def close_beside(cast: Cast, *contracts: int) -> None:
    """Close contracts on a connection of its own, while another transaction is still open."""
    day = date(2025, 12, 31)

    def close(acting: Any) -> None:
        for contract in contracts:
            close_contract(contract_for(acting, contract), on=day, reason="Klaar.", today=day)

    assert at_once(doing(cast, "second_adviser", close)) == ["done"]


def refused_as(deed: Callable[[], object]) -> str:
    try:
        with transaction.atomic():
            deed()
    except DomainError as error:
        return error.problems[0].code
    return "done"


def written(cast: Cast) -> tuple[int, int]:
    """Count what was booked and what the journal tells, apart from this transaction."""
    with acting_as(cast.adviser.pk):
        return Entry.objects.count(), Event.objects.exclude(verb="contract.closed").count()


@pytest.mark.usefixtures("proved")
def test_who_read_a_contract_before_it_was_closed_decides_and_books_nothing(cast: Cast) -> None:
    one, other = with_surplus(cast)
    line = hand_in(cast, one, kenmerk="Z", persoon="Z")
    before = written(cast)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        to, seen = contract_for(acting, other), seen_cents(access, row)
        close_beside(cast, one)
        rejected: dict[str, Any] = {
            "outcome": Outcome.REJECTED,
            "reason": DecisionReason.OTHER,
            "text": "Nee.",
        }
        deeds: dict[str, Callable[[], object]] = {
            "accept": lambda: decide(
                access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen
            ),
            "reject": lambda: decide(access, row, key=uuid4(), **rejected),
            "penalise": lambda: penalise(access, **booked(1)),
            "waive": lambda: waive(access, **booked(1)),
            "adjust": lambda: agree(access, **booked(1)),
            "carry from": lambda: carry_over(access, to, **booked(1)),
            "carry to": lambda: carry_over(to, access, **booked(1)),
            "extend": lambda: extend(access, reason="Nog een jaar."),
            "change": lambda: change_contract(access, {"name": "Ander"}, reason="Zo heet het."),
            "sighting": lambda: record_sighting(access, row, kind="", seen_on=date(2025, 2, 1)),
        }
        answers = {name: refused_as(deed) for name, deed in deeds.items()}
        assert answers == dict.fromkeys(deeds, "contract_closed")
    assert written(cast) == before


@pytest.mark.usefixtures("proved")
def test_who_read_a_contract_before_it_was_closed_hands_in_nothing(cast: Cast) -> None:
    contract = register(cast)
    waiting = hand_in(cast, contract)
    cells = {"bouwblok": "training", "bedrag": 1_000_00, "begin": date(2025, 2, 1), "kenmerk": "D"}
    with acting_as(cast.contractor.pk) as acting:
        draft = save_draft(contract_for(acting, contract), cells)
    before = written(cast)
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, waiting)
        close_beside(cast, contract)
        plan = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
        deeds: dict[str, Callable[[], object]] = {
            "submit": lambda: submit(access, draft),
            "submit all": lambda: submit_drafts(access, [draft]),
            "draft": lambda: save_draft(access, {**cells, "kenmerk": "E"}),
            "take back": lambda: take_back(access, row),
            "withdraw": lambda: withdraw(access, row, reason="Vergissing."),
            "remove": lambda: remove_draft(access, draft),
            "plan": lambda: save_plan_line(access, plan, number=1, note="", line_id=None),
        }
        answers = {name: refused_as(deed) for name, deed in deeds.items()}
        assert answers == dict.fromkeys(deeds, "contract_closed")
        file = io.BytesIO(pdf("Factuur"))
        late = refused_as(lambda: add_evidence(access, draft, file=file, name="a.pdf", kind=""))
        assert late == "evidence_closed"
    assert written(cast) == before

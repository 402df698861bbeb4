"""Samples over decisions: frozen as they were drawn, drawn again by another program, reviewed."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contributions.access import contribution_for
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.access import drawing_for, sample_for, sample_to_review
from telmee.apps.trust.choices import Decided
from telmee.apps.trust.models import Lapse, Review, Sample
from telmee.apps.trust.queries import lines_of, outcome_of
from telmee.apps.trust.samples import (
    Wanted,
    draw_sample,
    items_of,
    population_again,
    review_line,
)
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import hand_in, register

#: What was decided today is over by then.
TOMORROW = timezone.localdate() + timedelta(days=1)


def decided_lines(cast: Cast, contract: int, count: int = 6) -> list[int]:
    """Accept lines of another length each, so that no two are worth the same; reject the last."""
    lines = [
        hand_in(cast, contract, kenmerk=f"K-{n}", persoon=f"P-{n}", eind=date(2025, 2 + n % 9, 27))
        for n in range(count)
    ]
    for line in lines[:-1]:
        accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = contribution_for(acting, lines[-1])
        why = DecisionReason.OTHER
        decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), reason=why, text="Nee.")
    return lines


def drawn(
    cast: Cast,
    *,
    by: str = "adviser",
    own: str = "hilversum",
    key: UUID | None = None,
    **wanted: Any,
) -> int:
    """Draw a sample of what Hilversum decided."""
    usual = {"first": date(2025, 1, 1), "last": timezone.localdate(), "seed": "a", "size": 3}
    with acting_as(getattr(cast, by).pk) as acting:
        drawing = drawing_for(acting, cast.hilversum.pk, getattr(cast, own).pk)
        want = Wanted(**{**usual, **wanted})
        return draw_sample(acting, drawing, want, key=key or uuid4(), today=TOMORROW).pk


def reviewed(
    cast: Cast,
    sample: int,
    line: int,
    *,
    by: str = "auditor",
    right: int | None = None,
    reason: str | None = None,
) -> str:
    """Review a line of a sample; gives the codes of what refused it."""
    if reason is None:
        reason = "" if right is None else "De uren kloppen niet."
    try:
        with acting_as(getattr(cast, by).pk) as acting:
            one = sample_to_review(acting, sample)
            _access, row = contribution_for(acting, line)
            review_line(acting, one, row, right_cents=right, reason=reason, key=uuid4())
    except DomainError as error:
        return " ".join(problem.code for problem in error.problems)
    return ""


def test_a_sample_is_repeated_from_what_it_says_by_another_program(cast: Cast) -> None:
    lines = decided_lines(cast, register(cast))
    pk = drawn(cast, by="auditor", own="audit_office", seed="rekenkamer 2026", size=4)
    with acting_as(cast.auditor.pk) as acting:
        sample = sample_for(acting, pk)
        text = "".join(population_again(sample).as_text())
    pairs = [tuple(map(int, row.split(";"))) for row in text.splitlines()]
    assert [line for line, _cents in pairs] == sorted(lines)
    assert pairs[-1][1] == 0
    assert hashlib.sha256(text.encode()).hexdigest() == sample.hash
    step = sum(cents for _line, cents in pairs) // 4
    facts = f"telmee-mus-1\nrekenkamer 2026\n{sample.hash}\n{step}\n"
    due = int(hashlib.sha256(facts.encode()).hexdigest(), 16) % step + 1
    assert (sample.interval, sample.start) == (step, due)
    behind, hit = 0, []
    for line, cents in pairs:
        behind += cents
        hits = 0
        while due <= behind:
            due, hits = due + step, hits + 1
        if hits:
            hit.append((line, cents, hits))
    assert [(item.line_id, item.cents, item.hits) for item in items_of(sample)] == hit


def test_what_happens_after_a_draw_changes_nothing_of_it(cast: Cast) -> None:
    lines = decided_lines(cast, register(cast))
    pk = drawn(cast)
    with acting_as(cast.adviser.pk) as acting:
        before = sample_for(acting, pk).items
        access, row = contribution_for(acting, lines[0])
        why = DecisionReason.MISTAKE
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=why, text="Toch niet.")
        assert sample_for(acting, pk).items == before
        # Here the day was not over: what is decided on a day that is over stays as it was.
        with pytest.raises(DomainError, match="sample_population_changed"):
            population_again(sample_for(acting, pk))


def test_nothing_and_one_line_are_drawn_from(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        empty = sample_for(acting, drawn(cast))
        assert (empty.lines, empty.items, empty.total_cents) == (0, [], 0)
        assert outcome_of(lines_of(empty)).is_complete
    line = hand_in(cast, contract)
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        (item,) = items_of(sample_for(acting, drawn(cast, size=1)))
        assert item.line_id == line


def test_the_same_key_draws_once_and_each_draw_has_its_number(cast: Cast) -> None:
    decided_lines(cast, register(cast), 2)
    key = uuid4()
    assert drawn(cast, key=key) == drawn(cast, key=key)
    drawn(cast, by="auditor", own="audit_office")
    with acting_as(cast.adviser.pk):
        assert sorted(Sample.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({"last": TOMORROW}, "sample_days"),
        ({"first": date(2026, 1, 2), "last": date(2026, 1, 1)}, "sample_days"),
        ({"seed": "", "size": 0}, "seed_missing sample_size"),
    ],
)
def test_it_refuses_days_that_are_not_over_and_what_cannot_be_drawn(
    cast: Cast, wanted: dict[str, Any], codes: str
) -> None:
    register(cast)
    with pytest.raises(DomainError) as refusal:
        drawn(cast, **wanted)
    assert " ".join(problem.code for problem in refusal.value.problems) == codes


def test_each_side_draws_from_what_is_his_to_see(cast: Cast) -> None:
    decided_lines(cast, register(cast), 2)
    for who, client, own in (
        ("contractor", "hilversum", "de_eem"),
        ("auditor", "huizen", "audit_office"),
        ("auditor", "hilversum", "hilversum"),
        ("reader", "hilversum", "hilversum"),
        ("team", "region", "region"),
        ("colleague", "hilversum", "huizen"),
        ("outsider", "hilversum", "hilversum"),
    ):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            drawing_for(acting, getattr(cast, client).pk, getattr(cast, own).pk)


def test_a_sample_is_seen_by_its_client_and_who_drew_it(cast: Cast) -> None:
    decided_lines(cast, register(cast), 2)
    by_client, by_auditor = drawn(cast), drawn(cast, by="auditor", own="audit_office")
    seeing = {
        "adviser": {by_client, by_auditor},
        "reader": {by_client, by_auditor},
        "auditor": {by_auditor},
        "contractor": set(),
        "colleague": set(),
        "team": set(),
    }
    for who, samples in seeing.items():
        with acting_as(getattr(cast, who).pk):
            assert set(Sample.objects.values_list("pk", flat=True)) == samples, who


def test_a_team_draws_from_the_contracts_on_which_it_decides(cast: Cast) -> None:
    lines = decided_lines(cast, register(cast), 2)
    pk = drawn(cast, by="team", own="region")
    with acting_as(cast.team.pk) as acting:
        sample = sample_for(acting, pk)
        assert sample.lines == len(lines)
    with acting_as(cast.auditor.pk):
        assert not Sample.objects.exists()


def test_reviews_come_to_a_projected_error(cast: Cast) -> None:
    decided_lines(cast, register(cast))
    pk = drawn(cast, by="auditor", own="audit_office")
    with acting_as(cast.auditor.pk) as acting:
        items = items_of(sample_for(acting, pk))
    assert reviewed(cast, pk, items[0].line_id) == ""
    half = items[1].cents // 2
    assert reviewed(cast, pk, items[1].line_id, right=half) == ""
    with acting_as(cast.auditor.pk) as acting:
        outcome = outcome_of(lines_of(sample_for(acting, pk)))
        assert (outcome.reviewed, outcome.wrong, outcome.is_complete) == (2, 1, False)
    for item in items[2:]:
        assert reviewed(cast, pk, item.line_id, right=item.cents + 1) == ""
    with acting_as(cast.adviser.pk) as acting:
        sample = sample_for(acting, pk)
        found = lines_of(sample)
        outcome = outcome_of(found)
        assert outcome.is_complete
        taint = (items[1].cents - half) / items[1].cents
        expected = taint * sample.interval
        if items[1].cents >= sample.interval:
            expected = items[1].cents - half
        assert outcome.over_cents == pytest.approx(expected, abs=1)
        assert outcome.under_cents >= len(items[2:])
        assert outcome.projected_cents == outcome.over_cents - outcome.under_cents
        assert not Lapse.objects.exists()  # a person decided on these


def test_a_later_review_replaces_the_one_before(cast: Cast) -> None:
    decided_lines(cast, register(cast), 2)
    pk = drawn(cast, by="auditor", own="audit_office", size=1)
    with acting_as(cast.auditor.pk) as acting:
        (item,) = items_of(sample_for(acting, pk))
    assert reviewed(cast, pk, item.line_id, right=1) == ""
    assert reviewed(cast, pk, item.line_id) == "missing_explanation"
    assert reviewed(cast, pk, item.line_id, reason="Toch goed.") == ""
    assert reviewed(cast, pk, item.line_id) == ""
    with acting_as(cast.auditor.pk) as acting:
        (one,) = lines_of(sample_for(acting, pk))
        assert one.review is not None
        assert one.review.is_right
        assert Review.objects.count() == 3


def test_it_refuses_a_review_of_ones_own_decision_and_of_what_was_not_drawn(cast: Cast) -> None:
    lines = decided_lines(cast, register(cast))
    pk = drawn(cast, size=1)
    with acting_as(cast.adviser.pk) as acting:
        (item,) = items_of(sample_for(acting, pk))
    assert reviewed(cast, pk, item.line_id, by="adviser") == "sample_own_decision"
    assert reviewed(cast, pk, item.line_id, by="second_adviser") == ""
    other = next(line for line in lines if line != item.line_id)
    assert reviewed(cast, pk, other, by="second_adviser") == "not_allowed"
    for right in (item.cents, -1, 10**11 + 1):
        code = reviewed(cast, pk, item.line_id, by="second_adviser", right=right)
        assert code == "sample_right_amount"
    with pytest.raises(Http404):
        reviewed(cast, pk, item.line_id, by="reader")
    with pytest.raises(Http404):
        reviewed(cast, pk, item.line_id, by="auditor")


_REVIEW = """INSERT INTO trust_review (sample_id, contribution_id, contract_id, is_right,
    right_cents, reason, key, user_id, organisation_id) VALUES (%(sample)s, %(line)s,
    %(contract)s, %(right)s, %(cents)s, 'x', gen_random_uuid(), %(me)s, %(org)s)"""


def sent(who: Any, statement: str, **values: Any) -> str:
    """Send a statement as somebody, with the application's role; what refused it."""
    try:
        with acting_as(who.pk), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values | {"me": who.pk})
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)
    return ""


def test_the_database_holds_what_a_review_may_be(cast: Cast) -> None:
    contract = register(cast)
    lines = decided_lines(cast, contract)
    pk = drawn(cast, size=1)
    with acting_as(cast.adviser.pk) as acting:
        (item,) = items_of(sample_for(acting, pk))
    other = next(line for line in lines if line != item.line_id)
    right = {
        "sample": pk,
        "line": item.line_id,
        "contract": contract,
        "right": True,
        "cents": item.cents,
        "org": cast.hilversum.pk,
    }
    assert sent(cast.second_adviser, _REVIEW, **right) == ""
    for who, changed, why in (
        (cast.adviser, {}, "his own"),
        (cast.second_adviser, {"line": other}, "not drawn"),
        (cast.second_adviser, {"cents": item.cents - 1}, "says otherwise"),
        (cast.second_adviser, {"right": False}, "says otherwise"),
        (cast.second_adviser, {"org": cast.de_eem.pk}, "row-level security"),
        (cast.contractor, {}, "his own"),
        (cast.contractor_manager, {"org": cast.de_eem.pk}, "row-level security"),
        (cast.auditor, {"org": cast.audit_office.pk}, "row-level security"),
        (cast.reader, {}, "row-level security"),
    ):
        assert why in sent(who, _REVIEW, **{**right, **changed}), (who, changed)


def test_a_sample_is_frozen_and_drawn_for_oneself_alone(cast: Cast) -> None:
    decided_lines(cast, register(cast), 2)
    drawn(cast)
    for statement in ("UPDATE trust_sample SET seed = 'b'", "DELETE FROM trust_sample"):
        assert sent(cast.adviser, statement)
    copied = """INSERT INTO trust_sample (organisation_id, drawn_for_id, decided, first, last,
        as_of, seed, size, contracts, lines, total_cents, hash, interval, start, items, key,
        user_id) SELECT %(client)s, %(org)s, decided, first, last, as_of, seed, size, contracts,
        lines, total_cents, hash, interval, start, items, gen_random_uuid(), %(me)s
        FROM trust_sample"""
    ids = {"client": cast.hilversum.pk, "org": cast.hilversum.pk}
    assert sent(cast.adviser, copied, **ids) == ""
    assert "row-level" in sent(cast.reader, copied, **ids)
    assert "row-level" in sent(cast.adviser, copied, **{**ids, "client": cast.huizen.pk})
    assert "row-level" in sent(cast.adviser, copied, **{**ids, "org": cast.audit_office.pk})


def test_a_sample_can_be_of_what_people_decided_alone(cast: Cast) -> None:
    decided_lines(cast, register(cast), 3)
    with acting_as(cast.adviser.pk) as acting:
        people = sample_for(acting, drawn(cast, decided=Decided.PEOPLE))
        automatic = sample_for(acting, drawn(cast, decided=Decided.AUTOMATIC))
        assert (people.lines, automatic.lines) == (3, 0)

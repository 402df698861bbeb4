"""Purchases beside the register: what is missing is seen, and a person says what it is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.choices import NoObligation
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.coverage.access import list_to_withdraw, purchase_for
from telmee.apps.coverage.answering import NewAnswer, answer_purchase, answers_of, confirm_proposals
from telmee.apps.coverage.choices import Outcome, Reach, State
from telmee.apps.coverage.lists import noticed_of, withdraw_list
from telmee.apps.coverage.matching import match_again
from telmee.apps.coverage.models import Purchase, PurchaseAnswer, PurchaseList
from telmee.apps.coverage.queries import Year, bought_by_year, purchases_of, unanswered, years_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.buying import bought, line
from tests.cast import Cast
from tests.registering import register

TODAY = date(2026, 11, 29)


def answer(cast: Cast, purchase: int, *, by: str = "adviser", **said: Any) -> str:
    """Say what a purchase is; gives the codes of what refused it."""
    try:
        with acting_as(getattr(cast, by).pk) as acting:
            row = purchase_for(acting, purchase, works=True)
            answer_purchase(acting, row, NewAnswer(**said), key=uuid4())
    except DomainError as error:
        return " ".join(problem.code for problem in error.problems)
    return ""


def states(cast: Cast) -> list[str]:
    with acting_as(cast.adviser.pk):
        rows = purchases_of(cast.hilversum.pk).order_by("list", "row")
        return [str(state) for state in rows.values_list("state", flat=True)]


def year(cast: Cast, by: str = "adviser") -> Year:
    with acting_as(getattr(cast, by).pk):
        (one,) = years_of(cast.hilversum.pk, today=TODAY)
        return one


def explained(number: int = 0) -> dict[str, Any]:
    return {
        "outcome": Outcome.EXPLAINED,
        "ground": NoObligation.LITTLE_LABOUR,
        "reason": "Alleen licenties.",
        "seen": number,
    }


def test_what_is_alike_is_proposed_and_counts_only_when_somebody_confirms(cast: Cast) -> None:
    contract = register(cast)
    (purchase,) = bought(cast.adviser, cast.hilversum)
    assert states(cast) == [State.PROPOSED]
    assert year(cast).covered.cents == 0
    assert not answer(cast, purchase, outcome=Outcome.MATCHED, contract_id=contract)
    assert states(cast) == [State.COVERED]
    assert year(cast).covered.cents == 2_000_000_00
    assert year(cast).used_bp == 10_000
    with acting_as(cast.adviser.pk):
        assert not unanswered(cast.hilversum.pk).exists()
    taken_back: dict[str, Any] = {"outcome": Outcome.REOPENED, "reason": "Vergist.", "seen": 1}
    assert not answer(cast, purchase, **taken_back)
    assert states(cast) == [State.PROPOSED]
    with acting_as(cast.adviser.pk):
        assert [row.pk for row in unanswered(cast.hilversum.pk)] == [purchase]


def test_a_contract_that_explains_why_it_owes_nothing_explains_its_purchase(cast: Cast) -> None:
    contract = register(
        cast,
        agreed_cents=None,
        no_obligation=NoObligation.MARKET,
        no_obligation_reason="Eén aanbieder.",
    )
    (purchase,) = bought(cast.adviser, cast.hilversum)
    answer(cast, purchase, outcome=Outcome.MATCHED, contract_id=contract)
    assert states(cast) == [State.EXPLAINED]


def test_a_contract_that_was_voided_covers_nothing_and_is_proposed_no_more(cast: Cast) -> None:
    contract = register(cast)
    (purchase,) = bought(cast.adviser, cast.hilversum)
    assert not answer(cast, purchase, outcome=Outcome.MATCHED, contract_id=contract)
    with acting_as(cast.adviser.pk) as acting:
        facts: dict[str, Any] = {"reason": "Dubbel.", "key": uuid4(), "today": TODAY}
        void_contract(contract_for(acting, contract), **facts)
    assert states(cast) == [State.GAP]
    assert year(cast).covered.cents == 0
    taken_back: dict[str, Any] = {"outcome": Outcome.REOPENED, "reason": "Vervallen.", "seen": 1}
    assert not answer(cast, purchase, **taken_back)
    assert states(cast) == [State.GAP]
    with acting_as(cast.adviser.pk) as acting:
        waiting = unanswered(cast.hilversum.pk).filter(state=State.PROPOSED)
        chosen = {purchase: contract}
        assert confirm_proposals(acting, cast.hilversum.pk, chosen, waiting, key=uuid4()) == 0


def test_each_purchase_is_in_one_place_and_the_figures_add_up(cast: Cast) -> None:
    contract = register(cast)
    lines = [
        line(2),
        *(line(n, supplier=f"Leverancier {n}", kvk="", cents=n * 100_000_00) for n in range(3, 7)),
        line(7, supplier="Klein", kvk="", cents=1_000_00, day=date(2025, 5, 1)),
    ]
    ids = bought(cast.adviser, cast.hilversum, *lines, scheme="lekstroom")
    answer(cast, ids[0], outcome=Outcome.MATCHED, contract_id=contract)
    answer(cast, ids[1], **explained())
    answer(cast, ids[2], outcome=Outcome.APPLY)
    below = {**explained(), "ground": NoObligation.BELOW_THRESHOLD}
    answer(cast, ids[3], **below)
    answer(cast, ids[5], outcome=Outcome.APPLY)  # who will ask it there makes it no larger
    assert states(cast) == [
        State.COVERED, State.EXPLAINED, State.TO_APPLY, State.BELOW, State.GAP, State.BELOW,
    ]  # fmt: skip
    one = year(cast)
    assert one.above.cents == one.covered.cents + one.explained.cents + one.room.cents
    assert one.room.cents == 400_000_00 + 600_000_00
    everything = sum(part.cents for part in one.parts.values())
    assert everything == sum(each.cents for each in lines)
    with acting_as(cast.adviser.pk):
        rows = Purchase.objects.filter(pk__in=[ids[2], ids[4]])
        assert one.room.owed_cents == sum(row.owed_cents or 0 for row in rows)
        assert one.room.unknown == sum(row.owed_cents is None for row in rows)


def test_the_threshold_of_the_day_decides_for_each_purchase(cast: Cast) -> None:
    days = [date(2023, 6, 1), date(2024, 6, 1), date(2026, 6, 1)]
    lines = [line(n, cents=218_000_00, day=day) for n, day in enumerate(days, 2)]
    ids = bought(cast.adviser, cast.hilversum, *lines, scheme="amsterdam")
    with acting_as(cast.adviser.pk):
        reaches = [Purchase.objects.get(pk=pk).reach for pk in ids]
    assert reaches == [Reach.ABOVE, Reach.BELOW, Reach.ABOVE]


def test_a_day_without_rules_is_for_a_person(cast: Cast) -> None:
    early = line(day=date(2001, 1, 1), kvk="", supplier="Oud")
    (purchase,) = bought(cast.adviser, cast.hilversum, early, scheme="rijk")
    with acting_as(cast.adviser.pk):
        row = Purchase.objects.get(pk=purchase)
    assert (row.reach, row.version) == (Reach.UNSURE, None)


def test_what_is_not_sure_takes_nothing_from_the_share_that_is_used(cast: Cast) -> None:
    contract = register(cast)
    early = date(2001, 1, 1)
    lines = [line(2, day=early), line(3, day=early, kvk="", supplier="Oud", cents=700_000_00)]
    covered, _unsure = bought(cast.adviser, cast.hilversum, *lines, scheme="rijk")
    answer(cast, covered, outcome=Outcome.MATCHED, contract_id=contract)
    one = year(cast)
    assert one.used_bp == 10_000
    assert (one.unsure.cents, one.unsure.unknown) == (700_000_00, 1)


def test_the_same_list_twice_takes_nothing_in_and_a_double_line_is_twice(cast: Cast) -> None:
    bought(cast.adviser, cast.hilversum, line(2), line(3))
    with pytest.raises(DomainError, match="purchases_all_known"):
        bought(cast.adviser, cast.hilversum, line(2), line(3))
    ids = bought(cast.adviser, cast.hilversum, line(2), line(3), line(4))
    assert len(ids) == 1
    key = uuid4()
    once = bought(cast.adviser, cast.hilversum, line(cents=5_00), key=key)
    assert bought(cast.adviser, cast.hilversum, line(cents=5_00), key=key) == once


def test_lines_that_are_alike_are_pointed_at_and_count(cast: Cast) -> None:
    lines = [line(2), line(3), line(4, cents=1), line(5, supplier="Bouwbedrijf de eem b.v.")]
    assert len(bought(cast.adviser, cast.hilversum, *lines)) == 4
    with acting_as(cast.adviser.pk):
        (said,) = noticed_of(PurchaseList.objects.get())
    assert (said.code, said.params) == ("purchases_alike", {"rows": "3, 5", "count": 2})
    bought(cast.adviser, cast.hilversum, line(2, cents=7), line(3, cents=8))
    with acting_as(cast.adviser.pk):
        assert noticed_of(PurchaseList.objects.latest("pk")) == []


def test_a_list_that_was_withdrawn_counts_no_more_and_can_come_again(cast: Cast) -> None:
    (purchase,) = bought(cast.adviser, cast.hilversum)
    with acting_as(cast.adviser.pk) as acting:
        row = list_to_withdraw(acting, PurchaseList.objects.get().pk)
        with pytest.raises(DomainError, match="missing_explanation"):
            withdraw_list(acting, row, reason=" ")
        withdraw_list(acting, row, reason="Verkeerd jaar")
        assert years_of(cast.hilversum.pk, today=TODAY) == []
        with pytest.raises(Http404):
            purchase_for(acting, purchase)
        with pytest.raises(Http404):
            list_to_withdraw(acting, row.pk)
        kept = PurchaseList.objects.get()
        assert (kept.withdrawn_by_id, kept.withdrawn_why) == (cast.adviser.pk, "Verkeerd jaar")
    assert bought(cast.adviser, cast.hilversum)


def test_an_answer_needs_what_it_says(cast: Cast) -> None:
    (purchase,) = bought(cast.adviser, cast.hilversum)
    refused = answer(cast, purchase, outcome=Outcome.EXPLAINED)
    assert refused == "missing_explanation missing_ground"
    assert answer(cast, purchase, outcome=Outcome.MATCHED) == "purchase_contract_unknown"
    assert answer(cast, purchase, outcome=Outcome.REOPENED) == "missing_explanation"
    assert not answer(cast, purchase, **explained())
    assert answer(cast, purchase, **explained()) == "purchase_answered_since"
    back = {"outcome": Outcome.REOPENED, "reason": "Toch wel arbeid."}
    assert not answer(cast, purchase, **back, seen=1)
    assert states(cast) == [State.GAP if not _has_proposal(cast, purchase) else State.PROPOSED]
    with acting_as(cast.adviser.pk) as acting:
        row = purchase_for(acting, purchase)
        assert [one.number for one in answers_of(row)] == [2, 1]


def _has_proposal(cast: Cast, purchase: int) -> bool:
    with acting_as(cast.adviser.pk):
        return Purchase.objects.get(pk=purchase).proposed_id is not None


def test_a_contract_of_another_client_covers_nothing(cast: Cast) -> None:
    from tests.web.world import _other_contract  # noqa: PLC0415 - made by the cast of the pages

    theirs = _other_contract(cast)
    (purchase,) = bought(cast.adviser, cast.hilversum)
    said: dict[str, Any] = {"outcome": Outcome.MATCHED, "contract_id": theirs}
    assert answer(cast, purchase, **said) == "purchase_contract_unknown"


def test_a_contract_that_was_registered_later_is_seen_when_somebody_looks_again(
    cast: Cast,
) -> None:
    bought(cast.adviser, cast.hilversum)
    assert states(cast) == [State.GAP] or states(cast) == [State.UNSURE]
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        assert match_again(acting, cast.hilversum.pk, unanswered(cast.hilversum.pk)) == 1
        assert match_again(acting, cast.hilversum.pk, unanswered(cast.hilversum.pk)) == 0
        assert Purchase.objects.get().proposed_id == contract


def test_what_is_ticked_is_confirmed_as_it_was_seen(cast: Cast) -> None:
    contract = register(cast)
    one, two = bought(cast.adviser, cast.hilversum, line(2), line(3, cents=1_990_000_00))
    with acting_as(cast.adviser.pk) as acting:
        waiting = unanswered(cast.hilversum.pk)
        chosen = {one: contract, two: contract + 1}
        key = uuid4()
        assert confirm_proposals(acting, cast.hilversum.pk, chosen, waiting, key=key) == 1
        assert confirm_proposals(acting, cast.hilversum.pk, chosen, waiting, key=key) == 0
    assert states(cast)[0] == State.COVERED
    assert states(cast)[1] != State.COVERED


@pytest.mark.parametrize("by", ["colleague", "contractor", "auditor", "team", "outsider"])
def test_nobody_else_sees_or_answers_what_a_client_bought(cast: Cast, by: str) -> None:
    (purchase,) = bought(cast.adviser, cast.hilversum)
    with acting_as(getattr(cast, by).pk) as acting:
        assert not Purchase.objects.exists()
        assert not PurchaseList.objects.exists()
        with pytest.raises(Http404):
            purchase_for(acting, purchase)


def test_who_only_reads_sees_and_says_nothing(cast: Cast) -> None:
    (purchase,) = bought(cast.adviser, cast.hilversum)
    with acting_as(cast.reader.pk) as acting:
        assert purchase_for(acting, purchase).pk == purchase
        with pytest.raises(Http404):
            purchase_for(acting, purchase, works=True)
    assert year(cast, "reader").year == 2025


_ANSWER = """INSERT INTO coverage_purchaseanswer (purchase_id, organisation_id, outcome,
    contract_id, ground, reason, key, user_id)
    VALUES (%(purchase)s, %(own)s, 'matched', %(contract)s, '', '', gen_random_uuid(), %(me)s)"""
_ATTACKS = (
    # Who asks, and what he sends; each of them would change what somebody else said.
    ("contractor", _ANSWER),
    ("colleague", _ANSWER),
    ("reader", _ANSWER),
    ("adviser", _ANSWER.replace("%(me)s)", "%(other)s)")),
    ("adviser", _ANSWER.replace("%(contract)s", "%(theirs)s")),
    ("adviser", _ANSWER.replace("%(own)s, 'matched'", "%(huizen)s, 'matched'")),
    ("adviser", "UPDATE coverage_purchase SET cents = 1"),
    ("adviser", "UPDATE coverage_purchase SET reach = 'below'"),
    ("adviser", "UPDATE coverage_purchase SET proposed_id = %(theirs)s, sureness = 'sure'"),
    ("adviser", "DELETE FROM coverage_purchase"),
    ("adviser", "UPDATE coverage_purchaselist SET name = 'x'"),
    ("adviser", "DELETE FROM coverage_purchaselist"),
    ("adviser", "UPDATE coverage_purchaseanswer SET reason = 'x'"),
    ("adviser", "DELETE FROM coverage_purchaseanswer"),
    ("colleague", "UPDATE coverage_purchaselist SET withdrawn_why = 'x', withdrawn_at = now()"),
    ("reader", "UPDATE coverage_purchaselist SET withdrawn_why = 'x', withdrawn_at = now()"),
    ("colleague", "UPDATE coverage_purchase SET proposed_id = NULL, sureness = ''"),
)


@pytest.mark.parametrize(("by", "statement"), _ATTACKS)
def test_the_database_refuses_what_the_pages_do_not_offer(
    cast: Cast, by: str, statement: str
) -> None:
    from tests.web.world import _other_contract  # noqa: PLC0415 - made by the cast of the pages

    contract, theirs = register(cast), _other_contract(cast)
    one, two = bought(cast.adviser, cast.hilversum, line(2), line(3))
    answer(cast, two, outcome=Outcome.MATCHED, contract_id=contract)
    ids = {
        "purchase": one,
        "contract": contract,
        "theirs": theirs,
        "own": cast.hilversum.pk,
        "huizen": cast.huizen.pk,
        "me": getattr(cast, by).pk,
        "other": cast.colleague.pk,
    }
    with acting_as(getattr(cast, by).pk), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement, ids)
                changed = cursor.rowcount
        except DatabaseError:
            changed = 0
    assert changed == 0


def test_an_answer_of_a_list_that_was_withdrawn_is_refused(cast: Cast) -> None:
    (purchase,) = bought(cast.adviser, cast.hilversum)
    with acting_as(cast.adviser.pk) as acting:
        row = purchase_for(acting, purchase, works=True)
        withdraw_list(acting, list_to_withdraw(acting, row.list_id), reason="Fout")
        with pytest.raises(DatabaseError, match="withdrawn"), transaction.atomic():
            PurchaseAnswer.objects.create(
                purchase=row,
                organisation_id=row.organisation_id,
                outcome=Outcome.APPLY,
                user_id=acting.user_id,
            )


def test_what_was_said_later_changes_no_figure_of_before(cast: Cast) -> None:
    (first,) = bought(cast.adviser, cast.hilversum, line(kvk="", supplier="Een ander"))
    moments = [timezone.now()]
    answer(cast, first, **explained())
    moments.append(timezone.now())
    with acting_as(cast.adviser.pk) as acting:
        row = purchase_for(acting, first, works=True)
        withdraw_list(acting, list_to_withdraw(acting, row.list_id), reason="Fout")
    bought(cast.adviser, cast.hilversum, line(cents=3_000_000_00), name="Inkopen, opnieuw")
    moments.append(timezone.now())
    with acting_as(cast.adviser.pk):
        gap, reasoned, anew = (
            bought_by_year(cast.hilversum.pk, as_of=moment)[0] for moment in moments
        )
        now = bought_by_year(cast.hilversum.pk)[0]
        assert bought_by_year(cast.hilversum.pk, as_of=moments[0] - timedelta(hours=1)) == []
    assert (gap.room.cents, gap.explained.cents) == (2_000_000_00, 0)
    assert (reasoned.room.cents, reasoned.explained.cents) == (0, 2_000_000_00)
    assert anew == now
    assert now.above.cents == 3_000_000_00


def test_the_figures_cost_the_same_for_more_purchases(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    register(cast)
    bought(cast.adviser, cast.hilversum, *(line(n, cents=n * 1_000_00) for n in range(2, 40)))
    with acting_as(cast.adviser.pk), django_assert_num_queries(1):
        years_of(cast.hilversum.pk, today=TODAY)

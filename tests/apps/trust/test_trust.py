"""A rule accepts what nobody has a question about, leaves the rest, and is held by the database."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from telmee.apps.contracts.actions import register_contract
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import save_draft, submit, take_back
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.counterparties import answer_by, ask_counterparty
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.models import Decision
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.access import client_for, hash_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust import deciding
from telmee.apps.trust.access import lapse_to_lift, sample_to_review
from telmee.apps.trust.deciding import is_away, weigh_waiting
from telmee.apps.trust.lapses import lift_lapse, tell_of_lapses
from telmee.apps.trust.models import Lapse, Rule, Weighing
from telmee.apps.trust.rules import preview, record_of, set_rule, terms_of
from telmee.apps.trust.samples import review_line
from telmee.core.errors import DomainError
from telmee.core.trust import Record, Terms
from tests.apps.decisions.test_questions import answer, put
from tests.apps.trust.test_samples import sent
from tests.cast import Cast
from tests.money import accept_as_seen, accepted, decide
from tests.registering import facts, register
from tests.trusting import USUAL, distrusted, found_wrong, placed, ruled, sampled, weighed


def decided_otherwise(cast: Cast, line: int, outcome: Outcome = Outcome.REJECTED) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = contribution_for(acting, line)
        why = DecisionReason.OTHER
        decide(access, row, outcome=outcome, key=uuid4(), reason=why, text="Klopt niet.")


def earned(cast: Cast, contract: int) -> int:
    """One line that a person accepted as it was handed in: the record that `USUAL` asks."""
    line = placed(cast, contract, "Eerste", begin=date(2025, 1, 1), eind=date(2025, 3, 31))
    accepted(cast, line)
    return line


def state_of(cast: Cast, line: int) -> tuple[str, int | None]:
    with acting_as(cast.adviser.pk):
        row = Contribution.objects.get(pk=line)
        return row.state, row.verified_cents


def test_a_line_of_who_earned_it_is_accepted_with_its_books_and_says_so(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    rule = ruled(cast)
    line = placed(cast, contract, "Tweede")
    weigh_waiting()
    assert weighed(line, cast) == ()
    for who in (cast.adviser, cast.contractor, cast.auditor):
        with acting_as(who.pk):
            decision = Decision.objects.get(contribution=line)
            weighing = Weighing.objects.get(contribution=line)
            (entry,) = Entry.objects.filter(decision_id=decision.pk)
        assert weighing.decision_id == decision.pk
        assert weighing.record == {"lines": 1, "right": 1, "months": 12}
        assert decision.text == (
            f"Automatisch geaccepteerd, volgens vertrouwensregel versie {rule.number}:"
            " 1 van de 1 nagekeken inspanningen klopten."
        )
        assert entry.reason == decision.text
        assert decision.receipt_id is not None
        assert state_of(cast, line) == (State.ACCEPTED, decision.amount_cents)
    state, cents = state_of(cast, line)
    assert cents
    weigh_waiting()
    assert state_of(cast, line) == (state, cents)


@pytest.mark.parametrize(
    ("terms", "doubt"),
    [
        ({"least_lines": 2}, "few_lines"),
        ({"most_cents": 1}, "amount"),
        ({"blocks": frozenset(("ww",))}, "block"),
        ({"without_proof": False}, "proof"),
        ({"with_assumed": False}, "assumed"),
    ],
)
def test_what_the_rule_does_not_allow_waits_for_a_person(
    cast: Cast, terms: dict[str, Any], doubt: str
) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast, **terms)
    line = placed(cast, contract, "Tweede")
    weigh_waiting()
    assert weighed(line, cast) == (doubt,)
    assert state_of(cast, line) == (State.SUBMITTED, None)
    with acting_as(cast.contractor.pk):
        assert not Weighing.objects.exists()  # why it is looked at is of who looks


def test_the_bounds_of_a_rule_are_included(cast: Cast) -> None:
    contract = register(cast)
    first = earned(cast, contract)
    cents = state_of(cast, first)[1]
    assert cents is not None
    ruled(cast, least_lines=1, most_cents=cents)
    same = {"begin": date(2025, 1, 1), "eind": date(2025, 3, 31)}
    line = placed(cast, contract, "Tweede", **same)
    ruled(cast, least_lines=1, most_cents=cents - 1)
    weigh_waiting()
    assert weighed(line, cast) is None  # handed in before the rule that holds was set
    other = placed(cast, contract, "Derde", **same)
    weigh_waiting()
    assert weighed(other, cast) == ("amount",)
    ruled(cast, least_lines=1, most_cents=cents)
    last = placed(cast, contract, "Vierde", **same)
    weigh_waiting()
    assert weighed(last, cast) == ()


def test_a_line_that_may_be_double_waits(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    one = placed(cast, contract, "D-1", persoon="Dubbel")
    weigh_waiting()
    two = placed(cast, contract, "D-2", persoon="Dubbel")
    weigh_waiting()
    assert weighed(one, cast) == ()
    found = weighed(two, cast)
    assert found is not None
    assert "double" in found


def said(cast: Cast, line: int, *, confirms: bool) -> None:
    """Let somebody outside say something of a line, by a link that the contractor forwards."""
    with acting_as(cast.contractor.pk) as acting:
        token = ask_counterparty(*contribution_for(acting, line), who="ROC", key=uuid4())
    with acting_as(None):
        own = {"name": "Noor Bakker", "function": "Docent", "reason": "Nooit gezien."}
        assert answer_by(hash_of(token), confirms=confirms, **own)


def test_a_line_that_its_counterparty_denied_waits(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    line = placed(cast, contract, "Tweede")
    said(cast, line, confirms=False)
    weigh_waiting()
    assert weighed(line, cast) == ("to_check",)
    assert state_of(cast, line) == (State.SUBMITTED, None)


def test_a_word_of_the_counterparty_is_no_proof_for_a_rule(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast, without_proof=False)
    line = placed(cast, contract, "Tweede")
    said(cast, line, confirms=True)
    weigh_waiting()
    assert weighed(line, cast) == ("proof",)


def test_a_line_that_was_decided_on_before_is_for_a_person(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    line = placed(cast, contract, "Tweede")
    weigh_waiting()
    decided_otherwise(cast, line, Outcome.REOPENED)  # pulled into review
    weigh_waiting()
    assert state_of(cast, line) == (State.SUBMITTED, None)
    with acting_as(cast.contractor.pk) as acting:
        for step in (take_back, submit):
            access, row = contribution_for(acting, line)
            step(access, row)
    weigh_waiting()
    found = weighed(line, cast)
    assert found is not None
    assert "decided_before" in found


@pytest.mark.parametrize("handed_in_again", [False, True])
def test_a_line_about_which_somebody_asked_is_for_a_person(
    cast: Cast, *, handed_in_again: bool
) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    line = placed(cast, contract, "Tweede")
    put(cast, line)  # before the worker came to it
    answer(cast, line)
    if handed_in_again:
        with acting_as(cast.contractor.pk) as acting:
            for step in (take_back, submit):
                access, row = contribution_for(acting, line)
                step(access, row)
    weigh_waiting()
    assert weighed(line, cast) == ("asked",)
    assert state_of(cast, line) == (State.SUBMITTED, None)


def test_a_rule_decides_with_the_rights_of_who_set_it_and_stands_still_without(
    cast: Cast, as_owner: Any, own_database: str
) -> None:
    del own_database
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    line = placed(cast, contract, "Tweede")
    as_owner("DELETE FROM organisations_membership WHERE user_id = %s", cast.manager.pk)
    weigh_waiting()
    assert weighed(line, cast) is None
    assert state_of(cast, line) == (State.SUBMITTED, None)


def test_a_rule_that_is_off_does_nothing_and_none_is_there_at_first(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    line = placed(cast, contract, "Tweede")
    weigh_waiting()
    ruled(cast, is_on=False)
    other = placed(cast, contract, "Derde")
    weigh_waiting()
    assert weighed(line, cast) is None
    assert weighed(other, cast) is None


def test_only_who_manages_a_client_sets_its_rule(cast: Cast) -> None:
    register(cast)
    rule = ruled(cast)
    copied = """INSERT INTO trust_rule (organisation_id, is_on, least_lines, least_right_bp, months,
        most_cents, blocks, with_assumed, without_proof, away_days, reason, key, user_id)
        SELECT organisation_id, true, 1, 1, 36, 100000000, blocks, true, true, 1, 'x',
        gen_random_uuid(), %(me)s FROM trust_rule"""
    assert sent(cast.manager, copied) == ""
    for who in (cast.adviser, cast.reader):
        assert "row-level security" in sent(who, copied)
    raw = copied.replace("SELECT organisation_id", "VALUES (%(org)s").replace(
        "blocks, true, true, 1, 'x',\n        gen_random_uuid(), %(me)s FROM trust_rule",
        "'[\"a\"]', true, true, 1, 'x', gen_random_uuid(), %(me)s)",
    )
    for who in (cast.colleague, cast.contractor, cast.team, cast.auditor):
        assert "row-level security" in sent(who, raw, org=cast.hilversum.pk)
    for statement in ("UPDATE trust_rule SET is_on = true", "DELETE FROM trust_rule"):
        assert sent(cast.manager, statement)
    with acting_as(cast.manager.pk):
        assert list(Rule.objects.values_list("pk", flat=True)) == [rule.pk]


def test_it_refuses_a_rule_without_bounds_and_says_all_at_once(cast: Cast) -> None:
    register(cast)
    wrong = Terms(0, 100_01, 37, 0, frozenset())
    with acting_as(cast.manager.pk) as acting:
        client = client_for(acting, cast.hilversum.pk, manages=True)
        with pytest.raises(DomainError) as refusal:
            set_rule(acting, client, wrong, is_on=True, away_days=0, reason="", key=uuid4())
    codes = [problem.code for problem in refusal.value.problems]
    assert codes == ["trust_limit"] * 5 + ["trust_no_blocks", "missing_explanation"]


_WEIGHING = """INSERT INTO trust_weighing (contribution_id, contract_id, rule_id, decision_id,
    doubts, record) SELECT %(line)s, %(contract)s, id, %(decision)s, '[]', '{}' FROM trust_rule
    ORDER BY number DESC LIMIT 1"""


def test_nobody_calls_a_decision_automatic_that_is_beyond_the_rule(cast: Cast) -> None:
    contract = register(cast)
    by_person = earned(cast, contract)
    ruled(cast)
    with acting_as(cast.manager.pk):
        decision = Decision.objects.get(contribution=by_person).pk
    facts = {"line": by_person, "contract": contract, "decision": decision}
    assert "beyond the rule" in sent(cast.manager, _WEIGHING, **facts)
    assert "not weighed by the rule" in sent(cast.adviser, _WEIGHING, **facts)
    assert sent(cast.contractor, _WEIGHING, **facts) == ""
    with acting_as(cast.adviser.pk):
        assert not Weighing.objects.exists()  # he sees no rule, so nothing was inserted


_BROKEN = """CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this line cannot be weighed'; END $$;
CREATE TRIGGER zz_breaks BEFORE INSERT ON trust_weighing FOR EACH ROW
WHEN (NEW.contribution_id = {line}) EXECUTE FUNCTION breaks()"""


@pytest.mark.usefixtures("own_database")
def test_a_line_that_cannot_be_weighed_stops_no_other_and_no_other_rule(
    cast: Cast, as_owner: Any
) -> None:
    contract = register(cast)
    earned(cast, contract)
    with acting_as(cast.colleague.pk) as acting:
        of_huizen: dict[str, int] = {
            "client_id": cast.huizen.pk,
            "contractor_id": cast.de_eem.pk,
        }
        beside = register_contract(acting, facts(reference="HUI-1"), **of_huizen)
        client = client_for(acting, cast.huizen.pk, manages=True)
        rule: dict[str, Any] = {"is_on": True, "away_days": 30, "reason": "Proef"}
    ruled(cast)
    with acting_as(cast.colleague.pk) as acting:
        set_rule(acting, client, Terms(**USUAL), key=uuid4(), **rule)
    broken, well = placed(cast, contract, "Kapot"), placed(cast, contract, "Goed")
    elsewhere = placed(cast, beside, "Elders")
    as_owner(_BROKEN.format(line=broken))
    with pytest.raises(ExceptionGroup) as fault:
        weigh_waiting()
    (of_rule,) = fault.value.exceptions
    assert isinstance(of_rule, ExceptionGroup)
    assert [one.__notes__ for one in of_rule.exceptions] == [
        [f"lines that were not weighed: {broken}"]
    ]
    assert state_of(cast, broken) == (State.SUBMITTED, None)
    with acting_as(cast.adviser.pk):
        assert not Decision.objects.filter(contribution=broken).exists()
        assert not Entry.objects.filter(contribution_id=broken).exists()
    assert weighed(well, cast) == ()
    with acting_as(cast.colleague.pk):
        assert Weighing.objects.get(contribution=elsewhere).doubts == ["few_lines"]
    as_owner("DROP TRIGGER zz_breaks ON trust_weighing")
    weigh_waiting()
    assert weighed(broken, cast) == ()


def test_a_run_weighs_so_many_lines_by_a_rule_and_the_next_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    monkeypatch.setattr(deciding, "_AT_ONCE", 1)
    lines = [placed(cast, contract, f"K-{number}") for number in range(2)]
    for done in ([(), None], [(), ()]):
        weigh_waiting()
        assert [weighed(line, cast) for line in lines] == done


@pytest.mark.parametrize("asked", [False, True])
def test_the_database_takes_no_automatic_decision_on_a_line_that_was_asked_about(
    cast: Cast, *, asked: bool
) -> None:
    contract = register(cast)
    rule = ruled(cast)
    line = placed(cast, contract, "Tweede")
    if asked:
        put(cast, line)
        answer(cast, line)
    refused = pytest.raises(DatabaseError, match="beyond the rule") if asked else nullcontext()
    with acting_as(cast.manager.pk) as acting, refused, transaction.atomic():
        decision = accept_as_seen(acting, line)
        facts = {"contribution_id": line, "contract_id": contract, "rule": rule}
        Weighing.objects.create(**facts, decision=decision)


# The record ------------------------------------------------------------------------------------


def test_a_record_counts_what_people_looked_at_and_no_more(cast: Cast) -> None:
    contract = register(cast)
    earned(cast, contract)
    rule = ruled(cast)
    automatic = placed(cast, contract, "Tweede")
    weigh_waiting()
    wrong = placed(cast, contract, "Derde", begin=date(2026, 1, 1), eind=date(2026, 2, 28))
    decided_otherwise(cast, wrong)
    placed(cast, contract, "Wacht")

    def record(**terms: Any) -> Record:
        asked = Terms(**{**USUAL, **terms})
        with acting_as(cast.adviser.pk):
            return record_of(
                cast.hilversum.pk, cast.de_eem.pk, asked, timezone.localdate() + timedelta(days=40)
            )

    assert record() == Record(2, 1)
    assert record(months=1) == Record(0, 0)
    ids = sampled(cast.auditor, cast.hilversum, cast.audit_office, automatic)
    reviewed(cast, ids["sample"], automatic, right=None, reason="")
    assert record() == Record(3, 2)
    reviewed(cast, ids["sample"], automatic, right=1)
    assert record() == Record(3, 1)
    assert not record().is_enough(terms_of(rule))


def test_what_was_corrected_after_a_question_was_not_right_as_it_was_handed_in(cast: Cast) -> None:
    contract = register(cast)
    names = ("Uitgelegd", "Verbeterd", "Weer ingediend", "Als concept verbeterd")
    lines = [
        placed(cast, contract, name, begin=date(2025, 1 + 3 * n, 1), eind=date(2025, 2 + 3 * n, 28))
        for n, name in enumerate(names)
    ]
    fewer: list[dict[str, Any]] = []
    with acting_as(cast.adviser.pk):
        for line, name in zip(lines, names, strict=True):
            cells = cells_to_value(Contribution.objects.get(pk=line))
            fewer.append({**cells, "uren_per_week": 20_00, "persoon": name})
    for line, now in zip(lines, (None, fewer[1], None, None), strict=True):
        put(cast, line)
        answer(cast, line, cells=now)
    with acting_as(cast.contractor.pk) as acting:
        for line, changed in ((lines[2], None), (lines[3], fewer[3])):
            take_back(*contribution_for(acting, line))
            if changed:
                access, row = contribution_for(acting, line)
                save_draft(access, changed, line=row)
            submit(*contribution_for(acting, line))
    terms, today = Terms(**USUAL), timezone.localdate()
    records = []
    for line in lines:
        accepted(cast, line)
        with acting_as(cast.adviser.pk):
            records.append(record_of(cast.hilversum.pk, cast.de_eem.pk, terms, today))
    assert records == [Record(1, 1), Record(2, 1), Record(3, 2), Record(4, 2)]


def reviewed(
    cast: Cast, sample: int, line: int, *, right: int | None, reason: str = "De uren kloppen niet."
) -> None:
    with acting_as(cast.auditor.pk) as acting:
        one = sample_to_review(acting, sample)
        _access, row = contribution_for(acting, line)
        review_line(acting, one, row, right_cents=right, reason=reason, key=uuid4())


def test_a_preview_knows_of_each_line_what_was_known_then(cast: Cast) -> None:
    contract = register(cast)
    terms = Terms(**{**USUAL, "least_right_bp": 50_00})
    months = [(date(2025, m, 1), date(2025, m, 25)) for m in range(1, 7)]
    for number, (begin, end) in enumerate(months):
        line = placed(cast, contract, f"K-{number}", begin=begin, eind=end)
        if number == 3:
            decided_otherwise(cast, line)
        else:
            accepted(cast, line)
    with acting_as(cast.manager.pk) as acting:
        seen = preview(acting, cast.hilversum.pk, terms, today=timezone.localdate())
        strict = Terms(**{**USUAL, "least_right_bp": 100_00})
        less = preview(acting, cast.hilversum.pk, strict, today=timezone.localdate())
    # The first has no record; the rejected one would have been accepted by itself.
    assert (seen.lines, seen.automatic, seen.wrong, seen.contractors) == (6, 5, 1, 1)
    assert (less.automatic, less.wrong) == (3, 1)


# Trust that is away ----------------------------------------------------------------------------


def lost(cast: Cast) -> tuple[int, int]:
    """A contract on which the trust in De Eem was taken away, and by which line."""
    contract = register(cast)
    lapse = distrusted(cast, contract)["lapse"]
    with acting_as(cast.adviser.pk):
        return contract, Lapse.objects.select_related("review").get(pk=lapse).review.contribution_id


def test_a_wrong_line_takes_the_trust_away_and_both_sides_are_told(
    cast: Cast, as_owner: Any, own_database: str
) -> None:
    del own_database
    contract, line = lost(cast)
    until = timezone.localdate() + timedelta(days=30)
    for who in (cast.adviser, cast.contractor):
        with acting_as(who.pk):
            assert Lapse.objects.get().until == until
    for who in (cast.competitor, cast.colleague, cast.outsider):
        with acting_as(who.pk):
            assert not Lapse.objects.exists()
    with acting_as(cast.contractor.pk):
        (lapse,) = Lapse.objects.select_related("review__contribution")
        assert lapse.review.contribution.pk == line
        assert lapse.review.reason == "De uren kloppen niet."
    for _ in range(2):
        tell_of_lapses()
    told = as_owner(
        "SELECT u.email FROM notices_notice n JOIN organisations_user u ON u.id = n.user_id"
        " WHERE n.code = 'trust_taken_away' ORDER BY 1"
    )
    names = ("adviser", "contractor", "contractor_manager", "manager", "second_adviser", "team")
    assert [mail for (mail,) in told] == [f"{name}@example.org" for name in names]
    next_one = placed(cast, contract, "Derde")
    weigh_waiting()
    found = weighed(next_one, cast)
    assert found is not None
    assert found[0] == "away"


def away(cast: Cast) -> bool:
    with acting_as(cast.adviser.pk):
        return is_away(cast.hilversum.pk, cast.de_eem.pk, timezone.localdate())


def test_trust_comes_back_when_the_line_was_right_after_all_and_both_sides_read_why(
    cast: Cast, as_owner: Any, own_database: str
) -> None:
    del own_database
    contract, line = lost(cast)
    with acting_as(cast.adviser.pk):
        sample = Lapse.objects.get().review.sample_id
    with pytest.raises(DomainError, match="missing_explanation"):
        reviewed(cast, sample, line, right=None, reason="")
    reviewed(cast, sample, line, right=None, reason="De loonstrook was er toch.")
    for who in (cast.adviser, cast.contractor):
        with acting_as(who.pk):
            assert Lapse.objects.get().lifted_why == "De loonstrook was er toch."
    tell_of_lapses()
    statement = "SELECT count(*) FROM notices_notice WHERE code = 'trust_given_back'"
    assert as_owner(statement) == [(6,)]
    next_one = placed(cast, contract, "Derde")
    weigh_waiting()
    assert weighed(next_one, cast) == ()
    reviewed(cast, sample, line, right=2)  # wrong again, and once more with another amount
    reviewed(cast, sample, line, right=3)
    assert away(cast)
    reviewed(cast, sample, line, right=None)
    assert not away(cast)


def test_trust_stays_away_while_another_line_or_another_sample_found_something_wrong(
    cast: Cast,
) -> None:
    contract = register(cast)
    earned(cast, contract)
    ruled(cast)
    lines = [placed(cast, contract, name) for name in ("Tweede", "Derde")]
    weigh_waiting()
    samples = [
        sampled(cast.auditor, cast.hilversum, cast.audit_office, lines[0])["sample"]
        for _ in range(2)
    ]
    wrong = [(samples[0], lines[0]), (samples[0], lines[1]), (samples[1], lines[0])]
    for sample, line in wrong:
        found_wrong(cast, sample, line)
    stays = []
    for sample, line in wrong:
        reviewed(cast, sample, line, right=None)
        with acting_as(cast.adviser.pk):
            stays.append(Lapse.objects.filter(lifted_at=None).count())
    assert stays == [2, 1, 0]
    assert not away(cast)


def test_trust_comes_back_by_itself_or_by_a_person_with_a_reason(cast: Cast) -> None:
    contract, _line = lost(cast)
    today = timezone.localdate()
    with acting_as(cast.adviser.pk) as acting:
        (lapse,) = Lapse.objects.all()
        after = lapse.until + timedelta(days=1)
        parties = lapse.organisation_id, lapse.contractor_id
        assert [is_away(*parties, day) for day in (lapse.until, after)] == [True, False]
        with pytest.raises(DomainError, match="trust_is_back"):
            lift_lapse(acting, lapse_to_lift(acting, lapse.pk), reason="Toch.", today=after)
        with pytest.raises(DomainError, match="missing_explanation"):
            lift_lapse(acting, lapse, reason=" ", today=today)
        last = lapse.until
        lift_lapse(acting, lapse_to_lift(acting, lapse.pk), reason="Gesproken.", today=last)
        with pytest.raises(DomainError, match="trust_is_back"):
            lift_lapse(acting, lapse, reason="Nog eens.", today=today)
    # The line stays wrong in the record: where the rule asks more, trust is earned again.
    line = placed(cast, contract, "Derde")
    weigh_waiting()
    assert weighed(line, cast) == ()
    ruled(cast, least_right_bp=100_00)
    strict = placed(cast, contract, "Vierde")
    weigh_waiting()
    assert weighed(strict, cast) == ("too_often_wrong",)
    lift = "UPDATE trust_lapse SET lifted_at = NULL, lifted_by_id = NULL, lifted_why = 'x'"
    assert "lifted before" in sent(cast.adviser, lift)
    longer = "UPDATE trust_lapse SET until = '2099-01-01'"
    assert "permission denied" in sent(cast.adviser, longer)
    insert = """INSERT INTO trust_lapse (organisation_id, contractor_id, review_id, until,
        lifted_why) VALUES (1, 1, 1, '2099-01-01', '')"""
    assert "permission denied" in sent(cast.manager, insert)

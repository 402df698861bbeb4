"""What two sides settle: proposed, confirmed by the other, withdrawn, superseded."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from telmee.apps.agreements.actions import confirm, dispute, withdraw
from telmee.apps.agreements.choices import Kind, Outcome, State
from telmee.apps.agreements.models import Answer, Resolution, Version
from telmee.apps.agreements.queries import states_of
from telmee.apps.audit.queries import events_on_contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.journal import journal_of
from telmee.core.errors import DomainError
from tests.apps.agreements.planning import begun, proposed
from tests.apps.contracts.test_turnover import by_turnover
from tests.cast import Cast
from tests.registering import register


def answered(cast: Cast, deed: Any, version: Version, by: str) -> str:
    """Answer as somebody, and give the code of what refused it."""
    own = {"contractor": cast.de_eem, "competitor": cast.rival}.get(by, cast.hilversum)
    with acting_as(getattr(cast, by).pk) as acting:
        try:
            deed(acting, version, organisation_id=own.pk)
        except DomainError as error:
            return error.problems[0].code
    return "done"


def states(cast: Cast, version: Version) -> list[State]:
    with acting_as(cast.auditor.pk):
        return list(states_of(version.agreement_id).values())


def in_force(cast: Cast, version: Version, **moment: Any) -> list[int]:
    with acting_as(cast.auditor.pk):
        found = Version.objects.in_force([version.contract_id], **moment)
        return list(found.values_list("number", flat=True))


def test_a_proposal_is_in_force_once_the_other_side_confirms_it(cast: Cast) -> None:
    version = proposed(cast, begun(cast, register(cast)))
    assert (states(cast, version), in_force(cast, version)) == ([State.PROPOSED], [])
    assert answered(cast, confirm, version, "contractor") == "done"
    assert (states(cast, version), in_force(cast, version)) == ([State.IN_FORCE], [1])


def test_nobody_answers_for_a_side_that_he_does_not_work_for(cast: Cast) -> None:
    version = proposed(cast, begun(cast, register(cast)))
    for who in (cast.competitor, cast.subcontractor, cast.outsider):
        with acting_as(who.pk) as acting, pytest.raises(DomainError, match="not_allowed"):
            confirm(acting, version, organisation_id=cast.de_eem.pk)


def test_nobody_confirms_for_the_other_side_or_twice(cast: Cast) -> None:
    version = proposed(cast, begun(cast, register(cast)))
    for who in ("adviser", "second_adviser", "competitor", "reader"):
        assert answered(cast, confirm, version, who) == "not_allowed", who
    assert answered(cast, withdraw, version, "contractor") == "not_allowed"
    assert answered(cast, confirm, version, "contractor") == "done"
    for deed, who in ((confirm, "contractor"), (withdraw, "adviser")):
        assert answered(cast, deed, version, who) == "agreement_changed"


@pytest.mark.usefixtures("own_database")
def test_who_works_for_both_sides_does_not_agree_with_himself(cast: Cast, as_owner: Any) -> None:
    version = proposed(cast, begun(cast, register(cast)))
    as_owner(
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'worker', now())",
        cast.adviser.pk,
        cast.de_eem.pk,
    )
    with acting_as(cast.adviser.pk) as acting:
        with pytest.raises(DomainError, match="not_allowed"):
            confirm(acting, version, organisation_id=cast.de_eem.pk)
        with pytest.raises(DatabaseError, match="wrong side"), transaction.atomic():
            Answer.objects.create(
                version=version,
                contract_id=version.contract_id,
                outcome=Outcome.CONFIRMED,
                organisation=cast.de_eem,
                user_id=cast.adviser.pk,
            )


def test_what_is_withdrawn_never_comes_in_force(cast: Cast) -> None:
    version = proposed(cast, begun(cast, register(cast)))
    assert answered(cast, withdraw, version, "adviser") == "done"
    assert answered(cast, confirm, version, "contractor") == "agreement_changed"
    assert (states(cast, version), in_force(cast, version)) == ([State.WITHDRAWN], [])


def test_a_dispute_says_why_and_leaves_what_stood(cast: Cast) -> None:
    agreement = begun(cast, register(cast))
    first = proposed(cast, agreement)
    assert answered(cast, confirm, first, "contractor") == "done"
    second = proposed(cast, agreement)
    why = partial(dispute, reason="Die factuur hoort bij 2026.")
    assert answered(cast, partial(dispute, reason=" "), second, "contractor") == (
        "missing_explanation"
    )
    assert answered(cast, why, second, "adviser") == "not_allowed"
    assert answered(cast, why, second, "contractor") == "done"
    assert answered(cast, confirm, second, "contractor") == "agreement_changed"
    assert (states(cast, first), in_force(cast, first)) == ([State.IN_FORCE, State.DISPUTED], [1])
    with acting_as(cast.auditor.pk):
        assert Answer.objects.get(version=second).reason == "Die factuur hoort bij 2026."


def test_a_later_proposal_takes_the_place_of_one_that_waits(cast: Cast) -> None:
    agreement = begun(cast, register(cast))
    first = proposed(cast, agreement)
    second = proposed(cast, agreement, by="contractor")
    assert answered(cast, confirm, first, "contractor") == "agreement_changed"
    assert states(cast, first) == [State.SUPERSEDED, State.PROPOSED]
    assert answered(cast, confirm, second, "adviser") == "done"
    assert states(cast, first) == [State.SUPERSEDED, State.IN_FORCE]


def test_the_version_in_force_holds_until_another_is_confirmed_also_as_of_then(cast: Cast) -> None:
    agreement = begun(cast, register(cast))
    first = proposed(cast, agreement)
    assert answered(cast, confirm, first, "contractor") == "done"
    second = proposed(cast, agreement)
    assert (states(cast, first), in_force(cast, first)) == ([State.IN_FORCE, State.PROPOSED], [1])
    assert answered(cast, confirm, second, "contractor") == "done"
    assert (states(cast, first), in_force(cast, first)) == ([State.SUPERSEDED, State.IN_FORCE], [2])
    with acting_as(cast.adviser.pk):
        moments = [Version.objects.get(pk=v.pk) for v in (first, second)]
        at = [(v.proposed_at, v.answer.answered_at) for v in moments]
    assert [in_force(cast, first, as_of=moment) for pair in at for moment in pair] == [
        [], [1], [1], [2],
    ]  # fmt: skip


def test_an_agreement_is_seen_by_its_sides_and_who_sees_the_contract(cast: Cast) -> None:
    version = proposed(cast, begun(cast, register(cast)))
    sees = {"adviser": 1, "contractor": 1, "auditor": 1, "team": 1, "subcontractor": 0}
    for who, count in (sees | {"competitor": 0, "colleague": 0, "outsider": 0}).items():
        with acting_as(getattr(cast, who).pk):
            assert Version.objects.filter(pk=version.pk).count() == count, who


@pytest.mark.parametrize(
    ("deed", "by", "verb"),
    [
        (confirm, "contractor", "confirmed"),
        (partial(dispute, reason="Zo niet."), "contractor", "disputed"),
        (withdraw, "adviser", "withdrawn"),
    ],
)
def test_the_journal_keeps_each_answer(cast: Cast, deed: Any, by: str, verb: str) -> None:
    contract = register(cast)
    version = proposed(cast, begun(cast, contract, Kind.POOLING))
    assert answered(cast, deed, version, by) == "done"
    with acting_as(cast.auditor.pk) as acting:
        latest = journal_of(acting, events_on_contract(contract))[0]
    assert (latest.verb, latest.details["version"]) == (f"agreement.{verb}", version.pk)


def test_the_client_decides_on_turnover_and_on_nothing_else(cast: Cast) -> None:
    contract = by_turnover(cast, client_decides=True)
    version = proposed(cast, begun(cast, contract))
    with acting_as(cast.contractor.pk) as acting:
        dispute(acting, version, organisation_id=cast.de_eem.pk, reason="Liever niet.")
    with (
        acting_as(cast.second_adviser.pk),
        pytest.raises(DatabaseError, match="not the client's to decide"),
        transaction.atomic(),
    ):
        Resolution.objects.create(
            version=version,
            contract_id=contract,
            outcome="decided",
            organisation=cast.hilversum,
            user_id=cast.second_adviser.pk,
            reason="Zo is het.",
        )

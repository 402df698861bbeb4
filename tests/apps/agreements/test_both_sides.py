"""Who works for both sides does not agree for one with what he proposed for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.agreements.actions import resolve
from telmee.apps.agreements.choices import Ending, State
from telmee.apps.agreements.models import Version
from telmee.apps.agreements.queries import states_of, turnover_versions
from telmee.apps.contracts import pooling, turnover
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import answer_plan, propose_plan
from telmee.apps.contracts.sharing import answer_share
from telmee.apps.contracts.turnover_work import turnover_tasks
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.actions import answer_settlement
from telmee.core.errors import DomainError
from tests import pooling as pools
from tests import settling
from tests.apps.agreements.planning import planned
from tests.apps.contracts import test_sharing as shares
from tests.apps.contracts import test_turnover as turnovers
from tests.cast import Cast
from tests.registering import register

pytestmark = pytest.mark.usefixtures("own_database")
Ask = Callable[..., Any]
Deed = Callable[[Any, int, int], None]
_ANSWER = (
    "INSERT INTO agreements_answer (version_id, contract_id, outcome, reason, organisation_id,"
    " user_id) VALUES (%s, %s, %s, 'Nee.', %s, %s)"
)


def _turnover(cast: Cast) -> int:
    contract = turnovers.by_turnover(cast)
    assert turnovers.propose(cast, contract, 600_000) == "done"
    return contract


def _share(cast: Cast) -> int:
    contract = register(cast)
    shares.agree(cast, contract, 30_000)
    assert shares.propose(cast, contract, 20_000, by="subcontractor", seen=1) == "done"
    return contract


def _plan(cast: Cast) -> int:
    contract = register(cast)
    planned(cast, contract)
    with acting_as(cast.contractor.pk) as acting:
        propose_plan(contract_for(acting, contract), cast.de_eem.pk, key=uuid4())
    return contract


def _leaving(cast: Cast) -> int:
    rich, poor = register(cast), register(cast, reference="HIL-2")
    pools.pooled(cast, rich, poor)
    pools.left(cast, rich, by="contractor")
    return rich


def _settlement(cast: Cast) -> int:
    contract = register(cast)
    assert settling.proposed(cast, contract) == "done"
    return contract


def _answer_turnover(access: Any, version: int, contract: int) -> None:
    del contract
    turnover.confirm_turnover(access, version)


def _answer_share(access: Any, version: int, contract: int) -> None:
    del contract
    answer_share(access, version, agrees=True)


def _answer_plan(access: Any, version: int, contract: int) -> None:
    del contract
    answer_plan(access, version, agrees=True)


def _answer_leaving(access: Any, version: int, contract: int) -> None:
    place = pooling.place_of(contract)
    assert place is not None
    pooling.answer_pool(access.acting, place.place.pool, [version], agrees=True)


def _answer_settlement(access: Any, version: int, contract: int) -> None:
    del contract
    answer_settlement(access, version, agrees=True)


#: What somebody proposes, how it is agreed with, who proposed it, who his colleague of the other
#: side is, and for which organisation both work.
KINDS: dict[str, tuple[Callable[[Cast], int], Deed, str, str, str]] = {
    "turnover": (_turnover, _answer_turnover, "contractor", "adviser", "hilversum"),
    "share": (_share, _answer_share, "subcontractor", "contractor", "de_eem"),
    "plan": (_plan, _answer_plan, "contractor", "adviser", "hilversum"),
    "pool": (_leaving, _answer_leaving, "contractor", "adviser", "hilversum"),
    "settlement": (_settlement, _answer_settlement, "adviser", "contractor", "de_eem"),
}


def joins(as_owner: Ask, who: Any, organisation: Any) -> None:
    """Let somebody work for another organisation too."""
    as_owner(
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'worker', now())",
        who.pk,
        organisation.pk,
    )


def waiting(contract: int, who: Any) -> Version:
    with acting_as(who.pk):
        return Version.objects.filter(contract=contract).latest("pk")


@contextmanager
def refused(match: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        yield


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_agrees_with_what_he_proposed_for_the_other_side(
    cast: Cast, as_owner: Ask, kind: str
) -> None:
    proposes, agrees, by, other, own = KINDS[kind]
    contract = proposes(cast)
    who, organisation = getattr(cast, by), getattr(cast, own)
    version = waiting(contract, who)
    assert version.user_id == who.pk
    assert version.addressee_id == organisation.pk
    joins(as_owner, who, organisation)
    with acting_as(who.pk) as acting:
        with pytest.raises(DomainError) as error:
            agrees(contract_for(acting, contract), version.pk, contract)
        assert [one.code for one in error.value.problems] == ["not_allowed"]
        for outcome in ("confirmed", "disputed"):
            with refused("wrong side"), connection.cursor() as cursor:
                values = [version.pk, contract, outcome, organisation.pk, who.pk]
                cursor.execute(_ANSWER, values)
    with acting_as(getattr(cast, other).pk) as acting:
        agrees(contract_for(acting, contract), version.pk, contract)
        assert states_of(version.agreement_id)[version.pk] is State.IN_FORCE


def test_a_page_asks_nobody_to_answer_his_own_turnover(cast: Cast, as_owner: Ask) -> None:
    contract = _turnover(cast)
    joins(as_owner, cast.contractor, cast.hilversum)
    for who, may in ((cast.contractor, False), (cast.adviser, True), (cast.second_adviser, True)):
        with acting_as(who.pk) as acting:
            access = contract_for(acting, contract)
            (one,) = turnover_versions([contract])[contract]
            assert turnover.may_answer(access, one) is may, who
            tasks = turnover_tasks(acting, today=turnovers.TODAY)
            assert [task.mine for task in tasks if task.waiting is not None] == [may], who


def test_who_disputes_his_own_turnover_or_ends_that_dispute_is_refused(
    cast: Cast, as_owner: Ask
) -> None:
    contract = _turnover(cast)
    joins(as_owner, cast.contractor, cast.hilversum)
    assert turnovers.answer(cast, contract, "contractor", "dispute") == "not_allowed"
    assert turnovers.answer(cast, contract, "adviser", "dispute") == "done"
    assert turnovers.answer(cast, contract, "contractor") == "not_allowed"
    assert turnovers.owed(cast, contract) == 0
    assert turnovers.answer(cast, contract, "adviser") == "done"
    assert turnovers.owed(cast, contract) == 30_000


def test_past_the_program_nobody_decides_on_his_own_or_where_nothing_is_disputed(
    cast: Cast,
) -> None:
    other, contract = (
        turnovers.by_turnover(cast, reference=name, client_decides=True) for name in ("A", "B")
    )
    for one in (other, contract):
        assert turnovers.propose(cast, one, 700_000, by="adviser") == "done"
    assert turnovers.answer(cast, other, "contractor", "dispute") == "done"
    version = waiting(contract, cast.adviser)
    insert = _ANSWER.replace("agreements_answer", "agreements_resolution")

    def decided(who: Any, pk: int = version.pk, on: int = contract) -> None:
        with acting_as(who.pk), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert, [pk, on, "decided", cast.hilversum.pk, who.pk])

    with pytest.raises(DatabaseError, match="the end of no dispute"):
        decided(cast.second_adviser)
    assert turnovers.answer(cast, contract, "contractor") == "done"
    with pytest.raises(DatabaseError, match="the end of no dispute"):
        decided(cast.second_adviser)
    disputed = waiting(other, cast.adviser)
    with pytest.raises(DatabaseError, match="wrong side"):
        decided(cast.adviser, disputed.pk, other)
    decided(cast.second_adviser, disputed.pk, other)


def test_who_disputed_for_the_contractor_does_not_decide_for_the_client(
    cast: Cast, as_owner: Ask
) -> None:
    contract = turnovers.by_turnover(cast, client_decides=True)
    assert turnovers.propose(cast, contract, 700_000, by="adviser") == "done"
    assert turnovers.answer(cast, contract, "contractor", "dispute") == "done"
    joins(as_owner, cast.contractor, cast.hilversum)
    version = waiting(contract, cast.adviser)
    insert = _ANSWER.replace("agreements_answer", "agreements_resolution")
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        (one,) = turnover_versions([contract])[contract]
        assert not turnover.may_decide(access, one)
        with pytest.raises(DomainError, match="not_allowed"):
            turnover.decide_turnover(access, version.pk, reason="Volgens de boeken.")
        with pytest.raises(DomainError, match="not_allowed"):
            resolve(acting, version, Ending.DECIDED, organisation_id=cast.hilversum.pk, reason="X.")
        with refused("wrong side"), connection.cursor() as cursor:
            values: list[Any] = [version.pk, contract, "decided"]
            values += [cast.hilversum.pk, cast.contractor.pk]
            cursor.execute(insert, values)
    assert turnovers.owed(cast, contract) == 0
    decided = turnovers.answer(cast, contract, "second_adviser", "decide", reason="De boeken.")
    assert decided == "done"
    assert turnovers.owed(cast, contract) == 35_000


def test_past_the_program_only_a_client_decides_and_where_the_contract_lets_it(
    cast: Cast,
) -> None:
    """And what is sent as its moment is not kept: an answer stands from when it was given."""
    silent = turnovers.by_turnover(cast)
    theirs = turnovers.by_turnover(cast, reference="B", client_decides=True)
    assert turnovers.propose(cast, silent, 700_000, by="adviser") == "done"
    assert turnovers.answer(cast, silent, "contractor", "dispute") == "done"
    assert turnovers.propose(cast, theirs, 700_000, by="contractor") == "done"
    assert turnovers.answer(cast, theirs, "adviser", "dispute") == "done"
    insert = _ANSWER.replace("agreements_answer", "agreements_resolution")
    for contract, who, own in (
        (silent, cast.second_adviser, cast.hilversum),
        (theirs, cast.contractor_manager, cast.de_eem),
    ):
        values: list[Any] = [waiting(contract, who).pk, contract, "decided", own.pk, who.pk]
        with acting_as(who.pk), refused("client's to decide"), connection.cursor() as cursor:
            cursor.execute(insert, values)
    backdated = _ANSWER.replace("user_id)", "user_id, answered_at)").replace(
        "%s, %s)", "%s, %s, '2020-01-01')"
    )
    contract = _turnover(cast)
    values = [waiting(contract, cast.adviser).pk, contract, "confirmed", cast.hilversum.pk]
    values.append(cast.adviser.pk)
    with acting_as(cast.adviser.pk), connection.cursor() as cursor:
        cursor.execute(f"{backdated} RETURNING answered_at", values)
        (answered_at,) = cursor.fetchone()
    assert answered_at.year > 2020

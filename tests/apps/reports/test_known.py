"""What was known of a contract at a moment is told again as it was then, whatever came since."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import connection

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import change_contract, close_contract
from telmee.apps.contracts.amending import Wanted, amend
from telmee.apps.contracts.booking import waive
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import change_organisation
from telmee.apps.reports.known import Known, known_at
from tests.cast import Cast
from tests.days import today
from tests.money import accepted, booked
from tests.registering import hand_in, register
from tests.settling import settled

LATER = date(2026, 6, 1)


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


def known(cast: Cast, contract: int, moment: datetime, day: date = LATER) -> Known | None:
    with acting_as(cast.auditor.pk) as acting:
        return known_at(contract_for(acting, contract), moment, day)


def owed(stands: Known | None) -> int:
    assert stands is not None
    return stands.figures.position.owed_cents


def amended(cast: Cast, contract: int, **facts: Any) -> None:
    less = Wanted(
        ground=Ground.AGREED, effective_on=date(2026, 1, 1), reason="Afgesproken.", facts=facts
    )
    with acting_as(cast.adviser.pk) as acting:
        amend(contract_for(acting, contract), less, key=uuid4())


def test_facts_obligation_and_figures_are_those_of_the_moment(cast: Cast) -> None:
    with acting_as(cast.adviser.pk):
        before = now()
    contract = register(cast)
    with acting_as(cast.adviser.pk):
        registered = now()
    amended(cast, contract, agreed_cents=60_000_00)
    line = hand_in(cast, contract)
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        waive(contract_for(acting, contract), **booked(5_000_00))
        since = now()
    assert known(cast, contract, before) is None
    then, later = known(cast, contract, registered), known(cast, contract, since)
    assert (owed(then), owed(later)) == (100_000_00, 55_000_00)
    assert then is not None
    assert later is not None
    assert [one.facts["agreed_cents"] for one in (then, later)] == [100_000_00, 60_000_00]
    assert [len(one.amendments) for one in (then, later)] == [1, 2]
    assert (then.figures.delivered_cents, then.figures.position.verified_cents) == (0, 0)
    assert later.figures.delivered_cents == later.figures.position.verified_cents > 0


def test_the_day_decides_which_facts_and_the_moment_what_is_known(cast: Cast) -> None:
    contract = register(cast)
    amended(cast, contract, agreed_cents=60_000_00)
    with acting_as(cast.adviser.pk):
        moment = now()
    first = known(cast, contract, moment, date(2025, 6, 1))
    assert first is not None
    assert first.facts["agreed_cents"] == 100_000_00


def test_what_it_was_called_and_whether_it_was_closed_is_in_the_journal(cast: Cast) -> None:
    contract, moments = register(cast), []
    for name in ("Tweede naam", "Derde naam"):
        with acting_as(cast.adviser.pk) as acting:
            moments.append(now())
            change_contract(contract_for(acting, contract), {"name": name}, reason="")
    with acting_as(cast.adviser.pk) as acting:
        moments.append(now())
        close_contract(contract_for(acting, contract), on=today(), reason="Klaar.", today=today())
        moments.append(now())
    stands = [known(cast, contract, moment) for moment in moments]
    assert [one and (one.called["name"], one.ended) for one in stands] == [
        ("Onderhoud gebouwen", ""),
        ("Tweede naam", ""),
        ("Derde naam", ""),
        ("Derde naam", "contract.closed"),
    ]


def test_a_contract_that_was_settled_was_closed_by_that(cast: Cast) -> None:
    contract, moments = register(cast), []
    with acting_as(cast.adviser.pk):
        moments.append(now())
    settled(cast, contract)
    with acting_as(cast.adviser.pk):
        moments.append(now())
    stands = [known(cast, contract, moment) for moment in moments]
    assert [one and one.ended for one in stands] == ["", "contract.settled"]


def test_a_contract_that_is_void_now_stands_as_it_was(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        before = now()
        access = contract_for(acting, contract)
        void_contract(access, reason="Dubbel.", key=uuid4(), today=today())
        after = now()
    stands = known(cast, contract, before), known(cast, contract, after)
    assert [owed(one) for one in stands] == [100_000_00, 0]
    assert [one and one.ended for one in stands] == ["", "contract.voided"]


def test_a_framework_stands_where_its_call_offs_stood(cast: Cast) -> None:
    framework = register(cast, form=Form.FRAMEWORK, agreed_cents=None, percentage_reason="")
    under: dict[str, Any] = {"form": Form.CALL_OFF, "parent_id": framework}
    register(cast, reference="C-1", agreed_cents=10_000_00, **under)
    with acting_as(cast.adviser.pk):
        one = now()
    register(cast, reference="C-2", agreed_cents=7_000_00, **under)
    with acting_as(cast.adviser.pk):
        two = now()
    assert [owed(known(cast, framework, moment)) for moment in (one, two)] == [
        10_000_00, 17_000_00
    ]  # fmt: skip


def test_its_parties_are_called_what_they_were_called_then(cast: Cast) -> None:
    contract, pk = register(cast), cast.de_eem.pk
    with acting_as(cast.contractor_manager.pk) as acting:
        moment = now()
        change_organisation(acting, organisation_id=pk, name="Bouwbedrijf Nieuw")
        after = now()
    stands = known(cast, contract, moment), known(cast, contract, after)
    assert [one and one.parties[pk] for one in stands] == [cast.de_eem.name, "Bouwbedrijf Nieuw"]

"""Who is told that a subcontractor is brought in, and that somebody of it came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party, remove_party
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.joining import join_by_invitation
from telmee.apps.notices.models import Notice
from telmee.apps.notices.sending import as_sender
from telmee.apps.organisations import actions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Organisation
from tests.cast import Cast
from tests.mailing import link_token
from tests.registering import register

Capture = Callable[..., Any]


def told(cast: Cast, code: str) -> list[str]:
    """Who is written to, by his part; who came in during a test is a newcomer."""
    parts = {user.pk: name for name, user in cast.users().items()}
    with as_sender():
        rows = Notice.objects.filter(code=code).order_by("pk")
        return sorted(parts.get(row.user_id or 0, "newcomer") for row in rows)


def brought_in(cast: Cast, contract: int, who: str, organisation: int) -> None:
    with acting_as(getattr(cast, who).pk) as acting:
        access = contract_for(acting, contract)
        add_party(access, organisation_id=organisation, role=PartyRole.SUBCONTRACTOR)


@pytest.fixture
def unknown(cast: Cast) -> Organisation:
    with acting_as(cast.contractor.pk) as acting:
        return actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")


def invites() -> set[bool]:
    with as_sender():
        return {row.facts["invites"] for row in Notice.objects.filter(code="subcontractor_added")}


def test_a_client_is_told_whom_its_contractor_brings_in(cast: Cast, unknown: Organisation) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    before = told(cast, "subcontractor_added")
    assert before == ["contractor", "contractor_manager"]  # the client brought one in
    brought_in(cast, contract, "contractor", unknown.pk)
    assert told(cast, "subcontractor_added") == ["adviser", *before]
    assert invites() == {False, True}


def test_a_subcontractor_is_told_each_time_that_it_is_brought_in(cast: Cast) -> None:
    contract = register(cast)
    assert told(cast, "party_added") == ["auditor", "subcontractor", "team"]
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        (party,) = [one for one in access.parties if one.role == PartyRole.SUBCONTRACTOR]
        remove_party(access, party_id=party.pk, reason="")
    brought_in(cast, contract, "contractor", cast.sub.pk)
    assert told(cast, "party_added").count("subcontractor") == 2
    assert invites() == {False}


def test_the_contractor_is_told_that_the_first_of_a_subcontractor_came_in(
    cast: Cast, unknown: Organisation, django_capture_on_commit_callbacks: Capture
) -> None:
    contract = register(cast)
    brought_in(cast, contract, "contractor", unknown.pk)
    with django_capture_on_commit_callbacks(execute=True), acting_as(cast.adviser.pk) as acting:
        actions.invite(
            acting,
            organisation_id=unknown.pk,
            email="baas@example.org",
            role=Role.MANAGER,
            contract_id=contract,
        )
    with acting_as(None) as nobody:
        password = "nog een lang en goed wachtwoord"  # noqa: S105 - of nobody
        join_by_invitation(nobody, token=link_token(), name="Baas", password=password)
    assert told(cast, "subcontractor_joined") == ["contractor", "contractor_manager"]

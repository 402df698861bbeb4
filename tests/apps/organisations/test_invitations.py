"""An invitation lets one person in, once, for two weeks, and only by its link."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.http import Http404
from django.utils import timezone, translation

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import add_party, register_contract
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.organisations import access, actions, queries
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Invitation, Membership, Organisation
from telmee.core.errors import DomainError
from tests.at_once import at_once, meeting
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import facts, register

_LINK = re.compile(r"/uitnodiging/([\w-]+)")
PASSWORD = "nog een lang en goed wachtwoord"  # noqa: S105 - of invented people
Capture = Callable[..., Any]


@pytest.fixture
def invited(cast: Cast, django_capture_on_commit_callbacks: Capture) -> str:
    """The token of a link that the manager of Hilversum mailed to a new colleague."""
    return _invite(cast, django_capture_on_commit_callbacks)


def _invite(cast: Cast, capture: Capture, email: str = "nieuw@example.org") -> str:
    with capture(execute=True), acting_as(cast.manager.pk) as acting:
        actions.invite(acting, organisation_id=cast.hilversum.pk, email=email, role=Role.WORKER)
    return _link_in(mailed()[-1].body)


def _link_in(text: Any) -> str:
    found = _LINK.search(str(text))
    assert found is not None
    return found[1]


def _codes(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_the_link_is_mailed_and_only_its_hash_is_kept(cast: Cast, invited: str) -> None:
    [sent] = mailed()
    assert sent.to == ["nieuw@example.org"]
    assert "Gemeente Hilversum" in sent.subject
    assert len(invited) >= 43  # 32 bytes
    with acting_as(cast.manager.pk):
        kept = Invitation.objects.get()
    assert invited not in str(kept.__dict__)
    assert kept.token_hash == access.hash_of(invited)
    left = kept.expires_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)


@pytest.mark.parametrize("acting_language", ["nl", "en"])
def test_the_mail_speaks_the_language_of_its_reader_and_not_of_who_invites(
    cast: Cast, as_owner: Any, own_database: str, acting_language: str
) -> None:
    del own_database
    as_owner("UPDATE organisations_user SET language = 'en' WHERE id = %s", cast.contractor.pk)
    for email in ("nieuw@example.org", cast.contractor.email):
        with translation.override(acting_language), acting_as(cast.manager.pk) as acting:
            actions.invite(acting, organisation_id=cast.hilversum.pk, email=email, role=Role.READER)
    first_words = [str(message.body).partition(",")[0] for message in mailed()]
    assert first_words == ["Hallo", "Hello"]


def test_a_name_with_an_ampersand_stays_itself_in_the_mail(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    with acting_as(cast.manager.pk) as acting:
        actions.change_organisation(acting, organisation_id=cast.hilversum.pk, name="Bouw & Co")
    _invite(cast, django_capture_on_commit_callbacks)
    assert "Bouw & Co" in mailed()[-1].subject
    assert mailed()[-1].recipients() == ["nieuw@example.org"]


def test_nothing_is_mailed_when_the_request_is_undone(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True), acting_as(cast.manager.pk) as acting:
        actions.invite(acting, organisation_id=cast.hilversum.pk, email="a@b.nl", role=Role.READER)
        transaction.set_rollback(True)
    assert mailed() == []


def test_a_new_user_becomes_a_member_and_the_journal_names_him(cast: Cast, invited: str) -> None:
    with acting_as(None) as nobody:
        user = actions.accept_invitation(nobody, token=invited, name=" Noor ", password=PASSWORD)
    assert (user.email, user.name, user.check_password(PASSWORD)) == (
        "nieuw@example.org",
        "Noor",
        True,
    )
    with acting_as(user.pk) as acting:
        assert acting.roles == {cast.hilversum.pk: Role.WORKER}
        event = Event.objects.filter(verb="organisation.joined").get()
    assert (event.user_id, event.organisation_id) == (user.pk, cast.hilversum.pk)


def test_somebody_who_is_signed_in_joins_with_his_own_account(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    token = _invite(cast, django_capture_on_commit_callbacks, cast.contractor.email)
    with acting_as(cast.contractor.pk) as acting:
        assert actions.accept_invitation(acting, token=token) == cast.contractor
    with acting_as(cast.contractor.pk) as acting:
        assert {*acting.organisations} == {cast.hilversum.pk, cast.de_eem.pk}


@pytest.mark.parametrize("spoiled", ["used", "withdrawn", "late", "unknown"])
def test_a_link_that_no_longer_works_says_nothing_else(
    cast: Cast, invited: str, spoiled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = invited
    with acting_as(cast.manager.pk) as acting:
        if spoiled == "withdrawn":
            pk = Invitation.objects.get().pk
            actions.withdraw_invitation(acting, invitation_id=pk)
    if spoiled == "late":
        later = timezone.now() + timedelta(days=actions.INVITATION_DAYS, seconds=1)
        monkeypatch.setattr(timezone, "now", lambda: later)
    if spoiled == "used":
        with acting_as(None) as nobody:
            actions.accept_invitation(nobody, token=token, name="N", password=PASSWORD)
    if spoiled == "unknown":
        token += "x"
    with acting_as(None) as nobody, pytest.raises(DomainError) as error:
        actions.accept_invitation(nobody, token=token, name="N", password=PASSWORD)
    assert _codes(error) == ["invitation_closed"]


def test_a_second_invitation_ends_the_first(
    cast: Cast, invited: str, django_capture_on_commit_callbacks: Capture
) -> None:
    second = _invite(cast, django_capture_on_commit_callbacks, "NIEUW@example.org ")
    with acting_as(None), pytest.raises(DomainError):
        access.invitation_of(invited)
    with acting_as(None):
        assert access.invitation_of(second).email == "nieuw@example.org"


def test_an_address_with_an_account_has_to_sign_in_first(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    token = _invite(cast, django_capture_on_commit_callbacks, cast.colleague.email)
    with acting_as(None) as nobody, pytest.raises(DomainError) as error:
        actions.accept_invitation(nobody, token=token, name="N", password=PASSWORD)
    assert _codes(error) == ["account_exists"]


def test_a_member_is_not_invited(cast: Cast) -> None:
    with acting_as(cast.manager.pk) as acting, pytest.raises(DomainError) as error:
        actions.invite(
            acting,
            organisation_id=cast.hilversum.pk,
            email=cast.adviser.email,
            role=Role.WORKER,
        )
    assert _codes(error) == ["already_member"]


@pytest.mark.parametrize("who", ["adviser", "contractor", "operator"])
def test_a_link_is_used_by_the_address_it_was_sent_to_alone(
    cast: Cast, invited: str, who: str
) -> None:
    with acting_as(cast.users()[who].pk) as acting, pytest.raises(DomainError) as error:
        actions.accept_invitation(acting, token=invited)
    assert _codes(error) == ["invitation_of_another"]
    with acting_as(None):
        access.invitation_of(invited)  # it still works for who it was meant for


@pytest.mark.parametrize("who", ["adviser", "reader", "colleague", "outsider", "contractor"])
def test_only_a_manager_invites_to_his_organisation(cast: Cast, who: str) -> None:
    with acting_as(cast.users()[who].pk) as acting, pytest.raises(Http404):
        actions.invite(acting, organisation_id=cast.hilversum.pk, email="a@b.nl", role=Role.WORKER)


def test_an_operator_invites_the_first_manager_only(cast: Cast) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        new = actions.add_organisation(acting, name="Nieuw", kvk="30000099", is_client=True)
        actions.invite(acting, organisation_id=new.pk, email="a@b.nl", role=Role.MANAGER)
        with pytest.raises(DomainError) as error:
            actions.invite(acting, organisation_id=new.pk, email="a@b.nl", role=Role.WORKER)
    assert _codes(error) == ["manager_first"]


def test_a_client_invites_the_first_manager_of_a_contractor_without_people(cast: Cast) -> None:
    register(cast)
    with acting_as(cast.adviser.pk) as acting:
        unknown = actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")
        with pytest.raises(Http404):  # no contract with it yet
            actions.invite(acting, organisation_id=unknown.pk, email="a@b.nl", role=Role.MANAGER)
        with pytest.raises(Http404):  # it has people of its own
            actions.invite(
                acting, organisation_id=cast.de_eem.pk, email="a@b.nl", role=Role.MANAGER
            )


def test_a_contractor_without_people_gets_his_first_manager_by_a_contract(cast: Cast) -> None:
    contract_id = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        unknown = actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")
        contract = contract_for(acting, contract_id)
        add_party(contract, organisation_id=unknown.pk, role=PartyRole.SUBCONTRACTOR)
        sent = actions.invite(
            acting, organisation_id=unknown.pk, email="baas@example.org", role=Role.MANAGER
        )
    with acting_as(cast.adviser.pk):
        assert sent.organisation == unknown


def test_who_delivers_invites_nobody_for_an_organisation_that_he_brought_in(cast: Cast) -> None:
    contract_id = register(cast)
    with acting_as(cast.contractor.pk) as acting:
        unknown = actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")
        contract = contract_for(acting, contract_id)
        add_party(contract, organisation_id=unknown.pk, role=PartyRole.SUBCONTRACTOR)
        with pytest.raises(Http404):
            actions.invite(acting, organisation_id=unknown.pk, email="a@b.nl", role=Role.MANAGER)


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("who", ["contractor", "contractor_manager", "subcontractor", "team"])
def test_a_client_without_people_is_taken_by_no_party_of_its_contract(
    cast: Cast, as_owner: Capture, who: str
) -> None:
    register(cast)
    as_owner("DELETE FROM organisations_membership WHERE organisation_id = %s", cast.hilversum.pk)
    with acting_as(cast.users()[who].pk) as acting, pytest.raises(Http404):
        actions.invite(acting, organisation_id=cast.hilversum.pk, email="a@b.nl", role=Role.MANAGER)


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("named", ["huizen", "audit_office"])
def test_who_awards_or_audits_is_not_taken_by_naming_it_as_subcontractor(
    cast: Cast, as_owner: Capture, named: str
) -> None:
    register(cast)  # the audit office reads it
    named_id = getattr(cast, named).pk
    as_owner("DELETE FROM organisations_membership WHERE organisation_id = %s", named_id)
    with acting_as(cast.adviser.pk) as acting:
        other = register_contract(
            acting,
            facts(reference="HIL-2025-002"),
            client_id=cast.hilversum.pk,
            contractor_id=cast.de_eem.pk,
        )
        contract = contract_for(acting, other)
        add_party(contract, organisation_id=named_id, role=PartyRole.SUBCONTRACTOR)
        with pytest.raises(Http404):
            actions.invite(acting, organisation_id=named_id, email="a@b.nl", role=Role.MANAGER)


def test_whoever_reads_only_cannot_invite_a_contractor(cast: Cast) -> None:
    contract_id = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        unknown = actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")
        contract = contract_for(acting, contract_id)
        add_party(contract, organisation_id=unknown.pk, role=PartyRole.SUBCONTRACTOR)
    with acting_as(cast.reader.pk) as acting, pytest.raises(Http404):
        actions.invite(acting, organisation_id=unknown.pk, email="a@b.nl", role=Role.MANAGER)


def test_colleagues_withdraw_only_what_is_theirs(cast: Cast, invited: str) -> None:
    with acting_as(cast.manager.pk):
        pk = Invitation.objects.get().pk
    for who in (cast.colleague, cast.adviser, cast.outsider):
        with acting_as(who.pk) as acting, pytest.raises(Http404):
            actions.withdraw_invitation(acting, invitation_id=pk)
    with acting_as(cast.manager.pk) as acting:
        assert [i.pk for i in queries.open_invitations(acting, cast.hilversum.pk)] == [pk]
        actions.withdraw_invitation(acting, invitation_id=pk)
        assert not queries.open_invitations(acting, cast.hilversum.pk).exists()
    with acting_as(None), pytest.raises(DomainError):
        access.invitation_of(invited)


@pytest.mark.usefixtures("own_database")
def test_two_who_accept_at_once_get_one_membership(cast: Cast) -> None:
    with acting_as(cast.manager.pk) as acting:
        email = cast.contractor.email
        actions.invite(acting, organisation_id=cast.hilversum.pk, email=email, role=Role.MANAGER)
    token = _link_in(mailed()[-1].body)
    both_act = meeting(2)

    def accept() -> None:
        with acting_as(cast.contractor.pk) as acting:
            both_act.wait()
            actions.accept_invitation(acting, token=token)

    assert sorted(at_once(accept, accept)) == ["done", "invitation_closed"]


def test_the_database_itself_shows_an_invitation_only_to_who_has_the_link(
    cast: Cast, invited: str
) -> None:
    for who in (None, cast.colleague.pk, cast.outsider.pk):
        with acting_as(who):
            assert not Invitation.objects.exists()
    with acting_as(None):
        access.invitation_of(invited)
        assert Invitation.objects.count() == 1


def test_the_database_lets_nobody_write_himself_in(cast: Cast) -> None:
    with pytest.raises(ProgrammingError, match="invitation_closed"), acting_as(cast.outsider.pk):
        Membership.objects.create(
            user=cast.outsider, organisation=cast.hilversum, role=Role.MANAGER
        )


def test_an_acting_visitor_is_nobody(cast: Cast) -> None:
    with acting_as(None):
        assert Organisation.objects.filter(pk=cast.hilversum.pk).exists()
        assert not queries.colleagues(Acting(), cast.hilversum.pk).exists()
        with pytest.raises(Http404):
            access.organisation_for(Acting(), cast.hilversum.pk)

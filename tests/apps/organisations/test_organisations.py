"""Organisations, their numbers, their people and what they are recognised for."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.http import Http404

from telmee.apps.audit.models import Event
from telmee.apps.audit.queries import events_on
from telmee.apps.organisations import access, actions, queries
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.choices import RecognitionKind, Role
from telmee.apps.organisations.journal import journal_of
from telmee.apps.organisations.models import Membership, Municipality, Organisation, User
from telmee.apps.organisations.reference_data import load
from telmee.core.errors import DomainError
from tests.at_once import at_once, meeting
from tests.cast import Cast
from tests.patience import wait_until

RSIN, OIN = "111222333", "00000001111222333000"
TODAY = date(2026, 6, 1)


def _codes(error: pytest.ExceptionInfo[DomainError]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.column) for problem in error.value.problems]


def _membership(user: User) -> int:
    with acting_as(user.pk):
        return Membership.objects.get(user=user).pk


# Organisations ------------------------------------------------------------------------------


def test_an_rsin_alone_could_be_anybodys_bsn(cast: Cast) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        for oin in ("", OIN):
            with pytest.raises(DomainError) as error:
                actions.add_organisation(acting, name="A", oin=oin, rsin=RSIN)
            assert _codes(error) == [("rsin_without_kvk", "kvk")]


def test_an_operator_adds_an_organisation_with_its_numbers(cast: Cast) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        added = actions.add_organisation(
            acting, name=" Súd BV ", kvk="3000 0088", oin=OIN, rsin=RSIN, is_client=True
        )
        [line] = journal_of(acting, events_on("organisation", added.pk))
    assert (added.name, added.search_name, added.kvk) == ("Súd BV", "sud bv", "30000088")
    assert (added.oin, added.rsin, added.is_client) == (OIN, RSIN, True)
    assert (line.verb, line.who) == ("organisation.added", "Operator")


def test_all_wrong_numbers_are_told_at_once(cast: Cast) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        with pytest.raises(DomainError) as error:
            actions.add_organisation(acting, name="A", kvk="1", oin="2", rsin="123456789")
        assert _codes(error) == [("bad_kvk", "kvk"), ("bad_oin", "oin"), ("bad_rsin", "rsin")]
        with pytest.raises(DomainError) as error:
            actions.add_organisation(acting, name="A")
        assert _codes(error) == [("number_needed", "kvk")]


def test_a_number_of_another_organisation_is_refused_beside_its_field(cast: Cast) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        with pytest.raises(DomainError) as error:
            actions.add_organisation(acting, name="A", kvk="30000001", rsin=RSIN)
        assert _codes(error) == [("number_taken", "kvk")]
        with pytest.raises(DomainError) as error:
            actions.change_registration(acting, organisation_id=cast.huizen.pk, kvk="30000001")
        assert _codes(error) == [("number_taken", "kvk")]


@pytest.mark.parametrize("who", ["manager", "adviser", "outsider"])
def test_only_an_operator_adds_and_numbers_organisations(cast: Cast, who: str) -> None:
    with acting_as(cast.users()[who].pk) as acting:
        with pytest.raises(Http404):
            actions.add_organisation(acting, name="A", kvk="30000088")
        with pytest.raises(Http404):
            actions.change_registration(acting, organisation_id=cast.hilversum.pk, kvk="30000088")


def test_a_manager_changes_what_his_organisation_says_and_the_journal_says_what(
    cast: Cast,
) -> None:
    with acting_as(cast.manager.pk) as acting:
        actions.change_organisation(acting, organisation_id=cast.hilversum.pk, name="Hilversum")
        actions.change_organisation(acting, organisation_id=cast.hilversum.pk, name="Hilversum")
        [line] = journal_of(acting, events_on("organisation", cast.hilversum.pk))
    assert line.details == {"changed": ["name"]}


@pytest.mark.parametrize("who", ["adviser", "reader", "colleague", "contractor", "outsider"])
def test_nobody_else_changes_it(cast: Cast, who: str) -> None:
    with acting_as(cast.users()[who].pk) as acting, pytest.raises(Http404):
        actions.change_organisation(acting, organisation_id=cast.hilversum.pk, name="X")


def test_another_organisation_and_none_look_alike(cast: Cast) -> None:
    with acting_as(cast.adviser.pk) as acting:
        assert access.organisation_for(acting, cast.hilversum.pk) == cast.hilversum
        for pk in (cast.huizen.pk, 10**18):
            with pytest.raises(Http404):
                access.organisation_for(acting, pk)


def test_the_database_keeps_the_facts_of_others(cast: Cast) -> None:
    with acting_as(cast.manager.pk):
        assert Organisation.objects.filter(pk=cast.huizen.pk).update(name="X") == 0


def test_a_contractor_is_found_by_his_number_or_added_under_a_name(cast: Cast) -> None:
    with acting_as(cast.adviser.pk) as acting:
        found = actions.find_or_add_contractor(acting, kvk="3000.0003", name="Wrong name")
        assert found == cast.de_eem
        added = actions.find_or_add_contractor(acting, kvk="30000099", name=" Nieuw BV ")
        assert (added.name, added.is_client) == ("Nieuw BV", False)
        assert actions.find_or_add_contractor(acting, kvk="30000099", name="") == added
        for kvk, code in (("30000077", "name_needed"), ("abc", "bad_kvk")):
            with pytest.raises(DomainError) as error:
                actions.find_or_add_contractor(acting, kvk=kvk, name=" ")
            assert error.value.problems[0].code == code


@pytest.mark.parametrize("who", ["reader", "outsider"])
def test_who_only_reads_adds_nobody(cast: Cast, who: str) -> None:
    with acting_as(cast.users()[who].pk) as acting, pytest.raises(Http404):
        actions.find_or_add_contractor(acting, kvk="30000099", name="Nieuw BV")


def test_organisations_are_found_by_name_without_accents_and_by_number(cast: Cast) -> None:
    with acting_as(cast.adviser.pk):
        everybody = queries.every_organisation()
        assert queries.organisations_named(everybody, "HÚIZEN").get() == cast.huizen
        assert queries.organisations_named(everybody, "3000 0004").get() == cast.rival
        assert [found.name for found in everybody if not found.has_people] == []  # type: ignore[attr-defined]


# People -------------------------------------------------------------------------------------


def test_colleagues_are_seen_by_colleagues_alone(cast: Cast) -> None:
    with acting_as(cast.adviser.pk) as acting:
        names = {member.user.name for member in queries.colleagues(acting, cast.hilversum.pk)}
        assert names == {"Adviser", "Manager", "Reader", "Second_Adviser"}
        assert not queries.colleagues(acting, cast.huizen.pk).exists()
        assert not Membership.objects.filter(organisation=cast.huizen).exists()


def test_a_manager_changes_a_role_and_removes_somebody(cast: Cast) -> None:
    adviser = _membership(cast.adviser)
    with acting_as(cast.manager.pk) as acting:
        actions.change_role(acting, membership_id=adviser, role=Role.READER)
    with acting_as(cast.adviser.pk) as acting:
        assert acting.roles == {cast.hilversum.pk: Role.READER}
    with acting_as(cast.manager.pk) as acting:
        actions.remove_member(acting, membership_id=adviser)
        verbs = [
            line.verb for line in journal_of(acting, events_on("organisation", cast.hilversum.pk))
        ]
    assert verbs == ["organisation.member_removed", "organisation.role_changed"]
    with acting_as(cast.adviser.pk) as acting:
        assert acting.roles == {}


@pytest.mark.parametrize("who", ["adviser", "reader", "colleague", "outsider", "operator"])
def test_nobody_else_manages_people(cast: Cast, who: str) -> None:
    second = _membership(cast.second_adviser)
    with acting_as(cast.users()[who].pk, is_operator=who == "operator") as acting:
        with pytest.raises(Http404):
            actions.change_role(acting, membership_id=second, role=Role.MANAGER)
        with pytest.raises(Http404):
            actions.remove_member(acting, membership_id=second)


def test_the_last_manager_stays(cast: Cast) -> None:
    own = _membership(cast.manager)
    with acting_as(cast.manager.pk) as acting:
        with pytest.raises(DomainError) as error:
            actions.remove_member(acting, membership_id=own)
        assert _codes(error) == [("last_manager", None)]
        with pytest.raises(DomainError):
            actions.change_role(acting, membership_id=own, role=Role.WORKER)
        actions.change_role(acting, membership_id=own, role=Role.MANAGER)


@pytest.mark.usefixtures("own_database")
def test_two_managers_who_remove_each_other_at_once_leave_one(
    cast: Cast, as_owner: Callable[..., Any]
) -> None:
    """The second waits for the first, who ends once he waits, and is the last one then."""
    adviser, manager = _membership(cast.adviser), _membership(cast.manager)
    with acting_as(cast.manager.pk) as acting:
        actions.change_role(acting, membership_id=adviser, role=Role.MANAGER)
    first_removed = meeting(2)
    waiting = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def first() -> None:
        with acting_as(cast.manager.pk) as acting:
            actions.remove_member(acting, membership_id=adviser)
            first_removed.wait()
            wait_until(lambda: bool(as_owner(waiting)), "a second who waits")

    def second() -> None:
        first_removed.wait()
        with acting_as(cast.adviser.pk) as acting:
            actions.remove_member(acting, membership_id=manager)

    assert at_once(first, second) == ["done", "last_manager"]


@pytest.mark.usefixtures("own_database")
def test_a_manager_who_was_removed_since_he_looked_finds_nothing(
    cast: Cast, as_owner: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other, own, look = _membership(cast.adviser), _membership(cast.manager), access.membership_for

    def membership_for(acting: Acting, membership_id: int) -> Membership:
        its = look(acting, membership_id)
        as_owner("DELETE FROM organisations_membership WHERE id = %s", own)
        return its

    monkeypatch.setattr(access, "membership_for", membership_for)
    with acting_as(cast.manager.pk) as acting, pytest.raises(Http404):
        actions.remove_member(acting, membership_id=other)
    assert as_owner("SELECT 1 FROM organisations_membership WHERE id = %s", other)


# Recognitions -------------------------------------------------------------------------------


def _recognise(cast: Cast, **changes: Any) -> int:
    facts = {
        "checked_by": cast.hilversum.pk,
        "organisation_id": cast.de_eem.pk,
        "kind": RecognitionKind.PSO,
        "level": "3",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
    }
    with acting_as(cast.adviser.pk) as acting:
        return actions.record_recognition(acting, **{**facts, **changes}).pk


@pytest.mark.parametrize(
    ("day", "is_valid"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_recognition_holds_from_its_first_to_its_last_day(
    cast: Cast, day: date, is_valid: bool
) -> None:
    _recognise(cast)
    with acting_as(cast.competitor.pk):  # the register is everybody's
        [found] = queries.enterprises()
        assert found.is_valid_on(day) is is_valid
        register = queries.enterprises()
        assert queries.valid_on(register, day).exists() is is_valid
        assert queries.not_valid_on(register, day).exists() is not is_valid
        assert queries.enterprises_named(register, "eem").exists()
        assert not queries.enterprises_named(register, "rival").exists()


def test_without_a_last_day_a_recognition_goes_on_until_it_is_ended(cast: Cast) -> None:
    pk = _recognise(cast, valid_until=None)
    with acting_as(cast.adviser.pk) as acting:
        assert queries.valid_on(queries.enterprises(), date(2099, 1, 1)).exists()
        with pytest.raises(DomainError) as error:
            actions.end_recognition(acting, recognition_id=pk, last_day=date(2025, 12, 31))
        assert _codes(error) == [("recognition_backwards", "valid_until")]
        actions.end_recognition(acting, recognition_id=pk, last_day=date(2026, 3, 1))
        [found] = queries.recognitions_of(cast.de_eem.pk)
        assert found.valid_until == date(2026, 3, 1)
        verbs = Event.objects.filter(organisation_id=cast.hilversum.pk).values_list("verb")
        assert {verb for (verb,) in verbs} == {
            "organisation.recognised",
            "organisation.recognition_ended",
        }


def test_a_recognition_is_recorded_by_a_client_and_runs_forward(cast: Cast) -> None:
    with pytest.raises(DomainError) as error:
        _recognise(cast, valid_until=date(2025, 1, 1))
    assert _codes(error) == [("recognition_backwards", "valid_until")]
    with acting_as(cast.contractor.pk) as acting, pytest.raises(DomainError) as error:
        actions.record_recognition(
            acting,
            checked_by=cast.de_eem.pk,
            organisation_id=cast.de_eem.pk,
            kind=RecognitionKind.LOCAL,
            valid_from=TODAY,
        )
    assert _codes(error) == [("only_clients_recognise", None)]


@pytest.mark.parametrize("who", ["reader", "colleague", "contractor", "outsider"])
def test_nobody_records_or_ends_for_a_client_he_does_not_work_for(cast: Cast, who: str) -> None:
    pk = _recognise(cast)
    with acting_as(cast.users()[who].pk) as acting:
        with pytest.raises(Http404):
            actions.end_recognition(acting, recognition_id=pk, last_day=TODAY)
        with pytest.raises(Http404):
            actions.record_recognition(
                acting,
                checked_by=cast.hilversum.pk,
                organisation_id=cast.de_eem.pk,
                kind=RecognitionKind.LOCAL,
                valid_from=TODAY,
            )


# Reference data -----------------------------------------------------------------------------


@pytest.mark.usefixtures("own_database")
def test_the_owner_loads_municipalities_and_regions_once(
    as_owner: Callable[..., list[tuple[Any, ...]]], as_owner_role: Callable[[], Any]
) -> None:
    for _ in range(2):
        with as_owner_role():
            load()
    counted = (
        "SELECT (SELECT count(*) FROM organisations_municipality),"
        " (SELECT count(*) FROM organisations_region),"
        " (SELECT count(*) FROM organisations_regionmembership WHERE since = '2023-01-01')"
    )
    assert as_owner(counted) == [(342, 35, 342)]
    found = as_owner(
        "SELECT r.name FROM organisations_regionmembership m"
        " JOIN organisations_region r ON r.code = m.region_id"
        " JOIN organisations_municipality g ON g.code = m.municipality_id"
        " WHERE g.name = 'Hilversum'"
    )
    assert found == [("Gooi en Vechtstreek",)]


def test_the_application_does_not_write_published_places(cast: Cast) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(cast.operator.pk):
        Municipality.objects.create(code="GM9999", name="Nergens")


def test_what_it_was_called_stays_known_with_until_when(cast: Cast) -> None:
    pk, first = cast.hilversum.pk, cast.hilversum.name
    moments = []
    for name in ("Tweede naam", "Derde naam", "Derde naam"):
        with acting_as(cast.manager.pk) as acting:
            moments.append(_clock())
            actions.change_organisation(acting, organisation_id=pk, name=name)
    with acting_as(cast.competitor.pk):
        moments.append(_clock())
        names = [queries.names_at([pk], moment)[pk] for moment in moments]
        former = [one.name for one in queries.former_names(pk)]
    assert names == [first, "Tweede naam", "Derde naam", "Derde naam"]
    assert former == ["Tweede naam", first]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organisations_formername SET name = 'x'",
        "DELETE FROM organisations_formername",
        "INSERT INTO organisations_formername (organisation_id, name, until)"
        " SELECT id, 'x', now() FROM organisations_organisation LIMIT 1",
    ],
)
def test_nobody_rewrites_what_it_was_called(cast: Cast, statement: str) -> None:
    with acting_as(cast.manager.pk) as acting:
        actions.change_organisation(acting, organisation_id=cast.hilversum.pk, name="Anders")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def _clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at

"""The example region: everything is in it, it is the same each time, and its books are right."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.choices import Form, NoObligation, PartyRole
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.valuing import value_line
from telmee.apps.coverage.choices import Outcome as Said
from telmee.apps.coverage.choices import Reach
from telmee.apps.decisions.choices import Outcome
from telmee.apps.ledger.choices import Kind
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import RecognitionKind
from telmee.apps.organisations.claims import waiting_claims
from telmee.apps.organisations.models import User
from telmee.apps.receipts.checking import check_receipts
from telmee.apps.receipts.queries import story_of
from telmee.core.errors import DomainError
from telmee.demo import loading
from telmee.demo.people import PASSWORD, accounts
from tests.conftest import Server, connected
from tests.demo.conftest import DAY, load

#: Elsewhere are passwords and names of files, which are drawn anew each time.
_TOLD = ("contracts_contract", "contracts_party", "contributions_contribution", "ledger_entry")

Ask = Callable[..., list[tuple[Any, ...]]]


def values(as_owner: Ask, column: str, table: str) -> set[Any]:
    return {value for (value,) in as_owner(f"SELECT DISTINCT {column} FROM {table}")}  # noqa: S608


@pytest.mark.usefixtures("region")
def test_every_state_of_every_object_is_there(as_owner: Ask) -> None:
    assert values(as_owner, "state", "contributions_contribution") == set(State.values)
    assert values(as_owner, "confirms", "contributions_counterpartyanswer") == {True, False}
    assert values(as_owner, "outcome", "decisions_decision") == set(Outcome.values)
    assert values(as_owner, "kind", "ledger_entry") == set(Kind.values)
    assert values(as_owner, "form", "contracts_contract") == set(Form.values)
    assert values(as_owner, "no_obligation", "contracts_contract") == {"", *NoObligation.values}
    assert values(as_owner, "role", "contracts_party") == set(PartyRole.values)
    assert values(as_owner, "kind", "organisations_recognition") == set(RecognitionKind.values)
    assert values(as_owner, "status", "contributions_upload") == {"done", "unreadable"}
    assert as_owner("SELECT count(*) FROM organisations_invitation") == [(5,)]
    for some in (
        "contracts_contract WHERE closed_on IS NOT NULL",
        "contracts_contract WHERE lot <> ''",
        "contracts_contract WHERE extension_count > 0",
        "agreements_planline",
        "agreements_pooling",
        "agreements_version",
        "contributions_evidence",
        "contributions_sighting",
        "relations_contact",
        "relations_conversation WHERE is_shared",
        "relations_conversation WHERE NOT is_shared",
        "relations_conversation WHERE corrects_id IS NOT NULL",
        "relations_task WHERE done_at IS NULL",
        "relations_task WHERE done_at IS NOT NULL",
        "relations_task WHERE contract_id IS NULL",
        "relations_absence",
        "trust_rule WHERE is_on",
        "trust_weighing WHERE decision_id IS NOT NULL",
        "trust_weighing WHERE decision_id IS NULL",
        "trust_review WHERE is_right",
        "trust_lapse WHERE lifted_at IS NULL",
        "contracts_contract WHERE adviser_id IS NULL",
        *(f"coverage_purchaseanswer WHERE outcome = '{outcome}'" for outcome in Said.values),
        *(f"coverage_purchase WHERE reach = '{reach}'" for reach in Reach.values),
        "coverage_purchaselist WHERE withdrawn_at IS NOT NULL",
    ):
        assert as_owner(f"SELECT EXISTS (SELECT FROM {some})") == [(True,)], some  # noqa: S608


@pytest.mark.usefixtures("region")
def test_one_adviser_has_150_contracts_and_can_sign_in() -> None:
    found = accounts("nl")
    name, email, password = found[0]
    assert "150" in name
    assert password == PASSWORD
    user = User.objects.get(email=email)
    with acting_as(user.pk) as acting:
        assert contracts_of(acting).filter(adviser=user).count() == 150
    for _, address, _ in found:
        assert User.objects.get(email=address).check_password(PASSWORD), address


@pytest.mark.usefixtures("region")
def test_a_contractor_waits_to_be_confirmed_by_the_adviser_and_by_the_operator() -> None:
    users = {user.email.partition("@")[0]: user for user in User.objects.all()}
    found = []
    for name in ("adviseur", "platform"):
        with acting_as(users[name].pk, is_operator=users[name].is_operator) as acting:
            found += waiting_claims(acting)
    assert len(found) == 2
    assert found[1].contracts >= found[0].contracts > 1
    with acting_as(users[found[0].email.partition("@")[0]].pk) as acting:
        [made_for] = contracts_of(acting)
        assert made_for.lot == "Perceel 2"


@pytest.mark.usefixtures("region")
def test_eight_municipalities_are_real_and_all_else_is_invented(
    as_owner: Ask,
) -> None:
    real = as_owner(
        "SELECT name FROM organisations_organisation WHERE NOT invented AND municipality_id <> ''"
    )
    assert len(real) == 8
    assert ("Gemeente Hilversum",) in real
    contractors = as_owner(
        "SELECT DISTINCT o.invented FROM contracts_party p JOIN organisations_organisation o"
        " ON o.id = p.organisation_id WHERE p.role IN ('contractor', 'subcontractor')"
    )
    assert contractors == [(True,)]


@pytest.mark.usefixtures("region")
def test_the_same_day_gives_the_same_region(server: Server, as_owner: Ask) -> None:
    def told() -> dict[str, Any]:
        return {
            table: as_owner(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")  # noqa: S608
            for table in _TOLD
        }

    first = told()
    again = server.copy()
    before = connection.settings_dict["NAME"]
    try:
        load(server, again)
        connection.settings_dict["NAME"] = again
        assert told() == first
    finally:
        connection.settings_dict["NAME"] = before
        server.drop(again)


def test_the_books_are_in_order(server: Server, region: str) -> None:
    with connected(server.owner_url, region):
        assert check_ledger() == []
        assert list(check_receipts()) == []


@pytest.mark.usefixtures("region")
def test_no_contract_stands_on_an_assumed_client(as_owner: Ask) -> None:
    kept = as_owner("SELECT steps::text FROM receipts_receipt WHERE kind = 'obligation'")
    assert kept
    assert [steps for (steps,) in kept if "client_assumed" in steps] == []


@pytest.mark.usefixtures("region")
def test_the_figures_of_steps_are_whole_cents(as_owner: Ask) -> None:
    kept = [json.loads(facts) for (facts,) in as_owner("SELECT facts::text FROM enforcement_step")]
    assert kept
    for facts in kept:
        assert {name: type(of) for name, of in facts.items() if name.endswith("cents")} == {
            name: int for name in facts if name.endswith("cents")
        }


@pytest.mark.usefixtures("region")
def test_open_lines_are_worth_what_a_page_would_say() -> None:
    user = User.objects.get(email=accounts()[0][1])
    with acting_as(user.pk) as acting:
        lines = Contribution.objects.filter(state=State.SUBMITTED, decisions=None).order_by("id")
        assert lines.count() > 20
        for line in lines[:40]:
            access, row = contribution_for(acting, line.pk)
            cells = cells_to_value(row)
            valued = value_line(access.contract, row.organisation_id, cells, line_id=row.pk)
            assert (row.value_cents, row.value_status) == (valued.value_cents, valued.status)


@pytest.mark.usefixtures("region")
def test_what_was_accepted_was_valued_by_the_rules_of_its_contract() -> None:
    user = User.objects.get(email=accounts()[0][1])
    with acting_as(user.pk) as acting:
        lines = Contribution.objects.filter(state=State.ACCEPTED, person=None).order_by("id")
        for line in lines[:20]:
            access = contract_for(acting, line.contract_id)
            cells = cells_to_value(line)
            valued = value_line(access.contract, line.organisation_id, cells, line_id=line.pk)
            assert line.verified_cents == valued.value_cents
            assert line.receipt is not None
            assert line.receipt.inputs == valued.receipt().inputs
            assert story_of(line.receipt) == valued.explain()


@pytest.mark.usefixtures("region")
def test_nothing_is_older_than_it_could_be_and_nothing_lies_in_the_future(as_owner: Ask) -> None:
    line = "contributions_contribution"
    for query in (
        "SELECT min(submitted_at)::date FROM contributions_contribution"
        " WHERE state IN ('submitted', 'objection')",
        "SELECT min(made_at)::date FROM decisions_objection o"
        " JOIN contributions_contribution l ON l.id = o.contribution_id"
        " WHERE l.state = 'objection'",
    ):
        ((oldest,),) = as_owner(query)
        assert 0 <= (DAY - oldest).days <= 75, query
    for column, table in (
        ("submitted_at", line),
        ("decided_at", "decisions_decision"),
        ("made_at", "decisions_objection"),
        ("closed_on", "contracts_contract"),
        ("awarded_on", "contracts_contract"),
        ("booked_at", "ledger_entry"),
        ("seen_on", "contributions_sighting"),
    ):
        ((latest,),) = as_owner(f"SELECT max({column})::date FROM {table}")  # noqa: S608
        assert latest <= DAY, (column, table)
    early = "SELECT count(*) FROM contributions_contribution WHERE submitted_at::date < begin"
    assert as_owner(early) == [(0,)]


def test_a_profile_has_its_size(server: Server, own_database: str, as_owner: Ask) -> None:
    load(server, own_database, "municipality")
    (lines,) = as_owner("SELECT count(*) FROM contributions_contribution")[0]
    assert as_owner("SELECT count(*) FROM contracts_contract") == [(20,)]
    assert 200 <= lines <= 800


@pytest.mark.usefixtures("region")
def test_rows_that_follow_get_the_next_number(as_owner: Ask) -> None:
    ((last, following),) = as_owner(
        "SELECT max(id), nextval(pg_get_serial_sequence('ledger_entry', 'id')) FROM ledger_entry"
    )
    assert following == last + 1


def test_a_profile_that_is_not_known_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        loading.load("enormous")
    assert refused.value.problems[0].code == "unknown_profile"

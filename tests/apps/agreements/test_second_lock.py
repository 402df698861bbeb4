"""What could be tried with the application's role, past all our code: it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.agreements.models import Agreement, Version
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.organisations.acting import acting_as
from tests.apps.agreements.planning import begun, planned, proposed
from tests.cast import Cast
from tests.conftest import Server
from tests.registering import register

TABLES = ("agreement", "version", "answer", "planline", "comment", "share", "pooling")
#: The id of a version that is not there.
_NEW = 10_000_000
_VERSION = """INSERT INTO agreements_version
    (agreement_id, contract_id, number, organisation_id, addressee_id, is_draft, key, user_id)
    VALUES ({agreement}, {contract}, {number}, {org}, {addressee}, {draft}, gen_random_uuid(),
            {me})"""
#: A version of a pooling with its content, which comes first.
_PLACE = """INSERT INTO agreements_pooling
    (version_id, contract_id, organisation_id, pool, name, "begin", note)
    VALUES ({place_version}, {contract}, {org}, gen_random_uuid(), 'Bundel', '2025-01-01', 'Ja')"""
_COMMENT = """INSERT INTO agreements_comment
    (version_id, contract_id, organisation_id, text, key, user_id)
    VALUES ({version}, {contract}, {org}, 'Kan dit?', gen_random_uuid(), {me})"""
_NEW_VERSION = _VERSION.replace("(agreement_id", "(id, agreement_id").replace(
    "({agreement}", f"({_NEW}, {{agreement}}"
)
_POOLED = f"{_PLACE}; {_NEW_VERSION}"
_ANSWER = """INSERT INTO agreements_answer
    (version_id, contract_id, outcome, reason, organisation_id, user_id)
    VALUES ({version}, {contract}, '{outcome}', '{reason}', {org}, {me})"""
_AGREEMENT = """INSERT INTO agreements_agreement (contract_id, kind, organisation_id, other_id)
    VALUES ({contract}, '{kind}', {org}, {other})"""
#: A line as another one, in a version that is named.
_LINE = """INSERT INTO agreements_planline (version_id, contract_id, organisation_id, line, block,
    "begin", number, bonuses, certificate, employment, guidance, preparation, steps, value_cents,
    receipt_id, note)
    SELECT {version}, {contract}, {org}, 77, block, "begin", number, bonuses, certificate,
    employment, guidance, preparation, steps, {cents}, receipt_id, note
    FROM agreements_planline WHERE version_id = {plan_version} LIMIT 1"""

_OF_THE_PLAN = {"agreement": "plan_agreement", "number": 2, "addressee": "NULL"}

#: Who tries what: see `world` for what the names stand for. Each line says what it changes in what
#: would be right, which `test_the_statements_are_right_where_they_are_allowed` proves.
ATTACKS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # Whose plan it is not, for whom he does not work, and in whose name he does not write.
    ("adviser", _VERSION, _OF_THE_PLAN),
    ("adviser", _VERSION, _OF_THE_PLAN | {"org": "de_eem"}),
    ("subcontractor", _VERSION, _OF_THE_PLAN | {"org": "sub"}),
    ("auditor", _VERSION, _OF_THE_PLAN | {"org": "de_eem"}),
    ("reader", _POOLED, {}),
    ("competitor", _POOLED, {"org": "rival"}),
    ("contractor", _VERSION, _OF_THE_PLAN | {"me": "second_adviser"}),
    # A draft that asks somebody, of what has none, of a plan of others, or of who only reads.
    ("contractor", _VERSION, _OF_THE_PLAN | {"draft": "true", "addressee": "hilversum"}),
    ("adviser", _POOLED, {"addressee": "NULL", "draft": "true"}),
    ("subcontractor", _VERSION, _OF_THE_PLAN | {"org": "sub", "draft": "true"}),
    ("reader", _VERSION, _OF_THE_PLAN | {"draft": "true"}),
    ("colleague", _VERSION, _OF_THE_PLAN | {"draft": "true"}),
    # A word on what he is no side of, in the name of another, or on another contract.
    ("subcontractor", _COMMENT, {"org": "sub"}),
    ("subcontractor", _COMMENT, {"org": "de_eem"}),
    ("reader", _COMMENT, {}),
    ("competitor", _COMMENT, {"org": "rival"}),
    ("contractor", _COMMENT, {"org": "hilversum"}),
    ("team", _COMMENT, {"org": "de_eem"}),
    ("team", _COMMENT, {"org": "region"}),
    ("contractor", _COMMENT, {"me": "adviser"}),
    ("contractor", _COMMENT, {"contract": "second"}),
    # Of an agreement between others, on a contract of his own.
    ("team", _POOLED, {"org": "region"}),
    ("subcontractor", _POOLED, {"org": "sub"}),
    ("subcontractor", _ANSWER, {"org": "sub"}),
    # On another contract, or of another agreement than its contract's.
    ("adviser", _POOLED, {"contract": "elsewhere"}),
    ("contractor", _VERSION, _OF_THE_PLAN | {"contract": "elsewhere"}),
    ("contractor", _VERSION, _OF_THE_PLAN | {"agreement": "their_plan"}),
    ("contractor", _VERSION, _OF_THE_PLAN | {"contract": "second"}),
    ("adviser", _POOLED, {"contract": "second"}),
    ("contractor", _ANSWER, {"contract": "second"}),
    ("contractor", _LINE, {"contract": "second"}),
    # A number that does not follow, or that is there already.
    ("adviser", _POOLED, {"number": 1}),
    ("adviser", _POOLED, {"number": 4}),
    # Without the yes of the other side, by asking oneself, or by asking somebody else.
    ("adviser", _POOLED, {"addressee": "NULL"}),
    ("adviser", _POOLED, {"addressee": "hilversum"}),
    ("adviser", _POOLED, {"addressee": "region"}),
    # A confirmation for the other side, of nothing that was asked, or on another contract.
    ("adviser", _ANSWER, {}),
    ("adviser", _ANSWER, {"org": "de_eem"}),
    ("contractor", _ANSWER, {"org": "hilversum"}),
    ("contractor", _ANSWER, {"me": "adviser"}),
    ("contractor", _ANSWER, {"outcome": "withdrawn"}),
    ("contractor", _ANSWER, {"outcome": "anything"}),
    # A dispute without a reason, or by who proposed.
    ("contractor", _ANSWER, {"outcome": "disputed"}),
    ("adviser", _ANSWER, {"outcome": "disputed", "reason": "Niet eens."}),
    ("contractor", _ANSWER, {"contract": "elsewhere"}),
    ("contractor", _ANSWER, {"version": "plan_version"}),
    ("contractor", _ANSWER, {"version": "plan_version", "outcome": "withdrawn"}),
    ("adviser", _ANSWER, {"version": "plan_version"}),
    ("contractor", _ANSWER, {"version": "superseded"}),
    ("competitor", _ANSWER, {"org": "rival"}),
    # An agreement for others, with oneself, with a stranger, or a plan of who does not deliver.
    ("adviser", _AGREEMENT, {"org": "de_eem", "other": "hilversum"}),
    ("adviser", _AGREEMENT, {"other": "hilversum"}),
    ("adviser", _AGREEMENT, {"other": "rival"}),
    ("adviser", _AGREEMENT, {"other": "audit_office"}),
    ("adviser", _AGREEMENT, {"kind": "plan"}),
    ("adviser", _AGREEMENT, {"contract": "elsewhere"}),
    ("contractor", _AGREEMENT, {"kind": "plan", "org": "de_eem", "other": "hilversum"}),
    ("competitor", _AGREEMENT, {"org": "rival", "other": "hilversum"}),
    # A line in a version that is there, of another amount than its receipt, or of others.
    ("contractor", _LINE, {"version": "plan_version"}),
    ("contractor", _LINE, {"version": "waiting"}),
    ("contractor", _LINE, {"cents": 1}),
    ("contractor", _LINE, {"cents": "NULL"}),
    ("contractor", _LINE, {"org": "sub"}),
    ("contractor", _LINE, {"contract": "elsewhere"}),
    ("adviser", _LINE, {}),
    ("reader", _LINE, {"org": "de_eem"}),
    ("colleague", _LINE, {"org": "de_eem"}),
    ("subcontractor", _LINE, {"org": "de_eem"}),
    # A place in a pool of who does not settle it, in a version that is there, or none at all.
    ("adviser", _PLACE, {"place_version": "waiting"}),
    ("adviser", _PLACE, {"contract": "elsewhere"}),
    ("adviser", _PLACE, {"org": "de_eem"}),
    ("contractor", _PLACE, {"org": "hilversum"}),
    ("subcontractor", _PLACE, {"org": "sub"}),
    ("auditor", _PLACE, {"org": "audit_office"}),
    ("reader", _PLACE, {}),
    ("colleague", _PLACE, {}),
    ("adviser", _VERSION, {}),
    ("contractor", _AGREEMENT, {"kind": "pooling", "org": "de_eem", "other": "hilversum"}),
    # What the database keeps for itself.
    ("contractor", "SELECT 1 FROM agreements_promised", {}),
    ("contractor", "SELECT 1 FROM agreements_standing", {}),
    ("competitor", "SELECT telmee_in_force(ARRAY[{contract}]::bigint[], NULL)", {}),
    # Every change and removal.
    *(
        (who, f"{deed.replace('TABLE', f'agreements_{table}')}", {})
        for who in ("contractor", "adviser")
        for table in TABLES
        for deed in ("UPDATE TABLE SET contract_id = contract_id", "DELETE FROM TABLE")
    ),
)  # fmt: skip


#: What would be right: the same statements, of who may.
ALLOWED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("contractor", _VERSION, _OF_THE_PLAN),
    ("adviser", _POOLED, {}),
    ("adviser", _PLACE, {}),
    ("contractor", _POOLED, {"addressee": "hilversum"}),
    ("contractor", _ANSWER, {}),
    ("contractor", _ANSWER, {"outcome": "disputed", "reason": "Niet eens."}),
    ("adviser", _ANSWER, {"outcome": "withdrawn"}),
    ("adviser", _AGREEMENT, {}),
    ("subcontractor", _AGREEMENT, {"kind": "plan", "other": "hilversum"}),
    ("contractor", _LINE, {}),
    # The client works on the plan of his contractor, and a regional team does for the client.
    ("adviser", _LINE, {"org": "de_eem"}),
    ("contractor", _VERSION, _OF_THE_PLAN | {"draft": "true"}),
    ("adviser", _VERSION, _OF_THE_PLAN | {"draft": "true"}),
    ("team", _VERSION, _OF_THE_PLAN | {"draft": "true"}),
    ("team", _VERSION, _OF_THE_PLAN | {"addressee": "de_eem"}),
    ("team", _COMMENT, {}),
    ("adviser", _COMMENT, {}),
    ("contractor", _COMMENT, {}),
)


def sent(statement: str) -> int:
    """Send a statement, and give how many rows it changes; none when it is refused."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
            return int(cursor.rowcount)
    except DatabaseError:
        return 0


@pytest.fixture(scope="module")
def world(module_cast: Cast) -> dict[str, Any]:
    """A plan of the contractor and a proposal of the client that waits; and another contract."""
    cast = module_cast
    others = replace(
        cast, adviser=cast.colleague, hilversum=cast.huizen, contractor=cast.competitor,
        de_eem=cast.rival,
    )  # fmt: skip
    contract, elsewhere = register(cast), register(others, reference="HUI-1")
    planned(cast, contract)
    planned(others, elsewhere)
    second = register(cast, reference="HIL-2")
    register(replace(cast, de_eem=cast.rival), reference="HIL-3")
    agreement = begun(cast, contract)
    superseded = proposed(cast, agreement)
    waiting = proposed(cast, agreement)
    with acting_as(cast.adviser.pk):
        plan = Version.objects.get(contract=contract, addressee=None)
        cents = plan.plan_lines.get().value_cents
    with acting_as(cast.colleague.pk):
        their_plan = Agreement.objects.get(contract=elsewhere)
    names = (
        "hilversum",
        "de_eem",
        "rival",
        "sub",
        "region",
        "audit_office",
        "adviser",
        "second_adviser",
    )
    return {
        **{name: getattr(cast, name).pk for name in names},
        "contract": contract, "elsewhere": elsewhere, "second": second, "agreement": agreement.pk,
        "version": waiting.pk, "waiting": waiting.pk, "superseded": superseded.pk,
        "plan_agreement": plan.agreement_id,
        "plan_version": plan.pk, "their_plan": their_plan.pk, "cents": cents,
        "other": cast.de_eem.pk, "addressee": cast.de_eem.pk, "number": 3, "place_version": _NEW,
        "kind": "settlement", "outcome": "confirmed", "reason": "", "draft": "false",
    }  # fmt: skip


def filled(cast: Cast, world: dict[str, Any], who: str, text: str, changes: dict[str, Any]) -> str:
    """A statement of somebody; a change that is a name of the world stands for its id."""
    own = {"contractor": cast.de_eem, "subcontractor": cast.sub}.get(who, cast.hilversum)
    usual = world | {"me": getattr(cast, who).pk, "org": own.pk}
    if text == _LINE:
        usual["version"] = _NEW
    return text.format(**usual | {name: world.get(str(v), v) for name, v in changes.items()})


def test_nobody_writes_what_is_not_his_to_write(cast: Cast, world: dict[str, Any]) -> None:
    through = []
    for who, text, changes in ATTACKS:
        statement = filled(cast, world, who, text, changes)
        with acting_as(getattr(cast, who).pk):
            if sent(statement):
                through.append((who, statement))
    assert through == []


def test_the_statements_are_right_where_they_are_allowed(cast: Cast, world: dict[str, Any]) -> None:
    for who, text, changes in ALLOWED:
        statement = filled(cast, world, who, text, changes)
        with acting_as(getattr(cast, who).pk):
            assert sent(statement) == 1, statement


def test_a_version_takes_no_lines_of_another_contract(cast: Cast, world: dict[str, Any]) -> None:
    planned(cast, world["second"])
    with acting_as(cast.contractor.pk):
        there = Version.objects.get(contract=world["second"])
        changes = {"contract": "second", "plan_version": there.pk}
        line = filled(cast, world, "contractor", _LINE, changes)
        version = filled(cast, world, "contractor", _NEW_VERSION, _OF_THE_PLAN)
        with (
            pytest.raises(DatabaseError, match="not of its agreement"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{line}; {version}")


def test_moments_are_the_databases_own(cast: Cast, world: dict[str, Any]) -> None:
    version = _VERSION.replace("user_id)", "user_id, proposed_at)").replace(
        "{me})", "{me}, '2001-01-01')"
    )
    answer = _ANSWER.replace("user_id)", "user_id, answered_at)").replace(
        "{me})", "{me}, '2001-01-01')"
    )
    pooled = _POOLED.replace("user_id)", "user_id, proposed_at)").replace(
        "{me})", "{me}, '2001-01-01')"
    )
    for who, text, changes in (
        ("contractor", answer, {}),
        ("adviser", pooled, {}),
        ("contractor", version, _OF_THE_PLAN),
    ):
        with acting_as(getattr(cast, who).pk), connection.cursor() as cursor:
            cursor.execute(filled(cast, world, who, text, changes))
    with acting_as(cast.adviser.pk), connection.cursor() as cursor:
        for told, table in (("proposed_at", "version"), ("answered_at", "answer")):
            cursor.execute(
                f"SELECT bool_and({told} > now() - interval '1 day') FROM agreements_{table}"  # noqa: S608
            )
            assert cursor.fetchone() == (True,)


@pytest.mark.usefixtures("own_database")
def test_the_owner_changes_and_removes_nothing_either(world: dict[str, Any], as_owner: Any) -> None:
    del world
    for table in ("agreement", "version", "planline"):
        for deed in ("UPDATE {} SET contract_id = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(psycopg.Error, match="only grows"):
                as_owner(deed.format(f"agreements_{table}"))


def test_nothing_is_written_on_a_contract_that_is_closed(cast: Cast, world: dict[str, Any]) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, world["contract"])
        day = access.contract.start
        close_contract(access, on=day, reason="Klaar", today=day)
    for who, text, changes in ALLOWED:
        with acting_as(getattr(cast, who).pk):
            assert sent(filled(cast, world, who, text, changes)) == 0


# A line beside a version that comes at the same moment -------------------------------------------


@pytest.fixture
def beside(
    cast: Cast, world: dict[str, Any], server: Server, own_database: str
) -> Iterator[tuple[psycopg.Connection, psycopg.Connection, str, str]]:
    """Two connections of the contractor; the statements of a line and of a version, both new."""
    line = filled(cast, world, "contractor", _LINE, {})
    with (
        psycopg.connect(server.app_url, dbname=own_database) as one,
        psycopg.connect(server.app_url, dbname=own_database) as other,
    ):
        for each in (one, other):
            each.execute("SET lock_timeout = '100ms'")
            each.execute("SELECT set_config('telmee.user', %s, false)", [str(cast.contractor.pk)])
            each.commit()
        yield one, other, line, filled(cast, world, "contractor", _NEW_VERSION, _OF_THE_PLAN)


def test_a_line_does_not_slip_in_after_its_version(beside: Any) -> None:
    one, other, line, version = beside
    one.execute(version)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute(line)
    other.rollback()
    one.commit()
    with pytest.raises(psycopg.errors.CheckViolation, match="does not change"):
        other.execute(line)


def test_a_line_does_not_slip_in_before_the_version_of_another(beside: Any) -> None:
    one, other, line, version = beside
    one.execute(line)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute(version)
    other.rollback()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        one.commit()

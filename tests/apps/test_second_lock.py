"""What each of several people could try with the application's role, past all our code.

Every statement is sent as somebody (`telmee.user`), who is then held by what the database itself
knows of him. A statement that is not refused may not have changed anything either.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.transitions import TRANSITIONS
from telmee.apps.organisations.acting import acting_as, acting_as_system
from telmee.apps.reports.choices import ReportKind
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import drafted, frozen
from tests.registering import PLACEMENT, hand_in, register

_LINE = """INSERT INTO contributions_contribution (contract_id, organisation_id, key, state,
    reference, block, bonuses, supplier, certificate, note, value_status, fingerprint, version,
    created_at)
    VALUES ({contract}, {org}, gen_random_uuid(), '{state}', 'X', 'pw_lt2', '', '', '', '',
    'refused', '', 1, now())"""
_DECISION = """INSERT INTO decisions_decision (contribution_id, contract_id, number, outcome,
    amount_cents, reason, text, rule, key, user_id, organisation_id)
    VALUES ({line}, {contract}, 9, 'rejected', 0, 'other', 'x', '', gen_random_uuid(),
    {me}, {org})"""
_AMENDMENT = (
    "INSERT INTO contracts_amendment (contract_id, number, effective_on, ground, reason, facts,"
    " key, user_id, organisation_id) VALUES ({contract}, 1, '2025-02-01', 'value', 'x',"
    " '{{\"value_cents\": 1}}', gen_random_uuid(), {me}, {org})"
)
_ENTRY = """INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason,
    user_id, organisation_id)
    VALUES ({contract}, '{kind}', 5, '2025-01-01', gen_random_uuid(), 'x', {me}, {org})"""
_EVENT = """INSERT INTO audit_event (at, user_id, organisation_id, verb, kind, object_id,
    contract_id, reason, details)
    VALUES ('2001-01-01', {me}, {org}, 'contract.closed', 'contract', 1, {contract}, '', '{{}}')"""
_PLAN = """INSERT INTO agreements_agreement (contract_id, kind, organisation_id, other_id)
    VALUES ({contract}, 'plan', {org}, {hilversum})"""
_PARTY = (
    "INSERT INTO contracts_party (contract_id, organisation_id, role)"
    " VALUES ({contract}, {org}, '{role}')"
)
_MEMBER = """INSERT INTO organisations_membership (user_id, organisation_id, role, since)
    VALUES ({me}, {org}, 'manager', now())"""

_GOAL = """INSERT INTO reports_goal (organisation_id, measure, year, amount, source, key, user_id)
    VALUES ({hilversum}, 'people', 2025, 5, '', gen_random_uuid(), {me})"""
_REPORT = """INSERT INTO reports_report (organisation_id, kind, year, number, as_of, document,
    sha256, signature, public_key, key, user_id)
    VALUES ({hilversum}, 'annual', 2025, 9, now(), 'x',
    '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', '', '',
    gen_random_uuid(), {me})"""
_PUBLISHING = """INSERT INTO reports_publishing (organisation_id, kind, year, key, user_id)
    VALUES ({hilversum}, 'annual', 2025, gen_random_uuid(), {me})"""
_DRAFT = """INSERT INTO reports_draft (organisation_id, kind, year, key, user_id, document,
    problems) VALUES ({hilversum}, 'annual', 2025, gen_random_uuid(), {me}, '', '[]')"""
_REPORT_PAPER = """INSERT INTO reports_paper (report_id, media, language, content)
    VALUES ({report}, 'docx', 'nl', 'x')"""
_COUNTED = """INSERT INTO reports_counted (report_id, clients, people, cells, hidden)
    VALUES ({report}, '{{}}', '[]', '[]', '[]')"""
_EVIDENCE = """INSERT INTO contributions_evidence (contribution_id, contract_id, organisation_id,
    number, kind, media_type, is_searched, size, sha256, stored_as, added_by_id, added_at)
    VALUES ({line}, {contract}, {org}, 9, '', 'application/pdf', true, 1, '', 'x', {me}, now())"""
_SIGHTING = """INSERT INTO contributions_sighting (contribution_id, contract_id, organisation_id,
    kind, seen_on, seen_by_id, created_at)
    VALUES ({line}, {contract}, {org}, '', '2025-06-01', {me}, now())"""
_TOUCHED = """INSERT INTO contributions_touched (contribution_id, contract_id, amendment,
    decided_cents, then_cents, created_at) VALUES ({line}, {contract}, 1, 5, 1, now())"""
_UPLOAD = """INSERT INTO contributions_upload (contract_id, organisation_id, user_id, file_name,
    sha256, stored_as, status, added, known, refused, created_at)
    VALUES ({contract}, {org}, {me}, 'x.csv', 'x', 'x', 'waiting', 0, 0, '[]', now())"""
_HANDING_IN = """INSERT INTO contributions_handingin (contract_id, organisation_id, user_id, key,
    lines, status, count, done, refused, created_at)
    VALUES ({contract}, {org}, {me}, gen_random_uuid(), '[]', 'waiting', 0, 0, '[]', now())"""
_PERSON = """INSERT INTO people_person (organisation_id, code, code_key,
    near_parts, near_whole, created_at) VALUES ({org}, 'P-999', 'p-999', '', '', now())"""
_OBJECTION = """INSERT INTO decisions_objection (contribution_id, contract_id, decision_id, reason,
    user_id, organisation_id) SELECT {line}, {contract}, id, 'x', {me}, {org}
    FROM decisions_decision WHERE contribution_id = {line}"""
_FILTER = """INSERT INTO organisations_keptfilter (user_id, page, name, query)
    VALUES ({me}, 'contracts', 'x', 'risk=overdue')"""
_WISH = """INSERT INTO notices_wish (user_id, "group", rhythm) VALUES ({me}, 'asked', 'off')"""
_RECOGNITION = """INSERT INTO organisations_recognition (organisation_id, kind, level, number,
    valid_from, source, checked_by_id) VALUES ({subject}, 'pso', '', '', '2025-01-01', '', {org})"""
_INVITATION = """INSERT INTO organisations_invitation (organisation_id, email, role, token_hash,
    invited_by_id, is_first, needs_approval, expires_at, created_at)
    VALUES ({org}, 'x@example.org', 'manager', 'x', {me}, false, false, now(), now())"""
_PROPOSAL = _INVITATION.replace("'x', {me}, false, false", "'y', {me}, false, true").replace(
    "{org}", "{de_eem}"
)
_RECEIPT = """INSERT INTO receipts_receipt (hash, kind, contract_id, organisation_id, scheme_id,
    scheme_sha256, engine, inputs, used, status, cents, named_cents, named_by, named_why, steps,
    problems)
    SELECT gen_random_uuid(), '{kind}', {contract}, {org}, scheme_id, scheme_sha256, engine,
    inputs, used, status, cents, {named}, steps, problems
    FROM receipts_receipt WHERE kind = 'contribution' LIMIT 1"""
_OF_THE_ENGINE = "NULL, NULL, ''"
_NAMED = "1, {me}, 'x'"

#: Who tries what. Names stand for the organisations of the cast; `line` was accepted, `open` waits,
#: `draft` is the contractor's, `elsewhere` is a contract of others with `their_line`.
ATTACKS: tuple[tuple[str, str], ...] = (
    # The contractor, on his own lines and on what hangs on them.
    ("contractor", "UPDATE contributions_contribution SET state = 'draft' WHERE id = {line}"),
    ("contractor", "UPDATE contributions_contribution SET state = 'submitted' WHERE id = {line}"),
    ("contractor", "UPDATE contributions_contribution SET state = 'objection' WHERE id = {line}"),
    ("contractor", "UPDATE contributions_contribution SET state = 'accepted' WHERE id = {open}"),
    ("contractor", "UPDATE contributions_contribution SET state = 'accepted' WHERE id = {draft}"),
    ("contractor", "UPDATE contributions_contribution SET state = 'submitted' WHERE id = {draft}"),
    ("contractor", "UPDATE contributions_contribution SET weekly_hours = 1 WHERE id = {open}"),
    ("contractor", "UPDATE contributions_contribution SET note = 'x' WHERE id = {line}"),
    ("contractor", "DELETE FROM contributions_contribution WHERE id = {open}"),
    ("contractor", _LINE.replace("{state}", "submitted")),
    ("contractor", _LINE.replace("{state}", "draft").replace("{org}", "{sub}")),
    ("contractor", _DECISION),
    ("contractor", _DECISION.replace("{org}", "{hilversum}")),
    ("contractor", _ENTRY.replace("{kind}", "waived")),
    ("contractor", _ENTRY.replace("{kind}", "waived").replace("{org}", "{hilversum}")),
    ("contractor", "UPDATE contracts_contract SET closed_on = '2025-01-01' WHERE id = {contract}"),
    ("contractor", _PARTY.replace("{role}", "auditor").replace("{org}", "{rival}")),
    ("contractor", _MEMBER.replace("{org}", "{hilversum}")),
    ("contractor", "UPDATE organisations_membership SET role = 'manager' WHERE user_id = {me}"),
    ("contractor", "UPDATE organisations_organisation SET name = 'x' WHERE id = {org}"),
    ("contractor", _EVENT.replace("{contract}", "{elsewhere}")),
    ("contractor", _EVENT.replace("{org}", "{hilversum}")),
    # Goals and reports of a client, by who does not work for it, or changing what stands.
    ("contractor", _GOAL),
    ("contractor", _REPORT),
    ("reader", _GOAL),
    ("reader", _REPORT),
    ("team", _REPORT),
    ("auditor", _GOAL),
    ("auditor", _REPORT),
    ("auditor", _PUBLISHING),
    ("auditor", _REPORT_PAPER),
    ("auditor", _COUNTED),
    ("contractor", _COUNTED),
    ("reader", _COUNTED),
    ("team", _COUNTED),
    ("adviser", "UPDATE reports_counted SET people = '[]'"),
    ("adviser", "DELETE FROM reports_counted"),
    ("adviser", _GOAL.replace("{hilversum}", "{huizen}")),
    ("adviser", _REPORT.replace("'x'", "'y'")),
    ("adviser", _REPORT.replace("{me}", "{other}")),
    ("adviser", "UPDATE reports_report SET document = 'x'"),
    ("adviser", "DELETE FROM reports_goal"),
    ("contractor", _PUBLISHING),
    ("reader", _PUBLISHING),
    ("team", _PUBLISHING),
    ("adviser", _PUBLISHING.replace("{me}", "{other}")),
    ("adviser", _PUBLISHING.replace("{hilversum}", "{huizen}")),
    ("adviser", "UPDATE reports_publishing SET year = 2024"),
    ("contractor", _DRAFT),
    ("reader", _DRAFT),
    ("team", _DRAFT),
    ("auditor", _DRAFT),
    ("adviser", _DRAFT.replace("{me}", "{other}")),
    ("adviser", _DRAFT.replace("{hilversum}", "{huizen}")),
    ("adviser", "UPDATE reports_draft SET year = 2024"),
    ("adviser", "UPDATE reports_draft SET user_id = {other}"),
    ("adviser", "DELETE FROM reports_draft"),
    ("manager", "UPDATE reports_draft SET document = 'x'"),
    ("reader", "UPDATE reports_draft SET document = 'x'"),
    ("contractor", "UPDATE reports_draft SET document = 'x'"),
    ("contractor", _REPORT_PAPER),
    ("reader", _REPORT_PAPER),
    ("team", _REPORT_PAPER),
    ("adviser", "UPDATE reports_paper SET content = 'x'"),
    ("adviser", "DELETE FROM reports_paper"),
    # The adviser, beyond what he decides and as somebody else.
    ("adviser", _DECISION.replace("{contract}", "{elsewhere}").replace("{line}", "{their_line}")),
    ("adviser", _DECISION.replace("{line}", "{their_line}")),
    ("adviser", _DECISION.replace("{line}", "{open}").replace("{me}", "{other}")),
    ("adviser", _DECISION.replace("{line}", "{open}").replace("{org}", "{huizen}")),
    ("adviser", _DECISION.replace("{line}", "{line}")),
    ("adviser", _DECISION.replace("{line}", "{draft}")),
    ("adviser", _ENTRY.replace("{kind}", "waived").replace("{contract}", "{elsewhere}")),
    ("adviser", _ENTRY.replace("{kind}", "waived").replace("{me}", "{other}")),
    ("adviser", _ENTRY.replace("{kind}", "waived").replace("{org}", "{region}")),
    ("adviser", _EVENT.replace("{me}", "{other}")),
    ("adviser", _EVENT.replace("{contract}", "{elsewhere}")),
    ("adviser", "UPDATE contributions_contribution SET state = 'draft' WHERE id = {line}"),
    ("adviser", "UPDATE contributions_contribution SET state = 'submitted' WHERE id = {line}"),
    ("adviser", "UPDATE contributions_contribution SET state = 'rejected' WHERE id = {line}"),
    ("adviser", "UPDATE contributions_contribution SET state = 'withdrawn' WHERE id = {open}"),
    ("adviser", "UPDATE contracts_contract SET scheme_id = scheme_id + 1 WHERE id = {contract}"),
    ("adviser", "UPDATE contracts_contract SET start = '2020-01-01' WHERE id = {contract}"),
    ("adviser", "UPDATE contracts_contract SET \"end\" = '2040-01-01' WHERE id = {contract}"),
    ("adviser", "UPDATE contracts_contract SET obligation_cents = 1 WHERE id = {contract}"),
    ("adviser", "UPDATE contracts_contract SET amended = 1, value_cents = 1 WHERE id = {contract}"),
    ("adviser", "UPDATE contracts_contract SET value_cents = 1 WHERE id = {contract}"),
    ("adviser", _AMENDMENT.replace("{me}", "{other}")),
    ("adviser", _AMENDMENT.replace("{contract}", "{elsewhere}")),
    ("adviser", _AMENDMENT.replace(", 1, '2025", ", 2, '2025")),
    ("adviser", _AMENDMENT.replace("{org}", "{region}")),
    ("adviser", "UPDATE contracts_amendment SET facts = '{{}}' WHERE contract_id = {contract}"),
    ("adviser", "DELETE FROM contracts_amendment WHERE contract_id = {contract}"),
    ("adviser", _TOUCHED.replace("{contract}", "{elsewhere}").replace("{line}", "{their_line}")),
    ("adviser", _TOUCHED.replace("{contract}", "{elsewhere}")),
    ("contractor", _TOUCHED),
    ("contractor", _AMENDMENT),
    ("contractor", _AMENDMENT.replace("{org}", "{hilversum}")),
    ("adviser", "DELETE FROM contracts_contract WHERE id = {contract}"),
    ("adviser", "UPDATE contracts_party SET organisation_id = {rival}"),
    ("adviser", "UPDATE contracts_party SET role = 'former', since = '2025-01-01'"),
    ("contractor", "UPDATE contracts_party SET since = '2025-01-01'"),
    ("adviser", _PLAN.replace("{hilversum}", "{de_eem}")),
    ("adviser", "UPDATE organisations_membership SET role = 'manager' WHERE user_id = {me}"),
    ("adviser", "UPDATE organisations_user SET is_operator = true WHERE id = {me}"),
    ("adviser", "UPDATE organisations_user SET password = 'x' WHERE id = {other}"),
    ("manager", "UPDATE organisations_organisation SET kvk = '99999999' WHERE id = {org}"),
    ("manager", "UPDATE organisations_membership SET user_id = {other} WHERE user_id = {me}"),
    # What hangs on a line, from the wrong side, on others' lines, or in another name.
    ("adviser", _EVIDENCE),
    (
        "contractor",
        _EVIDENCE.replace("{contract}", "{elsewhere}").replace("{line}", "{their_line}"),
    ),
    ("contractor", _EVIDENCE.replace("{line}", "{their_line}")),
    ("contractor", _EVIDENCE.replace("{me}", "{other}")),
    ("contractor", "UPDATE contributions_evidence SET sha256 = 'x'"),
    ("contractor", "DELETE FROM contributions_evidence"),
    ("contractor", _SIGHTING),
    ("contractor", _SIGHTING.replace("{org}", "{hilversum}")),
    ("adviser", _SIGHTING.replace("{me}", "{other}")),
    ("adviser", _SIGHTING.replace("{line}", "{their_line}")),
    ("contractor", "UPDATE contributions_sighting SET seen_on = '2001-01-01'"),
    ("adviser", _UPLOAD),
    ("contractor", _UPLOAD.replace("{contract}", "{elsewhere}")),
    ("contractor", _UPLOAD.replace("{me}", "{other}")),
    ("adviser", _HANDING_IN),
    ("contractor", _HANDING_IN.replace("{contract}", "{elsewhere}")),
    ("contractor", _HANDING_IN.replace("{me}", "{other}")),
    ("contractor", _PERSON.replace("{org}", "{sub}")),
    ("adviser", "UPDATE people_person SET code = 'X-1'"),
    ("contractor", "UPDATE people_person SET organisation_id = {sub}"),
    ("contractor", "DELETE FROM people_person"),
    ("adviser", _OBJECTION),
    ("contractor", _OBJECTION.replace("{me}", "{other}")),
    ("contractor", _OBJECTION.replace("{org}", "{sub}")),
    ("contractor", "UPDATE decisions_objection SET reason = 'y'"),
    # Who recognises and who invites.
    ("contractor", _RECOGNITION.replace("{subject}", "{org}")),
    ("contractor", _RECOGNITION.replace("{org}", "{hilversum}").replace("{subject}", "{rival}")),
    ("adviser", _RECOGNITION.replace("{org}", "{huizen}").replace("{subject}", "{rival}")),
    ("operator", _RECOGNITION.replace("{org}", "{hilversum}").replace("{subject}", "{rival}")),
    ("contractor", "UPDATE organisations_recognition SET valid_until = '2040-01-01'"),
    ("contractor", _INVITATION),
    ("adviser", _INVITATION),
    ("adviser", _INVITATION.replace("{org}", "{de_eem}")),
    ("operator", _INVITATION.replace("{org}", "{de_eem}")),
    ("operator", _PROPOSAL.replace("{me}", "{other}")),
    ("manager", _PROPOSAL.replace("{de_eem}", "{hilversum}")),
    ("adviser", _PROPOSAL),
    ("manager", _INVITATION.replace("{org}", "{huizen}")),
    ("manager", "UPDATE organisations_invitation SET accepted_at = now()"),
    # A receipt of what he did not do, in another name, or of an amount that is not his to name.
    ("contractor", _RECEIPT.replace("{kind}", "obligation").replace("{named}", _OF_THE_ENGINE)),
    ("contractor", _RECEIPT.replace("{kind}", "contribution").replace("{named}", _NAMED)),
    (
        "contractor",
        _RECEIPT.replace("{kind}", "plan")
        .replace("{named}", _OF_THE_ENGINE)
        .replace("{org}", "{sub}"),
    ),
    (
        "adviser",
        _RECEIPT.replace("{kind}", "contribution")
        .replace("{named}", _NAMED)
        .replace("{me}", "{other}"),
    ),
    (
        "adviser",
        _RECEIPT.replace("{kind}", "plan")
        .replace("{named}", _OF_THE_ENGINE)
        .replace("{contract}", "{elsewhere}"),
    ),
    ("reader", _RECEIPT.replace("{kind}", "obligation").replace("{named}", _OF_THE_ENGINE)),
    ("adviser", "UPDATE receipts_receipt SET cents = 1"),
    ("adviser", "UPDATE decisions_extension SET reason = 'y'"),
    ("contractor", "UPDATE contributions_counterpartylink SET who = 'y'"),
    ("contractor", "UPDATE contributions_counterpartyanswer SET confirms = true"),
    # A reader writes nothing, an outsider and the system less.
    ("reader", _ENTRY.replace("{kind}", "waived")),
    ("reader", _DECISION.replace("{line}", "{open}")),
    ("reader", "UPDATE contracts_contract SET name = 'x' WHERE id = {contract}"),
    ("reader", _PARTY.replace("{role}", "auditor").replace("{org}", "{rival}")),
    ("adviser", _FILTER.replace("{me}", "{other}")),
    ("adviser", _WISH.replace("{me}", "{other}")),
    ("outsider", "UPDATE notices_wish SET rhythm = 'off'"),
    ("outsider", "DELETE FROM notices_wish"),
    ("outsider", _EVENT.replace("{org}", "NULL")),
    ("outsider", _MEMBER.replace("{org}", "{rival}")),
    ("outsider", _LINE.replace("{state}", "draft").replace("{org}", "{rival}")),
    ("outsider", "DELETE FROM organisations_membership"),
)


def sent(statement: str) -> int:
    """Send a statement and give how many rows it changed; 0 when it was refused."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
    except DatabaseError:
        return 0


@pytest.fixture(scope="module")
def world(module_cast: Cast) -> dict[str, Any]:
    """Make two contracts of two clients, with a line in each state that matters."""
    cast = module_cast
    contract = register(cast)
    line = hand_in(cast, contract)
    accepted(cast, line)
    waiting = hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    with acting_as(cast.contractor.pk) as acting:
        cells = {**PLACEMENT, "kenmerk": "K-3", "persoon": "P-3"}
        draft = save_draft(contract_for(acting, contract), cells).pk
    others = replace(
        cast, adviser=cast.colleague, hilversum=cast.huizen, contractor=cast.competitor,
        de_eem=cast.rival, reader=cast.outsider,
    )  # fmt: skip
    elsewhere = register(others, reference="HUI-1")
    their_line = hand_in(others, elsewhere)
    names = ("hilversum", "huizen", "de_eem", "rival", "sub", "region")
    return {
        **{name: getattr(cast, name).pk for name in names},
        "contract": contract, "line": line, "open": waiting, "draft": draft,
        "elsewhere": elsewhere, "their_line": their_line, "other": cast.second_adviser.pk,
        "report": frozen(cast.adviser, cast.hilversum, ReportKind.COUNCIL),
        "report_draft": drafted(cast.adviser, cast.hilversum),
    }  # fmt: skip


def test_nobody_writes_what_is_not_his_to_write(cast: Cast, world: dict[str, Any]) -> None:
    own = {"contractor": cast.de_eem.pk, "outsider": 0, "operator": cast.hilversum.pk}
    through = []
    for who, statement in ATTACKS:
        user = getattr(cast, who).pk
        with acting_as(user):
            told = statement.format(**world, me=user, org=own.get(who, cast.hilversum.pk))
            if sent(told):
                through.append((who, told))
    assert through == []


def test_the_statements_are_right_where_they_are_allowed(cast: Cast, world: dict[str, Any]) -> None:
    me, org = cast.adviser.pk, cast.hilversum.pk
    with acting_as(me):
        for allowed in (
            _ENTRY.replace("{kind}", "waived"),
            _EVENT,
            _DECISION.replace("{line}", "{open}"),
            _SIGHTING,
            _FILTER,
            _WISH,
            _GOAL,
            _REPORT,
            _PUBLISHING,
            _DRAFT,
            "UPDATE reports_draft SET document = 'x' WHERE id = {report_draft}",
            _REPORT_PAPER,
            _RECOGNITION.replace("{subject}", "{rival}"),
            _RECEIPT.replace("{kind}", "contribution").replace("{named}", _NAMED),
        ):
            assert sent(allowed.format(**world, me=me, org=org)) == 1, allowed
    me, org = cast.contractor.pk, cast.de_eem.pk
    with acting_as(me):
        for allowed in (
            _PLAN,
            _EVENT,
            _LINE.replace("{state}", "draft"),
            _EVIDENCE,
            _UPLOAD,
            _HANDING_IN,
            _PERSON,
            _RECEIPT.replace("{kind}", "plan").replace("{named}", _OF_THE_ENGINE),
        ):
            assert sent(allowed.format(**world, me=me, org=org)) == 1, allowed
    me, org = cast.manager.pk, cast.hilversum.pk
    with acting_as(me):
        assert sent(_INVITATION.format(**world, me=me, org=org)) == 1
    with acting_as(cast.operator.pk):
        assert sent(_PROPOSAL.format(**world, me=cast.operator.pk)) == 1


def test_moments_and_amounts_are_the_databases_own(cast: Cast, world: dict[str, Any]) -> None:
    me, org = cast.contractor.pk, cast.de_eem.pk
    with acting_as(me), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contributions_contribution SET verified_cents = 1, version = 99,"
            " submitted_at = '2001-01-01', decided_at = '2001-01-01' WHERE id = %s",
            [world["open"]],
        )
        cursor.execute(_EVENT.format(**world, me=me, org=org))
        cursor.execute(
            "SELECT verified_cents, version, extract(year FROM submitted_at) > 2020, decided_at"
            " FROM contributions_contribution WHERE id = %s",
            [world["open"]],
        )
        verified, version, is_now, decided_at = cursor.fetchone()
        assert (verified, is_now, decided_at) == (None, True, None)
        assert version < 99
        cursor.execute("SELECT count(*) FROM audit_event WHERE at < '2020-01-01'")
        assert cursor.fetchone() == (0,)


def test_nothing_is_written_on_a_closed_contract(cast: Cast, world: dict[str, Any]) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, world["contract"])
        day = date(2025, 12, 31)
        close_contract(access, on=day, reason="Klaar.", today=day)
    me, org = cast.adviser.pk, cast.hilversum.pk
    with acting_as(me):
        for kind in ("obligation", "waived", "penalty", "carried_in", "carried_out", "pooled"):
            assert not sent(_ENTRY.replace("{kind}", kind).format(**world, me=me, org=org))
        assert not sent(_DECISION.replace("{line}", "{open}").format(**world, me=me, org=org))
        named = "UPDATE contracts_contract SET name = 'x' WHERE id = {contract}"
        assert not sent(named.format(**world))
    me, org = cast.contractor.pk, cast.de_eem.pk
    with acting_as(me):
        for statement in (_PLAN, _LINE.replace("{state}", "draft")):
            assert not sent(statement.format(**world, me=me, org=org))
        for state in ("draft", "withdrawn"):
            told = "UPDATE contributions_contribution SET state = '{}' WHERE id = {}"
            assert not sent(told.format(state, world["open"]))


#: Without a path of their own, so that the database puts them into the query that asks. They run as
#: who asks, and name their tables and functions with the schema.
_PUT_IN = ["telmee_day_of", "telmee_receipt_years", "telmee_to_come", "telmee_years"]


@pytest.mark.django_db
def test_a_table_of_the_callers_own_is_never_asked() -> None:
    unpinned = """
        SELECT proname::text, prosecdef, prosrc FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
          AND NOT coalesce(proconfig::text, '') LIKE '%search_path=%pg_temp%'
        ORDER BY proname
    """
    with connection.cursor() as cursor:
        cursor.execute(unpinned)
        rows = cursor.fetchall()
    assert [name for name, _, _ in rows] == _PUT_IN
    for _name, as_owner, source in rows:
        assert not as_owner
        assert not re.search(r"(?<!public\.)\b(telmee|receipts|agreements|ledger)_", source)


@pytest.mark.django_db
def test_the_role_calls_no_trigger_and_makes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND prorettype = 'trigger'::regtype AND has_function_privilege(oid, 'EXECUTE')"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db
def test_the_database_knows_the_same_steps_as_the_actions() -> None:
    steps = {
        (str(row.step), str(state), None if row.to is None else str(row.to), str(row.side))
        for row in TRANSITIONS
        for state in row.states
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT step, from_state, to_state, side FROM contributions_transition")
        assert set(cursor.fetchall()) == steps


def test_the_system_sees_no_contract_and_signs_with_no_name(
    cast: Cast, world: dict[str, Any]
) -> None:
    del cast
    event = _EVENT.replace("{contract}", "NULL").replace("{org}", "NULL")
    with acting_as_system():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM contracts_contract")
            assert cursor.fetchone() == (0,)
        assert sent(event.format(me="NULL")) == 1
        assert not sent(_EVENT.replace("{org}", "NULL").format(**world, me="NULL"))
    with acting_as(None):
        assert not sent(event.format(me="NULL"))

"""Everything there can be on a contract, twice: of Hilversum with De Eem, and of two others."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app

from telmee.apps.agreements.queries import Plan, plans_of, share_versions, turnover_versions
from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract, register_contract
from telmee.apps.contracts.booking import waive
from telmee.apps.contracts.choices import Category, PartyRole
from telmee.apps.contracts.facts import ContractFacts
from telmee.apps.contracts.planning import propose_plan, save_plan_line
from telmee.apps.contracts.sharing import propose_share
from telmee.apps.contracts.turnover import dispute_turnover, propose_turnover
from telmee.apps.contributions import actions
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.evidence import add_evidence, record_sighting
from telmee.apps.contributions.handing_in import hand_in_later
from telmee.apps.contributions.uploads import add_upload
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.questions import ask
from telmee.apps.ledger.choices import Kind
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.letters.models import Template
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import (
    accept_invitation,
    find_or_add_contractor,
    invite,
    record_recognition,
)
from telmee.apps.organisations.choices import RecognitionKind, Role
from telmee.apps.organisations.kept_filters import keep_filter, kept_filters
from telmee.apps.organisations.models import Membership, Organisation
from telmee.apps.relations.absences import set_absence
from telmee.apps.relations.actions import add_contact, add_task, write_conversation
from telmee.apps.relations.messages import write_message
from telmee.apps.settlements.actions import answer_settlement, propose_settlement
from telmee.apps.settlements.queries import books_now, proposals_of
from telmee.web import middleware
from tests.buying import a_list
from tests.cast import PASSWORD, Cast, find_cast, membership_of
from tests.enforcing import enforced, late_pair
from tests.integrations.evidence.making import pdf
from tests.integrations.word_templates.making import template
from tests.lettering import lettered
from tests.mailing import notice_of_unknown_outcome, suspected
from tests.money import decide
from tests.outside import asked_outside
from tests.publishing import in_the_open
from tests.registering import PLACEMENT, end_early, facts, register, seen_cents
from tests.trusting import distrusted, sampled

PDF = pdf("Factuur")
CSV = b"kenmerk;bouwblok;begin;eind;uren_per_week;persoon\nQ-1;pw_lt2;1-7-2025;31-12-2025;24;P-9\n"
PURCHASE: dict[str, Any] = {"bouwblok": "training", "bedrag": 1_000_00, "begin": date(2025, 2, 1)}
_PLAN: dict[str, Any] = {name: cell for name, cell in PLACEMENT.items() if name != "persoon"}
#: Written by every request or by every sign-in, whatever it asks; not the register's.
_ASIDE = ("django_session", "organisations_cache")


@dataclass(frozen=True, slots=True)
class World:
    """The cast, browsers signed in as each part, and ids by name: one's own and others'.

    `own` and `other` have the same names: `contract`, `draft`, `submitted`, `party`, and so on.
    """

    cast: Cast
    browsers: dict[str, Any]
    own: dict[str, Any]
    other: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Side:
    """Who made the things of one contract."""

    client: Organisation
    contractor: Organisation
    deciding: Any
    delivering: Any
    people: str


def make_world() -> World:
    """Make it all, by the actions that the pages use, in the transaction that is open."""
    with acting_as(None):
        cast = find_cast()
    one = _Side(cast.hilversum, cast.de_eem, cast.adviser, cast.contractor, "reader")
    two = _Side(cast.huizen, cast.rival, cast.colleague, cast.competitor, "competitor")
    contract = register(cast, extension_count=1, extension_months=12)
    closed = register(cast, reference="HIL-2025-002")
    mistake = register(cast, reference="HIL-2025-003")
    with acting_as(cast.adviser.pk) as acting:
        day = date(2026, 1, 31)
        access = contract_for(acting, closed)
        close_contract(access, on=day, reason="Klaar", today=day)
    own = _things(one, cast.manager, cast.operator, contract)
    own |= {"closed": closed, "mistake": mistake, "touched": _touched(cast, one)}
    own["absence"] = _away(one, cast.second_adviser)
    settling = [register(cast, reference=name) for name in ("HIL-2025-003", "HIL-2025-004")]
    own |= _settling(one, *settling)
    pools = [register(cast, reference=f"HIL-B{number}") for number in range(5)]
    own |= _pools(one, *pools)
    own |= _of_the_subcontractor(cast, contract)
    own |= _turnover(one, _over_turnover(one, cast), own=True)
    own["template"] = _template(cast.manager, cast.hilversum, "regional")
    own |= {"page": "contracts", "filter": _kept(cast.adviser)}
    other = _things(two, cast.colleague, cast.operator, _other_contract(cast))
    other |= _turnover(two, _over_turnover(two, cast), own=False)
    other |= _settling(two, *(_other_contract(cast, name) for name in ("HUI-3", "HUI-4")))
    other |= _pools(two, *(_other_contract(cast, f"HUI-B{number}") for number in range(5)))
    other["template"] = _template(cast.colleague, cast.huizen, "annual")
    other |= {"page": "contracts", "filter": _kept(cast.colleague)}
    own |= distrusted(cast, register(cast, reference="HIL-2025-009"))
    own |= lettered(one.deciding, own)
    other |= lettered(two.deciding, other)
    own |= enforced(cast.manager, cast.hilversum, *late_pair(cast))
    other |= enforced(cast.colleague, cast.huizen, *(_other_contract(cast, n) for n in "HK"))
    own |= sampled(cast.auditor, cast.hilversum, cast.audit_office, own["accepted"])
    other |= sampled(cast.colleague, cast.huizen, cast.huizen, other["accepted"])
    own |= in_the_open(cast.adviser, cast.manager, cast.hilversum)
    other |= in_the_open(cast.colleague, cast.colleague, cast.huizen)
    own |= a_list(cast.adviser, cast.hilversum, "HIL-2025-001")
    other |= a_list(cast.colleague, cast.huizen, "HUI-2025-001")
    browsers: dict[str, Any] = {"visitor": Client()}
    for part, user in cast.users().items():
        browsers[part] = Client()
        browsers[part].force_login(user)
        _use_now(browsers[part])
    return World(cast, browsers, own, other)


def _touched(cast: Cast, side: _Side) -> int:
    """A line that was decided, on a contract that ends before it since."""
    contract = register(cast, reference="HIL-2025-004")
    line = draft(side.delivering, contract, reference="L-geraakt", person="P-99")
    _submit(side, line, withdrawn=False)
    _decide(side, line, Outcome.ACCEPTED)
    end_early(side.deciding.pk, contract, end=date(2025, 4, 30), on=date(2025, 3, 1))
    return line


def _kept(user: Any) -> int:
    with acting_as(user.pk) as acting:
        keep_filter(acting, page="contracts", name="Te laat", query="risk=overdue")
        return kept_filters(acting, "contracts")[0].pk


def _use_now(browser: Client) -> None:
    """Count a session as used until it ends, so that no request has to save it."""
    session = browser.session
    now = int(time.time())
    session[middleware._SIGNED_IN_AT] = now
    session[middleware._USED_AT] = now + settings.SESSION_HOURS_MAX * 3600
    session.save()


def _settling(side: _Side, waiting: int, settled: int) -> dict[str, Any]:
    """Propose to settle two contracts, and agree on one of them."""
    settlement, waiting_books = _propose(side, waiting)
    version, settled_books = _propose(side, settled)
    with acting_as(side.delivering.pk) as acting:
        answer_settlement(contract_for(acting, settled), version, agrees=True)
    return {
        "settling": waiting,
        "settlement": settlement,
        "settling_books": waiting_books,
        "settled": settled,
        "settled_version": version,
        "settled_books": settled_books,
    }


def _pools(side: _Side, rich: int, poor: int, *waiting: int) -> dict[str, Any]:
    """Agree on a pool of two contracts, one with a surplus, and propose another one."""
    with acting_as(side.deciding.pk) as acting:
        access = contract_for(acting, rich)
        owed = positions([rich])[rich].open_cents
        waive(access, amount_cents=owed, reason="Klaar", key=uuid4(),
              effective_on=date(2025, 6, 1))  # fmt: skip
    line = draft(side.delivering, rich, reference="L-bundel", person="P-B")
    _submit(side, line, withdrawn=False)
    _decide(side, line, Outcome.ACCEPTED)
    *pair, alone = waiting
    seen: list[int] = []
    for contracts in ([rich, poor], pair):
        with acting_as(side.deciding.pk) as acting:
            pool = uuid4()
            pooling.propose_pool(
                acting, contracts, pool=pool, name="Schoonmaak", begin=date(2025, 1, 1),
                note="Samen.", key=uuid4(), today=timezone.localdate(),
            )  # fmt: skip
            seen = [one.version.pk for one in pooling.pool_of(pool).waits.values()]
        if rich in contracts:
            with acting_as(side.delivering.pk) as acting:
                pooling.answer_pool(acting, pool, seen, agrees=True)
    with acting_as(side.deciding.pk) as acting:
        ids = [rich, poor]
        both = [contract_for(acting, pk).contract for pk in ids]
        seal = pooling.seal_of(pooling.shifts_of(both, positions(ids)))
    return {
        "pooled": rich, "pooling": pair[0], "unpooled": alone, "pool_seal": seal,
        "pool_versions": seen,
    }  # fmt: skip


def _propose(side: _Side, contract: int) -> tuple[int, str]:
    with acting_as(side.deciding.pk) as acting:
        seen, today = books_now(contract).hash, timezone.localdate()
        access = contract_for(acting, contract)
        propose_settlement(access, seen=seen, key=uuid4(), today=today)
        return proposals_of(contract)[0].version.pk, seen


def _other_contract(cast: Cast, reference: str = "HUI-2025-001") -> int:
    facts = ContractFacts(
        reference=reference,
        name="Wegen van een ander",
        category=Category.WORKS,
        scheme="harlingen",
        start=date(2025, 1, 1),
        end=date(2026, 12, 31),
        value_cents=1_000_000_00,
        agreed_cents=50_000_00,
        percentage_reason="5%",
    )
    with acting_as(cast.colleague.pk) as acting:
        return register_contract(
            acting, facts, client_id=cast.huizen.pk, contractor_id=cast.rival.pk
        )


def _things(side: _Side, manager: Any, operator: Any, contract: int) -> dict[str, Any]:
    lines = {
        state: draft(side.delivering, contract, reference=f"L-{state}", person=f"P-{number}")
        for number, state in enumerate(
            (
                "draft",
                "submitted",
                "asked",
                "accepted",
                "adjusted",
                "rejected",
                "objection",
                "withdrawn",
            )
        )
    }
    for state, pk in lines.items():
        if state != "draft":
            _submit(side, pk, withdrawn=state == "withdrawn")
    for state, outcome in _OUTCOMES.items():
        _decide(side, lines[state], outcome)
    with acting_as(side.delivering.pk) as acting:
        access, line = contribution_for(acting, lines["objection"])
        object_to(access, line, reason="Dat klopt niet")
        person = line.person_id
    with acting_as(side.deciding.pk) as acting:
        access, line = contribution_for(acting, lines["asked"])
        ask(access, line, text="Hoeveel uur?", due=timezone.localdate(), key=uuid4())
    kept = {"contract": contract, "person": person, **lines}
    return {
        **kept,
        **_in_touch(side, contract),
        **_papers(side, contract),
        **asked_outside(side.delivering, side.deciding, lines),
        **_people(side, manager, operator),
        "claim": _claim(side),
    }


_OUTCOMES = {
    "accepted": Outcome.ACCEPTED,
    "adjusted": Outcome.ADJUSTED,
    "rejected": Outcome.REJECTED,
    "objection": Outcome.REJECTED,
}


def draft(user: Any, contract: int, *, reference: str, person: str = "P-1", **cells: Any) -> int:
    """Make a draft of a placement, or of what `cells` say."""
    with acting_as(user.pk) as acting:
        told = cells or {**PLACEMENT, "persoon": person}
        return actions.save_draft(contract_for(acting, contract), {**told, "kenmerk": reference}).pk


def _submit(side: _Side, pk: int, *, withdrawn: bool) -> None:
    with acting_as(side.delivering.pk) as acting:
        access, line = contribution_for(acting, pk)
        actions.submit(access, line)
        if withdrawn:
            access, line = contribution_for(acting, pk)
            actions.withdraw(access, line, reason="Vergissing")


def _decide(side: _Side, pk: int, outcome: Outcome) -> None:
    reason: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Zie het bewijs"}
    with acting_as(side.deciding.pk) as acting:
        access, line = contribution_for(acting, pk)
        told: dict[str, Any] = reason
        if outcome is Outcome.ACCEPTED:
            told = {"seen_cents": seen_cents(access, line)}
        if outcome is Outcome.ADJUSTED:
            told = {**told, "amount_cents": 100_00}
        decide(access, line, outcome=outcome, key=uuid4(), **told)


def _in_touch(side: _Side, contract: int) -> dict[str, int]:
    """A contact person, a conversation, a message and a task of who decides."""
    day = timezone.localdate()
    with acting_as(side.deciding.pk) as acting:
        access = contract_for(acting, contract)
        contact = add_contact(access, name="Sam Smit", email="sam@example.org")
        talk = write_conversation(
            access, kind="call", held_on=day, text="Kennisgemaakt.", is_shared=True, key=uuid4()
        )
        message = write_message(access, text="Kunt u bellen?", key=uuid4())
        task = add_task(
            acting,
            organisation_id=side.client.pk,
            owner_id=side.deciding.pk,
            text="Bel terug",
            due_on=day,
            key=uuid4(),
            access=access,
        )
    row = {"contact": contact, "conversation": talk, "message": message, "task": task}
    return {name: one.pk for name, one in row.items()}


def _away(side: _Side, stands_in: Any) -> int:
    """Somebody who decides is away next year, and a colleague stands in."""
    day = timezone.localdate() + timedelta(days=300)
    with acting_as(side.deciding.pk) as acting:
        return set_absence(
            acting,
            organisation_id=side.client.pk,
            user_id=side.deciding.pk,
            replacement_id=stands_in.pk,
            first=day,
            last=day,
            today=timezone.localdate(),
        ).pk


def _papers(side: _Side, contract: int) -> dict[str, int]:
    purchase = draft(side.delivering, contract, reference="L-inkoop", **PURCHASE)
    with acting_as(side.delivering.pk) as acting:
        access, line = contribution_for(acting, purchase)
        proof = add_evidence(access, line, file=io.BytesIO(PDF), name="factuur.pdf", kind="")
        actions.submit(access, line)
        upload, _ = add_upload(access, io.BytesIO(CSV), "kwartaal.csv")
        handing_in = hand_in_later(access, [], key=uuid4())
        plan = save_plan_line(access, _PLAN, number=2, note="Twee mensen", line_id=None)
        (own,) = plans_of(contract)
        propose_plan(access, own.agreement.organisation_id, key=uuid4())
        (own,) = plans_of(contract)
    with acting_as(side.deciding.pk) as acting:
        access, line = contribution_for(acting, purchase)
        sighting = record_sighting(access, line, kind="", seen_on=date(2025, 6, 1))
        waive(
            access,
            amount_cents=100_00,
            reason="Overmacht",
            key=uuid4(),
            effective_on=date(2025, 6, 1),
        )
        (waived,) = (e for e in entries_of([contract]) if e.kind == Kind.WAIVED)
        (party,) = (p for p in access.parties if p.role == PartyRole.CONTRACTOR)
    return {
        "purchase": purchase,
        "evidence": proof.pk,
        "sighting": sighting.pk,
        "upload": upload.pk,
        "handing_in": handing_in.pk,
        "job": _job_set_aside(),
        "suspect": suspected(f"weg{side.client.pk}@example.org"),
        "notice": notice_of_unknown_outcome(side.deciding),
        "plan_line": plan,
        "plan_version": _waiting(own),
        "plan_party": own.agreement.organisation_id,
        "entry": waived.id,
        "contractor_party": party.pk,
    }


def _waiting(plan: Plan) -> int:
    assert plan.waits
    return plan.waits.version.pk


def _job_set_aside() -> int:
    pk = app.configure_task("contributions:discard_left_uploads").defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'failed', attempts = 3 WHERE id = %s", [pk]
        )
    return pk


def _template(manager: Any, client: Organisation, kind: str) -> str:
    """Keep a template for a kind of report that the world does not make; gives the kind."""
    facts = {"organisation": client, "kind": kind, "content": template("{{ titel }}")}
    with acting_as(manager.pk) as acting:
        Template.objects.create(**facts, user_id=acting.user_id)
    return kind


def _people(side: _Side, manager: Any, operator: Any) -> dict[str, Any]:
    with (
        acting_as(manager.pk) as acting,
        patch("secrets.token_urlsafe", return_value=f"link-of-{side.client.pk}"),
    ):
        sent = invite(
            acting, organisation_id=side.client.pk, email="nieuw@example.org", role=Role.WORKER
        )
        recognition = record_recognition(
            acting,
            checked_by=side.client.pk,
            organisation_id=side.contractor.pk,
            kind=RecognitionKind.PSO,
            valid_from=date(2025, 1, 1),
        )
        members = Membership.objects.filter(organisation=side.client).order_by("-pk")
        member = members.filter(user__email__startswith=side.people).first() or members[0]
    with acting_as(operator.pk, is_operator=True) as acting:
        email = f"proposed-for-{side.client.pk}@example.org"
        proposed = invite(acting, organisation_id=side.client.pk, email=email, role=Role.MANAGER)
    return {
        "organisation": side.client.pk,
        "worker": membership_of(side.delivering),
        "invitation": sent.pk,
        "proposal": proposed.pk,
        "token": f"link-of-{side.client.pk}",
        "recognition": recognition.pk,
        "member": member.pk,
    }


def _claim(side: _Side) -> int:
    """Let somebody come in for a new contractor with two contracts, invited for one of them."""
    kvk = f"3100{side.client.pk:04}"
    token = f"claim-for-{side.client.pk}"
    with acting_as(side.deciding.pk) as acting:
        claimed = find_or_add_contractor(acting, kvk=kvk, name=f"Nieuw {kvk}")
        for number in (1, 2):
            told = facts(reference=f"N-{number}", name="Voor een nieuwe opdrachtnemer")
            register_contract(acting, told, client_id=side.client.pk, contractor_id=claimed.pk)
        with patch("secrets.token_urlsafe", return_value=token):
            email = f"{token}@example.org"
            sent = invite(acting, organisation_id=claimed.pk, email=email, role=Role.MANAGER)
    with acting_as(None) as nobody:
        accept_invitation(nobody, token=token, name="Nieuw", password=PASSWORD)
    return sent.pk


def _over_turnover(side: _Side, cast: Cast) -> int:
    """Register a contract over turnover; one's own per quarter, the other one per year."""
    told: dict[str, Any] = {
        "reference": "OMZET",
        "scheme": "rotterdam-rijnmond",
        "start": date(2024, 1, 1),
        "agreed_cents": None,
        "percentage_reason": "",
        "over_turnover": True,
        "client_decides": True,
    }
    if side.client == cast.hilversum:
        return register(cast, **told, turnover_period="quarter")
    with acting_as(side.deciding.pk) as acting:
        return register_contract(
            acting,
            facts(**told),
            client_id=side.client.pk,
            contractor_id=side.contractor.pk,
        )


def _turnover(side: _Side, contract: int, *, own: bool) -> dict[str, Any]:
    """A proposal of the contractor that waits, and one of the client that he disputes."""
    waiting, disputed = (date(2024, 1, 1), date(2024, 4, 1) if own else date(2025, 1, 1))
    for user, period in ((side.delivering, waiting), (side.deciding, disputed)):
        with acting_as(user.pk) as acting:
            propose_turnover(
                contract_for(acting, contract),
                period=period,
                cents=100_000_00,
                key=uuid4(),
                today=timezone.localdate(),
            )
    with acting_as(side.delivering.pk) as acting:
        last, first = turnover_versions([contract])[contract]
        access, pk = contract_for(acting, contract), last.version.pk
        dispute_turnover(access, pk, reason="Dat is te veel", today=timezone.localdate())
    return {
        "by_turnover": contract,
        "period": "2024-K3" if own else "2024",
        "turnover_waiting": first.version.pk,
        "turnover_disputed": pk,
    }


def _of_the_subcontractor(cast: Cast, contract: int) -> dict[str, int]:
    """Make what a subcontractor has of his own, and find who else is on the contract."""
    sub_draft = draft(cast.subcontractor, contract, reference="S-1", person="S-1")
    handed = draft(cast.subcontractor, contract, reference="S-2", person="S-2")
    with acting_as(cast.subcontractor.pk) as acting:
        access, line = contribution_for(acting, handed)
        actions.submit(access, line)
        by_role = {party.role: party.pk for party in access.parties}
    with acting_as(cast.contractor.pk) as acting:
        access, partner = contract_for(acting, contract), cast.sub.pk
        propose_share(access, partner_id=partner, cents=10_000_00, note="", key=uuid4())
        (share,) = share_versions(contract)
    return {
        "partner": partner,
        "share": share.version.pk,
        "sub_draft": sub_draft,
        "sub_submitted": handed,
        "subcontractor_party": by_role[PartyRole.SUBCONTRACTOR],
        "auditor_party": by_role[PartyRole.AUDITOR],
    }


# Telling whether something changed -----------------------------------------------------------


def writes() -> dict[str, int]:
    """Count what this transaction wrote, by table; the server counts, so row security hides none.

    What was undone counts as well: a page that refuses does not even try.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, (pg_stat_get_xact_tuples_inserted(oid)"
            " + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid))::int"
            " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND NOT relname = ANY(%s)",
            [list(_ASIDE)],
        )
        return {name: count for name, count in cursor.fetchall() if count}


def changed_since(before: dict[str, int]) -> dict[str, int]:
    """The tables that this transaction wrote in since `before`, with its counts of now."""
    return {name: count for name, count in writes().items() if count != before.get(name, 0)}


@contextmanager
def undone(*browsers: Any) -> Iterator[None]:
    """Undo what happens inside: in the database, and in the cookies of these browsers."""
    point = transaction.savepoint()
    cookies = [browser.cookies.copy() for browser in browsers]
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
        # A savepoint stays after going back to it: all later ones would lie inside it, and each
        # that writes holds a lock until the end, of which the server has room for some thousands.
        transaction.savepoint_commit(point)
        for browser, kept in zip(browsers, cookies, strict=True):
            browser.cookies = kept


def drained(answer: Any) -> Any:
    """Read a file to its end, after which the test client closes it, and give the answer."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer

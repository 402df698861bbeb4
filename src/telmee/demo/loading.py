"""Load a region: settle its people, write its contracts, and prove the books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from itertools import chain
from random import Random
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from telmee.apps.audit.seals import seal_rows
from telmee.apps.contracts.chains import check_amendments
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.many import batches
from telmee.cli.progress import progress
from telmee.core.errors import DomainError
from telmee.demo.agreements import Agreement, Drawing
from telmee.demo.booking import Booking
from telmee.demo.enforcement import add_enforcement
from telmee.demo.in_touch import add_in_touch
from telmee.demo.lines import Handed
from telmee.demo.notices import add_notices
from telmee.demo.papers import Papers
from telmee.demo.people import GOOI, Region, Settling
from telmee.demo.profiles import DEMO, Profile, profile_named
from telmee.demo.purchases import add_purchases
from telmee.demo.shown import Shown
from telmee.demo.tables import Tables, copy, run_each
from telmee.demo.trust import add_trust
from telmee.texts import Language, phrase

_OWNER = "owner"
#: Contracts that are valued and written together: enough to pay for a COPY.
_TOGETHER = 500
#: Tables whose triggers would look up row by row what is written here in bulk.
_IN_BULK = (
    "contracts_amendment",
    "agreements_version",
    "agreements_planline",
    "agreements_pooling",
    "contributions_contribution",
    "ledger_entry",
    "ledger_movement",
)
#: How many contracts one adviser has in the demonstration.
_OF_ONE_ADVISER = 150


def load(profile: str | None = None, *, language: Language = "nl", day: date | None = None) -> None:
    """Load the region around a day, today if none is given, into a database without organisations.

    `profile` names one of `PROFILES`; without one it is the demonstration. Raises `DomainError`
    `unknown_profile`, and whatever is wrong with the books, in which case nothing was loaded.
    """
    chosen = profile_named(profile)
    using = _OWNER if _OWNER in connections.databases else "default"
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Row by row these would look up what is written here in bulk, and proved at the end.
        for table in _IN_BULK:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _fill(cursor, chosen, day or timezone.localdate(), language)
        for table in _IN_BULK:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        if faults := [*check_ledger(using=using), *check_amendments(using)]:
            raise DomainError(faults[:20])
        seal_rows(using=using, everything=True)
    with connections[using].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fill(cursor: Any, profile: Profile, day: date, language: Language) -> None:
    rng = Random(f"{profile.name} {day}")  # noqa: S311 - the same region each time
    tables = Tables(cursor)
    demo = profile is DEMO
    region = Settling(tables, profile, day, rng).settle(demo=demo)
    copy(cursor, tables.take())
    first_contract = tables.contracts.first_id
    booking = Booking(tables, region, profile, day, rng)
    agreements = progress(
        _agreements(region, profile, day, rng), phrase("demo.writing", language), profile.contracts
    )
    handed_in: list[Handed] = []
    with ThreadPoolExecutor(max_workers=1) as writer:  # the database works while we reckon on
        written: Future[None] | None = None
        for chunk in batches(agreements, _TOGETHER):
            lines = booking.write(chunk)
            if demo:
                handed_in += lines
            if written is not None:
                written.result()
            written = writer.submit(copy, cursor, tables.take())
        if written is not None:
            written.result()
    if demo:
        papers = Papers(tables, region, day, rng)
        papers.add(handed_in)
        papers.upload(handed_in, cursor)
    for table in tables.all():
        table.move_sequence(cursor)
    if demo:
        add_in_touch(cursor, region, day, first_contract)
        add_notices(cursor, region, day)
        add_trust(cursor, region, day)
        add_purchases(cursor, region, day)
    run_each(
        cursor,
        """
        INSERT INTO ledger_movement
            (contract_id, organisation_id, kind, cents, effective_on, moved_at, contribution_id)
        SELECT c.contract_id, l.organisation_id, c.kind, c.cents, c.day, l.submitted_at, l.id
        FROM contributions_contribution l, telmee_claims(l) c WHERE l.contract_id >= %(first)s;
        INSERT INTO ledger_movement
            (contract_id, organisation_id, kind, cents, effective_on, moved_at, version_id)
        SELECT contract_id, organisation_id, kind, cents, day, since, version_id
        FROM agreements_promised WHERE contract_id >= %(first)s;
        INSERT INTO ledger_balance (contract_id, organisation_id, year, kind, cents)
        SELECT * FROM telmee_balances() WHERE contract_id >= %(first)s;
        INSERT INTO ledger_linebalance (contract_id, year, contribution_id,
                                        delivered_cents, undecided_cents, verified_cents)
        SELECT * FROM telmee_line_balances(
            ARRAY(SELECT id FROM contracts_contract WHERE id >= %(first)s),
            'infinity', '-infinity', 'infinity') ORDER BY 1, 2, 3
        """,
        {"first": first_contract},
    )
    if demo:
        add_enforcement(cursor, region, day)


def _agreements(region: Region, profile: Profile, day: date, rng: Random) -> Iterator[Agreement]:
    drawing = Drawing(region, profile, day, rng)
    if profile is not DEMO:
        yield from drawing.draw(profile.contracts, profile.lines)
        return
    shown = list(Shown(region, day).all())
    drawn = drawing.draw(profile.contracts - len(shown), profile.lines)
    yield from _shared_out(chain(shown, drawn), region)


def _shared_out(agreements: Iterable[Agreement], region: Region) -> Iterator[Agreement]:
    """The contracts, one adviser of the team on some and the other on the rest."""
    others = region.users["tweede.adviseur"]
    own = 0
    for agreement in agreements:
        if agreement.client.name.removeprefix("Gemeente ") in GOOI:
            own += 1
            if own > _OF_ONE_ADVISER:
                agreement.adviser = others
        yield agreement

"""Take a list of purchases in, and withdraw one that was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from telmee.apps.audit.actions import record
from telmee.apps.coverage.matching import propose, register_of
from telmee.apps.coverage.models import Purchase, PurchaseList
from telmee.apps.organisations.acting import Acting, Own
from telmee.apps.organisations.names import search_key
from telmee.apps.organisations.turns import done_before, wait_for_turn
from telmee.apps.schemes.models import SchemeVersion
from telmee.apps.schemes.queries import rules_of, version_for
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import NAME, require_none, require_reason
from telmee.core.obligations import Category
from telmee.core.obligations.reach import Reach, Reached, reach_of
from telmee.core.tables.grid import listed
from telmee.integrations.apart import plain_problem, problem_of
from telmee.integrations.spreadsheets.apart import PurchaseLine, SheetFile

#: Problems of one file that are kept with it; whoever has more mends those first.
_REFUSED_MAX = 200
_WRITTEN_AT_ONCE = 500
_Key = tuple[str, str, int, str, date, str]


@transaction.atomic
def add_list(
    acting: Acting, client: Own, file: SheetFile[PurchaseLine], *, name: str, scheme: str, key: UUID
) -> PurchaseList:
    """Keep a list of purchases, each held against its threshold and beside the register.

    A line that stands in an earlier list of the client is known, and is not kept again; twice in
    one list is twice. Raises `purchases_all_known` when nothing is new, and `unknown_scheme`.
    """
    require_none(_name_problems(name))
    known = done_before(key, PurchaseList.objects.filter(key=key, organisation=client.id))
    if known is not None:
        return known
    wait_for_turn(f"coverage {client.id}")
    standing = _standing(client.id)
    new = [line for line in file.lines if not _taken(standing, line)]
    if not new:
        raise DomainError(Problem("purchases_all_known", params={"count": len(file.lines)}))
    thresholds = _Thresholds(scheme, client.name)
    row = PurchaseList.objects.create(
        organisation_id=client.id,
        name=name.strip(),
        scheme=scheme,
        known=len(file.lines) - len(new),
        left_out=len({problem.row for problem in file.problems}),
        refused=[plain_problem(problem) for problem in file.problems[:_REFUSED_MAX]],
        noticed=[plain_problem(problem) for problem in (*file.notices, *_alike(file.lines))],
        key=key,
        user_id=acting.user_id,
    )
    purchases = [_purchase(row, line, thresholds) for line in new]
    propose(register_of(acting, client.id), purchases)
    Purchase.objects.bulk_create(purchases, batch_size=_WRITTEN_AT_ONCE)
    details = {"purchases": len(new), "name": row.name, "row": row.pk}
    verb = "organisation.purchases_added"
    record(acting, verb, row.organisation, organisation_id=client.id, details=details)
    return row


def _name_problems(name: str) -> Iterator[Problem]:
    if not name.strip():
        yield Problem("missing_value", "naam")
    yield from NAME.problems("naam", name)


def _standing(client_id: int) -> Counter[_Key]:
    rows = Purchase.objects.filter(organisation=client_id, list__withdrawn_at=None)
    columns = ("search_name", "kvk", "cents", "category", "day", "reference")
    return Counter(rows.values_list(*columns))


def _key(line: PurchaseLine) -> _Key:
    """What makes two lines the same; not where they stand."""
    name = search_key(line.supplier)
    return name, line.kvk, line.cents, line.category, line.day, line.reference


def _alike(lines: Sequence[PurchaseLine]) -> Iterator[Problem]:
    """That lines are the same as an earlier one of their file: it may be so, and may be a slip."""
    seen: set[_Key] = set()
    rows = []
    for line in lines:
        if (key := _key(line)) in seen:
            rows.append(str(line.row))
        seen.add(key)
    if rows:
        yield Problem("purchases_alike", params={"rows": listed(rows), "count": len(rows)})


def _taken(standing: Counter[_Key], line: PurchaseLine) -> bool:
    """Whether an earlier list has this line; each of its lines takes one."""
    key = _key(line)
    if not standing[key]:
        return False
    standing[key] -= 1
    return True


def refused_of(row: PurchaseList) -> Sequence[Problem]:
    """What could not be read of a list, as far as it is kept."""
    return [problem_of(plain) for plain in row.refused]


def noticed_of(row: PurchaseList) -> Sequence[Problem]:
    """What was read of a list otherwise than it looks."""
    return [problem_of(plain) for plain in row.noticed]


def _purchase(row: PurchaseList, line: PurchaseLine, thresholds: _Thresholds) -> Purchase:
    version, reached = thresholds.of(Category(line.category), line.cents, line.day)
    return Purchase(
        list=row,
        organisation_id=row.organisation_id,
        row=line.row,
        supplier=line.supplier,
        search_name=search_key(line.supplier),
        kvk=line.kvk,
        cents=line.cents,
        category=line.category,
        day=line.day,
        reference=line.reference,
        version=version,
        reach=Reach.UNSURE if reached is None else reached.reach,
        owed_cents=None if reached is None else reached.owed_cents,
    )


class _Thresholds:
    """The thresholds of a family of rules for one client, by the day of a purchase."""

    def __init__(self, scheme: str, client: str) -> None:
        self._scheme, self._client = scheme, client
        self._version = lru_cache(None)(self._in_force)

    def of(
        self, category: Category, cents: int, day: date
    ) -> tuple[SchemeVersion | None, Reached | None]:
        """The version in force on a day, and where a purchase stands to its threshold."""
        version = self._version(day)
        if version is None:
            return None, None
        return version, reached_of(version, self._client, category, cents, day)

    def _in_force(self, day: date) -> SchemeVersion | None:
        try:
            return version_for(self._scheme, day)
        except DomainError as error:
            if error.problems[0].code != "no_version_in_force":
                raise
            return None


def reached_of(
    version: SchemeVersion, client: str, category: Category, cents: int, day: date
) -> Reached:
    """Where a purchase stands to the threshold of a version, with how that came about."""
    return reach_of(rules_of(version), category=category, cents=cents, day=day, client=client)


@transaction.atomic
def withdraw_list(acting: Acting, row: PurchaseList, *, reason: str) -> None:
    """Withdraw a list that was wrong: its purchases count nowhere any more."""
    require_reason(reason)
    row.withdrawn_why = reason.strip()
    PurchaseList.objects.filter(pk=row.pk).update(withdrawn_why=row.withdrawn_why)
    verb = "organisation.purchases_withdrawn"
    own = row.organisation
    details = {"name": row.name, "row": row.pk}
    record(acting, verb, own, organisation_id=own.pk, reason=reason, details=details)

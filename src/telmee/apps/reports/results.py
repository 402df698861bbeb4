"""What was asked and what came of it: per year, and by what somebody wants it divided.

The face of every account, dashboard and report: one figure, one function. All of it stands on the
kept positions and on lines that were decided (`telmee_results`, reports.0003), now or as it was
known at a moment. Which contracts it is about comes first (`contracts_in`), and follows from who
asks; the database counts nothing else.

- `money(contracts, years)`: the euros of each year, from the balances alone.
- `results(contracts, years)`: a `Result` for each year: the same with people, places, purchases.
- `results_with(contracts, years, divisions)`: both `results` and `results_by` in one reading.
- `results_by(contracts, years, divisions)`: of each division a `Row` for each year and each key,
  with its words.
- `complete_until(contracts, today)`: until when everything that was handed in was decided on.

How each figure is counted stands with its words in `figures.words().figures`, by the name that it
has in a `Result`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Literal

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import translation

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import SEEING_ROLES, Category, Form, PartyRole
from telmee.apps.contracts.cpv import divisions_in_english
from telmee.apps.contracts.models import Contract, CpvCode
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.organisations.models import Organisation, Region, RegionMembership
from telmee.apps.organisations.prepared import prepared
from telmee.apps.receipts.models import Receipt
from telmee.apps.reports.figure_words import By, has_invoice, has_people, key_of, label_of
from telmee.apps.schemes.queries import schemes_of
from telmee.core.explain import Text
from telmee.core.money import part_bp
from telmee.core.schemes.model import Block
from telmee.texts import LANGUAGES


def _sums(*kinds: str) -> str:
    """The sum of each kind, as columns."""
    return ", ".join(
        f"coalesce(sum(cents) FILTER (WHERE kind = '{kind}'), 0)::bigint" for kind in kinds
    )


_DAY = timedelta(days=1)
#: The division that tells nothing apart: the figures of all together.
_WHOLE = ""
#: The divisions that a contract itself says, and not the block of a line.
_OF_CONTRACTS = frozenset({_WHOLE, *(by for by in By if not by.is_of_effort)})
_KEPT = f"""
    SELECT year::int,
           coalesce(sum(CASE kind WHEN 'obligation' THEN cents WHEN 'reduced' THEN -cents END), 0)
               ::bigint,
           {_sums("waived", "promised", "delivered", "undecided", "realised")}
    FROM ledger_balance WHERE contract_id = ANY (%s::bigint[]) GROUP BY year
"""  # noqa: S608 - names of ours are put in
_RESULTS = """
    SELECT * FROM telmee_results(%s, %s, %s, %s, %s::text[], %s::text[], %s, %s, %s::text[], %s, %s,
                                 %s::bigint[], %s::text[], %s::text[])
"""


@dataclass(frozen=True, slots=True)
class Money:
    """What was asked in a year and what came of it, in cents; the three are never mixed.

    `waiting_cents` is the part of what was delivered that waits for a decision. What was imposed
    is `None` where rows are told apart by effort: an obligation belongs to a contract.
    """

    imposed_cents: int | None = 0
    waived_cents: int | None = 0
    promised_cents: int = 0
    delivered_cents: int = 0
    waiting_cents: int = 0
    verified_cents: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to tell of the year."""
        return not any(getattr(self, field.name) for field in fields(self))

    @property
    def percentage_bp(self) -> int | None:
        """What was verified as a share of what was imposed, in basis points; None without any."""
        return _share(self.verified_cents, self.imposed_cents)


@dataclass(frozen=True, slots=True)
class Result(Money):
    """The money of a year with what stands behind it.

    `contracts` are those on which something was imposed, `value_cents` their sums, and `lines` the
    lines that count.
    """

    contracts: int = 0
    value_cents: int = 0
    lines: int = 0
    people: int = 0
    places: int = 0
    purchase_cents: int = 0

    @property
    def asked_bp(self) -> int | None:
        """What was imposed as a share of the contract sums that it was imposed on."""
        return _share(self.imposed_cents or 0, self.value_cents)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a year: its key, its words and its figures. Without a key it belongs to none."""

    year: int
    key: str
    label: Text | None
    result: Result


@dataclass(frozen=True, slots=True)
class Complete:
    """Until which day everything that was handed in was decided on, and how many lines wait."""

    until: date
    waiting_lines: int


def contracts_in(
    acting: Acting,
    *,
    clients: Iterable[int] | None = None,
    region: str | None = None,
    contractors: Iterable[int] | None = None,
    teams: Iterable[int] | None = None,
    today: date | None = None,
) -> list[int]:
    """The ids of the contracts that an account is about, of those that somebody may see.

    Of some clients, of the clients of a labour-market region as it is on `today`, carried out by
    some contractors, or looked after by regional teams. A framework counts by its call-offs.
    """
    if region is not None:
        municipal = Organisation.objects.filter(
            municipality__in=_within(today, region), is_client=True
        )
        clients = municipal.values_list("pk", flat=True)
    parties = (clients, contractors, teams)
    return sorted(set(_ids_in(acting, *(None if ids is None else list(ids) for ids in parties))))


@prepared
def _ids_in(
    acting: Acting,
    clients: Collection[int] | None,
    contractors: Collection[int] | None,
    teams: Collection[int] | None,
) -> QuerySet[Contract, int]:
    contracts = contracts_of(acting, *SEEING_ROLES).exclude(form=Form.FRAMEWORK)
    parties = (
        (PartyRole.CLIENT, clients),
        (PartyRole.CONTRACTOR, contractors),
        (PartyRole.REGIONAL_TEAM, teams),
    )
    for role, organisations in parties:
        if organisations is not None:
            own = Q(parties__role=role, parties__organisation_id__in=listed(organisations))
            contracts = contracts.filter(own)
    return contracts.order_by().values_list("pk", flat=True)


def contracts_seen(contracts: Iterable[int]) -> list[int]:
    """Of some contracts those that who asks may see; the rest as if they were not there."""
    ids = Contract.objects.filter(pk__in=listed(contracts)).order_by()
    return list(ids.values_list("pk", flat=True))


def money(contracts: Iterable[int], years: Iterable[int]) -> dict[int, Money]:
    """What was asked and what came of it as it stands now, in euros alone. Runs one query.

    From the balances that the database keeps: a few rows of each contract, however many lines.
    """
    wanted = set(years)
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [as_array(contracts)])
        sums = {year: Money(*cents) for year, *cents in cursor.fetchall() if year in wanted}
    return {year: sums.get(year, Money()) for year in sorted(wanted)}


def results(
    contracts: Iterable[int], years: Iterable[int], *, as_of: datetime | None = None
) -> dict[int, Result]:
    """What was asked and what came of it, for each year. Runs two queries."""
    return results_with(contracts, years, (), as_of=as_of)[0]


def results_by(
    contracts: Iterable[int],
    years: Iterable[int],
    divisions: Iterable[By],
    *,
    as_of: datetime | None = None,
) -> dict[By, list[Row]]:
    """The same, divided: the largest verified amount first, what belongs nowhere last.

    Runs the queries of `results_with`.
    """
    return _results(contracts, years, list(divisions), as_of)[1]


def results_with(
    contracts: Iterable[int],
    years: Iterable[int],
    divisions: Iterable[By],
    *,
    as_of: datetime | None = None,
) -> tuple[dict[int, Result], dict[By, list[Row]]]:
    """The result of each year, and its rows by each division.

    All of it comes out of one reading. Runs two queries, and one for the words of each division
    that tables of the database have them for.
    """
    return _results(contracts, years, [_WHOLE, *divisions], as_of)


def _results(
    contracts: Iterable[int],
    years: Iterable[int],
    wanted: Sequence[str],
    as_of: datetime | None,
) -> tuple[dict[int, Result], dict[By, list[Row]]]:
    ids, chosen = list(contracts), sorted(set(years))
    sums = {year: Result() for year in chosen}
    listing: dict[By, list[Row]] = {By(by): [] for by in wanted if by != _WHOLE}
    blocks = _blocks(ids) if ids else []
    for said, key, year, *figures in rows_by(ids, chosen, wanted, blocks=blocks, as_of=as_of):
        if said == _WHOLE:
            sums[year] = Result(*figures)
            continue
        by = By(said)
        result = _of_effort(by, figures)
        if key or not result.is_nothing:
            listing[by].append(Row(year, key, None, result))
    return sums, {by: _worded(rows, by, blocks) for by, rows in listing.items()}


def _worded(rows: Iterable[Row], by: By, blocks: Sequence[tuple[int, Block]]) -> list[Row]:
    """Rows with the words of their keys, in their order."""
    rows = list(rows)
    names = _labels({row.key for row in rows if row.key}, by, blocks)
    return sorted((replace(row, label=names.get(row.key)) for row in rows), key=_place)


def complete_until(
    contracts: Iterable[int], *, today: date, as_of: datetime | None = None
) -> Complete:
    """Until when everything that was handed in for these contracts was decided on."""
    with connection.cursor() as cursor:
        query = "SELECT * FROM telmee_waits_since(%s, %s)"
        cursor.execute(query, [as_array(contracts), as_of])
        since, waiting = cursor.fetchone() or (None, 0)
    return Complete(today if since is None else min(today, since - _DAY), int(waiting))


def in_blocks_of(contracts: Sequence[int], wanted: Callable[[Block], bool]) -> Q:
    """Lines of the blocks that are wanted, of every version that these were valued under."""
    return _in_blocks(
        (version, block.key) for version, block in _blocks(contracts) if wanted(block)
    )


def _within(day: date | None, region: str) -> QuerySet[RegionMembership, Any]:
    """The municipalities of a labour-market region on a day; of any region without its code."""
    there = RegionMembership.objects.filter(
        Q(until__isnull=True) | Q(until__gte=day), since__lte=day
    )
    return (there.filter(region_id=region) if region else there).values("municipality_id")


def _share(part: int, whole: int | None) -> int | None:
    """A part as a share of a whole, in basis points; None of nothing."""
    return part_bp(part, whole) if whole and whole > 0 else None


def rows_by(
    ids: Sequence[int],
    years: Sequence[int],
    divisions: Sequence[str],
    *,
    beside: By | Literal["sides"] | None = None,
    key: Callable[[Block, str], str] = lambda block, by: key_of(block, By(by)),
    blocks: Sequence[tuple[int, Block]] | None = None,
    as_of: datetime | None = None,
) -> list[tuple[Any, ...]]:
    """The rows of the database: division, key, year, and the figures of a `Result` in their order.

    `key` says in which row of a division a block stands; the whole is a division by nothing. With
    `beside` that of the contract stands before it, with a bar between; its sides are its client,
    its contractor and its regional teams, with a slash between. `blocks` are those of the
    contracts, where they are known.
    """
    if not ids or not years or not divisions:
        return []
    if blocks is None:
        blocks = _blocks(ids)
    of_effort = [by for by in divisions if by not in _OF_CONTRACTS]
    places = [
        (place, str(by), said)
        for place, (_, block) in enumerate(blocks, start=1)
        for by in of_effort
        if (said := key(block, by))
    ]
    params: list[Any] = [
        as_array(ids),
        min(years),
        max(years),
        as_of,
        [str(by) for by in divisions if by in _OF_CONTRACTS],
        [str(by) for by in of_effort],
        beside and str(beside),
        [version for version, _ in blocks],
        [block.key for _, block in blocks],
        [has_people(block) for _, block in blocks],
        [has_invoice(block) for _, block in blocks],
        *([one[at] for one in places] for at in range(3)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_RESULTS, params)
        return [row for row in cursor.fetchall() if row[2] in set(years)]


def _blocks(ids: Sequence[int]) -> list[tuple[int, Block]]:
    """The blocks of every version that lines of these contracts were valued under."""
    return [
        (pk, block)
        for pk, scheme in sorted(schemes_of(_versions(ids)).items())
        for block in scheme.blocks
    ]


def blocks_of(contracts: Sequence[int]) -> dict[tuple[int | None, str], Block]:
    """The blocks that lines of these contracts were valued under, by version and key."""
    return {(version, block.key): block for version, block in _blocks(contracts)}


@prepared
def _versions(contract_ids: Collection[int]) -> QuerySet[Any, int]:
    contracts = Contract.objects.filter(pk__in=listed(contract_ids)).order_by()
    amended = contracts.filter(amended__gt=0).values("pk")
    earlier = Receipt.objects.filter(contract_id__in=amended).order_by()
    return contracts.values_list("scheme_id", flat=True).union(
        earlier.values_list("scheme_id", flat=True)
    )


def _of_effort(by: By, figures: Sequence[int]) -> Result:
    """The figures of a row; what only a contract has says nothing of effort."""
    result = Result(*figures)
    if not by.is_of_effort:
        return result
    return replace(result, imposed_cents=None, waived_cents=None, contracts=0, value_cents=0)


def _place(row: Row) -> tuple[int, bool, int, str]:
    """Where a row stands: the largest first, what belongs nowhere last."""
    return row.year, not row.key, -row.result.verified_cents, row.key


def row_label(by: By, key: str) -> Text | None:
    """What one row of a division is called; None where no such row can be."""
    return _labels({key}, by, ()).get(key)


def _labels(keys: set[str], by: By, blocks: Iterable[tuple[int, Block]]) -> Mapping[str, Text]:
    if by is By.BLOCK:
        return {block.key: block.label for _, block in blocks if block.key in keys}
    if by is By.CATEGORY:
        return {key: _in_both_languages(Category(key)) for key in keys}
    if by is By.DIVISION:
        # Looked up one by one in the index: a pattern for all would be held against every code.
        whole = (Q(code__startswith=f"{key}000000-") for key in sorted(keys))
        names = CpvCode.objects.filter(reduce(or_, whole, Q(pk__in=[])))
        english = divisions_in_english()
        dutch = names.values_list("code", "description")
        return {code[:2]: Text(text, english[code]) for code, text in dutch}
    if by is By.REGION:
        regions = Region.objects.filter(pk__in=keys).values_list("pk", "name")
        return {code: Text(f"{name} ({code})") for code, name in regions}
    if by in (By.CLIENT, By.CONTRACTOR):
        organisations = Organisation.objects.filter(pk__in=list(map(int, keys)))
        return {str(pk): Text(name) for pk, name in organisations.values_list("pk", "name")}
    if by is By.CONTRACT:
        contracts = Contract.objects.filter(pk__in=listed(map(int, keys)))
        rows = contracts.values_list("pk", "reference", "name")
        return {str(pk): Text(f"{reference} {name}") for pk, reference, name in rows}
    known = {key: label_of(key, by) for key in keys}
    return {key: label for key, label in known.items() if label is not None}


def _in_both_languages(category: Category) -> Text:
    """The name of a kind of contract: what is kept of it is read in either language."""
    names = {}
    for language in LANGUAGES:
        with translation.override(language):
            names[language] = str(category.label)
    return Text(**names)


def _in_blocks(blocks: Iterable[tuple[int, str]]) -> Q:
    """Lines of these blocks; of a contract that was amended by the version of their receipt."""
    chosen = Q(pk__in=[])
    by_version: dict[int, list[str]] = {}
    for version, block in blocks:
        by_version.setdefault(version, []).append(block)
    for version, keys in by_version.items():
        now = Q(contract__amended=0, contract__scheme_id=version)
        then = Q(contract__amended__gt=0, receipt__scheme_id=version)
        chosen |= Q(block__in=keys) & (now | then)
    return chosen


def contracts_keyed(ids: list[int], year: int, by: By | None, key: str) -> list[int]:
    """The contracts among these of a row; all of them where rows are not told apart by contract."""
    if by is None or by.is_of_effort:
        return ids
    contracts = Contract.objects.filter(pk__in=listed(ids))
    if by is By.CONTRACT:
        contracts = contracts.filter(pk=int(key))
    elif by is By.CATEGORY:
        contracts = contracts.filter(category=key)
    elif by is By.DIVISION:
        contracts = (
            contracts.filter(cpv__code__startswith=key) if key else contracts.filter(cpv=None)
        )
    elif by is By.REGION:
        clients = Organisation.objects.filter(municipality__in=_within(date(year, 12, 31), key))
        own = Q(parties__role=PartyRole.CLIENT, parties__organisation__in=clients)
        within = contracts.filter(own)
        contracts = within if key else contracts.exclude(pk__in=within.values("pk"))
    else:
        role = PartyRole.CLIENT if by is By.CLIENT else PartyRole.CONTRACTOR
        contracts = contracts.filter(parties__role=role, parties__organisation_id=int(key or 0))
    return list(contracts.order_by().values_list("pk", flat=True))

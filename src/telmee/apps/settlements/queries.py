"""Read settlements: what the books come to now, each proposal with its state, each correction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from telmee.apps.agreements.choices import Kind, State
from telmee.apps.agreements.models import Answer, Version
from telmee.apps.agreements.queries import states_of
from telmee.apps.contracts.models import Amendment
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import waiting_lines
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.settlements.models import Statement
from telmee.core.errors import DomainError, Problem
from telmee.core.ledger import EntryKind, Position

_SUMS = ", ".join(f"{kind}_cents" for kind in EntryKind)


@dataclass(frozen=True, slots=True)
class Books:
    """What stands in the books of a contract now: where it stands, of how many entries.

    `hash` is made of the entries and their receipts: who agrees on a page, agrees with this.
    """

    position: Position
    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A settlement as it was proposed, what became of it, and the answer to it, if there is one."""

    version: Version
    statement: Statement
    state: State
    answer: Answer | None

    def is_silent(self, today: date) -> bool:
        """Whether its term is over without an answer. Nothing follows from that by itself."""
        due = self.statement.due_on
        return self.state is State.PROPOSED and due is not None and due < today


@dataclass(frozen=True, slots=True)
class PartToDecide:
    """A line for an initiative that waits on another contract, of which a part will come here.

    `cents` is that part as it is now; nothing where the rules give the line no amount.
    """

    line_id: int
    home_id: int
    pool: UUID
    organisation: str
    state: str
    cents: int | None


def books_now(contract_id: int) -> Books:
    """What stands in the books of a contract, for who may see them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT entries, hash, {_SUMS} FROM telmee_books(%s, NULL)",  # noqa: S608 - our names
            [contract_id],
        )
        entries, hash_, *sums = cursor.fetchone()
    position = {f"{kind}_cents": cents for kind, cents in zip(EntryKind, sums, strict=True)}
    return Books(Position(**position), entries, hash_)


def lines_to_decide(contract_id: int) -> list[Contribution]:
    """What has to be decided on before a contract is settled, the line that waits longest first.

    That is effort that was handed in, with a question, with a part to come, or with an objection.
    """
    return _lines_waiting(contract_id, date.max)


@prepared
def _lines_waiting(contract_id: int, day: date) -> QuerySet[Contribution]:
    lines = waiting_lines(day).filter(contract_id=contract_id).select_related("organisation")
    return lines.order_by("submitted_at", "pk")


def parts_to_decide(contract_id: int) -> list[PartToDecide]:
    """What has to be decided on other contracts before this one is settled, the oldest first.

    The lines may stand on contracts that somebody does not see. Runs one query.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_parts_to_decide(%s)", [contract_id])
        return [PartToDecide(*row) for row in cursor.fetchall()]


def hold_initiatives(contract_id: int) -> None:
    """Wait for who hands in or decides for an initiative of a contract, and let nobody else begin.

    Until the transaction ends `parts_to_decide` stays as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_hold_initiatives(%s)", [contract_id])


def proposals_of(contract_id: int) -> list[Proposal]:
    """Every settlement that was proposed on a contract, the latest first."""
    versions = _proposed(contract_id)
    agreements = {version.agreement_id for version in versions}
    states = {pk: state for one in agreements for pk, state in states_of(one).items()}
    return [
        Proposal(version, version.statement, states[version.pk], getattr(version, "answer", None))
        for version in versions
    ]


def is_amended_since(statement: Statement) -> bool:
    """Whether its contract was amended since: who agrees then agrees with another contract.

    An amendment may leave the books as they are, as another last day does of an agreed amount.
    """
    later = {"recorded_at__gt": statement.as_of}
    return Amendment.objects.filter(contract=statement.contract_id, **later).exists()


@prepared
def _proposed(contract_id: int) -> QuerySet[Version]:
    rows = Version.objects.filter(contract_id=contract_id, agreement__kind=Kind.SETTLEMENT)
    return rows.select_related("statement", "answer", "agreement").order_by("-id")


def settled_by(proposals: Iterable[Proposal]) -> Proposal | None:
    """The settlement that both sides agreed on, if they did."""
    return next((one for one in proposals if one.state is State.IN_FORCE), None)


def settled_on(contract_id: int) -> date:
    """The last day that a settlement is about: that of its contract, or an earlier one.

    Nothing of a contract that was settled before its end is booked on days after that.
    """
    agreed = settled_by(proposals_of(contract_id))
    if agreed is None or agreed.statement.closes_on is None:
        raise DomainError(Problem("settlement_missing"))
    return agreed.statement.closes_on


@prepared
def corrections_of(contract_id: int) -> QuerySet[Statement]:
    """What stood after each correction of a settlement, the latest first, with the correction."""
    statements = Statement.objects.filter(contract_id=contract_id, correction__isnull=False)
    return statements.select_related("correction").order_by("-correction__number")


def under_way(contract_ids: Iterable[int]) -> dict[int, Proposal]:
    """The settlements that wait for an answer, by the id of their contract. Runs one query."""
    return {
        one.contract_id: Proposal(one.version, one, State.PROPOSED, None)
        for one in _waiting(list(contract_ids))
        if one.version is not None
    }


@prepared
def _waiting(contract_ids: Collection[int]) -> QuerySet[Statement]:
    ids = listed(contract_ids)
    proposed = Version.objects.waiting().filter(contract_id__in=ids)
    waiting = Statement.objects.filter(contract_id__in=ids, version__in=proposed)
    return waiting.select_related("version")

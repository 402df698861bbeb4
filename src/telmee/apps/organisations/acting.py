"""For whom a request, a task or a command acts: the key to both locks.

The first lock is each app's `access`, which asks an `Acting`. The second is the database's own row
security: `acting_as` tells it who the user is for the length of a transaction, and it finds his
organisations and roles itself. A query outside it raises, so that nothing can be read by
forgetting to say who asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection, transaction

from telmee.apps.organisations.choices import Role

#: What the setting says for a visitor: no row has this id, and empty means "not told".
_NOBODY = 0
#: What it says for the system itself, when a rule or a job acts for no person. It belongs to no
#: organisation, so that it sees what anybody sees; its events bear no user.
SYSTEM = -1


class Own(NamedTuple):
    """An organisation that somebody acts for, as every page names it."""

    id: int
    name: str
    is_client: bool


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody, and the organisations that he acts for, each with his role there.

    `user_id` is `None` for a visitor who has not signed in.
    """

    user_id: int | None = None
    roles: Mapping[int, Role] = field(default_factory=dict)
    is_operator: bool = False
    #: His organisations of which not every contract is open to him: claimed and not confirmed for
    #: everything (see `Confirmation`), or he was given some of them alone.
    partly: frozenset[int] = frozenset()
    #: His organisations by name.
    own: tuple[Own, ...] = ()
    #: The clients, by name, of whose council he is a member. He does not act for these: he reads
    #: what they published.
    councils: tuple[Own, ...] = ()

    @property
    def organisations(self) -> tuple[int, ...]:
        """The ids of the organisations he acts for, in whatever role."""
        return tuple(self.roles)

    @property
    def working(self) -> frozenset[int]:
        """The organisations for which he may change something: not those he only reads."""
        return frozenset(org for org, role in self.roles.items() if role != Role.READER)

    @property
    def is_of_client(self) -> bool:
        """Whether one of his organisations is a client, so that pages for clients are of use."""
        return any(own.is_client for own in self.own)

    @property
    def clients(self) -> tuple[Own, ...]:
        """The clients, by name, for which he may change something."""
        return tuple(own for own in self.own if own.is_client and own.id in self.working)

    @property
    def is_only_of_council(self) -> bool:
        """Whether he is a member of a council and works for nobody."""
        return bool(self.councils) and not self.own

    def manages(self, organisation_id: int) -> bool:
        """Whether he may decide who else acts for an organisation."""
        return self.roles.get(organisation_id) == Role.MANAGER

    def is_of_council(self, organisation_id: int) -> bool:
        """Whether he is a member of the council of a client."""
        return any(one.id == organisation_id for one in self.councils)


@contextmanager
def acting_as(
    user_id: int | None, *, is_operator: bool = False, only_reads: bool = False
) -> Iterator[Acting]:
    """Open a transaction in which the database shows what this user may see.

    Where it `only_reads`, all of it is read as it was at one moment, whatever others write
    meanwhile, and the database refuses to write. Used once around a request
    (`telmee.web.middleware`) and around a task.
    """
    with transaction.atomic():
        if only_reads:
            _read_one_moment()
        yield _begin(user_id, is_operator=is_operator)


@contextmanager
def acting_as_system() -> Iterator[Acting]:
    """Open a transaction in which a rule or a job acts for no person."""
    with transaction.atomic():
        _tell_database(SYSTEM)
        yield Acting()


def seen_again(acting: Acting) -> Acting:
    """The same person with the roles of this moment, for what lasts longer than a request."""
    return _begin(acting.user_id, is_operator=acting.is_operator)


def show_invitation(token_hash: str) -> None:
    """Let the database show one invitation to who has its link, for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('telmee.invitation', %s, true)", [token_hash])


def _read_one_moment() -> None:
    """Let every query until the transaction ends see the same moment, and none of them write.

    Otherwise each sees what was there when it began. Which moment it is cannot be chosen any more
    inside a transaction that has read something, as around a test.
    """
    level = "" if connection.savepoint_ids else "ISOLATION LEVEL REPEATABLE READ, "
    with connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION {level}READ ONLY")


def _begin(user_id: int | None, *, is_operator: bool) -> Acting:
    """Set who asks for row security, and read his organisations as they are at this moment."""
    every = _tell_database(_NOBODY if user_id is None else user_id)
    rows = [row for row in every if row[1] != Role.COUNCIL]
    return Acting(
        user_id,
        {row[0]: Role(row[1]) for row in rows},
        is_operator,
        frozenset(row[0] for row in rows if row[2]),
        tuple(Own(row[0], row[3], row[4]) for row in rows),
        tuple(Own(row[0], row[3], row[4]) for row in every if row[1] == Role.COUNCIL),
    )


def _tell_database(user_id: int) -> list[tuple[int, str, bool, str, bool]]:
    """Set what row security reads until the transaction ends; gives the organisations he has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_begin(%s)", [user_id])
        return list(cursor.fetchall())

"""Who there is, and what a line of the table of addresses says of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.web.world import World

Parts = frozenset[str]
Data = Callable[[World], dict[str, Any]]

NOBODY: Parts = frozenset()
DECIDES = frozenset(("adviser", "second_adviser", "manager", "team"))
DELIVERS = frozenset(("contractor", "contractor_manager"))
SIDES = DECIDES | DELIVERS
SUB = frozenset(("subcontractor",))
OPERATOR = frozenset(("operator",))
MANAGER = frozenset(("manager",))
#: Who manages the people of the contractor, and of the one on the other contract.
ERASES = frozenset(("contractor_manager",))
COMPETITOR = frozenset(("competitor",))
COLLEAGUE = frozenset(("colleague",))
#: Who sees everything of the contract of Hilversum with De Eem, and who is on it at all.
SEES = DECIDES | DELIVERS | {"reader", "auditor"}
PARTIES = SEES | SUB
#: The parties of the other contract.
OTHERS = frozenset(("colleague", "competitor"))
EMPLOYED = PARTIES | OTHERS
#: A member of the council of Hilversum, who works for nobody.
COUNCIL = frozenset(("council",))
SIGNED_IN = EMPLOYED | OPERATOR | COUNCIL | {"outsider"}
EVERYBODY = SIGNED_IN | {"visitor"}
HILVERSUM = frozenset(("adviser", "second_adviser", "manager", "reader"))
CLIENTS = HILVERSUM | {"team", "colleague"}


def nothing(_world: World) -> dict[str, Any]:
    """No data."""
    return {}


@dataclass(frozen=True, slots=True)
class Case:
    """Who may ask for a page about one thing, and who may send to it.

    `ids` gives the parameters of the address by the names of the world. Without `post` the page
    takes no POST, and without `get` no GET. `does` are the parts for whom `data` changes something;
    all of `post`, unless it is said. `corrected` may use the page, and not with these data.
    `others` may reach the same thing of the other contract.
    """

    get: Parts | None
    post: Parts | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    data: Data = nothing
    does: Parts | None = None
    corrected: Parts = NOBODY
    others: Parts = OTHERS

    @property
    def changing(self) -> Parts:
        """The parts for whom sending changes something."""
        return (self.post or NOBODY) if self.does is None else self.does


def on_contract(get: Parts, post: Parts | None = None, **more: Any) -> Case:
    """A page about the contract."""
    return Case(get, post, {"pk": "contract"}, **more)


def key() -> str:
    """The key of a form of its own."""
    return str(uuid4())


def said(**more: Any) -> Data:
    """Data that are the same for everybody, with a key of their own each time."""
    return lambda _world: {"key": key(), **more}

"""The addresses of keeping in touch, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.days import typed_today
from tests.web.cases import (
    CLIENTS,
    COLLEAGUE,
    COMPETITOR,
    DECIDES,
    DELIVERS,
    MANAGER,
    NOBODY,
    SIDES,
    SIGNED_IN,
    SUB,
    Case,
    on_contract,
    said,
)
from tests.web.world import World

#: Who decides for Hilversum itself, whose contact person, conversation and task there are.
_OF_HILVERSUM = DECIDES - {"team"}
_CONTACT = {"name": "Noor Bakker", "email": "noor@example.org", "function": "", "phone": ""}
_TASK = {"text": "Bel over de stagiair", "due_on": "1-12-2026", "owner": ""}


def _talk(world: World) -> dict[str, Any]:
    facts = {"kind": "call", "text": "Alles loopt.", "readers": "team"}
    return said(**facts, held_on=typed_today())(world)


RELATIONS: Mapping[str, tuple[Case, ...]] = {
    "contract-contact": (on_contract(SIDES | {"reader"}),),
    "contract-timeline": (on_contract(SIDES | {"reader"}),),
    "contract-messages": (
        on_contract(SIDES | SUB | {"reader"}, SIDES, data=said(text="Wanneer komt u?")),
    ),
    "messages-read": (
        Case(
            None,
            SIDES | SUB | {"reader"},
            {"pk": "contract"},
            lambda world: {"bericht": world.own["message"]},
            does=(SIDES | {"reader"}) - {"adviser"},
        ),
    ),
    "line-message": (Case(None, SIDES, {"line_id": "submitted"}, said(text="Wanneer begon dit?")),),
    "message-withdraw": (
        Case(_OF_HILVERSUM, _OF_HILVERSUM, {"pk": "message"}, said(), others=COLLEAGUE),
    ),
    "contact-new": (on_contract(SIDES, SIDES, data=said(**_CONTACT)),),
    "contact-change": (
        Case(_OF_HILVERSUM, _OF_HILVERSUM, {"pk": "contact"}, said(**_CONTACT), others=COLLEAGUE),
    ),
    "contact-remove": (
        Case(_OF_HILVERSUM, _OF_HILVERSUM, {"pk": "contact"}, said(), others=COLLEAGUE),
    ),
    "nothing-to-report": (
        Case(
            None,
            DELIVERS,
            {"pk": "contract"},
            said(first="2026-01-01"),
            others=COMPETITOR,
            does=NOBODY,  # nobody asks for a report there
        ),
    ),
    "conversation-new": (on_contract(DECIDES, DECIDES, data=_talk),),
    "conversation-correct": (
        Case(
            _OF_HILVERSUM,
            _OF_HILVERSUM,
            {"pk": "conversation"},
            _talk,
            others=COLLEAGUE,
        ),
    ),
    "contract-task-new": (
        on_contract(
            DECIDES,
            _OF_HILVERSUM,
            data=lambda world: said(**{**_TASK, "owner": world.cast.adviser.pk})(world),
            corrected=frozenset(("team",)),
        ),
    ),
    "tasks": (Case(SIGNED_IN),),
    "today": (Case(CLIENTS),),
    "hand-over": (
        Case(DECIDES | COLLEAGUE, DECIDES | COLLEAGUE, data=said(contracts="1"), does=NOBODY),
    ),
    "absences": (
        Case(
            DECIDES | COLLEAGUE,
            frozenset(("adviser", "manager")),
            data=lambda world: said(
                user=world.cast.adviser.pk,
                replacement=world.cast.second_adviser.pk,
                first=typed_today(),
                last=typed_today(),
            )(world),
            corrected=frozenset(("second_adviser", "team", "colleague")),
        ),
    ),
    "absence-end": (
        Case(None, frozenset(("adviser", "manager")), {"pk": "absence"}, others=COLLEAGUE),
    ),
    "contact-terms": (
        Case(MANAGER, MANAGER, {"pk": "organisation"}, said(first_weeks="4"), others=COLLEAGUE),
    ),
    "task-new": (
        Case(
            DECIDES | COLLEAGUE,
            _OF_HILVERSUM,
            data=lambda world: said(**{**_TASK, "owner": world.cast.adviser.pk})(world),
            corrected=frozenset(("team", "colleague")),
        ),
    ),
    "task-change": (
        Case(
            _OF_HILVERSUM,
            _OF_HILVERSUM,
            {"pk": "task"},
            lambda world: said(**{**_TASK, "owner": world.cast.adviser.pk})(world),
            others=COLLEAGUE,
        ),
    ),
    "task-finish": (Case(None, _OF_HILVERSUM, {"pk": "task"}, said(done="1"), others=COLLEAGUE),),
}

"""The addresses of counterparties, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.web.cases import DECIDES, DELIVERS, EVERYBODY, NOBODY, SEES, SIGNED_IN, Case, said

_LINE = {"line_id": "submitted"}
_SIDES = DECIDES | DELIVERS
_YES = {"answer": "yes", "name": "Noor Bakker", "function": "Docent", "reason": ""}

COUNTERPARTIES: Mapping[str, tuple[Case, ...]] = {
    "counterparty-ask": (
        # Who only reads is sent back to the line, and is told that he may not ask.
        Case(SEES, _SIDES, _LINE, said(who="ROC", language="nl"), corrected=SEES - _SIDES),
    ),
    "counterparty-withdraw": (Case(None, SEES, {**_LINE, "link_id": "link"}, does=_SIDES),),
    "denial-review": (Case(None, DECIDES, {"line_id": "accepted", "answer_id": "denial"}),),
    "queue-denied": (Case(SIGNED_IN),),
    "counterparty-arrive": (Case(EVERYBODY, None, {"token": "token"}, others=EVERYBODY),),
    "counterparty-answer": (
        Case(NOBODY, NOBODY, {"handle": "token"}, said(**_YES), others=EVERYBODY),
    ),
}

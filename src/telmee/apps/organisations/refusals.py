"""What a rule of the database refuses, as the problem that people read of."""

from __future__ import annotations

import json
import re
from datetime import date

from django.db import DatabaseError

from telmee.core.errors import Param, Problem
from telmee.texts import facts_of

#: How a rule of the database begins what it says.
_REFUSED = re.compile(r"telmee: (\w+)$", re.MULTILINE)


def refusal_of(failure: Exception) -> Problem | None:
    """What the database refused, where it says so by the code of a problem with all of its facts.

    Of two who do something at the same moment the second may pass every look before, and is refused
    by the database alone. Any other failure of it is one of the program.
    """
    said = _REFUSED.match(str(failure)) if isinstance(failure, DatabaseError) else None
    if said is None:
        return None
    facts, needed = _facts(failure), facts_of(said[1])
    if needed is None or not needed <= facts.keys():
        return None
    return Problem(said[1], params=facts)


def _facts(failure: Exception) -> dict[str, Param]:
    """The facts that a rule of the database says beside the code: numbers, and days as in ISO."""
    detail = getattr(getattr(failure.__cause__, "diag", None), "message_detail", None) or ""
    if not detail.startswith("{"):
        return {}
    facts = json.loads(detail).items()
    return {name: date.fromisoformat(v) if isinstance(v, str) else v for name, v in facts}

"""What keeps a line for an initiative from being divided over the contracts that take part.

A decision on such a line gives each contract its part, or is refused. Who hands one in hears it at
that moment, and not when somebody decides: on a contract that was settled nothing comes any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection

from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.turns import wait_for_turn
from telmee.core.errors import Problem


def partner_problems(lines: Iterable[Contribution]) -> Mapping[int, list[Problem]]:
    """Whose contract was closed to the part of a line that it would get, by the id of the line.

    Nobody settles a contract of these initiatives until the transaction ends. Runs one query, and
    none where no line is for an initiative.
    """
    divided = {line.pk: line.pool for line in lines if line.pool is not None}
    problems: dict[int, list[Problem]] = defaultdict(list)
    if not divided:
        return problems
    wait_for_turn(*sorted({f"telmee.initiative {pool}" for pool in divided.values()}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_closed_parts(%s)", [list(divided)])
        for line_id, organisation in cursor.fetchall():
            params = {"organisation": organisation}
            problems[line_id].append(Problem("initiative_part_closed", params=params))
    return problems

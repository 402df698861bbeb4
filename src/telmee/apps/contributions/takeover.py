"""What a takeover of a contract means for effort: which days are whose.

Who carried the contract out still hands in effort for the days that were his. What he handed in
stays with him, also where a takeover is recorded back in time over it (docs/decisions/0029).
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.db.models.functions import Coalesce

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.amending import Planned
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.core.errors import Problem
from telmee.core.ledger import carriers_of, formers_of
from telmee.core.tables.contribution_columns import END


def takeover_problems(
    access: ContractAccess, organisation_id: int, begin: date | None, end: date | None
) -> list[Problem]:
    """Why who carried the contract out before cannot hand in effort with these days."""
    since, last = access.formers.get(organisation_id), end or begin
    if since is None or last is None or last < since:
        return []
    return [Problem("line_after_takeover", END, params={"day": since})]


def lines_that_stay(access: ContractAccess, planned: Planned) -> list[Contribution]:
    """The lines for days on which, after a takeover, another carries the contract out.

    They stay with who delivered them. Runs one query.
    """
    formers = formers_of(carriers_of(planned.chain))
    if not formers:
        return []
    after = Q()
    for organisation_id, since in formers.items():
        after |= Q(organisation=organisation_id, last__gte=since)
    lines = on_contract(access).exclude(state__in=(State.DRAFT, State.WITHDRAWN))
    lines = lines.annotate(last=Coalesce("end", "begin")).filter(after)
    return list(lines.select_related("organisation").order_by("begin", "pk"))

"""What a decision writes in the books: what it counts in each year, in place of what stood."""

from __future__ import annotations

from datetime import date
from uuid import uuid5

from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.dividing import parts_around
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.queries import decisions_on
from telmee.apps.ledger.actions import post, reverse
from telmee.apps.ledger.queries import standing_entries
from telmee.apps.receipts.queries import years_of
from telmee.core.ledger import EntryKind, InYear
from telmee.core.tables.contribution_columns import BEGIN, END


def book(
    access: ContractAccess, line: Contribution, decision: Decision, organisation_id: int
) -> None:
    """Take back what an earlier decision booked, and post what this one counts.

    A decision that goes on where one on a part stopped takes nothing back. Of a line for an
    initiative the parts on other contracts follow.
    """
    replaces = decision.number > 1 and not decision.before_cents
    years = _years(decision, line)
    with parts_around(access, line, decision, years, replaces=replaces):
        for standing in standing_entries(contribution_id=line.pk) if replaces else ():
            reverse(
                access.acting,
                standing.pk,
                organisation_id=organisation_id,
                reason=decision.text,
            )
        for year in years:
            post(
                access.acting,
                organisation_id=organisation_id,
                contract_id=line.contract_id,
                kind=EntryKind.REALISED,
                amount_cents=year.cents,
                effective_on=year.day,
                key=uuid5(decision.key, f"realised {year.day.year}"),
                reason=decision.text,
                contribution_id=line.pk,
                decision_id=decision.pk,
                receipt=decision.receipt,
            )


def _years(decision: Decision, line: Contribution) -> list[InYear]:
    """What a decision counts in each year: by the days of its receipt, after those of parts before.

    What has no days counts on the one that was filled in, or else on which it was handed in.
    """
    receipt = decision.receipt
    if receipt is None:
        return []
    last = receipt.inputs.get(END) or receipt.inputs.get(BEGIN)
    day = date.fromisoformat(last) if last else timezone.localdate(line.submitted_at)
    after = None
    if decision.before_cents:
        after = decisions_on(line)[1].until
    return years_of(receipt, otherwise=day, after=after, until=decision.until)

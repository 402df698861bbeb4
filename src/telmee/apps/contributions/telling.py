"""Notices about lines: one for each deed, however many lines it was about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.telling import deciding_parties, tell_some, who_looks_after
from telmee.apps.contributions.models import Contribution


def tell_of_handing_in(access: ContractAccess, rows: Sequence[Contribution], by: int) -> None:
    """Write to who looks after a contract that lines of an organisation wait for a decision.

    A line that is handed in again, after it was taken back, is told again.
    """
    if rows:
        first = min(rows, key=lambda row: row.pk)
        tell_of_lines(
            access,
            rows,
            "lines_handed_in",
            event=f"line {first.pk} {first.submitted_at}",
            to=deciding_parties(access),
            people=who_looks_after(access.contract.pk),
            by=by,
            listed="?state=submitted",
        )


def tell_of_lines(
    access: ContractAccess,
    rows: Sequence[Contribution],
    code: str,
    *,
    event: str,
    to: Iterable[int],
    people: Collection[int],
    by: int,
    listed: str,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write one notice of a deed of an organisation on lines of a contract.

    It names a line where it is one, and else says how many; of several mails in one digest
    (`telmee.apps.notices.wording`) it is the sum, and the link goes to the list, as `listed`.
    """
    every = reverse("contract-contributions", args=[access.contract.pk]) + listed
    one = rows[0] if len(rows) == 1 else None
    known = {
        "by": access.name_of(by),
        "count": len(rows),
        "line": one.reference if one is not None else "",
        "list_url": settings.SITE_URL + every,
    }
    if one is None:
        known["url"] = known["list_url"]
    tell_some(
        access,
        to,
        code,
        event=event,
        page="contribution" if one is not None else "contract-contributions",
        args=(one.pk,) if one is not None else None,
        people=people,
        facts={**known, **(facts or {})},
    )

"""What is done with a line of effort, in the journal."""

from __future__ import annotations

from collections.abc import Mapping

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.models import Contribution


def record_on_line(
    access: ContractAccess,
    verb: str,
    line: Contribution,
    organisation_id: int,
    *,
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Write what was done with a line in the journal of its contract, by one of its parties."""
    record(
        access.acting,
        verb,
        line,
        organisation_id=organisation_id,
        contract_id=line.contract_id,
        reason=reason,
        details=details,
    )

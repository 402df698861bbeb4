"""Receipts only grow, and are seen by who sees the contract or delivered the effort."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ME,
    ORGANISATIONS,
    WORKING,
    contracts_as,
    contracts_worked_as,
    only_grows,
    protect,
    stamped,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "consortium", "subcontractor", "auditor"
)
_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_DECIDING = contracts_worked_as("client", "regional_team")
_DELIVERING = contracts_worked_as("contractor", "consortium", "subcontractor")
_OWN = f"organisation_id = {ORGANISATIONS}"
_DELIVERED = f"organisation_id = {WORKING} AND contract_id IN {_DELIVERING}"


class Migration(migrations.Migration):
    """Who acts on a figure keeps it: who delivers his own, who decides any of the contract."""

    dependencies = [("receipts", "0001_initial"), ("contracts", "0002_access")]

    operations = [
        only_grows("receipts_receipt"),
        protect(
            "receipts_receipt",
            read=f"contract_id IN {_SEEING} OR ({_OWN} AND contract_id IN {_ALL})",
            # Only who decides names an amount, in his own name.
            insert=f"(contract_id IN {_DECIDING} AND coalesce(named_by, {ME}) = {ME})"
            f" OR ({_DELIVERED} AND kind IN ('contribution', 'plan') AND named_by IS NULL)",
        ),
        stamped("receipts_receipt", "kept_at"),
    ]

"""Contributions keep their own rules, and who may see and write them."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ORGANISATIONS,
    contracts_as,
    protect,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "consortium", "subcontractor", "auditor"
)
_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_DECIDING = contracts_as("client", "regional_team")
_DELIVERING = contracts_as("contractor", "consortium", "subcontractor")
_OWN = f"organisation_id = {ORGANISATIONS}"
_DELIVERED = f"{_OWN} AND contract_id IN {_DELIVERING}"
#: Row security of the contribution itself decides on what hangs on it.
_WITH_ITS_LINE = (
    f"contract_id IN {_ALL} AND EXISTS (SELECT 1 FROM contributions_contribution c "
    "WHERE c.id = contribution_id)"
)
#: Proof goes with a draft that is thrown away; what was handed in keeps it. Only the draft's own
#: organisation sees it here.
_OF_A_DRAFT = (
    "EXISTS (SELECT 1 FROM contributions_contribution c "
    "WHERE c.id = contribution_id AND c.state = 'draft')"
)

_TRIGGERS = """
CREATE FUNCTION telmee_guard_contribution() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'telmee: only a draft can be removed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.contract_id, OLD.organisation_id)
            IS DISTINCT FROM (NEW.contract_id, NEW.organisation_id)
        OR (OLD.state <> 'draft' AND
            (OLD.reference, OLD.block, OLD."begin", OLD."end", OLD.weekly_hours, OLD.hours,
             OLD.amount_cents, OLD."count", OLD.bonuses, OLD.person_id, OLD.certificate,
             OLD.certificate_until, OLD.full_time_hours, OLD.value_cents, OLD.value_status)
            IS DISTINCT FROM
            (NEW.reference, NEW.block, NEW."begin", NEW."end", NEW.weekly_hours, NEW.hours,
             NEW.amount_cents, NEW."count", NEW.bonuses, NEW.person_id, NEW.certificate,
             NEW.certificate_until, NEW.full_time_hours, NEW.value_cents, NEW.value_status))
        OR ('draft' NOT IN (OLD.state, NEW.state)
            AND OLD.receipt_id IS DISTINCT FROM NEW.receipt_id) THEN
        RAISE EXCEPTION 'telmee: what was handed in does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_contribution BEFORE UPDATE OR DELETE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_contribution();
"""
_NO_TRIGGERS = """
DROP TRIGGER guard_contribution ON contributions_contribution;
DROP FUNCTION telmee_guard_contribution();
"""


class Migration(migrations.Migration):
    """A draft is its maker's; what was handed in is both parties' and stays as it was."""

    dependencies = [("contributions", "0001_initial"), ("people", "0001_initial")]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        protect(
            "contributions_contribution",
            read=f"(contract_id IN {_SEEING} AND state <> 'draft') "
            f"OR ({_OWN} AND contract_id IN {_ALL})",
            insert=f"{_DELIVERED} AND state = 'draft'",
            update=f"({_DELIVERED}) OR (contract_id IN {_DECIDING} AND state <> 'draft')",
            delete=_DELIVERED,
        ),
        protect(
            "people_person",
            # The other side knows a person by the lines that it may see.
            read=f"{_OWN} OR EXISTS (SELECT 1 FROM contributions_contribution c "
            "WHERE c.person_id = people_person.id)",
            insert=_OWN,
            update=_OWN,
        ),
        protect("contributions_upload", read=_OWN, insert=_DELIVERED, update=_DELIVERED),
        protect(
            "contributions_evidence",
            read=_WITH_ITS_LINE,
            insert=_DELIVERED,
            update=_DELIVERED,
            delete=f"contract_id IN {_DELIVERING} AND {_OF_A_DRAFT}",
        ),
        protect(
            "contributions_sighting",
            read=_WITH_ITS_LINE,
            insert=f"{_OWN} AND (contract_id IN {_DELIVERING} OR contract_id IN {_DECIDING})",
            delete=f"contract_id IN {_DELIVERING} AND {_OF_A_DRAFT}",
        ),
    ]

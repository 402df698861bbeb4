"""Contributions keep their own rules, and who may see and write them."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ORGANISATIONS,
    contracts_as,
    only_grows,
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
CREATE FUNCTION telmee_guard_contribution() RETURNS trigger LANGUAGE plpgsql AS $$
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
             OLD.amount_cents, OLD."count", OLD.bonuses, OLD.person, OLD.certificate,
             OLD.certificate_until, OLD.full_time_hours, OLD.value_cents, OLD.value_status,
             OLD.receipt)
            IS DISTINCT FROM
            (NEW.reference, NEW.block, NEW."begin", NEW."end", NEW.weekly_hours, NEW.hours,
             NEW.amount_cents, NEW."count", NEW.bonuses, NEW.person, NEW.certificate,
             NEW.certificate_until, NEW.full_time_hours, NEW.value_cents, NEW.value_status,
             NEW.receipt)) THEN
        RAISE EXCEPTION 'telmee: what was handed in does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state IN ('accepted', 'adjusted', 'rejected') AND NEW.state <> OLD.state
        AND NEW.state IS DISTINCT FROM (
            SELECT outcome FROM contributions_decision
            WHERE contribution_id = NEW.id ORDER BY number DESC LIMIT 1) THEN
        RAISE EXCEPTION 'telmee: a state that nobody decided' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_match_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM contributions_decision
        WHERE id = NEW.decision_id AND contribution_id = NEW.contribution_id
          AND contract_id = NEW.contract_id AND amount_cents = abs(NEW.amount_cents)
    ) THEN
        RAISE EXCEPTION 'telmee: ledger_decision_differs' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_contribution BEFORE UPDATE OR DELETE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_contribution();
CREATE TRIGGER match_decision BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'realised') EXECUTE FUNCTION telmee_match_decision();
"""
_NO_TRIGGERS = """
DROP TRIGGER match_decision ON ledger_entry;
DROP TRIGGER guard_contribution ON contributions_contribution;
DROP FUNCTION telmee_match_decision();
DROP FUNCTION telmee_guard_contribution();
"""


class Migration(migrations.Migration):
    """A draft is its maker's; what was handed in is both parties' and stays as it was."""

    dependencies = [("contributions", "0001_initial"), ("ledger", "0002_books")]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        only_grows("contributions_decision"),
        protect(
            "contributions_contribution",
            read=f"(contract_id IN {_SEEING} AND state <> 'draft') "
            f"OR ({_OWN} AND contract_id IN {_ALL})",
            insert=f"{_DELIVERED} AND state = 'draft'",
            update=f"({_DELIVERED}) OR (contract_id IN {_DECIDING} AND state <> 'draft')",
            delete=_DELIVERED,
        ),
        protect(
            "contributions_decision",
            # Who sees the whole contract need not be asked line by line.
            read=f"contract_id IN {_SEEING} OR ({_WITH_ITS_LINE})",
            insert=f"contract_id IN {_DECIDING}",
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

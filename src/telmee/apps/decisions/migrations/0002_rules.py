"""A line follows its decisions, the books follow them too, and who may see and write them."""

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
#: Row security of the contribution itself decides on what hangs on it. Who sees the whole contract
#: need not be asked line by line.
_WITH_ITS_LINE = (
    f"contract_id IN {_SEEING} OR (contract_id IN {_ALL} AND EXISTS "
    "(SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id))"
)

_TRIGGERS = """
CREATE FUNCTION telmee_follow_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE latest decisions_decision;
BEGIN
    SELECT * INTO latest FROM decisions_decision
    WHERE contribution_id = NEW.id ORDER BY number DESC LIMIT 1;
    IF NEW.state IN ('accepted', 'adjusted', 'rejected') AND NEW.state <> OLD.state
        AND NEW.state IS DISTINCT FROM latest.outcome THEN
        RAISE EXCEPTION 'telmee: a state that nobody decided' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decided_id IS DISTINCT FROM latest.receipt_id THEN
        RAISE EXCEPTION 'telmee: a figure that nobody decided' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_match_receipt() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.receipt_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM receipts_receipt
        WHERE id = NEW.receipt_id AND contract_id = NEW.contract_id
          AND coalesce(named_cents, cents) = NEW.amount_cents
    ) THEN
        RAISE EXCEPTION 'telmee: an amount unlike its receipt' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_match_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM decisions_decision
        WHERE id = NEW.decision_id AND contribution_id = NEW.contribution_id
          AND contract_id = NEW.contract_id AND amount_cents = abs(NEW.amount_cents)
          AND receipt_id = NEW.receipt_id
    ) THEN
        RAISE EXCEPTION 'telmee: ledger_decision_differs' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER follow_decision BEFORE UPDATE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION telmee_follow_decision();
CREATE TRIGGER match_receipt BEFORE INSERT ON decisions_decision
    FOR EACH ROW EXECUTE FUNCTION telmee_match_receipt();
CREATE TRIGGER match_decision BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'realised') EXECUTE FUNCTION telmee_match_decision();
"""
_NO_TRIGGERS = """
DROP TRIGGER match_decision ON ledger_entry;
DROP TRIGGER match_receipt ON decisions_decision;
DROP TRIGGER follow_decision ON contributions_contribution;
DROP FUNCTION telmee_match_decision();
DROP FUNCTION telmee_match_receipt();
DROP FUNCTION telmee_follow_decision();
"""


class Migration(migrations.Migration):
    """Decisions and objections only grow."""

    dependencies = [
        ("decisions", "0001_initial"),
        ("contributions", "0002_rules"),
        ("ledger", "0002_books"),
        ("receipts", "0002_access"),
    ]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        only_grows("decisions_decision"),
        only_grows("decisions_objection"),
        protect("decisions_decision", read=_WITH_ITS_LINE, insert=f"contract_id IN {_DECIDING}"),
        protect(
            "decisions_objection",
            read=_WITH_ITS_LINE,
            insert=f"{_OWN} AND contract_id IN {_DELIVERING}",
        ),
    ]

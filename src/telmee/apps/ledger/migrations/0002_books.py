"""The books keep their own rules: entries only grow, mirrors are exact, balances follow."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ME,
    contracts_as,
    names_nobody,
    only_grows,
    only_while_open,
    protect,
)

_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")

# The lock makes postings on one contract wait for each other, so that two that look at the same
# moment whether something was posted cannot both find that it was not. The owner may load entries
# with the moment at which they were booked elsewhere; the application cannot choose it.
_TRIGGERS = """
CREATE FUNCTION telmee_check_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE original ledger_entry;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.ledger', NEW.contract_id));
    IF NOT telmee_owner_acts() THEN
        -- Not when the transaction began: who waited for the lock above is booked after who had it.
        -- And never before what stands there, though the clock be set back.
        NEW.booked_at := greatest(clock_timestamp(), (
            SELECT max(booked_at) FROM ledger_entry WHERE contract_id = NEW.contract_id));
    END IF;
    IF (SELECT form FROM contracts_contract WHERE id = NEW.contract_id) = 'framework' THEN
        RAISE EXCEPTION 'telmee: ledger_framework_has_entries' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reverses_id IS NOT NULL THEN
        SELECT * INTO original FROM ledger_entry WHERE id = NEW.reverses_id;
        IF original.id IS NULL OR original.reverses_id IS NOT NULL
            OR (NEW.contract_id, NEW.kind, NEW.effective_on, NEW.amount_cents)
                IS DISTINCT FROM (original.contract_id, original.kind, original.effective_on,
                                  -original.amount_cents)
            OR (NEW.contribution_id, NEW.decision_id)
                IS DISTINCT FROM (original.contribution_id, original.decision_id) THEN
            RAISE EXCEPTION 'telmee: ledger_reversal_differs' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- What an entry or a movement adds to: who delivered, and the year it belongs to; and its line.
CREATE FUNCTION telmee_keep_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'ledger_entry' THEN
        INSERT INTO ledger_balance AS b (contract_id, organisation_id, year, kind, cents)
        SELECT e.contract_id, c.organisation_id, extract(year FROM e.effective_on), e.kind,
               sum(e.amount_cents)
        FROM changed e LEFT JOIN contributions_contribution c ON c.id = e.contribution_id
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 3, 2
        ON CONFLICT (contract_id, kind, year, organisation_id)
            DO UPDATE SET cents = b.cents + excluded.cents;
        INSERT INTO ledger_linebalance AS b (contract_id, year, contribution_id, verified_cents)
        SELECT contract_id, extract(year FROM effective_on), contribution_id, sum(amount_cents)
        FROM changed WHERE kind = 'realised' AND contribution_id IS NOT NULL
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (contract_id, year, contribution_id)
            DO UPDATE SET verified_cents = b.verified_cents + excluded.verified_cents;
    ELSE
        INSERT INTO ledger_balance AS b (contract_id, organisation_id, year, kind, cents)
        SELECT contract_id, organisation_id, extract(year FROM effective_on), kind, sum(cents)
        FROM changed GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 3, 2
        ON CONFLICT (contract_id, kind, year, organisation_id)
            DO UPDATE SET cents = b.cents + excluded.cents;
        INSERT INTO ledger_linebalance AS b
            (contract_id, year, contribution_id, delivered_cents, undecided_cents)
        SELECT contract_id, extract(year FROM effective_on), contribution_id,
               sum(CASE kind WHEN 'delivered' THEN cents ELSE 0 END),
               sum(CASE kind WHEN 'undecided' THEN cents ELSE 0 END)
        FROM changed WHERE contribution_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (contract_id, year, contribution_id) DO UPDATE SET
            delivered_cents = b.delivered_cents + excluded.delivered_cents,
            undecided_cents = b.undecided_cents + excluded.undecided_cents;
    END IF;
    RETURN NULL;
END $$;

-- What lines came to from nothing: the sum of their entries and movements until a moment, on some
-- contracts and between two days. To load, to compare with, and to tell of an earlier moment.
CREATE FUNCTION telmee_line_balances(
    contracts bigint[], as_of timestamptz, first date, last date
) RETURNS TABLE (contract_id bigint, year smallint, contribution_id bigint, delivered_cents bigint,
                 undecided_cents bigint, verified_cents bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT contract_id, extract(year FROM day)::smallint, contribution_id,
           sum(CASE kind WHEN 'delivered' THEN cents ELSE 0 END)::bigint,
           sum(CASE kind WHEN 'undecided' THEN cents ELSE 0 END)::bigint,
           sum(CASE kind WHEN 'realised' THEN cents ELSE 0 END)::bigint
    FROM (
        SELECT contract_id, contribution_id, kind, cents, effective_on AS day FROM ledger_movement
        WHERE contribution_id IS NOT NULL AND contract_id = ANY (contracts) AND moved_at <= as_of
        UNION ALL
        SELECT contract_id, contribution_id, kind, amount_cents, effective_on FROM ledger_entry
        WHERE kind = 'realised' AND contribution_id IS NOT NULL
          AND contract_id = ANY (contracts) AND booked_at <= as_of
    ) part WHERE day BETWEEN first AND last GROUP BY 1, 2, 3
$$;

-- What a contractor says of one line of his effort, and what of it waits for a decision: all of it,
-- or what a decision on a part left.
CREATE FUNCTION telmee_claimed(state text, value bigint, rest bigint)
RETURNS TABLE (kind text, cents bigint)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'delivered', value WHERE value <> 0
        AND state IN ('submitted', 'asked', 'partly', 'accepted', 'adjusted', 'rejected',
                      'objection')
    UNION ALL
    SELECT 'undecided', value WHERE value <> 0 AND state IN ('submitted', 'asked')
    UNION ALL
    SELECT 'undecided', rest WHERE rest <> 0 AND state IN ('partly', 'objection')
$$;

CREATE FUNCTION telmee_match_obligation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND coalesce(NEW.obligation_cents, 0) <> coalesce((
        SELECT sum(CASE kind WHEN 'reduced' THEN -cents ELSE cents END) FROM ledger_balance
        WHERE contract_id = NEW.id AND kind IN ('obligation', 'reduced')), 0) THEN
        RAISE EXCEPTION 'telmee: an obligation that was not booked'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Surplus that moves leaves one contract and comes to another on the same day, so that every year
-- comes to zero, and goes back the same way.
CREATE FUNCTION telmee_require_both_halves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND (NEW.transfer IS NULL OR NOT (
            SELECT count(DISTINCT contract_id) = 2 AND count(DISTINCT effective_on) = 1 AND 0 = sum(
                CASE kind WHEN 'carried_out' THEN -amount_cents ELSE amount_cents END)
            FROM ledger_entry WHERE transfer = NEW.transfer)) THEN
        RAISE EXCEPTION 'telmee: ledger_transfer_one_sided' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER both_halves AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind IN ('carried_in', 'carried_out', 'pooled'))
    EXECUTE FUNCTION telmee_require_both_halves();
CREATE TRIGGER match_obligation BEFORE UPDATE OF obligation_cents ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION telmee_match_obligation();
CREATE TRIGGER check_entry BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION telmee_check_entry();
CREATE TRIGGER keep_balances AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION telmee_keep_balances();
CREATE TRIGGER keep_balances AFTER INSERT ON ledger_movement
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION telmee_keep_balances();
"""
_NO_TRIGGERS = """
DROP TRIGGER both_halves ON ledger_entry;
DROP FUNCTION telmee_require_both_halves();
DROP TRIGGER match_obligation ON contracts_contract;
DROP FUNCTION telmee_match_obligation();
DROP TRIGGER keep_balances ON ledger_movement;
DROP TRIGGER keep_balances ON ledger_entry;
DROP TRIGGER check_entry ON ledger_entry;
DROP FUNCTION telmee_claimed(text, bigint, bigint);
DROP FUNCTION telmee_line_balances(bigint[], timestamptz, date, date);
DROP FUNCTION telmee_keep_balances();
DROP FUNCTION telmee_check_entry();
"""


class Migration(migrations.Migration):
    """Rules that hold for every role, and who may read and post."""

    dependencies = [("ledger", "0001_initial"), ("contracts", "0002_access")]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        only_grows("ledger_entry"),
        names_nobody("ledger_entry", "reason"),
        protect(
            "ledger_entry",
            read=f"contract_id IN {_SEEING}",
            insert=f"user_id = {ME}"
            " AND telmee_acts_as(contract_id, organisation_id, '{client,regional_team}')",
        ),
        # Of every kind: what has to be settled after all asks for opening the contract again.
        only_while_open("ledger_entry", "INSERT"),
        only_grows("ledger_movement"),
        protect("ledger_movement", read=f"contract_id IN {_SEEING}"),
        protect("ledger_balance", read=f"contract_id IN {_SEEING}"),
        # Which lines of a contract somebody sees, a line says itself: functions tell of these.
        protect("ledger_linebalance", read="false"),
    ]

"""No step without its role, no second person who is the first, and no fine past the ladder."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    ORGANISATIONS,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_grows,
    only_while_open,
    protect,
    stamped,
)

_DECIDING = contracts_as("client", "regional_team", "auditor")
_CARRYING = contracts_as("contractor", "consortium")
_WORKING = contracts_worked_as("client", "regional_team")
_ROLES = "'{client,regional_team}'"
#: Who carries a contract out sees a step from the day on which it counts, and what came of it.
_SEEN = (
    f"contract_id IN {_DECIDING} OR (contract_id IN {_CARRYING} AND telmee_step_counted(__STEP__))"
)
_OF_STEP = _SEEN.replace("__STEP__", "step_id")
_INSERT = f"user_id = {ME} AND telmee_acts_as(contract_id, organisation_id, {_ROLES})"

_RULES = """
-- The clients of the contracts that somebody sees: their ladders are no secret to either side.
CREATE FUNCTION telmee_clients_seen() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT c.organisation_id), '{}')
    FROM contracts_openparty mine JOIN contracts_party c USING (contract_id)
    WHERE c.role = 'client' AND mine.role IN ('client', 'regional_team', 'auditor', 'contractor',
                                              'consortium')
      AND mine.organisation_id = ANY ((SELECT telmee_organisations())::bigint[])
$$;

-- Whether a step was ever decided by all whom it needs, whatever became of it since.
CREATE FUNCTION telmee_step_counted(step bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM enforcement_step s
        LEFT JOIN enforcement_confirmation c ON c.step_id = s.id
        WHERE s.id = step AND (NOT s.needs_second OR c.agrees))
$$;

-- The ladder that holds on a contract: the latest version of its client.
CREATE FUNCTION telmee_ladder_of(contract bigint) RETURNS enforcement_ladder
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT l FROM enforcement_ladder l
    JOIN contracts_party p ON p.organisation_id = l.organisation_id AND p.role = 'client'
    WHERE p.contract_id = contract ORDER BY l.number DESC LIMIT 1
$$;

CREATE FUNCTION telmee_rung_of(ladder enforcement_ladder, kind text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT rung FROM jsonb_array_elements((ladder).steps) rung WHERE rung ->> 'step' = kind
$$;

CREATE FUNCTION telmee_begin_ladder() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.ladders', NEW.organisation_id));
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM enforcement_ladder
            WHERE organisation_id = NEW.organisation_id), 0);
        NEW.set_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- A step is one of the ladder that holds, by who may take it; whether another person is needed
-- follows from the ladder, not from who decides. One at a time waits for such a person.
CREATE FUNCTION telmee_begin_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    its enforcement_ladder;
    rung jsonb;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.steps', NEW.contract_id));
    its := telmee_ladder_of(NEW.contract_id);
    rung := telmee_rung_of(its, NEW.kind);
    IF its.id IS DISTINCT FROM NEW.ladder_id OR NOT its.is_on OR rung IS NULL
        OR NEW."on" > (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date
        OR ((rung ->> 'by_manager')::boolean
            AND NOT NEW.organisation_id = ANY (telmee_managed())) THEN
        RAISE EXCEPTION 'telmee: a step that is not his to take' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM enforcement_step s
               WHERE s.contract_id = NEW.contract_id AND s.needs_second
                 AND NOT EXISTS (SELECT 1 FROM enforcement_confirmation WHERE step_id = s.id)
                 AND NOT EXISTS (SELECT 1 FROM enforcement_withdrawal WHERE step_id = s.id)) THEN
        RAISE EXCEPTION 'telmee: a step waits for a second person'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.number := 1 + coalesce((
        SELECT max(number) FROM enforcement_step WHERE contract_id = NEW.contract_id), 0);
    NEW.days := (rung ->> 'days')::integer;
    NEW.needs_second := coalesce(
        coalesce(NEW.amount_cents, NEW.behind_cents) >= (rung ->> 'second_from_cents')::bigint,
        false);
    NEW.decided_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_begin_confirmation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    its enforcement_step;
    rung jsonb;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO its FROM enforcement_step WHERE id = NEW.step_id FOR UPDATE;
    SELECT telmee_rung_of(l, its.kind) INTO rung
    FROM enforcement_ladder l WHERE l.id = its.ladder_id;
    IF its.contract_id IS DISTINCT FROM NEW.contract_id OR NOT its.needs_second
        OR its.user_id IS NOT DISTINCT FROM NEW.user_id
        OR NEW."on" > (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date
        OR NEW."on" < its."on"
        OR EXISTS (SELECT 1 FROM enforcement_withdrawal WHERE step_id = its.id)
        OR ((rung ->> 'by_manager')::boolean
            AND NOT NEW.organisation_id = ANY (telmee_managed())) THEN
        RAISE EXCEPTION 'telmee: not the second person of this step'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.said_at := clock_timestamp();
    RETURN NEW;
END $$;

-- What is said of a step is said on the contract of that step.
CREATE FUNCTION telmee_guard_of_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND NOT EXISTS (
            SELECT 1 FROM enforcement_step
            WHERE id = NEW.step_id AND contract_id = NEW.contract_id) THEN
        RAISE EXCEPTION 'telmee: a step of another contract' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- A notice of default is not taken back from under a fine that rests on it: the last one before it.
CREATE FUNCTION telmee_guard_withdrawal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.steps', NEW.contract_id));
    IF EXISTS (
            WITH held AS (
                SELECT s.id, s.kind, s.number FROM enforcement_step s
                WHERE s.contract_id = NEW.contract_id AND telmee_step_counted(s.id)
                  AND NOT EXISTS (SELECT 1 FROM enforcement_withdrawal WHERE step_id = s.id))
            SELECT 1 FROM held fine WHERE fine.kind = 'penalty' AND NEW.step_id = (
                SELECT id FROM held WHERE kind = 'default' AND number < fine.number
                ORDER BY number DESC LIMIT 1)) THEN
        RAISE EXCEPTION 'telmee: a fine rests on this step' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Where the ladder of a client has a penalty, no fine is booked but that of a step that counts. A
-- correction of a settlement is another deed, with a reason and a statement of its own.
CREATE FUNCTION telmee_guard_fine() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    its enforcement_ladder := telmee_ladder_of(NEW.contract_id);
BEGIN
    IF telmee_owner_acts() OR NOT coalesce(its.is_on, false)
        OR telmee_rung_of(its, 'penalty') IS NULL OR telmee_is_settled(NEW.contract_id) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
            SELECT 1 FROM enforcement_step s
            WHERE s.key = NEW.key AND s.contract_id = NEW.contract_id AND s.kind = 'penalty'
              AND s.amount_cents = NEW.amount_cents AND telmee_step_counted(s.id)
              AND NOT EXISTS (SELECT 1 FROM enforcement_withdrawal WHERE step_id = s.id)) THEN
        RAISE EXCEPTION 'telmee: penalty_by_ladder' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_begin_leniency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        IF NEW.contract_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM contracts_party
                WHERE contract_id = NEW.contract_id AND role = 'client'
                  AND organisation_id = NEW.organisation_id) THEN
            RAISE EXCEPTION 'telmee: leniency of another client' USING ERRCODE = 'check_violation';
        END IF;
        NEW.granted_at := clock_timestamp();
        NEW.ended_on := NULL;
        NEW.ended_by_id := NULL;
        NEW.ended_why := '';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_end_leniency() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.ended_on IS NOT NULL THEN
        RAISE EXCEPTION 'telmee: it was ended before'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.ended_by_id := telmee_user();
    RETURN NEW;
END $$;

-- When the figures on which steps were taken were corrected: an entry of then that was reversed
-- since, an obligation that became less from before the step, or a line that was rejected then and
-- decided again. Of a contract that was registered by mistake nobody looks again. Who asks knows
-- which steps hold. It asks as who reads, so row security holds.
CREATE FUNCTION telmee_steps_corrected(contracts bigint[])
RETURNS TABLE (step_id bigint, corrected_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH step AS MATERIALIZED (
        SELECT s.id, s.contract_id, s."on", s.decided_at
        FROM enforcement_step s JOIN contracts_contract c ON c.id = s.contract_id
        WHERE s.contract_id IN (SELECT unnest(contracts)) AND c.voided_on IS NULL
    ), corrected AS (
        SELECT step.id, e.booked_at AS at FROM step
        JOIN ledger_entry e ON e.contract_id = step.contract_id AND e.booked_at > step.decided_at
        JOIN ledger_entry o ON o.id = e.reverses_id AND o.booked_at <= step.decided_at
        WHERE e.kind <> 'penalty'
        UNION ALL
        SELECT step.id, e.booked_at FROM step
        JOIN ledger_entry e ON e.contract_id = step.contract_id AND e.booked_at > step.decided_at
            AND e.kind IN ('reduced', 'waived') AND e.reverses_id IS NULL
            AND e.effective_on < step."on"
        UNION ALL
        SELECT step.id, d.decided_at FROM step
        JOIN decisions_decision d
            ON d.contract_id = step.contract_id AND d.decided_at > step.decided_at
        JOIN decisions_decision before ON before.contribution_id = d.contribution_id
            AND before.number = d.number - 1 AND before.outcome = 'rejected'
            AND before.decided_at <= step.decided_at
    )
    SELECT id, max(at) FROM corrected GROUP BY id;
END $$;

-- For each client with contracts on the ladder somebody by whose hand they leave it: who set the
-- ladder, as long as he works there, else whoever manages or works there longest.
CREATE FUNCTION telmee_hands_of_ladders() RETURNS TABLE (organisation_id bigint, user_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT ON (l.organisation_id) l.organisation_id, u.id
    FROM enforcement_ladder l
    JOIN organisations_membership m
        ON m.organisation_id = l.organisation_id AND m.role IN ('manager', 'worker')
    JOIN organisations_user u ON u.id = m.user_id AND u.is_active
    WHERE telmee_user() = -1
    ORDER BY l.organisation_id, u.id IS NOT DISTINCT FROM l.user_id DESC, l.number DESC,
             m.role, m.id
$$;

CREATE TRIGGER begin_ladder BEFORE INSERT ON enforcement_ladder
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_ladder();
CREATE TRIGGER begin_step BEFORE INSERT ON enforcement_step
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_step();
CREATE TRIGGER begin_confirmation BEFORE INSERT ON enforcement_confirmation
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_confirmation();
CREATE TRIGGER guard_withdrawal BEFORE INSERT ON enforcement_withdrawal
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_of_step();
CREATE TRIGGER guard_under_fine BEFORE INSERT ON enforcement_withdrawal
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_withdrawal();
CREATE TRIGGER guard_look BEFORE INSERT ON enforcement_secondlook
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_of_step();
CREATE TRIGGER guard_exit BEFORE INSERT ON enforcement_exit
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_of_step();
CREATE TRIGGER begin_leniency BEFORE INSERT ON enforcement_leniency
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_leniency();
CREATE TRIGGER end_leniency BEFORE UPDATE ON enforcement_leniency
    FOR EACH ROW EXECUTE FUNCTION telmee_end_leniency();
CREATE TRIGGER guard_fine BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'penalty' AND NEW.reverses_id IS NULL)
    EXECUTE FUNCTION telmee_guard_fine();
"""
_NO_RULES = """
DROP TRIGGER guard_fine ON ledger_entry;
DROP TRIGGER end_leniency ON enforcement_leniency;
DROP TRIGGER begin_leniency ON enforcement_leniency;
DROP TRIGGER guard_exit ON enforcement_exit;
DROP TRIGGER guard_look ON enforcement_secondlook;
DROP TRIGGER guard_withdrawal ON enforcement_withdrawal;
DROP TRIGGER guard_under_fine ON enforcement_withdrawal;
DROP TRIGGER begin_confirmation ON enforcement_confirmation;
DROP TRIGGER begin_step ON enforcement_step;
DROP TRIGGER begin_ladder ON enforcement_ladder;
DROP FUNCTION telmee_hands_of_ladders();
DROP FUNCTION telmee_steps_corrected(bigint[]);
DROP FUNCTION telmee_end_leniency();
DROP FUNCTION telmee_begin_leniency();
DROP FUNCTION telmee_guard_fine();
DROP FUNCTION telmee_guard_withdrawal();
DROP FUNCTION telmee_guard_of_step();
DROP FUNCTION telmee_begin_confirmation();
DROP FUNCTION telmee_begin_step();
DROP FUNCTION telmee_begin_ladder();
DROP FUNCTION telmee_rung_of(enforcement_ladder, text);
DROP FUNCTION telmee_ladder_of(bigint);
DROP FUNCTION telmee_step_counted(bigint);
DROP FUNCTION telmee_clients_seen();
"""

#: What leniency says for good: all but that its days were ended.
_GRANTED = ("id", "organisation_id", "contract_id", "ground", "first", "last", "cents", "reason",
            "key", "user_id", "granted_at")  # fmt: skip


class Migration(migrations.Migration):
    """Steps and what became of them only grow; of leniency only its end is written."""

    dependencies = [
        ("enforcement", "0001_initial"),
        ("decisions", "0002_rules"),
        ("settlements", "0002_rules"),
    ]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        *(
            only_grows(f"enforcement_{table}")
            for table in ("ladder", "step", "confirmation", "withdrawal", "secondlook", "exit")
        ),
        only_grows("enforcement_leniency", *_GRANTED),
        *(
            names_nobody(f"enforcement_{table}", "reason")
            for table in ("step", "confirmation", "withdrawal", "secondlook", "leniency")
        ),
        *(
            only_while_open(f"enforcement_{table}", "INSERT")
            for table in ("step", "confirmation", "withdrawal")
        ),
        stamped("enforcement_withdrawal", "withdrawn_at"),
        stamped("enforcement_secondlook", "looked_at"),
        stamped("enforcement_exit", "left_at"),
        protect(
            "enforcement_ladder",
            read="organisation_id = ANY ((SELECT telmee_clients_seen())::bigint[])"
            f" OR organisation_id = {ORGANISATIONS}",
            insert=f"user_id = {ME} AND organisation_id = {MANAGED}",
        ),
        protect("enforcement_step", read=_SEEN.replace("__STEP__", "id"), insert=_INSERT),
        protect("enforcement_confirmation", read=_OF_STEP, insert=_INSERT),
        protect("enforcement_withdrawal", read=_OF_STEP, insert=_INSERT),
        # Why a step stands that rests on corrected figures is for those who answer for it.
        protect("enforcement_secondlook", read=f"contract_id IN {_DECIDING}", insert=_INSERT),
        protect("enforcement_exit", read=_OF_STEP, insert=f"contract_id IN {_WORKING}"),
        protect(
            "enforcement_leniency",
            read=f"organisation_id = {ORGANISATIONS} OR contract_id IN {_DECIDING}"
            f" OR contract_id IN {_CARRYING} OR (contract_id IS NULL"
            " AND organisation_id = ANY ((SELECT telmee_clients_seen())::bigint[]))",
            insert=f"user_id = {ME} AND (contract_id IN {_WORKING}"
            f" OR (contract_id IS NULL AND organisation_id = {MANAGED}))",
            update=f"contract_id IN {_WORKING}"
            f" OR (contract_id IS NULL AND organisation_id = {MANAGED})",
        ),
    ]

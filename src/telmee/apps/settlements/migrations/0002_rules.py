"""A settlement stands on the books: the database fills in its sums, closes, and keeps it closed."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ME,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_grows,
    protect,
)
from telmee.core.ledger import EntryKind

_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_SEEING_ROLES = "'{client,regional_team,contractor,consortium,auditor}'"
_DECIDING = "'{client,regional_team}'"
_WORKING = contracts_worked_as("client", "regional_team")
_KINDS = tuple(EntryKind)
_SUMS = ",\n        ".join(
    f"coalesce(sum(e.amount_cents) FILTER (WHERE e.kind = '{kind}'), 0)::bigint AS {kind}_cents"
    for kind in _KINDS
)
_COLUMNS = ", ".join(f"{kind}_cents bigint" for kind in _KINDS)
_FILLED = "\n    ".join(f"NEW.{kind}_cents := books.{kind}_cents;" for kind in _KINDS)

_RULES = f"""
-- What stands in the books of a contract, or stood at a moment: the sums, how many entries, and a
-- hash over these and their receipts. Nobody sees anything of a contract that is not open to him.
CREATE FUNCTION telmee_books(contract bigint, up_to timestamptz)
RETURNS TABLE (entries integer, hash text, {_COLUMNS})
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT telmee_owner_acts() AND NOT contract = ANY (telmee_contracts({_SEEING_ROLES})) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT count(*)::integer,
        encode(sha256(convert_to(coalesce(string_agg(json_build_array(
            e.id, e.kind, e.amount_cents, e.effective_on, e.reverses_id, e.contribution_id,
            e.decision_id, e.transfer, e.amendment, r.hash)::text, E'\\n' ORDER BY e.id), ''),
            'UTF8')), 'hex'),
        {_SUMS}
    FROM ledger_entry e LEFT JOIN receipts_receipt r ON r.id = e.receipt_id
    WHERE e.contract_id = contract AND (up_to IS NULL OR e.booked_at <= up_to);
END $$;

-- The statement that holds: that of the settlement in force, or of the last correction after it.
CREATE VIEW settlements_standing AS
    SELECT s.id, s.contract_id, s.correction_id,
           row_number() OVER (PARTITION BY s.contract_id ORDER BY s.id DESC) = 1 AS is_latest
    FROM settlements_statement s
    LEFT JOIN agreements_answer a ON a.version_id = s.version_id
    WHERE s.correction_id IS NOT NULL OR a.outcome = 'confirmed';

CREATE FUNCTION telmee_is_settled(contract bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM settlements_standing WHERE contract_id = contract)
$$;

-- What waits is decided on first: effort that was handed in, about which a question is open, of
-- which a part is to come, or to which somebody objected; and so many lines that wait elsewhere.
CREATE FUNCTION telmee_require_decided(contract bigint, elsewhere bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE waiting bigint := elsewhere + (
    SELECT count(*) FROM contributions_contribution
    WHERE contract_id = contract AND state IN ('submitted', 'asked', 'partly', 'objection'));
BEGIN
    IF waiting > 0 THEN
        RAISE EXCEPTION 'telmee: settlement_lines_wait' USING ERRCODE = 'check_violation',
            DETAIL = json_build_object('lines', waiting);
    END IF;
END $$;

-- What waits on another contract for an initiative, and comes here for a part once it is decided:
-- by the parts of now, or as something of it was booked here before and may become another amount.
CREATE FUNCTION telmee_parts_to_decide(contract bigint)
RETURNS TABLE (line bigint, home bigint, pool uuid, organisation text, state text, cents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT l.id, l.contract_id, l.pool, o.name::text, l.state::text, (
        SELECT sum(m.cents)::bigint FROM ledger_movement m
        WHERE m.contribution_id = l.id AND m.contract_id = contract AND m.kind = 'undecided')
    FROM contributions_contribution l
    JOIN contracts_contract k ON k.id = l.contract_id AND k.closed_on IS NULL
    JOIN organisations_organisation o ON o.id = l.organisation_id
    WHERE (telmee_owner_acts() OR contract = ANY (telmee_contracts({_SEEING_ROLES})))
      AND l.pool IN (SELECT p.pool FROM agreements_pooling p
                     WHERE p.contract_id = contract AND p.part_bp IS NOT NULL)
      AND l.contract_id <> contract
      AND l.state IN ('submitted', 'asked', 'partly', 'objection')
      AND (EXISTS (
            SELECT FROM telmee_places(
                l.pool, telmee_day_of(l."end", l."begin", l.submitted_at), NULL) p
            WHERE p.contract_id = contract)
        OR 0 <> (
            SELECT coalesce(sum(e.amount_cents), 0) FROM ledger_entry e
            WHERE e.contribution_id = l.id AND e.contract_id = contract AND e.kind = 'pooled'))
    ORDER BY l.submitted_at, l.id
$$;

-- Who settles waits for who hands in for an initiative of the contract, or decides on such a line.
CREATE FUNCTION telmee_hold_initiatives(contract bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.initiative ' || its.pool, 0))
    FROM (SELECT DISTINCT p.pool FROM agreements_pooling p
          WHERE p.contract_id = contract AND p.part_bp IS NOT NULL ORDER BY p.pool) its;
END $$;

CREATE FUNCTION telmee_require_parts_decided(contract bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM telmee_hold_initiatives(contract);
    PERFORM telmee_require_decided(
        contract, (SELECT count(*) FROM telmee_parts_to_decide(contract)));
END $$;

CREATE FUNCTION telmee_fill_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE books record; corrected settlements_correction;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    -- Parts of what waits elsewhere can no longer come to a contract that was settled, so that they
    -- do not hold up what is put right on it.
    IF NEW.correction_id IS NULL THEN
        PERFORM telmee_require_parts_decided(NEW.contract_id);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.agreements', NEW.contract_id));
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.ledger', NEW.contract_id));
    PERFORM telmee_require_decided(NEW.contract_id, 0);
    IF NEW.version_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM agreements_version WHERE id = NEW.version_id) THEN
        RAISE EXCEPTION 'telmee: a version that is there does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.correction_id IS NOT NULL THEN
        SELECT * INTO corrected FROM settlements_correction WHERE id = NEW.correction_id;
        IF corrected.contract_id IS DISTINCT FROM NEW.contract_id
            OR corrected.closed_on IS DISTINCT FROM (
                SELECT closed_on FROM contracts_contract WHERE id = NEW.contract_id) THEN
            RAISE EXCEPTION 'telmee: a correction that left the contract open'
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    NEW.as_of := greatest(clock_timestamp(), (
        SELECT max(booked_at) FROM ledger_entry WHERE contract_id = NEW.contract_id));
    SELECT * INTO books FROM telmee_books(NEW.contract_id, NULL);
    NEW.entries := books.entries;
    NEW.hash := books.hash;
    {_FILLED}
    RETURN NEW;
END $$;

-- A settlement has its statement, and is between the client and who carries the contract out.
CREATE FUNCTION telmee_check_settlement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE its agreements_agreement;
BEGIN
    SELECT * INTO its FROM agreements_agreement WHERE id = NEW.agreement_id;
    IF (its.kind = 'settlement') <> EXISTS (
            SELECT 1 FROM settlements_statement
            WHERE version_id = NEW.id
              AND (contract_id, organisation_id) = (NEW.contract_id, NEW.organisation_id))
        OR (its.kind = 'settlement' AND (
            (NEW.organisation_id, NEW.addressee_id)
                IS DISTINCT FROM (its.organisation_id, its.other_id))) THEN
        RAISE EXCEPTION 'telmee: a version that is not of its agreement'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Who agrees, agrees with the books and the contract as they are: what was booked or amended since
-- makes another proposal.
CREATE FUNCTION telmee_check_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE its settlements_statement;
BEGIN
    SELECT * INTO its FROM settlements_statement WHERE version_id = NEW.version_id;
    IF its.id IS NULL OR NEW.outcome <> 'confirmed' OR telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    PERFORM telmee_require_parts_decided(NEW.contract_id);
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.ledger', NEW.contract_id));
    PERFORM telmee_require_decided(NEW.contract_id, 0);
    IF (SELECT hash FROM telmee_books(NEW.contract_id, NULL)) <> its.hash THEN
        RAISE EXCEPTION 'telmee: settlement_books_changed' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM contracts_amendment
               WHERE contract_id = NEW.contract_id AND recorded_at > its.as_of) THEN
        RAISE EXCEPTION 'telmee: settlement_contract_changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The yes closes the contract: nobody has to do so afterwards, and nothing slips in between. Not by
-- who agreed, who may not close it himself.
CREATE FUNCTION telmee_settle_contract() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        UPDATE contracts_contract c SET closed_on = s.closes_on
        FROM agreed a JOIN settlements_statement s ON s.version_id = a.version_id
        WHERE a.outcome = 'confirmed' AND c.id = s.contract_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION telmee_begin_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF NOT telmee_is_settled(NEW.contract_id) THEN
        RAISE EXCEPTION 'telmee: a correction of what is not settled'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.corrected_at := clock_timestamp();
    NEW.number := 1 + coalesce((
        SELECT max(number) FROM settlements_correction WHERE contract_id = NEW.contract_id), 0);
    SELECT closed_on INTO NEW.closed_on FROM contracts_contract WHERE id = NEW.contract_id;
    NEW.transaction := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;

-- A contract that was settled opens for a correction that began in the same transaction, and is
-- closed on the day of its settlement.
CREATE FUNCTION telmee_keep_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() OR OLD.closed_on IS NOT DISTINCT FROM NEW.closed_on
        OR NOT telmee_is_settled(NEW.id) THEN
        RETURN NEW;
    END IF;
    IF (CASE WHEN NEW.closed_on IS NULL THEN NOT EXISTS (
            SELECT 1 FROM settlements_correction k
            LEFT JOIN settlements_statement s ON s.correction_id = k.id
            WHERE k.contract_id = NEW.id AND s.id IS NULL
              AND k.transaction = pg_current_xact_id()::text::bigint)
        ELSE NOT EXISTS (
            SELECT 1 FROM settlements_statement s
            JOIN agreements_answer a ON a.version_id = s.version_id AND a.outcome = 'confirmed'
            WHERE s.contract_id = NEW.id AND s.closes_on = NEW.closed_on) END) THEN
        RAISE EXCEPTION 'telmee: contract_settled' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Whatever a correction did, at its end it has a statement, and this says what stands.
CREATE FUNCTION telmee_end_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND NOT EXISTS (
            SELECT 1 FROM settlements_statement WHERE correction_id = NEW.id) THEN
        RAISE EXCEPTION 'telmee: a correction without its statement'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER fill_statement BEFORE INSERT ON settlements_statement
    FOR EACH ROW EXECUTE FUNCTION telmee_fill_statement();
CREATE TRIGGER check_settlement BEFORE INSERT ON agreements_version
    FOR EACH ROW EXECUTE FUNCTION telmee_check_settlement();
CREATE TRIGGER check_settled BEFORE INSERT ON agreements_answer
    FOR EACH ROW EXECUTE FUNCTION telmee_check_settled();
-- By its name after the trigger that asks whether the contract is open.
CREATE TRIGGER settle_contract AFTER INSERT ON agreements_answer
    REFERENCING NEW TABLE AS agreed
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_settle_contract();
CREATE TRIGGER begin_correction BEFORE INSERT ON settlements_correction
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_correction();
CREATE CONSTRAINT TRIGGER end_correction AFTER INSERT ON settlements_correction
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION telmee_end_correction();
CREATE TRIGGER keep_settled BEFORE UPDATE OF closed_on ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION telmee_keep_settled();

-- The proposals of which the term ends within some days, or has ended: told to the contractor, and
-- once it has ended to the client as well. For the system.
CREATE FUNCTION telmee_settlement_terms(on_day date, near integer) RETURNS SETOF telmee_term
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT 'settlement_term_' || CASE WHEN s.due_on < on_day THEN 'missed' ELSE 'near' END,
           'version ' || v.id, s.contract_id, s.due_on,
           CASE WHEN s.due_on < on_day THEN '{{contractor,client,regional_team}}'::text[]
                ELSE '{{contractor}}' END,
           NULL::bigint, '{{}}'::jsonb, 'settlement', s.contract_id
    FROM settlements_statement s JOIN agreements_version v ON v.id = s.version_id
    WHERE telmee_user() = -1 AND s.due_on < on_day + near
      AND NOT EXISTS (SELECT 1 FROM agreements_answer a WHERE a.version_id = v.id)
      AND NOT EXISTS (SELECT 1 FROM agreements_version l
                      WHERE l.agreement_id = v.agreement_id AND l.number > v.number)
$$;
"""
_NO_RULES = """
DROP FUNCTION telmee_settlement_terms(date, integer);
DROP TRIGGER keep_settled ON contracts_contract;
DROP TRIGGER end_correction ON settlements_correction;
DROP TRIGGER begin_correction ON settlements_correction;
DROP TRIGGER settle_contract ON agreements_answer;
DROP TRIGGER check_settled ON agreements_answer;
DROP TRIGGER check_settlement ON agreements_version;
DROP TRIGGER fill_statement ON settlements_statement;
DROP FUNCTION telmee_end_correction();
DROP FUNCTION telmee_keep_settled();
DROP FUNCTION telmee_begin_correction();
DROP FUNCTION telmee_settle_contract();
DROP FUNCTION telmee_check_settled();
DROP FUNCTION telmee_check_settlement();
DROP FUNCTION telmee_fill_statement();
DROP FUNCTION telmee_require_parts_decided(bigint);
DROP FUNCTION telmee_hold_initiatives(bigint);
DROP FUNCTION telmee_parts_to_decide(bigint);
DROP FUNCTION telmee_require_decided(bigint, bigint);
DROP FUNCTION telmee_is_settled(bigint);
DROP VIEW settlements_standing;
DROP FUNCTION telmee_books(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    """Who decides on a contract states and corrects; who sees its books reads it."""

    dependencies = [
        ("settlements", "0001_initial"),
        ("agreements", "0003_pools"),
        ("decisions", "0002_rules"),
    ]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        only_grows("settlements_correction"),
        names_nobody("settlements_correction", "reason"),
        only_grows("settlements_statement"),
        protect(
            "settlements_correction",
            read=f"contract_id IN {_SEEING}",
            insert=f"user_id = {ME} AND telmee_acts_as(contract_id, organisation_id, {_DECIDING})",
        ),
        protect(
            "settlements_statement",
            read=f"contract_id IN {_SEEING}",
            insert=f"contract_id IN {_WORKING}"
            " AND telmee_acts_for(contract_id, organisation_id) IS NOT NULL",
        ),
    ]

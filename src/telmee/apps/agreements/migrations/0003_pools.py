"""Which contracts are in a pool on a day, with which part, and nothing pooled beside that."""

from __future__ import annotations

from django.db import migrations

_POOLS = """
-- Who carried a contract out by what was recorded at a moment.
CREATE FUNCTION telmee_contractor_at(contract bigint, at_moment timestamptz) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(
        (SELECT (facts ->> 'contractor')::bigint FROM contracts_amendment
         WHERE contract_id = contract AND ground = 'taken_over' AND recorded_at <= at_moment
         ORDER BY effective_on DESC, number DESC LIMIT 1),
        (SELECT (facts ->> 'first_contractor')::bigint FROM contracts_amendment
         WHERE contract_id = contract AND ground = 'taken_over' ORDER BY number LIMIT 1),
        (SELECT organisation_id FROM contracts_party
         WHERE contract_id = contract AND role = 'contractor'))
$$;

-- The contracts in a pool on a day, by what was agreed at a moment; without one by what holds now,
-- between who are client and contractor then: who took a contract over agreed to nothing. What was
-- agreed holds from its first day on, and for the days before that what was agreed earlier. It
-- looks past row security, and only for functions that do.
CREATE FUNCTION telmee_places(wanted uuid, on_day date, at_moment timestamptz)
RETURNS TABLE (contract_id bigint, part_bp smallint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.contract_id, h.part_bp FROM (
        SELECT DISTINCT ON (s.agreement_id) s.contract_id, p.pool, p."begin", p."end", p.part_bp
        FROM agreements_standing s JOIN agreements_pooling p ON p.version_id = s.id
        JOIN agreements_agreement a ON a.id = s.agreement_id
        WHERE s.agreement_id IN (
            SELECT v.agreement_id FROM agreements_pooling o
            JOIN agreements_version v ON v.id = o.version_id WHERE o.pool = wanted)
          AND p."begin" <= on_day
          AND CASE WHEN at_moment IS NULL THEN 2 = (
            SELECT count(*) FROM contracts_party t WHERE t.contract_id = a.contract_id
              AND (t.role, t.organisation_id)
                  IN (('client', a.organisation_id), ('contractor', a.other_id)))
            ELSE s.since <= at_moment
                AND a.other_id = telmee_contractor_at(a.contract_id, at_moment) END
        ORDER BY s.agreement_id, s.number DESC) h
    WHERE h.pool = wanted AND on_day <= coalesce(h."end", 'infinity')
$$;

-- Whether two contracts were in one pool without parts.
CREATE FUNCTION telmee_pooled(one bigint, other bigint, on_day date, at_moment timestamptz)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM (SELECT DISTINCT pool FROM agreements_pooling
                       WHERE contract_id = one AND part_bp IS NULL) its
        WHERE 2 = (SELECT count(*) FROM telmee_places(its.pool, on_day, at_moment) p
                   WHERE p.contract_id IN (one, other)))
$$;

-- An amount divided over the contracts of an initiative, to the cent: each part rounded down, and
-- the cents that are left to the largest remainders. Nothing where the parts are not the whole.
CREATE FUNCTION telmee_parts(wanted uuid, amount bigint, on_day date, at_moment timestamptz)
RETURNS TABLE (contract_id bigint, cents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH exact AS (
        SELECT p.contract_id, amount * p.part_bp AS product,
               sum(p.part_bp) OVER () AS together,
               row_number() OVER (
                   ORDER BY amount * p.part_bp % 10000 DESC, p.contract_id) AS turn
        FROM telmee_places(wanted, on_day, at_moment) p)
    SELECT contract_id, product / 10000 + CASE WHEN turn <= amount - (
        SELECT sum(product / 10000) FROM exact) THEN 1 ELSE 0 END
    FROM exact WHERE together = 10000
$$;

-- Nothing is pooled but between contracts of which the two sides agreed that they are in one pool.
CREATE FUNCTION telmee_require_pool() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND NOT EXISTS (
        SELECT 1 FROM ledger_entry g
        WHERE g.transfer = NEW.transfer AND g.kind = 'carried_out' AND g.reverses_id IS NULL
          AND g.contribution_id IS NOT DISTINCT FROM NEW.contribution_id
          AND CASE WHEN NEW.contribution_id IS NULL
              THEN telmee_pooled(g.contract_id, NEW.contract_id, NEW.effective_on, NULL)
              -- A part of what was decided on a line for an initiative, and no other amount.
              ELSE EXISTS (
                  SELECT 1 FROM ledger_entry r
                  JOIN contributions_contribution c ON c.id = r.contribution_id
                  CROSS JOIN LATERAL (
                      SELECT max(effective_on) AS day, sum(amount_cents)::bigint AS whole,
                          sum(amount_cents) FILTER (WHERE effective_on < r.effective_on) AS before
                      FROM ledger_entry WHERE kind = 'realised' AND reverses_id IS NULL AND
                          (contribution_id, decision_id) = (r.contribution_id, r.decision_id)) its
                  JOIN telmee_parts(c.pool, its.whole, its.day, NEW.booked_at) p
                      ON p.contract_id = NEW.contract_id AND NEW.amount_cents =
                          telmee_slice(p.cents, its.whole, coalesce(its.before, 0), r.amount_cents)
                  WHERE r.contribution_id = NEW.contribution_id AND r.kind = 'realised'
                    AND r.reverses_id IS NULL AND r.contract_id = g.contract_id
                    AND r.effective_on = NEW.effective_on) END) THEN
        RAISE EXCEPTION 'telmee: ledger_pooled_unagreed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER require_pool AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind = 'pooled' AND NEW.reverses_id IS NULL)
    EXECUTE FUNCTION telmee_require_pool();
"""

_NO_POOLS = """
DROP TRIGGER require_pool ON ledger_entry;
DROP FUNCTION telmee_require_pool();
DROP FUNCTION telmee_parts(uuid, bigint, date, timestamptz);
DROP FUNCTION telmee_pooled(bigint, bigint, date, timestamptz);
DROP FUNCTION telmee_places(uuid, date, timestamptz);
DROP FUNCTION telmee_contractor_at(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    """Before effort, which is told in the parts of its initiative."""

    dependencies = [("agreements", "0002_rules")]

    operations = [migrations.RunSQL(_POOLS, _NO_POOLS)]

"""What was asked and what came of it, added up for many contracts at once by what somebody asks."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contracts.choices import SEEING_ROLES

_SEEING = "'{" + ",".join(sorted(SEEING_ROLES)) + "}'"
#: By what the rows of an answer are told apart where the contract itself says it.
_OF_THE_CONTRACT = """CASE by_what
        WHEN 'category' THEN k.category
        WHEN 'division' THEN left(k.cpv_id, 2)
        WHEN 'contract' THEN k.id::text
        WHEN 'client' THEN (
            SELECT organisation_id::text FROM contracts_party
            WHERE contract_id = k.id AND role = 'client')
        WHEN 'contractor' THEN (
            SELECT organisation_id::text FROM contracts_party
            WHERE contract_id = k.id AND role = 'contractor') END"""

# It looks past row security, which would cost more than the answer, and counts nothing that who
# asks does not see himself: no contract of which the books are not open to him, and no line of
# days before he took a contract over.
# A line counts in the years that its entries and movements belong to, so that these sums are those
# of the books, now or as of a moment: what moved and was booked until then. `blocks` gives each block of each version its key, and whether people
# or an invoice stand behind it; without keys the contract itself says what a row is of.
_RESULTS = f"""
CREATE FUNCTION telmee_results(
    contracts bigint[], first_year int, last_year int, as_of timestamptz, by_what text,
    versions bigint[], blocks text[], keys text[], with_people boolean[], with_invoice boolean[]
) RETURNS TABLE (
    key text, year int, imposed_cents bigint, waived_cents bigint, promised_cents bigint,
    delivered_cents bigint, waiting_cents bigint, verified_cents bigint, contracts_asked bigint,
    value_cents bigint, lines bigint, people bigint, places bigint, purchase_cents bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    seen bigint[] := ARRAY(
        SELECT unnest(contracts) INTERSECT SELECT unnest(telmee_contracts({_SEEING})));
    whole bigint[] := ARRAY(
        SELECT unnest(seen) INTERSECT SELECT unnest(telmee_contracts_whole()));
    own bigint[] := telmee_organisations();
    first date := make_date(first_year, 1, 1);
    last date := make_date(last_year, 12, 31);
BEGIN
    RETURN QUERY
    WITH contract AS MATERIALIZED (
        SELECT k.id, k.scheme_id, k.value_cents, k.amended > 0 AS is_amended,
               k.id = ANY (whole) AS is_whole,
               {_OF_THE_CONTRACT} AS key
        FROM contracts_contract k WHERE k.id IN (SELECT unnest(seen))
    ), block AS MATERIALIZED (
        SELECT * FROM unnest(versions, blocks, keys, with_people, with_invoice)
            AS b(scheme_id, block, key, has_people, has_invoice)
    ), booked AS (
        SELECT contract_id, year::int AS year, kind, cents FROM ledger_balance
        WHERE as_of IS NULL AND contract_id IN (SELECT id FROM contract)
          AND year BETWEEN first_year AND last_year
          AND kind IN ('obligation', 'reduced', 'waived')
        UNION ALL
        SELECT contract_id, extract(year FROM effective_on)::int, kind, amount_cents
        FROM ledger_entry
        WHERE as_of IS NOT NULL AND booked_at <= as_of
          AND contract_id IN (SELECT id FROM contract) AND effective_on BETWEEN first AND last
          AND kind IN ('obligation', 'reduced', 'waived')
    ), asked AS (
        SELECT contract_id, year,
               sum(CASE kind WHEN 'obligation' THEN cents WHEN 'reduced' THEN -cents ELSE 0 END)
                   AS imposed,
               sum(CASE kind WHEN 'waived' THEN cents ELSE 0 END) AS waived
        FROM booked GROUP BY 1, 2
    ), promise AS (
        SELECT l.contract_id, l.block, l.receipt_id, extract(year FROM y.day)::int AS year, y.cents
        FROM agreements_planline l, telmee_promised_years(l) y
        WHERE l.version_id IN (SELECT telmee_in_force(seen, as_of)) AND y.day BETWEEN first AND last
    ), part AS (  -- of each line what was delivered, what waits and what was verified
        SELECT contribution_id AS line, contract_id, effective_on AS day,
               CASE kind WHEN 'delivered' THEN cents ELSE 0 END AS delivered,
               CASE kind WHEN 'undecided' THEN cents ELSE 0 END AS waiting, 0::bigint AS verified
        FROM ledger_movement
        WHERE contribution_id IS NOT NULL AND contract_id IN (SELECT id FROM contract)
          AND (as_of IS NULL OR moved_at <= as_of) AND effective_on BETWEEN first AND last
        UNION ALL
        SELECT contribution_id, contract_id, effective_on, 0, 0, amount_cents FROM ledger_entry
        WHERE kind = 'realised' AND contract_id IN (SELECT id FROM contract)
          AND (as_of IS NULL OR booked_at <= as_of) AND effective_on BETWEEN first AND last
    ), line AS (
        SELECT line, contract_id, extract(year FROM day)::int AS year, sum(delivered) AS delivered,
               sum(waiting) AS waiting, sum(verified) AS verified
        FROM part GROUP BY 1, 2, 3
    ), effort AS (
        SELECT concat_ws('|', c.key, b.key) AS key, e.year,
               e.delivered, e.waiting, e.verified, e.contract_id, l.person_id, l.id,
               e.verified > 0 AND coalesce(b.has_people, false) AS has_people,
               CASE WHEN b.has_invoice THEN e.verified ELSE 0 END AS purchase
        FROM line e JOIN contributions_contribution l ON l.id = e.line
        JOIN contract c ON c.id = e.contract_id
        LEFT JOIN receipts_receipt r
            ON (c.is_amended OR l.contract_id <> c.id) AND r.id = l.receipt_id
        LEFT JOIN block b ON b.scheme_id = coalesce(r.scheme_id, c.scheme_id) AND b.block = l.block
        WHERE c.is_whole OR l.organisation_id = ANY (own)
           OR telmee_seen_since(l.contract_id, l.organisation_id, l."begin")
    ), result AS (
        SELECT coalesce(c.key, '') AS key, a.year, a.contract_id,
               CASE WHEN a.imposed > 0 THEN 1 ELSE 0 END AS asks, c.value_cents AS value,
               a.imposed, a.waived, 0::bigint AS promised
        FROM asked a JOIN contract c ON c.id = a.contract_id
        UNION ALL
        SELECT concat_ws('|', c.key, b.key), p.year, p.contract_id,
               0, 0, 0, 0, p.cents
        FROM promise p JOIN contract c ON c.id = p.contract_id
        LEFT JOIN receipts_receipt r ON c.is_amended AND r.id = p.receipt_id
        LEFT JOIN block b ON b.scheme_id = coalesce(r.scheme_id, c.scheme_id) AND b.block = p.block
    ), summed AS (
        SELECT key, year, sum(asks)::bigint AS asks, sum(asks * value)::bigint AS value,
               sum(imposed)::bigint AS imposed, sum(waived)::bigint AS waived,
               sum(promised)::bigint AS promised, 0::bigint AS delivered, 0::bigint AS waiting,
               0::bigint AS verified, 0::bigint AS lines, 0::bigint AS people, 0::bigint AS places,
               0::bigint AS purchase
        FROM result GROUP BY 1, 2
        UNION ALL
        SELECT key, year, 0, 0, 0, 0, 0, sum(delivered)::bigint, sum(waiting)::bigint,
               sum(verified)::bigint, count(*) FILTER (WHERE verified > 0),
               count(DISTINCT person_id) FILTER (WHERE has_people)
                   + count(*) FILTER (WHERE has_people AND person_id IS NULL),
               count(DISTINCT (contract_id, person_id))
                   FILTER (WHERE has_people AND person_id IS NOT NULL)
                   + count(*) FILTER (WHERE has_people AND person_id IS NULL),
               sum(purchase)::bigint
        FROM effort GROUP BY 1, 2
    )
    SELECT key::text, year, sum(imposed)::bigint, sum(waived)::bigint, sum(promised)::bigint,
           sum(delivered)::bigint, sum(waiting)::bigint, sum(verified)::bigint, sum(asks)::bigint,
           sum(value)::bigint, sum(lines)::bigint, sum(people)::bigint, sum(places)::bigint,
           sum(purchase)::bigint
    FROM summed GROUP BY 1, 2 ORDER BY 2, 1;
END $$;

-- The earliest day of effort that still waits for a decision, of what has passed; and how many
-- lines wait. Until the day before, everything that was handed in was decided on.
CREATE FUNCTION telmee_waits_since(contracts bigint[], as_of timestamptz)
RETURNS TABLE (day date, lines bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    seen bigint[] := ARRAY(
        SELECT unnest(contracts) INTERSECT SELECT unnest(telmee_contracts({_SEEING})));
BEGIN
    IF as_of IS NULL THEN
        RETURN QUERY
        SELECT min(telmee_day_of(l."end", l."begin", l.submitted_at)), count(*)
        FROM contributions_contribution l
        WHERE l.contract_id IN (SELECT unnest(seen)) AND (
            l.state IN ('submitted', 'asked')
            OR (l.state IN ('partly', 'objection') AND coalesce(l.rest_cents, 0) > 0));
    ELSE
        RETURN QUERY
        SELECT min(waiting.since), count(*) FROM (
            SELECT max(its.day) AS since FROM (
                SELECT m.contribution_id, m.effective_on AS day FROM ledger_movement m
                WHERE m.contract_id IN (SELECT unnest(seen)) AND m.moved_at <= as_of
                  AND m.kind = 'undecided'
                GROUP BY 1, 2 HAVING sum(m.cents) <> 0) its
            GROUP BY its.contribution_id) waiting;
    END IF;
END $$;
"""
_NO_RESULTS = """
DROP FUNCTION telmee_waits_since(bigint[], timestamptz);
DROP FUNCTION telmee_results(bigint[], int, int, timestamptz, text, bigint[], text[], text[],
                             boolean[], boolean[]);
"""


class Migration(migrations.Migration):
    """What accounts and dashboards ask."""

    dependencies = [("reports", "0002_standings")]

    operations = [migrations.RunSQL(_RESULTS, _NO_RESULTS)]

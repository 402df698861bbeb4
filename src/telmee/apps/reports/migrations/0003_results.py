"""What was asked and what came of it, added up for many contracts by all that somebody asks."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contracts.choices import SEEING_ROLES

_SEEING = "'{" + ",".join(sorted(SEEING_ROLES)) + "}'"
#: By what the rows of an answer are told apart where the contract itself says it; the whole by
#: nothing.
_OF_THE_CONTRACT = """coalesce(CASE {by}
        WHEN 'category' THEN k.category
        WHEN 'division' THEN left(k.cpv_id, 2)
        WHEN 'contract' THEN k.id::text
        WHEN 'client' THEN (
            SELECT organisation_id::text FROM contracts_party
            WHERE contract_id = k.id AND role = 'client')
        WHEN 'sides' THEN (
            SELECT concat_ws('/', coalesce(max(party) FILTER (WHERE role = 'client'), ''),
                coalesce(max(party) FILTER (WHERE role = 'contractor'), ''),
                coalesce(string_agg(party, '+' ORDER BY party)
                    FILTER (WHERE role = 'regional_team'), ''))
            FROM (SELECT role, organisation_id::text AS party FROM contracts_party
                  WHERE contract_id = k.id) parties)
        WHEN 'region' THEN (
            SELECT m.region_id FROM contracts_party p
            JOIN organisations_organisation o ON o.id = p.organisation_id
            JOIN organisations_regionmembership m ON m.municipality_id = o.municipality_id
                AND m.since <= last AND coalesce(m.until, 'infinity') >= last
            WHERE p.contract_id = k.id AND p.role = 'client')
        WHEN 'contractor' THEN (
            SELECT organisation_id::text FROM contracts_party
            WHERE contract_id = k.id AND role = 'contractor') END, '')"""

# It looks past row security, which would cost more than the answer, and counts nothing that who
# asks does not see himself: no contract of which the books are not open to him, and no line of
# days before he took a contract over.
# A line counts in the years that its entries and movements belong to, so that these sums are those
# of the books: now by what is kept of each line, or as of a moment by what moved and was booked.
# All divisions come out of one reading: `of_contracts` are those that the contract itself says,
# and `of_effort` those by the block of a line. `blocks` are those of each version, and whether
# people or an invoice stand behind them; `block_places`, `divisions` and `keys` say in which row of
# which division the block at a place stands. With `beside` that of the contract stands before the
# key of effort.
# The region of a contract is the one that the municipality of its client belonged to on the last
# day of the years that are asked, so that redrawing regions changes no year before it.
# A line for an initiative of several contractors may stand on another contract. Which version it
# was valued under is asked only where that can be another than its contract's.
# Cents are added up of each contract and of each block before they are divided. People are counted
# apart from them: who worked in one block of one contract in a year, as nearly everybody does, is
# one more in each row that these are in. Of the others it is looked at in each row what differs,
# which for everybody would take longer than all the rest.
_RESULTS = f"""
CREATE FUNCTION telmee_results(
    contracts bigint[], first_year int, last_year int, as_of timestamptz,
    of_contracts text[], of_effort text[], beside text,
    versions bigint[], blocks text[], with_people boolean[], with_invoice boolean[],
    block_places bigint[], divisions text[], keys text[]
) RETURNS TABLE (
    division text, key text, year int, imposed_cents bigint, waived_cents bigint,
    promised_cents bigint, delivered_cents bigint, waiting_cents bigint, verified_cents bigint,
    contracts_asked bigint, value_cents bigint, lines bigint, people bigint, places bigint,
    purchase_cents bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$  -- a plan each time costs 10 ms
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
        SELECT k.id, k.scheme_id, k.value_cents, k.category, k.cpv_id, k.amended > 0 AS is_amended,
               w.id IS NOT NULL AS is_whole,
               CASE WHEN beside IS NOT NULL THEN {_OF_THE_CONTRACT.format(by="beside")} END
                   AS beside
        FROM contracts_contract k LEFT JOIN unnest(whole) w(id) ON w.id = k.id
        WHERE k.id IN (SELECT unnest(seen))
    ), of_contract AS MATERIALIZED (
        SELECT k.id AS contract_id, d.division, {_OF_THE_CONTRACT.format(by="d.division")} AS key
        FROM contract k CROSS JOIN unnest(of_contracts) d(division)
    ), block AS MATERIALIZED (
        SELECT * FROM unnest(versions, blocks, with_people, with_invoice)
            WITH ORDINALITY AS b(scheme_id, block, has_people, has_invoice, place)
    ), of_block AS MATERIALIZED (
        SELECT f.division, b.place, k.key
        FROM (SELECT place FROM block UNION ALL SELECT 0) b CROSS JOIN unnest(of_effort) f(division)
        LEFT JOIN unnest(block_places, divisions, keys) k(place, division, key)
            ON k.place = b.place AND k.division = f.division
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
                   ::bigint AS imposed,
               sum(CASE kind WHEN 'waived' THEN cents ELSE 0 END)::bigint AS waived
        FROM booked GROUP BY 1, 2
    ), promise AS (
        SELECT l.contract_id, l.block, l.receipt_id, extract(year FROM y.day)::int AS year, y.cents
        FROM agreements_planline l CROSS JOIN LATERAL telmee_receipt_years(
            l.receipt_id, l.value_cents, coalesce(l."end", l."begin"), NULL, NULL) y
        WHERE l.version_id IN (SELECT telmee_in_force(seen, as_of)) AND y.day BETWEEN first AND last
    ), line AS (  -- what each came to: as it is kept, or as it was known at a moment
        SELECT contract_id, year, contribution_id, delivered_cents, undecided_cents, verified_cents
        FROM ledger_linebalance
        WHERE as_of IS NULL AND contract_id = ANY (seen) AND year BETWEEN first_year AND last_year
        UNION ALL
        SELECT * FROM telmee_line_balances(seen, as_of, first, last) WHERE as_of IS NOT NULL
    ), effort AS MATERIALIZED (
        SELECT e.year::int AS year, e.contract_id, coalesce(b.place, 0) AS place, c.beside,
               l.person_id, e.delivered_cents AS delivered, e.undecided_cents AS waiting,
               e.verified_cents AS verified,
               e.verified_cents > 0 AND coalesce(b.has_people, false) AS has_people,
               CASE WHEN b.has_invoice THEN e.verified_cents ELSE 0 END AS purchase
        FROM line e JOIN contributions_contribution l ON l.id = e.contribution_id
        JOIN contract c ON c.id = e.contract_id
        LEFT JOIN block b ON b.block = l.block AND b.scheme_id = coalesce(
            CASE WHEN c.is_amended OR l.contract_id <> c.id THEN (
                SELECT scheme_id FROM receipts_receipt WHERE id = l.receipt_id) END, c.scheme_id)
        WHERE c.is_whole OR l.organisation_id = ANY (own)
           OR telmee_seen_since(l.contract_id, l.organisation_id, l."begin")
    ), person AS MATERIALIZED (  -- nearly everybody works in one place in a year
        SELECT year, person_id, min(contract_id) AS contract_id, min(place) AS place,
               min(beside) AS beside,
               min(contract_id) = max(contract_id) AND min(place) = max(place) AS is_in_one
        FROM effort WHERE has_people AND person_id IS NOT NULL GROUP BY 1, 2
    ), worked AS MATERIALIZED (
        SELECT DISTINCT e.year, e.contract_id, e.place, e.beside, e.person_id
        FROM effort e JOIN person p USING (year, person_id) WHERE e.has_people AND NOT p.is_in_one
    ), at_work AS (  -- on how many contracts of each row each of the others worked
        SELECT d.division, d.key, NULL AS beside, w.year, w.person_id, count(*) AS places
        FROM (SELECT DISTINCT year, contract_id, person_id FROM worked) w
        JOIN of_contract d USING (contract_id) GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT division, key, beside, year, person_id, count(*) FROM (
            SELECT DISTINCT b.division, b.key, w.beside, w.year, w.person_id, w.contract_id
            FROM worked w JOIN of_block b USING (place)) w
        GROUP BY 1, 2, 3, 4, 5
    ), promised AS (
        SELECT p.year, p.cents, p.contract_id, coalesce(b.place, 0) AS place, c.beside
        FROM promise p JOIN contract c ON c.id = p.contract_id
        LEFT JOIN block b ON b.block = p.block AND b.scheme_id = coalesce(
            CASE WHEN c.is_amended THEN (
                SELECT scheme_id FROM receipts_receipt WHERE id = p.receipt_id) END, c.scheme_id)
    ), summed AS (  -- of each contract, and of each block
        SELECT a.contract_id, NULL AS place, NULL AS beside, a.year,
               CASE WHEN a.imposed > 0 THEN 1 ELSE 0 END AS asks,
               CASE WHEN a.imposed > 0 THEN c.value_cents ELSE 0 END AS value,
               a.imposed, a.waived, 0::bigint AS promised, 0::bigint AS delivered,
               0::bigint AS waiting, 0::bigint AS verified, 0::bigint AS lines,
               0::bigint AS people, 0::bigint AS purchase
        FROM asked a JOIN contract c ON c.id = a.contract_id
        UNION ALL
        SELECT contract_id, place, beside, year, 0, 0, 0, 0, sum(cents)::bigint, 0, 0, 0, 0, 0, 0
        FROM promised GROUP BY GROUPING SETS ((year, contract_id), (year, place, beside))
        UNION ALL
        SELECT contract_id, place, beside, year, 0, 0, 0, 0, 0, sum(delivered)::bigint,
               sum(waiting)::bigint, sum(verified)::bigint, count(*) FILTER (WHERE verified > 0),
               count(*) FILTER (WHERE has_people AND person_id IS NULL), sum(purchase)::bigint
        FROM effort GROUP BY GROUPING SETS ((year, contract_id), (year, place, beside))
        UNION ALL
        SELECT contract_id, place, beside, year, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*), 0
        FROM person WHERE is_in_one
        GROUP BY GROUPING SETS ((year, contract_id), (year, place, beside))
    ), divided AS (
        SELECT d.division, d.key, s.beside, s.year, s.imposed, s.waived, s.promised, s.delivered,
               s.waiting, s.verified, s.asks, s.value, s.lines, s.people, s.people AS places,
               s.purchase
        FROM summed s JOIN of_contract d USING (contract_id)
        UNION ALL
        SELECT b.division, b.key, s.beside, s.year, 0, 0, s.promised, s.delivered,
               s.waiting, s.verified, 0, 0, s.lines, s.people, s.people, s.purchase
        FROM summed s JOIN of_block b USING (place)
        UNION ALL
        SELECT division, key, beside, year, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*),
               sum(places)::bigint, 0
        FROM at_work GROUP BY 1, 2, 3, 4
    )
    SELECT division::text, concat_ws('|', beside, key), year, sum(imposed)::bigint,
           sum(waived)::bigint, sum(promised)::bigint, sum(delivered)::bigint,
           sum(waiting)::bigint, sum(verified)::bigint, sum(asks)::bigint,
           sum(value)::bigint, sum(lines)::bigint, sum(people)::bigint,
           sum(places)::bigint, sum(purchase)::bigint
    FROM divided GROUP BY 1, 2, 3 ORDER BY 1, 3, 2;
END $$;

-- What each line of effort came to in a year on some contracts, as the results of that year have
-- it: so what stands behind a figure adds up to it. Which lines somebody sees, the lines say.
CREATE FUNCTION telmee_lines_of_year(contracts bigint[], of_year int, as_of timestamptz)
RETURNS TABLE (contribution_id bigint, delivered_cents bigint, verified_cents bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    seen bigint[] := ARRAY(
        SELECT unnest(contracts) INTERSECT SELECT unnest(telmee_contracts({_SEEING})));
BEGIN
    RETURN QUERY
    SELECT contribution_id, sum(delivered_cents)::bigint, sum(verified_cents)::bigint FROM (
        SELECT contribution_id, delivered_cents, verified_cents FROM ledger_linebalance
        WHERE as_of IS NULL AND contract_id = ANY (seen) AND year = of_year
        UNION ALL
        SELECT contribution_id, delivered_cents, verified_cents
        FROM telmee_line_balances(
            seen, as_of, make_date(of_year, 1, 1), make_date(of_year, 12, 31))
        WHERE as_of IS NOT NULL
    ) line GROUP BY 1;
END $$;

-- The earliest day of effort that still waits for a decision, and how many lines wait. Until the
-- day before, everything that was handed in was decided on. A line waits from its first day on;
-- where a part of it was decided on, from the day after that part. Its euros are divided over those
-- days, so that no year is complete in which some of them are.
CREATE FUNCTION telmee_waits_since(contracts bigint[], as_of timestamptz)
RETURNS TABLE (day date, lines bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    seen bigint[] := ARRAY(
        SELECT unnest(contracts) INTERSECT SELECT unnest(telmee_contracts({_SEEING})));
BEGIN
    IF as_of IS NULL THEN
        RETURN QUERY
        SELECT min(coalesce(
            CASE WHEN l.state IN ('partly', 'objection') THEN (  -- a function would cost five times
                SELECT d.until FROM decisions_decision d
                WHERE d.contribution_id = l.id ORDER BY d.number DESC LIMIT 1) + 1 END,
            l."begin", telmee_day_of(l."end", NULL, l.submitted_at))), count(*)
        FROM contributions_contribution l
        WHERE l.contract_id = ANY (seen)
          AND l.state IN ('submitted', 'asked', 'partly', 'objection') AND (  -- as the index has it
            l.state IN ('submitted', 'asked')
            OR (l.state IN ('partly', 'objection') AND coalesce(l.rest_cents, 0) > 0));
    ELSE
        RETURN QUERY
        SELECT min(coalesce(
            (SELECT d.until FROM decisions_decision d
             WHERE d.contribution_id = waiting.line AND d.decided_at <= as_of
             ORDER BY d.number DESC LIMIT 1) + 1,
            least(l."begin", waiting.since))), count(*)
        FROM (
            SELECT its.line, min(its.day) AS since FROM (
                SELECT m.contribution_id AS line, m.effective_on AS day FROM ledger_movement m
                WHERE m.contract_id = ANY (seen) AND m.moved_at <= as_of
                  AND m.kind = 'undecided'
                GROUP BY 1, 2 HAVING sum(m.cents) <> 0) its
            GROUP BY its.line) waiting
        JOIN contributions_contribution l ON l.id = waiting.line;
    END IF;
END $$;
"""
_NO_RESULTS = """
DROP FUNCTION telmee_waits_since(bigint[], timestamptz);
DROP FUNCTION telmee_lines_of_year(bigint[], int, timestamptz);
DROP FUNCTION telmee_results(
    bigint[], int, int, timestamptz, text[], text[], text, bigint[], text[], boolean[], boolean[],
    bigint[], text[], text[]);
"""


class Migration(migrations.Migration):
    """What accounts and dashboards ask."""

    dependencies = [("reports", "0002_standings")]

    operations = [migrations.RunSQL(_RESULTS, _NO_RESULTS)]

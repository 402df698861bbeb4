"""Certificates and contracts that end, and the contracts of which a scheme asks something."""

from __future__ import annotations

from django.db import migrations

_TERMS = """
-- The certificates that end within some days: told to who holds it, or handed in a line with it,
-- and to the client of each contract that it works on, once. For the system.
CREATE FUNCTION telmee_certificate_terms(on_day date, near integer) RETURNS SETOF telmee_term
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT ON (r.id, client.organisation_id)
           'certificate_ending', 'recognition ' || r.id || ' ' || r.valid_until, c.id,
           r.valid_until, '{client,regional_team}'::text[], r.organisation_id,
           jsonb_build_object('holder', o.name, 'name', concat_ws(' ', CASE r.kind
               WHEN 'pso' THEN 'PSO' WHEN 'code' THEN 'Code Sociale Ondernemingen' END,
               nullif(r.level, ''))),
           'contract', c.id
    FROM organisations_recognition r
    JOIN organisations_organisation o ON o.id = r.organisation_id
    JOIN contracts_party p ON p.organisation_id = r.organisation_id
        AND p.role IN ('contractor', 'consortium', 'subcontractor')
    JOIN contracts_contract c ON c.id = p.contract_id AND c.closed_on IS NULL
    JOIN contracts_party client ON client.contract_id = c.id AND client.role = 'client'
    WHERE telmee_user() = -1 AND r.valid_until BETWEEN on_day AND on_day + near - 1
      AND NOT EXISTS (  -- it was renewed already
          SELECT 1 FROM organisations_recognition n
          WHERE n.organisation_id = r.organisation_id AND n.kind = r.kind
            AND (n.valid_until IS NULL OR n.valid_until > r.valid_until))
    ORDER BY r.id, client.organisation_id, c."end" DESC, c.id
$$;

CREATE FUNCTION telmee_line_certificate_terms(on_day date, near integer)
RETURNS SETOF telmee_term
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT 'certificate_ending',
           concat_ws(' ', 'lines', l.organisation_id, l.certificate, l.certificate_until),
           l.contract_id, l.certificate_until, '{client,regional_team}'::text[], l.organisation_id,
           jsonb_build_object('holder', o.name, 'name', ''),
           'contract', l.contract_id
    FROM contributions_contribution l
    JOIN organisations_organisation o ON o.id = l.organisation_id
    WHERE telmee_user() = -1 AND l.certificate_until BETWEEN on_day AND on_day + near - 1
      AND l.state NOT IN ('draft', 'withdrawn', 'rejected')
$$;

-- The contracts that end within some days with something open, or ended so in the month before:
-- told to both sides. A framework agreement owes what its call-offs owe. For the system.
CREATE FUNCTION telmee_ending_terms(on_day date, near integer) RETURNS SETOF telmee_term
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN c."end" < on_day THEN 'contract_ended' ELSE 'contract_ending' END,
           'contract ' || c.id || ' ' || c."end", c.id, c."end",
           '{client,regional_team,contractor,consortium}'::text[], NULL::bigint, '{}'::jsonb,
           'contract', c.id
    FROM contracts_contract c
    WHERE telmee_user() = -1 AND c.closed_on IS NULL AND c.form <> 'framework'
      AND c."end" BETWEEN on_day - 30 AND on_day + near - 1
      AND 0 < (SELECT sum(CASE
              WHEN kind = 'obligation' THEN cents
              WHEN kind IN ('reduced', 'waived', 'realised', 'carried_in', 'pooled') THEN -cents
              WHEN kind = 'carried_out' THEN cents ELSE 0 END)
          FROM ledger_balance WHERE contract_id = c.id)
$$;

-- The contracts on which a scheme or a client can ask something around a day: see
-- `telmee.apps.reports.morning_terms`, which reckons by when. For the system.
CREATE FUNCTION telmee_dated_contracts(on_day date)
RETURNS TABLE (id bigint, scheme_id bigint, category text, value_cents bigint, published_on date,
               awarded_on date, start date, "end" date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, c.scheme_id, c.category::text, c.value_cents, c.published_on, c.awarded_on,
           c.start, c."end"
    FROM contracts_contract c
    WHERE telmee_user() = -1 AND c.closed_on IS NULL AND c.obligation_cents > 0
      AND c.start - 400 <= on_day AND c."end" + 400 >= on_day
    ORDER BY c.id
$$;

-- On which periods the clients of contracts that are open ask to report, and since when. Who
-- delivers does not see the other choices of his client. For the system, and for who sees a
-- contract whole; without contracts, of all that may ask something around a day.
CREATE FUNCTION telmee_reporting(contracts bigint[], on_day date)
RETURNS TABLE (contract_id bigint, start date, "end" date, kind text, since date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, c.start, c."end", t.report_period::text, t.report_since
    FROM contracts_contract c
    JOIN contracts_party p ON p.contract_id = c.id AND p.role = 'client'
    JOIN relations_contactterm t
        ON t.organisation_id = p.organisation_id AND t.report_period <> ''
    WHERE c.closed_on IS NULL AND c.form <> 'framework' AND c.obligation_cents > 0
      AND c.start <= on_day AND c."end" >= t.report_since
      AND (contracts IS NULL OR c.id = ANY (contracts))
      AND (telmee_user() = -1 OR c.id IN (SELECT unnest(telmee_contracts(
          '{client,regional_team,auditor,contractor,consortium}'))))
$$;

-- Of periods of contracts: whether a line about it was handed in, and when somebody said that there
-- is nothing. A line is about the days of its effort; without days, about that of handing it in.
CREATE FUNCTION telmee_reported(contracts bigint[], firsts date[], lasts date[])
RETURNS TABLE (contract_id bigint, first date, has_lines boolean, said_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT asked.contract_id, asked.first, EXISTS (
               SELECT 1 FROM contributions_contribution l
               WHERE l.contract_id = asked.contract_id AND l.state NOT IN ('draft', 'withdrawn')
                 AND coalesce(l.begin, telmee_day_of(l."end", l.begin, l.submitted_at))
                     <= asked.last
                 AND telmee_day_of(l."end", l.begin, l.submitted_at) >= asked.first),
           (SELECT max(n.said_at) FROM relations_nothingtoreport n
            WHERE n.contract_id = asked.contract_id AND n.first = asked.first)
    FROM unnest(contracts, firsts, lasts) asked(contract_id, first, last)
    WHERE telmee_user() = -1 OR asked.contract_id IN (SELECT unnest(telmee_contracts(
        '{client,regional_team,auditor,contractor,consortium}')))
$$;
"""
_NO_TERMS = """
DROP FUNCTION telmee_reported(bigint[], date[], date[]);
DROP FUNCTION telmee_reporting(bigint[], date);
DROP FUNCTION telmee_dated_contracts(date);
DROP FUNCTION telmee_ending_terms(date, integer);
DROP FUNCTION telmee_line_certificate_terms(date, integer);
DROP FUNCTION telmee_certificate_terms(date, integer);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_results"),
        ("agreements", "0004_terms"),
        ("contracts", "0003_terms"),
        ("contributions", "0002_rules"),
        ("relations", "0002_access"),
    ]

    operations = [migrations.RunSQL(_TERMS, _NO_TERMS)]

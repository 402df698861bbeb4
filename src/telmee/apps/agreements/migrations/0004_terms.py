"""By when the other side of a proposal answers, and two sides end a dispute."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.agreements.choices import PRIVATE
from telmee.apps.organisations.choices import ANSWER_DAYS

_PRIVATE = ", ".join(f"'{kind}'" for kind in sorted(PRIVATE))
_OPEN = f"""
-- The proposals that wait, with the term of the client, and the disputes with a day: told to who
-- has to act, and once the day has passed to both sides. A settlement has a term of its own, in its
-- statement. A pool is told of once, whatever the number of its contracts. For the system.
CREATE FUNCTION telmee_agreement_terms(on_day date, near integer) RETURNS SETOF telmee_term
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH latest AS (
        SELECT v.id, v.contract_id, a.kind::text, v.organisation_id, v.addressee_id, a.period,
               w.until, w.id IS NULL AS waits, coalesce(p.pool::text, v.id::text) AS name,
               (v.proposed_at AT TIME ZONE 'Europe/Amsterdam')::date AS proposed_on
        FROM agreements_version v JOIN agreements_agreement a ON a.id = v.agreement_id
        LEFT JOIN agreements_answer w ON w.version_id = v.id
        LEFT JOIN agreements_resolution r ON r.version_id = v.id
        LEFT JOIN agreements_pooling p ON p.version_id = v.id
        WHERE telmee_user() = -1 AND v.addressee_id IS NOT NULL
          AND ((w.id IS NULL AND a.kind <> 'settlement')
               OR (w.outcome = 'disputed' AND w.until IS NOT NULL AND r.id IS NULL))
          AND NOT EXISTS (SELECT 1 FROM agreements_version l WHERE l.agreement_id = v.agreement_id
                          AND l.number > v.number AND NOT l.is_draft)
    ), term AS (
        SELECT l.*, CASE WHEN waits THEN proposed_on + coalesce(o.answer_days, {ANSWER_DAYS})
                         ELSE until END AS due_on,
               c.organisation_id AS client_id
        FROM latest l
        JOIN contracts_party c ON c.contract_id = l.contract_id AND c.role = 'client'
        JOIN organisations_organisation o ON o.id = c.organisation_id
    )
    -- Each side apart: the client's is its regional team as well.
    SELECT CASE WHEN waits THEN 'agreement' ELSE 'dispute' END
               || CASE WHEN due_on < on_day THEN '_term_missed' ELSE '_term_near' END,
           CASE WHEN kind = 'pooling' THEN 'pool ' ELSE 'version ' END || name || ' ' || due_on,
           contract_id, due_on,
           CASE WHEN side = client_id AND kind NOT IN ({_PRIVATE})
               THEN '{{client,regional_team}}'::text[] ELSE '{{}}' END,
           side, jsonb_build_object('answers', side = addressee_id),
           kind, contract_id
    FROM term CROSS JOIN LATERAL (
        SELECT addressee_id AS side
        UNION SELECT organisation_id WHERE due_on < on_day OR NOT waits) sides
    WHERE due_on < on_day + near
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_pools"), ("contracts", "0003_terms")]

    operations = [migrations.RunSQL(_OPEN, "DROP FUNCTION telmee_agreement_terms(date, integer)")]

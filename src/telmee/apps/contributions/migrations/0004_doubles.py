"""Lines that may be double are looked for by the database."""

from __future__ import annotations

from django.db import migrations

_FUNCTIONS = r"""
-- Which lines may be double with effort of the same contractor that who decides does not see, as it
-- is for another client. Only that it is so comes out: no line, no client, no code and no amount.
CREATE FUNCTION telmee_double_elsewhere(lines bigint[])
RETURNS TABLE (line bigint, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH own AS (
        SELECT * FROM contributions_contribution
        WHERE id = ANY (lines)
          AND state IN ('submitted', 'asked', 'partly', 'accepted', 'adjusted', 'objection')
          AND contract_id IN (SELECT unnest(telmee_contracts('{client,regional_team}')))
    ), elsewhere AS NOT MATERIALIZED (
        SELECT * FROM contributions_contribution
        WHERE organisation_id IN (SELECT organisation_id FROM own)
          AND state IN ('submitted', 'asked', 'partly', 'accepted', 'adjusted', 'objection')
          AND contract_id NOT IN (SELECT unnest(telmee_contracts('{client,regional_team}')))
          AND contract_id NOT IN (SELECT id FROM contracts_contract WHERE voided_on IS NOT NULL)
    )
    -- What is bought or counted by the piece has days too, but nobody works in them.
    SELECT o.id, 'overlap' FROM own o
    WHERE (o.weekly_hours IS NOT NULL OR coalesce(o.amount_cents, o."count") IS NULL)
      AND EXISTS (
        SELECT 1 FROM elsewhere e
        WHERE e.person_id = o.person_id AND e."begin" <= o."end" AND e."end" >= o."begin"
          AND (e.weekly_hours IS NOT NULL OR coalesce(e.amount_cents, e."count") IS NULL))
    UNION ALL
    SELECT o.id, 'same_invoice' FROM own o
    WHERE o.weekly_hours IS NULL AND o.amount_cents > 0 AND EXISTS (
        SELECT 1 FROM elsewhere e
        WHERE e.organisation_id = o.organisation_id AND e.weekly_hours IS NULL
          AND e.person_id IS NOT DISTINCT FROM o.person_id
          AND (e."begin", e.amount_cents) = (o."begin", o.amount_cents)
          AND ('' IN (e.supplier, o.supplier) OR e.supplier = o.supplier))
$$;

-- Which lines are to be laid beside these, and these among them: those of the same and near-equal
-- persons and those of the same invoice, as far as who asks sees them. Beside `lines` it takes one
-- that is not kept yet, if `organisation` says whose it is. In PL/pgSQL, which keeps its plan: to
-- plan this under row security takes several times as long as to look.
CREATE FUNCTION telmee_lines_beside(
    lines bigint[], organisation bigint, person bigint, near text[], day date, cents bigint)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    WITH own AS MATERIALIZED (
        SELECT c.id, c.organisation_id, c.person_id, c."begin", c.amount_cents,
            ARRAY[p.near_parts, p.near_whole] AS forms
        FROM contributions_contribution c LEFT JOIN people_person p ON p.id = c.person_id
        WHERE c.id = ANY (lines)
        UNION ALL
        SELECT NULL, organisation, person, day, cents, near WHERE organisation IS NOT NULL
    ), forms AS MATERIALIZED (
        SELECT DISTINCT o.organisation_id, form
        FROM own o CROSS JOIN LATERAL unnest(o.forms) AS form WHERE form <> ''
    ), persons AS MATERIALIZED (
        SELECT person_id FROM own WHERE person_id IS NOT NULL
        UNION
        SELECT p.id FROM forms f JOIN people_person p
            ON p.organisation_id = f.organisation_id AND p.near_parts = f.form
        UNION
        SELECT p.id FROM forms f JOIN people_person p
            ON p.organisation_id = f.organisation_id AND p.near_whole = f.form
    )
    SELECT id FROM own WHERE id IS NOT NULL
    UNION
    SELECT c.id FROM persons p JOIN contributions_contribution c ON c.person_id = p.person_id
    UNION
    SELECT c.id FROM own o JOIN contributions_contribution c
        ON c.organisation_id = o.organisation_id AND c."begin" = o."begin"
        AND c.amount_cents = o.amount_cents
    WHERE o.amount_cents > 0;
END $$;
"""

_NO_FUNCTIONS = """
DROP FUNCTION telmee_lines_beside(bigint[], bigint, bigint, text[], date, bigint);
DROP FUNCTION telmee_double_elsewhere(bigint[]);
"""


class Migration(migrations.Migration):
    """What may be double is looked for by the database, beside what who asks sees and beyond it."""

    dependencies = [("contributions", "0003_counterparties")]

    operations = [migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS)]

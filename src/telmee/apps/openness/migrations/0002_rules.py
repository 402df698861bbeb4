"""Who manages a client opens its account; a visitor gets an open one and nothing beside it."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    ORGANISATIONS,
    only_grows,
    protect,
)

_FUNCTIONS = """
CREATE FUNCTION telmee_begin_opening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.openings', NEW.organisation_id));
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM openness_opening
            WHERE organisation_id = NEW.organisation_id), 0);
        NEW.opened_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- The accounts that clients opened to everybody, or that of one client. It knows no contract: what
-- it gives was frozen with its small counts hidden, and leaves out what names a contract (`books`),
-- and of a correction its reasons, which somebody wrote, and its part, which may be of one person.
CREATE FUNCTION telmee_open_accounts(wanted bigint)
RETURNS TABLE (client_id bigint, client text, number int, year int, frozen_at timestamptz,
               sha256 text, document text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.organisation_id, c.name::text, r.number, r.year::int, r.frozen_at, r.sha256::text,
           jsonb_set(r.document::jsonb - 'books', '{corrections}', (
               SELECT coalesce(jsonb_agg(
                   told - '{reasons,corrected_cents,later_cents}'::text[] ORDER BY place), '[]')
               FROM jsonb_array_elements(r.document::jsonb->'corrections')
                   WITH ORDINALITY AS c(told, place)))::text
    FROM openness_opening o
    JOIN reports_report r ON r.id = o.report_id AND r.organisation_id = o.organisation_id
    JOIN organisations_organisation c ON c.id = o.organisation_id
    WHERE (wanted IS NULL OR o.organisation_id = wanted)
      AND r.kind IN ('council', 'annual', 'regional')
      AND NOT EXISTS (SELECT 1 FROM openness_opening n
                      WHERE n.organisation_id = o.organisation_id AND n.number > o.number)
    ORDER BY c.search_name, c.id
$$;

CREATE TRIGGER begin_opening BEFORE INSERT ON openness_opening
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_opening();
"""
_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"
_NO_FUNCTIONS = """
DROP TRIGGER begin_opening ON openness_opening;
DROP FUNCTION telmee_open_accounts(bigint);
DROP FUNCTION telmee_begin_opening();
"""


class Migration(migrations.Migration):
    """What is open is a choice that only grows."""

    dependencies = [("openness", "0001_initial"), ("reports", "0005_account_rules")]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        only_grows("openness_opening"),
        protect(
            "openness_opening",
            read=f"organisation_id = {ORGANISATIONS} OR organisation_id = {_SERVED}",
            insert=f"user_id = {ME} AND organisation_id = {MANAGED} AND (report_id IS NULL OR"
            " EXISTS (SELECT 1 FROM reports_report r WHERE r.id = report_id"
            " AND r.organisation_id = openness_opening.organisation_id"
            " AND r.kind IN ('council', 'annual', 'regional')))",
        ),
    ]

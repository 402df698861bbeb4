"""Goals and frozen reports only grow, and the database itself proves what a report says it is."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    COUNCILS,
    ME,
    ORGANISATIONS,
    WORKING,
    only_grows,
    protect,
    stamped,
)

_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"

# The lock numbers reports of one organisation one after the other. A document that is not what its
# hash says, or an earlier report of somebody else, is refused.
_RULES = """
CREATE FUNCTION telmee_begin_report() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.sha256 <> encode(sha256(convert_to(NEW.document, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'telmee: a report that is not what its hash says'
            USING ERRCODE = 'check_violation';
    END IF;
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.reports', NEW.organisation_id));
    NEW.number := 1 + coalesce((
        SELECT max(number) FROM reports_report WHERE organisation_id = NEW.organisation_id), 0);
    IF NEW.as_of > clock_timestamp() OR NEW.before_id IS DISTINCT FROM (
            SELECT id FROM reports_report
            WHERE (organisation_id, kind, year) = (NEW.organisation_id, NEW.kind, NEW.year)
            ORDER BY number DESC LIMIT 1) THEN
        RAISE EXCEPTION 'telmee: report_overtaken' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER begin_report BEFORE INSERT ON reports_report
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_report();
"""
_NO_RULES = """
DROP TRIGGER begin_report ON reports_report;
DROP FUNCTION telmee_begin_report();
"""


class Migration(migrations.Migration):
    """Who works for an organisation sets goals and publishes; its council and team read."""

    dependencies = [("reports", "0004_terms")]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        *(only_grows(table) for table in ("reports_goal", "reports_report")),
        stamped("reports_goal", "set_at"),
        stamped("reports_report", "frozen_at"),
        *(
            protect(
                table,
                read=f"organisation_id = {ORGANISATIONS} OR organisation_id = {_SERVED}"
                f" OR (organisation_id = {COUNCILS}{of_council})",
                insert=f"user_id = {ME} AND organisation_id = {WORKING}",
            )
            # What a client says as a contractor of others is not its council's.
            for table, of_council in (
                ("reports_goal", ""),
                ("reports_report", " AND kind IN ('council', 'annual', 'regional')"),
            )
        ),
    ]

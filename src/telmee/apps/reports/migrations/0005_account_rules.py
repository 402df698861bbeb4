"""Goals and frozen reports only grow, and the database itself proves what a report says it is."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contracts.choices import SEEING_ROLES
from telmee.apps.organisations.row_security import (
    COUNCILS,
    ME,
    ORGANISATIONS,
    WORKING,
    only_grows,
    protect,
    stamped,
)

_SEEING = "'{" + ",".join(sorted(SEEING_ROLES)) + "}'"
_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"
_AUDITED = "ANY ((SELECT telmee_clients_audited())::bigint[])"
_OWN = f"organisation_id = {ORGANISATIONS} OR organisation_id = {_SERVED}"
_PUBLISHES = f"user_id = {ME} AND organisation_id = {WORKING}"

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

-- The clients of contracts that somebody looks into as an auditor: what they published he reads.
CREATE FUNCTION telmee_clients_audited() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT organisation_id), '{}') FROM contracts_party
    WHERE role = 'client' AND contract_id = ANY (telmee_contracts('{auditor}'))
$$;

-- What was published about some contracts in a year: by whom, as of when, about which of them, and
-- which counts it hid. Of contracts that who asks sees himself; nothing else of a report comes out.
CREATE FUNCTION telmee_accounts_about(contracts bigint[], about int, kinds text[])
RETURNS TABLE (organisation_id bigint, as_of timestamptz, seen bigint[], hidden text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH own AS MATERIALIZED (
        SELECT unnest(contracts) AS id INTERSECT SELECT unnest(telmee_contracts({seeing})))
    SELECT r.organisation_id, r.as_of, b.seen, (r.document::jsonb -> 'hidden')::text
    FROM reports_report r CROSS JOIN LATERAL (
        SELECT array_agg(own.id ORDER BY own.id) AS seen
        FROM jsonb_array_elements(r.document::jsonb -> 'books') book
        JOIN own ON own.id = (book ->> 0)::bigint) b
    WHERE r.year = about AND r.kind = ANY (kinds) AND b.seen IS NOT NULL
    ORDER BY r.as_of, r.id
$$;

-- What a paper is known by is made of its bytes, whatever is sent along (letters.0002).
CREATE TRIGGER weigh_paper BEFORE INSERT ON reports_paper
    FOR EACH ROW EXECUTE FUNCTION telmee_weigh_paper();
CREATE TRIGGER begin_report BEFORE INSERT ON reports_report
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_report();
"""
_NO_RULES = """
DROP TRIGGER weigh_paper ON reports_paper;
DROP TRIGGER begin_report ON reports_report;
DROP FUNCTION telmee_begin_report();
DROP FUNCTION telmee_clients_audited();
DROP FUNCTION telmee_accounts_about(bigint[], int, text[]);
"""


class Migration(migrations.Migration):
    """Who works for an organisation publishes; its council, team and auditor read."""

    dependencies = [("reports", "0004_terms"), ("letters", "0002_rules")]

    operations = [
        migrations.RunSQL(_RULES.replace("{seeing}", _SEEING), _NO_RULES),
        *(only_grows(f"reports_{table}") for table in ("goal", "report", "publishing", "paper")),
        stamped("reports_goal", "set_at"),
        stamped("reports_report", "frozen_at"),
        stamped("reports_publishing", "asked_at"),
        protect(
            "reports_goal",
            read=f"{_OWN} OR organisation_id = {COUNCILS}",
            insert=_PUBLISHES,
        ),
        protect(
            "reports_report",
            # What a client says as a contractor of others is not its council's.
            read=f"{_OWN} OR organisation_id = {_AUDITED} OR (organisation_id = {COUNCILS}"
            " AND kind IN ('council', 'annual', 'regional'))",
            insert=_PUBLISHES,
        ),
        protect(
            "reports_publishing",
            read=f"organisation_id = {ORGANISATIONS}",
            insert=_PUBLISHES,
        ),
        protect(
            "reports_paper",
            read="EXISTS (SELECT 1 FROM reports_report r WHERE r.id = report_id)",
            insert="EXISTS (SELECT 1 FROM reports_report r WHERE r.id = report_id"
            f" AND r.organisation_id = {WORKING})",
        ),
    ]

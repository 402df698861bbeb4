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

_TABLES = ("goal", "report", "counted", "publishing", "paper")
_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"
_AUDITED = "ANY ((SELECT telmee_clients_audited())::bigint[])"
_OWN = f"organisation_id = {ORGANISATIONS} OR organisation_id = {_SERVED}"
_OF_WHO_PUBLISHED = (
    "EXISTS (SELECT 1 FROM reports_report r WHERE r.id = report_id"
    f" AND r.organisation_id = {WORKING})"
)
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

-- What was published in a year about the clients of some contracts, about whom it was told
-- together with in an account of a region, and so on: by whom, which counts it hid, and the people
-- behind it. For who may publish about these contracts himself, so that his own account gives away
-- nobody of the others; on no page does any of it come out.
CREATE FUNCTION telmee_accounts_about(contracts bigint[], about int)
RETURNS TABLE (organisation_id bigint, kind text, hidden text, people text, cells text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    known bigint[];
    beside bigint[] := ARRAY(
        SELECT DISTINCT p.organisation_id FROM contracts_party p
        WHERE p.role = 'client' AND p.contract_id IN (
            SELECT unnest(contracts) INTERSECT
            SELECT unnest(telmee_contracts_worked('{client,regional_team}'))));
BEGIN
    WHILE known IS DISTINCT FROM beside LOOP
        known := beside;
        beside := ARRAY(
            SELECT unnest(known) UNION
            SELECT unnest(c.clients) FROM reports_counted c
            JOIN reports_report r ON r.id = c.report_id
            WHERE r.year = about AND c.clients && known ORDER BY 1);
    END LOOP;
    RETURN QUERY
    SELECT r.organisation_id, r.kind::text, c.hidden::text, c.people::text,
           c.cells::text
    FROM reports_counted c JOIN reports_report r ON r.id = c.report_id
    WHERE r.year = about AND c.clients && known
    ORDER BY r.as_of, r.id;
END $$;

-- Who asked for a draft sees it alone, and so does no job: this is what throws them away.
CREATE FUNCTION telmee_throw_away_drafts() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM reports_draft WHERE asked_at < now() - interval '7 days'
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
DROP FUNCTION telmee_accounts_about(bigint[], int);
DROP FUNCTION telmee_throw_away_drafts();
"""


class Migration(migrations.Migration):
    """Who works for an organisation publishes; its council, team and auditor read."""

    dependencies = [("reports", "0004_terms"), ("letters", "0002_rules")]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        *(only_grows(f"reports_{table}") for table in _TABLES),
        stamped("reports_goal", "set_at"),
        stamped("reports_report", "frozen_at"),
        stamped("reports_publishing", "asked_at"),
        stamped("reports_draft", "asked_at"),
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
            "reports_counted",
            read=_OF_WHO_PUBLISHED,
            insert=_OF_WHO_PUBLISHED,
        ),
        protect(
            "reports_publishing",
            read=f"organisation_id = {ORGANISATIONS}",
            insert=_PUBLISHES,
        ),
        protect("reports_draft", read=_PUBLISHES, insert=_PUBLISHES, update=_PUBLISHES),
        protect(
            "reports_paper",
            read="EXISTS (SELECT 1 FROM reports_report r WHERE r.id = report_id)",
            insert=_OF_WHO_PUBLISHED,
        ),
    ]

"""A rule decides as who set it, a sample stays as drawn, and a wrong line takes trust away."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    ORGANISATIONS,
    WORKING,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_grows,
    protect,
)

_REVIEWING = contracts_as("client", "regional_team", "auditor")
_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
_OF_CLIENT = contracts_worked_as("client")
#: Why a person looks at a line is for those who look; that none did, for who sees the line.
_WITH_ITS_LINE = (
    f"contract_id IN {_REVIEWING} OR (contract_id IN {_ALL} AND decision_id IS NOT NULL AND EXISTS"
    " (SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id))"
)

_TRIGGERS = """
-- Whether somebody draws from what a client decided: for the client, who decides for it, or who
-- audits it.
CREATE FUNCTION telmee_may_sample(client bigint, own bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT own = ANY ((SELECT telmee_working())::bigint[]) AND EXISTS (
        SELECT 1 FROM contracts_openparty c JOIN contracts_openparty o USING (contract_id)
        WHERE c.organisation_id = client AND c.role = 'client' AND o.organisation_id = own
          AND o.role IN ('client', 'regional_team', 'auditor'))
$$;

CREATE FUNCTION telmee_begin_rule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.trust', NEW.organisation_id));
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM trust_rule WHERE organisation_id = NEW.organisation_id), 0);
        NEW.set_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_begin_sample() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.samples', NEW.organisation_id));
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM trust_sample WHERE organisation_id = NEW.organisation_id), 0);
        NEW.drawn_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- The trust of a client in who delivered, away on a day.
CREATE FUNCTION telmee_trust_away(client bigint, delivering bigint, on_day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM trust_lapse
                   WHERE organisation_id = client AND contractor_id = delivering
                     AND until >= on_day AND lifted_at IS NULL)
$$;

-- A rule decides as it stands, in the name of who set it, on a line that nobody asked about or
-- decided on before.
CREATE FUNCTION telmee_guard_weighing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
    its trust_rule;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id;
    SELECT * INTO its FROM trust_rule WHERE id = NEW.rule_id;
    IF line.submitted_at IS NULL OR NOT its.is_on
        OR its.user_id IS DISTINCT FROM telmee_user()
        OR EXISTS (SELECT 1 FROM trust_rule r
                   WHERE r.organisation_id = its.organisation_id AND r.number > its.number)
        OR NOT EXISTS (SELECT 1 FROM contracts_party p
                       WHERE p.contract_id = NEW.contract_id AND p.role = 'client'
                         AND p.organisation_id = its.organisation_id) THEN
        RAISE EXCEPTION 'telmee: a line that is not weighed by the rule that holds'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decision_id IS NOT NULL AND (
        NOT EXISTS (
            SELECT 1 FROM decisions_decision d JOIN receipts_receipt r ON r.id = d.receipt_id
            WHERE d.id = NEW.decision_id AND d.contribution_id = line.id AND d.number = 1
              AND d.user_id = its.user_id AND d.reason = ''
              AND d.outcome IN ('accepted', 'partly')
              AND d.decided_at >= transaction_timestamp()
              AND r.named_cents IS NULL AND r.cents <= its.most_cents)
        OR EXISTS (SELECT 1 FROM decisions_question WHERE contribution_id = line.id)
        OR NOT its.blocks ? line.block
        OR telmee_trust_away(its.organisation_id, line.organisation_id,
                             (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date)) THEN
        RAISE EXCEPTION 'telmee: a decision beyond the rule of trust'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.submitted_at := line.submitted_at;
    NEW.weighed_at := clock_timestamp();
    RETURN NEW;
END $$;

-- Who looks again did not decide himself, and has nothing to do with who delivered the line.
CREATE FUNCTION telmee_guard_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    drawn jsonb;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT item INTO drawn FROM trust_sample s, jsonb_array_elements(s.items) item
    WHERE s.id = NEW.sample_id AND (item ->> 0)::bigint = NEW.contribution_id;
    IF drawn IS NULL OR NOT EXISTS (
            SELECT 1 FROM contributions_contribution
            WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id) THEN
        RAISE EXCEPTION 'telmee: a review of a line that was not drawn'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM decisions_decision
               WHERE id = (drawn ->> 1)::bigint AND user_id = NEW.user_id)
        OR EXISTS (SELECT 1 FROM contributions_contribution
                   WHERE id = NEW.contribution_id
                     AND NEW.user_id IN (created_by_id, submitted_by_id)) THEN
        RAISE EXCEPTION 'telmee: a review of what is his own' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.is_right <> (NEW.right_cents = (drawn ->> 2)::bigint) THEN
        RAISE EXCEPTION 'telmee: a review whose amount says otherwise'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.reviewed_at := clock_timestamp();
    RETURN NEW;
END $$;

-- A line that nobody looked at before and that is wrong takes the trust away, at once and for as
-- long as the client said. Found right after all in the same sample it gives back what it took,
-- with the reason of who says so; what another line or sample took stays away.
CREATE FUNCTION telmee_follow_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NULL;
    END IF;
    IF NEW.is_right THEN
        UPDATE trust_lapse l SET lifted_at = clock_timestamp(), lifted_why = NEW.reason
        FROM trust_review r
        WHERE r.id = l.review_id AND r.sample_id = NEW.sample_id
          AND r.contribution_id = NEW.contribution_id AND l.lifted_at IS NULL
          AND l.until >= (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date;
    ELSE
        INSERT INTO trust_lapse (organisation_id, contractor_id, review_id, until, created_at,
                                 lifted_why)
        SELECT s.organisation_id, l.organisation_id, NEW.id,
               (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date + its.away_days,
               clock_timestamp(), ''
        FROM trust_sample s
        CROSS JOIN jsonb_array_elements(s.items) item
        JOIN trust_weighing w ON w.decision_id = (item ->> 1)::bigint
        JOIN contributions_contribution l ON l.id = NEW.contribution_id
        JOIN LATERAL (
            SELECT away_days FROM trust_rule r WHERE r.organisation_id = s.organisation_id
            ORDER BY r.number DESC LIMIT 1) its ON true
        WHERE s.id = NEW.sample_id AND (item ->> 0)::bigint = NEW.contribution_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION telmee_guard_lapse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'telmee: it was lifted before' USING ERRCODE = 'check_violation';
    END IF;
    NEW.lifted_at := clock_timestamp();
    NEW.lifted_by_id := telmee_user();
    RETURN NEW;
END $$;

-- The rules that hold and by whose hand, for the job that weighs lines.
CREATE FUNCTION telmee_rules_of_trust() RETURNS TABLE (rule_id bigint, user_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.id, r.user_id FROM trust_rule r
    WHERE telmee_user() = -1 AND r.is_on AND r.user_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM trust_rule n
                      WHERE n.organisation_id = r.organisation_id AND n.number > r.number)
    ORDER BY r.id
$$;

-- Who is told that trust went or was given back: all who work for the client, for who decides on
-- the contract of the line, or for the contractor. Looks back a week; a notice is written once.
CREATE FUNCTION telmee_lapses_to_tell()
RETURNS TABLE (lapse_id bigint, code text, contract_id bigint, reference text, name text,
               line text, client text, contractor text, until_on date, organisation_id bigint,
               user_id bigint, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT ON (l.id, told.code, u.id) l.id, told.code, c.id, c.reference::text,
           c.name::text, x.reference::text, client.name::text, contractor.name::text, l.until,
           p.organisation_id, u.id, u.language::text
    FROM trust_lapse l
    CROSS JOIN LATERAL (VALUES ('trust_taken_away', l.created_at),
                               ('trust_given_back', l.lifted_at)) told (code, at)
    JOIN trust_review r ON r.id = l.review_id
    JOIN contributions_contribution x ON x.id = r.contribution_id
    JOIN contracts_contract c ON c.id = r.contract_id
    JOIN organisations_organisation client ON client.id = l.organisation_id
    JOIN organisations_organisation contractor ON contractor.id = l.contractor_id
    JOIN contracts_openparty p ON p.contract_id = c.id
        AND (p.role IN ('client', 'regional_team') OR p.organisation_id = l.contractor_id)
    JOIN organisations_membership m
        ON m.organisation_id = p.organisation_id AND m.role IN ('manager', 'worker')
    JOIN organisations_user u ON u.id = m.user_id AND u.is_active
    WHERE telmee_user() = -1 AND told.at > now() - interval '7 days'
    ORDER BY l.id, told.code, u.id, p.organisation_id
$$;

CREATE TRIGGER begin_rule BEFORE INSERT ON trust_rule
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_rule();
CREATE TRIGGER begin_sample BEFORE INSERT ON trust_sample
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_sample();
CREATE TRIGGER guard_weighing BEFORE INSERT ON trust_weighing
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_weighing();
CREATE TRIGGER guard_review BEFORE INSERT ON trust_review
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_review();
CREATE TRIGGER follow_review AFTER INSERT ON trust_review
    FOR EACH ROW EXECUTE FUNCTION telmee_follow_review();
CREATE TRIGGER guard_lapse BEFORE UPDATE ON trust_lapse
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_lapse();
"""
_NO_TRIGGERS = """
DROP TRIGGER guard_lapse ON trust_lapse;
DROP TRIGGER follow_review ON trust_review;
DROP TRIGGER guard_review ON trust_review;
DROP TRIGGER guard_weighing ON trust_weighing;
DROP TRIGGER begin_sample ON trust_sample;
DROP TRIGGER begin_rule ON trust_rule;
DROP FUNCTION telmee_lapses_to_tell();
DROP FUNCTION telmee_rules_of_trust();
DROP FUNCTION telmee_guard_lapse();
DROP FUNCTION telmee_follow_review();
DROP FUNCTION telmee_guard_review();
DROP FUNCTION telmee_guard_weighing();
DROP FUNCTION telmee_trust_away(bigint, bigint, date);
DROP FUNCTION telmee_begin_sample();
DROP FUNCTION telmee_begin_rule();
DROP FUNCTION telmee_may_sample(bigint, bigint);
"""


class Migration(migrations.Migration):
    """Rules, weighings, samples and reviews only grow; of a lapse only its lifting is written."""

    dependencies = [
        ("trust", "0001_initial"),
        ("contributions", "0002_rules"),
        ("decisions", "0002_rules"),
    ]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        only_grows("trust_rule"),
        only_grows("trust_weighing"),
        only_grows("trust_sample"),
        only_grows("trust_review"),
        only_grows(
            *("trust_lapse", "id", "organisation_id", "contractor_id", "review_id"),
            *("until", "created_at"),
        ),
        names_nobody("trust_review", "reason"),
        protect(
            "trust_rule",
            read=f"organisation_id = {ORGANISATIONS}",
            insert=f"user_id = {ME} AND organisation_id = {MANAGED}",
        ),
        protect(
            "trust_weighing",
            read=_WITH_ITS_LINE,
            insert=f"contract_id IN {_OF_CLIENT}",
        ),
        protect(
            "trust_sample",
            read=f"organisation_id = {ORGANISATIONS} OR drawn_for_id = {ORGANISATIONS}",
            insert=f"user_id = {ME} AND telmee_may_sample(organisation_id, drawn_for_id)",
        ),
        protect(
            "trust_review",
            read=f"(contract_id IN {_REVIEWING}"
            " AND EXISTS (SELECT 1 FROM trust_sample s WHERE s.id = sample_id))"
            # Who lost trust by it reads why.
            f" OR (contract_id IN {_ALL} AND EXISTS (SELECT 1 FROM trust_lapse l"
            f" WHERE l.review_id = trust_review.id AND l.contractor_id = {ORGANISATIONS}))",
            insert=f"user_id = {ME} AND organisation_id = {WORKING} AND EXISTS"
            " (SELECT 1 FROM trust_sample s WHERE s.id = sample_id"
            " AND trust_review.organisation_id IN (s.organisation_id, s.drawn_for_id))",
        ),
        protect(
            "trust_lapse",
            read=f"organisation_id = {ORGANISATIONS} OR contractor_id = {ORGANISATIONS}",
            update=f"organisation_id = {WORKING}",
        ),
    ]

"""Who may see and write organisations, memberships, invitations and recognitions."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ANYBODY,
    MANAGED,
    ME,
    OPERATOR,
    ORGANISATIONS,
    SIGNED_IN,
    WORKING,
    names_nobody,
    only_grows,
    protect,
    stamped,
)

_FUNCTIONS = r"""
CREATE FUNCTION telmee_user() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN coalesce(nullif(current_setting('telmee.user', true), ''), '0')::bigint;
END $$;

-- Whose memberships these are is all that the application says; the rest the database looks up.
CREATE FUNCTION telmee_member_as(wanted text[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('telmee.user', true), '') = '' THEN
        RAISE EXCEPTION 'telmee: a query without anybody who asks'
            USING ERRCODE = 'insufficient_privilege', HINT = 'open the transaction with acting_as';
    END IF;
    RETURN coalesce((
        SELECT array_agg(m.organisation_id) FROM organisations_membership m
        JOIN organisations_user u ON u.id = m.user_id AND u.is_active
        WHERE m.user_id = telmee_user() AND m.role = ANY (wanted)), '{}');
END $$;

CREATE FUNCTION telmee_organisations() RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_member_as('{manager,worker,reader}')
$$;

CREATE FUNCTION telmee_working() RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_member_as('{manager,worker}')
$$;

CREATE FUNCTION telmee_managed() RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_member_as('{manager}')
$$;

-- Of whose councils he is a member. These are none of his organisations: nothing that asks for
-- those opens, and what a council may read asks this.
CREATE FUNCTION telmee_councils() RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_member_as('{council}')
$$;

-- Who owns the tables loads what happened elsewhere, with its moments and people. The one
-- exception that the triggers know; the application's role is never a member of the owner.
CREATE FUNCTION telmee_owner_acts() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT pg_has_role(session_user, (SELECT relowner FROM pg_class
                                      WHERE oid = 'public.organisations_user'::regclass), 'member')
$$;

CREATE FUNCTION telmee_stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        NEW := jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], clock_timestamp()));
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_guard_user() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND NEW.is_operator AND (TG_OP = 'INSERT' OR NOT OLD.is_operator)
    THEN
        RAISE EXCEPTION 'telmee: only the owner makes an operator'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A visitor may: with a link that was mailed to him he chooses another password.
    IF TG_OP = 'UPDATE' AND NOT telmee_owner_acts() AND telmee_user() NOT IN (0, OLD.id)
        AND (OLD.password, OLD.email, OLD.name, OLD.is_active, OLD.gets_heads)
            IS DISTINCT FROM
            (NEW.password, NEW.email, NEW.name, NEW.is_active, NEW.gets_heads) THEN
        RAISE EXCEPTION 'telmee: the account of somebody else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_guard_organisation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF (TG_OP = 'INSERT' AND (NEW.accepts_ahead OR NEW.carries_surplus
            OR NEW.dispute_days IS NOT NULL OR NEW.answer_days IS NOT NULL
            OR NEW.objection_days IS NOT NULL))
        OR (TG_OP = 'UPDATE'
            AND (OLD.accepts_ahead, OLD.carries_surplus, OLD.dispute_days, OLD.answer_days,
                 OLD.objection_days)
                IS DISTINCT FROM
                (NEW.accepts_ahead, NEW.carries_surplus, NEW.dispute_days, NEW.answer_days,
                 NEW.objection_days)
            AND NOT (NEW.is_client AND NEW.id = ANY (telmee_managed()))) THEN
        RAISE EXCEPTION 'telmee: how a client decides is for its own managers'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF telmee_operator() THEN
        RETURN NEW;
    END IF;
    IF (TG_OP = 'INSERT' AND (NEW.is_client OR NEW.invented))
        OR (TG_OP = 'UPDATE' AND (OLD.kvk, OLD.oin, OLD.rsin, OLD.is_client, OLD.invented)
            IS DISTINCT FROM (NEW.kvk, NEW.oin, NEW.rsin, NEW.is_client, NEW.invented)) THEN
        RAISE EXCEPTION 'telmee: by which number an organisation is known is for the operator'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Whether a text about a contract names somebody by his code, as a word of its own: one of the
-- people of who writes it, of a line that he sees there, or of the line that it is about. Of others
-- it tells nothing. A code of two signs, or of four digits, is a word of any text.
CREATE FUNCTION telmee_names_person(contract bigint, line bigint, said text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    folded text := regexp_replace(lower(normalize(said, NFKC)), '\s+', ' ', 'g');
    own bigint[] := ARRAY(
        SELECT organisation_id FROM contracts_party
        WHERE contract_id = contract AND organisation_id = ANY (telmee_working())
          AND role IN ('contractor', 'former', 'consortium', 'subcontractor'));
    whole boolean := contract = ANY (telmee_contracts_whole());
BEGIN
    RETURN EXISTS (
        SELECT FROM (
            SELECT code_key FROM people_person WHERE organisation_id = ANY (own)
            UNION ALL
            SELECT code_key FROM people_person WHERE id IN (
                SELECT person_id FROM contributions_contribution
                WHERE contract_id = contract AND ((whole AND state <> 'draft') OR id = line))
        ) p
        WHERE position(p.code_key IN folded) > 0
          AND length(p.code_key) > 2 AND p.code_key !~ '^[0-9]{1,4}$'
          AND folded ~ ('(?<!\w)' || regexp_replace(p.code_key, '([^\w ])', '\\\1', 'g')
                        || '(?!\w)'));
END $$;

CREATE FUNCTION telmee_refuse_codes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() AND EXISTS (
        SELECT FROM (
            SELECT DISTINCT (row->>'contract_id')::bigint, (row->>'contribution_id')::bigint,
                   row->>name
            FROM (SELECT to_jsonb(n) FROM changed n) its(row), unnest(TG_ARGV) name
        ) t(contract, line, said)
        WHERE said <> '' AND telmee_names_person(contract, line, said)) THEN
        RAISE EXCEPTION 'telmee: text_names_person' USING ERRCODE = 'check_violation',
            DETAIL = '{}';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION telmee_operator() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM organisations_user
                   WHERE id = telmee_user() AND is_operator AND is_active)
$$;

CREATE FUNCTION telmee_own_address(address text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM organisations_user
                   WHERE id = telmee_user() AND lower(email) = lower(address))
$$;

-- Whether an address is one's own, or of somebody in an organisation that one manages.
CREATE FUNCTION telmee_near_address(address text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_own_address(address) OR EXISTS (
        SELECT 1 FROM organisations_user u JOIN organisations_membership m ON m.user_id = u.id
        WHERE lower(u.email) = lower(address) AND m.organisation_id = ANY (telmee_managed()))
$$;

CREATE FUNCTION telmee_invited() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT organisation_id FROM organisations_invitation
    WHERE token_hash = nullif(current_setting('telmee.invitation', true), '')
      AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
      AND (approved_by_id IS NOT NULL OR NOT needs_approval)
$$;

CREATE FUNCTION telmee_has_members(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM organisations_membership WHERE organisation_id = wanted)
$$;

-- Whether somebody may write in the journal of an organisation that is not his own. An operator
-- ends a recognition, and the journal of the client that gave it says so. A member of a council
-- joined it. And an organisation is told of by an operator, and as long as it has nobody (or for as
-- long as his invitation is there) by who brought it in. In PL/pgSQL, which keeps its plan: every
-- deed writes an event, mostly of his own organisation, and planned all of this with it.
CREATE FUNCTION telmee_tells_of(organisation bigint, kind text, verb text, object bigint)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (verb = 'organisation.recognition_ended' AND telmee_operator() AND EXISTS (
            SELECT 1 FROM organisations_recognition r
            WHERE r.organisation_id = object AND r.checked_by_id = organisation))
        OR (verb = 'organisation.joined' AND organisation = ANY (telmee_councils()))
        OR (kind = 'organisation' AND object = organisation
            AND (telmee_operator() OR NOT telmee_has_members(organisation) OR EXISTS (
                SELECT 1 FROM organisations_invitation i
                WHERE i.organisation_id = organisation AND i.invited_by_id = telmee_user())));
END $$;

-- Joining uses the link up: by the address it was sent to, in the role it names, and where it is
-- the first one only as long as nobody belongs to the organisation. That it was used is written
-- here, since a claim that could be accepted without a trace would be none. Who works there already
-- gets the role of the link; a manager changes roles without one.
CREATE FUNCTION telmee_accept_invitation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    used organisations_invitation%ROWTYPE;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    -- Only who awards contracts has a council, and a member of it is none of its officials: he does
    -- not become one, nor the other way round, but by leaving and being invited anew.
    IF (NEW.role = 'council' AND NOT (SELECT o.is_client FROM organisations_organisation o
                                      WHERE o.id = NEW.organisation_id))
        OR (TG_OP = 'UPDATE' AND (OLD.role = 'council') <> (NEW.role = 'council')) THEN
        RAISE EXCEPTION 'telmee: a member of a council stands apart'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.organisation_id = ANY (telmee_managed()) THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM organisations_organisation WHERE id = NEW.organisation_id FOR NO KEY UPDATE;
    UPDATE organisations_invitation SET accepted_at = clock_timestamp()
    WHERE token_hash = nullif(current_setting('telmee.invitation', true), '')
      AND organisation_id = NEW.organisation_id AND role = NEW.role
      AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
      AND (approved_by_id IS NOT NULL OR NOT needs_approval)
      AND email = (SELECT u.email FROM organisations_user u WHERE u.id = NEW.user_id)
    RETURNING * INTO used;
    IF used.id IS NULL OR (used.is_first AND telmee_has_members(NEW.organisation_id)) THEN
        RAISE EXCEPTION 'telmee: invitation_closed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_guard_invitation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF OLD.accepted_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'telmee: an invitation that was used or withdrawn stays so'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- A proposed manager gets his link by the approval, once, of somebody else than who proposed
    -- him and than himself.
    IF (OLD.approved_by_id, OLD.token_hash, OLD.expires_at)
            IS DISTINCT FROM (NEW.approved_by_id, NEW.token_hash, NEW.expires_at)
        AND (OLD.needs_approval AND OLD.approved_by_id IS NULL AND OLD.expires_at > now()
            AND NEW.approved_by_id = telmee_user() AND OLD.invited_by_id <> telmee_user()
            AND (telmee_operator() OR OLD.organisation_id = ANY (telmee_managed()))
            AND NOT telmee_own_address(OLD.email)) IS NOT TRUE THEN
        RAISE EXCEPTION 'telmee: a second person approves a proposed manager'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Who hears that a manager is proposed: the managers, or where there is none everybody.
CREATE FUNCTION telmee_told_of(proposal bigint) RETURNS TABLE (user_id bigint, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH people AS (
        SELECT u.id, u.language, m.role FROM organisations_membership m
        JOIN organisations_user u ON u.id = m.user_id AND u.is_active
        JOIN organisations_invitation i ON i.organisation_id = m.organisation_id
        WHERE i.id = proposal AND i.needs_approval AND i.invited_by_id = telmee_user()
          AND m.role <> 'council'
    )
    SELECT p.id, p.language::text FROM people p
    WHERE p.role = 'manager' OR NOT EXISTS (SELECT 1 FROM people WHERE role = 'manager')
    ORDER BY p.id
$$;

-- To whom the head of the chain goes each day: who manages a client, and did not say no; with one
-- of the clients that he manages.
CREATE FUNCTION telmee_readers_of_heads()
RETURNS TABLE (user_id bigint, language text, organisation_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT u.id, u.language::text, min(o.id) FROM organisations_user u
    JOIN organisations_membership m ON m.user_id = u.id AND m.role = 'manager'
    JOIN organisations_organisation o ON o.id = m.organisation_id AND o.is_client
    WHERE u.is_active AND u.gets_heads GROUP BY u.id
$$;

CREATE FUNCTION telmee_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'telmee: % only grows; correct it with a new row', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TABLE organisations_cache (
    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
);
CREATE INDEX organisations_cache_expires ON organisations_cache (expires);

CREATE TRIGGER accept_invitation BEFORE INSERT OR UPDATE ON organisations_membership
    FOR EACH ROW EXECUTE FUNCTION telmee_accept_invitation();
CREATE TRIGGER guard_invitation BEFORE UPDATE ON organisations_invitation
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_invitation();
CREATE TRIGGER guard_user BEFORE INSERT OR UPDATE ON organisations_user
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_user();
CREATE TRIGGER guard_organisation BEFORE INSERT OR UPDATE ON organisations_organisation
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_organisation();

CREATE FUNCTION telmee_keep_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO organisations_formername (organisation_id, name, until)
    VALUES (NEW.id, OLD.name, clock_timestamp());
    RETURN NULL;
END $$;

CREATE TRIGGER keep_name AFTER UPDATE ON organisations_organisation
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION telmee_keep_name();

ALTER TABLE organisations_regionmembership ADD CONSTRAINT one_region_at_a_time EXCLUDE USING gist (
    int8range(substr(municipality_id, 3)::bigint, substr(municipality_id, 3)::bigint, '[]') WITH &&,
    daterange(since, until, '[]') WITH &&
);
"""
_NO_FUNCTIONS = """
ALTER TABLE organisations_regionmembership DROP CONSTRAINT one_region_at_a_time;
DROP TABLE organisations_cache;
DROP TRIGGER guard_invitation ON organisations_invitation;
DROP TRIGGER accept_invitation ON organisations_membership;
DROP FUNCTION telmee_told_of(bigint);
DROP FUNCTION telmee_guard_invitation();
DROP FUNCTION telmee_accept_invitation();
DROP TRIGGER keep_name ON organisations_organisation;
DROP FUNCTION telmee_keep_name();
DROP TRIGGER guard_organisation ON organisations_organisation;
DROP TRIGGER guard_user ON organisations_user;
DROP FUNCTION telmee_guard_organisation();
DROP FUNCTION telmee_guard_user();
DROP FUNCTION telmee_stamp();
DROP FUNCTION telmee_owner_acts();
DROP FUNCTION telmee_refuse_change();
DROP FUNCTION telmee_readers_of_heads();
DROP FUNCTION telmee_tells_of(bigint, text, text, bigint);
DROP FUNCTION telmee_has_members(bigint);
DROP FUNCTION telmee_near_address(text);
DROP FUNCTION telmee_invited();
DROP FUNCTION telmee_own_address(text);
DROP FUNCTION telmee_refuse_codes();
DROP FUNCTION telmee_names_person(bigint, bigint, text);
DROP FUNCTION telmee_operator();
DROP FUNCTION telmee_councils();
DROP FUNCTION telmee_managed();
DROP FUNCTION telmee_working();
DROP FUNCTION telmee_organisations();
DROP FUNCTION telmee_member_as(text[]);
DROP FUNCTION telmee_user();
"""
_OWN = f"organisation_id = {ORGANISATIONS}"
_JOINING = f"user_id = {ME} AND organisation_id = (SELECT telmee_invited())"
#: What a recognition says for good: all but the day on which it ends.
_RECOGNISED = ("id", "organisation_id", "kind", "level", "number", "valid_from", "source",
               "checked_on", "checked_by_id")  # fmt: skip


class Migration(migrations.Migration):
    """Functions that every policy leans on, and the policies of this app and the journal."""

    dependencies = [
        ("organisations", "0001_initial"),
        ("audit", "0001_initial"),
        ("notices", "0002_steps"),
        ("schemes", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        protect(
            "organisations_organisation",
            read=ANYBODY,
            insert=SIGNED_IN,
            update=f"id = {MANAGED} OR {OPERATOR}",
        ),
        protect(
            "organisations_membership",
            read=f"user_id = (SELECT telmee_user()) OR {_OWN}",
            insert=_JOINING,
            update=f"organisation_id = {MANAGED} OR ({_JOINING})",
            delete=f"organisation_id = {MANAGED}",
        ),
        protect(
            "organisations_keptfilter",
            read=f"user_id = {ME} AND {SIGNED_IN}",
            insert=f"user_id = {ME} AND {SIGNED_IN}",
            update=f"user_id = {ME} AND {SIGNED_IN}",
            delete=f"user_id = {ME} AND {SIGNED_IN}",
        ),
        protect(
            "organisations_recognition",
            read=ANYBODY,
            insert=f"checked_by_id = {WORKING} AND EXISTS (SELECT 1 FROM"
            " organisations_organisation o WHERE o.id = checked_by_id AND o.is_client)",
            update=f"checked_by_id = {WORKING} OR {OPERATOR}",
        ),
        only_grows("organisations_recognition", *_RECOGNISED),
        only_grows("organisations_confirmation"),
        protect("organisations_formername", read=ANYBODY),
        only_grows("organisations_formername"),
        stamped("organisations_organisation", "created_at"),
        stamped("organisations_membership", "since"),
        stamped("organisations_invitation", "created_at"),
        stamped("organisations_confirmation", "confirmed_at"),
        # The outbox is for operators and for who sends it; everybody may tell somebody something.
        protect(
            "notices_notice",
            read=f"(SELECT telmee_sends()) OR {OPERATOR}",
            insert=f"{ANYBODY} AND state = 'waiting' AND attempts = 0 AND mail = ''",
            update=f"(SELECT telmee_sends()) OR {OPERATOR}",
        ),
        stamped("notices_notice", "created_at"),
        # Its reader, who manages an organisation of his, and operators see that it is refused.
        protect(
            "notices_suspect",
            read=f"(SELECT telmee_sends()) OR {OPERATOR} OR telmee_near_address(address)",
            insert="(SELECT telmee_sends())",
            delete=f"{OPERATOR} OR telmee_own_address(address)",
        ),
        stamped("notices_suspect", "since"),
        protect(
            "notices_wish",
            read=f"(SELECT telmee_sends()) OR (user_id = {ME} AND {SIGNED_IN})",
            insert=f"user_id = {ME} AND {SIGNED_IN}",
            update=f"user_id = {ME} AND {SIGNED_IN}",
        ),
        stamped("audit_event", "at"),
        only_grows("audit_event"),
        names_nobody("audit_event", "reason"),
        only_grows("schemes_schemeversion"),
    ]

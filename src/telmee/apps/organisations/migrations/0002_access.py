"""Who may see and write organisations, memberships, invitations and recognitions."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ANYBODY,
    OPERATOR,
    ORGANISATIONS,
    SIGNED_IN,
    only_grows,
    protect,
)

_FUNCTIONS = """
CREATE FUNCTION telmee_organisations() RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE told text := current_setting('telmee.organisations', true);
BEGIN
    IF told IS NULL OR told = '' THEN
        RAISE EXCEPTION 'telmee: a query without anybody who asks'
            USING ERRCODE = 'insufficient_privilege', HINT = 'open the transaction with acting_as';
    END IF;
    RETURN string_to_array(told, ',')::bigint[];
END $$;

CREATE FUNCTION telmee_user() RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(nullif(current_setting('telmee.user', true), ''), '0')::bigint;
END $$;

CREATE FUNCTION telmee_operator() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM organisations_user
                   WHERE id = telmee_user() AND is_operator AND is_active)
$$;

CREATE FUNCTION telmee_invited() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT organisation_id FROM organisations_invitation
    WHERE token_hash = nullif(current_setting('telmee.invitation', true), '')
      AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
$$;

CREATE FUNCTION telmee_has_members(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM organisations_membership WHERE organisation_id = wanted)
$$;

CREATE FUNCTION telmee_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'telmee: % only grows; correct it with a new row', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TABLE organisations_cache (
    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
);
CREATE INDEX organisations_cache_expires ON organisations_cache (expires);

ALTER TABLE organisations_regionmembership ADD CONSTRAINT one_region_at_a_time EXCLUDE USING gist (
    int8range(substr(municipality_id, 3)::bigint, substr(municipality_id, 3)::bigint, '[]') WITH &&,
    daterange(since, until, '[]') WITH &&
);
"""
_NO_FUNCTIONS = """
ALTER TABLE organisations_regionmembership DROP CONSTRAINT one_region_at_a_time;
DROP TABLE organisations_cache;
DROP FUNCTION telmee_refuse_change();
DROP FUNCTION telmee_has_members(bigint);
DROP FUNCTION telmee_invited();
DROP FUNCTION telmee_operator();
DROP FUNCTION telmee_user();
DROP FUNCTION telmee_organisations();
"""
_OWN = f"organisation_id = {ORGANISATIONS}"


class Migration(migrations.Migration):
    """Functions that every policy leans on, and the policies of this app and the journal."""

    dependencies = [
        ("organisations", "0001_initial"),
        ("audit", "0001_initial"),
        ("schemes", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        protect(
            "organisations_organisation",
            read=ANYBODY,
            insert=SIGNED_IN,
            update=f"id = {ORGANISATIONS} OR {OPERATOR}",
        ),
        protect(
            "organisations_membership",
            read=f"user_id = (SELECT telmee_user()) OR {_OWN}",
            insert=f"{_OWN} OR organisation_id = (SELECT telmee_invited())",
            update=_OWN,
            delete=_OWN,
        ),
        protect(
            "organisations_recognition",
            read=ANYBODY,
            insert=f"checked_by_id = {ORGANISATIONS} OR {OPERATOR}",
            update=f"checked_by_id = {ORGANISATIONS} OR {OPERATOR}",
        ),
        only_grows("audit_event"),
        only_grows("schemes_schemeversion"),
    ]

"""Who may see and write contracts, parties and plans; and the policies that lean on contracts."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    OPERATOR,
    ORGANISATIONS,
    WORKING,
    contracts_as,
    contracts_worked_as,
    only_while_open,
    protect,
    stamped,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "consortium", "subcontractor", "auditor"
)
_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_DECIDING = contracts_worked_as("client", "regional_team")
_LEADING = contracts_worked_as("contractor", "consortium")
_DELIVERING = contracts_worked_as("contractor", "consortium", "subcontractor")

_FUNCTIONS = """
CREATE FUNCTION telmee_contracts(wanted text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT contract_id), '{}') FROM contracts_party
    WHERE organisation_id = ANY ((SELECT telmee_organisations())::bigint[]) AND role = ANY (wanted)
$$;

CREATE FUNCTION telmee_contracts_worked(wanted text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT contract_id), '{}') FROM contracts_party
    WHERE organisation_id = ANY ((SELECT telmee_working())::bigint[]) AND role = ANY (wanted)
$$;

CREATE FUNCTION telmee_acts_as(contract bigint, organisation bigint, wanted text[])
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT organisation = ANY ((SELECT telmee_working())::bigint[]) AND EXISTS (
        SELECT 1 FROM contracts_party
        WHERE contract_id = contract AND organisation_id = organisation AND role = ANY (wanted))
$$;

-- Who writes on a contract holds it together with others who do; who closes it, changes its terms
-- or its parties, or books against its position, holds it alone. Not a full lock: rows that refer
-- to the contract need not wait for it.
CREATE FUNCTION telmee_hold_contract(wanted bigint, alone boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT wanted = ANY (telmee_contracts(
            '{client,regional_team,contractor,consortium,subcontractor,auditor}')) THEN
        RETURN;
    END IF;
    IF alone THEN
        PERFORM 1 FROM contracts_contract WHERE id = wanted FOR NO KEY UPDATE;
    ELSE
        PERFORM 1 FROM contracts_contract WHERE id = wanted FOR SHARE;
    END IF;
END $$;

CREATE FUNCTION telmee_require_open_of(contracts bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN;
    END IF;
    PERFORM 1 FROM contracts_contract WHERE id = ANY (contracts) ORDER BY id FOR SHARE;
    -- A statement of its own: it sees what was closed while the one above waited.
    IF EXISTS (SELECT 1 FROM contracts_contract
               WHERE id = ANY (contracts) AND closed_on IS NOT NULL) THEN
        RAISE EXCEPTION 'telmee: contract_closed' USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION telmee_require_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM telmee_require_open_of((SELECT array_agg(DISTINCT contract_id) FROM changed));
    RETURN NULL;
END $$;

CREATE FUNCTION telmee_guard_contract() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF OLD.closed_on IS NOT NULL
        AND (to_jsonb(OLD) - 'closed_on') IS DISTINCT FROM (to_jsonb(NEW) - 'closed_on') THEN
        RAISE EXCEPTION 'telmee: contract_closed' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW."end", NEW.extension_count) IS DISTINCT FROM (OLD."end", OLD.extension_count)
        AND (NEW.extension_count <> OLD.extension_count - 1 OR NEW."end" <= OLD."end") THEN
        RAISE EXCEPTION 'telmee: a contract is extended by an option that it has'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_contract BEFORE UPDATE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_contract();

CREATE FUNCTION telmee_contract_known(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contracts_party WHERE contract_id = wanted)
        OR EXISTS (SELECT 1 FROM contracts_contract WHERE id = wanted)
$$;

CREATE FUNCTION telmee_may_invite(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_operator() OR (NOT telmee_has_members(wanted) AND EXISTS (
        SELECT 1 FROM contracts_party
        WHERE organisation_id = wanted AND role IN ('contractor', 'consortium', 'subcontractor')
          AND contract_id = ANY (telmee_contracts_worked('{client,regional_team}'))
    ) AND NOT EXISTS (
        SELECT 1 FROM contracts_party
        WHERE organisation_id = wanted AND role IN ('client', 'regional_team', 'auditor')
    ) AND NOT EXISTS (
        SELECT 1 FROM organisations_organisation WHERE id = wanted AND is_client
    ))
$$;

CREATE FUNCTION telmee_clients_served() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT organisation_id), '{}') FROM contracts_party
    WHERE role = 'client' AND contract_id = ANY (telmee_contracts('{regional_team}'))
$$;

CREATE FUNCTION telmee_contract_there(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contracts_contract WHERE id = wanted)
$$;

CREATE FUNCTION telmee_people_of(wanted bigint)
RETURNS TABLE (organisation_id bigint, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT m.organisation_id, count(*) FROM organisations_membership m
    WHERE wanted = ANY (telmee_contracts(
            '{client,regional_team,contractor,consortium,subcontractor,auditor}'))
      AND m.organisation_id IN (SELECT p.organisation_id FROM contracts_party p
                                WHERE p.contract_id = wanted)
    GROUP BY m.organisation_id
$$;
"""
_NO_FUNCTIONS = """
DROP FUNCTION telmee_people_of(bigint);
DROP FUNCTION telmee_contract_there(bigint);
DROP FUNCTION telmee_clients_served();
DROP FUNCTION telmee_may_invite(bigint);
DROP FUNCTION telmee_contract_known(bigint);
DROP TRIGGER guard_contract ON contracts_contract;
DROP FUNCTION telmee_guard_contract();
DROP FUNCTION telmee_require_open();
DROP FUNCTION telmee_require_open_of(bigint[]);
DROP FUNCTION telmee_hold_contract(bigint, boolean);
DROP FUNCTION telmee_acts_as(bigint, bigint, text[]);
DROP FUNCTION telmee_contracts_worked(text[]);
DROP FUNCTION telmee_contracts(text[]);
"""
_OWN = f"organisation_id = {ORGANISATIONS}"
_WRITTEN = f"organisation_id = {WORKING}"
_MAY_INVITE = f"organisation_id = {MANAGED} OR telmee_may_invite(organisation_id)"
_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"
#: A regional team begins a contract for a client that it serves on another one already.
_BEGUN = (
    f"(role = 'regional_team' AND {_WRITTEN} AND NOT telmee_contract_known(contract_id))"
    f" OR (role = 'client' AND organisation_id = {_SERVED} AND contract_id IN {_DECIDING}"
    " AND NOT telmee_contract_there(contract_id))"
)
_LED = f"role = 'subcontractor' AND contract_id IN {_LEADING}"


#: A visitor writes nothing; the system writes without a user.
_BY_ITS_USER = f"{ME} <> 0 AND coalesce(user_id, -1) = {ME}"
#: An organisation is told of by its people, by an operator, and as long as it has nobody (or for
#: as long as his invitation is there) by who brought it in.
_ABOUT_HIS_OWN = (
    f"(organisation_id IS NULL OR {_OWN} OR (kind = 'organisation' AND object_id = organisation_id"
    f" AND ({OPERATOR} OR NOT telmee_has_members(organisation_id) OR EXISTS ("
    "SELECT 1 FROM organisations_invitation i WHERE i.organisation_id"
    f" = audit_event.organisation_id AND i.invited_by_id = {ME}))))"
)


class Migration(migrations.Migration):
    """A contract begins with its client as party; from then on parties decide who sees it."""

    dependencies = [("contracts", "0001_initial"), ("organisations", "0002_access")]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        protect(
            "contracts_contract",
            read=f"id IN {_ALL}",
            insert=f"id IN {_DECIDING}",
            update=f"id IN {_DECIDING}",
        ),
        protect(
            "contracts_party",
            read=f"{_OWN} OR contract_id IN {_ALL}",
            insert=f"(contract_id IN {_DECIDING} AND role <> 'client') OR ({_LED}) OR "
            f"(role = 'client' AND {_WRITTEN} AND NOT telmee_contract_known(contract_id))"
            f" OR {_BEGUN}",
            delete=f"(contract_id IN {_DECIDING} AND role <> 'client') OR ({_LED})",
        ),
        protect(
            "contracts_planline",
            read=f"contract_id IN {_SEEING} OR ({_OWN} AND contract_id IN {_ALL})",
            insert=f"{_WRITTEN} AND contract_id IN {_DELIVERING}",
            update=f"{_WRITTEN} AND contract_id IN {_DELIVERING}",
            delete=f"{_WRITTEN} AND contract_id IN {_DELIVERING}",
        ),
        protect(
            "organisations_invitation",
            read=f"{_OWN} OR invited_by_id = (SELECT telmee_user()) "
            "OR token_hash = nullif(current_setting('telmee.invitation', true), '')",
            insert=_MAY_INVITE,
            update=f"{_MAY_INVITE} OR organisation_id = (SELECT telmee_invited()) "
            "OR token_hash = nullif(current_setting('telmee.invitation', true), '')",
        ),
        protect(
            "audit_event",
            read=f"contract_id IN {_SEEING} OR {_OWN} OR user_id = (SELECT telmee_user()) "
            f"OR (kind = 'organisation' AND {OPERATOR})",
            insert=f"{_BY_ITS_USER} AND {_ABOUT_HIS_OWN}"
            f" AND (contract_id IS NULL OR contract_id IN {_ALL})",
        ),
        stamped("contracts_contract", "created_at"),
        only_while_open("contracts_party", "INSERT", "DELETE"),
        only_while_open("contracts_planline", "INSERT", "UPDATE", "DELETE"),
    ]

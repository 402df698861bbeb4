"""Who may see and write contracts, parties and plans; and the policies that lean on contracts."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    OPERATOR,
    ORGANISATIONS,
    contracts_as,
    protect,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "consortium", "subcontractor", "auditor"
)
_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_DECIDING = contracts_as("client", "regional_team")
_LEADING = contracts_as("contractor", "consortium")
_DELIVERING = contracts_as("contractor", "consortium", "subcontractor")

_FUNCTIONS = """
CREATE FUNCTION telmee_contracts(wanted text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT contract_id), '{}') FROM contracts_party
    WHERE organisation_id = ANY (telmee_organisations()) AND role = ANY (wanted)
$$;

CREATE FUNCTION telmee_contract_known(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contracts_party WHERE contract_id = wanted)
        OR EXISTS (SELECT 1 FROM contracts_contract WHERE id = wanted)
$$;

CREATE FUNCTION telmee_may_invite(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT telmee_operator() OR (NOT telmee_has_members(wanted) AND EXISTS (
        SELECT 1 FROM contracts_party
        WHERE organisation_id = wanted
          AND contract_id = ANY (telmee_contracts('{client,regional_team,contractor,consortium}'))
    ))
$$;

CREATE FUNCTION telmee_clients_served() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT organisation_id), '{}') FROM contracts_party
    WHERE role = 'client' AND contract_id = ANY (telmee_contracts('{regional_team}'))
$$;

CREATE FUNCTION telmee_contract_there(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contracts_contract WHERE id = wanted)
$$;

CREATE FUNCTION telmee_people_of(wanted bigint)
RETURNS TABLE (organisation_id bigint, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
DROP FUNCTION telmee_contracts(text[]);
"""
_OWN = f"organisation_id = {ORGANISATIONS}"
_MAY_INVITE = f"{_OWN} OR telmee_may_invite(organisation_id)"
_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"
#: A regional team begins a contract for a client that it serves on another one already.
_BEGUN = (
    f"(role = 'regional_team' AND {_OWN} AND NOT telmee_contract_known(contract_id))"
    f" OR (role = 'client' AND organisation_id = {_SERVED} AND contract_id IN {_DECIDING}"
    " AND NOT telmee_contract_there(contract_id))"
)
_LED = f"role = 'subcontractor' AND contract_id IN {_LEADING}"


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
            f"(role = 'client' AND {_OWN} AND NOT telmee_contract_known(contract_id)) OR {_BEGUN}",
            delete=f"(contract_id IN {_DECIDING} AND role <> 'client') OR ({_LED})",
        ),
        protect(
            "contracts_planline",
            read=f"contract_id IN {_SEEING} OR ({_OWN} AND contract_id IN {_ALL})",
            insert=f"{_OWN} AND contract_id IN {_DELIVERING}",
            update=f"{_OWN} AND contract_id IN {_DELIVERING}",
            delete=f"{_OWN} AND contract_id IN {_DELIVERING}",
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
            insert="coalesce(user_id, 0) = (SELECT telmee_user())",
        ),
    ]

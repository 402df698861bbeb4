"""Terms that end soon or are over: how every app says them, and whom they are told to."""

from __future__ import annotations

from django.db import migrations

_TERMS = """
-- A term on a contract: which notice tells it, once for each `event`; its last day; whom it is told
-- to, by role and as the one organisation `party`; more facts; and what it is about, of which id.
CREATE TYPE telmee_term AS (
    code text, event text, contract_id bigint, due_on date, roles text[], party bigint, facts jsonb,
    about text, about_id bigint);

-- Who works for the parties of contracts that are open. For the system.
CREATE FUNCTION telmee_term_readers(contracts bigint[])
RETURNS TABLE (contract_id bigint, reference text, name text, role text, organisation_id bigint,
               user_id bigint, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, c.reference::text, c.name::text, p.role::text, p.organisation_id, u.id,
           u.language::text
    FROM contracts_contract c
    JOIN contracts_openparty p ON p.contract_id = c.id
    JOIN organisations_membership m
        ON m.organisation_id = p.organisation_id AND m.role IN ('manager', 'worker')
    JOIN organisations_user u ON u.id = m.user_id AND u.is_active
    WHERE telmee_user() = -1 AND c.id = ANY (contracts) AND c.closed_on IS NULL
    ORDER BY c.id, p.role, u.id
$$;
"""
_NO_TERMS = """
DROP FUNCTION telmee_term_readers(bigint[]);
DROP TYPE telmee_term;
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_access")]

    operations = [migrations.RunSQL(_TERMS, _NO_TERMS)]

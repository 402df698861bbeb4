"""Who may see and write contracts and parties; and the policies that lean on contracts."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contracts.choices import TERMS
from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    OPERATOR,
    ORGANISATIONS,
    TAKEN_OVER,
    WHOLE,
    WORKING,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_grows,
    only_while_open,
    protect,
    stamped,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_DECIDING = contracts_worked_as("client", "regional_team")
_LEADING = contracts_worked_as("contractor", "consortium")

#: What an amendment changes, and nothing else. The award may be filled in by itself.
_TERMS = (*TERMS, "amended", "obligation_cents", "obligation_receipt_id")
#: What no amendment and nobody changes: which framework it is called off from decides who owes.
_FOR_GOOD = ("id", "key", "reference", "form", "parent_id", "created_at")
_ROWS = {
    f"__TERMS_{row}__": ", ".join(f'{row}."{name}"' for name in _TERMS if name != "awarded_on")
    for row in ("NEW", "OLD")
}
_FUNCTIONS = """
-- The claim on an organisation: the first invitation of it that was accepted.
CREATE VIEW contracts_claim AS
    SELECT DISTINCT ON (organisation_id) id, organisation_id, contract_id
    FROM organisations_invitation WHERE is_first AND accepted_at IS NOT NULL
    ORDER BY organisation_id, accepted_at DESC;

-- Parties for whom a contract is open. An organisation whose first person was invited by a client
-- is claimed: until who decides on a contract, or the operator, confirms the claim, it opens
-- nothing but the contract that it was made for. What an organisation awards itself is its own. And
-- to who was given some contracts of his organisation, the others are not open.
CREATE VIEW contracts_openparty AS
    SELECT p.contract_id, p.organisation_id, p.role, p.since
    FROM contracts_party p
    LEFT JOIN contracts_claim claim
        ON claim.organisation_id = p.organisation_id AND claim.contract_id <> p.contract_id
    LEFT JOIN contracts_restriction r
        ON r.organisation_id = p.organisation_id AND r.user_id = telmee_user()
    WHERE (claim.id IS NULL OR p.role = 'client' OR EXISTS (
        SELECT 1 FROM organisations_confirmation k
        WHERE k.claim_id = claim.id AND (k.confirmed_by_id IS NULL OR EXISTS (
            SELECT 1 FROM contracts_party d
            WHERE d.contract_id = p.contract_id AND d.organisation_id = k.confirmed_by_id
              AND d.role IN ('client', 'regional_team')))))
      AND (r.id IS NULL OR EXISTS (SELECT 1 FROM contracts_assignment a
            WHERE a.restriction_id = r.id AND a.contract_id = p.contract_id));

-- Every policy asks these. Who has two roles on a contract has it twice: sorting takes longer.
CREATE FUNCTION telmee_contracts(wanted text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ARRAY(
        SELECT contract_id FROM contracts_openparty
        WHERE organisation_id = ANY ((SELECT telmee_organisations())::bigint[])
          AND role = ANY (wanted))
$$;

CREATE FUNCTION telmee_contracts_worked(wanted text[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ARRAY(
        SELECT contract_id FROM contracts_openparty
        WHERE organisation_id = ANY ((SELECT telmee_working())::bigint[]) AND role = ANY (wanted))
$$;

-- Where everybody's lines are seen: not by who took the contract over, who sees of those before him
-- what they come to, and no line.
CREATE FUNCTION telmee_contracts_whole() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ARRAY(
        SELECT contract_id FROM contracts_openparty
        WHERE organisation_id = ANY ((SELECT telmee_organisations())::bigint[])
          AND (role IN ('client', 'regional_team', 'consortium', 'auditor')
               OR (role = 'contractor' AND since IS NULL)))
$$;

CREATE FUNCTION telmee_contracts_taken_over() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ARRAY(
        SELECT contract_id FROM contracts_openparty
        WHERE organisation_id = ANY ((SELECT telmee_organisations())::bigint[])
          AND role = 'contractor' AND since IS NOT NULL)
$$;

-- From which day an organisation delivers on a contract no more, as another took it over.
CREATE FUNCTION telmee_former_since(contract bigint, organisation bigint) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT max(since) FILTER (WHERE role = 'former') FROM contracts_party
    WHERE contract_id = contract AND organisation_id = organisation
    HAVING count(*) FILTER (WHERE role IN ('contractor', 'consortium', 'subcontractor')) = 0
$$;

-- Whether who took a contract over sees what an organisation did on it from a day on.
CREATE FUNCTION telmee_seen_since(contract bigint, organisation bigint, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT telmee_former_since(contract, organisation) IS NULL AND EXISTS (
        SELECT 1 FROM contracts_openparty
        WHERE contract_id = contract AND role = 'contractor' AND since <= day
          AND organisation_id = ANY ((SELECT telmee_organisations())::bigint[]))
$$;

-- Whether who took a contract over may read an event of its journal. It asks as who reads, so row
-- security holds; the tables come later.
CREATE FUNCTION telmee_event_seen(kind text, verb text, object bigint, by bigint, contract bigint)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN CASE kind
        WHEN 'contract' THEN verb !~ '^contract.plan' OR telmee_former_since(contract, by) IS NULL
        WHEN 'contribution' THEN
            EXISTS (SELECT 1 FROM contributions_contribution c WHERE c.id = object)
        WHEN 'agreement' THEN EXISTS (SELECT 1 FROM agreements_agreement a WHERE a.id = object)
        WHEN 'ledger' THEN EXISTS (SELECT 1 FROM ledger_entry e
            LEFT JOIN contributions_contribution c ON c.id = e.contribution_id
            WHERE e.id = object AND (e.contribution_id IS NULL OR c.id IS NOT NULL))
        ELSE false
    END;
END $$;

CREATE FUNCTION telmee_acts_as(contract bigint, organisation bigint, wanted text[])
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT organisation = ANY ((SELECT telmee_working())::bigint[]) AND EXISTS (
        SELECT 1 FROM contracts_openparty
        WHERE contract_id = contract AND organisation_id = organisation AND role = ANY (wanted))
$$;

-- In which of his own organisations he was given some contracts alone.
CREATE FUNCTION telmee_restricted() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(organisation_id), '{}') FROM contracts_restriction
    WHERE user_id = telmee_user()
$$;

-- Whether somebody of an organisation does not see a contract of it.
CREATE FUNCTION telmee_withheld(who bigint, organisation bigint, contract bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contracts_restriction r
        WHERE r.user_id = who AND r.organisation_id = organisation AND NOT EXISTS (
            SELECT 1 FROM contracts_assignment a
            WHERE a.restriction_id = r.id AND a.contract_id = contract))
$$;

-- For which of his own organisations not everything is open yet.
CREATE FUNCTION telmee_claimed() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(claim.organisation_id), '{}') FROM contracts_claim claim
    WHERE organisation_id = ANY ((SELECT telmee_organisations())::bigint[])
      AND contract_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM organisations_confirmation k
        WHERE k.claim_id = claim.id AND k.confirmed_by_id IS NULL)
$$;

-- Say who asks until the transaction ends, and give his organisations by name: his role in each,
-- and whether not every contract of it is open to him. One query, as every request begins with it.
-- A page asks the same each time, and making a plan took as long as the answer: one is kept (0057).
CREATE FUNCTION telmee_begin(asking bigint)
RETURNS TABLE (organisation_id bigint, role text, is_claimed boolean, name text, is_client boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('telmee.user', asking::text, true);
    IF current_setting('transaction_read_only') = 'on' THEN
        PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
    END IF;
    RETURN QUERY SELECT o.id, m.role::text,
        o.id = ANY ((SELECT telmee_claimed() || telmee_restricted())::bigint[]),
        o.name::text, o.is_client
    FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id
    WHERE m.user_id = asking ORDER BY o.search_name, o.id;
END $$;

-- Whether a contract is open for one of his own organisations.
CREATE FUNCTION telmee_opens(contract bigint, organisation bigint, as_role text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT organisation = ANY ((SELECT telmee_organisations())::bigint[]) AND EXISTS (
        SELECT 1 FROM contracts_openparty
        WHERE contract_id = contract AND organisation_id = organisation AND role = as_role)
$$;

-- Who writes on a contract holds it together with others who do; who closes it, changes its terms
-- or its parties, or books against its position, holds it alone. Not a full lock: rows that refer
-- to the contract need not wait for it.
CREATE FUNCTION telmee_hold_contracts(wanted bigint[], alone boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    his bigint[] := ARRAY(SELECT one FROM unnest(wanted) one WHERE one = ANY (
        (SELECT telmee_contracts(
            '{client,regional_team,contractor,former,consortium,subcontractor,auditor}'))::bigint[]));
BEGIN
    -- Everybody takes several in one order, so that no two can wait for each other.
    IF alone THEN
        PERFORM 1 FROM contracts_contract WHERE id = ANY (his) ORDER BY id FOR NO KEY UPDATE;
    ELSE
        PERFORM 1 FROM contracts_contract WHERE id = ANY (his) ORDER BY id FOR SHARE;
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
               WHERE id = ANY (contracts) AND voided_on IS NOT NULL) THEN
        RAISE EXCEPTION 'telmee: contract_voided' USING ERRCODE = 'check_violation';
    END IF;
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
    IF (__TERMS_NEW__) IS DISTINCT FROM (__TERMS_OLD__)
        AND (NEW.amended <> OLD.amended + 1 OR NEW.amended IS DISTINCT FROM (
            SELECT max(number) FROM contracts_amendment WHERE contract_id = NEW.id)) THEN
        RAISE EXCEPTION 'telmee: a contract changes by an amendment'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_contract BEFORE UPDATE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_contract();

CREATE FUNCTION telmee_number_amendment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.number <> coalesce((
            SELECT max(number) + 1 FROM contracts_amendment WHERE contract_id = NEW.contract_id), 0)
    THEN
        RAISE EXCEPTION 'telmee: contract_amended'
            USING ERRCODE = 'unique_violation', DETAIL = coalesce((
            SELECT json_build_object('number', number, 'day', effective_on)::text
            FROM contracts_amendment WHERE contract_id = NEW.contract_id
            ORDER BY number DESC LIMIT 1), '');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER number_amendment BEFORE INSERT ON contracts_amendment
    FOR EACH ROW EXECUTE FUNCTION telmee_number_amendment();

CREATE FUNCTION telmee_contract_known(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contracts_party WHERE contract_id = wanted)
        OR EXISTS (SELECT 1 FROM contracts_contract WHERE id = wanted)
$$;

-- The contracts for which he may invite the first person of an organisation that delivers on them.
CREATE FUNCTION telmee_invites_on(wanted bigint) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT contract_id ORDER BY contract_id), '{}')
    FROM contracts_party
    WHERE organisation_id = wanted AND role <> ALL ('{client,regional_team,auditor}')
      AND contract_id = ANY (telmee_contracts_worked('{client,regional_team}'))
      AND NOT telmee_has_members(wanted)
      AND NOT EXISTS (
        SELECT 1 FROM contracts_party
        WHERE organisation_id = wanted AND role IN ('client', 'regional_team', 'auditor'))
      AND NOT EXISTS (
        SELECT 1 FROM organisations_organisation WHERE id = wanted AND is_client)
$$;

-- An operator, too, invites the first person alone, and not himself.
CREATE FUNCTION telmee_may_invite_first(wanted bigint, contract bigint, address text)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT telmee_own_address(address)
        AND CASE WHEN contract IS NULL THEN telmee_operator() AND NOT telmee_has_members(wanted)
            ELSE contract = ANY (telmee_invites_on(wanted)) END
$$;

-- Claims, with how many contracts each would open: for who decides on those, and for an operator.
CREATE FUNCTION telmee_claims() RETURNS TABLE (id bigint, deciding_id bigint, contracts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH closed AS (
        SELECT c.id, p.contract_id FROM contracts_claim c
        JOIN contracts_party p ON p.organisation_id = c.organisation_id
            AND p.contract_id NOT IN (
                SELECT id FROM contracts_contract WHERE voided_on IS NOT NULL)
        -- Looked up for each party of a claimed organisation, of which there are few.
        LEFT JOIN LATERAL (
            SELECT 1 AS found FROM contracts_openparty o
            WHERE o.contract_id = p.contract_id AND o.organisation_id = p.organisation_id
              AND o.role = p.role LIMIT 1
        ) open ON true
        WHERE c.contract_id IS NOT NULL AND open.found IS NULL
    ), opening AS (
        SELECT c.id, d.organisation_id AS deciding_id, c.contract_id FROM closed c
        JOIN contracts_party d ON d.contract_id = c.contract_id
            AND d.role IN ('client', 'regional_team')
            AND d.organisation_id = ANY ((SELECT telmee_working())::bigint[])
        UNION ALL
        SELECT c.id, NULL, c.contract_id FROM closed c WHERE telmee_operator()
    )
    SELECT o.id, o.deciding_id, count(DISTINCT o.contract_id) FROM opening o
    GROUP BY o.id, o.deciding_id
$$;

-- The same with what somebody needs to judge by. Who invited is named by his organisation.
CREATE FUNCTION telmee_claims_waiting() RETURNS TABLE (
    claim_id bigint, organisation_id bigint, organisation text, kvk text, email text,
    invited_by bigint, invited_for bigint, invited_at timestamptz, accepted_at timestamptz,
    deciding_id bigint, deciding text, contracts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT i.id, o.id, o.name, o.kvk, i.email, i.invited_by_id, (
            SELECT p.organisation_id FROM contracts_party p
            LEFT JOIN organisations_membership m
                ON m.organisation_id = p.organisation_id AND m.user_id = i.invited_by_id
            WHERE p.contract_id = i.contract_id AND p.role IN ('client', 'regional_team')
            ORDER BY m.id IS NULL, p.role LIMIT 1),
        i.created_at, i.accepted_at, c.deciding_id, d.name, c.contracts
    FROM telmee_claims() c
    JOIN organisations_invitation i ON i.id = c.id
    JOIN organisations_organisation o ON o.id = i.organisation_id
    LEFT JOIN organisations_organisation d ON d.id = c.deciding_id
    ORDER BY i.accepted_at, o.search_name, d.search_name
$$;

-- The claims on who delivers on a contract on which he decides, whether they wait or not.
CREATE FUNCTION telmee_claims_near() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT c.id), '{}') FROM contracts_claim c
    JOIN contracts_party p ON p.organisation_id = c.organisation_id
    WHERE p.contract_id = ANY (telmee_contracts_worked('{client,regional_team}'))
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
            '{client,regional_team,contractor,former,consortium,subcontractor,auditor}'))
      AND m.role <> 'council' AND m.organisation_id IN (
        SELECT p.organisation_id FROM contracts_party p WHERE p.contract_id = wanted) GROUP BY 1
$$;

-- What comparable contracts of the other clients of a client's labour-market region owe of their
-- value, in basis points, the lowest first: for who works for that client, or for it. With fewer
-- than five contracts or three clients nothing: that would be told of one client.
CREATE FUNCTION telmee_region_shares(
    for_client bigint, kind text, lowest bigint, highest bigint, division text
) RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH neighbours AS (
        SELECT other.id FROM organisations_organisation own
        JOIN organisations_regionmembership here ON here.municipality_id = own.municipality_id
            AND here.since <= current_date AND coalesce(here.until >= current_date, true)
        JOIN organisations_regionmembership there ON there.region_id = here.region_id
            AND there.since <= current_date AND coalesce(there.until >= current_date, true)
        JOIN organisations_organisation other ON other.municipality_id = there.municipality_id
        WHERE own.id = for_client AND other.id <> for_client AND own.is_client
          AND own.id = ANY (telmee_working() || telmee_clients_served())
    )
    SELECT array_agg(bp ORDER BY bp) FROM (
        SELECT p.organisation_id AS client,
            ((c.obligation_cents * 10000 + c.value_cents / 2) / c.value_cents)::integer AS bp
        FROM contracts_party p JOIN contracts_contract c ON c.id = p.contract_id
        WHERE p.role = 'client' AND p.organisation_id IN (SELECT id FROM neighbours)
          AND c.category = kind AND c.value_cents BETWEEN greatest(lowest, 1) AND highest
          AND c.obligation_cents > 0 AND starts_with(coalesce(c.cpv_id, ''), division)
          AND NOT EXISTS (SELECT FROM contracts_amendment m
                          WHERE m.contract_id = c.id AND m.ground = 'turnover')
    ) alike
    HAVING count(*) >= 5 AND count(DISTINCT client) >= 3
$$;
"""
_NO_FUNCTIONS = """
DROP FUNCTION telmee_region_shares(bigint, text, bigint, bigint, text);
DROP FUNCTION telmee_people_of(bigint);
DROP FUNCTION telmee_contract_there(bigint);
DROP FUNCTION telmee_clients_served();
DROP FUNCTION telmee_claims_near();
DROP FUNCTION telmee_claims_waiting();
DROP FUNCTION telmee_claims();
DROP FUNCTION telmee_may_invite_first(bigint, bigint, text);
DROP FUNCTION telmee_invites_on(bigint);
DROP FUNCTION telmee_contract_known(bigint);
DROP TRIGGER number_amendment ON contracts_amendment;
DROP FUNCTION telmee_number_amendment();
DROP TRIGGER guard_contract ON contracts_contract;
DROP FUNCTION telmee_guard_contract();
DROP FUNCTION telmee_require_open();
DROP FUNCTION telmee_require_open_of(bigint[]);
DROP FUNCTION telmee_hold_contracts(bigint[], boolean);
DROP FUNCTION telmee_opens(bigint, bigint, text);
DROP FUNCTION telmee_begin(bigint);
DROP FUNCTION telmee_claimed();
DROP FUNCTION telmee_withheld(bigint, bigint, bigint);
DROP FUNCTION telmee_restricted();
DROP FUNCTION telmee_acts_as(bigint, bigint, text[]);
DROP FUNCTION telmee_event_seen(text, text, bigint, bigint, bigint);
DROP FUNCTION telmee_seen_since(bigint, bigint, date);
DROP FUNCTION telmee_former_since(bigint, bigint);
DROP FUNCTION telmee_contracts_taken_over();
DROP FUNCTION telmee_contracts_whole();
DROP FUNCTION telmee_contracts_worked(text[]);
DROP FUNCTION telmee_contracts(text[]);
DROP VIEW contracts_openparty;
DROP VIEW contracts_claim;
"""
_OWN = f"organisation_id = {ORGANISATIONS}"
_WRITTEN = f"organisation_id = {WORKING}"
_MAY_INVITE = (
    f"invited_by_id = {ME} AND approved_by_id IS NULL AND ("
    f"(organisation_id = {MANAGED} AND NOT is_first AND contract_id IS NULL AND NOT needs_approval)"
    " OR (is_first AND NOT needs_approval"
    " AND telmee_may_invite_first(organisation_id, contract_id, email))"
    " OR (needs_approval AND NOT is_first AND contract_id IS NULL AND role = 'manager'"
    f" AND {OPERATOR} AND telmee_has_members(organisation_id) AND NOT telmee_own_address(email)))"
)
#: What an operator proposed is for every operator to approve, or to withdraw.
_PROPOSED = f"(needs_approval AND {OPERATOR})"
#: His own organisations, but for those of which not every contract is open yet.
_UNCLAIMED = (
    f"{_OWN} AND organisation_id"
    " <> ALL ((SELECT telmee_claimed() || telmee_restricted())::bigint[])"
)
#: What his organisation did, but for contracts that were not given to him.
_DONE_BY_HIS_OWN = (
    f"({_OWN} AND (contract_id IN {_ALL}"
    " OR organisation_id <> ALL ((SELECT telmee_restricted())::bigint[])))"
)
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
#: What is told of his own organisation, and what may be told of another one.
_ABOUT_HIS_OWN = (
    f"(organisation_id IS NULL OR {_OWN}"
    " OR telmee_tells_of(organisation_id, kind, verb, object_id))"
)


def _written(functions: str) -> str:
    """The functions with the names of the facts in them."""
    for place, names in _ROWS.items():
        functions = functions.replace(place, names)
    return functions


class Migration(migrations.Migration):
    """A contract begins with its client as party; from then on parties decide who sees it."""

    dependencies = [("contracts", "0001_initial"), ("organisations", "0002_access")]

    operations = [
        migrations.RunSQL(_written(_FUNCTIONS), _NO_FUNCTIONS),
        protect(
            "contracts_contract",
            read=f"id IN {_ALL}",
            insert=f"id IN {_DECIDING}",
            update=f"id IN {_DECIDING}",
        ),
        protect(
            "contracts_party",
            read=f"({_UNCLAIMED}) OR ({_OWN} AND role = 'client') OR contract_id IN {_ALL}",
            insert=f"(contract_id IN {_DECIDING} AND role <> 'client') OR ({_LED}) OR "
            f"(role = 'client' AND {_WRITTEN} AND NOT telmee_contract_known(contract_id))"
            f" OR {_BEGUN}",
            update=f"contract_id IN {_DECIDING} AND role IN ('contractor', 'former')",
            delete=f"(contract_id IN {_DECIDING} AND role <> 'client') OR ({_LED})",
        ),
        protect(
            "organisations_invitation",
            read=f"{_OWN} OR {_PROPOSED} OR invited_by_id = (SELECT telmee_user()) "
            "OR token_hash = nullif(current_setting('telmee.invitation', true), '')",
            insert=_MAY_INVITE,
            update=f"organisation_id = {MANAGED} OR {_PROPOSED} OR invited_by_id = {ME} "
            "OR token_hash = nullif(current_setting('telmee.invitation', true), '')",
        ),
        protect(
            "organisations_confirmation",
            read=f"user_id = {ME} OR confirmed_by_id = {ORGANISATIONS} OR {OPERATOR}"
            " OR claim_id IN (SELECT i.id FROM organisations_invitation i"
            f" WHERE i.organisation_id = {ORGANISATIONS})"
            # What the operator confirmed for all, those who would have confirmed it may know.
            " OR (confirmed_by_id IS NULL"
            " AND claim_id = ANY ((SELECT telmee_claims_near())::bigint[]))",
            insert=f"user_id = {ME} AND EXISTS (SELECT 1 FROM telmee_claims() c"
            " WHERE c.id = claim_id AND c.deciding_id IS NOT DISTINCT FROM confirmed_by_id)",
        ),
        protect(
            "audit_event",
            read=f"contract_id IN {WHOLE} OR {_DONE_BY_HIS_OWN}"
            f" OR user_id = {ME} OR (contract_id IN {TAKEN_OVER}"
            " AND telmee_event_seen(kind, verb, object_id, organisation_id, contract_id)) "
            f"OR (kind = 'organisation' AND {OPERATOR})",
            insert=f"{_BY_ITS_USER} AND {_ABOUT_HIS_OWN}"
            f" AND (contract_id IS NULL OR contract_id IN {_ALL})",
        ),
        stamped("contracts_contract", "created_at"),
        stamped("contracts_amendment", "recorded_at"),
        only_grows("contracts_amendment"),
        only_grows("contracts_contract", *_FOR_GOOD),
        names_nobody("contracts_amendment", "reason"),
        only_while_open("contracts_amendment", "INSERT"),
        protect(
            "contracts_amendment",
            read=f"contract_id IN {_SEEING}",
            insert=f"user_id = {ME}"
            " AND telmee_acts_as(contract_id, organisation_id, '{client,regional_team}')",
        ),
        only_while_open("contracts_party", "INSERT", "UPDATE", "DELETE"),
    ]

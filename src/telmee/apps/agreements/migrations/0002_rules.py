"""Agreements only grow; a version is whole when it comes; and who may see, propose and answer."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from telmee.apps.agreements.choices import COUNTS_UNAGREED, PRIVATE, STANDING
from telmee.apps.organisations.row_security import (
    ME,
    ORGANISATIONS,
    WHOLE,
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
_DELIVERING = "'{contractor,consortium,subcontractor}'"
_SIDES = "'{client,regional_team,contractor,consortium,subcontractor}'"
_OWN = f"organisation_id = {ORGANISATIONS}"
#: Row security of the agreement decides on what hangs on it. Of a few, each is looked up.
_WITH_ITS_AGREEMENT = "EXISTS (SELECT 1 FROM agreements_agreement a WHERE a.id = agreement_id)"
_WITH_ITS_VERSION = "EXISTS (SELECT 1 FROM agreements_version v WHERE v.id = version_id)"
_UNAGREED = ", ".join(f"'{kind}'" for kind in sorted(COUNTS_UNAGREED))
_PRIVATE = ", ".join(f"'{kind}'" for kind in sorted(PRIVATE))
_STANDING = ", ".join(f"'{outcome}'" for outcome in STANDING)

#: Who sees what the two sides of a plan have in hand, as one of them.
_OF_CLIENT = contracts_as("client", "regional_team")
#: A plan that the client begins, for somebody who delivers: he answers it.
_BEGUN_BY_CLIENT = (
    "kind = 'plan' AND telmee_acts_for(contract_id, other_id) IS NOT NULL"
    " AND EXISTS (SELECT 1 FROM contracts_party p WHERE p.organisation_id = other_id"
    " AND p.contract_id = agreements_agreement.contract_id AND p.role = 'client')"
    " AND EXISTS (SELECT 1 FROM contracts_party p"
    " WHERE p.organisation_id = agreements_agreement.organisation_id"
    " AND p.contract_id = agreements_agreement.contract_id"
    " AND p.role IN ('contractor', 'consortium', 'subcontractor'))"
)

#: Turnover is between client and contractor, whichever of them begins.
_CLIENTS = contracts_worked_as("client", "regional_team")
_BOTH = contracts_worked_as("client", "regional_team", "contractor")


def _between(kind: str, worked: str) -> str:
    """Between client and contractor, begun by who works on the contract as one of these."""
    return f"""
    kind = '{kind}' AND contract_id IN {worked}
    AND EXISTS (SELECT 1 FROM contracts_party p WHERE p.organisation_id = other_id
                AND p.contract_id = agreements_agreement.contract_id AND p.role = 'contractor')
    AND EXISTS (SELECT 1 FROM contracts_party p
                WHERE p.organisation_id = agreements_agreement.organisation_id
                AND p.contract_id = agreements_agreement.contract_id AND p.role = 'client')
"""


#: A contractor who agrees with turnover writes what follows from it, and nothing else.
_AS_CONTRACTOR = "telmee_acts_as(contract_id, organisation_id, '{contractor}')"
_BOOKING: list[Any] = [
    f"""CREATE POLICY may_agree ON contracts_amendment FOR INSERT WITH CHECK (
        ground = 'turnover' AND user_id = {ME} AND {_AS_CONTRACTOR})""",
    f"""CREATE POLICY may_agree ON ledger_entry FOR INSERT WITH CHECK (
        kind IN ('obligation', 'reduced') AND user_id = {ME} AND {_AS_CONTRACTOR}
        AND telmee_books_turnover(contract_id))""",
    """CREATE POLICY may_agree ON receipts_receipt FOR INSERT WITH CHECK (
        kind = 'obligation' AND named_by IS NULL AND telmee_books_turnover(contract_id))""",
    """CREATE POLICY may_agree ON contracts_contract FOR UPDATE
        USING (telmee_books_turnover(id)) WITH CHECK (telmee_books_turnover(id))""",
]
_NO_BOOKING: list[Any] = [
    f"DROP POLICY may_agree ON {table}"
    for table in ("contracts_contract", "receipts_receipt", "ledger_entry", "contracts_amendment")
]

#: For the side in whose name it is; a regional team decides in the name of the client.
_FOR_ITS_SIDE = f"user_id = {ME} AND telmee_acts_for(contract_id, organisation_id) IS NOT NULL"
#: Whose plan it is writes its lines, and the client whom he plans for changes them in a proposal.
_PLANS = (
    f"telmee_acts_as(contract_id, organisation_id, {_DELIVERING}) OR EXISTS ("
    "SELECT 1 FROM agreements_agreement a WHERE a.kind = 'plan'"
    " AND (a.contract_id, a.organisation_id)"
    " = (agreements_planline.contract_id, agreements_planline.organisation_id)"
    " AND telmee_acts_for(a.contract_id, a.other_id) IS NOT NULL)"
)

# The content of a version is there before the version itself, which closes it: nothing is added
# later. The lock makes all who write agreements of one contract wait for each other, so that no
# line slips in beside a version that comes at the same moment, and numbers follow on each other.
_RULES = f"""
-- Versions that came in force, since when, whether both agreed, and the one that each superseded.
-- The contract is in the window for those of a contract to be looked up, and not found among all.
CREATE VIEW agreements_standing AS
    SELECT v.id, v.agreement_id, v.contract_id, v.number,
           coalesce(r.answered_at, a.answered_at, v.proposed_at) AS since,
           v.addressee_id IS NOT NULL AS is_agreed,
           lag(v.id) OVER its AS before_id,
           lag(v.addressee_id) OVER its IS NOT NULL AS was_agreed
    FROM agreements_version v LEFT JOIN agreements_answer a ON a.version_id = v.id
    LEFT JOIN agreements_resolution r ON r.version_id = v.id
    WHERE NOT v.is_draft AND (v.addressee_id IS NULL OR a.outcome = 'confirmed'
                              OR r.outcome IN ({_STANDING}))
    WINDOW its AS (PARTITION BY v.contract_id, v.agreement_id ORDER BY v.number);

-- What is promised more or less, per year and the last day in it, since a version came in force;
-- and what of that both agreed.
CREATE VIEW agreements_promised AS
    SELECT s.agreement_id, s.id AS version_id, s.since, l.contract_id, l.organisation_id,
           y.day, k.kind,
           sum(CASE l.version_id WHEN s.id THEN y.cents ELSE -y.cents END)::bigint AS cents
    FROM agreements_standing s JOIN agreements_planline l ON l.version_id IN (s.id, s.before_id)
    CROSS JOIN LATERAL telmee_receipt_years(
        l.receipt_id, l.value_cents, coalesce(l."end", l."begin"), NULL, NULL) y
    JOIN (VALUES ('promised'), ('agreed')) k(kind) ON k.kind = 'promised'
        OR CASE l.version_id WHEN s.id THEN s.is_agreed ELSE s.was_agreed END
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    HAVING sum(CASE l.version_id WHEN s.id THEN y.cents ELSE -y.cents END) <> 0;

-- As which organisation somebody acts for a side of a contract: that side itself, or a regional
-- team that decides for the client. Empty for anybody else.
CREATE FUNCTION telmee_acts_for(contract bigint, side bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.organisation_id FROM contracts_openparty p
    WHERE p.contract_id = contract AND telmee_acts_as(contract, p.organisation_id, {_SIDES})
      AND (p.organisation_id = side OR (p.role = 'regional_team' AND EXISTS (
          SELECT 1 FROM contracts_party
          WHERE contract_id = contract AND organisation_id = side AND role = 'client')))
    ORDER BY p.organisation_id = side DESC, p.organisation_id LIMIT 1
$$;

-- The version of each agreement on these contracts that holds, now or at a moment: the last that
-- came in force. It looks past row security, which would cost more than the answer and guards the
-- rows themselves; of contracts that are not open to who asks it says nothing.
CREATE FUNCTION telmee_in_force(contracts bigint[], as_of timestamptz) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT ON (agreement_id) id FROM agreements_standing
    WHERE contract_id = ANY (ARRAY(  -- unnested, every version that there is would be read
        SELECT unnest(contracts) INTERSECT SELECT unnest(telmee_contracts(
            '{{client,regional_team,contractor,former,consortium,subcontractor,auditor}}'))))
      AND (as_of IS NULL OR since <= as_of)
    ORDER BY agreement_id, number DESC
$$;

-- Whether a share is within what is owed and not passed on to others by the same contractor; one
-- that ends always is.
CREATE FUNCTION telmee_share_fits(proposal bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT 1 FROM agreements_share s JOIN agreements_version v ON v.id = s.version_id
        WHERE v.id = proposal AND s.cents > 0 AND s.cents > (
            SELECT coalesce(sum(CASE kind WHEN 'obligation' THEN cents ELSE -cents END), 0)
            FROM ledger_balance
            WHERE contract_id = v.contract_id AND kind IN ('obligation', 'reduced', 'waived')
        ) - (
            SELECT coalesce(sum(cents), 0) FROM agreements_share WHERE version_id IN (
                SELECT DISTINCT ON (t.agreement_id) t.id FROM agreements_standing t
                JOIN agreements_agreement other ON other.id = t.agreement_id
                JOIN agreements_agreement its ON its.id = v.agreement_id
                WHERE t.contract_id = v.contract_id AND t.agreement_id <> v.agreement_id
                  AND other.organisation_id = its.organisation_id
                ORDER BY t.agreement_id, t.number DESC)))
$$;

CREATE FUNCTION telmee_check_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    its agreements_agreement;
    latest agreements_version;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.agreements', NEW.contract_id));
    SELECT * INTO its FROM agreements_agreement WHERE id = NEW.agreement_id;
    IF its.contract_id IS DISTINCT FROM NEW.contract_id
        OR NEW.organisation_id NOT IN (its.organisation_id, its.other_id)
        OR NEW.addressee_id NOT IN (its.organisation_id, its.other_id)
        OR NEW.addressee_id = NEW.organisation_id
        -- Without the other side: a draft, or what is one's own to say until the two agree.
        OR (NEW.addressee_id IS NULL AND (its.kind NOT IN ({_UNAGREED})
            OR (NOT NEW.is_draft AND (NEW.organisation_id <> its.organisation_id OR EXISTS (
                SELECT 1 FROM agreements_standing
                WHERE agreement_id = NEW.agreement_id AND is_agreed)))))
        OR EXISTS (
            SELECT 1 FROM agreements_planline WHERE version_id = NEW.id
              AND ('plan'::text, contract_id, organisation_id)
                  IS DISTINCT FROM (its.kind::text, its.contract_id, its.organisation_id))
        OR (its.kind = 'share') <> EXISTS (
            SELECT 1 FROM agreements_share WHERE version_id = NEW.id
              AND (contract_id, organisation_id) = (NEW.contract_id, NEW.organisation_id))
        OR (its.kind = 'turnover') <> EXISTS (
            SELECT 1 FROM agreements_turnover WHERE version_id = NEW.id
              AND (contract_id, organisation_id) = (NEW.contract_id, NEW.organisation_id))
        OR (its.kind = 'pooling') <> EXISTS (
            SELECT 1 FROM agreements_pooling WHERE version_id = NEW.id
              AND (contract_id, organisation_id) = (NEW.contract_id, NEW.organisation_id)) THEN
        RAISE EXCEPTION 'telmee: a version that is not of its agreement'
            USING ERRCODE = 'check_violation';
    END IF;
    -- A pool is of two sides, and an initiative, which has parts, of one client: no contract of
    -- others comes in, whoever knows its key.
    IF its.kind = 'pooling' AND EXISTS (
        SELECT 1 FROM agreements_pooling p JOIN agreements_pooling o ON o.pool = p.pool
        JOIN agreements_version v ON v.id = o.version_id
        JOIN agreements_agreement a ON a.id = v.agreement_id
        WHERE p.version_id = NEW.id AND (
            (a.kind, a.organisation_id) IS DISTINCT FROM (its.kind, its.organisation_id)
            OR (p.part_bp IS NULL) <> (o.part_bp IS NULL)
            OR (p.part_bp IS NULL AND a.other_id <> its.other_id))) THEN
        RAISE EXCEPTION 'telmee: a pool of other sides' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO latest FROM agreements_version
    WHERE agreement_id = NEW.agreement_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(latest.number, 0) + 1 THEN
        RAISE EXCEPTION 'telmee: agreement_changed' USING ERRCODE = 'unique_violation';
    END IF;
    IF NOT telmee_owner_acts() THEN
        -- Never before the version that it follows, though the clock be set back.
        NEW.proposed_at := greatest(clock_timestamp(), latest.proposed_at);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_check_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE its agreements_version;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.agreements', NEW.contract_id));
    SELECT * INTO its FROM agreements_version WHERE id = NEW.version_id;
    IF its.contract_id IS DISTINCT FROM NEW.contract_id OR its.addressee_id IS NULL
        OR EXISTS (SELECT 1 FROM agreements_version
                   WHERE agreement_id = its.agreement_id AND number > its.number
                     AND NOT is_draft) THEN
        RAISE EXCEPTION 'telmee: an answer to what is no proposal any more'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.organisation_id IS DISTINCT FROM (
            CASE WHEN NEW.outcome IN ('confirmed', 'disputed') THEN its.addressee_id
                 ELSE its.organisation_id END)
        -- Who works for both sides does not answer himself, and nobody decides on what he proposed
        -- or disputed himself.
        OR (NEW.outcome <> 'withdrawn' AND NEW.user_id = its.user_id)
        OR (NEW.outcome = 'decided' AND EXISTS (
            SELECT 1 FROM agreements_answer
            WHERE version_id = its.id AND user_id = NEW.user_id)) THEN
        RAISE EXCEPTION 'telmee: an answer from the wrong side' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_TABLE_NAME = 'agreements_resolution' AND NOT EXISTS (
        SELECT 1 FROM agreements_answer WHERE version_id = its.id AND outcome = 'disputed') THEN
        RAISE EXCEPTION 'telmee: the end of no dispute' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.outcome = 'decided' AND NOT (
        EXISTS (SELECT 1 FROM contracts_contract WHERE id = its.contract_id AND client_decides)
        AND EXISTS (SELECT 1 FROM agreements_agreement WHERE id = its.agreement_id
                    AND kind = 'turnover')
        AND EXISTS (SELECT 1 FROM contracts_party p WHERE p.contract_id = its.contract_id
                    AND p.organisation_id = NEW.organisation_id
                    AND p.role IN ('client', 'regional_team'))) THEN
        RAISE EXCEPTION 'telmee: not the client''s to decide' USING ERRCODE = 'check_violation';
    END IF;
    -- Nobody passes on more than is owed.
    IF NEW.outcome = 'confirmed' AND NOT telmee_share_fits(its.id) THEN
        RAISE EXCEPTION 'telmee: share_exceeds_obligation' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT telmee_owner_acts() THEN
        NEW.answered_at := greatest(clock_timestamp(), its.proposed_at);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_check_plan_lines() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.agreements', contract_id))
    FROM (SELECT DISTINCT contract_id FROM changed ORDER BY contract_id) held;
    -- A statement of its own: it sees the version that came while the one above waited.
    IF EXISTS (SELECT 1 FROM agreements_version WHERE id IN (SELECT version_id FROM changed)) THEN
        RAISE EXCEPTION 'telmee: a version that is there does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM changed l LEFT JOIN receipts_receipt r
            ON r.id = l.receipt_id AND r.kind = 'plan'
            AND (r.contract_id, r.organisation_id) = (l.contract_id, l.organisation_id)
            AND r.cents IS NOT DISTINCT FROM l.value_cents
        WHERE r.id IS NULL) THEN
        RAISE EXCEPTION 'telmee: an amount unlike its receipt' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION telmee_check_content() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('telmee.agreements', NEW.contract_id));
    IF EXISTS (SELECT 1 FROM agreements_version WHERE id = NEW.version_id) THEN
        RAISE EXCEPTION 'telmee: a version that is there does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The books follow turnover as it was agreed: this period, these cents, and only the last version.
CREATE FUNCTION telmee_check_turnover() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.ground = 'turnover' AND NOT EXISTS (
        SELECT 1 FROM agreements_standing s
        JOIN agreements_agreement a ON a.id = s.agreement_id AND a.kind = 'turnover'
        JOIN agreements_turnover t ON t.version_id = s.id
        WHERE s.id = NEW.version_id AND s.contract_id = NEW.contract_id
          AND NEW.effective_on = a.period
          AND NEW.facts
              = jsonb_build_object('turnover ' || to_char(a.period, 'YYYY-MM-DD'), t.cents)
          AND NOT EXISTS (SELECT 1 FROM agreements_standing later
                          WHERE later.agreement_id = s.agreement_id AND later.number > s.number))
    THEN
        RAISE EXCEPTION 'telmee: turnover that was not agreed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Whether somebody is writing down, at this moment, that turnover was agreed: its amendment is
-- there, and the contract does not lean on it yet. So that a contractor who agrees books it.
CREATE FUNCTION telmee_books_turnover(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM contracts_amendment m JOIN contracts_contract c ON c.id = m.contract_id
        WHERE c.id = wanted AND m.number = c.amended + 1 AND m.ground = 'turnover'
          AND m.user_id = telmee_user())
$$;

-- Who does not decide on a contract changes nothing of it but what follows from the turnover. A
-- function that acts as the owner of the table has rules of its own, such as that which closes a
-- contract once both sides settled it.
CREATE FUNCTION telmee_guard_agreed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    following text[] := '{{amended,obligation_cents,obligation_receipt_id,no_obligation}}';
BEGIN
    IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class
                                      WHERE oid = 'public.contracts_contract'::regclass), 'member')
        AND NOT OLD.id = ANY (telmee_contracts_worked('{{client,regional_team}}'))
        AND (to_jsonb(OLD) - following) IS DISTINCT FROM (to_jsonb(NEW) - following) THEN
        RAISE EXCEPTION 'telmee: not his to change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- What is promised has a history beside the books.
CREATE FUNCTION telmee_move_promised() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE coming bigint := CASE TG_TABLE_NAME WHEN 'agreements_answer'
    THEN (to_jsonb(NEW)->>'version_id')::bigint ELSE NEW.id END;
BEGIN
    INSERT INTO ledger_movement
        (contract_id, organisation_id, kind, cents, effective_on, moved_at, version_id)
    SELECT contract_id, organisation_id, kind, cents, day, since, version_id
    FROM agreements_promised
    WHERE version_id = coming
      AND agreement_id = (SELECT agreement_id FROM agreements_version WHERE id = coming);
    RETURN NULL;
END $$;

CREATE TRIGGER check_version BEFORE INSERT ON agreements_version
    FOR EACH ROW EXECUTE FUNCTION telmee_check_version();
CREATE TRIGGER check_answer BEFORE INSERT ON agreements_answer
    FOR EACH ROW EXECUTE FUNCTION telmee_check_answer();
CREATE TRIGGER check_answer BEFORE INSERT ON agreements_resolution
    FOR EACH ROW EXECUTE FUNCTION telmee_check_answer();
CREATE TRIGGER check_plan_lines AFTER INSERT ON agreements_planline
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_check_plan_lines();
CREATE TRIGGER check_share BEFORE INSERT ON agreements_share
    FOR EACH ROW EXECUTE FUNCTION telmee_check_content();
CREATE TRIGGER check_turnover BEFORE INSERT ON agreements_turnover
    FOR EACH ROW EXECUTE FUNCTION telmee_check_content();
CREATE TRIGGER check_pooling BEFORE INSERT ON agreements_pooling
    FOR EACH ROW EXECUTE FUNCTION telmee_check_content();
CREATE TRIGGER check_turnover BEFORE INSERT ON contracts_amendment
    FOR EACH ROW EXECUTE FUNCTION telmee_check_turnover();
CREATE TRIGGER guard_agreed BEFORE UPDATE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_agreed();
CREATE TRIGGER move_promised AFTER INSERT ON agreements_version
    FOR EACH ROW WHEN (NEW.addressee_id IS NULL AND NOT NEW.is_draft)
    EXECUTE FUNCTION telmee_move_promised();
CREATE TRIGGER move_promised AFTER INSERT ON agreements_answer
    FOR EACH ROW WHEN (NEW.outcome = 'confirmed') EXECUTE FUNCTION telmee_move_promised();
"""
_NO_RULES = """
DROP TRIGGER move_promised ON agreements_answer;
DROP TRIGGER move_promised ON agreements_version;
DROP TRIGGER guard_agreed ON contracts_contract;
DROP TRIGGER check_turnover ON contracts_amendment;
DROP TRIGGER check_pooling ON agreements_pooling;
DROP TRIGGER check_turnover ON agreements_turnover;
DROP TRIGGER check_share ON agreements_share;
DROP TRIGGER check_plan_lines ON agreements_planline;
DROP TRIGGER check_answer ON agreements_resolution;
DROP TRIGGER check_answer ON agreements_answer;
DROP TRIGGER check_version ON agreements_version;
DROP FUNCTION telmee_move_promised();
DROP FUNCTION telmee_check_plan_lines();
DROP FUNCTION telmee_check_answer();
DROP FUNCTION telmee_check_version();
DROP FUNCTION telmee_guard_agreed();
DROP FUNCTION telmee_books_turnover(bigint);
DROP FUNCTION telmee_check_turnover();
DROP FUNCTION telmee_check_content();
DROP FUNCTION telmee_share_fits(bigint);
DROP FUNCTION telmee_in_force(bigint[], timestamptz);
DROP FUNCTION telmee_acts_for(bigint, bigint);
DROP VIEW agreements_promised;
DROP VIEW agreements_standing;
"""


class Migration(migrations.Migration):
    """Who delivers has a plan; who is a side of an agreement proposes, and the other answers."""

    dependencies = [
        ("agreements", "0001_initial"),
        ("contracts", "0002_access"),
        ("ledger", "0002_books"),
        ("receipts", "0002_access"),
    ]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        *(
            only_grows(f"agreements_{table}")
            for table in (
                *("agreement", "version", "answer", "resolution", "planline", "comment"),
                *("share", "turnover", "pooling"),
            )
        ),
        *(
            names_nobody(f"agreements_{table}", *texts)
            for table, *texts in (
                ("answer", "reason"),
                ("resolution", "reason"),
                ("comment", "text"),
                ("planline", "note", "guidance", "preparation", "steps"),
                ("share", "note"),
                ("turnover", "note"),
                ("pooling", "name", "note"),
            )
        ),
        protect(
            "agreements_agreement",
            read=f"(kind NOT IN ({_PRIVATE}) AND contract_id IN {_SEEING}"
            # The plan of who carried the contract out is not for who took it over.
            f" AND (kind <> 'plan' OR contract_id IN {WHOLE}"
            " OR telmee_former_since(contract_id, organisation_id) IS NULL))"
            f" OR (contract_id IN {_ALL} AND ({_OWN} OR other_id = {ORGANISATIONS}))",
            insert=f"({_between('turnover', _BOTH)}) OR ({_between('settlement', _CLIENTS)})"
            f" OR ({_between('pooling', _CLIENTS)})"
            " OR kind NOT IN ('turnover', 'settlement', 'pooling')"
            f" AND (({_BEGUN_BY_CLIENT}) OR telmee_acts_as(contract_id, organisation_id, {_SIDES}))"
            f" AND (kind <> 'plan' OR ({_BEGUN_BY_CLIENT})"
            f" OR telmee_acts_as(contract_id, organisation_id, {_DELIVERING}))"
            " AND (kind <> 'share' OR (telmee_acts_as(contract_id, organisation_id, '{contractor}')"
            " AND EXISTS (SELECT 1 FROM contracts_party p WHERE p.organisation_id = other_id"
            " AND p.contract_id = agreements_agreement.contract_id"
            " AND p.role IN ('consortium', 'subcontractor'))))"
            " AND EXISTS (SELECT 1 FROM contracts_party p WHERE p.organisation_id = other_id"
            " AND p.contract_id = agreements_agreement.contract_id AND p.role <> 'auditor')",
        ),
        protect(
            "agreements_version",
            # A draft is between the two whom it is about; an auditor reads what was proposed.
            read=f"{_WITH_ITS_AGREEMENT} AND (NOT is_draft OR contract_id IN {_OF_CLIENT}"
            f" OR agreement_id IN (SELECT id FROM agreements_agreement WHERE {_OWN}))",
            insert=_FOR_ITS_SIDE,
        ),
        protect(
            "agreements_answer",
            read=_WITH_ITS_VERSION,
            insert=_FOR_ITS_SIDE,
        ),
        protect(
            "agreements_comment",
            read=_WITH_ITS_VERSION,
            insert=f"{_FOR_ITS_SIDE} AND EXISTS (SELECT 1 FROM agreements_version v"
            " JOIN agreements_agreement a ON a.id = v.agreement_id"
            " WHERE v.id = version_id AND v.contract_id = agreements_comment.contract_id"
            " AND agreements_comment.organisation_id IN (a.organisation_id, a.other_id))",
        ),
        stamped("agreements_comment", "written_at"),
        protect("agreements_resolution", read=_WITH_ITS_VERSION, insert=_FOR_ITS_SIDE),
        protect(
            "agreements_planline",
            read=f"({_OWN} AND contract_id IN {_ALL}) OR contract_id IN {_OF_CLIENT}"
            f" OR (contract_id IN {_SEEING} AND version_id IN (SELECT id FROM agreements_version))",
            insert=_PLANS,
        ),
        protect(
            "agreements_share",
            read=f"({_OWN} AND contract_id IN {_ALL}) OR {_WITH_ITS_VERSION}",
            insert=f"telmee_acts_as(contract_id, organisation_id, {_DELIVERING})",
        ),
        protect(
            "agreements_turnover",
            read=f"contract_id IN {_SEEING}",
            insert="telmee_acts_for(contract_id, organisation_id) IS NOT NULL",
        ),
        protect(
            "agreements_pooling",
            read=f"contract_id IN {_SEEING}",
            insert=f"contract_id IN {_BOTH}"
            " AND telmee_acts_for(contract_id, organisation_id) IS NOT NULL",
        ),
        migrations.RunSQL(_BOOKING, _NO_BOOKING),
        only_while_open("agreements_share", "INSERT"),
        only_while_open("agreements_turnover", "INSERT"),
        only_while_open("agreements_pooling", "INSERT"),
        only_while_open("agreements_agreement", "INSERT"),
        only_while_open("agreements_version", "INSERT"),
        only_while_open("agreements_answer", "INSERT"),
        only_while_open("agreements_resolution", "INSERT"),
        only_while_open("agreements_planline", "INSERT"),
        only_while_open("agreements_comment", "INSERT"),
    ]

"""Contributions keep their own rules, and who may see and write them."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contributions.transitions import TRANSITIONS
from telmee.apps.organisations.row_security import (
    ME,
    ORGANISATIONS,
    TAKEN_OVER,
    WHOLE,
    WORKING,
    contracts_as,
    contracts_worked_as,
    only_while_open,
    protect,
    stamped,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
_REVIEWING = contracts_as("client", "regional_team", "auditor")
_DECIDING = contracts_worked_as("client", "regional_team")
_DELIVERING = contracts_worked_as("contractor", "former", "consortium", "subcontractor")
_OWN = f"organisation_id = {ORGANISATIONS}"
_WRITTEN = f"organisation_id = {WORKING}"
_DELIVERED = f"{_WRITTEN} AND contract_id IN {_DELIVERING}"
#: Row security of the contribution itself decides on what hangs on it.
_WITH_ITS_LINE = (
    f"contract_id IN {_ALL} AND EXISTS (SELECT 1 FROM contributions_contribution c "
    "WHERE c.id = contribution_id)"
)
#: What hangs on a line is of its contract; who adds it sees the line.
_ON_ITS_LINE = (
    "EXISTS (SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id"
    " AND c.contract_id = {table}.contract_id)"
)
_OF_ITS_OWNER = _ON_ITS_LINE[:-1] + " AND c.organisation_id = {table}.organisation_id)"
#: Proof goes with a draft that is thrown away; what was handed in keeps it. Only the draft's own
#: organisation sees it here.
_OF_A_DRAFT = (
    "EXISTS (SELECT 1 FROM contributions_contribution c "
    "WHERE c.id = contribution_id AND c.state = 'draft')"
)

#: Where a line can go and who takes it there: the table that the actions and the pages obey.
_STEPS = ", ".join(
    f"('{row.step}', '{state}', {'NULL' if row.to is None else repr(str(row.to))}, '{row.side}')"
    for row in TRANSITIONS
    for state in sorted(row.states)
)

_TRIGGERS = f"""
CREATE TABLE contributions_transition (
    step varchar(10), from_state varchar(10), to_state varchar(10), side varchar(10) NOT NULL,
    PRIMARY KEY (step, from_state)
);
INSERT INTO contributions_transition (step, from_state, to_state, side) VALUES {_STEPS};

-- The day whose year effort belongs to: its last, or else the day it was handed in.
CREATE FUNCTION telmee_day_of(last date, first date, handed_in timestamptz) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT coalesce(last, first, (coalesce(handed_in, now()) AT TIME ZONE 'Europe/Amsterdam')::date)
$$;

-- Who takes a step works for the organisation of the line, or for one that decides.
CREATE FUNCTION telmee_takes_side(wanted text, contract bigint, organisation bigint)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE wanted
        WHEN 'deciding' THEN contract = ANY (telmee_contracts_worked('{{client,regional_team}}'))
        ELSE telmee_acts_as(
            contract, organisation, '{{contractor,former,consortium,subcontractor}}')
    END
$$;

CREATE FUNCTION telmee_begin_contribution() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        NEW.created_at := clock_timestamp();
        NEW.created_by_id := telmee_user();
        NEW.version := 1;
        NEW.submitted_at := NULL;
        NEW.submitted_by_id := NULL;
        NEW.decided_at := NULL;
        NEW.verified_cents := NULL;
        NEW.rest_cents := NULL;
        NEW.rest_after := NULL;
        NEW.answer_by := NULL;
        NEW.receipt_id := NULL;
        NEW.decided_id := NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_guard_contribution() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- A draft changes, and so does what is corrected together with the answer to a question.
    is_open boolean := OLD.state = 'draft' OR (OLD.state = 'asked' AND NEW.state = 'submitted');
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'telmee: only a draft can be removed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.contract_id, OLD.organisation_id, OLD.key, OLD.created_at, OLD.created_by_id)
            IS DISTINCT FROM
            (NEW.contract_id, NEW.organisation_id, NEW.key, NEW.created_at, NEW.created_by_id)
        OR (NOT is_open AND
            (OLD.reference, OLD.block, OLD."begin", OLD."end", OLD.weekly_hours, OLD.hours,
             OLD.amount_cents, OLD."count", OLD.bonuses, OLD.person_id, OLD.supplier,
             OLD.certificate, OLD.certificate_until, OLD.full_time_hours, OLD.last_benefit_day,
             OLD.fingerprint, OLD.value_cents, OLD.value_status, OLD.pool)
            IS DISTINCT FROM
            (NEW.reference, NEW.block, NEW."begin", NEW."end", NEW.weekly_hours, NEW.hours,
             NEW.amount_cents, NEW."count", NEW.bonuses, NEW.person_id, NEW.supplier,
             NEW.certificate, NEW.certificate_until, NEW.full_time_hours, NEW.last_benefit_day,
             NEW.fingerprint, NEW.value_cents, NEW.value_status, NEW.pool))
        -- A note of what was handed in changes only while a code is erased or exchanged: it is
        -- struck out there.
        OR (NOT is_open AND OLD.note <> NEW.note AND NOT EXISTS (
            SELECT 1 FROM people_person
            WHERE organisation_id = NEW.organisation_id
              AND greatest(exchanged_at, erased_at) >= transaction_timestamp()))
        OR (NOT is_open AND NEW.state <> 'draft'
            AND OLD.receipt_id IS DISTINCT FROM NEW.receipt_id) THEN
        RAISE EXCEPTION 'telmee: what was handed in does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT 1 FROM contributions_transition
        WHERE from_state = OLD.state AND to_state = NEW.state
          AND (telmee_owner_acts()
               OR telmee_takes_side(side, NEW.contract_id, NEW.organisation_id))) THEN
        RAISE EXCEPTION 'telmee: no step for who asks, from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    -- Who carried the contract out hands in nothing more for days from the takeover on; an answer
    -- about days that stay as they were is one.
    IF NEW.state = 'submitted' AND is_open
        AND (OLD.state = 'draft'
             OR (OLD."begin", OLD."end") IS DISTINCT FROM (NEW."begin", NEW."end"))
        AND coalesce(NEW."end", NEW."begin")
            >= telmee_former_since(NEW.contract_id, NEW.organisation_id) THEN
        RAISE EXCEPTION 'telmee: line_after_takeover' USING ERRCODE = 'check_violation',
            DETAIL = json_build_object(
                'day', telmee_former_since(NEW.contract_id, NEW.organisation_id));
    END IF;
    NEW.version := OLD.version + 1;
    NEW.submitted_at := CASE
        WHEN NEW.state = 'draft' THEN NULL
        WHEN OLD.state = 'draft' THEN clock_timestamp()
        ELSE OLD.submitted_at
    END;
    NEW.submitted_by_id := CASE
        WHEN NEW.state = 'draft' THEN NULL
        WHEN OLD.state = 'draft' THEN telmee_user()
        ELSE OLD.submitted_by_id
    END;
    IF NEW.state = 'draft' THEN
        NEW.receipt_id := NULL;
    ELSIF NOT EXISTS (
        SELECT 1 FROM receipts_receipt WHERE id = NEW.receipt_id
          AND (contract_id, organisation_id) = (NEW.contract_id, NEW.organisation_id)) THEN
        RAISE EXCEPTION 'telmee: a line that is handed in has a receipt of its own'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Whether an organisation has effort or agreements on a contract on which somebody decides.
CREATE FUNCTION telmee_left_something(contract bigint, organisation bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN contract = ANY (telmee_contracts_worked('{{client,regional_team}}')) AND (
        EXISTS (SELECT 1 FROM contributions_contribution
                WHERE contract_id = contract AND organisation_id = organisation)
        OR EXISTS (SELECT 1 FROM agreements_agreement
                   WHERE contract_id = contract AND organisation IN (organisation_id, other_id)));
END $$;

-- What effort on a contract came to that who took it over does not see line by line.
CREATE FUNCTION telmee_before_takeover(contract bigint)
RETURNS TABLE (block text, year int, lines bigint, delivered bigint, verified bigint,
               undecided bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.block::text, extract(year FROM m.day)::int, count(DISTINCT c.id),
           coalesce(sum(m.cents) FILTER (WHERE m.kind = 'delivered'), 0)::bigint,
           coalesce(sum(m.cents) FILTER (WHERE m.kind = 'realised'), 0)::bigint,
           coalesce(sum(m.cents) FILTER (WHERE m.kind = 'undecided'), 0)::bigint
    FROM contributions_contribution c CROSS JOIN LATERAL (
        SELECT telmee_day_of(c."end", c."begin", c.submitted_at), 'none', 0
        UNION ALL
        SELECT effective_on, kind, cents FROM ledger_movement WHERE contribution_id = c.id
        UNION ALL
        SELECT effective_on, kind, amount_cents FROM ledger_entry
        WHERE contribution_id = c.id AND kind = 'realised'
    ) m(day, kind, cents)
    WHERE c.contract_id = contract AND contract = ANY (telmee_contracts_taken_over())
      AND NOT contract = ANY (telmee_contracts_whole())
      AND c.state NOT IN ('draft', 'withdrawn')
      AND c.organisation_id <> ALL ((SELECT telmee_organisations())::bigint[])
      AND telmee_seen_since(contract, c.organisation_id, c."begin") IS NOT TRUE
    GROUP BY 1, 2 ORDER BY 2, 1
$$;

-- The balances from nothing: the sum of every entry and movement, to load and to compare with.
CREATE FUNCTION telmee_balances()
RETURNS TABLE (contract_id bigint, organisation_id bigint, year smallint, kind text, cents bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT contract_id, organisation_id, year::smallint, kind, sum(cents)::bigint FROM (
        SELECT e.contract_id, c.organisation_id, extract(year FROM e.effective_on) AS year,
               e.kind::text, e.amount_cents AS cents
        FROM ledger_entry e LEFT JOIN contributions_contribution c ON c.id = e.contribution_id
        UNION ALL
        SELECT contract_id, organisation_id, extract(year FROM effective_on), kind::text, cents
        FROM ledger_movement
    ) every GROUP BY 1, 2, 3, 4
$$;

-- What a line of effort is told for: on which contract, and in which year, by the last of its days
-- there. What was delivered is divided over years by the days of the receipt that the line was
-- handed in with, and what a decision left by those of the figure that was decided on.
-- Of a line for an initiative, what waits is divided over contracts as a decision would divide it,
-- and what was decided stays whole on its contract. Where a decision would be refused, as the parts
-- are not the whole, all of it waits where it was handed in.
CREATE FUNCTION telmee_claims(line contributions_contribution)
RETURNS TABLE (contract_id bigint, kind text, day date, cents bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$  -- a plan each time costs six times the answer
#variable_conflict use_column
DECLARE
    ends date := telmee_day_of(line."end", line."begin", line.submitted_at);
    is_rest boolean := line.rest_cents IS NOT NULL;
BEGIN
    RETURN QUERY
    WITH said AS MATERIALIZED (
        SELECT c.kind, y.day, y.cents
        FROM telmee_claimed(line.state, line.value_cents, line.rest_cents) c
        CROSS JOIN LATERAL (SELECT is_rest AND c.kind = 'undecided') of(rest)
        CROSS JOIN LATERAL telmee_receipt_years(
            CASE WHEN of.rest THEN line.decided_id ELSE line.receipt_id END,
            CASE WHEN of.rest THEN line.verified_cents + line.rest_cents ELSE c.cents END, ends,
            CASE WHEN of.rest THEN telmee_counted_until(line.id) END, NULL) y
    ), waiting AS (
        SELECT day, cents, sum(cents) OVER ()::bigint AS whole,
               sum(cents) OVER (ORDER BY day) - cents AS before
        FROM said WHERE kind = 'undecided' AND line.pool IS NOT NULL
    ), part AS (
        SELECT p.contract_id, w.day, telmee_slice(p.cents, w.whole, w.before, w.cents) AS cents,
               bool_or(p.contract_id = line.contract_id) OVER () AS is_one_of_them
        FROM waiting w, telmee_parts(line.pool, w.whole, ends, NULL) p
    ), moved AS (
        SELECT p.contract_id AS gets, k.kind, p.day, p.cents
        FROM part p, unnest('{{delivered,undecided}}'::text[]) k(kind)
        WHERE p.is_one_of_them AND p.contract_id <> line.contract_id
    )
    SELECT contract_id, kind, day, sum(cents)::bigint FROM (
        SELECT line.contract_id, kind, day, cents FROM said
        UNION ALL SELECT line.contract_id, kind, day, -cents FROM moved
        UNION ALL SELECT gets, kind, day, cents FROM moved
    ) claim(contract_id, kind, day, cents) GROUP BY 1, 2, 3 HAVING sum(cents) <> 0;
END $$;

-- What was delivered, and what of it waits, has a history beside the books: bring what is told of
-- lines to what holds now, by the difference alone.
CREATE FUNCTION telmee_move_claims(lines bigint[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_movement
        (contract_id, organisation_id, kind, cents, effective_on, moved_at, contribution_id)
    SELECT d.contract_id, l.organisation_id, d.kind, sum(d.cents), d.day, clock_timestamp(), l.id
    FROM contributions_contribution l CROSS JOIN LATERAL (
        SELECT c.contract_id, c.kind, c.day, c.cents FROM telmee_claims(l) c
        UNION ALL
        SELECT m.contract_id, m.kind, m.effective_on, -m.cents
        FROM ledger_movement m WHERE m.contribution_id = l.id) d
    WHERE l.id = ANY (lines)
    GROUP BY d.contract_id, l.organisation_id, d.kind, d.day, l.id
    HAVING sum(d.cents) <> 0
$$;

-- Who hands in for an initiative waits for who changes its parts at that moment.
CREATE FUNCTION telmee_move_delivered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('telmee.initiative ' || its.pool, 0))
    FROM (SELECT DISTINCT pool FROM new_lines WHERE pool IS NOT NULL ORDER BY pool) its;
    PERFORM telmee_move_claims(ARRAY(SELECT id FROM new_lines));
    RETURN NULL;
END $$;

-- Other parts, or another contractor who agreed to none: what waits is divided anew.
CREATE FUNCTION telmee_move_parts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    its bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.contract_id ELSE NEW.contract_id END;
    pools uuid[] := ARRAY(SELECT DISTINCT pool FROM agreements_pooling
                          WHERE contract_id = its AND part_bp IS NOT NULL ORDER BY pool);
BEGIN
    IF pools <> '{{}}' THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.initiative ' || p, 0))
        FROM unnest(pools) p;
        PERFORM telmee_move_claims(ARRAY(
            SELECT id FROM contributions_contribution WHERE pool = ANY (pools)
              AND state IN ('submitted', 'asked', 'partly', 'objection')));
    END IF;
    RETURN NULL;
END $$;

-- What was handed in for an initiative, for who sees a contract that takes part in it as agreed: no
-- person, no proof, no note.
CREATE FUNCTION telmee_initiative_lines(wanted uuid)
RETURNS TABLE (id bigint, organisation text, block text, first date, last date, state text,
               value_cents bigint, verified_cents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, o.name::text, c.block::text, c."begin", c."end", c.state::text, c.value_cents,
           c.verified_cents
    FROM contributions_contribution c JOIN organisations_organisation o ON o.id = c.organisation_id
    WHERE c.pool = wanted AND c.state NOT IN ('draft', 'withdrawn') AND EXISTS (
        SELECT 1 FROM agreements_standing s JOIN agreements_pooling p ON p.version_id = s.id
        WHERE p.pool = wanted AND p.contract_id IN (SELECT unnest(telmee_contracts(
            '{{client,regional_team,contractor,consortium,auditor}}'))))
    ORDER BY c.id DESC LIMIT 100
$$;

-- Whose contracts would get a part of lines for an initiative and were closed, for who hands them
-- in: on such a line nobody can decide. The day is that by which its parts are told.
CREATE FUNCTION telmee_closed_parts(lines bigint[]) RETURNS TABLE (line bigint, organisation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, o.name::text
    FROM contributions_contribution c
    CROSS JOIN LATERAL telmee_places(
        c.pool, telmee_day_of(c."end", c."begin", c.submitted_at), NULL) p
    JOIN contracts_contract k ON k.id = p.contract_id AND k.closed_on IS NOT NULL
    JOIN contracts_party t ON t.contract_id = k.id AND t.role = 'contractor'
    JOIN organisations_organisation o ON o.id = t.organisation_id
    WHERE c.id = ANY (lines) AND c.organisation_id = ANY (telmee_organisations())
    ORDER BY c.id, o.name
$$;

-- On a closed contract no line changes; only a code may still be struck out of a note.
CREATE FUNCTION telmee_require_open_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE changed bigint[] := (
    SELECT array_agg(DISTINCT n.contract_id) FROM new_lines n JOIN old_lines o ON o.id = n.id
    WHERE to_jsonb(n) - ARRAY['note', 'version'] <> to_jsonb(o) - ARRAY['note', 'version']);
BEGIN
    PERFORM telmee_require_open_of(changed);
    RETURN NULL;
END $$;

-- The files of all evidence, for the sweep alone. Who is not the system is refused: an empty answer
-- would look as if no file was known.
CREATE FUNCTION telmee_evidence_files()
RETURNS TABLE (id bigint, stored_as varchar, kept boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_user() <> -1 THEN
        RAISE EXCEPTION 'telmee: only a sweep asks for every file'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY SELECT e.id, e.stored_as, e.removed_at IS NULL FROM contributions_evidence e;
END $$;

-- A contract is voided for good, by an amendment that says why, as long as nothing leans on it: no
-- decision on effort, no call-off, and nothing in its books that still stands.
CREATE FUNCTION telmee_guard_voided() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.voided_on IS NOT NULL THEN
        RAISE EXCEPTION 'telmee: contract_voided' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
            SELECT 1 FROM contracts_amendment
            WHERE contract_id = NEW.id AND number = NEW.amended AND ground = 'voided')
        OR EXISTS (
            SELECT 1 FROM contributions_contribution
            WHERE contract_id = NEW.id
              AND state NOT IN ('draft', 'submitted', 'asked', 'withdrawn'))
        OR EXISTS (
            SELECT 1 FROM contracts_contract WHERE parent_id = NEW.id AND voided_on IS NULL)
        OR EXISTS (
            SELECT 1 FROM ledger_entry e LEFT JOIN ledger_entry r ON r.reverses_id = e.id
            WHERE e.contract_id = NEW.id AND e.reverses_id IS NULL AND r.id IS NULL) THEN
        RAISE EXCEPTION 'telmee: a contract that something leans on is not voided'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_voided BEFORE UPDATE ON contracts_contract
    FOR EACH ROW WHEN (OLD.voided_on IS NOT NULL OR NEW.voided_on IS NOT NULL)
    EXECUTE FUNCTION telmee_guard_voided();

CREATE FUNCTION telmee_guard_person() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.code IS NULL
        OR (OLD.organisation_id, OLD.created_at)
            IS DISTINCT FROM (NEW.organisation_id, NEW.created_at) THEN
        RAISE EXCEPTION 'telmee: who a person is does not change, and what was erased stays so'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.erased_at := CASE WHEN NEW.code IS NULL THEN clock_timestamp() END;
    NEW.exchanged_at := CASE WHEN NEW.code_key <> OLD.code_key THEN clock_timestamp()
                             ELSE OLD.exchanged_at END;
    RETURN NEW;
END $$;

CREATE TRIGGER begin_delivered AFTER INSERT ON contributions_contribution
    REFERENCING NEW TABLE AS new_lines
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_move_delivered();
CREATE TRIGGER move_delivered AFTER UPDATE ON contributions_contribution
    REFERENCING NEW TABLE AS new_lines
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_move_delivered();
CREATE TRIGGER move_parts AFTER INSERT ON agreements_answer
    FOR EACH ROW WHEN (NEW.outcome = 'confirmed') EXECUTE FUNCTION telmee_move_parts();
CREATE TRIGGER move_parts AFTER INSERT OR UPDATE ON contracts_party
    FOR EACH ROW WHEN (NEW.role IN ('client', 'contractor'))
    EXECUTE FUNCTION telmee_move_parts();
CREATE TRIGGER move_parts_back AFTER DELETE ON contracts_party
    FOR EACH ROW WHEN (OLD.role IN ('client', 'contractor'))
    EXECUTE FUNCTION telmee_move_parts();
CREATE TRIGGER only_while_open_update AFTER UPDATE ON contributions_contribution
    REFERENCING NEW TABLE AS new_lines OLD TABLE AS old_lines
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_require_open_line();
CREATE TRIGGER guard_person BEFORE UPDATE ON people_person
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_person();
CREATE TRIGGER begin_contribution BEFORE INSERT ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_contribution();
CREATE TRIGGER guard_contribution BEFORE UPDATE OR DELETE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_contribution();
"""
_NO_TRIGGERS = """
DROP FUNCTION telmee_closed_parts(bigint[]);
DROP FUNCTION telmee_initiative_lines(uuid);
DROP TRIGGER only_while_open_update ON contributions_contribution;
DROP FUNCTION telmee_require_open_line();
DROP TRIGGER move_parts_back ON contracts_party;
DROP TRIGGER move_parts ON contracts_party;
DROP TRIGGER move_parts ON agreements_answer;
DROP FUNCTION telmee_move_parts();
DROP TRIGGER move_delivered ON contributions_contribution;
DROP TRIGGER begin_delivered ON contributions_contribution;
DROP FUNCTION telmee_move_delivered();
DROP FUNCTION telmee_balances();
DROP FUNCTION telmee_before_takeover(bigint);
DROP FUNCTION telmee_left_something(bigint, bigint);
DROP FUNCTION telmee_move_claims(bigint[]);
DROP FUNCTION telmee_claims(contributions_contribution);
DROP FUNCTION telmee_day_of(date, date, timestamptz);
DROP TRIGGER guard_person ON people_person;
DROP FUNCTION telmee_guard_person();
DROP TRIGGER guard_voided ON contracts_contract;
DROP FUNCTION telmee_guard_voided();
DROP FUNCTION telmee_evidence_files();
DROP TRIGGER guard_contribution ON contributions_contribution;
DROP TRIGGER begin_contribution ON contributions_contribution;
DROP FUNCTION telmee_guard_contribution();
DROP FUNCTION telmee_begin_contribution();
DROP FUNCTION telmee_takes_side(text, bigint, bigint);
DROP TABLE contributions_transition;
"""


class Migration(migrations.Migration):
    """A draft is its maker's; what was handed in is both parties' and stays as it was."""

    dependencies = [
        ("contributions", "0001_initial"),
        ("agreements", "0003_pools"),
        ("ledger", "0002_books"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        protect(
            "contributions_contribution",
            read=f"(contract_id IN {WHOLE} AND state <> 'draft') "
            f"OR ({_OWN} AND contract_id IN {_ALL}) "
            f"OR (contract_id IN {TAKEN_OVER} AND state <> 'draft'"
            ' AND telmee_seen_since(contract_id, organisation_id, "begin"))',
            insert=f"{_DELIVERED} AND state = 'draft'",
            update=f"({_DELIVERED}) OR (contract_id IN {_DECIDING} AND state <> 'draft')",
            delete=_DELIVERED,
        ),
        protect(
            "people_person",
            # The other side knows a person by the lines that it may see.
            read=f"{_OWN} OR EXISTS (SELECT 1 FROM contributions_contribution c "
            "WHERE c.person_id = people_person.id)",
            insert=_WRITTEN,
            update=_WRITTEN,
        ),
        protect(
            "contributions_upload",
            read=f"{_OWN} AND contract_id IN {_ALL}",
            insert=f"{_DELIVERED} AND user_id = {ME}",
            update=_DELIVERED,
        ),
        protect(
            "contributions_handingin",
            read=f"{_OWN} AND contract_id IN {_ALL}",
            insert=f"{_DELIVERED} AND user_id = {ME}",
            update=_DELIVERED,
        ),
        protect(
            "contributions_evidence",
            read=f"{_WITH_ITS_LINE} AND (NOT waits_for_search OR {_OWN})",
            insert=f"{_DELIVERED} AND added_by_id = {ME} AND "
            + _OF_ITS_OWNER.format(table="contributions_evidence"),
            update=_DELIVERED,
            delete=f"contract_id IN {_DELIVERING} AND {_OF_A_DRAFT}",
        ),
        protect(
            "contributions_sighting",
            read=_WITH_ITS_LINE,
            insert=f"seen_by_id = {ME} AND telmee_acts_as(contract_id, organisation_id,"
            " '{client,regional_team}') AND " + _ON_ITS_LINE.format(table="contributions_sighting"),
            delete=f"contract_id IN {_DELIVERING} AND {_OF_A_DRAFT}",
        ),
        protect(
            "contributions_touched",
            read=f"contract_id IN {_REVIEWING}",
            insert=f"contract_id IN {_DECIDING} AND reviewed_at IS NULL AND "
            + _ON_ITS_LINE.format(table="contributions_touched"),
            # Who reviewed it says so himself, and once.
            update=f"contract_id IN {_DECIDING} AND coalesce(reviewed_by_id, {ME}) = {ME}",
        ),
        stamped("contributions_touched", "created_at"),
        only_while_open("contributions_touched", "INSERT", "UPDATE"),
        stamped("contributions_evidence", "added_at"),
        stamped("contributions_sighting", "created_at"),
        stamped("contributions_upload", "created_at"),
        stamped("contributions_handingin", "created_at"),
        stamped("people_person", "created_at"),
        only_while_open("contributions_contribution", "INSERT", "DELETE"),
        # A file may be taken away after closing: it may hold a name.
        only_while_open("contributions_evidence", "INSERT"),
        only_while_open("contributions_sighting", "INSERT"),
        only_while_open("contributions_upload", "INSERT"),
    ]

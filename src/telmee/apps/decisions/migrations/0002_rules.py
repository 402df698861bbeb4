"""A line follows its decisions, the books follow them too, and who may see and write them."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.choices import OBJECTION_DAYS
from telmee.apps.organisations.row_security import (
    ME,
    WHOLE,
    contracts_as,
    names_nobody,
    only_grows,
    only_while_open,
    protect,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
#: Row security of the contribution itself decides on what hangs on it. Who sees every line
#: need not be asked line by line.
_WITH_ITS_LINE = (
    f"contract_id IN {WHOLE} OR (contract_id IN {_ALL} AND EXISTS "
    "(SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id))"
)

_TRIGGERS = f"""
-- Up to which day a line was decided on, where that is a part of it.
CREATE FUNCTION telmee_counted_until(line bigint) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT until FROM decisions_decision WHERE contribution_id = line ORDER BY number DESC LIMIT 1
$$;

-- What a decision counts in which year, by the days of its receipt: of what follows on a part those
-- after it. What has no day counts on the one that was filled in, or on which it was handed in.
CREATE FUNCTION telmee_decided_years(made decisions_decision)
RETURNS TABLE (day date, cents bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$  -- a plan each time costs more than the answer
    SELECT y.day, y.cents FROM receipts_receipt r
    CROSS JOIN LATERAL (SELECT telmee_day_of(
        nullif(r.inputs->>'eind', '')::date, nullif(r.inputs->>'begin', '')::date,
        made.submitted_at)) otherwise(day)
    CROSS JOIN LATERAL telmee_receipt_years(
        r.id, coalesce(r.named_cents, r.cents), otherwise.day,
        CASE WHEN made.before_cents <> 0 THEN (
            SELECT until FROM decisions_decision
            WHERE contribution_id = made.contribution_id AND number = made.number - 1) END,
        made.until) y
    WHERE r.id = made.receipt_id
$$;

CREATE FUNCTION telmee_follow_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    latest decisions_decision;
    figure receipts_receipt;
    decided text[] := '{{partly,accepted,adjusted,rejected}}';
    open date := (
        SELECT q.due FROM decisions_question q
        WHERE q.contribution_id = NEW.id
          AND NOT EXISTS (SELECT 1 FROM decisions_reply r WHERE r.question_id = q.id)
        ORDER BY q.id DESC LIMIT 1);
BEGIN
    SELECT * INTO latest FROM decisions_decision
    WHERE contribution_id = NEW.id ORDER BY number DESC LIMIT 1;
    IF NEW.state <> OLD.state
        AND ((NEW.state = ANY (decided) AND NEW.state IS DISTINCT FROM latest.outcome)
             OR (OLD.state = ANY (decided) AND NEW.state = 'submitted'
                 AND latest.outcome IS DISTINCT FROM 'reopened')) THEN
        RAISE EXCEPTION 'telmee: a state that nobody decided' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND ((NEW.state = 'asked' AND open IS NULL)
        OR (OLD.state = 'asked' AND NEW.state = 'submitted' AND open IS NOT NULL)) THEN
        RAISE EXCEPTION 'telmee: a question that is not there, or not answered'
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.state, NEW.state) = ('asked', 'submitted')
        AND (NEW.receipt_id IS DISTINCT FROM OLD.receipt_id) IS DISTINCT FROM (
            SELECT corrected FROM decisions_reply
            WHERE contribution_id = NEW.id ORDER BY id DESC LIMIT 1) THEN
        RAISE EXCEPTION 'telmee: a reply does not say whether it corrected'
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.state = 'objection') <> EXISTS (
        SELECT 1 FROM decisions_objection WHERE decision_id = latest.id) THEN
        RAISE EXCEPTION 'telmee: an objection that is not there, or not decided on'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decided_id IS DISTINCT FROM latest.receipt_id THEN
        RAISE EXCEPTION 'telmee: a figure that nobody decided' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT telmee_owner_acts() THEN
        NEW.verified_cents := CASE WHEN latest.outcome = ANY (decided)
            THEN latest.before_cents + latest.amount_cents END;
        NEW.decided_at := CASE WHEN latest.outcome = ANY (decided) THEN latest.decided_at END;
        SELECT * INTO figure FROM receipts_receipt
        WHERE id = latest.receipt_id AND latest.outcome = 'partly';
        NEW.rest_cents := coalesce(figure.named_cents, figure.cents) - NEW.verified_cents;
        NEW.rest_after := figure.last_day;
        NEW.answer_by := CASE NEW.state WHEN 'asked' THEN open WHEN 'objection' THEN (
            SELECT coalesce(e.until, o.due) FROM decisions_objection o
            LEFT JOIN decisions_extension e ON e.objection_id = o.id
            WHERE o.decision_id = latest.id) END;
    END IF;
    RETURN NEW;
END $$;

-- Whether a decision counts days after today: none may up to a day that has not come, and of the
-- whole only where the client of the contract takes effort that is still to come.
CREATE FUNCTION telmee_ahead_of_time(made decisions_decision) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT made.until > today OR (made.until IS NULL AND EXISTS (
        SELECT 1 FROM receipts_receipt r WHERE r.id = made.receipt_id
          AND telmee_to_come(coalesce(r.named_cents, r.cents), r.first_day, r.last_day, today) > 0)
        AND NOT EXISTS (
            SELECT 1 FROM contracts_party p
            JOIN organisations_organisation o ON o.id = p.organisation_id
            WHERE p.contract_id = made.contract_id AND p.role = 'client' AND o.accepts_ahead))
    FROM (SELECT (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date AS today) clock
$$;

CREATE FUNCTION telmee_guard_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
    latest decisions_decision;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id FOR NO KEY UPDATE;
    IF line.id IS NULL THEN
        RAISE EXCEPTION 'telmee: a decision on a line of another contract'
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO latest FROM decisions_decision
    WHERE contribution_id = NEW.contribution_id ORDER BY number DESC LIMIT 1;
    IF NOT EXISTS (SELECT 1 FROM contributions_transition
                   WHERE from_state = line.state AND side = 'deciding'
                     AND (to_state = NEW.outcome
                          OR (step = 'reopen' AND NEW.outcome = 'reopened')))
        OR (line.state = 'objection' AND EXISTS (
            SELECT 1 FROM decisions_decision d
            WHERE d.contribution_id = line.id AND d.user_id = NEW.user_id
              AND (d.number = latest.number OR d.receipt_id = latest.receipt_id))) THEN
        RAISE EXCEPTION 'telmee: no decision for who asks on a line that is %', line.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.user_id IN (line.created_by_id, line.submitted_by_id)
        OR EXISTS (SELECT 1 FROM decisions_objection
                   WHERE contribution_id = line.id AND user_id = NEW.user_id)
        OR EXISTS (SELECT 1 FROM decisions_reply
                   WHERE contribution_id = line.id AND user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'telmee: a decision on a line of his own' USING ERRCODE = 'check_violation';
    END IF;
    IF (line.state = 'objection') <> (NEW.ruling <> '') THEN
        RAISE EXCEPTION 'telmee: a decision on an objection says what came of it'
            USING ERRCODE = 'check_violation';
    END IF;
    -- What follows on a part adds to it; all else takes the place of what stood.
    IF NEW.before_cents <> 0 AND (line.state, latest.receipt_id,
                                  latest.before_cents + latest.amount_cents)
        IS DISTINCT FROM ('partly', NEW.receipt_id, NEW.before_cents) THEN
        RAISE EXCEPTION 'telmee: a part that follows on no other' USING ERRCODE = 'check_violation';
    END IF;
    IF telmee_ahead_of_time(NEW) THEN
        RAISE EXCEPTION 'telmee: effort that is still to come' USING ERRCODE = 'check_violation';
    END IF;
    NEW.number := coalesce(latest.number, 0) + 1;
    NEW.submitted_at := line.submitted_at;
    NEW.decided_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_match_receipt() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.receipt_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM receipts_receipt
        WHERE id = NEW.receipt_id AND contract_id = NEW.contract_id
          AND NEW.before_cents + NEW.amount_cents = coalesce(named_cents, cents)
              - CASE WHEN NEW.until IS NULL THEN 0 ELSE telmee_to_come(
                    coalesce(named_cents, cents), first_day, last_day, NEW.until) END
    ) THEN
        RAISE EXCEPTION 'telmee: an amount unlike its receipt' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_match_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM decisions_decision d, telmee_decided_years(d) y
        WHERE d.id = NEW.decision_id AND d.contribution_id = NEW.contribution_id
          AND d.contract_id = NEW.contract_id AND d.receipt_id = NEW.receipt_id
          AND (y.day, y.cents) = (NEW.effective_on, abs(NEW.amount_cents))
          -- Only the latest is booked; a reversal repeats the decision of its original.
          AND (NEW.reverses_id IS NOT NULL OR NOT EXISTS (
               SELECT 1 FROM decisions_decision l
               WHERE l.contribution_id = d.contribution_id AND l.number > d.number))
    ) THEN
        RAISE EXCEPTION 'telmee: ledger_decision_differs' USING ERRCODE = 'check_violation';
    END IF;
    -- Once for each year, beside what earlier decisions counted.
    IF NEW.reverses_id IS NULL AND ((
        SELECT coalesce(sum(e.amount_cents), 0) FROM ledger_entry e
        WHERE e.contribution_id = NEW.contribution_id AND e.kind = 'realised'
          AND e.decision_id <> NEW.decision_id)
        IS DISTINCT FROM (SELECT before_cents FROM decisions_decision WHERE id = NEW.decision_id)
        OR EXISTS (
            SELECT 1 FROM ledger_entry e WHERE e.contribution_id = NEW.contribution_id
              AND (e.decision_id, e.effective_on) = (NEW.decision_id, NEW.effective_on)))
    THEN
        RAISE EXCEPTION 'telmee: ledger_realised_twice' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;

-- Who decides asks about a line that waits, and who delivered it answers, once. What was decided
-- while a question was open stays without an answer.
CREATE FUNCTION telmee_guard_question() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id FOR NO KEY UPDATE;
    IF line.id IS NULL OR line.state <> 'submitted' THEN
        RAISE EXCEPTION 'telmee: a question about a line that does not wait'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.user_id IN (line.created_by_id, line.submitted_by_id) THEN
        RAISE EXCEPTION 'telmee: a question about a line of his own'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.asked_at := clock_timestamp();
    NEW.receipt_id := line.receipt_id;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_guard_reply() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id FOR NO KEY UPDATE;
    IF line.id IS NULL OR line.state <> 'asked'
        OR line.organisation_id <> NEW.organisation_id
        OR NEW.question_id IS DISTINCT FROM (
            SELECT max(id) FROM decisions_question WHERE contribution_id = line.id) THEN
        RAISE EXCEPTION 'telmee: a reply to no question that is open'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.replied_at := clock_timestamp();
    RETURN NEW;
END $$;

-- An objection is to the decision that stands. How long the client has is its own choice, and not
-- for who objects to say.
CREATE FUNCTION telmee_guard_objection() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id FOR NO KEY UPDATE;
    IF NOT coalesce(line.state = ANY ('{{partly,adjusted,rejected}}'), false)
        OR NEW.decision_id IS DISTINCT FROM (
            SELECT id FROM decisions_decision WHERE contribution_id = line.id
            ORDER BY number DESC LIMIT 1) THEN
        RAISE EXCEPTION 'telmee: an objection to no decision that stands'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.made_at := clock_timestamp();
    NEW.due := (NEW.made_at AT TIME ZONE 'Europe/Amsterdam')::date + coalesce((
        SELECT o.objection_days FROM contracts_party p
        JOIN organisations_organisation o ON o.id = p.organisation_id
        WHERE p.contract_id = NEW.contract_id AND p.role = 'client'), {OBJECTION_DAYS});
    RETURN NEW;
END $$;

-- A client takes longer once, before its term is over, and for no longer than the term itself.
CREATE FUNCTION telmee_guard_extension() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
    its decisions_objection;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id FOR NO KEY UPDATE;
    SELECT * INTO its FROM decisions_objection
    WHERE contribution_id = line.id ORDER BY id DESC LIMIT 1;
    NEW.extended_at := clock_timestamp();
    IF line.state IS DISTINCT FROM 'objection' OR its.id IS DISTINCT FROM NEW.objection_id
        OR NEW.until <= its.due
        OR NEW.until > its.due + (its.due - (its.made_at AT TIME ZONE 'Europe/Amsterdam')::date)
        OR (NEW.extended_at AT TIME ZONE 'Europe/Amsterdam')::date > its.due THEN
        RAISE EXCEPTION 'telmee: a longer term for no objection that waits'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The lines with an objection or a question of which the term ends within some days, or has ended:
-- told to who has to act, and once it has ended to the other side as well. For the system.
CREATE FUNCTION telmee_line_terms(on_day date, near integer) RETURNS SETOF telmee_term
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE l.state WHEN 'asked' THEN 'question' ELSE 'objection' END
               || CASE WHEN l.answer_by < on_day THEN '_term_missed' ELSE '_term_near' END,
           CASE l.state
               WHEN 'asked' THEN 'question ' || (
                   SELECT max(id) FROM decisions_question WHERE contribution_id = l.id)
               ELSE 'objection ' || (
                   SELECT max(id) FROM decisions_objection WHERE contribution_id = l.id)
                   || ' ' || l.answer_by END,
           l.contract_id, l.answer_by,
           CASE WHEN l.state = 'objection' OR l.answer_by < on_day
               THEN '{{client,regional_team}}'::text[] ELSE '{{}}' END,
           CASE WHEN l.state = 'asked' OR l.answer_by < on_day THEN l.organisation_id END,
           jsonb_build_object('line', l.reference), 'line', l.id
    FROM contributions_contribution l
    WHERE telmee_user() = -1 AND l.state IN ('objection', 'asked') AND l.answer_by < on_day + near
$$;

CREATE TRIGGER guard_objection BEFORE INSERT ON decisions_objection
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_objection();
CREATE TRIGGER guard_extension BEFORE INSERT ON decisions_extension
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_extension();
CREATE TRIGGER guard_question BEFORE INSERT ON decisions_question
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_question();
CREATE TRIGGER guard_reply BEFORE INSERT ON decisions_reply
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_reply();
CREATE TRIGGER follow_decision BEFORE UPDATE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION telmee_follow_decision();
CREATE TRIGGER guard_decision BEFORE INSERT ON decisions_decision
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_decision();
CREATE TRIGGER match_receipt BEFORE INSERT ON decisions_decision
    FOR EACH ROW EXECUTE FUNCTION telmee_match_receipt();
CREATE TRIGGER match_decision BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'realised') EXECUTE FUNCTION telmee_match_decision();
"""
_NO_TRIGGERS = """
DROP FUNCTION telmee_line_terms(date, integer);
DROP TRIGGER guard_extension ON decisions_extension;
DROP TRIGGER guard_objection ON decisions_objection;
DROP TRIGGER match_decision ON ledger_entry;
DROP TRIGGER match_receipt ON decisions_decision;
DROP TRIGGER guard_decision ON decisions_decision;
DROP TRIGGER follow_decision ON contributions_contribution;
DROP TRIGGER guard_reply ON decisions_reply;
DROP TRIGGER guard_question ON decisions_question;
DROP FUNCTION telmee_guard_extension();
DROP FUNCTION telmee_guard_objection();
DROP FUNCTION telmee_guard_reply();
DROP FUNCTION telmee_guard_question();
DROP FUNCTION telmee_match_decision();
DROP FUNCTION telmee_match_receipt();
DROP FUNCTION telmee_guard_decision();
DROP FUNCTION telmee_ahead_of_time(decisions_decision);
DROP FUNCTION telmee_follow_decision();
DROP FUNCTION telmee_decided_years(decisions_decision);
DROP FUNCTION telmee_counted_until(bigint);
"""


class Migration(migrations.Migration):
    """Decisions and objections only grow."""

    dependencies = [
        ("decisions", "0001_initial"),
        ("contracts", "0003_terms"),
        ("contributions", "0002_rules"),
        ("ledger", "0002_books"),
        ("receipts", "0002_access"),
    ]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        only_grows("decisions_decision"),
        only_grows("decisions_objection"),
        only_grows("decisions_question"),
        only_grows("decisions_reply"),
        only_grows("decisions_extension"),
        names_nobody("decisions_decision", "text"),
        names_nobody("decisions_objection", "reason"),
        names_nobody("decisions_question", "text"),
        names_nobody("decisions_reply", "text"),
        names_nobody("decisions_extension", "reason"),
        protect(
            "decisions_decision",
            read=_WITH_ITS_LINE,
            insert=f"user_id = {ME}"
            " AND telmee_acts_as(contract_id, organisation_id, '{client,regional_team}')",
        ),
        protect(
            "decisions_objection",
            read=_WITH_ITS_LINE,
            insert=f"user_id = {ME} AND telmee_acts_as(contract_id, organisation_id,"
            " '{contractor,former,consortium,subcontractor}') AND EXISTS (SELECT 1 FROM"
            " contributions_contribution c JOIN decisions_decision d ON d.contribution_id = c.id"
            " WHERE d.id = decision_id AND c.id = decisions_objection.contribution_id"
            " AND c.contract_id = decisions_objection.contract_id"
            " AND c.organisation_id = decisions_objection.organisation_id)",
        ),
        protect(
            "decisions_question",
            read=_WITH_ITS_LINE,
            insert=f"user_id = {ME}"
            " AND telmee_acts_as(contract_id, organisation_id, '{client,regional_team}')",
        ),
        protect(
            "decisions_reply",
            read=_WITH_ITS_LINE,
            insert=f"user_id = {ME} AND telmee_acts_as(contract_id, organisation_id,"
            " '{contractor,former,consortium,subcontractor}')",
        ),
        protect(
            "decisions_extension",
            read=_WITH_ITS_LINE,
            insert=f"user_id = {ME}"
            " AND telmee_acts_as(contract_id, organisation_id, '{client,regional_team}')",
        ),
        only_while_open("decisions_decision", "INSERT"),
        only_while_open("decisions_objection", "INSERT"),
        only_while_open("decisions_question", "INSERT"),
        only_while_open("decisions_reply", "INSERT"),
        only_while_open("decisions_extension", "INSERT"),
    ]

"""Where contracts stand on a day: `telmee.core.ledger.forecast` for many at once."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contracts.choices import SEEING_ROLES
from telmee.core.ledger import ENOUGH_BP, EntryKind, Risk
from telmee.core.money import WHOLE_BP

_SEEING = "'{" + ",".join(sorted(SEEING_ROLES)) + "}'"
_SAID = ("promised_cents", "agreed_cents", "delivered_cents", "undecided_cents")
_KEPT = (*(f"{kind}_cents" for kind in EntryKind), *_SAID)
_COMING = ("waiting_cents", "waiting_to_come_cents", "planned_cents", "planned_agreed_cents")
_LATER = (
    "delivered_to_come_cents",
    "undecided_to_come_cents",
    "verified_to_come_cents",
    "met_to_come_cents",
)
_SUMMED = (*_KEPT, *_COMING, *_LATER)
# What counts on a contract, what is expected on it and what is done on it by now: what of each is
# beyond what a call-off owes, takes nothing off what is open on another.
_BEYOND = {
    "beyond_cents": "met",
    "beyond_expected_cents": "met + waiting_cents + planned_cents",
    "beyond_done_cents": "met + waiting_cents - met_to_come_cents - waiting_to_come_cents",
}
# What is owed falls due evenly over the days of a contract, today not among them.
_DUE = """
    div(2 * greatest(0, owed)::numeric * least(greatest(0, today - first_day), days) + days,
        2 * days)::bigint
"""
_FIGURES = (*_SUMMED, *_BEYOND, "due_cents", "owed_cents", "open_cents")
_RETURNED = ", ".join(f"{name} bigint" for name in _FIGURES)
_BALANCES = ", ".join(
    f"coalesce(sum(cents) FILTER (WHERE kind = '{name.removesuffix('_cents')}'), 0)::bigint"
    f" AS {name}"
    for name in _KEPT
)
_KNOWN = ", ".join(
    f"coalesce({of}.{name}, 0) AS {name}"
    for of, names in (("stood", _KEPT), ("later", _LATER))
    for name in names
)
_ADDED = ", ".join(
    f"coalesce(sum({of}), 0)::bigint"
    for of in (
        *(f"p.{name}" for name in (*_SUMMED, "owed", "met")),
        *(f"greatest(0, {counts} - owed)" for counts in _BEYOND.values()),
        _DUE,
    )
)
_PLACES = {risk: place for place, risk in enumerate(Risk)}

# Effort for an initiative waits on each contract for its part, which the movements know, over the
# days that are left of it. It looks past row security, as the line itself stands on one contract:
# who sees another one reads its part, and when the effort was.
_PARTS = f"""
CREATE FUNCTION telmee_parts_waiting(contracts bigint[])
RETURNS TABLE (contract_id bigint, line bigint, block text, first date, last date, cents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT m.contract_id, l.id, l.block::text, l."begin", l."end", sum(m.cents)::bigint
    FROM contributions_contribution l
    JOIN ledger_movement m ON m.contribution_id = l.id AND m.kind = 'undecided'
    JOIN contracts_contract k ON k.id = m.contract_id AND k.closed_on IS NULL
    WHERE l.pool IN (
        SELECT pool FROM agreements_pooling WHERE contract_id IN (SELECT unnest(contracts)))
      AND m.contract_id IN (SELECT unnest(contracts) INTERSECT
                            SELECT unnest(telmee_contracts({_SEEING})))
    GROUP BY m.contract_id, l.id HAVING sum(m.cents) <> 0 ORDER BY l."begin", l.id
$$;

-- Of what was decided on such a line each part left its contract for another one, and so does what
-- of it is for days after today. Only the decision that came last counts such days, in entries of a
-- later day, one for each year: from the day after an earlier one, where it goes on from that.
CREATE FUNCTION telmee_parts_to_come(contracts bigint[], today date)
RETURNS TABLE (contract_id bigint, delivered bigint, undecided bigint, met bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    -- Few contracts are in an initiative, and to think of the rest takes longer than to find none.
    IF NOT EXISTS (
        SELECT FROM agreements_pooling WHERE contract_id = ANY (contracts)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH part AS (
        SELECT m.contract_id, l.contract_id AS home, telmee_to_come(
            sum(m.cents)::bigint, greatest(r.first_day, d.until + 1), r.last_day, today) AS cents
        FROM contributions_contribution l
        JOIN ledger_movement m ON m.contribution_id = l.id AND m.kind = 'undecided'
        JOIN receipts_receipt r ON r.last_day > today
            AND r.id = CASE WHEN l.rest_cents IS NULL THEN l.receipt_id ELSE l.decided_id END
        CROSS JOIN LATERAL (SELECT max(until) AS until FROM decisions_decision
                            WHERE contribution_id = l.id AND l.rest_cents IS NOT NULL) d
        WHERE l.pool IN (
            SELECT pool FROM agreements_pooling WHERE contract_id IN (SELECT unnest(contracts)))
        GROUP BY m.contract_id, l.id, r.id, d.until
    ), booked AS (
        SELECT e.contract_id, CASE e.kind WHEN 'pooled' THEN 1 ELSE -1 END * telmee_to_come(
            e.amount_cents,
            greatest(r.first_day, p.until + 1, date_trunc('year', e.effective_on)::date),
            e.effective_on, today) AS cents
        FROM contributions_contribution l
        JOIN receipts_receipt r ON r.id = l.decided_id AND r.last_day > today
        JOIN LATERAL (SELECT number, before_cents FROM decisions_decision
                      WHERE contribution_id = l.id ORDER BY number DESC LIMIT 1) d ON TRUE
        LEFT JOIN decisions_decision p ON p.contribution_id = l.id AND p.number = d.number - 1
            AND d.before_cents <> 0
        JOIN ledger_entry e ON e.contribution_id = l.id AND e.kind IN ('pooled', 'carried_out')
            AND e.effective_on > today AND e.reverses_id IS NULL
        WHERE l.rest_cents IS NULL AND l.pool IN (
            SELECT pool FROM agreements_pooling WHERE contract_id IN (SELECT unnest(contracts)))
          AND NOT EXISTS (SELECT FROM ledger_entry b WHERE b.reverses_id = e.id)
    )
    SELECT contract_id, sum(delivered)::bigint, sum(undecided)::bigint, sum(met)::bigint FROM (
        SELECT contract_id, CASE WHEN contract_id <> home THEN cents ELSE 0 END AS delivered,
               cents AS undecided, 0 AS met FROM part
        UNION ALL
        SELECT home, -cents, 0, 0 FROM part WHERE contract_id <> home
        UNION ALL
        SELECT contract_id, 0, 0, cents FROM booked
    ) told
    WHERE contract_id IN (SELECT unnest(contracts) INTERSECT
                          SELECT unnest(telmee_contracts({_SEEING})))
    GROUP BY contract_id;
END $$;
"""

_NO_PARTS = """
DROP FUNCTION telmee_parts_to_come(bigint[], date);
DROP FUNCTION telmee_parts_waiting(bigint[]);
"""

# Only lines that run on after today are looked at, by their receipts; a decision may have moved the
# last day. They are looked up as one array, in the order of the index: one by one takes twice as
# long. What was decided in part was done, and its rest waits. In PL/pgSQL, which keeps its plans:
# with row security on each table, making a plan takes as long as the answer.
_LINES = """
CREATE FUNCTION telmee_lines_to_come(contracts bigint[], today date)
RETURNS TABLE (contract_id bigint, delivered_to_come_cents bigint, undecided_to_come_cents bigint,
               verified_to_come_cents bigint, met_to_come_cents bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH later AS MATERIALIZED (
        SELECT id, first_day, last_day FROM receipts_receipt
        WHERE contract_id = ANY (contracts) AND last_day > today AND kind = 'contribution'
    ), line AS (
        SELECT l.contract_id, telmee_to_come(l.value_cents, first_day, last_day, today) AS cents,
               true AS is_delivered, l.state IN ('submitted', 'asked') AND l.pool IS NULL AS waits,
               false AS is_verified, false AS is_met
        FROM contributions_contribution l JOIN later ON later.id = l.receipt_id
        WHERE l.receipt_id = ANY (ARRAY(SELECT id FROM later))
          AND l.state NOT IN ('draft', 'withdrawn')
        UNION ALL
        SELECT l.contract_id, telmee_to_come(
                   l.verified_cents + coalesce(l.rest_cents, 0), first_day, last_day, today),
               false, l.rest_cents IS NOT NULL AND l.pool IS NULL,
               l.rest_cents IS NULL, l.rest_cents IS NULL
        FROM contributions_contribution l JOIN later ON later.id = l.decided_id
        WHERE l.decided_id = ANY (ARRAY(SELECT id FROM later))
          AND l.state NOT IN ('draft', 'withdrawn')
        UNION ALL
        SELECT contract_id, part.cents,
               part.kind = 'delivered', part.kind = 'undecided', false, part.kind = 'met'
        FROM telmee_parts_to_come(contracts, today) CROSS JOIN LATERAL (VALUES
            (delivered, 'delivered'), (undecided, 'undecided'), (met, 'met')) part(cents, kind)
    )
    SELECT contract_id, coalesce(sum(cents) FILTER (WHERE is_delivered), 0)::bigint,
           coalesce(sum(cents) FILTER (WHERE waits), 0)::bigint,
           coalesce(sum(cents) FILTER (WHERE is_verified), 0)::bigint,
           coalesce(sum(cents) FILTER (WHERE is_met), 0)::bigint
    FROM line GROUP BY contract_id;
END $$;
"""

# A list of a thousand contracts shows fifty, the greatest concern first: which fifty follows from
# the figures of all. It looks past row security, which would cost more than the answer, and says
# nothing of a contract that who asks does not see whole: its row is empty.
# A framework agreement stands where its call-offs stand together, and runs from the first day of
# them to the last; what is due on it is due on each by its own days. Of what waits, that on a
# closed contract does not come any more; of a promise, what lies ahead of its days within it. That
# a framework is closed itself ends nothing on its call-offs.
_STANDINGS = f"""
CREATE FUNCTION telmee_standings(contracts bigint[], today date)
RETURNS TABLE (contract_id bigint, {_RETURNED}, first_day date, last_day date,
               expected_cents bigint, severity int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$  -- a plan each time costs twice the answer
#variable_conflict use_column
DECLARE
    seen bigint[] := telmee_contracts({_SEEING});
    whole bigint[];
    parts bigint[];
BEGIN
    whole := ARRAY(SELECT unnest(contracts) INTERSECT SELECT unnest(seen));
    parts := ARRAY(
        SELECT id FROM contracts_contract
        WHERE id = ANY (whole) AND form <> 'framework'
        UNION
        SELECT id FROM contracts_contract
        WHERE parent_id = ANY (whole) AND id IN (SELECT unnest(seen))
          AND voided_on IS NULL);
    RETURN QUERY
    WITH stood AS (
        SELECT contract_id AS id, {_BALANCES}
        FROM ledger_balance WHERE contract_id = ANY (parts) GROUP BY contract_id
    ), ahead AS (
        SELECT id, sum(cents)::bigint AS planned_cents,
               sum(CASE WHEN is_agreed THEN cents ELSE 0 END)::bigint AS planned_agreed_cents
        FROM (
            SELECT k.id, v.addressee_id IS NOT NULL AS is_agreed,
                   telmee_to_come(l.value_cents, greatest(l.begin, k.start),
                                  least(coalesce(l."end", l.begin), k."end"), today - 1) AS cents
            FROM telmee_in_force(parts, NULL) in_force(id)
            JOIN agreements_version v ON v.id = in_force.id
            -- By itself, so that no lines of other plans are read: how many plans are in force the
            -- database cannot know beforehand.
            CROSS JOIN LATERAL (
                SELECT * FROM agreements_planline
                WHERE version_id = in_force.id AND value_cents > 0 OFFSET 0) l
            -- Among the parts: it would read every contract there is, for no more than these.
            JOIN contracts_contract k
                ON k.id = l.contract_id AND k.closed_on IS NULL AND k.id = ANY (parts)
            WHERE least(coalesce(l."end", l.begin), k."end") >= greatest(l.begin, k.start, today)
              AND NOT EXISTS (  -- who carried it out before brings nothing more
                SELECT FROM contracts_party p
                WHERE p.contract_id = l.contract_id AND p.organisation_id = l.organisation_id
                GROUP BY p.contract_id HAVING bool_or(p.role = 'former')
                    AND NOT bool_or(p.role IN ('contractor', 'consortium', 'subcontractor')))
        ) promise GROUP BY id
    ), part AS (
        SELECT k.id, k.parent_id, k.start AS first_day, k."end" AS last_day,
               k."end" - k.start + 1 AS days, {_KNOWN},
               CASE WHEN k.closed_on IS NULL THEN coalesce(stood.undecided_cents, 0) ELSE 0 END
                   AS waiting_cents,
               CASE WHEN k.closed_on IS NULL
                   THEN coalesce(later.undecided_to_come_cents, 0) ELSE 0 END
                   AS waiting_to_come_cents,
               coalesce(ahead.planned_cents, 0) AS planned_cents,
               coalesce(ahead.planned_agreed_cents, 0) AS planned_agreed_cents
        FROM contracts_contract k LEFT JOIN stood USING (id) LEFT JOIN ahead USING (id)
        LEFT JOIN telmee_lines_to_come(parts, today) later ON later.contract_id = k.id
        WHERE k.id = ANY (parts)
    ), stands AS (
        SELECT *, obligation_cents - reduced_cents - waived_cents AS owed,
               realised_cents + carried_in_cents + pooled_cents - carried_out_cents AS met
        FROM part
    ), summed AS (
        SELECT id, {", ".join((*_SUMMED, "owed", "met"))},
               {", ".join(f"0::bigint AS {name}" for name in _BEYOND)},
               {_DUE} AS due_cents, first_day, last_day
        FROM stands WHERE id IN (SELECT unnest(whole))
        UNION ALL
        SELECT f.id, {_ADDED},
               coalesce(min(p.first_day), f.start), coalesce(max(p.last_day), f."end")
        FROM contracts_contract f LEFT JOIN stands p ON p.parent_id = f.id
        WHERE f.id = ANY (whole) AND f.form = 'framework' GROUP BY f.id
    ), figure AS (
        SELECT w.*, k.closed_on IS NOT NULL AS is_closed, today > w.last_day AS is_over
        FROM summed w JOIN contracts_contract k ON k.id = w.id
    ), expected AS (
        SELECT *, greatest(0, owed - met + beyond_cents) AS still_open,
               {_BEYOND["beyond_expected_cents"]} AS expected,
               {_BEYOND["beyond_expected_cents"]} - beyond_expected_cents AS expected_to_count,
               {_BEYOND["beyond_done_cents"]} - beyond_done_cents AS done_to_count
        FROM figure
    ), risk AS (
        SELECT *, CASE
            WHEN is_closed THEN {_PLACES[Risk.CLOSED]}
            WHEN owed <= 0 THEN {_PLACES[Risk.NOTHING]}
            WHEN still_open = 0 THEN {_PLACES[Risk.MET]}
            WHEN is_over THEN {_PLACES[Risk.OVERDUE]}
            WHEN due_cents > (owed + 1) / 2
                AND expected_to_count::numeric * {WHOLE_BP} < owed::numeric * {ENOUGH_BP}
                THEN {_PLACES[Risk.AT_RISK]}
            WHEN expected_to_count < owed OR done_to_count < due_cents THEN {_PLACES[Risk.BEHIND]}
            ELSE {_PLACES[Risk.ON_COURSE]} END AS severity
        FROM expected
    )
    SELECT asked.id, {", ".join((*_SUMMED, *_BEYOND))}, due_cents, owed, still_open,
           first_day, last_day, expected, severity
    FROM unnest(contracts) asked(id) LEFT JOIN risk USING (id);
END $$;
"""


class Migration(migrations.Migration):
    """What lists and homes ask, from what the books and the plans keep."""

    dependencies = [("reports", "0001_initial"), ("decisions", "0002_rules")]

    operations = [
        migrations.RunSQL(_PARTS, _NO_PARTS),
        migrations.RunSQL(_LINES, "DROP FUNCTION telmee_lines_to_come(bigint[], date)"),
        migrations.RunSQL(_STANDINGS, "DROP FUNCTION telmee_standings(bigint[], date)"),
    ]

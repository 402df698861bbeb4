"""What must hold in the books: one named list, which the check of the books asks the database."""

from __future__ import annotations

from collections.abc import Mapping

from telmee.apps.ledger.beside_journal import PARTIES_UNTOLD, ROWS_UNTOLD
from telmee.apps.receipts.beside import ROWS_THAT_DIFFER
from telmee.core.ledger import EntryKind


def _settled(row: str) -> str:
    """The sums of a settlement, as columns of a row."""
    return ", ".join(f"{row}.{kind}_cents" for kind in EntryKind)


#: What must hold in the books, each as a query that gives what breaks it: its name is the code of
#: the problem, its columns are the parameters. docs/algorithms/ledger.md says them in words.
CHECKS: Mapping[str, str] = {
    "ledger_entry_below_zero": """
        SELECT id AS entry FROM ledger_entry WHERE reverses_id IS NULL AND amount_cents < 0""",
    "ledger_reversal_differs": """
        SELECT r.id AS entry, r.reverses_id AS original
        FROM ledger_entry r LEFT JOIN ledger_entry o ON o.id = r.reverses_id
        WHERE r.reverses_id IS NOT NULL AND (r.contract_id, r.kind, r.effective_on, r.amount_cents)
            IS DISTINCT FROM (o.contract_id, o.kind, o.effective_on, -o.amount_cents)""",
    "ledger_reversed_early": """
        SELECT r.id AS entry, r.reverses_id AS original
        FROM ledger_entry r JOIN ledger_entry o ON o.id = r.reverses_id
        WHERE r.booked_at < o.booked_at""",
    "ledger_reversed_twice": """
        SELECT reverses_id AS entry, count(*) AS times FROM ledger_entry
        WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1""",
    "ledger_reversal_reversed": """
        SELECT r.id AS entry, r.reverses_id AS original
        FROM ledger_entry r JOIN ledger_entry o ON o.id = r.reverses_id
        WHERE o.reverses_id IS NOT NULL""",
    "ledger_balance_differs": """
        SELECT coalesce(s.contract_id, b.contract_id) AS contract, coalesce(s.kind, b.kind) AS kind,
               coalesce(s.year, b.year) AS year, coalesce(s.cents, 0) AS entries_cents,
               coalesce(b.cents, 0) AS balance_cents
        FROM (SELECT *, coalesce(organisation_id, 0) AS who FROM telmee_balances()) s
        FULL JOIN (SELECT *, coalesce(organisation_id, 0) AS who FROM ledger_balance) b
            ON b.contract_id = s.contract_id AND b.kind = s.kind AND b.year = s.year
            AND b.who = s.who
        WHERE coalesce(s.cents, 0) <> coalesce(b.cents, 0)""",
    "ledger_line_balance_differs": """
        SELECT coalesce(s.contract_id, b.contract_id) AS contract,
               coalesce(s.contribution_id, b.contribution_id) AS contribution,
               coalesce(s.year, b.year) AS year
        FROM telmee_line_balances(
            ARRAY(SELECT id FROM contracts_contract), 'infinity', '-infinity', 'infinity') s
        FULL JOIN ledger_linebalance b ON b.contract_id = s.contract_id AND b.year = s.year
            AND b.contribution_id = s.contribution_id
        WHERE (s.delivered_cents, s.undecided_cents, s.verified_cents)
            IS DISTINCT FROM (b.delivered_cents, b.undecided_cents, b.verified_cents)""",
    "ledger_movement_differs": """
        SELECT coalesce(m.contract_id, s.contract_id) AS contract, coalesce(m.kind, s.kind) AS kind,
               coalesce(m.line, s.line) AS line, coalesce(m.year, s.year)::int AS year,
               coalesce(m.cents, 0)::bigint AS moved_cents,
               coalesce(s.cents, 0)::bigint AS stands_cents
        FROM (SELECT contract_id, kind::text, concat(contribution_id, '/', version_id) AS line,
                     extract(year FROM effective_on) AS year, sum(cents) AS cents
              FROM ledger_movement GROUP BY 1, 2, 3, 4) m
        FULL JOIN (
            SELECT c.contract_id, c.kind, concat(l.id, '/') AS line,
                   extract(year FROM c.day) AS year, c.cents
            FROM contributions_contribution l, telmee_claims(l) c
            UNION ALL
            SELECT contract_id, kind, concat('/', version_id), extract(year FROM day), sum(cents)
            FROM agreements_promised GROUP BY 1, 2, 3, 4
        ) s ON s.contract_id = m.contract_id AND s.kind = m.kind AND s.line = m.line
            AND s.year = m.year
        WHERE coalesce(m.cents, 0) <> coalesce(s.cents, 0)""",
    "ledger_sum_below_zero": """
        SELECT contract_id AS contract, kind, sum(amount_cents)::bigint AS cents
        FROM ledger_entry GROUP BY contract_id, kind HAVING sum(amount_cents) < 0""",
    "ledger_realised_twice": """
        SELECT e.contribution_id AS contribution, count(*) AS times FROM ledger_entry e
        LEFT JOIN ledger_entry r ON r.reverses_id = e.id
        WHERE e.kind = 'realised' AND e.reverses_id IS NULL AND r.id IS NULL
          AND e.contribution_id IS NOT NULL
        GROUP BY e.contribution_id, e.decision_id, e.effective_on HAVING count(*) > 1""",
    "ledger_instalment_differs": """
        SELECT d.id AS decision FROM decisions_decision d
        JOIN receipts_receipt r ON r.id = d.receipt_id
        LEFT JOIN decisions_decision p
            ON p.contribution_id = d.contribution_id AND p.number = d.number - 1
        WHERE d.before_cents + d.amount_cents IS DISTINCT FROM
              coalesce(r.named_cents, r.cents) - CASE WHEN d.until IS NULL THEN 0
              ELSE telmee_to_come(
                  coalesce(r.named_cents, r.cents), r.first_day, r.last_day, d.until) END
           OR (d.before_cents <> 0 AND ('partly', d.receipt_id, d.before_cents) IS DISTINCT FROM
               (p.outcome::text, p.receipt_id, p.before_cents + p.amount_cents))""",
    "ledger_decision_differs": """
        SELECT e.id AS entry FROM ledger_entry e
        LEFT JOIN decisions_decision d
            ON d.id = e.decision_id AND d.contribution_id = e.contribution_id
        CROSS JOIN LATERAL (
            SELECT sum(y.cents) AS whole,
                   bool_or((y.day, y.cents) = (e.effective_on, e.amount_cents)) AS has_it
            FROM telmee_decided_years(d) y) its
        WHERE e.kind = 'realised' AND e.reverses_id IS NULL
          AND (its.whole, its.has_it) IS DISTINCT FROM (d.amount_cents, true)""",
    "ledger_framework_has_entries": """
        SELECT DISTINCT e.contract_id AS contract FROM ledger_entry e
        JOIN contracts_contract c ON c.id = e.contract_id WHERE c.form = 'framework'""",
    "ledger_obligation_twice": """
        SELECT e.contract_id AS contract, count(*) AS times FROM ledger_entry e
        LEFT JOIN ledger_entry r ON r.reverses_id = e.id
        WHERE e.kind IN ('obligation', 'reduced') AND e.reverses_id IS NULL AND r.id IS NULL
        GROUP BY e.contract_id, e.effective_on HAVING count(*) > 1""",
    "ledger_obligation_differs": """
        SELECT c.id AS contract, coalesce(c.obligation_cents, 0) AS contract_cents,
               coalesce(s.cents, 0)::bigint AS entries_cents
        FROM contracts_contract c LEFT JOIN (
            SELECT contract_id, sum(CASE kind WHEN 'reduced' THEN -amount_cents
                                    ELSE amount_cents END) AS cents
            FROM ledger_entry WHERE kind IN ('obligation', 'reduced') GROUP BY contract_id
        ) s ON s.contract_id = c.id
        WHERE coalesce(c.obligation_cents, 0) <> coalesce(s.cents, 0)""",
    "ledger_transfer_one_sided": """
        SELECT min(id) AS entry FROM ledger_entry
        WHERE kind IN ('carried_in', 'carried_out', 'pooled')
        GROUP BY transfer, CASE WHEN transfer IS NULL THEN id END
        HAVING transfer IS NULL OR count(DISTINCT contract_id) <> 2
            OR count(DISTINCT effective_on) <> 1 OR 0 <> sum(
            CASE kind WHEN 'carried_out' THEN -amount_cents ELSE amount_cents END)""",
    "ledger_pooled_unagreed": """
        SELECT e.id AS entry FROM ledger_entry e LEFT JOIN ledger_entry g
            ON g.transfer = e.transfer AND g.kind = 'carried_out' AND g.reverses_id IS NULL
        WHERE e.kind = 'pooled' AND e.reverses_id IS NULL AND e.contribution_id IS NULL
          AND telmee_pooled(g.contract_id, e.contract_id, e.effective_on, e.booked_at)
              IS NOT TRUE""",
    "ledger_part_differs": """
        SELECT coalesce(w.line, b.line) AS contribution,
               coalesce(w.contract_id, b.contract_id) AS contract,
               coalesce(w.cents, 0)::bigint AS part_cents,
               coalesce(b.cents, 0)::bigint AS booked_cents
        FROM (
            SELECT d.line, p.contract_id, sum(p.cents) AS cents
            FROM (
                SELECT c.id AS line, c.pool, e.contract_id, max(e.effective_on) AS day,
                       sum(e.amount_cents)::bigint AS whole, max(e.booked_at) AS booked_at
                FROM ledger_entry e JOIN contributions_contribution c ON c.id = e.contribution_id
                WHERE c.pool IS NOT NULL AND e.kind = 'realised' AND e.reverses_id IS NULL
                  AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses_id = e.id)
                GROUP BY c.id, e.contract_id, e.decision_id) d,
                 telmee_parts(d.pool, d.whole, d.day, d.booked_at) p
            WHERE p.contract_id <> d.contract_id
            GROUP BY 1, 2) w
        FULL JOIN (
            SELECT contribution_id AS line, contract_id, sum(amount_cents) AS cents
            FROM ledger_entry WHERE kind = 'pooled' AND contribution_id IS NOT NULL
            GROUP BY 1, 2) b ON b.line = w.line AND b.contract_id = w.contract_id
        WHERE coalesce(w.cents, 0) <> coalesce(b.cents, 0)""",
    "ledger_decision_unbooked": """
        SELECT DISTINCT d.id AS decision FROM decisions_decision d
        CROSS JOIN LATERAL telmee_decided_years(d) y
        LEFT JOIN ledger_entry e ON e.decision_id = d.id AND e.reverses_id IS NULL
            AND e.contribution_id = d.contribution_id AND e.contract_id = d.contract_id
            AND e.effective_on = y.day
        WHERE e.id IS NULL""",
    "ledger_line_differs": """
        SELECT c.id AS contribution, c.state FROM contributions_contribution c
        LEFT JOIN (SELECT DISTINCT ON (contribution_id) * FROM decisions_decision
                   ORDER BY contribution_id, number DESC) d ON d.contribution_id = c.id
        LEFT JOIN (SELECT contribution_id, sum(amount_cents) AS cents FROM ledger_entry
                   WHERE kind = 'realised' GROUP BY contribution_id) s ON s.contribution_id = c.id
        LEFT JOIN receipts_receipt r ON r.id = d.receipt_id AND d.outcome = 'partly'
        LEFT JOIN (SELECT o.decision_id, coalesce(e.until, o.due) AS due FROM decisions_objection o
                   LEFT JOIN decisions_extension e ON e.objection_id = o.id) o
            ON o.decision_id = d.id
        LEFT JOIN (SELECT q.contribution_id, max(q.id) AS id FROM decisions_question q
                   WHERE NOT EXISTS (SELECT FROM decisions_reply p WHERE p.question_id = q.id)
                   GROUP BY 1) w ON w.contribution_id = c.id
        LEFT JOIN decisions_question q ON q.id = w.id
        WHERE coalesce(s.cents, 0) <> coalesce(c.verified_cents, 0)
           OR c.answer_by IS DISTINCT FROM
              CASE c.state WHEN 'objection' THEN o.due WHEN 'asked' THEN q.due END
           OR c.verified_cents IS DISTINCT FROM
              CASE WHEN d.outcome <> 'reopened' THEN d.before_cents + d.amount_cents END
           OR c.decided_at IS DISTINCT FROM CASE WHEN d.outcome <> 'reopened' THEN d.decided_at END
           OR c.decided_id IS DISTINCT FROM d.receipt_id
           OR (c.rest_cents, c.rest_after) IS DISTINCT FROM
              (coalesce(r.named_cents, r.cents) - c.verified_cents, r.last_day)
           OR CASE WHEN c.state IN ('partly', 'accepted', 'adjusted', 'rejected')
                   THEN c.state IS DISTINCT FROM d.outcome
                   WHEN c.state = 'objection' THEN coalesce(d.outcome, 'reopened') = 'reopened'
                   ELSE coalesce(d.outcome, 'reopened') <> 'reopened' END""",
    "ledger_entry_untold": """
        SELECT e.id AS entry FROM ledger_entry e WHERE e.kind <> 'realised' AND NOT EXISTS (
            SELECT FROM audit_event a WHERE a.kind = 'ledger' AND a.object_id = e.id
              AND a.verb = CASE WHEN e.reverses_id IS NULL THEN 'ledger.posted'
                                ELSE 'ledger.reversed' END
              AND a.contract_id = e.contract_id AND a.details->>'kind' = e.kind
              AND (a.details->>'cents')::bigint = e.amount_cents)""",
    "ledger_agreement_untold": """
        SELECT v.id AS version FROM agreements_version v
        WHERE v.addressee_id IS NULL AND NOT EXISTS (
            SELECT FROM audit_event a WHERE a.contract_id = v.contract_id
              AND a.details->>'version' = v.id::text
              AND a.verb IN
                  ('contract.plan_saved', 'contract.plan_removed', 'contract.plan_put_back')
              AND a.user_id IS NOT DISTINCT FROM v.user_id)
        UNION
        SELECT v.id FROM agreements_version v CROSS JOIN LATERAL (
            SELECT 'proposed' AS deed, v.user_id WHERE v.addressee_id IS NOT NULL
            UNION ALL SELECT outcome, user_id FROM agreements_answer WHERE version_id = v.id
            UNION ALL SELECT outcome, user_id FROM agreements_resolution WHERE version_id = v.id
        ) n WHERE NOT EXISTS (
            SELECT FROM audit_event a WHERE a.kind = 'agreement' AND a.object_id = v.agreement_id
              AND a.details->>'version' = v.id::text AND a.verb = 'agreement.' || n.deed
              AND a.user_id IS NOT DISTINCT FROM n.user_id)""",
    "ledger_turnover_unbooked": """
        SELECT s.id AS version FROM agreements_standing s
        JOIN agreements_turnover t ON t.version_id = s.id
        WHERE NOT EXISTS (
            SELECT FROM contracts_amendment m WHERE m.version_id = s.id
              AND m.contract_id = s.contract_id AND m.ground = 'turnover'
              AND t.cents IN (SELECT value::bigint FROM jsonb_each_text(m.facts)))""",
    "ledger_amendment_untold": """
        SELECT m.contract_id AS contract, m.number FROM contracts_amendment m
        WHERE m.number > 0 AND NOT EXISTS (
            SELECT FROM audit_event a WHERE a.contract_id = m.contract_id
              AND a.verb = CASE m.ground WHEN 'voided' THEN 'contract.voided'
                                ELSE 'contract.amended' END
              AND a.details->>'amendment' = m.number::text
              AND a.details->>'ground' = m.ground AND a.user_id IS NOT DISTINCT FROM m.user_id)""",
    "ledger_closing_untold": """
        SELECT c.id AS contract FROM contracts_contract c
        LEFT JOIN (SELECT DISTINCT ON (contract_id) contract_id, verb, details->>'on' AS day
                   FROM audit_event
                   WHERE verb IN ('contract.closed', 'contract.reopened', 'contract.settled',
                                  'contract.voided')
                   ORDER BY contract_id, at DESC, id DESC) a ON a.contract_id = c.id
        LEFT JOIN (SELECT contract_id, max(closes_on) AS closes_on
                   FROM settlements_statement WHERE id IN (SELECT id FROM settlements_standing)
                   GROUP BY contract_id) s ON s.contract_id = c.id
        WHERE c.closed_on IS DISTINCT FROM CASE a.verb WHEN 'contract.closed' THEN a.day::date
              WHEN 'contract.settled' THEN s.closes_on
              WHEN 'contract.voided' THEN coalesce(c.voided_on, '-infinity') END""",
    "ledger_settlement_differs": f"""
        SELECT s.contract_id AS contract, s.id AS statement
        FROM settlements_statement s, telmee_books(s.contract_id, s.as_of) b
        WHERE (s.entries, s.hash, {_settled("s")})
            IS DISTINCT FROM (b.entries, b.hash, {_settled("b")})""",  # noqa: S608 - our names
    "ledger_settled_changed": """
        SELECT l.contract_id AS contract FROM settlements_standing l
        JOIN settlements_statement s ON s.id = l.id
        JOIN contracts_contract c ON c.id = l.contract_id, telmee_books(l.contract_id, NULL) b
        WHERE l.is_latest AND (c.closed_on IS NULL OR b.hash <> s.hash)""",
    "ledger_correction_untold": """
        SELECT k.contract_id AS contract, k.number FROM settlements_correction k
        WHERE NOT EXISTS (
            SELECT FROM audit_event a WHERE a.contract_id = k.contract_id
              AND a.verb = 'contract.corrected' AND a.details->>'correction' = k.number::text
              AND a.reason = k.reason AND a.user_id IS NOT DISTINCT FROM k.user_id)""",
    "ledger_submission_untold": """
        SELECT c.id AS contribution FROM contributions_contribution c
        JOIN (SELECT DISTINCT ON (object_id) object_id, user_id, at FROM audit_event
              WHERE kind = 'contribution' AND verb = 'contribution.submitted'
              ORDER BY object_id, at DESC, id DESC) a ON a.object_id = c.id
        LEFT JOIN organisations_user u ON u.id = a.user_id
        WHERE c.state <> 'draft'
          AND (c.submitted_by_id IS DISTINCT FROM u.id
               OR (c.submitted_at BETWEEN a.at - interval '1 day' AND a.at + interval '1 day')
                  IS NOT TRUE)""",
    "ledger_counterparty_untold": """
        SELECT n.id AS answer, n.contribution_id AS contribution
        FROM contributions_counterpartyanswer n WHERE NOT EXISTS (
            SELECT FROM audit_event a WHERE a.kind = 'contribution'
              AND a.object_id = n.contribution_id AND a.contract_id = n.contract_id
              AND a.verb = CASE WHEN n.confirms THEN 'contribution.counterparty_confirmed'
                                ELSE 'contribution.counterparty_denied' END
              AND a.reason = n.reason AND (a.details->>'link')::bigint = n.link_id)""",
    "ledger_figure_differs": ROWS_THAT_DIFFER,
    "ledger_row_untold": ROWS_UNTOLD,
    "ledger_parties_untold": PARTIES_UNTOLD,
}

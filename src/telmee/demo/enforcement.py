"""A client that enforces by a ladder: contracts on most rungs, some that left it, leniency."""

from __future__ import annotations

from datetime import date
from typing import Any

from telmee.demo.people import Region
from telmee.demo.tables import run_each

_LADDER = """
CREATE TEMPORARY TABLE enforcing ON COMMIT DROP AS
SELECT DISTINCT c.organisation_id AS client FROM contracts_party c
JOIN contracts_party t ON t.contract_id = c.contract_id AND t.role = 'regional_team'
    AND t.organisation_id = %(team)s
WHERE c.role = 'client';

INSERT INTO enforcement_ladder (organisation_id, number, is_on, steps, behind_bp, least_cents,
    after_end_days, effect_weeks, reason, key, user_id, set_at)
SELECT client, 1, true, '[
    {"step": "reminder", "days": 14, "by_manager": false, "second_from_cents": null},
    {"step": "signal", "days": 42, "by_manager": false, "second_from_cents": null},
    {"step": "default", "days": 28, "by_manager": false, "second_from_cents": 2500000},
    {"step": "penalty", "days": 30, "by_manager": true, "second_from_cents": 1000000}]',
    1000, 100000, 28, 12, 'Wij handhaven actief: streng, maar eerlijk.',
    md5('ladder ' || client)::uuid,
    CASE WHEN client = %(client)s THEN %(manager)s END,
    %(day)s::timestamptz - interval '900 days'
FROM enforcing;

INSERT INTO enforcement_leniency (organisation_id, contract_id, ground, first, last, reason, key,
    user_id, granted_at, ended_why)
SELECT client, NULL, 'crisis', '2020-03-15', '2022-03-31',
       'Corona: in deze periode namen wij geen stappen.', md5('corona ' || client)::uuid,
       CASE WHEN client = %(client)s THEN %(manager)s END, '2020-03-20', ''
FROM enforcing;

CREATE TEMPORARY TABLE climbing ON COMMIT DROP AS
SELECT *, row_number() OVER (PARTITION BY is_met ORDER BY md5(id::text)) AS place
FROM (
    SELECT c.id, e.client, c.start, c."end" - c.start + 1 AS days, c."end", s.owed, s.done,
           s.owed <= s.met AS is_met,
           s.owed * least(greatest(0, %(day)s::date - c.start), c."end" - c.start + 1)
               / (c."end" - c.start + 1) - s.done AS behind
    FROM contracts_contract c
    JOIN contracts_party p ON p.contract_id = c.id AND p.role = 'client'
    JOIN enforcing e ON e.client = p.organisation_id
    CROSS JOIN LATERAL (
        SELECT (coalesce(sum(cents) FILTER (WHERE kind = 'obligation'), 0)
               - coalesce(sum(cents) FILTER (WHERE kind IN ('reduced', 'waived')), 0))::bigint
                   AS owed,
               (coalesce(sum(cents) FILTER (
                   WHERE kind IN ('realised', 'carried_in', 'pooled')), 0)
               - coalesce(sum(cents) FILTER (WHERE kind = 'carried_out'), 0))::bigint AS met,
               (coalesce(sum(cents) FILTER (
                   WHERE kind IN ('realised', 'carried_in', 'pooled', 'undecided')), 0)
               - coalesce(sum(cents) FILTER (WHERE kind = 'carried_out'), 0))::bigint AS done
        FROM ledger_balance WHERE contract_id = c.id) s
    WHERE c.form <> 'framework' AND c.closed_on IS NULL AND s.owed > 500000
      AND c.start < %(day)s::date - 500) one
WHERE is_met OR behind > owed / 10 + 100000
"""
#: What was done with the contracts, in turn: the step and how many days ago. A contract that did
#: all in the end was behind by a fifth when it was reminded.
_STEPS = """
WITH taken (is_met, turn, nth, kind, ago) AS (VALUES
    (false, 1, 1, 'reminder', 6),
    (false, 2, 1, 'reminder', 50), (false, 2, 2, 'signal', 30),
    (false, 3, 1, 'reminder', 110), (false, 3, 2, 'signal', 90), (false, 3, 3, 'default', 40),
    (false, 4, 1, 'reminder', 80), (false, 4, 2, 'signal', 60),
    (false, 5, 1, 'reminder', 70), (false, 5, 2, 'signal', 50), (false, 5, 3, 'default', 2),
    (true, 0, 1, 'reminder', 330), (true, 0, 2, 'signal', 300),
    (true, 1, 1, 'reminder', 200)
), step AS (
    SELECT c.id, c.client, c.start, c.days, c."end", c.owed, c.is_met, t.nth, t.kind,
           %(day)s::date - t.ago AS taken_on,
           CASE WHEN c.is_met THEN NULL ELSE c.done END AS done
    FROM climbing c JOIN taken t ON t.is_met = c.is_met
        AND t.turn = CASE WHEN c.is_met THEN c.place %% 2 ELSE c.place %% 7 END
    WHERE c.place <= CASE WHEN c.is_met THEN 8 ELSE 40 END
), figured AS (
    SELECT *, owed * passed / days AS due,
           CASE WHEN is_met THEN least(owed / 5, owed * passed / days)
                ELSE greatest(100000, owed * passed / days - done) END AS lacking
    FROM (SELECT *, least(greatest(1, taken_on - start), days) AS passed FROM step) one
)
INSERT INTO enforcement_step (contract_id, ladder_id, number, kind, "on", days, needs_second,
    late_since, behind_cents, facts, reason, key, user_id, organisation_id, decided_at)
SELECT f.id, l.id, f.nth, f.kind, f.taken_on,
       CASE f.kind WHEN 'reminder' THEN 14 WHEN 'signal' THEN 42 ELSE 28 END,
       f.kind = 'default' AND f.lacking >= 2500000,
       least(f.taken_on, greatest(f.start, f.taken_on - 30 * f.nth)),
       f.lacking,
       jsonb_build_object('as_of', f.taken_on, 'start', f.start, 'end', f."end", 'days', f.days,
           'passed', f.passed, 'owed_cents', f.owed, 'due_cents', f.due,
           'done_cents', f.due - f.lacking, 'verified_cents', f.due - f.lacking,
           'open_cents', f.owed - f.due + f.lacking, 'behind_cents', f.lacking,
           'planned_cents', 0),
       CASE f.kind WHEN 'reminder' THEN 'U loopt achter. Vul uw plan aan.'
           WHEN 'signal' THEN 'Na de herinnering is er weinig gebeurd.'
           ELSE 'Ook na het signaal is de achterstand niet ingehaald.' END,
       md5('step ' || f.id || f.kind)::uuid, %(adviser)s, %(team)s, f.taken_on + interval '9 hours'
FROM figured f JOIN enforcement_ladder l ON l.organisation_id = f.client
"""
_AFTER = """
INSERT INTO enforcement_confirmation (step_id, contract_id, agrees, "on", reason, user_id,
    organisation_id, said_at)
SELECT id, contract_id, true, "on", '', %(second)s, organisation_id, decided_at + interval '1 hour'
FROM enforcement_step WHERE needs_second AND "on" < %(day)s::date - 20;

INSERT INTO enforcement_withdrawal (step_id, contract_id, reason, user_id, organisation_id,
    withdrawn_at)
SELECT s.id, s.contract_id, 'Er lag een plan dat wij niet hadden gezien.', %(adviser)s,
       s.organisation_id, s.decided_at + interval '2 days'
FROM enforcement_step s JOIN climbing c ON c.id = s.contract_id
WHERE NOT c.is_met AND c.place %% 7 = 4 AND s.kind = 'signal';

INSERT INTO enforcement_exit (step_id, contract_id, why, "on", facts, left_at)
SELECT s.id, s.contract_id, 'caught_up', s."on" + 30 + (s.id %% 9)::integer,
       jsonb_build_object('owed_cents', c.owed, 'due_cents', c.owed, 'verified_cents', c.owed,
                          'open_cents', 0), s.decided_at + interval '31 days'
FROM enforcement_step s JOIN climbing c ON c.id = s.contract_id AND c.is_met
WHERE NOT EXISTS (SELECT 1 FROM enforcement_step n
                  WHERE n.contract_id = s.contract_id AND n.number > s.number);

INSERT INTO enforcement_leniency (organisation_id, contract_id, ground, first, last, reason, key,
    user_id, granted_at, ended_why)
SELECT client, id, 'contractor', %(day)s::date - 10, %(day)s::date + 80,
       'Het bedrijf verhuist; wij spraken een later moment af.', md5('lenient ' || id)::uuid,
       %(adviser)s, %(day)s::timestamptz - interval '10 days', ''
FROM climbing WHERE NOT is_met AND place %% 14 = 7;

INSERT INTO audit_event (at, user_id, organisation_id, verb, kind, object_id, contract_id, reason,
    details)
SELECT granted_at, user_id, organisation_id, kind || '.leniency_granted', kind,
       coalesce(contract_id, organisation_id), contract_id, reason, jsonb_build_object(
       'leniency', ground, 'first', first, 'last', last, 'row', id)
FROM (SELECT *, CASE WHEN contract_id IS NULL THEN 'organisation' ELSE 'contract' END AS kind
      FROM enforcement_leniency) l
"""


def add_enforcement(cursor: Any, region: Region, day: date) -> None:
    """Write a ladder, what was decided by it, and leniency for all and for some contracts."""
    facts: dict[str, Any] = {
        "day": day,
        "client": region.parts["client"],
        "team": region.parts["team"],
        "manager": region.users["gemeente"],
        "adviser": region.users["adviseur"],
        "second": region.users["tweede.adviseur"],
    }
    for statements in (_LADDER, _STEPS, _AFTER):
        run_each(cursor, statements, facts)

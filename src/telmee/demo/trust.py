"""A client that trusts by a rule, what that did, and a sample that found a line wrong."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from telmee.apps.trust.choices import Decided
from telmee.core.sampling import draw, population_of
from telmee.demo.people import Region
from telmee.demo.tables import run_each

_SEED, _SIZE = "wervingsmarkt 2026", 5
#: The rule is half a year old. What its client accepted since, on contracts of one adviser, stands
#: as accepted by itself; of what waits, each line says why a person looks at it.
_TRUST = """
INSERT INTO trust_rule (organisation_id, number, is_on, least_lines, least_right_bp, months,
    most_cents, blocks, with_assumed, without_proof, away_days, reason, key, user_id, set_at)
SELECT %(client)s, number, true, 6 - number, 9000, 12, 2500000,
       (SELECT coalesce(jsonb_agg(DISTINCT l.block), '[]') FROM contributions_contribution l
        JOIN contracts_party p ON p.contract_id = l.contract_id
            AND p.role = 'client' AND p.organisation_id = %(client)s),
       true, true, 91, reason, md5('rule ' || number)::uuid, %(manager)s,
       %(day)s::timestamptz - make_interval(days => 200 - 10 * number)
FROM (VALUES (1, 'Een proef: wij kijken eerst een half jaar mee.'),
             (2, 'Minder inspanningen vooraf: kleine opdrachtnemers haalden het niet.'))
    versions (number, reason);

CREATE TEMPORARY TABLE of_client ON COMMIT DROP AS
SELECT l.id, l.contract_id, l.state, l.submitted_at, l.organisation_id
FROM contributions_contribution l
JOIN contracts_party p ON p.contract_id = l.contract_id
    AND p.role = 'client' AND p.organisation_id = %(client)s
WHERE l.submitted_at >= %(day)s::timestamptz - interval '170 days';

INSERT INTO trust_weighing (contribution_id, contract_id, rule_id, decision_id, doubts, record,
    submitted_at, weighed_at)
SELECT l.id, l.contract_id, r.id, d.id, '[]', '{"lines": 11, "right": 11, "months": 12}',
       l.submitted_at, d.decided_at
FROM of_client l
JOIN decisions_decision d ON d.contribution_id = l.id AND d.number = 1 AND d.user_id = %(adviser)s
JOIN trust_rule r ON r.organisation_id = %(client)s AND r.number = 2
WHERE l.state = 'accepted' AND d.outcome = 'accepted' AND l.id %% 2 = 0
  AND d.decided_at < %(day)s::timestamptz - interval '1 day'
  AND NOT EXISTS (SELECT 1 FROM decisions_decision n
                  WHERE n.contribution_id = l.id AND n.number > 1);

INSERT INTO trust_weighing (contribution_id, contract_id, rule_id, decision_id, doubts, record,
    submitted_at, weighed_at)
SELECT l.id, l.contract_id, r.id, NULL,
       (ARRAY['["few_lines"]', '["to_check"]', '["too_often_wrong", "to_check"]',
              '["amount"]'])[1 + l.id %% 4]::jsonb,
       '{"lines": 3, "right": 2, "months": 12}', l.submitted_at, l.submitted_at
FROM of_client l JOIN trust_rule r ON r.organisation_id = %(client)s AND r.number = 2
WHERE l.state = 'submitted'
"""
_DRAWN_FROM = """
SELECT w.contribution_id, d.before_cents + d.amount_cents, d.id
FROM trust_weighing w JOIN decisions_decision d ON d.id = w.decision_id
"""
_SAMPLE = """
INSERT INTO trust_sample (organisation_id, drawn_for_id, number, decided, first, last, as_of, seed,
    size, contracts, lines, total_cents, hash, interval, start, items, key, user_id, drawn_at)
SELECT %(client)s, %(team)s, 1, %(decided)s, %(day)s::date - 200, %(day)s::date - 1,
       %(day)s::date - 1, %(seed)s, %(size)s,
       (SELECT jsonb_agg(contract_id ORDER BY contract_id) FROM contracts_party
        WHERE role = 'client' AND organisation_id = %(client)s),
       %(lines)s, %(total)s, %(hash)s, %(interval)s, %(start)s, %(items)s,
       md5('sample')::uuid, %(second)s, %(day)s::timestamptz - interval '2 hours'
"""
#: The largest line was wrong; the others were right, and one is still to be looked at.
_REVIEWED = """
INSERT INTO trust_review (sample_id, contribution_id, contract_id, is_right, right_cents, reason,
    key, user_id, organisation_id, reviewed_at)
SELECT s.id, l.id, l.contract_id, i.place > 1,
       CASE WHEN i.place = 1 THEN i.cents / 2 ELSE i.cents END,
       CASE WHEN i.place = 1 THEN 'Volgens het rooster werkte deze plaats de helft van de uren.'
            ELSE '' END,
       md5('review ' || i.place)::uuid, %(second)s, %(team)s,
       %(day)s::timestamptz - interval '1 hour'
FROM trust_sample s
CROSS JOIN LATERAL (
    SELECT (item ->> 0)::bigint AS line, (item ->> 2)::bigint AS cents,
           row_number() OVER (ORDER BY (item ->> 2)::bigint DESC) AS place
    FROM jsonb_array_elements(s.items) item) i
JOIN contributions_contribution l ON l.id = i.line
WHERE i.place < jsonb_array_length(s.items) OR i.place = 1;

INSERT INTO trust_lapse (organisation_id, contractor_id, review_id, until, created_at, lifted_why)
SELECT %(client)s, l.organisation_id, r.id, %(day)s::date + 91, r.reviewed_at, ''
FROM trust_review r JOIN contributions_contribution l ON l.id = r.contribution_id
WHERE NOT r.is_right
"""


def add_trust(cursor: Any, region: Region, day: date) -> None:
    """Write a rule in two versions, what it said of lines, and a sample that tests it."""
    facts: dict[str, Any] = {
        "day": day,
        "client": region.parts["client"],
        "team": region.parts["team"],
        "manager": region.users["gemeente"],
        "adviser": region.users["adviseur"],
        "second": region.users["tweede.adviseur"],
    }
    run_each(cursor, _TRUST, facts)
    cursor.execute(_DRAWN_FROM)
    rows = cursor.fetchall()
    decisions = {line: decision for line, _cents, decision in rows}
    population = population_of((line, cents) for line, cents, _decision in rows)
    drawn = draw(population, seed=_SEED, size=_SIZE)
    items = [
        [line, decisions[line], cents, hits]
        for line, cents, hits in zip(
            population.lines[drawn.places].tolist(),
            population.cents[drawn.places].tolist(),
            drawn.hits.tolist(),
            strict=True,
        )
    ]
    facts |= {
        "decided": str(Decided.AUTOMATIC),
        "seed": _SEED,
        "size": _SIZE,
        "lines": len(population),
        "total": drawn.total_cents,
        "hash": drawn.population_hash,
        "interval": drawn.interval,
        "start": drawn.start,
        "items": json.dumps(items),
    }
    run_each(cursor, _SAMPLE, facts)
    run_each(cursor, _REVIEWED, facts)

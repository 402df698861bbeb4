"""Contact persons, conversations, messages, tasks and an absence, as SQL over what was loaded."""

from __future__ import annotations

from datetime import date
from typing import Any

from telmee.demo.people import Region
from telmee.demo.tables import run_each

#: Everybody who delivers names somebody, and so does who decides. In the regional team that is the
#: team. A few contracts were never spoken about; the others some weeks ago.
_IN_TOUCH = """
INSERT INTO relations_contactterm (organisation_id, first_weeks, every_weeks, report_period,
    report_since)
SELECT o.id, 4, 13, 'quarter', date_trunc('year', %(day)s::date - 90)::date
FROM organisations_organisation o WHERE o.is_client
  AND EXISTS (SELECT 1 FROM contracts_party p WHERE p.organisation_id = o.id AND p.role = 'client');

INSERT INTO relations_contact (contract_id, organisation_id, name, function, email, phone)
SELECT DISTINCT ON (p.contract_id, p.organisation_id) p.contract_id, p.organisation_id, u.name,
       CASE p.role WHEN 'contractor' THEN 'Contractmanager' ELSE 'Adviseur social return' END,
       u.email, '035 700 ' || lpad((1000 + u.id %% 9000)::text, 4, '0')
FROM contracts_party p
JOIN contracts_contract c ON c.id = p.contract_id
JOIN organisations_membership m ON m.organisation_id = p.organisation_id
JOIN organisations_user u ON u.id = m.user_id
WHERE c.id >= %(first)s AND (p.role = 'contractor' OR u.id = c.adviser_id)
ORDER BY p.contract_id, p.organisation_id, u.id;

-- Of a few contracts there was nothing to report on the last quarter.
INSERT INTO relations_nothingtoreport (contract_id, organisation_id, first, last, user_id, said_at)
SELECT c.id, p.organisation_id, q.first, (q.first + interval '3 months')::date - 1, NULL,
       q.first + interval '3 months 5 days'
FROM contracts_contract c
JOIN contracts_party p ON p.contract_id = c.id AND p.role = 'contractor'
CROSS JOIN (SELECT (date_trunc('quarter', %(day)s::date - 10) - interval '3 months')::date) q(first)
WHERE c.id >= %(first)s AND c.closed_on IS NULL AND c.id %% 7 = 3 AND c.start <= q.first
  AND q.first + interval '3 months 5 days' < %(day)s::date;

CREATE TEMPORARY TABLE of_team ON COMMIT DROP AS
SELECT c.id, c.start, c.adviser_id, p.organisation_id, row_number() OVER (ORDER BY c.id) AS number
FROM contracts_contract c
JOIN contracts_party p ON p.contract_id = c.id AND p.organisation_id = %(team)s
WHERE c.id >= %(first)s AND c.closed_on IS NULL;

INSERT INTO relations_conversation (contract_id, organisation_id, kind, held_on, text, is_shared,
    corrects_id, key, user_id, written_at)
SELECT id, organisation_id, (ARRAY['call', 'visit', 'meeting', 'email'])[1 + number %% 4],
       %(day)s::date - (7 * (1 + number %% 14))::integer,
       (ARRAY[
           'De projectleider wil er voor de zomer nog iemand bij. Hij mailt wat het werk vraagt.',
           'Op de bouwplaats geweest. De begeleiding is goed geregeld.',
           'Het kwartaal doorgenomen. Wat er nog openstaat, staat in het plan.',
           'Gemaild welke sociale ondernemingen dit werk doen.'])[1 + number %% 4],
       number %% 2 = 0, NULL, md5('conversation ' || id)::uuid, adviser_id,
       %(day)s::timestamptz - make_interval(days => (7 * (1 + number %% 14))::integer)
FROM of_team WHERE number %% 15 <> 4
  AND start <= %(day)s::date - (7 * (1 + number %% 14))::integer;

-- What one of them said was put right.
INSERT INTO relations_conversation (contract_id, organisation_id, kind, held_on, text, is_shared,
    corrects_id, key, user_id, written_at)
SELECT contract_id, organisation_id, kind, held_on, text || ' Hij belt op maandag.', is_shared, id,
       md5('correction ' || id)::uuid, user_id, written_at + interval '1 hour'
FROM relations_conversation WHERE key IN (
    SELECT key FROM relations_conversation ORDER BY id LIMIT 2);

-- Advisers write to contractors, on some contracts and on lines that wait, and some write back.
INSERT INTO relations_message (contract_id, contribution_id, organisation_id, text, key, user_id,
    written_at)
SELECT t.id, NULL, t.organisation_id,
       (ARRAY[
           'Kunt u voor het einde van de maand laten weten wie de plaats in de werkplaats krijgt?',
           'Volgende week ben ik in de buurt. Past het om even langs te komen?',
           'Het nieuwe plan staat klaar. Wilt u ernaar kijken?'])[1 + t.number %% 3],
       md5('message ' || t.id)::uuid, t.adviser_id,
       %(day)s::timestamptz - make_interval(days => (2 + t.number %% 12)::integer)
FROM of_team t WHERE t.adviser_id IS NOT NULL AND t.start <= %(day)s::date - 30
  AND (t.number %% 9 = 1 OR EXISTS (SELECT 1 FROM contracts_party p
       WHERE p.contract_id = t.id AND p.organisation_id = %(company)s AND t.number %% 3 = 0));

INSERT INTO relations_message (contract_id, contribution_id, organisation_id, text, key, user_id,
    written_at)
SELECT DISTINCT ON (l.contract_id) l.contract_id, l.id, t.organisation_id,
       'Op de factuur staat een andere maand dan hier. Welke is goed?',
       md5('message on line ' || l.id)::uuid, t.adviser_id,
       greatest(l.submitted_at, %(day)s::timestamptz - interval '2 days')
FROM contributions_contribution l JOIN of_team t ON t.id = l.contract_id
WHERE l.state = 'submitted' AND l.submitted_at < %(day)s::timestamptz
  AND t.adviser_id IS NOT NULL AND t.number %% 4 = 1
ORDER BY l.contract_id, l.id;

INSERT INTO relations_message (contract_id, contribution_id, organisation_id, text, key, user_id,
    written_at)
SELECT m.contract_id, m.contribution_id, p.organisation_id, 'Dank u, ik kom er deze week op terug.',
       md5('answer ' || m.id)::uuid, (SELECT min(user_id) FROM organisations_membership
                                      WHERE organisation_id = p.organisation_id),
       m.written_at + interval '5 hours'
FROM relations_message m
JOIN contracts_party p ON p.contract_id = m.contract_id AND p.role = 'contractor'
WHERE m.id %% 2 = 0 AND m.written_at + interval '5 hours' < %(day)s::timestamptz;

-- What is older was read.
INSERT INTO relations_reading (message_id, user_id, read_at)
SELECT DISTINCT m.id, w.user_id, m.written_at + interval '1 day'
FROM relations_message m
JOIN contracts_party p ON p.contract_id = m.contract_id AND p.organisation_id <> m.organisation_id
JOIN organisations_membership w ON w.organisation_id = p.organisation_id
WHERE m.written_at < %(day)s::timestamptz - interval '6 days'
  AND p.role IN ('client', 'regional_team', 'contractor');

INSERT INTO relations_task (contract_id, organisation_id, owner_id, text, due_on, key, user_id,
    done_at, done_by_id)
SELECT id, organisation_id, adviser_id,
       (ARRAY['Bellen over de plaatsen die nog niet zijn ingevuld', 'Het plan nog eens doorlopen',
              'Vragen naar de factuur van de catering', 'Op bezoek bij de nieuwe werkplek'])
           [1 + number %% 4],
       %(day)s::date + (number %% 11)::integer - 4, md5('task ' || id)::uuid, adviser_id,
       CASE WHEN number %% 5 = 0 THEN %(day)s::timestamptz - interval '1 day' END,
       CASE WHEN number %% 5 = 0 THEN adviser_id END
FROM of_team WHERE number %% 6 = 0 AND adviser_id IS NOT NULL;

INSERT INTO relations_task (contract_id, organisation_id, owner_id, text, due_on, key, user_id)
VALUES (NULL, %(team)s, %(adviser)s, 'Het jaarverslag van de regio voorbereiden', %(day)s,
        md5('the yearly report')::uuid, %(adviser)s);

INSERT INTO relations_absence (organisation_id, user_id, replacement_id, first, last)
VALUES (%(team)s, %(second)s, %(adviser)s, %(day)s::date - 2, %(day)s::date + 5);

-- Two contracts wait for somebody to look after them.
UPDATE contracts_contract SET adviser_id = NULL WHERE id IN (
    SELECT id FROM of_team WHERE adviser_id = %(second)s ORDER BY id LIMIT 2)
"""


def add_in_touch(cursor: Any, region: Region, day: date, first_contract: int) -> None:
    """Write how the regional team and its contractors keep in touch."""
    facts = {
        "first": first_contract,
        "day": day,
        "team": region.parts["team"],
        "company": region.contractors[0].id,
        "adviser": region.users["adviseur"],
        "second": region.users["tweede.adviseur"],
    }
    run_each(cursor, _IN_TOUCH, facts)

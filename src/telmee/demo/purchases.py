"""A list of purchases of a client, made of its own register and of what is missing there."""

from __future__ import annotations

from datetime import date
from typing import Any

from telmee.demo.people import Region
from telmee.demo.tables import run_each

#: Two years of purchases of the municipality with its own people: what the register has, by name or
#: by number, and what nobody asked for social return. The rules of the client have no threshold, so
#: where a purchase stands to it is written as the example needs it.
_PURCHASES = """
CREATE TEMPORARY TABLE of_register ON COMMIT DROP AS
SELECT c.id, c.reference, c.value_cents, c.category, c.start, c.scheme_id, c.no_obligation,
       c.obligation_cents, o.name, o.search_name, o.kvk, row_number() OVER (ORDER BY c.id) AS place
FROM contracts_contract c
JOIN contracts_party p ON p.contract_id = c.id AND p.role = 'client'
    AND p.organisation_id = %(client)s
JOIN contracts_party d ON d.contract_id = c.id AND d.role = 'contractor'
JOIN organisations_organisation o ON o.id = d.organisation_id
WHERE c.voided_on IS NULL AND c.start BETWEEN %(first)s AND %(day)s;

INSERT INTO coverage_purchaselist (organisation_id, name, scheme, known, left_out, refused, noticed,
    key, user_id, added_at, withdrawn_why, withdrawn_at, withdrawn_by_id)
SELECT %(client)s, name, %(scheme)s, 0, jsonb_array_length(refused::jsonb), refused::jsonb, '[]',
       md5('purchases ' || name)::uuid, %(manager)s,
       %(day)s::timestamptz - make_interval(days => days), why,
       CASE WHEN why <> '' THEN %(day)s::timestamptz - make_interval(days => days - 1) END,
       CASE WHEN why <> '' THEN %(manager)s END
FROM (VALUES
    ('Inkopen, eerste uitdraai', '[]', 12, 'De bedragen waren met btw.'),
    ('Inkopen van twee jaar',
     '[{"code": "missing_value", "column": "datum", "row": 7, "params": {}}]', 9, '')
) lists (name, refused, days, why);

INSERT INTO coverage_purchase (list_id, organisation_id, row, supplier, search_name, kvk, cents,
    category, day, reference, version_id, reach, owed_cents, proposed_id, sureness)
SELECT l.id, %(client)s, r.place + 1, r.name, r.search_name,
       CASE WHEN r.place %% 3 = 0 THEN '' ELSE coalesce(r.kvk, '') END, r.value_cents, r.category,
       r.start, CASE WHEN r.place %% 4 = 0 THEN r.reference ELSE '' END, r.scheme_id, 'above',
       r.obligation_cents, r.id, CASE WHEN r.place %% 3 = 0 THEN 'likely' ELSE 'sure' END
FROM of_register r, coverage_purchaselist l
WHERE l.name = 'Inkopen van twee jaar' AND r.value_cents > 0;

INSERT INTO coverage_purchase (list_id, organisation_id, row, supplier, search_name, kvk, cents,
    category, day, reference, version_id, reach, owed_cents, proposed_id, sureness)
SELECT l.id, %(client)s, 1000 + p.n, p.name, lower(p.name), '', p.cents, p.category,
       %(day)s::date - p.days, '', (SELECT max(scheme_id) FROM of_register), p.reach,
       CASE WHEN p.reach = 'above' THEN p.cents / 20 END, NULL, ''
FROM (VALUES
    (1, 'Marmerbever Advies', 18400000, 'services', 40, 'above'),
    (2, 'Nevelotter Licenties', 31250000, 'supplies', 130, 'above'),
    (3, 'Duinwezel Personeel', 9600000, 'hire', 210, 'above'),
    (4, 'Honinglynx Drukwerk', 780000, 'supplies', 95, 'below'),
    (5, 'Kristaluil Groen', 12250000, 'services', 420, 'above'),
    (6, 'Jadehaas Vervoer', 6400000, 'services', 300, 'unsure'),
    (7, 'Zonnemerel Catering', 1450000, 'services', 365, 'below'),
    (8, 'Beukenvos Techniek', 26800000, 'works', 510, 'above')
) p (n, name, cents, category, days, reach), coverage_purchaselist l
WHERE l.name = 'Inkopen van twee jaar';

-- Most of what is in the register was confirmed; of the rest somebody said something of each kind.
INSERT INTO coverage_purchaseanswer (purchase_id, organisation_id, number, outcome, contract_id,
    ground, reason, key, user_id, answered_at)
SELECT id, organisation_id, 1, 'matched', proposed_id, '', '', md5('bought ' || id)::uuid,
       %(manager)s, %(day)s::timestamptz - interval '5 days'
FROM coverage_purchase WHERE proposed_id IS NOT NULL AND row %% 5 > 0;

INSERT INTO coverage_purchaseanswer (purchase_id, organisation_id, number, outcome, ground, reason,
    key, user_id, answered_at)
SELECT p.id, p.organisation_id, a.number, a.outcome, a.ground, a.reason,
       md5('said ' || p.id || a.number)::uuid, %(manager)s,
       %(day)s::timestamptz - make_interval(days => 5 - a.number)
FROM (VALUES
    (1002, 1, 'explained', 'little_labour', 'Alleen licenties: er werkt niemand aan.'),
    (1003, 1, 'apply', '', 'Staat in het bestek van de verlenging.'),
    (1005, 1, 'explained', 'other', 'De leverancier is zelf een sociale onderneming.'),
    (1005, 2, 'reopened', '', 'Dat is geen reden: ook dan geldt het beleid.')
) a (row, number, outcome, ground, reason)
JOIN coverage_purchase p ON p.row = a.row;

INSERT INTO audit_event (at, user_id, organisation_id, verb, kind, object_id, reason, details)
SELECT l.added_at, l.user_id, l.organisation_id, 'organisation.purchases_added', 'organisation',
       l.organisation_id, '', jsonb_build_object('row', l.id, 'name', l.name, 'purchases',
       (SELECT count(*) FROM coverage_purchase p WHERE p.list_id = l.id))
FROM coverage_purchaselist l
UNION ALL
SELECT withdrawn_at, withdrawn_by_id, organisation_id, 'organisation.purchases_withdrawn',
       'organisation', organisation_id, withdrawn_why, jsonb_build_object('row', id, 'name', name)
FROM coverage_purchaselist WHERE withdrawn_at IS NOT NULL
"""


def add_purchases(cursor: Any, region: Region, day: date) -> None:
    """Write a list that was withdrawn and one that stands, with an answer of each kind."""
    client = next(one for one in region.clients if one.id == region.parts["client"])
    facts = {
        "client": client.id,
        "scheme": client.scheme,
        "manager": region.users["gemeente"],
        "first": date(day.year - 1, 1, 1),
        "day": day,
    }
    run_each(cursor, _PURCHASES, facts)

"""A notice of each common kind about a line, so that the mail folder of the demonstration has one.

Each tells of what is there: a line that waits, was asked about, written about or decided on.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings

from telmee.demo.people import Region

_EXAMPLES = """
WITH lines AS (
    SELECT l.id, l.reference AS line, l.state, l.answer_by, l.contract_id, c.reference,
           c.name AS contract, t.organisation_id AS team_id, client.name AS client,
           company.name AS company
    FROM contributions_contribution l
    JOIN contracts_contract c ON c.id = l.contract_id AND c.closed_on IS NULL
    JOIN contracts_party t ON t.contract_id = c.id AND t.organisation_id = %(team)s
    JOIN contracts_party d ON d.contract_id = c.id AND d.role = 'client'
    JOIN organisations_organisation client ON client.id = d.organisation_id
    JOIN organisations_organisation company ON company.id = l.organisation_id
    WHERE l.organisation_id = %(company)s),
examples AS (
    SELECT 'lines_handed_in' AS code, true AS to_team, lines.* FROM lines WHERE state = 'submitted'
    UNION ALL SELECT 'question_asked', false, lines.* FROM lines WHERE state = 'asked'
    UNION ALL SELECT 'message_written', false, lines.* FROM lines
        WHERE EXISTS (SELECT 1 FROM relations_message m WHERE m.contribution_id = lines.id)
    UNION ALL SELECT 'lines_decided', false, lines.* FROM lines
        WHERE state IN ('accepted', 'adjusted', 'rejected'))
INSERT INTO notices_notice (code, facts, channel, user_id, address, language, organisation_id,
    contract_id, message_id, mail, sealed, state, attempts, next_attempt_at, fault, answer,
    created_at, changed_at)
SELECT DISTINCT ON (code) code,
       jsonb_build_object(
           'reference', reference, 'contract', contract, 'line', line, 'count', 1,
           'by', CASE WHEN to_team THEN company ELSE client END, 'outcome', state,
           'due', answer_by, 'url', %(site)s || '/inspanningen/' || id,
           'list_url', %(site)s || '/opdrachten/' || contract_id || '/inspanningen'),
       'mail', CASE WHEN to_team THEN %(adviser)s ELSE %(contractor)s END, '', 'nl',
       CASE WHEN to_team THEN team_id ELSE %(company)s END, contract_id,
       '<' || md5('example ' || code) || '@demo.telmee.example>', '', '', 'waiting', 0, %(at)s,
       '', '', %(at)s, %(at)s
FROM examples ORDER BY code, id
"""


def add_notices(cursor: Any, region: Region, day: date) -> None:
    """Write the examples some days ago, so that whoever sends mail sends them at once."""
    facts = {
        "site": settings.SITE_URL,
        "team": region.parts["team"],
        "company": region.contractors[0].id,
        "adviser": region.users["adviseur"],
        "contractor": region.users["opdrachtnemer"],
        "at": day - timedelta(days=7),
    }
    cursor.execute(_EXAMPLES, facts)

"""Rows of which something may become otherwise, beside what the journal last said of them.

What is written once of a row is sealed. What may change of it is not: that proof was removed, that
leniency ended, who is party to a contract. Figures and rights stand on that as well, and who owns
the tables could change it. The journal is sealed, and each change is told there in its transaction:
so a row is held against the last that was told of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class _InJournal(NamedTuple):
    """How the journal tells of the rows `t` of a table, in SQL.

    It does so by `verbs`, with the number of the row under `name`, and of the last such event `a`
    it must hold that `holds`. `among` leaves out events of rows that are rightly gone;
    `beside` joins what else tells of one.
    """

    name: str
    verbs: tuple[str, ...]
    holds: str
    among: str = "true"
    beside: str = ""


_ROWS: Mapping[str, _InJournal] = {
    "contributions_evidence": _InJournal(
        "evidence",
        (
            "contribution.evidence_added",
            "contribution.evidence_removed",
            "contribution.evidence_with_bsn",
        ),
        "(a.object_id, a.details->>'sha256') = (t.contribution_id, t.sha256)"
        " AND (a.verb = 'contribution.evidence_added') = (t.removed_at IS NULL)",
        among="object_id IN (SELECT id FROM contributions_contribution)",  # a draft is thrown away
    ),
    "coverage_purchaselist": _InJournal(
        "row",
        ("organisation.purchases_added", "organisation.purchases_withdrawn"),
        "(a.verb = 'organisation.purchases_added') = (t.withdrawn_at IS NULL)",
    ),
    "enforcement_leniency": _InJournal(
        "row",
        (
            "contract.leniency_granted",
            "contract.leniency_ended",
            "organisation.leniency_granted",
            "organisation.leniency_ended",
        ),
        "a.id IS NOT NULL AND a.details->>'ended_on' IS NOT DISTINCT FROM t.ended_on::text",
    ),
    "organisations_recognition": _InJournal(
        "recognition",
        ("organisation.recognised", "organisation.recognition_ended"),
        "a.id IS NOT NULL AND a.details->>'valid_until' IS NOT DISTINCT FROM t.valid_until::text",
    ),
    # Given back with a review, which is sealed, or by hand, which the journal tells. A review that
    # comes when the trust is back by itself gives nothing back.
    "trust_lapse": _InJournal(
        "row",
        ("organisation.trust_given_back",),
        "CASE WHEN t.lifted_at IS NULL THEN a.id IS NULL ELSE coalesce(a.id, g.id) IS NOT NULL END",
        beside="""LEFT JOIN (
            SELECT DISTINCT wrong.id FROM trust_review wrong JOIN trust_review given
                ON given.sample_id = wrong.sample_id AND given.is_right
                AND given.contribution_id = wrong.contribution_id AND given.id > wrong.id
        ) g ON g.id = t.review_id""",
    ),
}


def _differing(table: str, journal: _InJournal) -> str:
    verbs = ", ".join(f"'{verb}'" for verb in journal.verbs)
    return f"""
        SELECT '{table}' AS table, coalesce(t.id, a.row_id) AS row
        FROM {table} t FULL JOIN (
            SELECT DISTINCT ON (row_id) (details->>'{journal.name}')::bigint AS row_id, id,
                   object_id, verb, details
            FROM audit_event WHERE verb IN ({verbs}) AND {journal.among}
            ORDER BY row_id, at DESC, id DESC
        ) a ON a.row_id = t.id {journal.beside}
        WHERE ({journal.holds}) IS NOT TRUE"""  # noqa: S608 - only our own names


#: Rows that say something else than the journal last said of them, or that it did not tell of.
ROWS_UNTOLD = " UNION ALL ".join(_differing(table, journal) for table, journal in _ROWS.items())

#: Contracts of which the parties are others than the journal last said. Access follows from them.
PARTIES_UNTOLD = """
    SELECT coalesce(t.contract_id, a.contract_id) AS contract
    FROM (
        SELECT contract_id, jsonb_agg(jsonb_build_array(organisation_id, role, since)
                                      ORDER BY organisation_id, role COLLATE "C") AS parties
        FROM contracts_party GROUP BY contract_id
    ) t FULL JOIN (
        SELECT DISTINCT ON (contract_id) contract_id, details->'parties' AS parties
        FROM audit_event
        WHERE verb IN ('contract.registered', 'contract.party_added', 'contract.party_removed',
                       'contract.amended') AND jsonb_exists(details, 'parties')
        ORDER BY contract_id, at DESC, id DESC
    ) a ON a.contract_id = t.contract_id
    WHERE t.parties IS DISTINCT FROM a.parties"""

"""Many contracts and lines for the tests of lists, made at once as owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Sql = Callable[..., list[tuple[Any, ...]]]
_COPY = """
DO $$
DECLARE
    source contracts_contract%ROWTYPE;
BEGIN
    SELECT * INTO source FROM contracts_contract WHERE id = {source};
    FOR number IN 1 .. {times} LOOP
        source.id := nextval(pg_get_serial_sequence('contracts_contract', 'id'));
        source.key := gen_random_uuid();
        source.reference := 'COPY-' || source.id;
        INSERT INTO contracts_contract SELECT source.*;
        INSERT INTO contracts_party (contract_id, organisation_id, role)
            SELECT source.id, organisation_id, role FROM contracts_party
            WHERE contract_id = {source};
        INSERT INTO ledger_entry (contract_id, kind, amount_cents, effective_on, key, reason)
            VALUES (source.id, 'obligation', source.obligation_cents, source.start,
                    gen_random_uuid(), '');
    END LOOP;
END $$
"""


def multiply_contracts(as_owner: Sql, contract_id: int, times: int) -> None:
    """Copy a contract with its parties and obligation, as many times."""
    as_owner(_COPY.format(source=int(contract_id), times=int(times)))


def multiply_lines(as_owner: Sql, line_id: int, times: int, *, name: str = "L") -> None:
    """Copy a line that waits to every contract of its client, as many times each."""
    as_owner(
        """
        WITH people AS (
            INSERT INTO people_person
                (organisation_id, code, code_key, near_parts, near_whole)
            SELECT l.organisation_id, p.code || '-' || %s || n, p.code || '-' || %s || n, '', ''
            FROM contributions_contribution l JOIN people_person p ON p.id = l.person_id,
                generate_series(1, %s) n WHERE l.id = %s
            RETURNING id, code
        )
        INSERT INTO contributions_contribution (contract_id, organisation_id, key, state, reference,
            block, "begin", "end", weekly_hours, hours, amount_cents, "count", bonuses, person_id,
            certificate, certificate_until, full_time_hours, last_benefit_day, supplier, note,
            value_cents, value_status, receipt_id, fingerprint, version, created_at, submitted_at)
        SELECT c.id, l.organisation_id, gen_random_uuid(), l.state, %s || n, l.block, l."begin",
            l."end", l.weekly_hours, l.hours, l.amount_cents, l."count", l.bonuses,
            (SELECT id FROM people WHERE code LIKE '%%-' || %s || n), l.certificate,
            l.certificate_until, l.full_time_hours, l.last_benefit_day, l.supplier, l.note,
            l.value_cents, l.value_status, l.receipt_id,
            md5(c.id || '-' || n) || md5(l.id || '-' || n || %s), l.version, l.created_at,
            l.submitted_at - (n || ' hours')::interval
        FROM contributions_contribution l, contracts_contract c, generate_series(1, %s) n
        WHERE l.id = %s
        """,
        name,
        name,
        times,
        line_id,
        name,
        name,
        name,
        times,
        line_id,
    )

"""Receipts only grow, and are seen by who sees the contract or delivered the effort."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ME,
    ORGANISATIONS,
    WORKING,
    contracts_as,
    contracts_worked_as,
    only_grows,
    protect,
    stamped,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "consortium", "subcontractor", "auditor"
)
_SEEING = contracts_as("client", "regional_team", "contractor", "consortium", "auditor")
_DECIDING = contracts_worked_as("client", "regional_team")
_DELIVERING = contracts_worked_as("contractor", "consortium", "subcontractor")
_OWN = f"organisation_id = {ORGANISATIONS}"
_DELIVERED = f"organisation_id = {WORKING} AND contract_id IN {_DELIVERING}"

# The cents of an amount that are for days after a day, by the days that counted; what they follow
# from is in a receipt. The same as `split_of`, for sums over many lines and for rules of tables.
# A home of a thousand contracts asks it of ten thousand receipts, so they are in PL/pgSQL, which
# keeps its plans: a function in SQL is begun anew for every line, and took six times as long.
_FUNCTIONS = """
CREATE FUNCTION telmee_first_day(steps jsonb, inputs jsonb) RETURNS date
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN coalesce(
        jsonb_path_query_first(steps, '$[*] ? (@.step == "counted_from").value.day') #>> '{}',
        inputs->>'begin')::date;
END
$$;

CREATE FUNCTION telmee_last_day(steps jsonb, inputs jsonb) RETURNS date
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN greatest(telmee_first_day(steps, inputs), coalesce(
        jsonb_path_query_first(steps, '$[*] ? (@.step == "counted_to").value.day') #>> '{}',
        inputs->>'eind')::date);
END
$$;

CREATE FUNCTION telmee_to_come(amount bigint, steps jsonb, inputs jsonb, today date)
RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first date := CASE WHEN amount IS NOT NULL THEN telmee_first_day(steps, inputs) END;
    last date := CASE WHEN first IS NOT NULL THEN telmee_last_day(steps, inputs) END;
    days int := last - first + 1;
BEGIN
    IF first IS NULL OR last <= today THEN
        RETURN 0;
    END IF;
    RETURN div(2 * amount::numeric * (last - greatest(first - 1, today)) + days, 2 * days);
END
$$;
"""
_NO_FUNCTIONS = """
DROP FUNCTION telmee_to_come(bigint, jsonb, jsonb, date);
DROP FUNCTION telmee_last_day(jsonb, jsonb);
DROP FUNCTION telmee_first_day(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    """Who acts on a figure keeps it: who delivers his own, who decides any of the contract."""

    dependencies = [("receipts", "0001_initial"), ("contracts", "0002_access")]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        only_grows("receipts_receipt"),
        protect(
            "receipts_receipt",
            read=f"contract_id IN {_SEEING} OR ({_OWN} AND contract_id IN {_ALL})",
            # Only who decides names an amount, in his own name.
            insert=f"(contract_id IN {_DECIDING} AND coalesce(named_by, {ME}) = {ME})"
            f" OR ({_DELIVERED} AND kind IN ('contribution', 'plan') AND named_by IS NULL)",
        ),
        stamped("receipts_receipt", "kept_at"),
    ]

"""Receipts only grow, and are seen by who sees the contract or delivered the effort."""

from __future__ import annotations

from django.db import migrations, models

from telmee.apps.organisations.row_security import (
    ME,
    ORGANISATIONS,
    TAKEN_OVER,
    WHOLE,
    WORKING,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_grows,
    protect,
    stamped,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
_DECIDING = contracts_worked_as("client", "regional_team")
_DELIVERING = contracts_worked_as("contractor", "former", "consortium", "subcontractor")
_OWN = f"organisation_id = {ORGANISATIONS}"
_DELIVERED = f"organisation_id = {WORKING} AND contract_id IN {_DELIVERING}"

# The first and the last day of effort: those that counted, as its receipt has them, or else as
# filled in; without a first there is no last. They are columns of a receipt, so that sums over many
# lines read no story. A date is put together and not cast: a cast leans on settings of the session,
# which a generated column may not. `telmee_to_come` has the cents of an amount that are for days
# after a day, as `split_of` has them. `telmee_years` divides an amount over calendar years by the
# same days, as `cents_per_year` does: a row for each year, with the last of its days in it, of the
# days after one day and up to another. They have no path of their own: only so PostgreSQL puts them
# into the query that asks. A call for each of thousands of lines costs as much as the rest.
_FUNCTIONS = """
CREATE FUNCTION telmee_first_day(steps jsonb, inputs jsonb) RETURNS date
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written text := coalesce(
        jsonb_path_query_first(steps, '$[*] ? (@.step == "counted_from").value.day') #>> '{}',
        nullif(inputs->>'begin', ''));
BEGIN
    RETURN make_date(left(written, 4)::int, substr(written, 6, 2)::int, substr(written, 9)::int);
END
$$;

CREATE FUNCTION telmee_last_day(steps jsonb, inputs jsonb) RETURNS date
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    written text := coalesce(
        jsonb_path_query_first(steps, '$[*] ? (@.step == "counted_to").value.day') #>> '{}',
        nullif(inputs->>'eind', ''));
    first date := telmee_first_day(steps, inputs);
BEGIN
    RETURN CASE WHEN first IS NOT NULL THEN greatest(first, make_date(
        left(written, 4)::int, substr(written, 6, 2)::int, substr(written, 9)::int)) END;
END
$$;

CREATE FUNCTION telmee_to_come(amount bigint, first date, last date, today date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN amount IS NULL OR first IS NULL OR last <= today THEN 0::bigint
        ELSE div(2 * amount::numeric * (last - greatest(first - 1, today)) + (last - first + 1),
                 2 * (last - first + 1))::bigint END
$$;

-- What of a part of a whole comes with some of its cents, after those that came before them: slices
-- of all cents add up to the part (`telmee.core.money.slice_of`).
CREATE FUNCTION telmee_slice(part numeric, whole numeric, before numeric, cents numeric)
RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (div(2 * part * (before + cents) + whole, 2 * nullif(whole, 0))
            - div(2 * part * before + whole, 2 * nullif(whole, 0)))::bigint
$$;

CREATE FUNCTION telmee_years(amount bigint, first date, last date, after date, until date)
RETURNS TABLE (day date, cents bigint)
LANGUAGE sql IMMUTABLE AS $$
    SELECT share.day, share.cents FROM (
        SELECT least(last, until, make_date(year, 12, 31)) AS day,
               public.telmee_to_come(amount, first, last,
                                     greatest(first, after + 1, make_date(year, 1, 1)) - 1)
               - public.telmee_to_come(amount, first, last,
                                       least(last, until, make_date(year, 12, 31))) AS cents
        FROM generate_series(extract(year FROM greatest(first, after + 1))::int,
                             extract(year FROM least(last, until))::int) year
        WHERE first IS NOT NULL AND greatest(first, after + 1) <= least(last, until)) share
    WHERE share.cents <> 0
$$;
"""
# What an amount is in each year by the days of a receipt, for whatever has one: a line of a plan or
# of effort, and a decision. Without days, or a receipt, it is for the day that stands for them.
_YEARS = """
CREATE FUNCTION telmee_receipt_years(
    receipt bigint, amount bigint, otherwise date, after date, until date
) RETURNS TABLE (day date, cents bigint)
LANGUAGE sql STABLE AS $$
    SELECT y.day, y.cents
    FROM (SELECT receipt) its(id) LEFT JOIN public.receipts_receipt r ON r.id = its.id
    CROSS JOIN LATERAL public.telmee_years(
        amount, coalesce(r.first_day, otherwise), coalesce(r.last_day, otherwise), after, until) y
$$;
"""
_NO_FUNCTIONS = """
DROP FUNCTION telmee_years(bigint, date, date, date, date);
DROP FUNCTION telmee_slice(numeric, numeric, numeric, numeric);
DROP FUNCTION telmee_to_come(bigint, date, date, date);
DROP FUNCTION telmee_last_day(jsonb, jsonb);
DROP FUNCTION telmee_first_day(jsonb, jsonb);
"""


def _day(which: str) -> models.GeneratedField:
    """A day that the database takes from the story of a receipt."""
    return models.GeneratedField(
        db_persist=True,
        expression=models.Func("steps", "inputs", function=f"telmee_{which}_day"),
        output_field=models.DateField(),
    )


class Migration(migrations.Migration):
    """Who acts on a figure keeps it: who delivers his own, who decides any of the contract."""

    dependencies = [("receipts", "0001_initial"), ("contracts", "0002_access")]

    operations = [
        migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS),
        migrations.AddField("receipt", "first_day", _day("first")),
        migrations.AddField("receipt", "last_day", _day("last")),
        migrations.RunSQL(
            _YEARS, "DROP FUNCTION telmee_receipt_years(bigint, bigint, date, date, date)"
        ),
        migrations.AddIndex(
            "receipt",
            models.Index(
                fields=["contract_id", "last_day"],
                include=["id", "first_day"],
                condition=models.Q(last_day__isnull=False, kind="contribution"),
                name="receipt_by_last_day",
            ),
        ),
        only_grows("receipts_receipt"),
        names_nobody("receipts_receipt", "named_why"),
        protect(
            "receipts_receipt",
            read=f"contract_id IN {WHOLE} OR ({_OWN} AND contract_id IN {_ALL})"
            f" OR (contract_id IN {TAKEN_OVER} AND (organisation_id IS NULL"
            " OR telmee_seen_since("
            "contract_id, organisation_id, nullif(inputs->>'begin', '')::date)))",
            # Only who decides names an amount, in his own name.
            insert=f"(contract_id IN {_DECIDING} AND coalesce(named_by, {ME}) = {ME})"
            f" OR ({_DELIVERED} AND kind IN ('contribution', 'plan') AND named_by IS NULL)",
        ),
        stamped("receipts_receipt", "kept_at"),
    ]

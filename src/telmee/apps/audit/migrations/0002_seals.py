"""What only grows is sealed: by the database itself, in a chain that only grows too."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

from telmee.apps.audit.seals import HEAD, ROW_HASH

# Whoever asks gives no more than the wish: rows, hashes and the moment are the database's own. A
# lock lets one seal at a time, and who comes meanwhile goes away; nobody else waits for it. Every
# table that only grows and has numbered rows is in the chain, with all its columns, or with those
# that its guard names where others may change.
_SEALING = f"""
CREATE FUNCTION telmee_seal(everything boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    s audit_seal;
    guarded int2[];
    waiting bigint[];
    row_hash text;
    sealed bigint := 0;
    batch CONSTANT int := 10000;
    within CONSTANT bigint := 100000;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('telmee.seal', 0)) THEN
        RETURN 0;
    END IF;
    SELECT * INTO s FROM audit_seal ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        s.number := 0; s.rows_total := 0; s.at := '-infinity'; s.head := repeat('0', 64);
    END IF;
    FOR s.table_name, guarded IN
        SELECT relname, nullif(tgattr::text, '')::int2vector::int2[]
        FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
        WHERE tgname = 'only_grows' AND c.relnamespace = 'public'::regnamespace
            AND relname <> 'audit_seal' ORDER BY 1
    LOOP
        EXECUTE format(
            'SELECT ARRAY(SELECT id FROM %I WHERE id > $1 EXCEPT SELECT unnest(ids) FROM audit_seal'
            ' WHERE table_name = $2 AND last_id > $1 ORDER BY 1)', s.table_name)
        INTO waiting USING CASE WHEN everything THEN -9223372036854775807 ELSE coalesce(
            (SELECT max(last_id) FROM audit_seal WHERE table_name = s.table_name), 0) - within END,
            s.table_name;
        SELECT array_agg(attname::text ORDER BY attnum),
               format('{ROW_HASH}', s.table_name,
                      string_agg('t.' || quote_ident(attname), ', ' ORDER BY attnum))
        INTO s.columns, row_hash FROM pg_attribute
        WHERE attrelid = format('public.%I', s.table_name)::regclass AND attnum > 0
            AND NOT attisdropped AND coalesce(attnum = ANY (guarded), true);
        FOR place IN 1 .. cardinality(waiting) BY batch LOOP
            s.ids := waiting[place : place + batch - 1];
            EXECUTE format('SELECT array_agg(%s ORDER BY t.id) FROM %I t WHERE t.id = ANY($1)',
                           row_hash, s.table_name)
            INTO s.hashes USING s.ids;
            s.number := s.number + 1;
            s.at := greatest(clock_timestamp(), s.at);
            s.last_id := s.ids[cardinality(s.ids)];
            s.rows_total := s.rows_total + cardinality(s.ids);
            s.previous := s.head;
            s.head := {HEAD};
            INSERT INTO audit_seal SELECT s.*;
            sealed := sealed + cardinality(s.ids);
        END LOOP;
    END LOOP;
    RETURN sealed;
END $$;

ALTER TABLE audit_seal ENABLE ROW LEVEL SECURITY;
-- Hashes and numbers of rows say nothing of anybody, and whoever keeps a head may compare it.
CREATE POLICY may_read ON audit_seal FOR SELECT USING (true);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION telmee_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_refuse_change();
"""
_NO_SEALING = """
DROP TRIGGER never_emptied ON audit_seal;
DROP TRIGGER only_grows ON audit_seal;
DROP POLICY may_read ON audit_seal;
ALTER TABLE audit_seal DISABLE ROW LEVEL SECURITY;
DROP FUNCTION telmee_seal(boolean);
"""


class Migration(migrations.Migration):
    """The table of the seals, and the one function that writes it."""

    dependencies = [("audit", "0001_initial"), ("organisations", "0002_access")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("table_name", models.CharField(max_length=63)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "hashes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BinaryField(), size=None
                    ),
                ),
                ("last_id", models.BigIntegerField()),
                ("rows_total", models.BigIntegerField()),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("head", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["table_name", "last_id"], name="seal_by_table"),
                ],
            },
        ),
        migrations.RunSQL(_SEALING, _NO_SEALING),
    ]

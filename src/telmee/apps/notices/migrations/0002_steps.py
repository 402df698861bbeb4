"""Which step a notice may take, and who takes it: the sender or an operator."""

from __future__ import annotations

from django.db import migrations

_FUNCTIONS = """
-- Nobody signs in as the sender: see `telmee.installation.database`.
CREATE FUNCTION telmee_sends() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT current_user = session_user || '_sender'
$$;

CREATE FUNCTION telmee_guard_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF (telmee_sends(), OLD.state, NEW.state) NOT IN (
        (true, 'waiting', 'waiting'), -- until its moment has come
        (true, 'waiting', 'sending'),
        (true, 'waiting', 'given_up'),
        (true, 'waiting', 'withdrawn'),
        (true, 'sending', 'sent'),
        (true, 'sending', 'waiting'),
        (true, 'sending', 'given_up'),
        (true, 'sending', 'unknown'),
        (true, 'sent', 'returned'),
        (true, 'unknown', 'returned'),
        (true, 'unknown', 'withdrawn'),
        (true, 'given_up', 'withdrawn'),
        (false, 'unknown', 'waiting'),
        (false, 'given_up', 'waiting'),
        (false, 'unknown', 'settled'),
        (false, 'given_up', 'settled'),
        (false, 'returned', 'settled')
    ) THEN
        RAISE EXCEPTION 'telmee: a notice does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_notice BEFORE UPDATE ON notices_notice
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_notice();
"""
_NO_FUNCTIONS = """
DROP TRIGGER guard_notice ON notices_notice;
DROP FUNCTION telmee_guard_notice();
DROP FUNCTION telmee_sends();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [migrations.RunSQL(_FUNCTIONS, _NO_FUNCTIONS)]

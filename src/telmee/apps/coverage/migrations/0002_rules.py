"""A list stays as it was handed over, and an answer on a purchase is never changed."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    ME,
    ORGANISATIONS,
    WORKING,
    only_grows,
    protect,
    stamped,
)

_TRIGGERS = """
-- Answers are numbered per purchase, on a list that still stands.
CREATE FUNCTION telmee_begin_purchase_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.purchase', NEW.purchase_id));
        IF EXISTS (SELECT 1 FROM coverage_purchase p
                   JOIN coverage_purchaselist l ON l.id = p.list_id
                   WHERE p.id = NEW.purchase_id AND l.withdrawn_at IS NOT NULL) THEN
            RAISE EXCEPTION 'telmee: a purchase of a list that was withdrawn'
                USING ERRCODE = 'check_violation';
        END IF;
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM coverage_purchaseanswer
            WHERE purchase_id = NEW.purchase_id), 0);
        NEW.answered_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- A list is withdrawn once, by who does it.
CREATE FUNCTION telmee_guard_purchase_list() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'telmee: it was withdrawn before' USING ERRCODE = 'check_violation';
    END IF;
    NEW.withdrawn_at := clock_timestamp();
    NEW.withdrawn_by_id := telmee_user();
    RETURN NEW;
END $$;

CREATE TRIGGER begin_answer BEFORE INSERT ON coverage_purchaseanswer
    FOR EACH ROW EXECUTE FUNCTION telmee_begin_purchase_answer();
CREATE TRIGGER guard_list BEFORE UPDATE ON coverage_purchaselist
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_purchase_list();
"""
_NO_TRIGGERS = """
DROP TRIGGER guard_list ON coverage_purchaselist;
DROP TRIGGER begin_answer ON coverage_purchaseanswer;
DROP FUNCTION telmee_guard_purchase_list();
DROP FUNCTION telmee_begin_purchase_answer();
"""
#: What a list and a purchase say for good: all but that a list was withdrawn, and what is proposed.
_LIST = ("id", "organisation_id", "name", "scheme", "known", "left_out", "refused", "noticed",
         "key", "user_id", "added_at")  # fmt: skip
_PURCHASE = ("id", "list_id", "organisation_id", "row", "supplier", "search_name", "kvk", "cents",
             "category", "day", "reference", "version_id", "reach", "owed_cents")  # fmt: skip
_READ = f"organisation_id = {ORGANISATIONS}"
_WORK = f"organisation_id = {WORKING}"
#: A contract that an answer or a proposal names is one of the client itself.
_OWN_CONTRACT = """EXISTS (SELECT 1 FROM contracts_party p WHERE p.contract_id = {table}.{column}
    AND p.role = 'client' AND p.organisation_id = {table}.organisation_id)"""
_ANSWERED = _OWN_CONTRACT.format(table="coverage_purchaseanswer", column="contract_id")
_PROPOSED = _OWN_CONTRACT.format(table="coverage_purchase", column="proposed_id")
_MAY_PROPOSE = f"(proposed_id IS NULL OR {_PROPOSED})"


class Migration(migrations.Migration):
    """What a client bought is for its own people, and nobody else."""

    dependencies = [("coverage", "0001_initial"), ("contracts", "0002_access")]

    operations = [
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        stamped("coverage_purchaselist", "added_at"),
        only_grows("coverage_purchaseanswer"),
        only_grows("coverage_purchaselist", *_LIST),
        only_grows("coverage_purchase", *_PURCHASE),
        protect(
            "coverage_purchaselist",
            read=_READ,
            insert=f"user_id = {ME} AND {_WORK} AND withdrawn_at IS NULL AND EXISTS (SELECT 1"
            " FROM organisations_organisation o WHERE o.id = organisation_id AND o.is_client)",
            update=_WORK,
        ),
        protect(
            "coverage_purchase",
            read=_READ,
            insert=f"{_WORK} AND {_MAY_PROPOSE} AND EXISTS (SELECT 1 FROM coverage_purchaselist l"
            " WHERE l.id = list_id AND l.organisation_id = coverage_purchase.organisation_id"
            f" AND l.user_id = {ME} AND l.added_at >= transaction_timestamp())",
            update=f"{_WORK} AND {_MAY_PROPOSE}",
        ),
        protect(
            "coverage_purchaseanswer",
            read=_READ,
            insert=f"user_id = {ME} AND {_WORK} AND (contract_id IS NULL OR {_ANSWERED}) AND EXISTS"
            " (SELECT 1 FROM coverage_purchase p WHERE p.id = purchase_id"
            " AND p.organisation_id = coverage_purchaseanswer.organisation_id)",
        ),
    ]

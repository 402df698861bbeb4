"""Who keeps and sees contact persons, conversations, messages, tasks and absences."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    ORGANISATIONS,
    WHOLE,
    WORKING,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_grows,
    only_while_open,
    protect,
    stamped,
)

_KEEPERS = "'{client,regional_team,contractor,consortium}'"
_KEEPING = contracts_as("client", "regional_team", "contractor", "consortium")
_TEAM = contracts_as("client", "regional_team")
_DELIVERING = contracts_as("contractor", "consortium")
_SEEING = contracts_as("client", "regional_team", "auditor", "contractor", "consortium")
_LEADING = "telmee_acts_as(contract_id, organisation_id, '{contractor,consortium}')"
_WORKED = contracts_worked_as("client", "regional_team", "contractor", "consortium")
_KEPT = f"contract_id IN {_WORKED} AND telmee_acts_as(contract_id, organisation_id, {_KEEPERS})"
_OWN = f"organisation_id = {WORKING}"
_DECIDING = "telmee_acts_as(contract_id, organisation_id, '{client,regional_team}')"
_TASK = (
    f"organisation_id = {WORKING} AND ((contract_id IS NULL AND EXISTS (SELECT 1 FROM"
    " organisations_organisation o WHERE o.id = organisation_id AND o.is_client))"
    f" OR {_DECIDING})"
)
#: A regional team reads what the clients that it serves chose.
_SERVED = "ANY ((SELECT telmee_clients_served())::bigint[])"
_CHOOSES = (
    f"organisation_id = {MANAGED} AND EXISTS (SELECT 1 FROM organisations_organisation o"
    " WHERE o.id = organisation_id AND o.is_client)"
)
#: Of a line, whoever sees it but an auditor; row security of the line itself says who does.
_OF_LINES = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor"
)
_LINE = (
    "EXISTS (SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id"
    " AND c.contract_id = relations_message.contract_id"
    " AND (c.state <> 'draft' OR withdraws_id IS NOT NULL))"
)
_READS_MESSAGE = (
    f"(contribution_id IS NULL AND (contract_id IN {_TEAM} OR (contract_id IN {_DELIVERING}"
    f" AND (contract_id IN {WHOLE}"
    " OR telmee_seen_since(contract_id, organisation_id,"
    " (written_at AT TIME ZONE 'Europe/Amsterdam')::date)))))"
    f" OR (contribution_id IS NOT NULL AND contract_id IN {_OF_LINES} AND EXISTS"
    " (SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id))"
)
_WRITES_MESSAGE = (
    f"user_id = {ME} AND CASE WHEN contribution_id IS NULL"
    f" THEN telmee_acts_as(contract_id, organisation_id, {_KEEPERS})"
    " ELSE telmee_acts_as(contract_id, organisation_id,"
    f" '{{client,regional_team,contractor,former,consortium,subcontractor}}') AND {_LINE} END"
)
_ABSENCE = f"organisation_id = {WORKING} AND (user_id = {ME} OR organisation_id = {MANAGED})"

_RULES = """
-- Who goes leaves nothing behind: neither somebody who no longer works for an organisation, nor an
-- organisation that is no longer a party, or carries the contract out no more.
CREATE FUNCTION telmee_forget_contact() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM relations_contact c USING organisations_user u
    WHERE u.id = OLD.user_id AND c.organisation_id = OLD.organisation_id
      AND lower(c.email) = lower(u.email);
    RETURN NULL;
END $$;

CREATE FUNCTION telmee_forget_contacts_of_party() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM relations_contact c
    WHERE c.contract_id = OLD.contract_id AND c.organisation_id = OLD.organisation_id
      AND NOT EXISTS (SELECT 1 FROM contracts_party p
                      WHERE p.contract_id = OLD.contract_id
                        AND p.organisation_id = OLD.organisation_id AND p.role <> 'former');
    RETURN NULL;
END $$;

-- A correction takes the place of a conversation of the same contract, and does not take back what
-- the other side has read.
CREATE FUNCTION telmee_guard_conversation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM relations_conversation c
            WHERE c.id = NEW.corrects_id AND c.contract_id = NEW.contract_id
              AND c.organisation_id = NEW.organisation_id AND (NEW.is_shared OR NOT c.is_shared))
    THEN
        RAISE EXCEPTION 'telmee: a correction of another conversation'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Who wrote a message takes it back, once: a row about the same contract and line.
CREATE FUNCTION telmee_guard_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.withdraws_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM relations_message m
            WHERE m.id = NEW.withdraws_id AND m.contract_id = NEW.contract_id
              AND m.contribution_id IS NOT DISTINCT FROM NEW.contribution_id
              AND m.organisation_id = NEW.organisation_id AND m.withdraws_id IS NULL)
    THEN
        RAISE EXCEPTION 'telmee: a message of another is not taken back'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Who looks after a contract today: its adviser, and who stands in for him. Asked by who works on
-- the same contract, and by the system, to write to them.
CREATE FUNCTION telmee_looking_after(wanted bigint) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(who), '{}') FROM contracts_contract c,
        LATERAL (SELECT c.adviser_id UNION SELECT a.replacement_id FROM relations_absence a
                 WHERE a.user_id = c.adviser_id AND (clock_timestamp()
                     AT TIME ZONE 'Europe/Amsterdam')::date BETWEEN a.first AND a.last) people(who)
    WHERE c.id = wanted AND who IS NOT NULL AND (
        telmee_user() = -1 OR c.id = ANY (telmee_contracts_worked(
            '{client,regional_team,contractor,former,consortium,subcontractor}')))
$$;

-- A task is for somebody who works there.
CREATE FUNCTION telmee_guard_task() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (TG_OP = 'INSERT' OR NEW.owner_id <> OLD.owner_id) AND NOT EXISTS (
            SELECT 1 FROM organisations_membership m
            WHERE m.user_id = NEW.owner_id AND m.organisation_id = NEW.organisation_id
              AND m.role IN ('manager', 'worker')) THEN
        RAISE EXCEPTION 'telmee: a task for somebody who does not work there'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Both work there: who is away, and who stands in.
CREATE FUNCTION telmee_guard_absence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM organisations_membership m
        WHERE m.organisation_id = NEW.organisation_id AND m.role IN ('manager', 'worker')
          AND m.user_id IN (NEW.user_id, NEW.replacement_id)) <> 2 THEN
        RAISE EXCEPTION 'telmee: an absence of somebody who does not work there'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER forget_contact AFTER DELETE ON organisations_membership
    FOR EACH ROW EXECUTE FUNCTION telmee_forget_contact();
CREATE TRIGGER forget_contacts AFTER DELETE ON contracts_party
    FOR EACH ROW EXECUTE FUNCTION telmee_forget_contacts_of_party();
CREATE TRIGGER guard_conversation BEFORE INSERT ON relations_conversation
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_conversation();
CREATE TRIGGER guard_message BEFORE INSERT ON relations_message
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_message();
CREATE TRIGGER guard_task BEFORE INSERT OR UPDATE ON relations_task
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_task();
CREATE TRIGGER guard_absence BEFORE INSERT OR UPDATE ON relations_absence
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_absence();
ALTER TABLE relations_absence ADD CONSTRAINT one_absence_at_a_time EXCLUDE USING gist (
    int8range(user_id, user_id, '[]') WITH &&,
    int8range(organisation_id, organisation_id, '[]') WITH &&,
    daterange(first, last, '[]') WITH &&
);
"""
_NO_RULES = """
ALTER TABLE relations_absence DROP CONSTRAINT one_absence_at_a_time;
DROP TRIGGER guard_absence ON relations_absence;
DROP TRIGGER guard_task ON relations_task;
DROP TRIGGER guard_message ON relations_message;
DROP TRIGGER guard_conversation ON relations_conversation;
DROP TRIGGER forget_contacts ON contracts_party;
DROP TRIGGER forget_contact ON organisations_membership;
DROP FUNCTION telmee_guard_absence();
DROP FUNCTION telmee_guard_task();
DROP FUNCTION telmee_looking_after(bigint);
DROP FUNCTION telmee_guard_message();
DROP FUNCTION telmee_guard_conversation();
DROP FUNCTION telmee_forget_contacts_of_party();
DROP FUNCTION telmee_forget_contact();
"""


class Migration(migrations.Migration):
    """Both sides see contact persons and messages; conversations are shared by choice.

    Tasks are one's own.
    """

    dependencies = [("relations", "0001_initial"), ("contracts", "0002_access")]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        protect(
            "relations_contact",
            read=f"contract_id IN {_KEEPING}",
            insert=_KEPT,
            update=_KEPT,
            delete=_OWN,
        ),
        only_grows("relations_conversation"),
        names_nobody("relations_conversation", "text"),
        stamped("relations_conversation", "written_at"),
        protect(
            "relations_conversation",
            # Who took the contract over reads what was shared from then on.
            read=f"contract_id IN {_TEAM} OR (is_shared AND contract_id IN {_DELIVERING}"
            f" AND (contract_id IN {WHOLE}"
            " OR telmee_seen_since(contract_id, organisation_id, held_on)))",
            insert=f"user_id = {ME} AND {_DECIDING}",
        ),
        only_grows("relations_message"),
        names_nobody("relations_message", "text"),
        stamped("relations_message", "written_at"),
        protect("relations_message", read=_READS_MESSAGE, insert=_WRITES_MESSAGE),
        stamped("relations_reading", "read_at"),
        protect(
            "relations_reading",
            read=f"user_id = {ME}",
            insert=f"user_id = {ME} AND EXISTS"
            " (SELECT 1 FROM relations_message m WHERE m.id = message_id)",
        ),
        only_grows("relations_nothingtoreport"),
        stamped("relations_nothingtoreport", "said_at"),
        only_while_open("relations_nothingtoreport", "INSERT"),
        protect(
            "relations_nothingtoreport",
            read=f"contract_id IN {_SEEING}",
            insert=f"user_id = {ME} AND {_LEADING}",
        ),
        protect(
            "relations_task",
            read=f"organisation_id = {ORGANISATIONS}",
            insert=f"user_id = {ME} AND {_TASK}",
            update=_TASK,
        ),
        protect(
            "relations_contactterm",
            read=f"organisation_id = {ORGANISATIONS} OR organisation_id = {_SERVED}",
            insert=_CHOOSES,
            update=_CHOOSES,
        ),
        protect(
            "relations_absence",
            read=f"organisation_id = {ORGANISATIONS}",
            insert=_ABSENCE,
            update=_ABSENCE,
            delete=_ABSENCE,
        ),
    ]

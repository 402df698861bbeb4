"""Who sends a letter, who sees it and when, and what the database writes in it."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.letters.choices import PRIVATE
from telmee.apps.organisations.row_security import (
    MANAGED,
    ME,
    ORGANISATIONS,
    WORKING,
    contracts_as,
    contracts_worked_as,
    only_grows,
    protect,
)

_SENDING = contracts_as("client", "regional_team")
_SENT_BY = contracts_worked_as("client", "regional_team", "contractor")
_AUDITING = contracts_as("auditor")
_READING = contracts_as("contractor", "former", "consortium", "subcontractor")
#: What is between a contractor and who takes over a part from him; nobody else sees that it is.
_IS_PRIVATE = "kind IN (" + ", ".join(f"'{kind}'" for kind in sorted(PRIVATE)) + ")"
_OWN = f"(contract_id IN {_READING} AND organisation_id = {ORGANISATIONS})"
_TO_HIM = (
    f"(contract_id IN {_READING} AND reader_id = {ORGANISATIONS} AND telmee_letter_is_sent(id))"
)
_SENDERS = (
    f"CASE WHEN {_IS_PRIVATE} THEN '{{contractor}}' ELSE '{{client,regional_team}}' END::text[]"
)

_RULES = """
-- Whether a letter was sent: it has a paper. Asked by the policy of letters, which the policy of
-- papers asks in its turn.
CREATE FUNCTION telmee_letter_is_sent(letter bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM letters_paper WHERE letter_id = letter)
$$;

-- Whether a house style is that of a sender. Asked by the policy of letters, which the policy of
-- house styles asks in its turn.
CREATE FUNCTION telmee_house_style_of(style bigint, sender bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM letters_housestyle WHERE (id, organisation_id) = (style, sender))
$$;

CREATE FUNCTION telmee_number_house_style() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(
            hashtextextended('telmee.house_style', NEW.organisation_id));
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM letters_housestyle
            WHERE organisation_id = NEW.organisation_id), 0);
        NEW.set_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION telmee_number_letter_template() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(
            hashtextextended('telmee.house_style', NEW.organisation_id));
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM letters_template
            WHERE (organisation_id, kind) = (NEW.organisation_id, NEW.kind)), 0);
        NEW.set_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- A letter has the next number of its sender in the year of its date, without a gap.
CREATE FUNCTION telmee_number_letter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT telmee_owner_acts() THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('telmee.letters', NEW.organisation_id));
        NEW.year := extract(year FROM NEW.dated);
        NEW.number := 1 + coalesce((
            SELECT max(number) FROM letters_letter
            WHERE (organisation_id, year) = (NEW.organisation_id, NEW.year)), 0);
        NEW.asked_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- What a paper is known by is made of its bytes, whatever is sent along.
CREATE FUNCTION telmee_weigh_paper() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.size := octet_length(NEW.content);
    NEW.sha256 := encode(sha256(NEW.content), 'hex');
    IF NOT telmee_owner_acts() THEN
        NEW.made_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER number_house_style BEFORE INSERT ON letters_housestyle
    FOR EACH ROW EXECUTE FUNCTION telmee_number_house_style();
CREATE TRIGGER number_letter_template BEFORE INSERT ON letters_template
    FOR EACH ROW EXECUTE FUNCTION telmee_number_letter_template();
CREATE TRIGGER number_letter BEFORE INSERT ON letters_letter
    FOR EACH ROW EXECUTE FUNCTION telmee_number_letter();
CREATE TRIGGER weigh_paper BEFORE INSERT ON letters_paper
    FOR EACH ROW EXECUTE FUNCTION telmee_weigh_paper();
"""
_NO_RULES = """
DROP TRIGGER weigh_paper ON letters_paper;
DROP TRIGGER number_letter ON letters_letter;
DROP TRIGGER number_letter_template ON letters_template;
DROP TRIGGER number_house_style ON letters_housestyle;
DROP FUNCTION telmee_number_letter_template();
DROP FUNCTION telmee_weigh_paper();
DROP FUNCTION telmee_number_letter();
DROP FUNCTION telmee_number_house_style();
DROP FUNCTION telmee_house_style_of(bigint, bigint);
DROP FUNCTION telmee_letter_is_sent(bigint);
"""


class Migration(migrations.Migration):
    """All only grow; a letter is its reader's from the moment at which it has a paper."""

    dependencies = [
        ("letters", "0001_initial"),
        ("contracts", "0002_access"),
    ]

    operations = [
        migrations.RunSQL(_RULES, _NO_RULES),
        only_grows("letters_housestyle"),
        only_grows("letters_template"),
        only_grows("letters_letter"),
        only_grows("letters_paper"),
        protect(
            "letters_housestyle",
            # And who reads a letter in it.
            read=f"organisation_id = {ORGANISATIONS} OR EXISTS"
            " (SELECT 1 FROM letters_letter l WHERE l.house_id = letters_housestyle.id)",
            insert=f"user_id = {ME} AND organisation_id = {MANAGED}",
        ),
        protect(
            "letters_template",
            read=f"organisation_id = {ORGANISATIONS}",
            insert=f"user_id = {ME} AND organisation_id = {MANAGED}",
        ),
        protect(
            "letters_letter",
            read=f"{_TO_HIM} OR ({_IS_PRIVATE} AND {_OWN}) OR (NOT ({_IS_PRIVATE}) AND"
            f" (contract_id IN {_SENDING}"
            f" OR (contract_id IN {_AUDITING} AND telmee_letter_is_sent(id))))",
            insert=f"user_id = {ME}"
            f" AND telmee_acts_as(contract_id, organisation_id, {_SENDERS})"
            " AND reader_id <> organisation_id AND EXISTS (SELECT 1 FROM contracts_party p"
            " WHERE (p.contract_id, p.organisation_id)"
            " = (letters_letter.contract_id, letters_letter.reader_id))"
            " AND (house_id IS NULL OR telmee_house_style_of(house_id, organisation_id))"
            " AND (template_id IS NULL OR EXISTS (SELECT 1 FROM letters_template t"
            " WHERE (t.id, t.organisation_id, t.kind)"
            " = (template_id, letters_letter.organisation_id, letters_letter.kind)))",
        ),
        protect(
            "letters_paper",
            read="EXISTS (SELECT 1 FROM letters_letter l WHERE l.id = letter_id)",
            insert=f"contract_id IN {_SENT_BY} AND EXISTS (SELECT 1 FROM letters_letter l"
            " WHERE (l.id, l.contract_id) = (letter_id, letters_paper.contract_id)"
            f" AND l.organisation_id = {WORKING})",
        ),
    ]

"""Who is told of something, when it happens and when the mail is sent."""

from __future__ import annotations

from django.db import migrations

_READERS = """
-- Whom a notice about contracts goes to at a party to each: who works for it, in his own language.
-- Contracts and parties come in pairs, and are answered in that order. Asked by who works on the
-- same contracts.
CREATE FUNCTION telmee_readers_at(wanted bigint[], parties bigint[])
RETURNS TABLE (contract_id bigint, organisation_id bigint, user_id bigint, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT at.contract, at.party, u.id, u.language::text
    FROM unnest(wanted, parties) WITH ORDINALITY at(contract, party, place)
    JOIN organisations_membership m
        ON m.organisation_id = at.party AND m.role IN ('manager', 'worker')
    JOIN organisations_user u ON u.id = m.user_id AND u.is_active
    WHERE at.contract = ANY ((SELECT telmee_contracts_worked(
            '{client,regional_team,contractor,former,consortium,subcontractor}'))::bigint[])
      AND EXISTS (SELECT 1 FROM contracts_openparty p
                  WHERE p.contract_id = at.contract AND p.organisation_id = at.party)
      AND NOT telmee_withheld(u.id, at.party, at.contract)
    ORDER BY at.place, u.id
$$;

-- To which address a notice goes now and in which language, or why to none. Its reader is who would
-- be told of it today: he works for the organisation that it is for, and that is a party to the
-- contract, if there is one, which was given to him. The head of the chain and a proposal are for
-- managers.
CREATE FUNCTION telmee_notice_reader(notice bigint)
RETURNS TABLE (address text, refused text, language text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET telmee."user" = '0' AS $$
DECLARE
    n notices_notice%ROWTYPE;
BEGIN
    SELECT * INTO n FROM notices_notice WHERE id = notice;
    SELECT u.email, u.language INTO address, language
    FROM organisations_user u WHERE u.id = n.user_id AND u.is_active;
    address := coalesce(address, n.address);
    language := coalesce(language, n.language);
    PERFORM set_config('telmee.user', coalesce(n.user_id, 0)::text, true);
    refused := CASE
        WHEN address = '' THEN 'account_closed'
        WHEN n.code = 'head' AND (n.organisation_id <> ALL (telmee_managed()) OR NOT EXISTS (
            SELECT 1 FROM organisations_user u WHERE u.id = n.user_id AND u.gets_heads))
            THEN 'no_access'
        WHEN n.code = 'proposal' AND n.organisation_id <> ALL (telmee_managed())
            AND (n.organisation_id <> ALL (telmee_organisations()) OR EXISTS (
                SELECT 1 FROM organisations_membership m JOIN organisations_user u
                    ON u.id = m.user_id AND u.is_active
                WHERE m.organisation_id = n.organisation_id AND m.role = 'manager'))
            THEN 'no_access'
        WHEN n.organisation_id IS NOT NULL AND n.code <> 'proposal'
            AND n.organisation_id <> ALL (telmee_working()) THEN 'no_access'
        WHEN n.contract_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM contracts_openparty p WHERE p.contract_id = n.contract_id
            AND p.organisation_id = coalesce(n.organisation_id, p.organisation_id)
            AND p.organisation_id = ANY (telmee_working())) THEN 'no_access'
        WHEN n.invitation_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM organisations_invitation i WHERE i.id = n.invitation_id
            AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > now()
            AND CASE WHEN n.user_id IS NULL
                THEN i.email = n.address AND (i.approved_by_id IS NOT NULL OR NOT i.needs_approval)
                ELSE i.organisation_id = n.organisation_id AND i.approved_by_id IS NULL END)
            THEN 'invitation_closed'
        WHEN n.code = 'counterparty_asked' AND NOT telmee_link_lives((n.facts ->> 'link')::bigint)
            THEN 'no_access'
        ELSE ''
    END;
    RETURN NEXT;
END $$;
"""
_NO_READERS = """
DROP FUNCTION telmee_notice_reader(bigint);
DROP FUNCTION telmee_readers_at(bigint[], bigint[]);
"""


class Migration(migrations.Migration):
    """Whom a notice goes to, and whether it still does."""

    dependencies = [("contracts", "0004_sides")]

    operations = [migrations.RunSQL(_READERS, _NO_READERS)]

"""On which side of a contract an organisation stands, and who of it sees that contract."""

from __future__ import annotations

from django.db import migrations

from telmee.apps.contracts.choices import SIDES
from telmee.apps.organisations.row_security import MANAGED, ME, contracts_as, protect

_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
#: An organisation stands on one side of a contract. Its contracts are held first, so that two who
#: write at once see each other's party.
_SIDE = " ".join(
    f"WHEN role IN ({', '.join(repr(str(role)) for role in roles)}) THEN {number}"
    for number, roles in enumerate(SIDES)
)
_ONE_SIDE = f"""
CREATE FUNCTION telmee_require_one_side() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM contracts_contract WHERE id IN (SELECT contract_id FROM changed)
    ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM contracts_party
        WHERE (contract_id, organisation_id) IN (SELECT contract_id, organisation_id FROM changed)
        GROUP BY contract_id, organisation_id HAVING count(DISTINCT CASE {_SIDE} END) > 1
    ) THEN
        RAISE EXCEPTION 'telmee: both_sides' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER one_side AFTER INSERT ON contracts_party REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_require_one_side();
CREATE TRIGGER one_side_still AFTER UPDATE ON contracts_party REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION telmee_require_one_side();
"""
_TWO_SIDES = """
DROP TRIGGER one_side_still ON contracts_party;
DROP TRIGGER one_side ON contracts_party;
DROP FUNCTION telmee_require_one_side();
"""
#: Who manages an organisation that is no client gives its people contracts of it.
_GIVES = (
    f"organisation_id = {MANAGED} AND NOT EXISTS (SELECT 1 FROM organisations_organisation o"
    " WHERE o.id = organisation_id AND o.is_client)"
)
_OF_A_RESTRICTION = (
    "EXISTS (SELECT 1 FROM contracts_restriction r WHERE r.id = restriction_id"
    f" AND r.organisation_id = {MANAGED})"
)


class Migration(migrations.Migration):
    """An organisation has one side; its manager gives people of it some contracts alone."""

    dependencies = [("contracts", "0003_terms")]

    operations = [
        migrations.RunSQL(_ONE_SIDE, _TWO_SIDES),
        protect(
            "contracts_restriction",
            read=f"user_id = {ME} OR organisation_id = {MANAGED}",
            insert=_GIVES,
            delete=_GIVES,
        ),
        protect(
            "contracts_assignment",
            read=f"contract_id IN {_ALL}"
            " AND EXISTS (SELECT 1 FROM contracts_restriction r WHERE r.id = restriction_id)",
            # Nobody gives what he does not see himself.
            insert=f"{_OF_A_RESTRICTION} AND contract_id IN {_ALL}",
            delete=_OF_A_RESTRICTION,
        ),
    ]

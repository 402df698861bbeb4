"""A counterparty answers by a link: two tables, and the only ways to read and write by a link."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from telmee.apps.contributions.choices import CONFIRMED_STATES, LINK_DAYS
from telmee.apps.organisations.row_security import (
    ME,
    WORKING,
    contracts_as,
    contracts_worked_as,
    names_nobody,
    only_while_open,
    protect,
)

_ALL = contracts_as(
    "client", "regional_team", "contractor", "former", "consortium", "subcontractor", "auditor"
)
_DECIDING = contracts_worked_as("client", "regional_team")
_DELIVERING = contracts_worked_as("contractor", "former", "consortium", "subcontractor")
_WRITTEN = f"organisation_id = {WORKING}"
_WITH_ITS_LINE = (
    f"contract_id IN {_ALL} AND EXISTS (SELECT 1 FROM contributions_contribution c "
    "WHERE c.id = contribution_id)"
)
_OF_ITS_CONTRACT = (
    "SELECT 1 FROM contributions_contribution c WHERE c.id = contribution_id"
    " AND c.contract_id = contributions_counterpartylink.contract_id"
)
#: Who asks somebody outside about a line delivered it, or decides on it.
_ASKING = (
    f"((contract_id IN {_DECIDING} AND telmee_acts_as(contract_id, organisation_id,"
    f" '{{client,regional_team}}') AND EXISTS ({_OF_ITS_CONTRACT}))"
    f" OR (contract_id IN {_DELIVERING} AND EXISTS ({_OF_ITS_CONTRACT}"
    " AND c.organisation_id = contributions_counterpartylink.organisation_id)))"
)
_CONFIRMED = ", ".join(repr(str(state)) for state in CONFIRMED_STATES)

_RULES = f"""
CREATE FUNCTION telmee_kept_hash(opener text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(opener, 'UTF8')), 'hex')
$$;

-- Whether a link still opens something: it was not used, withdrawn or made void by a later one, is
-- not too old, and the line is as it was asked about.
CREATE FUNCTION telmee_link_lives(link bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM contributions_counterpartylink k
    JOIN contributions_contribution l ON l.id = k.contribution_id
    JOIN contracts_contract c ON c.id = k.contract_id
    WHERE k.id = link AND k.withdrawn_at IS NULL AND k.expires_at > clock_timestamp()
      AND l.fingerprint = k.fingerprint AND l.state IN ({_CONFIRMED})
      AND c.closed_on IS NULL AND c.voided_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM contributions_counterpartyanswer a WHERE a.link_id = k.id)
      AND NOT EXISTS (SELECT 1 FROM contributions_counterpartylink n
                      WHERE n.contribution_id = k.contribution_id AND n.id > k.id))
$$;

-- The link that a token is for, if it still opens something. Nothing otherwise, whatever is the
-- matter. What is kept is the hash of what opens it, so that who reads the table cannot answer.
CREATE FUNCTION telmee_live_link(opener text) RETURNS contributions_counterpartylink
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k FROM contributions_counterpartylink k
    WHERE k.token_hash = telmee_kept_hash(opener) AND telmee_link_lives(k.id)
$$;

-- What who has a link sees of its line: never the code of a person, and nothing else.
CREATE FUNCTION telmee_counterparty_facts(opener text)
RETURNS TABLE (contractor text, who text, language text, scheme_id bigint, block text,
               first date, last date, weekly_hours integer, hours integer, amount_cents bigint,
               pieces integer, supplier text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.name::text, k.who::text, k.language::text, c.scheme_id, l.block::text, l."begin",
           l."end", l.weekly_hours, l.hours, l.amount_cents, l."count",
           coalesce(s.name, l.supplier)::text
    FROM telmee_live_link(opener) k
    JOIN contributions_contribution l ON l.id = k.contribution_id
    JOIN contracts_contract c ON c.id = k.contract_id
    JOIN organisations_organisation o ON o.id = l.organisation_id
    LEFT JOIN organisations_organisation s ON s.kvk = l.supplier
$$;

-- An answer, once, with its line in the journal; gives whom to tell of it. Two at once wait for
-- each other at the line, and the second comes to nothing.
CREATE FUNCTION telmee_answer_counterparty(
    opener text, says boolean, why text, by_name text, by_function text)
RETURNS TABLE (answer_id bigint, line_id bigint, contract_id bigint, line text, reference text,
               contract text, organisation_id bigint, user_id bigint, language text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    its contributions_counterpartylink;
    made bigint;
BEGIN
    SELECT k.* INTO its FROM contributions_counterpartylink k
    WHERE k.token_hash = telmee_kept_hash(opener);
    PERFORM 1 FROM contracts_contract WHERE id = its.contract_id FOR SHARE;
    PERFORM 1 FROM contributions_contribution WHERE id = its.contribution_id FOR NO KEY UPDATE;
    SELECT k.* INTO its FROM telmee_live_link(opener) k;
    IF its.id IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO contributions_counterpartyanswer
        (link_id, contribution_id, contract_id, confirms, reason, name, function, answered_at)
    VALUES (its.id, its.contribution_id, its.contract_id, says, why, by_name, by_function,
            clock_timestamp())
    RETURNING id INTO made;
    INSERT INTO audit_event (verb, kind, object_id, contract_id, reason, details, at)
    VALUES (CASE WHEN says THEN 'contribution.counterparty_confirmed'
                 ELSE 'contribution.counterparty_denied' END,
            'contribution', its.contribution_id, its.contract_id, why,
            jsonb_build_object('link', its.id), clock_timestamp());
    RETURN QUERY
    SELECT DISTINCT ON (u.id) made, l.id, c.id, l.reference::text, c.reference::text,
           c.name::text, p.organisation_id, u.id, u.language::text
    FROM contributions_contribution l
    JOIN contracts_contract c ON c.id = l.contract_id
    LEFT JOIN (contracts_openparty p
        JOIN organisations_membership m
            ON m.organisation_id = p.organisation_id AND m.role IN ('manager', 'worker')
        JOIN organisations_user u ON u.id = m.user_id AND u.is_active)
        ON p.contract_id = c.id
        AND (p.organisation_id IN (l.organisation_id, its.organisation_id)
             OR (NOT says AND p.role IN ('client', 'regional_team')))
    WHERE l.id = its.contribution_id
    ORDER BY u.id, p.organisation_id;
END $$;

-- A link is about a line of its contract as it is now; once it was made it can be withdrawn.
CREATE FUNCTION telmee_guard_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    line contributions_contribution;
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.withdrawn_at IS NOT NULL
            OR (to_jsonb(NEW) - 'withdrawn_at') <> (to_jsonb(OLD) - 'withdrawn_at') THEN
            RAISE EXCEPTION 'telmee: a link is only withdrawn' USING ERRCODE = 'check_violation';
        END IF;
        NEW.withdrawn_at := clock_timestamp();
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM contributions_contribution
    WHERE id = NEW.contribution_id AND contract_id = NEW.contract_id FOR NO KEY UPDATE;
    IF line.id IS NULL OR line.state NOT IN ({_CONFIRMED})
        OR line.fingerprint <> NEW.fingerprint THEN
        RAISE EXCEPTION 'telmee: a link about no line that stands'
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.asked_at := clock_timestamp();
    NEW.expires_at := NEW.asked_at + interval '{LINK_DAYS} days';
    NEW.withdrawn_at := NULL;
    RETURN NEW;
END $$;

-- Somebody says once that he looked at a no.
CREATE FUNCTION telmee_guard_answer() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF telmee_owner_acts() THEN
        RETURN NEW;
    END IF;
    IF OLD.reviewed_at IS NOT NULL OR NEW.reviewed_by_id IS DISTINCT FROM telmee_user()
        OR (to_jsonb(NEW) - ARRAY['reviewed_at', 'reviewed_by_id'])
            <> (to_jsonb(OLD) - ARRAY['reviewed_at', 'reviewed_by_id']) THEN
        RAISE EXCEPTION 'telmee: an answer does not change' USING ERRCODE = 'check_violation';
    END IF;
    NEW.reviewed_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER guard_link BEFORE INSERT OR UPDATE ON contributions_counterpartylink
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_link();
CREATE TRIGGER guard_answer BEFORE UPDATE ON contributions_counterpartyanswer
    FOR EACH ROW EXECUTE FUNCTION telmee_guard_answer();
"""
_NO_RULES = """
DROP TRIGGER guard_answer ON contributions_counterpartyanswer;
DROP TRIGGER guard_link ON contributions_counterpartylink;
DROP FUNCTION telmee_guard_answer();
DROP FUNCTION telmee_guard_link();
DROP FUNCTION telmee_answer_counterparty(text, boolean, text, text, text);
DROP FUNCTION telmee_counterparty_facts(text);
DROP FUNCTION telmee_live_link(text);
DROP FUNCTION telmee_link_lives(bigint);
DROP FUNCTION telmee_kept_hash(text);
"""


class Migration(migrations.Migration):
    """Both sides of a line see what was asked and answered; the answer comes by its link alone."""

    dependencies = [
        ("contracts", "0002_access"),
        ("contributions", "0002_rules"),
        ("organisations", "0002_access"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CounterpartyLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("who", models.CharField(max_length=200)),
                ("address", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(max_length=2)),
                ("fingerprint", models.CharField(max_length=64)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("key", models.UUIDField(unique=True)),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.contract",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counterparty_links",
                        to="contributions.contribution",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CounterpartyAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("confirms", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("name", models.CharField(max_length=120)),
                ("function", models.CharField(max_length=120)),
                (
                    "answered_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("reviewed_at", models.DateTimeField(null=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.contract",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counterparty_answers",
                        to="contributions.contribution",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="contributions.counterpartylink",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("confirms", False), ("reviewed_at__isnull", True)),
                        fields=["contract"],
                        name="denial_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirms", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="denial_says_why",
                    )
                ],
            },
        ),
        migrations.RunSQL(_RULES, _NO_RULES),
        protect(
            "contributions_counterpartylink",
            read=_WITH_ITS_LINE,
            insert=f"{_WRITTEN} AND asked_by_id = {ME} AND {_ASKING}",
            update=f"contract_id IN {_DECIDING} OR ({_WRITTEN} AND contract_id IN {_DELIVERING})",
        ),
        # An answer comes by `telmee_answer_counterparty` alone.
        protect(
            "contributions_counterpartyanswer",
            read=_WITH_ITS_LINE,
            update=f"contract_id IN {_DECIDING}",
        ),
        only_while_open("contributions_counterpartylink", "INSERT"),
        names_nobody("contributions_counterpartylink", "who"),
        names_nobody("contributions_counterpartyanswer", "reason", "name", "function"),
        only_while_open("contributions_counterpartyanswer", "INSERT"),
    ]
